"""The 35-110kV bay extension: two authorities, framework call-offs, the contract first, none of the 10kV rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest

from bpmn.definition import Definition
from bpmn.model import Process
from domain.calendar import WorkingCalendar
from domain.clock import Facts
from domain.clocks import Clocks
from domain.documents import BayApproval, FrameworkCallOff, SafetyAgreement, WorksContract
from domain.limits import LimitTable
from domain.records import Record
from tests.bpmn.processes.dating import dates_taken
from tests.bpmn.processes.play import WALKS, Play, of_kind, played, written
from workflows.watch import clock_rules

PROJECT = "grid_project_bay_extension"
CUSTOMER, AHEAD, WITHDRAWN = "bay_extension_for_a_customer", "bay_extension_ahead_of_need", "bay_extension_withdrawn"
RULES_OF_10KV = {"grid_works", "late_contract", "energization"}
"""The 30 working days, the contract after an early start, the week to energization, by their steps in the table."""


@pytest.fixture(scope="module")
def whole(definition: Definition) -> Play:
    return played(definition, CUSTOMER)


@pytest.fixture(scope="module")
def ahead(definition: Definition) -> Play:
    return played(definition, AHEAD)


def begun(definition: Definition, until: str, *rows: Mapping[str, Any], **changes: Any) -> Play:
    """The project that goes straight on, with other variables and rows of authorities, up to an element."""
    walk = WALKS[AHEAD]
    play = Play(definition, walk["start"], walk["variables"] | changes, process=PROJECT)
    play.frameworks, play.stock = deepcopy(walk["frameworks"]), deepcopy(walk["stock"])
    play.use_authorities([dict(row) for row in rows])
    for act in walk["acts"]:
        play.act(act)
        if act["element"] == until:
            break
    return play


def variables(play: Play) -> dict[str, Any]:
    return play.case.instance.variables()


def entered(walk: str, element: str) -> dict[str, Any]:
    found: dict[str, Any] = next(act["data"] for act in WALKS[walk]["acts"] if act.get("element") == element)
    return found


# -- domain.md §1.1 row 8: framework tender, and none of the rules of rows 7 and 9 -------------------------------------


def limits_of(process: Process) -> set[str]:
    """The steps of the table that a diagram's clocks name."""
    named = [clock.limit for clock in process.clocks]
    named += [milestone.limit for clock in process.clocks for milestone in clock.milestones]
    return {limit.partition(".")[0] for limit in named}


@pytest.mark.parametrize("process", [PROJECT, "energization_hv"])
@pytest.mark.parametrize("voltage", [35, 66, 110, 220])
def test_row_8_none_of_the_three_10kv_rules_runs_here(definition: Definition, process: str, voltage: float) -> None:
    table, day = LimitTable.shipped(), dt.date(2026, 3, 2)
    forms = {element.user.form for element in definition.processes[process].elements.values() if element.user}

    assert limits_of(definition.processes[process]) & RULES_OF_10KV == set()
    assert [table.row(step, voltage, 1, True, day) for step in RULES_OF_10KV] == [None, None, None]
    assert (
        forms & {"late_contract", "construction_contract", "early_start_application", "early_start_approval"} == set()
    )


def test_row_8_a_whole_project_of_a_customer_starts_no_clock_but_its_own(whole: Play, definition: Definition) -> None:
    clocks = Clocks(
        clock_rules(definition.processes[PROJECT]),
        LimitTable.shipped(),
        WorkingCalendar.shipped(),
        Facts("110", 1, True, "2026-03-02"),
    )
    for seq, (_, record) in enumerate(whole.journal, 1):
        clocks.feed(Record(seq, record.at.isoformat(), record.event, record.element, "", "", key=str(record.key)))

    own = [clock for clock in clocks if not clock.rule.startswith("bay_extension")]
    assert own == []
    assert clocks.latest("bay_extension")
    assert clocks.latest("bay_extension.works_start")


def test_row_8_works_are_reached_only_past_both_framework_call_offs_and_a_signed_contract(
    definition: Definition,
) -> None:
    process = definition.processes[PROJECT]

    assert "start_bay_works" in reached(process)
    for passed in ("write_design_call_off", "write_works_call_off", "sign_bay_safety", "sign_bay_contract"):
        assert "start_bay_works" not in reached(process, without=passed)


