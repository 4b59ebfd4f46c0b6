"""All clocks of a case as rows for people: how each stands, when it is due, what it has climbed to, by which rule."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from domain.business_time import spoken
from domain.calendar import WorkingCalendar, shanghai_date
from domain.clock import Clock, Moment, Outcome
from domain.clock_rules import ClockRule
from domain.clocks import Clocks
from domain.due import Due
from domain.ladder import Ladder


@dataclass(frozen=True)
class ClockRow:
    """One clock as it stands; what is not there is empty. `left` are working days, below zero those it is late by.

    `unanswered` is true while its order waits for an answer here. `noted` are all moments that might have started it:
    the reply and the signature, whichever counts.
    """

    clock: Clock
    rule: ClockRule
    due: Due
    state: str
    colour: str
    left: int | None
    level: str
    order: str
    unanswered: bool
    noted: tuple[Moment, ...]

    def words(self) -> tuple[str, ...]:
        """The row as a table on paper shows it: name, state, colour, start, due, working days left, level, order."""
        mark = "（暂定）" if self.due.provisional else ""
        left = "" if self.left is None else str(self.left)
        due = f"{spoken(self.due.instant)}{mark}"
        return self.rule.name, self.state, self.colour, self._started(), due, left, self.level, self.order

    def to_json(self) -> dict[str, Any]:
        """The row as plain JSON with its explanation, instants ISO 8601."""
        return {
            "clock": self.clock.id,
            "name": self.rule.name,
            "department": self.rule.department,
            "milestone": bool(self.rule.milestone_of),
            "state": self.state,
            "colour": self.colour,
            "start": self.clock.started.isoformat(),
            "due": self.due.instant.isoformat(),
            "provisional": self.due.provisional,
            "stop": self.clock.ended.isoformat() if self.clock.ended else "",
            "left": self.left,
            "level": self.level,
            "order": self.order,
            "unanswered": self.unanswered,
            "limit": self.due.limit.id,
            "source": self.due.limit.source,
            "verified": self.due.limit.verified,
            "noted": [
                {"element": one.element, "name": one.name, "at": one.at.isoformat(), "counts": self._counts(one)}
                for one in self.noted
            ],
            "delays": [{**delay.to_json(), "name": delay.cause.title} for delay in self.clock.delays],
            "explanation": [
                *self.due.sentences(),
                *self._which_counts(),
                *(delay.sentence() for delay in self.clock.delays),
            ],
        }

    def _counts(self, moment: Moment) -> bool:
        return moment.at == self.clock.started

    def _started(self) -> str:
        """The start that counts and, in brackets, those that do not."""
        others = [f"{one.name}{_day(one.at)}" for one in self.noted if not self._counts(one)]
        return spoken(self.clock.started) + (f"（{'、'.join(others)}，不计）" if others else "")

    def _which_counts(self) -> Iterator[str]:
        counting = [one for one in self.noted if self._counts(one)]
        others = [one for one in self.noted if not self._counts(one)]
        if counting and others:
            said = "；".join(f"“{one.name}”（{spoken(one.at)}）不作为起算" for one in others)
            yield f"以“{counting[0].name}”（{spoken(counting[0].at)}）起算；{said}。"


HEADINGS = ("期限", "状态", "颜色", "起算", "截止", "剩余工作日", "层级", "督办单")
"""The headings of `ClockRow.words`."""


def clock_rows(clocks: Clocks, ladder: Ladder, now: dt.datetime) -> Iterator[ClockRow]:
    """The clocks in the order of their start; those that no limit is set for are left out."""
    for clock in clocks:
        due = clocks.due(clock)
        if due is None:
            continue
        order, levels = ladder.order(clock.id), ladder.levels_of(clock.id)
        yield ClockRow(
            clock,
            clocks.rule_of(clock),
            due,
            _state(clock, due, now),
            "" if clock.outcome is Outcome.DROPPED else ladder.colour(clock, now).value,
            _left(due, now, clocks.calendar) if clock.running else None,
            max(levels).title if levels else "",
            order.number if order else "",
            ladder.asks(clock),
            clocks.noted(clock.rule),
        )


def _day(moment: dt.datetime) -> str:
    day = shanghai_date(moment)
    return f"{day.month}月{day.day}日"


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
