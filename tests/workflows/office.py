"""An office: a worker with a database of its own on one of the servers, and the cases that run there."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ResetReapplyType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowHistory,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

import worker
from activities.starting import case_start
from api.deployment import deploy
from domain.calendar import WorkingCalendar
from domain.jobs import Job
from domain.limits import LimitTable
from domain.records import CaseFields, Record
from domain.start import CaseStart, Settings, StartContext
from storage.bundles import current_bundle
from storage.files import FileStore
from storage.journal_rows import workflow_journal
from tests.databases import migrated
from tests.workflows.acting import acted
from workflows import showing

MODELS = Path(__file__).parent / "models"
PATIENCE = 20.0
"""Seconds within which what a test waits for must have come."""

T = TypeVar("T")


async def eventually(find: Callable[[], Awaitable[T | None]], what: str, within: float = PATIENCE) -> T:
    """What `find` gives as soon as it gives anything that is true."""
    end = time.monotonic() + within
    while not (found := await find()):
        assert time.monotonic() < end, f"{what} did not come within {within} s"
        await asyncio.sleep(0.03)
    return found


class Work:
    """The activities of the test models, and what they were asked to do."""

    def __init__(self) -> None:
        self.done: list[Job] = []
        self.failures_left = 0
        self.going_on = asyncio.Event()
        self.begun = asyncio.Event()

    @activity.defn(name="work")
    async def work(self, job: Job) -> dict[str, Any]:
        """Succeeds."""
        self.done.append(job)
        return {"result": job.variables.get("item"), "worked": True}

    @activity.defn(name="slow")
    async def slow(self, job: Job) -> dict[str, Any]:
        """Succeeds as soon as the test lets it go on."""
        self.begun.set()
        async with asyncio.timeout(PATIENCE):
            await self.going_on.wait()
        self.done.append(job)
        return {}

    @activity.defn(name="mendable")
    async def mendable(self, job: Job) -> dict[str, Any]:
        """Fails as long as the variable `broken` says so."""
        if job.variables.get("broken"):
            raise ApplicationError("设备故障")
        self.done.append(job)
        return {"mended": True}

    @activity.defn(name="flaky")
    async def flaky(self, job: Job) -> dict[str, Any]:
        """Fails as often as `failures_left` says."""
        if self.failures_left:
            self.failures_left -= 1
            raise RuntimeError("暂时不可用")
        self.done.append(job)
        return {}

    @activity.defn(name="throws")
    async def throws(self, job: Job) -> dict[str, Any]:
        """Throws the BPMN error that the variable `code` names."""
        raise ApplicationError(
            "材料不合格", job.variables["code"], {"why": "缺章"}, type="BpmnError", non_retryable=True
        )

    @activity.defn(name="odd")
    async def odd(self, job: Job) -> Any:
        """Gives or raises something that is no result."""
        match job.variables["odd"]:
            case "list":
                return [1, 2]
            case "nothing":
                return None
            case "infinite":
                return {"x": float("inf")}
            case "half":
                return {"x": "\ud800"}
            case "no code":
                raise ApplicationError("没有代码", type="BpmnError", non_retryable=True)
            case _:
                raise ApplicationError("变量不是对象", "E1", [1], type="BpmnError", non_retryable=True)

    @property
    def all(self) -> list[Callable[..., Any]]:
        """To be registered."""
        return [self.work, self.slow, self.mendable, self.flaky, self.throws, self.odd]

    def keys(self, element: str = "") -> list[str]:
        """Keys of the jobs done, of one element or of all."""
        return [job.key for job in self.done if element in ("", job.element)]


class Running:
    """A case that runs: acting on it, and looking at it."""

    def __init__(self, office: Office, handle: WorkflowHandle[Any, Any]) -> None:
        self.office = office
        self.handle = handle
        self.id = handle.id

    async def view(self) -> dict[str, Any]:
        """What the query answers."""
        async with asyncio.timeout(PATIENCE):
            view: dict[str, Any] = await self.handle.query("view")
        return view

    async def update(self, act: str, **fields: Any) -> dict[str, Any]:
        """Send an act as an update."""
        return await acted(self.handle, act, fields, PATIENCE)

    async def refusal(self, act: str, **fields: Any) -> str:
        """The text with which an update is refused."""
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await self.update(act, **fields)
        assert isinstance(refused.value.cause, ApplicationError)
        return refused.value.cause.message

    async def task(self, element: str) -> str:
        """The key of the open task of an element, as soon as there is one."""

        async def find() -> str | None:
            tasks = (await self.view())["tasks"]
            return next((str(task["key"]) for task in tasks if task["element"] == element), None)

        return await eventually(find, f"task {element} of {self.id}")

    async def complete(self, element: str, data: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """Complete the task of an element, as soon as there is one."""
        act = {"by": "wang", "groups": ["marketing"], "data": data or {}, **fields}
        return await self.update("complete", task=await self.task(element), **act)

    async def incident(self) -> dict[str, Any]:
        """The first incident, as soon as there is one."""

        async def find() -> dict[str, Any] | None:
            return next(iter((await self.view())["incidents"]), None)

        return await eventually(find, f"incident of {self.id}")

    async def until(
        self, is_so: Callable[[dict[str, Any]], Any], what: str = "the state", within: float = PATIENCE
    ) -> Any:
        """Wait until something is so of the view; answers what `is_so` does."""

        async def find() -> Any:
            return is_so(await self.view())

        return await eventually(find, f"{what} of {self.id}", within)

    async def result(self, within: float = PATIENCE) -> str:
        """The outcome at the end."""
        async with asyncio.timeout(within):
            result: dict[str, str] = await self.handle.result()
        return result["outcome"]

    async def status(self) -> WorkflowExecutionStatus | None:
        """Temporal's word on it."""
        return (await self.handle.describe()).status

    async def child(self, process: str) -> Running:
        """The called case of a process, as soon as there is one."""
        name = await self.until(
            lambda view: next((child for child in view["children"].values() if f"/{process}-" in child), None),
            f"child {process}",
        )
        child = Running(self.office, self.office.client.get_workflow_handle(name))

        async def there() -> bool:
            try:
                await child.handle.describe()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                return False
            return True

        await eventually(there, f"child {name}")
        return child

    def journal(self) -> list[Record]:
        """The effective records that the database has."""
        with self.office.database.session() as session:
            return [line.record for line in workflow_journal(session, self.id, limit=100_000)]

    async def recorded(self, event: str, **data: Any) -> Record:
        """The first record of an event with these data, as soon as the database has it."""

        async def find() -> Record | None:
            return next((r for r in self.journal() if r.event == event and data.items() <= r.data.items()), None)

        return await eventually(find, f"record {event} {data} of {self.id}")

    async def runs(self) -> list[WorkflowHistory]:
        """The histories of all runs, the first one first."""
        found: list[WorkflowHistory] = []
        run_id = (await self.handle.describe()).run_id
        while run_id:
            history = await self.office.client.get_workflow_handle(self.id, run_id=run_id).fetch_history()
            found.insert(0, history)
            run_id = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
        return found

    async def history(self) -> WorkflowHistory:
        """The history of the present run."""
        return await self.handle.fetch_history()

    async def reset(self, event_id: int, run_id: str = "") -> str:
        """Reset it to a workflow task's end, without what came later; answers the new run's id."""
        run_id = run_id or (await self.handle.describe()).run_id
        reply = await self.office.client.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=self.office.client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=self.id, run_id=run_id),
                reason="test",
                workflow_task_finish_event_id=event_id,
                request_id=str(uuid4()),
                reset_reapply_type=ResetReapplyType.RESET_REAPPLY_TYPE_NONE,
            )
        )
        return reply.run_id


