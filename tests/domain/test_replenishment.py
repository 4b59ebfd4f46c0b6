"""Replenishment 补货: proposed from minimum, on hand, promised, on order and pipeline, with latest order day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkingCalendar
from domain.stock import Arrival
from domain.stock.planning import CaseNeed
from domain.stock.replenishment import Position, Proposal, Store, WeekNeed, proposals
from tests.domain.test_stock_planning import SOURCE, TODAY, table

CALENDAR = WorkingCalendar.shipped()
PLANNING = table(leadTimes=[{"item": "*", "days": 30, "unit": "calendar", **SOURCE}])
CABLE = Position("ZX", "DL300", "电缆", "米", Decimal(300), Decimal(50), Decimal(100))
STORES = [Store("ZX", ()), Store("XH", ("宣化区",))]


def need(days: int, quantity: int = 200, probability: int = 50, county: str = "桥东区") -> CaseNeed:
    return CaseNeed("电缆", county, TODAY + timedelta(days), Decimal(quantity), Decimal(probability))


def proposed(*needs: CaseNeed, position: Position = CABLE, **changes: Any) -> list[Proposal]:
    return proposals([replace(position, **changes)], STORES, needs, PLANNING, TODAY, CALENDAR)


def test_where_enough_is_left_nothing_is_proposed() -> None:
    assert proposed(need(42)) == []


def test_what_the_pipeline_is_likely_to_take_below_the_minimum_is_ordered_a_lead_time_ahead() -> None:
    (found,) = proposed(need(42), need(49), need(50))

    assert (int(found.quantity), found.needed_on, found.order_by, found.late) == (
        150,
        TODAY + timedelta(49),
        TODAY + timedelta(19),
        False,
    )


def test_what_is_below_the_minimum_today_is_to_be_ordered_today_and_comes_too_late() -> None:
    (found,) = proposed(on_hand=Decimal(120))

    assert (int(found.quantity), found.needed_on, found.order_by, found.late) == (30, TODAY, TODAY, True)


def test_goods_on_order_are_counted_from_the_day_they_come() -> None:
    coming = Arrival(TODAY + timedelta(60), Decimal(500))

    (found,) = proposed(need(42), need(49), arrivals=(coming,))

    assert (int(found.quantity), found.needed_on) == (50, TODAY + timedelta(49))
    assert proposed(need(42), need(61), arrivals=(coming,)) == []


def test_goods_that_are_late_are_on_order_all_the_same() -> None:
    assert proposed(need(42), need(49), arrivals=(Arrival(TODAY - timedelta(3), Decimal(100)),)) == []


def test_only_whole_units_are_ordered() -> None:
    (found,) = proposed(on_hand=Decimal("149.3"))

    assert found.quantity == 1


def test_a_need_is_met_by_the_depot_of_its_county_and_otherwise_by_the_citys() -> None:
    county = replace(CABLE, depot="XH")
    needs = [need(42, county="宣化区"), need(42, county="桥东区")] * 2

    found = proposals([county, CABLE], STORES, needs, PLANNING, TODAY, CALENDAR)

    assert [(one.position.depot, int(one.likely)) for one in found] == [("XH", 200), ("ZX", 200)]


def test_a_need_that_the_citys_depot_does_not_keep_is_met_by_one_that_does() -> None:
    (found,) = proposed(need(7), need(7), position=replace(CABLE, depot="XH"))

    assert found.position.depot == "XH"


def test_a_need_of_what_nobody_keeps_is_nobodys() -> None:
    assert proposed(replace(need(7), item="电杆")) == []


def test_the_needs_stand_by_weeks_with_how_many_cases_they_are_of() -> None:
    (found,) = proposed(need(42), need(43), need(50))

    assert found.weeks == (
        WeekNeed(date(2027, 1, 4), Decimal(200), 2),
        WeekNeed(date(2027, 1, 11), Decimal(100), 1),
    )


def test_one_sentence_tells_the_figures_and_what_to_do() -> None:
    coming = (Arrival(TODAY + timedelta(7), Decimal(10)),)

    (found,), (late,) = proposed(need(42), need(49), arrivals=coming), proposed(on_hand=Decimal(120))

    assert found.sentence() == (
        "电缆现存300米，已预留50米，在途10米，在办工单预计需用200米，2027年1月11日起低于最低储备100米；"
        "建议补货40米，最迟2026年12月12日下单（采购周期30日（物资部2026年定额，已核实））。"
    )
    assert "今天即须下单，已赶不上" in late.sentence()


AMOUNTS = st.integers(0, 500).map(Decimal)
DAYS = st.integers(0, 80)


@given(
    on_hand=AMOUNTS,
    minimum=AMOUNTS,
    arrivals=st.lists(st.tuples(DAYS, AMOUNTS), max_size=4),
    needs=st.lists(st.tuples(DAYS, st.integers(1, 300), st.sampled_from([10, 50, 100])), max_size=6),
)
def test_what_is_proposed_and_no_less_keeps_the_minimum(
    on_hand: Decimal, minimum: Decimal, arrivals: list[tuple[int, Decimal]], needs: list[tuple[int, int, int]]
) -> None:
    position = replace(
        CABLE,
        on_hand=on_hand,
        reserved=Decimal(0),
        minimum=minimum,
        arrivals=tuple(Arrival(TODAY + timedelta(day), quantity) for day, quantity in arrivals),
    )
    wanted = [need(day, quantity, probability) for day, quantity, probability in needs]

    for one in proposed(*wanted, position=position):
        assert one.quantity > 0
        assert proposed(*wanted, position=replace(position, on_hand=on_hand + one.quantity)) == []
        assert proposed(*wanted, position=replace(position, on_hand=on_hand + one.quantity - 1)) != []


@pytest.mark.parametrize("more", [1, 50, 500])
def test_more_on_hand_never_asks_for_more(more: int) -> None:
    needs = [need(42), need(49), need(50)]

    (found,) = proposed(*needs)

    assert sum((one.quantity for one in proposed(*needs, on_hand=CABLE.on_hand + more)), Decimal(0)) <= found.quantity
