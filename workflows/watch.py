"""A case's limits: its clocks, fed by its journal, and the ladder that they climb. Pure bookkeeping, like `case.py`.

Which clocks there are says the diagram; how long they run, the table that the case carries since its start. A clock
that a called case goes on with is handed over with what has been raised of it, so that nothing is raised twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from bpmn import clocks, model
from domain.authority import AuthorityTable
from domain.calendar import WorkingCalendar
from domain.clock import Change, Clock, ClockSettings, Facts, Moment
from domain.clock_rules import ClockRule, DelayRule, Milestone, Trigger
from domain.clock_table import ClockRow, clock_rows
from domain.clocks import Clocks
from domain.ladder import Colour, Escalation, Ladder, Level, NextInstant
from domain.limits import LimitTable
from domain.orders import BulletinEntry, Order
from domain.posts import PostTable
from domain.records import Record
from domain.start import CaseStart


class Watch:
    """The clocks and the ladder of one workflow."""

    def __init__(
        self,
        process: model.Process,
        table: LimitTable,
        calendar: WorkingCalendar,
        facts: Facts,
        settings: ClockSettings,
    ) -> None:
        self.clocks = Clocks(clock_rules(process), table, calendar, facts, settings, interruptions(process))
        self.ladder = Ladder(self.clocks)
        self._passed_to: dict[str, list[str]] = {}
        for clock in process.clocks:
            self._passed_to.setdefault(clock.passed_to, []).append(clock.id)
        self._next: NextInstant | None = None
        self._known = False

    # -- what happens ----------------------------------------------------------------------------------------------

    def feed(self, record: Record) -> list[Change]:
        """Take a record of the journal; what it did to the clocks."""
        changes = self.clocks.feed(record)
        self._known = self._known and not changes
        return changes

    def climb(self, now: datetime) -> list[Escalation]:
        """What has been reached by now and was not said before, and what turned out to have been done in time."""
        self._known = False
        return [*self.ladder.reached(now), *self.ladder.repeats(now), *self.ladder.done_in_time(now)]

    def bulletin_entry(self, escalation: Escalation) -> BulletinEntry | None:
        """The line of the weekly bulletin that an escalation writes; None for one that writes none."""
        writes = escalation.level is Level.L4 and not (escalation.repeat or escalation.taken_back)
        return self.ladder.bulletin_entry(escalation) if writes else None

    def acknowledge(self, clock: str, level: Level) -> bool:
        """A level has been seen; false where there was nothing to see."""
        self._known = False
        return self.ladder.acknowledge(clock, level)

    def answer(self, clock: str, cause: str, promised: datetime, by: str, now: datetime, text: str) -> Order:
        """The supervision order of a clock is answered. Raises `OrderRefused`."""
        self._known = False
        return self.ladder.answer(clock, cause, promised, by, now, text)

    def unwritten(self) -> list[Order]:
        """The supervision orders that have no number yet and are to be given one here.

        Those that a called case raised of a clock that was passed on to it are written there.
        """
        return [one for one in self.ladder.orders() if not one.number and self._is_here(one)]

    def unanswered(self) -> list[Clock]:
        """The clocks whose order is still to be answered here."""
        return [clock for clock in self.clocks if self.ladder.asks(clock)]

    def _is_here(self, order: Order) -> bool:
        clock = self.clocks.get(order.clock)
        there = clock is not None and clock.handed_on and order.origin is not None
        return clock is not None and self.clocks.due(clock) is not None and not there

    def move(self, clock: str, due: datetime, by: str, reason: str, now: datetime) -> list[Change]:
        """A running clock is due at another instant, and so are its milestones. Raises `MoveRefused`."""
        return self._moved(self.clocks.move(clock, due, by, reason, now), now)

    def use_calendar(self, calendar: WorkingCalendar, now: datetime) -> list[Change]:
        """Count by another calendar; which running clocks that moved, and which it made certain."""
        return self._moved(self.clocks.with_calendar(calendar, now), now)

    def _moved(self, changes: list[Change], now: datetime) -> list[Change]:
        self.ladder.moved(now)
        self._known = False
        return changes

    def over(self, now: datetime) -> list[Change]:
        """The case has ended: nothing runs any more."""
        self._known = False
        return self.clocks.drop_all(now)

    def next_instant(self) -> NextInstant | None:
        """When something next happens to a clock; asked for often, so worked out only after a change."""
        if not self._known:
            self._next, self._known = self.ladder.next_instant(), True
        return self._next

    # -- from case to case -----------------------------------------------------------------------------------------

    def pass_on(self, element: str, now: datetime, workflow: str) -> tuple[dict[str, Any], list[Change]]:
        """The clocks that the process called at `element` by this `workflow` goes on with, for its `take_over`."""
        passed: dict[str, Any] = {}
        changes: list[Change] = []
        for rule in self._passed_to.get(element, ()):
            clock, changed = self.clocks.pass_on(rule, now)
            if clock:
                passed[rule] = {
                    "clock": clock.to_json(),
                    "noted": [moment.to_json() for moment in self.clocks.noted(rule)],
                    **self.ladder.hand_over(clock.id, workflow),
                }
                changes += changed
        self._known = False
        return passed, changes

    def take_back(self, rules: Iterable[str], now: datetime) -> list[Change]:
        """Go on with clocks that were passed on to a called case which is lost."""
        self._known = False
        return [change for rule in rules for change in self.clocks.take_back(rule, now)]

    def take_over(self, passed: Mapping[str, Any]) -> list[Change]:
        """Go on with the clocks of the calling case, from the same start."""
        changes: list[Change] = []
        for rule, state in passed.items():
            if rule in self.clocks.rules:
                noted = map(Moment.from_json, state.get("noted", ()))
                changes += self.clocks.started_elsewhere(Clock.from_json(state["clock"]), noted)
                if own := self.clocks.latest(rule):
                    self.ladder.take_over(own.id, state)
        self._known = False
        return changes

    def told(self, child: str, there: Watch, now: datetime) -> list[Change]:
        """Take in how the clocks that were passed on stand in the called case `child`."""
        changes: list[Change] = []
        for clock in there.clocks:
            own = self.clocks.latest(clock.rule)
            if own and own.handed_on and own.started == clock.started:
                changes += self.clocks.told_elsewhere(clock, now)
                self.ladder.take_over(own.id, there.ladder.hand_over(clock.id, child))
        self._known = False
        return changes

    def report(self, passed: Mapping[str, Any]) -> dict[str, Any]:
        """What a caller that had `passed` these clocks on shows of them and of all that run, for `load`."""
        told = [clock for clock in self.clocks if clock.running or _is_passed(clock, passed)]
        if not told:
            return {}
        rules = {clock.rule for clock in told}
        ids = {clock.id for clock in told}
        clocks, ladder = self.clocks.dump(), self.ladder.dump()
        latest = {rule: clock for rule, clock in clocks["latest"].items() if clock in ids}
        noted = {rule: moments for rule, moments in clocks["noted"].items() if rule in rules}
        moved = {clock: times for clock, times in ladder["moved"].items() if clock in ids}
        return {
            "clocks": {"clocks": [clock.to_json() for clock in told], "latest": latest, "noted": noted},
            "ladder": {
                "said": {clock: said for clock, said in ladder["said"].items() if clock in ids},
                "orders": [order for order in ladder["orders"] if order["clock"] in ids],
                "thirdYellow": [clock for clock in ladder["thirdYellow"] if clock in ids],
                "settled": [],
                **({"moved": moved} if moved else {}),
            },
        }

    # -- from run to run -------------------------------------------------------------------------------------------

    def dump(self) -> dict[str, Any]:
        """The state as plain JSON."""
        return {"clocks": self.clocks.dump(), "ladder": self.ladder.dump()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `dump` wrote."""
        self.clocks.load(state["clocks"])
        self.ladder.load(state["ladder"])
        self._known = False

    # -- what is shown ---------------------------------------------------------------------------------------------

    @property
    def due_at(self) -> datetime | None:
        """When the next running clock is due; those of milestones only warn."""
        dues = [
            due.instant
            for clock in self.clocks
            if clock.running and not self.clocks.rule_of(clock).milestone_of and (due := self.clocks.due(clock))
        ]
        return min(dues, default=None)

    def colour(self, now: datetime) -> Colour:
        """How the case stands: the worst of its running clocks."""
        return self.ladder.colour_of_case(now)

    def department(self, clock: str) -> str:
        """Whose officers answer for a clock, even one that ended long ago."""
        rule = self.clocks.rules.get(clock.partition(":")[0].partition("#")[0])
        return rule.department if rule else ""

    def rows(self, now: datetime) -> list[ClockRow]:
        """Every clock that a limit is set for, as it stands."""
        return list(clock_rows(self.clocks, self.ladder, now))


