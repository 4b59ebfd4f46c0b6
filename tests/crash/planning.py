"""Other works ask for outages while everything is killed: each request comes into the plan of its week, once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.client import Client
from demo.givens import planning
from domain.outage.rules import OutageRules
from domain.outage.weeks import Week, bounds, week_at
from storage.database import Database
from storage.outages import OutageEntry, entries_of
from storage.rules import RuleKind, load_rules
from tests.crash.manners import BadConnection

WORKS = 12
PATIENCE = 60.0
"""Seconds within which the plan has taken in what was filed, when nothing is killed any more."""
_UNIT = {"code": "SD", "name": "市调控中心", "counties": ["市本级"], "switchingTeam": "cz-1"}
"""No county of a case: their energizations are approved one by one."""
_PAUSE = 3.0


def keep_plan(database: Database) -> None:
    """Have a dispatch unit keep weekly plans."""
    with database.transaction() as session:
        load_rules(session, RuleKind.OUTAGE, _rules().to_json(), "演练", "演练", datetime.now(UTC))


@dataclass
class Plan:
    """The week that the works are for, so far ahead that its cut-off does not come meanwhile."""

    week: Week = field(default_factory=lambda: week_at(datetime.now(UTC), _rules()).later(2))
    filed: list[str] = field(default_factory=list)

    @property
    def case_no(self) -> str:
        """The number under which the plan's journal stands."""
        return f"{_UNIT['code']}-{self.week.id}"

    async def file(self, dispatcher: Client, connection: BadConnection) -> None:
        """File all requests, a few seconds apart."""
        start, _ = bounds(self.week, _rules())
        for number in range(WORKS):
            day = start + timedelta(days=number % 5)
            body = {
                "unit": _UNIT["code"],
                "station": "110kV清水站",
                "feeder": f"10kV清水{number}线",
                "equipment": [f"清水{number}线开关"],
                "work_place": "12号杆",
                "work_content": "更换柱上开关",
                "earliest_start": (day + timedelta(hours=8)).isoformat(),
                "latest_end": (day + timedelta(hours=18)).isoformat(),
                "duration_hours": 3,
                "affects_others": True,
                "customers_affected": 100,
                "crew": "pd-1",
            }
            told = await connection(dispatcher, "/outage-requests", body, f"works {number}")
            self.filed.append(str(told["request_no"]))
            await asyncio.sleep(_PAUSE)

    async def taken_in(self, database: Database) -> None:
        """Wait until the plan has all of them, or for so long that it never will: the checks say which are missing."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < end and len(await asyncio.to_thread(self._entered, database)) < WORKS:
            await asyncio.sleep(0.2)

    def _entered(self, database: Database) -> list[str]:
        with database.session() as session:
            return [one.request_no for one in entries_of(session, str(_UNIT["code"]), self.week.id)]

    def faults(self, session: Session) -> Iterator[str]:
        """Requests that were filed and are not in the plan, or not once, or that nobody has filed."""
        entered = sorted(session.scalars(select(OutageEntry.request_no).where(OutageEntry.case_no == "")))
        if len(self.filed) != WORKS or entered != sorted(self.filed):
            yield f"filed {sorted(self.filed)}, entered {entered}"


def serials(session: Session) -> list[int]:
    """The serial numbers that works have taken in the series of the requests for outages."""
    works = session.scalars(select(OutageEntry.request_no).where(OutageEntry.case_no == ""))
    return [int(number.rpartition("-")[2]) for number in works]


def _rules() -> OutageRules:
    return planning({"unit": _UNIT})
