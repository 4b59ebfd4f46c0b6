"""Papers of a weekly outage plan: 停送电周计划 and 停电通知书. Facts: domain.md §3.1-3.4.

They belong to a plan and not to a case: the number that stands on them as `caseNo` is the plan's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.chinese import numeral
from domain.departments import DEPARTMENTS
from domain.documents.base import NOTHING, Document
from domain.documents.countersigning import Approval
from domain.documents.values import Measure, Moment, Tally, choice
from domain.fields import Count, Day, FieldProblem, Fields, Rows, Text

WEEKLY_OUTAGE_PLAN = "weekly_outage_plan"
OUTAGE_NOTICE = "outage_notice"

_LEVELS = tuple(DEPARTMENTS[code] for code in ("marketing", "operations", "dispatch"))
"""Who approves a plan, in this order (domain.md §3.2)."""
_PLANNED, _URGENT = "计划检修停电", "临时检修停电"
_DAYS_OF_A_WEEK = 7
_CENT = Decimal("0.01")

NoticeKind = Annotated[str, BeforeValidator(choice({"planned": _PLANNED, "urgent": _URGENT}))]


class PlanPaper(Document):
    """A paper that a plan has issued."""

    case_no: Text = Field(title="停电计划编号")


class PlanItem(Fields):
    """One outage or energization of the week."""

    feeder: Text = Field(title="线路")
    scope: Text = Field(title="停电范围")
    content: Text = Field(title="工作内容")
    start: Moment = Field(title="停电时间")
    end: Moment = Field(title="送电时间")
    customers: Tally = Field(title="影响用户数")
    customer_hours: Measure = Field(title="停电时户数")
    risk: Text = Field(title="风险等级")
    crew: Text = Field(title="施工（操作）班组")
    case_no: Text = Field(NOTHING, title="业扩工单号")
    noticed_on: Day | None = Field(None, title="公告日期")

    @property
    def most_customer_hours(self) -> Decimal:
        """All its customers without power from start to end, as few decimals as people write."""
        seconds = Decimal(int((self.end - self.start).total_seconds()))
        return (self.customers * seconds / 3600).quantize(_CENT, ROUND_UP)


class RefusedRequest(Fields):
    """One request that the week does not hold, and the sentence that says why."""

    feeder: Text = Field(title="线路")
    content: Text = Field(title="工作内容")
    applicant: Text = Field(title="申请单位")
    reason: Text = Field(title="未列入的原因")
    case_no: Text = Field(NOTHING, title="业扩工单号")


class WeeklyOutagePlan(PlanPaper):
    """停送电周计划: the outages of one dispatch unit in one ISO week."""

    kind = WEEKLY_OUTAGE_PLAN
    title = "停送电周计划"
    derived = ("week_title", "week_end", "planned", "refused", "affected", "lost_hours")

    dispatch_unit: Text = Field(title="调度机构")
    plan_week: Text = Field(title="计划周")
    """As ISO 8601 writes it, e.g. 2026-W20."""
    week_start: Day = Field(title="计划周首日")
    balance_meeting_on: Day = Field(title="平衡会日期")
    balance_meeting_chair: Text = Field(title="平衡会主持人")

    plan_items: tuple[PlanItem, ...] = Field((), title="计划项目")
    refused_requests: tuple[RefusedRequest, ...] = Field((), title="未列入的申请")
    reliability_opinion: Text = Field(title="供电可靠性意见")
    plan_approvals: Rows[Approval] = Field(title="审批")

    rule_set_version: Text = Field(title="规则版本")
    planner_objective: Measure = Field(title="编排目标值(时户)")
    planner_bound: Measure = Field(title="已证明的下界(时户)")
    plan_hand_changes: Text = Field(NOTHING, title="人工调整")
    plan_replaces: Text = Field(NOTHING, title="替代的周计划")
    plan_notes: Text = Field(NOTHING, title="其他要求")
    plan_issuer: Text = Field(title="签发人")
    plan_issued_on: Day = Field(title="发布日期")

    @property
    def dated(self) -> date:
        return self.plan_issued_on

    @property
    def week_end(self) -> date:
        """The week's last day."""
        return self.week_start + timedelta(days=_DAYS_OF_A_WEEK - 1)

    @property
    def week_title(self) -> str:
        """The week as a headline has it, e.g. 2026年第20周."""
        year, week, _ = self.week_start.isocalendar()
        return f"{year}年第{week}周"

    @property
    def planned(self) -> int:
        """How many outages and energizations the week holds."""
        return len(self.plan_items)

    @property
    def refused(self) -> int:
        """How many requests it does not hold."""
        return len(self.refused_requests)

    @property
    def affected(self) -> int:
        """How many customers are without power, each outage counted."""
        return sum(item.customers for item in self.plan_items)

    @property
    def lost_hours(self) -> Decimal:
        """Customer-hours without power."""
        return sum((item.customer_hours for item in self.plan_items), Decimal(0))

    def contradictions(self) -> Iterator[FieldProblem]:
        year, week, weekday = self.week_start.isocalendar()
        if weekday != 1:
            yield self._problem("weekStart", "应为星期一")
        if self.plan_week != (right := f"{year}-W{week:02d}"):
            yield self._problem("planWeek", f"与首日不符，应为{right}")
        if self.planner_bound > self.planner_objective:
            yield self._problem("plannerBound", "不应大于编排目标值")
        if self.balance_meeting_on > self.plan_issued_on:
            yield self._problem("balanceMeetingOn", "不应晚于发布日期")
        for row, item in enumerate(self.plan_items, 1):
            yield from self._wrong_item(f"planItems[{row}]", item)
        yield from self._wrong_approvals()

    def _wrong_item(self, key: str, item: PlanItem) -> Iterator[FieldProblem]:
        if not self.week_start <= item.start.date() <= self.week_end:
            yield self._problem(f"{key}.start", "应在计划周之内")
        elif self.plan_replaces == NOTHING and item.start.date() <= self.plan_issued_on:
            yield self._problem(f"{key}.start", "应晚于发布日期")
        if item.end <= item.start:
            yield self._problem(f"{key}.end", "应晚于停电时间")
        elif item.customer_hours > item.most_customer_hours:
            yield self._problem(f"{key}.customerHours", f"大于用户数乘以停电小时数{item.most_customer_hours}")
        if item.noticed_on and item.noticed_on > item.start.date():
            yield self._problem(f"{key}.noticedOn", "不应晚于停电时间")

    def _wrong_approvals(self) -> Iterator[FieldProblem]:
        if tuple(approval.department for approval in self.plan_approvals) != _LEVELS:
            yield self._problem("planApprovals", f"应依次为{'、'.join(_LEVELS)}")
        earliest = date.min
        for row, approval in enumerate(self.plan_approvals, 1):
            if approval.approved_on < earliest:
                yield self._problem(f"planApprovals[{row}].approvedOn", "不应早于上一级审批日期")
            if approval.approved_on > self.plan_issued_on:
                yield self._problem(f"planApprovals[{row}].approvedOn", "不应晚于发布日期")
            earliest = approval.approved_on


