"""Keeping the stock: depots and items, counting, receiving, ordering. Whoever changes an item holds its name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.chinese import plain_number
from storage.locks import lock
from storage.numbers import formatted, next_number
from storage.stock import (
    NOTHING,
    Depot,
    MovementKind,
    OrderState,
    StockItem,
    StockLevel,
    StockMovement,
    StockOrder,
    StockRefused,
    levels_of,
    lock_items,
    move,
)


def depots(session: Session) -> Sequence[Depot]:
    """All depots."""
    return session.scalars(select(Depot).order_by(Depot.code)).all()


def save_depot(session: Session, code: str, name: str, counties: Sequence[str]) -> Depot:
    """A depot that is new or is changed."""
    lock(session, f"depot {code}")
    depot = session.get(Depot, code)
    if depot is None:
        depot = Depot(code=code, name=name, counties=list(counties))
        session.add(depot)
    depot.name, depot.counties = name, list(counties)
    session.flush()
    return depot


def save_item(session: Session, code: str, name: str, unit: str) -> StockItem:
    """An item that is new or is changed.

    Raises `StockRefused` for another unit of what has moved, and for a name by which another item is known.
    """
    lock(session, "stock items")
    lock_items(session, [code])
    other = session.scalar(
        select(StockItem).where(StockItem.code != code, or_(StockItem.name.in_([name, code]), StockItem.code == name))
    )
    if other:
        raise StockRefused(
            f"物资“{other.name}”（{other.code}）已使用这一名称或编码",
            f"Item {other.code} ({other.name}) has that name or code",
        )
    item = session.get(StockItem, code)
    if item is None:
        item = StockItem(code=code, name=name, unit=unit)
        session.add(item)
    elif item.unit != unit and _has_moved(session, code):
        raise StockRefused(
            f"物资“{item.name}”已有出入库记录，计量单位不能由{item.unit}改为{unit}，请另设编码",
            f"{item.name} has moved in {item.unit} and cannot be counted in {unit}; give it another code",
        )
    item.name, item.unit = name, unit
    session.flush()
    return item


def count_stock(
    session: Session,
    *,
    item: str,
    depot: str,
    on_hand: Decimal | None,
    minimum: Decimal | None,
    note: str,
    by: str,
    now: datetime,
) -> StockLevel:
    """A level as a stocktaking found it, and what it should not fall below; None leaves each as it is.

    The first time, a depot begins to keep the item. Raises `StockRefused` for a depot or item that is not known, and
    for less than what cases have been promised.
    """
    _known(session, item, depot)
    lock_items(session, [item])
    level = next(iter(levels_of(session, [item], depot)), None)
    if level is None:
        level = StockLevel(item=item, depot=depot, on_hand=NOTHING, reserved=NOTHING, minimum=NOTHING)
        session.add(level)
        session.flush()
    if on_hand is not None and on_hand < level.reserved:
        counted, promised = plain_number(on_hand), plain_number(level.reserved)
        raise StockRefused(
            f"实盘数量{counted}少于已预留的{promised}，请先解除工单的预留，再登记盘点结果",
            f"{counted} is less than the {promised} that cases are promised; release those first",
        )
    if minimum is not None:
        level.minimum = minimum
    if on_hand is not None and on_hand != level.on_hand:
        change = on_hand - level.on_hand
        move(session, MovementKind.COUNT, item, depot, change, note=note, by=by, now=now)
    session.flush()
    session.refresh(level)
    return level


def receive(
    session: Session, *, item: str, depot: str, quantity: Decimal, order: str, note: str, by: str, now: datetime
) -> StockLevel:
    """Goods have come in, against a replenishment order where one is named.

    Raises `StockRefused` for what is not known, and for an order of something else or that is not open.
    """
    _known(session, item, depot)
    lock_items(session, [item])
    if order:
        _received(session, order, item, depot, quantity)
    if not levels_of(session, [item], depot):
        session.add(StockLevel(item=item, depot=depot, on_hand=NOTHING, reserved=NOTHING, minimum=NOTHING))
        session.flush()
    move(session, MovementKind.RECEIPT, item, depot, quantity, paper=order, note=note, by=by, now=now)
    return levels_of(session, [item], depot)[0]


def order_stock(
    session: Session,
    *,
    item: str,
    depot: str,
    quantity: Decimal,
    ordered_on: date,
    arrives_on: date,
    series: str,
    number_format: str,
    note: str,
    by: str,
    now: datetime,
) -> StockOrder:
    """A replenishment was ordered. Raises `StockRefused` for a depot that does not keep the item."""
    lock_items(session, [item])
    if not levels_of(session, [item], depot):
        raise StockRefused(
            f"仓库{depot}没有物资{item}的库存，请先登记库存", f"{depot} keeps no {item}; set its level first"
        )
    order = StockOrder(
        number=formatted(number_format, next_number(session, series)),
        item=item,
        depot=depot,
        quantity=quantity,
        received=NOTHING,
        ordered_on=ordered_on,
        arrives_on=arrives_on,
        state=OrderState.ORDERED.value,
        note=note,
        by=by,
        at=now,
    )
    session.add(order)
    session.flush()
    return order


def change_order(session: Session, number: str, arrives_on: date | None, *, cancel: bool = False) -> StockOrder | None:
    """An order that will come on another day, or not at all; None for one that there is not.

    Raises `StockRefused` for one that has arrived or been cancelled.
    """
    order = _open_order(session, number)
    if order is None:
        return None
    if arrives_on:
        order.arrives_on = arrives_on
    if cancel:
        order.state = OrderState.CANCELLED.value
    session.flush()
    return order


def _received(session: Session, number: str, item: str, depot: str, quantity: Decimal) -> None:
    order = _open_order(session, number)
    if order is None or (order.item, order.depot) != (item, depot):
        raise StockRefused(
            f"补货订单{number}不是仓库{depot}、物资{item}的订单", f"{number} is no order of {item} for {depot}"
        )
    order.received += quantity
    if order.received >= order.quantity:
        order.state = OrderState.ARRIVED.value


def _open_order(session: Session, number: str) -> StockOrder | None:
    lock(session, f"stock order {number}")
    order = session.get(StockOrder, number, populate_existing=True)
    if order and order.state != OrderState.ORDERED:
        state = "已到货" if order.state == OrderState.ARRIVED else "已取消"
        raise StockRefused(f"补货订单{number}{state}", f"Order {number} is {order.state} already")
    return order


def _known(session: Session, item: str, depot: str) -> None:
    if session.get(StockItem, item) is None:
        raise StockRefused(f"没有编码为{item}的物资", f"There is no item {item}")
    if session.get(Depot, depot) is None:
        raise StockRefused(f"没有编码为{depot}的仓库", f"There is no depot {depot}")


def _has_moved(session: Session, item: str) -> bool:
    moved = select(StockMovement.id).where(StockMovement.item == item)
    ordered = select(StockOrder.number).where(StockOrder.item == item)
    return bool(session.scalar(moved.limit(1)) or session.scalar(ordered.limit(1)))
