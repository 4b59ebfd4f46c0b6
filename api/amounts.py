"""Quantities of materials and sums of money in requests and answers: JSON numbers, exact to their last decimal."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.stock import PLACES
from domain.values import json_number

MOST = 1_000_000_000
"""More than this of anything is a slip of the pen."""


def _number(places: int, *, zero: bool) -> Callable[[object], object]:
    def read(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise PydanticCustomError("amount", "should be a number")
        number = Decimal(str(value))
        if not number.is_finite() or not (0 if zero else Decimal(1).scaleb(-places)) <= number <= MOST:
            raise PydanticCustomError("amount", "should be {least} and not above {most}", _bounds(zero))
        if number != round(number, places):
            raise PydanticCustomError("amount", "has more than {places} decimals", {"places": places})
        return number

    return read


def _bounds(zero: bool) -> dict[str, Any]:
    return {"least": "zero or more" if zero else "above zero", "most": MOST}


def _schema(*, zero: bool) -> WithJsonSchema:
    return WithJsonSchema({"type": "number", "minimum" if zero else "exclusiveMinimum": 0, "maximum": MOST})


_SHOWN = PlainSerializer(json_number, return_type=float)

Quantity = Annotated[Decimal, BeforeValidator(_number(PLACES, zero=False)), _schema(zero=False), Field(strict=False)]
"""Some amount of a material."""
Stored = Annotated[Decimal, BeforeValidator(_number(PLACES, zero=True)), _schema(zero=True), Field(strict=False)]
"""An amount of a material that may be none."""
Yuan = Annotated[Decimal, BeforeValidator(_number(2, zero=False)), _schema(zero=False), Field(strict=False)]
"""Some sum of money."""
Shown = Annotated[Decimal, _SHOWN]
"""An amount in an answer."""