class Office:
    """A worker and a database on a server; cases of the test models are started here."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self.queue = f"office-{uuid4()}"
        self.path = folder / "yekuo.db"
        self.database = migrated(self.path)
        self.files = FileStore(folder / "files")
        self.work = Work()
        self.settings = Settings()
        self.calendar = WorkingCalendar.shipped().to_json()
        self.limits = json.dumps(LimitTable.shipped().to_json(), ensure_ascii=False)
        self._at_work = AsyncExitStack()

    def deploy(self, *models: str) -> None:
        """Deploy models, with the forms they use."""
        files = {f"{model}.bpmn": (MODELS / f"{model}.bpmn").read_text("utf-8") for model in models}
        forms = {path.name: path.read_text("utf-8") for path in MODELS.glob("*.form")}
        deploy(self.database, {**files, **forms}, datetime.now(UTC))

    def case(self, process: str, variables: dict[str, Any] | None = None, **changes: Any) -> CaseStart:
        """The input of a case; its process must have been deployed."""
        with self.database.session() as session:
            bundle = current_bundle(session, process)
        assert bundle, f"{process} has not been deployed"
        number = f"YK-{uuid4()}"
        fields = CaseFields(number, process, 1, "", "10kV专线", "10", "东城县", "某客户有限公司", "某路 1 号")
        start = case_start(
            bundle, fields, {"caseNo": number, **(variables or {})}, StartContext(self.calendar), datetime.now(UTC)
        )
        return replace(start, settings=self.settings, **changes)

    async def start(self, process: str, variables: dict[str, Any] | None = None, **changes: Any) -> Running:
        """Start a case, as the API does."""
        return await self.start_case(self.case(process, variables, **changes))

    async def start_case(self, start: CaseStart) -> Running:
        """Start a case with this input."""
        handle = await self.client.start_workflow(
            start.case.process,
            start,
            id=f"case/{start.case.case_no}",
            task_queue=self.queue,
            static_summary=showing.summary(start.case),
            search_attributes=showing.first_attributes(start.case),
        )
        return Running(self, handle)

    async def open(self) -> None:
        """Let a worker begin."""
        built = worker.build(self.client, self.database, self.files, self.queue, self.work.all)
        await self._at_work.enter_async_context(built)

    async def close(self) -> None:
        """Let the worker finish."""
        await self._at_work.aclose()

    def break_database(self) -> None:
        """Make the database impossible to open."""
        self.database.close()
        for part in self.folder.glob("yekuo.db*"):
            part.rename(part.with_name(f"kept-{part.name}"))
        self.path.mkdir()

    def mend_database(self) -> None:
        """Give the database back as it was."""
        self.path.rmdir()
        for part in self.folder.glob("kept-*"):
            part.rename(part.with_name(part.name.removeprefix("kept-")))
