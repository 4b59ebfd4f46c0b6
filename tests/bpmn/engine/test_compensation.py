"""Compensation: last first, with the data that was (BPMN 2.0 §10.7, §13.5.5)."""

from __future__ import annotations

from bpmn import commands, events
from tests.bpmn.building import (
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
    process,
    script,
    service,
    start,
    sub,
    throw,
    user,
)
from tests.bpmn.engine.driving import Drive


def undoable(*names: str) -> tuple[list[Shape], list[str]]:
    """Jobs with a compensation handler each: their shapes and associations."""
    shapes: list[Shape] = []
    for name in names:
        undo = service(f"undo{name}", undoes=True)
        shapes += [service(name), boundary(name, f"c{name}", compensation()), undo]
    return shapes, [f"c{name} > undo{name}" for name in names]


def undone(*names: str, activity: str = "", flows: tuple[str, ...] = ()) -> Shape:
    shapes, links = undoable(*names)
    path = " > ".join(["start", *names, "back", "next", "end"])
    back = throw("back", compensation(activity))
    return process(start(), *shapes, back, user("next"), end(), flows=flows or [path], links=links)


def finish(drive: Drive) -> list[str]:
    """Complete every handler as it opens; in that order."""
    order: list[str] = []
    while drive.open and drive.open[0].startswith("undo"):
        assert len(drive.open) == 1, "one handler at a time"
        order.append(drive.open[0])
        drive.complete(drive.open[0])
    return order


def test_completed_activities_are_compensated_last_first() -> None:
    drive = Drive(undone("A", "B", "C"))
    for name in "ABC":
        drive.complete(name)

    assert finish(drive) == ["undoC", "undoB", "undoA"]
    assert drive.open == ["next"]


def test_the_throw_waits_until_every_handler_is_done() -> None:
    drive = Drive(undone("A"))
    drive.complete("A")
    assert "back" not in drive.path()

    drive.complete("undoA")

    assert drive.path()[-2:] == ["undoA", "back"]


def test_with_nothing_to_compensate_the_throw_goes_on() -> None:
    shapes, links = undoable("A")
    model = process(
        start(),
        gateway("parallel", "fork"),
        *shapes,
        user("wait"),
        throw("back", compensation()),
        user("next"),
        end(),
        flows=["start > fork > A > end", "fork > wait > back > next > end"],
        links=links,
    )
    drive = Drive(model)

    drive.complete("wait")

    assert drive.open == ["A", "next"]


def test_only_the_named_activity_is_compensated() -> None:
    drive = Drive(undone("A", "B", activity="A"))
    drive.complete("A")
    drive.complete("B")

    assert finish(drive) == ["undoA"]


def test_what_has_been_compensated_is_not_compensated_again() -> None:
    shapes, links = undoable("A", "B")
    model = process(
        start(),
        *shapes,
        throw("one", compensation("A")),
        throw("all", compensation()),
        throw("again", compensation()),
        end(),
        flows=["start > A > B > one > all > again > end"],
        links=links,
    )
    drive = Drive(model)
    drive.complete("A")
    drive.complete("B")

    assert finish(drive) == ["undoA", "undoB"]
    assert drive.outcome == "completed"


def test_a_handler_sees_the_data_its_activity_had_when_it_completed() -> None:
    model = process(
        start(),
        gateway("exclusive", "again"),
        service("A", io({"part": "=n"}, {"number": "=issued"})),
        boundary("A", "c", compensation()),
        service("undo", io({"give_back": "=number", "of": "=part"}), undoes=True),
        script("B", "=n + 1", "n"),
        gateway("exclusive", "more"),
        throw("back", compensation()),
        end(),
        flows=["start > again > A > B > more", "more > again: =n < 3", "more > back: default", "back > end"],
        links=["c > undo"],
    )
    drive = Drive(model, {"n": 1})
    drive.complete("A", issued=100)
    drive.complete("A", issued=200)

    seen = []
    while drive.open == ["undo"]:
        seen.append(drive.work["job", drive.key("undo")].variables)
        drive.complete("undo")
    assert [(one["give_back"], one["of"]) for one in seen] == [(200, 2), (100, 1)]
    assert drive.variables["number"] == 200


def test_a_completed_sub_process_is_compensated_by_what_is_inside_it() -> None:
    shapes, links = undoable("A", "B")
    inner = sub("S", io({"local": "=7"}), start("s"), *shapes, end("e"), flows=["s > A > B > e"], links=links)
    after, more = undoable("C")
    model = process(
        start(),
        inner,
        *after,
        throw("back", compensation()),
        user("next"),
        end(),
        flows=["start > S > C > back > next > end"],
        links=more,
    )
    drive = Drive(model)
    for name in "ABC":
        drive.complete(name)
    assert drive.open == ["undoC"]
    drive.complete("undoC")
    assert drive.work["job", drive.key("undoB")].variables["local"] == 7

    assert finish(drive) == ["undoB", "undoA"]
    assert drive.open == ["next"]


