"""The sample company's grid: stations, two of them without a free position, a framework that is nearly exhausted by the
project of a bay extension, and a week that many want outages in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from demo.client import Client
from demo.company.building import completed, task_of
from demo.company.stories import REASON
from demo.dates import Dates
from demo.givens import planning
from demo.scenario import Act, read_scenario_in_one_day
from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE
from domain.outage.weeks import Week, bounds, week_at

PLANNER, DISPATCHER, PROVINCE = "city.planning", "city.dispatch", "province.planning"
_PROPOSAL, _UNITS = "DH220:110:1", 2
"""What is proposed for 220kV东花站, whose load grows by a quarter each year: both of its empty positions."""
_PROJECT = ("issue_bay_task", "choose_design_framework")
"""What is done in the project: the framework is called off."""


def read_grid(day: date) -> dict[str, Any]:
    """The grid as it is written down, its dates told from that day."""
    told = json.loads(Path(__file__).with_name("grid.json").read_text("utf-8"))
    grid: dict[str, Any] = Dates(WorkingCalendar.shipped(), day).resolve(told)
    return grid


def busy_week(day: date) -> Week:
    """The week that many want outages in: the second after that day, which is open until the middle of the next."""
    moment = datetime.combine(day, datetime.min.time(), BUSINESS_ZONE)
    return week_at(moment, planning({"unit": read_grid(day)["unit"]})).later(2)


class Grid:
    """Builds the grid through the API as its officers would; what is there already stays. `client` are the requests of
    an account, `day` is the day by which the sample's cases stand."""

    def __init__(self, client: Callable[[str], Client], day: date) -> None:
        self._client, self._day, self._grid = client, day, read_grid(day)

    async def build(self, operator: str, keeper: str) -> str:
        """Build all of it, the tables by the account `operator`, the framework by the account `keeper`; answers the
        number of the project."""
        for station in self._grid["stations"]:
            # Under a key: a bay that the project has meanwhile is not loaded as if it had not.
            path = f"/stations/{station['code']}"
            await self._client(PLANNER).put(path, _station(station), key=f"sample {station['code']}")
        framework = self._grid["framework"]
        await self._client(keeper).put(f"/frameworks/{framework['number']}", framework["terms"], key="sample framework")
        rules = planning({"unit": self._grid["unit"]})
        await self._client(operator).post(
            "/outage-rules", {"content": rules.to_json(), "note": "示例公司"}, key="sample outage rules"
        )
        start, _ = bounds(busy_week(self._day), rules)
        for number, works in enumerate(self._grid["works"], 1):
            body = _works(works, self._grid["unit"]["code"], start)
            await self._client(DISPATCHER).post("/outage-requests", body, key=f"sample works {number}")
        return await self._project()

    async def _project(self) -> str:
        """Open the project of the bay extension where it is not open yet, and call its design off from a framework."""
        path, sent = f"/bay-proposals/{_PROPOSAL}/approve", {"units": _UNITS}
        opened = await self._client(PROVINCE).post(path, sent, key="sample project")
        case_no = str(opened["case_no"])
        story = read_scenario_in_one_day("110kv-bay", self._day)
        planner = self._client(PLANNER)
        done = await completed(planner, case_no)
        for element in _PROJECT:
            if not done[element]:
                act = next(one for one in story.acts if isinstance(one, Act) and one.element == element)
                task = await task_of(planner, ("planning",), case_no, element)
                body = {"data": act.data, "happened_at": act.at.isoformat(), "late_reason": REASON}
                await planner.post(f"/tasks/{task}/complete", body, key=f"sample project {element}")
        return case_no


def _station(told: Mapping[str, Any]) -> dict[str, Any]:
    """A station as the API takes it. Of its bays some are taken, some free, some only positions."""
    busbars = []
    for bar in told["busbars"]:
        bays = [
            {"code": code, "name": f"{code}间隔", "built": built, "in_use": in_use}
            for kind, built, in_use in (("taken", True, True), ("free", True, False), ("positions", False, False))
            for code in bar.get(kind, ())
        ]
        busbars.append(
            {name: bar[name] for name in ("code", "voltage_kv", "load_mw", "growth_percent")} | {"bays": bays}
        )
    return {"name": told["name"], "kind": "substation", "county": told["county"], "busbars": busbars}


def _works(told: Mapping[str, Any], unit: str, start: datetime) -> dict[str, Any]:
    """A request for works as the API takes it, in the week that begins at `start`."""
    day = start + timedelta(days=told["day"] - 1)
    return {
        "unit": unit,
        "station": "110kV清水站",
        "feeder": told["feeder"],
        "equipment": [told["equipment"]],
        "work_place": told["place"],
        "work_content": told["content"],
        "earliest_start": (day + timedelta(hours=8)).isoformat(),
        "latest_end": (day + timedelta(hours=18)).isoformat(),
        "duration_hours": told["hours"],
        "affects_others": True,
        "customers_affected": told["customers"],
        "crew": told["crew"],
    }
