"""How a diagram stands: what is active, done, stopped or waited for at each element, by the records of a journal.

The journal up to an instant gives the state at that instant. The end of a timer has no record of its own: it ends with
the element that owns it, or when its event begins and it has not been set again just before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from domain.records import Record

BODIES = ("multiInstanceBody", "loopBody")
"""The types of the records of what holds the instances of a multi-instance activity or a loop; it is none of them."""


@dataclass(frozen=True)
class StandingIncident:
    """Why an element instance cannot go on."""

    key: str
    kind: str
    message: str


@dataclass(frozen=True)
class ElementState:
    """How one element stands: how many of its instances are active, completed, terminated; what it waits for."""

    active: int = 0
    completed: int = 0
    terminated: int = 0
    incidents: tuple[StandingIncident, ...] = ()
    timers: tuple[str, ...] = ()


@dataclass(frozen=True)
class DiagramState:
    """How the diagram stands: its elements by id, those alone that were ever reached, and how often each sequence flow
    was taken."""

    elements: dict[str, ElementState]
    flows: dict[str, int]


def diagram_state(records: Iterable[Record]) -> DiagramState:
    """How the diagram stands after these records of one workflow, in their order from the first."""
    replay = _Replay()
    for record in records:
        replay.take(record)
    return replay.state()


@dataclass
class _Timer:
    """A timer that is set; `again` counts how often it was set again without its event having begun since."""

    element: str
    owner: str
    due: str
    again: int = 0
    part: bool = False
    """Of one definition of a multiple event: its own records alone say when it is over."""


@dataclass
class _Replay:
    """What is so after the records taken so far."""

    places: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Active element instance -> its element (empty for a body) and the instance around it."""
    completed: Counter[str] = field(default_factory=Counter)
    terminated: Counter[str] = field(default_factory=Counter)
    flows: Counter[str] = field(default_factory=Counter)
    timers: dict[str, _Timer] = field(default_factory=dict)
    incidents: dict[str, tuple[str, StandingIncident]] = field(default_factory=dict)
    reached: dict[str, None] = field(default_factory=dict)

    def take(self, record: Record) -> None:
        if record.event == "activated":
            self._begin(record)
        elif record.event in ("completed", "terminated"):
            self._end(record)
        elif record.event == "scheduled":
            self._schedule(record)
        elif record.event == "unscheduled":
            self.timers.pop(record.key, None)
        elif record.event == "migrated":
            self._move(record)
        elif record.event == "incident":
            told = record.data
            incident = StandingIncident(record.key, str(told.get("kind") or ""), str(told.get("message") or ""))
            self.incidents[record.key] = (record.element, incident)
            self.reached[record.element] = None
        elif record.event == "resolved":
            self.incidents.pop(record.key, None)

    def _begin(self, record: Record) -> None:
        self.places[record.key] = ("" if record.type in BODIES else record.element, record.scope)
        self.reached[record.element] = None
        self._fired(record)

    def _fired(self, record: Record) -> None:
        """The timer by which an event has begun is over, unless it was set again."""
        waiting = [one for one in self.timers.items() if one[1].element == record.element and not one[1].part]
        if found := next((one for one in waiting if self._around(one[1].owner, record)), None):
            key, timer = found
            if timer.again:
                timer.again -= 1
            elif timer.owner != record.key:
                del self.timers[key]

    def _around(self, owner: str, record: Record) -> bool:
        """Whether an event that begins is that of a timer of `owner`: beside it, or in a sub-process inside it."""
        beside = self.places[owner][1] if owner in self.places else ""
        inside = self.places[record.scope][1] if record.scope in self.places else ""
        return record.scope in (beside, owner) or inside == owner

    def _end(self, record: Record) -> None:
        self.places.pop(record.key, None)
        if record.type not in BODIES:
            (self.completed if record.event == "completed" else self.terminated)[record.element] += 1
        flows = record.data.get("flows")
        self.flows.update(map(str, flows if isinstance(flows, list) else ()))
        self.incidents.pop(record.key, None)
        self.timers = {key: one for key, one in self.timers.items() if one.owner != record.key}

    def _move(self, record: Record) -> None:
        """An element instance has become one of another element; of a whole process it is its record."""
        if record.key in self.places and record.data.get("was"):
            self.places[record.key] = ("" if record.type in BODIES else record.element, record.scope)
            self.reached[record.element] = None

    def _schedule(self, record: Record) -> None:
        again = self.timers[record.key].again + 1 if record.key in self.timers else 0
        due, part = str(record.data.get("due") or ""), bool(record.data.get("part"))
        self.timers[record.key] = _Timer(record.element, record.scope, due, again, part)
        self.reached[record.element] = None

    def state(self) -> DiagramState:
        active = Counter(element for element, _ in self.places.values())
        return DiagramState(
            {
                element: ElementState(
                    active[element],
                    self.completed[element],
                    self.terminated[element],
                    tuple(self._incidents(element)),
                    tuple(sorted(one.due for one in self.timers.values() if one.element == element)),
                )
                for element in self.reached
            },
            dict(self.flows),
        )

    def _incidents(self, element: str) -> Iterator[StandingIncident]:
        return (incident for place, incident in self.incidents.values() if place == element)
