"""What Temporal's Web UI and lists show of a case: found by type and attribute, readable, and no customer in it."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowExecution
from temporalio.converter import DataConverter

from tests.workflows.office import Office, Running, eventually

CUSTOMER = "某客户有限公司"


async def details(case: Running) -> str:
    description = await case.handle.describe()
    return f"{await description.static_summary()} {await description.static_details()} {await current_details(case)}"


async def found(office: Office, query: str) -> WorkflowExecution:
    async def find() -> WorkflowExecution | None:
        return await anext(office.client.list_workflows(query), None)

    return await eventually(find, query)


def summaries(events: list[HistoryEvent], kind: str) -> list[str]:
    decode = DataConverter.default.payload_converter.from_payload
    return [decode(event.user_metadata.summary, str) for event in events if event.WhichOneof("attributes") == kind]


async def current_details(case: Running) -> str:
    metadata: WorkflowMetadata = await case.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return metadata.current_details


async def attributes(case: Running) -> dict[str, Any]:
    description = await case.handle.describe()
    return {pair.key.name: pair.value for pair in description.typed_search_attributes if pair.key.name != "BuildIds"}


async def test_the_workflow_type_is_the_process_and_the_id_holds_the_case_number(office: Office) -> None:
    office.deploy("errand")
    case = await office.start("errand")

    assert (await case.handle.describe()).workflow_type == "errand"
    assert case.id == f"case/{(await case.view())['case']['case_no']}"


async def test_the_static_summary_tells_number_type_and_county(office: Office) -> None:
    office.deploy("errand")
    case = await office.start("errand")
    number = (await case.view())["case"]["case_no"]

    assert await (await case.handle.describe()).static_summary() == f"{number} 办件 10kV专线 东城县"


async def test_current_details_show_stage_open_tasks_by_post_and_outcome(office: Office) -> None:
    office.deploy("errand")
    case = await office.start("errand")
    key = await case.task("accept")

    before = await current_details(case)
    await case.complete("accept", {"contact": "李"})
    await case.result()
    after = await current_details(case)

    number = (await case.view())["case"]["case_no"]
    title = f"{number} 办件 10kV专线 东城县"
    assert before == f"{title}\n\n**环节** 受理\n\n**待办**\n\n- 受理：营销部（编号 {key}）"
    assert after == f"{title}\n\n**环节** 答复\n**结果** 办结"


async def test_a_claimed_task_is_shown_with_who_holds_it(office: Office) -> None:
    office.deploy("errand")
    case = await office.start("errand")
    key = await case.task("accept")

    await case.update("claim", task=key, by="wang", groups=["marketing"])

    assert f"- 受理：wang（编号 {key}）" in await current_details(case)


async def test_an_incident_is_shown_in_details_and_attributes_until_it_is_resolved(office: Office) -> None:
    office.deploy("failing")
    case = await office.start("failing", {"kind": "mendable", "broken": True})
    incident = await case.incident()

    text, shown = await current_details(case), await attributes(case)
    await case.update("resolve_incident", incident=incident["key"], by="admin", variables={"broken": False})
    await case.result()

    assert f"**异常 {incident['key']}**（job）设备故障" in text
    assert shown["Incident"] is True
    assert (await attributes(case))["Incident"] is False


async def test_search_attributes_are_set_at_the_start_and_follow_the_case(office: Office) -> None:
    office.deploy("errand")
    case = await office.start("errand")
    number = (await case.view())["case"]["case_no"]

    first = await found(office, f"CaseNo='{number}' AND Stage='受理' AND Departments='营销部' AND VoltageKV='10'")
    await case.complete("accept", {"contact": "李"})
    await case.result()

    assert first.id == case.id
    assert await attributes(case) == {
        "CaseNo": number,
        "CaseType": "10kV专线",
        "VoltageKV": "10",
        "County": "东城县",
        "Stage": "答复",
    }


async def test_a_case_that_was_started_without_attributes_sets_them_itself(office: Office) -> None:
    office.deploy("errand")
    start = office.case("errand")
    handle = await office.client.start_workflow(
        "errand", start, id=f"case/{start.case.case_no}", task_queue=office.queue
    )
    case = Running(office, handle)
    await case.task("accept")

    async def shown() -> bool:
        return (await attributes(case)).get("CaseNo") == start.case.case_no

    assert await eventually(shown, "CaseNo")


async def test_every_timer_and_activity_has_the_name_of_its_element_as_summary(office: Office) -> None:
    office.deploy("everything")
    case = await office.start("everything", {"items": [1], "broken": False})
    await case.recorded("completed", flows=["pause_merge"])

    events = list((await case.history()).events)
    names = summaries(events, "activity_task_scheduled_event_attributes")
    timers = summaries(events, "timer_started_event_attributes")

    assert {"第一项", "第二项", "第三项", "逐项作业", "可修复的作业"} <= set(names)
    assert all(names)
    assert all(timers)
    assert any(name.startswith("等待一秒 ") for name in timers)


async def test_a_child_is_listed_by_its_process_with_the_attributes_of_the_case(office: Office) -> None:
    office.deploy("calling")
    case = await office.start("calling")
    child = await case.child("called")
    number = (await case.view())["case"]["case_no"]

    description = await child.handle.describe()

    assert description.workflow_type == "called"
    assert await description.static_summary() == f"{number} 子流程 10kV专线 东城县"
    assert (await attributes(child))["CaseNo"] == number


async def test_no_customer_is_named_in_what_temporal_shows(office: Office) -> None:
    office.deploy("calling")
    case = await office.start("calling")
    child = await case.child("called")
    await child.task("decide")

    for one in (case, child):
        shown = f"{await details(one)} {await attributes(one)} {one.id}"
        events = list((await one.history()).events)
        assert CUSTOMER not in shown
        assert not any(CUSTOMER.encode() in event.user_metadata.SerializeToString() for event in events)
        assert CUSTOMER in str((await one.view())["case"])


async def test_what_is_shown_survives_continue_as_new(restless_office: Office) -> None:
    restless_office.deploy("collecting")
    case = await restless_office.start("collecting", {"items": ["a", "b"]})
    await case.complete("fill", {"answer": 1})
    await asyncio.sleep(0.2)

    number = (await case.view())["case"]["case_no"]

    assert len(await case.runs()) > 1
    assert (await attributes(case))["County"] == "东城县"
    assert (await current_details(case)).startswith(f"{number} 收集 10kV专线 东城县")
    assert "填报" in await current_details(case)
