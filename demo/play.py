"""Plays a scenario in virtual time, with the real diagrams, workflows, activities, database and documents."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig
from temporalio.testing import WorkflowEnvironment

import worker
from api.cases import start_case, workflow_id
from api.deployment import SHIPPED, deploy, read_folder
from demo.acting import CaseTree, NotThere
from demo.scenario import Act, Reaction, Scenario
from domain.acts import ActRefused
from storage.database import Database
from storage.files import FileStore
from workflows.codec import CONVERTER
from workflows.namespace import add_search_attributes

TEST_SERVER = Path(sys.executable).with_name("temporal-test-server")
TASK_QUEUE = "demo"
OPENING = timedelta(minutes=10)
"""How long before the first act the application comes in."""


class SceneFailed(Exception):
    """The story could not go on; says at which act, and why."""


@dataclass(frozen=True)
class Stage:
    """Where a scenario is played: a server with virtual time, a database, a folder of documents."""

    environment: WorkflowEnvironment
    database: Database
    files: FileStore

    @property
    def client(self) -> Client:
        return self.environment.client


@asynccontextmanager
async def time_skipping() -> AsyncIterator[WorkflowEnvironment]:
    """Temporal's test server: its time goes as fast as the story."""
    quiet = Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter="ERROR")))
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(TEST_SERVER), data_converter=CONVERTER, runtime=quiet
    ) as environment:
        await add_search_attributes(environment.client)
        yield environment


def prepare(environment: WorkflowEnvironment, folder: Path) -> Stage:
    """A stage in `folder`, with the shipped diagrams deployed."""
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{folder / 'demo.db'}")
    database.migrate()
    deploy(database, read_folder(SHIPPED), datetime.now(UTC))
    return Stage(environment, database, FileStore(folder / "files"))


async def play(stage: Stage, scenario: Scenario) -> str:
    """Play a scenario to its end and answer the case number. Raises `SceneFailed` where the case does not follow."""
    opening = scenario.acts[0].at - OPENING
    offset = (opening - await stage.environment.get_current_time()).total_seconds()
    async with worker.build(stage.client, stage.database, stage.files, TASK_QUEUE):
        await start_case(
            stage.client,
            stage.database,
            TASK_QUEUE,
            scenario.process,
            scenario.variables,
            simulation=True,
            clock_offset=offset,
        )
        case_no = str(scenario.variables["caseNo"])
        case = CaseTree(stage.client, workflow_id(case_no))
        for number, act in enumerate(scenario.acts, 1):
            await _until(stage, act.at - timedelta(seconds=offset))
            try:
                await _do(case, act)
            except (ActRefused, NotThere) as error:
                what = act.element if isinstance(act, Act) else act.act.clock
                raise SceneFailed(f"第 {number} 步 {what}（{act.by}）：{error.__cause__ or error}") from error
        await case.end()
    return case_no


async def _do(case: CaseTree, act: Act | Reaction) -> None:
    if isinstance(act, Act):
        await case.complete(act.element, act.by, act.data)
    else:
        await case.react(act.act)


async def _until(stage: Stage, instant: datetime) -> None:
    """Let virtual time pass."""
    left = instant - await stage.environment.get_current_time()
    if left > timedelta(0):
        await stage.environment.sleep(left)
