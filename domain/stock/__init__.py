"""Materials in stock for connection works (能储全储、能存全存): what is asked for, what is short, when it comes.

Domain rule: domain.md §1.1 row 5. A shortage explains a delay (`domain.orders.Cause.MATERIALS_SHORTAGE`); it names each
item and the day on which it is expected, and it is the utility's own, so that no clock ever stops for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.chinese import plain_number, written_date
from domain.values import json_number

PLACES = 3
"""Decimals of a quantity in stock: kilometres to the metre."""


@dataclass(frozen=True)
class Material:
    """An amount of one item."""

    item: str
    unit: str
    quantity: Decimal


@dataclass(frozen=True)
class Arrival:
    """What is on order and expected on a day."""

    on: dt.date
    quantity: Decimal


@dataclass(frozen=True)
class Expected:
    """When what is missing is there: on a day still ahead, or not known; `was_due` is the day that has passed with
    nothing received."""

    on: dt.date | None = None
    was_due: dt.date | None = None


@dataclass(frozen=True)
class Shortage:
    """One item of which there is not enough; `depot` is the code of the one that was asked, empty for all of them."""

    item: str
    unit: str
    needed: Decimal
    available: Decimal
    expected: Expected
    depot: str = ""

    @property
    def missing(self) -> Decimal:
        return self.needed - self.available

    def to_json(self) -> dict[str, Any]:
        """The shortage as a variable of a case."""
        return {
            "item": self.item,
            "unit": self.unit,
            "needed": json_number(self.needed),
            "available": json_number(self.available),
            "arrivesOn": self.expected.on.isoformat() if self.expected.on else None,
            "depot": self.depot,
        }

    def words(self) -> str:
        """The item in a sentence: how much is missing of how much, and when it comes."""
        missing, needed, available = map(plain_number, (self.missing, self.needed, self.available))
        return f"{self.item}缺{missing}{self.unit}（需{needed}{self.unit}，可用{available}{self.unit}，{self._when()}）"

    def _when(self) -> str:
        if self.expected.on:
            return f"预计{written_date(self.expected.on)}到货"
        if self.expected.was_due:
            return f"原定{written_date(self.expected.was_due)}到货，逾期未到"
        return "尚无到货安排"


def expected(arrivals: Iterable[Arrival], missing: Decimal, today: dt.date) -> Expected:
    """When the arrivals in their order bring what is missing. One that is late does not count: nobody knows when it
    comes."""
    in_order = sorted(arrivals, key=lambda one: one.on)
    coming = Decimal(0)
    for arrival in in_order:
        coming += arrival.quantity if arrival.on >= today else 0
        if coming >= missing:
            return Expected(on=arrival.on)
    return Expected(was_due=next((one.on for one in in_order if one.on < today), None))


def shortage_text(shortages: Sequence[Shortage]) -> str:
    """One sentence that names every item and its day; empty where nothing is short."""
    return f"物资短缺：{'；'.join(one.words() for one in shortages)}。" if shortages else ""


def look_again(shortages: Sequence[Shortage], today: dt.date) -> dt.date:
    """The day on which it is worth looking again, always after today: when the last item comes, or, as long as it is
    not known of one when it does, tomorrow."""
    tomorrow = today + dt.timedelta(1)
    days = [one.expected.on for one in shortages]
    known = [day for day in days if day]
    return max([tomorrow, *known]) if len(known) == len(days) else tomorrow
