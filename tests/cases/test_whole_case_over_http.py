"""The whole 10kV case over HTTP: six officers find their work in the inbox and do it, until every paper is there."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from api.rights import Role
from demo.client import Client
from demo.officers import SIX, Book, Team, application, enrol, in_arrears, until_closed
from demo.scenario import Act, Scenario, read_scenario_in_one_day
from domain.chinese import BUSINESS_ZONE
from tests.api.serving import PASSWORD, Site, at_work, site

WHOLE = 90.0
PAPERS = Counter(
    one_time_notice=1,
    review_minutes=2,
    supply_plan_reply=1,
    inspection_opinion=2,
    rectification_notice=1,
    supply_contract=1,
    settlement_agreement=1,
    integrated_design_commission=1,
    safety_agreement=1,
    early_start_approval=1,
    construction_contract=1,
    outage_request=1,
)
"""What the story writes: the plan comes back once, and the first inspection finds something."""


@dataclass(frozen=True)
class Played:
    """The case when everybody has gone home."""

    case_no: str
    scenario: Scenario
    team: Team
    site: Site

    @property
    def reader(self) -> Client:
        return self.team.desks[0][1]

    async def journal(self) -> list[dict[str, Any]]:
        return [line async for line in self.reader.every(f"/cases/{self.case_no}/journal", limit=200)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def played(dev_server: WorkflowEnvironment, tmp_path_factory: Any) -> AsyncIterator[Played]:
    """The case, in real time on the dev server; all dates are yesterday's, so that no timer stands in the way."""
    folder: Path = tmp_path_factory.mktemp("whole-case")
    address = dev_server.client.service_client.config.target_host
    async with site(folder, address) as running, at_work(running, dev_server.client):
        scenario = read_scenario_in_one_day("10kv", datetime.now(BUSINESS_ZONE).date() - timedelta(1))
        await enrol(Client(running.client, running.add("root", Role.ADMINISTRATOR), PASSWORD), SIX, PASSWORD)
        team = Team([(officer, Client(running.client, officer.account, PASSWORD)) for officer in SIX])
        team.claims = lambda line: "marketing" in line["departments"]
        marketing = team.desks[0][1]
        case_no = (await marketing.post("/cases", application(scenario), key="application"))["case_no"]
        team.books[case_no] = Book(scenario, more=in_arrears(scenario))
        async with asyncio.TaskGroup() as group:
            group.create_task(team.work())
            await until_closed(marketing, team, [case_no], WHOLE)
            team.close()
        yield Played(case_no, scenario, team, running)


async def test_the_case_and_all_that_it_called_are_completed(played: Played) -> None:
    view = await played.reader.get(f"/cases/{played.case_no}")

    assert {one["process"]: one["state"] for one in view["processes"]} == {
        "hv_connection": "completed",
        "grid_project_10kv": "completed",
        "energization": "completed",
    }
    assert view["line"]["state"] == "completed"
    assert (view["holders"], view["incidents"]) == ([], [])


async def test_every_act_of_the_story_was_done_once_by_the_officer_of_its_department(played: Played) -> None:
    told = Counter(act.element for act in played.scenario.acts if isinstance(act, Act))
    completed = [one for one in played.team.done if one.act == "complete"]
    done = Counter(one.element for one in completed)
    del done["remind_papers"]  # as often as its timer goes off before the papers are there

    assert done == told
    assert len({(one.workflow_id, one.task) for one in completed}) == len(completed)
    assert {one.by for one in completed} == {officer.account for officer in SIX}


async def test_the_journal_has_every_record_once_and_every_act_with_its_name(played: Played) -> None:
    lines = await played.journal()
    numbers: dict[str, list[int]] = {}
    for line in lines:
        numbers.setdefault(line["workflow_id"], []).append(line["seq"])
    acts = [line for line in lines if line["event"] == "act" and line["data"]["act"] == "complete"]

    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())
    assert len(acts) == sum(one.act == "complete" for one in played.team.done)
    assert sum(line["event"] == "claimed" for line in lines) == sum(one.act == "claim" for one in played.team.done)
    assert {line["data"]["channel"] for line in acts} == {"update"}


async def test_every_paper_can_be_downloaded_and_is_what_was_written(played: Played) -> None:
    papers = (await played.reader.get(f"/cases/{played.case_no}/papers"))["issued"]
    addresses = [f"/papers/{quote(paper['id'], safe='')}/content" for paper in papers]
    contents = [await played.reader.download(address) for address in addresses]

    assert Counter(paper["kind"] for paper in papers) == PAPERS
    assert len({paper["number"] for paper in papers}) == len(papers)
    assert [hashlib.sha256(content).hexdigest() for content in contents] == [paper["sha256"] for paper in papers]
    assert all(content.startswith(b"PK") for content in contents)
