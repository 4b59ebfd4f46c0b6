"""What a run of a file begins with, and what begins more of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bpmn import ModelRefused
from bpmn.simulation import beginning, world
from tests.bpmn.building import (
    Shape,
    build,
    call,
    catch,
    condition,
    end,
    instantiating,
    message,
    parallel,
    process,
    receive,
    service,
    signal,
    start,
    throw,
    timer,
    user,
)
from tests.bpmn.playing import DAY, START, Run, line


def test_every_process_with_a_plain_start_event_begins() -> None:
    run = Run(line("p", user("A")), line("q", user("B")))

    assert run.outcomes == {"p": "completed", "q": "completed"}
    assert run.begun() == [("p", START), ("q", START)]


def test_a_process_that_is_only_called_does_not_begin_by_itself() -> None:
    run = Run(line("callee", user("A")), line("p", call("C", "callee")))

    assert run.outcomes == {"p": "completed", "p/callee-3": "completed"}


def test_a_process_that_is_called_begins_where_it_is_named_as_first() -> None:
    run = Run(line("callee", user("A")), line("p", call("C", "callee")), first=["callee"])

    assert list(run.outcomes) == ["callee", "p", "p/callee-3"]


def test_a_global_task_does_not_begin_by_itself() -> None:
    run = Run(line("p"), Shape("globalManualTask", "G"))

    assert run.outcomes == {"p": "completed"}


def test_processes_that_call_each_other_begin() -> None:
    either = [line("p", call("C", "q")), line("q", call("D", "p"))]

    assert beginning(build(*either), "model.bpmn").others == ("p", "q")


def test_a_process_that_calls_itself_begins() -> None:
    assert beginning(build(line("p", call("C", "p"))), "model.bpmn").others == ("p",)


def test_a_process_with_only_a_timer_start_waits_for_it_in_virtual_time() -> None:
    run = Run(line("p", user("A"), begin=start("s", timer("P3D"))))

    assert run.begun() == [("p", START + timedelta(days=3))]
    assert run.simulation.outcome == "completed"


def test_a_process_that_still_waits_for_its_first_timer_makes_the_run_wait() -> None:
    run = Run(line("p", user("A")), line("q", user("B"), begin=start("s", timer("P3D"))), horizon=DAY)

    assert run.outcomes == {"p": "completed"}
    assert run.simulation.outcome == "waiting"


def test_a_timer_start_with_a_cycle_begins_an_instance_each_time_up_to_the_horizon() -> None:
    run = Run(line("p", user("A"), begin=start("s", timer("R/P1D"))), horizon=3 * DAY)

    assert run.begun() == [(name, START + timedelta(days=n)) for n, name in enumerate(["p", "p#2", "p#3"], 1)]
    assert run.simulation.outcome == "completed"


def test_a_timer_start_begins_as_often_as_its_cycle_says() -> None:
    assert len(Run(line("p", begin=start("s", timer("R2/P1D")))).begun()) == 2


def test_a_timer_start_without_end_begins_a_limited_number_where_there_is_no_horizon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(world, "MAX_STARTS", 7)

    assert len(Run(line("p", begin=start("s", timer("R/P1D")))).begun()) == 7


def test_a_timer_start_may_be_an_expression_over_the_variables_of_the_beginning() -> None:
    run = Run(line("p", begin=start("s", timer("duration==duration(wait)"))), wait="PT2H")

    assert run.begun() == [("p", START + timedelta(hours=2))]


def test_a_timer_start_that_cannot_tell_when_it_is_due_is_refused() -> None:
    with pytest.raises(ModelRefused, match="s: the timer's duration is None"):
        Run(line("p", begin=start("s", timer("duration==wait"))))


def test_a_start_event_whose_message_has_no_name_before_the_process_begins_is_refused() -> None:
    with pytest.raises(ModelRefused, match="s: the message name =nobody gave None, not a text"):
        Run(line("p", begin=start("s", message("=nobody", ""))))


def test_a_process_with_only_a_message_start_does_not_begin_by_itself() -> None:
    run = Run(line("p", begin=start("s", message("Order", ""))))

    assert (run.outcomes, run.simulation.outcome) == ({}, "waiting")


def test_with_a_chosen_process_only_that_begins() -> None:
    run = Run(line("p", user("A")), line("q", user("B")), line("r", begin=start("s", timer("PT1H"))), process="q")

    assert run.outcomes == {"q": "completed"}


def test_beside_a_chosen_process_others_begin_by_message() -> None:
    sender = line("p", throw("A", message("Order", "=1")))

    run = Run(line("r"), sender, line("q", begin=start("s", message("Order", "=1"))), process="p")

    assert run.outcomes == {"p": "completed", "q": "completed"}


def test_first_processes_rest_before_the_next_begins() -> None:
    """The receiver works before it waits; a signal is never kept."""
    sender, receiver = line("p", throw("A", signal("Go"))), line("q", service("B"), catch("C", signal("Go")))

    assert Run(sender, receiver).outcomes == {"p": "completed", "q": "waiting"}
    assert Run(sender, receiver, first=["q"]).outcomes == {"q": "completed", "p": "completed"}


def test_first_processes_begin_in_the_order_they_are_named_in() -> None:
    run = Run(line("p"), line("q"), line("r"), first=["r", "q"])

    assert [name for name, _ in run.begun()] == ["r", "q", "p"]


def test_variables_go_to_every_process_at_the_beginning() -> None:
    late = line("r", begin=start("s", timer("P1D")))

    assert Run(line("p"), line("q"), late, x=1).variables == {"p": {"x": 1}, "q": {"x": 1}, "r": {"x": 1}}


def test_variables_go_to_the_chosen_process_alone() -> None:
    assert Run(line("p"), line("q"), process="q", first=["p"], x=1).variables == {"p": {}, "q": {"x": 1}}


def test_a_process_begins_at_the_beginning_where_its_condition_is_fulfilled() -> None:
    model = line("p", begin=start("s", condition("=x > 1")))

    assert Run(model, x=2).variables == {"p": {"x": 2}}
    assert Run(model, x=1).outcomes == {}


def test_a_process_begins_at_any_definition_of_a_multiple_start_event() -> None:
    model = line("p", begin=start("s", message("Order", ""), signal("Go"), timer("P5D")))
    sent = {"messages": [{"name": "Order", "after": "P1D"}], "signals": [{"name": "Go", "after": "P2D"}]}

    run = Run(model, does=sent)

    assert run.begun() == [(name, START + timedelta(days=n)) for name, n in (("p", 1), ("p#2", 2), ("p#3", 5))]


def test_a_process_begins_when_all_definitions_of_a_parallel_multiple_start_event_have_come() -> None:
    model = line("p", begin=parallel(start("s", message("Order", ""), signal("Go"))))
    sent = {
        "messages": [{"name": "Order", "variables": {"x": 1}, "after": "P1D"}],
        "signals": [{"name": "Go", "variables": {"y": 2}, "after": "P2D"}],
    }

    run = Run(model, does=sent)

    assert run.begun() == [("p", START + timedelta(days=2))]
    assert run.variables == {"p": {"x": 1, "y": 2}}


MIXED = (message("Order", ""), signal("Go"), timer("PT36H"))


def coming(order: int, go: int, **variables: int) -> dict[str, Any]:
    """A message and a signal, each after so many days."""
    return {
        "messages": [{"name": "Order", "variables": {"x": 1}, "after": f"P{order}D"}],
        "signals": [{"name": "Go", "variables": {"y": 2}, "after": f"P{go}D"}],
    }


@pytest.mark.parametrize(("order", "go"), [(1, 3), (3, 1), (1, 1), (2, 3), (3, 2)])
def test_each_of_the_mixed_definitions_of_a_multiple_start_event_begins_an_instance(order: int, go: int) -> None:
    run = Run(line("p", begin=start("s", *MIXED)), does=coming(order, go))

    came = sorted(
        [(timedelta(days=order), {"x": 1}), (timedelta(days=go), {"y": 2}), (timedelta(hours=36), {})],
        key=lambda one: one[0],
    )
    assert [at - START for _, at in run.begun()] == [after for after, _ in came]
    assert list(run.variables.values()) == [brought for _, brought in came]
    assert run.simulation.outcome == "completed"


@pytest.mark.parametrize(("order", "go", "begins"), [(1, 3, 72), (3, 1, 72), (1, 1, 36), (2, 3, 72), (1, 0, 36)])
def test_a_parallel_multiple_start_event_begins_with_the_last_of_its_mixed_definitions(
    order: int, go: int, begins: int
) -> None:
    run = Run(line("p", begin=parallel(start("s", *MIXED))), does=coming(order, go))

    assert run.begun() == [("p", START + timedelta(hours=begins))]
    assert run.variables == {"p": {"x": 1, "y": 2}}
    assert run.simulation.outcome == "completed"


@pytest.mark.parametrize("missing", ["messages", "signals"])
def test_a_parallel_multiple_start_event_begins_nothing_while_one_of_its_definitions_is_missing(missing: str) -> None:
    came = {**coming(1, 3), missing: []}

    run = Run(line("p", begin=parallel(start("s", *MIXED))), does=came)

    assert run.begun() == []
    assert run.simulation.outcome == "waiting"


def test_what_comes_twice_for_a_parallel_multiple_start_event_begins_a_second_instance_with_what_comes_later() -> None:
    model = line("p", begin=parallel(start("s", message("Order", ""), signal("Go"), timer("R2/PT12H"))))
    does = {
        "messages": [{"name": "Order", "variables": {"x": n}, "after": f"P{n}D"} for n in (1, 2)],
        "signals": [{"name": "Go", "variables": {"y": n}, "after": f"P{n}D"} for n in (3, 4)],
    }

    run = Run(model, does=does)

    assert run.begun() == [("p", START + timedelta(days=3)), ("p#2", START + timedelta(days=4))]
    assert run.variables == {"p": {"x": 1, "y": 3}, "p#2": {"x": 2, "y": 4}}


def test_a_condition_may_be_among_the_definitions_of_a_start_event() -> None:
    either = line("p", begin=start("s", condition("=x > 1"), signal("Go")))
    both = line("p", begin=parallel(start("s", condition("=x > 1"), signal("Go"))))
    go = {"signals": [{"name": "Go", "variables": {"y": 2}, "after": "P1D"}]}

    assert Run(either, does=go, x=2).begun() == [("p", START), ("p#2", START + timedelta(days=1))]
    assert Run(either, does=go, x=1).begun() == [("p", START + timedelta(days=1))]
    assert Run(both, does=go, x=2).variables == {"p": {"x": 2, "y": 2}}
    assert Run(both, does=go, x=1).begun() == []


def test_an_instantiating_receive_task_begins_its_process_with_what_it_receives() -> None:
    model = process(receive("R", "Order", key="=1", instantiates=True), end(), flows=["R > end"])

    run = Run(model, does={"messages": [{"name": "Order", "correlationKey": "1", "variables": {"x": 1}}]})

    assert run.variables == {"p": {"x": 1}}


def test_a_process_begins_at_an_event_behind_an_instantiating_gateway() -> None:
    model = process(
        instantiating("G"),
        catch("A", message("Order", "=1")),
        catch("B", message("Wish", "=1")),
        end(),
        flows=["G > A > end", "G > B > end"],
    )

    run = Run(model, does={"messages": [{"name": "Wish", "correlationKey": "1"}]})

    assert [r.element for _, r in run.lines if r.event == "completed"] == ["G", "B", "end", "p"]


def test_a_chosen_process_that_nothing_begins_makes_the_run_wait() -> None:
    models = [line("p"), line("q", begin=start("s", message("Order", "")))]

    assert Run(*models, first=["q"]).simulation.outcome == "waiting"
    assert Run(*models).simulation.outcome == "completed"


def test_a_chosen_process_has_its_variables_whatever_begins_it() -> None:
    model = line("p", begin=start("s", message("Order", "")))
    sent = {"messages": [{"name": "Order", "variables": {"y": 2}}]}

    assert Run(model, does=sent, process="p", x=1).variables == {"p": {"x": 1, "y": 2}}
    assert Run(model, does=sent, x=1).variables == {"p": {"y": 2}}
