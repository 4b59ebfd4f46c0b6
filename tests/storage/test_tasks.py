from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from storage.database import Database
from storage.journal import record_batch
from storage.tasks import Task, case_tasks, due_instant, open_tasks, task
from tests.storage.journals import CASE_NO, batch, case_record, opened, read_model, record


@pytest.fixture
def database(database: Database, now: datetime) -> Database:
    """Four open tasks and a closed one in two cases."""
    closed = record(7, "closed", "9", {"by": "wang", "outcome": "completed"})
    first = batch(
        case_record(),
        opened(2, "5", dueDate="2026-12-02"),
        opened(3, "6", candidateGroups=["发展部"], dueDate="2026-12-01"),
        opened(4, "7", candidateGroups=["发展部", "运检部"], candidateUsers=["li"]),
        opened(5, "8", candidateGroups=[], assignee="wang"),
        opened(6, "9"),
        closed,
    )
    with database.transaction() as session:
        record_batch(session, first, now)
        second = batch(
            case_record(), opened(2, "5", dueDate="2026-11-30"), workflow_id="case-2", case_no="YK-2026-0002"
        )
        record_batch(session, second, now)
    return database


def names(tasks: Sequence[Task]) -> list[str]:
    return [f"{each.workflow_id[-1]}/{each.key}" for each in tasks]


def test_all_open_tasks_come_with_the_earliest_due_first(database: Database) -> None:
    with database.session() as session:
        assert names(open_tasks(session)) == ["2/5", "1/6", "1/5", "1/7", "1/8"]


def test_a_department_sees_its_own_open_tasks_once_each(database: Database) -> None:
    with database.session() as session:
        assert names(open_tasks(session, groups=["营销部"])) == ["2/5", "1/5"]
        assert names(open_tasks(session, groups=["发展部", "运检部"])) == ["1/6", "1/7"]
        assert names(open_tasks(session, groups=["物资部"])) == []


def test_a_person_sees_what_they_hold_and_what_names_them(database: Database) -> None:
    with database.session() as session:
        assert names(open_tasks(session, user="wang")) == ["1/8"]
        assert names(open_tasks(session, user="li")) == ["1/7"]
        assert names(open_tasks(session, user="li", groups=["营销部"])) == ["2/5", "1/5", "1/7"]


def test_a_task_that_was_claimed_stays_in_its_department_list(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        record_batch(session, batch(record(8, "claimed", "5", {"by": "zhang"})), now)

        assert names(open_tasks(session, groups=["营销部"])) == ["2/5", "1/5"]
        assert names(open_tasks(session, user="zhang")) == ["1/5"]


def test_only_open_tasks_have_candidates(database: Database) -> None:
    with database.session() as session:
        candidates = {(row["workflow_id"], row["key"]) for row in read_model(session)["task_candidates"]}

    assert candidates == {("case-1", "5"), ("case-1", "6"), ("case-1", "7"), ("case-2", "5")}


def test_a_list_of_tasks_is_read_in_portions(database: Database) -> None:
    with database.session() as session:
        assert names(open_tasks(session, limit=2, offset=1)) == ["1/6", "1/5"]


def test_a_long_list_costs_as_many_statements_as_a_short_one(
    database: Database, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    with database.session() as session:
        open_tasks(session)
        short = count_statements(lambda: open_tasks(session, limit=1))
        assert count_statements(lambda: open_tasks(session)) == short


def test_the_tasks_of_a_case_include_closed_ones_in_order_of_opening(database: Database) -> None:
    with database.session() as session:
        assert names(case_tasks(session, CASE_NO)) == ["1/5", "1/6", "1/7", "1/8", "1/9"]


def test_one_task_is_found_by_workflow_and_key(database: Database) -> None:
    with database.session() as session:
        found = task(session, "case-1", "9")
        assert found is not None
        assert (found.state, found.closed_by, found.candidate_groups) == ("completed", "wang", ["营销部"])
        assert task(session, "case-1", "99") is None


@pytest.mark.parametrize(
    ("due", "passed"),
    [
        ("2026-11-30", datetime(2026, 11, 30, 16, tzinfo=UTC)),
        ("2026-11-30T09:00:00", datetime(2026, 11, 30, 1, tzinfo=UTC)),
        ("2026-11-30T09:00:00+00:00", datetime(2026, 11, 30, 9, tzinfo=UTC)),
        ("2026-11-30T09:00:00Z", datetime(2026, 11, 30, 9, tzinfo=UTC)),
        ("2026-11-30 09:00:00+00:00", datetime(2026, 11, 30, 9, tzinfo=UTC)),
        ("2026-11-30t09:00+08:00", datetime(2026, 11, 30, 1, tzinfo=UTC)),
        ("20261130", datetime(2026, 11, 30, 16, tzinfo=UTC)),
        ("", None),
        ("下周一", None),
        ("9999-12-31", None),
        ("0001-01-01T00:00:00+08:00", None),
    ],
)
def test_a_due_date_is_an_instant_or_nothing(due: str, passed: datetime | None) -> None:
    assert due_instant(due) == passed
