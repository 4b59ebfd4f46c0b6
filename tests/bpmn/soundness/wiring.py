"""Small models wired at random, sound or not, of user tasks and gateways; and all runs of one.

Before each gateway that decides a user task does so: its completion sets the variable that the conditions read.
So the runs of a model are told by the order of completions and by what each decides, and all of them can be tried.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from random import Random

from bpmn import Definition, Instance, Options, events
from tests.bpmn.building import Part, Shape, ad_hoc, build, end, gateway, process, start, user
from tests.bpmn.engine.driving import START, reloaded

PLAIN = ("task", "exclusive", "parallel", "parallel")
INCLUSIVE = ("task", "exclusive", "parallel", "inclusive", "inclusive", "inclusive join")
COMPLEX = ("task", "exclusive", "parallel", "parallel", "complex", "complex")
CONDITIONS = ("=activationCount >= 1", "=activationCount >= 2", "=activationCount = 1", "=activationCount > 2")
OPTIONS = Options(endless_steps=200)
DECISIONS = [0, 1, 2]
"""The first way, both, the second; an exclusive gateway takes one of them."""
MAX_STATES = 200
MAX_OPEN = 6


@dataclass
class Wired:
    """Shapes and flows as they come to be; `free` are the sources of flows that still lead nowhere."""

    shapes: list[Shape] = field(default_factory=list)
    flows: list[tuple[str, str, str]] = field(default_factory=list)
    free: list[tuple[str, str]] = field(default_factory=list)


def wired(chance: Random, size: int, kinds: tuple[str, ...] = PLAIN) -> Shape:
    """A model of about `size` elements; each is led to from an earlier one, the other flows go anywhere."""
    made = Wired([start(), end("e1"), end("e2")], [], [("start", "")])
    entries: list[str] = []
    for number in range(size):
        if not made.free:
            break
        first = _add(made, chance.choice(kinds), number)
        source, what = made.free.pop(chance.randrange(len(made.free) - _outs(made)))
        made.flows.append((source, first, what))
        entries.append(first)
    for source, what in made.free:
        back = chance.random() < 0.15
        later = entries[_place(entries, source) :] if not back else entries
        made.flows.append((source, chance.choice([*later, "e1", "e2"]), what))
    reached = [target for _, target, _ in made.flows]
    made.shapes = [shape for shape in made.shapes if shape.tag != "endEvent" or shape.id in reached]
    return process(*made.shapes, flows=_drawn(made))


def wired_ad_hoc(chance: Random, size: int, kinds: tuple[str, ...] = PLAIN) -> Shape:
    """A model of one ad-hoc sub-process, in which up to three tasks can be activated, and more is led to from them."""
    begin = [user(f"t{90 + number}") for number in range(chance.randint(1, 3))]
    made = Wired(list(begin), [], [(shape.id, "") for shape in begin])
    entries: list[str] = []
    for number in range(size):
        if not made.free:
            break
        first = _add(made, chance.choice(kinds), number)
        source, what = made.free.pop(chance.randrange(len(made.free) - _outs(made)))
        made.flows.append((source, first, what))
        entries.append(first)
    for number, (source, what) in enumerate(made.free):
        later = entries[_place(entries, source) :]
        if not what and chance.random() < 0.5:
            continue
        if not later or chance.random() < 0.4:
            made.shapes.append(user(f"b9{number}"))
            later = [f"b9{number}"]
        made.flows.append((source, chance.choice(later), what))
    until = chance.choice(["", "", "=stop"])
    cancels, sequential = chance.random() < 0.5, chance.random() < 0.5
    flows = _drawn(made)
    inside = ad_hoc("H", *made.shapes, flows=flows, until=until, cancels=cancels, sequential=sequential)
    return process(start(), inside, end(), flows=["start > H > end"])


def _outs(made: Wired) -> int:
    """How many of the free flows are those of the element added last."""
    last = made.free[-1][0]
    return sum(source == last for source, _ in made.free)


def _place(entries: list[str], source: str) -> int:
    name = source.replace("x", "t") if source.startswith("x") else source
    return entries.index(name) + 1 if name in entries else 0


def _add(made: Wired, kind: str, number: int) -> str:
    """An element with its free flows; the answer is where flows to it lead."""
    if kind == "task":
        made.shapes.append(user(f"a{number}"))
        made.free.append((f"a{number}", ""))
        return f"a{number}"
    if kind in ("parallel", "inclusive join"):
        made.shapes.append(gateway(kind.removesuffix(" join"), f"g{number}"))
        made.free += [(f"g{number}", "")] * (1 + number % 2 if kind == "parallel" else 1)
        return f"g{number}"
    if kind == "complex":
        return _add_complex(made, number)
    made.shapes += [user(f"t{number}"), gateway(kind, f"x{number}")]
    made.flows.append((f"t{number}", f"x{number}", ""))
    ways = {"exclusive": (f": =c{number} = 0", ": default"), "inclusive": (f": =c{number} > 0", f": =c{number} < 2")}
    made.free += [(f"x{number}", way) for way in ways[kind]]
    return f"t{number}"


def _add_complex(made: Wired, number: int) -> str:
    """A complex gateway with one way out, or one for each of its phases."""
    condition = CONDITIONS[number % len(CONDITIONS)].replace("<", "&lt;").replace(">", "&gt;")
    part = Part(f"<bpmn:activationCondition>{condition}</bpmn:activationCondition>")
    made.shapes.append(Shape("complexGateway", f"g{number}", {}, (part,)))
    phases = [(f"g{number}", ": =waitingForStart"), (f"g{number}", ": default")]
    made.free += phases if number % 3 == 0 else [(f"g{number}", "")]
    return f"g{number}"


def _drawn(made: Wired) -> list[str]:
    """The flows as texts, no two of them between the same elements."""
    seen: dict[tuple[str, str], None] = {}
    texts = []
    for number, (source, target, what) in enumerate(made.flows):
        if (source, target) in seen:
            made.shapes.append(user(f"b{number}"))
            texts += [f"{source} > b{number}{what}", f"b{number} > {target}"]
        else:
            seen[source, target] = None
            texts.append(f"{source} > {target}{what}")
    return texts


@dataclass
class Runs:
    """What all runs of a model together came to: which elements were `doubled`, active twice at once, at which gateways
    tokens of one flow `piled` up; `complete` is false where there were too many to try all."""

    deadlocks: dict[str, None] = field(default_factory=dict)
    active: dict[str, None] = field(default_factory=dict)
    doubled: dict[str, None] = field(default_factory=dict)
    piled: dict[str, None] = field(default_factory=dict)
    complete: bool = True


def all_runs(model: Shape) -> Runs:
    """Every order of completing the model's user tasks, with every decision."""
    definition, found = build(model), Runs()
    first = Instance(definition, "p", {}, OPTIONS)
    first.start(START)
    seen = {_state(first): None}
    todo = [first]
    while todo:
        instance = todo.pop()
        _note(instance, found)
        for following in _followers(instance, definition):
            endless = any(kind == "endless loop" for kind, _ in following.incidents.values())
            if endless or len(following.instances) > MAX_OPEN:
                found.complete = False
            elif _state(following) not in seen:
                seen[_state(following)] = None
                todo.append(following)
        if len(seen) > MAX_STATES:
            found.complete = False
            break
    return found


