"""Call-offs 框架委托 from framework agreements, within what remains.

A call-off never goes beyond what remains of its lot and of the whole: the statement that books it says so, and the
database refuses it (`CHECK`). A cancelled one gives its amount back once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.calendar import shanghai_date
from domain.frameworks import Room, alternatives, what_to_do
from storage.base import Base
from storage.exact import YUAN
from storage.frameworks import NOTHING, Framework, FrameworkLot, lock_framework, rooms
from storage.locks import lock_job
from storage.numbers import formatted, next_number


class FrameworkUnusable(Exception):
    """A framework from which this cannot be called off; the text says in Chinese why, and what to do."""


class FrameworkMoved(Exception):
    """What remained when it was looked at does not remain any more; trying again looks again."""


class UnknownCallOff(Exception):
    """No call-off has that number."""


class CallOffState(StrEnum):
    """Whether a call-off counts."""

    ACTIVE = "active"
    CANCELLED = "cancelled"


class CallOff(Base):
    """One call-off 框架委托 of a piece of work."""

    __tablename__ = "framework_call_offs"
    __table_args__ = (
        UniqueConstraint("workflow_id", "key"),
        ForeignKeyConstraint(["framework", "lot"], ["framework_lots.framework", "framework_lots.lot"]),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    workflow_id: Mapped[str]
    key: Mapped[str]
    case_no: Mapped[str] = mapped_column(index=True)
    framework: Mapped[str] = mapped_column(index=True)
    lot: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(YUAN)
    matter: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


@dataclass(frozen=True)
class CalledOff:
    """A call-off, what now remains of its lot, and what its paper states of the framework."""

    number: str
    remaining: Decimal
    contractor: str
    award_no: str
    awarded_on: date
    valid_from: date
    valid_to: date
    licence: str
    licence_until: date


@dataclass(frozen=True)
class Wanted:
    """What is to be called off: how much, from which lot, for what; a `contractor` that is named must be the
    framework's."""

    framework: str
    lot: str
    amount: Decimal
    matter: str
    contractor: str = ""


def call_off(
    session: Session,
    *,
    workflow_id: str,
    key: str,
    case_no: str,
    wanted: Wanted,
    series: str,
    number_format: str,
    now: datetime,
) -> CalledOff:
    """Calls off from a framework; the second time for (workflow, key) it answers the first call-off, with what remains
    now.

    Raises `FrameworkUnusable`.
    """
    lock_job(session, workflow_id, key)
    lock_framework(session, wanted.framework)
    of_job = (CallOff.workflow_id == workflow_id) & (CallOff.key == key)
    known = session.scalar(select(CallOff).where(of_job))
    if known:
        return _called_off(session, known)
    room = _usable(session, wanted, shanghai_date(now))
    _book(session, room.framework, room.lot, wanted.amount)
    made = CallOff(
        number=formatted(number_format, next_number(session, series)),
        workflow_id=workflow_id,
        key=key,
        case_no=case_no,
        framework=room.framework,
        lot=room.lot,
        amount=wanted.amount,
        matter=wanted.matter,
        state=CallOffState.ACTIVE.value,
        at=now,
        cancelled_at=None,
    )
    session.add(made)
    session.flush()
    return _called_off(session, made)


def cancel_call_off(session: Session, number: str, now: datetime) -> CallOff:
    """Gives the amount of a call-off back, however often it is asked, once. Raises `UnknownCallOff`."""
    found = session.get(CallOff, number)
    if found is None:
        raise UnknownCallOff(f"no call-off has the number {number!r}")
    lock_framework(session, found.framework)
    session.refresh(found)
    if found.state == CallOffState.ACTIVE:
        _book(session, found.framework, found.lot, -found.amount)
        found.state, found.cancelled_at = CallOffState.CANCELLED.value, now
        session.flush()
    return found


def call_offs(
    session: Session,
    *,
    framework: str = "",
    case_no: str = "",
    state: CallOffState | None = None,
    limit: int = 50,
    after: str = "",
) -> tuple[Sequence[CallOff], str]:
    """A page of the call-offs by number, and where the next one begins (empty for none)."""
    found = select(CallOff).where(CallOff.number > after)
    for column, value in ((CallOff.framework, framework), (CallOff.case_no, case_no), (CallOff.state, state)):
        if value:
            found = found.where(column == value)
    page = session.scalars(found.order_by(CallOff.number).limit(limit + 1)).all()
    return page[:limit], page[limit - 1].number if len(page) > limit else ""


def _usable(session: Session, wanted: Wanted, day: date) -> Room:
    lots = rooms(session, wanted.framework)
    room = next((one for one in lots if one.lot == wanted.lot), None)
    if room:
        fault = room.fault(wanted.amount, day, wanted.contractor)
    elif lots:
        known = "、".join(one.lot for one in lots)
        fault = f"框架{wanted.framework}没有标段{wanted.lot}，有标段{known}"
    else:
        fault = f"没有编号为{wanted.framework}的框架"
    if fault or room is None:
        kind = lots[0].kind if lots else ""
        others = alternatives(rooms(session), kind, wanted.amount, day)
        raise FrameworkUnusable(f"{fault}。{what_to_do(others)}。")
    return room


def _book(session: Session, framework: str, lot: str, amount: Decimal) -> None:
    """Adds to what was called off, of the whole and of the lot, or gives back; never beyond what was tendered."""
    whole, part = Framework.called_off + amount, FrameworkLot.called_off + amount
    of_whole = update(Framework).where(Framework.number == framework, whole >= NOTHING, whole <= Framework.total)
    of_lot = update(FrameworkLot).where(FrameworkLot.framework == framework, FrameworkLot.lot == lot)
    of_lot = of_lot.where(part >= NOTHING, part <= FrameworkLot.amount)
    connection = session.connection()
    for booked in (of_whole.values(called_off=whole), of_lot.values(called_off=part)):
        if connection.execute(booked).rowcount != 1:
            raise FrameworkMoved(f"{framework}, lot {lot}")


def _called_off(session: Session, made: CallOff) -> CalledOff:
    framework = session.get_one(Framework, made.framework)
    room = next(one for one in rooms(session, made.framework) if one.lot == made.lot)
    return CalledOff(
        number=made.number,
        remaining=room.remaining,
        contractor=framework.contractor,
        award_no=framework.award_no,
        awarded_on=framework.awarded_on,
        valid_from=framework.valid_from,
        valid_to=framework.valid_to,
        licence=framework.licence,
        licence_until=framework.licence_until,
    )
