"""调度协议 and 启动方案: names, persons who take orders, committee, steps, approvals."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.documents import DISPATCH_AGREEMENT, START_UP_PLAN
from tests.domain.papers import example, paper, problems, with_row

PREREQUISITES = "startUpPrerequisites"


def test_a_dispatch_agreement_counts_its_originals() -> None:
    assert paper(DISPATCH_AGREEMENT, copiesEach=3).copies == 6


def test_a_certificate_counts_on_its_last_day() -> None:
    rows = with_row(DISPATCH_AGREEMENT, "orderReceivers", 1, validUntil="2026-09-01")

    assert paper(DISPATCH_AGREEMENT, **rows).order_receivers[0].valid_until == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"dispatchAgreementValidUntil": "2026-09-01"},
            {"dispatchAgreementValidUntil": "协议有效期至应晚于协议文本日期"},
        ),
        ({"protectionSettingDate": "2026-09-02"}, {"protectionSettingDate": "定值单下达日期不应晚于协议文本日期"}),
        (
            with_row(DISPATCH_AGREEMENT, "dispatchedEquipment", 5, dispatchName="精密站1号主变"),
            {"dispatchedEquipment[5].dispatchName": "调度命名和调管设备第5行·调度命名和编号重复：精密站1号主变"},
        ),
        (
            with_row(DISPATCH_AGREEMENT, "orderReceivers", 2, validUntil="2026-08-31"),
            {"orderReceivers[2].validUntil": "受令人第2行·资格有效期至早于协议文本日期（资格已到期）"},
        ),
        (
            with_row(DISPATCH_AGREEMENT, "orderReceivers", 2, certificateNo="DDSL-2026-0117"),
            {"orderReceivers[2].certificateNo": "受令人第2行·受令资格证编号重复：DDSL-2026-0117"},
        ),
        ({"orderReceivers": []}, {"orderReceivers": "受令人至少应有一行"}),
    ],
)
def test_a_dispatch_agreement_that_contradicts_itself_is_refused(
    changes: dict[str, Any], problem: dict[str, str]
) -> None:
    assert problems(DISPATCH_AGREEMENT, **changes) == problem


def test_a_start_up_plan_is_dated_by_its_last_approval() -> None:
    assert paper(START_UP_PLAN).dated == date(2026, 9, 11)


def test_a_start_up_plan_counts_the_conditions_that_are_open() -> None:
    fulfilled = with_row(START_UP_PLAN, PREREQUISITES, 6, fulfilled="yes")

    assert (paper(START_UP_PLAN).unfulfilled, paper(START_UP_PLAN, **fulfilled).unfulfilled) == (1, 0)


def test_a_small_connection_starts_up_without_a_committee() -> None:
    plan = paper(START_UP_PLAN, startUpCommitteeNeeded="no", startUpCommittee=None, transformerCharges=0)

    assert (plan.start_up_committee_needed, plan.start_up_committee) == ("不需要", ())


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"startUpCommittee": []}, {"startUpCommittee": "启动委员会成员未填写（需要启动委员会）"}),
        ({"startUpCommitteeNeeded": "no"}, {"startUpCommittee": "启动委员会成员不需要启动委员会时不应填写"}),
        (
            with_row(START_UP_PLAN, "startUpSteps", 3, receivedBy="韩冰"),
            {"startUpSteps[3].receivedBy": "启动步骤第3行·受令人不应与下令人为同一人"},
        ),
        (
            with_row(START_UP_PLAN, "startUpApprovals", 2, department="dispatch"),
            {"startUpApprovals[3].department": "审批第3行·部门重复：调控中心"},
        ),
        ({"startUpDrafter": "马超"}, {"startUpApprovals[2].approver": "审批第2行·审批人不应为编制人"}),
        (
            {"startUpDraftedOn": "2026-09-10"},
            {"startUpApprovals[1].approvedOn": "审批第1行·审批日期应在编制日期与计划启动日期之间"},
        ),
        (
            {"startUpAt": "2026-09-10T08:00"},
            {"startUpApprovals[3].approvedOn": "审批第3行·审批日期应在编制日期与计划启动日期之间"},
        ),
        ({"lineCharges": 0}, {"lineCharges": "线路冲击次数应为1至1200之间的整数"}),
    ],
)
def test_a_start_up_plan_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(START_UP_PLAN, **changes) == problem


def test_the_conditions_are_those_that_a_switching_checks() -> None:
    given = example(START_UP_PLAN)[PREREQUISITES][0] | {"code": "inspection", "shortfall": ""}

    assert paper(START_UP_PLAN, startUpPrerequisites=[given]).start_up_prerequisites[0].fulfilled == "已具备"
