"""Signals, conditions and times begin cases; signals reach the cases that wait for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from api.deployment import deploy
from bpmn.faults import ModelRefused
from domain.chinese import BUSINESS_ZONE
from tests.api.company import key
from tests.api.serving import Person, Site, eventually
from tests.api.small import house_of
from tests.bpmn.building import (
    Shape,
    catch,
    condition,
    end,
    message,
    model_xml,
    process,
    signal,
    start,
    timer,
    user,
    zeebe,
)

SALES = zeebe("assignmentDefinition", candidateGroups="marketing")


class Names:
    """Names of one test: the server is shared, and a signal reaches every database's cases of that server's queue."""

    def __init__(self) -> None:
        mark = uuid4().hex[:8]
        self.waits, self.begun, self.watched, self.timed = (
            f"{one}_{mark}" for one in ("waits", "begun", "watch", "timed")
        )
        self.alarm, self.bell = f"alarm_{mark}", f"bell_{mark}"


@pytest.fixture
def names() -> Names:
    return Names()


@pytest_asyncio.fixture(loop_scope="session")
async def grid(working: Site, names: Names) -> Person:
    """The city's control centre, where these diagrams are deployed."""
    shapes = [
        process(
            start("w"),
            catch("S", signal(names.alarm)),
            user("A"),
            end(),
            flows=["w > S > A > end"],
            id_=names.waits,
        ),
        process(start("b", signal(names.alarm)), user("B", SALES), end("be"), flows=["b > B > be"], id_=names.begun),
        process(
            start("c", condition("=load > 0.9")),
            user("C", SALES),
            end("ce"),
            flows=["c > C > ce"],
            id_=names.watched,
        ),
        process(start("r", signal(names.bell)), end("re"), flows=["r > re"], id_=f"rung_{names.bell}"),
        process(start("t", timer("cycle=0 0 8 * * MON")), end("te"), flows=["t > te"], id_=names.timed),
    ]
    deploy(working.database, {f"{names.alarm}.bpmn": model_xml(*shapes)}, datetime.now(UTC))
    return await working.person("dispatch", county="")


def sent(name: str, **more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "name": name, **more}


def begun_of(page: dict[str, Any], names: Names) -> list[dict[str, Any]]:
    return [one for one in page["items"] if one["case_no"].startswith(names.begun)]


async def test_a_signal_begins_a_case_that_people_then_work_on(grid: Person, names: Names) -> None:
    number = f"YK-{uuid4().hex[:8]}"
    body = sent(names.alarm, variables={"caseNo": number, "county": "开发区"})

    first, again = await grid.post("/signals", body), await grid.post("/signals", body)

    assert first.status_code == 200, first.text
    assert first.json() == again.json() == {"id": body["id"], "told": 0, "begun": 1, "refused": []}
    case = await eventually(lambda: grid.get(f"/cases/{number}"), lambda case: bool(case.get("holders")))
    assert [one["process"] for one in case["processes"]] == [names.begun]
    (holder,) = case["holders"]
    done = await grid.post(f"/tasks/{holder['id']}/complete", {"data": {}}, headers=key())
    assert done.status_code == 200, done.text


async def test_a_signal_reaches_the_cases_that_wait_for_it(
    grid: Person, working: Site, dev_server: WorkflowEnvironment, names: Names
) -> None:
    house = house_of(working, dev_server)
    case = await house.start_deployed(names.waits, {})
    await case.until_recorded("case")
    await case.until(lambda view: view["waits"])

    told = await grid.post("/signals", sent(names.alarm))

    assert (told.json()["told"], told.json()["begun"]) == (1, 1)
    await case.complete("A")
    assert await case.outcome() == "completed"


async def test_a_signal_that_no_diagram_knows_is_refused(grid: Person) -> None:
    refused = await grid.post("/signals", sent("no such signal"))

    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"] == [
        {"field": "name", "message": "没有流程认识信号「no such signal」，请核对信号名称"}
    ]


async def test_the_id_of_another_signal_is_refused(grid: Person, names: Names) -> None:
    body = sent(names.alarm)
    await grid.post("/signals", body)

    assert (await grid.post("/signals", {**body, "name": f"{names.alarm}_2"})).status_code == 422
    deployed_too = await grid.post("/signals", {**body, "name": names.bell})
    assert deployed_too.status_code == 409


async def test_the_id_of_a_signal_with_other_variables_is_refused(grid: Person, names: Names) -> None:
    body = sent(names.alarm, variables={"area": "东区"})
    await grid.post("/signals", body)

    other = await grid.post("/signals", {**body, "variables": {"area": "西区"}})

    assert (other.status_code, other.json()["type"]) == (409, "urn:yekuo:problem:conflict")


async def test_an_id_is_the_sender_s_own(grid: Person, working: Site, names: Names) -> None:
    body = sent(names.alarm)
    weather = await working.person("weather", county="")

    first, other = await grid.post("/signals", body), await weather.post("/signals", body)

    assert (first.json()["begun"], other.json()["begun"]) == (1, 1)
    cases = await eventually(lambda: grid.get("/cases?limit=200"), lambda page: len(begun_of(page, names)) == 2)
    assert len({one["case_no"] for one in begun_of(cases, names)}) == 2


async def test_a_condition_that_holds_begins_its_process_once(grid: Person, names: Names) -> None:
    number = f"YK-{uuid4().hex[:8]}"
    low = {"id": str(uuid4()), "variables": {"load": 0.2, "caseNo": number}}
    high = {"id": str(uuid4()), "variables": {"load": 0.95, "caseNo": number}}

    unmet = await grid.post("/conditions", low)
    met, again = await grid.post("/conditions", high), await grid.post("/conditions", high)

    assert unmet.json()["begun"] == []
    assert met.json() == again.json()
    (begun,) = met.json()["begun"]
    assert begun.startswith("condition~")
    case = await eventually(lambda: grid.get(f"/cases/{number}"), lambda case: bool(case.get("holders")))
    assert [one["process"] for one in case["processes"]] == [names.watched]


async def test_the_same_id_with_other_values_is_refused(grid: Person) -> None:
    body = {"id": str(uuid4()), "variables": {"load": 0.95}}
    await grid.post("/conditions", body)

    assert (await grid.post("/conditions", {**body, "variables": {"load": 0.96}})).status_code == 409


async def test_officers_of_one_county_cannot_reach_all(grid: Person, working: Site, names: Names) -> None:
    officer = await working.person("officer")

    assert (await officer.post("/signals", sent(names.alarm))).status_code == 403
    assert (await officer.post("/conditions", {"id": str(uuid4()), "variables": {}})).status_code == 403


async def test_it_is_seen_when_processes_begin_by_themselves(grid: Person, names: Names) -> None:
    listed = (await grid.get("/timer-starts")).json()

    (one,) = [one for one in listed if one["process"] == names.timed]
    assert (one["element"], one["timer"], one["remaining"]) == ("t", "cycle 0 0 8 * * MON", None)
    due = datetime.fromisoformat(one["due"]).astimezone(BUSINESS_ZONE)
    assert (due.weekday(), due.hour, due.minute) == (0, 8, 0)


async def test_a_start_that_needs_a_signal_and_a_message_is_refused_when_it_is_deployed(working: Site) -> None:
    both = Shape("startEvent", "b", {"parallelMultiple": "true"}, (message("M", key=""), signal("S")))
    model = model_xml(process(both, end(), flows=["b > end"], id_="both"))

    with pytest.raises(ModelRefused, match="only messages are brought together here"):
        deploy(working.database, {"both.bpmn": model}, datetime.now(UTC))
