"""What each journal record means for the read model: one table, event -> handler.

A handler changes a `View`, the part of the read model that a run of records concerns, in memory; reading and writing it
is `storage.read_model`'s. The same handlers serve the batch that just came and the rebuilding of everything.
Events that are not in the table (element instances that begin, acts) live in the journal alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.records import Record
from storage.base import instant, storable
from storage.cases import Case, CaseState
from storage.clock_projection import CLOCK_EVENTS, Place, project_clock
from storage.clocks import CaseClock
from storage.copies import TaskCopy
from storage.incidents import Incident
from storage.subscriptions import Subscription, wait_id
from storage.tasks import Task, TaskState, due_instant

PROCESS = "process"
DEFAULT_PRIORITY = 50
INTEGER_LIMIT = 2**31 - 1


@dataclass
class View:
    """The read model of one workflow, as far as the records at hand concern it."""

    workflow_id: str
    case_no: str
    case: Case | None = None
    tasks: dict[str, Task] = field(default_factory=dict)
    incidents: dict[int, Incident] = field(default_factory=dict)
    waiting_incidents: defaultdict[str, list[Incident]] = field(default_factory=lambda: defaultdict(list))
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    ended_subscriptions: set[str] = field(default_factory=set)
    clocks: dict[str, CaseClock] = field(default_factory=dict)
    copies: list[TaskCopy] = field(default_factory=list)

    def add_incident(self, incident: Incident) -> None:
        """Adds an incident that nobody has resolved."""
        self.incidents[incident.seq] = incident
        self.waiting_incidents[incident.key].append(incident)


Handler = Callable[[View, Record, datetime], None]


def project(view: View, records: Iterable[Record]) -> None:
    """Applies records in order."""
    at: datetime | None = None
    for record in records:
        at = instant(record.at)
        handler = HANDLERS.get(record.event)
        if handler:
            handler(view, record, at)
    if view.case and at:
        view.case.updated_at = at


def _case(view: View, record: Record, at: datetime) -> None:
    data, former = record.data, view.case
    view.case = Case(
        workflow_id=view.workflow_id,
        case_no=_text(data, "case_no") or view.case_no,
        process=_text(data, "process"),
        version=_number(data, "version", 0),
        title=_text(data, "title"),
        case_type=_text(data, "case_type"),
        voltage_kv=_text(data, "voltage_kv"),
        county=_text(data, "county"),
        customer=_text(data, "customer"),
        address=_text(data, "address"),
        parent_workflow_id=_text(data, "parent_workflow_id"),
        stage=former.stage if former else "",
        state=former.state if former else CaseState.RUNNING.value,
        opened_at=former.opened_at if former else at,
        updated_at=at,
        closed_at=former.closed_at if former else None,
    )


def _version(view: View, record: Record, at: datetime) -> None:
    """The process goes on by another version of its diagram."""
    del at
    if view.case:
        view.case.version = _number(record.data, "version", view.case.version)
        view.case.title = _text(record.data, "title") or view.case.title


def _stage(view: View, record: Record, at: datetime) -> None:
    del at
    if view.case:
        view.case.stage = _text(record.data, "stage")


def _completed(view: View, record: Record, at: datetime) -> None:
    _end(view, record, at, CaseState.COMPLETED)


def _terminated(view: View, record: Record, at: datetime) -> None:
    _end(view, record, at, CaseState.TERMINATED)


def _end(view: View, record: Record, at: datetime, state: CaseState) -> None:
    _close_incidents(view, record.key, at, "")
    if record.type == PROCESS and not record.scope and view.case:
        view.case.state = state.value
        view.case.closed_at = at


def _incident(view: View, record: Record, at: datetime) -> None:
    incident = Incident(
        workflow_id=view.workflow_id,
        seq=record.seq,
        key=record.key,
        case_no=view.case_no,
        element=record.element,
        name=record.name,
        kind=_text(record.data, "kind"),
        message=_text(record.data, "message"),
        opened_at=at,
        closed_at=None,
        closed_by="",
    )
    view.add_incident(incident)


def _resolved(view: View, record: Record, at: datetime) -> None:
    _close_incidents(view, record.key, at, _text(record.data, "by"))


def _close_incidents(view: View, key: str, at: datetime, by: str) -> None:
    for incident in view.waiting_incidents.pop(key, ()):
        incident.closed_at = at
        incident.closed_by = by


def _opened(view: View, record: Record, at: datetime) -> None:
    data = record.data
    due_date = _text(data, "dueDate")
    view.tasks[record.key] = Task(
        workflow_id=view.workflow_id,
        key=record.key,
        task=_text(data, "task") or record.key,
        case_no=view.case_no,
        element=record.element,
        name=record.name,
        form=_text(data, "form"),
        assignee=_text(data, "assignee"),
        candidate_groups=_names(data, "candidateGroups"),
        candidate_users=_names(data, "candidateUsers"),
        priority=_number(data, "priority", DEFAULT_PRIORITY),
        due_date=due_date,
        due_at=due_instant(due_date),
        follow_up_date=_text(data, "followUpDate"),
        state=TaskState.OPEN.value,
        opened_at=at,
        claimed_at=None,
        closed_at=None,
        closed_by="",
    )


def _claimed(view: View, record: Record, at: datetime) -> None:
    task = _open_task(view, record)
    if task:
        task.assignee = _text(record.data, "by")
        task.claimed_at = at


def _transferred(view: View, record: Record, at: datetime) -> None:
    task = _open_task(view, record)
    if task:
        task.assignee = _text(record.data, "to")
        task.claimed_at = at


def _changed(view: View, record: Record, at: datetime) -> None:
    """Somebody has changed the task; whom it is given to is told by records of its own."""
    del at
    task, changes = _open_task(view, record), record.data.get("changes")
    if task is None or not isinstance(changes, dict):
        return
    if "dueDate" in changes:
        task.due_date = _text(changes, "dueDate")
        task.due_at = due_instant(task.due_date)
    if "followUpDate" in changes:
        task.follow_up_date = _text(changes, "followUpDate")
    if "candidateGroups" in changes:
        task.candidate_groups = _names(changes, "candidateGroups")
    if "candidateUsers" in changes:
        task.candidate_users = _names(changes, "candidateUsers")
    task.priority = _number(changes, "priority", task.priority)


def _copied(view: View, record: Record, at: datetime) -> None:
    for recipient in dict.fromkeys(map(storable, _names(record.data, "to"))):
        copy = TaskCopy(
            workflow_id=view.workflow_id,
            seq=record.seq,
            recipient=recipient,
            key=record.key,
            case_no=view.case_no,
            element=record.element,
            name=record.name,
            sent_by=_text(record.data, "by"),
            text=_text(record.data, "text"),
            at=at,
        )
        view.copies.append(copy)


def _skipped(view: View, record: Record, at: datetime) -> None:
    _close_incidents(view, record.key, at, _text(record.data, "by"))


def _released(view: View, record: Record, at: datetime) -> None:
    del at
    task = _open_task(view, record)
    if task:
        task.assignee = _text(record.data, "assignee")
        task.claimed_at = None


def _closed(view: View, record: Record, at: datetime) -> None:
    task = _open_task(view, record)
    if task:
        completed = record.data.get("outcome") == TaskState.COMPLETED.value
        task.state = (TaskState.COMPLETED if completed else TaskState.CANCELLED).value
        task.closed_at = at
        task.closed_by = _text(record.data, "by")


def _clock(view: View, record: Record, at: datetime) -> None:
    del at
    county = view.case.county if view.case else ""
    project_clock(view.clocks, Place(view.workflow_id, view.case_no, county), record)


def _subscribed(view: View, record: Record, at: datetime) -> None:
    message, correlation_key = _text(record.data, "message"), _text(record.data, "correlationKey")
    view.ended_subscriptions.discard(record.key)
    view.subscriptions[record.key] = Subscription(
        workflow_id=view.workflow_id,
        key=record.key,
        seq=record.seq,
        message=message,
        correlation_key=correlation_key,
        wait_id=wait_id(message, correlation_key),
        opened_at=at,
    )


def _unsubscribed(view: View, record: Record, at: datetime) -> None:
    del at
    view.subscriptions.pop(record.key, None)
    view.ended_subscriptions.add(record.key)


HANDLERS: Mapping[str, Handler] = {
    "case": _case,
    "stage": _stage,
    "version": _version,
    "completed": _completed,
    "terminated": _terminated,
    "incident": _incident,
    "resolved": _resolved,
    "opened": _opened,
    "claimed": _claimed,
    "released": _released,
    "transferred": _transferred,
    "assigned": _changed,
    "updated": _changed,
    "copied": _copied,
    "skipped": _skipped,
    "closed": _closed,
    "subscribed": _subscribed,
    "unsubscribed": _unsubscribed,
    **dict.fromkeys(CLOCK_EVENTS, _clock),
}
TASK_EVENTS = frozenset({"claimed", "released", "transferred", "assigned", "updated", "closed"})
INCIDENT_EVENTS = frozenset({"resolved", "skipped", "completed", "terminated"})


def _open_task(view: View, record: Record) -> Task | None:
    task = view.tasks.get(record.key)
    return task if task and task.state == TaskState.OPEN else None


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return "" if value is None else str(value)


def _number(data: Mapping[str, Any], key: str, default: int) -> int:
    value = data.get(key)
    return max(-INTEGER_LIMIT, min(INTEGER_LIMIT, int(value))) if isinstance(value, int | float) else default


def _names(data: Mapping[str, Any], key: str) -> list[str]:
    """A list of names, or one text with commas between them (both are written in diagrams); each once, in order."""
    value = data.get(key) or []
    names = value.split(",") if isinstance(value, str) else value
    return list(dict.fromkeys(name for item in names if (name := str(item).strip())))
