"""The numbers by which bays are planned: a table that a planning officer edits, each row with its source."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field

from domain.fields import FieldProblem, Fields, MissingFields, Number, Rows, Text, read_fields
from domain.limits import Flag

SHIPPED = Path(__file__).with_name("bay_rules.json")
_DOING = "采用这份间隔规划参数表"
_ONCE = {
    "most_bays": "每站每次最多提前扩建的间隔",
    "most_units": "无间隔位置时最多预留的站外环网柜",
    "positions_per_unit": "每台环网柜可供接入的间隔位置",
    "unit_voltage": "环网柜适用的最高电压",
    "ahead_years": "提前考虑的年数",
    "least_shortfall": "提出建议的最小缺额",
    "case_share": "在办工单折算为间隔需求的比例",
    "reservation_months": "预留的最长有效期",
}
"""The rows that stand in the table once, with their names for people."""
_WHOLE = {"most_bays", "most_units", "positions_per_unit", "ahead_years", "reservation_months"}
_BAY_LOAD = "bay_load"
_MOST_AHEAD = 2
"""Bays, or ring-main units, of one proposal: the source paper's 1–2 (domain.md §1.1 row 6)."""


class BayRule(Fields):
    """One row: a number, in which unit, where it comes from, and whether somebody has verified it."""

    id: Text = Field(title="参数")
    name: Text = Field(title="名称")
    value: Number = Field(title="数值")
    unit: Text = Field(title="单位")
    voltage_from: Number | None = Field(None, title="电压自(kV)")
    source: Text = Field(title="依据")
    verified: Flag = Field(title="已核实")


class BayRules(Fields):
    """All rows; a value that never changes."""

    version: Text = Field(title="版本")
    rows: Rows[BayRule] = Field(title="参数")

    @classmethod
    def shipped(cls) -> BayRules:
        """The table that comes with the program."""
        return _shipped()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> BayRules:
        """The table that somebody edited; `MissingFields` names all that is wrong, in Chinese."""
        table = read_fields(cls, _DOING, data)
        if problems := [*table._row_faults(), *table._table_faults()]:
            raise MissingFields(_DOING, problems)
        return table

    @property
    def most_bays(self) -> int:
        return int(self._value("most_bays"))

    @property
    def most_units(self) -> int:
        return int(self._value("most_units"))

    @property
    def positions_per_unit(self) -> int:
        return int(self._value("positions_per_unit"))

    @property
    def unit_voltage(self) -> Decimal:
        return self._value("unit_voltage")

    @property
    def ahead_years(self) -> int:
        return int(self._value("ahead_years"))

    @property
    def least_shortfall(self) -> Decimal:
        return self._value("least_shortfall")

    @property
    def case_share(self) -> Decimal:
        return self._value("case_share")

    @property
    def reservation_months(self) -> int:
        return int(self._value("reservation_months"))

    def bay_load(self, voltage_kv: Decimal) -> Decimal:
        """The load in MW that one bay of this voltage carries; below the lowest row that of the lowest."""
        rows = sorted(self._loads())
        return next((load for voltage, load in reversed(rows) if voltage <= voltage_kv), rows[0][1])

    def _value(self, rule: str) -> Decimal:
        return next(row.value for row in self.rows if row.id == rule)

    def _loads(self) -> Iterator[tuple[Decimal, Decimal]]:
        for row in self.rows:
            if row.id == _BAY_LOAD and row.voltage_from is not None:
                yield row.voltage_from, row.value

    def _row_faults(self) -> Iterator[FieldProblem]:
        seen: dict[tuple[str, Decimal | None], int] = {}
        for number, row in enumerate(self.rows, 1):
            for column, label, problem in _faults_of(row):
                yield FieldProblem(f"rows[{number}].{column}", f"参数第{number}行·{label}", problem)
            place = (row.id, row.voltage_from)
            if place in seen:
                yield FieldProblem(f"rows[{number}].id", f"参数第{number}行·参数", f"与第{seen[place]}行重复")
            seen.setdefault(place, number)

    def _table_faults(self) -> Iterator[FieldProblem]:
        counted = Counter(row.id for row in self.rows)
        for rule, name in {**_ONCE, _BAY_LOAD: "每个间隔承担的负荷"}.items():
            if not counted[rule]:
                yield FieldProblem("rows", name, f"缺少参数 {rule}")


def _faults_of(row: BayRule) -> Iterator[tuple[str, str, str]]:
    if row.id not in _ONCE and row.id != _BAY_LOAD:
        yield "id", "参数", f"没有参数“{row.id}”，可用：{'、'.join((*_ONCE, _BAY_LOAD))}"
    if row.id == _BAY_LOAD and row.voltage_from is None:
        yield "voltageFrom", "电压自(kV)", "须写明"
    if row.id in _ONCE and row.voltage_from is not None:
        yield "voltageFrom", "电压自(kV)", "该参数不分电压"
    if row.id in _WHOLE and row.value != int(row.value):
        yield "value", "数值", "应为整数"
    if row.id in ("most_bays", "most_units") and row.value > _MOST_AHEAD:
        yield "value", "数值", f"不能超过{_MOST_AHEAD}"
    if row.id == "case_share" and row.value > 100:
        yield "value", "数值", "不能超过100"


@cache
def _shipped() -> BayRules:
    return BayRules.from_json(json.loads(SHIPPED.read_text("utf-8")))
