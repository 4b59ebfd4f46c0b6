"""What the check of a run finds where something was lost or done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from demo.officers import Done
from domain.records import Record
from storage.documents import Document, issue_document
from storage.files import FileStore
from storage.journal import record_batch
from storage.journal_rows import JournalRow
from storage.openings import case_number
from storage.tasks import Task
from tests.crash.checks import End, faults
from tests.crash.company import Script
from tests.crash.planning import WORKS, Plan
from tests.databases import migrated
from tests.storage.journals import CASE_NO, START, batch, case_record, opened, record

WORKFLOW = "case/1"
DONE = Done("complete", CASE_NO, WORKFLOW, "survey", "T2", "wang")
RECORDS = (
    case_record(),
    opened(2, "2"),
    record(3, "act", "2", {"act": "complete"}),
    record(4, "closed", "2", {"outcome": "completed"}),
    record(5, "completed", "0", {}, element="hv_connection", type="process"),
)


@pytest.fixture
def end(tmp_path: Path) -> Iterator[End]:
    """One case that came to its end undisturbed, with one act, one paper and one number."""
    database, files = migrated(tmp_path / "yekuo.db"), FileStore(tmp_path / "files")
    with database.transaction() as session:
        assert case_number(session, "wang", "1", "", 2026, "YK-{year}-{n:04d}", START) == CASE_NO
        record_batch(session, batch(*RECORDS, workflow_id=WORKFLOW), START)
        issue_document(
            session,
            files,
            workflow_id=WORKFLOW,
            key="7",
            case_no=CASE_NO,
            kind="one_time_notice",
            series="one_time_notice-2026",
            number_format="{n}",
            model={},
            write=lambda number: number.encode(),
            now=START,
        )
    yield End(database, files, {CASE_NO: Script("one")}, {}, [DONE])
    database.close()


def found(end: End, harm: Callable[[Session], object]) -> set[str]:
    """What does not hold once that harm is done."""
    with end.database.transaction() as session:
        harm(session)
    return {what for what, wrong in faults(end).items() if wrong}


def recorded(*records: Record) -> Callable[[Session], object]:
    """Records that come after the others."""
    return lambda session: record_batch(session, batch(*records, workflow_id=WORKFLOW), START)


def test_nothing_is_wrong_with_a_case_that_nobody_disturbed(end: End) -> None:
    assert found(end, lambda session: None) == set()


def test_a_lost_record_is_a_gap(end: End) -> None:
    assert "no journal has a gap or a double" in found(
        end, lambda session: session.execute(delete(JournalRow).where(JournalRow.seq == 2))
    )


def test_an_act_that_was_done_twice_is_found(end: End) -> None:
    assert found(end, recorded(record(6, "act", "2", {"act": "complete"}))) == {"every act was done once"}


def test_a_task_that_closed_twice_is_found(end: End) -> None:
    assert found(end, recorded(record(6, "closed", "2", {"outcome": "completed"}))) == {"every act was done once"}


def test_an_order_that_was_given_twice_is_found(end: End) -> None:
    assert "every escalation and every order came once" in found(
        end, recorded(*(record(number, "ordered", "", {"clock": "survey", "number": "1号"}) for number in (6, 7)))
    )


def test_an_open_task_is_found(end: End) -> None:
    assert found(end, recorded(opened(6, "6"))) == {"every case is where it should be"}


def test_a_number_that_nothing_bears_is_found(end: End) -> None:
    assert found(end, lambda session: session.execute(delete(Document))) == {
        "every number was given once, without a gap"
    }


def test_an_application_without_a_case_is_found(end: End) -> None:
    assert found(end, lambda session: case_number(session, "wang", "2", "", 2026, "YK-{year}-{n:04d}", START)) == {
        "every application is one case"
    }


def test_a_read_model_that_the_journal_does_not_give_is_found(end: End) -> None:
    assert found(end, lambda session: session.execute(update(Task).values(name="别的"))) == {
        "the read model is what the journal says"
    }


def test_a_request_for_an_outage_that_the_plan_has_lost_is_found(end: End) -> None:
    planned = replace(end, plan=Plan(filed=[f"TSD-2026-{number:04d}" for number in range(1, WORKS + 1)]))

    assert found(planned, lambda session: None) == {"every request for an outage is in its plan, once"}
