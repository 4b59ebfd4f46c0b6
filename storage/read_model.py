"""Reads and writes the part of the read model that a `View` holds, in a number of statements that no length changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from domain.records import Record
from storage.base import Base, row_of, table_of, upsert
from storage.cases import Case
from storage.clock_projection import CLOCK_EVENTS
from storage.clocks import CaseClock
from storage.copies import TaskCopy
from storage.incidents import Incident
from storage.projection import INCIDENT_EVENTS, TASK_EVENTS, View
from storage.subscriptions import Subscription
from storage.tasks import CandidateKind, Task, TaskCandidate, TaskState

PROJECTED: tuple[type[Case | CaseClock | TaskCandidate | TaskCopy | Task | Incident | Subscription], ...] = (
    TaskCopy,
    TaskCandidate,
    Task,
    Incident,
    Subscription,
    CaseClock,
    Case,
)
Entity = TypeVar("Entity", bound=Base)


def load(session: Session, workflow_id: str, case_no: str, records: Sequence[Record]) -> View:
    """The view that `records` will change."""
    view = View(workflow_id, case_no)
    for case in _detached(session, Case, Case.workflow_id == workflow_id):
        view.case = case
    task_keys = {record.key for record in records if record.event in TASK_EVENTS}
    if task_keys:
        tasks = _detached(session, Task, (Task.workflow_id == workflow_id) & Task.key.in_(task_keys))
        view.tasks = {task.key: task for task in tasks}
    incident_keys = {record.key for record in records if record.event in INCIDENT_EVENTS}
    if incident_keys:
        waiting = Incident.closed_at.is_(None) & Incident.key.in_(incident_keys)
        for incident in _detached(session, Incident, (Incident.workflow_id == workflow_id) & waiting):
            view.add_incident(incident)
    clocks = {str(record.data.get("clock") or "") for record in records if record.event in CLOCK_EVENTS}
    if clocks:
        of_workflow = (CaseClock.workflow_id == workflow_id) & CaseClock.clock.in_(clocks)
        view.clocks = {clock.clock: clock for clock in _detached(session, CaseClock, of_workflow)}
    return view


def save(session: Session, view: View) -> None:
    """Writes what a batch made of a loaded view."""
    if view.tasks:
        touched = TaskCandidate.key.in_(view.tasks)
        session.execute(delete(table_of(TaskCandidate)).where(TaskCandidate.workflow_id == view.workflow_id, touched))
    if view.ended_subscriptions:
        ended = Subscription.key.in_(view.ended_subscriptions)
        session.execute(delete(table_of(Subscription)).where(Subscription.workflow_id == view.workflow_id, ended))
    create(session, [view])


def replace(session: Session, views: Sequence[View]) -> None:
    """Writes views that hold all of their workflows over whatever the read model had of them."""
    erase(session, [view.workflow_id for view in views])
    create(session, views)


def erase(session: Session, workflow_ids: Collection[str]) -> None:
    """Removes these workflows from the read model."""
    for model in PROJECTED:
        session.execute(delete(model).where(model.workflow_id.in_(workflow_ids)))


def _detached(session: Session, model: type[Entity], condition: ColumnElement[bool]) -> Iterable[Entity]:
    """Entities that the session does not watch: they are written back by `save`, not by a flush."""
    return (model(**row._mapping) for row in session.execute(select(table_of(model)).where(condition)))


def create(session: Session, views: Sequence[View]) -> None:
    """Writes views that nothing in the read model is in the way of."""
    tasks = [task for view in views for task in view.tasks.values()]
    upsert(session, Case, [row_of(view.case) for view in views if view.case])
    upsert(session, Task, [row_of(task) for task in tasks])
    upsert(session, Incident, [row_of(incident) for view in views for incident in view.incidents.values()])
    upsert(session, CaseClock, [row_of(clock) for view in views for clock in view.clocks.values()])
    upsert(session, TaskCopy, [row_of(copy) for view in views for copy in view.copies])
    upsert(session, Subscription, [row_of(wait) for view in views for wait in view.subscriptions.values()])
    candidates = [row for task in tasks if task.state == TaskState.OPEN for row in _candidates(task)]
    if candidates:
        session.execute(insert(table_of(TaskCandidate)), candidates)


def _candidates(task: Task) -> Iterator[dict[str, str]]:
    named = ((CandidateKind.GROUP, task.candidate_groups), (CandidateKind.USER, task.candidate_users))
    rows = [(kind, name) for kind, names in named for name in names]
    if not rows and not task.assignee:
        rows.append((CandidateKind.ANYONE, ""))
    for kind, name in rows:
        yield {"workflow_id": task.workflow_id, "key": task.key, "kind": kind.value, "candidate": name}
