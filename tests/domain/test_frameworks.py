"""Framework agreements 框架招标 (domain.md §1.1 row 8): which can be used, why another cannot, and what to do then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.frameworks import Room, alternatives, what_to_do

DAY = date(2026, 11, 23)
ROOM = Room(
    "KJ-01", "1", "design", "甲院", date(2027, 6, 30), date(2026, 1, 10), date(2026, 12, 31), Decimal("12000.50")
)


def test_a_framework_in_force_with_enough_room_can_be_used() -> None:
    assert ROOM.fault(Decimal("12000.50"), DAY) == ROOM.fault(Decimal(1), DAY, "甲院") == ""


@pytest.mark.parametrize("day", [ROOM.valid_from, ROOM.valid_to])
def test_both_ends_of_its_period_are_part_of_it(day: date) -> None:
    assert ROOM.fault(Decimal(1), day) == ""


@pytest.mark.parametrize(
    ("changes", "amount", "contractor", "fault"),
    [
        ({"valid_from": date(2026, 12, 1)}, 1, "", "框架KJ-01标段1自2026年12月1日起才有效"),
        ({"valid_to": date(2026, 11, 22)}, 1, "", "框架KJ-01标段1已于2026年11月22日到期"),
        ({"licence_until": date(2026, 11, 22)}, 1, "", "框架KJ-01标段1承包单位甲院的资质已于2026年11月22日到期"),
        ({}, 1, "乙院", "框架KJ-01标段1的承包单位为甲院，不是乙院"),
        ({"remaining": Decimal(0)}, 1, "", "框架KJ-01标段1的金额已用完"),
        ({}, 20000, "", "框架KJ-01标段1余额12,000.50元，不足本次委托的20,000.00元"),
    ],
)
def test_why_one_cannot_be_used_is_said(changes: dict[str, Any], amount: int, contractor: str, fault: str) -> None:
    assert replace(ROOM, **changes).fault(Decimal(amount), DAY, contractor) == fault


def test_the_others_with_room_are_named_those_with_most_first() -> None:
    others = [
        replace(ROOM, framework="KJ-02", remaining=Decimal(50000)),
        replace(ROOM, framework="KJ-03", kind="both", remaining=Decimal(80000)),
        replace(ROOM, framework="KJ-04", kind="construction", remaining=Decimal(90000)),
        replace(ROOM, framework="KJ-05", remaining=Decimal(10)),
        replace(ROOM, framework="KJ-06", valid_to=date(2026, 11, 1), remaining=Decimal(90000)),
    ]

    found = alternatives(others, "design", Decimal(20000), DAY)

    assert [one.framework for one in found] == ["KJ-03", "KJ-02"]
    assert what_to_do(found) == (
        "可改用框架KJ-03标段1（承包单位甲院，余额80,000.00元，有效至2026年12月31日）、"
        "框架KJ-02标段1（承包单位甲院，余额50,000.00元，有效至2026年12月31日）"
    )


def test_without_any_other_a_new_tender_is_asked_for() -> None:
    assert what_to_do([]) == "没有其他可用的同类框架，请物资部重新组织框架招标"
