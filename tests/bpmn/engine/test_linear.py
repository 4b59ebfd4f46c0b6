"""What is done with many at once costs in line with how many they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bpmn import Instance, Options, commands
from bpmn.events import Cancelled, Event, JobCompleted, MessageArrived, Resume, Suspend
from tests.bpmn.building import Part, Shape, build, end, listeners, multi, process, receive, service, start, sub, user
from tests.bpmn.engine.counting import growth, lines
from tests.bpmn.engine.driving import START

EACH = multi("=items", item="item")
IN_LINE = 1.5


def many(shape: Shape, count: int, options: Options = Options()) -> Instance:
    """An instance of a process that does one thing for each of so many items."""
    definition = build(process(start(), shape, end(), flows=["start > S > end"]))
    return Instance(definition, "", {"items": list(range(count))}, options)


def each(inside: Shape, *parts: Part) -> Shape:
    return sub("S", start("s"), inside, end("e"), EACH, *parts, flows=[f"s > {inside.id} > e"])


def handled(instance: Instance, *told: Event) -> int:
    def work() -> None:
        for event in told:
            instance.handle(event, START)
            instance.drain_journal()

    return lines(work)


def jobs(instance: Instance) -> list[JobCompleted]:
    return [JobCompleted(one.key, {"r": 1}) for one in instance.start(START) if isinstance(one, commands.RunJob)]


def queued(count: int) -> Instance:
    """Each sub-process has a step left over by a slice."""
    instance = many(each(user("A")), count, Options(slice_steps=count + 2))
    instance.start(START)
    assert len(instance.steps) >= count
    return instance


def parked(count: int) -> Instance:
    """Each sub-process has a step that waits for the resume."""
    instance = queued(count)
    instance.handle(Suspend(0, "王芳", "客户要求"), START)
    while instance.pending:
        instance.proceed(START)
    assert len(instance.steps) >= count
    return instance


@pytest.mark.parametrize("waiting", [queued, parked])
def test_ending_what_has_steps_waiting(waiting: Callable[[int], Instance]) -> None:
    def ended(count: int) -> int:
        instance = waiting(count)
        cost = handled(instance, Cancelled("客户撤回"))
        assert (instance.outcome, instance.steps) == ("terminated", [])
        return cost

    assert growth(ended) < IN_LINE


@pytest.mark.parametrize(
    "shape",
    [service("S", EACH), each(service("A")), service("S", EACH, listeners("start: hear"))],
    ids=["tasks", "sub-processes", "listeners"],
)
def test_keeping_the_results_of_what_is_suspended_and_going_on_with_them(shape: Shape) -> None:
    def kept(count: int) -> tuple[int, int]:
        instance = many(shape, count)
        results = jobs(instance)
        instance.handle(Suspend(0, "王芳", "客户要求"), START)
        costs = handled(instance, *results), handled(instance, Resume(0, "王芳", "客户同意"))
        assert len(results) == count
        assert not instance.suspended
        return costs

    assert growth(lambda count: kept(count)[0]) < IN_LINE
    assert growth(lambda count: kept(count)[1]) < IN_LINE


def test_keeping_the_messages_for_what_is_suspended_and_going_on_with_them() -> None:
    def kept(count: int) -> tuple[int, int]:
        instance = many(receive("S", "M", EACH, key="=string(item)"), count)
        instance.start(START)
        instance.handle(Suspend(0, "王芳", "客户要求"), START)
        told = [MessageArrived("M", str(number)) for number in range(count)]
        costs = handled(instance, *told), handled(instance, Resume(0, "王芳", "客户同意"))
        assert instance.outcome == "completed"
        return costs

    assert growth(lambda count: kept(count)[0]) < IN_LINE
    assert growth(lambda count: kept(count)[1]) < IN_LINE


def test_ending_what_has_results_kept() -> None:
    def ended(count: int) -> int:
        instance = many(each(service("A", listeners("start: hear"))), count)
        results = jobs(instance)
        instance.handle(Suspend(0, "王芳", "客户要求"), START)
        handled(instance, *results)
        cost = handled(instance, Cancelled("客户撤回"))
        assert instance.outcome == "terminated"
        return cost

    assert growth(ended) < IN_LINE
