"""What is short of a material, and when it comes, in figures and in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.stock import Arrival, Expected, Shortage, expected, look_again, shortage_text

TODAY = date(2026, 11, 23)
FIRST, SECOND, PAST = date(2026, 12, 3), date(2026, 12, 20), date(2026, 11, 20)


def short(when: Expected = Expected(on=FIRST), item: str = "电缆") -> Shortage:
    return Shortage(item, "米", Decimal(300), Decimal("179.5"), when)


@pytest.mark.parametrize(
    ("missing", "arrivals", "found"),
    [
        (100, [(FIRST, 100), (SECOND, 50)], Expected(on=FIRST)),
        (101, [(SECOND, 50), (FIRST, 100)], Expected(on=SECOND)),
        (151, [(FIRST, 100), (SECOND, 50)], Expected()),
        (10, [(TODAY, 10)], Expected(on=TODAY)),
        (10, [(PAST, 10)], Expected(was_due=PAST)),
        (10, [(PAST, 10), (FIRST, 10)], Expected(on=FIRST)),
        (10, [], Expected()),
    ],
)
def test_what_is_missing_is_there_with_the_arrival_that_completes_it(
    missing: int, arrivals: list[tuple[date, int]], found: Expected
) -> None:
    on_the_way = [Arrival(day, Decimal(quantity)) for day, quantity in arrivals]

    assert expected(on_the_way, Decimal(missing), TODAY) == found


def test_one_sentence_names_every_item_and_its_day() -> None:
    late, unknown = short(Expected(was_due=PAST), "环网柜"), short(Expected(), "终端头")

    assert shortage_text([short(), late, unknown]) == (
        "物资短缺：电缆缺120.5米（需300米，可用179.5米，预计2026年12月3日到货）；"
        "环网柜缺120.5米（需300米，可用179.5米，原定2026年11月20日到货，逾期未到）；"
        "终端头缺120.5米（需300米，可用179.5米，尚无到货安排）。"
    )
    assert shortage_text([]) == ""


def test_a_shortage_as_a_variable_has_plain_numbers() -> None:
    assert short().to_json() == {
        "item": "电缆",
        "unit": "米",
        "needed": 300,
        "available": 179.5,
        "arrivesOn": "2026-12-03",
        "depot": "",
    }


@pytest.mark.parametrize(
    ("days", "again"),
    [
        ([FIRST], FIRST),
        ([FIRST, SECOND], SECOND),
        ([FIRST, None], date(2026, 11, 24)),
        ([TODAY], date(2026, 11, 24)),
    ],
)
def test_it_is_looked_at_again_when_the_last_is_there_and_never_the_same_day(
    days: list[date | None], again: date
) -> None:
    assert look_again([short(Expected(on=day)) for day in days], TODAY) == again
