"""Incidents: steps that stopped until someone resolves them; written by the projection of the journal alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base


class Incident(Base):
    """One incident; `seq` is that of the record that reported it, `key` the element instance that stopped."""

    __tablename__ = "incidents"
    __table_args__ = (Index(None, "workflow_id", "key"),)

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    case_no: Mapped[str] = mapped_column(index=True)
    element: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    message: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_by: Mapped[str]


def open_incidents(session: Session, *, case_no: str = "", limit: int = 100, offset: int = 0) -> Sequence[Incident]:
    """Incidents that nobody has resolved, of one case or of all, the oldest first."""
    waiting = select(Incident).where(Incident.closed_at.is_(None))
    if case_no:
        waiting = waiting.where(Incident.case_no == case_no)
    oldest = waiting.order_by(Incident.opened_at, Incident.workflow_id, Incident.seq)
    return session.scalars(oldest.limit(limit).offset(offset)).all()


def case_incidents(session: Session, case_no: str) -> Sequence[Incident]:
    """Every incident a case ever had, in order."""
    of_case = select(Incident).where(Incident.case_no == case_no)
    return session.scalars(of_case.order_by(Incident.opened_at, Incident.workflow_id, Incident.seq)).all()
