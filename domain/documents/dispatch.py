"""Papers between dispatch and a customer: 调度协议 and 启动方案. Facts: domain.md §3.5, §4.1."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.documents.base import NOTHING, Document
from domain.documents.countersigning import Approval
from domain.documents.parties import Company
from domain.documents.values import Moment, Tally, choice
from domain.fields import Count, Day, FieldProblem, Fields, Number, Rows, Text

DISPATCH_AGREEMENT = "dispatch_agreement"
START_UP_PLAN = "start_up_plan"

_NEEDED = "需要"

Committee = Annotated[str, BeforeValidator(choice({"yes": _NEEDED, "no": "不需要"}))]
Fulfilment = Annotated[str, BeforeValidator(choice({"yes": "已具备", "no": "未具备"}))]


class DispatchParty(Company):
    """One party of the dispatch agreement."""

    representative: Text = Field(title="委托代理人")
    phone: Text = Field(title="联系电话")


class DispatchedEquipment(Fields):
    """One piece of equipment: what dispatch calls it, and whose order it takes."""

    name: Text = Field(title="设备")
    dispatch_name: Text = Field(title="调度命名和编号")
    jurisdiction: Text = Field(title="调管关系")
    owner: Text = Field(title="产权人")


class OrderReceiver(Fields):
    """Somebody of the customer who may take the dispatcher's orders 受令人, with the certificate for it."""

    name: Text = Field(title="姓名")
    post: Text = Field(title="岗位")
    certificate_no: Text = Field(title="受令资格证编号")
    valid_until: Day = Field(title="资格有效期至")
    phone: Text = Field(title="值班电话")


class DispatchAgreement(Document):
    """调度协议: signed before the start-up plan, and before energization."""

    kind = DISPATCH_AGREEMENT
    title = "调度协议"
    derived = ("copies",)

    utility: DispatchParty = Field(title="供电人")
    consumer: DispatchParty = Field(title="用电人")
    dispatch_unit: Text = Field(title="调度机构")
    dispatch_duty_phone: Text = Field(title="调度值班电话")
    customer: Text = Field(title="户名")
    address: Text = Field(title="用电地址")
    plan_voltage_kv: Number = Field(title="供电电压(kV)")
    approved_capacity_kva: Number = Field(title="用电容量(kVA)")
    supply_mode: Text = Field(title="供电方式")
    station_name: Text = Field(title="变电站")
    line_name: Text = Field(title="线路")
    bay_name: Text = Field(title="间隔")

    dispatch_scope: Text = Field(title="调管范围")
    dispatched_equipment: Rows[DispatchedEquipment] = Field(title="调度命名和调管设备")
    order_receivers: Rows[OrderReceiver] = Field(title="受令人")
    dispatch_communication: Text = Field(title="调度通讯方式")
    automation_channel: Text = Field(NOTHING, title="自动化信息传送")
    protection: Text = Field(title="保护方式")
    protection_setting_no: Text = Field(title="保护定值单编号")
    protection_setting_date: Day = Field(title="定值单下达日期")
    own_generation: Text = Field(NOTHING, title="自备应急电源")
    load_shedding: Text = Field(NOTHING, title="负荷控制和低频减载")
    emergency_rules: Text = Field(title="事故处理")

    dispatch_agreement_date: Day = Field(title="协议文本日期")
    dispatch_agreement_valid_until: Day = Field(title="协议有效期至")
    renewal_notice_days: Count = Field(title="期满前提出异议提前(日)")
    dispute_forum: Text = Field("用电地址所在地有管辖权的人民法院", title="争议管辖")
    copies_each: Count = Field(2, title="双方各执份数")
    dispatch_agreement_terms: Text = Field(NOTHING, title="特别约定")

    @property
    def dated(self) -> date:
        return self.dispatch_agreement_date

    @property
    def copies(self) -> int:
        """How many originals there are in all."""
        return 2 * self.copies_each

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.dispatch_agreement_valid_until <= self.dispatch_agreement_date:
            yield self._problem("dispatchAgreementValidUntil", "应晚于协议文本日期")
        if self.protection_setting_date > self.dispatch_agreement_date:
            yield self._problem("protectionSettingDate", "不应晚于协议文本日期")
        named: set[str] = set()
        for row, item in enumerate(self.dispatched_equipment, 1):
            if item.dispatch_name in named:
                yield self._problem(f"dispatchedEquipment[{row}].dispatchName", f"重复：{item.dispatch_name}")
            named.add(item.dispatch_name)
        yield from self._wrong_receivers()

    def _wrong_receivers(self) -> Iterator[FieldProblem]:
        certified: set[str] = set()
        for row, receiver in enumerate(self.order_receivers, 1):
            if receiver.valid_until < self.dispatch_agreement_date:
                yield self._problem(f"orderReceivers[{row}].validUntil", "早于协议文本日期（资格已到期）")
            if receiver.certificate_no in certified:
                yield self._problem(f"orderReceivers[{row}].certificateNo", f"重复：{receiver.certificate_no}")
            certified.add(receiver.certificate_no)


