"""What ends a scope of a process at once: its tokens are gone, whatever they waited for."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.definition import Definition
from bpmn.model import Element, EventDefinition, Process, definitions

_ENDING = ("terminate", "error", "cancel")
_THROWS = ("endEvent", "intermediateThrowEvent", "sendTask")


class Endings:
    """Tells which elements of a process take all tokens out of their scope."""

    def __init__(self, definition: Definition, process: Process) -> None:
        self.process = process
        self.escalations = dict.fromkeys(
            caught.code
            for one in definition.processes.values()
            for e in one.elements.values()
            for caught in definitions(e.event)
            if caught.kind == "escalation" and e.interrupting and e.kind not in _THROWS
        )

    def __call__(self, e: Element) -> bool:
        """Whether it ends its scope itself, or throws what interrupts that, here or in a process that calls it."""
        return e.kind in _THROWS and any(self._ends(e, thrown) for thrown in definitions(e.event))

    def _ends(self, e: Element, thrown: EventDefinition) -> bool:
        if thrown.kind in _ENDING:
            return e.kind == "endEvent"
        if thrown.kind == "escalation":
            return "" in self.escalations or thrown.code in self.escalations
        return thrown.kind in ("message", "signal") and any(_same(thrown, caught) for caught in self._around(e))

    def _around(self, e: Element) -> Iterator[EventDefinition]:
        """What interrupts a scope around an element."""
        around = list(_scopes_of(self.process, e))
        for other in self.process.elements.values():
            if other.event and other.interrupting and _guarded(self.process, other) in around:
                yield from () if other.event.parallel else definitions(other.event)


def _scopes_of(process: Process, e: Element) -> Iterator[str]:
    scope = e.scope
    while scope in process.elements:
        yield scope
        scope = process.elements[scope].scope
    yield scope


def _guarded(process: Process, e: Element) -> str:
    """The scope that an event ends when it is caught."""
    if e.kind == "boundaryEvent":
        return e.attached_to
    owner = process.elements.get(e.scope)
    return owner.scope if e.kind == "startEvent" and owner and owner.triggered_by_event else ""


def _same(thrown: EventDefinition, caught: EventDefinition) -> bool:
    return thrown.kind == caught.kind and thrown.signal == caught.signal and thrown.message == caught.message
