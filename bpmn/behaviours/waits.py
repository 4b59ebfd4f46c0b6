"""What instances wait for beside their work: timers, messages, signals, conditions; opened, triggered and closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bpmn import commands, timing
from bpmn.behaviours import compensation, correlation, starting
from bpmn.options import MENDED_SINCE
from bpmn.state import ElementInstance, Met, Step, Wait

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node


Extra = Mapping[str, Any] | None
"""Variables that expressions see before those at their instance."""

CONDITIONAL = ("conditional", "", "")
"""Where the index of subscriptions holds the conditional waits."""


@dataclass(frozen=True)
class Planned:
    """A wait whose expressions have been evaluated; opening it cannot fail any more."""

    node: Node
    kind: str
    name: str = ""
    correlation_key: str = ""
    schedule: timing.Schedule | None = None


def plans(x: Execution, key: int, *nodes: Node, extra: Extra = None) -> list[Planned]:
    """What catching events are to wait for: one wait for each of their definitions. See `plan`; raises `Stuck`."""
    planned = [plan(x, key, part, extra) for node in nodes for part in node.parts or [node]]
    return [one for one in planned if one]


def plan(x: Execution, key: int, node: Node, extra: Extra = None) -> Planned | None:
    """What one event definition is to wait for, evaluated at the instance `key` with what is `extra`.

    None where it needs no wait: errors, escalations and compensation find their catcher when they are thrown. Raises
    `Stuck`.
    """
    assert not node.parts, "each definition of a multiple event is waited for by itself"
    event = node.element.event
    kind = event.kind if event else "none"
    if event and kind == "timer":
        assert event.timer is not None
        text = x.evaluate(node.texts["timer"], key, extra)
        return Planned(node, kind, schedule=timing.schedule(event.timer.kind, text, x.now, x.options.zone))
    if kind == "message" and correlation.is_to_begin(x, node):
        return Planned(node, correlation.UNBEGUN, x.text(node.texts["message"], key, "message name", extra))
    if kind == "message":
        return Planned(node, kind, *publication(x, node, key, extra))
    if kind == "signal":
        return Planned(node, kind, x.text(node.texts["signal"], key, "signal name", extra))
    return Planned(node, kind) if kind == "conditional" else None


def _correlation_key(x: Execution, node: Node, key: int, extra: Extra) -> str:
    text = node.texts.get("correlation_key")
    if text is None:
        return ""
    return correlation.as_text(text, x.evaluate(text, key, extra))


def publication(x: Execution, node: Node, key: int, extra: Extra = None) -> tuple[str, str]:
    """Message name and correlation key of an event that catches or throws a message."""
    name = x.text(node.texts["message"], key, "message name", extra)
    found = correlation.key_of(x, node, key, extra)
    return name, _correlation_key(x, node, key, extra) if found is None else found


def open_wait(x: Execution, owner: ElementInstance, planned: Planned) -> Wait:
    """Begin to wait."""
    node = planned.node
    wait = Wait(x.new_key(), planned.kind, owner.key, node.id, planned.name, planned.correlation_key, part=node.part)
    if planned.schedule:
        wait.due = planned.schedule.due.isoformat()
        wait.interval = planned.schedule.interval
        wait.remaining = planned.schedule.remaining
        x.command(commands.SetTimer(wait.key, node.id, node.name, planned.schedule.due))
        x.record("scheduled", node, wait.key, owner.key, scheduled(wait))
    x.state.waits[wait.key] = wait
    owner.waits.append(wait.key)
    _index(x, wait)
    return wait


def scheduled(wait: Wait) -> dict[str, Any]:
    """What the journal says of a timer: when it is due, and of which definition of a multiple event it is."""
    return {"due": wait.due, **({"part": wait.part} if wait.part else {})}


def _index(x: Execution, wait: Wait) -> None:
    """Let a wait be found by what it waits for; messages are subscribed to."""
    x.subscriptions.setdefault((wait.kind, wait.name, wait.correlation_key), {})[wait.key] = None
    if wait.kind == "message":
        x.command(commands.Subscribe(wait.key, wait.element, wait.name, wait.correlation_key))
        x.record("subscribed", x.graph.nodes[wait.element], wait.key, wait.owner, _subscription(wait))
        x.push(Step("deliver", wait.element, wait.owner, key=wait.key))
    elif wait.kind == "conditional":
        x.unseen[wait.key] = None


def enter_conversation(x: Execution, step: Step) -> None:
    """A conversation has begun: what has waited for that subscribes to its messages."""
    for wait in list(x.state.waits.values()):
        if wait.kind == correlation.UNBEGUN and correlation.conversation(part_of(x, wait)) == step.element:
            _forget(x, wait)
            wait.kind, wait.correlation_key = "message", x.state.conversations[step.element]
            _index(x, wait)


def _subscription(wait: Wait) -> dict[str, Any]:
    return {"message": wait.name, "correlationKey": wait.correlation_key}


def watch_boundaries(x: Execution, instance: ElementInstance, node: Node) -> None:
    """Open the waits of an activity's boundary events; those of a multi-instance activity belong to its body."""
    if instance.role == "inner" or not node.boundaries:
        return
    for one in plans(x, instance.key, *node.boundaries):
        open_wait(x, instance, one)


