"""Work that fails, that is called off, and that is more than one workflow task can do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from temporalio.client import WorkflowFailureError

from domain.start import Settings
from tests.bpmn.building import (
    boundary,
    end,
    error,
    gateway,
    message,
    multi,
    on_event,
    process,
    script,
    service,
    start,
    user,
)
from tests.workflows.running import House


async def test_a_failing_job_is_an_incident_that_is_resolved_and_tried_again(house: House) -> None:
    house.work.failing["job"] = "合同金额超过批复"
    case = await house.start(process(start(), service("job"), end(), flows=["start > job > end"]))

    incident = await case.incident()
    assert (incident["kind"], incident["message"]) == ("job", "合同金额超过批复")
    house.work.failing.clear()
    await case.act("resolve_incident", {"incident": incident["key"], "by": "wang", "variables": {"limit": 2}})

    assert await case.outcome() == "completed"
    assert house.work.done[0].variables["limit"] == 2


async def test_the_same_work_keeps_its_key_when_it_is_tried_again(house: House) -> None:
    house.work.failing["job"] = "no"
    case = await house.start(process(start(), service("job"), end(), flows=["start > job > end"]))
    incident = await case.incident()
    house.work.failing.clear()
    await case.act("resolve_incident", {"incident": incident["key"], "by": "wang"})
    await case.outcome()

    assert [job.key for job in house.work.done] == [incident["key"]]


async def test_a_bpmn_error_of_an_activity_goes_to_the_boundary_event(house: House) -> None:
    house.work.throwing["job"] = "SHORT"
    shapes = process(
        start(),
        service("job"),
        boundary("job", "short", error("SHORT")),
        user("order"),
        end(),
        end("ordered"),
        flows=["start > job > end", "short > order > ordered"],
    )
    case = await house.start(shapes)
    await case.complete("order")

    assert await case.outcome() == "completed"
    assert house.work.done == []


async def test_work_that_was_called_off_ends_before_what_follows_begins(house: House) -> None:
    shapes = process(
        start(),
        service("job"),
        end(),
        on_event("stop", message("stop"), then="after"),
        flows=["start > job > end"],
    )
    house.work.may_go_on.clear()
    case = await house.start(shapes, variables={"key": "7"})
    await case.until(lambda view: view["waits"])
    await case.act("message", {"name": "stop", "correlation_key": "7"})
    await case.task("after")
    house.work.may_go_on.set()
    await case.until(lambda view: view["unrecorded"] == 0)
    await case.complete("after")

    assert await case.outcome() == "completed"
    assert [record.data["element"] for record in case.records() if record.event == "too late"] == ["job"]


async def test_no_more_bodies_are_open_at_once_than_allowed(house: House) -> None:
    house.settings = replace(Settings(), open_bodies=20)
    case = await house.start(
        process(start(), user("A", multi("=for i in 1..50 return i")), end(), flows=["start > A > end"])
    )

    view = await case.until(lambda view: len(view["tasks"]) >= 20)
    assert len(view["tasks"]) == 20
    await case.complete("A")
    assert len((await case.view())["tasks"]) == 20


async def test_three_thousand_bodies_do_not_hold_up_a_workflow_task(house: House) -> None:
    shapes = process(
        start(),
        script("S", "=i + 1", "n", multi("=for i in 1..3000 return i", item="i", into="all", gives="=n")),
        user("A"),
        end(),
        flows=["start > S > A > end"],
    )
    case = await house.start(shapes)
    await case.task("A")

    assert len((await case.view())["variables"]["all"]) == 3000
    assert "WORKFLOW_TASK_FAILED" not in await case.events()
    assert "TIMER_STARTED" in await case.events()


async def test_an_endless_loop_is_an_incident(house: House) -> None:
    shapes = process(
        start(),
        gateway("exclusive", "g"),
        script("S", "=1", "n"),
        end(),
        flows=["start > g", "g > S: =true", "S > g", "g > end: default"],
    )
    house.settings = replace(Settings(), endless_steps=3_000)
    case = await house.start(shapes)

    assert (await case.incident())["kind"] == "endless loop"


async def test_an_expression_without_end_is_an_incident(house: House) -> None:
    shapes = process(
        start(),
        script("S", "=count(for i in 1..100000, j in 1..100000 return i)", "n"),
        end(),
        flows=["start > S > end"],
    )
    case = await house.start(shapes)

    assert (await case.incident())["kind"] == "expression"


async def test_a_clock_offset_is_refused_outside_simulation(house: House) -> None:
    shapes = process(start(), user("A"), end(), flows=["start > A > end"])
    case = await house.start(shapes, clock_offset=3600.0)

    with pytest.raises(WorkflowFailureError) as failed:
        await case.outcome()
    assert "仿真之外不得偏移时钟" in str(failed.value.cause)


async def test_ten_jobs_in_a_row_are_recorded_together(house: House) -> None:
    jobs = [service(f"job{number}") for number in range(10)]
    path = " > ".join(["start", *(job.id for job in jobs), "end"])
    case = await house.start(process(start(), *jobs, end(), flows=[path]))
    await case.outcome()

    history = await case.handle.fetch_history()
    names = [event.activity_task_scheduled_event_attributes.activity_type.name for event in history.events]
    assert names.count("work") == 10
    assert names.count("record-journal") <= 3
