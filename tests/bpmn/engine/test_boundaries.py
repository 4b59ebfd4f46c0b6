"""Boundary events (BPMN 2.0 §10.5.4, §13.5.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bpmn import commands, events
from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    call,
    end,
    escalation,
    message,
    multi,
    process,
    receive,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.bpmn.engine.driving import START, Drive

HOSTS: dict[str, Callable[[], Shape]] = {
    "userTask": lambda: user("A"),
    "serviceTask": lambda: service("A"),
    "receiveTask": lambda: receive("A", "Other"),
    "callActivity": lambda: call("A", "q"),
    "subProcess": lambda: sub("A", start("s"), user("inner"), end("e"), flows=["s > inner > e"]),
    "multi-instance task": lambda: user("A", multi("=[1, 2]")),
    "multi-instance sub-process": lambda: sub(
        "A", multi("=[1, 2]"), start("s"), user("inner"), end("e"), flows=["s > inner > e"]
    ),
}
TRIGGERS: dict[str, tuple[Part, Callable[[Drive], object]]] = {
    "timer": (timer("PT1H"), lambda drive: drive.wait(hours=1)),
    "message": (message("M"), lambda drive: drive.message("M", x=1)),
    "signal": (signal("S"), lambda drive: drive.signal("S", x=1)),
}


def hosted(host: Shape, *parts: Part, interrupting: bool) -> Shape:
    return process(
        start(),
        host,
        boundary("A", "b", *parts, interrupting=interrupting),
        user("B"),
        end(),
        end("end2"),
        flows=["start > A > end", "b > B > end2"],
    )


@pytest.mark.parametrize("trigger", TRIGGERS)
@pytest.mark.parametrize("host", HOSTS)
def test_an_interrupting_event_ends_its_activity(host: str, trigger: str) -> None:
    part, happen = TRIGGERS[trigger]
    drive = Drive(hosted(HOSTS[host](), part, interrupting=True), {"key": "k"})

    happen(drive)

    assert drive.open == ["B"]
    assert drive.waiting == []
    assert drive.path("terminated")[-1] == "A"
    drive.complete("B")
    assert drive.outcome == "completed"
    assert "A" not in drive.path()


@pytest.mark.parametrize("trigger", ["message", "signal"])
@pytest.mark.parametrize("host", HOSTS)
def test_a_non_interrupting_event_leaves_its_activity_alone_and_may_happen_again(host: str, trigger: str) -> None:
    part, happen = TRIGGERS[trigger]
    drive = Drive(hosted(HOSTS[host](), part, interrupting=False), {"key": "k"})
    before = list(drive.open)

    happen(drive)
    happen(drive)

    assert drive.open == [*before, "B", "B"]
    assert drive.path("terminated") == []
    assert drive.variables == {"key": "k", "x": 1}


def test_the_journal_tells_that_an_interrupted_task_was_closed_by_nobody() -> None:
    drive = Drive(hosted(user("A"), timer("PT1H"), interrupting=True))
    key = drive.key("A")

    drive.wait(hours=1)

    assert drive.data("closed") == [{"outcome": "cancelled", "by": ""}]
    assert commands.CloseUserTask(key) in drive.last


def test_a_non_interrupting_duration_happens_once() -> None:
    drive = Drive(hosted(user("A"), timer("PT1H"), interrupting=False))

    drive.wait(hours=5)

    assert drive.open == ["A", "B"]
    assert drive.waiting == []


@pytest.mark.parametrize(
    ("cycle", "hours"),
    [
        ("R3/PT1H", [1, 2, 3]),
        ("R/PT2H", [2, 4, 6]),
        ("R2/2026-03-02T13:00:00+08:00/PT1H", [4, 5]),
        ("R/PT2H/2026-03-02T13:00:00+08:00", [2, 4]),
        ("R3/2026-03-02T10:00:00+08:00/PT1H/2026-03-02T11:30:00+08:00", [1, 2]),
        ("R2/2026-03-02T10:00:00+08:00/2026-03-02T13:00:00+08:00", [1, 4]),
        ("cycle=0 0 */3 * * *", [3, 6]),
        ("cycle=0 10,12 2 3 *", [1, 3]),
    ],
)
def test_a_repeating_timer_happens_as_often_as_it_says(cycle: str, hours: list[int]) -> None:
    drive = Drive(hosted(user("A"), timer(cycle), interrupting=False))

    drive.wait(hours=7)

    fired = [r.at - START for r in drive.records if r.event == "activated" and r.element == "b"]
    assert fired == [timedelta(hours=hour) for hour in hours]


def test_an_interrupting_cycle_happens_once() -> None:
    drive = Drive(hosted(user("A"), timer("R3/PT1H"), interrupting=True))

    drive.wait(hours=7)

    assert drive.path().count("b") == 1
    assert drive.waiting == []


def test_a_repeating_timer_that_is_behind_catches_up() -> None:
    drive = Drive(hosted(user("A"), timer("R3/2026-03-01T00:00:00+08:00/P1D"), interrupting=False))

    drive.wait(hours=20)

    assert drive.path().count("b") == 3


def test_a_repeating_timer_ends_with_the_calendar() -> None:
    drive = Drive(hosted(user("A"), timer("R/P5000Y"), interrupting=False))
    (set_,) = drive.asked(commands.SetTimer)
    drive.now = set_.due

    drive.tell(events.TimerFired(set_.key))

    assert drive.path().count("b") == 1
    assert drive.waiting == []
    assert drive.open[0] == "A"


def test_the_timers_of_an_activity_end_with_it() -> None:
    drive = Drive(hosted(user("A"), timer("R/PT1H"), interrupting=False))
    drive.wait(hours=1)

    drive.complete("A")

    assert drive.asked(commands.CancelTimer)
    assert drive.waiting == []
    drive.complete("B")
    assert drive.outcome == "completed"


def test_two_activities_of_one_element_have_boundary_events_each() -> None:
    model = process(
        start(),
        user("F"),
        user("A"),
        boundary("A", "b", message("M", key="=n")),
        user("B"),
        end(),
        end("end2"),
        flows=["start > F > A > end", "start > A", "b > B > end2"],
    )
    drive = Drive(model, {"n": "1"})
    drive.complete("F", n="2")
    assert drive.open == ["A", "A"]

    drive.message("M", "2")

    assert drive.open == ["A", "B"]
    assert drive.waiting == ["b"]


def test_a_boundary_event_that_cannot_be_waited_for_stops_the_activity_before_it_begins() -> None:
    drive = Drive(hosted(user("A"), message("M"), interrupting=True))
    assert drive.incidents == [("A", "correlation")]
    assert drive.open == []

    drive.retry("A", key="k")

    assert (drive.open, drive.waiting) == (["A"], ["b"])


def test_an_interrupting_event_ends_an_activity_that_is_in_an_incident() -> None:
    drive = Drive(hosted(service("A"), timer("PT1H"), interrupting=True))
    drive.fail("A")

    drive.wait(hours=1)

    assert drive.incidents == []
    assert drive.asked(commands.ResolveIncident)
    assert drive.open == ["B"]


def test_a_boundary_event_of_a_sub_process_catches_from_any_depth() -> None:
    inner = sub("I", start("s2"), throw("T", escalation("X")), user("U"), end("e2"), flows=["s2 > T > U > e2"])
    host = sub("A", start("s"), inner, end("e"), flows=["s > I > e"])
    drive = Drive(hosted(host, escalation("X"), interrupting=True))

    assert drive.open == ["B"]
    assert drive.path("terminated") == ["I", "A"]


def test_the_events_of_a_multi_instance_activity_belong_to_its_body() -> None:
    drive = Drive(hosted(user("A", multi("=[1, 2, 3]")), timer("PT1H"), interrupting=True))
    assert drive.waiting == ["b"]

    drive.complete("A")
    drive.complete("A")
    assert drive.waiting == ["b"]
    drive.complete("A")

    assert drive.outcome == "completed"
    assert drive.waiting == []
