"""The stock as lists show it, a page at a time, and as replenishment is worked out from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from domain.stock import Arrival, Expected, expected
from domain.stock.planning import PipelineCase
from domain.stock.replenishment import Position, Store
from storage.base import storable
from storage.cases import Case, CaseState
from storage.materials import MaterialSlip
from storage.paging import beyond, mark, place
from storage.reservations import Reservation, ReservationLine, ReservationState, ShortItem
from storage.stock import (
    NOTHING,
    Depot,
    OrderState,
    StockItem,
    StockLevel,
    StockMovement,
    StockOrder,
    levels_of,
    open_orders,
)


@dataclass(frozen=True)
class StockQuery:
    """Which levels; an empty field does not restrict. `short` are those of which less is free than the minimum."""

    text: str = ""
    depot: str = ""
    short: bool = False


@dataclass(frozen=True)
class ListedLevel:
    """One line of the list; `arrives_on` is the earliest day on which something of it is expected."""

    level: StockLevel
    item: StockItem
    depot: Depot
    on_order: Decimal
    arrives_on: date | None


@dataclass(frozen=True)
class ListedShortage:
    """What the works of a running case lack, and what there is of it now for them."""

    short: ShortItem
    item: StockItem
    case: Case
    available: Decimal
    expected: Expected


def stock_levels(
    session: Session, wanted: StockQuery, *, limit: int = 50, after: str = ""
) -> tuple[list[ListedLevel], str]:
    """A page of the levels by item and depot, and where the next one begins (empty for none)."""
    levels = select(StockLevel, StockItem, Depot)
    levels = levels.join(StockItem, StockItem.code == StockLevel.item).join(Depot, Depot.code == StockLevel.depot)
    named = (StockItem.code, StockItem.name)
    for word in storable(wanted.text).split():
        levels = levels.where(or_(*(column.contains(word, autoescape=True) for column in named)))
    if wanted.depot:
        levels = levels.where(StockLevel.depot == wanted.depot)
    if wanted.short:
        levels = levels.where(StockLevel.on_hand - StockLevel.reserved < StockLevel.minimum)
    key = (StockLevel.item.expression, StockLevel.depot.expression)
    if after:
        levels = levels.where(beyond(key, place(after, "stock", str, str)))
    found = session.execute(levels.order_by(*key).limit(limit + 1)).all()
    page = found[:limit]
    coming: defaultdict[tuple[str, str], list[Arrival]] = defaultdict(list)
    for order in open_orders(session, {level.item for level, _, _ in page}):
        coming[order.item, order.depot].append(Arrival(order.arrives_on, order.coming))
    listed = [
        ListedLevel(
            level,
            item,
            depot,
            sum((one.quantity for one in coming[level.item, level.depot]), NOTHING),
            min((one.on for one in coming[level.item, level.depot]), default=None),
        )
        for level, item, depot in page
    ]
    return listed, mark("stock", listed[-1].level.item, listed[-1].level.depot) if len(found) > limit else ""


def stock_orders(
    session: Session,
    *,
    state: OrderState | None = None,
    item: str = "",
    depot: str = "",
    limit: int = 50,
    after: str = "",
) -> tuple[Sequence[StockOrder], str]:
    """A page of the replenishment orders by number, and where the next one begins (empty for none)."""
    orders = select(StockOrder).where(StockOrder.number > after)
    for column, value in ((StockOrder.state, state), (StockOrder.item, item), (StockOrder.depot, depot)):
        if value:
            orders = orders.where(column == value)
    found = session.scalars(orders.order_by(StockOrder.number).limit(limit + 1)).all()
    return found[:limit], found[limit - 1].number if len(found) > limit else ""


def stock_movements(
    session: Session, item: str, depot: str, *, limit: int = 50, before: int | None = None
) -> Sequence[StockMovement]:
    """What moved of an item in a depot, the latest first."""
    moved = select(StockMovement).where(StockMovement.item == item, StockMovement.depot == depot)
    if before is not None:
        moved = moved.where(StockMovement.id < before)
    return session.scalars(moved.order_by(StockMovement.id.desc()).limit(limit)).all()


def current_shortages(
    session: Session, today: date, *, county: str = "", limit: int = 50, after: str = ""
) -> tuple[list[ListedShortage], str]:
    """A page of what running cases lack, of one county or of all, and where the next one begins (empty for none)."""
    lacking = select(ShortItem, StockItem, Case)
    lacking = lacking.join(StockItem, StockItem.code == ShortItem.item)
    lacking = lacking.join(Case, Case.workflow_id == ShortItem.workflow_id).where(Case.state == CaseState.RUNNING)
    if county:
        lacking = lacking.where(Case.county == county)
    key = (ShortItem.workflow_id.expression, ShortItem.item.expression)
    if after:
        lacking = lacking.where(beyond(key, place(after, "shortage", str, str)))
    found = session.execute(lacking.order_by(*key).limit(limit + 1)).all()
    page = found[:limit]
    items = {short.item for short, _, _ in page}
    levels, orders = levels_of(session, items), open_orders(session, items)
    held = _held(session, {short.case_no for short, _, _ in page}, items)
    listed = []
    for short, item, case in page:
        wanted = [one for one in levels if one.item == short.item and short.depot in ("", one.depot)]
        free = sum((one.free for one in wanted), NOTHING)
        available = free + sum((held[short.case_no, short.item, one.depot] for one in wanted), NOTHING)
        coming = [
            Arrival(one.arrives_on, one.coming)
            for one in orders
            if one.item == short.item and short.depot in ("", one.depot)
        ]
        when = expected(coming, short.needed - available, today) if short.needed > available else Expected()
        listed.append(ListedShortage(short, item, case, available, when))
    return listed, mark("shortage", page[-1][0].workflow_id, page[-1][0].item) if len(found) > limit else ""


def _held(
    session: Session, cases: Collection[str], items: Collection[str]
) -> defaultdict[tuple[str, str, str], Decimal]:
    """What these cases have been promised, by case, item and depot."""
    lines = (
        select(Reservation.case_no, ReservationLine.item, ReservationLine.depot, func.sum(ReservationLine.held))
        .join(Reservation, Reservation.number == ReservationLine.reservation)
        .where(Reservation.case_no.in_(cases), ReservationLine.item.in_(items))
        .group_by(Reservation.case_no, ReservationLine.item, ReservationLine.depot)
    )
    held: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for case_no, item, depot, quantity in session.execute(lines):
        held[case_no, item, depot] = quantity
    return held


def reservations(
    session: Session, *, case_no: str = "", item: str = "", depot: str = "", limit: int = 50, after: str = ""
) -> tuple[list[tuple[Reservation, list[ReservationLine]]], str]:
    """A page of the reservations that still hold something, by number, each with its lines, and where the next page
    begins (empty for none). With an item or a depot, those that hold some of it."""
    held = select(ReservationLine.reservation).where(ReservationLine.held > NOTHING)
    held = held.where(ReservationLine.item == item) if item else held
    held = held.where(ReservationLine.depot == depot) if depot else held
    found = select(Reservation).where(Reservation.number.in_(held), Reservation.number > after)
    found = found.where(Reservation.case_no == case_no) if case_no else found
    page = session.scalars(found.order_by(Reservation.number).limit(limit + 1)).all()
    lines: defaultdict[str, list[ReservationLine]] = defaultdict(list)
    of_page = ReservationLine.reservation.in_([one.number for one in page[:limit]])
    in_order = (ReservationLine.reservation, ReservationLine.line)
    for line in session.scalars(select(ReservationLine).where(of_page).order_by(*in_order)):
        lines[line.reservation].append(line)
    listed = [(one, lines[one.number]) for one in page[:limit]]
    return listed, page[limit - 1].number if len(page) > limit else ""


def positions(session: Session) -> list[Position]:
    """Every item in every depot as it stands, with what is on its way."""
    levels = select(StockLevel, StockItem).join(StockItem, StockItem.code == StockLevel.item)
    found = session.execute(levels.order_by(StockLevel.item, StockLevel.depot)).all()
    coming: defaultdict[tuple[str, str], list[Arrival]] = defaultdict(list)
    for order in session.scalars(select(StockOrder).where(StockOrder.state == OrderState.ORDERED)):
        coming[order.item, order.depot].append(Arrival(order.arrives_on, order.coming))
    return [
        Position(
            level.depot,
            level.item,
            item.name,
            item.unit,
            level.on_hand,
            level.reserved,
            level.minimum,
            tuple(coming[level.item, level.depot]),
        )
        for level, item in found
    ]


def stores(session: Session) -> list[Store]:
    """The depots with the counties they serve."""
    found = session.scalars(select(Depot).order_by(Depot.code))
    return [Store(depot.code, tuple(depot.counties)) for depot in found]


def pipeline(session: Session, stages: Collection[tuple[str, str]]) -> list[PipelineCase]:
    """The running cases at these stages (process, stage) that have been neither promised nor issued anything."""
    issued = select(MaterialSlip.case_no)
    promised = select(Reservation.case_no).where(Reservation.state == ReservationState.HELD)
    running = and_(
        Case.state == CaseState.RUNNING,
        tuple_(Case.process, Case.stage).in_(list(stages)),
        Case.case_no.not_in(issued),
        Case.case_no.not_in(promised),
    )
    columns = select(Case.case_no, Case.county, Case.voltage_kv, Case.process, Case.stage)
    return [PipelineCase(*row) for row in session.execute(columns.where(running).order_by(Case.case_no))]
