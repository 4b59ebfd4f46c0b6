"""The dates of a story that is written by working days, so that it can begin on any date.

Texts of a story may hold `{+N}` (the date N working days after the start), `{~N}` (N calendar days), `{year}` and
`{week+N}` (the ISO week of `{+N}`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE

APPOINTMENTS = ("reviewDate", "approvedDate")
"""Days agreed on beforehand that what is done later may not come before."""
_TOKEN = re.compile(r"\{(\+|~|week\+|year)(-?\d*)\}")
_ALWAYS = 1_000


@dataclass(frozen=True)
class Dates:
    """Resolves what a story says of dates."""

    calendar: WorkingCalendar
    start: date

    def of_act(self, number: int) -> Dates:
        """Those by which an act of that working day speaks."""
        del number
        return self

    def later(self, workdays: int) -> Dates:
        """Those of the same story begun so many working days later."""
        return replace(self, start=self.calendar.add_workdays(self.start, workdays).date)

    def workday(self, number: int) -> date:
        """The day that many working days after the start."""
        return self.calendar.add_workdays(self.start, number).date

    def instant(self, text: str) -> datetime:
        """`+3 09:30`: a time of a working day."""
        day, clock = text.split()
        return datetime.combine(self.workday(int(day)), time.fromisoformat(clock), BUSINESS_ZONE)

    def resolve(self, value: Any) -> Any:
        """The value with every token replaced."""
        if isinstance(value, str):
            return _TOKEN.sub(self._token, value)
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if isinstance(value, dict):
            return {name: self.resolve(item) for name, item in value.items()}
        return value

    def _token(self, match: re.Match[str]) -> str:
        kind, number = match.groups()
        if kind == "year":
            return str(self.start.year)
        if kind == "~":
            return (self.start + timedelta(days=int(number))).isoformat()
        day = self.workday(int(number))
        if kind == "+":
            return day.isoformat()
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"


@dataclass(frozen=True)
class OneDay(Dates):
    """Dates of a story all of whose acts are done on its first day: what each says of its own day or an earlier one is
    that day, what it plans lies as far ahead of it as in the story, but for appointments. `act` is the day of the act
    in the story."""

    act: int = 0

    def of_act(self, number: int) -> Dates:
        return replace(self, act=number)

    def workday(self, number: int) -> date:
        if number < 0:
            return super().workday(number)
        return self.start if number <= self.act else super().workday(number - self.act)

    def resolve(self, value: Any) -> Any:
        if isinstance(value, dict):
            kept = replace(self, act=_ALWAYS)
            return {name: (kept if name in APPOINTMENTS else self).resolve(item) for name, item in value.items()}
        return super().resolve(value)


def first_ordinary_monday(calendar: WorkingCalendar, start: date, weeks: int) -> date:
    """The first Monday, not before `start`, of so many weeks that each have five working days and two days off."""
    monday = start + timedelta(days=-start.weekday() % 7)
    while not all(_ordinary(calendar, monday + timedelta(days=day)) for day in range(7 * weeks)):
        monday += timedelta(weeks=1)
    return monday


def _ordinary(calendar: WorkingCalendar, day: date) -> bool:
    return calendar.is_workday(day) == (day.isoweekday() <= 5)
