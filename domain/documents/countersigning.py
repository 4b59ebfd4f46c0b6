"""会签: papers on which departments sign one after the other, and the 会签单 itself. Fields: domain.md §1.2, §2.2."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field

from domain.documents.base import NOTHING, Document
from domain.documents.letters import REFUSED, Department, ReviewOpinion
from domain.fields import Day, FieldProblem, Fields, Number, Rows, Text

JOINT_REVIEW_SHEET = "joint_review_sheet"


class Countersignature(ReviewOpinion):
    """What one department said, and on which day it signed."""

    signed_on: Day = Field(title="会签日期")


class Approval(Fields):
    """The consent of one level."""

    department: Department = Field(title="部门")
    approver: Text = Field(title="审批人")
    opinion: Text = Field(title="审批意见")
    approved_on: Day = Field(title="审批日期")


class Countersigned(Document):
    """A paper that departments sign."""

    derived: ClassVar[tuple[str, ...]] = ("agreeing", "refusing")

    @property
    @abstractmethod
    def signatures(self) -> tuple[Countersignature, ...]:
        """Who signed."""

    @property
    def agreeing(self) -> int:
        """How many departments agreed."""
        return len(self.signatures) - self.refusing

    @property
    def refusing(self) -> int:
        """How many departments did not agree."""
        return sum(signature.verdict == REFUSED for signature in self.signatures)

    def _wrong_signatures(self, key: str, first: date, last: date, between: str) -> Iterator[FieldProblem]:
        """Signatures of the field `key` that lie outside two days, come twice or refuse without a reason."""
        heard: set[str] = set()
        for row, signature in enumerate(self.signatures, 1):
            if signature.department in heard:
                yield self._problem(f"{key}[{row}].department", f"重复：{signature.department}")
            heard.add(signature.department)
            if signature.verdict == REFUSED and signature.refusal_reason == NOTHING:
                yield self._problem(f"{key}[{row}].refusalReason", "未填写")
            if not first <= signature.signed_on <= last:
                yield self._problem(f"{key}[{row}].signedOn", f"应在{between}之间")


class JointReviewSheet(Countersigned):
    """会签单: a plan or file goes round the departments, each signs its opinion."""

    kind = JOINT_REVIEW_SHEET
    title = "会签单"
    derived = (*Countersigned.derived, "late")

    supply_unit: Text = Field(title="供电单位")
    customer: Text = Field(title="户名")
    address: Text = Field(title="用电地址")
    voltage_kv: Number = Field(title="电压等级(kV)")

    sheet_subject: Text = Field(title="会签文件")
    sheet_version: Text = Field("1", title="文件版本")
    sheet_summary: Text = Field(title="内容摘要")
    sheet_department: Department = Field(title="主办部门")
    sheet_drafter: Text = Field(title="主办人")
    sheet_sent_on: Day = Field(title="送签日期")
    sheet_due_on: Day = Field(title="要求会签完成日期")

    countersignatures: Rows[Countersignature] = Field(title="部门会签")
    sheet_outcome: Text = Field(title="会签结果及处理")
    sheet_closed_by: Text = Field(title="汇总人")
    sheet_closed_on: Day = Field(title="会签完成日期")

    @property
    def dated(self) -> date:
        return self.sheet_closed_on

    @property
    def signatures(self) -> tuple[Countersignature, ...]:
        return self.countersignatures

    @property
    def late(self) -> str:
        """The departments that signed after the day asked for, by their names; 无 where there is none."""
        late = (signature for signature in self.countersignatures if signature.signed_on > self.sheet_due_on)
        return "、".join(signature.department for signature in late) or NOTHING

    def contradictions(self) -> Iterator[FieldProblem]:
        if self.sheet_due_on < self.sheet_sent_on:
            yield self._problem("sheetDueOn", "不应早于送签日期")
        if self.sheet_closed_on < self.sheet_sent_on:
            yield self._problem("sheetClosedOn", "不应早于送签日期")
        yield from self._wrong_signatures(
            "countersignatures", self.sheet_sent_on, self.sheet_closed_on, "送签日期与会签完成日期"
        )
        for row, signature in enumerate(self.countersignatures, 1):
            if signature.reviewer == self.sheet_drafter:
                yield self._problem(f"countersignatures[{row}].reviewer", "不应为主办人")
