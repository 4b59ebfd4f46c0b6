"""A station to try things with: what stands in it, and what cases and planners do there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from domain.bays import Claim, Need, StationKind
from storage.bay_holding import Held, Source, Work, build, commission, give_back, take
from storage.bay_reservations import Decision, Ending, Wanted, approve, propose, release
from storage.bays import ListedBay, life, listed_bay
from storage.database import Database
from storage.station_loading import LoadedBay, LoadedBusbar, LoadedStation, load_station

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
STATION = "CN110"


def bays(*codes: str, **fields: Any) -> tuple[LoadedBay, ...]:
    return tuple(LoadedBay(code, f"{code}间隔", **fields) for code in codes)


def busbar(*loaded: LoadedBay, code: str = "10-1", voltage: str = "10", mw: int = 0, growth: int = 0) -> LoadedBusbar:
    return LoadedBusbar(code, voltage, Decimal(mw), Decimal(growth), loaded)


def station(*busbars: LoadedBusbar, code: str = STATION, **fields: Any) -> LoadedStation:
    usual = {"name": "城南变电站", "kind": StationKind.SUBSTATION, "county": "开发区", "outside_of": None}
    return LoadedStation(code=code, busbars=busbars, **{**usual, **fields})


def unit(*loaded: LoadedBay, code: str = "HW1", of: str = STATION) -> LoadedStation:
    name, kind = "规划二路1号环网柜", StationKind.RING_MAIN_UNIT
    return station(busbar(*loaded), code=code, name=name, kind=kind, outside_of=of)


def load(database: Database, *stations: LoadedStation, by: str = "zhou") -> None:
    with database.transaction() as session:
        for one in stations:
            load_station(session, one, by, NOW)


def work(case_no: str = "YK-1", key: str = "5", day: date = TODAY, why: str = "占用间隔") -> Work:
    return Work(f"case/{case_no}", key, case_no, why, day, NOW)


def takes(
    database: Database,
    case_no: str = "YK-1",
    key: str = "5",
    *,
    lead: str = "",
    bay: str | None = None,
    where: str = STATION,
    voltage: str = "10",
    day: date = TODAY,
) -> Held:
    with database.transaction() as session:
        return take(session, work(case_no, key, day), Claim(case_no, lead), Source(where, voltage, bay))


def gives_back(database: Database, case_no: str, bay: str, key: str = "9") -> bool:
    with database.transaction() as session:
        return give_back(session, work(case_no, key, why="客户撤回"), bay)


def commissions(database: Database, case_no: str, bay: str, key: str = "8") -> str:
    with database.transaction() as session:
        return commission(session, work(case_no, key, why="间隔投运"), bay).value


def builds(database: Database, case_no: str, count: int, key: str = "extension") -> list[str]:
    with database.transaction() as session:
        return build(session, work(case_no, key, why="提前扩建"), "province", Source(STATION, "10"), count)


def proposes(database: Database, need: Need = Need.CASE, reference: str = "YK-1", **fields: Any) -> str:
    usual: dict[str, Any] = {"station": STATION, "voltage_kv": "10", "county": "开发区", "source": "工业园二期"}
    more = {"probability": Decimal(80), "needed_year": 2027, "expires_on": date(2027, 6, 30)}
    wanted = Wanted(need=need, reference=reference, **{**usual, **more, **fields})
    with database.transaction() as session:
        row = propose(session, wanted, by="zhou", now=NOW, series="reservations", number_format="YL-{n:04d}")
    return row.number


def approves(database: Database, number: str, day: date = TODAY) -> str | None:
    with database.transaction() as session:
        return approve(session, number, Decision("province", "province", "同意", day, NOW)).bay


def reserves(database: Database, need: Need = Need.CASE, reference: str = "YK-1", **fields: Any) -> str:
    """The number of a reservation that is approved."""
    number = proposes(database, need, reference, **fields)
    approves(database, number)
    return number


def releases(database: Database, number: str) -> None:
    with database.transaction() as session:
        release(session, number, Ending("zhou", "项目取消", NOW))


def listed(database: Database, bay: str) -> ListedBay:
    with database.session() as session:
        found = listed_bay(session, bay)
    assert found
    return found


def state(database: Database, bay: str) -> str:
    return listed(database, bay).kept.row.state


def told(database: Database, bay: str) -> list[str]:
    """What was done with a bay, in order."""
    with database.session() as session:
        return [event.act for event in life(session, bay)[0]]
