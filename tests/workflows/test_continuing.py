"""A busy case that is continued as new all the time keeps every act, and everything it has or waits for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.testing import WorkflowEnvironment

from api import acts
from domain.acts import Act, ActResult, ClaimTask, CompleteTask, ResolveIncident, SendMessage
from tests.conftest import TEMPORAL
from tests.workflows.office import Office, Running
from workflows.codec import CONVERTER
from workflows.namespace import SEARCH_ATTRIBUTES

HASTE = ("limit.historyCount.suggestContinueAsNew=3", 'history.workflowIdReuseMinimalInterval="0s"')
UPDATES = 200
MANY_RUNS = 20
BOUND = 120.0
"""Seconds after which what should go on has hung."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hasty_server() -> AsyncIterator[WorkflowEnvironment]:
    """A dev server that suggests continue-as-new from a run's third event on, and lets the next run begin at once.

    By itself the server holds back a run whose predecessor lived less than a second, for the rest of that second. The
    restless server still does, so there acts come to runs that have not begun.
    """
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=TEMPORAL,
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=[part for value in HASTE for part in ("--dynamic-config-value", value)],
        data_converter=CONVERTER,
    ) as environment:
        yield environment


@pytest_asyncio.fixture(loop_scope="session")
async def hasty(hasty_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Office]:
    """An office whose cases are continued as new all the time."""
    office = Office(hasty_server.client, tmp_path)
    await office.open()
    try:
        yield office
    finally:
        await office.close()
        office.database.close()


async def outcomes_of_tasks(case: Running) -> Counter[str]:
    """How the tasks of a case that has ended were closed, by the journal, which has no gap."""
    journal = case.journal()
    assert [record.seq for record in journal] == list(range(1, len(journal) + 1))
    return Counter(record.data["outcome"] for record in journal if record.event == "closed")


async def failures(case: Running) -> list[str]:
    """Why workflow tasks of the case failed, in all its runs.

    But for the server's way to say that something came while the run was being continued, and that it is to try again.
    """
    failed = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    again = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
    found = [event for run in await case.runs() for event in run.events if event.event_type == failed]
    attributes = [event.workflow_task_failed_event_attributes for event in found]
    return [f"{one.cause} {one.failure.message}" for one in attributes if one.cause != again]


async def send(case: Running, act: Act) -> ActResult:
    """Send an act as the API does: Temporal refuses it where an event meets the run just as it is continued."""
    return await acts.send(case.office.client, case.id, act)


# -- acts ------------------------------------------------------------------------------------------------------------


async def one_after_another(office: Office, turns: int) -> tuple[Running, list[int], int]:
    """A case that took so many updates: it, the numbers that its variables kept, and how many runs it had."""
    case = await office.start("looping", {"turns": turns, "taken": []})
    for number in range(turns):
        await send(case, CompleteTask(await case.task("step"), "wang", data={"number": number}))
    await case.task("look")
    taken = (await case.view())["variables"]["taken"]
    runs = len(await case.runs())
    await case.complete("look")
    assert await case.result() == "completed"
    return case, taken, runs


