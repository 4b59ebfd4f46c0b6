"""How errors and escalations find who catches them: outwards, scope by scope (BPMN 2.0 §10.5.7, §13.5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bpmn import commands
from bpmn.behaviours import waits
from bpmn.model import definitions
from bpmn.outcome import Outcome, Stuck

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


_THROWS = ("endEvent", "implicitThrowEvent")
"""What is over once it has thrown an error; other activities are terminated by it."""


@dataclass(frozen=True)
class Catcher:
    """The event that catches, and the instance it belongs to: the activity, or the scope of an event sub-process.

    `code` is empty where it catches all.
    """

    owner: ElementInstance
    event: Node
    code: str


def _catchers(x: Execution, origin: ElementInstance, kind: str) -> Iterator[Catcher]:
    """Every event of that kind around `origin`, nearest first, those with a code before those without.

    An event sub-process does not catch what it throws itself, and neither do its siblings: what leaves it goes to
    the scope around.
    """
    current = origin
    while current.parent:
        node = x.graph.nodes[current.element]
        if current.role != "inner":
            yield from _of_kind(current, node.boundaries, kind)
        scope = x.state.instances[current.parent]
        own = node.is_event_subprocess and node.scope is x.graph.nodes[scope.element]
        if not own and scope.role != "body" and scope.stage != "cancelling":
            starts = [sub.start for sub in x.graph.nodes[scope.element].event_subprocesses if sub.start]
            yield from _of_kind(scope, starts, kind)
        current = scope


def _of_kind(owner: ElementInstance, events: list[Node], kind: str) -> list[Catcher]:
    parts = [(event, part) for event in events for part in definitions(event.element.event)]
    found = [Catcher(owner, event, part.code) for event, part in parts if part.kind == kind]
    return sorted(found, key=lambda catcher: not catcher.code)


def _find(x: Execution, origin: ElementInstance, kind: str, code: str) -> Catcher | None:
    return next((c for c in _catchers(x, origin, kind) if c.code in ("", code)), None)


def caught_codes(x: Execution, call: ElementInstance) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The error codes that are caught around a call activity, and the escalation codes that would interrupt it."""
    errors = [c.code or "*" for c in _catchers(x, call, "error")]
    escalations = [c.code or "*" for c in _catchers(x, call, "escalation") if c.event.element.interrupting]
    return (
        tuple(dict.fromkeys([*errors, *x.options.caught_errors])),
        tuple(dict.fromkeys([*escalations, *x.options.interrupting_escalations])),
    )


def _caught(catcher: Catcher, x: Execution, payload: dict[str, Any]) -> None:
    start = catcher.event.kind == "startEvent"
    deliver = waits.start_event_subprocess if start else waits.fire_boundary
    deliver(x, catcher.owner, catcher.event, payload)


def throw_error(x: Execution, origin: ElementInstance, code: str, message: str, payload: dict[str, Any]) -> Outcome:
    """An error leaves `origin`. Uncaught here it ends the instance if the caller catches it; else it is an incident."""
    catcher = _find(x, origin, "error", code)
    if catcher:
        if x.graph.nodes[origin.element].kind in _THROWS:
            x.finish(origin)
        _caught(catcher, x, payload)
        return Outcome.GONE
    if not {"*", code} & set(x.options.caught_errors):
        what = f"error {code}" if code else "error without a code"
        problem = f"nothing catches the {what}" + (f": {message}" if message else "")
        raise Stuck("uncaught error", problem, reason="uncaught error", code=code)
    _fail(x, origin, code, message, payload)
    return Outcome.GONE


def _fail(x: Execution, origin: ElementInstance, code: str, message: str, payload: dict[str, Any]) -> None:
    if x.graph.nodes[origin.element].kind in _THROWS:
        x.finish(origin)
    x.terminate(x.root)
    x.end("failed", payload, code, message)


def throw_escalation(x: Execution, origin: ElementInstance, code: str, payload: dict[str, Any]) -> Outcome:
    """An escalation leaves `origin`, which goes on unless what catches it interrupts (BPMN 2.0 §10.5.7).

    Uncaught here it goes to the caller; nobody at all catching it is no fault (§13.5.3), only a line of the journal.
    """
    catcher = _find(x, origin, "escalation", code)
    if catcher is None:
        return _escalate_to_caller(x, origin, code, payload)
    if not catcher.event.element.interrupting:
        _caught(catcher, x, payload)
        return Outcome.DONE
    if x.graph.nodes[origin.element].kind != "callActivity":
        x.finish(origin)
    _caught(catcher, x, payload)
    return Outcome.GONE


def _escalate_to_caller(x: Execution, origin: ElementInstance, code: str, payload: dict[str, Any]) -> Outcome:
    waits_for_answer = bool({"*", code} & set(x.options.interrupting_escalations))
    x.record_instance("escalated", origin, {"code": code, "toCaller": x.options.called})
    if x.options.called:
        x.command(commands.RaiseEscalation(origin.key, origin.element, code, payload, waits_for_answer))
    return Outcome.WAITS if waits_for_answer else Outcome.DONE


def call_escalated(x: Execution, call: ElementInstance, code: str, payload: dict[str, Any], waits: bool) -> None:
    """A called process escalated: who catches it here, and whether it may go on already."""
    if throw_escalation(x, call, code, payload) is Outcome.DONE and waits:
        x.command(commands.AnswerCall(call.key))
