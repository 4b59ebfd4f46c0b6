"""`make demo` plays a whole case from any date, and tells it as a timeline and as data."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from docx import Document

from demo.ends import checked
from demo.play import play, prepare, time_skipping
from demo.report import Report, limits, papers, report, timeline
from demo.scenario import read_scenario
from domain.calendar import WorkingCalendar

MAIN_PAPERS = [
    "one_time_notice",
    "review_minutes",
    "review_minutes",
    "supply_plan_reply",
    "inspection_opinion",
    "rectification_notice",
    "inspection_opinion",
    "supply_contract",
    "settlement_agreement",
]
"""What the connection process itself writes, in order."""
CALLED_PAPERS = [
    "integrated_design_commission",
    "safety_agreement",
    "early_start_approval",
    "construction_contract",
    "outage_request",
]
"""What the processes write that it calls, in order."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def written(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The story of the 10kV line, told from the date that it is written for."""
    return await played(tmp_path_factory.mktemp("written"), None)


async def played(folder: Path, start: date | None) -> Report:
    scenario = read_scenario("10kv", start)
    async with time_skipping() as server:
        stage = prepare(server, folder)
        [case_no] = await play(stage, scenario)
    told = report(stage, scenario.title, case_no, folder / "papers")
    assert [end.says for end in checked(stage, scenario, [told]) if not end.holds] == []
    return told


def test_the_case_goes_from_application_to_archive(written: Report) -> None:
    elements = [step.element for step in written.steps]
    assert elements.index("accept_application") < elements.index("record_energization") < elements.index("archive_case")
    kinds = [paper.kind for paper in written.papers]
    assert [kind for kind in kinds if kind in MAIN_PAPERS] == MAIN_PAPERS
    assert [kind for kind in kinds if kind in CALLED_PAPERS] == CALLED_PAPERS
    assert "supervision_order" in kinds
    for paper in written.papers:
        text = "\n".join(cell.text for table in Document(str(paper.path)).tables for cell in table._cells)
        assert "恒源新材料有限公司" in text or "张北送变电工程公司" in text


@pytest.mark.long
async def test_a_year_without_a_notice_is_said_to_be_provisional(tmp_path: Path) -> None:
    told = await played(tmp_path, date(2026, 11, 23))

    assert "2027年的放假安排尚未公告" in timeline(told)


def test_the_data_name_each_step_its_instant_and_who_did_it(written: Report) -> None:
    data = written.as_json()

    assert set(data) == {"steps", "deadlines", "escalations", "orders", "documents"}
    reply = next(step for step in data["steps"] if step["element"] == "reply_plan")
    assert reply["name"] == "答复供电方案"
    assert reply["by"] == "王敏"
    assert reply["at"].startswith("2026-03-13T09:30")
    contract = next(paper for paper in data["documents"] if paper["kind"] == "construction_contract")
    assert Path(contract["path"]).is_file()
    assert contract["number"].startswith("SGXY-2026-")
    assert contract["number"] in papers(written)


def test_no_act_is_done_on_a_day_off() -> None:
    days = {act.at.date() for act in read_scenario("10kv", date(2026, 9, 24)).acts}

    assert not days & {date(2026, 9, 25), *(date(2026, 10, day) for day in range(1, 8))}


def test_the_limits_are_told_with_their_dates_and_who_was_written_to(written: Report) -> None:
    data = written.as_json()
    works = next(one for one in data["deadlines"] if one["clock"] == "grid_works")
    archive = [one for one in data["escalations"] if one["clock"] == "archive"]

    assert works["start"].startswith("2026-03-13T09:30:00")
    assert works["due"] == "2026-04-28T00:00:00+08:00"
    assert works["stop"].startswith("2026-04-17T17:00:00")
    assert [one["level"] for one in archive] == ["L0", "L1", "L2"]
    assert "department_head" in archive[2]["to"]
    assert "配套电网工程完工" in limits(written)
    assert "资料归档" in limits(written).partition("提醒与督办")[2]


def test_row_7_a_10kv_project_has_thirty_working_days_from_the_reply_and_its_contract_after_the_work_began(
    written: Report,
) -> None:
    """domain.md §1.1, row 7."""
    data = written.as_json()
    done = {step["element"]: datetime.fromisoformat(step["at"]) for step in data["steps"]}
    works = next(one for one in data["deadlines"] if one["clock"] == "grid_works")
    start, due = (datetime.fromisoformat(works[name]) for name in ("start", "due"))

    assert start == done["reply_plan"]
    last = WorkingCalendar.shipped().add_workdays(start.date(), 30).date
    assert due.date() == last + timedelta(days=1)
    assert datetime.fromisoformat(works["stop"]) <= due
    assert done["hand_in_design"] < done["start_works"] < done["sign_construction_contract"]


def test_a_late_step_climbs_to_a_supervision_order_that_is_answered(written: Report) -> None:
    (order,) = written.as_json()["orders"]
    words = limits(written).partition("提醒与督办")[2]

    assert (order["clock"], order["cause"], order["by"]) == ("archive", "业务人员", "kfq.marketing.head")
    assert order["issued"] < order["answered"] < order["promised"]
    assert order["number"] in papers(written)
    assert words.index("L1 已确认") < words.index(order["number"]) < words.index("答复督办单")


def test_what_was_acknowledged_and_answered_is_not_repeated(written: Report) -> None:

    assert [one.level.name for one in written.escalations if one.repeat] == []
