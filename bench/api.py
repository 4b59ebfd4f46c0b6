"""The API over HTTP with ten thousand cases, on both databases, while twenty people ask it at once."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
from temporalio.client import Client

from api.applications import EXAMPLE
from api.deployment import SHIPPED, deploy, read_folder
from bench import site
from bench.load import SECONDS, Known, Times, ask, deep_pages, people
from bench.results import Result
from bench.seeding import CASES, COUNTIES, Pattern, fill, patterns
from bench.story import moments
from demo.client import ROOT
from storage.database import Database

TARGET = "<= 150"
_WARM_UP = 4.0
_PATIENCE, _PAUSE = 30.0, 0.1
_KINDS = {
    "list": ("cases_list", "a list, narrowed in nine ways, also deep pages", TARGET),
    "search": ("cases_search", "a search for Chinese words", TARGET),
    "case": ("case", "one case of which Temporal knows nothing", ""),
    "live": ("case_running", "one case that says itself where it stands", ""),
    "inbox": ("inbox", "an inbox", TARGET),
}


@dataclass(frozen=True)
class Place:
    """A database to measure on: what it is called, and its address."""

    name: str
    url: str


def run() -> list[Result]:
    """p95 in milliseconds of each kind of request, on SQLite and on PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, site.postgresql() as uri:
        return asyncio.run(_run(Path(folder), uri))


async def _run(folder: Path, postgresql: str) -> list[Result]:
    told = patterns(folder, await moments(folder / "story"))
    places = (Place("sqlite", f"sqlite:///{folder / 'yekuo.db'}"), Place("postgresql", postgresql))
    found: list[Result] = []
    for place in places:
        (folder / place.name).mkdir()
        async with site.temporal(folder / place.name) as client:
            found += results(place.name, await measured(place, client, folder / place.name, told))
    return found


async def measured(
    place: Place,
    client: Client,
    folder: Path,
    told: Sequence[Pattern],
    cases: int = CASES,
    seconds: float = SECONDS,
) -> Times:
    """How long the answers take on that database, with so many cases, asked for so long."""
    database = Database(place.url)
    database.migrate()
    deploy(database, read_folder(SHIPPED), datetime.now(UTC))
    seeded = [(one.county, one.case_no) for one in fill(database, told, datetime.now(UTC), cases)]
    site.add_people(database, [(one.account, [one.department], one.county) for one in people()])
    database.close()
    if place.name == "postgresql":
        _settle(place.url)
    environment = site.settings(place.url, client.service_client.config.target_host, folder)
    with site.worker(environment):
        async with site.served(environment) as http:
            askers = [(one, await site.log_in(http, one.account)) for one in people()]
            running = await _opened(http, askers[0][1])
            known = Known(_by_county(seeded), _by_county(running), await deep_pages(http, askers[0][1]))
            await ask(http, askers, known, _WARM_UP, seed=2)
            return await ask(http, askers, known, seconds)


def _settle(url: str) -> None:
    """What PostgreSQL does by itself in the minutes after so many rows have come: not while it is measured."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


async def _opened(http: httpx.AsyncClient, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """A case in each county, opened over HTTP and come into the read model."""
    opened = []
    for county in COUNTIES:
        keyed = {**headers, "Idempotency-Key": str(uuid4())}
        answer = await http.post(f"{ROOT}/cases", json={**EXAMPLE, "county": county}, headers=keyed)
        opened.append((county, str(answer.raise_for_status().json()["case_no"])))
    async with asyncio.timeout(_PATIENCE):
        for _, case_no in opened:
            while (await http.get(f"{ROOT}/cases/{case_no}", headers=dict(headers))).is_error:
                await asyncio.sleep(_PAUSE)
    return opened


def _by_county(cases: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {county: [] for county in ("", *COUNTIES)}
    for county, case_no in cases:
        found[county].append(case_no)
        found[""].append(case_no)
    return found


def results(place: str, times: Times) -> list[Result]:
    """The numbers of a place."""
    return [
        Result(
            f"{key}_p95_ms_{place}",
            times.p(kind, 0.95),
            f"ms, {what} (p50 {times.p(kind, 0.5):.0f}, most {times.p(kind, 1):.0f}, {len(times.of[kind])} answers)",
            target,
        )
        for kind, (key, what, target) in _KINDS.items()
    ]
