"""What is wrong with the form of a calendar that somebody sends, in Chinese, by year and row.

The form is that of `domain.calendar.WorkingCalendar.to_json`; whether its days can be right, says `domain.calendars`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

from domain.calendar import WorkingCalendar
from domain.calendars import check
from domain.fields import FieldProblem, MissingFields

_FIRST_YEAR, _LAST_YEAR = 1950, 2200
_DOING = "采用这份放假安排表"


def read_calendar(data: Mapping[str, Any]) -> WorkingCalendar:
    """The calendar that somebody sends, its years in order. Raises `MissingFields` with all that is wrong with it."""
    if not data:
        raise MissingFields(_DOING, [FieldProblem("content", "放假安排表", "没有任何年份")])
    if problems := list(form_problems(data)):
        raise MissingFields(_DOING, problems)
    calendar = WorkingCalendar(dict(sorted(WorkingCalendar.from_json(data).tables.items())))
    problems = [
        FieldProblem(f"{year}.{fault.where}", f"{year}年", f"：{fault.chinese}")
        for year, table in calendar.tables.items()
        for fault in check(table, f"{year}.json")
    ]
    if problems:
        raise MissingFields(_DOING, problems)
    return calendar


def form_faults(data: Mapping[str, Any]) -> Iterator[str]:
    """Each fault of the form; none where `WorkingCalendar.from_json` can read it."""
    for one in form_problems(data):
        yield f"{one.label}{one.problem}"


def form_problems(data: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """The faults of the form with the places where they stand, rows counted from 1: `2027.off[1]`."""
    for year, table in data.items():
        if not (year.isascii() and year.isdecimal() and len(year) == 4 and _FIRST_YEAR <= int(year) <= _LAST_YEAR):
            yield FieldProblem(year, f"“{year}”", "不是年份，应如 2027")
        elif not isinstance(table, dict) or not all(isinstance(table.get(part), list) for part in ("off", "notices")):
            yield FieldProblem(year, f"{year}年", "：应有 off（放假）和 notices（通知）两个列表")
        else:
            for number, row in enumerate(table["off"], 1):
                for fault in _off_faults(row):
                    yield FieldProblem(f"{year}.off[{number}]", f"{year}年放假第{number}行", f"：{fault}")
            for number, row in enumerate(table["notices"], 1):
                for fault in _notice_faults(row):
                    yield FieldProblem(f"{year}.notices[{number}]", f"{year}年通知第{number}行", f"：{fault}")


def _off_faults(row: Any) -> Iterator[str]:
    if not _is_texts(row) or len(row) < 3:
        yield "应依次为名称、首日、末日、各调休上班日"
    else:
        yield from _day_faults(row[1:])


def _notice_faults(row: Any) -> Iterator[str]:
    if not _is_texts(row) or len(row) != 4:
        yield "应依次为标题、文号、公布日期、网址"
    else:
        yield from _day_faults(row[2:3])


def _day_faults(days: Iterable[str]) -> Iterator[str]:
    for day in days:
        try:
            dt.date.fromisoformat(day)
        except ValueError:
            yield f"“{day}”不是日期，应如 2027-01-01"


def _is_texts(row: Any) -> TypeGuard[list[str]]:
    return isinstance(row, list) and all(isinstance(one, str) for one in row)
