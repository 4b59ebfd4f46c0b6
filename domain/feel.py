"""The FEEL functions of the business, for expressions in diagrams, decisions and forms: working days, authorities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from domain.authority import ANY_KIND, AuthorityTable
from domain.calendar import WorkingCalendar, shanghai_date


def shipped_functions() -> Mapping[str, Callable[..., Any]]:
    """All of them by the shipped tables: for whoever reads or tries diagrams without a case."""
    return feel_functions(WorkingCalendar.shipped(), AuthorityTable.shipped())


def feel_functions(
    calendar: WorkingCalendar, authorities: AuthorityTable | None = None
) -> Mapping[str, Callable[..., Any]]:
    """`working days after(date, n)` and `working days between(a, b)`, counting by `calendar`, and with a table of
    authorities `authority(matter, voltageKv, projectKind, day)`.

    A day is given as FEEL date, as date and time (with an offset: its day in China; without: its own day), or as the
    ISO 8601 text of either, which is how process variables hold them. A whole number of days may be any numeric type.
    `working days after` answers a date, `working days between` a Decimal (days after `a` up to and including `b`).
    `authority` answers `domain.authority.Authority` as a context; its voltage may be a number or its text, its kind of
    project null. All raise `ValueError`, in words for the author of the expression, for anything else.

    Without a table there is no `authority`: cases that were started before there was one carry none, and no diagram of
    theirs asks for it.
    """

    def working_days_after(date: Any, n: Any) -> dt.date:
        return calendar.add_workdays(_day(date, "date"), _whole(n, "n")).date

    def working_days_between(a: Any, b: Any) -> Decimal:
        return Decimal(calendar.workdays_between(_day(a, "a"), _day(b, "b")))

    counting = {"working days after": working_days_after, "working days between": working_days_between}
    return {**counting, "authority": _authority_by(authorities)} if authorities else counting


def _authority_by(table: AuthorityTable) -> Callable[..., Any]:
    def authority(matter: Any, voltageKv: Any, projectKind: Any, day: Any) -> dict[str, Any]:  # noqa: N803
        kind = ANY_KIND if projectKind is None else _text(projectKind, "projectKind")
        voltage = voltageKv if isinstance(voltageKv, str) else _number(voltageKv, "voltageKv")
        return table.at(_text(matter, "matter"), voltage, _day(day, "day"), kind).to_json()

    return authority


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


def _text(value: Any, argument: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"argument {argument} is {_kind(value)}, not a text")
    return value


def _number(value: Any, argument: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"argument {argument} is {_kind(value)}, not a number")
    return Decimal(str(value))


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
