"""Working days in mainland China: counting them, and saying why a day counted or did not.

Rules: the starting day is not counted (民法典 201); a period of calendar days that would end on a rest day ends on the
next working day (民法典 203); the last day ends at 24:00. Which days are worked follows from the yearly tables of
`domain.calendars`. A year without an announced table gives *provisional* results that say so.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from domain.calendars import FIRST_DECEMBER_DAY_OF_NEXT_NOTICE, Holiday, Notice, YearTable, is_announced, shipped_tables
from domain.calendars.days import Day, DayKind, WorkedYear, short_date, spans, work_out
from domain.chinese import BUSINESS_ZONE, written_date

__all__ = [
    "MAX_DAYS",
    "Day",
    "DayKind",
    "DueDay",
    "Unit",
    "WorkingCalendar",
    "YearTable",
    "end_of_day",
    "shanghai_date",
]

MAX_DAYS = 10_000
"""The longest period that is counted, in days; some forty years of working days."""


class Unit(Enum):
    """What a period counts."""

    WORKDAYS = "工作日"
    CALENDAR_DAYS = "日"


@dataclass(frozen=True)
class DueDay:
    """The last day of a period, with everything needed to explain it.

    `rolled_from` is the rest day on which the period would have ended. `examined` are the first and last day whose
    being worked or not decided the result (none for calendar days that are not rolled over).
    """

    start: dt.date
    count: int
    unit: Unit
    date: dt.date
    provisional: bool
    rolled_from: dt.date | None
    examined: tuple[dt.date, dt.date] | None
    calendar: WorkingCalendar = field(repr=False, compare=False)

    @property
    def skipped(self) -> tuple[Day, ...]:
        """The days that did not count: rest days on the way, or those that the end was moved over."""
        return tuple(day for day in self._days() if not day.is_workday)

    @property
    def make_up_days(self) -> tuple[Day, ...]:
        """The weekend days that counted because they were worked."""
        return tuple(day for day in self._days() if day.kind is DayKind.MAKE_UP)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """The notices that the result rests on."""
        if self.examined is None:
            return ()
        first, last = self.examined
        return self.calendar.notices(first.year, last.year)

    def sentences(self) -> tuple[str, ...]:
        """The explanation in Chinese, one sentence each, for screen and paper."""
        parts = [self._result(), *self._rolled(), *self._not_counted(), *self._worked_weekends()]
        if self.examined is not None and self.provisional:
            parts.extend(self.calendar.provisional_because(*self.examined))
        parts.extend(
            f"依据：{notice.title}（{notice.number}，{written_date(notice.announced_on)}）。" for notice in self.notices
        )
        return tuple(parts)

    def _days(self) -> Iterator[Day]:
        if self.examined is not None:
            first, last = self.examined
            for ordinal in range(first.toordinal(), last.toordinal() + 1):
                yield self.calendar.day(dt.date.fromordinal(ordinal))

    def _result(self) -> str:
        start, end = written_date(self.start), written_date(self.rolled_from or self.date)
        if self.count == 0:
            return f"期限为{start}当日。"
        unit = "个工作日" if self.unit is Unit.WORKDAYS else "日"
        if self.count < 0:
            return f"{start}之前（当日不计）第{-self.count}{unit}为{end}。"
        return f"自{start}起算（当日不计）第{self.count}{unit}为{end}。"

    def _rolled(self) -> Iterator[str]:
        if self.rolled_from is not None:
            reason = self.calendar.day(self.rolled_from).reason
            direction = "顺延至其后" if self.date > self.rolled_from else "提前至其前"
            yield f"该日为休息日（{reason}），{direction}第一个工作日{written_date(self.date)}。"

    def _not_counted(self) -> Iterator[str]:
        if self.unit is Unit.CALENDAR_DAYS or self.rolled_from is not None:
            return
        by_reason: dict[str, list[dt.date]] = {}
        for day in self.skipped:
            by_reason.setdefault(day.reason, []).append(day.date)
        if by_reason:
            groups = (f"{reason}{spans(days, self.start.year)}" for reason, days in by_reason.items())
            yield f"不计入的日子：{'；'.join(groups)}；共{len(self.skipped)}天。"

    def _worked_weekends(self) -> Iterator[str]:
        worked = [f"{short_date(day.date, self.start.year)}（{day.reason}）" for day in self.make_up_days]
        if worked:
            yield f"计为工作日的周末：{'、'.join(worked)}。"


@dataclass(frozen=True)
class WorkingCalendar:
    """Counts working days from the tables it holds; a value that never changes and travels as JSON.

    The table of a year may also hold days in the last week of the December before, as the notices do. Years are worked
    out at first use and kept.
    """

    tables: Mapping[int, YearTable]
    _years: dict[int, WorkedYear] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def shipped(cls) -> WorkingCalendar:
        """The calendar of the tables that come with the program; raises `TableRefused` where one is wrong."""
        return cls(shipped_tables())

    def with_table(self, table: YearTable) -> WorkingCalendar:
        """A calendar in which `table` takes the place of what was known of its year."""
        return WorkingCalendar(dict(sorted({**self.tables, table.year: table}.items())))

    def day(self, date: dt.date) -> Day:
        """What kind of day `date` is."""
        ordinal, year = _ordinal(date), self._year(date.year)
        plain = DayKind.WEEKEND if date.weekday() >= 5 else DayKind.WORKDAY
        kind, holiday = year.special.get(ordinal, (plain, ""))
        return Day(date, kind, holiday, ordinal >= year.provisional_from)

    def is_workday(self, date: dt.date) -> bool:
        return self.day(date).is_workday

    def add_workdays(self, start: dt.date, count: int) -> DueDay:
        """The day on which `count` working days after `start` have passed.

        `start` is not counted. `count` 0 is `start` itself, or the next working day where `start` is a rest day; a
        negative count goes back (the working day that lies so many working days before `start`). The result is
        always a working day. Raises `ValueError` for more than `MAX_DAYS` days or a `start` that is not a plain date.
        """
        ordinal = _ordinal(start)
        _check_count(count)
        if count == 0:
            end = self._next_workday(ordinal)
            examined = (ordinal, end)
        elif count > 0:
            end = self._forward(start.year, ordinal, count)
            examined = (ordinal + 1, end)
        else:
            end = self._backward(start.year, ordinal, -count)
            examined = (end, ordinal - 1)
        rolled = start if count == 0 and end != ordinal else None
        return self._due(start, count, Unit.WORKDAYS, end, rolled, examined)

    def add_calendar_days(self, start: dt.date, count: int, roll_over: bool) -> DueDay:
        """The last day of a period of `count` calendar days; `start` is not counted.

        With `roll_over`, a period that would end on a rest day ends on the next working day (民法典 203); one counted
        back (negative `count`) ends on the working day before, so that a time of notice is never cut short. Raises
        `ValueError` as `add_workdays` does.
        """
        _check_count(count)
        end = landing = _ordinal(start) + count
        if not roll_over:
            return self._due(start, count, Unit.CALENDAR_DAYS, end, None, None)
        end = self._next_workday(landing) if count >= 0 else self._previous_workday(landing)
        rolled = dt.date.fromordinal(landing) if end != landing else None
        return self._due(start, count, Unit.CALENDAR_DAYS, end, rolled, (min(landing, end), max(landing, end)))

    def workdays_between(self, start: dt.date, end: dt.date) -> int:
        """How many working days lie after `start` up to and including `end`.

        With `end` before `start`, minus the number of those before `start` down to and including `end`: so
        `workdays_between(start, add_workdays(start, n).date) == n` for every n but 0 on a rest day.
        """
        first, last = _ordinal(start), _ordinal(end)
        if first <= last:
            return self._count(first + 1, last)
        return -self._count(last, first - 1)

    def notices(self, first_year: int, last_year: int) -> tuple[Notice, ...]:
        """The notices for those years, in the order of the years."""
        return tuple(
            notice
            for year in range(first_year, last_year + 1)
            if year in self.tables
            for notice in self.tables[year].notices
        )

    def provisional_because(self, first: dt.date, last: dt.date) -> tuple[str, ...]:
        """Why what rests on the days from `first` to `last` may still change, in Chinese; empty where it may not."""
        unknown = [year for year in range(first.year, last.year + 1) if not is_announced(year, self.tables)]
        parts = [_unannounced(year, year in self.tables) for year in unknown]
        if not unknown and last.toordinal() >= self._year(last.year).provisional_from:
            day = short_date(dt.date(last.year, 12, FIRST_DECEMBER_DAY_OF_NEXT_NOTICE), last.year)
            parts.append(f"暂定：{last.year}年{day}以后的上班安排可能随{last.year + 1}年的放假通知调整。")
        return tuple(parts)

    def to_json(self) -> dict[str, Any]:
        """The tables as compact JSON: by year, rows of name, first and last day off, make-up days; and the notices."""
        return {
            str(table.year): {
                "off": [
                    [row.name, *(day.isoformat() for day in (row.first, row.last, *row.make_up_days))]
                    for row in table.holidays
                ],
                "notices": [
                    [notice.title, notice.number, notice.announced_on.isoformat(), notice.source_url]
                    for notice in table.notices
                ],
            }
            for table in self.tables.values()
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> WorkingCalendar:
        """The calendar that `to_json` wrote; `ValueError` or `TypeError` for anything else."""
        return cls({int(year): _table(int(year), rows) for year, rows in data.items()})

    def _due(
        self,
        start: dt.date,
        count: int,
        unit: Unit,
        end: int,
        rolled: dt.date | None,
        examined: tuple[int, int] | None,
    ) -> DueDay:
        date = dt.date.fromordinal(end)
        if examined is None:
            return DueDay(start, count, unit, date, False, rolled, None, self)
        first, last = (dt.date.fromordinal(ordinal) for ordinal in examined)
        provisional = any(
            worked_out.provisional_from <= min(examined[1], worked_out.last)
            for worked_out in map(self._year, range(first.year, last.year + 1))
        )
        return DueDay(start, count, unit, date, provisional, rolled, (first, last), self)

    def _forward(self, year: int, after: int, count: int) -> int:
        workdays = self._year(year).workdays
        index = bisect_right(workdays, after) + count - 1
        while index >= len(workdays):
            index -= len(workdays)
            year += 1
            workdays = self._year(year).workdays
        return workdays[index]

    def _backward(self, year: int, before: int, count: int) -> int:
        workdays = self._year(year).workdays
        index = bisect_left(workdays, before) - count
        while index < 0:
            year -= 1
            workdays = self._year(year).workdays
            index += len(workdays)
        return workdays[index]

    def _next_workday(self, ordinal: int) -> int:
        return self._forward(dt.date.fromordinal(ordinal).year, ordinal - 1, 1)

    def _previous_workday(self, ordinal: int) -> int:
        return self._backward(dt.date.fromordinal(ordinal).year, ordinal + 1, 1)

    def _count(self, first: int, last: int) -> int:
        """The working days among the ordinals from `first` to `last`, both included."""
        if first > last:
            return 0
        if last - first > 2 * MAX_DAYS:
            raise ValueError(f"working days in a period of more than {2 * MAX_DAYS} days are not counted")
        years = range(dt.date.fromordinal(first).year, dt.date.fromordinal(last).year + 1)
        return sum(
            bisect_right(workdays, last) - bisect_left(workdays, first)
            for workdays in (self._year(year).workdays for year in years)
        )

    def _year(self, year: int) -> WorkedYear:
        worked_out = self._years.get(year)
        if worked_out is None:
            worked_out = self._years[year] = work_out(year, self.tables)
        return worked_out


def shanghai_date(instant: dt.datetime) -> dt.date:
    """The Chinese calendar day of an instant; `ValueError` for a datetime without offset."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no offset, so its day in China is unknown")
    return instant.astimezone(BUSINESS_ZONE).date()