def reached(process: Process, without: str = "") -> set[str]:
    """The elements that a token can come to, where one of them lets none through."""
    found: set[str] = set()
    todo = [
        element.id
        for element in process.elements.values()
        if element.kind == "startEvent" and element.scope == process.id
    ]
    while todo:
        here = todo.pop()
        if here not in found:
            found.add(here)
            todo += _next(process, here) if here != without else []
    return found


def _next(process: Process, here: str) -> Iterator[str]:
    element = process.elements[here]
    inside = [one for one in process.elements.values() if one.scope == here]
    yield from (one.id for one in process.elements.values() if one.attached_to == here)
    if inside:
        yield from (one.id for one in inside if one.kind == "startEvent")
        return
    left = element.scope if element.kind == "endEvent" else here
    yield from (flow.target for flow in process.flows.values() if flow.source == left)


@pytest.mark.parametrize(
    ("started", "allowed"), [("2026-05-05", False), ("2026-05-06", True)], ids=["before", "on the day"]
)
def test_row_8_no_works_start_before_the_contract_is_signed(
    definition: Definition, started: str, allowed: bool
) -> None:
    play = begun(definition, "list_bay_materials")
    play.reach("2026-05-08T16:00+08:00")
    faults = play.faults("start_bay_works", entered(AHEAD, "start_bay_works") | {"worksStartDate": started})

    assert {fault.key for fault in faults} == (set() if allowed else {"worksStartDate", "worksStartBasis"})


# -- domain.md §1.1 row 4: project approval and construction, two delegations ------------------------------------------

NO_APPROVAL = {"id": "approval-110-bay-delegated", "gone": True}
NO_CONSTRUCTION = {"id": "construction-110-bay-delegated", "gone": True}


@pytest.mark.parametrize(
    ("voltage", "kind", "rows", "approves", "builds"),
    [
        (110, "bay_extension", [], "planning", "construction"),
        (110, "bay_extension", [NO_APPROVAL], "province_planning", "construction"),
        (110, "bay_extension", [NO_CONSTRUCTION], "planning", "province_construction"),
        (110, "other", [], "province_planning", "province_construction"),
        (220, "bay_extension", [], "province_planning", "province_construction"),
        (35, "bay_extension", [NO_APPROVAL, NO_CONSTRUCTION], "planning", "construction"),
    ],
)
def test_row_4_approval_and_construction_are_delegated_separately_and_for_110kv_bays_alone(
    definition: Definition, voltage: float, kind: str, rows: list[dict[str, Any]], approves: str, builds: str
) -> None:
    play = begun(definition, "review_bay_design", *rows, voltageKv=voltage, projectKind=kind)
    assert play.candidates("approve_bay_project") == (approves,)

    play.reach("2026-04-15T16:00+08:00")
    play.complete("approve_bay_project", entered(AHEAD, "approve_bay_project"))
    assert play.candidates("decide_construction") == (builds,)


@pytest.mark.parametrize(
    ("task", "before", "row", "city", "province"),
    [
        ("approve_bay_project", "review_bay_design", "approval-110-bay-delegated", "planning", "province_planning"),
        (
            "decide_construction",
            "approve_bay_project",
            "construction-110-bay-delegated",
            "construction",
            "province_construction",
        ),
    ],
)
def test_row_4_a_task_moves_to_the_province_when_its_own_delegation_is_over(
    definition: Definition, task: str, before: str, row: str, city: str, province: str
) -> None:
    play = begun(definition, before, {"id": row, "to": "2026-05-15"})

    play.reach("2026-05-15T23:59+08:00")
    assert play.candidates(task) == (city,)
    play.reach("2026-05-16T00:00+08:00")
    assert play.candidates(task) == (province,)
    assert play.open_tasks() == [task]


@pytest.mark.parametrize(
    ("task", "before", "row", "province"),
    [
        ("approve_bay_project", "review_bay_design", NO_APPROVAL, "province_planning"),
        ("decide_construction", "approve_bay_project", NO_CONSTRUCTION, "province_construction"),
    ],
)
def test_row_4_a_task_moves_at_once_when_its_delegation_is_taken_back(
    definition: Definition, task: str, before: str, row: dict[str, Any], province: str
) -> None:
    play = begun(definition, before)

    play.use_authorities([row])

    assert play.candidates(task) == (province,)


