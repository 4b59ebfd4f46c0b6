"""Incidents: steps that stopped until someone resolves them; written by the projection of the journal alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Index, literal, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base
from storage.cases import Case
from storage.paging import mark, place

_ORDER = "oldest"


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


@dataclass(frozen=True)
class IncidentQuery:
    """Which incidents; an empty field does not restrict."""

    state: Literal["open", "closed", "all"] = "open"
    county: str = ""
    kind: str = ""
    case_no: str = ""


@dataclass(frozen=True)
class ListedIncident:
    """One line of the list."""

    incident: Incident
    county: str


def find_incidents(
    session: Session, wanted: IncidentQuery, *, limit: int = 50, after: str = ""
) -> tuple[list[ListedIncident], str]:
    """A page of the incidents that fit, the oldest first, and where the next one begins (empty for nowhere).

    `after` is what the page before answered; `WrongPlace` for anything else.
    """
    key = (Incident.opened_at, Incident.workflow_id, Incident.seq)
    rows = select(Incident, Case.county).join(Case, Case.workflow_id == Incident.workflow_id)
    rows = rows.where(*_fits(wanted))
    if after:
        opened_at, workflow_id, seq = place(after, _ORDER, datetime, str, int)
        rows = rows.where(tuple_(*key) > tuple_(literal(opened_at, Incident.opened_at.type), workflow_id, seq))
    found = session.execute(rows.order_by(*key).limit(limit + 1)).all()
    page = [ListedIncident(incident, county) for incident, county in found[:limit]]
    last = page[-1].incident if len(found) > limit else None
    return page, mark(_ORDER, last.opened_at, last.workflow_id, last.seq) if last else ""


def _fits(wanted: IncidentQuery) -> list[ColumnElement[bool]]:
    equal = ((Case.county, wanted.county), (Incident.kind, wanted.kind), (Incident.case_no, wanted.case_no))
    conditions: list[ColumnElement[bool]] = [column == value for column, value in equal if value]
    if wanted.state != "all":
        closed = Incident.closed_at.is_not(None)
        conditions.append(closed if wanted.state == "closed" else ~closed)
    return conditions


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
