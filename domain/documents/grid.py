"""Papers of the grid project 配套电网工程: 可研初设一体化委托书 and 先行施工审批单.

Fields: domain.md §1.1, §4.1, §4.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.documents.base import NOTHING, Document
from domain.documents.values import choice
from domain.fields import Count, Day, FieldProblem, Money, Number, Text

INTEGRATED_DESIGN_COMMISSION = "integrated_design_commission"
EARLY_START_APPROVAL = "early_start_approval"

_APPROVED = "同意先行施工"

StartVerdict = Annotated[str, BeforeValidator(choice({"approved": _APPROVED, "refused": "退回"}))]


class GridPaper(Document):
    """What every paper of a grid project says about the project."""

    customer: Text = Field(title="对应业扩客户")
    voltage_kv: Number = Field(title="电压等级(kV)")
    reply_document_no: Text = Field(title="供电方案答复单编号")
    reply_date: Day = Field(title="供电方案答复日期")
    project_name: Text = Field(title="工程名称")
    project_location: Text = Field(title="工程地点")
    project_owner: Text = Field(title="建设单位")
    project_manager: Text = Field(title="项目负责人")
    project_due: Day = Field(title="要求完工日期")


class IntegratedDesignCommission(GridPaper):
    """可研初设一体化委托书: feasibility study and preliminary design as one file, one review, one approval."""

    kind = INTEGRATED_DESIGN_COMMISSION
    title = "可研初设一体化委托书"
    derived = ("design_days",)

    address: Text = Field(title="用电地址")
    approved_capacity_kva: Number = Field(title="核定容量(kVA)")
    project_need: Text = Field(title="建设内容")
    task_issued_on: Day = Field(title="任务下达日期")

    grid_design_unit: Text = Field(title="设计单位")
    grid_design_qualification: Text = Field(title="设计资质类别和等级")
    grid_design_framework_no: Text = Field(NOTHING, title="设计框架中标编号")
    design_commissioned_on: Day = Field(title="委托日期")
    grid_design_due: Day = Field(title="设计文件提交期限")
    grid_design_copies: Count = Field(title="设计文件份数")
    grid_design_fee: Money = Field(title="设计费(元)")
    grid_design_fee_basis: Text = Field(title="设计费计取依据")
    grid_design_notes: Text = Field(NOTHING, title="其他要求")

    @property
    def dated(self) -> date:
        return self.design_commissioned_on

    @property
    def design_days(self) -> int:
        """Calendar days for the design; the day of the commission is not counted (民法典 201)."""
        return (self.grid_design_due - self.design_commissioned_on).days

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.task_issued_on < self.reply_date:
            yield self._problem("taskIssuedOn", "不应早于供电方案答复日期")
        if self.design_commissioned_on < self.task_issued_on:
            yield self._problem("designCommissionedOn", "不应早于任务下达日期")
        if self.grid_design_due <= self.design_commissioned_on:
            yield self._problem("gridDesignDue", "应晚于委托日期")
        if self.grid_design_due >= self.project_due:
            yield self._problem("gridDesignDue", "应早于要求完工日期")


class EarlyStartApproval(GridPaper):
    """先行施工审批单: works may begin before their contract is signed.

    Every prerequisite of domain.md §4.2 is a required field: framework award, qualified contractor, safety agreement,
    approved design, budget and WBS. A case that lacks one gets no paper, and the refusal names it.
    """

    kind = EARLY_START_APPROVAL
    title = "先行施工审批单"
    derived = ("planned_days",)

    framework_award_no: Text = Field(title="框架（中标）编号")
    framework_award_date: Day = Field(title="框架中标日期")
    builder_name: Text = Field(title="施工单位")
    builder_qualification: Text = Field(title="资质类别和等级")
    builder_certificate_no: Text = Field(title="资质证书编号")
    builder_certificate_valid_until: Day = Field(title="资质有效期至")
    safety_agreement_no: Text = Field(title="安全协议编号")
    safety_agreement_date: Day = Field(title="安全协议签订日期")
    design_approval_no: Text = Field(title="可研初设批复文号")
    design_approval_date: Day = Field(title="批复日期")
    approved_budget: Money = Field(title="批复预算(元)")
    wbs: Text = Field(title="WBS编码")

    planned_start: Day = Field(title="计划开工日期")
    planned_finish: Day = Field(title="计划完工日期")
    early_start_reason: Text = Field(title="先行施工理由")
    early_start_applicant: Text = Field(title="申请人")
    early_start_verdict: StartVerdict = Field(title="审批结论")
    early_start_approver: Text = Field(title="审批人")
    early_start_approval_date: Day = Field(title="审批日期")
    early_start_opinion: Text = Field(title="审批意见")
    contract_due_days: Count = Field(title="施工合同补签期限(日)")
    """Calendar days from the actual start of works; a setting of the diagram (domain.md §4.3 A4)."""

    @property
    def dated(self) -> date:
        return self.early_start_approval_date

    @property
    def planned_days(self) -> int:
        """Planned length of the works in calendar days, first and last day included."""
        return (self.planned_finish - self.planned_start).days + 1

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.early_start_verdict != _APPROVED:
            yield self._problem("earlyStartVerdict", f"应为{_APPROVED}，退回的申请不出具审批单")
        if self.early_start_approver == self.early_start_applicant:
            yield self._problem("earlyStartApprover", "不应与申请人为同一人")
        if self.approved_budget == 0:
            yield self._problem("approvedBudget", "应大于0")
        for key, day in (
            ("frameworkAwardDate", self.framework_award_date),
            ("safetyAgreementDate", self.safety_agreement_date),
            ("designApprovalDate", self.design_approval_date),
        ):
            if day > self.early_start_approval_date:
                yield self._problem(key, "不应晚于审批日期")
        yield from self._wrong_order_of_works()

    def _wrong_order_of_works(self) -> Iterator[FieldProblem]:
        if self.design_approval_date < self.reply_date:
            yield self._problem("designApprovalDate", "不应早于供电方案答复日期")
        if self.early_start_approval_date > self.planned_start:
            yield self._problem("earlyStartApprovalDate", "不应晚于计划开工日期")
        if self.planned_finish < self.planned_start:
            yield self._problem("plannedFinish", "不应早于计划开工日期")
        if self.builder_certificate_valid_until < self.planned_start:
            yield self._problem("builderCertificateValidUntil", "在计划开工日期之前已到期")
