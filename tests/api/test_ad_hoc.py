"""Officers see over HTTP what they can choose from in a case, and choose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from api.rights import Role
from domain.records import CaseFields
from storage.cases import Case as CaseRow
from tests.api.company import key
from tests.api.serving import Person, Site, eventually
from tests.api.small import COUNTY, house_of
from tests.bpmn.building import Shape, call, end, process, start
from tests.workflows.running import Running
from tests.workflows.scenarios_of_ad_hoc import choosing, opened


@pytest_asyncio.fixture(loop_scope="session")
async def officer(working: Site) -> Person:
    """Of the marketing department."""
    return await working.person("wang")


async def begun(working: Site, server: WorkflowEnvironment, *models: Shape) -> tuple[Running, str]:
    """A case whose people choose, and its number, once it stands in the read model."""
    shapes = models or (choosing(),)
    case = CaseFields(f"YK-{uuid4()}", shapes[0].id, 1, county=COUNTY)
    running = await house_of(working, server).start(*shapes, case=case, variables={"done": False})
    await running.recorded("case")
    with working.database.session() as session:
        row = session.get(CaseRow, running.id)
        assert row is not None
        return running, row.case_no


def named(case: Running) -> str:
    return case.id.removeprefix("case/").replace("/", "~")


async def offered(person: Person, number: str) -> list[dict[str, Any]]:
    answer = await person.get(f"/cases/{number}/ad-hoc")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def choose(person: Person, number: str, scope: str, status: int = 200, **body: Any) -> Any:
    sent = body.pop("key", None)
    headers = {"Idempotency-Key": sent} if sent else key()
    answer = await person.post(f"/cases/{number}/ad-hoc/{scope}/activate", {"elements": ["A"], **body}, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_an_officer_sees_what_can_be_chosen_and_chooses(
    working: Site, dev_server: WorkflowEnvironment, officer: Person
) -> None:
    case, number = await begun(working, dev_server)
    (before,) = await offered(officer, number)

    done = await choose(officer, number, before["key"], elements=["B"], variables={"site": "规划二路"})
    task = await case.task("B")
    (after,) = await offered(officer, number)

    assert {name: before[name] for name in ("process", "element", "name", "sequential", "suspended")} == {
        "process": named(case),
        "element": "H",
        "name": "会商",
        "sequential": False,
        "suspended": False,
    }
    assert before["activatable"] == [
        {"element": "A", "name": "现场勘察"},
        {"element": "B", "name": "协调会"},
        {"element": "J", "name": "J"},
    ]
    assert (done["act"], done["by"]) == ("ActivateAdHoc", "wang")
    assert (before["running"], after["running"]) == ([], [{"key": task, "element": "B", "name": "协调会"}])
    assert after["activatable"] == before["activatable"]
    await case.handle.terminate()


async def test_who_chose_what_stands_in_the_journal_in_words(
    working: Site, dev_server: WorkflowEnvironment, officer: Person
) -> None:
    case, number = await begun(working, dev_server)
    (shown,) = await offered(officer, number)

    await choose(officer, number, shown["key"], elements=["A", "B"])
    await case.recorded("act")

    told = await eventually(
        lambda: officer.get(f"/cases/{number}/journal", limit=1000), lambda page: "启动" in str(page["items"])
    )
    assert any("wang启动「会商」中的「现场勘察」「协调会」" in str(line) for line in told["items"])
    await case.handle.terminate()


async def test_the_same_key_chooses_once(working: Site, dev_server: WorkflowEnvironment, officer: Person) -> None:
    case, number = await begun(working, dev_server)
    (shown,) = await offered(officer, number)

    first = await choose(officer, number, shown["key"], key="click")
    again = await choose(officer, number, shown["key"], key="click")
    other = await choose(officer, number, shown["key"], 409, key="click", elements=["B"])

    assert again == first
    assert "已用于另一项操作" in other["detail"]
    assert len((await case.view())["tasks"]) == 1
    await case.handle.terminate()


async def test_what_cannot_be_chosen_is_a_problem_that_says_what_can(
    working: Site, dev_server: WorkflowEnvironment, officer: Person
) -> None:
    case, number = await begun(working, dev_server)
    (shown,) = await offered(officer, number)

    wrong = await choose(officer, number, shown["key"], 422, elements=["C"])
    gone = await choose(officer, number, "99", 409)
    nothing = await choose(officer, number, shown["key"], 422, elements=[])
    elsewhere = await choose(officer, number, shown["key"], 404, process="none")

    assert wrong["detail"] == "「会商」中不能启动 C；可以启动的：现场勘察（A）、协调会（B）、J（J）"
    assert [one["field"] for one in wrong["errors"]] == ["elements"]
    assert "在办的：会商（编号 " in gone["detail"]
    assert nothing["errors"]
    assert "没有流程 none" in elsewhere["detail"]
    await case.handle.terminate()


async def test_where_the_lane_names_departments_their_officers_choose(
    working: Site, dev_server: WorkflowEnvironment, officer: Person
) -> None:
    case, number = await begun(working, dev_server, choosing(lane="发展部"))
    planner = await working.person("li", departments=["planning"])
    (shown,) = await offered(officer, number)

    refused = await choose(officer, number, shown["key"], 403)
    await choose(planner, number, shown["key"])

    assert shown["departments"] == ["planning"]
    assert refused["detail"] == "「会商」中的环节由 发展部 启动，wang 不在其中"
    await case.task("A")
    await case.handle.terminate()


async def test_those_who_look_see_what_can_be_chosen_and_those_of_other_counties_see_nothing(
    working: Site, dev_server: WorkflowEnvironment
) -> None:
    case, number = await begun(working, dev_server)
    auditor = await working.person("audit", Role.AUDITOR)
    elsewhere = await working.person("elsewhere", county="东城县")

    (shown,) = await offered(auditor, number)

    await choose(auditor, number, shown["key"], 403)
    await choose(elsewhere, number, shown["key"], 404)
    assert (await elsewhere.get(f"/cases/{number}/ad-hoc")).status_code == 404
    await case.handle.terminate()


async def test_officers_choose_in_a_called_process_too(
    working: Site, dev_server: WorkflowEnvironment, officer: Person
) -> None:
    caller = process(start("s"), call("C", "child"), end("e"), flows=["s > C > e"])
    case, number = await begun(working, dev_server, caller, replace(choosing(), id="child"))
    child = await case.the_child()
    await opened(child)
    await child.recorded("case")

    (shown,) = await offered(officer, number)
    await choose(officer, number, shown["key"], 409)
    await choose(officer, number, shown["key"], process=shown["process"])

    assert shown["process"] == named(child)
    await child.complete("A", {"done": True})
    assert await case.outcome() == "completed"
    assert await offered(officer, number) == []


async def test_an_officer_chooses_among_other_acts(
    working: Site, dev_server: WorkflowEnvironment, officer: Person
) -> None:
    case, number = await begun(working, dev_server)
    (shown,) = await offered(officer, number)
    item = {"act": "activate", "case_no": number, "scope": shown["key"]}

    answer = await officer.post(
        "/acts",
        {"items": [{**item, "key": "1", "elements": ["A"]}, {**item, "key": "2", "elements": ["C"]}]},
    )

    assert [one["status"] for one in answer.json()["items"]] == [200, 422]
    await case.task("A")
    await case.handle.terminate()
