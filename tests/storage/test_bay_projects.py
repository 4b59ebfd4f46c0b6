"""The figures by which bays are proposed: what is free, what is coming, and what will be needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, update

from domain.bay_proposals import CaseCount, Expected, Load, Remedy, Side
from domain.bays import Need
from storage.base import table_of
from storage.bay_projects import BayProject, project, proposed_needs, sides, waiting_cases
from storage.cases import Case
from storage.database import Database
from tests.storage.filling import fill
from tests.storage.grid import (
    NOW,
    STATION,
    bays,
    builds,
    busbar,
    load,
    proposes,
    releases,
    reserves,
    station,
    takes,
    unit,
)


def seen(database: Database, county: str = "") -> list[Side]:
    with database.session() as session:
        return sides(session, 4, county)


def opened(database: Database, remedy: Remedy, case_no: str = "YK-P", **fields: Any) -> None:
    """An approved proposal."""
    usual = {"proposal": f"{STATION}:10:1", "station": STATION, "voltage_kv": "10", "sentence": ""}
    more = {"figures": {}, "bays": [], "units": 2, "approved_by": "province", "level": "province", "approved_at": NOW}
    with database.transaction() as session:
        row = {**usual, **more, "case_no": case_no, "remedy": remedy.value, **fields}
        session.execute(insert(table_of(BayProject)), [row])


def test_a_side_tells_load_growth_and_what_is_free_coming_and_empty(database: Database) -> None:
    first = busbar(*bays("511", in_use=True), *bays("512", "513", "514"), mw=20, growth=8)
    second = busbar(*bays("521", "522", "523", built=False), code="10-2", mw=10, growth=5)
    load(database, station(first, second, busbar(*bays("701"), code="110-1", voltage="110")), unit(*bays("1", "2")))
    takes(database)
    reserves(database, reference="YK-9")
    builds(database, "YK-P", 1)

    tens, high = seen(database)

    assert tens == Side(
        station=STATION,
        station_name="城南变电站",
        county="开发区",
        voltage_kv=Decimal(10),
        loads=(Load(Decimal(20), Decimal(8)), Load(Decimal(10), Decimal(5))),
        free=3,
        coming=1,
        room=2,
    )
    assert (high.voltage_kv, high.free, high.room) == (Decimal(110), 1, 0)


def test_sides_are_those_of_a_county(database: Database) -> None:
    other = replace(station(busbar(*bays("301")), code="XB35"), county="张北县")
    load(database, station(busbar(*bays("512"))), other)

    assert [one.station for one in seen(database, "张北县")] == ["XB35"]


def test_ring_main_units_of_a_project_are_coming_while_its_case_runs(database: Database) -> None:
    load(database, station(busbar(*bays("511", in_use=True))))
    opened(database, Remedy.RING_MAIN_UNITS, "YK-1")
    assert [(one.coming, one.approved) for one in seen(database)] == [(8, 1)]

    fill(database, 1)
    assert [one.coming for one in seen(database)] == [8]

    with database.transaction() as session:
        session.execute(update(Case).values(state="completed"))
    assert [(one.coming, one.approved) for one in seen(database)] == [(0, 1)]


def test_a_bay_that_is_kept_for_load_growth_is_there_for_it(database: Database) -> None:
    load(database, station(busbar(*bays("512", "513", "514"))))
    reserves(database, Need.LOAD_GROWTH, "")
    reserves(database, Need.MARKETING_LEAD, "XS-1")

    assert [one.free for one in seen(database)] == [2]


def test_proposals_of_leads_and_cases_are_needs_until_they_are_decided(database: Database) -> None:
    load(database, station(busbar(*bays("512"))), unit(*bays("1")))
    proposes(database, Need.MARKETING_LEAD, "XS-1")
    proposes(database, Need.MARKETING_LEAD, "XS-2", station="HW1")
    proposes(database, Need.CASE, "YK-2", needed_year=2028, probability=Decimal(50))
    proposes(database, Need.LOAD_GROWTH, "")
    releases(database, proposes(database, Need.MARKETING_LEAD, "XS-3"))
    reserves(database, reference="YK-1")

    with database.session() as session:
        found = sorted(proposed_needs(session), key=lambda one: one.year)

    assert found == [
        Expected(STATION, Decimal(10), Need.MARKETING_LEAD, 2027, Decimal(2), Decimal(80)),
        Expected(STATION, Decimal(10), Need.CASE, 2028, Decimal(1), Decimal(50)),
    ]


def test_running_cases_without_a_bay_or_a_reservation_are_counted_by_county_and_kind(database: Database) -> None:
    fill(database, 12)
    load(database, station(busbar(*bays("512", "513"))))
    takes(database, "YK-3")
    proposes(database, reference="YK-6")
    with database.transaction() as session:
        session.execute(update(Case).where(Case.case_no == "YK-9").values(state="completed"))
        session.execute(update(Case).where(Case.case_no == "YK-10").values(process="grid_project_bay_extension"))

    with database.session() as session:
        counted = sorted(waiting_cases(session), key=lambda one: one.county)
        here = waiting_cases(session, "开发区")

    kind = ("10", "10kV专线")
    assert counted == [CaseCount("宣化区", *kind, 4), CaseCount("开发区", *kind, 1), CaseCount("张北县", *kind, 3)]
    assert here == [CaseCount("开发区", *kind, 1)]


def test_a_project_is_found_by_its_proposal(database: Database) -> None:
    load(database, station(busbar(*bays("512"))))
    opened(database, Remedy.BAYS)

    with database.session() as session:
        found = project(session, f"{STATION}:10:1")
        assert found
        assert found.case_no == "YK-P"
        assert project(session, f"{STATION}:10:2") is None


def test_figures_take_no_more_statements_for_more_stations_and_cases(
    database: Database, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    def figures() -> None:
        with database.session() as session:
            sides(session, 4)
            proposed_needs(session)
            waiting_cases(session)

    load(database, station(busbar(*bays("512"))))
    few = count_statements(figures)
    load(database, *(station(busbar(*bays("512")), code=f"S{number}") for number in range(30)))
    fill(database, 30)

    assert count_statements(figures) == few
