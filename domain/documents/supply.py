"""高压供用电合同 with its 产权分界及运行维护 annex, and the 电费结算协议 beside it. Fields: domain.md §1.1, §2.2, §4.1.

What a supply contract must hold is listed in 民法典 649 (domain.md §4.1). Keys that a form of the case asks for are the
form's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pydantic import Field

from domain.documents.base import NOTHING, Document
from domain.documents.parties import Party
from domain.documents.reply import SupplySource
from domain.fields import (
    Count,
    Day,
    FieldProblem,
    Fields,
    Money,
    Number,
    Rows,
    Share,
    Text,
)

SUPPLY_CONTRACT = "supply_contract"
SETTLEMENT_AGREEMENT = "settlement_agreement"

ORDINARY = "普通电力用户"
_STANDBY = "备供"
_SOURCES_OF_MODE = {"高压单电源": 1, "高压双电源": 2}
_LAST_DAY_OF_EVERY_MONTH = 28
_DISPATCHED_FROM_KV = 35
"""From 35 kV a dispatch agreement goes with the supply contract (domain.md §4.1)."""


class Transformer(Fields):
    """Transformers of one model; `total_kva` must be their number times the capacity of one."""

    model: Text = Field(title="型号")
    quantity: Count = Field(title="台数")
    unit_kva: Number = Field(title="单台容量(kVA)")
    total_kva: Number = Field(title="小计容量(kVA)")
    place: Text = Field(title="安装位置")


class Motor(Fields):
    """High-voltage motors that take no transformer; their kilowatts count as kilovolt-amperes of the contract."""

    name: Text = Field(title="名称")
    quantity: Count = Field(title="台数")
    total_kw: Number = Field(title="总功率(kW)")


class OwnedEquipment(Fields):
    """One piece of equipment at the boundary: whose it is, and who runs and maintains it."""

    name: Text = Field(title="设备名称")
    specification: Text = Field(title="规格型号")
    place: Text = Field(title="位置")
    owner: Text = Field(title="产权人")
    maintainer: Text = Field(title="运行维护人")


class SwitchingContact(Fields):
    """Somebody who may give or receive notices on outages and switching."""

    side: Text = Field(title="所属方")
    name: Text = Field(title="姓名")
    post: Text = Field(title="岗位")
    phone: Text = Field(title="电话")


class SupplyContract(Document):
    """高压供用电合同 with its ownership annex: written after the inspection, signed before energization.

    It bears the date of its text: when it was signed, its signers write on it and the case records.
    """

    kind = SUPPLY_CONTRACT
    title = "高压供用电合同"
    derived = ("transformer_kva", "copies")

    utility: Party = Field(title="供电人")
    consumer: Party = Field(title="用电人")
    customer: Text = Field(title="户名")
    customer_no: Text = Field("待编", title="户号")
    address: Text = Field(title="用电地址")
    usage_category: Text = Field(title="用电类别")
    industry: Text = Field(title="行业分类")
    load_nature: Text = Field(title="负荷性质")
    importance: Text = Field(ORDINARY, title="重要电力用户等级")

    approved_capacity_kva: Number = Field(title="合同用电容量(kVA)")
    transformers: Rows[Transformer] = Field(title="受电变压器")
    motors: tuple[Motor, ...] = Field((), title="高压电动机")

    plan_voltage_kv: Number = Field(title="供电电压(kV)")
    supply_mode: Text = Field(title="供电方式")
    supply_sources: Rows[SupplySource] = Field(title="供电电源")
    operation_mode: Text = Field(title="运行方式")
    protection: Text = Field(title="保护方式")
    auto_reclosing: Text = Field(NOTHING, title="自动重合闸")
    laying: Text = Field(title="敷设方式")
    voltage_quality: Text = Field(title="供电电压允许偏差")
    frequency_quality: Text = Field(title="供电频率允许偏差")
    power_quality: Text = Field(NOTHING, title="电能质量治理要求")
    security_load: Text = Field(NOTHING, title="保安负荷")
    own_generation: Text = Field(NOTHING, title="自备应急电源")
    own_generation_agreement_no: Text = Field(NOTHING, title="自备应急电源协议编号")
    dispatch_communication: Text = Field(title="调度通讯方式")
    dispatch_agreement_no: Text = Field(NOTHING, title="调度协议编号")

    metering_mode: Text = Field(title="计量方式")
    metering_point: Text = Field(title="计量点")
    metering_device: Text = Field(title="计量装置配置")
    tariff: Text = Field(title="电价类别")
    power_factor: Number = Field(title="功率因数考核标准")
    reactive_compensation: Text = Field(title="无功补偿")
    business_fees: Money = Field(title="业务费用合计(元)")
    late_payment_permille: Share = Field(title="电费违约金(每日‰)")

    reply_document_no: Text = Field(title="供电方案答复单编号")
    reply_date: Day = Field(title="供电方案答复日期")
    inspection_no: Text = Field(title="竣工检验意见单编号")
    inspected_on: Day = Field(title="竣工检验日期")

    boundary_agreement_no: Text = Field(title="产权分界及运行维护协议编号")
    ownership_boundary: Text = Field(title="产权分界点")
    equipment: Rows[OwnedEquipment] = Field(title="分界处设备")
    contacts: Rows[SwitchingContact] = Field(title="停送电联系人")
    wiring_diagram_no: Text = Field(title="接线及产权分界图图号")
    settlement_agreement_no: Text = Field("见该协议", title="电费结算协议编号")

    planned_outage_notice_days: Count = Field(7, title="计划检修停电提前通知(日)")
    """Public notice of planned overhaul, seven days (domain.md §3.1)."""
    urgent_outage_notice_hours: Count = Field(24, title="临时检修停电提前通知(小时)")
    """Public notice of urgent overhaul, 24 hours (domain.md §3.1)."""
    renewal_notice_days: Count = Field(title="期满前提出异议提前(日)")
    dispute_forum: Text = Field("用电地址所在地有管辖权的人民法院", title="争议管辖")
    copies_each: Count = Field(2, title="双方各执份数")
    supply_contract_date: Day = Field(title="合同文本日期")
    supply_contract_valid_until: Day = Field(title="合同有效期至")
    supply_contract_terms: Text = Field(NOTHING, title="特别约定")

    @property
    def dated(self) -> date:
        return self.supply_contract_date

    @property
    def transformer_kva(self) -> Decimal:
        """Capacity of all transformers, kVA."""
        return sum((row.total_kva for row in self.transformers), Decimal(0))

    @property
    def copies(self) -> int:
        """How many originals there are in all."""
        return 2 * self.copies_each

    def contradictions(self) -> Iterator[FieldProblem]:
        yield from self._wrong_capacities()
        yield from self._wrong_dates()
        yield from self._absent_agreements()
        if self.power_factor > 1:
            yield self._problem("powerFactor", "不应大于1")

    def _wrong_capacities(self) -> Iterator[FieldProblem]:
        for row, item in enumerate(self.transformers, 1):
            if (total := item.quantity * item.unit_kva) != item.total_kva:
                yield self._problem(f"transformers[{row}].totalKva", f"应等于台数乘以单台容量，即{total}")
        agreed = self.approved_capacity_kva
        if (connected := self.transformer_kva + sum(motor.total_kw for motor in self.motors)) != agreed:
            yield self._problem("approvedCapacityKva", f"应等于受电变压器与高压电动机容量之和{connected}")
        if (supplied := sum(source.capacity_kva for source in self.supply_sources if source.role != _STANDBY)) < agreed:
            yield self._problem("supplySources", f"主供容量之和{supplied}小于合同用电容量{agreed}")
        if _SOURCES_OF_MODE.get(self.supply_mode, len(self.supply_sources)) != len(self.supply_sources):
            yield self._problem("supplyMode", f"与{len(self.supply_sources)}路电源不符")

    def _wrong_dates(self) -> Iterator[FieldProblem]:
        written = self.supply_contract_date
        if self.reply_date > self.inspected_on:
            yield self._problem("replyDate", "不应晚于竣工检验日期")
        if self.inspected_on > written:
            yield self._problem("inspectedOn", "不应晚于合同文本日期")
        if self.supply_contract_valid_until <= written:
            yield self._problem("supplyContractValidUntil", "应晚于合同文本日期")

    def _absent_agreements(self) -> Iterator[FieldProblem]:
        """Agreements that must stand beside the contract (domain.md §4.1)."""
        generates = self.own_generation != NOTHING
        if generates and self.own_generation_agreement_no == NOTHING:
            yield self._problem("ownGenerationAgreementNo", "未填写（有自备应急电源）")
        dispatched = (
            generates
            or len(self.supply_sources) > 1
            or self.importance not in (ORDINARY, NOTHING)
            or self.plan_voltage_kv >= _DISPATCHED_FROM_KV
        )
        if dispatched and self.dispatch_agreement_no == NOTHING:
            yield self._problem("dispatchAgreementNo", "未填写（35千伏及以上、双电源、自备电源或者重要客户）")


class Instalment(Fields):
    """One payment within a month: on which day, and which share of the month's charge."""

    name: Text = Field(title="期次")
    day: Count = Field(title="每月缴费日")
    share_percent: Share = Field(title="比例(%)")
    basis: Text = Field(title="计算依据")


