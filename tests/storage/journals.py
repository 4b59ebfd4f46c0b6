"""Records and batches for tests, and a look at the whole read model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.records import CaseFields, JournalBatch, Record
from storage.base import table_of
from storage.read_model import PROJECTED

START = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
CASE_NO = "YK-2026-0001"
FIELDS = CaseFields(CASE_NO, "hv_connection", 3, "10kV专线", "新装", "10", "桥西区", "某某制造", "桥西区一号路")


def at(minute: int) -> str:
    """An instant of the case, in its own zone."""
    return (START + timedelta(minutes=minute)).isoformat()


def record(seq: int, event: str, key: str = "", data: Mapping[str, Any] | None = None, **more: str) -> Record:
    """One record, `seq` minutes after the start."""
    fields = {"element": "survey", "type": "userTask", "name": "现场勘查"} | more
    return Record(seq=seq, at=at(seq), event=event, key=key, data=dict(data or {}), **fields)


def case_record(seq: int = 1, fields: CaseFields = FIELDS) -> Record:
    """The record that opens a case's journal."""
    return record(seq, "case", "0", asdict(fields), element="hv_connection", type="process", name="高压业扩")


def opened(seq: int, key: str, **data: Any) -> Record:
    """A user task that 营销部 may claim."""
    return record(seq, "opened", key, {"task": f"T{key}", "form": "survey", "candidateGroups": ["营销部"]} | data)


def subscribed(seq: int, key: str, message: str = "withdrawal", correlation_key: str = CASE_NO) -> Record:
    """A wait for a message."""
    return record(seq, "subscribed", key, {"message": message, "correlationKey": correlation_key})


def unsubscribed(seq: int, key: str, message: str = "withdrawal", correlation_key: str = CASE_NO) -> Record:
    """The end of a wait."""
    return record(seq, "unsubscribed", key, {"message": message, "correlationKey": correlation_key})


def batch(*records: Record, workflow_id: str = "case-1", epoch: str = "", case_no: str = CASE_NO) -> JournalBatch:
    """A batch of the case's workflow."""
    return JournalBatch(workflow_id, epoch, case_no, list(records))


def read_model(session: Session, workflow_ids: Sequence[str] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Every row of the read model, or those of some workflows, in a fixed order."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for model in PROJECTED:
        table = table_of(model)
        query = select(table).order_by(*table.primary_key.columns)
        if workflow_ids is not None:
            query = query.where(table.c.workflow_id.in_(workflow_ids))
        rows[table.name] = [dict(row._mapping) for row in session.execute(query)]
    return rows
