"""A worker that is killed in the middle of a case loses nothing and doubles nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from api.cases import start_case, workflow_id
from api.deployment import SHIPPED, deploy, read_folder
from demo.acting import CaseTree
from storage.database import Database
from storage.documents import case_documents
from storage.journal_rows import case_journal
from tests.cases.walking import WALKS

ROOT = Path(__file__).parents[2]
KILLS = 5


@asynccontextmanager
async def killable(settings: dict[str, str]) -> AsyncIterator[Worker]:
    worker = Worker(settings)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.stop(signal.SIGTERM)


class Worker:
    """The worker as a process of its own."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.settings = settings
        self.process: asyncio.subprocess.Process

    async def start(self) -> None:
        environment = {**os.environ, **self.settings}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "worker.py", cwd=ROOT, env=environment, stdout=asyncio.subprocess.DEVNULL
        )

    async def stop(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        async with asyncio.timeout(20):
            await self.process.wait()

    async def kill(self) -> None:
        """End it as a power cut would, and start another."""
        await self.stop(signal.SIGKILL)
        await self.start()


@pytest.mark.timeout(400)
async def test_a_case_survives_five_kills_of_its_worker(dev_server: WorkflowEnvironment, tmp_path: Path) -> None:
    client = dev_server.client
    database = Database(f"sqlite:///{tmp_path / 'yekuo.db'}")
    database.migrate()
    deploy(database, read_folder(SHIPPED), datetime.now(UTC))
    walk = WALKS["ordinary_customer"]
    variables = {**walk["variables"], "caseNo": f"YK-KILLED-{os.getpid()}"}
    settings = {
        "TEMPORAL_ADDRESS": client.service_client.config.target_host,
        "YEKUO_VAR": str(tmp_path),
        "YEKUO_TASK_QUEUE": "killed",
    }
    moments = [len(walk["acts"]) * number // (KILLS + 1) for number in range(1, KILLS + 1)]
    async with killable(settings) as worker:
        await start_case(client, database, "killed", "hv_connection", variables)
        case = CaseTree(client, workflow_id(variables["caseNo"]), patience=100)
        for number, act in enumerate(walk["acts"]):
            doing = asyncio.create_task(case.complete(act["element"], "承办人", act["data"]))
            if number in moments:
                await worker.kill()
            await doing
        assert await case.end() == "completed"

    with database.session() as session:
        lines = case_journal(session, variables["caseNo"], limit=100_000)
        documents = case_documents(session, variables["caseNo"])
    for name in {line.workflow_id for line in lines}:
        seqs = [line.record.seq for line in lines if line.workflow_id == name]
        assert sorted(seqs) == list(range(1, len(seqs) + 1))
    done = [line.record for line in lines if line.record.event == "act" and line.record.data["act"] == "complete"]
    assert len(done) == len(walk["acts"])
    assert sorted(document.kind for document in documents) == ["construction_contract", "supply_plan_reply"]
    assert [document.version for document in documents] == [1, 1]