def watch_of(process: model.Process, start: CaseStart, calendar: WorkingCalendar) -> Watch | None:
    """The watch of a case of that process; None where the diagram names no clock, or the case carries no limits."""
    if not process.clocks or not start.limits:
        return None
    settings = ClockSettings(**start.clock_settings)
    return Watch(process, _table(start.limits), calendar, Facts(**start.facts), settings)


@lru_cache(maxsize=8)
def _table(limits: str) -> LimitTable:
    """The table that many cases carry, read once."""
    return LimitTable.model_validate_json(limits)


@lru_cache(maxsize=8)
def posts_of(posts: str) -> PostTable | None:
    """The table of posts that many cases carry, read once; None where a case carries none."""
    return PostTable.model_validate_json(posts) if posts else None


@lru_cache(maxsize=8)
def authorities_of(authority: str) -> AuthorityTable | None:
    """The table of authorities that many cases carry, read once; None where a case carries none."""
    return AuthorityTable.model_validate_json(authority) if authority else None


def clock_rules(process: model.Process) -> list[ClockRule]:
    """What the diagram says of its clocks, in the words of the domain."""
    return [_rule(clock) for clock in process.clocks]


def interruptions(process: model.Process) -> dict[str, frozenset[str]]:
    """The event subprocesses that interrupt the whole process when they begin, each with all that lies within it."""
    elements = process.elements.values()
    starts = {one.scope for one in elements if one.kind == "startEvent" and one.interrupting}
    return {
        one.id: frozenset(_within(process, one.id))
        for one in elements
        if one.triggered_by_event and one.scope == process.id and one.id in starts
    }


