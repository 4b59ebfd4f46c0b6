"""Errors: who catches them, and what happens where nobody does (BPMN 2.0 §10.5.7; Camunda 8: error events)."""

from __future__ import annotations

import pytest

from bpmn import commands, events, read
from tests.bpmn.building import (
    Shape,
    boundary,
    call,
    end,
    error,
    io,
    message,
    model_xml,
    multi,
    on_event,
    process,
    service,
    start,
    sub,
    user,
)
from tests.bpmn.engine.driving import Drive


def guarded(*codes: str) -> Shape:
    """A job with an error boundary event for each of the codes; the empty one catches all."""
    names = [f"b{code or 'all'}" for code in codes]
    return process(
        start(),
        service("A"),
        *(boundary("A", name, error(code)) for name, code in zip(names, codes, strict=True)),
        *(user(f"handle_{name}") for name in names),
        end(),
        flows=["start > A > end"] + [f"{name} > handle_{name} > end" for name in names],
    )


def test_a_job_error_is_caught_by_the_boundary_event_of_its_code() -> None:
    drive = Drive(guarded("E1", "E2"))

    drive.error("A", "E2", why="broken")

    assert drive.open == ["handle_bE2"]
    assert drive.path("terminated") == ["A"]
    assert drive.variables == {"why": "broken"}


def test_the_job_that_threw_an_error_needs_no_cancelling() -> None:
    drive = Drive(guarded("E1"))

    drive.error("A", "E1")

    assert drive.asked(commands.CancelJob) == []


@pytest.mark.parametrize("codes", [("", "E1"), ("E1", "")])
def test_an_event_with_the_code_goes_before_one_that_catches_all(codes: tuple[str, ...]) -> None:
    drive = Drive(guarded(*codes))

    drive.error("A", "E1")

    assert drive.open == ["handle_bE1"]


def test_an_event_without_a_code_catches_every_error() -> None:
    drive = Drive(guarded("E1", ""))

    drive.error("A", "E9")

    assert drive.open == ["handle_ball"]


def test_an_error_that_nothing_catches_is_an_incident_of_the_job_that_can_be_retried() -> None:
    drive = Drive(guarded("E1"))
    drive.error("A", "E9")
    assert drive.incidents == [("A", "uncaught error")]
    assert "E9" in drive.problem
    assert drive.asked(commands.CancelJob) == []

    drive.retry("A")
    assert drive.asked(commands.RunJob)
    drive.complete("A")

    assert drive.outcome == "completed"


def layered(inner_catches: str, outer_catches: str) -> Shape:
    """A job in a sub-process with an event sub-process, in a sub-process with a boundary event."""
    inner = sub(
        "I",
        start("s"),
        service("A"),
        end("e"),
        *([on_event("E", error(inner_catches), then="inside")] if inner_catches else []),
        flows=["s > A > e"],
    )
    outer = sub("O", start("s2"), inner, end("e2"), flows=["s2 > I > e2"])
    return process(
        start(),
        outer,
        boundary("O", "b", error(outer_catches)),
        user("outside"),
        end(),
        flows=["start > O > end", "b > outside > end"],
    )


def test_the_nearest_catcher_catches_an_error() -> None:
    drive = Drive(layered("E1", "E1"))

    drive.error("A", "E1")

    assert drive.open == ["inside"]


def test_a_nearer_catcher_of_all_goes_before_a_farther_one_with_the_code() -> None:
    assert Drive(layered("E2", "E1")).error("A", "E1")

    drive = Drive(layered("E2", ""))
    drive.error("A", "E1")

    assert drive.open == ["outside"]
    assert drive.path("terminated") == ["A", "I", "O"]


def test_the_boundary_event_of_an_activity_goes_before_the_event_sub_process_of_its_scope() -> None:
    model = process(
        start(),
        service("A"),
        boundary("A", "b", error("E")),
        user("B"),
        end(),
        on_event("S", error("E"), then="C"),
        flows=["start > A > end", "b > B > end"],
    )
    drive = Drive(model)

    drive.error("A", "E")

    assert drive.open == ["B"]


