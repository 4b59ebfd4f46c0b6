"""Runs of several processes in one engine: what begins, by what, and how far time goes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bpmn.simulation import agenda
from tests.bpmn.building import (
    boundary,
    catch,
    end,
    error,
    gateway,
    io,
    message,
    multi,
    on_event,
    process,
    script,
    service,
    signal,
    start,
    task,
    throw,
    timer,
    user,
)
from tests.bpmn.playing import DAY, START, Run, line

KEYS = (("r", "=1"), ("q", "=7"))

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
