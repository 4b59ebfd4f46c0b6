"""The letters and forms of a case: what they read from forms, what they derive, what they may not contradict."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.documents import (
    EARLY_START_APPROVAL,
    INSPECTION_OPINION,
    INTEGRATED_DESIGN_COMMISSION,
    ONE_TIME_NOTICE,
    OUTAGE_REQUEST,
    RECTIFICATION_NOTICE,
    REVIEW_MINUTES,
    EarlyStartApproval,
    InspectionOpinion,
    IntegratedDesignCommission,
    OutageRequest,
    RectificationNotice,
    ReviewMinutes,
    model_from_variables,
)
from domain.fields import MissingFields

DATA = Path(__file__).parents[1] / "activities" / "data"
PREREQUISITES = {
    "frameworkAwardNo": "框架（中标）编号",
    "builderQualification": "资质类别和等级",
    "safetyAgreementNo": "安全协议编号",
    "designApprovalNo": "可研初设批复文号",
    "approvedBudget": "批复预算(元)",
    "wbs": "WBS编码",
}
PASSED = {
    "inspectionVerdict": "pass",
    "ownSourceCheck": "none",
    "dutyStaffCheck": "ok",
    "rectificationContent": None,
    "rectificationDue": None,
}
ENERGIZING = {
    "outageKind": "送电",
    "plannedOutageAt": None,
    "affectsOthers": "no",
    "affectedCustomers": 0,
    "affectedTransformers": 0,
}


def example(kind: str) -> dict[str, Any]:
    variables: dict[str, Any] = json.loads((DATA / f"{kind}.json").read_text(encoding="utf-8"))
    return variables


def paper(kind: str, **changes: Any) -> Any:
    return model_from_variables(kind, example(kind) | changes)


def problems(kind: str, **changes: Any) -> dict[str, str]:
    with pytest.raises(MissingFields) as caught:
        paper(kind, **changes)
    return {problem.key: f"{problem.label}{problem.problem}" for problem in caught.value.problems}


def opinions(**changes: Any) -> list[dict[str, Any]]:
    """The example's opinions, the second one changed."""
    rows: list[dict[str, Any]] = example(REVIEW_MINUTES)["reviewOpinions"]
    return [rows[0], rows[1] | changes, *rows[2:]]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"noticedOn": "2026-02-23"}, {"noticedOn": "告知日期不应早于受理日期"}),
        ({"surveyDate": "2026-02-24"}, {"surveyDate": "约定查勘日期不应早于告知日期"}),
        (
            {"missingPapers": ["用电申请报告", "营业执照"]},
            {"missingPapers": "尚缺资料已有且有效，不应再收取：营业执照"},
        ),
    ],
)
def test_a_notice_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(ONE_TIME_NOTICE, **changes) == problem


def test_a_notice_may_be_given_on_the_day_of_acceptance() -> None:
    assert paper(ONE_TIME_NOTICE, noticedOn="2026-02-24").dated == date(2026, 2, 24)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"reviewDate": "2026-03-02"}, {"reviewDate": "会商日期不应早于方案拟定日期"}),
        ({"minutesDate": "2026-03-03"}, {"minutesDate": "纪要日期不应早于会商日期"}),
        ({"reviewOpinions": []}, {"reviewOpinions": "部门会签意见至少应有一行"}),
        (
            {"reviewOpinions": opinions(department="planning")},
            {"reviewOpinions[2].department": "部门会签意见第2行·部门重复：发展部"},
        ),
        (
            {"reviewOpinions": opinions(verdict="refuse")},
            {"reviewOpinions[2].refusalReason": "部门会签意见第2行·不同意的理由未填写"},
        ),
        (
            {"reviewOpinions": opinions(verdict="perhaps")},
            {"reviewOpinions[2].verdict": "部门会签意见第2行·意见应为同意或不同意，退回修改"},
        ),
    ],
)
def test_minutes_that_contradict_themselves_are_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(REVIEW_MINUTES, **changes) == problem


def test_minutes_count_the_departments_and_name_them_in_chinese() -> None:
    minutes = paper(REVIEW_MINUTES)

    assert isinstance(minutes, ReviewMinutes)
    assert (minutes.agreeing, minutes.refusing) == (2, 1)
    assert [opinion.department for opinion in minutes.review_opinions] == ["发展部", "运检部", "调控中心"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"taskIssuedOn": "2026-03-08"}, {"taskIssuedOn": "任务下达日期不应早于供电方案答复日期"}),
        ({"designCommissionedOn": "2026-03-09"}, {"designCommissionedOn": "委托日期不应早于任务下达日期"}),
        ({"gridDesignDue": "2026-03-11"}, {"gridDesignDue": "设计文件提交期限应晚于委托日期"}),
        ({"gridDesignDue": "2026-04-20"}, {"gridDesignDue": "设计文件提交期限应早于要求完工日期"}),
    ],
)
def test_a_commission_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(INTEGRATED_DESIGN_COMMISSION, **changes) == problem


