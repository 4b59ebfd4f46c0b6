"""An act that is sent to a case is done once, or its sender knows that it was not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

import worker
from api import acts
from api.cases import start_case
from demo.scenario import read_scenario
from domain.acts import ActRefused, ClaimTask, ReleaseTask
from storage.files import FileStore
from tests.databases import deployed


@dataclass
class Running:
    """A case whose worker is begun by the test."""

    client: Client
    id: str
    worker: AbstractAsyncContextManager[Any]

    async def task(self) -> str:
        view = await self.client.get_workflow_handle(self.id).query("view")
        return str(view["tasks"][0]["key"])


@pytest_asyncio.fixture(loop_scope="session")
async def case(dev_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Running]:
    database, queue = deployed(tmp_path / "test.db"), str(uuid4())
    variables = {**read_scenario("10kv").variables, "caseNo": f"YK-{uuid4()}"}
    handle = await start_case(dev_server.client, database, queue, "hv_connection", variables)
    files = FileStore(tmp_path / "files")
    yield Running(dev_server.client, handle.id, worker.build(dev_server.client, database, files, queue))
    await handle.terminate()


async def test_an_act_is_answered_with_what_became_of_it(case: Running) -> None:
    async with case.worker:
        done = await acts.send(case.client, case.id, ClaimTask(await case.task(), "wang", ["marketing"]))

    assert (done.act, done.by) == ("ClaimTask", "wang")


async def test_an_act_that_the_case_refuses_is_refused_in_its_words(case: Running) -> None:
    async with case.worker:
        with pytest.raises(ActRefused, match="任务 99 不在待办中"):
            await acts.send(case.client, case.id, ClaimTask("99", "wang", ["marketing"]))


async def test_the_same_key_gets_the_first_answer(case: Running) -> None:
    async with case.worker:
        claim = ClaimTask(await case.task(), "wang", ["marketing"], key="once")
        first = await acts.send(case.client, case.id, claim)
        await acts.send(case.client, case.id, ReleaseTask(claim.task, "wang"))

        assert await acts.send(case.client, case.id, claim) == first


async def test_an_act_that_nobody_answers_in_time_says_so(case: Running) -> None:
    with pytest.raises(TimeoutError):
        await acts.send(case.client, case.id, ClaimTask("1", "wang"), patience=0.5)


async def test_a_case_that_is_not_there_is_an_error_of_the_server(case: Running) -> None:
    with pytest.raises(RPCError) as error:
        await acts.send(case.client, "case/none", ClaimTask("1", "wang"))

    assert error.value.status is RPCStatusCode.NOT_FOUND
