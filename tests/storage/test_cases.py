from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from storage.cases import Case, CaseFilter, case, case_family, count_cases, list_cases
from storage.database import Database
from storage.incidents import case_incidents, open_incidents
from storage.journal import record_batch
from tests.storage.journals import CASE_NO, FIELDS, batch, case_record, record


@pytest.fixture
def database(database: Database, now: datetime) -> Database:
    """A 10kV case with its grid project, and a finished 35kV case opened a day later."""
    child = replace(FIELDS, process="grid_project_10kv", parent_workflow_id="case-1")
    other = replace(FIELDS, case_no="YK-2026-0002", voltage_kv="35", county="宣化区")
    later = replace(case_record(1, other), at="2026-11-24T10:00:00+08:00")
    end = replace(record(2, "completed", "0", type="process"), at="2026-11-25T10:00:00+08:00")
    stopped = [record(seq, "incident", str(seq), {"kind": "job", "message": "缺少字段"}) for seq in (2, 3)]
    with database.transaction() as session:
        record_batch(session, batch(case_record(), *stopped, record(4, "resolved", "2", {"by": "li"})), now)
        record_batch(
            session, batch(case_record(1, child), record(2, "stage", data={"stage": "施工"}), workflow_id="child"), now
        )
        record_batch(session, batch(later, end, workflow_id="case-2", case_no="YK-2026-0002"), now)
    return database


def ids(cases: Sequence[Case]) -> list[str]:
    return [each.workflow_id for each in cases]


def test_a_list_has_the_latest_case_first_and_no_children(database: Database) -> None:
    with database.session() as session:
        assert ids(list_cases(session)) == ["case-2", "case-1"]
        assert ids(list_cases(session, CaseFilter(with_children=True))) == ["case-2", "case-1", "child"]
        assert ids(list_cases(session, limit=1, offset=1)) == ["case-1"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (CaseFilter(state="running"), ["case-1"]),
        (CaseFilter(state="completed"), ["case-2"]),
        (CaseFilter(voltage_kv="35"), ["case-2"]),
        (CaseFilter(county="桥西区"), ["case-1"]),
        (CaseFilter(case_type="新装"), ["case-2", "case-1"]),
        (CaseFilter(process="grid_project_10kv", with_children=True), ["child"]),
        (CaseFilter(stage="施工", with_children=True), ["child"]),
        (CaseFilter(voltage_kv="35", county="桥西区"), []),
    ],
)
def test_a_filter_shows_only_what_fits_and_counts_it(
    database: Database, wanted: CaseFilter, expected: list[str]
) -> None:
    with database.session() as session:
        assert ids(list_cases(session, wanted)) == expected
        assert count_cases(session, wanted) == len(expected)


def test_a_family_is_every_workflow_of_a_case_number(database: Database) -> None:
    with database.session() as session:
        assert ids(case_family(session, CASE_NO)) == ["case-1", "child"]


def test_a_case_is_found_by_its_workflow(database: Database) -> None:
    with database.session() as session:
        found = case(session, "case-2")
        assert found is not None
        assert (found.case_no, found.state) == ("YK-2026-0002", "completed")
        assert case(session, "case-9") is None


def test_open_incidents_are_those_nobody_resolved(database: Database) -> None:
    with database.session() as session:
        assert [(each.workflow_id, each.seq) for each in open_incidents(session)] == [("case-1", 3)]
        assert [each.seq for each in open_incidents(session, case_no=CASE_NO)] == [3]
        assert open_incidents(session, case_no="YK-2026-0002") == []


def test_the_incidents_of_a_case_include_resolved_ones(database: Database) -> None:
    with database.session() as session:
        assert [(each.seq, each.closed_by) for each in case_incidents(session, CASE_NO)] == [(2, "li"), (3, "")]
