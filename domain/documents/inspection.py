"""竣工检验意见单 and the 整改通知 that follows a failed inspection. Fields: domain.md §2.1, §2.2 (group inspection)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.documents.base import NOTHING, Document
from domain.documents.values import Texts, choice
from domain.fields import Count, Day, FieldProblem, Number, Text

INSPECTION_OPINION = "inspection_opinion"
RECTIFICATION_NOTICE = "rectification_notice"

_BAD = "不符合"
_PASSED, _FAILED = "合格", "不合格，整改"

Finding = Annotated[str, BeforeValidator(choice({"ok": "符合", "bad": _BAD}))]
FindingIfAny = Annotated[str, BeforeValidator(choice({"ok": "符合", "bad": _BAD, "none": "不涉及"}))]
InspectionVerdict = Annotated[str, BeforeValidator(choice({"pass": _PASSED, "fail": _FAILED}))]


class InspectionPaper(Document):
    """What both papers say about the customer's works and their inspection."""

    supply_unit: Text = Field(title="供电单位")
    customer: Text = Field(title="户名")
    customer_no: Text = Field("待编", title="户号")
    address: Text = Field(title="用电地址")
    contact: Text = Field(title="客户联系人")
    contact_phone: Text = Field(title="客户联系电话")
    customer_builder: Text = Field(title="施工单位")

    completion_reported_on: Day = Field(title="报验日期")
    inspection_round: Count = Field(title="报验次数")
    inspected_on: Day = Field(title="检验日期")
    inspection_leader: Text = Field(title="检验负责人")
    inspection_opinion: Text = Field(title="检验意见")
    inspection_verdict: InspectionVerdict = Field(title="检验结论")

    @property
    def dated(self) -> date:
        return self.inspected_on

    @property
    def _reported(self) -> str:
        """What the date on which this inspection was asked for is called where it is typed."""
        return "报验日期" if self.inspection_round == 1 else "申请复验日期"

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.inspected_on < self.completion_reported_on:
            yield self._problem("inspectedOn", f"不应早于{self._reported}")


class InspectionOpinion(InspectionPaper):
    """竣工检验意见单: what was inspected item by item, and whether the customer's works may be energized."""

    kind = INSPECTION_OPINION
    title = "竣工检验意见单"
    derived = ("failed_items",)

    voltage_kv: Number = Field(title="供电电压(kV)")
    approved_capacity_kva: Number = Field(title="核定容量(kVA)")
    customer_builder_licence: Text = Field(title="承装（修、试）资质等级")
    customer_builder_licence_no: Text = Field(title="资质证书编号")
    customer_supervisor: Text = Field(NOTHING, title="监理单位")
    customer_works_finished_on: Day = Field(title="完工日期")
    completion_reported_by: Text = Field(title="报验人")
    completion_papers: Texts = Field((), title="竣工资料")
    inspectors: Text = Field(title="参加部门及人员")

    completion_papers_check: Finding = Field(title="竣工资料齐全")
    as_built_check: Finding = Field(title="竣工图与现场一致")
    equipment_test_check: Finding = Field(title="电气试验报告")
    protection_setting_check: Finding = Field(title="保护整定与调试")
    earth_resistance_check: Finding = Field(title="接地电阻")
    interlock_check: Finding = Field(title="闭锁及防误装置")
    own_source_check: FindingIfAny = Field(title="自备电源闭锁")
    metering_cabinet_check: Finding = Field(title="计量柜及互感器")
    safety_tools_check: Finding = Field(title="安全工器具")
    duty_staff_check: Finding = Field(title="值班人员及上岗资格")
    regulations_check: Finding = Field(title="运行规程及管理制度")

    rectification_content: Text = Field(NOTHING, title="整改内容")
    rectification_due: Day | None = Field(None, title="整改期限")

    @property
    def failed_items(self) -> str:
        """The items that do not conform, by their names; 无 where there is none."""
        checks = {name: field.title for name, field in type(self).model_fields.items() if name.endswith("_check")}
        return "、".join(str(title) for name, title in checks.items() if getattr(self, name) == _BAD) or NOTHING

    def contradictions(self) -> Iterator[FieldProblem]:
        yield from super().contradictions()
        if self.completion_reported_on < self.customer_works_finished_on:
            yield FieldProblem("completionReportedOn", self._reported, "不应早于完工日期")
        if self.inspection_verdict == _PASSED:
            yield from self._wrongly_passed()
        else:
            yield from self._failed_without_measures()

    def _wrongly_passed(self) -> Iterator[FieldProblem]:
        if self.failed_items != NOTHING:
            yield self._problem("inspectionVerdict", f"不应为合格，有不符合项：{self.failed_items}")
        if self.rectification_content != NOTHING or self.rectification_due:
            yield self._problem("rectificationContent", "检验合格时不应填写")

    def _failed_without_measures(self) -> Iterator[FieldProblem]:
        if self.rectification_content == NOTHING:
            yield self._problem("rectificationContent", "未填写")
        if self.rectification_due is None:
            yield self._problem("rectificationDue", "未填写")
        elif self.rectification_due < self.inspected_on:
            yield self._problem("rectificationDue", "不应早于检验日期")


class RectificationNotice(InspectionPaper):
    """整改通知: what the customer has to put right before the next inspection, and until when."""

    kind = RECTIFICATION_NOTICE
    title = "整改通知"
    derived = ("rectification_days", "next_round")

    inspection_no: Text = Field(title="检验意见单编号")
    failed_items: Texts = Field((), title="不符合项")
    rectification_content: Text = Field(title="整改内容")
    rectification_due: Day = Field(title="整改期限")
    supervision_phone: Text = Field("12398", title="监督电话")

    @property
    def rectification_days(self) -> int:
        """Calendar days left for putting right; the day of the inspection is not counted (民法典 201)."""
        return (self.rectification_due - self.inspected_on).days

    @property
    def next_round(self) -> int:
        """Which inspection the next one will be."""
        return self.inspection_round + 1

    def contradictions(self) -> Iterator[FieldProblem]:
        yield from super().contradictions()
        if self.inspection_verdict != _FAILED:
            yield self._problem("inspectionVerdict", f"应为{_FAILED}，检验合格不出具整改通知")
        if self.rectification_due < self.inspected_on:
            yield self._problem("rectificationDue", "不应早于检验日期")
