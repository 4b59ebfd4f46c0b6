"""What is needed of the stock: which of it is kept, what of it is short, from which depots it is taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from domain.calendar import shanghai_date
from domain.chinese import plain_number
from domain.stock import PLACES, Material, Shortage, expected
from storage.stock import (
    NOTHING,
    Depot,
    StockItem,
    StockMoved,
    StockRefused,
    arrivals,
    known_items,
    levels_of,
)


class Short(Exception):
    """There is not enough; nothing was taken."""

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        super().__init__(", ".join(one.item for one in shortages))
        self.shortages = tuple(shortages)


@dataclass(frozen=True)
class Needs:
    """What is needed of the items that are kept in stock, by code, and what is not kept."""

    items: dict[str, StockItem]
    quantities: dict[str, Decimal]
    not_stocked: tuple[str, ...]


def stocked(session: Session, materials: Sequence[Material]) -> bool:
    """Whether stock is kept of any of them."""
    return bool(known_items(session, {material.item for material in materials}))


def needs_of(session: Session, materials: Sequence[Material], depot: str) -> Needs:
    """What these lines need together.

    Raises `StockRefused` for an unknown depot, an item in another unit than the stock counts it in, and an amount with
    more decimals than it has.
    """
    if depot and session.get(Depot, depot) is None:
        raise StockRefused(f"没有编码为{depot}的仓库", f"There is no depot {depot}")
    known = known_items(session, {material.item for material in materials})
    quantities: defaultdict[str, Decimal] = defaultdict(Decimal)
    for material in materials:
        if item := known.get(material.item):
            if item.unit != material.unit:
                raise StockRefused(
                    f"物资“{item.name}”库存以{item.unit}计量，不能按{material.unit}领用",
                    f"{item.name} is kept in {item.unit}, not in {material.unit}",
                )
            if material.quantity != round(material.quantity, PLACES):
                quantity = plain_number(material.quantity)
                raise StockRefused(
                    f"物资“{item.name}”的数量{quantity}最多{PLACES}位小数",
                    f"{quantity} of {item.name} has more than {PLACES} decimals",
                )
            quantities[item.code] += material.quantity
    not_stocked = dict.fromkeys(one.item for one in materials if one.item not in known)
    items = {item.code: item for item in known.values()}
    return Needs(items, dict(sorted(quantities.items())), tuple(not_stocked))


def shortages_of(
    session: Session, needs: Needs, depot: str, held: dict[str, Decimal], now: datetime
) -> Iterator[Shortage]:
    """What of it is short: beyond what is free and what has been `held` for whoever asks."""
    free: defaultdict[str, Decimal] = defaultdict(Decimal)
    for level in levels_of(session, needs.quantities, depot):
        free[level.item] += level.free
    available = {item: free[item] + held.get(item, NOTHING) for item in needs.quantities}
    short = {item: needed for item, needed in needs.quantities.items() if needed > available[item]}
    coming = arrivals(session, short, depot) if short else {}
    for code, needed in short.items():
        item, there = needs.items[code], available[code]
        when = expected(coming[code], needed - there, shanghai_date(now))
        yield Shortage(item.name, item.unit, needed, there, when, depot)


def spread(session: Session, item: str, depot: str, quantity: Decimal) -> list[tuple[str, Decimal]]:
    """From which depots a free amount is taken, and how much of it: from the first that has all of it, else from the
    fullest on. Raises `StockMoved` where they do not have it together: whoever calls has looked."""
    levels = [level for level in levels_of(session, [item], depot) if level.free > NOTHING]
    whole = [level for level in levels if level.free >= quantity][:1]
    parts = []
    for level in whole or sorted(levels, key=lambda one: (-one.free, one.depot)):
        part = min(level.free, quantity)
        if part > NOTHING:
            parts.append((level.depot, part))
        quantity -= part
    if quantity > NOTHING:
        raise StockMoved(item)
    return parts
