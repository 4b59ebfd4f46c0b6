"""供电方案答复单. Fields: domain.md §2.2 (groups supply, reply, fee)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pydantic import Field

from domain.chinese import months_later
from domain.documents.base import NOTHING, Document
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

SUPPLY_PLAN_REPLY = "supply_plan_reply"


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
