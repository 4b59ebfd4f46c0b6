"""Bays: what may be done with one, for whom it is kept, and what is said where none can be had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bay_reservations import ReservationAct, ReservationState, after, check_reference, last_day
from domain.bays import (
    APPROVING,
    Bay,
    BayRefused,
    BayState,
    Claim,
    Holder,
    Need,
    Outside,
    Place,
    Purpose,
    Reservation,
    building,
    commissioned,
    given_back,
    no_bay,
    released,
    reserved,
    taken,
)
from domain.departments import DEPARTMENTS

DAY = date(2026, 11, 23)
FREE = Bay("CN110:512", "512间隔", BayState.FREE, built=True)
EMPTY = replace(FREE, built=False)
FOR_CASE = Reservation("YL-1", Need.CASE, "YK-1", date(2027, 6, 30))
FOR_LEAD = Reservation("YL-2", Need.MARKETING_LEAD, "XS-7", date(2027, 6, 30))
FOR_GROWTH = Reservation("YL-3", Need.LOAD_GROWTH, "", date(2027, 6, 30))


def test_a_free_bay_becomes_the_cases_and_is_in_use_once_it_is_commissioned() -> None:
    held = taken(FREE, Claim("YK-1"), DAY)
    assert (held.state, held.holder) == (BayState.IN_CONSTRUCTION, Holder("YK-1"))

    used = commissioned(held, "YK-1")
    assert (used.state, used.holder) == (BayState.IN_USE, Holder("YK-1"))
    assert given_back(used, "YK-1") == given_back(held, "YK-1") == FREE


def test_a_position_is_built_when_it_is_commissioned_and_only_then() -> None:
    held = taken(EMPTY, Claim("YK-1"), DAY)

    assert given_back(held, "YK-1") == EMPTY
    assert commissioned(held, "YK-1").built


def test_a_position_that_a_project_has_built_is_free() -> None:
    held = building(EMPTY, "YK-P")
    assert held.holder == Holder("YK-P", Purpose.BUILD)

    assert commissioned(held, "YK-P") == FREE
    with pytest.raises(BayRefused, match="512间隔已经建成，无需扩建"):
        building(FREE, "YK-P")


@pytest.mark.parametrize(
    ("kept", "claim", "may"),
    [
        (FOR_CASE, Claim("YK-1"), True),
        (FOR_CASE, Claim("YK-2", "YK-1"), False),
        (FOR_LEAD, Claim("YK-2", "XS-7"), True),
        (FOR_LEAD, Claim("XS-7"), False),
        (FOR_LEAD, Claim("YK-2", "XS-8"), False),
        (FOR_GROWTH, Claim("YK-1"), False),
        (FOR_GROWTH, Claim("", ""), False),
    ],
)
def test_a_reserved_bay_is_for_its_case_or_the_lead_it_came_from(kept: Reservation, claim: Claim, may: bool) -> None:
    bay = reserved(FREE, kept)

    if may:
        assert taken(bay, claim, DAY) == taken(FREE, claim, DAY)
    else:
        with pytest.raises(BayRefused, match=rf"512间隔已按{kept.number}预留，不是为工单{claim.case_no}或其线索预留的"):
            taken(bay, claim, DAY)


def test_a_reservation_keeps_its_bay_to_the_end_of_its_last_day() -> None:
    bay = reserved(FREE, FOR_CASE)

    with pytest.raises(BayRefused):
        taken(bay, Claim("YK-2"), FOR_CASE.expires_on)
    assert taken(bay, Claim("YK-2"), FOR_CASE.expires_on + timedelta(days=1)).holder == Holder("YK-2")
    assert released(bay) == FREE


@pytest.mark.parametrize(
    ("act", "problem"),
    [
        (lambda: reserved(taken(FREE, Claim("YK-1"), DAY), FOR_CASE), "512间隔现为“在建”，不能预留"),
        (lambda: reserved(reserved(FREE, FOR_CASE), FOR_LEAD), "512间隔现为“预留”，不能预留"),
        (lambda: taken(taken(FREE, Claim("YK-1"), DAY), Claim("YK-1"), DAY), "512间隔现为“在建”，不能占用"),
        (lambda: taken(replace(FREE, state=BayState.IN_USE), Claim("YK-1"), DAY), "512间隔现为“运行”，不能占用"),
        (lambda: released(FREE), "512间隔现为“空闲”，不能释放"),
        (lambda: building(reserved(EMPTY, FOR_CASE), "YK-P"), "512间隔现为“预留”，不能扩建"),
        (lambda: given_back(FREE, "YK-1"), "512间隔现为“空闲”，不能退还"),
        (lambda: given_back(replace(FREE, state=BayState.IN_USE), "YK-1"), "512间隔不由工单YK-1占用，不能由其退还"),
        (lambda: given_back(taken(FREE, Claim("YK-1"), DAY), "YK-2"), "512间隔不由工单YK-2占用，不能由其退还"),
        (lambda: commissioned(taken(FREE, Claim("YK-1"), DAY), "YK-2"), "512间隔不由工单YK-2占用，不能由其投运"),
    ],
)
def test_what_is_not_lawful_is_refused_and_says_why(act: Callable[[], Bay], problem: str) -> None:
    with pytest.raises(BayRefused) as caught:
        act()

    assert str(caught.value) == problem


CASES = st.sampled_from(["YK-1", "YK-2", "YK-3"])
ACTS = st.one_of(
    st.tuples(st.just("reserve"), st.sampled_from([FOR_CASE, FOR_LEAD, FOR_GROWTH])),
    st.tuples(st.just("release"), st.none()),
    st.tuples(st.just("take"), st.builds(Claim, CASES, st.sampled_from(["", "XS-7"]))),
    st.tuples(st.sampled_from(["build", "give back", "commission"]), CASES),
)


def done(bay: Bay, act: tuple[str, object]) -> Bay:
    match act:
        case "reserve", Reservation() as kept:
            return reserved(bay, kept)
        case "take", Claim() as claim:
            return taken(bay, claim, DAY)
        case "build", str(case_no):
            return building(bay, case_no)
        case "give back", str(case_no):
            return given_back(bay, case_no)
        case "commission", str(case_no):
            return commissioned(bay, case_no)
    return released(bay)


@given(
    st.lists(st.booleans(), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), ACTS), max_size=40),
)
def test_whatever_is_tried_a_bay_has_one_holder_at_most_and_none_is_lost(
    built: list[bool], acts: list[tuple[int, tuple[str, object]]]
) -> None:
    bays = {f"B{number}": replace(FREE, id=f"B{number}", built=one) for number, one in enumerate(built)}
    for number, act in acts:
        name = f"B{number % len(bays)}"
        before = bays[name]
        try:
            bays[name] = done(before, act)
        except BayRefused:
            continue
        now = bays[name]
        assert now.holder is None or before.holder is None or now.holder == before.holder  # nobody is pushed out
        assert now.built >= before.built

    assert sorted(bays) == sorted(one.id for one in bays.values()) == [f"B{number}" for number in range(len(built))]
    for bay in bays.values():
        assert (bay.state is BayState.RESERVED) is (bay.reservation is not None)
        assert (bay.state in (BayState.IN_CONSTRUCTION, BayState.IN_USE)) is (bay.holder is not None)


@pytest.mark.parametrize(
    ("act", "lawful"),
    [
        (ReservationAct.APPROVE, {"proposed": "approved"}),
        (ReservationAct.REFUSE, {"proposed": "refused"}),
        (ReservationAct.RELEASE, {"proposed": "released", "approved": "released"}),
        (ReservationAct.USE, {"approved": "used"}),
        (ReservationAct.EXPIRE, {"proposed": "expired", "approved": "expired"}),
    ],
)
def test_a_reservation_is_decided_once_and_ends_once(act: ReservationAct, lawful: dict[str, str]) -> None:
    for state in ReservationState:
        if state.value in lawful:
            assert after("YL-1", state, act) == lawful[state.value]
        else:
            with pytest.raises(BayRefused, match=f"预留YL-1为“{state.label}”，不能"):
                after("YL-1", state, act)


def test_a_reservation_lasts_as_long_as_is_asked_but_not_longer_than_is_allowed() -> None:
    assert last_day(None, DAY, 12) == date(2027, 11, 23)
    assert last_day(DAY, DAY, 12) == DAY
    for wanted in (DAY - timedelta(days=1), date(2027, 11, 24)):
        with pytest.raises(BayRefused, match="预留到期日应在2026年11月23日至2027年11月23日之间"):
            last_day(wanted, DAY, 12)


@pytest.mark.parametrize(
    ("need", "reference", "problem"),
    [
        (Need.LOAD_GROWTH, "YK-1", "按负荷增长的预留不指定工单或线索"),
        (Need.CASE, "", "来源为在办工单的预留须写明工单编号"),
        (Need.MARKETING_LEAD, "", "来源为营销线索的预留须写明线索编号"),
    ],
)
def test_a_need_names_its_case_or_lead(need: Need, reference: str, problem: str) -> None:
    with pytest.raises(BayRefused, match=problem):
        check_reference(need, reference)


def test_the_planning_departments_of_province_and_city_approve() -> None:
    assert {level: DEPARTMENTS[code] for level, code in APPROVING.items()} == {
        "province": "省公司发展部",
        "city": "发展部",
    }


@pytest.mark.parametrize(
    ("place", "wanted", "sentence"),
    [
        (
            Place("城南变电站", "10", {BayState.IN_USE: 8, BayState.RESERVED: 2}, (Outside("规划二路1号", 2),)),
            "",
            "城南变电站10kV侧没有可用的间隔（运行8个、预留2个），请改由站外环网柜规划二路1号（空位2个）接入；"
            "或由发展部释放不再需要的预留；或在供电方案中另选电源点，或由发展部办理扩建",
        ),
        (
            Place("城南变电站", "110", {BayState.IN_USE: 2}),
            "701间隔",
            "城南变电站110kV侧没有可用的间隔（运行2个），请在供电方案中另选电源点，或由发展部办理扩建",
        ),
        (
            Place("城南变电站", "10", {BayState.FREE: 1}),
            "511间隔",
            "城南变电站10kV侧的511间隔不能占用，该侧另有1个空闲间隔，请在供电方案中改选",
        ),
    ],
)
def test_where_no_bay_can_be_had_the_station_and_the_ways_out_are_named(
    place: Place, wanted: str, sentence: str
) -> None:
    assert no_bay(place, wanted) == sentence