def test_the_days_of_a_design_do_not_count_the_day_of_the_commission() -> None:
    commission = paper(INTEGRATED_DESIGN_COMMISSION, designCommissionedOn="2026-03-11", gridDesignDue="2026-03-19")

    assert isinstance(commission, IntegratedDesignCommission)
    assert commission.design_days == 8


def test_an_early_start_without_its_prerequisites_names_every_one_of_them() -> None:
    missing = problems(EARLY_START_APPROVAL, **dict.fromkeys(PREREQUISITES))

    assert missing == {key: f"{label}未填写" for key, label in PREREQUISITES.items()}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"earlyStartVerdict": "refused"}, "earlyStartVerdict：审批结论应为同意先行施工，退回的申请不出具审批单"),
        ({"earlyStartApprover": "郭东亮"}, "earlyStartApprover：审批人不应与申请人为同一人"),
        ({"approvedBudget": 0}, "approvedBudget：批复预算(元)应大于0"),
        ({"frameworkAwardDate": "2026-03-19"}, "frameworkAwardDate：框架中标日期不应晚于审批日期"),
        ({"safetyAgreementDate": "2026-03-19"}, "safetyAgreementDate：安全协议签订日期不应晚于审批日期"),
        ({"designApprovalDate": "2026-03-19"}, "designApprovalDate：批复日期不应晚于审批日期"),
        ({"designApprovalDate": "2026-03-08"}, "designApprovalDate：批复日期不应早于供电方案答复日期"),
        ({"earlyStartApprovalDate": "2026-03-21"}, "earlyStartApprovalDate：审批日期不应晚于计划开工日期"),
        ({"plannedFinish": "2026-03-19"}, "plannedFinish：计划完工日期不应早于计划开工日期"),
        (
            {"builderCertificateValidUntil": "2026-03-19"},
            "builderCertificateValidUntil：资质有效期至在计划开工日期之前已到期",
        ),
    ],
)
def test_an_early_start_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: str) -> None:
    key, text = problem.split("：", 1)

    assert problems(EARLY_START_APPROVAL, **changes) == {key: text}


def test_works_may_start_on_the_day_of_their_approval() -> None:
    approval = paper(EARLY_START_APPROVAL, earlyStartApprovalDate="2026-03-20", safetyAgreementDate="2026-03-20")

    assert isinstance(approval, EarlyStartApproval)
    assert approval.early_start_verdict == "同意先行施工"
    assert approval.planned_days == 29


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"inspectedOn": "2026-04-19"}, {"inspectedOn": "检验日期不应早于报验日期"}),
        ({"inspectedOn": "2026-04-19", "inspectionRound": 2}, {"inspectedOn": "检验日期不应早于申请复验日期"}),
        ({"customerWorksFinishedOn": "2026-04-21"}, {"completionReportedOn": "报验日期不应早于完工日期"}),
        (
            {"customerWorksFinishedOn": "2026-04-21", "inspectionRound": 2},
            {"completionReportedOn": "申请复验日期不应早于完工日期"},
        ),
        ({"rectificationContent": ""}, {"rectificationContent": "整改内容未填写"}),
        ({"rectificationDue": None}, {"rectificationDue": "整改期限未填写"}),
        ({"rectificationDue": "2026-04-21"}, {"rectificationDue": "整改期限不应早于检验日期"}),
        (
            PASSED | {"earthResistanceCheck": "bad", "interlockCheck": "bad"},
            {"inspectionVerdict": "检验结论不应为合格，有不符合项：接地电阻、闭锁及防误装置"},
        ),
        (PASSED | {"rectificationDue": "2026-04-29"}, {"rectificationContent": "整改内容检验合格时不应填写"}),
        ({"meteringCabinetCheck": "none"}, {"meteringCabinetCheck": "计量柜及互感器应为符合或不符合"}),
    ],
)
def test_an_inspection_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(INSPECTION_OPINION, **changes) == problem


def test_an_inspection_names_the_items_that_do_not_conform() -> None:
    failed, passed = paper(INSPECTION_OPINION), paper(INSPECTION_OPINION, **PASSED)

    assert isinstance(failed, InspectionOpinion)
    assert failed.failed_items == "自备电源闭锁、值班人员及上岗资格"
    assert passed.failed_items == "无"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"inspectionVerdict": "pass"},
            {"inspectionVerdict": "检验结论应为不合格，整改，检验合格不出具整改通知"},
        ),
        ({"inspectedOn": "2026-04-19"}, {"inspectedOn": "检验日期不应早于报验日期"}),
        ({"rectificationDue": "2026-04-21"}, {"rectificationDue": "整改期限不应早于检验日期"}),
    ],
)
def test_a_rectification_notice_that_contradicts_itself_is_refused(
    changes: dict[str, Any], problem: dict[str, str]
) -> None:
    assert problems(RECTIFICATION_NOTICE, **changes) == problem


