"""停送电申请单. Fields: domain.md §3.2; what they may not contradict: §3.4."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.documents.base import NOTHING, Document
from domain.documents.values import Moment, Tally, choice
from domain.fields import Day, FieldProblem, Number, Text

OUTAGE_REQUEST = "outage_request"

_ENERGIZING = "送电"
_KINDS = (_ENERGIZING, "停电", "停送电")
_UNAFFECTED, _AFFECTED = "不影响", "影响，须公告"

OutageKind = Annotated[str, BeforeValidator(choice(dict(zip(_KINDS, _KINDS, strict=True))))]
Effect = Annotated[str, BeforeValidator(choice({"no": _UNAFFECTED, "yes": _AFFECTED}))]
Need = Annotated[str, BeforeValidator(choice({"yes": "需要", "no": "不需要"}))]


class OutageRequest(Document):
    """停送电申请单: marketing's application for the weekly plan, from which the one week to energization counts."""

    kind = OUTAGE_REQUEST
    title = "停送电申请单"

    customer: Text = Field(title="户名")
    address: Text = Field(title="用电地址")
    voltage_kv: Number = Field(title="电压等级(kV)")
    inspection_no: Text = Field(NOTHING, title="竣工检验意见单编号")
    supply_contract_no: Text = Field(NOTHING, title="供用电合同编号")

    outage_applicant_unit: Text = Field(title="申请单位")
    outage_applicant: Text = Field(title="申请人")
    outage_applicant_phone: Text = Field(title="申请人电话")
    outage_applied_on: Day = Field(title="申请日期")
    outage_kind: OutageKind = Field(title="申请类型")
    outage_plan_kind: Text = Field(title="计划类别")

    outage_substation: Text = Field(title="变电站")
    outage_line: Text = Field(title="线路")
    outage_bay: Text = Field(title="间隔")
    outage_equipment: Text = Field(title="停（送）电设备")
    outage_work_place: Text = Field(title="工作地点")
    outage_work_content: Text = Field(title="工作内容")
    planned_outage_at: Moment | None = Field(None, title="计划停电时间")
    planned_energize_at: Moment = Field(title="计划送电时间")

    outage_scope: Text = Field(title="停电范围")
    affected_transformers: Tally = Field(title="影响台区数")
    affected_customers: Tally = Field(title="影响用户数")
    """The applying customer counts, where it is itself supplied already."""
    recent_outages: Tally = Field(title="近两月停电次数")
    affects_others: Effect = Field(title="是否影响其他客户")

    needs_switching_order: Need = Field(title="高压操作票")
    outage_risk: Text = Field(title="风险等级")
    outage_crew: Text = Field(title="施工（操作）班组")
    outage_crew_leader: Text = Field(title="班组负责人")
    outage_crew_phone: Text = Field(title="班组负责人电话")
    outage_safety: Text = Field(title="安全措施")

    @property
    def dated(self) -> date:
        return self.outage_applied_on

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.planned_outage_at is None and self.outage_kind != _ENERGIZING:
            yield self._problem("plannedOutageAt", "未填写")
        if self.planned_outage_at and self.outage_kind == _ENERGIZING:
            yield self._problem("plannedOutageAt", "只申请送电时不应填写")
        if self.planned_outage_at and self.planned_outage_at >= self.planned_energize_at:
            yield self._problem("plannedEnergizeAt", "应晚于计划停电时间")
        if (self.planned_outage_at or self.planned_energize_at).date() < self.outage_applied_on:
            key = "plannedOutageAt" if self.planned_outage_at else "plannedEnergizeAt"
            yield self._problem(key, "不应早于申请日期")
        yield from self._wrong_effects()

    def _wrong_effects(self) -> Iterator[FieldProblem]:
        if self.affects_others == _UNAFFECTED and self.affected_customers > 1:
            yield self._problem("affectsOthers", f"不应为不影响，影响用户数为{self.affected_customers}")
        if self.affects_others == _AFFECTED and not self.affected_customers:
            yield self._problem("affectedCustomers", "影响其他客户时不应为0")
