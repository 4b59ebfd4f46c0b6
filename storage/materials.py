"""The materials ledger: what was issued to a case's works and what came back, on numbered slips.

What is kept in stock (`storage.stock`) is drawn from it by the same slip, and put back by its return.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.stock import Material
from storage.base import Base
from storage.drawing import check_draw, draw, lock_drawn, put_back
from storage.locks import lock, lock_job
from storage.numbers import formatted, next_number
from storage.reservations import Whose


class UnknownSlip(Exception):
    """No issue slip has that number."""


class SlipKind(StrEnum):
    """Which way the materials went."""

    ISSUE = "issue"
    RETURN = "return"


class MaterialSlip(Base):
    """One slip; a return names the issue slip it gives back, and an issue is given back at most once.

    `against` is the early-start approval 先行施工审批单 that it was made against; empty where there is none.
    """

    __tablename__ = "material_slips"
    __table_args__ = (UniqueConstraint("workflow_id", "key"),)

    number: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    workflow_id: Mapped[str]
    key: Mapped[str]
    case_no: Mapped[str] = mapped_column(index=True)
    returns: Mapped[str | None] = mapped_column(ForeignKey("material_slips.number"), unique=True)
    against: Mapped[str | None]
    at: Mapped[datetime]


class MaterialMovement(Base):
    """One line of a slip; `quantity` is positive in `unit`, the slip's kind says the direction."""

    __tablename__ = "material_movements"

    slip: Mapped[str] = mapped_column(ForeignKey("material_slips.number"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str]
    unit: Mapped[str]
    quantity: Mapped[Decimal]


def issue_materials(
    session: Session,
    *,
    workflow_id: str,
    key: str,
    case_no: str,
    materials: Sequence[Material],
    series: str,
    number_format: str,
    now: datetime,
    depot: str = "",
    against: str = "",
) -> str:
    """Books an issue and returns the slip's number; the second time for (workflow, key) it answers the first number.

    What is kept in stock is drawn from `depot`, or from whichever has it. Raises `ValueError` for no materials or a
    quantity that is not positive, and `Short` or `StockRefused` as `storage.reservations.check_draw` does.
    """
    if not materials:
        raise ValueError("an issue slip needs at least one material")
    for material in materials:
        if not material.quantity.is_finite() or material.quantity <= 0:
            raise ValueError(f"the quantity of {material.item} must be positive, not {material.quantity}")
    lock_job(session, workflow_id, key)
    known = slip_of_job(session, workflow_id, key)
    if known:
        return known
    check_draw(session, case_no, materials, depot, now)
    slip = MaterialSlip(
        number=formatted(number_format, next_number(session, series)),
        kind=SlipKind.ISSUE.value,
        workflow_id=workflow_id,
        key=key,
        case_no=case_no,
        returns=None,
        against=against or None,
        at=now,
    )
    number = _book(session, slip, materials)
    draw(session, Whose(workflow_id, key, case_no), materials, depot=depot, slip=number, now=now)
    return number


def return_materials(
    session: Session,
    *,
    workflow_id: str,
    key: str,
    issue_no: str,
    series: str,
    number_format: str,
    now: datetime,
) -> str:
    """Books the return of everything on an issue slip and returns the return slip's number; what was drawn from stock
    is there again.

    Whoever asks again, even as another piece of work, gets the number of the first return. Raises `UnknownSlip`.
    """
    lock(session, f"material slip {issue_no}")
    issued = session.get(MaterialSlip, issue_no)
    if issued is None or issued.kind != SlipKind.ISSUE:
        raise UnknownSlip(f"no issue slip has the number {issue_no!r}")
    known = session.scalar(select(MaterialSlip.number).where(MaterialSlip.returns == issue_no))
    if known:
        return known
    lock_drawn(session, issue_no)
    slip = MaterialSlip(
        number=formatted(number_format, next_number(session, series)),
        kind=SlipKind.RETURN.value,
        workflow_id=workflow_id,
        key=key,
        case_no=issued.case_no,
        returns=issue_no,
        against=issued.against,
        at=now,
    )
    number = _book(session, slip, slip_materials(session, issue_no))
    put_back(session, issue_no, number, now)
    return number


def slip_of_job(session: Session, workflow_id: str, key: str) -> str | None:
    """The number of the slip that a piece of work has booked, or None."""
    of_job = (MaterialSlip.workflow_id == workflow_id) & (MaterialSlip.key == key)
    return session.scalar(select(MaterialSlip.number).where(of_job))


def slip_materials(session: Session, number: str) -> list[Material]:
    """The lines of a slip, in order."""
    lines = select(MaterialMovement).where(MaterialMovement.slip == number).order_by(MaterialMovement.line)
    return [Material(line.item, line.unit, line.quantity) for line in session.scalars(lines)]


def case_slips(session: Session, case_no: str) -> Sequence[MaterialSlip]:
    """The slips of a case, in order of time."""
    of_case = select(MaterialSlip).where(MaterialSlip.case_no == case_no)
    return session.scalars(of_case.order_by(MaterialSlip.at, MaterialSlip.number)).all()


def case_balance(session: Session, case_no: str) -> list[Material]:
    """What a case's works still hold: issued less returned, by item and unit, without what is zero."""
    lines = session.execute(
        select(MaterialMovement.item, MaterialMovement.unit, MaterialMovement.quantity, MaterialSlip.kind)
        .join(MaterialSlip, MaterialSlip.number == MaterialMovement.slip)
        .where(MaterialSlip.case_no == case_no)
    )
    held: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for item, unit, quantity, kind in lines:
        held[item, unit] += quantity if kind == SlipKind.ISSUE else -quantity
    return [Material(item, unit, quantity) for (item, unit), quantity in sorted(held.items()) if quantity]


def _book(session: Session, slip: MaterialSlip, materials: Sequence[Material]) -> str:
    session.add(slip)
    session.flush()
    session.add_all(
        MaterialMovement(
            slip=slip.number, line=line, item=material.item, unit=material.unit, quantity=material.quantity
        )
        for line, material in enumerate(materials, start=1)
    )
    session.flush()
    return slip.number
