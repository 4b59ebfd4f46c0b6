"""Conditional events: they happen when a condition becomes true (BPMN 2.0 §10.5.5, table 10.93).

A condition is looked at when its wait is opened, and again after each step in which a variable changed that it may
speak of; only open waits are looked at. What has happened happens again only after the condition was false.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bpmn.behaviours import suspending, waits
from bpmn.outcome import Stuck

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance, Wait


def check(x: Execution) -> None:
    """Let happen what has become true, until nothing changes any more."""
    while x.changed or x.unseen:
        changed, x.changed = x.changed, {}
        unseen, x.unseen = x.unseen, {}
        for key in list(x.subscriptions.get(waits.CONDITIONAL, ()) if changed else unseen):
            wait = x.state.waits.get(key)
            if wait is None or suspending.is_suspended(x, wait.owner):
                continue
            node = waits.part_of(x, wait)
            if key in unseen or _concerns(node, changed):
                _look(x, wait, node)


def look_again(x: Execution, owner: ElementInstance) -> None:
    """An incident of `owner` is to be tried again: look at every condition that it waits for."""
    x.unseen.update((key, None) for key in owner.waits if x.state.waits[key].kind == "conditional")


def _concerns(node: Node, changed: Mapping[str, str]) -> bool:
    """Whether these changes (create or update, by variable) are such as the condition is to be looked at for."""
    assert node.element.event is not None
    condition = node.element.event.condition
    assert condition is not None
    names = [name for name, how in changed.items() if not condition.changes or how in condition.changes]
    if condition.variables:
        return any(name in condition.variables for name in names)
    return any(name in condition.expression or not name.isidentifier() for name in names)


def _look(x: Execution, wait: Wait, node: Node) -> None:
    owner = x.state.instances[wait.owner]
    try:
        is_true = _truth(x, node, owner.key)
    except Stuck as stuck:
        if not owner.incident:
            x.raise_incident(owner, stuck.kind, stuck.message)
        return
    happens = is_true and wait.armed
    wait.armed = not is_true
    if happens:
        waits.trigger(x, wait, {})


def _truth(x: Execution, node: Node, key: int) -> bool:
    """The truth of a condition; null, as of a variable that is not there yet, is false."""
    text = node.texts["condition"]
    value = x.evaluate(text, key, quiet=True)
    if value is not None and not isinstance(value, bool):
        raise Stuck("condition", f"{text.source} gave {value!r}, not true or false")
    return bool(value)
