"""The sample company as a newcomer meets it: built through the API once, and the README's tour through it."""

from __future__ import annotations

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from api.accounts import NewAccount, create
from api.rights import Role
from demo.client import Client, Refusal, connection
from demo.company.__main__ import KEEPER
from demo.company.building import Company
from demo.company.grid import Grid, busy_week
from demo.company.people import PASSWORD, read_people
from demo.company.stories import read_rows
from domain.calendar import WorkingCalendar, shanghai_date
from domain.posts import Post
from storage.database import Database
from tests.api.listening import listening
from tests.api.serving import Site, at_work

README = Path(__file__).parents[2] / "README.md"
ROWS = [row for row in read_rows() if row.key in ("03", "07", "39")]
"""A new case, a late one, and one whose contracts are signed."""
OFFICER, WATCHER = "kfq.marketing.desk", "city.service"


@dataclass(frozen=True)
class Sample:
    """A company of few cases behind a real server."""

    site: Site
    address: str
    company: Company
    day: date
    numbers: dict[str, str]

    def client(self, account: str) -> Client:
        return self.company.client(account)

    async def build_again(self) -> dict[str, str]:
        return await self.company.work(ROWS, self.day)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sample(dev_server: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sample]:
    folder = tmp_path_factory.mktemp("company")
    port = int(dev_server.client.service_client.config.target_host.rpartition(":")[2])
    url = f"sqlite:///{folder / 'yekuo.db'}"
    Database(url).migrate()
    numbers = f"C{uuid4().hex[:8]}-{{year}}-{{n:04d}}"
    async with (
        listening(url, folder, port, str(uuid4()), case_number=numbers) as site,
        at_work(site, dev_server.client),
        connection(str(site.client.base_url)) as http,
    ):
        create(site.database, NewAccount("city.admin", "曹雨", (Role.ADMINISTRATOR,)), PASSWORD, datetime.now(UTC))
        company = Company(http, read_people(), lambda _told: None)
        await company.employ("city.admin", "city.operator")
        day = WorkingCalendar.shipped().add_workdays(shanghai_date(datetime.now(UTC)), -1).date
        yield Sample(site, str(site.client.base_url), company, day, await company.work(ROWS, day))


async def everything(client: Client) -> list[tuple[Any, ...]]:
    """What a second run must not double: cases, and all that was done in them."""
    cases = sorted([one["case_no"] async for one in client.every("/cases")])
    return [(case, line["seq"], line["event"]) for case in cases async for line in journal(client, case)]


async def journal(client: Client, case: str) -> AsyncIterator[dict[str, Any]]:
    """What was begun and done; but for reminders, which a timer asks for up to a second after all else is done."""
    async for line in client.every(f"/cases/{case}/journal", limit=1000):
        if line["event"] in ("act", "opened", "ordered", "case") and line["element"] != "remind_papers":
            yield line


async def test_a_second_run_doubles_nothing(sample: Sample) -> None:
    watcher = sample.client(WATCHER)
    before = await everything(watcher)

    again = await sample.build_again()

    assert again == sample.numbers
    assert await everything(watcher) == before


async def test_a_late_case_is_red_and_has_an_order_that_nobody_has_answered(sample: Sample) -> None:
    watcher, late = sample.client(WATCHER), sample.numbers["07"]

    line = (await watcher.get(f"/cases/{late}"))["line"]
    orders = [one async for one in watcher.every("/orders", whose="all") if one["case_no"] == late]

    assert line["colour"] == "红"
    assert [one["state"] for one in orders] == ["open"]


async def test_the_grid_has_full_stations_a_busy_week_and_a_framework_that_is_nearly_exhausted(sample: Sample) -> None:
    grid = Grid(sample.client, sample.day)
    project = await grid.build("city.operator", KEEPER)

    assert await grid.build("city.operator", KEEPER) == project
    stations = [one async for one in sample.client("city.planning").every("/stations")]
    full = [one["code"] for one in stations if not one["counts"]["free"] and not one["counts"]["in_construction"]]
    assert full == ["NJ110", "QS110"]
    framework = await sample.client(KEEPER).get("/frameworks/KJ-2025-SJ-01")
    assert [float(lot["remaining"]) for lot in framework["lots"]] == [30_000]
    plan = await _with_requests(sample.client("city.dispatch"), f"/outage-plans/SD/{busy_week(sample.day).id}", 12)
    assert any(one["findings"] for one in plan["requests"])


async def _with_requests(client: Client, path: str, count: int) -> dict[str, Any]:
    """A plan as soon as it has taken in so many requests."""
    plan: dict[str, Any] = {}
    async with asyncio.timeout(30):
        while len(plan.get("requests", ())) < count:
            await asyncio.sleep(0.1)
            with suppress(Refusal):
                plan = await client.get(path)
    return plan


async def test_the_readme_s_tour_works_as_it_is_printed(sample: Sample, tmp_path: Path) -> None:
    (tour,) = re.findall(r"<!-- tour -->\n```\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert len(tour.splitlines()) == 10
    script = "set -euo pipefail\n" + tour.replace("http://127.0.0.1:8000", sample.address)

    run = await asyncio.to_thread(
        subprocess.run, ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )

    assert run.returncode == 0, run.stderr
    assert sample.numbers["07"] not in run.stdout  # of another county
    assert '"act": "ClaimTask"' in run.stdout
    assert (tmp_path / "contract.docx").read_bytes().startswith(b"PK")


def test_thirty_officers_hold_every_kind_of_post_and_four_of_city_and_province_plan_with_them() -> None:
    people = read_people()

    assert len(people) == 34
    assert {post["post"] for person in people for post in person.posts} == {
        post.value for post in Post if post is not Post.OFFICER
    }
    assert len({person.county for person in people if person.county}) == 3


def test_forty_cases_stand_at_every_step_of_interest() -> None:
    rows = read_rows()

    assert len(rows) == len({row.key for row in rows}) == 40
    assert any(row.withdrawn for row in rows)
    assert any(row.papers_held for row in rows)
    assert any(row.entered for row in rows)
