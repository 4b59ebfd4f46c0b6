"""停送电周计划 and 停电通知书: the week, its items, three levels of approval, notices in time."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.documents import OUTAGE_NOTICE, WEEKLY_OUTAGE_PLAN
from domain.fields import label_of
from tests.domain.papers import example, paper, problems, with_row

ITEMS = "planItems"
APPROVALS: list[dict[str, Any]] = example(WEEKLY_OUTAGE_PLAN)["planApprovals"]
URGENT = {"outageNoticeKind": "urgent", "noticeReceivedBy": None, "noticeReceivedAt": None}


@pytest.mark.parametrize("kind", [WEEKLY_OUTAGE_PLAN, OUTAGE_NOTICE])
def test_the_number_on_a_paper_of_a_plan_is_the_plan_s(kind: str) -> None:
    assert label_of(type(paper(kind)), "caseNo") == "停电计划编号"
    assert problems(kind, caseNo="") == {"caseNo": "停电计划编号未填写"}


def test_a_plan_adds_up_what_its_items_cost() -> None:
    plan = paper(WEEKLY_OUTAGE_PLAN)

    assert (plan.planned, plan.refused, plan.affected, plan.lost_hours) == (3, 2, 39, Decimal("253.0"))
    assert (plan.week_title, plan.week_end) == ("2026年第20周", date(2026, 5, 17))


def test_a_week_without_outages_is_a_plan() -> None:
    plan = paper(WEEKLY_OUTAGE_PLAN, planItems=[], refusedRequests=[], plannerObjective=0, plannerBound=0)

    assert (plan.planned, plan.lost_hours) == (0, 0)


def test_the_last_week_of_a_year_may_reach_into_the_next() -> None:
    plan = paper(WEEKLY_OUTAGE_PLAN, planWeek="2026-W53", weekStart="2026-12-28", planItems=[])

    assert (plan.week_title, plan.week_end) == ("2026年第53周", date(2027, 1, 3))


def test_an_outage_may_begin_on_the_last_day_and_end_in_the_next_week() -> None:
    late = with_row(WEEKLY_OUTAGE_PLAN, ITEMS, 3, start="2026-05-17T20:00", end="2026-05-18T04:00")

    assert paper(WEEKLY_OUTAGE_PLAN, **late).plan_items[2].end.hour == 4


def test_a_plan_that_replaces_another_may_come_within_its_week() -> None:
    found = problems(WEEKLY_OUTAGE_PLAN, planIssuedOn="2026-05-13")
    plan = paper(WEEKLY_OUTAGE_PLAN, planIssuedOn="2026-05-13", planReplaces="调周〔2026〕0020号")

    assert found == {"planItems[1].start": "计划项目第1行·停电时间应晚于发布日期"}
    assert plan.dated == date(2026, 5, 13)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"weekStart": "2026-05-12", "planItems": []},
            {"weekStart": "计划周首日应为星期一"},
        ),
        ({"planWeek": "2026-W19"}, {"planWeek": "计划周与首日不符，应为2026-W20"}),
        ({"plannerBound": 253.01}, {"plannerBound": "已证明的下界(时户)不应大于编排目标值"}),
        ({"balanceMeetingOn": "2026-05-09"}, {"balanceMeetingOn": "平衡会日期不应晚于发布日期"}),
        (
            with_row(WEEKLY_OUTAGE_PLAN, ITEMS, 2, start="2026-05-18T00:00", end="2026-05-18T09:00"),
            {"planItems[2].start": "计划项目第2行·停电时间应在计划周之内"},
        ),
        (
            with_row(WEEKLY_OUTAGE_PLAN, ITEMS, 2, end="2026-05-14T09:00"),
            {"planItems[2].end": "计划项目第2行·送电时间应晚于停电时间"},
        ),
        (
            with_row(WEEKLY_OUTAGE_PLAN, ITEMS, 1, customerHours=240.51),
            {"planItems[1].customerHours": "计划项目第1行·停电时户数大于用户数乘以停电小时数240.50"},
        ),
        (
            with_row(WEEKLY_OUTAGE_PLAN, ITEMS, 2, customerHours=1),
            {"planItems[2].customerHours": "计划项目第2行·停电时户数大于用户数乘以停电小时数0.00"},
        ),
        (
            with_row(WEEKLY_OUTAGE_PLAN, ITEMS, 1, noticedOn="2026-05-14"),
            {"planItems[1].noticedOn": "计划项目第1行·公告日期不应晚于停电时间"},
        ),
        (
            with_row(WEEKLY_OUTAGE_PLAN, ITEMS, 1, customerHours=-1),
            {"planItems[1].customerHours": "计划项目第1行·停电时户数应为不小于0的数字"},
        ),
        (
            with_row(WEEKLY_OUTAGE_PLAN, ITEMS, 1, customerHours="many"),
            {"planItems[1].customerHours": "计划项目第1行·停电时户数应为数字"},
        ),
        (
            with_row(WEEKLY_OUTAGE_PLAN, "refusedRequests", 1, reason=""),
            {"refusedRequests[1].reason": "未列入的申请第1行·未列入的原因未填写"},
        ),
        ({"planApprovals": APPROVALS[:2]}, {"planApprovals": "审批应依次为营销部、运检部、调控中心"}),
        (
            {"planApprovals": [APPROVALS[1], APPROVALS[0], APPROVALS[2]]},
            {"planApprovals": "审批应依次为营销部、运检部、调控中心"},
        ),
        (
            with_row(WEEKLY_OUTAGE_PLAN, "planApprovals", 2, approvedOn="2026-05-06"),
            {"planApprovals[2].approvedOn": "审批第2行·审批日期不应早于上一级审批日期"},
        ),
        (
            with_row(WEEKLY_OUTAGE_PLAN, "planApprovals", 3, approvedOn="2026-05-09"),
            {"planApprovals[3].approvedOn": "审批第3行·审批日期不应晚于发布日期"},
        ),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    found = problems(WEEKLY_OUTAGE_PLAN, **changes)

    assert found == problem


def test_a_planned_outage_is_told_seven_days_before() -> None:
    notice = paper(OUTAGE_NOTICE, noticeGivenAt="2026-05-06T23:59", noticeReceivedBy=None, noticeReceivedAt=None)

    assert (notice.lead, notice.outage_hours, notice.dated) == ("七日", Decimal("6.5"), date(2026, 5, 6))


def test_an_urgent_outage_is_told_a_day_before() -> None:
    assert paper(OUTAGE_NOTICE, noticeGivenAt="2026-05-12T08:30", **URGENT).lead == "二十四小时"


def test_the_terms_of_notice_are_settings() -> None:
    assert problems(OUTAGE_NOTICE, plannedOutageNoticeDays=9) == {"noticeGivenAt": "通知时间应比停电时间至少提前9日"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"noticeGivenAt": "2026-05-07T00:00"}, {"noticeGivenAt": "通知时间应比停电时间至少提前7日"}),
        (
            URGENT | {"noticeGivenAt": "2026-05-12T08:31"},
            {"noticeGivenAt": "通知时间应比停电时间至少提前24小时"},
        ),
        ({"outageTo": "2026-05-13T08:30"}, {"outageTo": "恢复供电时间应晚于停电时间"}),
        ({"noticeReceivedBy": None}, {"noticeReceivedBy": "签收人未填写"}),
        ({"noticeReceivedAt": None}, {"noticeReceivedAt": "签收时间未填写"}),
        ({"noticeReceivedAt": "2026-05-05T10:19"}, {"noticeReceivedAt": "签收时间不应早于通知时间"}),
        ({"outageNoticeKind": "fault"}, {"outageNoticeKind": "停电类别应为计划检修停电或临时检修停电"}),
    ],
)
def test_a_notice_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    found = problems(OUTAGE_NOTICE, **changes)

    assert {key: found.get(key) for key in problem} == problem
