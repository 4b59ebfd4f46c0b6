"""督办单, the order that a late step is answered with. Rules: domain.md §5.2 (level L2), causes as §5.3 has them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import Field

from domain.chinese import numeral, written_date
from domain.documents.base import NOTHING, Document
from domain.fields import (
    Day,
    FieldProblem,
    Fields,
    Number,
    Rows,
    Tally,
    Text,
)

SUPERVISION_ORDER = "supervision_order"

CAUSES = ("客户", "业务人员", "电网受限", "政策", "系统", "物资短缺")
"""What may be answered as cause; only 业务人员 is held to account (domain.md §1.1, rule 10)."""


class EarlierWarning(Fields):
    """One step of the ladder before this order: who was told, how, and what became of it."""

    level: Text = Field(title="级别")
    sent_on: Day = Field(title="发出日期")
    recipient: Text = Field(title="接收人")
    channel: Text = Field(title="方式")
    outcome: Text = Field(title="处理情况")


class Answer(Fields):
    """One answer to the order."""

    cause: Text = Field(title="原因类别")
    explanation: Text = Field(title="情况说明")
    measures: Text = Field(title="整改措施")
    promised_on: Day = Field(title="新的承诺日期")
    answered_by: Text = Field(title="回复人")
    answered_on: Day = Field(title="回复日期")


class SupervisionOrder(Document):
    """督办单: a limit has passed, and the department answers with the cause and a new promised date."""

    kind = SUPERVISION_ORDER
    title = "督办单"
    derived = ("lateness",)

    customer: Text = Field(title="户名")
    address: Text = Field(title="用电地址")
    county: Text = Field(title="行政区")
    business_type: Text = Field(title="业务类型")
    voltage_kv: Number = Field(title="电压等级(kV)")

    step_name: Text = Field(title="督办环节")
    level: Text = Field(title="督办级别")
    limit_text: Text = Field(title="时限要求")
    limit_source: Text = Field(title="时限依据")
    started_on: Day = Field(title="计时起始日期")
    due_on: Day = Field(title="到期日期")
    due_explanation: Text = Field(title="到期日期计算说明")
    days_late: Tally = Field(title="已超期(工作日)")
    warnings: Rows[EarlierWarning] = Field(title="此前预警记录")

    department: Text = Field(title="被督办部门")
    recipient: Text = Field(title="接收人")
    case_officer: Text = Field(title="环节处理人")
    requirement: Text = Field(title="督办要求")
    reply_due_on: Day = Field(title="回复截止日期")
    next_recipient: Text = Field(title="逾期未回复报送")
    copied_to: Text = Field(NOTHING, title="抄送")

    issuing_unit: Text = Field(title="签发单位")
    issued_by: Text = Field(title="签发人")
    issuer_phone: Text = Field(title="签发人电话")
    issued_on: Day = Field(title="签发日期")
    answers: tuple[Answer, ...] = Field((), title="回复")

    @property
    def dated(self) -> date:
        return self.issued_on

    @property
    def lateness(self) -> str:
        """By how much the limit has passed: on its last day it has passed, by no whole day."""
        if not self.days_late:
            return f"{written_date(self.due_on)}到期，当日未能办结"
        return f"截至{written_date(self.issued_on)}超期{numeral(self.days_late)}个工作日"

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.due_on < self.started_on:
            yield self._problem("dueOn", "不应早于计时起始日期")
        if self.issued_on < self.due_on:
            yield self._problem("issuedOn", "不应早于到期日期（未超期不发督办单）")
        if self.reply_due_on <= self.issued_on:
            yield self._problem("replyDueOn", "应晚于签发日期")
        for row, warning in enumerate(self.warnings, 1):
            if not self.started_on <= warning.sent_on <= self.issued_on:
                yield self._problem(f"warnings[{row}].sentOn", "应在计时起始日期与签发日期之间")
        for row, answer in enumerate(self.answers, 1):
            yield from self._wrong_answer(row, answer)

    def _wrong_answer(self, row: int, answer: Answer) -> Iterator[FieldProblem]:
        if answer.cause not in CAUSES:
            yield self._problem(f"answers[{row}].cause", f"应为{'、'.join(CAUSES)}之一")
        if answer.answered_on < self.issued_on:
            yield self._problem(f"answers[{row}].answeredOn", "不应早于签发日期")
        if answer.promised_on < answer.answered_on:
            yield self._problem(f"answers[{row}].promisedOn", "不应早于回复日期")
