"""Cases that began with an earlier state of the code go on with this one: recorded histories replay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

import worker
from bpmn import commands
from tests.workflows.scenarios import SCENARIOS
from workflows.codec import CONVERTER
from workflows.jobs import Jobs
from workflows.process import BpmnProcess

HISTORIES = sorted((Path(__file__).with_name("histories")).glob("*.json"))


def replayer() -> Replayer:
    return Replayer(workflows=[BpmnProcess], workflow_runner=worker.RUNNER, data_converter=CONVERTER)


def history(path: Path) -> WorkflowHistory:
    text = path.read_text("utf-8")
    started = json.loads(text)["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(started["workflowId"], text)


def test_there_is_a_history_of_every_scenario() -> None:
    recorded = {path.stem.rpartition("-")[0].removesuffix("_continued") for path in HISTORIES}

    assert recorded == set(SCENARIOS)
    assert len(HISTORIES) >= 20


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    await replayer().replay_workflow(history(path))


async def test_a_change_of_commands_does_not_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(_jobs: Jobs, _command: commands.RunJob) -> None:
        """Leaves the work undone."""

    monkeypatch.setattr(Jobs, "add", forgetful)
    recorded = next(path for path in HISTORIES if path.stem == "jobs-0")

    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(history(recorded))
