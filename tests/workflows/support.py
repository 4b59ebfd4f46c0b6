"""What tests share beyond a house: looking into Temporal and into the journal, and resetting."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, ResetReapplyType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus, WorkflowHistory
from temporalio.service import RPCError

from domain.records import Record
from storage.journal_rows import JournalLine, workflow_journal
from tests.workflows.running import House, Running, eventually

ROOT = Path(__file__).parents[2]
"""The folder of the repository."""


def lines(case: Running) -> list[JournalLine]:
    """The lines of the journal that count, with their epochs."""
    with case.house.database.session() as session:
        return workflow_journal(session, case.id, limit=100_000)


def events_of(records: Sequence[Record], element: str) -> list[str]:
    """What happened to an element, in order."""
    return [record.event for record in records if record.element == element]


def gapless(records: Sequence[Record]) -> bool:
    """Whether the numbers of a journal go from 1 to its end, each once."""
    return [record.seq for record in records] == list(range(1, len(records) + 1))


async def whole(case: Running) -> list[Record]:
    """The journal, once all that has happened is in it."""
    await case.until(lambda view: not view["unrecorded"])
    return case.records()


async def runs(case: Running) -> list[WorkflowHistory]:
    """The histories of all runs that continue one another, the first one first."""
    found: list[WorkflowHistory] = []
    run_id = (await case.handle.describe()).run_id
    while run_id:
        history = await case.house.client.get_workflow_handle(case.id, run_id=run_id).fetch_history()
        found.insert(0, history)
        run_id = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return found


async def in_run(case: Running, number: int) -> None:
    """Wait until the case is in its run of that number, counted from 1."""

    async def there() -> bool:
        return len(await runs(case)) >= number

    await eventually(there)


async def continued(case: Running) -> None:
    """Move a case on a server that suggests continue-as-new, and wait until it is in a later run."""
    before = len(await runs(case))
    await case.handle.signal("claim", {"task": "none", "by": "wang"})
    await in_run(case, before + 1)


def names(history: WorkflowHistory) -> list[str]:
    """The kinds of a history's events."""
    return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events]


def scheduled(history: WorkflowHistory) -> list[str]:
    """The activities that a run has asked for, in order."""
    return [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]


async def signals_of(case: Running) -> list[str]:
    """The signals that the present run has had."""
    history = await case.handle.fetch_history()
    return [
        event.workflow_execution_signaled_event_attributes.signal_name
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]


async def signalled(case: Running, name: str) -> None:
    """Wait until the case has had a signal of that name."""

    async def there() -> bool:
        return name in await signals_of(case)

    await eventually(there)


async def child_named(case: Running, process: str) -> Running:
    """The called case of a process, as soon as it is running."""
    view = await case.until(lambda view: any(f"/{process}-" in child for child in view["children"].values()))
    child = case.child(next(child for child in view["children"].values() if f"/{process}-" in child))

    async def running() -> bool:
        with suppress(RPCError):
            return await status(child) is WorkflowExecutionStatus.RUNNING
        return False

    await eventually(running)
    return child


async def status(case: Running) -> WorkflowExecutionStatus | None:
    """Temporal's word on the present run."""
    return (await case.handle.describe()).status


async def reset(case: Running, event_id: int, run_id: str = "") -> tuple[Running, str]:
    """Reset a case to the end of a workflow task, without what came later; answers the case and the new run's id."""
    answer = await case.house.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=case.house.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=case.id, run_id=run_id),
            reason="test",
            workflow_task_finish_event_id=event_id,
            request_id=str(uuid4()),
            reset_reapply_type=ResetReapplyType.RESET_REAPPLY_TYPE_NONE,
        )
    )
    return case.child(case.id), str(answer.run_id)


def task_before(history: WorkflowHistory, event: str, number: int = 0) -> int:
    """The id of the last workflow task that ended before the event of that kind and number."""
    found = names(history)
    at = [position for position, name in enumerate(found) if name == event][number]
    return max(position for position, name in enumerate(found[:at], 1) if name == "WORKFLOW_TASK_COMPLETED")


async def terminated(house: House, *cases: Running) -> None:
    """End cases that a test is done with."""
    for case in cases:
        with suppress(RPCError):
            await case.handle.terminate("the test is over")
