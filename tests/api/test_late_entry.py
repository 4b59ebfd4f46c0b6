"""An application that is entered after it was received: its limits count from when it was received."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from temporalio.testing import WorkflowEnvironment

from api.acts import send
from api.applications import EXAMPLE
from api.cases import workflow_id
from domain.acts import ActRefused, CompleteTask
from domain.chinese import BUSINESS_ZONE
from tests.api.serving import Person, Site, eventually
from tests.bpmn.processes.play import WALKS

ACCEPTANCE: dict[str, Any] = WALKS["ordinary_customer"]["acts"][0]["data"]
REASON = "营业厅停网，纸质申请补录"


async def apply(person: Person, **late: str) -> httpx.Response:
    return await person.post("/cases", {**EXAMPLE, **late}, headers={"Idempotency-Key": "late"})


async def opened_late(site: Site, person: Person, days: int) -> tuple[str, Any]:
    """A case whose application was received so many days ago, with its acceptance to be done."""
    received = (site.clock() - timedelta(days=days)).astimezone(BUSINESS_ZONE).replace(microsecond=0)
    answer = await apply(person, receivedAt=received.isoformat(), lateReason=REASON)
    assert answer.status_code == 201, answer.text
    case_no = answer.json()["case_no"]
    await eventually(lambda: person.get(f"/cases/{case_no}"), lambda told: bool(told.get("holders")))
    return case_no, received


def acceptance(task: str, accepted: Any) -> CompleteTask:
    """The acceptance, done at a moment in the past."""
    day = accepted.date().isoformat()
    data = {**ACCEPTANCE, "acceptedOn": day, "wantedSupplyDate": "2027-09-30"}
    return CompleteTask(task, "wang", ["marketing"], data, "accept", accepted.isoformat(), REASON)


async def clocks_of(person: Person, case_no: str) -> dict[str, Any]:
    told = (await person.get(f"/cases/{case_no}")).json()
    return {clock["clock"].partition(":")[0]: clock for clock in told["clocks"]}


async def test_limits_count_from_when_the_application_was_received(
    working: Site, dev_server: WorkflowEnvironment
) -> None:
    wang = await working.person("wang")
    case_no, received = await opened_late(working, wang, 40)
    holder = (await wang.get(f"/cases/{case_no}")).json()["holders"][0]
    accepted = received + timedelta(hours=2)

    await send(dev_server.client, workflow_id(case_no), acceptance(holder["id"].rpartition("~")[2], accepted))

    clocks = await clocks_of(wang, case_no)
    assert clocks["accept_application"]["start"] == received.isoformat()
    assert clocks["accept_application"]["state"] == "按期完成"
    assert clocks["supply_plan_reply"]["start"] == accepted.isoformat()
    assert clocks["supply_plan_reply"]["colour"] == "红"


async def test_the_journal_says_that_an_application_was_entered_late_and_why(working: Site) -> None:
    wang = await working.person("wang")
    case_no, received = await opened_late(working, wang, 40)

    first = (await wang.get(f"/cases/{case_no}/journal", limit=1)).json()["items"][0]

    assert first["happened_at"] == received.isoformat()
    assert f"补录原因：{REASON}" in first["words"]


async def test_an_application_is_not_accepted_before_it_was_received(
    working: Site, dev_server: WorkflowEnvironment
) -> None:
    wang = await working.person("wang")
    case_no, received = await opened_late(working, wang, 40)
    holder = (await wang.get(f"/cases/{case_no}")).json()["holders"][0]
    early = acceptance(holder["id"].rpartition("~")[2], received + timedelta(hours=-1))

    with pytest.raises(ActRefused, match="起算时间"):
        await send(dev_server.client, workflow_id(case_no), early)


@pytest.mark.parametrize(
    ("days", "reason", "told"), [(-1, REASON, "晚于现在"), (40, "", "补录须说明原因"), (40, "  ", "补录须说明原因")]
)
async def test_when_it_was_received_must_be_possible_and_explained(
    working: Site, days: int, reason: str, told: str
) -> None:
    wang = await working.person("wang")
    received = (working.clock() - timedelta(days=days)).isoformat()

    answer = await apply(wang, receivedAt=received, lateReason=reason)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["receivedAt"]
    assert told in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
async def test_a_moment_that_no_calendar_has_is_refused(working: Site, moment: str) -> None:
    wang = await working.person("wang")

    answer = await apply(wang, receivedAt=moment, lateReason=REASON)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "receivedAt")
