"""`/health`: the process lives. `/ready`: it could serve; which part is missing, if one is, and always within 3 s.

What others have to do for the cases to go on, such as a worker that runs, is warned of: this process can serve without.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from storage.database import MIGRATIONS, Database
from storage.files import FileStore
from workflows.namespace import NamespaceUnfit, missing_attributes

PATIENCE = 2.0
"""Seconds that one part has to answer; the parts are asked at the same time."""

Check = Callable[[], Awaitable[str | None]]
"""Asks one part; the answer is what is wrong with it, None if nothing."""


class Alive(BaseModel):
    """The answer of `/health`."""

    alive: bool


class Part(BaseModel):
    """One thing the API cannot work without, or that it warns of."""

    ready: bool
    problem: str | None
    warning: str | None = None


class Readiness(BaseModel):
    """The answer of `/ready`: 200 if all parts are ready, otherwise 503."""

    ready: bool
    parts: dict[str, Part]


router = APIRouter(tags=["health"])


@router.get("/health")
async def health() -> Alive:
    """Whether the process lives."""
    return Alive(alive=True)


@router.get("/ready", responses={status.HTTP_503_SERVICE_UNAVAILABLE: {"model": Readiness}})
async def ready(request: Request, response: Response) -> Readiness:
    """Whether every part answers; the application's state holds the checks by the name of the part."""
    checks: Mapping[str, Check] = request.app.state.checks
    warnings: Mapping[str, Check] = request.app.state.warnings
    both = [*checks.values(), *warnings.values()]
    found = await asyncio.gather(*(_bounded(check) for check in both))
    problems, warned = found[: len(checks)], found[len(checks) :]
    parts = {name: Part(ready=not problem, problem=problem) for name, problem in zip(checks, problems, strict=True)}
    for name, warning in zip(warnings, warned, strict=True):
        parts[name] = Part(ready=True, problem=None, warning=warning)
    if any(problems):
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return Readiness(ready=not any(problems), parts=parts)


def database_check(database: Database, threads: ThreadPoolExecutor) -> Check:
    """Whether the database answers and has exactly the tables of this version."""
    expected = set(ScriptDirectory(str(MIGRATIONS)).get_heads())

    def problem() -> str | None:
        try:
            with database.engine.connect() as connection:
                found = set(MigrationContext.configure(connection).get_current_heads())
        except SQLAlchemyError as error:
            return f"the database does not answer: {_first_line(error)}"
        if found != expected:
            return f"the database is at version {_versions(found)}, migrate it to {_versions(expected)}"
        return None

    async def check() -> str | None:
        return await asyncio.get_running_loop().run_in_executor(threads, problem)

    return check


def files_check(files: FileStore, threads: ThreadPoolExecutor) -> Check:
    """Whether a file can be written."""

    def problem() -> str | None:
        try:
            files.probe()
        except OSError as error:
            return f"the file store cannot be written: {error.strerror}"
        return None

    async def check() -> str | None:
        return await asyncio.get_running_loop().run_in_executor(threads, problem)

    return check


def temporal_check(client: Client) -> Check:
    """Whether Temporal answers for our namespace, and can list cases by what we list them by."""

    async def check() -> str | None:
        try:
            missing = await missing_attributes(client, timedelta(seconds=PATIENCE))
        except NamespaceUnfit as unfit:
            return str(unfit)
        except (RPCError, RuntimeError) as error:
            address = client.service_client.config.target_host
            return f"Temporal at {address} does not answer for namespace {client.namespace!r}: {_first_line(error)}"
        if missing:
            names = ", ".join(key.name for key in missing)
            return f"namespace {client.namespace!r} lacks the search attributes {names}, which a worker adds"
        return None

    return check


def worker_check(client: Client, task_queue: str) -> Check:
    """Whether a worker has asked for work of late: without one, cases stand still."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )

    async def check() -> str | None:
        try:
            answer = await client.workflow_service.describe_task_queue(request, timeout=timedelta(seconds=PATIENCE))
        except (RPCError, RuntimeError):
            return "Temporal does not say whether a worker runs"
        return None if answer.pollers else f"no worker asks for work on the task queue {task_queue!r}"

    return check


async def _bounded(check: Check) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except TimeoutError:
        return f"no answer within {PATIENCE:.0f} s"


def _versions(heads: set[str]) -> str:
    return ", ".join(sorted(heads)) or "none"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
