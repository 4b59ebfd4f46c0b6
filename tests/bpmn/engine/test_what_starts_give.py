"""What a start event gives its scope is known where event sub-processes begin to wait (Camunda 8, issue 8672)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bpmn import Instance, commands
from tests.bpmn.building import (
    Part,
    Shape,
    build,
    condition,
    end,
    io,
    listeners,
    message,
    on_event,
    process,
    signal,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.engine.changing import change, move
from tests.bpmn.engine.driving import START, Drive

MAPPED = io(outputs={"number": '="no-" + string(order.id)'})


def model(waits: Part, *gives: Part, begins: Part | None = None) -> Shape:
    """A process with an event sub-process E, begun by a message with these mappings."""
    first = start("start", begins or message("Order", key=""), *gives)
    return process(first, user("A"), on_event("E", waits, then="U"), end(), flows=["start > A > end"])


def begun(shape: Shape, **options: Any) -> Drive:
    return Drive(shape, {"order": {"id": 7}}, start_event="start", **options)


def test_a_correlation_key_may_use_what_a_mapping_of_the_start_event_makes() -> None:
    drive = begun(model(message("Cancel", "=number"), MAPPED))
    assert drive.incidents == []

    drive.message("Cancel", "no-7")

    assert drive.open == ["U"]


def test_a_timer_may_use_it_too() -> None:
    drive = begun(model(timer("duration==pause"), io(outputs={"pause": '="PT" + string(order.id) + "H"'})))

    (timer_,) = drive.asked(commands.SetTimer)

    assert timer_.due == START + timedelta(hours=7)


def test_a_later_mapping_sees_what_an_earlier_one_made_and_a_part_leaves_the_rest() -> None:
    gives = io(outputs={"order.place": '="south"', "number": "=order.place + string(order.id)"})
    drive = begun(model(message("Cancel", "=number"), gives))

    assert [wait.correlation_key for wait in drive.instance.waits] == ["south7"]
    assert drive.variables["order"] == {"id": 7, "place": "south"}


def test_each_mapping_counts_once() -> None:
    drive = begun(model(message("Cancel", "=string(order.id)"), io(outputs={"order.id": "=order.id + 1"})))

    assert [wait.correlation_key for wait in drive.instance.waits] == ["8"]
    assert drive.variables == {"order": {"id": 8}}


def test_what_triggered_the_start_is_known_without_a_mapping() -> None:
    instance = Instance(build(model(message("Cancel", "=number"))))

    instance.start(START, "start", {"number": "7"})

    assert [wait.correlation_key for wait in instance.waits] == ["7"]


def test_of_a_plain_start_event_it_is_known_too() -> None:
    first = start("start", MAPPED)
    drive = begun(
        process(
            first, user("A"), on_event("E", message("Cancel", "=number"), then="U"), end(), flows=["start > A > end"]
        )
    )

    assert [wait.correlation_key for wait in drive.instance.waits] == ["no-7"]


def test_event_sub_processes_inside_one_that_has_come_know_what_came() -> None:
    inner = on_event("E", message("Cancel", "=number"), then="U")
    outer = sub(
        "O",
        start("o", signal("S"), interrupting=False),
        user("B"),
        inner,
        end("oe"),
        flows=["o > B > oe"],
        by_event=True,
    )
    drive = Drive(process(start(), user("A"), outer, end(), flows=["start > A > end"]))

    drive.signal("S", number="9")

    assert [wait.correlation_key for wait in drive.instance.waits if wait.kind == "message"] == ["9"]


def test_a_mapping_that_gives_nothing_is_an_incident_of_the_process_until_it_does() -> None:
    drive = begun(model(message("Cancel", "=number"), io(outputs={"number": "=missing"})))
    assert drive.incidents == [("p", "correlation")]

    drive.retry("p", missing="9")

    assert [wait.correlation_key for wait in drive.instance.waits] == ["9"]
    assert drive.open == ["A"]


def test_a_faulty_mapping_is_warned_of_once() -> None:
    drive = begun(model(message("Cancel", '="fixed"'), io(outputs={"number": "=1 + null"})))

    assert drive.path("warned") == ["start"]


def test_listeners_of_the_process_and_of_the_start_event_are_heard_as_before() -> None:
    shape = model(message("Cancel", "=number + who"), MAPPED, listeners("end: after"))
    shape.parts = (listeners("start: before"),)
    drive = begun(shape)
    drive.complete("p", who="!")
    assert [wait.correlation_key for wait in drive.instance.waits] == ["no-7!"]

    drive.message("Cancel", "no-7!")

    assert drive.open == ["U"]


def test_a_condition_is_looked_at_when_the_start_event_has_given_what_it_gives() -> None:
    drive = begun(model(condition('=number = "no-7"'), MAPPED))

    assert drive.open == ["U"]


def test_a_migration_and_a_modification_find_it_as_everything_else() -> None:
    drive = begun(model(message("Cancel", "=number"), MAPPED))
    assert move(drive, model(message("Cancel", '=number + "b"'), MAPPED)) == []
    assert [wait.correlation_key for wait in drive.instance.waits] == ["no-7b"]

    assert change(drive, cancel=(drive.key("A"),), ends=True) is None

    assert drive.outcome == "terminated"


def test_before_semantics_6_it_is_an_incident_of_the_process() -> None:
    drive = begun(model(message("Cancel", "=number"), MAPPED), semantics=5)

    assert drive.incidents == [("p", "correlation")]
