"""Called processes are child workflows that report by signal: each way they may end is known to the caller."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.workflows.office import Office, Running, eventually
from workflows.process import BpmnProcess


@workflow.defn(name="called")
class Failing:
    """Stands in for a called process, and fails at once."""

    @workflow.run
    async def run(self, _start: dict[str, Any]) -> None:
        raise ApplicationError("broken", non_retryable=True)


async def elements(case: Running, event: str) -> list[str]:
    await case.until(lambda view: not view["unrecorded"], "an empty outbox")
    return [record.element for record in case.journal() if record.event == event]


async def called(office: Office, **data: str) -> tuple[Running, Running]:
    """A case and the child that it called; the child's task is completed with data, if there are any."""
    office.deploy("calling")
    case = await office.start("calling")
    child = await case.child("called")
    if data:
        await child.complete("decide", data)
    return case, child


async def test_a_child_outlives_its_parents_runs_and_its_result_is_taken_once(restless_office: Office) -> None:
    case, child = await called(restless_office)
    for _ in range(3):
        await case.handle.signal("complete", {"task": "99", "by": "wang"})
        await asyncio.sleep(0.1)
    runs = len(await case.runs())
    await child.complete("decide", {"answer": 42})

    assert await case.result() == "completed"
    assert await child.result() == "completed"
    assert runs > 1
    assert (await elements(case, "completed")).count("task") == 1


async def test_an_error_of_the_child_goes_to_the_boundary_event(office: Office) -> None:
    case, child = await called(office, how="error")

    await case.complete("mend")

    assert await case.result() == "completed"
    assert await child.result() == "failed"


async def test_an_escalation_that_interrupts_ends_the_waiting_child(office: Office) -> None:
    case, child = await called(office, how="alarm")

    await case.complete("react")

    assert await case.result() == "completed"
    assert await child.result() == "terminated"
    assert "after" not in await elements(child, "activated")


async def test_an_escalation_that_does_not_interrupt_lets_both_go_on(office: Office) -> None:
    case, child = await called(office, how="notify")

    await case.complete("read")
    await child.complete("after")

    assert await case.result() == "completed"
    assert await child.result() == "completed"


@pytest.mark.parametrize(("top", "outcome"), [("stopping", "terminated"), ("going_on", "completed")])
async def test_the_answer_to_an_interrupting_escalation_comes_over_two_levels(
    office: Office, top: str, outcome: str
) -> None:
    office.deploy("levels")
    case = await office.start(top)
    middle = await case.child("middle")
    bottom = await middle.child("bottom")
    await bottom.complete("work_bottom")

    await case.complete(f"answer_{top}")
    if outcome == "completed":
        await bottom.complete("rest_bottom")

    assert await bottom.result() == outcome
    assert await middle.result() == outcome
    assert await case.result() == "completed"


async def test_an_escalation_to_a_caller_that_is_gone_lets_the_child_go_on(office: Office) -> None:
    case, child = await called(office)
    await child.task("decide")
    await case.handle.terminate()

    await child.complete("decide", {"how": "alarm"})
    await child.complete("after")

    assert await child.result() == "completed"
    assert [r.data["signal"] for r in child.journal() if r.event == "undelivered"] == ["child_report"] * 2


async def test_an_interrupted_call_cancels_the_child(office: Office) -> None:
    case, child = await called(office)
    number = (await case.view())["case"]["case_no"]
    await child.task("decide")

    await case.update("message", name="Stop", correlation_key=number)
    await case.complete("closing")

    assert await child.result() == "terminated"
    assert await case.result() == "completed"


async def test_withdrawal_reaches_the_running_child_as_a_message_and_it_compensates(office: Office) -> None:
    office.deploy("withdrawing")
    case = await office.start("withdrawing")
    child = await case.child("works_project")
    await child.task("build")
    number = (await case.view())["case"]["case_no"]

    await case.update("message", name="Withdraw", correlation_key=number)

    assert await case.result() == "completed"
    assert await child.result() == "completed"
    assert [job.element for job in office.work.done if job.element != "file"] == ["issue", "give_back"]


