"""Kinds of values that papers read from forms: choices by their codes, moments, lists of names, tallies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from domain.chinese import BUSINESS_ZONE
from domain.fields import Text

_LARGEST_TALLY = 10**9


def choice(labels: Mapping[str, str]) -> Callable[[Any], str]:
    """Reads one of a form's choices: its code, or already its label, as the label that stands on paper."""

    def read(value: Any) -> str:
        if isinstance(value, str) and (value in labels or value in labels.values()):
            return labels.get(value, value)
        raise _wrong(f"应为{'或'.join(labels.values())}")

    return read


def _moment(value: Any) -> datetime:
    try:
        if not isinstance(value, str) or "T" not in value:
            raise ValueError
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=BUSINESS_ZONE)).astimezone(BUSINESS_ZONE)
    except (ValueError, OverflowError):
        raise _wrong("应为日期和时刻（如2026-03-05T08:30）") from None


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _wrong("应为数字")
    try:
        return Decimal(str(value).strip())
    except ArithmeticError:
        raise _wrong("应为数字") from None


def _tally(value: Any) -> int:
    number = _decimal(value)
    if not number.is_finite() or number != number.to_integral_value() or not 0 <= number < _LARGEST_TALLY:
        raise _wrong("应为不小于0的整数")
    return int(number)


def _measure(value: Any) -> Decimal:
    number = _decimal(value)
    if not number.is_finite() or not 0 <= number < _LARGEST_TALLY:
        raise _wrong("应为不小于0的数字")
    return number


def _wrong(problem: str) -> PydanticCustomError:
    return PydanticCustomError("field", "{problem}", {"problem": problem})


Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A day and a time of day in Chinese time, from ISO text; without an offset it is already that."""
Tally = Annotated[int, BeforeValidator(_tally)]
"""How many there are: a whole number from 0."""
Measure = Annotated[Decimal, BeforeValidator(_measure)]
"""How much there is, which may be nothing: customer-hours, an objective's value."""
Texts = tuple[Text, ...]
"""Names in a row, printed with 、 between them; none is printed as 无."""
