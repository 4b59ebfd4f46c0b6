"""The engine's part, with little work: what it runs and what it reports."""

from __future__ import annotations

import pytest

from bench import engine
from bench.models import in_a_row
from bpmn import Instance, read
from bpmn.commands import OpenUserTask
from bpmn.events import TaskCompleted


def test_a_row_of_tasks_is_completed_one_by_one() -> None:
    instance = Instance(read(in_a_row([("userTask", "")] * 3)))
    todo = instance.start(engine.NOW)
    names = []
    while not instance.outcome:
        (task,) = (command for command in todo if isinstance(command, OpenUserTask))
        names.append(task.name)
        todo = instance.handle(TaskCompleted(task.key), engine.NOW)

    assert names == ["Task 0", "Task 1", "Task 2"]
    assert instance.outcome == "completed"


def test_all_keys_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "ROUNDS", 1)
    monkeypatch.setattr(engine, "WAITING", 10)

    results = {result.key: result for result in engine.run()}

    assert set(results) == {
        "engine_step_us_30",
        "engine_step_us_300",
        "engine_step_us_5000",
        "engine_step_cost_5000_vs_30",
        "engine_vs_spiff_30",
        "engine_vs_spiff_300",
        "engine_bytes_per_waiting_instance",
    }
    assert all(result.value > 0 for result in results.values())
    assert results["engine_vs_spiff_300"].target == ">= 30"
    assert results["engine_step_cost_5000_vs_30"].target == "<= 1.2"
