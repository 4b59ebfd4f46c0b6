"""Incidents over HTTP: found, tried again, skipped; what is answered is what has happened to the case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from api.rights import Role
from tests.api.company import key
from tests.api.serving import Person, Site, at_work, site
from tests.api.small import COUNTY, begin, house_of, incidents, named, stopping
from tests.bpmn.building import Shape, multi, service, user
from tests.workflows.running import Running
from tests.workflows.test_journal_conflict import conflicting, mend
from tests.workflows.watching import FIELDS, POSTS, replying, workdays_ago

LISTED = service("A", multi("=list"))
"""Cannot begin until `list` is a list."""
UNKNOWN = service("A", type_="=kind")
"""Cannot begin until `kind` is a text; the work of that kind is then nobody's, and goes on being tried."""


@pytest_asyncio.fixture(loop_scope="session")
async def operator(working: Site) -> Person:
    return await working.person("operator", Role.OPERATOR, county="")


async def stopped(working: Site, server: WorkflowEnvironment, shape: Shape = LISTED, county: str = COUNTY) -> Running:
    return await begin(working, server, stopping(shape), county)


async def act(person: Person, case: Running, incident: str, what: str, body: Any, **headers: str) -> Any:
    path = f"/incidents/{named(case)}/{incident}/{what}"
    return await person.post(path, body, headers=headers or key())


async def test_an_incident_is_listed_and_tried_again_until_the_case_has_got_over_it(
    working: Site, dev_server: WorkflowEnvironment, operator: Person
) -> None:
    case = await stopped(working, dev_server)
    (line,) = await incidents(operator, case)
    assert (line["process"], line["kind"], line["element"], line["county"]) == (named(case), "expression", "A", COUNTY)

    again = await act(operator, case, line["key"], "retry", {"variables": {"list": 3}})
    solved = await act(operator, case, line["key"], "retry", {"variables": {"list": []}})

    assert again.status_code == 200, again.text
    assert (again.json()["state"], again.json()["by"]) == ("failed_again", "operator")
    assert "gave 3, not a list" in again.json()["message"]
    assert again.json()["incident"]["state"] == "open"
    assert (solved.json()["state"], solved.json()["incident"]) == ("solved", None)
    assert len(await incidents(operator, case, 2, state="closed")) == 2
    assert await incidents(operator, case, 0) == []
    await case.complete("B", groups=["marketing"])
    assert await case.outcome() == "completed"


async def test_the_same_key_tries_once_and_is_told_how_things_stand_now(
    working: Site, dev_server: WorkflowEnvironment, operator: Person
) -> None:
    case = await stopped(working, dev_server)
    (line,) = await incidents(operator, case)
    once = key()
    body: dict[str, Any] = {"variables": {"list": []}}

    first = await act(operator, case, line["key"], "retry", body, **once)
    second = await act(operator, case, line["key"], "retry", body, **once)

    assert first.json() == second.json()
    records = [record for record in await case.recorded("act") if record.data["act"] == "resolve_incident"]
    assert len(records) == 1
    await case.handle.terminate()


async def test_an_incident_is_skipped_with_its_outputs_and_a_reason(
    working: Site, dev_server: WorkflowEnvironment, operator: Person
) -> None:
    case = await stopped(working, dev_server)
    (line,) = await incidents(operator, case)

    answer = await act(operator, case, line["key"], "skip", {"reason": "已线下办理", "outputs": {"number": 7}})

    assert (answer.status_code, answer.json()["state"], answer.json()["act"]) == (200, "solved", "SkipIncident")
    assert (await case.view())["variables"]["number"] == 7
    (closed,) = await incidents(operator, case, state="closed")
    assert closed["closed_by"] == "operator"
    await case.handle.terminate()


async def test_what_cannot_be_skipped_is_a_conflict_with_the_reason(
    working: Site, dev_server: WorkflowEnvironment, operator: Person
) -> None:
    case = await stopped(working, dev_server, user("A", multi("=list")))
    (line,) = await incidents(operator, case)

    answer = await act(operator, case, line["key"], "skip", {"reason": "试试"})

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:yekuo:problem:conflict")
    assert "须由人员办理" in answer.json()["detail"]
    await case.handle.terminate()