class OutageNotice(PlanPaper):
    """停电通知书 to one customer, with its receipt: in time by 供电监管办法 art. 13 (domain.md §3.1)."""

    kind = OUTAGE_NOTICE
    title = "停电通知书"
    derived = ("outage_hours", "lead")

    supply_unit: Text = Field(title="供电单位")
    customer: Text = Field(title="户名")
    customer_no: Text = Field("未编", title="户号")
    address: Text = Field(title="用电地址")
    plan_document_no: Text = Field(NOTHING, title="周计划文号")
    related_case_no: Text = Field(NOTHING, title="业扩工单号")

    notice_area: Text = Field(title="停电区域")
    notice_line: Text = Field(title="停电线路")
    outage_from: Moment = Field(title="停电时间")
    outage_to: Moment = Field(title="恢复供电时间")
    outage_reason: Text = Field(title="停电原因")
    outage_notice_kind: NoticeKind = Field(title="停电类别")
    notice_given_at: Moment = Field(title="通知时间")
    notice_basis: Text = Field("《供电监管办法》第十三条", title="依据")
    planned_outage_notice_days: Count = Field(7, title="计划检修停电提前通知(日)")
    urgent_outage_notice_hours: Count = Field(24, title="临时检修停电提前通知(小时)")

    notice_delivery: Text = Field(title="送达方式")
    notice_phone: Text = Field("95598", title="咨询电话")
    supervision_phone: Text = Field("12398", title="监督电话")
    notice_advice: Text = Field(NOTHING, title="请客户注意")
    notice_issuer: Text = Field(title="通知人")
    notice_received_by: Text | None = Field(None, title="签收人")
    notice_received_at: Moment | None = Field(None, title="签收时间")

    @property
    def dated(self) -> date:
        return self.notice_given_at.date()

    @property
    def outage_hours(self) -> Decimal:
        """How long the outage lasts, hours."""
        return round(Decimal(int((self.outage_to - self.outage_from).total_seconds())) / 3600, 1)

    @property
    def lead(self) -> str:
        """By how much the notice comes before the outage."""
        if self.outage_notice_kind == _PLANNED:
            return f"{numeral(self._days_before)}日"
        return f"{numeral(self._hours_before)}小时"

    @property
    def _days_before(self) -> int:
        """Days from the notice to the outage; the day of the notice is not counted (民法典 201)."""
        return (self.outage_from.date() - self.dated).days

    @property
    def _hours_before(self) -> int:
        """Whole hours from the notice to the outage."""
        return int((self.outage_from - self.notice_given_at).total_seconds() // 3600)

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.outage_to <= self.outage_from:
            yield self._problem("outageTo", "应晚于停电时间")
        days, hours = self.planned_outage_notice_days, self.urgent_outage_notice_hours
        if self.outage_notice_kind == _PLANNED and self._days_before < days:
            yield self._problem("noticeGivenAt", f"应比停电时间至少提前{days}日")
        if self.outage_notice_kind == _URGENT and self._hours_before < hours:
            yield self._problem("noticeGivenAt", f"应比停电时间至少提前{hours}小时")
        if self.notice_received_at and not self.notice_received_by:
            yield self._problem("noticeReceivedBy", "未填写")
        if self.notice_received_by and not self.notice_received_at:
            yield self._problem("noticeReceivedAt", "未填写")
        if self.notice_received_at and self.notice_received_at < self.notice_given_at:
            yield self._problem("noticeReceivedAt", "不应早于通知时间")
