"""Stock for connection works: what lies in each depot, what is promised to cases, what moved, and what is on order.

Of an item a company keeps stock as soon as one of its depots has a level of it, be it zero. Whatever else is issued,
goods that come straight to the site, is booked on slips alone, as it was before there was any stock: so a company that
keeps none, and cases that were issued materials before, see no difference.

Nothing is ever drawn that is not there, nor what is promised to another case: the database refuses it (`CHECK`), the
statements that draw say so in their conditions, and whoever draws an item holds its name to the end of the transaction
(`lock_items`), so that they find out by reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.stock import Arrival
from storage.base import Base
from storage.exact import QUANTITY
from storage.locks import lock

NOTHING = Decimal(0)


class StockRefused(Exception):
    """Something that cannot be done to the stock; the text says in Chinese why, `en` in English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.en = en


class StockMoved(Exception):
    """What was there when it was looked at is not there any more; trying again looks again."""


class MovementKind(StrEnum):
    """Why the amount on hand changed."""

    COUNT = "count"
    """A stocktaking 盘点 found another amount."""
    RECEIPT = "receipt"
    ISSUE = "issue"
    RETURN = "return"


class OrderState(StrEnum):
    """How far a replenishment order is."""

    ORDERED = "ordered"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"


class Depot(Base):
    """A store 仓库. It serves the cases of its `counties`; without any it is one for the whole city."""

    __tablename__ = "depots"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    counties: Mapped[list[str]]


class StockItem(Base):
    """A kind of material; diagrams name it by its code or its name."""

    __tablename__ = "stock_items"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    unit: Mapped[str]


class StockLevel(Base):
    """What a depot has of an item: `reserved` is part of `on_hand`, and promised to cases."""

    __tablename__ = "stock_levels"
    __table_args__ = (
        CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
        CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="reserved_on_hand"),
        CheckConstraint("minimum >= 0", name="minimum_not_negative"),
    )

    item: Mapped[str] = mapped_column(ForeignKey("stock_items.code"), primary_key=True)
    depot: Mapped[str] = mapped_column(ForeignKey("depots.code"), primary_key=True)
    on_hand: Mapped[Decimal] = mapped_column(QUANTITY)
    reserved: Mapped[Decimal] = mapped_column(QUANTITY)
    minimum: Mapped[Decimal] = mapped_column(QUANTITY)

    @property
    def free(self) -> Decimal:
        """What nobody has been promised."""
        return self.on_hand - self.reserved


_OF_LEVEL = ["stock_levels.item", "stock_levels.depot"]


class StockMovement(Base):
    """One change of an amount on hand; the changes of a level add up to it. `paper` is the slip or order behind it."""

    __tablename__ = "stock_movements"
    __table_args__ = (ForeignKeyConstraint(["item", "depot"], _OF_LEVEL), Index(None, "item", "depot"))

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    item: Mapped[str]
    depot: Mapped[str]
    kind: Mapped[str]
    change: Mapped[Decimal] = mapped_column(QUANTITY)
    case_no: Mapped[str]
    paper: Mapped[str] = mapped_column(index=True)
    note: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class StockOrder(Base):
    """A replenishment order 补货订单 and when it is expected."""

    __tablename__ = "stock_orders"
    __table_args__ = (
        ForeignKeyConstraint(["item", "depot"], _OF_LEVEL),
        Index(None, "item", "state"),
        CheckConstraint("quantity > 0 AND received >= 0", name="quantities"),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str]
    depot: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    received: Mapped[Decimal] = mapped_column(QUANTITY)
    ordered_on: Mapped[date]
    arrives_on: Mapped[date]
    state: Mapped[str]
    note: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]

    @property
    def coming(self) -> Decimal:
        """What is still to arrive."""
        left = self.quantity - self.received
        return max(left, NOTHING) if self.state == OrderState.ORDERED else NOTHING


def lock_items(session: Session, items: Iterable[str]) -> None:
    """Holds these items, whatever depot they lie in, until the transaction ends."""
    lock(session, *(f"stock {item}" for item in items))


def known_items(session: Session, names: Collection[str]) -> dict[str, StockItem]:
    """The items of which stock is kept, by what they were asked for: code or name."""
    kept = select(StockLevel.item)
    named = or_(StockItem.code.in_(names), StockItem.name.in_(names))
    items = session.scalars(select(StockItem).where(named, StockItem.code.in_(kept))).all()
    return {name: item for item in items for name in (item.code, item.name) if name in names}


def levels_of(session: Session, items: Collection[str], depot: str = "") -> Sequence[StockLevel]:
    """The levels of these items, in one depot or in all, in the order of items and depots; as the database has them
    now."""
    levels = select(StockLevel).where(StockLevel.item.in_(items))
    if depot:
        levels = levels.where(StockLevel.depot == depot)
    in_order = levels.order_by(StockLevel.item, StockLevel.depot)
    return session.scalars(in_order.execution_options(populate_existing=True)).all()


def arrivals(session: Session, items: Collection[str], depot: str = "") -> dict[str, list[Arrival]]:
    """What is on order of these items, by item, for one depot or for all."""
    found: dict[str, list[Arrival]] = {item: [] for item in items}
    for order in open_orders(session, items, depot):
        found[order.item].append(Arrival(order.arrives_on, order.coming))
    return found


def open_orders(session: Session, items: Collection[str], depot: str = "") -> Sequence[StockOrder]:
    """The orders of these items that are still to arrive, the earliest first."""
    orders = select(StockOrder).where(StockOrder.item.in_(items), StockOrder.state == OrderState.ORDERED)
    if depot:
        orders = orders.where(StockOrder.depot == depot)
    return session.scalars(orders.order_by(StockOrder.arrives_on, StockOrder.number)).all()


def move(
    session: Session,
    kind: MovementKind,
    item: str,
    depot: str,
    change: Decimal,
    *,
    from_reserved: Decimal = NOTHING,
    case_no: str = "",
    paper: str = "",
    note: str = "",
    by: str = "",
    now: datetime,
) -> None:
    """Changes an amount on hand, `from_reserved` of it out of what was promised, and writes down why.

    Whoever calls holds the item and has looked; `StockMoved` where that much is not there after all.
    """
    _change(session, item, depot, change, -from_reserved)
    session.add(
        StockMovement(
            item=item,
            depot=depot,
            kind=kind.value,
            change=change,
            case_no=case_no,
            paper=paper,
            note=note,
            by=by,
            at=now,
        )
    )
    session.flush()


def hold(session: Session, item: str, depot: str, change: Decimal) -> None:
    """Promises so much of what is on hand, or less again. To be called as `move` is."""
    _change(session, item, depot, NOTHING, change)


def _change(session: Session, item: str, depot: str, on_hand: Decimal, reserved: Decimal) -> None:
    there, promised = StockLevel.on_hand + on_hand, StockLevel.reserved + reserved
    level = update(StockLevel).where(StockLevel.item == item, StockLevel.depot == depot)
    enough = level.where(promised >= NOTHING, there >= promised).values(on_hand=there, reserved=promised)
    if session.connection().execute(enough).rowcount != 1:
        raise StockMoved(f"{item} in depot {depot}")
