"""What a throw of compensation surely does not reach: activities without handlers, and what called processes have done.

A called process is an instance of its own, and over when it has completed; nothing of it is left that could be
compensated. So a call activity is compensated by a handler beside it, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.definition import Definition, called
from bpmn.faults import Fault
from bpmn.feel import FeelSyntaxError
from bpmn.model import Call, Element, EventDefinition, Process, definitions

_THROWS = ("endEvent", "intermediateThrowEvent")


def nothing_to_compensate(process: Process, e: Element) -> Iterator[tuple[str, str]]:
    """A throw of compensation where no activity, or not the one it names, has a handler or holds one that has."""
    for thrown in _thrown(e):
        handled = _handled(process)
        if thrown.kind == "cancel" or (handled and not thrown.activity):
            continue
        if not handled:
            yield "it compensates, but no activity has a compensation handler", "draw one, or remove this event"
        elif not any(thrown.activity in _around(process, process.elements[name]) for name in handled):
            problem = f"it compensates {thrown.activity}, which has no compensation handler"
            yield problem, "draw one beside it, or remove this event"


def out_of_reach(definition: Definition) -> Iterator[Fault]:
    """Call activities that are compensated without a handler, while the process they call has handlers that it never
    uses itself: only from here could they be called."""
    for process in definition.processes.values():
        handled = _handled(process)
        thrown = [(e, one) for e in process.elements.values() for one in _thrown(e)]
        for e in process.elements.values() if thrown else ():
            around = _around(process, e)
            if e.call is None or not handled.keys().isdisjoint(around) or _takes_back(process, around):
                continue
            if any(_covers(process, by, one, around) for by, one in thrown):
                for name in _with_handlers(definition, e.call):
                    what = f"what process {name} has done is not: its handlers cannot be reached from here"
                    remedy = "draw a handler beside it that calls a process which takes that back"
                    yield Fault(process.file, e.line, e.id, e.name, f"it is compensated, but {what}", remedy)


def _thrown(e: Element) -> list[EventDefinition]:
    return [one for one in definitions(e.event) if one.kind in ("compensation", "cancel") and e.kind in _THROWS]


def _handled(process: Process) -> dict[str, None]:
    """The activities that have a compensation handler, beside them or inside."""
    found: dict[str, None] = {}
    for e in process.elements.values():
        owner = process.elements.get(e.scope)
        if any(one.kind == "compensation" for one in definitions(e.event)) and e.kind not in _THROWS:
            found[owner.scope if owner and e.kind == "startEvent" else e.attached_to] = None
    return {name: None for name in found if name in process.elements}


def _around(process: Process, e: Element) -> list[str]:
    """The element itself and the scopes around it."""
    names = [e.id]
    while names[-1] in process.elements:
        names.append(process.elements[names[-1]].scope)
    return names


def _takes_back(process: Process, around: list[str]) -> bool:
    """Whether an element is, or is in, something that compensates itself."""
    return any(process.elements[name].for_compensation for name in around if name in process.elements)


def _covers(process: Process, by: Element, thrown: EventDefinition, around: list[str]) -> bool:
    """Whether a throw compensates an element, of which the scopes are given."""
    if thrown.activity:
        return thrown.activity in around
    scopes = [by.scope]
    while scopes[-1] in process.elements and process.elements[scopes[-1]].triggered_by_event:
        scopes.append(process.elements[scopes[-1]].scope)
    return any(scope in around for scope in scopes)


def _with_handlers(definition: Definition, call: Call) -> Iterator[str]:
    """The processes that a call may run, of those that have handlers which wait for others to call them, themselves
    or in what they call."""
    for name in _choices(call):
        found, todo = dict[str, None](), [name]
        while todo:
            one = todo.pop()
            if one in definition.processes and one not in found:
                found[one] = None
                calls = [e.call for e in definition.processes[one].elements.values() if e.call]
                todo += [deeper for other in calls for deeper in _choices(other)]
        if any(_is_for_others_to_compensate(definition.processes[one]) for one in found):
            yield name


def _is_for_others_to_compensate(process: Process) -> bool:
    return bool(_handled(process)) and not any(_thrown(e) for e in process.elements.values())


def _choices(call: Call) -> tuple[str, ...]:
    try:
        return called(call) or ()
    except FeelSyntaxError:  # a name of the surroundings' own
        return ()
