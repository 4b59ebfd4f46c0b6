"""间隔扩建项目批复 and 框架委托单: authority, money and dates of a bay extension."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from domain.documents import BAY_APPROVAL, FRAMEWORK_CALL_OFF
from tests.domain.papers import example, paper, problems, with_row

AUTHORITY: dict[str, Any] = example(BAY_APPROVAL)["authority"]


def test_an_approval_names_who_approves_and_how_long_the_works_last() -> None:
    approval = paper(BAY_APPROVAL)

    assert (approval.approving_body, approval.planned_days) == ("市公司发展部", 116)


def test_an_approval_needs_no_division_of_its_investment() -> None:
    assert paper(BAY_APPROVAL, investmentItems=[]).investment_items == ()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"authority": AUTHORITY | {"until": "2026-04-27"}},
            {"authority.until": "批复权限·授权有效期至早于批复日期（授权已到期）"},
        ),
        (
            {"authority": AUTHORITY | {"level": "province"}},
            {"authority.department": "批复权限·权限部门不属于省公司"},
        ),
        ({"bayApprover": "郭东亮"}, {"bayApprover": "批复人不应与申请人为同一人"}),
        ({"approvedBudget": 0, "investmentItems": []}, {"approvedBudget": "批复投资(元)应大于0"}),
        (
            with_row(BAY_APPROVAL, "investmentItems", 1, amount=312000.01),
            {"investmentItems": "投资组成各项之和3864200.51应等于批复投资3864200.50"},
        ),
        ({"bayApprovalRequestedOn": "2026-04-29"}, {"bayApprovalRequestedOn": "申请日期不应晚于批复日期"}),
        ({"designReviewDate": "2026-04-29"}, {"designReviewDate": "可研初设评审日期不应晚于批复日期"}),
        ({"plannedStart": "2026-04-27"}, {"plannedStart": "计划开工日期不应早于批复日期（未批复不得开工）"}),
        ({"plannedFinish": "2026-05-17"}, {"plannedFinish": "计划完工日期不应早于计划开工日期"}),
    ],
)
def test_an_approval_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(BAY_APPROVAL, **changes) == problem


def test_what_remained_before_is_what_remains_and_what_is_called_off() -> None:
    assert paper(FRAMEWORK_CALL_OFF).remaining_before == Decimal("200000.00")


def test_a_lot_may_be_used_up() -> None:
    assert paper(FRAMEWORK_CALL_OFF, frameworkRemaining=0).remaining_before == Decimal("186400.80")


@pytest.mark.parametrize("day", ["2025-07-01", "2026-03-23"])
def test_a_framework_is_used_from_its_first_day_on(day: str) -> None:
    assert paper(FRAMEWORK_CALL_OFF, calledOffOn=day).dated.isoformat() == day


def test_a_framework_is_used_until_its_last_day() -> None:
    assert paper(FRAMEWORK_CALL_OFF, frameworkValidUntil="2026-03-20").call_off_days == 39


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"callOffAmount": 0}, {"callOffAmount": "委托金额(元)应大于0"}),
        ({"frameworkRemaining": -1}, {"frameworkRemaining": "委托后剩余金额(元)不应为负数"}),
        ({"callOffApprover": "郭东亮"}, {"callOffApprover": "审批人不应与经办人为同一人"}),
        ({"frameworkValidFrom": "2026-03-21"}, {"calledOffOn": "委托日期不应早于框架有效期起"}),
        ({"frameworkValidUntil": "2026-03-19"}, {"calledOffOn": "委托日期不应晚于框架有效期至（框架已到期）"}),
        ({"callOffStart": "2026-03-19"}, {"callOffStart": "委托工作开始日期不应早于委托日期（不得先干后补）"}),
        ({"callOffFinish": "2026-03-22"}, {"callOffFinish": "委托工作完成日期不应早于委托工作开始日期"}),
        (
            {"contractorCertificateValidUntil": "2026-04-29"},
            {"contractorCertificateValidUntil": "资质证书有效期至在委托工作完成日期之前到期"},
        ),
    ],
)
def test_a_call_off_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(FRAMEWORK_CALL_OFF, **changes) == problem
