"""What FEEL's operators make of two values (DMN 1.5, tables 52 to 56); None is "no meaning", which becomes null."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bpmn.feel.numbers import CONTEXT, NumberError, guarded
from bpmn.feel.temporal import (
    DAY,
    SECOND,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    add_months,
    at_instant,
    civil_from_days,
    midnight,
)
from bpmn.feel.values import Range, equal, kind, lift, order

MAX_DURATION_DIGITS = 30


def add(left: Any, right: Any) -> Any:
    if type(left) is str and type(right) is str:
        return left + right
    result = _shift(left, right, 1)
    return _shift(right, left, 1) if result is None else result


def subtract(left: Any, right: Any) -> Any:
    match left, right:
        case (Date() | DateTime(), Date() | DateTime()):
            return _span(left, right)
        case (Time(), Time()):
            if (_time_offset(left) is None) != (_time_offset(right) is None):
                return None
            return DaysDuration(_time_instant(left) - _time_instant(right))
    return _shift(left, right, -1)


def _shift(value: Any, duration: Any, sign: int) -> Any:
    """`value` moved by a duration, forward or back."""
    match value, duration:
        case (DaysDuration(), DaysDuration()):
            return DaysDuration(value.nanos + sign * duration.nanos)
        case (MonthsDuration(), MonthsDuration()):
            return MonthsDuration(value.months + sign * duration.months)
        case (Date(), DaysDuration()):
            return civil_from_days((value.ordinal() * DAY + sign * duration.nanos) // DAY)
        case (DateTime(), DaysDuration()):
            return at_instant(value.instant() + sign * duration.nanos, value.offset, value.zone)
        case (Time(), DaysDuration()):
            return Time((value.nanos + sign * duration.nanos) % DAY, value.offset, value.zone)
        case (Date(), MonthsDuration()):
            return add_months(value, sign * duration.months)
        case (DateTime(), MonthsDuration()):
            date = add_months(value.date, sign * duration.months)
            return None if date is None else DateTime(date, value.nanos, value.offset, value.zone)
    return None


def _span(left: Date | DateTime, right: Date | DateTime) -> DaysDuration | None:
    if isinstance(left, Date) and isinstance(right, Date):
        return DaysDuration((left.ordinal() - right.ordinal()) * DAY)
    first, last = _as_date_time(right), _as_date_time(left)
    if (first.utc_offset() is None) != (last.utc_offset() is None):
        return None
    return DaysDuration(last.instant() - first.instant())


def _as_date_time(value: Date | DateTime) -> DateTime:
    return value if isinstance(value, DateTime) else midnight(value)


def _time_offset(value: Time) -> int | None:
    return 0 if value.zone is not None else value.offset


def _time_instant(value: Time) -> int:
    return value.nanos - (value.offset or 0) * SECOND


def multiply(left: Any, right: Any) -> Any:
    if isinstance(left, Decimal):
        left, right = right, left
    return _scale(left, right, CONTEXT.multiply) if isinstance(right, Decimal) else None


def divide(left: Any, right: Any) -> Any:
    match left, right:
        case (DaysDuration(), DaysDuration()):
            return _ratio(left.nanos, right.nanos)
        case (MonthsDuration(), MonthsDuration()):
            return _ratio(left.months, right.months)
    return _scale(left, right, CONTEXT.divide) if isinstance(right, Decimal) else None


def _ratio(left: int, right: int) -> Decimal | None:
    return None if right == 0 else CONTEXT.divide(Decimal(left), Decimal(right))


def _scale(duration: Any, factor: Decimal, operation: Callable[[Decimal, Decimal], Decimal]) -> Any:
    """A duration times or divided by a number; parts of a month are cut off, parts of a nanosecond too."""
    match duration:
        case DaysDuration():
            nanos = _whole(operation(Decimal(duration.nanos), factor))
            return None if nanos is None else DaysDuration(nanos)
        case MonthsDuration():
            months = _whole(operation(Decimal(duration.months), factor))
            return None if months is None else MonthsDuration(months)
    return None


def _whole(value: Decimal) -> int | None:
    return None if value.adjusted() > MAX_DURATION_DIGITS else int(value)


def negate(value: Any) -> Any:
    match value:
        case Decimal():
            return value.copy_negate()
        case DaysDuration():
            return DaysDuration(-value.nanos)
        case MonthsDuration():
            return MonthsDuration(-value.months)
    return None


def _undefined(_left: Any, _right: Any) -> None:
    return None


def _power(left: Decimal, right: Decimal) -> Decimal:
    if not left and not right:
        return Decimal(1)
    return CONTEXT.power(left, right)


Operation = Callable[[Any, Any], Any]
ON_NUMBERS: dict[str, Callable[[Decimal, Decimal], Decimal | None]] = {
    "+": guarded(CONTEXT.add),
    "-": guarded(CONTEXT.subtract),
    "*": guarded(CONTEXT.multiply),
    "/": guarded(CONTEXT.divide),
    "**": guarded(_power),
}
ON_OTHERS: dict[str, Operation] = {"+": add, "-": subtract, "*": multiply, "/": divide, "**": _undefined}


def calculate(operator: str, left: Any, right: Any) -> Any:
    """The result of an arithmetic operator on two lifted values; None where there is none."""
    if type(left) is Decimal and type(right) is Decimal:
        return ON_NUMBERS[operator](left, right)
    if left is None or right is None:
        return None
    try:
        return ON_OTHERS[operator](left, right)
    except NumberError:
        return None


def compare(operator: str, left: Any, right: Any) -> bool | None:
    """The result of a comparison operator on two lifted values; None where they cannot be compared."""
    if operator == "=":
        return equal(left, right)
    if operator == "!=":
        same = equal(left, right)
        return None if same is None else not same
    difference = order(left, right)
    return None if difference is None else _HOLDS[operator](difference)


_HOLDS: dict[str, Callable[[int], bool]] = {
    "<": lambda difference: difference < 0,
    "<=": lambda difference: difference <= 0,
    ">": lambda difference: difference > 0,
    ">=": lambda difference: difference >= 0,
}


def in_range(value: Any, limits: Range) -> bool | None:
    """Whether `value` lies in a range; None where it cannot be compared with the range's ends."""
    if limits.operator in ("=", "!="):
        return compare(limits.operator, value, limits.low)
    if not limits.operator and (limits.low is None or limits.high is None):
        return None
    above = True if limits.low is None else compare(">=" if limits.low_closed else ">", value, limits.low)
    below = True if limits.high is None else compare("<=" if limits.high_closed else "<", value, limits.high)
    if above is False or below is False:
        return False
    return None if above is None or below is None else True


def satisfies(value: Any, test: Any) -> bool | None:
    """Whether a unary test's value holds for `value`: it is in the range or the list, or equal (DMN 1.5, table 55)."""
    if isinstance(test, Range):
        return equal(value, test) if isinstance(value, Range) else in_range(value, test)
    if isinstance(test, list) and not isinstance(value, list):
        return _any_of(value, test)
    if isinstance(test, list):
        return equal(value, test) is True or _any_of(value, test)
    return equal(value, test)


def _any_of(value: Any, tests: list[Any]) -> bool | None:
    result: bool | None = False
    for test in tests:
        lifted = lift(test)
        holds = in_range(value, lifted) if isinstance(lifted, Range) else equal(value, lifted)
        if holds:
            return True
        if holds is None and kind(lifted) == "range":
            result = None
    return result


def range_of_comparison(operator: str, operand: Any) -> Range:
    """The range that a unary comparison such as `(< 10)` stands for."""
    if operator in ("<", "<="):
        return Range(None, operand, False, operator == "<=", operator)
    if operator in (">", ">="):
        return Range(operand, None, operator == ">=", False, operator)
    return Range(operand, operand, operator == "=", operator == "=", operator)
