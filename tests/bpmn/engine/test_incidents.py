"""Incidents: at each stage of an element's life, what stays and what a retry does."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import commands, events
from tests.bpmn.building import (
    Shape,
    boundary,
    catch,
    end,
    gateway,
    io,
    message,
    multi,
    on_event,
    process,
    receive,
    script,
    service,
    signal,
    start,
    sub,
    task,
    timer,
    user,
)
from tests.bpmn.engine.driving import Drive

BUSY = "=sum(for i in 1..n return i) > 0"
"""Takes more steps than a small budget allows where n is large."""


def only(*shapes: Shape) -> Shape:
    path = " > ".join(["start", *(shape.id for shape in shapes), "end"])
    return process(start(), *shapes, end(), flows=[path])


def guarded(shape: Shape, guard: Shape) -> Shape:
    return process(start(), shape, guard, end(), end("end2"), flows=["start > A > end", f"{guard.id} > end2"])


def routed() -> Shape:
    return process(
        start(), gateway("exclusive", "A"), end(), end("e2"), flows=["start > A", f"A > end: {BUSY}", "A > e2: default"]
    )


STAGES: dict[str, Shape] = {
    "entering": only(user("A", io({"x": BUSY}))),
    "watching": guarded(user("A"), boundary("A", "b", message("M", key=f"={BUSY[1:].replace('> 0', '')}"))),
    "acting": only(script("A", BUSY, "r")),
    "leaving": only(user("A", io(outputs={"x": BUSY}))),
    "routing": routed(),
}


@pytest.mark.parametrize("stage", STAGES)
def test_a_fault_at_any_stage_is_an_incident_there_and_a_retry_goes_on_from_there(stage: str) -> None:
    drive = Drive(STAGES[stage], {"n": 5000}, budget=1000)
    if stage == "leaving":
        drive.complete("A")
    assert drive.incidents == [("A", "expression")]
    assert "more than 1000 steps" in drive.problem
    (raised,) = drive.asked(commands.RaiseIncident)
    assert drive.instance.instances[raised.key].stage == stage

    drive.retry("A", n=1)

    assert drive.incidents == []
    assert drive.asked(commands.ResolveIncident) == [commands.ResolveIncident(raised.key)]
    if drive.open:
        drive.complete("A")
    assert drive.outcome == "completed"
    assert drive.path("incident") == drive.path("resolved") == ["A"]
    assert drive.path("activated").count("A") == 1


def test_a_retry_that_fails_again_is_a_new_incident() -> None:
    drive = Drive(STAGES["acting"], {"n": 5000}, budget=1000)

    drive.retry("A", n=6000)

    assert drive.incidents == [("A", "expression")]
    assert drive.path("incident") == ["A", "A"]


def test_an_incident_does_not_stop_the_other_tokens() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        service("A"),
        user("B"),
        user("C"),
        end(),
        flows=["start > fork > A > end", "fork > B > C > end"],
    )
    drive = Drive(model)
    drive.fail("A", "out of paper")
    assert drive.problem == "out of paper"

    drive.complete("B")

    assert drive.open == ["C"]


def test_a_failed_job_runs_again_when_its_incident_is_resolved() -> None:
    drive = Drive(only(service("A")), {"x": 1})
    key = drive.key("A")
    drive.fail("A")

    drive.retry("A", x=2)

    (job,) = drive.asked(commands.RunJob)
    assert (job.key, job.variables) == (key, {"x": 2})
    drive.complete("A")
    assert drive.outcome == "completed"


def test_an_answer_for_a_job_in_an_incident_changes_nothing() -> None:
    drive = Drive(only(service("A")))
    key = drive.key("A")
    drive.fail("A")

    assert drive.tell(events.JobCompleted(key)) == []

    assert drive.incidents == [("A", "job")]


def test_a_cancelled_instance_resolves_its_incidents() -> None:
    drive = Drive(only(service("A")))
    drive.fail("A")

    drive.cancel()

    assert drive.asked(commands.ResolveIncident)
    assert drive.outcome == "terminated"


@pytest.mark.parametrize(
    "shape",
    [user("A"), service("A"), receive("A", "M"), catch("A", message("M"))],
    ids=["user", "job", "receive", "catch"],
)
def test_a_variable_that_is_too_large_is_refused(shape: Shape) -> None:
    drive = Drive(only(shape), {"key": "k"}, variable_bytes=1000)
    large: dict[str, Any] = {"x": ["数" * 400]}

    if shape.tag in ("userTask", "serviceTask"):
        drive.complete("A", **large)
        assert drive.incidents == [("A", "variable")]
        assert "variable x has 1204 bytes as JSON; at most 1000 are allowed" in drive.problem
        drive.retry("A")
        drive.complete("A", x="small")
    else:
        drive.message("M", **large)
        assert drive.data("discarded")[0]["reason"].startswith("variable x has 1204 bytes")
        drive.message("M", x="small")

    assert drive.variables["x"] == "small"


@pytest.mark.parametrize(
    "shape",
    [
        script("A", "=for i in 1..n return i", "r"),
        user("A", io({"r": "=for i in 1..n return i"})),
        task("manualTask", "A", io(outputs={"r": "=for i in 1..n return i"})),
    ],
    ids=["script", "input", "output"],
)
def test_a_value_that_is_too_large_is_an_incident_and_is_computed_again(shape: Shape) -> None:
    if shape.tag == "manualTask":
        shape.tag = "userTask"
    drive = Drive(only(shape), {"n": 500}, variable_bytes=1000)
    if drive.open:
        drive.complete("A")
    assert drive.incidents == [("A", "variable")]

    drive.retry("A", n=2)

    assert drive.incidents == []


def test_a_signal_that_is_too_large_is_discarded() -> None:
    drive = Drive(only(catch("A", signal("S"))), variable_bytes=100)

    drive.signal("S", x="x" * 200)

    assert drive.waiting == ["A"]
    assert drive.data("discarded")[0]["signal"] == "S"


def test_a_retry_corrects_what_the_work_gave_where_its_output_mappings_stumbled_over_it() -> None:
    drive = Drive(only(user("A", io(outputs={"y": "=x + x"}))), variable_bytes=5)
    drive.complete("A", x="abc")
    assert drive.incidents == [("A", "variable")]

    drive.retry("A", x="a")

    assert (drive.outcome, drive.variables["y"]) == ("completed", "aa")


def test_a_retry_with_a_variable_that_is_too_large_stays_an_incident() -> None:
    drive = Drive(only(service("A")), variable_bytes=100)
    drive.fail("A")

    drive.retry("A", x="x" * 200)

    assert drive.incidents == [("A", "variable")]
    assert drive.variables == {}
    drive.retry("A")
    assert drive.open == ["A"]


def spinning(*through: Shape) -> Shape:
    path = " > ".join(["start", "in", *(one.id for one in through), "out"])
    return process(
        start(),
        gateway("exclusive", "in"),
        *through,
        gateway("exclusive", "out"),
        end(),
        flows=[path, "out > in: =go", "out > end: default"],
    )


def test_a_loop_without_a_wait_is_an_incident_and_goes_on_when_it_is_resolved() -> None:
    drive = Drive(spinning(task("task", "A")), {"go": True}, endless_steps=100)
    ((element, kind),) = drive.incidents
    assert kind == "endless loop"

    drive.retry(element, go=False)

    assert drive.outcome == "completed"


@pytest.mark.parametrize("steps", range(48, 54))
def test_a_loop_that_leaves_a_task_behind_each_time_ends_wherever_the_limit_falls(steps: int) -> None:
    model = process(
        start(),
        gateway("exclusive", "M"),
        gateway("parallel", "F"),
        user("A"),
        end(),
        flows=["start > M > F", "F > A > end", "F > M"],
    )

    drive = Drive(model, endless_steps=steps)

    stopped = [element for element, _ in drive.incidents]
    assert stopped[-1] != "A"
    assert len(stopped) <= 5
    assert len(drive.open) < 2 * steps


def test_a_loop_through_an_inclusive_join_alone_is_found_too() -> None:
    model = process(
        start(),
        gateway("inclusive", "G"),
        end(),
        flows=["start > G", "G > G: =go", "G > end: default"],
    )
    drive = Drive(model, {"go": True}, endless_steps=100)
    assert drive.incidents == [("G", "endless loop")]

    drive.retry("G", go=False)

    assert drive.outcome == "completed"


def test_a_loop_that_waits_is_not_endless() -> None:
    drive = Drive(spinning(user("A")), {"go": True}, endless_steps=20)

    for _ in range(30):
        drive.complete("A")

    assert drive.incidents == []


def test_many_instances_are_no_endless_loop() -> None:
    drive = Drive(only(user("A", multi("=for i in 1..50 return i"))), endless_steps=100)

    assert len(drive.open) == 50


def test_an_event_sub_process_that_cannot_be_watched_stops_its_scope_before_it_begins() -> None:
    inner = sub(
        "S", start("s"), user("A"), end("e"), on_event("E", timer("duration==d"), then="B"), flows=["s > A > e"]
    )
    drive = Drive(only(inner), {"d": "never"})
    assert drive.incidents == [("S", "timer")]
    assert drive.open == []

    drive.retry("S", d="PT1H")

    assert (drive.open, drive.waiting) == (["A"], ["E_start"])
