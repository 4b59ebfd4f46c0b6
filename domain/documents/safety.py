"""安全协议 of a grid project, written and signed before anybody starts work. Fields: domain.md §4.1-4.3.

An early start may be made good by a late contract; a safety agreement never may (domain.md §4.1, check A9 of §4.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import Field

from domain.documents.base import NOTHING, Document
from domain.documents.parties import Company, Licensed
from domain.fields import (
    Count,
    Day,
    FieldProblem,
    Fields,
    Money,
    Number,
    Rows,
    Text,
)

SAFETY_AGREEMENT = "safety_agreement"


class SafetyParty(Company):
    """One party, with the person who answers for its safety."""

    safety_officer: Text = Field(title="安全负责人")
    safety_phone: Text = Field(title="安全负责人电话")


class SafetyBuilder(Licensed, SafetyParty):
    """The contractor 施工单位, its permit in force for the works."""

    safety_permit_valid_until: Day = Field(title="安全生产许可证有效期至")


class Hazard(Fields):
    """One danger of the works and what is done against it."""

    work: Text = Field(title="作业内容")
    danger: Text = Field(title="危险点及后果")
    control: Text = Field(title="防控措施")
    responsible: Text = Field(title="责任方")


class Violation(Fields):
    """What is withheld from the safety deposit for one violation."""

    name: Text = Field(title="违章类别")
    amount: Money = Field(title="每次扣除(元)")


class SafetyAgreement(Document):
    """安全协议 between the owner of a 10kV grid project and its contractor.

    It bears the date of its text: when it was signed, its signers write on it and the case records.
    """

    kind = SAFETY_AGREEMENT
    title = "安全协议"
    derived = ("copies",)

    project_name: Text = Field(title="工程名称")
    project_location: Text = Field(title="工程地点")
    wbs: Text = Field(title="WBS编码")
    customer: Text = Field(title="对应业扩客户")
    voltage_kv: Number = Field(title="电压等级(kV)")
    framework_award_no: Text = Field(title="框架中标编号")
    owner: SafetyParty = Field(title="发包人")
    builder: SafetyBuilder = Field(title="承包人")

    works_scope: Text = Field(title="施工范围")
    planned_start: Day = Field(title="计划开工日期")
    planned_finish: Day = Field(title="计划完工日期")
    workers: Count = Field(title="施工高峰人数")
    site_manager: Text = Field(title="现场负责人")
    site_manager_phone: Text = Field(title="现场负责人电话")
    works_supervisor: Text = Field(title="监理单位")
    risk_level: Text = Field(title="作业风险等级")
    live_parts: Text = Field(title="邻近带电部位")
    safety_measures: Text = Field(title="停电及安全措施")
    hazards: Rows[Hazard] = Field(title="危险点及防控措施")

    briefing_date: Day = Field(title="安全技术交底日期")
    briefed_by: Text = Field(title="交底人")
    safety_deposit: Money = Field(title="安全保证金(元)")
    violations: Rows[Violation] = Field(title="违章扣除")
    rectification_days: Count = Field(title="隐患整改期限(日)")
    report_minutes: Count = Field(title="事故报告时限(分钟)")
    emergency_phone: Text = Field(title="应急电话")
    safety_agreement_text_date: Day = Field(title="安全协议文本日期")
    dispute_forum: Text = Field("工程所在地有管辖权的人民法院", title="争议管辖")
    copies_each: Count = Field(2, title="双方各执份数")
    safety_notes: Text = Field(NOTHING, title="其他约定")

    @property
    def dated(self) -> date:
        return self.safety_agreement_text_date

    @property
    def copies(self) -> int:
        """How many originals there are in all."""
        return 2 * self.copies_each

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.safety_agreement_text_date > self.planned_start:
            yield self._problem("safetyAgreementTextDate", "不应晚于计划开工日期（安全协议不得事后补签）")
        if self.briefing_date > self.safety_agreement_text_date:
            yield self._problem("briefingDate", "不应晚于安全协议文本日期（协议写明已经交底）")
        if self.planned_finish < self.planned_start:
            yield self._problem("plannedFinish", "不应早于计划开工日期")
        for key, day in (
            ("builder.certificateValidUntil", self.builder.certificate_valid_until),
            ("builder.safetyPermitValidUntil", self.builder.safety_permit_valid_until),
        ):
            if day < self.planned_finish:
                yield self._problem(key, "在计划完工日期之前到期")
        for row, violation in enumerate(self.violations, 1):
            if violation.amount > self.safety_deposit:
                yield self._problem(f"violations[{row}].amount", f"超出安全保证金{self.safety_deposit}")
