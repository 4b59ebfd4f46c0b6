"""A message reaches the case that waits for it, once, and nobody else's."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from api.deployment import deploy
from api.rights import Role
from domain.records import CaseFields, JournalBatch
from storage.journal import record_batch
from tests.api.serving import Person, Site, at_work, eventually
from tests.api.test_opening import opened
from tests.bpmn.building import Shape, model_xml
from tests.storage.journals import record, subscribed
from tests.workflows.meeting import NEEDED, RACED
from tests.workflows.office import MODELS


def message(name: str = "Letter", key: str = "YK-1", **more: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), "name": name, "correlation_key": key, **more}


async def system(site: Site) -> Person:
    """Another system, that may send messages and nothing else."""
    boss = await site.person("boss", Role.ADMINISTRATOR)
    made = await boss.post("/tokens", {"name": "ERP", "scopes": ["messages:send"]})
    return Person(site.client, made.json()["token"])


@pytest.fixture
def known(here: Site) -> Site:
    """A site whose diagrams know the messages Letter, and Order, which starts a case."""
    model = (MODELS / "posting.bpmn").read_text("utf-8")
    deploy(here.database, {"posting.bpmn": model}, datetime.now(UTC))
    return here


def waiting_case(site: Site, case_no: str, county: str, waits: bool = True) -> None:
    """What the journal says of a case that waits for a Letter, or does not yet; there is no such workflow."""
    fields = asdict(CaseFields(case_no, "waiting", 1, county=county))
    first = record(1, "case", "0", fields)
    with site.database.transaction() as session:
        records = [first, subscribed(2, "7", "Letter", case_no)] if waits else [first]
        record_batch(session, JournalBatch(f"case/{case_no}", "", case_no, records), datetime.now(UTC))


async def test_a_message_that_comes_early_waits_and_its_id_is_answered_the_same_again(known: Site) -> None:
    erp, sent = await system(known), message()

    first, again = await erp.post("/messages", sent), await erp.post("/messages", sent)

    assert first.status_code == 200, first.text
    assert first.json() == again.json() == {"id": sent["id"], "state": "waiting", "process": None}


async def test_operators_see_what_waits_without_what_it_carries_until_its_time_is_over(known: Site) -> None:
    erp, operator = await system(known), await known.person("ops", Role.OPERATOR)
    sent = [message(key=f"YK-{n}", variables={"phone": "13900139000"}, time_to_live=60) for n in range(3)]
    for one in sent:
        await erp.post("/messages", one)

    first = (await operator.get("/messages", limit=2)).json()
    second = (await operator.get("/messages", limit=2, after=first["next"])).json()
    known.clock.ahead = timedelta(seconds=61)
    late = (await operator.get("/messages")).json()

    assert [one["id"] for one in first["items"] + second["items"]] == [one["id"] for one in sent]
    assert second["next"] is None
    assert "13900139000" not in str(first)
    assert late["items"] == []


async def test_a_whole_number_may_be_written_with_a_point(known: Site) -> None:
    erp = await system(known)

    assert (await erp.post("/messages", message(time_to_live=60.0))).status_code == 200
    assert (await erp.post("/messages", message(time_to_live=60.5))).status_code == 422


async def test_officers_do_not_see_what_waits(known: Site) -> None:
    assert (await (await known.person("wang")).get("/messages")).status_code == 403


async def test_a_message_that_no_diagram_knows_is_said_so_by_its_name(known: Site) -> None:
    answer = await (await system(known)).post("/messages", message("lettre"))

    assert answer.status_code == 422
    assert "没有流程认识消息「lettre」" in answer.json()["detail"]
    assert [one["field"] for one in answer.json()["errors"]] == ["name"]


@pytest.mark.parametrize("first", ["Letter", "Order"])
async def test_an_id_that_belongs_to_another_message_is_a_conflict(known: Site, first: str) -> None:
    erp = await system(known)
    sent = message(first, key=f"YK-{uuid4()}")
    await erp.post("/messages", sent)

    answer = await erp.post("/messages", {**sent, "name": "Letter", "correlation_key": "YK-2"})

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:yekuo:problem:conflict")


async def test_a_message_to_a_case_that_is_gone_is_a_conflict_that_names_it(known: Site) -> None:
    number = f"YK-{uuid4()}"
    waiting_case(known, number, "开发区")

    answer = await (await system(known)).post("/messages", message(key=number))

    assert answer.status_code == 409
    assert number in answer.json()["detail"]


@pytest.mark.parametrize("case", ["of another county", "early for another county", "unknown", "starts elsewhere"])
async def test_whoever_belongs_to_a_county_does_not_reach_beyond_it(known: Site, case: str) -> None:
    wang, number = await known.person("wang"), f"YK-{uuid4()}"
    waiting_case(known, number, "宣化区", waits=not case.startswith("early"))
    sent = {
        "of another county": message(key=number),
        "early for another county": message(key=number),
        "unknown": message(key="YK-unknown"),
        "starts elsewhere": message("Order", key=f"YK-{uuid4()}", variables={"county": "宣化区"}),
    }[case]

    answer = await wang.post("/messages", sent)

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:yekuo:problem:forbidden")
    operator = await known.person("ops", Role.OPERATOR, county="")
    assert (await operator.get("/messages")).json()["items"] == []


@pytest.mark.parametrize("model", [RACED, NEEDED], ids=["the first has begun it", "the last begins it"])
async def test_whoever_belongs_to_a_county_adds_nothing_to_a_case_that_begins_in_another(
    known: Site, dev_server: WorkflowEnvironment, model: Shape
) -> None:
    deploy(known.database, {"met.bpmn": model_xml(model)}, datetime.now(UTC))
    erp, wang, number = await system(known), await known.person("wang"), f"YK-{uuid4()}"
    first = await erp.post("/messages", message("M", key=number, variables={"county": "宣化区"}))

    answer = await wang.post("/messages", message("N", key=number, variables={"county": "开发区"}))

    assert first.status_code == 200, first.text
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:yekuo:problem:forbidden")
    if process := first.json()["process"]:
        await dev_server.client.get_workflow_handle(process.replace("~", "/")).terminate()


async def test_whoever_belongs_to_a_county_may_send_early_to_a_case_of_it(known: Site) -> None:
    wang, number = await known.person("wang"), f"YK-{uuid4()}"
    waiting_case(known, number, "开发区", waits=False)

    answer = await wang.post("/messages", message(key=number))

    assert (answer.status_code, answer.json()["state"]) == (200, "waiting")


async def test_whoever_may_only_look_sends_nothing(known: Site) -> None:
    auditor = await known.person("audit", Role.AUDITOR)

    assert (await auditor.post("/messages", message())).status_code == 403


async def test_a_message_that_is_too_large_is_refused(known: Site) -> None:
    answer = await (await system(known)).post("/messages", message(variables={"text": "x" * 600_000}))

    assert answer.status_code == 413


async def test_a_message_begins_a_case_once_which_people_of_its_county_see(
    known: Site, dev_server: WorkflowEnvironment
) -> None:
    erp, wang, number = await system(known), await known.person("wang"), f"YK-{uuid4()}"
    sent = message("Order", key=number, variables={"county": "开发区", "customer": "某客户"})
    async with at_work(known, dev_server.client):
        first, again = await erp.post("/messages", sent), await erp.post("/messages", sent)
        shown = await eventually(lambda: wang.get(f"/cases/{number}"), lambda told: bool(told.get("holders")))

    assert (
        first.json()
        == again.json()
        == {
            "id": sent["id"],
            "state": "started",
            "process": f"message~Order~{number}",
        }
    )
    assert shown["line"]["customer"] == "某客户"
    await dev_server.client.get_workflow_handle(f"message/Order/{number}").terminate()


async def test_a_message_reaches_the_case_that_waits_for_it(working: Site) -> None:
    wang = await working.person("wang")
    case_no = (await opened(wang, "a"))["case_no"]

    def is_told(told: dict[str, Any]) -> bool:
        return bool(told.get("holders"))

    await eventually(lambda: wang.get(f"/cases/{case_no}"), is_told)
    sent = message("customer_withdraws", key=case_no, variables={"reason": "客户申请"})
    answer = await wang.post("/messages", sent)
    again = await wang.post("/messages", sent)

    assert answer.status_code == 200, answer.text
    assert answer.json() == again.json() == {"id": sent["id"], "state": "delivered", "process": case_no}
