"""The engine alone, beside SpiffWorkflow with the same file.

SpiffWorkflow is not run with 3,000 and 5,000 tasks in a row: its parser recurses along the row, and Python's limit ends
it before 600. Side by side it is run with fewer: a step there walks over the whole tree of tasks, so that a thousand
branches take minutes. Multi-instance is written differently there, and runs here alone.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Sequence

from bench import models
from bench.peers import NOW, Measure, arrivals, best, ours, ratios, spiff
from bench.results import Result, spread
from bpmn import Instance, read

ROUNDS = 5
WAITING = 1_000
WIDTH = 1_000
PEER_WIDTH, PEER_ROUNDS = 200, 2
"""What SpiffWorkflow does side by side, in seconds each time."""
DEPTH = 50
MANY = 10_000
READ = 2_000

_IMPORT = "import time; began = time.process_time(); import bpmn; print(time.process_time() - began)"


def run() -> list[Result]:
    """Steps in a row, what goes on side by side, what lies inside each other, storms; reading, importing, memory."""
    return [*_in_a_row(), *_side_by_side(), *_many(), *_beside_running()]


def _in_a_row() -> list[Result]:
    steps = _steps((30, 300, 3_000, 5_000))
    what = "microseconds a user task"
    return [
        *(Result(f"engine_step_us_{n}", cost * 1e6, f"{what}, {n} in a row") for n, cost in steps.items()),
        Result("engine_step_cost_5000_vs_30", steps[5_000] / steps[30], "cost of a step, 5,000 tasks to 30", "<= 1.2"),
        _faster("30", "30 tasks", ours(_row(30)), spiff(_row(30)), ROUNDS),
        _faster("300", "300 tasks", ours(_row(300)), spiff(_row(300)), ROUNDS, ">= 50"),
    ]


def _side_by_side() -> list[Result]:
    deep = models.nested(DEPTH)
    found = [
        _milliseconds("nested", DEPTH, "sub-processes inside each other", ours(deep)),
        _faster(f"nested_{DEPTH}", f"{DEPTH} sub-processes inside each other", ours(deep), spiff(deep), PEER_ROUNDS),
    ]
    kinds = {
        "parallel": ("parallel branches with a user task", _branches),
        "timers": ("timers, all due", _timers),
        "messages": ("messages, one to each wait", _messages),
    }
    for kind, (what, pair) in kinds.items():
        found.append(_milliseconds(kind, WIDTH, what, pair(WIDTH)[0]))
        found.append(_faster(f"{kind}_{PEER_WIDTH}", f"{PEER_WIDTH} {what}", *pair(PEER_WIDTH), PEER_ROUNDS))
    return found


def _branches(width: int) -> tuple[Measure, Measure]:
    xml = models.side_by_side("userTask", [""] * width)
    return ours(xml), spiff(xml)


def _timers(width: int) -> tuple[Measure, Measure]:
    return ours(models.timers(width)), spiff(models.timers(width, '"'))


def _messages(width: int) -> tuple[Measure, Measure]:
    xml = models.messages(width)
    names = [f"M{number}" for number in range(width)]
    return ours(xml, sent=arrivals((name, "k") for name in names)), spiff(xml, names)


def _many() -> list[Result]:
    items = list(range(MANY))
    keys = [f"k{number}" for number in range(WAITING)]
    storm = arrivals(("M", keys[number % WAITING]) for number in range(MANY))
    in_turn = ours(models.for_each("", sequential=True), {"items": items})
    return [
        _milliseconds(
            "multi_instance", MANY, "script tasks at once", ours(models.each_script(), {"items": items}), "<= 1000"
        ),
        _milliseconds("sequential", MANY, "sub-processes with a user task, one after another", in_turn),
        _milliseconds(
            "message_storm",
            MANY,
            f"messages to {WAITING:,} waits that stay open",
            ours(models.for_each(models.ON_MESSAGE), {"items": keys}, storm),
        ),
    ]


def _beside_running() -> list[Result]:
    return [
        _milliseconds("read", READ, "elements read from their file", _reading(_row(READ)), "<= 1000"),
        Result("engine_import_ms", best(_importing, ROUNDS) * 1e3, "milliseconds to import bpmn", "<= 300"),
        Result("engine_bytes_per_waiting_instance", _bytes_waiting(), "bytes of an instance that waits at a user task"),
    ]


def _row(length: int) -> str:
    return models.in_a_row([("userTask", "")] * length)


def _faster(key: str, what: str, mine: Measure, theirs: Measure, rounds: int, target: str = "") -> Result:
    times, found = ratios(mine, theirs, rounds)
    return Result(f"engine_vs_spiff_{key}", times, f"times as fast as SpiffWorkflow, {what} ({spread(found)})", target)


def _milliseconds(key: str, count: int, what: str, measure: Measure, target: str = "") -> Result:
    return Result(f"engine_{key}_{count}_ms", best(measure, ROUNDS) * 1e3, f"milliseconds, {count:,} {what}", target)


def _steps(lengths: Sequence[int]) -> dict[int, float]:
    """Seconds a step, all lengths measured by turns."""
    measures = {length: ours(_row(length)) for length in lengths}
    costs: dict[int, list[float]] = {length: [] for length in lengths}
    for _ in range(ROUNDS):
        for length, measure in measures.items():
            costs[length].append(best(measure, max(1, 300 // length)) / length)
    return {length: min(found) for length, found in costs.items()}


def _reading(xml: str) -> Measure:
    def measure() -> float:
        start = time.process_time()
        read(xml)
        return time.process_time() - start

    return measure


def _importing() -> float:
    """Seconds that a new Python takes for it, its files compiled before."""
    done = subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _bytes_waiting() -> float:
    definition = read(_row(3))
    Instance(definition).start(NOW)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    waiting = [Instance(definition) for _ in range(WAITING)]
    for instance in waiting:
        instance.start(NOW)
        instance.drain_journal()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used / len(waiting)