def test_an_error_out_of_an_event_sub_process_is_not_caught_by_itself_but_around_its_scope() -> None:
    handler = sub(
        "E", start("es", error("E1")), service("repair"), end("again", error("E1")), flows=["es > repair > again"]
    )
    handler.attributes["triggeredByEvent"] = "true"
    inner = sub("S", start("s"), service("A"), end("e"), handler, flows=["s > A > e"])
    model = process(
        start(),
        inner,
        boundary("S", "b", error("E1")),
        user("outside"),
        end(),
        flows=["start > S > end", "b > outside > end"],
    )
    drive = Drive(model)
    drive.error("A", "E1")
    assert drive.open == ["repair"]

    drive.complete("repair")

    assert drive.open == ["outside"]
    assert drive.path("terminated") == ["A", "E", "S"]


def test_an_error_out_of_an_event_sub_process_is_not_caught_by_its_siblings() -> None:
    failing = sub("F", start("fs", message("M"), interrupting=False), service("B"), end("fe"), flows=["fs > B > fe"])
    failing.attributes["triggeredByEvent"] = "true"
    model = process(start(), user("A"), end(), failing, on_event("G", error("E1"), then="C"), flows=["start > A > end"])
    drive = Drive(model, {"key": "k"})
    drive.message("M")

    drive.error("B", "E1")

    assert drive.incidents == [("B", "uncaught error")]


def test_an_error_event_maps_the_variables_of_the_error() -> None:
    model = process(
        start(),
        service("A"),
        boundary("A", "b", error(""), io(outputs={"reason": "=why"})),
        user("B"),
        end(),
        flows=["start > A > end", "b > B > end"],
    )
    drive = Drive(model)

    drive.error("A", "E", why="x", noise=1)

    assert drive.variables == {"reason": "x"}


def test_an_error_in_one_of_many_instances_ends_them_all() -> None:
    model = process(
        start(),
        service("A", multi("=[1, 2, 3]", into="out", gives="=r")),
        boundary("A", "b", error("E")),
        user("B"),
        end(),
        flows=["start > A > end", "b > B > end"],
    )
    drive = Drive(model)
    drive.complete("A", r=1)

    drive.error("A", "E")

    assert drive.open == ["B"]
    assert drive.path("terminated") == ["A", "A", "A"]
    assert len(drive.asked(commands.CancelJob)) == 1
    assert drive.variables == {}


def test_the_code_of_a_thrown_error_may_be_an_expression() -> None:
    inner = sub("S", start("s"), end("bad", error('="E" + string(n)')), flows=["s > bad"])
    model = process(
        start(),
        inner,
        boundary("S", "b", error("E7")),
        user("B"),
        end(),
        flows=["start > S > end", "b > B > end"],
    )

    assert Drive(model, {"n": 7}).open == ["B"]


def test_a_called_process_that_fails_is_caught_at_the_call_activity() -> None:
    model = process(
        start(),
        call("C", "q"),
        boundary("C", "b", error("E")),
        user("B"),
        end(),
        flows=["start > C > end", "b > B > end"],
    )
    drive = Drive(model)
    assert drive.asked(commands.StartCall)[0].caught_errors == ("E",)

    drive.tell(events.CallThrewError(drive.key("C"), "E", "", {"x": 1}))

    assert drive.open == ["B"]
    assert drive.variables == {"x": 1}
    assert drive.asked(commands.CancelCall) == []


def test_a_call_is_told_every_code_that_would_be_caught_further_up() -> None:
    inner = sub("S", start("s"), call("C", "q"), end("e"), on_event("E", error("E2"), then="x"), flows=["s > C > e"])
    model = process(
        start(),
        inner,
        boundary("S", "b", error("")),
        user("B"),
        end(),
        flows=["start > S > end", "b > B > end"],
    )
    drive = Drive(model, caught_errors=("E3",))

    assert drive.asked(commands.StartCall)[0].caught_errors == ("E2", "*", "E3")


