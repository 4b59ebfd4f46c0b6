"""The inclusive gateway: forks by condition, joins when no other token can come (BPMN 2.0 §13.4.3)."""

from __future__ import annotations

import pytest

from bpmn import events
from tests.bpmn.building import (
    Shape,
    boundary,
    catch,
    end,
    gateway,
    link,
    multi,
    on_event,
    process,
    signal,
    start,
    sub,
    task,
    throw,
    timer,
    user,
)
from tests.bpmn.engine.driving import Drive


def inclusive(*more: Shape, flows: tuple[str, ...] = ()) -> Shape:
    return process(
        start(),
        gateway("inclusive", "fork"),
        user("A"),
        user("B"),
        user("C"),
        gateway("inclusive", "join"),
        user("Z"),
        end(),
        *more,
        flows=[
            "start > fork",
            "fork > A: =a",
            "fork > B: =b",
            "fork > C: default",
            "A > join > Z > end",
            "B > join",
            "C > join",
            *flows,
        ],
    )


@pytest.mark.parametrize(("a", "b", "ways"), [(True, True, ["A", "B"]), (False, True, ["B"]), (False, False, ["C"])])
def test_an_inclusive_gateway_takes_every_true_flow_or_the_default(a: bool, b: bool, ways: list[str]) -> None:
    assert Drive(inclusive(), {"a": a, "b": b}).open == ways


def test_an_inclusive_gateway_without_a_way_is_an_incident() -> None:
    model = process(
        start(),
        gateway("inclusive", "G"),
        user("A"),
        user("B"),
        end(),
        flows=["start > G", "G > A: =a", "G > B: =b", "A > end", "B > end"],
    )
    drive = Drive(model, {"a": False, "b": False})
    assert drive.incidents == [("G", "no flow")]

    drive.retry("G", b=True)

    assert drive.open == ["B"]


def test_an_inclusive_join_waits_only_for_the_flows_that_were_taken() -> None:
    drive = Drive(inclusive(), {"a": True, "b": True})
    drive.complete("B")
    assert drive.open == ["A"]

    drive.complete("A")

    assert drive.open == ["Z"]
    assert drive.path().count("join") == 1


def test_an_inclusive_join_waits_for_a_token_further_up() -> None:
    model = inclusive(user("A0"))
    model.flows = (*(flow.replace("fork > A:", "fork > A0:") for flow in model.flows), "A0 > A")
    drive = Drive(model, {"a": True, "b": True})
    drive.complete("B")
    drive.complete("A0")
    assert drive.open == ["A"]

    drive.complete("A")

    assert drive.open == ["Z"]


def test_an_inclusive_join_goes_on_when_the_other_token_takes_another_way() -> None:
    model = inclusive(gateway("exclusive", "leave"), end("away"))
    model.flows = (
        *(flow for flow in model.flows if flow != "B > join"),
        "B > leave",
        "leave > join: =stay",
        "leave > away: default",
    )
    drive = Drive(model, {"a": True, "b": True, "stay": False})
    drive.complete("A")
    assert drive.open == ["B"]

    drive.complete("B")

    assert drive.open == ["Z"]


def test_an_inclusive_join_waits_for_a_boundary_event_that_may_still_happen() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        boundary("B", "late", timer("PT1H")),
        user("C"),
        gateway("inclusive", "join"),
        user("Z"),
        end(),
        end("done"),
        flows=["start > fork > A > join > Z > end", "fork > B > done", "late > C > join"],
    )
    drive = Drive(model)
    drive.complete("A")
    assert drive.open == ["B"]

    drive.wait(hours=1)
    assert drive.open == ["C"]
    drive.complete("C")

    assert drive.open == ["Z"]


def test_an_inclusive_join_waits_for_a_token_that_comes_through_a_link() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        throw("out", link("L")),
        catch("in", link("L")),
        gateway("inclusive", "join"),
        user("Z"),
        end(),
        flows=["start > fork > A > join > Z > end", "fork > B > out", "in > join"],
    )
    drive = Drive(model)
    drive.complete("A")
    assert drive.open == ["B"]

    drive.complete("B")

    assert drive.open == ["Z"]


def looping() -> Shape:
    """Both branches may be repeated, each by itself, before they join."""
    return process(
        start(),
        gateway("inclusive", "fork"),
        gateway("exclusive", "in_a"),
        gateway("exclusive", "in_b"),
        user("A"),
        user("B"),
        gateway("exclusive", "out_a"),
        gateway("exclusive", "out_b"),
        gateway("inclusive", "join"),
        user("Z"),
        end(),
        flows=[
            "start > fork",
            "fork > in_a: =true",
            "fork > in_b: =true",
            "in_a > A > out_a",
            "in_b > B > out_b",
            "out_a > in_a: =again",
            "out_a > join: default",
            "out_b > in_b: =again",
            "out_b > join: default",
            "join > Z > end",
        ],
    )


def test_an_inclusive_join_waits_while_a_branch_repeats() -> None:
    drive = Drive(looping())
    drive.complete("A", again=False)
    drive.complete("B", again=True)
    drive.complete("B", again=True)
    assert drive.open == ["B"]

    drive.complete("B", again=False)

    assert drive.open == ["Z"]


