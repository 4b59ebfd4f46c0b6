"""The yearly tables of days off and make-up working days, and the reading of their files.

One file `YYYY.json` per year that the State Council's General Office has announced, written from its notice.
`statutory.json` holds, for years not yet announced, only the days that 全国年节及纪念日放假办法 (revised 2024-11-10,
13 days) fixes by itself: what follows from them is provisional, because shifted rest days (调休) and substitute days
(补假) are decreed year by year.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
STATUTORY_FILE = "statutory.json"

FIRST_DECEMBER_DAY_OF_NEXT_NOTICE = 25
"""From this day of December on, only the next year's notice says which days are worked.

The notices for 2007, 2008, 2012, 2019 and 2023 all moved days of the December before; the earliest was 29 December.
"""

SOLAR_HOLIDAYS = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
"""Month and day of the statutory days that no notice can leave out."""


@dataclass(frozen=True)
class Notice:
    """The State Council notice that a table was made from."""

    title: str
    number: str
    announced_on: date
    source_url: str


@dataclass(frozen=True)
class Holiday:
    """One holiday: the days off from `first` to `last`, weekends among them included, and what is worked for it."""

    name: str
    first: date
    last: date
    make_up_days: tuple[date, ...] = ()

    def days_off(self) -> Iterator[date]:
        """Every day from `first` to `last`."""
        for offset in range((self.last - self.first).days + 1):
            yield self.first + timedelta(offset)


@dataclass(frozen=True)
class YearTable:
    """The holidays of one year. Without a notice the table is statutory only, and everything from it provisional."""

    year: int
    holidays: tuple[Holiday, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class TableFault:
    """One thing wrong with a table: in which file, at which date (or item), and what to do about it.

    `chinese` says the same to those who load a calendar; a fault of the form of a shipped file has no such sentence.
    """

    file: str
    where: str
    problem: str
    remedy: str
    chinese: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.where}: {self.problem}; {self.remedy}"


class TableRefused(ValueError):
    """A table that must not be used; `faults` says everything that is wrong with it."""

    def __init__(self, faults: Iterable[TableFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def read_table(text: str, file: str) -> YearTable:
    """The table that a year's file (or the body of a message with a new notice) holds.

    Raises `TableRefused` with all that is wrong: a form that is not that of the file, dates that do not exist, a
    make-up day on a weekday or on a day off, days off outside the year, overlapping holidays, a statutory day left out,
    no notice.
    """
    reader = _Reader(file)
    table = reader.table(reader.document(text))
    if not reader.faults and not table.notices:
        reader.fault("notices", "names no notice", "give title, number, announced_on and source_url of the notice")
    if not reader.faults:
        reader.faults.extend(check(table, file))
    if reader.faults:
        raise TableRefused(reader.faults)
    return table


def read_statutory(text: str, file: str) -> tuple[YearTable, ...]:
    """The statutory-only tables of years without a notice; the same checks and errors as `read_table`."""
    reader = _Reader(file)
    document = reader.document(text)
    tables = [reader.table(year) for year in reader.objects(document, "years", STATUTORY_FILE)]
    if not reader.faults:
        reader.faults.extend(fault for table in tables for fault in check(table, file))
    if reader.faults:
        raise TableRefused(reader.faults)
    return tuple(tables)


@cache
def shipped_tables() -> Mapping[int, YearTable]:
    """All tables of this folder by year; an announced table takes the place of the statutory one.

    Raises `TableRefused` for a file that is wrong or named for another year.
    """
    statutory = read_statutory((FOLDER / STATUTORY_FILE).read_text("utf-8"), STATUTORY_FILE)
    tables = {table.year: table for table in statutory}
    for path in sorted(FOLDER.glob("[0-9]*.json")):
        table = read_table(path.read_text("utf-8"), path.name)
        if path.stem != str(table.year):
            fault = TableFault(path.name, "year", f"the file holds {table.year}", f"name it {table.year}.json")
            raise TableRefused([fault])
        tables[table.year] = table
    return dict(sorted(tables.items()))


def is_news(tables: Mapping[int, YearTable], known: Mapping[int, YearTable]) -> bool:
    """Whether `tables` may replace the `known` ones: they differ, leave out no year, and rest on no older notice."""
    return tables != known and all(
        year in tables and _announced(tables[year]) >= _announced(table) for year, table in known.items()
    )


def _announced(table: YearTable) -> date:
    """When the newest notice of a year was announced."""
    return max((notice.announced_on for notice in table.notices), default=date.min)


def is_announced(year: int, tables: Mapping[int, YearTable]) -> bool:
    """Whether a notice says which days of `year` are worked."""
    return year in tables and bool(tables[year].notices)


def check(table: YearTable, file: str) -> Iterator[TableFault]:
    """What is wrong with the days of a table whose form is right."""
    off: dict[date, str] = {}
    for holiday in table.holidays:
        if faults := list(_check_holiday(holiday, table.year, file)):
            yield from faults
            continue
        for day in holiday.days_off():
            if day in off:
                yield TableFault(
                    file,
                    day.isoformat(),
                    f"is a day off of both {off[day]} and {holiday.name}",
                    "write two holidays that fall together as one row, such as 国庆节、中秋节",
                    f"{day}同属{off[day]}和{holiday.name}，两节相连的请合写一行，如“国庆节、中秋节”",
                )
            off[day] = holiday.name
    yield from _check_make_up_days(table, off, file)
    for month, day_of_month in SOLAR_HOLIDAYS:
        day = date(table.year, month, day_of_month)
        if day not in off:
            chinese = f"{day}是法定节假日，却不在放假之列"
            yield TableFault(
                file, day.isoformat(), "is a statutory holiday but not a day off", "add its holiday", chinese
            )
    for notice in table.notices:
        if notice.announced_on.year > table.year:
            on, remedy = notice.announced_on.isoformat(), "give the date of the notice for this year"
            yield TableFault(
                file, on, "announced_on is after the year", remedy, f"通知的公布日期{on}晚于{table.year}年"
            )
        if not notice.source_url.startswith("https://"):
            problem, chinese = f"source_url {notice.source_url!r} is no https address", "通知的网址应以 https:// 开头"
            yield TableFault(file, "notices", problem, "give it in full", chinese)


def _check_holiday(holiday: Holiday, year: int, file: str) -> Iterator[TableFault]:
    if holiday.last < holiday.first:
        problem, chinese = f"{holiday.name} ends before it begins", f"{holiday.name}的末日早于首日"
        yield TableFault(file, holiday.first.isoformat(), problem, "swap first and last", chinese)
    for day in (holiday.first, holiday.last):
        if not _may_hold(year, day):
            yield TableFault(
                file,
                day.isoformat(),
                f"day off of {holiday.name} lies outside {year}",
                f"write it into {day.year}.json (only the last week of December {year - 1} may stand here)",
                f"{holiday.name}的放假日{day}不在{year}年之内（只可含上年12月最后一周）",
            )


def _check_make_up_days(table: YearTable, off: Mapping[date, str], file: str) -> Iterator[TableFault]:
    seen: dict[date, str] = {}
    for holiday in table.holidays:
        for day in holiday.make_up_days:
            where = day.isoformat()
            if day.weekday() < 5:
                remedy = "a make-up day is a Saturday or Sunday: compare it with the notice"
                chinese = f"{holiday.name}的调休上班日{day}不是周末，请与通知核对"
                yield TableFault(file, where, f"make-up day of {holiday.name} is a weekday", remedy, chinese)
            if day in off:
                problem = f"make-up day of {holiday.name} is also a day off of {off[day]}"
                chinese = f"{holiday.name}的调休上班日{day}又是{off[day]}的放假日"
                yield TableFault(file, where, problem, "take it out of one of the two", chinese)
            if day in seen:
                problem, chinese = f"make-up day of {seen[day]} is given twice", f"{seen[day]}的调休上班日{day}写了两次"
                yield TableFault(file, where, problem, "remove one of them", chinese)
            if not _may_hold(table.year, day):
                problem, remedy = (
                    f"make-up day of {holiday.name} lies outside {table.year}",
                    f"write it into {day.year}.json",
                )
                chinese = f"{holiday.name}的调休上班日{day}不在{table.year}年之内"
                yield TableFault(file, where, problem, remedy, chinese)
            seen[day] = holiday.name


def _may_hold(year: int, day: date) -> bool:
    if day.year == year:
        return True
    return day >= date(year - 1, 12, FIRST_DECEMBER_DAY_OF_NEXT_NOTICE) and day.year == year - 1


class _Reader:
    """Reads the form of a file and keeps every fault found on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[TableFault] = []

    def fault(self, where: str, problem: str, remedy: str) -> None:
        self.faults.append(TableFault(self.file, where, problem, remedy))

    def document(self, text: str) -> Mapping[str, Any]:
        try:
            document = json.loads(text)
        except ValueError as error:
            self.fault("whole file", f"is not JSON ({error})", "correct it there")
            return {}
        if not isinstance(document, dict):
            self.fault("whole file", "is not a JSON object", "write year, notices and holidays as in the other files")
            return {}
        return document

    def table(self, data: Mapping[str, Any]) -> YearTable:
        if not data:
            return YearTable(1, ())
        self.known(data, ("year", "notices", "holidays"), "table")
        year = data.get("year")
        if not isinstance(year, int) or isinstance(year, bool) or not 1950 <= year <= 2200:
            self.fault("year", f"{year!r} is not a year", "write it as a number such as 2027")
            year = 1
        holidays = tuple(self.holiday(row) for row in self.objects(data, "holidays", str(year)))
        notices = tuple(self.notice(row) for row in self.objects(data, "notices", str(year), optional=True))
        return YearTable(year, holidays, notices)

    def holiday(self, row: Mapping[str, Any]) -> Holiday:
        name = self.text(row, "name", "holiday")
        where = f"holiday {name or '?'}"
        self.known(row, ("name", "first", "last", "make_up_days"), where)
        make_up = row.get("make_up_days", [])
        if not isinstance(make_up, list):
            self.fault(where, "make_up_days is not a list", 'write ["YYYY-MM-DD", ...]')
            make_up = []
        first, last = self.day(row.get("first"), f"{where} first"), self.day(row.get("last"), f"{where} last")
        return Holiday(name, first, last, tuple(self.day(day, f"{where} make_up_days") for day in make_up))

    def notice(self, row: Mapping[str, Any]) -> Notice:
        self.known(row, ("title", "number", "announced_on", "source_url"), "notice")
        return Notice(
            self.text(row, "title", "notice"),
            self.text(row, "number", "notice"),
            self.day(row.get("announced_on"), "notice announced_on"),
            self.text(row, "source_url", "notice"),
        )

    def objects(
        self, data: Mapping[str, Any], key: str, where: str, *, optional: bool = False
    ) -> list[Mapping[str, Any]]:
        rows = data.get(key, [] if optional else None)
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            return rows
        if data:
            self.fault(where, f"{key} is not a list of objects", "write it as in the other files")
        return []

    def known(self, data: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
        for key in data:
            if key not in keys:
                self.fault(where, f"has an unknown field {key!r}", f"use only {', '.join(keys)}")

    def text(self, row: Mapping[str, Any], key: str, where: str) -> str:
        value = row.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.fault(where, f"{key} is missing", "write it as text")
        return ""

    def day(self, value: Any, where: str) -> date:
        try:
            if isinstance(value, str) and len(value) == len("YYYY-MM-DD"):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.fault(where, f"{value!r} is not a date", "write an existing day as YYYY-MM-DD")
        return date.min