def test_a_rectification_notice_says_how_long_is_left_and_which_inspection_comes_next() -> None:
    notice = paper(RECTIFICATION_NOTICE, inspectionRound=2, inspectedOn="2026-04-22", rectificationDue="2026-04-29")

    assert isinstance(notice, RectificationNotice)
    assert (notice.rectification_days, notice.next_round) == (7, 3)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"plannedOutageAt": None}, {"plannedOutageAt": "计划停电时间未填写"}),
        (
            ENERGIZING | {"plannedOutageAt": "2026-05-13T08:30"},
            {"plannedOutageAt": "计划停电时间只申请送电时不应填写"},
        ),
        ({"plannedEnergizeAt": "2026-05-13T08:30"}, {"plannedEnergizeAt": "计划送电时间应晚于计划停电时间"}),
        ({"outageAppliedOn": "2026-05-14"}, {"plannedOutageAt": "计划停电时间不应早于申请日期"}),
        (ENERGIZING | {"outageAppliedOn": "2026-05-14"}, {"plannedEnergizeAt": "计划送电时间不应早于申请日期"}),
        ({"affectsOthers": "no"}, {"affectsOthers": "是否影响其他客户不应为不影响，影响用户数为37"}),
        ({"affectedCustomers": 0}, {"affectedCustomers": "影响用户数影响其他客户时不应为0"}),
        ({"outageKind": "检修"}, {"outageKind": "申请类型应为送电或停电或停送电"}),
    ],
)
def test_an_outage_request_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(OUTAGE_REQUEST, **changes) == problem


def test_a_bay_that_is_only_energized_needs_no_outage() -> None:
    request = paper(OUTAGE_REQUEST, **ENERGIZING)

    assert isinstance(request, OutageRequest)
    assert request.planned_outage_at is None
    assert request.affects_others == "不影响"


def test_an_outage_of_the_applying_customer_alone_affects_no_other() -> None:
    assert paper(OUTAGE_REQUEST, affectsOthers="no", affectedCustomers=1).affected_customers == 1


@pytest.mark.parametrize("given", ["2026-05-13T15:00", "2026-05-13T15:00:00+08:00", "2026-05-13T07:00Z"])
def test_a_moment_is_read_in_chinese_time(given: str) -> None:
    moment = paper(OUTAGE_REQUEST, plannedEnergizeAt=given).planned_energize_at

    assert moment == datetime(2026, 5, 13, 7, 0, tzinfo=UTC)
    assert moment.date() == date(2026, 5, 13)


def test_the_day_of_a_moment_is_the_chinese_one() -> None:
    changes = ENERGIZING | {"outageAppliedOn": "2026-05-13", "plannedEnergizeAt": "2026-05-12T16:30Z"}

    assert paper(OUTAGE_REQUEST, **changes).planned_energize_at.day == 13


@pytest.mark.parametrize("given", ["2026-05-13", "15:00", "2026-02-30T08:00", "0001-01-01T00:00+14:00", 20260513, True])
def test_what_is_no_moment_is_named(given: Any) -> None:
    assert problems(OUTAGE_REQUEST, plannedEnergizeAt=given) == {
        "plannedEnergizeAt": "计划送电时间应为日期和时刻（如2026-03-05T08:30）"
    }


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (-1, "应为不小于0的整数"),
        (1.5, "应为不小于0的整数"),
        ("1e300", "应为不小于0的整数"),
        ("NaN", "应为不小于0的整数"),
        ("many", "应为数字"),
        (True, "应为数字"),
        ([], "应为数字"),
    ],
)
def test_what_is_no_tally_is_named(given: Any, problem: str) -> None:
    assert problems(OUTAGE_REQUEST, recentOutages=given) == {"recentOutages": f"近两月停电次数{problem}"}


@pytest.mark.parametrize("given", [0, 2, "2", 2.0])
def test_a_tally_may_come_as_number_or_as_text(given: Any) -> None:
    assert paper(OUTAGE_REQUEST, recentOutages=given).recent_outages == int(given)


@pytest.mark.parametrize("kind", [INSPECTION_OPINION, REVIEW_MINUTES, OUTAGE_REQUEST])
def test_what_was_kept_of_a_paper_reads_as_the_same_paper(kind: str) -> None:
    model = paper(kind)

    assert model_from_variables(kind, model.model_dump(mode="json", by_alias=True)) == model
