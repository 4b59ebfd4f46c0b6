"""Open user tasks that somebody assigns or updates, where listeners may correct or deny it (zeebe:taskListeners).

As in Camunda 8, a change of the assignee is heard by the listeners of `assigning`, any other by those of `updating`.
What comes while the listeners of a task are at work changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn import codec
from bpmn.behaviours import listening, tasks
from bpmn.outcome import Stuck
from bpmn.state import Wanted

if TYPE_CHECKING:
    from bpmn import events
    from bpmn.execution import Execution
    from bpmn.state import ElementInstance


def assign(x: Execution, event: events.TaskAssigned) -> None:
    """Somebody gives an open task to another, or to nobody."""
    _change(x, event, "assigning", {"assignee": event.assignee})


def update(x: Execution, event: events.TaskUpdated) -> None:
    """Somebody changes an open task in other ways."""
    _change(x, event, "updating", event.changes)


def _change(x: Execution, event: events.TaskAssigned | events.TaskUpdated, stage: str, changes: dict[str, Any]) -> None:
    instance = x.state.instances.get(event.key)
    node = x.graph.nodes[instance.element] if instance else None
    if instance is None or node is None or node.kind != "userTask" or instance.role == "body":
        return
    try:
        fields = _fields(instance, stage, changes)
        task = instance.task or codec.encode(tasks.planned(x, instance, node))
    except Stuck as stuck:
        x.record_instance("discarded", instance, {"event": type(event).__name__, "reason": stuck.message})
        return
    instance.wanted = Wanted(event.by, event.action, task)
    instance.task = {**task, **fields}
    if stage in node.listeners:
        instance.stage = stage
        x.advance(instance)
    else:
        listening.change(x, instance, stage)


def _fields(instance: ElementInstance, stage: str, changes: dict[str, Any]) -> dict[str, Any]:
    """What changes of the task. Raises `Stuck` where that cannot be."""
    if instance.stage != "waiting":
        raise Stuck("task", "the task is not open, or its listeners are at work")
    if stage == "updating" and "assignee" in changes:
        raise Stuck("task", "an update changes the assignee; assign the task instead")
    return listening.fields(changes, "an update")
