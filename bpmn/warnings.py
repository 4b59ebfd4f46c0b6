"""What is legal in a diagram, and surely not meant: said when it is checked, and no reason to refuse it.

A finder is a function from a definition to warnings; `FINDERS` has all of them. Most find by the rules of `RULES`, each
of which looks at one element.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations

from bpmn.compensation_warnings import nothing_to_compensate, out_of_reach
from bpmn.definition import Definition
from bpmn.faults import Fault
from bpmn.model import Element, Process, Timer, definitions, is_activity
from bpmn.references import missing_references
from bpmn.soundness import check_soundness
from bpmn.texts import texts_of

Finder = Callable[[Definition], Iterable[Fault]]
Rule = Callable[[Process, Element], Iterator[tuple[str, str]]]
"""Answers what is strange about an element, and what would be right."""


def warnings_of(definition: Definition, names: Iterable[str] = ()) -> tuple[Fault, ...]:
    """All warnings about a set of files, in the order of files and lines; `names` are those of extra FEEL functions."""
    found = [fault for finder in FINDERS for fault in finder(definition)]
    found += missing_references(definition, names)
    return tuple(sorted(found, key=lambda fault: (fault.file, fault.line)))


def _by_rules(definition: Definition) -> Iterator[Fault]:
    for process in definition.processes.values():
        for e in process.elements.values():
            for rule in RULES:
                for problem, remedy in rule(process, e):
                    yield Fault(process.file, e.line, e.id, e.name, problem, remedy)


# -- gateways and flows ------------------------------------------------------------------------------------------------

_CHOOSING = ("exclusiveGateway", "inclusiveGateway")
_JOINING = ("parallelGateway", "inclusiveGateway")
_CONSTANTS = frozenset({"true", "false", "null", "and", "or", "not", "if", "then", "else"})


def _condition_without_alternative(process: Process, e: Element) -> Iterator[tuple[str, str]]:
    if e.kind in _CHOOSING and len(e.outgoing) == 1 and process.flows[e.outgoing[0]].condition:
        problem = f"its only outgoing flow {e.outgoing[0]} has a condition: where that is false, the case is stuck"
        yield problem, "remove the condition, or draw what happens otherwise"


def _constant_condition(process: Process, e: Element) -> Iterator[tuple[str, str]]:
    """All conditions are, or one behind which others would be asked; an inclusive gateway may have a constant one."""
    flows = [process.flows[name] for name in e.outgoing if process.flows[name].condition]
    constant = [flow for flow in flows if _is_constant(flow.condition)]
    decides = [flow for flow in constant if e.kind == "exclusiveGateway" and flow is not flows[-1]]
    for flow in constant if len(constant) == len(flows) else decides:
        yield f"the condition ={flow.condition} of flow {flow.id} is always the same", "let it ask for a variable"


def _is_constant(condition: str) -> bool:
    words = re.findall(r"[^\W\d]\w*", re.sub(r'"(?:[^"\\]|\\.)*"', "", condition))
    return all(word in _CONSTANTS for word in words)


def _same_condition_twice(process: Process, e: Element) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for flow in e.outgoing if e.kind == "exclusiveGateway" else ():
        condition = process.flows[flow].condition
        if condition and condition in seen:
            problem = f"flow {flow} is never taken: {seen[condition]} has the same condition ={condition}"
            yield problem, "correct one of the conditions"
        seen.setdefault(condition, flow)


def _default_alone(_process: Process, e: Element) -> Iterator[tuple[str, str]]:
    if e.default and len(e.outgoing) == 1:
        yield f"its only outgoing flow {e.default} is the default flow", "draw the other ways, or unmark it"


def _gateway_without_effect(process: Process, e: Element) -> Iterator[tuple[str, str]]:
    passes = e.kind in (*_CHOOSING, *_JOINING) and len(e.incoming) == len(e.outgoing) == 1
    if passes and not process.flows[e.outgoing[0]].condition:
        yield "the gateway has one flow in and one out, and does nothing", "draw its other flows, or remove it"


def _joins_and_splits(_process: Process, e: Element) -> Iterator[tuple[str, str]]:
    if e.kind in _JOINING and len(e.incoming) > 1 and len(e.outgoing) > 1:
        yield "the gateway joins and splits at once", "draw one gateway that joins, and behind it one that splits"


def _drawn_twice(process: Process, e: Element) -> Iterator[tuple[str, str]]:
    for one, other in combinations([process.flows[name] for name in e.outgoing], 2):
        if (one.target, one.condition) == (other.target, other.condition) and e.default not in (one.id, other.id):
            yield f"flows {one.id} and {other.id} both lead to {one.target}", "remove one of them"


def _gateways_in_a_circle(process: Process, e: Element) -> Iterator[tuple[str, str]]:
    circle = [
        name for name in _gateways_behind(process, e) if e.id in _gateways_behind(process, process.elements[name])
    ]
    if circle and e.id == min(circle, key=list(process.elements).index):
        problem = "flows lead from it back to it through gateways only, where nothing can change"
        yield problem, "let the loop do something"


def _gateways_behind(process: Process, e: Element) -> dict[str, None]:
    """The gateways to which flows lead from a gateway through gateways only."""
    found: dict[str, None] = {}
    todo = [e.id] if e.kind.endswith("Gateway") else []
    while todo:
        for target in [process.flows[flow].target for flow in process.elements[todo.pop()].outgoing]:
            if target not in found and process.elements[target].kind.endswith("Gateway"):
                found[target] = None
                todo.append(target)
    return found


# -- events ------------------------------------------------------------------------------------------------------------


def _due_at_once(_process: Process, e: Element) -> Iterator[tuple[str, str]]:
    for timer in _timers(e) if e.kind == "boundaryEvent" else ():
        if _is_fixed(timer) and not re.search("[1-9]", timer.text):
            yield f"the timer is due at once ({timer.text})", "give it the duration after which it is to fire"


def _timers(e: Element) -> list[Timer]:
    return [part.timer for part in definitions(e.event) if part.timer]


def _is_fixed(timer: Timer | None) -> bool:
    return timer is not None and timer.kind == "duration" and timer.text.startswith("P")


def _cycle_that_happens_once(process: Process, e: Element) -> Iterator[tuple[str, str]]:
    ends = e.interrupting and (e.kind == "boundaryEvent" or (e.kind == "startEvent" and e.scope in process.elements))
    for timer in _timers(e) if ends or e.kind == "intermediateCatchEvent" else ():
        if timer.kind == "cycle" and not timer.text.startswith("R1/"):
            what = (
                "an intermediate event waits"
                if e.kind == "intermediateCatchEvent"
                else "an event that interrupts fires"
            )
            yield (
                f"its timer repeats ({timer.text}), but {what} only once",
                "give it a duration, or let it not interrupt",
            )


def _which_timer_is_first(process: Process, e: Element) -> Iterator[tuple[str, str]]:
    for one, other in _rivals(process, e):
        if one.event and other.event and _is_fixed(one.event.timer) and _is_fixed(other.event.timer):
            problem = f"{one.name or one.id} and {other.name or other.id} both wait for a fixed time: one always wins"
            yield problem, "leave the shorter one"


def _same_event_twice(process: Process, e: Element) -> Iterator[tuple[str, str]]:
    for one, other in _rivals(process, e):
        if one.event and other.event and one.event.kind in ("message", "signal") and one.event == other.event:
            problem = f"{one.name or one.id} and {other.name or other.id} wait for the same {one.event.kind}"
            yield problem, "leave one of them"


def _rivals(process: Process, e: Element) -> Iterator[tuple[Element, Element]]:
    """Pairs of events of which the first decides: behind an event-based gateway, or interrupting on one activity."""
    if e.kind == "eventBasedGateway" and not e.parallel:
        yield from combinations([process.elements[process.flows[flow].target] for flow in e.outgoing], 2)
    elif e.kind == "boundaryEvent" and e.interrupting:
        for other in process.elements.values():
            if other is e:
                return
            if other.attached_to == e.attached_to and other.interrupting:
                yield other, e


_MAY_FAIL = ("callActivity", "userTask", "serviceTask", "sendTask")
"""Whoever does the work of these may throw errors of any code."""


def _never_caught(process: Process, e: Element) -> Iterator[tuple[str, str]]:
    """An error or escalation event inside whose activity or scope nothing can throw that code, as far as one sees."""
    caught = [part for part in definitions(e.event) if part.kind in ("error", "escalation")]
    inside = _guarded(process, e) if caught else []
    for part in caught if inside else ():
        fails = _MAY_FAIL if part.kind == "error" else ("callActivity",)
        if any(other.kind in fails or (part.kind == "error" and other.job) for other in inside):
            continue
        codes = [one.code for o in inside if _throws(o) for one in definitions(o.event) if one.kind == part.kind]
        if not any(part.code in ("", code) or code.startswith("=") for code in codes):
            what = f"{part.kind} {part.code}".strip()
            yield f"nothing that it guards can throw {what}", f"throw the {part.kind} there, or remove this event"


def _throws(e: Element) -> bool:
    return e.kind in ("endEvent", "intermediateThrowEvent")


def _guarded(process: Process, e: Element) -> list[Element]:
    """What is inside the activity or scope whose errors and escalations an event catches."""
    owner = process.elements.get(e.scope)
    if e.kind == "boundaryEvent":
        return [other for other in process.elements.values() if e.attached_to in _around(process, other)]
    if e.kind != "startEvent" or owner is None:
        return []
    around = {other.id: _around(process, other) for other in process.elements.values()}
    return [o for o in process.elements.values() if owner.scope in around[o.id] and owner.id not in around[o.id]]


def _around(process: Process, e: Element) -> list[str]:
    """The element itself and the scopes around it."""
    names = [e.id]
    while names[-1] in process.elements:
        names.append(process.elements[names[-1]].scope)
    return names


# -- activities --------------------------------------------------------------------------------------------------------


def _nameless_user_task(_process: Process, e: Element) -> Iterator[tuple[str, str]]:
    if e.kind == "userTask" and not e.name:
        yield "the user task has no name to show to people", "name what is to be done"


def _nobody_may_do_it(_process: Process, e: Element) -> Iterator[tuple[str, str]]:
    named = e.user and (e.user.assignee or e.user.candidate_groups or e.user.candidate_users)
    if e.kind == "userTask" and not named and not e.lane:
        yield "nobody is named to do the user task", "give it an assignee or candidate groups, or put it into a lane"


def _sub_process_without_work(process: Process, e: Element) -> Iterator[tuple[str, str]]:
    if e.kind not in ("subProcess", "adHocSubProcess", "transaction"):
        return
    inside = [other for other in process.elements.values() if other.scope == e.id]
    if inside and not any(is_activity(other.kind) or other.event_kind != "none" for other in inside):
        yield "nothing is done inside the sub-process", "draw its activities, or remove it"


def _mapped_twice(_process: Process, e: Element) -> Iterator[tuple[str, str]]:
    for what, mappings in (("input", e.inputs), ("output", e.outputs)):
        targets = [mapping.target for mapping in mappings]
        for target in dict.fromkeys(name for name in targets if targets.count(name) > 1):
            yield f"two {what} mappings write {target}: only the last counts", "leave one of them"


def _camunda_7_text(_process: Process, e: Element) -> Iterator[tuple[str, str]]:
    """Headers are for the worker to read, who may know such texts."""
    for what, text in texts_of(e):
        if re.search(r"[$#]\{.*\}", text) and not text.startswith("=") and not what.startswith("header"):
            yield f"its {what} {text} is taken literally", "write a FEEL expression, which begins with ="


# -- scopes and definitions --------------------------------------------------------------------------------------------


def never_ending(definition: Definition) -> Iterator[Fault]:
    """Processes and sub-processes of which no end can be reached, and that nothing interrupts."""
    for process in definition.processes.values():
        caught = {_guards(process, e): None for e in process.elements.values() if e.interrupting}
        for scope in dict.fromkeys(e.scope for e in process.elements.values()):
            around = _around(process, process.elements[scope]) if scope in process.elements else [scope]
            if not _can_end(process, scope) and not any(name in caught for name in around):
                owner = process.elements.get(scope)
                line, name = (owner.line, owner.name) if owner else (process.line, process.name)
                problem, remedy = "it never ends: no way leads to an end", "draw an end event and a way to it"
                yield Fault(process.file, line, scope, name, problem, remedy)


def _guards(process: Process, e: Element) -> str:
    """The scope that an event ends when it is caught."""
    owner = process.elements.get(e.scope)
    if e.kind == "startEvent" and owner and owner.triggered_by_event:
        return owner.scope
    return e.attached_to


def _can_end(process: Process, scope: str) -> bool:
    inside = [e for e in process.elements.values() if e.scope == scope]
    guards: dict[str, list[str]] = {}
    for e in inside:
        if e.attached_to and e.outgoing:
            guards.setdefault(e.attached_to, []).append(e.id)
    todo = [e for e in inside if not (e.incoming or e.attached_to or e.for_compensation or e.triggered_by_event)]
    reached = {e.id: None for e in todo}
    while todo:
        e = todo.pop()
        following = [process.flows[flow].target for flow in e.outgoing] + guards.get(e.id, [])
        if not following and not (e.event_kind == "link" and e.kind == "intermediateThrowEvent"):
            return True
        todo += [process.elements[name] for name in dict.fromkeys(following) if name not in reached]
        reached.update(dict.fromkeys(following))
    return False


def started_by_the_same_message(definition: Definition) -> Iterator[Fault]:
    """Events that start processes and wait for the same message: only one of them can get it."""
    seen: dict[str, tuple[Process, Element]] = {}
    for process in definition.processes.values():
        for e in process.elements.values():
            starts = e.instantiates or (e.kind == "startEvent" and e.scope == process.id)
            names = [part.message.name for part in definitions(e.event) if part.message] if starts else []
            for name in names:
                if name in seen:
                    other, start = seen[name]
                    problem = f"message {name} also starts {other.id}, by {start.name or start.id}"
                    yield Fault(process.file, e.line, e.id, e.name, problem, "give each its own message")
                seen.setdefault(name, (process, e))


RULES: tuple[Rule, ...] = (
    _condition_without_alternative,
    _constant_condition,
    _same_condition_twice,
    _default_alone,
    _gateway_without_effect,
    _joins_and_splits,
    _drawn_twice,
    _gateways_in_a_circle,
    _due_at_once,
    _cycle_that_happens_once,
    _which_timer_is_first,
    _same_event_twice,
    _never_caught,
    nothing_to_compensate,
    _nameless_user_task,
    _nobody_may_do_it,
    _sub_process_without_work,
    _mapped_twice,
    _camunda_7_text,
)

FINDERS: tuple[Finder, ...] = (
    _by_rules,
    never_ending,
    started_by_the_same_message,
    out_of_reach,
    check_soundness,
)
"""Everything that looks for warnings; a new kind of them is one more function here."""
