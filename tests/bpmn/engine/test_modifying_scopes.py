"""Joins, loops, compensation and sub-processes of a running instance whose tokens somebody moves, adds or cancels."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from bpmn.modification import (
    Activation,
    Arrival,
    Move,
)
from tests.bpmn.building import (
    CANCEL,
    ad_hoc,
    boundary,
    compensation,
    end,
    gateway,
    looping,
    multi,
    process,
    service,
    start,
    throw,
    transaction,
    user,
)
from tests.bpmn.engine.changing import change, key_of, line
from tests.bpmn.engine.driving import Drive

LOOSE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


# -- joins -----------------------------------------------------------------------------------------------------------


def joined() -> Drive:
    shapes = [start(), gateway("parallel", "F"), user("A"), user("B"), gateway("parallel", "J"), user("C"), end()]
    drive = Drive(process(*shapes, flows=["start > F > A > J > C > end", "F > B > J"]))
    drive.complete("A")
    return drive


def test_activating_a_join_joins_what_has_come() -> None:
    drive = joined()

    change(drive, cancel=(drive.key("B"),), activate=(Activation("J"),))

    assert drive.open == ["C"]
    drive.complete("C")
    assert drive.outcome == "completed"


def test_a_token_at_a_join_can_be_withdrawn() -> None:
    drive = joined()
    root = key_of(drive, "p")

    change(drive, withdraw=(Arrival(root, "J", "A_J"),), activate=(Activation("A"),))

    assert drive.open == ["B", "A"]
    drive.complete("A")
    drive.complete("B")
    assert drive.open == ["C"]


def test_a_deadlock_is_over_when_the_missing_token_is_added() -> None:
    drive = joined()
    change(drive, cancel=(drive.key("B"),))
    assert drive.incidents == [("p", "deadlock")]

    change(drive, activate=(Activation("B"),))

    assert drive.incidents == []
    drive.complete("B")
    assert drive.open == ["C"]


# -- multi-instance --------------------------------------------------------------------------------------------------


def many(**loop: Any) -> Drive:
    given = multi("=items", item="item", into="out", gives="=x", **loop)
    return Drive(line(user("A", given), user("B")), {"items": ["a", "b", "c"]})


def test_one_inner_instance_is_cancelled_and_gives_no_output() -> None:
    drive = many()

    change(drive, cancel=(drive.key("A"),))
    drive.complete("A", x=2)
    drive.complete("A", x=3)

    assert drive.open == ["B"]
    assert drive.variables["out"] == [None, 2, 3]


def test_the_next_item_has_its_turn_when_the_present_one_is_cancelled() -> None:
    drive = many(sequential=True)

    change(drive, cancel=(drive.key("A"),))

    assert drive.instance.variables(drive.key("A"))["item"] == "b"


def test_the_last_inner_instance_that_is_cancelled_completes_the_body() -> None:
    drive = many()
    drive.complete("A", x=1)
    drive.complete("A", x=2)

    change(drive, cancel=(drive.key("A"),))

    assert drive.open == ["B"]


@pytest.mark.parametrize("sequential", [False, True])
def test_a_body_that_all_its_tokens_are_moved_out_of_is_left_for_good(sequential: bool) -> None:
    drive = many(sequential=sequential)
    keys = [key for key, one in drive.instance.instances.items() if one.role == "inner"]

    change(drive, move=tuple(Move(key, "B") for key in keys))

    assert drive.open == ["B"] * len(keys)


def test_a_body_goes_on_with_those_that_are_not_moved_out_of_it() -> None:
    drive = many()

    change(drive, move=(Move(drive.key("A"), "B"),))
    drive.complete("A", x=2)
    drive.complete("A", x=3)

    assert drive.open == ["B", "B"]


def test_a_completion_condition_counts_cancelled_ones_as_terminated() -> None:
    drive = many(until="=numberOfTerminatedInstances = 1 and numberOfCompletedInstances = 1")

    change(drive, cancel=(drive.key("A"),))
    drive.complete("A", x=2)

    assert drive.open == ["B"]


def test_an_item_is_added_and_its_inner_instance_begins() -> None:
    drive = many()

    change(drive, activate=(Activation("A", key_of(drive, "A", "body"), item="d"),))

    assert drive.open == ["A"] * 4
    for number in range(4):
        drive.complete("A", x=number)
    assert drive.variables["out"] == [0, 1, 2, 3]
    assert drive.open == ["B"]


def test_an_item_that_is_added_in_turn_waits_for_it() -> None:
    drive = many(sequential=True)

    change(drive, activate=(Activation("A", key_of(drive, "A", "body"), item="d"),))

    assert drive.open == ["A"]
    for number in range(4):
        drive.complete("A", x=number)
    assert drive.variables["out"] == [0, 1, 2, 3]


def test_the_whole_body_is_cancelled_by_its_own_key() -> None:
    drive = many()

    change(drive, move=(Move(key_of(drive, "A", "body"), "B"),))

    assert drive.open == ["B"]
    assert "out" not in drive.variables


# -- compensation ----------------------------------------------------------------------------------------------------


def test_a_cancelled_compensation_handler_lets_the_compensation_go_on() -> None:
    shapes = [start(), service("A"), boundary("A", "c", compensation()), service("undo", undoes=True)]
    shapes += [throw("T", compensation()), user("B"), end()]
    drive = Drive(process(*shapes, flows=["start > A > T > B > end"], links=["c > undo"]))
    drive.complete("A")

    change(drive, cancel=(drive.key("undo"),))

    assert drive.open == ["B"]


# -- transactions, ad-hoc sub-processes, standard loops ----------------------------------------------------------------


def test_a_transaction_is_taken_back_though_its_last_compensation_handler_is_cancelled() -> None:
    steps = [start("s"), service("X"), boundary("X", "c", compensation()), service("undo", undoes=True)]
    inside = transaction("T", *steps, end("e", CANCEL), flows=["s > X > e"], links=["c > undo"])
    shapes = [start(), inside, boundary("T", "b", CANCEL), user("after"), end(), end("f")]
    drive = Drive(process(*shapes, flows=["start > T > end", "b > after > f"]))
    drive.complete("X")
    assert drive.open == ["undo"]

    change(drive, cancel=(drive.key("undo"),))

    assert drive.open == ["after"]


def test_a_token_moves_into_a_transaction_that_can_still_be_cancelled() -> None:
    inside = transaction("T", start("s"), user("X"), user("Y"), end("e", CANCEL), flows=["s > X > Y > e"])
    shapes = [start(), user("A"), inside, boundary("T", "b", CANCEL), end(), end("f")]
    drive = Drive(process(*shapes, flows=["start > A > T > end", "b > f"]))

    change(drive, move=(Move(drive.key("A"), "Y"),))
    drive.complete("Y")

    assert drive.path()[-3:] == ["b", "f", "p"]


def test_an_element_is_added_to_an_ad_hoc_sub_process_and_one_cancelled() -> None:
    inside = ad_hoc("H", user("X"), user("Y"), until="=done = true")
    drive = Drive(line(inside, user("B")))

    change(drive, cancel=(drive.key("X"),), activate=(Activation("Y", key_of(drive, "H")),))
    assert drive.open == ["Y", "Y"]
    change(drive, cancel=(drive.key("Y"),))
    change(drive, cancel=(drive.key("Y"),))

    assert [one.element for one in drive.instance.instances.values()] == ["p", "H"]


def test_a_token_that_moves_into_an_ad_hoc_sub_process_has_it_created_with_that_element_alone() -> None:
    drive = Drive(line(user("A"), ad_hoc("H", user("X"), user("Y")), user("B")))

    change(drive, move=(Move(drive.key("A"), "Y"),))
    assert drive.open == ["Y"]
    drive.complete("Y")

    assert drive.open == ["B"]


def test_a_run_of_a_standard_loop_that_is_cancelled_is_followed_by_the_next() -> None:
    drive = Drive(line(user("A", looping("=true", at_most=2)), user("B")))

    change(drive, cancel=(drive.key("A"),))
    assert drive.open == ["A"]
    change(drive, cancel=(drive.key("A"),))

    assert drive.open == ["B"]
