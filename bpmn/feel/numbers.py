"""FEEL numbers: decimal128, that is 34 digits, half-even, exponents to 6144 (DMN 1.5, 10.3.2.3.1)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache

DIGITS = 34
MIN_SCALE, MAX_SCALE = -6111, 6176
CONTEXT = Context(
    prec=DIGITS, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[InvalidOperation, DivisionByZero, Overflow]
)
NumberError = (InvalidOperation, DivisionByZero, Overflow)
ZERO, ONE = Decimal(0), Decimal(1)


@lru_cache(maxsize=4096)
def from_float(value: float) -> Decimal | None:
    """The shortest decimal that reads back as `value`; None for infinities and not-a-number."""
    number = Decimal(repr(value))
    return number if number.is_finite() else None


def rounded(value: Decimal, scale: int, rounding: str) -> Decimal | None:
    """`value` with `scale` digits after the point; None where the scale is outside decimal128."""
    if not MIN_SCALE <= scale <= MAX_SCALE:
        return None
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    if exponent >= -scale:
        return value
    shifted = value.scaleb(scale, _WIDE).to_integral_value(rounding=rounding, context=_WIDE)
    return CONTEXT.plus(shifted.scaleb(-scale, _WIDE))


_WIDE = Context(prec=DIGITS + 2, Emin=-99_999, Emax=99_999, traps=[InvalidOperation])


def text_of(value: Decimal) -> str:
    """A number as FEEL writes it: no exponent, no needless zeros behind the point is added or taken."""
    return format(value, "f") if value else "0"


def guarded(operation: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Decimal, Decimal], Decimal | None]:
    """`operation` with None for what has no result: a division by zero, a result out of bounds."""

    def compute(left: Decimal, right: Decimal) -> Decimal | None:
        try:
            return operation(left, right)
        except NumberError:
            return None

    return compute
