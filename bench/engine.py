"""The engine alone: user tasks in a row, completed one by one, beside SpiffWorkflow with the same file.

SpiffWorkflow is not run at 5,000: its parser recurses along the row, and Python's limit ends it before 600.
"""

from __future__ import annotations

import gc
import io
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

from lxml import etree
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from bench.models import in_a_row
from bench.results import Result, spread
from bpmn import Instance, read
from bpmn.commands import OpenUserTask
from bpmn.events import TaskCompleted

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ROUNDS = 5
WAITING = 1_000


def run() -> list[Result]:
    """Cost of a step at 30, 300 and 5,000 tasks, ratio to SpiffWorkflow at 30 and 300, memory of a waiting instance."""
    ratios = {length: _against_spiff(length) for length in (30, 300)}
    steps = _steps((30, 300, 5_000))
    what = "microseconds a user task"
    return [
        *(Result(f"engine_step_us_{n}", cost * 1e6, f"{what}, {n} in a row") for n, cost in steps.items()),
        Result("engine_step_cost_5000_vs_30", steps[5_000] / steps[30], "cost of a step, 5,000 tasks to 30", "<= 1.2"),
        _faster(30, ratios[30]),
        _faster(300, ratios[300], ">= 30"),
        Result("engine_bytes_per_waiting_instance", _bytes_waiting(), "bytes of an instance that waits at a user task"),
    ]


def _faster(length: int, ratios: list[float], target: str = "") -> Result:
    what = f"times as fast as SpiffWorkflow, {length} tasks ({spread(ratios)})"
    return Result(f"engine_vs_spiff_{length}", median(ratios), what, target)


def _model(length: int) -> str:
    return in_a_row([("userTask", "")] * length)


def _ours(length: int) -> Callable[[], float]:
    definition = read(_model(length))

    def measure() -> float:
        instance = Instance(definition)
        start = time.perf_counter()
        todo = instance.start(NOW)
        while not instance.outcome:
            task = next(command for command in todo if isinstance(command, OpenUserTask))
            todo = instance.handle(TaskCompleted(task.key), NOW)
            instance.drain_journal()
        return time.perf_counter() - start

    return measure


def _spiff(length: int) -> Callable[[], float]:
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.parse(io.BytesIO(_model(length).encode())))
    spec = parser.get_spec("bench")

    def measure() -> float:
        workflow = BpmnWorkflow(spec)
        start = time.perf_counter()
        workflow.do_engine_steps()
        while not workflow.completed:
            workflow.get_next_task(state=TaskState.READY, manual=True).run()
            workflow.do_engine_steps()
        return time.perf_counter() - start

    return measure


def _against_spiff(length: int) -> list[float]:
    """How many times as long SpiffWorkflow took, in each of the alternating rounds."""
    ours, theirs = _ours(length), _spiff(length)
    ours()
    return [theirs() / ours() for _ in range(ROUNDS)]


def _steps(lengths: tuple[int, ...]) -> dict[int, float]:
    """Seconds a step, all lengths measured by turns."""
    measures = {length: _ours(length) for length in lengths}
    costs: dict[int, list[float]] = {length: [] for length in lengths}
    for _ in range(ROUNDS):
        for length, measure in measures.items():
            gc.collect()
            costs[length].append(min(measure() for _ in range(max(1, 300 // length))) / length)
    return {length: min(found) for length, found in costs.items()}


def _bytes_waiting() -> float:
    definition = read(_model(3))
    Instance(definition).start(NOW)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    waiting = [Instance(definition) for _ in range(WAITING)]
    for instance in waiting:
        instance.start(NOW)
        instance.drain_journal()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used / len(waiting)
