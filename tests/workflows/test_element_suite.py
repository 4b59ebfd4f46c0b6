"""The element suite through Temporal: continued as new after every step, and every history replays."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

import worker
from tests.bpmn.suite import CASES
from tests.bpmn.suite.cases import Case
from tests.workflows.element_stage import Stage, stage
from workflows.codec import CONVERTER
from workflows.process import BpmnProcess

SAMPLE = CASES[::12]


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case.name)
async def test_an_element_does_on_temporal_what_it_does_in_the_engine(
    case: Case, restless_server: WorkflowEnvironment, tmp_path: Path
) -> None:
    await plays(case, restless_server, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("case", [case for case in CASES if case not in SAMPLE], ids=lambda case: case.name)
async def test_every_element_does_on_temporal_what_it_does_in_the_engine(
    case: Case, restless_server: WorkflowEnvironment, tmp_path: Path
) -> None:
    await plays(case, restless_server, tmp_path)


async def plays(case: Case, server: WorkflowEnvironment, folder: Path) -> None:
    """Play a case and replay all its histories."""
    async with stage(server.client, folder, case) as one:
        completed = await one.play()
        assert completed == case.expected
        assert set(one.incidents()) == ({case.incident} if case.incident else set())
        for history in await histories(one):
            replayer = Replayer(workflows=[BpmnProcess], workflow_runner=worker.RUNNER, data_converter=CONVERTER)
            await replayer.replay_workflow(history)


async def histories(one: Stage) -> list[WorkflowHistory]:
    """The histories of all runs of all its workflows."""
    found = []
    for name in one.workflows():
        run_id: str | None = (await one.client.get_workflow_handle(name).describe()).run_id
        while run_id:
            history = await one.client.get_workflow_handle(name, run_id=run_id).fetch_history()
            found.append(history)
            run_id = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id or None
    return found
