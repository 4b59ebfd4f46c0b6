"""Numeric functions (DMN 1.5, table 76)."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any

from bpmn.feel.environment import Run
from bpmn.feel.functions.registry import builtin, fail
from bpmn.feel.numbers import CONTEXT, ZERO, rounded
from bpmn.feel.temporal import DaysDuration, MonthsDuration

_ROUNDINGS = {
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
    "round up": ROUND_UP,
    "round down": ROUND_DOWN,
    "round half up": ROUND_HALF_UP,
    "round half down": ROUND_HALF_DOWN,
    "decimal": ROUND_HALF_EVEN,
}


def _declare(name: str, rounding: str) -> None:
    scale_is_optional = "" if name == "decimal" else "="

    @builtin(name, "n:number", f"scale:number{scale_is_optional}")
    def round_number(run: Run, number: Decimal, scale: Decimal = ZERO) -> Any:
        result = rounded(number, int(scale), rounding) if abs(scale) < 10**6 else None
        return fail(run, f"{name}: the scale {scale} is outside -6111 to 6176") if result is None else result


for _name, _rounding in _ROUNDINGS.items():
    _declare(_name, _rounding)


@builtin("abs", "n:number|days and time duration|years and months duration")
def absolute(_run: Run, value: Any) -> Any:
    if isinstance(value, DaysDuration):
        return DaysDuration(abs(value.nanos))
    if isinstance(value, MonthsDuration):
        return MonthsDuration(abs(value.months))
    return value.copy_abs()


@builtin("modulo", "dividend:number", "divisor:number")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Any:
    """What is left of a division rounded down; it has the sign of the divisor."""
    if not divisor:
        return fail(run, "modulo: the divisor is zero")
    if dividend.adjusted() - divisor.adjusted() > 33:
        return fail(run, "modulo: the numbers are too far apart")
    rest = CONTEXT.remainder(dividend, divisor)
    return CONTEXT.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


@builtin("sqrt", "number:number")
def square_root(run: Run, number: Decimal) -> Any:
    return fail(run, "sqrt: the number is negative") if number < 0 else CONTEXT.sqrt(number)


@builtin("log", "number:number")
def logarithm(run: Run, number: Decimal) -> Any:
    return fail(run, "log: the number is not above zero") if number <= 0 else CONTEXT.ln(number)


@builtin("exp", "number:number")
def exponential(_run: Run, number: Decimal) -> Any:
    return CONTEXT.exp(number)


@builtin("odd", "number:number")
def odd(_run: Run, number: Decimal) -> Any:
    return _is_whole(number) and _rest_of_two(number) == 1


@builtin("even", "number:number")
def even(_run: Run, number: Decimal) -> Any:
    return _is_whole(number) and _rest_of_two(number) == 0


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


def _rest_of_two(number: Decimal) -> int:
    return 0 if number.adjusted() > 40 else int(number) % 2
