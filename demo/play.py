"""Plays a scenario in virtual time, with the real diagrams, workflows, activities, database and documents."""

from __future__ import annotations

import asyncio
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
from activities.messages import Messenger
from api.cases import start_case, workflow_id
from api.deployment import SHIPPED, deploy, read_folder
from demo.acting import CaseTree, NotThere
from demo.givens import goods_arrive, lay
from demo.scenario import Act, Arrival, Happening, Reaction, Scenario, Word, Works
from demo.works import ask_for_outage
from domain.acts import ActRefused
from domain.on_demand import ON_DEMAND
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


async def play(stage: Stage, scenario: Scenario) -> list[str]:
    """Play a scenario to its end and answer its case numbers, those of its plans last.

    Raises `SceneFailed` where a case does not follow.
    """
    opening = scenario.acts[0].at - OPENING
    now = await stage.environment.get_current_time()
    scene = Scene(stage, scenario, (opening - now).total_seconds())
    await asyncio.to_thread(lay, stage.database, scenario.given, opening)
    async with worker.build(stage.client, stage.database, stage.files, TASK_QUEUE):
        await scene.open()
        for number, act in enumerate(scenario.acts, 1):
            await scene.until(act.at)
            try:
                await scene.do(act)
            except (ActRefused, NotThere) as error:
                raise SceneFailed(f"第 {number} 步 {act.what}（{act.by}）：{error.__cause__ or error}") from error
        if scenario.until:
            await scene.until(scenario.until)
        return await scene.end()


class Scene:
    """A scenario as it is played: its cases and plans, and a time that is `offset` seconds ahead of the server's."""

    def __init__(self, stage: Stage, scenario: Scenario, offset: float) -> None:
        self._stage, self._scenario, self._offset = stage, scenario, offset
        self._openings = {one.name: one for one in scenario.openings}
        self._first = scenario.openings[0]
        self._unit = str(scenario.given["planning"]["unit"]["code"]) if scenario.plans else ""
        cases = {name: CaseTree(stage.client, workflow_id(one.case_no)) for name, one in self._openings.items()}
        plans = {name: CaseTree(stage.client, self._plan_id(week)) for name, week in scenario.plans.items()}
        self._trees = {**cases, **plans}

    def _plan_id(self, week: str) -> str:
        return ON_DEMAND["outage_requested"].workflow_id(f"{self._unit}/{week}")

    async def open(self) -> None:
        """The applications come in."""
        for one in self._scenario.openings:
            await start_case(
                self._stage.client,
                self._stage.database,
                TASK_QUEUE,
                one.process,
                one.variables,
                simulation=True,
                clock_offset=self._offset,
            )

    async def do(self, act: Happening) -> None:
        """What happens next. Raises `ActRefused`, and `NotThere` where nothing waits for it."""
        match act:
            case Act():
                case = self._trees[act.on or self._first.name]
                await case.complete(act.element, act.by, act.data, shown=act.shown, where=act.where)
            case Reaction():
                await self._trees[act.on or self._first.name].react(act.act)
            case Word():
                opening = self._openings[act.on or self._first.name]
                case = self._trees[opening.name]
                # The test server never answers again where work in hand is called off.
                await case.rest()
                await case.send(act.message, opening.case_no, act.data)
            case Arrival():
                await asyncio.to_thread(goods_arrive, self._stage.database, act.goods, act.at, act.order)
            case Works():
                messenger = Messenger(self._stage.database, self._stage.client, TASK_QUEUE)
                week = self._scenario.plans[act.on]
                request = {**act.request, "unit": self._unit}
                await ask_for_outage(messenger, self._stage.database, week, request, act.at, self._offset)

    async def until(self, instant: datetime) -> None:
        """Let virtual time pass."""
        left = instant - timedelta(seconds=self._offset) - await self._stage.environment.get_current_time()
        if left > timedelta(0):
            await self._stage.environment.sleep(left)

    async def end(self) -> list[str]:
        """Wait until all have ended; answers the numbers of the cases, then those of the plans."""
        for tree in self._trees.values():
            await tree.end()
        cases = [one.case_no for one in self._scenario.openings]
        return [*cases, *(f"{self._unit}-{week}" for week in self._scenario.plans.values())]
