"""A case as a story: who does what on which working day, written so that it can begin on any date.

Texts of a scenario may hold `{+N}` (the date N working days after the start), `{~N}` (N calendar days), `{year}` and
`{week+N}` (the ISO week of `{+N}`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from domain.acts import AcknowledgeLevel, AnswerOrder
from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE

_TOKEN = re.compile(r"\{(\+|~|week\+|year)(-?\d*)\}")


@dataclass(frozen=True)
class Act:
    """Somebody completes the task of an element at an instant."""

    at: datetime
    by: str
    element: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Reaction:
    """Somebody reacts to a level of the ladder at an instant."""

    at: datetime
    by: str
    act: AcknowledgeLevel | AnswerOrder


@dataclass(frozen=True)
class Scenario:
    """A story that begins on `start`."""

    title: str
    process: str
    start: date
    variables: dict[str, Any]
    acts: list[Act | Reaction]


def read_scenario(name: str, start: date | None = None) -> Scenario:
    """The scenario of that name, begun on `start` (the next working day, if that is none), or as it is written."""
    told = json.loads(Path(__file__).with_name(f"{name}.json").read_text("utf-8"))
    calendar = WorkingCalendar.shipped()
    first = calendar.add_workdays(start or date.fromisoformat(told["start"]), 0).date
    dates = Dates(calendar, first)
    acts = [_act(dates, act) for act in told["acts"]]
    return Scenario(told["title"], told["process"], first, dates.resolve(told["variables"]), acts)


def _act(dates: Dates, told: Mapping[str, Any]) -> Act | Reaction:
    at, by = dates.instant(told["at"]), told["by"]
    if "acknowledge" in told:
        return Reaction(at, by, AcknowledgeLevel(by=by, **told["acknowledge"]))
    if "answer" in told:
        return Reaction(at, by, AnswerOrder(by=by, **dates.resolve(told["answer"])))
    return Act(at, by, told["element"], dates.resolve(told["data"]))


@dataclass(frozen=True)
class Dates:
    """Resolves what a scenario says of dates."""

    calendar: WorkingCalendar
    start: date

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
