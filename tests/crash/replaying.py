"""Every case that was killed on its way can be replayed: no worker did other than the one before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

import worker
from storage.settings import Settings
from workflows.codec import CONVERTER
from workflows.process import BpmnProcess

KEPT = Settings().var / "crash"
"""Where histories that do not replay are kept, for a test to be made of."""


async def replay_faults(temporal: Client, workflows: Iterable[str], kept: Path = KEPT) -> list[str]:
    """Runs of these workflows whose history does not replay, and where it is kept."""
    replayer = Replayer(workflows=[BpmnProcess], workflow_runner=worker.RUNNER, data_converter=CONVERTER)
    found = []
    for name in workflows:
        async for history in _runs(temporal, name):
            replayed = await replayer.replay_workflow(history, raise_on_replay_failure=False)
            if replayed.replay_failure:
                kept.mkdir(parents=True, exist_ok=True)
                path = kept / f"{name.replace('/', '~')}-{history.run_id}.json"
                path.write_text(history.to_json(), "utf-8")
                found.append(f"{path}: {replayed.replay_failure}")
    return found


async def _runs(temporal: Client, name: str) -> AsyncIterator[WorkflowHistory]:
    """The histories of all runs of a workflow, the last one first."""
    run: str | None = None
    while run != "":
        history = await temporal.get_workflow_handle(name, run_id=run).fetch_history()
        yield history
        run = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
