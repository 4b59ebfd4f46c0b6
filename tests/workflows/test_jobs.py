"""Work of a case that fails, throws, is called off, is more than one workflow task can do, or never ends."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from domain.start import Settings
from tests.workflows.office import Office, Running


async def failed_tasks(case: Running) -> int:
    """How many workflow tasks of the present run failed or ran out of time."""
    kinds = (EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED, EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT)
    return sum(event.event_type in kinds for event in (await case.history()).events)


async def resolve(case: Running, **variables: Any) -> None:
    key = (await case.incident())["key"]
    await case.update("resolve_incident", incident=key, by="admin", variables=variables)


# -- failing, and tried again ----------------------------------------------------------------------------------------


async def test_work_that_fails_less_often_than_its_retries_is_no_incident(office: Office) -> None:
    office.deploy("failing")
    office.work.failures_left = 1

    case = await office.start("failing", {"kind": "flaky"})

    assert await case.result() == "completed"
    assert "incident" not in [record.event for record in case.journal()]


async def test_work_that_fails_through_its_retries_is_an_incident_until_it_is_resolved(office: Office) -> None:
    office.deploy("failing")
    office.work.failures_left = 2
    case = await office.start("failing", {"kind": "flaky"})

    incident = await case.incident()
    left = office.work.failures_left
    status = await case.status()
    await resolve(case)

    assert (incident["kind"], incident["message"], left) == ("job", "暂时不可用", 0)
    assert status is WorkflowExecutionStatus.RUNNING
    assert await case.result() == "completed"
    assert office.work.keys() == [incident["key"]]


async def test_an_incident_that_is_resolved_too_early_comes_again(office: Office) -> None:
    office.deploy("failing")
    case = await office.start("failing", {"kind": "mendable", "broken": True})

    await resolve(case)
    await case.until(lambda view: view["incidents"], "the second incident")
    await resolve(case, broken=False)

    assert await case.result() == "completed"
    events = [record.event for record in case.journal()]
    assert (events.count("incident"), events.count("resolved")) == (2, 2)


# -- BPMN errors -----------------------------------------------------------------------------------------------------


async def test_a_bpmn_error_goes_to_the_boundary_event_with_its_variables(office: Office) -> None:
    office.deploy("failing")
    case = await office.start("failing", {"kind": "throws", "code": "E1"})

    await case.task("mend")
    view = await case.view()

    assert view["incidents"] == []
    assert view["variables"]["why"] == "缺章"
    await case.complete("mend")
    assert await case.result() == "completed"


async def test_a_bpmn_error_that_nothing_catches_is_an_incident(office: Office) -> None:
    office.deploy("failing")
    case = await office.start("failing", {"kind": "throws", "code": "E2"})

    incident = await case.incident()

    assert "E2" in incident["message"]
    assert await case.status() is WorkflowExecutionStatus.RUNNING


@pytest.mark.parametrize(
    ("odd", "text"),
    [
        ("list", "作业的结果应为 JSON 对象，而不是 list"),
        ("infinite", "作业的结果含有不是有限数的 inf"),
        ("half", ""),
        ("no code", "BpmnError 的内容应为 [代码, 变量]：没有代码"),
        ("no object", "BpmnError 的内容应为 [代码, 变量]：变量不是对象"),
    ],
)
async def test_a_result_that_cannot_be_kept_is_an_incident_and_no_failed_workflow_task(
    office: Office, odd: str, text: str
) -> None:
    office.deploy("failing")
    case = await office.start("failing", {"kind": "odd", "odd": odd})

    incident = await case.incident()

    assert text in incident["message"]
    assert incident["message"]
    assert await failed_tasks(case) == 0


async def test_work_that_gives_nothing_changes_no_variable(office: Office) -> None:
    office.deploy("failing")
    case = await office.start("failing", {"kind": "odd", "odd": "nothing"})

    assert await case.result() == "completed"


# -- called off ------------------------------------------------------------------------------------------------------


async def test_work_that_ends_after_it_was_called_off_is_journalled_and_what_undoes_comes_later(office: Office) -> None:
    office.deploy("interrupting")
    case = await office.start("interrupting")
    async with asyncio.timeout(20):
        await office.work.begun.wait()
    number = (await case.view())["case"]["case_no"]
    await case.update("message", name="Stop", correlation_key=number)

    office.work.going_on.set()

    assert await case.result() == "completed"
    assert [job.element for job in office.work.done] == ["slow", "undo"]
    late = [record for record in case.journal() if record.event == "too late"]
    assert [(one.data["element"], one.data["job"]) for one in late] == [("slow", "slow")]


# -- much at once ----------------------------------------------------------------------------------------------------


async def test_no_more_bodies_are_open_than_allowed_and_all_come_in_turn(office: Office) -> None:
    office.deploy("many")
    office.settings = replace(Settings(), open_bodies=5)
    case = await office.start("many_tasks", {"items": list(range(12))})

    most = 0
    for _ in range(12):
        await case.task("task")
        most = max(most, len((await case.view())["tasks"]))
        await case.complete("task")

    assert most == 5
    assert await case.result() == "completed"


async def test_five_hundred_bodies_are_open_at_once_by_default(office: Office) -> None:
    office.deploy("many")
    case = await office.start("many_tasks", {"items": list(range(520))})

    view = await case.until(lambda view: len(view["tasks"]) >= 500 and view, "500 tasks")
    await case.complete("task")
    after = await case.view()

    assert Settings().open_bodies == 500
    assert (len(view["tasks"]), len(after["tasks"])) == (500, 500)


async def test_three_thousand_bodies_are_no_deadlock_of_a_workflow_task(office: Office) -> None:
    office.deploy("many")
    case = await office.start("many_scripts", {"items": list(range(3_000))})

    await case.task("look")

    assert (await case.view())["variables"]["doubles"] == [2 * item for item in range(3_000)]
    assert await failed_tasks(case) == 0


# -- without end -----------------------------------------------------------------------------------------------------


async def test_an_endless_loop_is_an_incident_and_no_failed_workflow_task(office: Office) -> None:
    office.deploy("runaway")
    office.settings = replace(Settings(), endless_steps=5_000)
    case = await office.start("endless", {"stop": False})

    incident = await case.incident()
    failed = await failed_tasks(case)
    await resolve(case, stop=True)

    assert incident["kind"] == "endless loop"
    assert failed == 0
    assert await case.result() == "completed"


async def test_an_expression_beyond_its_budget_is_an_incident_and_no_failed_workflow_task(office: Office) -> None:
    office.deploy("runaway")
    case = await office.start("greedy", {"size": 10_000_000})

    incident = await case.incident()
    failed = await failed_tasks(case)
    await resolve(case, size=10)
    await case.task("shown")

    assert incident["kind"] == "expression"
    assert failed == 0
    assert (await case.view())["variables"]["total"] == 385


# -- the clock -------------------------------------------------------------------------------------------------------


async def test_a_moved_clock_is_refused_outside_a_simulation(office: Office) -> None:
    office.deploy("errand")
    case = await office.start("errand", clock_offset=3_600.0)

    with pytest.raises(WorkflowFailureError) as failed:
        await case.result()

    assert isinstance(failed.value.cause, ApplicationError)
    assert (failed.value.cause.type, failed.value.cause.message) == ("ClockOffset", "仿真之外不得偏移时钟")


async def test_a_simulation_counts_by_its_moved_clock(office: Office) -> None:
    office.deploy("dates")
    real = await office.start("dates")
    moved = await office.start("dates", simulation=True, clock_offset=10 * 86_400.0)

    await real.task("look")
    await moved.task("look")

    assert (await real.view())["variables"]["day"] < (await moved.view())["variables"]["day"]
