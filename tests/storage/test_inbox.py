"""An inbox: whose task it is, in which order, by which clocks, page after page, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.levels import Colour
from domain.records import Record
from storage.database import Database
from storage.drafts import TaskDraft, save_draft
from storage.inbox import InboxOrder, InboxQuery, InboxTask, InboxView, inbox, task_line
from storage.journal import record_batch
from storage.paging import WrongPlace
from tests.storage.journals import FIELDS, START, at, batch, case_record, opened, record

GROUPS = InboxView.DEPARTMENT


def clock(seq: int, name: str, due: int, level: str = "") -> list[Record]:
    """A running clock that is due so many minutes after the start, and has climbed to a level."""
    told = {"clock": name, "kind": "起算", "name": name, "at": at(seq), "due": at(due), "department": "marketing"}
    raised = {"clock": name, "level": level, "at": at(seq), "repeat": 0, "officer": ""}
    return [record(seq, "clock", data=told), *([record(seq + 1, "escalated", data=raised)] if level else [])]


CASES: dict[str, tuple[str, list[Record]]] = {
    "1": (
        "开发区",
        [
            opened(2, "5", candidateGroups=["marketing"]),
            opened(3, "15", candidateGroups=["planning"]),
            *clock(4, "survey:5", 300, "L2"),
            *clock(6, "reply", 500, "L1"),
            opened(8, "7", candidateGroups=["marketing", "planning"]),
        ],
    ),
    "2": (
        "张北县",
        [
            opened(2, "5", candidateGroups=["marketing"], dueDate="2026-11-24"),
            opened(3, "6", candidateGroups=["marketing"]),
            record(4, "claimed", "6", {"by": "wang"}),
            *clock(5, "works", 100, "L4"),
            record(7, "clock", data={"clock": "works", "kind": "移交", "at": at(7)}),
        ],
    ),
    "3": (
        "开发区",
        [
            opened(2, "5", candidateGroups=[], candidateUsers=["wang"]),
            opened(3, "6", candidateGroups=[], assignee="wang"),
            opened(4, "7", candidateGroups=[]),
            opened(5, "8", candidateGroups=["marketing"]),
            record(6, "closed", "8", {"by": "li", "outcome": "completed"}),
        ],
    ),
}


@pytest.fixture
def database(database: Database) -> Database:
    """Three cases of two counties; their numbers say which began first."""
    with database.transaction() as session:
        for number, (county, records) in CASES.items():
            fields = replace(FIELDS, case_no=f"YK-{number}", county=county, customer=f"客户{number}")
            first = replace(case_record(fields=fields), element="p")
            given = batch(
                first, *map(later(int(number)), records), workflow_id=f"case/YK-{number}", case_no=fields.case_no
            )
            record_batch(session, given, START)
    return database


def later(minutes: int) -> Callable[[Record], Record]:
    """Moves the records of a case by some seconds, so that no two tasks were opened at once."""
    return lambda one: replace(one, at=(START + timedelta(minutes=one.seq, seconds=minutes)).isoformat())


def read(database: Database, wanted: InboxQuery, **page: Any) -> list[InboxTask]:
    with database.session() as session:
        return inbox(session, wanted, **page)[0]


def names(database: Database, wanted: InboxQuery) -> list[str]:
    return [f"{one.task.case_no[-1]}/{one.task.key}" for one in read(database, wanted)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (InboxQuery("wang"), ["2/6", "3/6"]),
        (InboxQuery("wang", county="开发区"), ["3/6"]),
        (InboxQuery("li"), []),
        (InboxQuery("wang", ["marketing"], view=GROUPS), ["1/5", "1/7", "2/5", "3/5", "3/7"]),
        (InboxQuery("li", ["planning"], view=GROUPS), ["1/15", "1/7", "3/7"]),
        (InboxQuery("li", ["planning"], "张北县", GROUPS), []),
        (InboxQuery("li", ["marketing"], "张北县", GROUPS), ["2/5"]),
        (InboxQuery("li", view=GROUPS), ["3/7"]),
        (InboxQuery("wang", ["marketing"], view=GROUPS, order=InboxOrder.AGE), ["1/5", "2/5", "3/5", "3/7", "1/7"]),
    ],
)
def test_an_inbox_has_what_is_mine_or_what_i_may_take(database: Database, wanted: InboxQuery, found: list[str]) -> None:
    assert names(database, wanted) == found


def test_a_task_is_as_urgent_as_its_own_clock_and_those_of_its_process(database: Database) -> None:
    lines = {
        f"{one.task.case_no[-1]}/{one.task.key}": one
        for one in read(database, InboxQuery("wang", ["marketing", "planning"], view=GROUPS))
    }

    assert {key: one.colour for key, one in lines.items()} == {
        "1/5": Colour.RED,
        "1/15": Colour.YELLOW,
        "1/7": Colour.YELLOW,
        "2/5": Colour.BLUE,
        "3/5": Colour.BLUE,
        "3/7": Colour.BLUE,
    }
    assert lines["1/5"].due_at == START + timedelta(minutes=300)
    assert lines["1/15"].due_at == START + timedelta(minutes=500)
    assert lines["2/5"].due_at == lines["2/5"].task.due_at
    assert lines["3/5"].due_at is None


@pytest.mark.parametrize("order", InboxOrder)
def test_pages_follow_each_other_without_gap_or_double(database: Database, order: InboxOrder) -> None:
    wanted, after = InboxQuery("wang", ["marketing", "planning"], view=GROUPS, order=order), ""
    seen = []
    with database.session() as session:
        whole = [one.task for one in inbox(session, wanted)[0]]
        for _ in whole:
            page, after = inbox(session, wanted, limit=1, after=after)
            seen += [one.task for one in page]

    assert (seen, after) == (whole, "")


@pytest.mark.parametrize("after", ["nonsense", "bm8=", "WyJhZ2UiLCAieCIsICJ5IiwgInoiXQ==", "é"])
def test_a_place_that_no_page_named_is_refused(database: Database, after: str) -> None:
    with database.session() as session, pytest.raises(WrongPlace):
        inbox(session, InboxQuery("wang", order=InboxOrder.AGE), after=after)


def test_a_draft_shows_to_whoever_keeps_it(database: Database) -> None:
    kept = TaskDraft(workflow_id="case/YK-3", task="T6", account="wang", data={"x": 1}, saved_at=START)
    with database.transaction() as session:
        save_draft(session, kept)

    assert [one.has_draft for one in read(database, InboxQuery("wang"))] == [False, True]
    with database.session() as session:
        other = task_line(session, "case/YK-3", "T6", "li")
    assert other is not None
    assert not other.has_draft


def test_saving_a_draft_drops_those_for_tasks_that_are_closed(database: Database) -> None:
    def keep(task: str) -> None:
        with database.transaction() as session:
            save_draft(
                session,
                TaskDraft(workflow_id="case/YK-3", task=task, account="wang", data={"of": task}, saved_at=START),
            )

    keep("T8")
    keep("T6")
    with database.session() as session:
        assert [one.data for one in session.query(TaskDraft)] == [{"of": "T6"}]


def test_an_inbox_is_one_statement_however_long_it_is(
    database: Database, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    wanted = InboxQuery("wang", ["marketing", "planning"], view=GROUPS)

    assert count_statements(lambda: read(database, wanted)) == count_statements(lambda: read(database, wanted, limit=1))