def test_an_authority_without_an_end_is_asked_for_again_every_year(definition: Definition) -> None:
    play = begun(definition, "review_bay_design")
    (due,) = play.case.timers.values()

    assert (due - play.now).days == 364
    play.pass_time(due - play.now)
    assert play.candidates("approve_bay_project") == ("planning",)


def test_the_approval_says_by_which_authority_it_was_given(whole: Play, ahead: Play) -> None:
    (late,), (early,) = written(whole, "bay_approval"), written(ahead, "bay_approval")

    assert isinstance(late, BayApproval)
    assert isinstance(early, BayApproval)
    assert (late.authority.level, late.authority.department) == ("省公司", "省公司发展部")
    assert (early.authority.level, early.authority.department) == ("市公司", "发展部")
    assert "省发展部" in early.authority.document


# -- frameworks --------------------------------------------------------------------------------------------------------


def test_a_framework_that_cannot_be_used_stops_the_step_with_what_to_do(definition: Definition) -> None:
    play = played(definition, CUSTOMER, until="choose_design_framework")

    assert play.open_tasks() == ["resolve_design_framework"]
    assert variables(play)["frameworkProblem"] == "框架KJ-2023-SJ-02已到期"
    assert of_kind(play, "framework_call_off") == []


def test_another_framework_may_be_chosen_at_once(definition: Definition) -> None:
    play = played(definition, CUSTOMER, until="resolve_design_framework")

    assert play.open_tasks() == ["choose_design_framework"]


def test_a_new_tender_is_waited_for_until_the_day_that_was_given(definition: Definition) -> None:
    play = played(definition, CUSTOMER, until="resolve_design_framework", times=2)

    assert play.open_tasks() == []
    play.reach("2026-03-09T08:30+08:00")
    assert play.open_tasks() == ["choose_design_framework"]


def test_each_call_off_is_written_with_what_remains_of_its_lot(whole: Play) -> None:
    design, works = written(whole, "framework_call_off")

    assert isinstance(design, FrameworkCallOff)
    assert isinstance(works, FrameworkCallOff)
    assert [(paper.lot, int(paper.framework_remaining)) for paper in (design, works)] == [
        ("标包3", 4680000),
        ("标包4", 17350000),
    ]
    assert whole.result["frameworkProblem"] is None


def test_agreement_and_contract_are_with_the_contractor_of_the_framework_whoever_was_typed(
    definition: Definition,
) -> None:
    play = begun(definition, "choose_works_framework")
    play.reach("2026-05-06T16:00+08:00")
    for element in ("draft_bay_safety", "sign_bay_safety", "draft_bay_contract", "sign_bay_contract"):
        data = entered(AHEAD, element)
        play.complete(element, data | ({"builderName": "另一家公司"} if element == "draft_bay_safety" else {}))

    (agreement,), (contract,) = written(play, "safety_agreement"), written(play, "works_contract")
    assert isinstance(agreement, SafetyAgreement)
    assert isinstance(contract, WorksContract)
    assert agreement.builder.name == contract.builder.name == "张北送变电工程公司"
    assert contract.call_off_document_no == of_kind(play, "framework_call_off")[-1].number
    assert contract.design_approval_no == of_kind(play, "bay_approval")[-1].number
    assert contract.safety_agreement_no == of_kind(play, "safety_agreement")[-1].number


# -- for a customer, and ahead of need ---------------------------------------------------------------------------------


def test_the_papers_of_a_project_are_written_once_each_in_their_order(whole: Play, ahead: Play) -> None:
    order = ["framework_call_off", "bay_approval", "framework_call_off", "safety_agreement", "works_contract"]

    assert [paper.kind for paper in whole.documents] == order == [paper.kind for paper in ahead.documents]
    assert not any(paper.void for paper in whole.documents)


def test_a_project_of_a_customer_tells_the_case_when_its_works_are_accepted(whole: Play) -> None:
    (told,) = whole.early

    assert (told.message, told.correlation_key) == ("grid_works_accepted", "YK-2026-0021")
    assert told.variables == {"gridAcceptedOn": "2026-10-26"}
    assert whole.commissioned == ["QS110:117"]


