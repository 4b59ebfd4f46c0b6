"""施工合同: of a 10kV grid project after its early start (补签), of a bay extension before its works start.

Only 10kV grid projects may be built first and contracted later (domain.md §1.1 row 7), bay extensions may not (row 8).
Fields: domain.md §4.1-4.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from pydantic import Field

from domain.documents.base import NOTHING, Document
from domain.documents.parties import Licensed, Party
from domain.fields import (
    Count,
    Day,
    FieldProblem,
    Fields,
    Money,
    Number,
    Share,
    Text,
    label_of,
)

CONSTRUCTION_CONTRACT = "construction_contract"
WORKS_CONTRACT = "works_contract"


class Builder(Licensed, Party):
    """The contractor 施工单位 as a party of the contract."""

    project_manager: Text = Field(title="项目负责人")


class PriceItem(Fields):
    """One row of the contract price."""

    name: Text = Field(title="费用项目")
    amount: Money = Field(title="金额(元)")
    note: Text = Field(NOTHING, title="说明")


class Contract(Document):
    """What a contract of works says, whenever it is signed."""

    derived = ("duration_days", "copies")

    project_name: Text = Field(title="工程名称")
    wbs: Text = Field(title="WBS编码")
    location: Text = Field(title="工程地点")
    customer: Text = Field(title="对应业扩客户")
    voltage_kv: Number = Field(title="电压等级(kV)")
    owner: Party = Field(title="发包人")
    builder: Builder = Field(title="承包人")

    framework_award_no: Text = Field(title="框架中标编号")
    framework_award_date: Day = Field(title="框架中标日期")
    design_approval_no: Text = Field(title="可研初设批复文号")
    design_approval_date: Day = Field(title="可研初设批复日期")
    approved_budget: Money = Field(title="批复预算(元)")

    scope: Text = Field(title="承包范围")
    contract_mode: Text = Field(title="承包方式")
    owner_materials: Text = Field(NOTHING, title="发包人供应材料")
    start_date: Day = Field(title="开工日期")
    completion_date: Day = Field(title="竣工日期")

    price: Money = Field(title="签约合同价(元)")
    tax_rate_percent: Share = Field(title="增值税税率(%)")
    price_form: Text = Field(title="合同价格形式")
    price_items: tuple[PriceItem, ...] = Field((), title="合同价款组成")
    payment_days: Count = Field(title="付款期限(日)")
    settlement_terms: Text = Field(title="结算方式")
    retention_percent: Share = Field(title="质量保证金比例(%)")

    quality_standard: Text = Field(title="质量标准")
    safety_agreement_no: Text = Field(title="安全协议编号")
    safety_agreement_date: Day = Field(title="安全协议签订日期")
    warranty_months: Count = Field(title="质量保修期(月)")
    defect_liability_months: Count = Field(title="缺陷责任期(月)")
    delay_damages_permille: Share = Field(title="逾期违约金(每日‰)")
    damages_cap_percent: Share = Field(title="违约金上限(%)")
    dispute_forum: Text = Field("工程所在地有管辖权的人民法院", title="争议管辖")
    copies_each: Count = Field(2, title="双方各执份数")
    contract_date: Day = Field(title="合同文本日期")
    notes: Text = Field(NOTHING, title="其他约定")

    @property
    def dated(self) -> date:
        return self.contract_date

    @property
    def duration_days(self) -> int:
        """Length of the works in calendar days, first and last day included."""
        return (self.completion_date - self.start_date).days + 1

    @property
    def copies(self) -> int:
        """How many originals there are in all."""
        return 2 * self.copies_each

    def contradictions(self) -> Iterator[FieldProblem]:
        start = label_of(type(self), "startDate")
        if self.builder.certificate_valid_until < self.start_date:
            yield self._problem("builder.certificateValidUntil", f"在{start}之前已到期")
        if self.completion_date < self.start_date:
            yield self._problem("completionDate", f"不应早于{start}")
        if self.price > self.approved_budget:
            yield self._problem("price", f"超出批复预算{self.approved_budget}")
        if self.price_items and (total := sum(item.amount for item in self.price_items)) != self.price:
            yield self._problem("priceItems", f"各项之和{total}应等于签约合同价{self.price}")

    def _later(self, than: date, said: str, earlier: Iterable[tuple[str, date]]) -> Iterator[FieldProblem]:
        """What the contract rests on and came too late."""
        for key, day in earlier:
            if day > than:
                yield self._problem(key, f"不应晚于{said}")


class ConstructionContract(Contract):
    """施工合同(补签): the contract of a 10kV grid project whose works began under an early-start approval."""

    kind = CONSTRUCTION_CONTRACT
    title = "施工合同（补签）"

    early_start_approval_no: Text = Field(title="先行施工审批单号")
    early_start_approval_date: Day = Field(title="先行施工审批日期")
    start_date: Day = Field(title="实际开工日期")

    def contradictions(self) -> Iterator[FieldProblem]:
        earlier = (
            ("frameworkAwardDate", self.framework_award_date),
            ("earlyStartApprovalDate", self.early_start_approval_date),
            ("designApprovalDate", self.design_approval_date),
            ("safetyAgreementDate", self.safety_agreement_date),
        )
        yield from self._later(self.start_date, "实际开工日期", earlier)
        if self.contract_date < self.start_date:
            yield self._problem("contractDate", "不应早于实际开工日期（补签合同不得倒签）")
        yield from super().contradictions()


class WorksContract(Contract):
    """施工合同 of a bay extension, called off from a framework and signed before the works start."""

    kind = WORKS_CONTRACT
    title = "施工合同"

    call_off_document_no: Text = Field(title="框架委托单编号")
    call_off_date: Day = Field(title="框架委托日期")
    design_approval_no: Text = Field(title="间隔扩建项目批复编号")
    design_approval_date: Day = Field(title="间隔扩建项目批复日期")
    start_date: Day = Field(title="约定开工日期")

    def contradictions(self) -> Iterator[FieldProblem]:
        earlier = (
            ("frameworkAwardDate", self.framework_award_date),
            ("callOffDate", self.call_off_date),
            ("designApprovalDate", self.design_approval_date),
            ("safetyAgreementDate", self.safety_agreement_date),
        )
        yield from self._later(self.contract_date, "合同文本日期", earlier)
        if self.contract_date > self.start_date:
            yield self._problem("contractDate", "不应晚于约定开工日期（本工程不得先施工后补合同）")
        yield from super().contradictions()
