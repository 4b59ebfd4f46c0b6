"""Transactions: cancelled as a whole, or left by a hazard (BPMN 2.0 §10.3.5, §10.7, §13.5.6)."""

from __future__ import annotations

import pytest

from bpmn import commands
from tests.bpmn.building import (
    CANCEL,
    Part,
    Shape,
    boundary,
    call,
    compensation,
    end,
    error,
    gateway,
    io,
    looping,
    message,
    multi,
    on_event,
    process,
    service,
    signal,
    start,
    sub,
    throw,
    transaction,
    user,
)
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.test_compensation import finish, undoable


def booking(*more: Shape | Part, flows: tuple[str, ...] = (), names: str = "AB") -> Shape:
    """A transaction that books one after another, and is cancelled where the customer says so."""
    shapes, links = undoable(*names)
    path = " > ".join(["s", *names, "ask", "G"])
    inside = [start("s"), *shapes, user("ask"), gateway("exclusive", "G"), end("e"), end("ce", CANCEL)]
    return transaction(
        "T",
        *inside,
        *more,
        flows=[path, "G > ce: =cancel", "G > e: default", *flows],
        links=links,
        method="##Compensate",
    )


def around(inside: Shape, *more: Shape, flows: tuple[str, ...] = (), links: tuple[str, ...] = ()) -> Shape:
    """A process with the transaction T, and the way out of its cancelling."""
    return process(
        start(),
        inside,
        boundary("T", "cancelled", CANCEL),
        user("sorry"),
        user("next"),
        end(),
        *more,
        flows=["start > T > next > end", "cancelled > sorry > end", *flows],
        links=links,
    )


def test_a_transaction_that_succeeds_goes_on_like_a_sub_process() -> None:
    drive = Drive(around(booking()), {"cancel": False})
    for name in ("A", "B", "ask"):
        drive.complete(name)

    assert drive.open == ["next"]
    assert drive.path(kind="transaction") == ["T"]


def test_cancelling_compensates_what_was_completed_in_reverse_and_leaves_by_the_cancel_event() -> None:
    drive = Drive(around(booking()), {"cancel": True})
    for name in ("A", "B", "ask"):
        drive.complete(name)

    assert finish(drive) == ["undoB", "undoA"]
    assert drive.open == ["sorry"]
    assert drive.path("terminated") == ["T"]
    assert drive.path()[-4:] == ["ce", "undoB", "undoA", "cancelled"]


def test_with_nothing_to_compensate_the_cancel_event_follows_at_once() -> None:
    drive = Drive(around(booking(names="")), {"cancel": True})

    drive.complete("ask")

    assert drive.open == ["sorry"]


def test_cancelling_ends_what_is_active() -> None:
    fork = [gateway("parallel", "F"), user("other"), call("C", "q")]
    inside = booking(*fork, flows=("B > F", "F > other", "F > C"))
    drive = Drive(around(inside), {"cancel": True})
    for name in ("A", "B"):
        drive.complete(name)
    assert drive.open == ["ask", "other", "C"]

    drive.complete("ask")

    assert drive.open == ["undoB"]
    assert drive.path("terminated") == ["other", "C"]
    assert drive.asked(commands.CancelCall)


def test_a_cancel_end_event_in_a_nested_sub_process_takes_back_what_was_done_there_and_around() -> None:
    shapes, links = undoable("B")
    nested = sub("N", io({"local": "=7"}), start("ns"), *shapes, end("ce", CANCEL), flows=["ns > B > ce"], links=links)
    outer, more = undoable("A")
    inside = transaction("T", start("s"), *outer, nested, end("e"), flows=["s > A > N > e"], links=more)
    drive = Drive(around(inside))
    drive.complete("A")
    drive.complete("B")

    assert drive.work["job", drive.key("undoB")].variables["local"] == 7
    assert finish(drive) == ["undoB", "undoA"]
    assert drive.open == ["sorry"]


def test_an_end_event_of_several_definitions_cancels_last_and_a_boundary_event_of_several_is_the_way_out() -> None:
    shapes, links = undoable("A")
    inside = transaction("T", start("s"), *shapes, end("ce", CANCEL, signal("S")), flows=["s > A > ce"], links=links)
    model = process(
        start(),
        inside,
        boundary("T", "out", message("M"), CANCEL),
        user("sorry"),
        end(),
        flows=["start > T > end", "out > sorry > end"],
    )
    drive = Drive(model, {"key": "k"})

    drive.complete("A")
    assert [one.signal for one in drive.asked(commands.BroadcastSignal)] == ["S"]
    drive.complete("undoA")

    assert drive.open == ["sorry"]