async def test_a_report_to_a_parent_that_is_gone_is_journalled(office: Office) -> None:
    case, child = await called(office)
    await child.task("decide")
    await case.handle.terminate()

    await child.complete("decide")

    assert await child.result() == "completed"
    assert [record.data["to"] for record in child.journal() if record.event == "undelivered"] == [case.id]


async def test_a_terminated_child_is_an_incident_and_retrying_starts_it_anew(office: Office) -> None:
    case, child = await called(office)
    await child.task("decide")
    await child.handle.terminate()
    incident = await case.incident()

    await case.update("resolve_incident", incident=incident["key"], by="wang")
    again = await case.child("called")
    await eventually(lambda: is_running(again), "the new child")
    await again.complete("decide")

    assert incident["kind"] == "call"
    assert child.id in incident["message"]
    assert await case.result() == "completed"


async def is_running(case: Running) -> bool:
    return await case.status() is WorkflowExecutionStatus.RUNNING


async def test_a_child_that_closed_while_the_parent_was_continued_as_new_is_an_incident(
    restless_office: Office,
) -> None:
    case, child = await called(restless_office)
    await child.task("decide")
    await case.handle.signal("complete", {"task": "99", "by": "wang"})
    await case.recorded("refused")

    await child.handle.terminate()
    await case.handle.signal("complete", {"task": "98", "by": "wang"})
    incident = await case.incident()

    assert child.id in incident["message"]


async def test_a_child_is_asked_after_at_a_slow_interval(restless_office: Office) -> None:
    restless_office.settings = replace(restless_office.settings, child_check_interval=0.5)
    case, child = await called(restless_office)
    await child.task("decide")
    await case.handle.signal("complete", {"task": "99", "by": "wang"})
    await case.recorded("refused")
    await asyncio.sleep(1)

    await child.handle.terminate()

    assert child.id in (await case.incident())["message"]


async def test_a_child_that_failed_without_a_report_is_an_incident(office: Office) -> None:
    office.deploy("calling")
    await office.close()
    failing = Worker(
        office.client,
        task_queue=office.queue,
        workflows=[Failing, BpmnProcess],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with failing:
        case = await office.start("calling")
        incident = await case.incident()

    assert "未报告结果即已关闭（ApplicationError）" in incident["message"]


async def test_a_running_child_of_the_same_id_is_adopted_and_its_time_out_is_noticed(office: Office) -> None:
    office.settings = replace(office.settings, child_check_interval=0.5)
    office.deploy("calling")
    start = office.case("calling")
    await office.client.start_workflow(
        "called",
        office.case("called"),
        id=f"case/{start.case.case_no}/called-3",
        task_queue=office.queue,
        execution_timeout=timedelta(seconds=3),
    )

    case = await office.start_case(start)
    adopted = await case.recorded("adopted")
    incident = await case.incident()

    assert adopted.data["child"] == f"case/{start.case.case_no}/called-3"
    assert "TIMED_OUT" in incident["message"]


async def test_a_report_that_nobody_waits_for_is_journalled_and_changes_nothing(office: Office) -> None:
    case, child = await called(office)
    await child.task("decide")

    forged = {"call_key": 3, "workflow_id": "someone-else", "outcome": "completed"}
    await case.handle.signal("child_report", forged)
    await case.recorded("unexpected report", child="someone-else")

    assert len((await case.view())["children"]) == 1


async def test_a_case_cancelled_in_temporal_ends_in_order_with_its_children(office: Office) -> None:
    case, child = await called(office)
    await child.task("decide")

    await case.handle.cancel()

    assert await child.result() == "terminated"
    await eventually(lambda: is_closed(case), "the end")
    assert await case.status() is WorkflowExecutionStatus.CANCELED
    assert "cancelled" in [record.event for record in case.journal()]


async def is_closed(case: Running) -> bool:
    return not await is_running(case)
