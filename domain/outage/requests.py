"""An application for the weekly outage plan 停送电申请, as it travels as JSON between a case, the plan and the API.

Fields: domain.md §3.2. The paper is `domain.documents.outage.OutageRequest`; this is what is planned with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from domain.documents.values import Tally, Texts
from domain.fields import FieldProblem, Fields, MissingFields, Text, label_of, read_fields
from domain.outage.values import Hours, Instant, Risk, YesNo, coded, minutes_of

SOURCES = {"energization": "业扩送电", "works": "其他工程"}
"""Where a request comes from."""
KINDS = {"planned": "计划", "temporary": "临时", "emergency": "紧急"}
"""计划类别: by it the notice goes."""
PLANNED, TEMPORARY, EMERGENCY = KINDS
_DOING = "受理停送电申请"


class Priority(IntEnum):
    """Whose request goes first where not all can be served, the smaller the sooner.

    The order is that of domain.md §3.3: upper-level outage, announced plan, energization, other. An emergency that a
    named approver lets in comes before all. Grid safety and protected periods are hard rules, not priorities.
    """

    EMERGENCY = 1
    UPPER_LEVEL = 2
    ANNOUNCED = 3
    ENERGIZATION = 4
    OTHER = 5

    @property
    def title(self) -> str:
        return _TITLES[self]


_TITLES = {
    Priority.EMERGENCY: "紧急停电",
    Priority.UPPER_LEVEL: "配合上级停电",
    Priority.ANNOUNCED: "已公告的停电",
    Priority.ENERGIZATION: "业扩送电",
    Priority.OTHER: "其他工程",
}


class OutageRequest(Fields):
    """One request. Without equipment nothing is switched off: a spare bay or line is only energized."""

    request_no: Text = Field(title="申请编号")
    case_no: Text = Field("", title="业扩工单编号")
    """Empty for other works."""
    source: Annotated[str, BeforeValidator(coded(SOURCES))] = Field(title="来源")
    kind: Annotated[str, BeforeValidator(coded(KINDS))] = Field(PLANNED, title="计划类别")
    upper_level: YesNo = Field(False, title="配合上级停电")

    unit: Text = Field(title="调度单位")
    station: Text = Field(title="变电站")
    feeder: Text = Field(title="线路")
    equipment: Texts = Field((), title="停电设备")
    related_equipment: Texts = Field((), title="关联设备")
    """Must be off together with the equipment."""
    work_place: Text = Field(title="工作地点")
    work_content: Text = Field(title="工作内容")

    earliest_start: Instant = Field(title="最早开始时间")
    latest_end: Instant = Field(title="最迟结束时间")
    duration_hours: Hours = Field(title="停（送）电时长(小时)")

    affects_others: YesNo = Field(title="是否影响其他客户")
    customers_affected: Tally = Field(0, title="影响用户数")
    important_customers: Texts = Field((), title="影响的重要客户")

    crew: Text = Field(title="施工（操作）班组")
    switching_team: Text = Field(title="倒闸操作班组")
    risk_level: Risk = Field(5, title="风险等级")

    promise_due: Instant | None = Field(None, title="一周送电承诺期限")
    noticed_at: Instant | None = Field(None, title="停电公告时间")
    """When the notice of an outage from `earliest_start` to `latest_end` went out."""
    applied_at: Instant = Field(title="申请时间")
    emergency_approver: Text = Field("", title="紧急停电批准人")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> OutageRequest:
        """The request that `to_json` wrote or somebody made; `MissingFields` names all that is wrong, in Chinese."""
        request = read_fields(cls, _DOING, data)
        if problems := list(request._contradictions()):
            raise MissingFields(_DOING, problems)
        return request

    def to_json(self) -> dict[str, Any]:
        """The request as plain JSON."""
        return self.model_dump(mode="json", by_alias=True)

    @property
    def minutes(self) -> int:
        """How long it takes, in whole minutes."""
        return minutes_of(self.duration_hours)

    @property
    def duration(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.minutes)

    @property
    def off(self) -> tuple[str, ...]:
        """Everything that is switched off for it, related equipment with it."""
        return tuple(dict.fromkeys((*self.equipment, *self.related_equipment)))

    @property
    def takes_out(self) -> bool:
        """Whether anything is switched off at all."""
        return bool(self.equipment)

    @property
    def is_emergency(self) -> bool:
        return self.kind == EMERGENCY

    @property
    def needs_notice(self) -> bool:
        """Whether the public must be told beforehand; of a fault it cannot be (供电监管办法, article 13)."""
        return self.affects_others and not self.is_emergency

    @property
    def priority(self) -> Priority:
        if self.is_emergency:
            return Priority.EMERGENCY
        if self.upper_level:
            return Priority.UPPER_LEVEL
        if self.noticed_at:
            return Priority.ANNOUNCED
        return Priority.ENERGIZATION if self.source == "energization" else Priority.OTHER

    @property
    def outage_kind(self) -> str:
        """申请类型, in the words of the paper."""
        if not self.takes_out:
            return "送电"
        return "停送电" if self.source == "energization" else "停电"

    def _contradictions(self) -> Iterator[FieldProblem]:
        if self.latest_end <= self.earliest_start:
            yield self._problem("latestEnd", "应晚于最早开始时间")
        if self.source == "energization" and not self.case_no:
            yield self._problem("caseNo", "未填写，业扩送电须写明工单")
        if self.source == "works" and self.case_no:
            yield self._problem("caseNo", "其他工程不应填写")
        if self.related_equipment and not self.equipment:
            yield self._problem("relatedEquipment", "没有停电设备时不应填写")

    def _problem(self, key: str, problem: str) -> FieldProblem:
        return FieldProblem(key, label_of(type(self), key), problem)
