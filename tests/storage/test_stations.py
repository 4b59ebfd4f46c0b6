"""Stations in the books: loaded whole, and never against what cases hold and planners keep."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.bays import BayState, StationKind
from storage.bay_holding import NoBay
from storage.database import Database
from storage.station_list import StationQuery, WholeStation, find_stations, whole_station
from storage.station_loading import LoadedStation, StationRefused
from tests.storage.grid import (
    STATION,
    bays,
    busbar,
    gives_back,
    listed,
    load,
    releases,
    reserves,
    state,
    station,
    takes,
    told,
    unit,
)

FIRST, SECOND = f"{STATION}:512", f"{STATION}:513"


def whole(database: Database, code: str = STATION) -> WholeStation:
    with database.session() as session:
        found = whole_station(session, code)
    assert found
    return found


def problems(database: Database, *sent: LoadedStation) -> tuple[str, ...]:
    with pytest.raises(StationRefused) as caught:
        load(database, *sent)
    return caught.value.problems


def test_a_station_is_shown_with_its_busbars_bays_and_what_stands_outside(database: Database) -> None:
    tens = busbar(*bays("511", in_use=True), *bays("512"), *bays("513", built=False), mw=20, growth=8)
    load(database, station(tens, busbar(*bays("701"), code="110-1", voltage="110")), unit(*bays("1", "2")))

    found = whole(database)

    assert [(one.code, one.voltage_kv, one.load_mw, one.growth_percent) for one in found.busbars] == [
        ("10-1", "10", Decimal(20), Decimal(8)),
        ("110-1", "110", Decimal(0), Decimal(0)),
    ]
    assert [(one.row.code, one.row.state, one.row.built) for one in found.bays] == [
        ("511", "in_use", True),
        ("512", "free", True),
        ("513", "free", False),
        ("701", "free", True),
    ]
    assert found.counted.counts == {BayState.IN_USE: 1, BayState.FREE: 3}
    assert found.counted.room == 1
    assert [(one.station.code, one.counts) for one in found.outside] == [("HW1", {BayState.FREE: 2})]


def test_loading_the_same_again_changes_nothing(database: Database) -> None:
    sent = station(busbar(*bays("511", in_use=True), *bays("512")))
    load(database, sent)
    load(database, sent)

    assert listed(database, FIRST).kept.row.version == 0
    assert told(database, FIRST) == ["load"]


def test_what_nobody_has_is_changed_as_it_is_loaded(database: Database) -> None:
    load(database, station(busbar(*bays("512", built=False), *bays("513"))))

    moved = busbar(*bays("512", in_use=True), code="10-2")
    load(database, station(busbar(*bays("513")), moved))

    row = listed(database, FIRST).kept.row
    assert (row.busbar, row.state, row.built) == ("10-2", "in_use", True)
    assert told(database, FIRST) == ["load", "load"]
    assert told(database, SECOND) == ["load"]


def test_what_a_case_has_or_is_kept_may_be_renamed_and_nothing_more(database: Database) -> None:
    load(database, station(busbar(*bays("512", "513"))))
    takes(database, bay=FIRST)
    number = reserves(database, reference="YK-9")

    renamed = tuple(replace(bay, name=f"{bay.code}开关间隔") for bay in bays("512", "513"))
    load(database, station(busbar(*renamed)))
    refused = problems(database, station(busbar(*bays("512", built=False), *bays("513", in_use=True))))

    assert listed(database, FIRST).kept.row.name == "512开关间隔"
    assert refused == ("512开关间隔由工单YK-1占用，只能改名称", f"513开关间隔已按{number}预留，只能改名称")
    assert gives_back(database, "YK-1", FIRST)
    releases(database, number)


def test_a_bay_that_is_not_named_any_more_goes_where_nothing_was_ever_done_with_it(database: Database) -> None:
    load(database, station(busbar(*bays("511", in_use=True), *bays("512", "513", "514"))))
    gives_back(database, "YK-1", takes(database, bay=FIRST).bay)
    releases(database, reserves(database, bay=SECOND))

    assert problems(database, station(busbar(*bays("510")))) == (
        "511间隔为“运行”，不能从台账中去掉",
        "512间隔有占用或预留记录，不能从台账中去掉",
        "513间隔有占用或预留记录，不能从台账中去掉",
    )
    load(database, station(busbar(*bays("511", "512", "513", in_use=None))))
    assert [one.row.code for one in whole(database).bays] == ["511", "512", "513"]


def test_a_station_that_is_refused_is_not_written_in_part(database: Database) -> None:
    load(database, station(busbar(*bays("511", in_use=True))))

    problems(database, station(busbar(*bays("512")), name="改名"))

    assert whole(database).counted.station.name == "城南变电站"
    assert [one.row.code for one in whole(database).bays] == ["511"]


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        (station(busbar(*bays("1")), kind=StationKind.RING_MAIN_UNIT), "站外环网柜须写明其所属的变电站或开闭所"),
        (station(busbar(*bays("1")), outside_of="CN110"), "变电站不写所属站"),
        (station(busbar(*bays("1")), busbar(*bays("2"))), "母线10-1出现两次"),
        (station(busbar(*bays("1", "1"))), "间隔1出现两次"),
        (station(busbar(*bays("1", built=False, in_use=True))), "1间隔尚未建成，不能为“运行”"),
        (unit(*bays("1"), of="none"), "没有编号为“none”的变电站或开闭所"),
        (replace(unit(*bays("1"), of="CN110"), county="张北县"), "站外环网柜应与城南变电站同属开发区"),
        (replace(unit(*bays("1"), code="HW2", of="HW1")), "没有编号为“HW1”的变电站或开闭所"),
    ],
)
def test_what_does_not_go_together_is_refused(database: Database, sent: LoadedStation, problem: str) -> None:
    load(database, station(busbar(*bays("512"))), unit(*bays("1")))

    assert problem in problems(database, sent)


def test_a_station_with_units_outside_stays_in_its_county(database: Database) -> None:
    load(database, station(busbar(*bays("512"))), unit(*bays("1")))

    assert problems(database, station(busbar(*bays("512")), county="张北县")) == (
        "城南变电站有站外环网柜（如HW1），类别和县区不能改",
    )


def test_loading_and_taking_at_once_lose_no_bay_and_give_it_to_one(database: Database) -> None:
    codes = [str(number) for number in range(512, 522)]
    load(database, station(busbar(*bays(*codes))))

    def act(number: int) -> str:
        try:
            if number % 2:
                return takes(database, f"YK-{number}").bay
            load(database, station(busbar(*bays(*codes), code=f"10-{number}")))
        except (NoBay, StationRefused):
            pass
        return ""

    with ThreadPoolExecutor(20) as pool:
        got = [bay for bay in pool.map(act, range(20)) if bay]

    assert len(got) == len(set(got)) == 10
    assert len(whole(database).bays) == 10
    assert {state(database, bay) for bay in got} == {"in_construction"}


def test_stations_are_listed_by_kind_and_county_with_their_counts_a_page_at_a_time(database: Database) -> None:
    other = station(busbar(*bays("301")), code="XB35", name="西坝开闭所", county="张北县")
    load(database, station(busbar(*bays("512"))), unit(*bays("1")), replace(other, kind=StationKind.SWITCHING_STATION))

    def found(**wanted: Any) -> list[tuple[str, int]]:
        with database.session() as session:
            page, _ = find_stations(session, StationQuery(**wanted))
        return [(one.station.code, one.counts[BayState.FREE]) for one in page]

    assert found() == [("CN110", 1), ("HW1", 1), ("XB35", 1)]
    assert found(kind=StationKind.SWITCHING_STATION) == [("XB35", 1)]
    assert (found(county="张北县"), found(outside_of="CN110")) == ([("XB35", 1)], [("HW1", 1)])
    with database.session() as session:
        page, following = find_stations(session, StationQuery(), limit=2)
        rest, end = find_stations(session, StationQuery(), limit=2, after=following)
    assert [one.station.code for one in [*page, *rest]] == ["CN110", "HW1", "XB35"]
    assert end == ""


def test_loading_takes_no_more_statements_for_more_bays(
    database: Database, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    def both_ways(count: int) -> int:
        codes = [str(number) for number in range(512, 512 + count)]
        load(database, station(busbar(*bays("511", *codes))))
        moved = station(busbar(*bays("511")), busbar(*bays("600", *codes[:-1]), code="10-2"))
        return count_statements(lambda: load(database, moved))

    assert both_ways(3) == both_ways(40)
