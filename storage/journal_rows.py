"""The journal table: what really happened, record by record, never changed.

A reset begins a new epoch: the records of the former epoch from the reset point on stay in the table, but no longer
count. A record is *effective* when no later epoch of its workflow has a record of the same or a smaller number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Index, bindparam, exists, func, literal, select, tuple_
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from domain.journal_words import NOISE
from domain.records import Record
from domain.said import PROCESS
from storage.base import Base, table_of
from storage.paging import mark, place


class JournalRow(Base):
    """One record; `epoch_no` counts a workflow's epochs in the order in which they began, from 1."""

    __tablename__ = "journal"
    __table_args__ = (Index(None, "workflow_id", "epoch_no", "seq"), Index(None, "case_no", "at"))

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    epoch_no: Mapped[int]
    case_no: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]


@dataclass(frozen=True)
class JournalLine:
    """A record with where it stands and when the system learned of it."""

    workflow_id: str
    case_no: str
    epoch: str
    recorded_at: datetime
    record: Record


class LastRecord(NamedTuple):
    """The last record of an epoch."""

    epoch: str
    epoch_no: int
    seq: int


def effective() -> ColumnElement[bool]:
    """The condition that a `JournalRow` counts: no reset took it back."""
    later = aliased(JournalRow)
    return ~exists().where(
        later.workflow_id == JournalRow.workflow_id, later.epoch_no > JournalRow.epoch_no, later.seq <= JournalRow.seq
    )


def workflow_journal(session: Session, workflow_id: str, *, after: int = 0, limit: int = 1000) -> list[JournalLine]:
    """The effective records of one workflow beyond number `after`, in order, at most `limit`."""
    lines = select(JournalRow).where(JournalRow.workflow_id == workflow_id, JournalRow.seq > after, effective())
    return [_line(row) for row in session.scalars(lines.order_by(JournalRow.seq).limit(limit))]


_ORDER = (JournalRow.at, JournalRow.workflow_id, JournalRow.seq)
"""Of a case's journal; no two effective records of a workflow have the same number."""


def case_journal(session: Session, case_no: str, *, limit: int = 1000) -> list[JournalLine]:
    """The effective records of all workflows of a case, in order of time, at most `limit`."""
    lines = select(JournalRow).where(JournalRow.case_no == case_no, effective())
    return [_line(row) for row in session.scalars(lines.order_by(*_ORDER).limit(limit))]


def journal_page(
    session: Session, case_no: str, *, limit: int, after: str = "", important: bool = False
) -> tuple[list[JournalLine], str]:
    """A page of `case_journal`, and where the next one begins (empty for none); `important` leaves out what only
    concerns single elements (`journal_words.is_important`). Raises `WrongPlace` for an `after` of nobody's."""
    lines = select(JournalRow).where(JournalRow.case_no == case_no, effective())
    if important:
        event, kind = JournalRow.content["event"].as_string(), JournalRow.content["type"].as_string()
        lines = lines.where(event.not_in(sorted(NOISE)) | (kind == PROCESS))
    if after:
        lines = lines.where(tuple_(*_ORDER) > tuple_(*map(literal, place(after, "journal", datetime, str, int))))
    rows = session.scalars(lines.order_by(*_ORDER).limit(limit + 1)).all()
    page = rows[:limit]
    following = mark("journal", page[-1].at, page[-1].workflow_id, page[-1].seq) if len(rows) > limit else ""
    return [_line(row) for row in page], following


class StageReached(NamedTuple):
    """That a workflow of a case came to a stage."""

    workflow_id: str
    stage: str
    at: datetime


def stages_reached(session: Session, case_no: str) -> list[StageReached]:
    """Each time that a workflow of the case came to a stage, in order of time."""
    told = JournalRow.content["event"].as_string() == "stage"
    stage = JournalRow.content["data", "stage"].as_string()
    lines = select(JournalRow.workflow_id, stage, JournalRow.at).where(JournalRow.case_no == case_no, told, effective())
    return [StageReached(*row) for row in session.execute(lines.order_by(*_ORDER))]


def case_records(session: Session, workflow_id: str, until: datetime | None = None) -> Iterator[Record]:
    """The effective records of one workflow in order, those of up to `until` where it is given."""
    lines = select(JournalRow.content).where(JournalRow.workflow_id == workflow_id, effective())
    if until:
        lines = lines.where(JournalRow.at <= until)
    return (Record(**content) for content in session.scalars(lines.order_by(JournalRow.seq)))


def effective_records(session: Session, workflow_ids: Sequence[str]) -> dict[str, tuple[str, list[Record]]]:
    """Workflow id -> its case number and all its effective records in order."""
    rows = session.execute(
        select(JournalRow.workflow_id, JournalRow.case_no, JournalRow.content)
        .where(JournalRow.workflow_id.in_(workflow_ids), effective())
        .order_by(JournalRow.workflow_id, JournalRow.seq)
    )
    found: dict[str, tuple[str, list[Record]]] = {}
    for workflow_id, case_no, content in rows:
        found.setdefault(workflow_id, (case_no, []))[1].append(Record(**content))
    return found


_ROWS = table_of(JournalRow).c
_CURRENT = (
    select(_ROWS.epoch, _ROWS.epoch_no, _ROWS.seq)
    .where(_ROWS.workflow_id == bindparam("workflow_id"))
    .order_by(_ROWS.epoch_no.desc(), _ROWS.seq.desc())
    .limit(1)
)
"""Built once: every batch begins with it, and building it takes longer than running it."""


def current_epoch(session: Session, workflow_id: str) -> LastRecord | None:
    """The last record of the epoch begun last; None for a workflow without records."""
    found = session.execute(_CURRENT, {"workflow_id": workflow_id}).first()
    return LastRecord(*found) if found else None


def last_of_epoch(session: Session, workflow_id: str, epoch: str) -> LastRecord | None:
    """The last record of an epoch; None for one without records."""
    columns = select(JournalRow.epoch, JournalRow.epoch_no, JournalRow.seq)
    of_epoch = columns.where(JournalRow.workflow_id == workflow_id, JournalRow.epoch == epoch)
    found = session.execute(of_epoch.order_by(JournalRow.seq.desc()).limit(1)).first()
    return LastRecord(*found) if found else None


def first_after_epoch(session: Session, workflow_id: str, epoch_no: int) -> int | None:
    """The smallest record number of the epochs after `epoch_no`, or None if there is no later one."""
    later = (JournalRow.workflow_id == workflow_id) & (JournalRow.epoch_no > epoch_no)
    return session.scalar(select(func.min(JournalRow.seq)).where(later))


def contents(session: Session, workflow_id: str, epoch: str, first: int, last: int) -> dict[int, dict[str, Any]]:
    """The stored contents of an epoch's records `first` to `last`."""
    rows = session.execute(
        select(JournalRow.seq, JournalRow.content).where(
            JournalRow.workflow_id == workflow_id, JournalRow.epoch == epoch, JournalRow.seq.between(first, last)
        )
    )
    return dict(rows.all())


def _line(row: JournalRow) -> JournalLine:
    return JournalLine(row.workflow_id, row.case_no, row.epoch, row.recorded_at, Record(**row.content))
