"""Amounts that the database itself adds and compares: quantities of materials, sums of money.

`storage.base.ExactDecimal` keeps any digits, but on SQLite as text, which cannot be compared. These columns hold a
whole number of the smallest unit, so that a condition such as "not more than what is left" is exact on both databases.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect
from sqlalchemy.types import TypeDecorator


class Fixed(TypeDecorator[Decimal]):
    """A decimal number with at most so many places; `ValueError` for one that has more."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        del dialect
        if value is None:
            return None
        units = Decimal(value).scaleb(self.places)
        if units != int(units):
            raise ValueError(f"{value} has more than {self.places} decimals")
        return int(units)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        del dialect
        return None if value is None else Decimal(value).scaleb(-self.places)


QUANTITY = Fixed(3)
"""An amount of a material."""
YUAN = Fixed(2)
"""A sum of money."""
