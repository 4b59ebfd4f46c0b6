"""The complex gateway: started by its activation condition, reset when what is late has come or cannot come any more
(BPMN 2.0 §10.6.5, §13.4.5)."""

from __future__ import annotations

import pytest

from tests.bpmn.building import (
    TERMINATE,
    Part,
    Shape,
    boundary,
    end,
    gateway,
    process,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.engine.driving import Drive


def complex_(id_: str, condition: str = "") -> Shape:
    """A complex gateway with its activation condition."""
    text = condition.replace("<", "&lt;")
    return Shape("complexGateway", id_, {}, (Part(f"<bpmn:activationCondition>{text}</bpmn:activationCondition>"),))


def three(condition: str, *more: Shape, flows: tuple[str, ...] = ("G > Z",)) -> Shape:
    """Three parallel tasks before a complex gateway, and a task behind it."""
    return process(
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        user("C"),
        complex_("G", condition),
        user("Z"),
        end(),
        *more,
        flows=["start > fork > A > G", "fork > B > G", "fork > C > G", "Z > end", *flows],
    )


def test_it_starts_when_its_condition_becomes_true_and_not_before() -> None:
    drive = Drive(three("=activationCount >= 2"))
    drive.complete("B")
    assert drive.open == ["A", "C"]

    drive.complete("A")

    assert drive.open == ["C", "Z"]
    assert drive.path().count("G") == 1


def test_what_comes_after_the_start_is_consumed_and_sends_nothing() -> None:
    drive = Drive(three("=activationCount >= 2"))
    for element in ("A", "B", "C", "Z"):
        drive.complete(element)

    assert drive.outcome == "completed"
    assert drive.path().count("Z") == 1
    assert drive.path().count("G") == 2


def test_a_scope_is_not_complete_while_a_gateway_in_it_waits_to_be_reset() -> None:
    model = three("=activationCount >= 1", user("Late"), flows=("G > Z: =waitingForStart", "G > Late: default"))
    model.flows = (*model.flows, "Late > end")
    drive = Drive(model)
    drive.complete("A")
    drive.complete("Z")
    drive.complete("B")
    assert drive.open == ["C"]

    drive.complete("C")

    assert drive.open == ["Late"]


def test_the_flow_whose_condition_says_so_gets_its_token_at_the_reset() -> None:
    flows = ("G > Z: =waitingForStart", "G > Late: =not(waitingForStart)")
    model = three("=activationCount = 1", user("Late"), flows=(*flows, "Late > end"))
    drive = Drive(model)
    drive.complete("C")
    assert drive.open == ["A", "B", "Z"]

    drive.complete("A")
    assert drive.open == ["B", "Z"]
    drive.complete("B")

    assert drive.open == ["Z", "Late"]


def test_the_reset_does_not_wait_for_a_token_that_went_another_way() -> None:
    model = three("=activationCount = 2", gateway("exclusive", "X"), user("Late"), flows=())
    model.flows = (
        *(flow for flow in model.flows if flow != "fork > C > G"),
        *("fork > C > X", "X > G: =stay", "X > end: default"),
        *("G > Z: =waitingForStart", "G > Late: =not(waitingForStart)", "Late > end"),
    )
    drive = Drive(model, {"stay": False})
    drive.complete("A")
    drive.complete("B")
    assert drive.open == ["C", "Z"]

    drive.complete("C")

    assert drive.open == ["Z", "Late"]


def test_after_the_reset_the_gateway_starts_again() -> None:
    model = process(
        start(),
        gateway("exclusive", "round"),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        complex_("G", "=activationCount >= 1"),
        user("Z"),
        gateway("exclusive", "again"),
        end(),
        flows=[
            "start > round > fork > A > G",
            "fork > B > G > Z > again",
            "again > round: =more",
            "again > end: default",
        ],
    )
    drive = Drive(model, {"more": True})
    for element in ("A", "B", "Z"):
        drive.complete(element)
    assert drive.open == ["A", "B"]

    drive.complete("B")
    assert drive.open == ["A", "Z"]
    drive.complete("A")
    drive.complete("Z", more=False)

    assert drive.outcome == "completed"
    assert drive.path().count("G") == 4


def test_a_second_token_on_a_flow_that_has_been_used_starts_the_gateway_after_its_reset() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        user("C"),
        gateway("exclusive", "merge"),
        complex_("G", "=activationCount >= 1"),
        user("Z"),
        end(),
        flows=["start > fork > A > merge > G > Z > end", "fork > B > merge", "fork > C > G"],
    )
    drive = Drive(model)
    drive.complete("A")
    drive.complete("B")
    assert drive.open == ["C", "Z"]

    drive.complete("C")

    assert drive.open == ["Z", "Z"]


def test_the_condition_sees_the_count_of_each_flow() -> None:
    drive = Drive(three("=activationCounts.C_G > 0 and activationCount >= 2"))
    drive.complete("A")
    drive.complete("B")
    assert drive.open == ["C"]

    drive.complete("C")

    assert drive.open == ["Z"]


def test_the_start_takes_one_token_from_every_flow_that_has_one() -> None:
    drive = Drive(three("=activationCount >= 3"))
    for element in ("A", "B", "C", "Z"):
        drive.complete(element)

    assert drive.outcome == "completed"
    assert drive.path().count("Z") == 1


def test_the_condition_may_come_true_by_the_data_of_the_case() -> None:
    drive = Drive(three("=activationCount >= needed"), {"needed": 2})
    drive.complete("A")
    assert drive.open == ["B", "C"]

    drive.complete("B", needed=1)

    assert drive.open == ["C", "Z"]


