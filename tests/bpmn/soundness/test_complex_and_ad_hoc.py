"""What the soundness check says of complex gateways, in both their phases, and of ad-hoc sub-processes."""

from __future__ import annotations

import time

import pytest

from bpmn.soundness import MAX_STATES, check_soundness
from tests.bpmn.building import Shape, ad_hoc, build, end, gateway, process, start, user, zeebe
from tests.bpmn.engine.test_complex import complex_, three
from tests.bpmn.soundness.test_soundness import faults, found


@pytest.mark.parametrize("condition", ["=activationCount >= 1", "=activationCount >= 2", "=activationCount = 3"])
def test_a_complex_gateway_that_what_comes_can_start_is_sound(condition: str) -> None:
    assert found(three(condition)) == []


def test_a_complex_gateway_that_waits_for_more_than_can_come_is_a_deadlock() -> None:
    (deadlock, dead) = faults(three("=activationCount > 3"))

    assert deadlock.element == "G"
    assert deadlock.problem == (
        "deadlock: what has come here never fulfils =activationCount > 3, by "
        "«start → fork → A → G» and «fork → B → G» and «fork → C → G»"
    )
    assert dead.problem == "no token ever comes to Z"


def test_a_condition_may_ask_for_the_tokens_of_one_flow() -> None:
    assert found(three("=activationCounts.A_G > 0 and activationCounts.B_G > 0")) == []
    assert ("G", "deadlock") in found(three("=activationCounts.A_G > 1"))


@pytest.mark.parametrize("condition", ["=activationCount >= enough", "=urgent or activationCount >= 9", "=urgent"])
def test_a_condition_that_asks_for_data_is_taken_to_become_true_in_time(condition: str) -> None:
    assert found(three(condition)) == []


def phases(start_way: str, reset_way: str, condition: str = "=activationCount >= 1") -> Shape:
    """A gateway after two parallel tasks, with a way to Z and one to Late, which meet again before Last."""
    return process(
        *(start(), gateway("parallel", "fork"), user("A"), user("B"), complex_("G", condition), user("Z")),
        *(user("Late"), gateway("exclusive", "M"), user("Last"), end()),
        flows=[
            *("start > fork > A > G", "fork > B > G", f"G > Z{start_way}", f"G > Late{reset_way}"),
            *("Z > M", "Late > M", "M > Last > end"),
        ],
    )


def test_tokens_of_both_phases_may_meet() -> None:
    (doubled,) = faults(phases(": =waitingForStart", ": =not(waitingForStart)"))

    assert doubled.element == "Last"
    assert doubled.problem.startswith("two tokens can be here at once")


def test_a_way_that_no_phase_takes_is_dead_and_the_default_is_taken_in_both() -> None:
    assert found(phases(": default", ": =not(waitingForStart) and waitingForStart")) == [
        ("Z", "doubled"),
        ("Late", "dead"),
    ]


def test_a_way_that_only_the_reset_takes_is_dead_where_there_is_never_a_reset_before_a_deadlock() -> None:
    model = phases(": =waitingForStart", ": =not(waitingForStart)", "=activationCount >= 3")

    assert ("G", "deadlock") in found(model)
    assert ("Z", "dead") in found(model)


def test_a_complex_gateway_with_one_way_in_waits_for_its_condition_too() -> None:
    model = process(
        start(), user("A"), complex_("G", "=activationCount >= 2"), user("Z"), end(), flows=["start > A > G > Z > end"]
    )

    assert found(model) == [("G", "deadlock"), ("Z", "dead")]


def test_too_many_states_around_a_complex_gateway_are_told_and_take_no_long_time() -> None:
    names = [f"T{number}" for number in range(20)]
    flows = ["start > fork", "G > end", *(f"fork > {name} > G" for name in names)]
    shapes = [start(), gateway("parallel", "fork"), *map(user, names), complex_("G", "=activationCount >= 1"), end()]
    begun = time.perf_counter()

    (undecided,) = faults(process(*shapes, flows=flows))

    assert undecided.problem == f"whether it is sound is not decided: more than {MAX_STATES} states"
    assert time.perf_counter() - begun < 20


# -- ad-hoc sub-processes --------------------------------------------------------------------------------------------


def around(inside: Shape) -> Shape:
    return process(start(), inside, end(), flows=["start > H > end"])


def meeting(*flows: str, elements: str = "", until: str = "", cancels: bool = True, sequential: bool = False) -> Shape:
    """An ad-hoc sub-process of A and B, the flows of which meet at J before C."""
    chosen = (zeebe("adHoc", activeElementsCollection=elements),) if elements else ()
    shapes = (user("A"), user("B"), gateway("parallel", "J"), user("C"))
    return around(ad_hoc("H", *chosen, *shapes, flows=flows, until=until, cancels=cancels, sequential=sequential))


BOTH = ("A > J", "B > J", "J > C")


@pytest.mark.parametrize("sequential", [False, True])
def test_what_is_activated_in_an_ad_hoc_sub_process_may_be_joined(sequential: bool) -> None:
    assert found(meeting(*BOTH, sequential=sequential)) == []


@pytest.mark.parametrize("sequential", [False, True])
def test_a_join_in_an_ad_hoc_sub_process_that_needs_what_is_perhaps_not_activated_is_a_deadlock(
    sequential: bool,
) -> None:
    assert found(meeting(*BOTH, elements="=which", sequential=sequential)) == [("J", "deadlock")]


def test_where_a_condition_ends_an_ad_hoc_sub_process_with_all_that_is_in_it_nothing_waits_for_ever() -> None:
    assert found(meeting(*BOTH, elements="=which", until="=done")) == []
    assert found(meeting(*BOTH, elements="=which", until="=done", cancels=False)) == [("J", "deadlock")]


def test_where_a_condition_leaves_out_what_is_still_to_come_a_join_may_wait_for_it() -> None:
    assert found(meeting(*BOTH, sequential=True, until="=done", cancels=False)) == [("J", "deadlock")]


def test_two_activities_that_lead_to_the_same_are_done_twice_where_they_are_active_at_once() -> None:
    both = ("A > C", "B > C")
    inside = [user("A"), user("B"), user("C")]

    assert found(around(ad_hoc("H", *inside, flows=both))) == [("C", "doubled")]
    assert found(around(ad_hoc("H", *inside, flows=both, sequential=True))) == []


def test_many_activities_of_an_ad_hoc_sub_process_are_decided_at_once() -> None:
    inside = ad_hoc("H", *(user(f"A{number}") for number in range(40)))

    assert list(check_soundness(build(around(inside)))) == []


def test_a_join_without_a_way_out_can_wait_for_ever_too() -> None:
    model = process(
        *(start(), gateway("exclusive", "X"), user("A"), user("B"), gateway("parallel", "J")),
        flows=["start > X", "X > A: =x", "X > B: default", "A > J", "B > J"],
    )

    assert found(model) == [("J", "deadlock")]
