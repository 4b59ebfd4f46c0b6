"""Start and end events (BPMN 2.0 §13.5.1, §13.5.6)."""

from __future__ import annotations

import pytest

from bpmn import Instance, commands
from tests.bpmn.building import (
    TERMINATE,
    Shape,
    boundary,
    build,
    catch,
    compensation,
    end,
    error,
    escalation,
    gateway,
    message,
    on_event,
    process,
    service,
    signal,
    start,
    sub,
    task,
    timer,
    user,
)
from tests.bpmn.engine.driving import START, Drive


def test_a_process_runs_from_its_plain_start_to_its_end() -> None:
    drive = Drive(process(start(), task("task", "A"), end(), flows=["start > A > end"]), {"x": 1})

    assert drive.path() == ["start", "A", "end", "p"]
    assert drive.last == [commands.Finished("completed", {"x": 1})]


def test_an_instance_starts_once_only() -> None:
    instance = Instance(build(process(start(), user("A"), end(), flows=["start > A > end"])))
    instance.start(START)

    with pytest.raises(ValueError, match="started already"):
        instance.start(START)


def test_a_definition_of_several_processes_must_be_told_which_to_run() -> None:
    two = build(
        process(start("s1"), end("e1"), flows=["s1 > e1"], id_="one"),
        process(start("s2"), end("e2"), flows=["s2 > e2"], id_="two"),
    )

    with pytest.raises(ValueError, match="one, two"):
        Instance(two)
    assert Instance(two, "two").start(START)[-1] == commands.Finished("completed")


def message_or_timer() -> Shape:
    return process(
        start("ordered", message("Order", key="")),
        start("monthly", timer("R/2026-03-03T09:00:00+08:00/P1M")),
        user("A"),
        end(),
        flows=["ordered > A > end", "monthly > A"],
    )


def test_a_process_without_a_plain_start_waits_for_the_first_of_its_starts() -> None:
    drive = Drive(message_or_timer())
    assert drive.waiting == ["ordered", "monthly"]

    drive.message("Order", key="", lines=3)

    assert drive.open == ["A"]
    assert drive.waiting == []
    assert drive.variables == {"lines": 3}


def test_a_timer_starts_a_process() -> None:
    drive = Drive(message_or_timer())

    drive.wait(days=1)

    assert drive.path() == ["monthly"]
    assert drive.open == ["A"]


def signalled() -> Shape:
    return process(
        start("alarm", signal("Alarm")),
        start("ordered", message("Order", key="")),
        user("A"),
        end(),
        flows=["alarm > A > end", "ordered > A"],
    )


def test_a_process_begins_at_its_signal_start_event_where_it_is_named() -> None:
    drive = Drive(signalled(), {"level": 3}, start_event="alarm")

    assert (drive.path(), drive.open, drive.waiting) == (["alarm"], ["A"], [])


def test_a_signal_starts_a_process_that_waits_for_the_first_of_its_starts() -> None:
    drive = Drive(signalled())
    assert drive.waiting == ["alarm", "ordered"]

    drive.signal("Alarm", level=3)

    assert (drive.path(), drive.open, drive.waiting) == (["alarm"], ["A"], [])
    assert drive.variables == {"level": 3}


def test_an_instance_may_be_started_at_one_of_its_start_events() -> None:
    drive = Drive(message_or_timer(), {"lines": 3}, start_event="ordered")

    assert drive.path() == ["ordered"]
    assert drive.open == ["A"]
    assert drive.waiting == []


def test_starting_at_what_is_no_start_event_is_an_error() -> None:
    instance = Instance(build(message_or_timer()))

    with pytest.raises(ValueError, match="A is no start event"):
        instance.start(START, "A")


def test_a_plain_start_goes_first_where_there_are_others() -> None:
    model = process(
        start(), start("other", message("M", key="")), user("A"), end(), flows=["start > A > end", "other > A"]
    )
    drive = Drive(model)

    assert drive.open == ["A"]
    assert drive.waiting == []


def forked(finish: Shape, *more: Shape) -> Shape:
    return process(
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        end("plain"),
        finish,
        *more,
        flows=["start > fork > A > plain", f"fork > B > {finish.id}"],
    )


