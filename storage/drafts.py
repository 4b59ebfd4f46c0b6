"""What people have entered into the forms of their tasks and not handed in yet: one draft for each task and account."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, delete, exists
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, row_of, upsert
from storage.tasks import Task, TaskState


class TaskDraft(Base):
    """The draft of one account for one task; `task` is the key that acts name the task by."""

    __tablename__ = "task_drafts"
    __table_args__ = (Index(None, "account"),)

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


def draft(session: Session, workflow_id: str, task: str, account: str) -> TaskDraft | None:
    """An account's draft for a task, or None."""
    return session.get(TaskDraft, (workflow_id, task, account))


def save_draft(session: Session, one: TaskDraft) -> None:
    """Keeps a draft in the place of the one before; the account's drafts for tasks that are closed go."""
    still_open = exists().where(
        Task.workflow_id == TaskDraft.workflow_id, Task.task == TaskDraft.task, Task.state == TaskState.OPEN
    )
    session.execute(delete(TaskDraft).where(TaskDraft.account == one.account, ~still_open))
    upsert(session, TaskDraft, [row_of(one)])


def drop_draft(session: Session, workflow_id: str, task: str, account: str) -> None:
    """Forgets an account's draft for a task."""
    of_task = (TaskDraft.workflow_id == workflow_id) & (TaskDraft.task == task)
    session.execute(delete(TaskDraft).where(of_task, TaskDraft.account == account))


def drop_drafts(session: Session, workflow_id: str, task: str) -> None:
    """Forgets everybody's drafts for a task that has been completed."""
    session.execute(delete(TaskDraft).where(TaskDraft.workflow_id == workflow_id, TaskDraft.task == task))
