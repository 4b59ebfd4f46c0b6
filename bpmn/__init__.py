"""Runs BPMN 2.0 diagrams: a sans-I/O engine.

`read` makes a checked `Definition` of a file, `Instance` runs one process of it: it is told events and answers with
commands. Nothing here sleeps, reads a clock or calls out; `execution.py` tells how it works.
"""

from bpmn.definition import Definition
from bpmn.faults import Fault, ModelRefused
from bpmn.instance import Instance
from bpmn.options import Options
from bpmn.reader import read, read_all

__all__ = ["Definition", "Fault", "Instance", "ModelRefused", "Options", "read", "read_all"]
