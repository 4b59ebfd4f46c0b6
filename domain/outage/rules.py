"""The rules of the weekly outage plan: a table that a domain officer edits, read with all its faults at once.

No number is a constant of the program: each says where it comes from and whether someone has verified it (domain.md
§3.1, §3.3). A plan carries the whole table as JSON and so keeps the version that it was made with.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from domain.business_time import close_of_business
from domain.documents.values import Texts
from domain.fields import Count, FieldProblem, Fields, MissingFields, Rows, Share, Tally, Text, group_of, read_fields
from domain.limits import Flag
from domain.outage.values import Hours, Instant, coded
from domain.posts import TimeOfDay

SHIPPED = Path(__file__).parent / "rules.json"
APART, TOGETHER = "apart", "together"
RELATIONS = {APART: "不得同停", TOGETHER: "必须同停"}
"""What may be said of two pieces of equipment: not out at the same time (N-1), or only out together."""
_DOING = "采用这份停电计划规则表"
_CODE = re.compile(r"[A-Za-z0-9-]{1,20}")
"""A unit's code stands in workflow ids and addresses."""


def _weekday(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 7:
        return value
    raise PydanticCustomError("field", "{problem}", {"problem": "应为1（周一）至7（周日）"})


Weekday = Annotated[int, BeforeValidator(_weekday)]


class Sourced(Fields):
    """What every row of the table says of itself."""

    source: Text = Field(title="规则来源")
    verified: Flag = Field(title="已核实")


class Figure(Sourced):
    """One number."""

    value: Tally = Field(title="数值")


class OnWeekday(Sourced):
    """A day of the week, Monday is 1."""

    weekday: Weekday = Field(title="星期")


class CutOff(OnWeekday):
    """Until when requests for the next week are taken."""

    time: TimeOfDay = Field(title="时刻")


class Span(Sourced):
    """From when to when work is done on a day."""

    opens: TimeOfDay = Field(title="自", alias="from")
    closes: TimeOfDay = Field(title="至", alias="to")


class Frequency(Sourced):
    """A feeder that had so many outages in so many days is not taken out again."""

    days: Count = Field(title="天数")
    outages: Count = Field(title="次数")


class DispatchUnit(Sourced):
    """A dispatch unit 调度单位 that keeps a weekly plan: for which counties, and which team switches for them."""

    code: Text = Field(title="代码")
    name: Text = Field(title="名称")
    counties: Texts = Field(title="县区")
    switching_team: Text = Field(title="倒闸操作班组")


class Crew(Sourced):
    """A crew that works: hours of a day that it can be planned for."""

    code: Text = Field(title="代码")
    name: Text = Field(title="名称")
    hours_per_day: Hours = Field(title="每日工时")


class SwitchingTeam(Sourced):
    """A team that switches: how many times of a day."""

    code: Text = Field(title="代码")
    name: Text = Field(title="名称")
    operations_per_day: Tally = Field(title="每日操作次数")


class Relation(Sourced):
    """Two pieces of equipment that may not be out at the same time, or only together."""

    kind: Annotated[str, BeforeValidator(coded(RELATIONS))] = Field(title="关系")
    first: Text = Field(title="设备一")
    second: Text = Field(title="设备二")
    reason: Text = Field(title="原因")


class Protected(Sourced):
    """A period 保电 in which nothing is switched off or on: at these stations and feeders, or anywhere without them."""

    start: Instant = Field(title="自", alias="from")
    end: Instant = Field(title="至", alias="to")
    stations: Texts = Field((), title="变电站")
    feeders: Texts = Field((), title="线路")
    reason: Text = Field(title="原因")

    def concerns(self, station: str, feeder: str) -> bool:
        """Whether it holds there."""
        everywhere = not (self.stations or self.feeders)
        return everywhere or station in self.stations or feeder in self.feeders

    def meets(self, start: dt.datetime, end: dt.datetime) -> bool:
        """Whether some of the time lies in it."""
        return self.start < end and start < self.end


class Likelihood(Sourced):
    """How likely a case at a stage is energized in time, and how many days after the stage is due."""

    stage: Text = Field(title="环节")
    probability: Share = Field(title="概率(%)")
    days: Tally = Field(title="至送电天数")


class OutageRules(Fields):
    """One version of the rules; a value that never changes and travels as JSON."""

    version: Text = Field(title="版本")
    cut_off: CutOff = Field(title="申请截止")
    week_starts_on: OnWeekday = Field(title="每周起始")
    notice_days: Figure = Field(title="计划停电公告天数")
    temporary_notice_hours: Figure = Field(title="临时停电公告小时数")
    frequency: tuple[Frequency, ...] = Field((), title="停电频次")
    minimum_gap_days: Figure = Field(title="重复停电最小间隔天数")
    many_customers: Figure = Field(title="影响用户数提示值")
    working_hours: Span = Field(title="每日作业时间")
    max_lines_out_per_day: Figure = Field(title="每日停电线路上限")
    energizing_hours: Figure = Field(title="单纯送电所需小时数")
    units: tuple[DispatchUnit, ...] = Field((), title="调度单位")
    """A county that none of them names has its outages approved one by one."""
    crews: Rows[Crew] = Field(title="施工班组")
    switching_teams: Rows[SwitchingTeam] = Field(title="操作班组")
    relations: tuple[Relation, ...] = Field((), title="设备关系")
    protected_periods: tuple[Protected, ...] = Field((), title="保电时段")
    outlook: tuple[Likelihood, ...] = Field((), title="送电展望")

    @classmethod
    def shipped(cls) -> OutageRules:
        """The table that comes with the program; raises `MissingFields` where it is wrong."""
        return _shipped()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> OutageRules:
        """The table that `to_json` wrote or an officer edited; `MissingFields` names all that is wrong, in Chinese."""
        unknown = list(_unknown_columns(cls, data))
        try:
            table = read_fields(cls, _DOING, data)
        except MissingFields as error:
            raise MissingFields(_DOING, [*unknown, *error.problems]) from error
        if problems := [*unknown, *table._faults()]:
            raise MissingFields(_DOING, problems)
        return table

    def to_json(self) -> dict[str, Any]:
        """The table as plain JSON."""
        return self.model_dump(mode="json", by_alias=True)

    def unit_of(self, county: str) -> DispatchUnit | None:
        """The unit that plans for a county; None where none keeps a plan for it."""
        return next((unit for unit in self.units if county in unit.counties), None)

    def unit(self, code: str) -> DispatchUnit | None:
        return next((unit for unit in self.units if unit.code == code), None)

    def crew(self, code: str) -> Crew | None:
        return next((crew for crew in self.crews if crew.code == code), None)

    def switching_team(self, code: str) -> SwitchingTeam | None:
        return next((team for team in self.switching_teams if team.code == code), None)

    def pairs(self, kind: str) -> tuple[Relation, ...]:
        """The relations of one kind."""
        return tuple(relation for relation in self.relations if relation.kind == kind)

    def protecting(self, station: str, feeder: str) -> tuple[Protected, ...]:
        """The protected periods that hold there."""
        return tuple(period for period in self.protected_periods if period.concerns(station, feeder))

    def hours_of(self, day: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
        """From when to when work is done on the day of an instant."""
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
        opens, closes = close_of_business(self.working_hours.opens), close_of_business(self.working_hours.closes)
        return midnight + opens, midnight + closes

    def _faults(self) -> Iterator[FieldProblem]:
        if close_of_business(self.working_hours.opens) >= close_of_business(self.working_hours.closes):
            yield FieldProblem("workingHours.to", "每日作业时间·至", f"应晚于{self.working_hours.opens}")
        yield from _twice("units", "调度单位", (unit.code for unit in self.units))
        yield from self._unit_faults()
        yield from _twice("crews", "施工班组", (crew.code for crew in self.crews))
        yield from _twice("switchingTeams", "操作班组", (team.code for team in self.switching_teams))
        yield from _twice("outlook", "送电展望", (row.stage for row in self.outlook), "stage", "环节")
        for number, relation in enumerate(self.relations, 1):
            if relation.first == relation.second:
                yield FieldProblem(f"relations[{number}].second", f"设备关系第{number}行·设备二", "与设备一相同")
        both = {frozenset((pair.first, pair.second)) for pair in self.pairs(APART)}
        for number, relation in enumerate(self.relations, 1):
            if relation.kind == TOGETHER and frozenset((relation.first, relation.second)) in both:
                problem = f"{relation.first}与{relation.second}不能既必须同停又不得同停"
                yield FieldProblem(f"relations[{number}].kind", f"设备关系第{number}行·关系", problem)
        for number, period in enumerate(self.protected_periods, 1):
            if period.end <= period.start:
                yield FieldProblem(f"protectedPeriods[{number}].to", f"保电时段第{number}行·至", "应晚于起始时间")

    def _unit_faults(self) -> Iterator[FieldProblem]:
        planned: dict[str, str] = {}
        for number, unit in enumerate(self.units, 1):
            if not _CODE.fullmatch(unit.code):
                yield FieldProblem(f"units[{number}].code", f"调度单位第{number}行·代码", "只用字母、数字和短横线")
            if self.switching_team(unit.switching_team) is None:
                problem = f"操作班组中没有“{unit.switching_team}”"
                yield FieldProblem(f"units[{number}].switchingTeam", f"调度单位第{number}行·倒闸操作班组", problem)
            for county in unit.counties:
                if county in planned:
                    problem = f"{county}已由{planned[county]}负责"
                    yield FieldProblem(f"units[{number}].counties", f"调度单位第{number}行·县区", problem)
                planned.setdefault(county, unit.name)


@cache
def _shipped() -> OutageRules:
    return OutageRules.from_json(json.loads(SHIPPED.read_text("utf-8")))


def _twice(
    table: str, title: str, names: Iterable[str], column: str = "code", label: str = "代码"
) -> Iterator[FieldProblem]:
    seen: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        if name in seen:
            problem = f"“{name}”与第{seen[name]}行重复"
            yield FieldProblem(f"{table}[{number}].{column}", f"{title}第{number}行·{label}", problem)
        seen.setdefault(name, number)


def _unknown_columns(group: type[Fields], data: Any, at: str = "") -> Iterator[FieldProblem]:
    """Columns that nobody reads: a misspelt optional one would otherwise be lost in silence."""
    if isinstance(data, list):
        for number, row in enumerate(data, 1):
            yield from _unknown_columns(group, row, f"{at}[{number}]")
    if not isinstance(data, Mapping):
        return
    inner = {field.alias: group_of(field.annotation) for field in group.model_fields.values()}
    for column, value in data.items():
        key = f"{at}.{column}" if at else str(column)
        if column not in inner:
            yield FieldProblem(key, "未知栏目", "没有这一栏，请核对拼写")
        elif below := inner[column]:
            yield from _unknown_columns(below, value, key)
