"""Papers of a 35-110kV bay extension: 间隔扩建项目批复 and 框架委托单.

Facts: domain.md §1.1 rows 4 and 8, §1.3, §4.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pydantic import Field

from domain.documents.authority import Authority
from domain.documents.base import NOTHING, Document
from domain.documents.construction import PriceItem
from domain.fields import Count, Day, FieldProblem, Money, Number, Text

BAY_APPROVAL = "bay_approval"
FRAMEWORK_CALL_OFF = "framework_call_off"


class BayApproval(Document):
    """间隔扩建项目批复: the project is approved, with its scope, money and dates, by the level that may."""

    kind = BAY_APPROVAL
    title = "间隔扩建项目批复"
    derived = ("approving_body", "planned_days")

    authority: Authority = Field(title="批复权限")
    customer: Text = Field(title="对应业扩客户")
    project_name: Text = Field(title="工程名称")
    project_owner: Text = Field(title="建设单位")
    voltage_kv: Number = Field(title="电压等级(kV)")
    station_name: Text = Field(title="变电站")
    bay_name: Text = Field(title="扩建间隔")
    bay_count: Count = Field(title="扩建间隔数")
    project_need: Text = Field(title="建设必要性")
    project_scope: Text = Field(title="建设规模")

    design_review_date: Day = Field(title="可研初设评审日期")
    design_review_opinion: Text = Field(title="评审意见")
    call_off_no: Text = Field(title="框架委托单编号")
    approved_budget: Money = Field(title="批复投资(元)")
    investment_items: tuple[PriceItem, ...] = Field((), title="投资组成")
    funding_source: Text = Field(title="资金来源")
    wbs: Text = Field("另行下达", title="WBS编码")
    planned_start: Day = Field(title="计划开工日期")
    planned_finish: Day = Field(title="计划完工日期")

    bay_approval_applicant: Text = Field(title="申请人")
    bay_approval_requested_on: Day = Field(title="申请日期")
    bay_approval_conditions: Text = Field(NOTHING, title="批复要求")
    bay_approver: Text = Field(title="批复人")
    bay_approval_date: Day = Field(title="批复日期")

    @property
    def dated(self) -> date:
        return self.bay_approval_date

    @property
    def approving_body(self) -> str:
        """Who approves, by level and department."""
        return self.authority.body

    @property
    def planned_days(self) -> int:
        """Planned length of the works in calendar days, first and last day included."""
        return (self.planned_finish - self.planned_start).days + 1

    def contradictions(self) -> Iterator[FieldProblem]:
        for key, problem in self.authority.faults(self.bay_approval_date, "批复日期"):
            yield self._problem(f"authority.{key}", problem)
        if self.bay_approver == self.bay_approval_applicant:
            yield self._problem("bayApprover", "不应与申请人为同一人")
        if self.approved_budget == 0:
            yield self._problem("approvedBudget", "应大于0")
        items = sum(item.amount for item in self.investment_items)
        if self.investment_items and items != self.approved_budget:
            yield self._problem("investmentItems", f"各项之和{items}应等于批复投资{self.approved_budget}")
        yield from self._wrong_dates()

    def _wrong_dates(self) -> Iterator[FieldProblem]:
        for key, day in (
            ("bayApprovalRequestedOn", self.bay_approval_requested_on),
            ("designReviewDate", self.design_review_date),
        ):
            if day > self.bay_approval_date:
                yield self._problem(key, "不应晚于批复日期")
        if self.planned_start < self.bay_approval_date:
            yield self._problem("plannedStart", "不应早于批复日期（未批复不得开工）")
        if self.planned_finish < self.planned_start:
            yield self._problem("plannedFinish", "不应早于计划开工日期")


class FrameworkCallOff(Document):
    """框架委托单: one piece of work is called off from a framework that was tendered 框架招标."""

    kind = FRAMEWORK_CALL_OFF
    title = "框架委托单"
    derived = ("remaining_before", "call_off_days")

    customer: Text = Field(title="对应业扩客户")
    project_name: Text = Field(title="工程名称")
    project_owner: Text = Field(title="委托单位")
    voltage_kv: Number = Field(title="电压等级(kV)")

    call_off_no: Text = Field(title="框架台账委托号")
    framework: Text = Field(title="框架协议编号")
    framework_award: Text = Field(title="中标编号")
    lot: Text = Field(title="标包")
    framework_valid_from: Day = Field(title="框架有效期起")
    framework_valid_until: Day = Field(title="框架有效期至")
    call_off_amount: Money = Field(title="委托金额(元)")
    framework_remaining: Money = Field(title="委托后剩余金额(元)")

    framework_contractor: Text = Field(title="受托单位")
    contractor_qualification: Text = Field(title="资质类别和等级")
    contractor_certificate_no: Text = Field(title="资质证书编号")
    contractor_certificate_valid_until: Day = Field(title="资质证书有效期至")
    contractor_manager: Text = Field(title="受托单位负责人")
    contractor_phone: Text = Field(title="受托单位联系电话")

    call_off_scope: Text = Field(title="委托范围")
    call_off_start: Day = Field(title="委托工作开始日期")
    call_off_finish: Day = Field(title="委托工作完成日期")
    call_off_price_basis: Text = Field(title="计价依据")
    call_off_payment: Text = Field(title="付款方式")
    call_off_terms: Text = Field(NOTHING, title="其他约定")
    call_off_officer: Text = Field(title="经办人")
    call_off_approver: Text = Field(title="审批人")
    called_off_on: Day = Field(title="委托日期")

    @property
    def dated(self) -> date:
        return self.called_off_on

    @property
    def remaining_before(self) -> Decimal:
        """What the lot had left before this call-off, yuan."""
        return self.framework_remaining + self.call_off_amount

    @property
    def call_off_days(self) -> int:
        """Length of the work in calendar days, first and last day included."""
        return (self.call_off_finish - self.call_off_start).days + 1

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.call_off_amount == 0:
            yield self._problem("callOffAmount", "应大于0")
        if self.call_off_approver == self.call_off_officer:
            yield self._problem("callOffApprover", "不应与经办人为同一人")
        if self.called_off_on < self.framework_valid_from:
            yield self._problem("calledOffOn", "不应早于框架有效期起")
        if self.called_off_on > self.framework_valid_until:
            yield self._problem("calledOffOn", "不应晚于框架有效期至（框架已到期）")
        if self.call_off_start < self.called_off_on:
            yield self._problem("callOffStart", "不应早于委托日期（不得先干后补）")
        if self.call_off_finish < self.call_off_start:
            yield self._problem("callOffFinish", "不应早于委托工作开始日期")
        if self.contractor_certificate_valid_until < self.call_off_finish:
            yield self._problem("contractorCertificateValidUntil", "在委托工作完成日期之前到期")
