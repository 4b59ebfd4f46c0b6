"""What is wrong with the form of a calendar that somebody sends, in Chinese, by year and row.

The form is that of `domain.calendar.WorkingCalendar.to_json`; whether its days can be right, says `domain.calendars`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeGuard

_FIRST_YEAR, _LAST_YEAR = 1950, 2200


def form_faults(data: Mapping[str, Any]) -> Iterator[str]:
    """Each fault of the form; none where `WorkingCalendar.from_json` can read it."""
    for year, table in data.items():
        if not (year.isascii() and year.isdecimal() and len(year) == 4 and _FIRST_YEAR <= int(year) <= _LAST_YEAR):
            yield f"“{year}”不是年份，应如 2027"
        elif not isinstance(table, dict) or not all(isinstance(table.get(part), list) for part in ("off", "notices")):
            yield f"{year}年：应有 off（放假）和 notices（通知）两个列表"
        else:
            for number, row in enumerate(table["off"], 1):
                yield from _off_faults(f"{year}年放假第{number}行", row)
            for number, row in enumerate(table["notices"], 1):
                yield from _notice_faults(f"{year}年通知第{number}行", row)


def _off_faults(where: str, row: Any) -> Iterator[str]:
    if not _is_texts(row) or len(row) < 3:
        yield f"{where}：应依次为名称、首日、末日、各调休上班日"
    else:
        yield from _day_faults(where, row[1:])


def _notice_faults(where: str, row: Any) -> Iterator[str]:
    if not _is_texts(row) or len(row) != 4:
        yield f"{where}：应依次为标题、文号、公布日期、网址"
    else:
        yield from _day_faults(where, row[2:3])


def _day_faults(where: str, days: Iterable[str]) -> Iterator[str]:
    for day in days:
        try:
            dt.date.fromisoformat(day)
        except ValueError:
            yield f"{where}：“{day}”不是日期，应如 2027-01-01"


def _is_texts(row: Any) -> TypeGuard[list[str]]:
    return isinstance(row, list) and all(isinstance(one, str) for one in row)
