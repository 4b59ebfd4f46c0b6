"""What is late in many cases at once, and where a clock is that was handed on, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.levels import Level
from domain.records import Record
from storage.database import Database
from storage.escalations import ClockQuery, OrderState, clock_here, escalations, orders
from storage.journal import record_batch
from storage.paging import WrongPlace
from tests.storage.filling import fill
from tests.storage.journals import FIELDS, START, at, batch, case_record, record

ALL = ClockQuery()


def clock(seq: int, name: str, level: str, due: int, department: str = "marketing", officer: str = "") -> list[Record]:
    """A running clock that has climbed to a level; from L2 on it has an order."""
    told = {"clock": name, "kind": "起算", "name": name, "at": at(1), "due": at(due), "department": department}
    raised = {"clock": name, "level": level, "at": at(seq), "repeat": 0, "officer": officer}
    issued = {"clock": name, "number": f"DB-{name}", "issued": at(due)}
    records = [record(seq, "clock", data=told), record(seq + 1, "escalated", data=raised)]
    return [*records, record(seq + 2, "ordered", data=issued)] if level >= "L2" else records


def add(database: Database, workflow: str, *records: Record, **fields: Any) -> None:
    own = replace(FIELDS, case_no=workflow.split("/")[1], **fields)
    numbered = [replace(one, seq=number) for number, one in enumerate(records, 2)]
    with database.transaction() as session:
        first = case_record(fields=own)
        record_batch(session, batch(first, *numbered, workflow_id=workflow, case_no=own.case_no), START)


@pytest.fixture
def database(database: Database) -> Database:
    """Clocks of two counties and departments, one of them handed on to a called process."""
    answer = {"clock": "reply", "answer": {"cause": "grid", "promised": at(900), "by": "li", "text": "间隔不足"}}
    add(
        database,
        "case/YK-1",
        *clock(2, "reply", "L3", 300),
        *clock(6, "survey:5", "L1", 500, officer="wang"),
        record(9, "answered", data=answer),
        county="开发区",
        customer="恒源",
    )
    add(
        database,
        "case/YK-2",
        *clock(2, "reply", "L0", 400),
        *clock(5, "design:7", "L4", 200, "planning"),
        county="张北县",
    )
    passed = {"clock": "works", "kind": "移交", "at": at(9), "due": at(600)}
    add(database, "case/YK-3", *clock(2, "works", "L2", 600), record(9, "clock", data=passed), county="开发区")
    add(
        database,
        "case/YK-3/grid-31",
        *clock(2, "works#2", "L2", 600, "operations"),
        county="开发区",
        parent_workflow_id="case/YK-3",
    )
    return database


def late(database: Database, wanted: ClockQuery) -> list[str]:
    with database.session() as session:
        return [f"{one.clock.case_no[-1]} {one.clock.clock}" for one in escalations(session, wanted)[0]]


def ordered(database: Database, wanted: ClockQuery) -> list[str]:
    with database.session() as session:
        return [f"{one.clock.case_no[-1]} {one.clock.clock}" for one in orders(session, wanted)[0]]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (ALL, ["2 design:7", "1 reply", "2 reply", "1 survey:5", "3 works#2"]),
        (ClockQuery(level=Level.L1), ["2 design:7", "1 reply", "1 survey:5", "3 works#2"]),
        (ClockQuery(level=Level.L4), ["2 design:7"]),
        (ClockQuery(county="开发区"), ["1 reply", "1 survey:5", "3 works#2"]),
        (ClockQuery(department="planning"), ["2 design:7"]),
        (ClockQuery(account="wang"), ["1 survey:5"]),
        (ClockQuery(account="wang", departments=["operations"]), ["1 survey:5", "3 works#2"]),
    ],
)
def test_running_clocks_are_listed_by_what_they_have_reached(
    database: Database, wanted: ClockQuery, found: list[str]
) -> None:
    assert late(database, wanted) == found


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (OrderState.OPEN, ["2 design:7", "3 works#2"]),
        (OrderState.ANSWERED, ["1 reply"]),
        (OrderState.ALL, ["2 design:7", "1 reply", "3 works#2"]),
    ],
)
def test_orders_wait_for_an_answer_until_they_have_one(database: Database, state: OrderState, found: list[str]) -> None:
    assert ordered(database, ClockQuery(state=state)) == found


def test_pages_of_both_lists_follow_each_other_without_gap_or_double(database: Database) -> None:
    wanted = ClockQuery(state=OrderState.ALL)
    with database.session() as session:
        for listing in (escalations, orders):
            whole, after, seen = listing(session, wanted)[0], "", []
            for _ in whole:
                page, after = listing(session, wanted, limit=1, after=after)
                seen += page
            assert (seen, after) == (whole, "")


def test_the_place_of_one_list_is_none_of_the_other(database: Database) -> None:
    with database.session() as session:
        _, after = escalations(session, ALL, limit=1)
        with pytest.raises(WrongPlace):
            orders(session, ALL, after=after)


def test_a_line_names_the_customer_of_its_case(database: Database) -> None:
    with database.session() as session:
        page, _ = escalations(session, ClockQuery(account="wang"))

    assert [one.customer for one in page] == ["恒源"]


def test_a_clock_that_was_handed_on_is_found_where_it_runs(database: Database) -> None:
    with database.session() as session:
        found = [clock_here(session, "case/YK-3", "works"), clock_here(session, "case/YK-1", "reply")]
        gone = clock_here(session, "case/YK-1", "works")

    assert [one and (one.workflow_id, one.clock) for one in found] == [
        ("case/YK-3/grid-31", "works#2"),
        ("case/YK-1", "reply"),
    ]
    assert gone is None


def test_a_clock_that_nobody_has_taken_over_yet_stays_where_it_was(database: Database) -> None:
    passed = {"clock": "metering", "kind": "移交", "at": at(9), "due": at(600)}
    add(database, "case/YK-4", *clock(2, "metering", "L0", 600), record(9, "clock", data=passed))

    with database.session() as session:
        found = clock_here(session, "case/YK-4", "metering")

    assert found is not None
    assert found.workflow_id == "case/YK-4"


def test_what_has_been_seen_of_a_clock_is_kept_with_who_saw_it(database: Database) -> None:
    seen = [
        record(3, "acknowledged", data={"clock": "reply", "level": level, "by": by})
        for level, by in (("L2", "li"), ("L0", "wang"))
    ]
    add(database, "case/YK-5", *clock(2, "reply", "L2", 300), *seen)

    with database.session() as session:
        found = clock_here(session, "case/YK-5", "reply")

    assert found is not None
    assert (found.acknowledged_level, found.acknowledged_by) == (2, "wang")
    assert found.acknowledged_at == START + timedelta(minutes=3)


def test_both_lists_are_one_statement_however_long_they_are(
    database: Database, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    before = [count_statements(lambda: late(database, ALL)), count_statements(lambda: ordered(database, ALL))]
    fill(database, cases=40)

    assert before == [count_statements(lambda: late(database, ALL)), count_statements(lambda: ordered(database, ALL))]
