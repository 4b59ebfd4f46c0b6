"""Skipping a step that cannot go on: somebody says what it leaves behind, and it counts as completed.

What may be skipped is *work*: jobs, messages to send, scripts, decisions, called processes, and what is made of such.
Its output mappings are not evaluated: the variables given stand in their place. Whatever the diagram does when the step
has completed, it does now as well: its compensation, the collection of a multi-instance body, the flows that follow.
Of an event that throws several things one after the other, only the one that failed is skipped. What is being
terminated ends without the rest of its listeners, and leaves nothing behind.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from bpmn.behaviours import gateways, terminating, throwing
from bpmn.model import is_subprocess

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance

_WORK = frozenset({"task", "manualTask", "serviceTask", "sendTask", "scriptTask", "businessRuleTask", "callActivity"})


class Unskippable(Enum):
    """Why an incident cannot be skipped."""

    PEOPLE = "people"
    """It is for people to do, or holds what is."""
    ROUTE = "route"
    """The step is done, or is none: what is missing is which way to go on."""
    EVENT = "event"
    """It waits for something, or throws something, that nobody's word can replace."""
    DEADLOCK = "deadlock"
    """Tokens wait inside it for others that never come."""


def unskippable(x: Execution, instance: ElementInstance) -> Unskippable | None:
    """Why the incident of this instance cannot be skipped; None where it can.

    A step that has been done and fails only at its output mappings or data stores can, whatever it is.
    """
    node = x.graph.nodes[instance.element]
    if instance.stage == "waiting":
        deadlock = instance.incident and instance.incident.kind in gateways.OF_SCOPES
        return Unskippable.DEADLOCK if deadlock else Unskippable.EVENT
    if instance.stage == "routing" or node.kind.endswith("Gateway"):
        return Unskippable.ROUTE
    done = instance.stage in ("leaving", "writing", "completing", "ending", "terminating")
    if done or node.kind in _WORK or throwing.at(x, instance).work == "job":
        return None
    if node.kind == "userTask" or _holds_user_tasks(x, node):
        return Unskippable.PEOPLE
    return None if is_subprocess(node.kind) else Unskippable.EVENT


def _holds_user_tasks(x: Execution, node: Node) -> bool:
    return any(one.kind == "userTask" and node in one.scopes for one in x.graph.nodes.values())


def skip(x: Execution, instance: ElementInstance, outputs: dict[str, Any]) -> None:
    """Have an instance leave with these variables."""
    x.resolve(instance)
    if instance.stage == "terminating":
        terminating.gone(x, instance)
        return
    if problem := x.refused(outputs):
        x.raise_incident(instance, "variable", problem)
        return
    if outputs:
        # As with output mappings: an inner instance keeps them, for the output element to collect.
        own = instance.role == "inner" or not instance.parent
        x.propagate(instance.key if own else instance.parent, outputs)
    if x.graph.nodes[instance.element].handler and instance.role != "body":
        instance.variables = {**(instance.variables or {}), **outputs}
    instance.payload = outputs
    is_next = instance.stage == "acting" and throwing.is_next_part(x, instance)
    instance.stage = "acting" if is_next else "routing"
    x.advance(instance)
