"""The ladder of a case's clocks: which levels are reached, who is written to, what a later record takes back.

A state machine beside `domain.clocks`: it is asked at any moment which levels have been reached and remembers what it
has said, so that nothing is raised twice, whoever asks again. A clock that ended before an instant, by business time,
never fires at it. What was raised stays; where a later record shows that the step was done in time, it is marked 补录.
Acknowledging a warning stops its repeats, not the clock.

A due date that is put off, by hand or by a new calendar, is climbed to anew: of the levels raised, those whose instant
then lies ahead are forgotten with their acknowledgement and raised again when they are reached, under a key of their
own (`reply/L2~1`). Those that are reached by the new date too stay as they are. A supervision order stays the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from domain.business_time import closing, day_ending, spoken
from domain.clock import Clock, Outcome
from domain.clocks import Clocks
from domain.due import Due
from domain.escalation import Escalation, NextInstant, Said
from domain.levels import Colour, LadderSettings, Level, Standing, colour, colour_at, instants, worst
from domain.orders import BulletinEntry, Order, OrderRefused, Origin, issued_at

__all__ = ["Colour", "Escalation", "Ladder", "LadderSettings", "Level", "NextInstant"]


class Ladder:
    """What has been raised of one workflow's clocks, and their supervision orders."""

    def __init__(self, clocks: Clocks, settings: LadderSettings | None = None) -> None:
        self._clocks = clocks
        self.settings = settings or LadderSettings()
        self._said: dict[str, dict[Level, Said]] = {}
        self._orders: dict[str, Order] = {}
        self._third_yellow: dict[str, None] = {}
        self._moved: dict[str, int] = {}
        self._settled: dict[str, None] = {}
        self._instants: dict[str, tuple[Due, Standing, dict[Level, dt.datetime]]] = {}

    def reached(self, now: dt.datetime) -> list[Escalation]:
        """The levels reached by `now` that were not yet raised, in order clock by clock; from now on they are.

        Of a clock that has ended, done or dropped, only what it broke before its end is still raised: reminders of
        what is done help nobody.
        """
        raised: list[Escalation] = []
        for clock in self._clocks:
            if clock.running:
                self._settled.pop(clock.id, None)
                self._reinstate(clock)
                raised += self._climb(clock, now)
            elif clock.id not in self._settled:
                raised += self._climb(clock, now) if not clock.handed_on else []
                if _is_over(clock, now):
                    self._settled[clock.id] = None
        self._forget()
        return raised

    def done_in_time(self, now: dt.datetime) -> list[Escalation]:
        """The escalations that records since then have shown to be wrong, each once: to be marked 补录."""
        taken_back: list[Escalation] = []
        for clock_id, levels in self._said.items():
            clock = self._clocks.get(clock_id)
            due = self._clocks.due(clock) if clock else None
            if clock is None or due is None or clock.ended is None or not _broken_here(clock):
                continue
            for level, said in levels.items():
                if clock.ended <= said.at and not said.taken_back:
                    levels[level] = replace(said, taken_back=True)
                    again = self._escalation(clock, due, level, said, backdated=True)
                    taken_back.append(replace(again, taken_back=True))
        return taken_back

    def repeats(self, now: dt.datetime) -> list[Escalation]:
        """The unacknowledged warnings of running clocks that are to be repeated by `now`: the highest level of each.

        After a long silence each comes once, and the next one counts from then.
        """
        again: list[Escalation] = []
        for clock in self._clocks:
            due, following = self._clocks.due(clock), self._next_repeat(clock)
            if due is None or following is None or following.at > now:
                continue
            level, number = following.level, following.repeat
            said = self._said[clock.id][level]
            self._said[clock.id][level] = replace(said, repeats=number, repeated=now)
            said = replace(said, at=following.at, raised=now)
            again.append(replace(self._escalation(clock, due, level, said), repeat=number))
        return again

    def moved(self, now: dt.datetime) -> None:
        """A due date, or the calendar, is another: what was raised and now lies ahead is climbed to anew."""
        for clock in self._clocks:
            levels, instants = self._said.get(clock.id, {}), self.instants(clock)
            ahead = [level for level in levels if clock.running and level in instants and instants[level] > now]
            for level in ahead:
                del levels[level]
            if ahead:
                self._moved[clock.id] = self._moved.get(clock.id, 0) + 1

    def next_instant(self) -> NextInstant | None:
        """The earliest instant at which `reached` or `repeats` will have something to say; None for none.

        It may lie in the past where that has not been asked for yet.
        """
        coming = [*self._next_levels(), *filter(None, map(self._next_repeat, self._clocks))]
        return min(coming, key=lambda entry: entry.at, default=None)

    def instants(self, clock: Clock) -> dict[Level, dt.datetime]:
        """When each level of a clock is reached; empty where no limit is set."""
        due = self._clocks.due(clock)
        if due is None:
            return {}
        standing = Standing(
            self._orders.get(clock.id),
            clock.id in self._third_yellow,
            bool(self._clocks.rule_of(clock).milestone_of),
        )
        known = self._instants.get(clock.id)
        if known is None or known[0] is not due or known[1] != standing:
            known = (due, standing, instants(due, standing, self._clocks.calendar, self.settings))
            self._instants[clock.id] = known
        return known[2]

    def colour(self, clock: Clock, now: dt.datetime) -> Colour:
        """How the clock stands; without a limit always blue."""
        return colour(clock, self._clocks.due(clock), self.instants(clock), now)

    def colour_of_case(self, now: dt.datetime) -> Colour:
        """The worst colour of the running clocks."""
        return worst(self.colour(clock, now) for clock in self._clocks if clock.running)

    def said(self, clock_id: str) -> Mapping[Level, Said]:
        """What has been raised of a clock, the lowest level first."""
        return dict(self._said.get(clock_id, {}))

    def levels_of(self, clock_id: str) -> tuple[Level, ...]:
        """The levels that have been raised of a clock."""
        return tuple(self._said.get(clock_id, ()))

    def acknowledge(self, clock_id: str, level: Level) -> bool:
        """Stop the repeats of a level and those below; whether there was something to acknowledge."""
        levels = self._said.get(clock_id, {})
        found = [one for one, said in levels.items() if one <= level and not said.acknowledged]
        for one in found:
            levels[one] = replace(levels[one], acknowledged=True)
        return bool(found)

    def third_yellow(self, clock_id: str) -> bool:
        """The one answering for this clock has a third yellow in a row: it climbs to L3 as soon as it is late.

        False where that was known, or the clock is not.
        """
        news = clock_id in self._clocks and clock_id not in self._third_yellow
        if news:
            self._third_yellow[clock_id] = None
        return news

    def order(self, clock_id: str) -> Order | None:
        """The clock's supervision order."""
        return self._orders.get(clock_id)

    def asks(self, clock: Clock) -> bool:
        """Whether the clock's order is still to be answered here.

        Not where a called case goes on with the clock, and not where the step turned out to have been done in time.
        """
        order, passed = self._orders.get(clock.id), self._said.get(clock.id, {}).get(Level.L2)
        taken_back = passed is not None and passed.taken_back
        return order is not None and order.answer is None and not clock.handed_on and not taken_back

    def orders(self) -> tuple[Order, ...]:
        """All supervision orders of the case."""
        return tuple(self._orders.values())

    def numbered(self, clock_id: str, number: str) -> Order:
        """The order with the number that the numbering gave it; `OrderRefused` where there is none."""
        order = self._orders[clock_id] = replace(self._order(clock_id), number=number)
        return order

    def check_answer(self, clock_id: str, promised: dt.datetime, at: dt.datetime, text: str) -> None:
        """Whether an answer says enough to be taken; `OrderRefused` says in Chinese what is the matter with it."""
        self._order(clock_id)
        if not text.strip():
            raise OrderRefused("请说明情况（text）", "text")
        if promised > (latest := at + dt.timedelta(self.settings.promised_within)):
            raise OrderRefused(
                f"新的承诺时间{spoken(promised)}距今超过{self.settings.promised_within}日，最迟为{spoken(latest)}",
                "promised",
            )

    def answer(
        self, clock_id: str, cause: str, promised: dt.datetime, by: str, at: dt.datetime, text: str = ""
    ) -> Order:
        """Answer the clock's order, which has been seen then; `OrderRefused` says in Chinese why it is not taken."""
        order = self._orders[clock_id] = self._order(clock_id).answered(cause, promised, by, at, text)
        self.acknowledge(clock_id, Level.L2)
        return order

    def bulletin_entry(self, escalation: Escalation) -> BulletinEntry:
        """The line of the weekly bulletin that an L4 writes."""
        order = self._orders.get(escalation.clock)
        answer = order.answer if order else None
        overdue = (escalation.raised.date() - day_ending(escalation.due)).days
        return BulletinEntry(
            escalation.clock,
            escalation.name,
            escalation.department,
            escalation.raised.isoformat(),
            escalation.due.isoformat(),
            overdue,
            order.number if order else "",
            answer.cause.value if answer else "",
            answer.promised.isoformat() if answer else "",
        )

    def hand_over(self, clock_id: str, workflow: str) -> dict[str, Any]:
        """What has been raised of a clock that a called case goes on with, as plain JSON for its `take_over`.

        `workflow` is this ladder's own: an order that has no number yet gets the one that is given to it here.
        """
        order = self._orders.get(clock_id)
        if order and not order.origin:
            order = replace(order, origin=Origin(workflow, clock_id))
        state: dict[str, Any] = {
            "said": {level.name: said.to_json() for level, said in self._said.get(clock_id, {}).items()},
            "order": order.to_json() if order else {},
        }
        if clock_id in self._third_yellow:
            state["thirdYellow"] = True
        if clock_id in self._moved:
            state["moved"] = self._moved[clock_id]
        return state

    def take_over(self, clock_id: str, state: Mapping[str, Any]) -> None:
        """Go on with a clock of the calling case: what that has raised is not raised again."""
        self._said[clock_id] = {Level[name]: Said.from_json(row) for name, row in state["said"].items()}
        if state["order"]:
            self._orders[clock_id] = replace(Order.from_json(state["order"]), clock=clock_id)
        if state.get("thirdYellow"):
            self.third_yellow(clock_id)
        if "moved" in state:
            self._moved[clock_id] = state["moved"]

    def dump(self) -> dict[str, Any]:
        """The state as plain JSON; the clocks dump themselves."""
        return {
            "said": {
                clock_id: {level.name: said.to_json() for level, said in levels.items()}
                for clock_id, levels in self._said.items()
            },
            "orders": [order.to_json() for order in self._orders.values()],
            "thirdYellow": list(self._third_yellow),
            "moved": dict(self._moved),
            "settled": list(self._settled),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `dump` wrote."""
        self._said = {
            clock_id: {Level[name]: Said.from_json(row) for name, row in levels.items()}
            for clock_id, levels in state["said"].items()
        }
        self._orders = {order.clock: order for order in map(Order.from_json, state["orders"])}
        self._third_yellow = dict.fromkeys(state["thirdYellow"])
        self._moved = dict(state.get("moved", {}))
        self._settled = dict.fromkeys(state["settled"])

    def _reinstate(self, clock: Clock) -> None:
        """What was taken back holds again for a clock that was reopened: it repeats until it is acknowledged anew."""
        levels = self._said.get(clock.id, {})
        for level, said in levels.items():
            if said.taken_back:
                levels[level] = replace(said, taken_back=False, acknowledged=False)

    def _climb(self, clock: Clock, now: dt.datetime) -> Iterator[Escalation]:
        due = self._clocks.due(clock)
        if due is None:
            return
        for level in self._levels_ahead(clock):
            at = self.instants(clock).get(level)
            if at is None or at > now or (clock.ended and clock.ended <= at):
                return
            said = Said(at, now, moved=self._moved.get(clock.id, 0))
            self._said.setdefault(clock.id, {})[level] = said
            if level is Level.L2 and clock.id not in self._orders:
                self._orders[clock.id] = Order(clock.id, issued_at(at, now))
            yield self._escalation(clock, due, level, said, backdated=clock.learned > at)

    def _escalation(self, clock: Clock, due: Due, level: Level, said: Said, *, backdated: bool = False) -> Escalation:
        rule = self._clocks.rule_of(clock)
        shade = colour_at(level)
        when = (said.at, said.raised, due.instant, due.provisional)
        return Escalation(clock.id, level, rule.name, rule.department, *when, shade, backdated, moved=said.moved)

    def _next_levels(self) -> Iterator[NextInstant]:
        for clock in self._clocks:
            if not clock.running and (clock.handed_on or clock.id in self._settled):
                continue
            level = next(iter(self._levels_ahead(clock)), None)
            at = self.instants(clock).get(level) if level is not None else None
            if level is not None and at and not (clock.ended and clock.ended <= at):
                yield NextInstant(at, clock.id, self._clocks.rule_of(clock).name, level)

    def _levels_ahead(self, clock: Clock) -> tuple[Level, ...]:
        """The levels that may still be raised: those above all that were, of an ended clock the breaches alone."""
        raised = max(self._said.get(clock.id, ()), default=None)
        lowest = Level.L2 if clock.ended else Level.L0
        return tuple(level for level in Level if level >= lowest and (raised is None or level > raised))

    def _next_repeat(self, clock: Clock) -> NextInstant | None:
        levels = self._said.get(clock.id)
        if not levels or not clock.running or not self.settings.repeat_every:
            return None
        level = max(levels)
        said = levels[level]
        if level is Level.L0 or said.acknowledged or said.repeats >= self.settings.repeat_most:
            return None
        last_day = day_ending(said.repeated or said.raised)
        day = self._clocks.calendar.add_workdays(last_day, self.settings.repeat_every).date
        rule = self._clocks.rule_of(clock)
        return NextInstant(closing(day, self._clocks.close), clock.id, rule.name, level, said.repeats + 1)

    def _order(self, clock_id: str) -> Order:
        if clock_id not in self._orders:
            raise OrderRefused(f"“{clock_id}”没有督办单")
        return self._orders[clock_id]

    def _forget(self) -> None:
        """Drop what is known of clocks that the case no longer remembers; orders stay."""
        known = (self._said, self._third_yellow, self._moved, self._settled, self._instants)
        memories: Iterable[dict[str, Any]] = known
        for memory in memories:
            for clock_id in [one for one in memory if one not in self._clocks]:
                del memory[clock_id]


def _is_over(clock: Clock, now: dt.datetime) -> bool:
    """Whether an ended clock can break nothing more: its end may be said to lie some minutes ahead."""
    return not _broken_here(clock) or (clock.ended is not None and clock.ended <= now)


def _broken_here(clock: Clock) -> bool:
    """Whether what an ended clock broke is raised here: a called case raises what a clock broke there."""
    return clock.outcome is Outcome.STOPPED and not clock.handed_on