class SettlementAgreement(Document):
    """电费结算协议, an annex of the supply contract: meter reading, payments within the month, advance and arrears."""

    kind = SETTLEMENT_AGREEMENT
    title = "电费结算协议"
    derived = ("copies",)

    supply_contract_no: Text = Field(title="高压供用电合同编号")
    supply_contract_date: Day = Field(title="合同文本日期")
    supply_contract_valid_until: Day = Field(title="合同有效期至")
    utility: Party = Field(title="供电人")
    consumer: Party = Field(title="用电人")
    customer: Text = Field(title="户名")
    customer_no: Text = Field("待编", title="户号")
    address: Text = Field(title="用电地址")
    billing_contact: Text = Field(title="用电人电费联系人")
    billing_phone: Text = Field(title="电费联系电话")

    plan_voltage_kv: Number = Field(title="供电电压(kV)")
    approved_capacity_kva: Number = Field(title="合同用电容量(kVA)")
    usage_category: Text = Field(title="用电类别")
    tariff: Text = Field(title="电价类别")
    capacity_charge_mode: Text = Field(title="容(需)量电费计收方式")
    power_factor: Number = Field(title="功率因数考核标准")
    metering_point: Text = Field(title="计量点")

    reading_day: Count = Field(title="抄表例日")
    reading_method: Text = Field(title="抄表方式")
    billing_cycle: Text = Field(title="电费结算周期")
    bill_delivery: Text = Field(title="电费账单送达方式")
    objection_days: Count = Field(title="对账单提出异议期限(日)")
    estimated_monthly_charge: Money = Field(title="预计月电费(元)")
    instalments: Rows[Instalment] = Field(title="分次结算")
    payment_method: Text = Field(title="付款方式")
    advance_amount: Money = Field(title="预存电费(元)")
    alert_balance: Money = Field(title="余额预警值(元)")
    guarantee: Text = Field(NOTHING, title="电费担保")
    invoice_kind: Text = Field(title="发票种类")
    invoice_days: Count = Field(title="开票期限(日)")

    late_payment_permille: Share = Field(title="当年欠费违约金(每日‰)")
    old_arrears_permille: Share = Field(title="跨年欠费违约金(每日‰)")
    demand_days: Count = Field(title="催告期限(日)")
    refund_days: Count = Field(title="退费期限(日)")
    dispute_forum: Text = Field("用电地址所在地有管辖权的人民法院", title="争议管辖")
    copies_each: Count = Field(2, title="双方各执份数")
    settlement_agreement_date: Day = Field(title="协议文本日期")
    settlement_notes: Text = Field(NOTHING, title="其他约定")

    @property
    def dated(self) -> date:
        return self.settlement_agreement_date

    @property
    def copies(self) -> int:
        """How many originals there are in all."""
        return 2 * self.copies_each

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.settlement_agreement_date < self.supply_contract_date:
            yield self._problem("settlementAgreementDate", "不应早于合同文本日期")
        if self.settlement_agreement_date >= self.supply_contract_valid_until:
            yield self._problem("settlementAgreementDate", "应早于合同有效期届满")
        if self.reading_day > _LAST_DAY_OF_EVERY_MONTH:
            yield self._problem("readingDay", f"不应大于{_LAST_DAY_OF_EVERY_MONTH}（每月都有的日子）")
        if self.power_factor > 1:
            yield self._problem("powerFactor", "不应大于1")
        if self.alert_balance > self.advance_amount:
            yield self._problem("alertBalance", f"不应大于预存电费{self.advance_amount}")
        if self.old_arrears_permille < self.late_payment_permille:
            yield self._problem("oldArrearsPermille", "不应低于当年欠费违约金")
        yield from self._wrong_instalments()

    def _wrong_instalments(self) -> Iterator[FieldProblem]:
        days = [item.day for item in self.instalments]
        for row, day in enumerate(days, 1):
            if day > _LAST_DAY_OF_EVERY_MONTH:
                yield self._problem(f"instalments[{row}].day", f"不应大于{_LAST_DAY_OF_EVERY_MONTH}（每月都有的日子）")
        if len(set(days)) < len(days):
            yield self._problem("instalments", "缴费日重复")
        if (total := sum(item.share_percent for item in self.instalments)) != 100:
            yield self._problem("instalments", f"各次比例之和{total}应等于100")
