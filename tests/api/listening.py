"""The application behind a real server on a port of this machine, and somebody who follows its events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from api.app import create_app
from api.settings import ApiSettings
from domain.records import CaseFields, JournalBatch, Record
from storage.database import Database
from storage.journal import record_batch
from storage.settings import Settings
from tests.api.serving import Clock, Site
from tests.storage.journals import opened, record

PATIENCE = 20.0
QUICK = {"feed_seconds": 0.02, "heartbeat_seconds": 0.1}


@asynccontextmanager
async def listening(
    url: str, folder: Path, temporal_port: int = 1, task_queue: str = "yekuo", **api: Any
) -> AsyncIterator[Site]:
    """The API on a port of its own, with the database at `url`; the events need no Temporal."""
    settings = Settings(var=folder, database_url=url, temporal_port=temporal_port, task_queue=task_queue)
    clock, database = Clock(), Database(url)
    app = create_app(settings, ApiSettings(**{**QUICK, **api}), clock)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE):
        while not server.started:
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            yield Site(client, database, clock, settings)
    finally:
        server.should_exit = True
        await serving
        database.close()


@dataclass(frozen=True)
class Heard:
    """One block of a stream: an event, or a sign of life (without data)."""

    id: int
    event: str
    data: dict[str, Any]


@asynccontextmanager
async def follow(client: httpx.AsyncClient, token: str, **request: Any) -> AsyncIterator[AsyncIterator[Heard]]:
    """The events of a stream as they come; the first thing it says, where it begins, is among them without data."""
    headers = {"Authorization": f"Bearer {token}", **request.pop("headers", {})}
    async with client.stream("GET", "/api/v1/events", headers=headers, params=request) as answer:
        assert answer.status_code == 200, (await answer.aread()).decode()
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _blocks(answer)


async def _blocks(answer: httpx.Response) -> AsyncIterator[Heard]:
    fields: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield Heard(int(fields["id"]), fields.get("event", ""), json.loads(fields.get("data", "{}")))
            fields = {}


async def events(stream: AsyncIterator[Heard], count: int) -> list[Heard]:
    """The next so many events, without the signs of life."""
    found: list[Heard] = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < count:
            heard = await anext(stream)
            found += [heard] if heard.event else []
    return found


async def ended(stream: AsyncIterator[Heard]) -> bool:
    """Whether the stream ends, whatever it says before."""
    async with asyncio.timeout(PATIENCE):
        async for _ in stream:
            pass
    return True


def happens(database: Database, case_no: str, *records: Record, county: str = "开发区") -> None:
    """A case is opened, and these records follow."""
    first = record(1, "case", "0", asdict(CaseFields(case_no, "p", 1, county=county)))
    _record(database, case_no, [first, *records])


def goes_on(database: Database, case_no: str, first: int, count: int) -> None:
    """A case goes on with so many tasks, a transaction each."""
    for seq in range(first, first + count):
        _record(database, case_no, [opened(seq, str(seq))])


def _record(database: Database, case_no: str, records: list[Record]) -> None:
    with database.transaction() as session:
        record_batch(session, JournalBatch(f"case/{case_no}", "", case_no, records), datetime.now(UTC))