def test_an_inclusive_join_waits_for_tokens_that_stand_at_a_join_before_it() -> None:
    """Both joins are at rest together; the outer one comes first by its id, but not by its place."""
    model = process(
        start(),
        gateway("inclusive", "outer"),
        task("task", "A"),
        gateway("inclusive", "inner"),
        task("task", "B"),
        task("task", "C"),
        gateway("inclusive", "z_join_inner"),
        gateway("inclusive", "a_join_outer"),
        user("U"),
        end(),
        flows=[
            "start > outer",
            "outer > A: =true",
            "A > a_join_outer",
            "outer > inner: =true",
            "inner > B: =true",
            "inner > C: =true",
            "B > z_join_inner > a_join_outer > U > end",
            "C > z_join_inner",
        ],
    )

    drive = Drive(model)

    assert drive.path().count("z_join_inner") == drive.path().count("a_join_outer") == 1
    assert drive.open == ["U"]


def test_a_join_in_a_loop_is_not_held_up_by_what_comes_only_after_it() -> None:
    """The way back leads to the join itself, so the token that waits there cannot be its own delay."""
    model = process(
        start(),
        gateway("inclusive", "join"),
        user("A"),
        gateway("inclusive", "split"),
        end(),
        flows=["start > join > A > split", "split > join: =again", "split > end: default"],
    )
    drive = Drive(model, {"again": True})
    drive.complete("A")
    assert drive.open == ["A"]

    drive.complete("A", again=False)

    assert drive.outcome == "completed"


def test_tokens_of_a_second_round_are_left_for_a_second_join() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        task("task", "A1"),
        task("task", "A2"),
        user("B"),
        gateway("exclusive", "merge"),
        gateway("inclusive", "join"),
        user("Z"),
        end(),
        flows=["start > fork > A1 > merge > join > Z > end", "fork > A2 > merge", "fork > B > join"],
    )
    drive = Drive(model)
    assert drive.open == ["B"]

    drive.complete("B")

    assert drive.open == ["Z", "Z"]


def test_two_scopes_that_can_join_at_once_do_so_in_the_order_of_their_keys() -> None:
    inner = sub(
        "S",
        multi("=[1, 2]"),
        start("s"),
        gateway("parallel", "f"),
        user("A"),
        catch("B", signal("Go")),
        gateway("inclusive", "j"),
        gateway("exclusive", "x"),
        end("e"),
        end("e2"),
        flows=["s > f > A > j > e", "f > B > x", "x > j: =false", "x > e2: default"],
    )
    drive = Drive(process(start(), inner, end(), flows=["start > S > end"]))
    second = max(key for (_, key) in drive.work)
    drive.tell(events.TaskCompleted(second))
    drive.complete("A")

    drive.signal("Go")

    joins = [record.scope for record in drive.records if record.element == "j" and record.event == "activated"]
    assert joins == sorted(joins)
    assert drive.outcome == "completed"


def test_an_inclusive_join_waits_for_a_token_that_only_an_accident_would_lead_elsewhere() -> None:
    """B comes to the flow that is missing; only its boundary event would lead to the flow that has a token already."""
    model = process(
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        boundary("B", "late", timer("PT1H")),
        gateway("exclusive", "merge"),
        gateway("inclusive", "join"),
        user("Z"),
        end(),
        flows=["start > fork > A > merge > join > Z > end", "fork > B > join", "late > merge"],
    )
    drive = Drive(model)
    drive.complete("A")
    assert drive.open == ["B"]

    drive.complete("B")

    assert drive.open == ["Z"]
    assert drive.path().count("join") == 1


def test_an_inclusive_join_does_not_wait_for_an_accident_that_most_likely_spares_it() -> None:
    """B may come to both flows: by the standard such a token is not waited for."""
    model = process(
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        boundary("B", "late", timer("PT1H")),
        gateway("exclusive", "merge"),
        gateway("inclusive", "join"),
        user("Z"),
        end(),
        flows=["start > fork > A > merge > join > Z > end", "fork > B > merge", "late > join"],
    )
    drive = Drive(model)

    drive.complete("A")

    assert drive.open == ["B", "Z"]


def test_an_inclusive_join_does_not_wait_for_what_an_event_sub_process_does() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        gateway("exclusive", "x"),
        gateway("inclusive", "join"),
        user("Z"),
        end(),
        end("away"),
        on_event("E", signal("Go"), then="Aside", interrupting=False),
        flows=["start > fork > A > join > Z > end", "fork > B > x", "x > join: =stay", "x > away: default"],
    )
    drive = Drive(model, {"stay": False})
    drive.signal("Go")
    drive.complete("A")
    assert drive.open == ["B", "Aside"]

    drive.complete("B")

    assert drive.open == ["Aside", "Z"]


def test_two_inclusive_joins_that_wait_for_each_other_are_a_deadlock() -> None:
    """Each has a token that could come to the empty flow of the other: so it stands in BPMN 2.0 §13.4.3."""
    model = process(
        start(),
        gateway("parallel", "fork"),
        gateway("inclusive", "one"),
        gateway("exclusive", "after_one"),
        gateway("inclusive", "two"),
        gateway("exclusive", "after_two"),
        end(),
        flows=[
            "start > fork",
            "fork > one > after_one",
            "fork > two > after_two",
            "after_one > two: =x",
            "after_one > end: default",
            "after_two > one: =x",
            "after_two > end: default",
        ],
    )
    drive = Drive(model, {"x": False})

    assert drive.incidents == [("p", "deadlock")]
