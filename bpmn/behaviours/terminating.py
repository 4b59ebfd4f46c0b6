"""What has canceling listeners ends when they have been run (zeebe:taskListeners of eventType canceling).

As in Camunda 8, nothing can keep it from ending: its task is withdrawn, nothing interrupts it any more, and its
listeners cannot deny. What is around it and ends with it waits for it, and so does what interrupted it: an event at a
boundary, an interrupting event sub-process, the compensation of a transaction, the end of the whole instance. What
somebody takes away by modification ends without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.behaviours import listening, suspending, waits
from bpmn.state import Step

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance

_OFFERED = ("creating", "waiting", "assigning", "updating", "completing")


def must_wait(x: Execution, instance: ElementInstance, node: Node) -> bool:
    """Whether an instance that is to be terminated has listeners to hear, or something in it that has."""
    if x.children.get(instance.key):
        return True
    listens = "canceling" in node.listeners and instance.role != "body"
    return listens and (instance.stage in _OFFERED or (instance.stage == "acting" and instance.task is not None))


def begin(x: Execution, instance: ElementInstance) -> None:
    """It is terminating from now on."""
    waits.close_all(x, instance)
    suspending.forget(x, instance.key)
    instance.stage = "terminating"
    instance.heard = 0
    instance.wanted = None
    x.advance(instance)


def go_on(x: Execution, instance: ElementInstance, node: Node) -> None:
    """Run the next of its listeners; after the last, and with nothing left inside, it ends. Raises `Stuck`."""
    listens = node.listeners and instance.role != "body"
    if not x.children.get(instance.key) and (not listens or listening.heard(x, instance, node)):
        gone(x, instance)


def gone(x: Execution, instance: ElementInstance) -> None:
    """It has ended, and what is around it may have as well."""
    x.record_instance("terminated", instance)
    x.remove(instance)
    scope = x.state.instances.get(instance.parent)
    if scope is None:
        return
    if scope.stage == "terminating":
        x.advance(scope)
    else:
        x.push(Step("settle", "", scope.key))


def is_under_way(x: Execution, key: int) -> bool:
    """Whether the instance of this key, or anything right inside it, is still terminating."""
    instance = x.state.instances.get(key) if key else None
    if instance is None:
        return False
    inside = (x.state.instances[child] for child in x.children.get(key, ()))
    return instance.stage == "terminating" or any(one.stage == "terminating" for one in inside)
