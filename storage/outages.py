"""Weekly outage plans 停送电周计划: the requests of a week, what was planned of them, and how it was carried out.

Written by the activities of the plan's process; the board and the planner read it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base


class PlanState(StrEnum):
    """How far a week's plan has come."""

    COLLECTING = "collecting"
    COMPILING = "compiling"
    ISSUED = "issued"
    CLOSED = "closed"


class RequestState(StrEnum):
    """What became of a request."""

    ENTERED = "entered"
    LATE = "late"
    DEFERRED = "deferred"
    PLANNED = "planned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


BESIDE = (RequestState.ENTERED, RequestState.LATE, RequestState.PLANNED)
"""Requests that another one has to share its week with."""


class ItemState(StrEnum):
    """How an item of an issued plan stands."""

    APPROVED = "approved"
    EXECUTED = "executed"
    CANCELLED = "cancelled"


class OutagePlan(Base):
    """The plan of one dispatch unit for one ISO week; `rules` is the table it is made by, as it was when it began."""

    __tablename__ = "outage_plans"

    unit: Mapped[str] = mapped_column(primary_key=True)
    week: Mapped[str] = mapped_column(primary_key=True)
    workflow_id: Mapped[str] = mapped_column(unique=True)
    case_no: Mapped[str]
    state: Mapped[str]
    cut_off_at: Mapped[datetime]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    rules: Mapped[dict[str, Any]]
    proposal: Mapped[dict[str, Any] | None]
    figures: Mapped[dict[str, Any] | None]
    plan_no: Mapped[str | None]
    issued_at: Mapped[datetime | None]
    executed: Mapped[int | None]
    planned: Mapped[int | None]
    closed_at: Mapped[datetime | None]


class OutageEntry(Base):
    """A request as a plan took it in: `data` is the `domain.outage.requests.OutageRequest`, `findings` what its entry
    checks said, `reason` why it was not planned."""

    __tablename__ = "outage_entries"
    __table_args__ = (
        ForeignKeyConstraint(["unit", "week"], ["outage_plans.unit", "outage_plans.week"]),
        Index(None, "unit", "week"),
    )

    request_no: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str]
    week: Mapped[str]
    case_no: Mapped[str] = mapped_column(index=True)
    data: Mapped[dict[str, Any]]
    findings: Mapped[list[dict[str, Any]]]
    state: Mapped[str]
    reason: Mapped[str]
    entered_at: Mapped[datetime]


class OutageItem(Base):
    """One outage of an issued plan, or an emergency one beside it; `data` is what the plan says of it."""

    __tablename__ = "outage_items"
    __table_args__ = (
        ForeignKeyConstraint(["unit", "week"], ["outage_plans.unit", "outage_plans.week"]),
        Index(None, "unit", "week"),
        Index(None, "feeder", "starts_at"),
    )

    item_no: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str]
    week: Mapped[str]
    station: Mapped[str]
    feeder: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    customers: Mapped[int]
    emergency: Mapped[bool]
    data: Mapped[dict[str, Any]]
    state: Mapped[str]
    actual_from: Mapped[datetime | None]
    actual_to: Mapped[datetime | None]
    reason: Mapped[str]
    moves: Mapped[list[dict[str, Any]]]
    deliveries: Mapped[list[dict[str, Any]]]
    settled_at: Mapped[datetime | None]


def plan_of(session: Session, unit: str, week: str) -> OutagePlan | None:
    """The plan of a unit's week, or None."""
    return session.get(OutagePlan, (unit, week))


def plans(session: Session, unit: str, *, limit: int, before: str = "") -> Sequence[OutagePlan]:
    """A unit's plans, the latest week first: those before the week `before`, where one is named."""
    wanted = select(OutagePlan).where(OutagePlan.unit == unit).order_by(OutagePlan.week.desc())
    return session.scalars((wanted.where(OutagePlan.week < before) if before else wanted).limit(limit)).all()


def units(session: Session) -> Sequence[str]:
    """The units that have plans."""
    return session.scalars(select(OutagePlan.unit).distinct().order_by(OutagePlan.unit)).all()


def entries_of(session: Session, unit: str, week: str) -> Sequence[OutageEntry]:
    """The requests that came to a plan, the first entered first."""
    of_week = select(OutageEntry).where(OutageEntry.unit == unit, OutageEntry.week == week)
    return session.scalars(of_week.order_by(OutageEntry.entered_at, OutageEntry.request_no)).all()


def entry(session: Session, request_no: str) -> OutageEntry | None:
    """A request by its number, in the plan that has it now; None for one that no plan knows."""
    return session.get(OutageEntry, request_no)


def items_of(session: Session, unit: str, week: str) -> Sequence[OutageItem]:
    """The items of an issued plan, the first to begin first."""
    of_week = select(OutageItem).where(OutageItem.unit == unit, OutageItem.week == week)
    return session.scalars(of_week.order_by(OutageItem.starts_at, OutageItem.item_no)).all()


def item(session: Session, item_no: str) -> OutageItem | None:
    """An item by its number, or None."""
    return session.get(OutageItem, item_no)


def settle_entries(session: Session, numbers: Collection[str], state: RequestState, reason: str = "") -> None:
    """What became of these requests."""
    if numbers:
        chosen = update(OutageEntry).where(OutageEntry.request_no.in_(numbers))
        session.execute(chosen.values(state=state, reason=reason))


def outages_since(session: Session, feeders: Collection[str], since: datetime) -> Sequence[OutageItem]:
    """The outages of these feeders from `since` on that took place or still are to, for frequency and joining."""
    took_place = OutageItem.state.in_((ItemState.APPROVED, ItemState.EXECUTED))
    wanted = select(OutageItem).where(OutageItem.feeder.in_(feeders), OutageItem.starts_at >= since, took_place)
    return session.scalars(wanted.order_by(OutageItem.starts_at, OutageItem.item_no)).all()


def add_items(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Items that are not there yet; one whose number is there stays as it is."""
    known = set(session.scalars(select(OutageItem.item_no).where(OutageItem.item_no.in_([r["item_no"] for r in rows]))))
    session.add_all(OutageItem(**row) for row in rows if row["item_no"] not in known)
    session.flush()
