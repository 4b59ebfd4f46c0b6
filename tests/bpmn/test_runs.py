"""Runs of several processes in one engine: what begins, by what, and how far time goes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bpmn import ModelRefused
from bpmn.journal import Record
from bpmn.options import SHANGHAI
from bpmn.simulation import Running, Script, Simulation, agenda, beginning, world
from tests.bpmn.building import (
    Shape,
    boundary,
    build,
    call,
    catch,
    condition,
    end,
    error,
    gateway,
    instantiating,
    io,
    message,
    multi,
    on_event,
    parallel,
    process,
    receive,
    script,
    service,
    signal,
    start,
    task,
    throw,
    timer,
    user,
)

START = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
DAY = 86_400
KEYS = (("r", "=1"), ("q", "=7"))


def line(name: str, *steps: Shape, begin: Shape | None = None) -> Shape:
    """A process of these steps, one after the other; its start and end event are `s_` and `e_` with its name."""
    first, last = begin or start(f"s_{name}"), end(f"e_{name}")
    path = " > ".join(shape.id for shape in (first, *steps, last))
    return process(first, *steps, last, flows=[path], id_=name)


class Run:
    """A run of these processes, played to its end."""

    def __init__(
        self,
        *processes: Shape,
        process: str = "",
        first: Iterable[str] = (),
        does: dict[str, Any] | None = None,
        horizon: float | None = None,
        **variables: Any,
    ) -> None:
        self.paced: list[datetime] = []
        definition = build(*processes)
        written = Script.from_json({"elements": {}, **(does or {})})
        self.simulation = Simulation(definition, START, written, horizon=horizon, pace=self.paced.append)
        begins = beginning(definition, "model.bpmn", process, first, variables)
        self.lines: list[tuple[Running, Record]] = list(self.simulation.play(begins))

    @property
    def outcomes(self) -> dict[str, str]:
        return {running.name: running.outcome for running in self.simulation.running}

    @property
    def variables(self) -> dict[str, dict[str, Any]]:
        return {running.name: running.variables for running in self.simulation.running}

    def begun(self) -> list[tuple[str, datetime]]:
        """Each instance that nobody called, with the instant of its beginning."""
        return [(one.name, r.at) for one, r in self.lines if (r.event, r.type, r.seq) == ("activated", "process", 1)]

    def incident(self) -> dict[str, Any]:
        (data,) = [record.data for _, record in self.lines if record.event == "incident"]
        return data


# -- what begins by itself -------------------------------------------------------------------------------------------


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


# -- messages and signals between them -------------------------------------------------------------------------------


def test_each_message_to_a_start_event_begins_an_instance_with_what_it_brings() -> None:
    messages = [{"name": "Order", "variables": {"number": n}, "after": f"P{n}D"} for n in (1, 2)]

    run = Run(line("p", user("A"), begin=start("s", message("Order", ""))), does={"messages": messages})

    assert run.variables == {"p": {"number": 1}, "p#2": {"number": 2}}


def test_the_start_event_maps_what_its_message_brings() -> None:
    begin = start("s", message("Order", ""), io(outputs={"order": "=number"}))

    run = Run(line("p", begin=begin), does={"messages": [{"name": "Order", "variables": {"number": 1}}]})

    assert run.variables == {"p": {"order": 1}}


def test_what_a_message_brings_is_there_when_the_process_begins() -> None:
    """The event sub-process waits with a key that the message of the start event brings."""
    other = on_event("sub", message("Cancel", "=number"))
    model = process(start("s", message("Order", "")), user("A"), other, end(), flows=["s > A > end"])

    run = Run(model, does={"messages": [{"name": "Order", "variables": {"number": 1}}]})

    assert run.outcomes == {"p": "completed"}


def test_a_message_reaches_the_instance_that_waits_by_name_and_key() -> None:
    sender = line("p", script("K", "=7", "mine"), throw("A", message("Order", "=mine")))
    other, receiver = (line(n, script(f"K{n}", k, "mine"), catch(f"C{n}", message("Order", "=mine"))) for n, k in KEYS)

    run = Run(sender, other, receiver)

    assert run.outcomes == {"p": "completed", "r": "waiting", "q": "completed"}


def test_a_message_begins_nothing_where_an_instance_waits_for_it() -> None:
    receiver = line("q", catch("C", message("Order", "=1")))

    run = Run(
        line("p", throw("A", message("Order", "=1"))), receiver, line("r", begin=start("s", message("Order", "=1")))
    )

    assert run.outcomes == {"p": "completed", "q": "completed"}


def test_a_message_that_comes_early_is_kept_for_whoever_waits_for_it_later() -> None:
    receiver = line("q", catch("T", timer("P30D")), catch("C", message("Order", "=1")))

    run = Run(line("p", throw("A", message("Order", "=1"))), receiver)

    assert run.outcomes == {"p": "completed", "q": "completed"}
    assert [one.name for one, record in run.lines if record.event == "buffered"] == ["p"]


def test_a_kept_message_is_given_once() -> None:
    receivers = [
        line(name, catch(f"T{name}", timer("P1D")), catch(f"C{name}", message("Order", "=1"))) for name in "qr"
    ]

    run = Run(line("p", throw("A", message("Order", "=1"))), *receivers)

    assert sorted(run.outcomes.values()) == ["completed", "completed", "waiting"]


def test_a_signal_reaches_every_instance_and_begins_processes() -> None:
    receivers = [line(name, catch(f"C{name}", signal("Go"))) for name in "qr"]

    run = Run(*receivers, line("p", throw("A", signal("Go"))), line("t", begin=start("s", signal("Go"))))

    assert run.outcomes == {"q": "completed", "r": "completed", "p": "completed", "t": "completed"}


def test_a_signal_from_outside_begins_processes() -> None:
    run = Run(line("t", begin=start("s", signal("Go"))), does={"signals": [{"name": "Go", "variables": {"x": 1}}]})

    assert run.variables == {"t": {"x": 1}}


# -- what the script says --------------------------------------------------------------------------------------------


def test_manual_tasks_are_done_at_once() -> None:
    assert Run(line("p", task("manualTask", "A"))).outcomes == {"p": "completed"}


def test_a_manual_task_is_completed_with_variables_where_the_script_says_so() -> None:
    does = {"elements": {"A": [{"variables": {"x": 1}, "after": "P1D"}]}}

    run = Run(line("p", task("manualTask", "A")), does=does)

    assert (run.variables, run.simulation.now) == ({"p": {"x": 1}}, START + timedelta(days=1))


def test_a_manual_task_waits_where_the_script_says_so() -> None:
    run = Run(line("p", task("manualTask", "A")), does={"elements": {"A": [{"do": "wait"}]}})

    assert run.outcomes == {"p": "waiting"}


def test_a_manual_task_that_throws_an_error_leaves_by_its_boundary_event() -> None:
    model = process(
        start(),
        task("manualTask", "A"),
        boundary("A", "b", error("E")),
        end(),
        end("other"),
        flows=["start > A > end", "b > other"],
    )

    run = Run(model, does={"elements": {"A": [{"do": "error", "code": "E"}]}})

    assert "other" in [record.element for _, record in run.lines]
    assert run.outcomes == {"p": "completed"}


# -- time ------------------------------------------------------------------------------------------------------------


def test_nothing_happens_after_the_horizon() -> None:
    run = Run(line("p", catch("T", timer("P2D"))), horizon=DAY)

    assert (run.outcomes, run.simulation.now) == ({"p": "waiting"}, START + timedelta(days=1))


def test_what_is_due_at_the_horizon_still_happens() -> None:
    assert Run(line("p", catch("T", timer("P1D"))), horizon=DAY).outcomes == {"p": "completed"}


def test_each_instant_is_told_before_it_comes() -> None:
    run = Run(line("p", catch("T", timer("P1D")), user("A"), catch("U", timer("P1D"))))

    assert run.paced == [START + timedelta(days=1), START + timedelta(days=2)]


def test_endless_repetition_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agenda, "MAX_EVENTS", 50)
    model = process(start(), gateway("exclusive", "G"), user("A"), flows=["start > G > A > G"])

    run = Run(model)

    assert run.simulation.agenda.exhausted
    assert run.outcomes == {"p": "waiting"}


def test_events_that_follow_from_each_other_without_time_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agenda, "MAX_AT_ONCE", 50)
    model = process(start(), gateway("exclusive", "G"), user("A"), flows=["start > G > A > G"])

    run = Run(model)

    assert run.simulation.agenda.endless
    assert run.outcomes == {"p": "waiting"}
    assert len([record for _, record in run.lines if record.event == "activated" and record.element == "A"]) < 60


def test_many_events_at_one_instant_or_one_after_another_in_time_are_not_endless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(agenda, "MAX_AT_ONCE", 10)
    many = line("p", user("A", multi("=for i in 1..100 return i")))
    later = line("q", *(step for n in range(20) for step in (user(f"U{n}"), catch(f"T{n}", timer("PT1S")))))

    assert Run(many, later).outcomes == {"p": "completed", "q": "completed"}


# -- what the journal tells ------------------------------------------------------------------------------------------


def test_an_error_that_nobody_caught_is_an_incident_with_its_reason_and_code() -> None:
    run = Run(process(start(), end("bad", error("E-1")), flows=["start > bad"]))

    assert run.incident() == {
        "kind": "uncaught error",
        "message": "nothing catches the error E-1",
        "reason": "uncaught error",
        "code": "E-1",
    }


def test_an_error_of_a_job_that_nobody_caught_is_such_an_incident_too() -> None:
    run = Run(line("p", service("A")), does={"elements": {"A": [{"do": "error", "code": "E-1", "message": "no"}]}})

    data = run.incident()
    assert (data["reason"], data["code"], data["kind"]) == ("uncaught error", "E-1", "uncaught error")
    assert run.simulation.outcome == "incident"


def test_a_multi_instance_body_is_a_record_of_its_own() -> None:
    run = Run(line("p", user("A", multi("=[1, 2]"))))

    kinds = [record.type for _, record in run.lines if (record.event, record.element) == ("completed", "A")]
    assert kinds == ["userTask", "userTask", "multiInstanceBody"]


def test_the_result_of_a_run_is_that_of_its_first_process() -> None:
    run = Run(line("p", user("A")), line("q", user("B")), first=["q"])

    assert run.simulation.main is run.simulation.running[1]
    assert run.simulation.running[1].name == "p"


def test_a_run_waits_where_any_of_its_instances_does() -> None:
    run = Run(line("p"), line("q", user("B")), does={"elements": {"B": [{"do": "wait"}]}})

    assert run.simulation.outcome == "waiting"