def test_only_the_innermost_transaction_is_cancelled() -> None:
    outer, links = undoable("C")
    wrapping = transaction(
        "O",
        start("os"),
        *outer,
        booking(),
        boundary("T", "cancelled", CANCEL),
        user("sorry"),
        end("oe"),
        flows=["os > C > T > oe", "cancelled > sorry > oe"],
        links=links,
    )
    drive = Drive(process(start(), wrapping, end(), flows=["start > O > end"]), {"cancel": True})
    for name in ("C", "A", "B", "ask"):
        drive.complete(name)

    assert finish(drive) == ["undoB", "undoA"]
    assert drive.open == ["sorry"]


def test_an_error_that_leaves_a_transaction_compensates_nothing() -> None:
    inside = booking(service("D"), flows=("B > D",))
    model = around(inside, boundary("T", "hazard", error("E")), user("manual"), flows=("hazard > manual > end",))
    drive = Drive(model, {"cancel": False})
    for name in ("A", "B"):
        drive.complete(name)

    drive.error("D", "E")

    assert drive.open == ["manual"]


def test_an_error_while_it_is_taken_back_is_a_hazard_that_leaves_it() -> None:
    inside = booking(on_event("X", error("E"), then="inner"))
    model = around(inside, boundary("T", "hazard", error("E")), user("manual"), flows=("hazard > manual > end",))
    drive = Drive(model, {"cancel": True})
    for name in ("A", "B", "ask"):
        drive.complete(name)

    drive.error("undoB", "E")

    assert drive.open == ["manual"]


def test_no_other_event_of_the_transaction_happens_while_it_is_taken_back() -> None:
    inside = booking(on_event("X", message("Inside"), then="inner"))
    model = around(inside, boundary("T", "late", message("Late")), flows=("late > end",))
    drive = Drive(model, {"cancel": True, "key": "k"})
    assert drive.waiting == ["late", "X_start"]

    for name in ("A", "B", "ask"):
        drive.complete(name)

    assert drive.waiting == []
    assert finish(drive) == ["undoB", "undoA"]


@pytest.mark.parametrize("marker", [multi("=[1, 2]", item="item"), looping(at_most=2)], ids=["multi", "loop"])
def test_cancelling_one_instance_takes_all_of_them_back(marker: Part) -> None:
    drive = Drive(around(booking(marker, names="A")), {"cancel": False})
    order = ["A", "A", "ask", "ask"] if len(drive.open) == 2 else ["A", "ask", "A", "ask"]
    for name in order[:3]:
        drive.complete(name)

    drive.complete(order[3], cancel=True)

    numbers = []
    while drive.open == ["undoA"]:
        numbers.append(drive.work["job", drive.key("undoA")].variables["loopCounter"])
        drive.complete("undoA")
    assert numbers == [2, 1]
    assert drive.open == ["sorry"]


def test_a_completed_transaction_is_compensated_by_what_is_inside_it() -> None:
    model = process(
        start(),
        booking(),
        boundary("T", "cancelled", CANCEL),
        throw("back", compensation("T")),
        end(),
        flows=["start > T > back > end", "cancelled > end"],
    )
    drive = Drive(model, {"cancel": False})
    for name in ("A", "B", "ask"):
        drive.complete(name)

    assert finish(drive) == ["undoB", "undoA"]
    assert drive.outcome == "completed"


def test_what_a_throw_inside_has_not_compensated_to_the_end_is_compensated_when_the_transaction_is_cancelled() -> None:
    shapes, links = undoable("A", "B")
    inside = transaction(
        "T",
        start("s"),
        *shapes,
        gateway("parallel", "F"),
        throw("back", compensation()),
        user("ask"),
        end("ce", CANCEL),
        end("e"),
        flows=["s > A > B > F", "F > back > e", "F > ask > ce"],
        links=links,
    )
    drive = Drive(around(inside))
    drive.complete("A")
    drive.complete("B")
    assert drive.open == ["ask", "undoB"]

    drive.complete("ask")

    assert finish(drive) == ["undoB", "undoA"]
    assert drive.open == ["sorry"]


def test_a_cancel_end_event_in_a_handler_of_a_cancelled_transaction_is_an_end_like_any_other() -> None:
    undo = sub("undoA", start("us"), service("undoing"), end("ue", CANCEL), flows=["us > undoing > ue"], undoes=True)
    inside = transaction(
        "T",
        start("s"),
        service("A"),
        boundary("A", "cA", compensation()),
        undo,
        end("ce", CANCEL),
        flows=["s > A > ce"],
        links=["cA > undoA"],
    )
    drive = Drive(around(inside))
    drive.complete("A")

    drive.complete("undoing")

    assert drive.open == ["sorry"]
    assert drive.path("activated").count("undoA") == 1


def test_a_case_cancelled_while_a_transaction_is_taken_back_ends() -> None:
    drive = Drive(around(booking()), {"cancel": True})
    for name in ("A", "B", "ask"):
        drive.complete(name)

    drive.cancel()

    assert drive.outcome == "terminated"
