"""DMN 1.2 to 1.5: reads decision models, and evaluates their decisions."""

from __future__ import annotations

from bpmn.dmn.model import DecisionModel, DecisionResult
from bpmn.dmn.reader import read_decisions

__all__ = ["DecisionModel", "DecisionResult", "read_decisions"]