def _note(instance: Instance, found: Runs) -> None:
    records = instance.drain_journal()
    found.active.update({record.element: None for record in records if record.event == "activated"})
    open_ = sorted(one.element for one in instance.instances.values())
    found.doubled.update({name: None for name, other in itertools.pairwise(open_) if name == other})
    arrived = [entry for one in instance.instances.values() for entry in one.arrivals.items()]
    found.piled.update({gate: None for gate, flows in arrived if max(flows.values()) > 1})
    for key, (kind, _) in instance.incidents.items():
        if kind == "deadlock":
            found.deadlocks.update(dict.fromkeys(instance.instances[key].arrivals))


def _followers(instance: Instance, definition: Definition) -> list[Instance]:
    followers = []
    stops = any(one.ad_hoc and one.ad_hoc.completion_condition for one in definition.processes["p"].elements.values())
    for key, one in list(instance.instances.items()):
        choices = DECISIONS if one.element.startswith("t") else [0]
        for choice, stop in itertools.product(choices, (False, True) if stops else ("",)):
            if one.element[0] not in "atb":
                continue
            other = reloaded(instance, definition, OPTIONS)
            variables: dict[str, object] = {f"c{one.element[1:]}": choice} if len(choices) > 1 else {}
            other.handle(events.TaskCompleted(key, {**variables, **({"stop": stop} if stops else {})}), START)
            followers.append(other)
    return followers


def _state(instance: Instance) -> str:
    open_ = sorted(one.element for one in instance.instances.values())
    scopes = [one for one in instance.instances.values() if one.arrivals or one.resetting or one.ad_hoc]
    arrived = [[(gate, sorted(flows.items())) for gate, flows in sorted(one.arrivals.items())] for one in scopes]
    phases = [[(gate, sorted(flows)) for gate, flows in sorted((one.resetting or {}).items())] for one in scopes]
    ad_hocs = [(one.ad_hoc.over, [later.element for later in one.ad_hoc.later]) for one in scopes if one.ad_hoc]
    return repr((open_, arrived, phases, ad_hocs, [instance.outcome, sorted(instance.variables().items())]))