def watch_event_subprocesses(x: Execution, scope: ElementInstance, node: Node, extra: Extra = None) -> None:
    """Open the waits of the event sub-processes of a scope, which know what is `extra`."""
    for one in plans(x, scope.key, *(sub.start for sub in node.event_subprocesses if sub.start), extra=extra):
        open_wait(x, scope, one)


def part_of(x: Execution, wait: Wait) -> Node:
    """The node of the one definition that is waited for."""
    node = x.graph.nodes[wait.element]
    return node.parts[wait.part - 1] if wait.part else node


def close(x: Execution, wait: Wait) -> None:
    """Stop waiting."""
    del x.state.waits[wait.key]
    owner = x.state.instances[wait.owner]
    owner.waits.remove(wait.key)
    _forget(x, wait)
    node = x.graph.nodes[wait.element]
    if wait.kind == "timer" and wait.left is None:
        x.command(commands.CancelTimer(wait.key))
        if wait.part:  # the event may happen without it, and it may come without the event
            x.record("unscheduled", node, wait.key, wait.owner)
    elif wait.kind == "message":
        x.command(commands.Unsubscribe(wait.key, wait.name, wait.correlation_key))
        x.record("unsubscribed", node, wait.key, wait.owner, _subscription(wait))


def _forget(x: Execution, wait: Wait) -> None:
    index = x.subscriptions[(wait.kind, wait.name, wait.correlation_key)]
    del index[wait.key]
    if not index:
        del x.subscriptions[(wait.kind, wait.name, wait.correlation_key)]


def close_all(x: Execution, instance: ElementInstance) -> None:
    """Close every wait an instance owns."""
    for key in list(instance.waits):
        close(x, x.state.waits[key])


def fire_timer(x: Execution, wait: Wait) -> None:
    """A timer's instant has come: trigger what waits, and set it again where it repeats."""
    node = x.graph.nodes[wait.element]
    following = None if _interrupts(node) or _needs_all(node) else _following(x, wait)
    if following:
        wait.due = following.isoformat()
        wait.remaining -= 1 if wait.remaining > 0 else 0
        x.command(commands.SetTimer(wait.key, node.id, node.name, following))
        x.record("scheduled", node, wait.key, wait.owner, scheduled(wait))
    trigger(x, wait, {}, keep=bool(following))


def _following(x: Execution, wait: Wait) -> datetime | None:
    """When a timer that has fired is due again; never, where it does not repeat or its end comes before."""
    if not wait.interval or not wait.remaining:
        return None
    return timing.repeated(datetime.fromisoformat(wait.due), wait.interval, x.options.zone)


def _interrupts(node: Node) -> bool:
    return node.kind not in ("boundaryEvent", "startEvent") or node.element.interrupting


def _needs_all(node: Node) -> bool:
    return bool(node.element.event and node.element.event.parallel)


def trigger(x: Execution, wait: Wait, payload: dict[str, Any], keep: bool = True) -> None:
    """What `wait` waited for has come. `keep` leaves the wait of a non-interrupting event open.

    A parallel multiple event happens when all of its definitions have come, with the variables of all.
    """
    node = x.graph.nodes[wait.element]
    owner = x.state.instances[wait.owner]
    if node.kind == "startEvent" and owner.stage != "waiting" and x.options.semantics >= MENDED_SINCE:
        _come_too_late(x, wait, node)
        return
    correlation.begin(x, part_of(x, wait), owner.key, payload)
    if _needs_all(node):
        owner.met.append(Met(wait, payload))
        close(x, wait)
        if len(_met(owner, node)) < len(node.parts):
            return
        payload = _gather(x, owner, node)
    elif _interrupts(node):
        for key in [key for key in owner.waits if x.state.waits[key].element == node.id]:
            close(x, x.state.waits[key])
    elif not keep:
        close(x, wait)
    _TRIGGERS[node.kind if owner.element != node.id else "self"](x, owner, node, payload)


