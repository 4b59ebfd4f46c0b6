"""What tests of the workflows share: a worker with a database of its own, and cases that run on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

import worker
from activities.starting import case_start, packed
from bpmn.definition import Definition
from bpmn.reader import read_all
from domain.calendar import WorkingCalendar
from domain.feel import shipped_functions
from domain.jobs import Job
from domain.records import CaseFields, Record
from domain.start import CaseStart, Settings, StartContext
from storage.bundles import current_bundle, deploy_bundle
from storage.database import Database
from storage.files import FileStore
from storage.journal_rows import workflow_journal
from tests.bpmn.building import Shape, model_xml
from tests.databases import migrated
from tests.workflows.acting import acted

T = TypeVar("T")
PATIENCE = 20.0


class Work:
    """The work of service tasks: answers what the task's variable `gives` says, and fails as told.

    `answering` are by element (or, as `element:moment`, by listener) other answers, in turn.
    """

    def __init__(self) -> None:
        self.done: list[Job] = []
        self.failing: dict[str, str] = {}
        self.throwing: dict[str, str] = {}
        self.answering: dict[str, list[Any]] = {}
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    @activity.defn(name="work")
    async def work(self, job: Job) -> Any:
        await self.may_go_on.wait()
        if reason := self.failing.get(job.element):
            raise ApplicationError(reason, non_retryable=True)
        if code := self.throwing.get(job.element):
            raise ApplicationError("as told", code, {"why": "told"}, type="BpmnError", non_retryable=True)
        self.done.append(job)
        if answers := self.answering.get(f"{job.element}:{job.listens}" if job.listens else job.element):
            return answers.pop(0)
        given = job.variables.get("gives")
        return dict(given) if isinstance(given, dict) else {}

    def elements(self) -> list[str]:
        return [job.element for job in self.done]


async def eventually(find: Callable[[], Awaitable[T | None]], within: float = PATIENCE) -> T:
    """What `find` gives as soon as it gives anything; fails when it does not in time."""
    async with asyncio.timeout(within):
        while not (found := await find()):
            await asyncio.sleep(0.02)
    return found


@dataclass
class Running:
    """A case on the server."""

    house: House
    handle: WorkflowHandle[Any, Any]

    @property
    def id(self) -> str:
        return str(self.handle.id)

    async def view(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.handle.query("view")
        return found

    async def limits(self, count: int = 1) -> list[dict[str, Any]]:
        """The clocks of the case, as soon as there are so many."""

        async def find() -> list[dict[str, Any]] | None:
            rows: list[dict[str, Any]] = await self.handle.query("limits")
            return rows if len(rows) >= count else None

        return await eventually(find)

    async def task(self, element: str) -> str:
        """The key of the open task of an element, as soon as there is one."""

        async def find() -> str | None:
            tasks = (await self.view())["tasks"]
            return next((str(task["key"]) for task in tasks if task["element"] == element), None)

        return await eventually(find)

    async def complete(self, element: str, data: Mapping[str, Any] | None = None, **act: Any) -> dict[str, Any]:
        """Complete the task of an element as soon as it is open."""
        return await self.act("complete", {"task": await self.task(element), "by": "wang", "data": data or {}, **act})

    async def act(self, name: str, act: Any) -> dict[str, Any]:
        return await acted(self.handle, name, act, PATIENCE)

    async def refused(self, name: str, act: Any) -> str:
        """Why an act is refused."""
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await self.act(name, act)
        assert isinstance(refused.value.cause, ApplicationError)
        return refused.value.cause.message

    async def incident(self) -> dict[str, str]:
        """The first incident, as soon as there is one."""

        async def find() -> dict[str, str] | None:
            return next(iter((await self.view())["incidents"]), None)

        return await eventually(find)

    async def until(self, condition: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The view, as soon as it is as wanted."""

        async def find() -> dict[str, Any] | None:
            view = await self.view()
            return view if condition(view) else None

        return await eventually(find)

    async def outcome(self) -> str:
        async with asyncio.timeout(PATIENCE):
            return str((await self.handle.result())["outcome"])

    async def closed(self) -> WorkflowExecutionStatus:
        async def find() -> WorkflowExecutionStatus | None:
            status = (await self.handle.describe()).status
            return status if status is not WorkflowExecutionStatus.RUNNING else None

        return await eventually(find)

    def child(self, workflow_id: str) -> Running:
        return Running(self.house, self.house.client.get_workflow_handle(workflow_id))

    async def the_child(self, number: int = 0) -> Running:
        """The called process that is running, as soon as it is."""
        view = await self.until(lambda view: len(view["children"]) > number)
        child = self.child(list(view["children"].values())[number])

        async def started() -> bool:
            try:
                return (await child.handle.describe()).status is WorkflowExecutionStatus.RUNNING
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                return False

        await eventually(started)
        return child

    async def events(self) -> list[str]:
        history = await self.handle.fetch_history()
        return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events]

    async def recorded(self, event: str) -> list[Record]:
        """The records of that kind, once everything is recorded that has happened."""
        await self.until(lambda view: not view["unrecorded"])
        return [record for record in self.records() if record.event == event]

    async def until_recorded(self, event: str) -> Record:
        """The first record of that kind, as soon as there is one."""

        async def find() -> Record | None:
            return next((record for record in self.records() if record.event == event), None)

        return await eventually(find)

    def records(self) -> list[Record]:
        with self.house.database.session() as session:
            return [line.record for line in workflow_journal(session, self.id, limit=100_000)]


