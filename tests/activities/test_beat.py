"""What a worker says of itself."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

import worker
from activities.beat import Beat
from storage.database import Database
from storage.files import FileStore
from tests.databases import migrated


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return migrated(tmp_path / "yekuo.db")


async def test_a_worker_that_asks_for_tasks_is_well(
    dev_server: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    queue = str(uuid.uuid4())
    beat = Beat(dev_server.client, database, queue, tmp_path / "worker.json")

    async with worker.build(dev_server.client, database, FileStore(tmp_path / "files"), queue):
        async with asyncio.timeout(20):
            while await beat.problem():
                await asyncio.sleep(0.05)


async def test_a_worker_that_temporal_does_not_know_is_not_well(
    dev_server: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    beat = Beat(dev_server.client, database, str(uuid.uuid4()), tmp_path / "worker.json")

    assert "does not list" in str(await beat.problem())


async def test_a_worker_without_its_database_is_not_well(dev_server: WorkflowEnvironment, tmp_path: Path) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nowhere")
    beat = Beat(dev_server.client, away, str(uuid.uuid4()), tmp_path / "worker.json")

    assert "the database does not answer" in str(await beat.problem())


async def test_a_worker_without_temporal_is_not_well(database: Database, tmp_path: Path) -> None:
    away = await Client.connect("127.0.0.1:1", lazy=True)
    beat = Beat(away, database, "queue", tmp_path / "worker.json")

    assert "Temporal" in str(await beat.problem())


async def test_the_state_is_written_while_it_beats_and_gone_when_it_ends(
    dev_server: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    state = tmp_path / "var" / "worker.json"
    beating = asyncio.create_task(Beat(dev_server.client, database, str(uuid.uuid4()), state).go_on(every=0.01))
    async with asyncio.timeout(10):
        while not state.exists():
            await asyncio.sleep(0.01)

    beating.cancel()
    await asyncio.wait([beating])

    assert not state.exists()
