"""规则冲突处理单 (domain.md §1.1 row 2): standards first, then 业扩 rules where it is safe."""

from __future__ import annotations

from typing import Any

import pytest

from domain.documents import RULE_CONFLICT_RECORD
from tests.domain.papers import paper, problems

STANDARD = {"explicitStandard": "国家标准第4.2条有明确规定"}


@pytest.mark.parametrize(
    ("facts", "decision"),
    [
        ({"safetyVerdict": "safe"}, "connection"),
        ({"safetyVerdict": "unsafe"}, "other"),
        (STANDARD | {"safetyVerdict": "safe"}, "standard"),
        (STANDARD | {"safetyVerdict": "unsafe"}, "standard"),
    ],
)
def test_the_facts_leave_one_decision(facts: dict[str, Any], decision: str) -> None:
    others = {"connection", "other", "standard"} - {decision}

    assert paper(RULE_CONFLICT_RECORD, conflictDecision=decision, **facts)
    assert [list(problems(RULE_CONFLICT_RECORD, conflictDecision=other, **facts)) for other in sorted(others)] == [
        ["conflictDecision"]
    ] * 2


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"safetyVerdict": "unsafe"}, {"conflictDecision": "处理决定应为执行专业部门规定（影响安全）"}),
        (
            {"conflictDecision": "other"},
            {"conflictDecision": "处理决定应为执行业扩报装规定（无明确标准且不影响安全）"},
        ),
        (STANDARD, {"conflictDecision": "处理决定应为执行国家、行业标准（有明确的国家、行业标准）"}),
        ({"conflictRaisedOn": "2026-04-24"}, {"safetyOpinionOn": "安全审核日期不应早于提出日期"}),
        ({"conflictDecidedOn": "2026-04-22"}, {"conflictDecidedOn": "决定日期不应早于安全审核日期"}),
        ({"conflictDecidedBy": "李昊"}, {"conflictDecidedBy": "决定人不应为提出人或安全审核人"}),
        ({"conflictDecidedBy": "高远、李昊"}, {"conflictDecidedBy": "决定人不应为提出人或安全审核人"}),
        ({"safetyOfficer": "孙海涛"}, {"conflictDecidedBy": "决定人不应为提出人或安全审核人"}),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(RULE_CONFLICT_RECORD, **changes) == problem
