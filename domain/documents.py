"""What the written documents of a case say: one model per kind, built from process variables.

Fields: domain.md §2.2 (groups supply, reply, fee) and §4.1-4.3 (contract signed after an early start). What a document
states about the order of dates must be true, so a model that contradicts itself is refused like one that lacks a field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field

from domain.chinese import months_later
from domain.fields import (
    Count,
    Day,
    FieldProblem,
    Fields,
    MissingFields,
    Money,
    Number,
    Rows,
    Share,
    Text,
    label_of,
    read_fields,
)

SUPPLY_PLAN_REPLY = "supply_plan_reply"
CONSTRUCTION_CONTRACT = "construction_contract"
NOTHING = "无"


class SupplySource(Fields):
    """One supply source 供电电源 of the plan."""

    role: Text = Field(title="电源性质")
    """主供 or 备供."""
    substation: Text = Field(title="变电站")
    line: Text = Field(title="线路")
    bay: Text = Field(title="间隔")
    capacity_kva: Number = Field(title="供电容量(kVA)")
    feed_in: Text = Field(title="进线方式")
    """架空, 电缆 or 混合."""
    entry_point: Text = Field(title="接入点(进线杆号)")


class Fee(Fields):
    """One business fee 业务费用; `amount` must be unit price times quantity."""

    name: Text = Field(title="费用名称")
    unit_price: Money = Field(title="单价(元)")
    quantity: Number = Field(title="数量(容量)")
    unit: Text = Field(title="计量单位")
    amount: Money = Field(title="应收金额(元)")
    basis: Text = Field(title="收费依据")


class Document(Fields):
    """A document that is numbered and written once for a case."""

    kind: ClassVar[str]
    title: ClassVar[str]
    derived: ClassVar[tuple[str, ...]] = ()
    """Properties that the paper states beside the fields."""

    case_no: Text = Field(title="工单号")

    @property
    def dated(self) -> date:
        """The business date the document bears."""
        raise NotImplementedError

    def contradictions(self) -> Iterator[FieldProblem]:
        """Fields that cannot all be true together."""
        raise NotImplementedError

    def _problem(self, key: str, problem: str) -> FieldProblem:
        return FieldProblem(key, label_of(type(self), key), problem)


class SupplyPlanReply(Document):
    """供电方案答复单: the supply plan as answered to the customer."""

    kind = SUPPLY_PLAN_REPLY
    title = "供电方案答复单"
    derived = ("valid_until", "fee_total")

    supply_unit: Text = Field(title="供电单位")
    business_type: Text = Field(title="业务类型")
    plan_version: Text = Field("1", title="方案版本")

    customer: Text = Field(title="户名")
    customer_no: Text = Field("待编", title="户号")
    credit_code: Text = Field(title="统一社会信用代码")
    address: Text = Field(title="用电地址")
    contact: Text = Field(title="客户联系人")
    contact_phone: Text = Field(title="客户联系电话")
    industry: Text = Field(title="行业分类")
    category: Text = Field(title="用电类别")
    load_nature: Text = Field(title="负荷性质")
    importance: Text = Field("普通电力用户", title="重要电力用户等级")

    requested_capacity_kva: Number = Field(title="申请容量(kVA)")
    capacity_kva: Number = Field(title="核定容量(kVA)")
    voltage_kv: Number = Field(title="供电电压(kV)")
    supply_mode: Text = Field(title="供电方式")
    """高压单电源, 高压双电源 or 高压多电源."""
    sources: Rows[SupplySource] = Field(title="供电电源")
    operation_mode: Text = Field(title="运行方式")
    protection: Text = Field(title="保护方式")
    laying: Text = Field(title="敷设方式")
    ownership_boundary: Text = Field(title="产权分界点")
    access_system_plan: Text = Field(title="接入系统方案")
    customer_system_plan: Text = Field(title="受电系统方案")

    metering_mode: Text = Field(title="计量方式")
    metering_point: Text = Field(title="计量点")
    metering_device: Text = Field(title="计量装置配置")
    tariff: Text = Field(title="电价类别")
    power_factor: Number = Field(title="功率因数考核标准")
    reactive_compensation: Text = Field(title="无功补偿")
    own_generation: Text = Field(NOTHING, title="自备应急电源")
    power_quality: Text = Field(NOTHING, title="电能质量治理要求")

    fees: tuple[Fee, ...] = Field((), title="业务费用")

    review_date: Day = Field(title="会商日期")
    review_opinion: Text = Field(title="会商意见")
    grid_completion_date: Day = Field(title="配套电网工程计划完工日期")
    validity_months: Count = Field(12, title="方案有效期(月)")
    extension_notice_days: Count = Field(10, title="申请延期提前天数")

    reply_date: Day = Field(title="答复日期")
    reply_method: Text = Field("书面答复", title="答复方式")
    replied_by: Text = Field(title="答复人")
    reply_phone: Text = Field(title="答复人联系电话")
    reply_address: Text = Field(title="供电单位地址")
    supervision_phone: Text = Field("12398", title="监督电话")
    notes: Text = Field(NOTHING, title="其他事项")

    @property
    def dated(self) -> date:
        return self.reply_date

    @property
    def valid_until(self) -> date:
        """Last day of the plan's validity; the day of the reply is not counted (民法典 200-202)."""
        return months_later(self.reply_date, self.validity_months)

    @property
    def fee_total(self) -> Decimal:
        """Sum of the fees, yuan."""
        return sum((fee.amount for fee in self.fees), Decimal(0))

    def contradictions(self) -> Iterator[FieldProblem]:
        for row, fee in enumerate(self.fees, 1):
            if (due := round(fee.unit_price * fee.quantity, 2)) != fee.amount:
                yield self._problem(f"fees[{row}].amount", f"应等于单价乘以数量，即{due}")
        if self.review_date > self.reply_date:
            yield self._problem("reviewDate", "不应晚于答复日期")
        if self.grid_completion_date < self.reply_date:
            yield self._problem("gridCompletionDate", "不应早于答复日期")