def test_the_handler_of_a_sub_process_stands_for_all_inside_it() -> None:
    shapes, links = undoable("A")
    inner = sub("S", start("s"), *shapes, end("e"), flows=["s > A > e"], links=links)
    model = process(
        start(),
        inner,
        boundary("S", "cS", compensation()),
        service("undoS", undoes=True),
        throw("back", compensation()),
        end(),
        flows=["start > S > back > end"],
        links=["cS > undoS"],
    )
    drive = Drive(model)
    drive.complete("A")

    assert finish(drive) == ["undoS"]


def test_a_throw_inside_a_sub_process_compensates_only_there() -> None:
    outer, links = undoable("A")
    shapes, inner_links = undoable("B")
    inner = sub(
        "S",
        start("s"),
        *shapes,
        throw("back", compensation()),
        end("e"),
        flows=["s > B > back > e"],
        links=inner_links,
    )
    model = process(start(), *outer, inner, user("next"), end(), flows=["start > A > S > next > end"], links=links)
    drive = Drive(model)
    drive.complete("A")
    drive.complete("B")

    assert finish(drive) == ["undoB"]
    assert drive.open == ["next"]


def test_what_follows_a_boundary_event_is_compensated_before_the_activity_it_is_attached_to() -> None:
    shapes, links = undoable("A", "B")
    model = process(
        start(),
        *shapes,
        boundary("A", "b", message("M"), interrupting=False),
        throw("back", compensation()),
        end(),
        flows=["start > A > back > end", "b > B > end"],
        links=links,
    )
    drive = Drive(model, {"key": "k"})
    drive.message("M")
    drive.complete("B")
    drive.complete("A")

    assert finish(drive) == ["undoB", "undoA"]
    assert drive.outcome == "completed"


def test_an_active_or_terminated_sub_process_is_not_compensated() -> None:
    shapes, links = undoable("A")
    inner = sub("S", start("s"), *shapes, user("hold"), end("e"), flows=["s > A > hold > e"], links=links)
    model = process(
        start(),
        gateway("parallel", "fork"),
        inner,
        boundary("S", "stop", message("Stop")),
        user("wait"),
        throw("back", compensation()),
        user("next"),
        end(),
        flows=["start > fork > S > end", "stop > back", "fork > wait > back > next > end"],
    )
    drive = Drive(model, {"key": "k"})
    drive.complete("A")
    drive.complete("wait")
    assert drive.open == ["hold", "next"]

    drive.message("Stop")

    assert drive.open == ["next", "next"]


def test_instances_of_a_sequential_activity_are_compensated_in_reverse() -> None:
    shapes = [
        service("A", multi("=[1, 2, 3]", sequential=True, item="item")),
        boundary("A", "c", compensation()),
        service("undo", undoes=True),
    ]
    model = process(
        start(), *shapes, throw("back", compensation("A")), end(), flows=["start > A > back > end"], links=["c > undo"]
    )
    drive = Drive(model)
    for _ in range(3):
        drive.complete("A")

    seen = []
    while drive.open == ["undo"]:
        seen.append(drive.work["job", drive.key("undo")].variables["item"])
        drive.complete("undo")
    assert seen == [3, 2, 1]
    assert drive.outcome == "completed"


def test_only_the_completed_instances_of_an_activity_are_compensated() -> None:
    shapes = [
        service("A", multi("=[1, 2, 3]", item="item", until="=numberOfCompletedInstances = 2")),
        boundary("A", "c", compensation()),
        service("undo", undoes=True),
    ]
    model = process(
        start(), *shapes, throw("back", compensation()), end(), flows=["start > A > back > end"], links=["c > undo"]
    )
    drive = Drive(model)
    drive.complete("A")
    drive.complete("A")

    order = []
    while drive.open == ["undo"]:
        order.append(drive.work["job", drive.key("undo")].variables["item"])
        drive.complete("undo")
    assert order == [2, 1]


def test_what_is_inside_many_instances_of_a_sub_process_is_compensated() -> None:
    shapes, links = undoable("A")
    inner = sub("S", multi("=[1, 2]", item="item"), start("s"), *shapes, end("e"), flows=["s > A > e"])
    inner.links = tuple(links)
    model = process(start(), inner, throw("back", compensation()), end(), flows=["start > S > back > end"])
    drive = Drive(model)
    drive.complete("A")
    drive.complete("A")

    seen = []
    while drive.open == ["undoA"]:
        seen.append(drive.work["job", drive.key("undoA")].variables["item"])
        drive.complete("undoA")
    assert seen == [2, 1]


