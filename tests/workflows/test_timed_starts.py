"""Cases begin at the times of their timer start events, each time once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle
from temporalio.worker import Replayer

import worker
from api.deployment import deploy
from storage.timer_starts import TimerStart, timer_starts
from tests.bpmn.building import Part, end, model_xml, process, start, timer, user
from tests.workflows.running import House, Running, eventually
from tests.workflows.support import terminated
from workflows.codec import CONVERTER
from workflows.timed_starts import BEGIN_TIMED_CASES, BeginTimedCases


def named() -> str:
    """A process of the test's own: what begins by time is known by its process."""
    return f"timed-{uuid4().hex[:8]}"


def deployed(house: House, name: str, begins: Part, task: str = "A") -> None:
    shape = process(start("begin", begins), user(task), end(), flows=[f"begin > {task} > end"], id_=name)
    deploy(house.database, {"model.bpmn": model_xml(shape)}, datetime.now(UTC))


async def played(house: House, within: float) -> WorkflowHandle[Any, Any]:
    """One time of the schedule, to its end."""
    one = await house.client.start_workflow(BEGIN_TIMED_CASES, within, id=f"timed/{uuid4()}", task_queue=house.queue)
    await one.result()
    return one


def planned(house: House) -> list[TimerStart]:
    with house.database.session() as session:
        return list(timer_starts(session))


async def listed(house: House, name: str, count: int) -> list[Running]:
    """The cases, once the server lists so many."""

    async def find() -> list[Running] | None:
        ids = sorted([one.id async for one in house.client.list_workflows(f"WorkflowType = '{name}'")])
        found = [Running(house, house.client.get_workflow_handle(one)) for one in ids]
        return found if len(found) >= count else None

    return await eventually(find)


async def test_a_cycle_begins_so_many_cases_each_with_a_number_of_its_time(house: House) -> None:
    name = named()
    deployed(house, name, timer("R3/PT0.3S"))

    run = await played(house, 5)

    assert await run.result() == 3
    cases = await listed(house, name, 3)
    views = [await case.view() for case in cases]
    assert [view["tasks"][0]["element"] for view in views] == ["A", "A", "A"]
    assert all(view["variables"]["caseNo"] == view["case"]["case_no"] for view in views)
    numbers = {view["case"]["case_no"] for view in views}
    assert len(numbers) == 3
    assert all(number.startswith(f"{name}-2") for number in numbers)
    assert [(one.due, one.remaining) for one in planned(house)] == [(None, 0)]
    replayer = Replayer(workflows=[BeginTimedCases], workflow_runner=worker.RUNNER, data_converter=CONVERTER)
    await replayer.replay_workflow(await run.fetch_history())
    await terminated(house, *cases)


async def test_what_comes_later_is_left_to_a_later_time(house: House) -> None:
    name = named()
    deployed(house, name, timer("PT1H"))

    run = await played(house, 1)

    assert await run.result() == 0
    (one,) = planned(house)
    assert one.due is not None
    assert timedelta(minutes=59) < one.due - datetime.now(UTC) < timedelta(hours=1)


async def test_a_date_that_has_passed_begins_one_case_however_often_it_is_deployed(house: House) -> None:
    name = named()
    passed = timer((datetime.now(UTC) - timedelta(days=2)).isoformat())
    deployed(house, name, passed)
    assert await (await played(house, 1)).result() == 1

    deployed(house, name, passed, task="B")

    assert await (await played(house, 1)).result() == 0
    (case,) = await listed(house, name, 1)
    assert (await case.view())["tasks"][0]["element"] == "A"
    await terminated(house, case)


async def test_two_runs_at_once_begin_each_case_once(house: House) -> None:
    name = named()
    deployed(house, name, timer("R2/PT0.3S"))

    runs = [
        await house.client.start_workflow(BEGIN_TIMED_CASES, 3.0, id=f"timed/{uuid4()}", task_queue=house.queue)
        for _ in range(2)
    ]
    for run in runs:
        await run.result()

    cases = await listed(house, name, 2)
    assert len(cases) == 2
    assert [(one.due, one.remaining) for one in planned(house)] == [(None, 0)]
    await terminated(house, *cases)


async def test_two_events_of_one_process_that_are_due_at_once_begin_cases_of_different_numbers(house: House) -> None:
    name, at = named(), timer((datetime.now(UTC) - timedelta(hours=1)).isoformat())
    shape = process(start("a", at), start("b", at), user("A"), end(), flows=["a > A > end", "b > A"], id_=name)
    deploy(house.database, {"model.bpmn": model_xml(shape)}, datetime.now(UTC))

    assert await (await played(house, 1)).result() == 2

    cases = await listed(house, name, 2)
    assert len({(await case.view())["case"]["case_no"] for case in cases}) == 2
    await terminated(house, *cases)
