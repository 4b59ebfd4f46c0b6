"""Incidents are found by place, kind, case and state, the oldest first, a page at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from storage.database import Database
from storage.incidents import IncidentQuery, find_incidents
from storage.journal import record_batch
from storage.paging import WrongPlace, mark
from tests.storage.journals import FIELDS, batch, case_record, record


@pytest.fixture
def database(database: Database, now: datetime) -> Database:
    """Case 1 in 桥西区 with an open incident and one that was skipped, case 2 in 开发区 with two open ones."""
    with database.transaction() as session:
        for number, county in ((1, "桥西区"), (2, "开发区")):
            fields = replace(FIELDS, case_no=f"YK-{number}", county=county)
            stopped = [record(2, "incident", "5", {"kind": "job"}), record(3, "incident", "6", {"kind": "expression"})]
            skipped = [record(4, "skipped", "6", {"by": "li"})] if number == 1 else []
            name = f"case-{number}"
            sent = batch(case_record(fields=fields), *stopped, *skipped, workflow_id=name, case_no=f"YK-{number}")
            record_batch(session, sent, now)
    return database


def found(database: Database, wanted: IncidentQuery, limit: int = 50) -> list[list[tuple[str, int]]]:
    pages: list[list[tuple[str, int]]] = []
    after = ""
    with database.session() as session:
        while True:
            page, after = find_incidents(session, wanted, limit=limit, after=after)
            pages.append([(one.incident.workflow_id, one.incident.seq) for one in page])
            if not after:
                return pages


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (IncidentQuery(), [("case-1", 2), ("case-2", 2), ("case-2", 3)]),
        (IncidentQuery("closed"), [("case-1", 3)]),
        (IncidentQuery("all"), [("case-1", 2), ("case-2", 2), ("case-1", 3), ("case-2", 3)]),
        (IncidentQuery(county="开发区"), [("case-2", 2), ("case-2", 3)]),
        (IncidentQuery(kind="expression"), [("case-2", 3)]),
        (IncidentQuery(case_no="YK-1"), [("case-1", 2)]),
        (IncidentQuery(county="桥西区", kind="expression"), []),
    ],
)
def test_incidents_are_narrowed_as_asked(
    database: Database, wanted: IncidentQuery, expected: list[tuple[str, int]]
) -> None:
    assert found(database, wanted) == [expected]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_follow_each_other_without_gap_or_double(database: Database, limit: int) -> None:
    pages = found(database, IncidentQuery("all"), limit)

    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert [one for page in pages for one in page] == [("case-1", 2), ("case-2", 2), ("case-1", 3), ("case-2", 3)]


def test_a_line_says_the_county_of_its_case(database: Database) -> None:
    with database.session() as session:
        page, _ = find_incidents(session, IncidentQuery())

    assert [one.county for one in page] == ["桥西区", "开发区", "开发区"]


@pytest.mark.parametrize("after", ["nowhere", mark("latest", "x"), mark("oldest", "case-1", "case-1", 3)])
def test_a_place_that_no_page_named_is_refused(database: Database, after: str) -> None:
    with database.session() as session, pytest.raises(WrongPlace):
        find_incidents(session, IncidentQuery(), after=after)
