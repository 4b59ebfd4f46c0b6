"""What an issue slip draws from the stock, and its return puts back.

An issue takes what the case has been promised before it takes what is free. An amount that no single depot has is taken
from several, and goes back to each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.stock import Material
from storage.needs import Short, needs_of, shortages_of, spread
from storage.reservations import (
    Reservation,
    ReservationState,
    Whose,
    held_lines,
    held_of,
    note_shortages,
    reservation_lines,
)
from storage.stock import NOTHING, MovementKind, StockMovement, lock_items, move


def check_draw(session: Session, case_no: str, materials: Sequence[Material], depot: str, now: datetime) -> None:
    """Holds what is to be drawn to the end of the transaction. Raises `Short`, and `StockRefused` as `check_stock`."""
    needs = needs_of(session, materials, depot)
    lock_items(session, needs.quantities)
    held = held_of(session, case_no, needs.quantities, depot)
    if shortages := list(shortages_of(session, needs, depot, held, now)):
        raise Short(shortages)


def lock_drawn(session: Session, slip: str) -> None:
    """Holds what an issue slip has drawn to the end of the transaction."""
    lock_items(session, set(session.scalars(select(StockMovement.item).where(StockMovement.paper == slip))))


def draw(
    session: Session, whose: Whose, materials: Sequence[Material], *, depot: str, slip: str, now: datetime
) -> None:
    """Takes off what an issue slip says, of what is kept in stock. To be called once for a slip, and not before
    `check_draw` in the same transaction."""
    needs = needs_of(session, materials, depot)
    for item, quantity in needs.quantities.items():
        left = quantity - _draw_held(session, whose.case_no, item, depot, quantity, slip, now)
        for where, part in spread(session, item, depot, left):
            move(session, MovementKind.ISSUE, item, where, -part, case_no=whose.case_no, paper=slip, now=now)
    note_shortages(session, whose, materials, (), now)


def put_back(session: Session, issue_slip: str, return_slip: str, now: datetime) -> None:
    """Puts back, into the depots that it came from, what an issue slip has drawn. A slip from before the items were
    kept in stock has drawn nothing."""
    drawn = select(StockMovement).where(StockMovement.paper == issue_slip, StockMovement.kind == MovementKind.ISSUE)
    in_order = drawn.order_by(StockMovement.item, StockMovement.depot, StockMovement.id)
    for one in session.scalars(in_order).all():
        move(
            session,
            MovementKind.RETURN,
            one.item,
            one.depot,
            -one.change,
            case_no=one.case_no,
            paper=return_slip,
            now=now,
        )


def _draw_held(
    session: Session, case_no: str, item: str, depot: str, quantity: Decimal, slip: str, now: datetime
) -> Decimal:
    """Takes what the case was promised, the oldest promise first; answers how much of the quantity that was."""
    drawn = NOTHING
    for line in held_lines(session, case_no, [item], depot):
        part = min(line.held, quantity - drawn)
        if part <= NOTHING:
            break
        line.held -= part
        move(
            session,
            MovementKind.ISSUE,
            item,
            line.depot,
            -part,
            from_reserved=part,
            case_no=case_no,
            paper=slip,
            now=now,
        )
        _used(session, line.reservation)
        drawn += part
    return drawn


def _used(session: Session, number: str) -> None:
    """A reservation of which nothing is held any more has served."""
    session.flush()
    if not any(line.held for line in reservation_lines(session, number)):
        session.get_one(Reservation, number).state = ReservationState.USED.value
        session.flush()