def _within(process: model.Process, scope: str) -> Iterator[str]:
    for element in process.elements.values():
        if element.scope == scope:
            yield element.id
            yield from _within(process, element.id)


def _rule(clock: clocks.Clock) -> ClockRule:
    return ClockRule(
        id=clock.id,
        name=clock.name,
        limit=clock.limit,
        starts=_triggers(clock.starts),
        stops=_triggers(clock.stops),
        reopens=_triggers(clock.reopens),
        resumes=_triggers(clock.resumes),
        milestones=tuple(
            Milestone(point.id, point.name, point.limit, _triggers((point.stop,)), point.outlasts)
            for point in clock.milestones
        ),
        delays=tuple(DelayRule(delay.element, delay.cause, delay.text, delay.until) for delay in clock.delays),
        per_step=bool(clock.activity),
        restarts=clock.restarts,
        counts=clock.counts,
        department=clock.department,
    )


def _is_passed(clock: Clock, passed: Mapping[str, Any]) -> bool:
    state = passed.get(clock.rule)
    return state is not None and Clock.from_json(state["clock"]).started == clock.started


def _triggers(triggers: tuple[clocks.Trigger, ...]) -> tuple[Trigger, ...]:
    return tuple(Trigger(trigger.element, trigger.on) for trigger in triggers)
