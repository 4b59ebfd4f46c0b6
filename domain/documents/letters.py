"""Papers of the case itself: 一次性告知书 and 会商纪要. Fields: domain.md §1.1 row 12, §2.1, §2.2."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.departments import DEPARTMENTS
from domain.documents.base import NOTHING, Document
from domain.documents.values import Texts, choice
from domain.fields import Day, FieldProblem, Fields, Number, Rows, Text

ONE_TIME_NOTICE = "one_time_notice"
REVIEW_MINUTES = "review_minutes"

REFUSED = "不同意，退回修改"

Department = Annotated[str, BeforeValidator(choice(DEPARTMENTS))]
Verdict = Annotated[str, BeforeValidator(choice({"agree": "同意", "refuse": REFUSED}))]


class NoticeFee(Fields):
    """One charge that the customer may have to pay, with its standard and its legal basis."""

    item: Text = Field(title="收费项目")
    standard: Text = Field(title="收费标准")
    basis: Text = Field(title="收费依据")


class OneTimeNotice(Document):
    """一次性告知书: everything the customer must know and hand in, told once (domain.md §1.1 row 12)."""

    kind = ONE_TIME_NOTICE
    title = "一次性告知书"

    supply_unit: Text = Field(title="供电单位")
    customer: Text = Field(title="户名")
    address: Text = Field(title="用电地址")
    contact: Text = Field(title="客户联系人")
    contact_phone: Text = Field(title="客户联系电话")
    business_type: Text = Field(title="业务类型")
    voltage_kv: Number = Field(title="申请电压(kV)")
    capacity_kva: Number = Field(title="申请容量(kVA)")
    identity_kind: Text = Field(title="主体资格证明")
    accepted_by: Text = Field(title="受理人")
    accepted_on: Day = Field(title="受理日期")

    held_papers: Texts = Field((), title="已有且有效、不再收取的资料")
    missing_papers: Texts = Field((), title="尚缺资料")
    notice_materials: Text = Field(title="资料清单及提交要求")
    notice_procedure: Text = Field(title="办理流程及时限")
    notice_fees: tuple[NoticeFee, ...] = Field((), title="收费项目及标准")
    survey_date: Day = Field(title="约定查勘日期")

    supervision_phone: Text = Field("12398", title="监督电话")
    first_contact_name: Text = Field(title="首问负责人")
    first_contact_phone: Text = Field(title="首问负责人电话")
    first_contact_address: Text = Field(title="首问负责人办公地址")
    notice_delivery: Text = Field(title="告知方式")
    notice_received_by: Text = Field(title="客户签收人")
    noticed_on: Day = Field(title="告知日期")

    @property
    def dated(self) -> date:
        return self.noticed_on

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.noticed_on < self.accepted_on:
            yield self._problem("noticedOn", "不应早于受理日期")
        if self.survey_date < self.noticed_on:
            yield self._problem("surveyDate", "不应早于告知日期")
        if both := [paper for paper in self.missing_papers if paper in self.held_papers]:
            yield self._problem("missingPapers", f"已有且有效，不应再收取：{'、'.join(both)}")


class ReviewOpinion(Fields):
    """What one department said in the joint review."""

    department: Department = Field(title="部门")
    reviewer: Text = Field(title="会签人")
    verdict: Verdict = Field(title="意见")
    refusal_reason: Text = Field(NOTHING, title="不同意的理由")
    conditions: Text = Field(NOTHING, title="附带要求")


class ReviewMinutes(Document):
    """会商纪要: the joint review of a supply plan by marketing, planning, operations and dispatch."""

    kind = REVIEW_MINUTES
    title = "会商纪要"
    derived = ("agreeing", "refusing")

    supply_unit: Text = Field(title="供电单位")
    customer: Text = Field(title="户名")
    address: Text = Field(title="用电地址")
    plan_voltage_kv: Number = Field(title="供电电压(kV)")
    approved_capacity_kva: Number = Field(title="核定容量(kVA)")
    supply_mode: Text = Field(title="供电方式")
    plan_version: Text = Field(title="方案版本")
    plan_drafter: Text = Field(title="拟定人")
    plan_drafted_on: Day = Field(title="拟定日期")

    review_date: Day = Field(title="会商日期")
    review_place: Text = Field(title="会商地点")
    review_chair: Text = Field(title="主持人")
    review_participants: Text = Field(title="参加部门及人员")
    review_matters: Text = Field(title="提请会商的事项")
    minutes_text: Text = Field(title="会商过程及各方意见")
    review_opinions: Rows[ReviewOpinion] = Field(title="部门会签意见")
    review_conclusion: Text = Field(title="会商结论")
    minutes_date: Day = Field(title="纪要日期")
    minutes_recorder: Text = Field(title="记录人")
    minutes_issuer: Text = Field(title="签发人")

    @property
    def dated(self) -> date:
        return self.minutes_date

    @property
    def agreeing(self) -> int:
        """How many departments agreed."""
        return len(self.review_opinions) - self.refusing

    @property
    def refusing(self) -> int:
        """How many departments did not agree."""
        return sum(opinion.verdict == REFUSED for opinion in self.review_opinions)

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.review_date < self.plan_drafted_on:
            yield self._problem("reviewDate", "不应早于方案拟定日期")
        if self.minutes_date < self.review_date:
            yield self._problem("minutesDate", "不应早于会商日期")
        heard: set[str] = set()
        for row, opinion in enumerate(self.review_opinions, 1):
            if opinion.department in heard:
                yield self._problem(f"reviewOpinions[{row}].department", f"重复：{opinion.department}")
            heard.add(opinion.department)
            if opinion.verdict == REFUSED and opinion.refusal_reason == NOTHING:
                yield self._problem(f"reviewOpinions[{row}].refusalReason", "未填写")
