"""What is too much is an incident, or goes out in portions; it never ends a case and never stops a workflow task."""

from __future__ import annotations

from dataclasses import replace

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowFailureError

from tests.workflows.office import Office, Running


async def events(case: Running) -> list[HistoryEvent]:
    return list((await case.history()).events)


async def no_task_failed(case: Running) -> bool:
    return not [event for event in await events(case) if event.HasField("workflow_task_failed_event_attributes")]


async def scheduled_by_task(case: Running) -> list[int]:
    """How many jobs each workflow task sent out."""
    tasks = [
        event.activity_task_scheduled_event_attributes.workflow_task_completed_event_id
        for event in await events(case)
        if event.activity_task_scheduled_event_attributes.activity_type.name == "work"
    ]
    return [tasks.count(task) for task in dict.fromkeys(tasks)]


async def test_expensive_expressions_are_divided_among_workflow_tasks(office: Office) -> None:
    office.deploy("heavy")
    case = await office.start("heavy", {"items": list(range(24))})

    await case.recorded("opened")

    assert await no_task_failed(case)
    assert len([event for event in await events(case) if event.HasField("timer_fired_event_attributes")]) == 3
    totals = (await case.view())["variables"]["totals"]
    assert [totals[0], totals[2], len(totals)] == [0, 225_015_000, 24]


async def test_jobs_go_out_so_many_bytes_in_one_workflow_task(office: Office) -> None:
    office.deploy("heavy")
    case = await office.start("loaded", {"items": list(range(40)), "load": "x" * 200_000})

    await case.until(lambda view: view["tasks"], "the end of the jobs", within=60)

    assert len(office.work.keys("carry")) == 40
    assert max(await scheduled_by_task(case)) <= 5
    assert await no_task_failed(case)


async def test_a_job_that_carries_too_much_is_an_incident_that_says_how_much(office: Office) -> None:
    office.deploy("heavy")
    parts = {f"part{number}": "x" * 200_000 for number in range(8)}
    case = await office.start("loaded", {"items": [1], **parts})

    incident = await case.incident()

    assert incident["kind"] == "job"
    assert "超过上限 1500000 字节；请用输入映射只传所需的变量" in incident["message"]
    assert office.work.done == []


async def test_a_call_that_carries_too_much_is_an_incident_of_the_call(office: Office) -> None:
    office.deploy("calling")
    parts = {f"part{number}": "x" * 200_000 for number in range(8)}
    case = await office.start("calling", parts)

    incident = await case.incident()

    assert incident["kind"] == "call"
    assert "传给子流程的变量合计" in incident["message"]


async def test_a_child_whose_result_is_too_large_is_an_incident_of_the_call(office: Office) -> None:
    office.deploy("calling")
    case = await office.start("calling")
    child = await case.child("called")
    await child.complete("decide", {f"part{number}": "x" * 200_000 for number in range(4)} | {"how": "notify"})
    await child.complete("after", {f"more{number}": "x" * 200_000 for number in range(4)})

    incident = await case.incident()

    assert await child.result() == "completed"
    assert "子流程的结果合计" in incident["message"]


async def test_no_more_children_are_open_than_allowed_and_all_come_in_turn(office: Office) -> None:
    office.settings = replace(office.settings, calls_open=1)
    office.deploy("family")
    case = await office.start("family")
    older = await case.child("ringer")
    await older.task("decide_ring")
    open_at_first = list((await case.view())["children"].values())

    await older.complete("decide_ring")
    await older.complete("rest_ringer")
    younger = await case.child("listener")

    assert open_at_first == [older.id]
    await (await younger.child("baby")).complete("play")
    assert await case.result() == "completed"


async def test_a_large_journal_goes_out_in_batches_of_bounded_bytes(office: Office) -> None:
    office.deploy("collecting")
    case = await office.start("collecting", {"items": list(range(12))})
    await case.recorded("opened")
    office.break_database()
    for number in range(12):
        await case.complete("fill", {"answer": number, "text": "x" * 200_000})
    office.mend_database()
    await case.until(lambda view: not view["unrecorded"], "an empty outbox", within=60)
    await case.complete("check")

    assert await case.result() == "completed"
    assert await no_task_failed(case)
    assert [record.seq for record in case.journal()] == list(range(1, len(case.journal()) + 1))


async def test_what_is_no_case_fails_at_once_with_a_clear_text(office: Office) -> None:
    handle = await office.client.start_workflow("errand", {"hello": 1}, id=office.queue, task_queue=office.queue)

    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert "启动参数不是一个案件" in str(failed.value.cause)
