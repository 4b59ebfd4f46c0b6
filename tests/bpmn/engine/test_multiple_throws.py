"""Multiple throw events: several definitions thrown one after another (BPMN 2.0 table 10.93)."""

from __future__ import annotations

from bpmn import commands, events
from tests.bpmn.building import (
    TERMINATE,
    Shape,
    boundary,
    compensation,
    end,
    error,
    escalation,
    gateway,
    message,
    process,
    service,
    signal,
    start,
    sub,
    throw,
    user,
)
from tests.bpmn.engine.driving import Drive


def thrown(shape: Shape, *around: Shape, flows: tuple[str, ...] = ()) -> Shape:
    inner = sub("S", start("s"), shape, user("A"), end("e"), flows=[f"s > {shape.id} > A > e"])
    return process(start(), inner, *around, end(), flows=["start > S > end", *flows])


def test_a_multiple_throw_event_throws_each_definition_in_the_order_of_the_document() -> None:
    drive = Drive(thrown(throw("T", message("M"), signal("Q"), message("N"))), {"key": "k"})
    (first,) = drive.asked(commands.PublishMessage)
    assert (first.message, first.part) == ("M", 1)
    assert drive.asked(commands.BroadcastSignal) == []

    drive.complete("T")
    assert drive.asked(commands.BroadcastSignal) == [commands.BroadcastSignal("Q", {})]
    (second,) = drive.asked(commands.PublishMessage)
    assert (second.message, second.part) == ("N", 3)

    drive.complete("T")
    assert drive.open == ["A"]
    assert drive.path().count("T") == 1


def test_a_definition_that_fails_is_tried_again_without_those_before_it() -> None:
    drive = Drive(thrown(throw("T", signal("Q"), message("M"))), {})
    assert drive.incidents == [("T", "correlation")]
    assert len(drive.asked(commands.BroadcastSignal)) == 1

    drive.retry("T", key="k")

    assert drive.asked(commands.BroadcastSignal) == []
    assert [one.message for one in drive.asked(commands.PublishMessage)] == ["M"]


def test_a_message_among_several_that_could_not_be_sent_is_sent_again() -> None:
    drive = Drive(thrown(throw("T", message("M"), message("N"))), {"key": "k"})
    drive.complete("T")
    drive.fail("T")
    assert drive.incidents == [("T", "job")]

    drive.retry("T")

    assert [one.message for one in drive.asked(commands.PublishMessage)] == ["N"]


def test_of_a_multiple_event_only_the_message_that_could_not_be_sent_is_skipped() -> None:
    drive = Drive(thrown(throw("T", message("M"), message("N"), signal("Q"))), {"key": "k"})
    drive.fail("T")

    drive.skip("T")
    assert [one.message for one in drive.asked(commands.PublishMessage)] == ["N"]
    drive.fail("T")
    drive.skip("T", noted=True)

    assert drive.asked(commands.BroadcastSignal) == [commands.BroadcastSignal("Q", {})]
    assert drive.open == ["A"]
    assert drive.variables == {"key": "k", "noted": True}


def test_a_multiple_event_that_is_interrupted_takes_back_the_message_it_is_sending() -> None:
    drive = Drive(thrown(throw("T", signal("Q"), message("M"))), {"key": "k"})
    key = drive.key("T")

    drive.cancel()

    assert commands.CancelJob(key) in drive.last


def test_an_escalation_goes_after_what_does_not_end_the_scope_and_an_error_last() -> None:
    shape = end("T", error("E"), escalation("X"), signal("Q"))
    inner = sub("S", start("s"), shape, flows=["s > T"])
    model = process(
        start(),
        inner,
        boundary("S", "up", escalation("X"), interrupting=False),
        boundary("S", "bad", error("E")),
        user("U"),
        user("B"),
        end(),
        flows=["start > S > end", "up > U > end", "bad > B > end"],
    )
    drive = Drive(model)

    assert drive.open == ["U", "B"]
    assert drive.asked(commands.BroadcastSignal) == [commands.BroadcastSignal("Q", {})]


def test_a_multiple_end_event_may_compensate_and_then_terminate() -> None:
    model = process(
        start(),
        service("A"),
        boundary("A", "b", compensation()),
        user("undo", undoes=True),
        gateway("parallel", "fork"),
        user("W"),
        end("stop", TERMINATE, compensation(), message("M")),
        end(),
        flows=["start > A > fork > stop", "fork > W > end"],
        links=["b > undo"],
    )
    drive = Drive(model, {"key": "k"})
    drive.complete("A")
    assert drive.open == ["W", "undo"] or drive.open == ["undo", "W"]

    drive.complete("undo")
    assert [one.message for one in drive.asked(commands.PublishMessage)] == ["M"]
    drive.complete("stop")

    assert drive.path("terminated") == ["W"]
    assert drive.outcome == "completed"


def test_an_escalation_among_several_waits_for_the_answer_of_the_caller_before_the_error() -> None:
    model = process(start(), end("T", escalation("X"), error("E")), flows=["start > T"])
    drive = Drive(model, called=True, caught_errors=("E",), interrupting_escalations=("X",))
    (raised,) = drive.asked(commands.RaiseEscalation)
    assert drive.outcome == ""

    drive.tell(events.EscalationAnswered(raised.key))

    assert drive.last[-1] == commands.Finished("failed", {}, "E", "")
