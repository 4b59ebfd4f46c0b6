"""Exclusive, parallel and event-based gateways, and flows with conditions (BPMN 2.0 §13.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bpmn import commands
from tests.bpmn.building import (
    Shape,
    catch,
    end,
    gateway,
    message,
    on_event,
    process,
    receive,
    signal,
    start,
    sub,
    task,
    timer,
    user,
)
from tests.bpmn.engine.driving import Drive


def exclusive(*, default: bool = True) -> Shape:
    last = ": default" if default else ": =x = 0"
    return process(
        start(),
        gateway("exclusive", "G"),
        user("A"),
        user("B"),
        user("C"),
        end(),
        flows=["start > G", "G > A: =x > 5", "G > B: =x > 3", f"G > C{last}", "A > end", "B > end", "C > end"],
    )


@pytest.mark.parametrize(("x", "way"), [(9, "A"), (4, "B"), (1, "C")])
def test_an_exclusive_gateway_takes_the_first_true_flow_or_the_default(x: int, way: str) -> None:
    assert Drive(exclusive(), {"x": x}).open == [way]


def test_an_exclusive_gateway_without_a_way_is_an_incident_that_can_be_retried() -> None:
    drive = Drive(exclusive(default=False), {"x": 1})
    assert drive.incidents == [("G", "no flow")]

    drive.retry("G", x=4)

    assert drive.open == ["B"]
    assert drive.incidents == []


@pytest.mark.parametrize("x", [None, "a"])
def test_a_condition_that_is_neither_true_nor_false_is_an_incident(x: Any) -> None:
    drive = Drive(exclusive(), {"x": x})

    assert drive.incidents == [("G", "condition")]
    assert "x > 5 gave null" in drive.problem


def test_an_exclusive_gateway_lets_every_token_through_by_itself() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        gateway("exclusive", "merge"),
        user("C"),
        end(),
        flows=["start > fork > A > merge > C > end", "fork > B > merge"],
    )
    drive = Drive(model)
    drive.complete("A")
    drive.complete("B")

    assert drive.open == ["C", "C"]
    drive.complete("C")
    assert drive.outcome == ""
    drive.complete("C")
    assert drive.outcome == "completed"


def parallel(*more: Shape, flows: tuple[str, ...] = ()) -> Shape:
    return process(
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        gateway("parallel", "join"),
        user("C"),
        end(),
        *more,
        flows=["start > fork > A > join > C > end", "fork > B > join", *flows],
    )


def test_a_parallel_join_waits_for_every_flow() -> None:
    drive = Drive(parallel())
    drive.complete("B")
    assert drive.open == ["A"]

    drive.complete("A")

    assert drive.open == ["C"]
    assert drive.path().count("join") == 1


def test_two_tokens_on_one_flow_do_not_make_a_parallel_join() -> None:
    model = parallel(user("D"), gateway("exclusive", "merge"), flows=("fork > D",))
    model.flows = ("start > fork > A > merge > join > C > end", "fork > B > join", "fork > D > merge")
    drive = Drive(model)
    drive.complete("A")
    drive.complete("D")
    assert drive.open == ["B"]

    drive.complete("B")

    assert drive.open == ["C"]
    drive.complete("C")
    assert drive.incidents == [("p", "deadlock")]
    assert "join" in drive.problem
    assert "B_join" in drive.problem


def test_a_join_that_can_never_happen_is_an_incident_of_its_scope() -> None:
    model = process(
        start(),
        gateway("exclusive", "choice"),
        gateway("parallel", "join"),
        task("task", "A"),
        task("task", "B"),
        end(),
        flows=["start > choice", "choice > A: =true", "choice > B: default", "A > join > end", "B > join"],
    )
    drive = Drive(model)

    assert drive.incidents == [("p", "deadlock")]
    assert drive.path() == ["start", "choice", "A"]
    drive.retry("p")
    assert drive.incidents == [("p", "deadlock")]


def test_a_deadlock_ends_with_the_scope_that_is_in_it() -> None:
    inner = sub(
        "S",
        start("s"),
        gateway("exclusive", "choice"),
        gateway("parallel", "join"),
        task("task", "A"),
        end("e"),
        on_event("E", message("M"), then="B"),
        flows=["s > choice", "choice > A: =true", "choice > join: default", "A > join > e"],
    )
    drive = Drive(process(start(), inner, end(), flows=["start > S > end"]), {"key": "k"})
    assert drive.incidents == [("S", "deadlock")]

    drive.message("M")
    assert drive.incidents == []
    drive.complete("B")

    assert drive.outcome == "completed"
    assert drive.path("resolved") == ["S"]


def test_a_loop_through_a_parallel_join_waits_for_new_tokens_each_time() -> None:
    model = process(
        start(),
        gateway("exclusive", "again"),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        gateway("parallel", "join"),
        gateway("exclusive", "enough"),
        end(),
        flows=[
            "start > again > fork > A > join > enough",
            "fork > B > join",
            "enough > again: =more",
            "enough > end: default",
        ],
    )
    drive = Drive(model, {"more": True})
    for more in (True, False):
        drive.complete("A")
        assert drive.open == ["B"]
        drive.complete("B", more=more)

    assert drive.outcome == "completed"


def test_an_activity_with_two_flows_forks() -> None:
    model = process(start(), user("A"), user("B"), user("C"), end(), flows=["start > A > B > end", "A > C > end"])
    drive = Drive(model)

    drive.complete("A")

    assert drive.open == ["B", "C"]


@pytest.mark.parametrize(
    ("x", "ways"), [(0, ["D", "E"]), (3, ["B", "E"]), (9, ["B", "C", "E"])], ids=["none", "one", "two"]
)
def test_an_activity_takes_every_flow_whose_condition_is_true_and_its_default_if_none_is(
    x: int, ways: list[str]
) -> None:
    model = process(
        start(),
        user("A"),
        *(user(name) for name in "BCDE"),
        end(),
        flows=["start > A", "A > B: =x > 1", "A > C: =x > 5", "A > D: default", "A > E"]
        + [f"{name} > end" for name in "BCDE"],
    )
    drive = Drive(model)

    drive.complete("A", x=x)

    assert sorted(drive.open) == ways


def race() -> Shape:
    return process(
        start(),
        gateway("eventBased", "G"),
        catch("paid", message("Paid")),
        receive("refused", "Refused"),
        catch("alarm", signal("Alarm")),
        catch("late", timer("P7D")),
        end(),
        flows=["start > G > paid > end", "G > refused > end", "G > alarm > end", "G > late > end"],
    )


def test_an_event_based_gateway_waits_for_all_its_events() -> None:
    assert Drive(race(), {"key": "k"}).waiting == ["paid", "refused", "alarm", "late"]


HAPPENS: dict[str, Callable[[Drive], object]] = {
    "paid": lambda drive: drive.message("Paid", amount=5),
    "refused": lambda drive: drive.message("Refused"),
    "alarm": lambda drive: drive.signal("Alarm"),
    "late": lambda drive: drive.wait(days=7),
}


@pytest.mark.parametrize("way", HAPPENS)
def test_the_first_event_decides_at_an_event_based_gateway(way: str) -> None:
    drive = Drive(race(), {"key": "k"})

    HAPPENS[way](drive)

    assert drive.path() == ["start", "G", way, "end", "p"]
    assert drive.waiting == []
    assert len(drive.asked(commands.Unsubscribe)) == 2


def test_what_decides_at_an_event_based_gateway_brings_its_variables() -> None:
    drive = Drive(race(), {"key": "k"})

    drive.message("Paid", amount=5)

    assert drive.variables == {"key": "k", "amount": 5}


def test_an_event_that_cannot_be_waited_for_stops_the_event_based_gateway() -> None:
    drive = Drive(race())
    assert drive.incidents == [("G", "correlation")]
    assert drive.waiting == []

    drive.retry("G", key="k")

    assert len(drive.waiting) == 4


def test_each_token_that_comes_to_an_activity_by_a_flow_of_its_own_begins_it_anew() -> None:
    """Without a gateway nothing joins (BPMN 2.0 §13.3.1)."""
    model = process(
        start(),
        task("task", "fork"),
        user("A"),
        user("B"),
        user("Z"),
        end(),
        flows=["start > fork > A > Z > end", "fork > B > Z"],
    )
    drive = Drive(model)

    drive.complete("A")
    assert drive.open == ["B", "Z"]
    drive.complete("B")

    assert drive.open == ["Z", "Z"]


def test_an_activity_whose_conditions_are_all_false_goes_on_by_its_plain_flow() -> None:
    model = process(
        start(),
        task("task", "T"),
        user("A"),
        user("B"),
        end(),
        flows=["start > T", "T > A", "T > B: =false", "A > end", "B > end"],
    )

    assert Drive(model).open == ["A"]


def test_an_activity_without_a_way_is_an_incident() -> None:
    model = process(start(), task("task", "T"), user("A"), end(), flows=["start > T", "T > A: =a", "A > end"])
    drive = Drive(model, {"a": False})
    assert drive.incidents == [("T", "no flow")]

    drive.retry("T", a=True)

    assert drive.open == ["A"]