@pytest.mark.long
async def test_two_hundred_updates_one_after_another_are_each_kept_once(hasty: Office) -> None:
    # Two cases side by side: an update that comes while its run is being continued is sent again a second later.
    hasty.deploy("looping")

    async with asyncio.timeout(BOUND):
        both = await asyncio.gather(*(one_after_another(hasty, UPDATES // 2) for _ in range(2)))

    for case, taken, runs in both:
        assert taken == list(range(UPDATES // 2))
        assert runs > MANY_RUNS
        assert await outcomes_of_tasks(case) == {"completed": UPDATES // 2 + 1}
        assert await failures(case) == []


@pytest.mark.long
async def test_two_hundred_updates_at_once_are_each_kept_once(hasty: Office) -> None:
    hasty.deploy("collecting")
    case = await hasty.start("collecting", {"items": list(range(UPDATES))})
    view = await case.until(lambda view: len(view["tasks"]) == UPDATES and view, "all tasks")
    gate = asyncio.Semaphore(8)

    async def complete(number: int, task: dict[str, Any]) -> ActResult:
        async with gate:
            return await send(case, CompleteTask(str(task["key"]), "wang", data={"answer": number}))

    async with asyncio.timeout(BOUND):
        answers = await asyncio.gather(*(complete(*numbered) for numbered in enumerate(view["tasks"])))
    await case.task("check")
    variables = (await case.view())["variables"]
    runs = len(await case.runs())
    await case.complete("check")

    assert await case.result() == "completed"
    assert [answer.act for answer in answers] == ["CompleteTask"] * UPDATES
    assert variables["answers"] == list(range(UPDATES))
    assert runs > MANY_RUNS
    assert await outcomes_of_tasks(case) == {"completed": UPDATES + 1}
    assert await failures(case) == []


async def test_updates_and_signals_mixed_are_each_kept_once(hasty: Office) -> None:
    hasty.deploy("collecting")
    case = await hasty.start("collecting", {"items": list(range(40))})
    view = await case.until(lambda view: len(view["tasks"]) == 40 and view, "all tasks")

    gate = asyncio.Semaphore(8)

    async def complete(number: int, task: dict[str, Any]) -> None:
        act = CompleteTask(str(task["key"]), "wang", data={"answer": number})
        async with gate:
            if number % 2:
                await case.handle.signal("complete", act)
            else:
                await send(case, act)

    async with asyncio.timeout(BOUND):
        await asyncio.gather(*(complete(*numbered) for numbered in enumerate(view["tasks"])))
    await case.task("check")

    assert (await case.view())["variables"]["answers"] == list(range(40))
    await case.complete("check")
    assert await case.result() == "completed"
    channels = Counter(record.data["channel"] for record in case.journal() if record.event == "act")
    assert channels == {"signal": 20, "update": 21}


async def test_a_repeated_key_is_answered_by_a_later_run_and_done_once(hasty: Office) -> None:
    hasty.deploy("looping")
    case = await hasty.start("looping", {"turns": 10, "taken": []})
    task = await case.task("step")
    first = await case.update("complete", task=task, by="wang", data={"number": 0}, key="click")
    for number in range(1, 6):
        await case.complete("step", {"number": number})
    before = len(await case.runs())

    again = await case.update("complete", task=task, by="wang", data={"number": 0}, key="click")

    assert before > 2
    assert again == first
    assert (await case.view())["variables"]["taken"] == list(range(6))


async def test_a_claim_and_a_refused_signal_are_known_to_later_runs(hasty: Office) -> None:
    hasty.deploy("errand")
    case = await hasty.start("errand")
    task = await case.task("accept")
    await case.update("claim", task=task, by="zhao", groups=["marketing"])
    for number in range(4):
        await case.handle.signal("release", {"task": task, "by": f"wang-{number}"})
        await case.recorded("refused", by=f"wang-{number}")
    runs = len(await case.runs())

    refusal = await case.refusal("complete", task=task, by="wang", groups=["marketing"], data={"contact": "李"})
    await case.update("complete", task=task, by="zhao", groups=["marketing"], data={"contact": "李"})

    assert runs > 2
    assert refusal == "任务「受理」已由 zhao 领办，wang 不能办理"
    assert await case.result() == "completed"


# -- what a case has and waits for -----------------------------------------------------------------------------------


async def test_jobs_timer_bodies_message_call_claim_and_incident_all_survive(hasty: Office) -> None:
    hasty.deploy("everything")
    case = await hasty.start("everything", {"items": list(range(7)), "broken": True})
    number = (await case.view())["case"]["case_no"]
    claimable = await case.task("claimable")
    await send(case, ClaimTask(claimable, "zhao", ["marketing"]))
    incident = await case.incident()
    child = await case.child("helper")
    await case.recorded("completed", flows=["pause_merge"])

    await send(case, SendMessage("Signed", number, {"signedBy": "李"}))
    await send(child, CompleteTask(await child.task("assist"), "wang"))
    await send(case, ResolveIncident(incident["key"], "admin", {"broken": False}))
    await send(case, CompleteTask(claimable, "zhao", ["marketing"]))

    assert await case.result() == "completed"
    assert len(await case.runs()) > 3
    done = Counter(job.element for job in hasty.work.done)
    assert done == {"first": 1, "second": 1, "third": 1, "each": 7, "repairable": 1, "assist_work": 1}
    assert len({job.key for job in hasty.work.done if job.workflow_id == case.id}) == 11
    events = Counter(record.data.get("act", record.event) for record in case.journal() if record.data.get("channel"))
    assert events == {"claimed": 1, "message": 1, "resolve_incident": 1, "complete": 1}
    assert await failures(case) == []


async def test_an_early_message_is_kept_for_a_later_run(hasty: Office) -> None:
    hasty.deploy("posting")
    case = await hasty.start("waiting")
    number = (await case.view())["case"]["case_no"]
    await case.task("prepare")

    message = {"name": "Letter", "correlation_key": number, "variables": {"page": 7}, "key": "letter-1"}
    await case.update("message", **message)
    await case.handle.signal("claim", {"task": "99", "by": "wang"})
    await case.recorded("refused", act="claim")
    await case.complete("prepare")
    await case.task("received")
    await case.update("message", **message)

    assert (await case.view())["variables"]["page"] == 7
    assert len(await case.runs()) > 2
    await case.complete("received")
    assert await case.result() == "completed"


async def test_ten_jobs_in_a_row_are_done_once_each_in_order(hasty: Office) -> None:
    hasty.deploy("ten")
    case = await hasty.start("ten")
    await case.complete("accept")

    assert await case.result() == "completed"
    assert [job.element for job in hasty.work.done] == [f"step_{number}" for number in range(1, 11)]
    assert len(await case.runs()) > 3


async def test_called_off_work_is_known_as_called_off_until_its_end(hasty: Office) -> None:
    hasty.deploy("interrupting")
    case = await hasty.start("interrupting")
    async with asyncio.timeout(20):
        await hasty.work.begun.wait()
    number = (await case.view())["case"]["case_no"]
    await case.update("message", name="Stop", correlation_key=number)

    hasty.work.going_on.set()

    assert await case.result() == "completed"
    assert [job.element for job in hasty.work.done] == ["slow", "undo"]
    assert [record.data["job"] for record in case.journal() if record.event == "too late"] == ["slow"]
