"""Standard loops (BPMN 2.0 §13.3.6)."""

from __future__ import annotations

import pytest

from bpmn import commands, events
from tests.bpmn.building import (
    Shape,
    boundary,
    call,
    compensation,
    end,
    error,
    io,
    looping,
    message,
    process,
    receive,
    script,
    service,
    start,
    sub,
    task,
    throw,
    user,
)
from tests.bpmn.engine.driving import Drive


def again(shape: Shape) -> Shape:
    return process(start(), shape, user("next"), end(), flows=[f"start > {shape.id} > next > end"])


def runs(drive: Drive, element: str) -> list[int]:
    """The loop counters of the runs of an element."""
    records = [r for r in drive.records if r.event == "activated" and r.element == element]
    return [r.data["loopCounter"] for r in records if r.data]


def test_an_activity_runs_until_its_condition_is_false() -> None:
    drive = Drive(again(script("A", "=n + 1", "n", looping("=n < 3"))), {"n": 0})

    assert runs(drive, "A") == [1, 2, 3]
    assert drive.variables["n"] == 3
    assert drive.open == ["next"]


def test_a_condition_tested_after_the_run_lets_it_run_once_at_least() -> None:
    drive = Drive(again(script("A", "=n + 1", "n", looping("=n < 3"))), {"n": 7})

    assert runs(drive, "A") == [1]


def test_a_condition_tested_before_the_run_may_let_it_not_run_at_all() -> None:
    drive = Drive(again(script("A", "=n + 1", "n", looping("=n < 3", first=True))), {"n": 7})

    assert runs(drive, "A") == []
    assert drive.path() == ["start", "A"]
    assert drive.open == ["next"]


def test_a_condition_tested_before_is_tested_before_each_run() -> None:
    drive = Drive(again(script("A", "=n + 1", "n", looping("=n < 3", first=True))), {"n": 1})

    assert runs(drive, "A") == [1, 2]


def test_the_maximum_bounds_the_runs() -> None:
    drive = Drive(again(script("A", "=n + 1", "n", looping("=true", at_most=4))), {"n": 0})

    assert drive.variables["n"] == 4


def test_a_loop_without_a_condition_runs_as_often_as_its_maximum_says() -> None:
    drive = Drive(again(service("A", looping(at_most=2))))

    drive.complete("A")
    assert drive.open == ["A"]
    drive.complete("A")
    assert drive.open == ["next"]


def test_the_condition_sees_how_often_the_activity_has_run() -> None:
    drive = Drive(again(script("A", "=loopCounter", "last", looping("=loopCounter < 3", first=True))))

    assert drive.variables == {"last": 3}


def test_the_journal_tells_the_body_of_a_loop_from_its_runs() -> None:
    drive = Drive(again(user("A", looping(at_most=2))))
    drive.complete("A")
    drive.complete("A")

    lines = [(r.event, r.type) for r in drive.records if r.element == "A" and r.event in ("activated", "completed")]
    assert lines == [
        ("activated", "loopBody"),
        ("activated", "userTask"),
        ("completed", "userTask"),
        ("activated", "userTask"),
        ("completed", "userTask"),
        ("completed", "loopBody"),
    ]


def test_mappings_are_applied_at_each_run_and_results_are_seen_by_the_next() -> None:
    mappings = io({"given": "=total"}, {"total": "=given + got"})
    drive = Drive(again(service("A", mappings, looping("=total < 10"))), {"total": 0})

    given = []
    while drive.open == ["A"]:
        given.append(drive.work["job", drive.key("A")].variables["given"])
        drive.complete("A", got=4)
    assert given == [0, 4, 8]
    assert drive.variables == {"total": 12}


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_boundary_event_belongs_to_the_whole_loop(interrupting: bool) -> None:
    model = process(
        start(),
        user("A", looping(at_most=3)),
        boundary("A", "b", message("M"), interrupting=interrupting),
        user("other"),
        end(),
        flows=["start > A > end", "b > other > end"],
    )
    drive = Drive(model, {"key": "k"})
    drive.complete("A")
    assert drive.waiting == ["b"]

    drive.message("M")

    assert drive.open == (["other"] if interrupting else ["A", "other"])
    assert drive.path("terminated") == (["A", "A"] if interrupting else [])


def test_an_error_of_a_run_is_caught_at_the_loop() -> None:
    model = process(
        start(),
        service("A", looping(at_most=3)),
        boundary("A", "b", error("E")),
        end(),
        end("failed"),
        flows=["start > A > end", "b > failed"],
    )
    drive = Drive(model)
    drive.complete("A")

    drive.error("A", "E")

    assert drive.path()[-3:] == ["b", "failed", "p"]


@pytest.mark.parametrize(
    "shape",
    [
        task("task", "A", looping(at_most=2)),
        task("manualTask", "A", looping(at_most=2)),
        script("A", "=1", "x", looping(at_most=2)),
        sub("A", looping(at_most=2), start("s"), end("e"), flows=["s > e"]),
    ],
    ids=lambda shape: shape.tag,
)
def test_what_does_not_wait_runs_again_at_once(shape: Shape) -> None:
    drive = Drive(again(shape))

    assert runs(drive, "A") == [1, 2]
    assert drive.open == ["next"]


def test_a_receive_task_a_call_and_a_sub_process_run_again() -> None:
    inner = sub("S", looping(at_most=2), start("s"), user("U"), end("e"), flows=["s > U > e"])
    model = process(
        start(),
        receive("R", "M", looping(at_most=2)),
        call("C", "q", looping(at_most=2)),
        inner,
        end(),
        flows=["start > R > C > S > end"],
    )
    drive = Drive(model, {"key": "k"})
    for _ in range(2):
        drive.message("M")
    for _ in range(2):
        (called,) = drive.asked(commands.StartCall)
        drive.tell(events.CallCompleted(called.key))
    for _ in range(2):
        drive.complete("U")

    assert drive.outcome == "completed"


def test_a_condition_that_is_neither_true_nor_false_is_an_incident_that_can_be_mended() -> None:
    drive = Drive(again(service("A", looping("=more"))))
    drive.complete("A")
    assert drive.incidents == [("A", "condition")]

    drive.retry("A", more=False)

    assert drive.open == ["next"]


def test_a_loop_that_never_waits_and_never_ends_is_an_incident() -> None:
    drive = Drive(again(script("A", "=1", "x", looping("=true"))), endless_steps=50)

    assert drive.incidents == [("A", "endless loop")]


def test_the_runs_of_a_loop_are_compensated_in_reverse() -> None:
    model = process(
        start(),
        service("A", looping(at_most=3)),
        boundary("A", "c", compensation()),
        service("undo", undoes=True),
        throw("back", compensation("A")),
        end(),
        flows=["start > A > back > end"],
        links=["c > undo"],
    )
    drive = Drive(model)
    for _ in range(3):
        drive.complete("A")

    seen = []
    while drive.open == ["undo"]:
        seen.append(drive.work["job", drive.key("undo")].variables["loopCounter"])
        drive.complete("undo")
    assert seen == [3, 2, 1]
    assert drive.outcome == "completed"
