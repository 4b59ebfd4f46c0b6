"""接入系统方案审查意见 and 会签单: who may decide, who has signed, in which order of days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from domain.departments import DEPARTMENTS
from domain.documents import CONNECTION_REVIEW_OPINION, JOINT_REVIEW_SHEET
from domain.documents.authority import Authority
from tests.domain.papers import example, paper, problems, with_row

OPINION = "connectionOpinions"
AUTHORITY: dict[str, Any] = example(CONNECTION_REVIEW_OPINION)["authority"]


def test_an_opinion_names_who_reviews_by_level_and_department() -> None:
    assert paper(CONNECTION_REVIEW_OPINION).reviewing_body == "市公司发展部"


def test_the_level_stands_once_in_the_name_of_who_decides() -> None:
    authority = Authority.model_construct(level="省公司", department="省公司发展部")

    assert authority.body == "省公司发展部"


def test_the_province_decides_in_a_department_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DEPARTMENTS, "province_planning", "省公司发展部")
    province = {"level": "province", "department": "province_planning"}

    assert paper(CONNECTION_REVIEW_OPINION, authority=province).authority.document == "无"
    assert problems(CONNECTION_REVIEW_OPINION, authority=province | {"level": "city"}) == {
        "authority.department": "审查权限·权限部门不属于市公司"
    }


def test_a_delegation_holds_on_its_last_day() -> None:
    authority = AUTHORITY | {"until": "2026-03-13"}

    assert paper(CONNECTION_REVIEW_OPINION, authority=authority).authority.until == date(2026, 3, 13)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"authority": AUTHORITY | {"until": "2026-03-12"}},
            {"authority.until": "审查权限·授权有效期至早于审查日期（授权已到期）"},
        ),
        (
            {"authority": AUTHORITY | {"level": "province"}},
            {"authority.department": "审查权限·权限部门不属于省公司"},
        ),
        ({"connectionSubmittedOn": "2026-03-11"}, {"connectionMeetingOn": "评审会议日期不应早于送审日期"}),
        ({"connectionMeetingOn": "2026-03-14"}, {"connectionReviewedOn": "审查日期不应早于评审会议日期"}),
        ({"connectionIssuer": "周凯"}, {"connectionIssuer": "签发人不应与审查人为同一人"}),
        (
            with_row(CONNECTION_REVIEW_OPINION, OPINION, 2, signedOn="2026-03-14"),
            {"connectionOpinions[2].signedOn": "部门意见第2行·会签日期应在送审日期与审查日期之间"},
        ),
        (
            with_row(CONNECTION_REVIEW_OPINION, OPINION, 2, department="planning"),
            {"connectionOpinions[2].department": "部门意见第2行·部门重复：发展部"},
        ),
        (
            with_row(CONNECTION_REVIEW_OPINION, OPINION, 3, verdict="refuse", refusalReason="方案不满足N-1"),
            {"connectionVerdict": "审查结论不应为同意接入，有1个部门不同意"},
        ),
    ],
)
def test_an_opinion_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(CONNECTION_REVIEW_OPINION, **changes) == problem


def test_a_refusing_department_says_why() -> None:
    refusal = with_row(CONNECTION_REVIEW_OPINION, OPINION, 1, verdict="refuse")

    found = problems(CONNECTION_REVIEW_OPINION, connectionVerdict="refused", **refusal)

    assert found == {"connectionOpinions[1].refusalReason": "部门意见第1行·不同意的理由未填写"}


def test_a_scheme_may_go_back_for_a_department_that_refuses() -> None:
    refusal = with_row(CONNECTION_REVIEW_OPINION, OPINION, 1, verdict="refuse", refusalReason="路径未批")

    opinion = paper(CONNECTION_REVIEW_OPINION, connectionVerdict="refused", **refusal)

    assert (opinion.connection_verdict, opinion.agreeing, opinion.refusing) == ("退回修改", 3, 1)


def test_an_opinion_that_names_no_department_is_refused() -> None:
    assert problems(CONNECTION_REVIEW_OPINION, connectionOpinions=[]) == {"connectionOpinions": "部门意见至少应有一行"}


def test_a_sheet_counts_its_departments_and_names_the_late_ones() -> None:
    sheet = paper(JOINT_REVIEW_SHEET)

    assert (sheet.agreeing, sheet.refusing, sheet.late) == (4, 1, "建设部")


def test_a_sheet_signed_in_time_names_nobody() -> None:
    assert paper(JOINT_REVIEW_SHEET, sheetDueOn="2026-03-18").late == "无"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sheetDueOn": "2026-03-12"}, {"sheetDueOn": "要求会签完成日期不应早于送签日期"}),
        (
            {"sheetClosedOn": "2026-03-17"},
            {"countersignatures[4].signedOn": "部门会签第4行·会签日期应在送签日期与会签完成日期之间"},
        ),
        (
            with_row(JOINT_REVIEW_SHEET, "countersignatures", 1, reviewer="李昊"),
            {"countersignatures[1].reviewer": "部门会签第1行·会签人不应为主办人"},
        ),
        (
            with_row(JOINT_REVIEW_SHEET, "countersignatures", 5, department="construction"),
            {"countersignatures[5].department": "部门会签第5行·部门重复：建设部"},
        ),
        (
            with_row(JOINT_REVIEW_SHEET, "countersignatures", 3, refusalReason=None),
            {"countersignatures[3].refusalReason": "部门会签第3行·不同意的理由未填写"},
        ),
    ],
)
def test_a_sheet_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(JOINT_REVIEW_SHEET, **changes) == problem


def test_a_sheet_is_not_closed_before_it_is_sent() -> None:
    found = problems(JOINT_REVIEW_SHEET, sheetClosedOn="2026-03-12")

    assert found["sheetClosedOn"] == "会签完成日期不应早于送签日期"
