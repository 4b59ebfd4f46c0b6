"""Receive tasks and event-based gateways that begin a process (BPMN 2.0 §10.5.6, §13.5.1)."""

from __future__ import annotations

import pytest

from bpmn import Instance
from bpmn.definition import MessageStart
from tests.bpmn.building import (
    Shape,
    build,
    catch,
    end,
    gateway,
    instantiating,
    io,
    message,
    process,
    receive,
    signal,
    start,
    timer,
    user,
)
from tests.bpmn.engine.driving import START, Drive


def received() -> Shape:
    return process(
        receive("R", "Order", io(outputs={"order": "=number"}), key="", instantiates=True),
        user("A"),
        end(),
        flows=["R > A > end"],
    )


def test_a_process_begins_at_an_instantiating_receive_task() -> None:
    drive = Drive(received(), {"number": 7}, start_event="R")

    assert (drive.path(), drive.open, drive.waiting) == (["R"], ["A"], [])
    assert drive.variables == {"number": 7, "order": 7}


def test_a_process_that_is_started_plainly_waits_at_its_instantiating_receive_task() -> None:
    drive = Drive(received())
    assert drive.waiting == ["R"]

    drive.message("Order", key="", number=7)

    assert drive.open == ["A"]
    assert drive.variables == {"order": 7}


def raced(kind: str, key: str = "=key") -> Shape:
    return process(
        instantiating("G", kind),
        catch("C", message("M", key=key)),
        receive("R", "N", key=key),
        user("A"),
        user("B"),
        end("a"),
        end("b"),
        flows=["G > C > A > a", "G > R > B > b"],
    )


def test_at_an_exclusive_instantiating_gateway_a_process_begins_at_one_event_only() -> None:
    drive = Drive(raced("Exclusive", key=""), {"m": 1}, start_event="C")

    assert drive.path() == ["G", "C"]
    assert (drive.open, drive.waiting) == (["A"], [])
    drive.complete("A")
    assert drive.outcome == "completed"


def test_the_first_event_behind_an_exclusive_instantiating_gateway_decides() -> None:
    drive = Drive(raced("Exclusive", key=""))
    assert drive.waiting == ["C", "R"]

    drive.message("N", key="", n=1)

    assert (drive.open, drive.waiting) == (["B"], [])
    assert drive.path() == ["G", "R"]
    assert drive.variables == {"n": 1}


def test_at_a_parallel_instantiating_gateway_the_same_instance_waits_for_the_other_events() -> None:
    drive = Drive(raced("Parallel"), {"key": "k"}, start_event="C")
    assert (drive.open, drive.waiting) == (["A"], ["R"])

    drive.complete("A")
    assert drive.outcome == ""
    drive.message("N")

    assert drive.open == ["B"]
    drive.complete("B")
    assert drive.outcome == "completed"
    assert drive.path() == ["C", "A", "a", "G", "R", "B", "b", "p"]


def test_the_other_events_are_correlated_by_what_the_first_one_brought() -> None:
    model = raced("Parallel")
    model.inside[1].parts += (io(outputs={"key": "=number"}),)
    drive = Drive(model, {"number": "n7"}, start_event="C")

    assert drive.instance.waits_for("N", "n7")


def test_a_parallel_instantiating_gateway_is_done_when_all_its_events_have_come() -> None:
    model = process(
        instantiating("G", "Parallel"),
        catch("C", message("M")),
        catch("S", signal("S")),
        catch("T", timer("PT1H")),
        gateway("parallel", "join"),
        user("A"),
        end(),
        flows=["G > C > join > A > end", "G > S > join", "G > T > join"],
    )
    drive = Drive(model, {"key": "k"})
    assert drive.waiting == ["C", "S", "T"]
    drive.signal("S")
    assert drive.waiting == ["C", "T"]
    drive.wait(hours=1)
    assert drive.waiting == ["C"]
    assert drive.open == []

    drive.message("M")

    assert drive.open == ["A"]
    assert [one["flows"] for one in drive.data("completed") if "flows" in one][-3:] == [
        ["G_C", "G_T"],
        ["C_join"],
        ["join_A"],
    ]


def test_an_inclusive_join_waits_for_the_events_that_have_not_come_yet() -> None:
    model = process(
        instantiating("G", "Parallel"),
        catch("C", message("M")),
        catch("S", signal("S")),
        gateway("inclusive", "join"),
        user("A"),
        end(),
        flows=["G > C > join > A > end", "G > S > join"],
    )
    drive = Drive(model, {"key": "k"}, start_event="C")
    assert drive.open == []

    drive.signal("S")

    assert drive.open == ["A"]


def test_an_event_that_cannot_be_waited_for_is_an_incident_of_the_gateway() -> None:
    drive = Drive(raced("Parallel"), {}, start_event="C")
    assert drive.incidents == [("G", "correlation")]
    assert drive.open == ["A"]

    drive.retry("G", key="k")

    assert drive.waiting == ["R"]


def test_an_instance_that_still_waits_for_events_can_be_cancelled() -> None:
    drive = Drive(raced("Parallel"), {"key": "k"}, start_event="C")

    drive.cancel()

    assert (drive.outcome, drive.waiting) == ("terminated", [])


def test_a_plain_start_event_goes_before_instantiating_ones() -> None:
    model = process(
        start(),
        receive("R", "M", key="", instantiates=True),
        user("A"),
        end(),
        flows=["start > A > end", "R > A"],
    )
    drive = Drive(model)

    assert (drive.open, drive.waiting) == (["A"], [])


def test_the_messages_that_begin_a_process_are_known() -> None:
    assert build(received()).message_starts() == {"Order": "p"}
    assert build(raced("Exclusive")).message_starts() == {"M": "p", "N": "p"}


def test_what_stands_behind_a_parallel_gateway_begins_one_instance_together() -> None:
    alone, together = MessageStart("p"), MessageStart("p", "G")
    assert build(raced("Exclusive")).message_beginnings() == {"M": alone, "N": alone}
    assert build(raced("Parallel")).message_beginnings() == {"M": together, "N": together}


@pytest.mark.parametrize("name", ["G", "A"])
def test_an_instance_cannot_be_started_at_what_is_no_event(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is no start event"):
        Instance(build(raced("Parallel"))).start(START, name)
