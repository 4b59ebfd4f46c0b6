"""What cases are promised of the stock, and what they were found to lack.

Who asks first is served first: what a case needs later is promised by a reservation, and only then kept for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    UniqueConstraint,
    delete,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.stock import Material, Shortage
from storage.base import Base
from storage.exact import QUANTITY
from storage.locks import lock, lock_job
from storage.needs import Short, needs_of, shortages_of, spread
from storage.numbers import formatted, next_number
from storage.stock import (
    NOTHING,
    hold,
    known_items,
    lock_items,
)


class UnknownReservation(Exception):
    """No reservation has that number."""


class ReservationState(StrEnum):
    """What became of a reservation."""

    HELD = "held"
    USED = "used"
    RELEASED = "released"


class Reservation(Base):
    """What a piece of work of a case was promised; `against` is the early-start approval, empty where there is none."""

    __tablename__ = "stock_reservations"
    __table_args__ = (UniqueConstraint("workflow_id", "key"),)

    number: Mapped[str] = mapped_column(primary_key=True)
    workflow_id: Mapped[str]
    key: Mapped[str]
    case_no: Mapped[str] = mapped_column(index=True)
    against: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime]
    released_at: Mapped[datetime | None]


class ReservationLine(Base):
    """One amount that was promised; `held` is what of it has been neither issued nor released."""

    __tablename__ = "stock_reservation_lines"
    __table_args__ = (
        ForeignKeyConstraint(["item", "depot"], ["stock_levels.item", "stock_levels.depot"]),
        CheckConstraint("held >= 0 AND held <= quantity", name="held"),
    )

    reservation: Mapped[str] = mapped_column(ForeignKey("stock_reservations.number"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]
    depot: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(QUANTITY)
    held: Mapped[Decimal] = mapped_column(QUANTITY)


class ShortItem(Base):
    """What the works of a case were last found to lack; `depot` is empty where all were asked."""

    __tablename__ = "stock_shortages"

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(ForeignKey("stock_items.code"), primary_key=True)
    case_no: Mapped[str]
    depot: Mapped[str]
    needed: Mapped[Decimal] = mapped_column(QUANTITY)
    found_at: Mapped[datetime]


@dataclass(frozen=True)
class Whose:
    """The piece of work that asks, and for which case."""

    workflow_id: str
    key: str
    case_no: str


@dataclass(frozen=True)
class StockCheck:
    """Whether there is enough; `not_stocked` are the items of which the company keeps no stock."""

    shortages: tuple[Shortage, ...]
    not_stocked: tuple[str, ...]


def check_stock(session: Session, case_no: str, materials: Sequence[Material], depot: str, now: datetime) -> StockCheck:
    """Whether there is enough for the case: what it has been promised, and what is free.

    Raises `StockRefused` for an unknown depot, an item in another unit than the stock counts it in, and an amount with
    more decimals than it has.
    """
    needs = needs_of(session, materials, depot)
    held = held_of(session, case_no, needs.quantities, depot)
    return StockCheck(tuple(shortages_of(session, needs, depot, held, now)), needs.not_stocked)


def reserve(
    session: Session,
    whose: Whose,
    *,
    materials: Sequence[Material],
    depot: str,
    against: str,
    series: str,
    number_format: str,
    now: datetime,
) -> str:
    """Promises all of it to the case, or nothing, and returns the reservation's number; the second time for (workflow,
    key) the first number. What is not kept in stock is not promised.

    Raises `Short`, and `StockRefused` as `check_stock` does.
    """
    lock_job(session, whose.workflow_id, whose.key)
    known = _of_job(session, whose)
    if known:
        return known
    needs = needs_of(session, materials, depot)
    lock_items(session, needs.quantities)
    if shortages := list(shortages_of(session, needs, depot, {}, now)):
        raise Short(shortages)
    number = formatted(number_format, next_number(session, series))
    session.add(
        Reservation(
            number=number,
            workflow_id=whose.workflow_id,
            key=whose.key,
            case_no=whose.case_no,
            against=against,
            state=ReservationState.HELD.value,
            at=now,
            released_at=None,
        )
    )
    session.flush()
    parts = [
        (item, *part) for item, needed in needs.quantities.items() for part in spread(session, item, depot, needed)
    ]
    for line, (item, where, quantity) in enumerate(parts, start=1):
        hold(session, item, where, quantity)
        session.add(
            ReservationLine(reservation=number, line=line, item=item, depot=where, quantity=quantity, held=quantity)
        )
    session.flush()
    note_shortages(session, whose, materials, (), now)
    return number


def release(session: Session, number: str, now: datetime) -> None:
    """Gives back what a reservation still holds; the second time it changes nothing. Raises `UnknownReservation`."""
    lock(session, f"reservation {number}")
    found = session.get(Reservation, number)
    if found is None:
        raise UnknownReservation(f"no reservation has the number {number!r}")
    lines = _lines(session, ReservationLine.reservation == number)
    lock_items(session, {line.item for line in lines})
    session.refresh(found)
    if found.state != ReservationState.HELD:
        return
    for line in _lines(session, ReservationLine.reservation == number):
        hold(session, line.item, line.depot, -line.held)
        line.held = NOTHING
    found.state, found.released_at = ReservationState.RELEASED.value, now
    session.flush()


def note_shortages(
    session: Session, whose: Whose, asked: Sequence[Material], shortages: Sequence[Shortage], now: datetime
) -> None:
    """What the works lack of what they have `asked` for, for those who buy; it replaces what was found of these items
    before."""
    known = known_items(session, {material.item for material in asked})
    items = {item.code for item in known.values()}
    lock(session, f"shortages {whose.workflow_id}")
    session.execute(delete(ShortItem).where(ShortItem.workflow_id == whose.workflow_id, ShortItem.item.in_(items)))
    codes = {item.name: item.code for item in known.values()}
    session.add_all(
        ShortItem(
            workflow_id=whose.workflow_id,
            item=codes[one.item],
            case_no=whose.case_no,
            depot=one.depot,
            needed=one.needed,
            found_at=now,
        )
        for one in shortages
    )
    session.flush()


def case_reservations(session: Session, case_no: str) -> Sequence[Reservation]:
    """The reservations of a case, in order of time."""
    of_case = select(Reservation).where(Reservation.case_no == case_no)
    return session.scalars(of_case.order_by(Reservation.at, Reservation.number)).all()


def reservation_lines(session: Session, number: str) -> Sequence[ReservationLine]:
    """What a reservation promised, in order."""
    return _lines(session, ReservationLine.reservation == number)


def _of_job(session: Session, whose: Whose) -> str | None:
    of_job = (Reservation.workflow_id == whose.workflow_id) & (Reservation.key == whose.key)
    return session.scalar(select(Reservation.number).where(of_job))


def held_lines(session: Session, case_no: str, items: Iterable[str], depot: str) -> Sequence[ReservationLine]:
    """What a case has been promised of these items and still holds, in the order of the promises."""
    of_case = select(Reservation.number).where(Reservation.case_no == case_no)
    held = ReservationLine.reservation.in_(of_case) & ReservationLine.item.in_(items) & (ReservationLine.held > NOTHING)
    return _lines(session, held & (ReservationLine.depot == depot) if depot else held)


def _lines(session: Session, which: ColumnElement[bool]) -> Sequence[ReservationLine]:
    """Lines of reservations as the database has them now."""
    lines = select(ReservationLine).where(which).order_by(ReservationLine.reservation, ReservationLine.line)
    return session.scalars(lines.execution_options(populate_existing=True)).all()


def held_of(session: Session, case_no: str, items: Iterable[str], depot: str) -> dict[str, Decimal]:
    """How much a case has been promised of these items and still holds."""
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    for line in held_lines(session, case_no, items, depot):
        held[line.item] += line.held
    return held