@dataclass
class House:
    """A worker with its database and the work of its service tasks."""

    client: Client
    database: Database
    files: FileStore
    queue: str
    work: Work = field(default_factory=Work)
    settings: Settings = field(default_factory=Settings)

    async def start(
        self,
        *processes: Shape,
        variables: Mapping[str, Any] | None = None,
        files: Mapping[str, str] | None = None,
        case: CaseFields | None = None,
        **fields: Any,
    ) -> Running:
        """A case of the first of these processes."""
        return await self.start_model(model_xml(*processes), processes[0].id, variables, files, case, **fields)

    async def start_model(
        self,
        xml: str,
        process: str,
        variables: Mapping[str, Any] | None = None,
        files: Mapping[str, str] | None = None,
        case: CaseFields | None = None,
        **fields: Any,
    ) -> Running:
        """A case of a process of this model."""
        definition = read_all({"model.bpmn": xml, **(files or {})}, shipped_functions())
        start = replace(self.input(definition, process, variables or {}, case), **fields)
        handle = await self.client.start_workflow(process, start, id=f"case/{uuid4()}", task_queue=self.queue)
        return Running(self, handle)

    def input(
        self, definition: Definition, process: str, variables: Mapping[str, Any], case: CaseFields | None = None
    ) -> CaseStart:
        return CaseStart(
            case=case or CaseFields("YK-TEST", process, 1),
            definition=json.dumps(definition.dump()),
            definition_sha256=packed(definition.dump())[1],
            calendar=WorkingCalendar.shipped().to_json(),
            variables=dict(variables),
            settings=self.settings,
        )

    def deploy(self, *processes: Shape) -> None:
        """Make processes known, with the messages and signals they wait for."""
        definition = read_all({"model.bpmn": model_xml(*processes)})
        messages, signals, starts = definition.messages(), definition.signals(), definition.message_starts()
        with self.database.transaction() as session:
            for process in processes:
                payload, sha256 = packed(definition.closure(process.id).dump())
                begins = [message for message, started in starts.items() if started == process.id]
                deploy_bundle(
                    session,
                    process.id,
                    sha256,
                    payload,
                    messages=messages[process.id],
                    starts=begins,
                    signals=signals[process.id],
                    now=datetime.now(UTC),
                )

    async def start_deployed(self, process: str, variables: Mapping[str, Any]) -> Running:
        with self.database.session() as session:
            bundle = current_bundle(session, process)
            assert bundle is not None
        context = StartContext(WorkingCalendar.shipped().to_json())
        start = case_start(bundle, CaseFields("YK-TEST", process, 1), dict(variables), context, datetime.now(UTC))
        start = replace(start, settings=self.settings)
        handle = await self.client.start_workflow(process, start, id=f"case/{uuid4()}", task_queue=self.queue)
        return Running(self, handle)


@asynccontextmanager
async def house(
    client: Client, folder: Path, database: Database | None = None, cached: int = worker.CACHED
) -> AsyncIterator[House]:
    """A worker at work that keeps so many cases in memory."""
    if database is None:
        database = migrated(folder / "cases.db")
    one = House(client, database, FileStore(folder / "files"), str(uuid4()))
    async with worker.build(client, database, one.files, one.queue, [one.work.work], cached):
        yield one


async def reset_to(case: Running, before: str) -> str:
    """Reset a case to the workflow task that asked for the event `before`; answers the new run."""
    events = await case.events()
    asked = events.index(before.replace("EXECUTION_STARTED", "EXECUTION_INITIATED").replace("CHILD", "START_CHILD"))
    point = max(number for number, name in enumerate(events[:asked], 1) if name == "WORKFLOW_TASK_COMPLETED")
    answer = await case.house.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=case.house.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=case.id),
            reason="test",
            workflow_task_finish_event_id=point,
            request_id=case.id,
        )
    )
    return str(answer.run_id)
