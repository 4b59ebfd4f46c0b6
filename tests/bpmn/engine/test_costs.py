"""What a step costs does not grow with the steps already done."""

from __future__ import annotations

import json
import time

from bpmn import Instance, events
from tests.bpmn.building import build, end, gateway, multi, process, script, start, user
from tests.bpmn.engine.driving import START, Drive


def test_the_state_does_not_grow_with_what_has_been_done() -> None:
    model = process(
        start(),
        gateway("exclusive", "in"),
        user("A"),
        gateway("exclusive", "out"),
        end(),
        flows=["start > in > A > out", "out > in: =again", "out > end: default"],
    )
    drive = Drive(model, {"again": True})
    sizes = []
    for _ in range(200):
        drive.complete("A")
        state = drive.instance.dump()
        sizes.append(len(json.dumps({**state, "seq": 0, "next_key": 0, "instances": len(state["instances"])})))

    assert len(set(sizes)) == 1
    assert len(drive.instance.instances) == 2


def test_a_row_of_thousands_of_tasks_costs_per_task_what_a_short_one_costs() -> None:
    """Generous: a step whose cost grew with the row would take a hundred times as long."""
    assert seconds_per_step(5_000) < 10 * seconds_per_step(50)


def seconds_per_step(count: int) -> float:
    names = [f"t{n}" for n in range(count)]
    row = process(start(), *map(user, names), end(), flows=[" > ".join(["start", *names, "end"])])
    instance = Instance(build(row))
    instance.start(START)
    began = time.process_time()
    while not instance.outcome:
        instance.handle(events.TaskCompleted(max(instance.instances)), START)
        instance.drain_journal()
    return (time.process_time() - began) / count


def test_ten_thousand_parallel_instances_end_in_seconds() -> None:
    many = script("A", "=item", "r", multi("=items", item="item", into="out", gives="=r"))
    instance = Instance(
        build(process(start(), many, end(), flows=["start > A > end"])), "", {"items": list(range(10_000))}
    )
    began = time.process_time()

    (finished,) = instance.start(START)

    assert time.process_time() - began < 5
    assert instance.outcome == "completed", finished