class Party(Fields):
    """One party of a contract."""

    name: Text = Field(title="名称")
    credit_code: Text = Field(title="统一社会信用代码")
    address: Text = Field(title="住所")
    legal_representative: Text = Field(title="法定代表人(负责人)")
    representative: Text = Field(title="委托代理人")
    phone: Text = Field(title="联系电话")
    bank: Text = Field(title="开户银行")
    account: Text = Field(title="账号")


class Builder(Party):
    """The contractor 施工单位 with the papers that allow it to build."""

    qualification: Text = Field(title="资质类别和等级")
    certificate_no: Text = Field(title="资质证书编号")
    certificate_valid_until: Day = Field(title="资质证书有效期至")
    safety_permit_no: Text = Field(title="安全生产许可证编号")
    project_manager: Text = Field(title="项目负责人")


class PriceItem(Fields):
    """One row of the contract price."""

    name: Text = Field(title="费用项目")
    amount: Money = Field(title="金额(元)")
    note: Text = Field(NOTHING, title="说明")


class ConstructionContract(Document):
    """施工合同(补签): the contract of a 10kV grid project whose works began under an early-start approval."""

    kind = CONSTRUCTION_CONTRACT
    title = "施工合同（补签）"
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
    early_start_approval_no: Text = Field(title="先行施工审批单号")
    early_start_approval_date: Day = Field(title="先行施工审批日期")
    design_approval_no: Text = Field(title="可研初设批复文号")
    design_approval_date: Day = Field(title="可研初设批复日期")
    approved_budget: Money = Field(title="批复预算(元)")

    scope: Text = Field(title="承包范围")
    contract_mode: Text = Field(title="承包方式")
    owner_materials: Text = Field(NOTHING, title="发包人供应材料")
    start_date: Day = Field(title="实际开工日期")
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
        for key, day in (
            ("frameworkAwardDate", self.framework_award_date),
            ("earlyStartApprovalDate", self.early_start_approval_date),
            ("designApprovalDate", self.design_approval_date),
            ("safetyAgreementDate", self.safety_agreement_date),
        ):
            if day > self.start_date:
                yield self._problem(key, "不应晚于实际开工日期")
        if self.builder.certificate_valid_until < self.start_date:
            yield self._problem("builder.certificateValidUntil", "在实际开工日期之前已到期")
        if self.completion_date < self.start_date:
            yield self._problem("completionDate", "不应早于实际开工日期")
        if self.contract_date < self.start_date:
            yield self._problem("contractDate", "不应早于实际开工日期（补签合同不得倒签）")
        if self.price > self.approved_budget:
            yield self._problem("price", f"超出批复预算{self.approved_budget}")
        if self.price_items and (total := sum(item.amount for item in self.price_items)) != self.price:
            yield self._problem("priceItems", f"各项之和{total}应等于签约合同价{self.price}")


DOCUMENTS: Mapping[str, type[Document]] = {model.kind: model for model in (SupplyPlanReply, ConstructionContract)}
"""The kinds that a `write-document` task may name."""


def model_from_variables(kind: str, variables: Mapping[str, Any]) -> Document:
    """The model of document `kind` that `variables` describe.

    Raises `KeyError` for an unknown kind and `MissingFields`, with all of them, for fields that are missing, wrong or
    contradict each other.
    """
    model = DOCUMENTS[kind]
    doing = f"出具{model.title}"
    document = read_fields(model, doing, variables)
    if problems := tuple(document.contradictions()):
        raise MissingFields(doing, problems)
    return document
