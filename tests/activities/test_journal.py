"""The journal through its activity: stored once, a conflict is never retried."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.journal import JournalActivities, system_time
from domain.records import JournalBatch, JournalReply, Record
from storage.database import Database
from storage.journal_rows import JournalRow

AT = "2026-03-09T10:00:00+08:00"
CASE = {"case_no": "YK-1", "process": "hv_connection", "version": 1}
BATCH = JournalBatch(
    workflow_id="case-YK-1",
    epoch="",
    case_no="YK-1",
    records=[
        Record(1, AT, "case", "hv_connection", "process", "高压业扩", data=CASE),
        Record(2, AT, "activated", "Task_1", "userTask", "受理", scope="1", key="2"),
    ],
)


def record(journal: JournalActivities, batch: JournalBatch) -> JournalReply:
    reply: JournalReply = ActivityEnvironment().run(journal.record_journal, batch)
    return reply


def stored(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(JournalRow)) or 0


def test_a_batch_is_stored(database: Database) -> None:
    assert record(JournalActivities(database), BATCH) == JournalReply()
    assert stored(database) == 2


def test_a_batch_tried_again_is_stored_once(database: Database) -> None:
    journal = JournalActivities(database)
    record(journal, BATCH)

    record(journal, BATCH)

    assert stored(database) == 2


def test_other_content_under_the_same_key_is_a_conflict_that_is_not_retried(database: Database) -> None:
    journal = JournalActivities(database)
    record(journal, BATCH)
    changed = replace(BATCH, records=[BATCH.records[0], replace(BATCH.records[1], element="Task_9")])

    with pytest.raises(ApplicationError, match="case-YK-1") as caught:
        record(journal, changed)

    assert caught.value.type == "JournalConflict"
    assert caught.value.non_retryable


def test_a_fault_that_may_pass_is_tried_again(database: Database) -> None:
    late = replace(BATCH, records=BATCH.records[1:])

    with pytest.raises(Exception, match="expected record 1") as caught:
        record(JournalActivities(database), late)

    assert not isinstance(caught.value, ApplicationError)


def test_the_system_time_is_an_instant() -> None:
    assert abs((system_time() - datetime.now(UTC)).total_seconds()) < 5
