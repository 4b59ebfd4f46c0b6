"""What replenishment is worked out from: the table, and what the pipeline may need by it."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.calendar import WorkingCalendar
from domain.fields import MissingFields
from domain.stock.planning import CaseNeed, PipelineCase, StockPlanning, case_needs

TODAY = date(2026, 11, 23)
SOURCE = {"source": "物资部2026年定额", "verified": True}
TABLE: dict[str, Any] = {
    "version": "1",
    "horizonWeeks": 8,
    "leadTimes": [
        {"item": "*", "days": 45, "unit": "calendar", **SOURCE},
        {"item": "电缆", "days": 10, "unit": "workdays", **SOURCE},
    ],
    "needs": [{"item": "电缆", "voltageFrom": 10, "voltageTo": 35, "quantity": 200, **SOURCE}],
    "stages": [
        {"process": "hv", "stage": "查勘", "probability": 50, "weeks": 6, **SOURCE},
        {"process": "grid", "stage": "批复", "probability": 90, "weeks": 2, **SOURCE},
        {"process": "hv", "stage": "受理", "probability": 40, "weeks": 9, **SOURCE},
    ],
}


def table(**changes: Any) -> StockPlanning:
    return StockPlanning.from_json({**TABLE, **changes})


def one(process: str = "hv", stage: str = "查勘", case_no: str = "C1", voltage: str = "10") -> PipelineCase:
    return PipelineCase(case_no, "宣化区", voltage, process, stage)


def test_the_shipped_table_is_without_fault_and_travels_as_json() -> None:
    shipped = StockPlanning.shipped()

    assert StockPlanning.from_json(json.loads(json.dumps(shipped.to_json()))) == shipped
    assert not any(row.verified for rows in (shipped.lead_times, shipped.needs, shipped.stages) for row in rows)


def test_an_item_has_its_own_lead_time_by_code_or_name_or_that_of_all_others() -> None:
    assert [table().lead_time(*names).days for names in (("DL300", "电缆"), ("电缆", "x"), ("HWG", "环网柜"))] == [
        10,
        10,
        45,
    ]


def test_a_lead_time_counts_back_in_its_own_days() -> None:
    calendar = WorkingCalendar.shipped()
    workdays, days = table().lead_time("电缆"), table().lead_time("*")

    assert workdays.order_by(date(2026, 3, 16), calendar) == date(2026, 3, 2)
    assert days.order_by(date(2026, 3, 16), calendar) == date(2026, 1, 30)
    assert workdays.words() == "采购周期10个工作日（物资部2026年定额，已核实）"


def test_a_case_needs_what_its_voltage_usually_does_in_so_many_weeks() -> None:
    assert case_needs([one()], table(), TODAY) == [
        CaseNeed("电缆", "宣化区", date(2027, 1, 4), Decimal(200), Decimal(50))
    ]
    assert case_needs([one()], table(), TODAY)[0].likely == 100


def test_a_case_with_several_processes_counts_once_by_its_likeliest() -> None:
    found = case_needs([one(), one("grid", "批复"), one()], table(), TODAY)

    assert [need.probability for need in found] == [90]


@pytest.mark.parametrize(
    "case", [one(stage="归档"), one(stage="受理"), one(voltage="110"), one(voltage=""), one(voltage="很高")]
)
def test_a_case_beyond_the_table_needs_nothing(case: PipelineCase) -> None:
    assert case_needs([case], table(), TODAY) == []


@pytest.mark.parametrize(
    ("changes", "key", "problem"),
    [
        ({"leadTimes": TABLE["leadTimes"][1:]}, "leadTimes", "应有一行物资为“*”，适用于其他物资"),
        ({"leadTimes": TABLE["leadTimes"] * 2}, "leadTimes[3]", "与第1行重复"),
        ({"stages": TABLE["stages"] * 2}, "stages[4]", "与第1行重复"),
        ({"needs": [{**TABLE["needs"][0], "voltageTo": 6}]}, "needs[1].voltageTo", "低于电压下限"),
        ({"leadTimes": [{**TABLE["leadTimes"][0], "unit": "weeks"}]}, "leadTimes[1].unit", "应为workdays"),
        ({"horizonWeeks": 0}, "horizonWeeks", "应为1至1200之间的整数"),
        ({"stages": [{**TABLE["stages"][0], "source": ""}]}, "stages[1].source", "未填写"),
    ],
)
def test_a_wrong_row_is_named(changes: dict[str, Any], key: str, problem: str) -> None:
    with pytest.raises(MissingFields) as refused:
        table(**changes)

    found = {one.key: one.problem for one in refused.value.problems}
    assert found[key].startswith(problem)
