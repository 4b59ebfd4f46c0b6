"""Which journal records are told to others, and what is told: one table, event -> kind and fields.

No name of a person or a customer is told; officers appear by account. Who may see the case asks for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.clock import ChangeKind
from domain.levels import Level, colour_at
from domain.records import JournalBatch, Record
from storage.base import instant
from storage.cases import Case
from storage.projection import PROCESS


class FeedKind(StrEnum):
    """What can happen in a case, for those who follow it. `process.…` tells of processes that a case calls."""

    CASE_OPENED = "case.opened"
    CASE_CLOSED = "case.closed"
    CASE_RESET = "case.reset"
    PROCESS_OPENED = "process.opened"
    PROCESS_CLOSED = "process.closed"
    STAGE_REACHED = "stage.reached"
    TASK_OPENED = "task.opened"
    TASK_CLAIMED = "task.claimed"
    TASK_RELEASED = "task.released"
    TASK_TRANSFERRED = "task.transferred"
    TASK_CLOSED = "task.closed"
    INCIDENT_OPENED = "incident.opened"
    INCIDENT_RESOLVED = "incident.resolved"
    LEVEL_RAISED = "level.raised"
    LEVEL_ACKNOWLEDGED = "level.acknowledged"
    DUE_MOVED = "due.moved"
    ORDER_ISSUED = "order.issued"
    ORDER_ANSWERED = "order.answered"


Told = tuple[FeedKind, dict[str, Any]]
Teller = Callable[[Record, Case | None], Told | None]


def feed_rows(
    batch: JournalBatch, records: Iterable[Record], case: Case | None, now: datetime, *, reset: bool = False
) -> list[dict[str, Any]]:
    """The rows of the feed for records that came in; `reset` where the first of them takes back what stood from its
    number on."""
    place = {
        "position": None,
        "case_no": (case.case_no if case else "") or batch.case_no,
        "county": case.county if case else "",
        "workflow_id": batch.workflow_id,
        "epoch": batch.epoch,
        "recorded_at": now,
    }
    return [
        {**place, "kind": kind.value, "seq": record.seq, "at": instant(record.at), "data": data}
        for record, (kind, data) in _told(records, case, reset)
    ]


def _told(records: Iterable[Record], case: Case | None, reset: bool) -> Iterator[tuple[Record, Told]]:
    for record in records:
        if reset:
            yield record, (FeedKind.CASE_RESET, {"from": record.seq})
            reset = False
        teller = _TELLERS.get(record.event)
        told = teller(record, case) if teller else None
        if told:
            yield record, told


def _opened(record: Record, case: Case | None) -> Told:
    called = _is_called(case)
    named = ("process", "title", "case_type", "voltage_kv")
    return FeedKind.PROCESS_OPENED if called else FeedKind.CASE_OPENED, _fields(record, *named)


def _ended(record: Record, case: Case | None) -> Told | None:
    if record.type != PROCESS or record.scope:
        return None
    kind = FeedKind.PROCESS_CLOSED if _is_called(case) else FeedKind.CASE_CLOSED
    return kind, {"state": record.event, "process": case.process if case else ""}


def _stage(record: Record, case: Case | None) -> Told:
    del case
    return FeedKind.STAGE_REACHED, _fields(record, "stage")


def _task(kind: FeedKind, *names: str) -> Teller:
    def tell(record: Record, case: Case | None) -> Told:
        del case
        return kind, {"task": record.key, "element": record.element, "name": record.name, **_fields(record, *names)}

    return tell


def _incident(kind: FeedKind, *names: str) -> Teller:
    def tell(record: Record, case: Case | None) -> Told:
        del case
        return kind, {"key": record.key, "element": record.element, "name": record.name, **_fields(record, *names)}

    return tell


def _escalated(record: Record, case: Case | None) -> Told | None:
    """A level of a clock; diagrams' own escalations have no clock. What a clock's end takes back is not raised."""
    del case
    if not record.data.get("clock") or record.data.get("takenBack") is True:
        return None
    told = _fields(record, "clock", "name", "level", "repeat")
    return FeedKind.LEVEL_RAISED, {**told, "colour": _colour(record.data.get("level"))}


def _clock(record: Record, case: Case | None) -> Told | None:
    del case
    if record.data.get("kind") != ChangeKind.MOVED.value:
        return None
    return FeedKind.DUE_MOVED, _fields(record, "clock", "name", "due", "previous", "provisional")


def _acknowledged(record: Record, case: Case | None) -> Told:
    del case
    return FeedKind.LEVEL_ACKNOWLEDGED, _fields(record, "clock", "level", "by")


def _ordered(record: Record, case: Case | None) -> Told:
    del case
    return FeedKind.ORDER_ISSUED, _fields(record, "clock", "number", "issued")


def _answered(record: Record, case: Case | None) -> Told:
    del case
    answer = record.data.get("answer")
    given = answer if isinstance(answer, dict) else {}
    promised = {name: given[name] for name in ("cause", "promised") if name in given}
    return FeedKind.ORDER_ANSWERED, {**_fields(record, "clock", "number", "by"), **promised}


_TELLERS: Mapping[str, Teller] = {
    "case": _opened,
    "completed": _ended,
    "terminated": _ended,
    "stage": _stage,
    "opened": _task(FeedKind.TASK_OPENED, "candidateGroups", "assignee", "dueDate"),
    "claimed": _task(FeedKind.TASK_CLAIMED, "by"),
    "released": _task(FeedKind.TASK_RELEASED, "by"),
    "transferred": _task(FeedKind.TASK_TRANSFERRED, "by", "to"),
    "closed": _task(FeedKind.TASK_CLOSED, "by", "outcome"),
    "incident": _incident(FeedKind.INCIDENT_OPENED, "kind"),
    "resolved": _incident(FeedKind.INCIDENT_RESOLVED, "kind", "by"),
    "escalated": _escalated,
    "clock": _clock,
    "acknowledged": _acknowledged,
    "ordered": _ordered,
    "answered": _answered,
}


def _fields(record: Record, *names: str) -> dict[str, Any]:
    """Those of the named fields that say anything."""
    return {name: record.data[name] for name in names if record.data.get(name) not in (None, "", [])}


def _colour(level: Any) -> str:
    known = Level.__members__.get(str(level), Level.L0)
    return str(colour_at(known).value)


def _is_called(case: Case | None) -> bool:
    return bool(case and case.parent_workflow_id)