@pytest_asyncio.fixture(loop_scope="session")
async def impatient(
    dev_server: WorkflowEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    """A site whose people wait half a second for what comes of an incident."""
    monkeypatch.setenv("YEKUO_API_INCIDENT_SECONDS", "0.5")
    server = dev_server.client.service_client.config.target_host
    async with site(tmp_path, server) as running, at_work(running, dev_server.client):
        yield running


async def test_a_step_that_takes_longer_is_told_to_be_still_running(
    impatient: Site, dev_server: WorkflowEnvironment
) -> None:
    operator = await impatient.person("operator", Role.OPERATOR, county="")
    case = await stopped(impatient, dev_server, UNKNOWN)
    (line,) = await incidents(operator, case)

    answer = await act(operator, case, line["key"], "retry", {"variables": {"kind": "nobody"}})
    stands = await operator.get(f"/incidents/{named(case)}/{line['key']}")

    assert (answer.json()["state"], answer.json()["incident"]) == ("still_running", None)
    assert stands.json() == {"state": "at_work", "kind": "", "message": ""}
    await case.handle.terminate()


async def test_an_incident_that_is_over_is_gone(
    working: Site, dev_server: WorkflowEnvironment, operator: Person
) -> None:
    case = await stopped(working, dev_server)
    (line,) = await incidents(operator, case)
    await act(operator, case, line["key"], "skip", {"reason": "已办"})

    answer = await act(operator, case, line["key"], "retry", {})

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:yekuo:problem:conflict")
    assert (await operator.get(f"/incidents/{named(case)}/{line['key']}")).json()["state"] == "solved"
    await case.handle.terminate()


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("skip", {"reason": " "}, "reason"),
        ("skip", {}, "reason"),
        ("skip", {"reason": "已办", "outputs": []}, "outputs"),
        ("retry", {"variables": {"list": "x" * 300_000}}, "variables.list"),
        ("retry", {"colour": 1}, "colour"),
    ],
)
async def test_a_wrong_field_is_named(
    working: Site, dev_server: WorkflowEnvironment, operator: Person, what: str, body: Any, field: str
) -> None:
    case = await stopped(working, dev_server)
    (line,) = await incidents(operator, case)

    answer = await act(operator, case, line["key"], what, body)

    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    await case.handle.terminate()


async def test_officers_see_the_incidents_of_their_county_and_may_not_resolve_them(
    working: Site, dev_server: WorkflowEnvironment
) -> None:
    own, other = await working.person("wang"), await working.person("sun", county="东城县")
    case = await stopped(working, dev_server)
    (line,) = await incidents(own, case)

    assert await incidents(other, case, 0) == []
    assert (await other.get("/incidents", county=COUNTY)).json()["items"] == []
    assert (await act(own, case, line["key"], "retry", {})).status_code == 403
    assert (await other.get(f"/incidents/{named(case)}/{line['key']}")).status_code == 404
    await case.handle.terminate()


async def test_the_list_is_narrowed_and_paged(working: Site, dev_server: WorkflowEnvironment, operator: Person) -> None:
    cases = [await stopped(working, dev_server) for _ in range(3)]
    for case in cases:
        await incidents(operator, case)

    first = (await operator.get("/incidents", limit=2)).json()
    second = (await operator.get("/incidents", limit=2, after=first["next"])).json()
    number = first["items"][0]["case_no"]
    narrowed = (await operator.get("/incidents", case_no=number, kind="expression")).json()

    assert {one["workflow_id"] for one in first["items"] + second["items"]} == {case.id for case in cases}
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    assert [one["case_no"] for one in narrowed["items"]] == [number]
    assert (await operator.get("/incidents", kind="job")).json()["items"] == []
    assert (await operator.get("/incidents", after="nowhere")).status_code == 404
    for case in cases:
        await case.handle.terminate()


async def test_an_incident_of_a_process_that_is_not_there_is_not_found(operator: Person) -> None:
    answer = await operator.post("/incidents/nothing/6/retry", {}, headers=key())

    assert answer.status_code == 404


async def test_a_supervision_order_that_lacks_something_is_tried_again_with_it(
    working: Site, dev_server: WorkflowEnvironment, operator: Person
) -> None:
    house = house_of(working, dev_server)
    case = await replying(house, posts=POSTS, case=replace(FIELDS, customer=""))
    await case.complete("A", happened_at=workdays_ago(12), late_reason="补录")
    (line,) = await incidents(operator, case)

    refused = await act(operator, case, line["key"], "skip", {"reason": "试试"})
    again = await act(operator, case, line["key"], "retry", {})
    solved = await act(operator, case, line["key"], "retry", {"variables": {"customer": "恒源"}})

    assert (line["key"], line["element"]) == ("orders", "p")
    assert (refused.status_code, "督办单须出具" in refused.json()["detail"]) == (409, True)
    assert (again.json()["state"], "户名（customer）未填写" in again.json()["message"]) == ("failed_again", True)
    assert solved.json()["state"] == "solved"
    assert (await case.until_recorded("ordered")).data["clock"] == "reply"
    await case.handle.terminate()


async def test_a_journal_that_is_not_taken_is_tried_again_once_the_table_is_mended(
    working: Site, dev_server: WorkflowEnvironment, operator: Person
) -> None:
    house = house_of(working, dev_server)
    case, number = await conflicting(house)

    again = await act(operator, case, "journal", "retry", {})
    mend(house, case, number)
    solved = await act(operator, case, "journal", "retry", {})

    assert (again.json()["state"], again.json()["incident"]["kind"]) == ("failed_again", "journal")
    assert f"record {number}" in again.json()["message"]
    assert solved.json()["state"] == "solved"
    assert number in [record.seq for record in case.records()]
    await case.handle.terminate()