def test_a_project_ahead_of_need_commissions_each_of_its_bays_and_tells_nobody(ahead: Play) -> None:
    assert ahead.commissioned == ["QS110:118", "QS110:119"]
    assert ahead.early == []
    assert {paper.model.model_dump()["customer"] for paper in ahead.documents} == {"无（储备间隔）"}


def test_a_project_ends_with_what_its_caller_takes_from_it(whole: Play) -> None:
    kept = whole.result

    assert kept["contractDocumentNo"] == of_kind(whole, "works_contract")[0].number
    assert (kept["settlementNo"], kept["settledOn"]) == ("JS-2026-117", "2026-11-20")


def test_materials_that_are_short_are_asked_for_again_when_goods_come_and_on_the_day_they_were_promised_for(
    definition: Definition,
) -> None:
    play = played(definition, CUSTOMER, until="list_bay_materials")
    assert (play.open_tasks(), play.jobs.count("reserve-materials")) == ([], 1)

    play.send("materials_arrived", "YK-2026-0021", {})
    assert (play.open_tasks(), play.jobs.count("reserve-materials")) == ([], 2)
    play.receive({"110kV GIS出线间隔": 1})
    play.reach("2026-06-22T08:30+08:00")
    assert play.open_tasks() == ["start_bay_works"]


def test_waiting_for_materials_explains_why_the_project_is_late_and_stops_no_clock(definition: Definition) -> None:
    # domain.md §1.1 row 5: a shortage is a cause of delay, and the company's own.
    (clock,) = definition.processes[PROJECT].clocks
    (delay,) = clock.delays
    play = played(definition, CUSTOMER, until="list_bay_materials")

    assert (delay.element, delay.cause) == ("wait_for_bay_materials", "materials_shortage")
    waits = {wait.element for wait in play.case.instance.waits}
    assert {"bay_materials_arrived", "bay_arrival_due"} <= waits
    assert "110kV GIS出线间隔" in variables(play)[delay.text]


def test_a_withdrawn_project_returns_releases_and_cancels_the_last_first_then_voids(definition: Definition) -> None:
    play = played(definition, WITHDRAWN, until="list_bay_materials")
    jobs = len(play.jobs)
    play.act(WALKS[WITHDRAWN]["acts"][-1])

    assert play.jobs[jobs:] == [
        "return-materials",
        "release-materials",
        "cancel-call-off",
        "cancel-call-off",
        "void-documents",
    ]
    assert play.frameworks == WALKS[WITHDRAWN]["frameworks"]
    assert all(paper.void for paper in play.documents)


def test_a_project_ahead_of_need_that_is_withdrawn_gives_back_its_bays(definition: Definition) -> None:
    play = played(definition, f"{AHEAD}_withdrawn")

    assert play.jobs[-4:] == ["cancel-call-off", "void-documents", "give-back-bay", "give-back-bay"]
    assert play.bays == {"QS110": 2}


def test_ring_main_units_ahead_of_need_are_counted_and_named(definition: Definition) -> None:
    units = {"bays": [], "bayCount": 0, "bayName": "", "ringMainUnits": 2}
    play = Play(definition, WALKS[AHEAD]["start"], WALKS[AHEAD]["variables"] | units, process=PROJECT)

    assert (variables(play)["bayCount"], variables(play)["bayName"]) == (2, "站外环网柜")


# -- dates -------------------------------------------------------------------------------------------------------------

EARLIER = {"builderCertificateValidUntil": "that of the framework's contractor; the agreement refuses one that is over"}
"""Dates that no event of the project comes before."""
AHEAD_OF_TODAY = {
    "projectDue",
    "callOffStart",
    "callOffFinish",
    "frameworkExpectedOn",
    "plannedStart",
    "plannedFinish",
    "builderCertificateValidUntil",
    "builderSafetyPermitValidUntil",
    "contractStartDate",
    "contractCompletionDate",
    "worksPlannedFinish",
    "worksRectificationDue",
}


def test_no_date_is_taken_of_long_before_the_project(definition: Definition) -> None:
    assert dates_taken(definition, CUSTOMER, "1999") == set(EARLIER)


def test_no_date_of_what_has_happened_lies_in_the_future(definition: Definition) -> None:
    assert dates_taken(definition, CUSTOMER, "2099") == AHEAD_OF_TODAY
