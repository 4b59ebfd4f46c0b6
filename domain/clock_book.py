"""The book of a case's clocks: which there are, when each is due, and what moves a due date.

Due dates follow from limits, calendar and facts at any moment anew, so a new calendar moves what is running. What makes
clocks start and stop is in `domain.clocks`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from domain.business_time import close_of_business, instant, spoken
from domain.calendar import WorkingCalendar, shanghai_date
from domain.clock import Change, ChangeKind, Clock, ClockSettings, Facts
from domain.clock_rules import ClockRule
from domain.due import Due, Move, MoveRefused
from domain.limits import Limit, LimitTable


class ClockBook:
    """The clocks of one workflow with their due dates."""

    def __init__(
        self,
        rules: Iterable[ClockRule],
        table: LimitTable,
        calendar: WorkingCalendar,
        facts: Facts,
        settings: ClockSettings | None = None,
    ) -> None:
        """`rules` must be free of faults (`rule_faults`); `ValueError` for facts or settings that cannot be read."""
        self.calendar = calendar
        self.table = table
        self.settings = settings or ClockSettings()
        self.close = close_of_business(self.settings.close)
        self.rules = {one.id: one for rule in rules for one in rule.expanded()}
        self.milestones: dict[str, list[ClockRule]] = {}
        for rule in self.rules.values():
            if rule.milestone_of:
                self.milestones.setdefault(rule.milestone_of, []).append(rule)
        self._facts = facts
        self._accepted_on = dt.date.fromisoformat(facts.accepted_on)
        self._clocks: dict[str, Clock] = {}
        self._latest: dict[str, str] = {}
        self._dues: dict[str, Due | None] = {}

    def __iter__(self) -> Iterator[Clock]:
        """The clocks in the order of their start."""
        return iter(tuple(self._clocks.values()))

    def __contains__(self, clock_id: str) -> bool:
        return clock_id in self._clocks

    def __getitem__(self, clock_id: str) -> Clock:
        return self._clocks[clock_id]

    def get(self, clock_id: str) -> Clock | None:
        return self._clocks.get(clock_id)

    @property
    def facts(self) -> Facts:
        return self._facts

    def latest(self, rule_id: str) -> Clock | None:
        """The newest clock of a rule; None where it never started."""
        return self._clocks.get(self._latest.get(rule_id, ""))

    def rule_of(self, clock: Clock) -> ClockRule:
        return self.rules[clock.rule]

    def due(self, clock: Clock) -> Due | None:
        """When the clock is due; None where the table sets no limit for such a case."""
        if clock.id not in self._dues:
            self._dues[clock.id] = self._due(clock)
        return self._dues[clock.id]

    def move(self, clock_id: str, due: dt.datetime, by: str, reason: str, at: dt.datetime) -> list[Change]:
        """Move a running clock's due instant, whoever may. Raises as `movable` does.

        Its own change comes first, then those of milestones that are counted back from it.
        """
        clock, before = self.movable(clock_id, due, reason)
        others = {other: due for other, due in self._running_dues().items() if other != clock_id}
        moved = instant(due.isoformat())
        self._keep(replace(clock, moves=(*clock.moves, Move(moved, by, reason.strip(), at))))
        own = self._moved(self._clocks[clock_id], before, at, reason.strip(), by_hand=True)
        return [own, *self._recounted(others, at, reason.strip())]

    def movable(self, clock_id: str, due: dt.datetime, reason: str) -> tuple[Clock, Due]:
        """A running clock that may be moved so, and its due date as it stands.

        Raises `MoveRefused` without a reason, for a clock that does not run or has no limit, and for a due instant
        before its start.
        """
        clock = self._clocks.get(clock_id)
        before = self.due(clock) if clock and clock.running else None
        if clock is None or before is None:
            raise MoveRefused(f"没有正在计时的期限“{clock_id}”，不能调整")
        if not reason.strip():
            raise MoveRefused("调整期限须写明理由", "reason")
        if due <= clock.started:
            raise MoveRefused(f"新的期限{spoken(due)}不晚于起算时间{spoken(clock.started)}", "due")
        return clock, before

    def check_lawful(self, clock_id: str, due: dt.datetime) -> None:
        """Whether the law lets a clock run until `due`; `MoveRefused` names the bound where it does not."""
        before = self.due(self._clocks[clock_id])
        bound = before.lawful(self.calendar) if before else None
        if before and bound and due > bound:
            text = f"新的期限{spoken(due)}超出{before.limit.lawful_words()}，最迟为{spoken(bound)}"
            raise MoveRefused(text, "due")

    def with_calendar(self, calendar: WorkingCalendar, at: dt.datetime) -> list[Change]:
        """Count by another calendar from now on; which running clocks that moved, and which it made certain."""
        before = self._running_dues()
        self.calendar = calendar
        return self._recounted(before, at, "放假安排更新")

    def dump(self) -> dict[str, Any]:
        """The state as plain JSON; rules, table, calendar, facts and settings are the case's."""
        return {"clocks": [clock.to_json() for clock in self], "latest": dict(self._latest)}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `dump` wrote by the same rules."""
        self._clocks = {clock.id: clock for clock in map(Clock.from_json, state["clocks"])}
        self._latest = dict(state["latest"])
        self._dues.clear()

    def _keep(self, clock: Clock) -> None:
        self._clocks[clock.id] = clock
        if clock.rule in self.milestones:
            self._dues.clear()  # those of milestones may be counted back from it
        self._dues.pop(clock.id, None)

    def _forget(self) -> None:
        """Let the oldest ended clocks go beyond what is kept, so that a long case does not grow.

        The newest of each rule of the case stays.
        """
        newest = {clock_id for rule, clock_id in self._latest.items() if not self.rules[rule].per_step}
        closed = [clock.id for clock in self._clocks.values() if not clock.running and clock.id not in newest]
        for clock_id in closed[: max(0, len(closed) - self.settings.kept_closed)]:
            del self._clocks[clock_id]
            self._dues.pop(clock_id, None)

    def limit_of(self, rule: ClockRule) -> Limit | None:
        """The row of the table that holds for the case; None where it sets no limit for such a case."""
        facts = self._facts
        return self.table.row(rule.limit, Decimal(facts.voltage_kv), facts.sources, facts.dedicated, self._accepted_on)

    def _due(self, clock: Clock) -> Due | None:
        row = self.limit_of(self.rules[clock.rule])
        counted_from = self._counted_from(clock, row) if row else None
        if row is None or counted_from is None:
            return None
        day = row.after(clock.used).last_day(counted_from, self.calendar)
        return Due(clock.started, row, day, self.close, clock.moves[-1] if clock.moves else None, clock.used)

    def _counted_from(self, clock: Clock, row: Limit) -> dt.date | None:
        """The day that a limit is counted from: that of the start, or, back, the last day of a milestone's clock."""
        if not row.before:
            return shanghai_date(clock.started)
        whole = (self.rules[clock.rule].milestone_of, clock.started)
        due = next((self.due(one) for one in self if (one.rule, one.started) == whole), None)
        return due.date if due else None

    def _running_dues(self) -> dict[str, Due | None]:
        return {clock.id: self.due(clock) for clock in self if clock.running}

    def _recounted(self, before: Mapping[str, Due | None], at: dt.datetime, reason: str) -> list[Change]:
        self._dues.clear()
        return [
            self._moved(self._clocks[clock_id], old, at, reason, by_hand=False)
            for clock_id, old in before.items()
            if _known(old) != _known(self.due(self._clocks[clock_id]))
        ]

    def _moved(self, clock: Clock, before: Due | None, at: dt.datetime, reason: str, *, by_hand: bool) -> Change:
        due = self.due(clock)
        same = before is not None and due is not None and before.instant == due.instant and not by_hand
        kind = ChangeKind.CONFIRMED if same else ChangeKind.MOVED
        days = (due.date - before.date).days if before and due else 0
        previous = before.instant.isoformat() if before else ""
        return replace(self._change(kind, clock, at), previous=previous, days=days, reason=reason)

    def _change(self, kind: ChangeKind, clock: Clock, at: dt.datetime) -> Change:
        due, rule = self.due(clock), self.rules[clock.rule]
        return Change(
            kind,
            clock.id,
            rule.name,
            at.isoformat(),
            due.instant.isoformat() if due else "",
            bool(due and due.provisional),
            department=rule.department,
        )


def _known(due: Due | None) -> tuple[dt.datetime, bool] | None:
    return (due.instant, due.provisional) if due else None
