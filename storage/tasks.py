"""User tasks: who has what to do; written by the projection of the journal alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, and_, exists, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base

ZONE = ZoneInfo("Asia/Shanghai")


class TaskState(StrEnum):
    """How far a user task is."""

    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class CandidateKind(StrEnum):
    """Who may claim a task: everybody of a department, one person, or anyone where the diagram names nobody."""

    GROUP = "group"
    USER = "user"
    ANYONE = "anyone"


class Task(Base):
    """One user task; `key` is its element instance, `task` the key that people's acts name it by.

    `due_date` and `follow_up_date` are as the diagram computed them; `due_at` is the instant the due date means.
    """

    __tablename__ = "tasks"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "assignee", "state"))

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    task: Mapped[str]
    case_no: Mapped[str] = mapped_column(index=True)
    element: Mapped[str]
    name: Mapped[str]
    form: Mapped[str]
    assignee: Mapped[str]
    candidate_groups: Mapped[list[str]]
    candidate_users: Mapped[list[str]]
    priority: Mapped[int]
    due_date: Mapped[str]
    due_at: Mapped[datetime | None]
    follow_up_date: Mapped[str]
    state: Mapped[str]
    opened_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str]


class TaskCandidate(Base):
    """Someone who may claim an open task; goes when the task closes."""

    __tablename__ = "task_candidates"
    __table_args__ = (
        ForeignKeyConstraint(["workflow_id", "key"], ["tasks.workflow_id", "tasks.key"]),
        Index(None, "kind", "candidate"),
    )

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    candidate: Mapped[str] = mapped_column(primary_key=True)


def task(session: Session, workflow_id: str, key: str) -> Task | None:
    """One task, open or not, or None."""
    return session.get(Task, (workflow_id, key))


def case_tasks(session: Session, case_no: str) -> Sequence[Task]:
    """Every task a case ever had, in order of opening."""
    of_case = select(Task).where(Task.case_no == case_no)
    return session.scalars(of_case.order_by(Task.opened_at, Task.workflow_id, Task.key)).all()


def open_tasks(
    session: Session,
    *,
    groups: Collection[str] = (),
    user: str = "",
    limit: int = 100,
    offset: int = 0,
) -> Sequence[Task]:
    """Open tasks, the earliest due first: those of any of `groups`, and those that `user` holds or may claim.

    A task that someone holds stays in its groups' lists. Without groups and user: all open tasks.
    """
    waiting = select(Task).where(Task.state == TaskState.OPEN)
    if groups or user:
        waiting = waiting.where(_concerns(groups, user))
    urgent = waiting.order_by(Task.due_at.is_(None), Task.due_at, Task.opened_at, Task.workflow_id, Task.key)
    return session.scalars(urgent.limit(limit).offset(offset)).all()


def due_instant(due: str) -> datetime | None:
    """The instant at which a due date has passed; None for a text that is no date.

    A day ends when the next one begins in Asia/Shanghai (民法典 203: the last day ends at 24:00); a time without offset
    is Shanghai's.
    """
    try:
        return (_end_of_day(due) or _moment(due)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _end_of_day(text: str) -> datetime | None:
    """When the day ends that the text names; None where it names none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day + timedelta(days=1), time(), ZONE)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


def _concerns(groups: Collection[str], user: str) -> ColumnElement[bool]:
    named = and_(TaskCandidate.kind == CandidateKind.GROUP, TaskCandidate.candidate.in_(groups))
    if user:
        person = and_(TaskCandidate.kind == CandidateKind.USER, TaskCandidate.candidate == user)
        named = or_(named, person)
    may_claim = exists().where(TaskCandidate.workflow_id == Task.workflow_id, TaskCandidate.key == Task.key, named)
    return or_(may_claim, Task.assignee == user) if user else may_claim
