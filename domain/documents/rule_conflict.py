"""规则冲突处理单. Rule: domain.md §1.1 row 2: 业扩 rules prevail where no standard speaks and it is safe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.documents.base import NOTHING, Document
from domain.documents.letters import Department
from domain.documents.values import choice
from domain.fields import Day, FieldProblem, Number, Text

RULE_CONFLICT_RECORD = "rule_conflict_record"

_CONNECTION, _OTHER, _STANDARD = "执行业扩报装规定", "执行专业部门规定", "执行国家、行业标准"
_SAFE = "不影响安全"

Safety = Annotated[str, BeforeValidator(choice({"safe": _SAFE, "unsafe": "影响安全"}))]
ConflictDecision = Annotated[
    str, BeforeValidator(choice({"connection": _CONNECTION, "other": _OTHER, "standard": _STANDARD}))
]


class RuleConflictRecord(Document):
    """规则冲突处理单: two rules of the company contradict each other; which one is followed, and who decided it."""

    kind = RULE_CONFLICT_RECORD
    title = "规则冲突处理单"

    supply_unit: Text = Field(title="供电单位")
    customer: Text = Field(title="户名")
    voltage_kv: Number = Field(title="电压等级(kV)")
    conflict_step: Text = Field(title="所在环节")
    conflict_matter: Text = Field(title="事由")
    conflict_raised_by: Text = Field(title="提出人")
    conflict_raised_department: Department = Field(title="提出部门")
    conflict_raised_on: Day = Field(title="提出日期")

    conflicting_rule: Text = Field(title="冲突的规定和条款")
    conflicting_rule_document: Text = Field(NOTHING, title="文号")
    conflicting_rule_owner: Department = Field(title="制定部门")
    conflicting_rule_text: Text = Field(title="规定内容")
    conflicting_owner_opinion: Text = Field(title="制定部门意见")
    connection_rule: Text = Field(title="业扩报装规定和条款")
    connection_rule_document: Text = Field(NOTHING, title="业扩报装规定文号")
    connection_rule_text: Text = Field(title="业扩报装规定内容")
    explicit_standard: Text = Field(NOTHING, title="国家、行业标准的明确规定")

    safety_verdict: Safety = Field(title="安全结论")
    safety_opinion: Text = Field(title="安全意见")
    safety_officer: Text = Field(title="安全审核人")
    safety_opinion_on: Day = Field(title="安全审核日期")

    conflict_decision: ConflictDecision = Field(title="处理决定")
    conflict_reason: Text = Field(title="决定理由及执行要求")
    conflict_decided_by: Text = Field(title="决定人")
    conflict_decided_post: Text = Field(title="决定人职务")
    conflict_authority: Text = Field(title="决定权限依据")
    conflict_decided_on: Day = Field(title="决定日期")

    @property
    def dated(self) -> date:
        return self.conflict_decided_on

    def contradictions(self) -> Iterator[FieldProblem]:
        right, because = self._right_decision()
        if self.conflict_decision != right:
            yield self._problem("conflictDecision", f"应为{right}（{because}）")
        if self.safety_opinion_on < self.conflict_raised_on:
            yield self._problem("safetyOpinionOn", "不应早于提出日期")
        if self.conflict_decided_on < self.safety_opinion_on:
            yield self._problem("conflictDecidedOn", "不应早于安全审核日期")
        if {self.conflict_raised_by, self.safety_officer} & set(self.conflict_decided_by.split("、")):
            yield self._problem("conflictDecidedBy", "不应为提出人或安全审核人")

    def _right_decision(self) -> tuple[str, str]:
        """What the paper's own facts lead to, and why."""
        if self.explicit_standard != NOTHING:
            return _STANDARD, "有明确的国家、行业标准"
        if self.safety_verdict == _SAFE:
            return _CONNECTION, "无明确标准且不影响安全"
        return _OTHER, "影响安全"
