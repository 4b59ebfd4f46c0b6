"""Continue-as-new after every step keeps everything: acts, jobs, timers, messages, bodies, claims, incidents, calls."""

from __future__ import annotations

import asyncio
from functools import partial

from tests.bpmn.building import (
    boundary,
    call,
    catch,
    end,
    gateway,
    io,
    message,
    multi,
    process,
    receive,
    script,
    service,
    start,
    timer,
    user,
)
from tests.workflows.running import House, Running, eventually

COUNTING = process(
    start(),
    gateway("exclusive", "again"),
    user("A"),
    script("count", "=(if n = null then 0 else n) + 1", "n"),
    gateway("exclusive", "enough"),
    end(),
    flows=["start > again > A > count > enough", "enough > again: =n < 20", "enough > end: default"],
)


async def _has_had(case: Running, runs: int) -> bool:
    """Whether the list of workflows, which lags a little, has so many runs of the case."""
    return len([run async for run in case.house.client.list_workflows(f"WorkflowId='{case.id}'")]) >= runs


async def test_two_hundred_acknowledged_updates_are_kept_once_each(restless: House) -> None:
    async def one_case() -> Running:
        case = await restless.start(COUNTING)
        for number in range(20):
            await case.complete("A", key=f"act-{number}")
        assert await case.outcome() == "completed"
        return case

    cases = await asyncio.gather(*(one_case() for _ in range(10)))

    for case in cases:
        records = case.records()
        assert len([record for record in records if record.event == "closed"]) == 20
        assert [record.seq for record in records] == list(range(1, len(records) + 1))
    for case in cases:
        await eventually(partial(_has_had, case, 5))


async def test_updates_that_come_all_at_once_are_each_kept_or_refused(restless: House) -> None:
    bodies = process(start(), user("A", multi("=for i in 1..60 return i")), end(), flows=["start > A > end"])
    case = await restless.start(bodies)
    view = await case.until(lambda view: len(view["tasks"]) == 60)

    acts = [{"task": str(task["key"]), "by": "wang"} for task in view["tasks"]]
    gate = asyncio.Semaphore(8)

    async def act(one: dict[str, str]) -> None:
        async with gate:
            await case.act("complete", one)

    await asyncio.gather(*map(act, acts))
    assert await case.outcome() == "completed"
    assert len([record for record in case.records() if record.event == "closed"]) == 60


async def test_a_repeated_key_is_answered_with_its_first_result_by_a_later_run(restless: House) -> None:
    case = await restless.start(COUNTING)
    act = {"task": await case.task("A"), "by": "wang", "key": "click"}
    first = await case.act("complete", act)
    for _ in range(5):
        await case.complete("A")

    assert await case.act("complete", act) == first
    assert (await case.view())["variables"]["n"] == 6


async def test_jobs_claims_incidents_and_timers_survive(restless: House) -> None:
    shapes = process(
        start(),
        service("job"),
        user("A"),
        boundary("A", "late", timer("PT2S"), interrupting=False),
        user("reminded"),
        service("second"),
        end(),
        end("told"),
        flows=["start > job > A > second > end", "late > reminded > told"],
    )
    restless.work.failing["second"] = "物料系统不可用"
    case = await restless.start(shapes)
    await case.act("claim", {"task": await case.task("A"), "by": "wang"})
    await case.complete("reminded")
    assert "已由 wang 领办" in await case.refused("complete", {"task": await case.task("A"), "by": "li"})
    await case.complete("A")
    incident = await case.incident()
    assert "物料系统不可用" in incident["message"]
    restless.work.failing.clear()
    await case.act("resolve_incident", {"incident": incident["key"], "by": "wang"})

    assert await case.outcome() == "completed"
    assert restless.work.elements() == ["job", "second"]


async def test_early_messages_and_subscriptions_survive(restless: House) -> None:
    shapes = process(
        start(),
        user("A"),
        user("B"),
        catch("M", message("paid")),
        receive("R", "signed"),
        end(),
        flows=["start > A > B > M > R > end"],
    )
    case = await restless.start(shapes, variables={"key": "7"})
    await case.act("message", {"name": "paid", "correlation_key": "7", "variables": {"amount": 5}, "key": "m1"})
    await case.complete("A")
    await case.complete("B")
    await case.until(lambda view: any(wait["name"] == "signed" for wait in view["waits"]))
    await case.act("message", {"name": "signed", "correlation_key": "7"})

    assert await case.outcome() == "completed"


async def test_a_called_case_outlives_its_callers_runs_and_reports_to_the_workflow_id(restless: House) -> None:
    caller = process(
        start(),
        gateway("parallel", "fork"),
        call("call", "child"),
        user("A"),
        user("B"),
        gateway("parallel", "join"),
        end(),
        flows=["start > fork > call > join > end", "fork > A > B > join"],
    )
    called = process(start("begin"), user("C"), user("D"), end("done"), flows=["begin > C > D > done"], id_="child")
    case = await restless.start(caller, called)
    child = await case.the_child()
    await case.complete("A")
    await child.complete("C")
    await case.complete("B")
    await child.complete("D", {"result": "done"})

    assert await case.outcome() == "completed"
    await eventually(lambda: _has_had(case, 2))
    ends = [record.element for record in case.records() if record.event == "completed"]
    assert "call" in ends


async def test_sequential_bodies_with_jobs_survive(restless: House) -> None:
    shapes = process(
        start(),
        service("job", multi("=[1,2,3,4,5,6]", item="i", into="all", gives="=i * 2", sequential=True), io({"n": "=i"})),
        user("A"),
        end(),
        flows=["start > job > A > end"],
    )
    case = await restless.start(shapes)
    await case.task("A")

    assert (await case.view())["variables"]["all"] == [2, 4, 6, 8, 10, 12]
    assert [job.variables["n"] for job in restless.work.done] == [1, 2, 3, 4, 5, 6]
