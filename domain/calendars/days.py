"""What kind of day each day of a year is, worked out from the tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from domain.calendars import FIRST_DECEMBER_DAY_OF_NEXT_NOTICE, SOLAR_HOLIDAYS, Holiday, YearTable, is_announced
from domain.chinese import written_date

_SOLAR_NAMES = {1: "元旦", 5: "劳动节", 10: "国庆节"}
_SECOND_MAY_SINCE = 2025
_A_MONDAY = dt.date(1, 1, 1).toordinal()


class DayKind(Enum):
    """Why a day is worked or not."""

    WORKDAY = "工作日"
    MAKE_UP = "调休上班"
    WEEKEND = "周末"
    HOLIDAY = "节假日"


@dataclass(frozen=True)
class Day:
    """One day: its kind, for which holiday (make-up days too), and whether a notice still to come may change it."""

    date: dt.date
    kind: DayKind
    holiday: str
    provisional: bool

    @property
    def is_workday(self) -> bool:
        return self.kind in (DayKind.WORKDAY, DayKind.MAKE_UP)

    @property
    def reason(self) -> str:
        """In Chinese: 工作日, 周末, the holiday's name, or 春节调休上班."""
        if self.kind is DayKind.MAKE_UP:
            return f"{self.holiday}{self.kind.value}"
        return self.holiday or self.kind.value


@dataclass(frozen=True)
class WorkedYear:
    """One year worked out, days as proleptic ordinals.

    `special` holds days off and make-up days with their holiday; from `provisional_from` on (possibly beyond `last`)
    a notice still to come may change what is here.
    """

    workdays: tuple[int, ...]
    special: Mapping[int, tuple[DayKind, str]]
    last: int
    provisional_from: int


def work_out(year: int, tables: Mapping[int, YearTable]) -> WorkedYear:
    """The days of `year` by its own table and, for its last week, that of the next year.

    Without a table only weekends and the statutory days of fixed solar date are off.
    """
    own = tables[year].holidays if year in tables else _solar_holidays(year)
    following = tables[year + 1].holidays if year + 1 in tables else ()
    special: dict[int, tuple[DayKind, str]] = {}
    for holiday in (*own, *following):
        special.update((day.toordinal(), (DayKind.HOLIDAY, holiday.name)) for day in holiday.days_off())
        special.update((day.toordinal(), (DayKind.MAKE_UP, holiday.name)) for day in holiday.make_up_days)
    first, last = dt.date(year, 1, 1).toordinal(), dt.date(year, 12, 31).toordinal()
    workdays = tuple(day for day in range(first, last + 1) if _is_workday(day, special))
    return WorkedYear(workdays, special, last, _provisional_from(year, tables))


def short_date(date: dt.date, year: int) -> str:
    """The date without its year where that is `year`: 10月1日."""
    return f"{date.month}月{date.day}日" if date.year == year else written_date(date)


def spans(days: list[dt.date], year: int) -> str:
    """Days in order as 10月1日至7日、10月10日: runs of consecutive days as one, the year where it is not `year`."""
    runs: list[list[dt.date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == dt.timedelta(1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return "、".join(_span(run[0], run[-1], year) for run in runs)


def _is_workday(ordinal: int, special: Mapping[int, tuple[DayKind, str]]) -> bool:
    if ordinal in special:
        return special[ordinal][0] is DayKind.MAKE_UP
    return (ordinal - _A_MONDAY) % 7 < 5


def _provisional_from(year: int, tables: Mapping[int, YearTable]) -> int:
    if not is_announced(year, tables):
        return dt.date(year, 1, 1).toordinal()
    if not is_announced(year + 1, tables):
        return dt.date(year, 12, FIRST_DECEMBER_DAY_OF_NEXT_NOTICE).toordinal()
    return dt.date(year, 12, 31).toordinal() + 1


def _solar_holidays(year: int) -> tuple[Holiday, ...]:
    days = [dt.date(year, month, day) for month, day in SOLAR_HOLIDAYS]
    if year >= _SECOND_MAY_SINCE:
        days.append(dt.date(year, 5, 2))
    return tuple(Holiday(_SOLAR_NAMES[day.month], day, day) for day in days)


def _span(first: dt.date, last: dt.date, year: int) -> str:
    if first == last:
        return short_date(first, year)
    end = f"{last.day}日" if (first.year, first.month) == (last.year, last.month) else short_date(last, first.year)
    return f"{short_date(first, year)}至{end}"
