"""What a walk finds when it begins: bays that its case holds, frameworks, stock, a unit that plans outages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from demo.givens import lay
from domain.bays import Claim
from domain.calendar import shanghai_date
from storage.bay_holding import Source, Work, build, take
from storage.database import Database
from tests.storage.grid import bays, busbar, load, station


def lay_in(database: Database, walk: dict[str, Any]) -> None:
    """Put into the database what a walk says is there."""
    now = datetime.fromisoformat(walk["start"])
    if "held" in walk:
        _hold(database, walk, now)
    given: dict[str, Any] = {name: walk[name] for name in ("frameworks", "stock") if name in walk}
    if "plan" in walk:
        unit = {"code": walk["plan"]["unit"], "name": "市调控中心", "counties": ["开发区"], "switchingTeam": "cz-1"}
        given["planning"] = {"unit": unit}
    lay(database, given, now)


def _hold(database: Database, walk: dict[str, Any], now: datetime) -> None:
    """The bays that the case has from the beginning: for its customer, or to build them ahead of need."""
    case_no, voltage = walk["variables"]["caseNo"], str(walk["variables"]["voltageKv"])
    (code,) = {bay.partition(":")[0] for bay in walk["held"]}
    places = bays(*(bay.partition(":")[2] for bay in walk["held"]), built=False)
    load(database, station(busbar(*places, code=f"{voltage}-1", voltage=voltage), code=code, name=code))
    work = Work(f"case/{case_no}", "before", case_no, "演练", shanghai_date(now), now)
    with database.transaction() as session:
        if "bays" in walk["variables"]:
            assert build(session, work, "province", Source(code, voltage), len(places)) == walk["held"]
        else:
            held = [take(session, work, Claim(case_no), Source(code, voltage, bay)).bay for bay in walk["held"]]
            assert held == walk["held"]
