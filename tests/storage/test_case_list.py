"""The list of cases: every way to narrow it, every order, every page, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from functools import partial

import pytest

from domain.levels import Colour
from domain.records import Record
from storage.case_list import CaseQuery, Order, search_cases
from storage.database import Database
from storage.journal import record_batch
from storage.paging import WrongPlace
from tests.storage.journals import FIELDS, START, at, batch, case_record, opened, record


def clock(seq: int, level: str = "", due: int = 600) -> list[Record]:
    """A running clock that is due so many minutes after the start, and has climbed to a level."""
    told = {"clock": "reply", "kind": "起算", "name": "答复", "at": at(seq), "due": at(due), "department": "marketing"}
    raised = {"clock": "reply", "level": level, "at": at(seq), "repeat": 0, "officer": ""}
    return [record(seq, "clock", data=told), *([record(seq + 1, "escalated", data=raised)] if level else [])]


@pytest.fixture
def database(database: Database) -> Database:
    """Four cases: a blue, a yellow, a red one, and one without a limit that is over."""
    cases = {
        "1": (replace(FIELDS, customer="恒源新材料有限公司", address="开发区规划二路16号", county="开发区"), clock(3)),
        "2": (replace(FIELDS, customer="张北风电有限公司", address="张北县", county="张北县"), clock(3, "L1", due=500)),
        "3": (replace(FIELDS, customer="100%电池厂", address="开发区_西路", voltage_kv="35"), clock(3, "L2", due=400)),
        "4": (replace(FIELDS, customer="永恒制造", county="开发区"), [record(3, "completed", "0", type="process")]),
    }
    with database.transaction() as session:
        for number, (fields, more) in cases.items():
            own = replace(fields, case_no=f"YK-{number}")
            first = record(1, "case", "0", vars(own), element="p", type="process", name="p")
            records = [first, opened(2, "5", candidateGroups=["marketing"]), *more]
            moved = [replace(one, at=(START + timedelta(minutes=int(number))).isoformat()) for one in records]
            given = batch(*moved, workflow_id=f"case/YK-{number}", case_no=f"YK-{number}")
            record_batch(session, given, START)
    return database


def numbers(database: Database, wanted: CaseQuery) -> list[str]:
    with database.session() as session:
        return [one.case.case_no[-1] for one in search_cases(session, wanted)[0]]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (CaseQuery(), "4321"),
        (CaseQuery(text="恒源"), "1"),
        (CaseQuery(text="恒"), "41"),
        (CaseQuery(text="规划 恒源"), "1"),
        (CaseQuery(text="%"), "3"),
        (CaseQuery(text="_西"), "3"),
        (CaseQuery(text="YK-2"), "2"),
        (CaseQuery(case_no="YK-2"), "2"),
        (CaseQuery(counties=("开发区",)), "41"),
        (CaseQuery(counties=("张北县", "桥西区")), "32"),
        (CaseQuery(voltage_kv="35"), "3"),
        (CaseQuery(state="completed"), "4"),
        (CaseQuery(colour=Colour.RED), "3"),
        (CaseQuery(colour=Colour.YELLOW), "2"),
        (CaseQuery(colour=Colour.BLUE), "41"),
        (CaseQuery(department="marketing"), "4321"),
        (CaseQuery(department="planning"), ""),
        (CaseQuery(incident=True), ""),
        (CaseQuery(incident=False, state="running"), "321"),
        (CaseQuery(opened_from=START + timedelta(minutes=3)), "43"),
        (CaseQuery(opened_until=START + timedelta(minutes=3)), "21"),
        (CaseQuery(due_from=START + timedelta(minutes=500)), "21"),
        (CaseQuery(due_until=START + timedelta(minutes=500)), "3"),
        (CaseQuery(closed_from=START), "4"),
        (CaseQuery(closed_until=START), ""),
        (CaseQuery(order=Order.URGENT), "3214"),
        (CaseQuery(order=Order.NUMBER), "1234"),
        (CaseQuery(order=Order.CHANGED), "4321"),
    ],
)
def test_a_list_is_narrowed_and_sorted_as_asked(database: Database, wanted: CaseQuery, found: str) -> None:
    assert "".join(numbers(database, wanted)) == found


def test_a_line_has_the_colour_and_the_due_date_of_its_running_clocks(database: Database) -> None:
    with database.session() as session:
        page, _ = search_cases(session, CaseQuery(order=Order.NUMBER))

    assert [one.colour for one in page] == [Colour.BLUE, Colour.YELLOW, Colour.RED, Colour.BLUE]
    assert [one.due_at for one in page][2:] == [(START + timedelta(minutes=400)).astimezone(UTC), None]


@pytest.mark.parametrize("order", Order)
def test_pages_follow_each_other_without_gap_or_double(database: Database, order: Order) -> None:
    wanted, seen, after = CaseQuery(order=order), [], ""
    with database.session() as session:
        whole = [one.case.case_no for one in search_cases(session, wanted)[0]]
        for _ in range(4):
            page, after = search_cases(session, wanted, limit=1, after=after)
            seen += [one.case.case_no for one in page]

    assert (seen, after) == (whole, "")


@pytest.mark.parametrize("after", ["nonsense", "bm8=", "WyJuZXdlc3QiLCAieCIsICJ5Il0="])
def test_a_place_that_no_page_named_is_refused(database: Database, after: str) -> None:
    with database.session() as session, pytest.raises(WrongPlace):
        search_cases(session, CaseQuery(), after=after)


def test_a_case_that_another_called_is_no_line_of_its_own(database: Database) -> None:
    child = replace(FIELDS, case_no="YK-1", parent_workflow_id="case/YK-1")
    with database.transaction() as session:
        record_batch(session, batch(case_record(fields=child), workflow_id="child", case_no="YK-1"), START)

    assert numbers(database, CaseQuery(case_no="YK-1")) == ["1"]


def test_a_list_takes_one_statement_however_many_cases_fit(
    database: Database, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    with database.session() as session:
        session.connection()
        counts = {count_statements(partial(search_cases, session, CaseQuery(), limit=limit)) for limit in (1, 2, 50)}

    assert counts == {1}
