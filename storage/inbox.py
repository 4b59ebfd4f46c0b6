"""What somebody has to do: the open tasks that are theirs, and those that they may take, a page at a time.

How urgent a task is follows from the clocks that run for it: its own, those of its process, and its due date in the
diagram; the earliest and the worst of them count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from domain.levels import Colour, colour_at
from storage.case_list import RUNS
from storage.cases import Case
from storage.clocks import CaseClock
from storage.drafts import TaskDraft
from storage.paging import NEVER, beyond, mark, place
from storage.tasks import CandidateKind, Task, TaskCandidate, TaskState


class InboxView(StrEnum):
    """Which tasks: those that I hold, or those that nobody holds and that I may take."""

    MINE = "mine"
    DEPARTMENT = "department"


class InboxOrder(StrEnum):
    """How an inbox is sorted: what is due first, or what has been open longest."""

    URGENT = "urgent"
    AGE = "age"


@dataclass(frozen=True)
class InboxQuery:
    """Whose inbox, as what they are; an empty county is that of the city's company, which has all cases."""

    account: str
    departments: Sequence[str] = ()
    county: str = ""
    view: InboxView = InboxView.MINE
    order: InboxOrder = InboxOrder.URGENT


@dataclass(frozen=True)
class InboxTask:
    """One open task. `due_at` is the earliest of what it is due by, `level` the highest that its clocks have reached
    (-1: none)."""

    task: Task
    customer: str
    county: str
    due_at: datetime | None
    level: int
    has_draft: bool

    @property
    def colour(self) -> Colour:
        """How it stands: 红 from L2, 黄 from L1."""
        return colour_at(self.level)


def inbox(session: Session, wanted: InboxQuery, *, limit: int = 50, after: str = "") -> tuple[list[InboxTask], str]:
    """A page of an inbox, and where the next one begins (empty for none).

    `after` is what the page before answered; `WrongPlace` for anything else, or for another order.
    """
    first = _earliest_due() if wanted.order is InboxOrder.URGENT else Task.opened_at.expression
    tasks = select(Task.workflow_id, Task.key, first.label("first")).where(*_fits(wanted))
    key = (first, Task.workflow_id.expression, Task.key.expression)
    if after:
        tasks = tasks.where(beyond(key, place(after, wanted.order, datetime, str, str)))
    page = tasks.order_by("first", *key[1:]).limit(limit + 1).subquery("page")
    due = _earliest_due()
    rows = _lines(wanted.account, due).join(page, (page.c.workflow_id == Task.workflow_id) & (page.c.key == Task.key))
    found = session.execute(rows.order_by(page.c.first, page.c.workflow_id, page.c.key)).all()
    lines = [_line(row) for row in found[:limit]]
    return lines, _next(wanted.order, lines[-1]) if len(found) > limit else ""


def task_line(session: Session, workflow_id: str, task: str, account: str) -> InboxTask | None:
    """One task as an inbox shows it to an account, open or not; None where there is none."""
    one = _lines(account, _earliest_due()).where(Task.workflow_id == workflow_id, Task.task == task)
    row = session.execute(one).first()
    return _line(row) if row else None


def _lines(account: str, due: ColumnElement[datetime]) -> Select[Task, str, str, datetime, int, bool]:
    own = (TaskDraft.workflow_id == Task.workflow_id) & (TaskDraft.task == Task.task) & (TaskDraft.account == account)
    lines = select(
        Task,
        Case.customer,
        Case.county,
        due.label("due"),
        func.coalesce(_of_clocks(func.max(CaseClock.level)), -1, type_=CaseClock.level.type).label("level"),
        exists().where(own).label("has_draft"),
    )
    return lines.join(Case, Case.workflow_id == Task.workflow_id)


def _line(row: Any) -> InboxTask:
    due_at = row.due if row.due < NEVER else None
    return InboxTask(row[0], row.customer, row.county, due_at, row.level, bool(row.has_draft))


def _next(order: InboxOrder, last: InboxTask) -> str:
    first = (last.due_at or NEVER) if order is InboxOrder.URGENT else last.task.opened_at
    return mark(order, first, last.task.workflow_id, last.task.key)


def _fits(wanted: InboxQuery) -> list[ColumnElement[bool]]:
    fits = [Task.state == TaskState.OPEN]
    if wanted.view is InboxView.MINE:
        fits.append(Task.assignee == wanted.account)
    else:
        may = select(TaskCandidate.workflow_id, TaskCandidate.key).where(_names(wanted))
        fits += [Task.assignee == "", tuple_(Task.workflow_id, Task.key).in_(may)]
    if wanted.county:
        fits.append(exists().where(Case.workflow_id == Task.workflow_id, Case.county == wanted.county))
    return fits


def _names(wanted: InboxQuery) -> ColumnElement[bool]:
    group = and_(TaskCandidate.kind == CandidateKind.GROUP, TaskCandidate.candidate.in_(wanted.departments))
    person = and_(TaskCandidate.kind == CandidateKind.USER, TaskCandidate.candidate == wanted.account)
    return or_(group, person, TaskCandidate.kind == CandidateKind.ANYONE)


def _earliest_due() -> ColumnElement[datetime]:
    own = func.coalesce(Task.due_at, NEVER, type_=CaseClock.due_at.type)
    earlier = case((CaseClock.due_at < own, CaseClock.due_at), else_=own)
    return func.coalesce(_of_clocks(func.min(earlier)), own, type_=CaseClock.due_at.type)


def _of_clocks(value: ColumnElement[Any]) -> ScalarSelect[Any]:
    """A value of the clocks that run for a task: its own and those of its process."""
    own = CaseClock.clock.like("%:" + Task.key)
    of_process = CaseClock.clock.not_like("%:%")
    here = (CaseClock.case_no == Task.case_no) & (CaseClock.workflow_id == Task.workflow_id)
    clocks = select(value).where(here, RUNS, or_(own, of_process))
    return clocks.correlate(Task).scalar_subquery()
