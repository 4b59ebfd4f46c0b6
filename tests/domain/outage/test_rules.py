"""The table of rules: what is shipped says what the sources say, and what is refused and how."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from domain.fields import MissingFields
from domain.outage.rules import OutageRules
from tests.domain.outage.made import at, row, rules

RULES = OutageRules.shipped()


def refused(change: Callable[[dict[str, Any]], object]) -> list[str]:
    data = RULES.to_json()
    change(data)
    with pytest.raises(MissingFields) as caught:
        OutageRules.from_json(data)
    return [str(problem) for problem in caught.value.problems]


def test_the_shipped_numbers_are_those_of_the_sources() -> None:
    assert RULES.notice_days.value == 7
    assert RULES.temporary_notice_hours.value == 24
    assert [(one.outages, one.days) for one in RULES.frequency] == [(5, 365), (3, 60)]
    assert RULES.week_starts_on.weekday == 1


def test_every_number_says_where_it_comes_from_and_whether_it_is_verified() -> None:
    def numbers(value: Any) -> list[dict[str, Any]]:
        if isinstance(value, list):
            return [found for one in value for found in numbers(one)]
        return [value] if isinstance(value, dict) else []

    rows = [found for value in RULES.to_json().values() for found in numbers(value)]

    assert rows
    assert all(one["source"] and isinstance(one["verified"], bool) for one in rows)


def test_nothing_that_no_source_confirms_is_called_verified() -> None:
    assert not RULES.notice_days.verified
    assert not RULES.cut_off.verified


def test_the_table_travels_as_json() -> None:
    period = row(**{"from": at(2).isoformat(), "to": at(3).isoformat()}, stations=[], feeders=["F1"], reason="高考")
    table = rules(protectedPeriods=[period], relations=[row(kind="不得同停", first="A", second="B", reason="互备")])

    assert OutageRules.from_json(json.loads(json.dumps(table.to_json()))) == table
    assert table.relations[0].kind == "apart"


def test_a_misspelt_column_is_named() -> None:
    assert "未知栏目（crews[1].hourPerDay）没有这一栏，请核对拼写" in refused(
        lambda data: data["crews"][0].update(hourPerDay=9)
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda data: data.pop("cutOff"), "申请截止（cutOff）未填写"),
        (lambda data: data["noticeDays"].pop("source"), "计划停电公告天数·规则来源（noticeDays.source）未填写"),
        (lambda data: data["cutOff"].update(weekday=8), "申请截止·星期（cutOff.weekday）应为1（周一）至7（周日）"),
        (lambda data: data["workingHours"].update(to="07:00"), "每日作业时间·至（workingHours.to）应晚于08:00"),
        (lambda data: data["crews"][1].update(code="pd-1"), "施工班组第2行·代码（crews[2].code）“pd-1”与第1行重复"),
        (lambda data: data.update(crews=[]), "施工班组（crews）至少应有一行"),
        (lambda data: data["outlook"][1].update(data["outlook"][0]), "“客户工程施工”与第1行重复"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(change: Callable[[dict[str, Any]], object], problem: str) -> None:
    assert any(problem in found for found in refused(change))


def test_a_pair_cannot_be_both_together_and_apart() -> None:
    pairs = [row(kind=kind, first="A", second="B", reason="互备") for kind in ("apart", "together")]

    assert refused(lambda data: data.update(relations=pairs)) == [
        "设备关系第2行·关系（relations[2].kind）A与B不能既必须同停又不得同停"
    ]


def test_equipment_has_no_relation_to_itself() -> None:
    pair = row(kind="apart", first="A", second="A", reason="互备")

    assert refused(lambda data: data.update(relations=[pair])) == [
        "设备关系第1行·设备二（relations[1].second）与设备一相同"
    ]


def test_a_protected_period_ends_after_it_begins() -> None:
    period = row(**{"from": at(2).isoformat(), "to": at(2).isoformat()}, reason="高考")

    assert refused(lambda data: data.update(protectedPeriods=[period])) == [
        "保电时段第1行·至（protectedPeriods[1].to）应晚于起始时间"
    ]
