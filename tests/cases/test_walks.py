"""Every sequence flow of every diagram is taken through Temporal, by acts that people and systems can send."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

import worker
from api.cases import start_case, workflow_id
from api.deployment import SHIPPED, deploy, read_folder
from bpmn.reader import read_all
from demo.acting import CaseTree
from demo.play import time_skipping
from storage.database import Database
from storage.files import FileStore
from storage.journal_rows import case_journal

WALKS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "bpmn" / "processes" / "walks.json").read_text("utf-8")
)


@pytest.fixture(scope="module")
def flows_taken() -> dict[str, set[str]]:
    """By walk: the sequence flows that its case took."""
    return {}


class Walk:
    """One walk played on a server."""

    def __init__(self, server: WorkflowEnvironment, folder: Path, name: str) -> None:
        self.server = server
        # A case number of its own: the server is shared.
        written, own = WALKS[name]["variables"]["caseNo"], f"YK-{uuid4()}"
        self.walk = json.loads(json.dumps(WALKS[name], ensure_ascii=False).replace(written, own))
        self.queue = f"walk-{name}-{folder.name}"
        self.database = Database(f"sqlite:///{folder / 'walk.db'}")
        self.database.migrate()
        deploy(self.database, read_folder(SHIPPED), datetime.now(UTC))
        self.files = FileStore(folder / "files")
        self.variables = dict(self.walk["variables"])

    async def play(self, offset: bool = True) -> str:
        """Do every act; answers the outcome."""
        start = datetime.fromisoformat(self.walk["start"])
        seconds = (start - await self.server.get_current_time()).total_seconds() if offset else 0.0
        client = self.server.client
        async with worker.build(client, self.database, self.files, self.queue):
            await start_case(
                client,
                self.database,
                self.queue,
                "hv_connection",
                self.variables,
                simulation=offset,
                clock_offset=seconds,
            )
            case = CaseTree(client, workflow_id(self.variables["caseNo"]))
            for number, act in enumerate(self.walk["acts"], 1):
                try:
                    await self._act(case, act)
                except Exception as error:
                    what = act.get("element") or act
                    raise AssertionError(f"act {number} {what}: {error.__cause__ or error}") from error
            return await case.end()

    async def _act(self, case: CaseTree, act: dict[str, Any]) -> None:
        if "element" in act:
            await case.complete(act["element"], "承办人", act["data"])
        elif "message" in act:
            await case.send(act["message"], act["correlationKey"], act["variables"])
        else:
            await self.server.sleep(timedelta(days=int(act["advance"].removeprefix("P").removesuffix("D"))))

    def flows(self) -> set[str]:
        with self.database.session() as session:
            lines = case_journal(session, self.variables["caseNo"], limit=100_000)
        return {flow for line in lines for flow in line.record.data.get("flows", ())}


@pytest.mark.parametrize("name", WALKS)
async def test_a_walk_ends_completed_on_the_time_skipping_server(
    tmp_path: Path, name: str, flows_taken: dict[str, set[str]]
) -> None:
    # A server of its own: a signal that meets a closing workflow may keep the test server's time from skipping again.
    async with time_skipping() as server:
        walk = Walk(server, tmp_path, name)

        assert await walk.play() == "completed"
    flows_taken[name] = walk.flows()


async def test_the_whole_case_runs_on_the_dev_server(dev_server: WorkflowEnvironment, tmp_path: Path) -> None:
    assert await Walk(dev_server, tmp_path, "ordinary_customer").play() == "completed"


def test_every_sequence_flow_has_been_taken(flows_taken: dict[str, set[str]]) -> None:
    if set(flows_taken) != set(WALKS):
        pytest.skip("only some of the walks were run")
    definition = read_all(read_folder(SHIPPED))
    every = {flow for process in definition.processes.values() for flow in process.flows}
    taken = set().union(*flows_taken.values())

    print(f"{len(taken & every)} of {len(every)} sequence flows taken")
    assert every - taken == set()
