"""Copies 抄送: what was sent to people for them to know; written by the projection of the journal alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, literal, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base
from storage.paging import mark, place

_ORDER = "latest"


class TaskCopy(Base):
    """One account that was told of one task; `seq` is that of the record that says so, `key` the task's element
    instance, and `task` the key that people's acts name it by."""

    __tablename__ = "task_copies"
    __table_args__ = (Index(None, "recipient", "at", "workflow_id", "seq"),)

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    case_no: Mapped[str] = mapped_column(index=True)
    element: Mapped[str]
    name: Mapped[str]
    sent_by: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]


def copies_for(session: Session, recipient: str, *, limit: int = 50, after: str = "") -> tuple[list[TaskCopy], str]:
    """A page of what was copied to an account, the latest first, and where the next one begins (empty for nowhere).

    `after` is what the page before answered; `WrongPlace` for anything else.
    """
    key = (TaskCopy.at, TaskCopy.workflow_id, TaskCopy.seq)
    own = select(TaskCopy).where(TaskCopy.recipient == recipient)
    if after:
        at, workflow_id, seq = place(after, _ORDER, datetime, str, int)
        own = own.where(tuple_(*key) < tuple_(literal(at, TaskCopy.at.type), workflow_id, seq))
    found = session.scalars(own.order_by(*(column.desc() for column in key)).limit(limit + 1)).all()
    page = list(found[:limit])
    last = page[-1] if len(found) > limit else None
    return page, mark(_ORDER, last.at, last.workflow_id, last.seq) if last else ""
