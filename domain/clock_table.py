"""All clocks of a case as rows for people: how each stands, when it is due, what it has climbed to, by which rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.business_time import spoken
from domain.calendar import WorkingCalendar, shanghai_date
from domain.clock import Clock, Outcome
from domain.clocks import Clocks
from domain.due import Due
from domain.ladder import Ladder


@dataclass(frozen=True)
class ClockRow:
    """One clock as it stands; what is not there is empty. `left` are working days, below zero those it is late by."""

    clock: str
    name: str
    department: str
    state: str
    colour: str
    started: str
    due: str
    provisional: bool
    left: int | None
    level: str
    order: str
    limit: str
    source: str
    verified: bool
    explanation: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The row as plain JSON."""
        return {**self.__dict__, "explanation": list(self.explanation)}

    def words(self) -> tuple[str, ...]:
        """The row as a table on paper shows it: name, state, colour, start, due, working days left, level, order."""
        mark = "（暂定）" if self.provisional else ""
        left = "" if self.left is None else str(self.left)
        return self.name, self.state, self.colour, self.started, f"{self.due}{mark}", left, self.level, self.order


HEADINGS = ("期限", "状态", "颜色", "起算", "截止", "剩余工作日", "层级", "督办单")
"""The headings of `ClockRow.words`."""


def clock_rows(clocks: Clocks, ladder: Ladder, now: dt.datetime) -> Iterator[ClockRow]:
    """The clocks in the order of their start; those that no limit is set for are left out."""
    for clock in clocks:
        due = clocks.due(clock)
        if due is None:
            continue
        rule, order = clocks.rule_of(clock), ladder.order(clock.id)
        levels = ladder.levels_of(clock.id)
        yield ClockRow(
            clock.id,
            rule.name,
            rule.department,
            _state(clock, due, now),
            "" if clock.outcome is Outcome.DROPPED else ladder.colour(clock, now).value,
            spoken(clock.started),
            spoken(due.instant),
            due.provisional,
            _left(due, now, clocks.calendar) if clock.running else None,
            max(levels).title if levels else "",
            order.number if order else "",
            due.limit.id,
            due.limit.source,
            due.limit.verified,
            due.sentences(),
        )


def _state(clock: Clock, due: Due, now: dt.datetime) -> str:
    if clock.outcome is Outcome.DROPPED:
        return "已取消"
    if clock.outcome is Outcome.PASSED_ON:
        return "已移交"
    if clock.ended:
        return "按期完成" if clock.ended <= due.instant else "超期完成"
    return "已超期" if now >= due.instant else "计时中"


def _left(due: Due, now: dt.datetime, calendar: WorkingCalendar) -> int:
    return calendar.workdays_between(shanghai_date(now), due.date)
