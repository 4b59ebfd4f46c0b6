"""Conditional events: they happen when a condition becomes true (BPMN 2.0 §10.5.5, table 10.93)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from bpmn import Instance
from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    build,
    catch,
    condition,
    end,
    gateway,
    io,
    message,
    multi,
    on_event,
    process,
    script,
    service,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.engine.driving import START, Drive


def beside(*shapes: Shape, flow: str, more: tuple[str, ...] = ()) -> Shape:
    """A user task `U`, done again and again, beside what waits."""
    return process(
        start(),
        gateway("parallel", "fork"),
        gateway("exclusive", "in"),
        user("U"),
        *shapes,
        end(),
        flows=["start > fork > in > U > in", f"fork > {flow}", *more],
    )


def test_a_catch_event_waits_until_its_condition_becomes_true() -> None:
    drive = Drive(beside(catch("C", condition("=x > 5")), user("A"), flow="C > A > end"), {"x": 1})
    assert drive.waiting == ["C"]

    drive.complete("U", x=3)
    assert drive.waiting == ["C"]

    drive.complete("U", x=6)
    assert drive.waiting == []
    assert drive.open == ["A", "U"]


def test_a_condition_that_is_true_already_is_not_waited_for() -> None:
    drive = Drive(process(start(), catch("C", condition("=x > 5")), end(), flows=["start > C > end"]), {"x": 6})

    assert drive.outcome == "completed"


def test_a_condition_about_a_variable_that_is_not_there_yet_is_false() -> None:
    drive = Drive(beside(catch("C", condition("=x > 5")), user("A"), flow="C > A > end"))
    assert (drive.incidents, drive.data("warned")) == ([], [])

    drive.complete("U", x=6)

    assert drive.open == ["A", "U"]


def test_a_condition_sees_what_a_catch_event_maps_for_itself() -> None:
    shape = catch("C", condition("=limit < x"), io(inputs={"limit": "=base * 2"}))
    drive = Drive(beside(shape, user("A"), flow="C > A > end"), {"x": 1, "base": 3})

    drive.complete("U", x=7)

    assert drive.open == ["A", "U"]


def test_a_condition_that_was_true_only_between_two_scripts_has_happened() -> None:
    shapes = [script("up", "=10", "x"), script("down", "=0", "x"), user("A"), catch("C", condition("=x > 5"))]
    model = process(
        start(),
        gateway("parallel", "fork"),
        *shapes,
        end(),
        flows=["start > fork > C > A > end", "fork > up > down > end"],
    )

    assert Drive(model, {"x": 0}).open == ["A"]


def hosted(*parts: Part, interrupting: bool, host: Shape | None = None) -> Shape:
    return process(
        start(),
        gateway("parallel", "fork"),
        gateway("exclusive", "in"),
        user("U"),
        host or user("H"),
        boundary("H", "b", *parts, interrupting=interrupting),
        user("B"),
        end(),
        flows=["start > fork > H > end", "fork > in > U > in", "b > B > end"],
    )


def test_an_interrupting_boundary_event_ends_its_activity_when_the_condition_becomes_true() -> None:
    drive = Drive(hosted(condition("=x > 5"), interrupting=True), {"x": 1})

    drive.complete("U", x=6)

    assert drive.open == ["U", "B"]
    assert drive.path("terminated") == ["H"]


def test_an_interrupting_boundary_event_that_is_true_at_once_ends_its_activity_at_once() -> None:
    drive = Drive(hosted(condition("=x > 5"), interrupting=True), {"x": 6})

    assert sorted(drive.open) == ["B", "U"]
    assert drive.path("terminated") == ["H"]


def test_a_condition_interrupts_a_sub_process_before_its_next_step() -> None:
    inner = sub("H", start("s"), script("T", "=9", "x"), service("never"), end("e"), flows=["s > T > never > e"])
    drive = Drive(hosted(condition("=x > 5"), interrupting=True, host=inner), {"x": 1})

    assert "never" not in drive.path("activated")
    assert sorted(drive.open) == ["B", "U"]


def test_a_non_interrupting_boundary_event_happens_again_only_after_the_condition_was_false() -> None:
    drive = Drive(hosted(condition("=x > 5"), interrupting=False), {"x": 1})
    counts = []
    for x in (6, 7, 8, 2, 9, 9):
        drive.complete("U", x=x)
        counts.append(drive.open.count("B"))

    assert counts == [1, 1, 1, 1, 2, 2]
    assert "H" in drive.open


def test_a_boundary_event_sees_the_variables_of_its_activity() -> None:
    host = user("H", io(inputs={"limit": "=3"}))
    drive = Drive(hosted(condition("=x > limit"), interrupting=True, host=host), {"x": 1})

    drive.complete("U", x=4)

    assert drive.path("terminated") == ["H"]


def watched(interrupting: bool) -> Shape:
    return process(
        start(),
        user("A"),
        user("B"),
        end(),
        on_event("E", condition("=x > 5"), interrupting=interrupting, then="C"),
        flows=["start > A > B > end"],
    )


def test_an_interrupting_event_sub_process_starts_when_its_condition_becomes_true() -> None:
    drive = Drive(watched(interrupting=True), {"x": 1})
    assert drive.open == ["A"]

    drive.complete("A", x=6)

    assert drive.open == ["C"]
    assert "B" not in drive.path("activated")


def test_an_interrupting_event_sub_process_that_is_true_at_once_takes_the_place_of_its_scope() -> None:
    drive = Drive(watched(interrupting=True), {"x": 6})

    assert drive.open == ["C"]
    assert "A" not in drive.path("activated")


def test_a_non_interrupting_event_sub_process_starts_each_time_its_condition_becomes_true() -> None:
    drive = Drive(watched(interrupting=False), {"x": 6})
    assert sorted(drive.open) == ["A", "C"]

    drive.complete("C", x=7)
    assert drive.open == ["A"]
    drive.complete("A", x=1)
    assert drive.open == ["B"]
    drive.complete("B")

    assert drive.outcome == "completed"


def begun() -> Shape:
    return process(
        start("hot", condition("=x > 5")),
        start("told", message("M", key="")),
        user("A"),
        end(),
        flows=["hot > A > end", "told > A"],
    )


def test_a_process_begins_at_its_conditional_start_event_where_it_is_named() -> None:
    drive = Drive(begun(), {"x": 1}, start_event="hot")

    assert (drive.path(), drive.open, drive.waiting) == (["hot"], ["A"], [])


def test_a_process_that_is_started_plainly_waits_for_its_conditional_start_event() -> None:
    assert Drive(begun(), {"x": 6}).path() == ["hot"]

    drive = Drive(begun(), {"x": 1})
    assert drive.waiting == ["hot", "told"]
    drive.message("M", key="", x=7)

    assert (drive.path(), drive.waiting) == (["told"], [])


def test_a_condition_decides_at_an_event_based_gateway() -> None:
    shapes = [gateway("eventBased", "G"), catch("C", condition("=x > 5")), catch("T", timer("PT1H")), user("A")]
    drive = Drive(beside(*shapes, flow="G > C > A > end", more=("G > T > end",)), {"x": 1})
    assert drive.waiting == ["C", "T"]

    drive.complete("U", x=6)

    assert drive.waiting == []
    assert drive.open == ["U", "A"]


@pytest.mark.parametrize("value", ["yes", 1, [True]])
def test_a_condition_that_is_neither_true_nor_false_is_an_incident_that_can_be_mended(value: Any) -> None:
    drive = Drive(beside(catch("C", condition("=x")), user("A"), flow="C > A > end"), {"x": False})
    drive.complete("U", x=value)
    assert drive.incidents == [("C", "condition")]
    assert "=x gave" in drive.problem

    drive.retry("C", x=True)

    assert drive.incidents == []
    assert drive.open == ["U", "A"]


def test_retrying_without_mending_the_condition_is_the_same_incident_again() -> None:
    drive = Drive(beside(catch("C", condition("=x")), flow="C > end"), {"x": "no"})
    assert drive.incidents == [("C", "condition")]

    drive.retry("C")

    assert drive.incidents == [("C", "condition")]


def test_a_task_can_be_completed_while_the_condition_at_its_border_is_in_an_incident() -> None:
    drive = Drive(hosted(condition("=x"), interrupting=True), {"x": False})
    drive.complete("U", x="perhaps")
    assert drive.incidents == [("H", "condition")]

    drive.complete("H")

    assert drive.incidents == []
    assert "H" in drive.path()


def test_an_incident_of_a_condition_cannot_be_skipped() -> None:
    drive = Drive(beside(catch("C", condition("=x")), flow="C > end"), {"x": "no"})

    drive.skip("C")

    assert drive.incidents == [("C", "condition")]


@pytest.mark.parametrize(
    ("given", "changes", "happens"),
    [
        ({"variableNames": "y"}, {"x": 9}, False),
        ({"variableNames": "y, x"}, {"x": 9}, True),
        ({"variableEvents": "create"}, {"x": 9}, False),
        ({"variableEvents": "create,update"}, {"x": 9}, True),
        ({"variableNames": "z", "variableEvents": "create"}, {"x": 9, "z": 1}, True),
        ({"variableNames": "z", "variableEvents": "update"}, {"x": 9, "z": 1}, False),
    ],
)
def test_a_filter_says_after_which_changes_a_condition_is_looked_at(
    given: dict[str, str], changes: dict[str, Any], happens: bool
) -> None:
    drive = Drive(beside(catch("C", condition("=x > 5", **given)), user("A"), flow="C > A > end"), {"x": 1, "y": 1})

    drive.complete("U", **changes)

    assert ("A" in drive.open) is happens


def test_each_instance_of_a_multi_instance_sub_process_has_conditions_of_its_own() -> None:
    inner = sub(
        "S", multi("=[1, 2, 3]", item="n"), start("s"), catch("C", condition("=x >= n")), end("e"), flows=["s > C > e"]
    )
    drive = Drive(beside(inner, user("A"), flow="S > A > end"), {"x": 0})
    lengths = []
    for x in (1, 2, 3):
        drive.complete("U", x=x)
        lengths.append(len(drive.waiting))

    assert lengths == [2, 1, 0]
    assert "A" in drive.open


def test_only_conditions_that_are_still_waited_for_are_looked_at() -> None:
    drive = Drive(hosted(condition("=x"), interrupting=True), {"x": False})
    drive.complete("H")

    drive.complete("U", x="neither")

    assert drive.incidents == []


def test_an_instance_that_waits_for_a_condition_ends_with_everything_when_it_is_cancelled() -> None:
    drive = Drive(watched(interrupting=False), {"x": 1})

    drive.cancel()

    assert (drive.outcome, drive.waiting) == ("terminated", [])


LATER = {"x": False, "limit": "2026-03-02T10:00:00+08:00"}


def test_a_condition_is_not_looked_at_where_nothing_it_speaks_of_has_changed() -> None:
    """A variable that the condition itself does not name cannot make it true; neither can time."""
    drive = Drive(beside(catch("C", condition("=x or now() > date and time(limit)")), flow="C > end"), LATER)
    drive.wait(hours=3)

    drive.complete("U", y=1)
    assert drive.waiting == ["C"]
    drive.complete("U", x=False)

    assert drive.waiting == []


def test_opening_many_conditional_waits_costs_per_wait_what_few_cost() -> None:
    """Generous: looking at every open condition whenever one is opened would take twenty times as long per wait."""
    assert seconds_per_wait(2_000) < 8 * seconds_per_wait(100)


def seconds_per_wait(count: int) -> float:
    inner = sub("S", multi("=items"), start("s"), catch("C", condition("=x > 5")), end("e"), flows=["s > C > e"])
    model = build(process(start(), inner, end(), flows=["start > S > end"]))
    instance = Instance(model, "", {"x": 0, "items": [0] * count})
    began = time.process_time()
    instance.start(START)
    assert len(instance.waits) == count
    return (time.process_time() - began) / count
