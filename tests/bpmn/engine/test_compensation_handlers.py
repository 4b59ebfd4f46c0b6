"""Compensation by event sub-process, without waiting, and what becomes of handlers (BPMN 2.0 §10.7, §13.5.5)."""

from __future__ import annotations

from bpmn import events
from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    call,
    compensation,
    end,
    error,
    gateway,
    io,
    message,
    multi,
    on_event,
    process,
    script,
    service,
    start,
    sub,
    throw,
    user,
)
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.test_compensation import finish, undoable


def compensating(id_: str, *shapes: Shape, flows: tuple[str, ...] = (), links: tuple[str, ...] = ()) -> Shape:
    """An event sub-process that compensates the sub-process around it: the shapes one after another, or by `flows`."""
    path = " > ".join([f"{id_}s", *(shape.id for shape in shapes), f"{id_}e"])
    content = [start(f"{id_}s", compensation()), *shapes, end(f"{id_}e")]
    return sub(id_, *content, flows=flows or [path], links=links, by_event=True)


def booked(handler: Shape, *parts: Part, names: str = "AB") -> Shape:
    """The sub-process S that does one after another, with the event sub-process that compensates it."""
    shapes, links = undoable(*names)
    path = " > ".join(["s", *names, "e"])
    return sub("S", *parts, start("s"), *shapes, end("e"), handler, flows=[path], links=links)


def around(inside: Shape, back: Shape | None = None) -> Shape:
    back = back or throw("back", compensation())
    return process(start(), inside, back, user("next"), end(), flows=[f"start > S > {back.id} > next > end"])


def test_the_event_sub_process_stands_for_all_inside_the_sub_process() -> None:
    drive = Drive(around(booked(compensating("H", service("undoS")))))
    drive.complete("A")
    drive.complete("B")

    assert finish(drive) == ["undoS"]
    assert drive.open == ["next"]


def test_a_throw_inside_it_compensates_the_activities_of_the_sub_process_in_reverse() -> None:
    handler = compensating("H", service("undoFirst"), throw("all", compensation()), service("undoLast"))
    drive = Drive(around(booked(handler)))
    drive.complete("A")
    drive.complete("B")

    assert finish(drive) == ["undoFirst", "undoB", "undoA", "undoLast"]
    assert drive.open == ["next"]


def test_a_throw_inside_it_may_name_an_activity_of_the_sub_process() -> None:
    drive = Drive(around(booked(compensating("H", throw("one", compensation("A"))))))
    drive.complete("A")
    drive.complete("B")

    assert finish(drive) == ["undoA"]
    assert drive.open == ["next"]


def test_what_it_did_itself_is_compensated_before_what_the_sub_process_did() -> None:
    shapes, links = undoable("C")
    handler = compensating("H", *shapes, throw("all", compensation()), flows=("Hs > C > all > He",), links=tuple(links))
    drive = Drive(around(booked(handler)))
    for name in "ABC":
        drive.complete(name)

    assert finish(drive) == ["undoC", "undoB", "undoA"]


