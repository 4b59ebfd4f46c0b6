"""What people type as a date fits the case: nothing has happened in the future, nor before what it follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bpmn.definition import Definition
from tests.bpmn.processes.play import REWORK, WALKS, Play, begun, played

DATE = re.compile(r"\d{4}-\d\d-\d\d")

BEFORE_THE_CASE = {
    "frameworkAwardDate": "the framework was tendered before anybody applied",
    "builderCertificateValidUntil": "one that is over is named as missing when the early start is applied for",
}
"""Dates that no event of the case comes before."""

AHEAD = {
    "wantedSupplyDate",
    "surveyDate",
    "surveyMeetingAt",
    "gridCompletionDate",
    "reviewDate",
    "projectDue",
    "plannedStart",
    "plannedFinish",
    "builderCertificateValidUntil",
    "builderSafetyPermitValidUntil",
    "shortArrival",
    "worksPlannedFinish",
    "customerWorksPlannedFinish",
    "worksRectificationDue",
    "plannedInspectionOn",
    "rectificationDue",
    "supplyContractValidUntil",
    "lateContractPromisedOn",
    "contractCompletionDate",
    "plannedOutageAt",
    "plannedEnergizeAt",
}
"""Dates of what is planned, promised or still to end."""


DECIDED_BY = {"worksStartDate": ("worksStartBasis",)}
"""Dates whose order is held by what may be chosen beside them."""


def dates(play: Play, year: str) -> Iterator[tuple[str, bool]]:
    """Each date that the walk enters, and whether its form would take it of another year."""
    for act in WALKS[REWORK]["acts"]:
        if "at" in act:
            play.reach(act["at"])
        for key, value in act.get("data", {}).items():
            if isinstance(value, str) and DATE.match(value):
                changed = year + value[4:]
                faults = play.faults(act["element"], act["data"] | {key: changed})
                yield key, not any(fault.key == key or fault.key in DECIDED_BY.get(key, ()) for fault in faults)
        play.act(act)


def test_no_date_is_taken_of_long_before_the_case(definition: Definition) -> None:
    taken = {key for key, may in dates(begun(definition, REWORK), "1999") if may}
    assert taken == set(BEFORE_THE_CASE)


def test_no_date_of_what_has_happened_lies_in_the_future(definition: Definition) -> None:
    taken = {key for key, may in dates(begun(definition, REWORK), "2099") if may}
    assert taken == AHEAD


FOLLOWS = [
    # until, task, date, the last day that is too early, what the fault calls the bound
    ("approve_plan", "reply_plan", "replyDate", "2026-03-11", "审批日期（2026-03-12）"),
    ("reply_plan", "sign_plan", "signDate", "2026-03-12", "答复日期（2026-03-13）"),
    (
        "draft_safety_agreement",
        "sign_safety_agreement",
        "safetyAgreementDate",
        "2026-03-22",
        "文本日期（2026-03-23）",
    ),
    ("check_midway", "complete_works", "worksFinishedOn", "2026-04-06", "中途检查日期（2026-04-07）"),
    ("complete_works", "accept_works", "worksAcceptedOn", "2026-04-16", "完工（整改完成）日期（2026-04-17）"),
    ("report_completion", "inspect_completion", "inspectedOn", "2026-04-19", "报验日期（2026-04-20）"),
    ("agree_settlement", "sign_supply_contract", "supplyContractSignedOn", "2026-04-23", "合同文本日期（2026-04-24）"),
    ("agree_settlement", "sign_supply_contract", "settlementSignedOn", "2026-04-23", "合同文本日期（2026-04-24）"),
    ("sign_supply_contract", "apply_outage", "outageAppliedOn", "2026-04-23", "签订日期（2026-04-24）"),
    ("apply_outage", "approve_outage", "approvedDate", "2026-04-23", "申请日期（2026-04-24）"),
    ("record_energization", "sign_construction_contract", "contractDate", "2026-03-31", "开工日期（2026-04-01）"),
    (
        "record_energization",
        "sign_construction_contract",
        "contractSignedOn",
        "2026-04-09",
        "文本日期（2026-04-10）",
    ),
    ("sign_construction_contract", "settle_works", "settledOn", "2026-04-19", "合同签订日期（2026-04-20）"),
    ("settle_works", "review_archive", "archivedOn", "2026-05-14", "工程结算日期（2026-05-15）"),
]


@pytest.mark.parametrize(("until", "task", "key", "early", "said"), FOLLOWS, ids=[row[2] for row in FOLLOWS])
def test_a_date_is_not_before_what_it_follows(
    definition: Definition, until: str, task: str, key: str, early: str, said: str
) -> None:
    play = played(definition, "ordinary_customer", until=until)
    play.pass_time(timedelta(days=1))

    (fault,) = [fault for fault in play.faults(task, _entered(task) | {key: early}) if fault.key == key]
    assert fault.problem.startswith("不得早于")
    assert fault.problem.endswith(said)


def test_power_is_switched_in_order_and_is_on_after_the_last_step(definition: Definition) -> None:
    play = played(definition, "ordinary_customer", until="record_switching", times=2)
    step = _entered("record_switching")
    play.reach("2026-04-29T10:40+08:00")

    assert _problem(play, "record_switching", step | {"orderedAt": "2026-04-28T23:59+08:00"}) == (
        "不得早于批准日期（2026-04-29）"
    )
    assert _problem(play, "record_switching", step | {"executedAt": "2026-04-29T10:04+08:00"}) == (
        "不得早于下令时间（2026-04-29 10:05）"
    )
    play.complete("record_switching", step)
    assert _problem(
        play, "record_energization", _entered("record_energization") | {"energizedAt": "2026-04-29T10:11+08:00"}
    ) == ("不得早于末步操作执行完毕时间（2026-04-29 10:12）")


def test_a_second_inspection_is_not_before_it_was_asked_for_and_says_so(definition: Definition) -> None:
    play = played(definition, REWORK, until="rectify")

    assert _problem(play, "inspect_completion", _entered("inspect_completion")) == (
        "不得早于申请复验日期（2026-04-23）"
    )


@pytest.mark.parametrize(("minute", "taken"), [(42, True), (43, False)])
def test_an_instant_may_be_two_minutes_ahead_of_the_engine(definition: Definition, minute: int, taken: bool) -> None:
    play = played(definition, "ordinary_customer", until="record_switching", times=3)
    play.reach("2026-04-29T10:40+08:00")
    entered = _entered("record_energization") | {"energizedAt": f"2026-04-29T10:{minute}+08:00"}

    assert (play.faults("record_energization", entered) == ()) == taken


def _problem(play: Play, task: str, data: dict[str, Any]) -> str:
    (fault,) = play.faults(task, data)
    return fault.problem


def _entered(element: str) -> dict[str, Any]:
    """What is entered at an element of a case in which nothing goes wrong."""
    acts = WALKS["ordinary_customer"]["acts"]
    found: dict[str, Any] = next(act["data"] for act in acts if act.get("element") == element)
    return found