def test_data_alone_can_start_it() -> None:
    model = three("=ready")
    model.flows = (*(flow for flow in model.flows if flow != "fork > C > G"), "fork > C > end")
    drive = Drive(model, {"ready": False})
    drive.complete("A")
    assert drive.open == ["B", "C"]

    drive.complete("C", ready=True)

    assert drive.open == ["B", "Z"]


@pytest.mark.parametrize(("a", "b", "ways"), [(True, True, ["A", "B"]), (False, True, ["B"]), (False, False, ["C"])])
def test_with_one_incoming_flow_it_forks_by_its_conditions(a: bool, b: bool, ways: list[str]) -> None:
    model = process(
        start(),
        gateway("complex", "G"),
        user("A"),
        user("B"),
        user("C"),
        end(),
        flows=["start > G", "G > A: =a", "G > B: =b", "G > C: default", "A > end", "B > end", "C > end"],
    )

    assert Drive(model, {"a": a, "b": b}).open == ways


def test_one_incoming_flow_can_be_counted_too() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        gateway("exclusive", "merge"),
        complex_("G", "=activationCount >= 2"),
        user("Z"),
        end(),
        flows=["start > fork > A > merge > G > Z > end", "fork > B > merge"],
    )
    drive = Drive(model)
    drive.complete("A")
    assert drive.open == ["B"]

    drive.complete("B")

    assert drive.open == ["Z"]
    assert drive.instance.instances[1].arrivals == {"G": {"merge_G": 1}}


def test_a_start_without_a_way_is_an_incident_and_a_reset_without_one_is_none() -> None:
    flows = ("G > Z: =waitingForStart and go",)
    drive = Drive(three("=activationCount >= 1", flows=flows), {"go": False})
    drive.complete("A")
    assert drive.incidents == [("G", "no flow")]

    drive.retry("G", go=True)
    for element in ("B", "C", "Z"):
        drive.complete(element)

    assert drive.outcome == "completed"


def test_a_gateway_that_cannot_start_any_more_is_a_deadlock() -> None:
    drive = Drive(three("=activationCount >= 4"))
    for element in ("A", "B", "C"):
        drive.complete(element)

    assert drive.incidents == [("p", "deadlock")]
    assert "G «» holds 3 tokens and is not started by =activationCount >= 4" in drive.problem


def test_a_deadlock_is_over_when_the_data_are_mended() -> None:
    drive = Drive(three("=activationCount >= needed"), {"needed": 4})
    for element in ("A", "B", "C"):
        drive.complete(element)

    drive.retry("p", needed=3)

    assert drive.open == ["Z"]


def test_a_condition_that_is_neither_true_nor_false_is_an_incident_until_it_is() -> None:
    drive = Drive(three("=activationCount >= needed"))
    drive.complete("A")
    assert drive.incidents == [("p", "activation condition")]
    assert "G «»: =activationCount >= needed gave null, not true or false" in drive.problem

    drive.retry("p", needed=1)

    assert drive.incidents == []
    assert drive.open == ["B", "C", "Z"]


def test_an_incident_of_the_condition_is_over_when_another_token_makes_it_true() -> None:
    drive = Drive(three("=if activationCount = 1 then null else true"))
    drive.complete("A")
    assert drive.incidents == [("p", "activation condition")]

    drive.complete("B")

    assert drive.incidents == []
    assert drive.open == ["C", "Z"]


def test_tokens_of_a_scope_that_ends_are_gone_with_what_waits_for_a_reset() -> None:
    inner = three("=activationCount >= 1", end("kill", TERMINATE), flows=("G > Z: =waitingForStart",))
    inside = tuple(flow.replace("Z > end", "Z > kill") for flow in inner.flows)
    scope = sub("S", *inner.inside, flows=[flow.replace("start", "s") for flow in inside])
    scope.inside = tuple(start("s") if shape.id == "start" else shape for shape in scope.inside if shape.id != "end")
    drive = Drive(process(start(), scope, user("After"), end(), flows=["start > S > After > end"]))
    drive.complete("A")

    drive.complete("Z")

    assert drive.open == ["After"]


def test_the_incident_of_a_condition_is_over_with_its_tokens() -> None:
    inner = sub(
        "S",
        start("s"),
        gateway("parallel", "f"),
        user("A"),
        user("B"),
        complex_("G", "=gone"),
        end("e"),
        flows=["s > f > A > G > e", "f > B > G"],
    )
    model = process(
        start(),
        inner,
        boundary("S", "late", timer("PT1H")),
        user("Z"),
        end(),
        flows=["start > S > end", "late > Z > end"],
    )
    drive = Drive(model)
    drive.complete("A")
    assert drive.incidents == [("S", "activation condition")]

    drive.wait(hours=1)

    assert drive.incidents == []
    assert drive.open == ["Z"]


def test_an_inclusive_join_waits_for_the_tokens_at_a_complex_gateway_before_it() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        user("C"),
        complex_("G", "=activationCount >= 2"),
        gateway("inclusive", "join"),
        user("Z"),
        end(),
        flows=["start > fork > A > G > join > Z > end", "fork > B > G", "fork > C > join"],
    )
    drive = Drive(model)
    drive.complete("A")
    drive.complete("C")
    assert drive.open == ["B"]

    drive.complete("B")

    assert drive.open == ["Z"]


def test_the_reset_waits_for_a_token_that_may_come_back_by_a_loop() -> None:
    model = process(
        start(),
        complex_("G", "=activationCount >= 1"),
        user("Z"),
        gateway("exclusive", "again"),
        user("Late"),
        end(),
        flows=[
            "start > G",
            "G > Z: =waitingForStart",
            "G > Late: default",
            "Z > again",
            "again > G: =more",
            "again > end: default",
            "Late > end",
        ],
    )
    drive = Drive(model, {"more": True})
    assert drive.open == ["Z"]

    drive.complete("Z")

    assert drive.open == ["Late"]
