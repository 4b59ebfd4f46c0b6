"""`/health`: the process lives. `/ready`: it could serve; which part is missing, if one is, and always within 3 s."""

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
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from storage.database import MIGRATIONS, Database

PATIENCE = 2.0
"""Seconds that one part has to answer; the parts are asked at the same time."""

Check = Callable[[], Awaitable[str | None]]
"""Asks one part; the answer is what is wrong with it, None if nothing."""


class Alive(BaseModel):
    """The answer of `/health`."""

    alive: bool


class Part(BaseModel):
    """One thing the API cannot work without."""

    ready: bool
    problem: str | None


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
    problems = await asyncio.gather(*(_bounded(check) for check in checks.values()))
    parts = {name: Part(ready=not problem, problem=problem) for name, problem in zip(checks, problems, strict=True)}
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


def temporal_check(client: Client) -> Check:
    """Whether Temporal answers for our namespace."""
    request = DescribeNamespaceRequest(namespace=client.namespace)

    async def check() -> str | None:
        try:
            await client.workflow_service.describe_namespace(request, timeout=timedelta(seconds=PATIENCE))
        except (RPCError, RuntimeError) as error:
            address = client.service_client.config.target_host
            return f"Temporal at {address} does not answer for namespace {client.namespace!r}: {_first_line(error)}"
        return None

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