def _come_too_late(x: Execution, wait: Wait, node: Node) -> None:
    """All in the scope has been done, and an incident or a data store keeps it from being left: nothing begins in it
    any more."""
    close(x, wait)
    what = {wait.kind: wait.name} if wait.name else {"event": wait.kind}
    x.record("discarded", node, wait.key, wait.owner, {**what, "reason": "its scope is about to end"})


def _met(owner: ElementInstance, node: Node) -> list[Met]:
    return [one for one in owner.met if one.wait.element == node.id]


def _gather(x: Execution, owner: ElementInstance, node: Node) -> dict[str, Any]:
    """The variables of all that a parallel multiple event waited for, which begins anew where it can happen again."""
    met = _met(owner, node)
    owner.met = [one for one in owner.met if one.wait.element != node.id]
    again = [] if _interrupts(node) else [_again(x, one.wait) for one in met]
    if all(again):
        for planned in again:
            assert planned is not None
            wait = open_wait(x, owner, planned)
            wait.armed = wait.kind != "conditional"
    return {name: value for one in met for name, value in one.payload.items()}


def _again(x: Execution, wait: Wait) -> Planned | None:
    """The same wait once more; None for a timer that is not due again."""
    node = part_of(x, wait)
    if wait.kind != "timer":
        return Planned(node, wait.kind, wait.name, wait.correlation_key)
    due = _following(x, wait)
    remaining = wait.remaining - 1 if wait.remaining > 0 else wait.remaining
    return Planned(node, wait.kind, schedule=timing.Schedule(due, wait.interval, remaining)) if due else None


def _complete_owner(x: Execution, owner: ElementInstance, _node: Node, payload: dict[str, Any]) -> None:
    x.complete(owner, payload)


def fire_boundary(x: Execution, owner: ElementInstance, node: Node, payload: dict[str, Any]) -> None:
    """A boundary event happens to the activity instance `owner` (BPMN 2.0 §13.5.3)."""
    interrupts = node.element.interrupting
    x.push(Step("fire", node.id, owner.parent, payload=payload, after=owner.key if interrupts else 0))
    if interrupts:
        x.terminate(owner)
        if owner.thrower and owner.stage == "terminating":
            x.push(Step("undone", "", owner.parent, key=owner.thrower, after=owner.key))
        elif owner.thrower:
            compensation.handler_done(x, owner.thrower)


def start_event_subprocess(x: Execution, scope: ElementInstance, start: Node, payload: dict[str, Any]) -> None:
    """An event sub-process of `scope` starts; an interrupting one ends all else in it (BPMN 2.0 §13.5.4)."""
    assert start.scope is not None
    if start.scope.kind == "process":
        _start_process(x, scope, start, payload)
        return
    if start.element.interrupting:
        x.terminate_children(scope)
        own = [key for key in scope.waits if _is_event_subprocess_start(x, x.state.waits[key])]
        for key in own:
            close(x, x.state.waits[key])
        scope.met = [one for one in scope.met if not _is_event_subprocess_start(x, one.wait)]
    x.push(Step("event", start.id, scope.key, payload=payload, after=scope.key if start.element.interrupting else 0))


def _is_event_subprocess_start(x: Execution, wait: Wait) -> bool:
    return x.graph.nodes[wait.element].kind == "startEvent"


def _start_process(x: Execution, root: ElementInstance, start: Node, payload: dict[str, Any]) -> None:
    for key in list(root.waits):
        wait = x.state.waits[key]
        if x.graph.nodes[wait.element].scope is start.scope:
            close(x, wait)
    root.met = [one for one in root.met if x.graph.nodes[one.wait.element].scope is not start.scope]
    starting.begin(x, root, start, payload)


def _choose_event(x: Execution, owner: ElementInstance, node: Node, payload: dict[str, Any]) -> None:
    """The first event after an event-based gateway decides the way (BPMN 2.0 §13.4.4); it may begin the process.

    Of a parallel gateway every event goes its own way, and the last one ends it.
    """
    gateway = x.graph.nodes[owner.element]
    if gateway.kind == "process":
        _start_process(x, owner, node, payload)
        return
    x.push(Step("fire", node.id, owner.parent, payload=payload))
    if not gateway.element.parallel:
        x.finish(owner, [flow.id for flow in gateway.outgoing if flow.target is node])
    elif not owner.waits:
        x.finish(owner, [flow.id for flow in gateway.outgoing if flow.target.id != owner.start])


_TRIGGERS: dict[str, Callable[[Execution, ElementInstance, Node, dict[str, Any]], None]] = {
    "self": _complete_owner,
    "boundaryEvent": fire_boundary,
    "startEvent": start_event_subprocess,
    "intermediateCatchEvent": _choose_event,
    "receiveTask": _choose_event,
}