def end_of_day(date: dt.date) -> dt.datetime:
    """The instant at which a Chinese calendar day is over: 24:00, which is 0:00 of the next day."""
    return dt.datetime.combine(date + dt.timedelta(1), dt.time(), BUSINESS_ZONE)


def _ordinal(date: dt.date) -> int:
    if type(date) is not dt.date:
        raise ValueError(f"{date!r} is not a plain date; take the day of an instant by shanghai_date")
    return date.toordinal()


def _check_count(count: int) -> None:
    if type(count) is not int or not -MAX_DAYS <= count <= MAX_DAYS:
        raise ValueError(f"{count!r} is not a whole number of days between -{MAX_DAYS} and {MAX_DAYS}")


def _unannounced(year: int, has_table: bool) -> str:
    known = "法定节日" if has_table else "元旦、劳动节、国庆节（农历节日未计）"
    return (
        f"暂定：{year}年的放假安排尚无国务院通知，暂按《全国年节及纪念日放假办法》的{known}推算，"
        "未计补假和调休，通知公布后应重新计算。"
    )


def _table(year: int, data: Mapping[str, Any]) -> YearTable:
    date = dt.date.fromisoformat
    holidays = tuple(
        Holiday(name, date(first), date(last), tuple(map(date, make_up))) for name, first, last, *make_up in data["off"]
    )
    notices = tuple(Notice(title, number, date(on), url) for title, number, on, url in data["notices"])
    return YearTable(year, holidays, notices)
