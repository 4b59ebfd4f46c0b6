"""Embedded and event sub-processes (BPMN 2.0 §13.3.4, §13.5.4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bpmn import commands
from tests.bpmn.building import (
    Part,
    Shape,
    condition,
    end,
    error,
    escalation,
    gateway,
    io,
    message,
    on_event,
    process,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.bpmn.engine.driving import Drive


def test_a_sub_process_is_complete_when_no_token_is_left_inside() -> None:
    inner = sub(
        "S",
        start("s"),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        end("e"),
        flows=["s > fork > A > e", "fork > B > e"],
    )
    drive = Drive(process(start(), inner, user("C"), end(), flows=["start > S > C > end"]))
    drive.complete("B")
    assert drive.open == ["A"]

    drive.complete("A")

    assert drive.open == ["C"]


def test_the_journal_names_the_scope_of_each_element_instance() -> None:
    inner = sub("S", start("s"), user("A"), end("e"), flows=["s > A > e"])
    drive = Drive(process(start(), inner, end(), flows=["start > S > end"]))

    activated = {record.element: record for record in drive.records if record.event == "activated"}
    assert activated["p"].scope == 0
    assert activated["S"].scope == activated["start"].scope == activated["p"].key
    assert activated["A"].scope == activated["s"].scope == activated["S"].key
    assert [activated[name].type for name in ("p", "start", "S", "A")] == [
        "process",
        "startEvent",
        "subProcess",
        "userTask",
    ]


EVENTS: dict[str, tuple[Part, Callable[[Drive], object]]] = {
    "timer": (timer("PT1H"), lambda drive: drive.wait(hours=1)),
    "message": (message("M"), lambda drive: drive.message("M", x=1)),
    "signal": (signal("S"), lambda drive: drive.signal("S", x=1)),
    "escalation": (escalation("X"), lambda drive: drive.complete("escalate")),
    "error": (error("E"), lambda drive: drive.complete("fail")),
}


def watched(*parts: Part, interrupting: bool = True) -> Shape:
    """Work that an event sub-process watches, inside a sub-process; two tasks make it escalate or fail."""
    inner = sub(
        "S",
        start("s"),
        gateway("parallel", "fork"),
        user("A"),
        user("escalate"),
        throw("T", escalation("X")),
        user("fail"),
        end("bad", error("E")),
        end("e"),
        on_event("watch", *parts, interrupting=interrupting, then="B"),
        flows=["s > fork > A > e", "fork > escalate > T > e", "fork > fail > bad"],
    )
    return process(start(), inner, user("C"), end(), flows=["start > S > C > end"])


@pytest.mark.parametrize("kind", EVENTS)
def test_an_interrupting_event_sub_process_ends_all_else_in_its_scope(kind: str) -> None:
    part, happen = EVENTS[kind]
    drive = Drive(watched(part), {"key": "k"})

    happen(drive)
    assert drive.open == ["B"]
    assert drive.waiting == []

    drive.complete("B")
    assert drive.open == ["C"]
    drive.complete("C")
    assert drive.outcome == "completed"
    assert {"A", "watch"} <= {*drive.path("terminated"), *drive.path()}


@pytest.mark.parametrize("kind", ["timer", "message", "signal", "escalation"])
def test_a_non_interrupting_event_sub_process_runs_beside_its_scope(kind: str) -> None:
    part, happen = EVENTS[kind]
    drive = Drive(watched(part, interrupting=False), {"key": "k"})

    happen(drive)

    assert "B" in drive.open
    assert "A" in drive.open
    assert drive.path("terminated") == []


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_a_non_interrupting_event_sub_process_starts_each_time(kind: str) -> None:
    part, happen = EVENTS[kind]
    drive = Drive(watched(part, interrupting=False), {"key": "k"})

    happen(drive)
    happen(drive)

    assert drive.open.count("B") == 2


def test_a_repeating_timer_starts_an_event_sub_process_again() -> None:
    drive = Drive(watched(timer("R3/PT1H"), interrupting=False))

    drive.wait(hours=10)

    assert drive.open.count("B") == 3


def test_a_scope_waits_for_its_event_sub_processes() -> None:
    model = process(
        start(), user("A"), end(), on_event("E", message("M"), interrupting=False, then="B"), flows=["start > A > end"]
    )
    drive = Drive(model, {"key": "k"})
    drive.message("M")

    drive.complete("A")
    assert drive.outcome == ""
    drive.complete("B")

    assert drive.outcome == "completed"


def test_an_event_sub_process_can_start_while_only_another_still_runs() -> None:
    model = process(
        start(), user("A"), end(), on_event("E", message("M"), interrupting=False, then="B"), flows=["start > A > end"]
    )
    drive = Drive(model, {"key": "k"})
    drive.message("M")
    drive.complete("A")

    drive.message("M")

    assert drive.open == ["B", "B"]


@pytest.mark.parametrize("event", [signal("go"), message("go"), timer("R/PT1H"), condition("=go")])
@pytest.mark.parametrize("interrupting", [False, True])
def test_no_event_sub_process_starts_where_an_incident_keeps_its_scope_from_being_left(
    event: Part, interrupting: bool
) -> None:
    late = on_event("E", event, interrupting=interrupting, then="B")
    inside = sub("S", io(None, {"y": "=big"}), start("s"), user("A"), end("e"), late, flows=["s > A > e"])
    shapes = [start(), gateway("parallel", "F"), inside, user("C"), end()]
    drive = Drive(
        process(*shapes, flows=["start > F > S > end", "F > C > end"]),
        {"key": "k", "go": False, "big": "too large"},
        variable_bytes=5,
    )
    drive.complete("A")
    assert drive.incidents == [("S", "variable")]

    drive.signal("go")
    drive.message("go")
    drive.wait(hours=2)
    drive.complete("C", go=True)
    assert drive.open == []
    drive.retry("S", big="")

    assert drive.outcome == "completed"


def test_an_interrupting_event_sub_process_ends_running_event_sub_processes_too() -> None:
    model = process(
        start(),
        user("A"),
        end(),
        on_event("E", message("M"), interrupting=False, then="B"),
        on_event("F", message("N"), then="C"),
        flows=["start > A > end"],
    )
    drive = Drive(model, {"key": "k"})
    drive.message("M")

    drive.message("N")

    assert drive.open == ["C"]
    assert drive.path("terminated") == ["A", "B", "E"]
    assert drive.waiting == []


def test_an_event_sub_process_of_the_process_ends_everything_below_it() -> None:
    inner = sub("S", start("s"), service("A"), end("e"), flows=["s > A > e"])
    model = process(start(), inner, end(), on_event("stop", message("Stop"), then="B"), flows=["start > S > end"])
    drive = Drive(model, {"key": "k"})
    job = drive.key("A")

    drive.message("Stop")

    assert commands.CancelJob(job) in drive.last
    assert drive.path("terminated") == ["A", "S"]
    drive.complete("B")
    assert drive.outcome == "completed"


def test_an_event_sub_process_without_a_task_completes_its_scope_at_once() -> None:
    model = process(start(), user("A"), end(), on_event("stop", message("Stop")), flows=["start > A > end"])
    drive = Drive(model, {"key": "k"})

    drive.message("Stop")

    assert drive.outcome == "completed"


def test_an_early_message_starts_an_event_sub_process() -> None:
    inner = sub("S", start("s"), user("B"), end("e"), on_event("E", message("M"), then="C"), flows=["s > B > e"])
    drive = Drive(process(start(), user("A"), inner, end(), flows=["start > A > S > end"]), {"key": "k"})
    drive.message("M", ttl=60)

    drive.complete("A")

    assert drive.open == ["C"]


def test_each_instance_of_a_sub_process_has_its_own_event_sub_processes() -> None:
    inner = sub(
        "S", start("s"), user("B"), end("e"), on_event("E", message("M", key="=n"), then="C"), flows=["s > B > e"]
    )
    model = process(start(), user("A"), inner, end(), flows=["start > A > S > end", "start > S"])
    drive = Drive(model, {"n": "1"})
    drive.complete("A", n="2")
    assert drive.open == ["B", "B"]

    drive.message("M", "1")

    assert drive.open == ["B", "C"]
