"""No two workflow tasks in a row end without a command, so that every history replays, whoever took a case over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

import worker
from tests.workflows.calling import TAKEN, calling
from tests.workflows.running import House, Running, eventually
from tests.workflows.running import house as open_house
from workflows.codec import CONVERTER
from workflows.process import BpmnProcess
from workflows.voice import SPOKEN_SINCE

BROUGHT = (
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED,
    EventType.EVENT_TYPE_TIMER_FIRED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
)
"""What is no command: all that stands between the end of a silent task and that of the next one."""


def silent_pairs(events: list[HistoryEvent]) -> Iterator[int]:
    """The ids of the ends of tasks without a command, behind another one and right before the next."""
    before = False
    for position, event in enumerate(events):
        if event.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            continue
        following = events[position + 1 :]
        commanded = bool(following) and following[0].event_type not in BROUGHT
        at_once = bool(following) and following[0].event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED
        if before and at_once:
            yield event.event_id
        before = not commanded


@pytest_asyncio.fixture(loop_scope="session")
async def forgetful(dev_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[House]:
    """A house whose worker takes every case over anew at each task, as after a crash."""
    async with open_house(dev_server.client, tmp_path, cached=0) as house:
        yield house


async def quiet(case: Running) -> None:
    """Until all that an act has set off is over."""

    async def over() -> bool:
        described = (await case.handle.describe()).raw_description
        return not (described.pending_activities or described.HasField("pending_workflow_task"))

    await eventually(over)


async def worked_on(house: House, semantics: int) -> list[Running]:
    """A case and what it called, after some acts, each when the one before is over."""
    case = await calling(house, TAKEN, semantics=semantics)
    child = await case.the_child()
    for element in "CDE":
        await child.task(element)
        await quiet(child)
        await child.complete(element)
    await case.task("B")
    await quiet(case)
    await case.complete("B")
    await case.outcome()
    return [case, child]


def replayer() -> Replayer:
    return Replayer(workflows=[BpmnProcess], workflow_runner=worker.RUNNER, data_converter=CONVERTER)


async def test_no_two_tasks_in_a_row_are_silent(forgetful: House) -> None:
    for case in await worked_on(forgetful, SPOKEN_SINCE):
        history = await case.handle.fetch_history()

        assert list(silent_pairs(list(history.events))) == []


async def test_what_a_worker_wrote_that_took_a_case_over_replays(forgetful: House) -> None:
    for case in await worked_on(forgetful, SPOKEN_SINCE):
        await replayer().replay_workflow(await case.handle.fetch_history())
