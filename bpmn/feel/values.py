"""FEEL values in Python: their kinds, equality and order, and the way from and to plain JSON.

null None, boolean bool, number Decimal, string str, list list, context dict, date and time types of `temporal`,
`Range`, and functions (`calls`). Variables come as plain JSON: `lift` turns one scalar into its FEEL value at the
moment it is read; a list or context stays as it came, and its items are lifted when they are taken out.
"""

from __future__ import annotations

import datetime as py
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bpmn.feel.environment import MAX_NESTING, BudgetExceeded
from bpmn.feel.numbers import from_float, text_of
from bpmn.feel.temporal import SECOND, Date, DateTime, DaysDuration, MonthsDuration, Time, from_python
from bpmn.feel.temporal_text import format_temporal

_MAX_JSON_PARTS = 250_000
_TOO_LARGE = Decimal("1E+300")


@dataclass(frozen=True, slots=True)
class Range:
    """The values between `low` and `high`; None is an open side. `operator` is set where it was written as `(< 10)`."""

    low: Any
    high: Any
    low_closed: bool
    high_closed: bool
    operator: str = ""


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function as a value. `call(run, positional, named)` gives its result."""

    name: str
    parameters: tuple[str, ...]
    call: Callable[[Any, tuple[Any, ...], dict[str, Any] | None], Any]


_LIFT: dict[type, Callable[[Any], Any]] = {
    int: Decimal,
    float: from_float,
    py.date: from_python,
    py.datetime: from_python,
    py.time: from_python,
    py.timedelta: from_python,
    tuple: list,
}
LIFT_OF = _LIFT.get


def lift(value: Any) -> Any:
    """A plain value as FEEL's; containers stay as they are."""
    convert = LIFT_OF(type(value))
    return value if convert is None else convert(value)


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysDuration: "days and time duration",
    MonthsDuration: "years and months duration",
    Range: "range",
    FunctionValue: "function",
}


def kind(value: Any) -> str:
    """The name of a lifted value's type, as FEEL calls it."""
    return _KINDS.get(type(value)) or ("context" if isinstance(value, Mapping) else type(value).__name__)


def a_kind(value: Any) -> str:
    """The same with its article, for messages."""
    what = kind(value)
    return what if what == "null" else f"a {what}"


def equal(left: Any, right: Any, nesting: int = 0) -> bool | None:
    """Whether two values are equal; None where their kinds differ, so that they cannot be compared (table 53)."""
    left, right = lift(left), lift(right)
    if left is None or right is None:
        return left is right
    what = kind(left)
    if what != kind(right):
        return None
    if what == "list":
        return _equal_lists(left, right, nesting)
    if what == "context":
        return _equal_contexts(left, right, nesting)
    if what == "date and time":
        return _equal_date_times(left, right)
    if what == "time":
        return _equal_times(left, right)
    return bool(left == right)


def _check(nesting: int) -> None:
    if nesting > MAX_NESTING:
        raise BudgetExceeded(f"the value is nested more than {MAX_NESTING} levels deep")


def _equal_lists(left: list[Any], right: list[Any], nesting: int) -> bool:
    if len(left) != len(right):
        return False
    _check(nesting)
    return all(equal(one, other, nesting + 1) is True for one, other in zip(left, right, strict=True))


def _equal_contexts(left: Mapping[str, Any], right: Mapping[str, Any], nesting: int) -> bool:
    if len(left) != len(right):
        return False
    _check(nesting)
    return all(key in right and equal(value, right[key], nesting + 1) is True for key, value in left.items())


def _equal_date_times(left: DateTime, right: DateTime) -> bool:
    if (left.utc_offset() is None) != (right.utc_offset() is None):
        return False
    return left.instant() // SECOND == right.instant() // SECOND


def _equal_times(left: Time, right: Time) -> bool:
    if left.zone is not None or right.zone is not None:
        return left.zone == right.zone and left.nanos // SECOND == right.nanos // SECOND
    if (left.offset is None) != (right.offset is None):
        return False
    return left.nanos // SECOND - (left.offset or 0) == right.nanos // SECOND - (right.offset or 0)


def order(left: Any, right: Any) -> int | None:
    """Negative, zero or positive as `left` is before, at or after `right`; None where they have no order."""
    keys = _order_key(left), _order_key(right)
    if keys[0] is None or keys[1] is None or keys[0][0] != keys[1][0]:
        return None
    one, other = keys[0][1], keys[1][1]
    return int(one > other) - int(one < other)


def _order_key(value: Any) -> tuple[str, Any] | None:
    match value:
        case bool():
            return None
        case Decimal():
            return "number", value
        case str():
            return "string", value
        case Date():
            return "date", (value.year, value.month, value.day)
        case DateTime():
            return ("local" if value.utc_offset() is None else "instant"), value.instant()
        case Time():
            return ("time" if value.offset is None else "offset"), value.nanos - (value.offset or 0) * SECOND
        case DaysDuration():
            return "days", value.nanos
        case MonthsDuration():
            return "months", value.months
    return None


def to_json(value: Any) -> Any:
    """A FEEL value as a plain JSON value, for a process variable.

    An integral number becomes an int, another a float (one beyond a float's bounds its text); dates, times and
    durations become ISO text, a range its FEEL text; a function, which no variable can hold, becomes null. Raises
    `BudgetExceeded` for a value nested more than 100 levels deep, or of more than 250,000 parts.
    """
    return _Writer().write(value, 0)


class _Writer:
    """Counts what it writes: a list can hold another one many times over, which JSON cannot share."""

    def __init__(self) -> None:
        self.left = _MAX_JSON_PARTS

    def write(self, value: Any, nesting: int) -> Any:
        if value is None or isinstance(value, bool | str | int):
            return value
        if isinstance(value, Decimal):
            return _number_to_json(value)
        if isinstance(value, list | tuple | Mapping):
            return self._container(value, nesting)
        if isinstance(value, float):
            return None if from_float(value) is None else value
        if isinstance(value, FunctionValue):
            return None
        return text_of_value(lift(value))

    def _container(self, value: Any, nesting: int) -> Any:
        _check(nesting)
        self.left -= len(value)
        if self.left < 0:
            raise BudgetExceeded(f"the value has more than {_MAX_JSON_PARTS} parts")
        if isinstance(value, Mapping):
            return {str(key): self.write(item, nesting + 1) for key, item in value.items()}
        return [self.write(item, nesting + 1) for item in value]


def _number_to_json(value: Decimal) -> int | float | str:
    if not value:
        return 0
    number = float(value)
    if (
        value == value.to_integral_value()
        and abs(value) < _TOO_LARGE
        and (int(number) == value or "E" not in str(value))
    ):
        return int(value)
    return number if number and abs(number) != float("inf") else str(value)


def text_of_value(value: Any) -> str:
    """The text that `string()` gives for a date, time, duration or range."""
    if isinstance(value, Range):
        return _range_text(value)
    return format_temporal(value) or str(value)


def _range_text(value: Range) -> str:
    if value.operator:
        operand = value.high if value.operator in ("<", "<=") else value.low
        return f"({value.operator}{literal_text(operand)})"
    opening, closing = ("[" if value.low_closed else "("), ("]" if value.high_closed else ")")
    return f"{opening}{literal_text(value.low)}..{literal_text(value.high)}{closing}"


def literal_text(value: Any) -> str:
    """A value as it would be written in FEEL."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return text_of(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    text = text_of_value(value)
    return text if isinstance(value, Range) else f'@"{text}"'
