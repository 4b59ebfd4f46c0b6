"""The tables of bays: what stands in the stations, which case has a bay, for whom one is kept, and what was done.

Two unique indexes hold what no program may break: a bay has one holder, and is kept for one need.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base

_HELD = text("ended_at IS NULL")
_KEPT = text("state = 'approved'")


class BayRow(Base):
    """One bay; `id` is station and code with a colon between. `version` counts its changes of state: whoever changes it
    says which one was read."""

    __tablename__ = "bays"
    __table_args__ = (
        ForeignKeyConstraint(["station", "busbar"], ["busbars.station", "busbars.code"]),
        UniqueConstraint("station", "code"),
        Index(None, "station", "voltage_kv", "state"),
        Index(None, "state", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    station: Mapped[str]
    busbar: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    voltage_kv: Mapped[str]
    built: Mapped[bool]
    state: Mapped[str]
    version: Mapped[int]


class BayTaking(Base):
    """That a piece of work (workflow, key) took a bay for its case, until `ended_at`; the piece of work that ended it
    is kept, so that it ends no later one."""

    __tablename__ = "bay_takings"
    __table_args__ = (
        Index("uq_bay_takings_held", "bay", unique=True, sqlite_where=_HELD, postgresql_where=_HELD),
        Index(None, "case_no"),
    )

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    bay: Mapped[str] = mapped_column(ForeignKey("bays.id"), index=True)
    case_no: Mapped[str]
    purpose: Mapped[str]
    taken_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_workflow_id: Mapped[str]
    ended_key: Mapped[str]


class BayWish(Base):
    """Where the process of a case last asked for a bay and got none."""

    __tablename__ = "bay_wishes"

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    case_no: Mapped[str]
    lead_no: Mapped[str]
    station: Mapped[str]
    voltage_kv: Mapped[str]
    bay: Mapped[str | None]


class ReservationRow(Base):
    """One reservation. `wanted_bay` was asked for by name, `bay` is the one that was given. `reference` is the case or
    the lead, `level` the one that decided, `ended_…` how it was used, released or ran out."""

    __tablename__ = "bay_reservations"
    __table_args__ = (
        Index("uq_bay_reservations_kept", "bay", unique=True, sqlite_where=_KEPT, postgresql_where=_KEPT),
        Index(None, "proposed_at", "number"),
        Index(None, "state", "expires_on"),
        Index(None, "reference"),
    )

    number: Mapped[str] = mapped_column(primary_key=True)
    station: Mapped[str] = mapped_column(ForeignKey("stations.code"), index=True)
    voltage_kv: Mapped[str]
    county: Mapped[str]
    wanted_bay: Mapped[str | None] = mapped_column(ForeignKey("bays.id"), index=True)
    bay: Mapped[str | None] = mapped_column(ForeignKey("bays.id"), index=True)
    need: Mapped[str]
    reference: Mapped[str]
    source: Mapped[str]
    probability: Mapped[Decimal]
    needed_year: Mapped[int]
    expires_on: Mapped[date]
    state: Mapped[str]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime]
    level: Mapped[str]
    decided_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    remark: Mapped[str]
    ended_by: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str]


class BayEvent(Base):
    """One act with a bay: when, who (an account, or the case whose process did it), for which case or reservation, and
    why."""

    __tablename__ = "bay_events"
    __table_args__ = (Index(None, "bay", "id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    bay: Mapped[str] = mapped_column(ForeignKey("bays.id"))
    at: Mapped[datetime]
    act: Mapped[str]
    by: Mapped[str]
    case_no: Mapped[str]
    reservation: Mapped[str]
    why: Mapped[str]