def test_a_handler_may_be_a_sub_process_or_a_call_or_multi_instance() -> None:
    undo_a = sub("undoA", start("s"), user("first"), user("second"), end("e"), flows=["s > first > second > e"])
    undo_a.attributes["isForCompensation"] = "true"
    model = process(
        start(),
        service("A"),
        boundary("A", "cA", compensation()),
        undo_a,
        service("B"),
        boundary("B", "cB", compensation()),
        call("undoB", "q", undoes=True),
        service("C"),
        boundary("C", "cC", compensation()),
        service("undoC", multi("=[1, 2]"), undoes=True),
        end("back", compensation()),
        flows=["start > A > B > C > back"],
        links=["cA > undoA", "cB > undoB", "cC > undoC"],
    )
    drive = Drive(model)
    for name in "ABC":
        drive.complete(name)
    assert drive.open == ["undoC", "undoC"]
    drive.complete("undoC")
    drive.complete("undoC")
    (called,) = drive.asked(commands.StartCall)
    drive.tell(events.CallCompleted(called.key))
    assert drive.open == ["first"]
    drive.complete("first")
    drive.complete("second")

    assert drive.outcome == "completed"


def test_a_handler_may_be_a_loop() -> None:
    model = process(
        start(),
        service("A"),
        boundary("A", "c", compensation()),
        service("undo", looping(at_most=2), undoes=True),
        throw("back", compensation()),
        user("next"),
        end(),
        flows=["start > A > back > next > end"],
        links=["c > undo"],
    )
    drive = Drive(model)
    drive.complete("A")

    drive.complete("undo")
    assert drive.open == ["undo"]
    drive.complete("undo")

    assert drive.open == ["next"]


def withdrawing(*, interrupting: bool = True, activity: str = "") -> Shape:
    """A case that an event sub-process takes back: what was done is compensated, also what it did itself."""
    shapes, links = undoable("A")
    inside, inner_links = undoable("B")
    handler = sub(
        "W",
        start("w", message("Withdraw"), interrupting=interrupting),
        *inside,
        throw("back", compensation(activity)),
        end("we"),
        flows=["w > B > back > we"],
        links=inner_links,
    )
    handler.attributes["triggeredByEvent"] = "true"
    return process(start(), *shapes, user("U"), end(), handler, flows=["start > A > U > end"], links=links)


def test_a_throw_in_an_event_sub_process_compensates_the_scope_around_it() -> None:
    drive = Drive(withdrawing(), {"key": "k"})
    drive.complete("A")
    drive.message("Withdraw", reason="moved")
    assert drive.open == ["B"]

    drive.complete("B")

    assert finish(drive) == ["undoB", "undoA"]
    assert drive.outcome == "completed"


def test_a_throw_in_an_event_sub_process_may_name_an_activity_around_it() -> None:
    drive = Drive(withdrawing(activity="A"), {"key": "k"})
    drive.complete("A")
    drive.message("Withdraw")
    drive.complete("B")

    assert finish(drive) == ["undoA"]


def test_a_throw_in_a_non_interrupting_event_sub_process_compensates_while_the_scope_goes_on() -> None:
    drive = Drive(withdrawing(interrupting=False), {"key": "k"})
    drive.complete("A")
    drive.message("Withdraw")
    drive.complete("B")
    assert drive.open == ["U", "undoB"]

    drive.complete("undoB")
    drive.complete("undoA")
    assert drive.open == ["U"]
    drive.complete("U")

    assert drive.outcome == "completed"


def test_an_error_event_sub_process_takes_back_what_was_done() -> None:
    shapes, links = undoable("A")
    handler = sub("E", start("es", error("")), end("back", compensation()), flows=["es > back"])
    handler.attributes["triggeredByEvent"] = "true"
    model = process(start(), *shapes, service("B"), end(), handler, flows=["start > A > B > end"], links=links)
    drive = Drive(model)
    drive.complete("A")

    drive.error("B", "broken")

    assert finish(drive) == ["undoA"]
    assert drive.outcome == "completed"


def test_a_handler_that_fails_is_an_incident_and_the_rest_follows_its_retry() -> None:
    drive = Drive(undone("A", "B"))
    drive.complete("A")
    drive.complete("B")
    drive.fail("undoB")
    assert drive.incidents == [("undoB", "job")]

    drive.retry("undoB")

    assert finish(drive) == ["undoB", "undoA"]
    assert drive.open == ["next"]


def test_a_case_cancelled_while_it_compensates_ends_with_its_handlers() -> None:
    drive = Drive(undone("A", "B"))
    drive.complete("A")
    drive.complete("B")

    drive.cancel()

    assert drive.outcome == "terminated"
    assert drive.asked(commands.CancelJob)
