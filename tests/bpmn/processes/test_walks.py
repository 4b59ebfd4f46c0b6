"""The diagrams run as the company works: every sequence flow is taken by acts that a person can send."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from bpmn.definition import Definition
from tests.bpmn.processes.drawing import PROCESSES
from tests.bpmn.processes.play import WALKS, Play, played
from tests.bpmn.processes.test_models import optional_inputs
from tests.cases.planning import planned_flows


@pytest.fixture(scope="module")
def plays(definition: Definition) -> Mapping[str, Play]:
    return {name: played(definition, name) for name in WALKS}


@pytest.mark.parametrize("name", WALKS)
def test_every_walk_comes_to_an_end(plays: Mapping[str, Play], name: str) -> None:
    assert plays[name].running == []


def test_together_the_walks_take_every_sequence_flow(plays: Mapping[str, Play], definition: Definition) -> None:
    drawn = {flow for process in definition.processes.values() for flow in process.flows}
    taken = set().union(*(play.flows for play in plays.values()))

    assert drawn - taken - planned_flows() == set()


@pytest.mark.parametrize("name", WALKS)
def test_expressions_miss_nothing_but_what_people_may_leave_out(plays: Mapping[str, Play], name: str) -> None:
    optional = {key for file in PROCESSES.glob("*.form") for key in optional_inputs(file.stem)}
    for warning in plays[name].warnings:
        missed = re.findall("«(.+?)»", warning)
        assert missed, warning
        assert set(missed) <= optional, warning


def test_papers_that_the_company_holds_are_not_asked_for_again(definition: Definition) -> None:
    play = played(definition, "papers_missing_and_plan_returned", until="supply_missing_papers")
    variables = play.case.instance.variables()

    assert variables["heldPapers"] == ["用电申请报告", "房产证或租赁合同"]
    assert "用电申请报告" not in variables["missingPapers"]
    assert "supply_missing_papers" in play.open_tasks()


def test_missing_papers_hold_up_the_plan_but_not_the_survey(definition: Definition) -> None:
    surveyed = played(definition, "papers_missing_and_plan_returned", until="survey_opinion", times=3)
    assert "conclude_survey" in surveyed.open_tasks()
    assert "supply_missing_papers" in surveyed.open_tasks()
    surveyed.complete("conclude_survey", _data("conclude_survey"))

    assert "draft_supply_plan" not in surveyed.open_tasks()


def test_each_department_gives_its_own_opinion(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="call_joint_review")
    groups = [play.candidates("review_opinion")]
    for _ in range(2):
        play.complete("review_opinion", _data("review_opinion"))
        groups.append(play.candidates("review_opinion"))

    assert groups == [("planning",), ("operations",), ("dispatch",)]


def test_one_refusal_sends_the_plan_back_with_its_reason(definition: Definition) -> None:
    play = played(definition, "papers_missing_and_plan_returned", until="write_minutes")

    assert play.open_tasks() == ["draft_supply_plan"]
    reason = play.case.instance.variables()["returnReason"]
    assert reason == "马超：保护定值与上级不配合，须改为光纤差动"


def test_a_customer_who_objects_gets_a_new_reply_and_only_the_old_reply_is_void(definition: Definition) -> None:
    documents = played(definition, "papers_missing_and_plan_returned", until="reply_plan", times=2).documents
    first, second = [document for document in documents if document.kind == "supply_plan_reply"]

    assert first.number != second.number
    assert [document.number for document in documents if document.void] == [first.number]


def test_an_early_start_is_refused_naming_each_missing_item(definition: Definition) -> None:
    play = played(definition, "important_customer_with_rework", until="apply_early_start")
    child = next(one for one in play.running if one is not play.case)

    assert "apply_early_start" in play.open_tasks()
    assert child.instance.variables()["earlyStartMissing"] == ["框架中标日期", "可研初设批复文号"]


def test_accepted_works_release_the_parent_while_the_contract_goes_on(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="record_energization")

    assert play.open_tasks() == ["sign_construction_contract"]
    play.complete("sign_construction_contract", _data("sign_construction_contract"))
    assert play.open_tasks() == ["settle_works"]
    play.reach("2026-05-15T16:00+08:00")
    play.complete("settle_works", _data("settle_works"))
    assert play.open_tasks() == ["review_archive"]


def test_only_customers_that_need_it_have_design_review_and_mid_inspection(plays: Mapping[str, Play]) -> None:
    reviewed = {name for name, play in plays.items() if "Flow_design_review_needed__submit_design" in play.flows}
    assert reviewed == {"important_customer_with_rework"}


def test_a_withdrawn_case_gives_back_its_materials_then_voids_then_archives(definition: Definition) -> None:
    before = played(definition, "withdrawn_with_materials_issued", until="start_works")
    jobs = len(before.jobs)
    before.act(WALKS["withdrawn_with_materials_issued"]["acts"][-1])

    child, parent = ["return-materials", "void-documents"], ["void-documents", "archive-case"]
    assert sorted(before.jobs[jobs:]) == sorted(child + parent)
    assert [job for job in before.jobs[jobs:] if job in ("return-materials", "archive-case")][-1] == "archive-case"
    assert all(document.void for document in before.documents)


def test_prerequisites_are_asked_again_only_where_they_were_not_met(definition: Definition) -> None:
    play = played(definition, "important_customer_with_rework", until="settle_prerequisites")

    assert play.open_tasks().count("check_prerequisite") == 1
    play.complete("check_prerequisite", _data("check_prerequisite"))
    assert "plan_switching" in play.open_tasks()


def test_a_plan_that_lapses_ends_the_case_as_a_withdrawal_does(plays: Mapping[str, Play]) -> None:
    lapsed = plays["plan_renewed_then_lapsed"]

    assert {"Flow_plan_renewed__build_customer_works", "Flow_archive_withdrawn__case_withdrawn"} <= lapsed.flows
    assert lapsed.jobs[-1] == "archive-case"


def _data(element: str) -> dict[str, object]:
    """What is entered at an element when nothing is wrong."""
    acts = WALKS["ordinary_customer"]["acts"]
    found: dict[str, object] = next(act["data"] for act in acts if act.get("element") == element)
    return found