def test_it_runs_only_when_its_sub_process_has_completed() -> None:
    inside = booked(compensating("H", service("undoS")))
    model = process(
        start(),
        gateway("parallel", "fork"),
        inside,
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
    assert drive.open == ["B", "next"]

    drive.message("Stop")

    assert drive.open == ["next", "next"]


def test_it_sees_the_data_the_sub_process_had_when_it_completed() -> None:
    inside = booked(compensating("H", service("undoS")), io({"part": "=n"}))
    model = process(
        start(),
        inside,
        script("later", "=100", "n"),
        throw("back", compensation()),
        end(),
        flows=["start > S > later > back > end"],
    )
    drive = Drive(model, {"n": 1})
    drive.complete("A", part=2)
    drive.complete("B")

    variables = drive.work["job", drive.key("undoS")].variables
    assert (variables["part"], variables["n"]) == (2, 100)


def test_what_it_changes_in_that_data_is_seen_by_the_handlers_inside_and_not_outside() -> None:
    handler = compensating("H", script("change", '="gone"', "part"), throw("all", compensation()))
    drive = Drive(around(booked(handler, io({"part": '="here"'}))), {"part": "outside"})
    drive.complete("A")
    drive.complete("B")

    assert drive.work["job", drive.key("undoB")].variables["part"] == "gone"
    finish(drive)
    assert drive.variables["part"] == "outside"


def test_each_instance_of_a_multi_instance_sub_process_is_compensated_by_it_in_reverse() -> None:
    handler = compensating("H", service("undoS"), throw("all", compensation()))
    drive = Drive(around(booked(handler, multi("=[1, 2]", item="item"), names="A")))
    drive.complete("A")
    drive.complete("A")

    seen = []
    while drive.open[0].startswith("undo"):
        seen.append((drive.open[0], drive.work["job", drive.key(drive.open[0])].variables["item"]))
        drive.complete(drive.open[0])
    assert seen == [("undoS", 2), ("undoA", 2), ("undoS", 1), ("undoA", 1)]
    assert drive.open == ["next"]


def test_it_is_run_once() -> None:
    model = process(
        start(),
        booked(compensating("H", service("undoS"))),
        throw("back", compensation()),
        throw("again", compensation()),
        end(),
        flows=["start > S > back > again > end"],
    )
    drive = Drive(model)
    drive.complete("A")
    drive.complete("B")

    assert finish(drive) == ["undoS"]
    assert drive.outcome == "completed"


def test_nested_sub_processes_are_compensated_each_by_its_own() -> None:
    shapes, links = undoable("C")
    nested = sub(
        "N",
        start("ns"),
        *shapes,
        end("ne"),
        compensating("HN", service("undoN"), throw("allN", compensation())),
        flows=["ns > C > ne"],
        links=links,
    )
    outer, more = undoable("A")
    inside = sub(
        "S",
        start("s"),
        *outer,
        nested,
        end("e"),
        compensating("HS", service("undoS"), throw("allS", compensation())),
        flows=["s > A > N > e"],
        links=more,
    )
    drive = Drive(around(inside))
    drive.complete("A")
    drive.complete("C")

    assert finish(drive) == ["undoS", "undoN", "undoC", "undoA"]
    assert drive.open == ["next"]


def test_an_error_in_it_goes_to_the_scope_around_the_completed_sub_process() -> None:
    inside = booked(compensating("H", service("undoS")), names="A")
    model = process(
        start(),
        inside,
        boundary("S", "b", error("E")),
        throw("back", compensation()),
        end(),
        on_event("X", error("E"), then="mend"),
        flows=["start > S > back > end", "b > end"],
    )
    drive = Drive(model)
    drive.complete("A")

    drive.error("undoS", "E")

    assert drive.open == ["mend"]


def test_an_event_sub_process_of_a_process_that_compensates_never_begins_by_itself() -> None:
    model = process(
        start(), user("A"), throw("back", compensation()), end(), compensating("H"), flows=["start > A > back > end"]
    )
    drive = Drive(model)
    drive.complete("A")

    assert drive.outcome == "completed"
    assert "H" not in drive.path("activated")


def meanwhile(activity: str = "") -> Shape:
    shapes, links = undoable("A", "B")
    back = throw("back", compensation(activity, awaited=False))
    return process(
        start(), *shapes, back, user("next"), end(), flows=["start > A > B > back > next > end"], links=links
    )


def test_a_throw_that_does_not_wait_goes_on_while_the_handlers_run_one_by_one() -> None:
    drive = Drive(meanwhile())
    drive.complete("A")
    drive.complete("B")
    assert drive.open == ["undoB", "next"]

    drive.complete("next")
    assert drive.outcome == ""
    drive.complete("undoB")
    assert drive.open == ["undoA"]
    drive.complete("undoA")

    assert drive.outcome == "completed"


def test_an_end_event_that_does_not_wait_ends_while_the_handlers_run() -> None:
    shapes, links = undoable("A")
    back = end("back", compensation(awaited=False))
    drive = Drive(process(start(), *shapes, back, flows=["start > A > back"], links=links))

    drive.complete("A")
    assert "back" in drive.path()
    drive.complete("undoA")

    assert drive.outcome == "completed"


def test_two_throws_that_do_not_wait_compensate_all_they_name() -> None:
    shapes, links = undoable("A", "B")
    model = process(
        start(),
        *shapes,
        throw("one", compensation("A", awaited=False)),
        throw("two", compensation("B", awaited=False)),
        end(),
        flows=["start > A > B > one > two > end"],
        links=links,
    )
    drive = Drive(model)
    drive.complete("A")
    drive.complete("B")

    assert finish(drive) == ["undoA", "undoB"]
    assert drive.outcome == "completed"


def test_a_throw_that_does_not_wait_may_be_in_an_event_sub_process_that_is_over_before_the_handlers() -> None:
    shapes, links = undoable("A")
    inside, inner_links = undoable("B")
    handler = sub(
        "W",
        io({"local": "=7"}),
        start("w", message("Withdraw"), interrupting=False),
        *inside,
        end("back", compensation(awaited=False)),
        flows=["w > B > back"],
        links=inner_links,
        by_event=True,
    )
    model = process(start(), *shapes, user("U"), end(), handler, flows=["start > A > U > end"], links=links)
    drive = Drive(model, {"key": "k"})
    drive.complete("A")
    drive.message("Withdraw")
    drive.complete("B")
    assert "W" in drive.path()
    assert drive.work["job", drive.key("undoB")].variables["local"] == 7

    drive.complete("undoB")
    drive.complete("undoA")
    drive.complete("U")

    assert drive.outcome == "completed"


def test_an_interrupting_event_sub_process_ends_handlers_that_nobody_waits_for() -> None:
    model = meanwhile()
    model.inside = (*model.inside, on_event("X", message("M"), then="instead"))
    drive = Drive(model, {"key": "k"})
    drive.complete("A")
    drive.complete("B")

    drive.message("M")

    assert drive.open == ["instead"]
    drive.complete("instead")
    assert drive.outcome == "completed"


def test_a_handler_that_a_boundary_event_interrupts_lets_the_next_one_follow() -> None:
    shapes, links = undoable("A", "B")
    model = process(
        start(),
        *shapes,
        boundary("undoB", "failed", error("E")),
        user("mend"),
        throw("back", compensation()),
        user("next"),
        end(),
        flows=["start > A > B > back > next > end", "failed > mend > end"],
        links=links,
    )
    drive = Drive(model)
    drive.complete("A")
    drive.complete("B")

    drive.error("undoB", "E")

    assert sorted(drive.open) == ["mend", "undoA"]
    drive.complete("undoA")
    assert sorted(drive.open) == ["mend", "next"]


def test_a_call_in_a_compensating_event_sub_process_is_waited_for() -> None:
    drive = Drive(around(booked(compensating("H", call("C", "q")), names="A")))
    drive.complete("A")
    assert drive.open == ["C"]

    drive.tell(events.CallCompleted(drive.key("C")))

    assert drive.open == ["next"]
