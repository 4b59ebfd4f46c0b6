"""A worker that is killed at any moment and started again loses nothing and does nothing twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import select
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetStickyTaskQueueRequest
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from api.cases import start_case, workflow_id
from api.deployment import SHIPPED, deploy, read_folder
from demo.acting import CaseTree
from storage.database import Database
from storage.documents import Document
from storage.journal_rows import JournalRow
from tests.bpmn.processes.play import WALKS
from tests.cases.walking import in_one_evening
from tests.conftest import TEMPORAL
from tests.workflows.running import eventually
from tests.workflows.support import ROOT
from workflows.codec import CONVERTER
from workflows.namespace import SEARCH_ATTRIBUTES

KILLED_AT = {3: 0.0, 12: 0.02, 14: 0.06, 21: 0.1, 31: 0.04}
"""At which acts the worker is killed, and so many seconds after the act was begun: before, within and after it."""

WHOLE_CASE = 90
PATIENCE = 45
"""Seconds for one step: work that was killed with its worker is begun again only after its time is over."""


class Killable:
    """The worker as a process of its own, as it runs in production."""

    def __init__(self, address: str, folder: Path, queue: str) -> None:
        self._settings = {
            "TEMPORAL_ADDRESS": address,
            "YEKUO_DATABASE_URL": f"sqlite:///{folder / 'yekuo.db'}",
            "YEKUO_FILES": str(folder / "files"),
            "YEKUO_TASK_QUEUE": queue,
        }
        self._process: Process | None = None

    async def begin(self) -> None:
        """Start it; it is at work as soon as Temporal knows it."""
        environment = {**os.environ, **self._settings}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "worker.py", cwd=ROOT, env=environment, stdout=PIPE, stderr=DEVNULL
        )

    async def kill(self) -> None:
        """End it as a power failure does."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
            self._process = None


@asynccontextmanager
async def at_work(worker: Killable) -> AsyncIterator[Killable]:
    await worker.begin()
    try:
        yield worker
    finally:
        await worker.kill()


class Person:
    """Does a case's acts, each under a key of its own, and tries again where the answer is lost."""

    def __init__(self, case: CaseTree) -> None:
        self._case = case
        self._done = 0
        self._workflows: dict[str, None] = {}

    async def complete(self, element: str, data: dict[str, Any]) -> None:
        """Complete the task of an element that has been open longest."""
        workflow, task = await eventually(lambda: self._find(element), PATIENCE)
        self._done += 1
        act = {
            "task": str(task["key"]),
            "by": "承办人",
            "groups": task["candidate_groups"],
            "data": data,
            "key": f"act-{self._done}",
        }

        async def answered() -> bool:
            with suppress(RPCError):
                await self._case.client.get_workflow_handle(workflow).execute_update("complete", act)
                return True
            return False

        await eventually(answered, PATIENCE)

    async def _find(self, element: str) -> tuple[str, dict[str, Any]] | None:
        with suppress(RPCError):
            async for view in self._case.views():
                self._workflows[view["workflowId"]] = None
                for task in view["tasks"]:
                    if task["element"] == element:
                        return str(view["workflowId"]), task
        return None

    async def forget_worker(self) -> None:
        """Let any worker have the case's next tasks at once; Temporal waits ten seconds for the one that is gone."""
        client = self._case.client
        for name in self._workflows:
            request = ResetStickyTaskQueueRequest(
                namespace=client.namespace, execution=WorkflowExecution(workflow_id=name)
            )
            with suppress(RPCError):  # it has closed
                await client.workflow_service.reset_sticky_task_queue(request)


@pytest_asyncio.fixture(loop_scope="session")
async def hasty_server() -> AsyncIterator[WorkflowEnvironment]:
    """A dev server that gives a workflow task to another worker after a second, not after ten."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=TEMPORAL,
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=["--dynamic-config-value", 'history.defaultWorkflowTaskTimeout="1s"'],
        data_converter=CONVERTER,
    ) as environment:
        yield environment


@pytest.mark.long
async def test_a_case_survives_five_kills_of_its_worker_without_loss_or_double(
    hasty_server: WorkflowEnvironment, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'yekuo.db'}")
    database.migrate()
    deploy(database, read_folder(SHIPPED), datetime.now(UTC))
    walk = in_one_evening(WALKS["ordinary_customer"])
    number, queue = f"YK-{uuid4()}", f"killed-{uuid4()}"
    acts = walk["acts"]
    client = hasty_server.client
    address = client.service_client.config.target_host
    started = datetime.fromisoformat(walk["start"])
    offset = (started - datetime.now(UTC)).total_seconds()
    async with asyncio.timeout(WHOLE_CASE), at_work(Killable(address, tmp_path, queue)) as worker:
        await start_case(
            client,
            database,
            queue,
            "hv_connection",
            {**walk["variables"], "caseNo": number},
            simulation=True,
            clock_offset=offset,
        )
        case = CaseTree(client, workflow_id(number))
        person = Person(case)
        for position, step in enumerate(acts):
            doing = asyncio.create_task(person.complete(step["element"], step["data"]))
            if position in KILLED_AT:
                await asyncio.sleep(KILLED_AT[position])
                await worker.kill()
                await person.forget_worker()
                await worker.begin()
            await doing
        assert await case.end() == "completed"

    with database.session() as session:
        rows = session.execute(select(JournalRow.workflow_id, JournalRow.epoch, JournalRow.seq)).all()
        numbers = session.scalars(select(Document.number)).all()
        kinds = Counter(session.scalars(select(Document.kind)))
    by_workflow: dict[str, list[int]] = {}
    for workflow, epoch, seq in rows:
        assert epoch == ""
        by_workflow.setdefault(workflow, []).append(seq)
    assert len(by_workflow) == 3
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in by_workflow.values())
    assert len(set(numbers)) == len(numbers)
    assert set(kinds) >= {"one_time_notice", "supply_plan_reply", "construction_contract", "supply_contract"}
    assert set(kinds.values()) == {1}
