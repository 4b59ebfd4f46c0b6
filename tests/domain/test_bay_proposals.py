"""Bays are proposed ahead of need, one or two at a time, and only where what is free does not do."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bay_proposals import (
    CaseCount,
    Expected,
    Load,
    Proposal,
    Remedy,
    Side,
    YearNeed,
    proposals,
    spread,
)
from domain.bay_rules import SHIPPED, BayRules
from domain.bays import Need
from domain.fields import MissingFields

YEAR = 2026
RULES = BayRules.shipped()
SIDE = Side("CN110", "城南变电站", "开发区", Decimal(10), (Load(Decimal(40), Decimal(10)),), room=5)
SHIPPED_JSON: dict[str, Any] = json.loads(SHIPPED.read_text("utf-8"))


def lead(bays: int = 1, year: int = 2027, probability: int = 100, need: Need = Need.MARKETING_LEAD) -> Expected:
    return Expected("CN110", Decimal(10), need, year, Decimal(bays), Decimal(probability))


def proposed(side: Side, *expected: Expected, rules: BayRules = RULES) -> list[Proposal]:
    return proposals([side], expected, rules, YEAR)


def test_a_proposal_tells_its_figures_and_says_them_in_a_sentence() -> None:
    side = replace(SIDE, free=1)

    (one,) = proposed(side, lead(), lead(probability=50, need=Need.CASE))

    assert (one.id, one.remedy, one.units) == ("CN110:10:1", Remedy.BAYS, 2)
    figures = one.figures
    assert (figures.growth_mw, figures.growth) == (Decimal("8.40"), Decimal("1.68"))
    assert (figures.leads, figures.cases, figures.needed) == (Decimal("1.00"), Decimal("0.50"), Decimal("3.18"))
    assert figures.by_year == (
        YearNeed(2026, Decimal("0.00")),
        YearNeed(2027, Decimal("2.30")),
        YearNeed(2028, Decimal("3.18")),
    )
    assert (figures.free, figures.coming, figures.room) == (1, 0, 5)
    assert (figures.shortfall, figures.short_from) == (Decimal("2.18"), 2027)
    assert one.sentence == (
        "城南变电站10kV侧今后2年预计需要间隔3.2个（负荷增长1.7个、营销线索1个、在办工单0.5个），"
        "现有空闲1个、在建0个，2027年起不足，缺2.2个；建议提前扩建2个间隔。"
    )


@pytest.mark.parametrize(
    ("side", "remedy", "units", "advice"),
    [
        (replace(SIDE, room=1), Remedy.BAYS, 1, "建议提前扩建1个间隔"),
        (replace(SIDE, room=0), Remedy.RING_MAIN_UNITS, 1, "站内已无间隔位置，建议在站外预留1台环网柜"),
        (
            replace(SIDE, room=0, voltage_kv=Decimal(110), loads=(Load(Decimal(400), Decimal(20)),)),
            Remedy.OTHER_SOURCE,
            0,
            "站内已无间隔位置，该电压不用环网柜，建议在电网规划中另选电源点",
        ),
    ],
)
def test_what_is_proposed_follows_from_the_positions_that_are_left(
    side: Side, remedy: Remedy, units: int, advice: str
) -> None:
    (one,) = proposed(side)

    assert (one.remedy, one.units) == (remedy, units)
    assert one.sentence.endswith(f"；{advice}。")


def test_many_needs_ask_for_two_ring_main_units_and_no_more() -> None:
    (one,) = proposed(replace(SIDE, room=0), lead(bays=30))

    assert (one.remedy, one.units) == (Remedy.RING_MAIN_UNITS, 2)


def test_what_is_free_or_coming_is_not_proposed_again() -> None:
    assert proposed(SIDE)
    assert proposed(replace(SIDE, free=2)) == []
    assert proposed(replace(SIDE, coming=2)) == []


def test_needs_beyond_the_years_that_are_looked_at_do_not_count_yet() -> None:
    still = replace(SIDE, loads=())

    assert proposed(still, lead(year=2029)) == []
    assert proposed(still, lead(year=2028))[0].figures.short_from == 2028
    assert proposed(still, lead(year=2020))[0].figures.short_from == 2026


def test_load_that_shrinks_frees_no_bay() -> None:
    (one,) = proposed(replace(SIDE, loads=(Load(Decimal(100), Decimal(-20)),)), lead())

    assert one.figures.growth_mw == 0


def test_each_approval_gives_the_next_proposal_of_a_place_another_id() -> None:
    assert [proposed(replace(SIDE, approved=n))[0].id for n in (0, 1)] == ["CN110:10:1", "CN110:10:2"]


def test_the_largest_shortfall_comes_first() -> None:
    small, large = replace(SIDE, station="A"), replace(SIDE, station="B", loads=(Load(Decimal(90), Decimal(10)),))

    assert [one.station for one in proposals([small, large], [], RULES, YEAR)] == ["B", "A"]


def test_running_cases_are_shared_by_the_stations_of_their_county_and_voltage() -> None:
    sides = [SIDE, replace(SIDE, station="XB"), replace(SIDE, station="ZB", county="张北县")]
    cases = [
        CaseCount("开发区", "10", "10kV专线", 3),
        CaseCount("开发区", "10", "10kV", 9),
        CaseCount("张北县", "35", "35kV", 2),
        CaseCount("张北县", "", "", 4),
    ]

    assert spread(cases, sides, RULES, YEAR) == [
        Expected(code, Decimal(10), Need.CASE, 2026, Decimal("1.5"), Decimal(70)) for code in ("CN110", "XB")
    ]


LOADS = st.lists(st.builds(Load, st.decimals(0, 500, places=1), st.decimals(-20, 60, places=1)), max_size=3)
SIDES = st.builds(
    Side,
    station=st.sampled_from(["A", "B", "C"]),
    station_name=st.just("站"),
    county=st.just("县"),
    voltage_kv=st.sampled_from([Decimal(10), Decimal(35), Decimal(110)]),
    loads=LOADS.map(tuple),
    free=st.integers(0, 6),
    coming=st.integers(0, 6),
    room=st.integers(0, 6),
    approved=st.integers(0, 3),
)
NEEDS = st.builds(
    Expected,
    station=st.sampled_from(["A", "B", "C"]),
    voltage_kv=st.sampled_from([Decimal(10), Decimal(35), Decimal(110)]),
    need=st.sampled_from([Need.MARKETING_LEAD, Need.CASE]),
    year=st.integers(2024, 2030),
    bays=st.decimals(0, 9, places=1),
    probability_percent=st.decimals(0, 100, places=0),
)


@given(st.lists(SIDES, max_size=5, unique_by=lambda side: (side.station, side.voltage_kv)), st.lists(NEEDS, max_size=8))
def test_no_proposal_is_for_more_than_two_or_where_what_is_free_covers_the_need(
    sides: list[Side], expected: list[Expected]
) -> None:
    of_place = {(side.station, f"{side.voltage_kv}"): side for side in sides}
    found = proposals(sides, expected, RULES, YEAR)

    assert len({one.id for one in found}) == len(found)
    for one in found:
        side = of_place[one.station, one.voltage_kv]
        assert one.figures.needed > side.free + side.coming
        assert one.units == 0 if one.remedy is Remedy.OTHER_SOURCE else 1 <= one.units <= 2
        assert one.remedy is not Remedy.BAYS or one.units <= side.room
        assert one.remedy is Remedy.BAYS or side.room == 0
        assert one.remedy is not Remedy.RING_MAIN_UNITS or side.voltage_kv == 10


@given(SIDES, st.lists(NEEDS, max_size=5), st.integers(1, 4))
def test_more_that_is_free_never_asks_for_more(side: Side, expected: list[Expected], more: int) -> None:
    def asked(one: Side) -> int:
        return sum(proposal.units for proposal in proposals([one], expected, RULES, YEAR))

    assert asked(replace(side, free=side.free + more)) <= asked(side)


def test_every_number_has_a_source_and_says_whether_it_was_verified() -> None:
    assert all(row.source for row in RULES.rows)
    assert {row.id for row in RULES.rows if row.verified} == {"most_bays", "most_units"}


@pytest.mark.parametrize(
    ("voltage", "load"), [("0.2", 5), ("10", 5), ("34.9", 5), ("35", 15), ("66", 25), ("110", 40), ("500", 120)]
)
def test_a_bay_carries_what_its_voltage_says(voltage: str, load: int) -> None:
    assert RULES.bay_load(Decimal(voltage)) == load


def changed(rule: str, **fields: Any) -> dict[str, Any]:
    rows = [{**row, **fields} if row["id"] == rule else row for row in SHIPPED_JSON["rows"]]
    return {**SHIPPED_JSON, "rows": rows}


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (changed("most_bays", value=3), "参数第1行·数值（rows[1].value）不能超过2"),
        (changed("most_units", value=1.5), "参数第2行·数值（rows[2].value）应为整数"),
        (changed("case_share", value=101), "参数第7行·数值（rows[7].value）不能超过100"),
        (changed("most_bays", id="most"), "每站每次最多提前扩建的间隔（rows）缺少参数 most_bays"),
        (changed("most_bays", id="most"), "参数第1行·参数（rows[1].id）没有参数“most”"),
        (changed("most_units", id="most_bays"), "参数第2行·参数（rows[2].id）与第1行重复"),
        (changed("most_bays", voltageFrom=10), "参数第1行·电压自(kV)（rows[1].voltageFrom）该参数不分电压"),
        (changed("bay_load", voltageFrom=None), "参数第9行·电压自(kV)（rows[9].voltageFrom）须写明"),
        (changed("most_bays", verified="yes"), "参数第1行·已核实（rows[1].verified）应为true（是）或false（否）"),
        (changed("most_bays", source=""), "参数第1行·依据（rows[1].source）未填写"),
    ],
)
def test_a_table_that_is_wrong_is_refused_by_row(table: dict[str, Any], problem: str) -> None:
    with pytest.raises(MissingFields) as caught:
        BayRules.from_json(table)

    assert problem in str(caught.value)
