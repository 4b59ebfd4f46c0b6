"""What replenishment is worked out from: lead times, what a connection usually needs, how likely a case comes to it.

A table of rows that the materials department edits, read with all its faults at once. None of its numbers is a constant
of the program: each row says where it comes from and whether someone has verified it. Items are named by code or name.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from domain.calendar import WorkingCalendar
from domain.fields import Count, FieldProblem, Fields, MissingFields, Number, Rows, Share, Tally, Text, read_fields
from domain.limits import Flag, one_of

SHIPPED = Path(__file__).parent / "planning.json"
ANY = "*"
"""Stands for every item that has no row of its own."""
UNITS = {"workdays": "个工作日", "calendar": "日"}
_DOING = "采用这份储备测算表"


class LeadTime(Fields):
    """How long it takes from an order to the goods: of one item, or (`*`) of all that have no row."""

    item: Text = Field(title="物资")
    days: Count = Field(title="采购周期")
    unit: Annotated[str, BeforeValidator(one_of(UNITS))] = Field(title="计量")
    source: Text = Field(title="来源")
    verified: Flag = Field(title="已核实")

    def order_by(self, needed_on: dt.date, calendar: WorkingCalendar) -> dt.date:
        """The last day on which an order still comes in time."""
        if self.unit == "workdays":
            return calendar.add_workdays(needed_on, -self.days).date
        return needed_on - dt.timedelta(self.days)

    def words(self) -> str:
        """It in Chinese, with how far it can be trusted."""
        return f"采购周期{self.days}{UNITS[self.unit]}（{self.source}，{'已' if self.verified else '未'}核实）"


class TypicalNeed(Fields):
    """What a connection of these voltages (kV, both ends included) usually needs of an item."""

    item: Text = Field(title="物资")
    voltage_from: Number = Field(title="电压下限(kV)")
    voltage_to: Number = Field(title="电压上限(kV)")
    quantity: Number = Field(title="数量")
    source: Text = Field(title="来源")
    verified: Flag = Field(title="已核实")


class StageOutlook(Fields):
    """How likely a case at a stage of a process comes to need its materials (percent), and in how many weeks."""

    process: Text = Field(title="流程")
    stage: Text = Field(title="环节")
    probability: Share = Field(title="概率(%)")
    weeks: Tally = Field(title="距领料周数")
    source: Text = Field(title="来源")
    verified: Flag = Field(title="已核实")


class StockPlanning(Fields):
    """One version of the table; a value that never changes and travels as JSON. Needs that lie further ahead than the
    horizon are left for later."""

    version: Text = Field(title="版本")
    horizon_weeks: Count = Field(title="测算周数")
    lead_times: Rows[LeadTime] = Field(title="采购周期")
    needs: tuple[TypicalNeed, ...] = Field((), title="典型用量")
    stages: tuple[StageOutlook, ...] = Field((), title="环节概率")

    @classmethod
    def shipped(cls) -> StockPlanning:
        """The table that comes with the program; raises `MissingFields` where it is wrong."""
        return _shipped()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StockPlanning:
        """The table that `to_json` wrote or an officer edited. Raises `MissingFields` with every fault of it."""
        table = read_fields(cls, _DOING, data)
        if problems := list(table._faults()):
            raise MissingFields(_DOING, problems)
        return table

    def to_json(self) -> dict[str, Any]:
        """The table as plain JSON, columns that say nothing left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def lead_time(self, *names: str) -> LeadTime:
        """The row of an item by its code or its name, or that of every other item."""
        rows = {row.item: row for row in self.lead_times}
        return next((rows[name] for name in names if name in rows), rows[ANY])

    def _faults(self) -> Iterator[FieldProblem]:
        if all(row.item != ANY for row in self.lead_times):
            yield FieldProblem("leadTimes", "采购周期", f"应有一行物资为“{ANY}”，适用于其他物资")
        yield from _twice("leadTimes", "采购周期", self.lead_times, lambda row: row.item)
        yield from _twice("stages", "环节概率", self.stages, lambda row: f"{row.process} {row.stage}")
        for number, row in enumerate(self.needs, 1):
            if row.voltage_to < row.voltage_from:
                yield FieldProblem(f"needs[{number}].voltageTo", f"典型用量第{number}行·电压上限(kV)", "低于电压下限")


def _twice(part: str, label: str, rows: Sequence[Any], name: Callable[[Any], str]) -> Iterator[FieldProblem]:
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        if name(row) in seen:
            yield FieldProblem(f"{part}[{number}]", f"{label}第{number}行", f"与第{seen[name(row)]}行重复")
        seen.setdefault(name(row), number)


@cache
def _shipped() -> StockPlanning:
    return StockPlanning.from_json(json.loads(SHIPPED.read_text("utf-8")))


@dataclass(frozen=True)
class PipelineCase:
    """A running case that has not been promised or issued any materials, as one of its processes stands."""

    case_no: str
    county: str
    voltage_kv: str
    process: str
    stage: str


@dataclass(frozen=True)
class CaseNeed:
    """What one case may need of an item, when, and how likely: `quantity` is the whole amount."""

    item: str
    county: str
    on: dt.date
    quantity: Decimal
    probability: Decimal

    @property
    def likely(self) -> Decimal:
        """The amount that is counted with."""
        return self.quantity * self.probability / 100


def case_needs(cases: Iterable[PipelineCase], planning: StockPlanning, today: dt.date) -> list[CaseNeed]:
    """What the pipeline may need within the horizon; a case with several processes counts by its likeliest."""
    outlooks = {(row.process, row.stage): row for row in planning.stages}
    likeliest: dict[str, tuple[PipelineCase, StageOutlook]] = {}
    for case in cases:
        outlook = outlooks.get((case.process, case.stage))
        if outlook and outlook.weeks <= planning.horizon_weeks:
            known = likeliest.get(case.case_no)
            if known is None or outlook.probability > known[1].probability:
                likeliest[case.case_no] = case, outlook
    return [
        CaseNeed(row.item, case.county, today + dt.timedelta(weeks=outlook.weeks), row.quantity, outlook.probability)
        for case, outlook in likeliest.values()
        for row in planning.needs
        if row.voltage_from <= _kv(case.voltage_kv) <= row.voltage_to
    ]


def _kv(text: str) -> Decimal:
    """A voltage as cases keep it; none counts as zero."""
    return Decimal(text) if text.replace(".", "", 1).isdecimal() else Decimal(0)
