"""Cases as lists show them; written by the projection of the journal alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base


class CaseState(StrEnum):
    """Where a case's workflow stands."""

    RUNNING = "running"
    COMPLETED = "completed"
    TERMINATED = "terminated"


class Case(Base):
    """One process instance; several share a case number when a diagram calls another."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(None, "customer", "address"),
        Index(None, "case_no", "parent_workflow_id"),
        Index(None, "parent_workflow_id", "opened_at"),
    )

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    case_no: Mapped[str]
    process: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    case_type: Mapped[str]
    voltage_kv: Mapped[str]
    county: Mapped[str]
    customer: Mapped[str]
    address: Mapped[str]
    parent_workflow_id: Mapped[str]
    stage: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


@dataclass(frozen=True)
class CaseFilter:
    """Which cases a list shows; an empty field does not restrict."""

    state: str = ""
    process: str = ""
    case_type: str = ""
    voltage_kv: str = ""
    county: str = ""
    stage: str = ""
    with_children: bool = False


def case(session: Session, workflow_id: str) -> Case | None:
    """The case of one workflow, or None."""
    return session.get(Case, workflow_id)


def case_family(session: Session, case_no: str) -> Sequence[Case]:
    """Every process instance of a case number, the first opened first."""
    return session.scalars(select(Case).where(Case.case_no == case_no).order_by(Case.opened_at, Case.workflow_id)).all()


def case_counties(session: Session, numbers: Collection[str]) -> dict[str, str]:
    """The county of each of these cases that there is, by number."""
    if not numbers:
        return {}
    main = (Case.parent_workflow_id == "") & Case.case_no.in_(numbers)
    return dict(session.execute(select(Case.case_no, Case.county).where(main)).all())


def running_processes(
    session: Session,
    process: str,
    *,
    other_than: int,
    versions: Collection[int] = (),
    county: str = "",
    numbers: Collection[str] = (),
    limit: int,
) -> Sequence[Case]:
    """The running instances of a process, called ones too, of another version than `other_than`, first opened first:
    of these versions, of that county, of these case numbers, where they are given."""
    wanted = [Case.process == process, Case.state == CaseState.RUNNING.value, Case.version != other_than]
    wanted += [Case.version.in_(versions)] if versions else []
    wanted += [Case.county == county] if county else []
    wanted += [Case.case_no.in_(numbers)] if numbers else []
    return session.scalars(select(Case).where(*wanted).order_by(Case.opened_at, Case.workflow_id).limit(limit)).all()


def list_cases(
    session: Session, wanted: CaseFilter = CaseFilter(), *, limit: int = 100, offset: int = 0
) -> Sequence[Case]:
    """The cases that fit, the latest opened first."""
    newest = select(Case).where(*_fits(wanted)).order_by(Case.opened_at.desc(), Case.workflow_id)
    return session.scalars(newest.limit(limit).offset(offset)).all()


def count_cases(session: Session, wanted: CaseFilter = CaseFilter()) -> int:
    """How many cases fit."""
    return session.scalar(select(func.count()).select_from(Case).where(*_fits(wanted))) or 0


def _fits(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    columns = (Case.state, Case.process, Case.case_type, Case.voltage_kv, Case.county, Case.stage)
    conditions: list[ColumnElement[bool]] = [
        column == value for column in columns if (value := getattr(wanted, column.key))
    ]
    return conditions if wanted.with_children else [*conditions, Case.parent_workflow_id == ""]
