"""接入系统方案审查意见. Facts: domain.md §1.1 row 3, §1.3 (who may review), §2.2 (group supply)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.documents.authority import Authority
from domain.documents.base import NOTHING
from domain.documents.countersigning import Countersignature, Countersigned
from domain.documents.values import choice
from domain.fields import Day, FieldProblem, Number, Rows, Text

CONNECTION_REVIEW_OPINION = "connection_review_opinion"

_APPROVED = "同意接入"

ConnectionVerdict = Annotated[str, BeforeValidator(choice({"approved": _APPROVED, "refused": "退回修改"}))]


class ConnectionReviewOpinion(Countersigned):
    """接入系统方案审查意见: the level that has the authority that day reviews how a customer is connected."""

    kind = CONNECTION_REVIEW_OPINION
    title = "接入系统方案审查意见"
    derived = (*Countersigned.derived, "reviewing_body")

    authority: Authority = Field(title="审查权限")
    customer: Text = Field(title="户名")
    address: Text = Field(title="用电地址")
    connection_project_name: Text = Field(title="接入工程名称")
    voltage_kv: Number = Field(title="接入电压(kV)")
    approved_capacity_kva: Number = Field(title="用电容量(kVA)")
    station_name: Text = Field(title="接入变电站")
    line_name: Text = Field(title="接入线路")
    bay_name: Text = Field(title="接入间隔")

    connection_design_unit: Text = Field(title="设计单位")
    connection_scheme_version: Text = Field(title="方案版本")
    connection_scheme: Text = Field(title="方案要点")
    connection_calculations: Text = Field(title="电气计算结论")
    connection_protection: Text = Field(NOTHING, title="继电保护及自动化")
    connection_quality: Text = Field(NOTHING, title="计量和电能质量")
    connection_submitted_on: Day = Field(title="送审日期")
    connection_meeting_on: Day = Field(title="评审会议日期")
    connection_experts: Text = Field(title="评审单位及人员")

    connection_opinions: Rows[Countersignature] = Field(title="部门意见")
    connection_verdict: ConnectionVerdict = Field(title="审查结论")
    connection_conclusion: Text = Field(title="结论说明")
    connection_conditions: Text = Field(NOTHING, title="附带条件")
    connection_reviewer: Text = Field(title="审查人")
    connection_issuer: Text = Field(title="签发人")
    connection_reviewed_on: Day = Field(title="审查日期")

    @property
    def dated(self) -> date:
        return self.connection_reviewed_on

    @property
    def reviewing_body(self) -> str:
        """Who reviews, by level and department."""
        return self.authority.body

    @property
    def signatures(self) -> tuple[Countersignature, ...]:
        return self.connection_opinions

    def contradictions(self) -> Iterator[FieldProblem]:
        for key, problem in self.authority.faults(self.connection_reviewed_on, "审查日期"):
            yield self._problem(f"authority.{key}", problem)
        if self.connection_meeting_on < self.connection_submitted_on:
            yield self._problem("connectionMeetingOn", "不应早于送审日期")
        if self.connection_reviewed_on < self.connection_meeting_on:
            yield self._problem("connectionReviewedOn", "不应早于评审会议日期")
        yield from self._wrong_signatures(
            "connectionOpinions", self.connection_submitted_on, self.connection_reviewed_on, "送审日期与审查日期"
        )
        if self.connection_verdict == _APPROVED and self.refusing:
            yield self._problem("connectionVerdict", f"不应为{_APPROVED}，有{self.refusing}个部门不同意")
        if self.connection_issuer == self.connection_reviewer:
            yield self._problem("connectionIssuer", "不应与审查人为同一人")
