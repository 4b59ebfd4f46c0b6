"""From handing in a task to the next one standing in an inbox: over HTTP and through Temporal, at light load."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import httpx

from api.applications import EXAMPLE
from api.deployment import SHIPPED, deploy, read_folder
from bench import site
from bench.load import share
from bench.results import Result
from bench.seeding import COUNTIES
from demo.client import ROOT
from demo.play import OPENING
from demo.scenario import Act, read_scenario
from domain.departments import DEPARTMENTS
from storage.database import Database

CASES = 5
UNTIL = "reply_plan"
"""The first act of the story after which nothing needs to be done at once."""
_AGO = timedelta(weeks=3)
"""How long ago it happened: it is entered later, so that it needs to fall on no particular day."""
_LOOK = 0.01
"""Seconds between two looks into the inbox."""
_PATIENCE = 30.0


@dataclass(frozen=True)
class Officer:
    """Somebody of all departments, so that one inbox shows every task of the case."""

    http: httpx.AsyncClient
    headers: Mapping[str, str]

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """An act, done."""
        keyed = {**self.headers, "Idempotency-Key": str(uuid4())}
        answer = await self.http.post(ROOT + path, json=dict(body), headers=keyed)
        told: dict[str, Any] = answer.raise_for_status().json()
        return told

    async def tasks(self, case_no: str, element: str) -> list[str]:
        """The tasks of an element that the inbox shows."""
        query: dict[str, str | int] = {"view": "department", "limit": 200}
        answer = await self.http.get(f"{ROOT}/inbox", params=query, headers=dict(self.headers))
        items = answer.raise_for_status().json()["items"]
        return [one["id"] for one in items if (one["case_no"], one["element"]) == (case_no, element)]

    async def appears(self, case_no: str, element: str, done: Collection[str] = ()) -> str:
        """The first task of an element, as soon as the inbox shows one that is not `done`."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                for task in await self.tasks(case_no, element):
                    if task not in done:
                        return task
                await asyncio.sleep(_LOOK)


def run() -> list[Result]:
    """Half of the times, and 95 of 100, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run(Path(folder)))


async def _run(folder: Path) -> list[Result]:
    url = f"sqlite:///{folder / 'yekuo.db'}"
    database = Database(url)
    database.migrate()
    deploy(database, read_folder(SHIPPED), datetime.now(UTC))
    site.add_people(database, [("all", list(DEPARTMENTS), "")])
    database.close()
    async with site.temporal(folder) as client:
        environment = site.settings(url, client.service_client.config.target_host, folder)
        with site.worker(environment):
            async with site.served(environment) as http:
                officer = Officer(http, await site.log_in(http, "all"))
                await _case(officer)
                times = [one for _ in range(CASES) for one in await _case(officer)]
    what = f"ms from handing in a task to the next one in an inbox ({len(times)} acts)"
    return [
        Result("act_to_next_task_p50_ms", median(times), f"{what}, half of them"),
        Result("act_to_next_task_p95_ms", share(times, 0.95), f"{what}, 95 of 100"),
    ]


async def _case(officer: Officer) -> list[float]:
    """One case from its application on; how long each next task took to come."""
    acts = _acts()
    received = {"receivedAt": (acts[0].at - OPENING).isoformat(), "lateReason": "补录"}
    # Of a customer of its own: one whose papers are there from a former case brings none.
    application = {**EXAMPLE, "customerId": str(uuid4()), "county": COUNTIES[0], **received}
    opened = await officer.post("/cases", application)
    case_no, times = str(opened["case_no"]), []
    task, done = await officer.appears(case_no, acts[0].element), set[str]()
    for act, following in pairwise(acts):
        # What stands there already is nothing that the act brings.
        known = await officer.tasks(case_no, following.element)
        late = {"happened_at": act.at.isoformat(), "late_reason": "补录"}
        begun = time.perf_counter()
        await officer.post(f"/tasks/{task}/complete", {"data": act.data, **late})
        done.add(task)
        task = await officer.appears(case_no, following.element, done)
        if task not in known:
            times.append((time.perf_counter() - begun) * 1000)
    return times


def _acts() -> Sequence[Act]:
    """The story up to where it waits for something else than a person."""
    found = []
    for act in read_scenario("10kv", (datetime.now(UTC) - _AGO).date()).acts:
        if isinstance(act, Act):
            found.append(act)
            if act.element == UNTIL:
                break
    return found
