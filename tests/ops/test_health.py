"""/health and /ready over HTTP semantics, against a real database and a real server, and without them."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from temporalio.testing import WorkflowEnvironment

import worker
from api.app import create_app
from storage.database import Database
from storage.files import FileStore
from storage.settings import Settings
from tests.conftest import TEMPORAL

BOUND = 3.0


@pytest.fixture
def migrated(tmp_path: Path) -> str:
    """The address of a database on this version's schema."""
    url = f"sqlite:///{tmp_path / 'yekuo.db'}"
    database = Database(url)
    database.migrate()
    database.close()
    return url


@pytest.fixture
def silent() -> Iterator[int]:
    """A port where connections are taken and nothing is ever answered."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture(autouse=True)
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where these tests keep their files."""
    monkeypatch.setenv("YEKUO_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


@asynccontextmanager
async def _client(database_url: str, temporal_port: int, task_queue: str = "yekuo") -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(database_url=database_url, temporal_port=temporal_port, task_queue=task_queue))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api") as client,
    ):
        yield client


def _port(environment: WorkflowEnvironment) -> int:
    return int(environment.client.service_client.config.target_host.rsplit(":", 1)[1])


async def _ready(database_url: str, temporal_port: int, task_queue: str = "yekuo") -> tuple[int, dict[str, Any]]:
    async with _client(database_url, temporal_port, task_queue) as client:
        begin = time.monotonic()
        answer = await client.get("/ready")
        assert time.monotonic() - begin < BOUND
    return answer.status_code, answer.json()


async def test_ready_when_everything_answers(dev_server: WorkflowEnvironment, migrated: str, tmp_path: Path) -> None:
    queue, database = str(uuid4()), Database(migrated)
    async with worker.build(dev_server.client, database, FileStore(tmp_path / "files"), queue):
        async with asyncio.timeout(20):
            while (found := await _ready(migrated, _port(dev_server), queue))[1]["parts"]["worker"]["warning"]:
                await asyncio.sleep(0.05)
    database.close()

    good = {"ready": True, "problem": None, "warning": None}
    parts = {"database": good, "files": good, "temporal": good, "worker": good}
    assert found == (200, {"ready": True, "parts": parts})


async def test_without_a_worker_the_api_is_ready_and_warns(dev_server: WorkflowEnvironment, migrated: str) -> None:
    status, body = await _ready(migrated, _port(dev_server), "nobody")

    assert (status, body["ready"]) == (200, True)
    assert body["parts"]["worker"]["warning"] == "no worker asks for work on the task queue 'nobody'"


async def test_a_file_store_that_cannot_be_written_is_said(
    dev_server: WorkflowEnvironment, migrated: str, var: Path
) -> None:
    var.mkdir()
    (var / "files").write_text("in the way")

    status, body = await _ready(migrated, _port(dev_server))

    assert status == 503
    assert body["parts"]["files"]["problem"] == "the file store cannot be written: File exists"


async def test_a_namespace_without_our_search_attributes_is_said(migrated: str) -> None:
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=TEMPORAL, dev_server_log_level="error"
    ) as bare:
        status, body = await _ready(migrated, _port(bare))

    assert status == 503
    assert "lacks the search attributes CaseNo, " in body["parts"]["temporal"]["problem"]


async def test_a_server_that_is_down_is_said_by_address(migrated: str, free_port: Callable[[], int]) -> None:
    port = free_port()

    status, body = await _ready(migrated, port)

    assert status == 503
    assert not body["ready"]
    assert body["parts"]["database"]["ready"]
    assert f"127.0.0.1:{port} does not answer" in body["parts"]["temporal"]["problem"]


async def test_a_server_that_never_answers_does_not_hold_the_request(migrated: str, silent: int) -> None:
    status, body = await _ready(migrated, silent)

    assert status == 503
    assert body["parts"]["database"]["ready"]
    assert body["parts"]["temporal"]["problem"]


async def test_a_database_without_our_tables_is_not_ready(dev_server: WorkflowEnvironment, tmp_path: Path) -> None:
    status, body = await _ready(f"sqlite:///{tmp_path / 'empty.db'}", _port(dev_server))

    assert status == 503
    assert "the database is at version none, migrate it to " in body["parts"]["database"]["problem"]
    assert body["parts"]["temporal"]["ready"]


async def test_a_database_that_is_down_is_said(dev_server: WorkflowEnvironment, free_port: Callable[[], int]) -> None:
    status, body = await _ready(f"postgresql://nobody:secret@127.0.0.1:{free_port()}/yekuo", _port(dev_server))

    assert status == 503
    assert body["parts"]["database"]["problem"].startswith("the database does not answer: ")
    assert "secret" not in body["parts"]["database"]["problem"]


async def test_a_database_that_never_answers_does_not_hold_the_request(
    dev_server: WorkflowEnvironment, silent: int
) -> None:
    url = f"postgresql://nobody@127.0.0.1:{silent}/yekuo?connect_timeout=4"

    status, body = await _ready(url, _port(dev_server))

    assert status == 503
    assert body["parts"]["database"]["problem"] == "no answer within 2 s"
    assert body["parts"]["temporal"]["ready"]


async def test_readiness_comes_back_by_itself(dev_server: WorkflowEnvironment, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'later.db'}"
    async with _client(url, _port(dev_server)) as client:
        assert (await client.get("/ready")).status_code == 503

        database = Database(url)
        database.migrate()
        database.close()

        assert (await client.get("/ready")).status_code == 200


async def test_the_process_lives_without_database_and_server(tmp_path: Path, free_port: Callable[[], int]) -> None:
    async with _client(f"sqlite:///{tmp_path / 'empty.db'}", free_port()) as client:
        answer = await client.get("/health")

    assert (answer.status_code, answer.json()) == (200, {"alive": True})


async def test_no_page_loads_anything_from_elsewhere(tmp_path: Path, free_port: Callable[[], int]) -> None:
    async with _client(f"sqlite:///{tmp_path / 'empty.db'}", free_port()) as client:
        assert (await client.get("/docs")).status_code == 404
        assert (await client.get("/redoc")).status_code == 404
