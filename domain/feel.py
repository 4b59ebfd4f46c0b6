"""The FEEL functions of the business: working days, for expressions in diagrams, decisions and forms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from domain.calendar import WorkingCalendar, shanghai_date


def feel_functions(calendar: WorkingCalendar) -> Mapping[str, Callable[..., Any]]:
    """`working days after(date, n)` and `working days between(a, b)`, counting by `calendar`.

    A day is given as FEEL date, as date and time (with an offset: its day in China; without: its own day), or as the
    ISO 8601 text of either, which is how process variables hold them. A whole number of days may be any numeric type.
    `working days after` answers a date, `working days between` a Decimal (days after `a` up to and including `b`).
    Both raise `ValueError`, in words for the author of the expression, for anything else.
    """

    def working_days_after(date: Any, n: Any) -> dt.date:
        return calendar.add_workdays(_day(date, "date"), _whole(n, "n")).date

    def working_days_between(a: Any, b: Any) -> Decimal:
        return Decimal(calendar.workdays_between(_day(a, "a"), _day(b, "b")))

    return {"working days after": working_days_after, "working days between": working_days_between}


def _day(value: Any, argument: str) -> dt.date:
    if isinstance(value, str):
        return _day_of_text(value, argument)
    if isinstance(value, dt.datetime):
        return value.date() if value.tzinfo is None else shanghai_date(value)
    if isinstance(value, dt.date):
        return value
    raise ValueError(f"argument {argument} is {_kind(value)}, not a date")


def _day_of_text(text: str, argument: str) -> dt.date:
    try:
        if "T" in text:
            return _day(dt.datetime.fromisoformat(text), argument)
        if len(text) == len("YYYY-MM-DD"):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError(f'argument {argument}: "{text}" is not a date such as "2026-03-05"')


def _whole(value: Any, argument: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"argument {argument} is {_kind(value)}, not a number of days")
    try:
        whole = int(value)
    except (ValueError, OverflowError, ArithmeticError):
        raise ValueError(f"argument {argument}: {value} is not a whole number of days") from None
    if whole != value:
        raise ValueError(f"argument {argument}: {value} is not a whole number of days")
    return whole


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float | Decimal):
        return "a number"
    return "text" if isinstance(value, str) else f"a {type(value).__name__}"
