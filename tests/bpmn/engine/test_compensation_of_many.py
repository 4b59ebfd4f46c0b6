"""Compensation of what ran several times: each completed instance by itself, with its own data (BPMN 2.0 §13.5.5).

"Instances of a loop or sequential multi-instance are compensated in reverse order of their forward completion.
Instances of a parallel multi-instance can be compensated in parallel": here they are compensated one by one, last
first, too, so that the same case always does the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import events
from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    compensation,
    end,
    looping,
    message,
    multi,
    on_event,
    process,
    service,
    start,
    sub,
    throw,
    user,
)
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.test_compensation import undoable
from tests.bpmn.engine.test_compensation_handlers import around, booked, compensating

TWICE: dict[str, Part] = {
    "loop": looping(at_most=2),
    "sequential": multi('=["x", "y"]', item="item", sequential=True),
    "parallel": multi('=["x", "y"]', item="item"),
}


def bodies(*parts: Part, names: str = "A", inside: tuple[Shape, ...] = ()) -> Shape:
    """The sub-process S that does one after another, each with a handler."""
    shapes, links = undoable(*names)
    return sub("S", *parts, start("s"), *shapes, end("e"), *inside, flows=[" > ".join(["s", *names, "e"])], links=links)


def undo_all(drive: Drive, what: str = "loopCounter") -> list[tuple[str, Any]]:
    """Complete the handlers one by one; which they are, and what each sees of its instance."""
    seen = []
    while drive.open and drive.open[0].startswith("undo"):
        assert len(drive.open) == 1, "one handler at a time"
        seen.append((drive.open[0], drive.work["job", drive.key(drive.open[0])].variables[what]))
        drive.complete(drive.open[0])
    return seen


@pytest.mark.parametrize("kind", TWICE)
def test_each_run_of_a_sub_process_is_compensated_by_what_it_did_the_last_run_first(kind: str) -> None:
    drive = Drive(around(bodies(TWICE[kind], names="AB")))
    while drive.open != ["undoB"]:
        drive.complete(drive.open[0])

    assert undo_all(drive) == [("undoB", 2), ("undoA", 2), ("undoB", 1), ("undoA", 1)]
    assert drive.open == ["next"]


@pytest.mark.parametrize("kind", TWICE)
def test_each_run_is_compensated_by_its_own_event_sub_process_with_its_own_data(kind: str) -> None:
    handler = compensating("H", service("undoS"), throw("all", compensation()))
    drive = Drive(around(booked(handler, TWICE[kind], names="A")))
    for _ in range(2):
        drive.complete("A")

    assert undo_all(drive) == [("undoS", 2), ("undoA", 2), ("undoS", 1), ("undoA", 1)]
    assert drive.open == ["next"]


@pytest.mark.parametrize("kind", TWICE)
def test_the_handler_beside_a_sub_process_is_called_once_for_each_run_of_it(kind: str) -> None:
    model = process(
        start(),
        bodies(TWICE[kind]),
        boundary("S", "c", compensation()),
        service("undoS", undoes=True),
        throw("back", compensation("S")),
        user("next"),
        end(),
        flows=["start > S > back > next > end"],
        links=["c > undoS"],
    )
    drive = Drive(model)
    for _ in range(2):
        drive.complete("A")

    assert undo_all(drive) == [("undoS", 2), ("undoS", 1)]
    assert drive.open == ["next"]


def test_instances_that_ran_at_once_are_compensated_in_the_reverse_of_the_order_in_which_they_completed() -> None:
    drive = Drive(around(bodies(TWICE["parallel"])))
    second = max(key for (_, key), one in drive.work.items() if one.element == "A")
    drive.tell(events.JobCompleted(second))
    drive.complete("A")

    assert undo_all(drive, "item") == [("undoA", "x"), ("undoA", "y")]


def test_the_runs_inside_runs_are_compensated_each_with_the_data_of_both() -> None:
    inner = sub("N", multi("=[1, 2]", item="n", sequential=True), start("ns"), *undoable("A")[0], end("ne"))
    inner.flows, inner.links = ("ns > A > ne",), ("cA > undoA",)
    outer = sub("S", multi('=["x", "y"]', item="item", sequential=True), start("s"), inner, end("e"))
    outer.flows = ("s > N > e",)
    drive = Drive(around(outer))
    for _ in range(4):
        drive.complete("A")

    seen = []
    while drive.open == ["undoA"]:
        variables = drive.work["job", drive.key("undoA")].variables
        seen.append((variables["item"], variables["n"]))
        drive.complete("undoA")
    assert seen == [("y", 2), ("y", 1), ("x", 2), ("x", 1)]


def test_a_throw_inside_one_instance_compensates_what_that_instance_did_and_nothing_else() -> None:
    shapes, links = undoable("A")
    inside = sub(
        "S",
        TWICE["parallel"],
        start("s"),
        *shapes,
        user("ask"),
        throw("take", compensation()),
        end("e"),
        flows=["s > A > ask > take > e"],
        links=links,
    )
    drive = Drive(around(inside))
    drive.complete("A")
    drive.complete("A")

    drive.complete("ask")

    assert drive.open == ["ask", "undoA"]
    assert drive.work["job", drive.key("undoA")].variables["item"] == "x"


def test_an_event_sub_process_of_one_instance_compensates_what_that_instance_did() -> None:
    shapes, links = undoable("A")
    withdraw = sub(
        "W",
        start("w", message("Withdraw", "=item")),
        throw("take", compensation()),
        end("we"),
        flows=["w > take > we"],
        by_event=True,
    )
    inside = sub(
        "S",
        TWICE["parallel"],
        start("s"),
        *shapes,
        user("ask"),
        end("e"),
        withdraw,
        flows=["s > A > ask > e"],
        links=links,
    )
    drive = Drive(around(inside))
    drive.complete("A")
    drive.complete("A")

    drive.message("Withdraw", "y")

    assert drive.open == ["ask", "undoA"]
    assert drive.work["job", drive.key("undoA")].variables["item"] == "y"


@pytest.mark.parametrize("kind", TWICE)
def test_what_has_completed_of_an_activity_that_is_interrupted_is_not_compensated(kind: str) -> None:
    model = process(
        start(),
        bodies(TWICE[kind]),
        boundary("S", "stop", message("Stop")),
        throw("back", compensation()),
        user("next"),
        end(),
        flows=["start > S > back > next > end", "stop > back"],
    )
    drive = Drive(model, {"key": "k"})
    drive.complete("A")

    drive.message("Stop")

    assert drive.open == ["next"]


def test_what_a_boundary_event_of_many_instances_led_to_is_compensated_before_all_of_them() -> None:
    shapes, links = undoable("B")
    model = process(
        start(),
        bodies(TWICE["sequential"]),
        boundary("S", "b", message("M"), interrupting=False),
        *shapes,
        throw("back", compensation()),
        user("next"),
        end(),
        flows=["start > S > back > next > end", "b > B > end"],
        links=links,
    )
    drive = Drive(model, {"key": "k", "loopCounter": 0})
    drive.message("M")
    drive.complete("B")
    drive.complete("A")
    drive.complete("A")

    assert undo_all(drive) == [("undoB", 0), ("undoA", 2), ("undoA", 1)]


def test_what_ran_several_times_is_compensated_once_however_often_that_is_asked() -> None:
    model = process(
        start(),
        bodies(TWICE["parallel"]),
        throw("back", compensation()),
        throw("again", compensation("S")),
        user("next"),
        end(),
        on_event("X", message("M"), interrupting=False),
        flows=["start > S > back > again > next > end"],
    )
    drive = Drive(model, {"key": "k"})
    drive.complete("A")
    drive.complete("A")

    assert undo_all(drive, "item") == [("undoA", "y"), ("undoA", "x")]
    assert drive.open == ["next"]