def test_a_plain_end_leaves_the_other_tokens_alone() -> None:
    drive = Drive(forked(end()))

    drive.complete("B")
    assert drive.open == ["A"]

    drive.complete("A")
    assert drive.outcome == "completed"


def test_a_terminate_end_ends_everything_in_its_scope() -> None:
    drive = Drive(forked(end("stop", TERMINATE)))

    drive.complete("B")

    assert drive.path("terminated") == ["A"]
    assert drive.outcome == "completed"


def test_a_terminate_end_in_a_sub_process_ends_only_that() -> None:
    inner = sub(
        "S",
        start("s"),
        gateway("parallel", "g"),
        user("B"),
        user("C"),
        end("stop", TERMINATE),
        end("e"),
        flows=["s > g > B > stop", "g > C > e"],
    )
    drive = Drive(process(start(), inner, user("D"), end(), flows=["start > S > D > end"]))

    drive.complete("B")

    assert drive.path("terminated") == ["C"]
    assert drive.open == ["D"]


def test_an_error_end_that_nothing_catches_is_an_incident() -> None:
    drive = Drive(forked(end("bad", error("E1"))))

    drive.complete("B")

    assert drive.incidents == [("bad", "uncaught error")]
    assert "E1" in drive.problem
    assert drive.open == ["A"]


def test_an_error_end_that_the_caller_catches_ends_the_instance() -> None:
    drive = Drive(forked(end("bad", error("E1"))), called=True, caught_errors=("E1",))

    drive.complete("B")

    assert drive.last[-1] == commands.Finished("failed", {}, "E1", "")
    assert drive.path("terminated") == ["A", "p"]


def test_an_escalation_end_that_nothing_catches_ends_like_a_plain_one() -> None:
    drive = Drive(forked(end("up", escalation("X"))))

    drive.complete("B")
    drive.complete("A")

    assert drive.outcome == "completed"
    assert drive.data("escalated") == [{"code": "X", "toCaller": False}]


def test_a_message_end_sends_and_ends_when_it_has_been_sent() -> None:
    drive = Drive(process(start(), end("tell", message("Done")), flows=["start > tell"]), {"key": "k7"})
    (sent,) = drive.asked(commands.PublishMessage)
    assert (sent.message, sent.correlation_key) == ("Done", "k7")
    assert drive.outcome == ""

    drive.complete("tell")

    assert drive.outcome == "completed"


def test_a_message_end_with_a_task_definition_is_a_job() -> None:
    finish = end("tell", message("Done"), service("", type_="mail").parts[0])
    drive = Drive(process(start(), finish, flows=["start > tell"]), {"key": "k7"})
    (job,) = drive.asked(commands.RunJob)
    assert job.type == "mail"

    drive.complete("tell", sent=True)

    assert drive.outcome == "completed"


def test_a_signal_end_reaches_what_waits_here_and_the_rest_of_the_case() -> None:
    model = forked(end("alarm", signal("Alarm")), catch("heard", signal("Alarm")), end("last"))
    model.flows += ("A > heard > last",)
    drive = Drive(model)
    drive.complete("A")
    assert drive.waiting == ["heard"]

    drive.complete("B")

    assert drive.asked(commands.BroadcastSignal) == [commands.BroadcastSignal("Alarm", {})]
    assert drive.outcome == "completed"
    assert "heard" in drive.path()


def test_a_compensation_end_waits_for_the_handlers() -> None:
    model = process(
        start(),
        service("A"),
        boundary("A", "b", compensation()),
        user("undo", undoes=True),
        end("back", compensation()),
        flows=["start > A > back"],
        links=["b > undo"],
    )
    drive = Drive(model)
    drive.complete("A")
    assert drive.open == ["undo"]
    assert drive.outcome == ""

    drive.complete("undo")

    assert drive.path() == ["start", "A", "undo", "back", "p"]


def test_a_cancelled_instance_ends_with_everything_it_asked_for() -> None:
    model = forked(end(), on_event("watch", timer("PT1H"), then="C"))
    drive = Drive(model, {"x": 1})

    drive.cancel()

    assert drive.last[-1] == commands.Finished("terminated", {"x": 1})
    assert drive.path("terminated") == ["A", "B", "p"]
    assert drive.asked(commands.CancelTimer)
