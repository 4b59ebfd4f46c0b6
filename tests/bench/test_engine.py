"""The engine's part, with little work: what it runs and what it reports."""

from __future__ import annotations

import pytest

from bench import engine, models
from bench.peers import NOW, arrivals, ours, spiff
from bpmn import Instance, read
from bpmn.commands import OpenUserTask
from bpmn.events import TaskCompleted

PEER = [
    models.in_a_row([("userTask", "")] * 3),
    models.nested(3),
    models.side_by_side("userTask", [""] * 3),
]


def test_a_row_of_tasks_is_completed_one_by_one() -> None:
    instance = Instance(read(PEER[0]))
    todo = instance.start(NOW)
    names = []
    while not instance.outcome:
        (task,) = (command for command in todo if isinstance(command, OpenUserTask))
        names.append(task.name)
        todo = instance.handle(TaskCompleted(task.key), NOW)

    assert names == ["Task 0", "Task 1", "Task 2"]
    assert instance.outcome == "completed"


@pytest.mark.parametrize("xml", PEER)
def test_both_engines_run_the_same_diagram_to_its_end(xml: str) -> None:
    assert ours(xml)() > 0
    assert spiff(xml)() > 0


def test_both_engines_fire_timers_and_take_messages() -> None:
    assert ours(models.timers(3))() > 0
    assert spiff(models.timers(3, '"'))() > 0
    assert ours(models.messages(3), sent=arrivals((f"M{n}", "k") for n in range(3)))() > 0
    assert spiff(models.messages(3), [f"M{n}" for n in range(3)])() > 0


def test_a_storm_of_messages_is_taken_by_waits_that_stay_open() -> None:
    instance = Instance(read(models.for_each(models.ON_MESSAGE)), "", {"items": ["k0", "k1"]})
    instance.start(NOW)

    for event in arrivals([("M", "k0"), ("M", "k1"), ("M", "k0"), ("M", "k2")]):
        instance.handle(event, NOW)

    taken = [r for r in instance.drain_journal() if (r.event, r.element) == ("completed", "on_message")]
    assert len(taken) == 3


def test_all_keys_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"ROUNDS": 1, "PEER_ROUNDS": 1, "WAITING": 10, "WIDTH": 20, "PEER_WIDTH": 5, "DEPTH": 4, "MANY": 50}
    for name, size in {**sizes, "READ": 20}.items():
        monkeypatch.setattr(engine, name, size)

    results = {result.key: result for result in engine.run()}

    assert set(results) == {
        *(f"engine_step_us_{length}" for length in (30, 300, 3_000, 5_000)),
        "engine_step_cost_5000_vs_30",
        "engine_vs_spiff_30",
        "engine_vs_spiff_300",
        "engine_nested_4_ms",
        "engine_vs_spiff_nested_4",
        "engine_parallel_20_ms",
        "engine_vs_spiff_parallel_5",
        "engine_timers_20_ms",
        "engine_vs_spiff_timers_5",
        "engine_messages_20_ms",
        "engine_vs_spiff_messages_5",
        "engine_multi_instance_50_ms",
        "engine_sequential_50_ms",
        "engine_message_storm_50_ms",
        "engine_read_20_ms",
        "engine_import_ms",
        "engine_bytes_per_waiting_instance",
    }
    assert all(result.value > 0 for result in results.values())
    assert {key: result.target for key, result in results.items() if result.target} == {
        "engine_vs_spiff_300": ">= 50",
        "engine_step_cost_5000_vs_30": "<= 1.2",
        "engine_multi_instance_50_ms": "<= 1000",
        "engine_read_20_ms": "<= 1000",
        "engine_import_ms": "<= 300",
    }
