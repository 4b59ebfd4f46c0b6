"""Which cases may come to the weekly outage plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.outage.outlook import CaseStanding
from storage.bay_projects import PROCESS
from storage.cases import Case, CaseState
from storage.clocks import CaseClock, ClockState
from storage.database import Database
from storage.outage_outlook import standing_cases
from tests.api.test_statements import Listing, fill

DUE = datetime(2026, 5, 1, tzinfo=UTC)
STAGES = ("施工", "验收", "装表送电")


def case(database: Database, case_no: str, stage: str, within: str = "", **changes: Any) -> None:
    """A case's process at a stage, or one that it calls."""
    row = {"workflow_id": f"case/{case_no}{within}", "case_no": case_no, "stage": stage, "county": "开发区"}
    fill(database, Listing("", [(Case, lambda n: {**row, "state": CaseState.RUNNING, **changes})]), range(1))


def clock(database: Database, case_no: str, name: str, due: datetime | None, **changes: Any) -> None:
    row = {"workflow_id": f"case/{case_no}", "clock": name, "case_no": case_no, "county": "开发区", "due_at": due}
    fill(database, Listing("", [(CaseClock, lambda n: {**row, "state": ClockState.RUNNING, **changes})]), range(1))


def test_a_case_stands_at_the_last_stage_of_its_processes_with_its_running_clocks(database: Database) -> None:
    case(database, "A", "施工")
    case(database, "A", "验收", "/grid")
    clock(database, "A", "works", DUE)
    clock(database, "A", "whole", DUE + timedelta(days=9))
    clock(database, "A", "reply", DUE + timedelta(days=20), state=ClockState.STOPPED)
    clock(database, "A", "open", None)

    with database.session() as session:
        [found] = standing_cases(session, ["开发区"], STAGES)

    assert (found.case_no, found.stage, found.feeder) == ("A", "验收", "")
    assert set(found.due) == {DUE, DUE + timedelta(days=9)}


def test_cases_that_are_over_elsewhere_at_other_stages_or_build_ahead_are_left_out(database: Database) -> None:
    case(database, "A", "验收", state=CaseState.COMPLETED)
    case(database, "B", "验收", county="西山县")
    case(database, "C", "受理")
    case(database, "D", "施工", process=PROCESS)
    case(database, "E", "施工")

    with database.session() as session:
        found = standing_cases(session, ["开发区"], STAGES)

    assert found == [CaseStanding("E", "施工", "", ())]