def test_an_error_with_a_variable_that_is_too_large_is_an_incident() -> None:
    drive = Drive(guarded("E1"), variable_bytes=100)

    drive.error("A", "E1", text="x" * 200)

    assert drive.incidents == [("A", "variable")]
    assert drive.open == []


# -- without a code, again, and who goes first -----------------------------------------------------------------------


def failing(code: str, *catches: str) -> Shape:
    """A sub-process that ends with an error, and a boundary event for each of the codes; the empty one catches all."""
    names = [f"b{code or 'all'}" for code in catches]
    return process(
        start(),
        sub("S", start("s"), end("bad", error(code), io(inputs={"why": "=1"})), flows=["s > bad"]),
        *(boundary("S", name, error(code)) for name, code in zip(names, catches, strict=True)),
        *(user(f"handle_{name}") for name in names),
        end(),
        flows=["start > S > end"] + [f"{name} > handle_{name} > end" for name in names],
    )


def test_an_error_without_a_code_is_caught_by_an_event_without_a_code_only() -> None:
    drive = Drive(failing("", "E1", ""))

    assert drive.open == ["handle_ball"]
    assert drive.variables == {"why": 1}


def test_an_error_without_a_code_that_nothing_catches_is_an_incident() -> None:
    drive = Drive(failing("", "E1"))

    assert drive.incidents == [("bad", "uncaught error")]
    assert drive.problem == "nothing catches the error without a code"


def test_an_error_without_a_code_reaches_a_caller_that_catches_every_error() -> None:
    model = process(start(), end("bad", error("")), flows=["start > bad"])

    drive = Drive(model, called=True, caught_errors=("*",))
    assert drive.last[-1] == commands.Finished("failed", {}, "", "")
    assert Drive(model, called=True, caught_errors=("E1",)).incidents == [("bad", "uncaught error")]


def test_an_error_that_names_one_without_a_code_is_the_same_as_none() -> None:
    text = model_xml(failing("E1", "E2")).replace('errorCode="E1"', "").replace('errorCode="E2"', "")

    assert Drive(read(text)).open == ["handle_bE2"]


def test_an_error_is_thrown_again_from_the_path_of_the_boundary_event_that_caught_it() -> None:
    inner = sub(
        "I",
        start("s"),
        service("A"),
        boundary("A", "b", error("E")),
        user("look"),
        end("again", error("E"), io(inputs={"second": "=first + 1"})),
        end("e"),
        flows=["s > A > e", "b > look > again"],
    )
    model = process(
        start(),
        inner,
        boundary("I", "outer", error("E")),
        user("outside"),
        end(),
        flows=["start > I > end", "outer > outside > end"],
    )
    drive = Drive(model)
    drive.error("A", "E", first=1)
    assert drive.open == ["look"]

    drive.complete("look")

    assert drive.open == ["outside"]
    assert drive.variables == {"first": 1, "second": 2}


def test_an_error_thrown_behind_a_boundary_event_is_not_caught_at_the_same_activity_again() -> None:
    model = process(
        start(),
        service("A"),
        boundary("A", "b", error("")),
        end("again", error("E")),
        end(),
        flows=["start > A > end", "b > again"],
    )
    drive = Drive(model)

    drive.error("A", "E")

    assert drive.incidents == [("again", "uncaught error")]


def test_a_nearer_scope_that_catches_all_goes_before_the_code_of_a_farther_one() -> None:
    inner = sub("I", start("s"), service("A"), end("e"), flows=["s > A > e"])
    outer = sub("O", start("s2"), inner, boundary("I", "near", error("")), user("B"), end("e2"))
    outer.flows = ("s2 > I > e2", "near > B > e2")
    model = process(
        start(), outer, boundary("O", "far", error("E")), user("C"), end(), flows=["start > O > end", "far > C > end"]
    )
    drive = Drive(model)

    drive.error("A", "E")

    assert drive.open == ["B"]
