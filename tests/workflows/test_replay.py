"""Cases that began with an earlier state of the code go on with this one: recorded histories replay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

import worker
from bpmn.feel import compile_expression
from tests.workflows.scenarios import SCENARIOS
from workflows.codec import CONVERTER
from workflows.process import BpmnProcess
from workflows.world import World

HISTORIES = sorted((Path(__file__).with_name("histories")).glob("*.json"))


@pytest.fixture(autouse=True, scope="module")
def warm() -> None:
    """As a worker does before its first task: the grammar of FEEL takes its time to be made."""
    compile_expression("1 + 1")


def replayer() -> Replayer:
    return Replayer(workflows=[BpmnProcess], workflow_runner=worker.RUNNER, data_converter=CONVERTER)


def history(path: Path) -> WorkflowHistory:
    text = path.read_text("utf-8")
    started = json.loads(text)["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(started["workflowId"], text)


def test_there_is_a_history_of_every_scenario() -> None:
    recorded = {path.stem.partition("-")[0].removesuffix("_continued") for path in HISTORIES}

    assert recorded == set(SCENARIOS)
    assert len(HISTORIES) >= 20


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    await replayer().replay_workflow(history(path))


async def test_a_change_of_commands_does_not_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = World.begin

    def begin_later(world: World) -> None:
        """Sets a timer besides."""
        world.background(workflow.sleep, 1)
        begin(world)

    monkeypatch.setattr(World, "begin", begin_later)
    recorded = next(path for path in HISTORIES if path.stem == "jobs-0")

    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(history(recorded))
