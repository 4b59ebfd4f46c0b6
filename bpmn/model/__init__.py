"""What a diagram says, as data: immutable, plain, and the same after a round trip through JSON.

Texts that start with `=` are FEEL expressions, others are taken literally, as in Camunda 8.
"""

from bpmn.model.data import Data, DataItem, Mapping, StoreAccess, StoreWrite
from bpmn.model.events import (
    Condition,
    Correlation,
    EventDefinition,
    ImplicitThrow,
    Message,
    Publication,
    Timer,
    definitions,
)
from bpmn.model.loops import AdHoc, Loop, StandardLoop
from bpmn.model.process import Element, Flow, MessageFlow, Process, begins_ad_hoc, is_activity, is_subprocess
from bpmn.model.work import Call, Evaluation, JobDefinition, LinkedResource, Listener, UserTask

__all__ = [
    "AdHoc",
    "Call",
    "Condition",
    "Correlation",
    "Data",
    "DataItem",
    "Element",
    "Evaluation",
    "EventDefinition",
    "Flow",
    "ImplicitThrow",
    "JobDefinition",
    "LinkedResource",
    "Listener",
    "Loop",
    "Mapping",
    "Message",
    "MessageFlow",
    "Process",
    "Publication",
    "StandardLoop",
    "StoreAccess",
    "StoreWrite",
    "Timer",
    "UserTask",
    "begins_ad_hoc",
    "definitions",
    "is_activity",
    "is_subprocess",
]