class StartedEquipment(Fields):
    """One piece of equipment that starts up, and how it stands before that."""

    name: Text = Field(title="设备")
    dispatch_name: Text = Field(title="调度命名和编号")
    state: Text = Field(title="启动前状态")


class Prerequisite(Fields):
    """One condition of the start-up and who has checked it."""

    name: Text = Field(title="条件")
    fulfilled: Fulfilment = Field(title="核查结果")
    checked_by: Text = Field(title="核查人")
    checked_on: Day = Field(title="核查日期")
    evidence: Text = Field(NOTHING, title="依据")


class CommitteeMember(Fields):
    """One member of the start-up committee 启动委员会."""

    post: Text = Field(title="职务")
    name: Text = Field(title="姓名")
    unit: Text = Field(title="单位")


class StartUpStep(Fields):
    """One operation, in order: what is done, on whose order, by whom."""

    content: Text = Field(title="操作内容")
    target: Text = Field(NOTHING, title="操作后状态")
    ordered_by: Text = Field(title="下令人")
    received_by: Text = Field(title="受令人")


class StartUpPlan(Document):
    """启动方案: how a customer's connection is energized, step by step. It bears the date of its last approval."""

    kind = START_UP_PLAN
    title = "启动方案"
    derived = ("unfulfilled",)

    supply_unit: Text = Field(title="供电单位")
    customer: Text = Field(title="户名")
    address: Text = Field(title="用电地址")
    voltage_kv: Number = Field(title="电压等级(kV)")
    approved_capacity_kva: Number = Field(title="用电容量(kVA)")
    start_up_project: Text = Field(title="启动工程名称")
    station_name: Text = Field(title="变电站")
    line_name: Text = Field(title="线路")
    bay_name: Text = Field(title="间隔")
    dispatch_agreement_no: Text = Field(NOTHING, title="调度协议编号")
    protection_setting_no: Text = Field(title="保护定值单编号")
    temporary_settings: Text = Field(NOTHING, title="启动期间临时定值")

    start_up_equipment: Rows[StartedEquipment] = Field(title="启动范围")
    start_up_prerequisites: Rows[Prerequisite] = Field(title="启动条件")
    start_up_committee_needed: Committee = Field(title="启动委员会")
    start_up_committee: tuple[CommitteeMember, ...] = Field((), title="启动委员会成员")
    start_up_commander: Text = Field(title="现场指挥")
    start_up_at: Moment = Field(title="计划启动时间")
    start_up_steps: Rows[StartUpStep] = Field(title="启动步骤")
    line_charges: Count = Field(title="线路冲击次数")
    transformer_charges: Tally = Field(title="变压器冲击次数")
    charge_minutes: Count = Field(title="冲击间隔(分钟)")
    phase_check: Text = Field(title="核相")
    trial_hours: Count = Field(title="试运行(小时)")
    emergency_handling: Text = Field(title="事故处理")
    start_up_notes: Text = Field(NOTHING, title="其他事项")

    start_up_drafter: Text = Field(title="编制人")
    start_up_drafted_on: Day = Field(title="编制日期")
    start_up_approvals: Rows[Approval] = Field(title="审批")

    @property
    def dated(self) -> date:
        return max(approval.approved_on for approval in self.start_up_approvals)

    @property
    def unfulfilled(self) -> int:
        """How many conditions are still to be fulfilled before the first order."""
        return sum(condition.fulfilled == "未具备" for condition in self.start_up_prerequisites)

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.start_up_committee_needed == _NEEDED and not self.start_up_committee:
            yield self._problem("startUpCommittee", "未填写（需要启动委员会）")
        if self.start_up_committee_needed != _NEEDED and self.start_up_committee:
            yield self._problem("startUpCommittee", "不需要启动委员会时不应填写")
        for row, step in enumerate(self.start_up_steps, 1):
            if step.ordered_by == step.received_by:
                yield self._problem(f"startUpSteps[{row}].receivedBy", "不应与下令人为同一人")
        yield from self._wrong_approvals()

    def _wrong_approvals(self) -> Iterator[FieldProblem]:
        heard: set[str] = set()
        for row, approval in enumerate(self.start_up_approvals, 1):
            key = f"startUpApprovals[{row}]"
            if approval.department in heard:
                yield self._problem(f"{key}.department", f"重复：{approval.department}")
            heard.add(approval.department)
            if approval.approver == self.start_up_drafter:
                yield self._problem(f"{key}.approver", "不应为编制人")
            if not self.start_up_drafted_on <= approval.approved_on <= self.start_up_at.date():
                yield self._problem(f"{key}.approvedOn", "应在编制日期与计划启动日期之间")
