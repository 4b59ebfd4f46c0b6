"""Escalations: caught once, by the nearest, never a fault (BPMN 2.0 §10.5.7; Camunda 8: escalation events)."""

from __future__ import annotations

import pytest

from bpmn import commands, events
from tests.bpmn.building import (
    Shape,
    boundary,
    call,
    end,
    escalation,
    io,
    on_event,
    process,
    start,
    sub,
    throw,
    user,
)
from tests.bpmn.engine.driving import Drive


def escalating(*around: Shape, interrupting: bool, code: str = "X", more: tuple[str, ...] = ()) -> Shape:
    inner = sub("S", start("s"), throw("T", escalation("X")), user("A"), end("e"), flows=["s > T > A > e"])
    return process(
        start(),
        inner,
        boundary("S", "b", escalation(code), interrupting=interrupting),
        user("B"),
        end(),
        *around,
        flows=["start > S > end", "b > B > end", *more],
    )


@pytest.mark.parametrize("code", ["X", ""])
def test_a_non_interrupting_event_lets_the_thrower_go_on(code: str) -> None:
    drive = Drive(escalating(interrupting=False, code=code))

    assert drive.open == ["B", "A"] or drive.open == ["A", "B"]
    assert drive.path("terminated") == []


@pytest.mark.parametrize("code", ["X", ""])
def test_an_interrupting_event_ends_the_thrower_and_its_flow_is_not_taken(code: str) -> None:
    drive = Drive(escalating(interrupting=True, code=code))

    assert drive.open == ["B"]
    assert "A" not in drive.path("activated")


def test_another_code_does_not_catch() -> None:
    drive = Drive(escalating(interrupting=True, code="Y"))

    assert drive.open == ["A"]
    assert drive.data("escalated") == [{"code": "X", "toCaller": False}]


def test_an_escalation_is_caught_once_by_the_nearest() -> None:
    inner = sub(
        "S",
        start("s"),
        throw("T", escalation("X")),
        user("A"),
        end("e"),
        on_event("E", escalation("X"), interrupting=False, then="near"),
        flows=["s > T > A > e"],
    )
    model = process(
        start(),
        inner,
        boundary("S", "b", escalation("X")),
        user("far"),
        end(),
        flows=["start > S > end", "b > far > end"],
    )
    drive = Drive(model)

    assert sorted(drive.open) == ["A", "near"]


def test_an_event_with_the_code_goes_before_one_that_catches_all() -> None:
    more = boundary("S", "all", escalation(""))
    drive = Drive(escalating(more, user("C"), interrupting=False, more=("all > C > end",)))

    assert "B" in drive.open
    assert "C" not in drive.open


def test_an_escalation_out_of_an_event_sub_process_goes_to_the_scope_around() -> None:
    handler = sub("E", start("es", escalation("X")), throw("T2", escalation("X")), end("ee"), flows=["es > T2 > ee"])
    handler.attributes["triggeredByEvent"] = "true"
    inner = sub("S", start("s"), throw("T", escalation("X")), user("A"), end("e"), handler, flows=["s > T > A > e"])
    model = process(
        start(),
        inner,
        boundary("S", "b", escalation("X")),
        user("B"),
        end(),
        flows=["start > S > end", "b > B > end"],
    )

    assert Drive(model).open == ["B"]


def test_an_escalation_brings_the_local_variables_of_its_thrower() -> None:
    inner = sub("S", start("s"), throw("T", escalation("X"), io({"level": "=n + 1"})), end("e"), flows=["s > T > e"])
    model = process(
        start(),
        inner,
        boundary("S", "b", escalation("X"), interrupting=False),
        user("B"),
        end(),
        flows=["start > S > end", "b > B > end"],
    )

    assert Drive(model, {"n": 1}).variables == {"n": 1, "level": 2}


def test_an_escalation_end_event_escalates_and_ends_its_token() -> None:
    inner = sub("S", start("s"), end("up", escalation("X")), flows=["s > up"])
    model = process(
        start(),
        inner,
        boundary("S", "b", escalation("X"), interrupting=False),
        user("B"),
        user("C"),
        end(),
        flows=["start > S > C > end", "b > B > end"],
    )

    assert sorted(Drive(model).open) == ["B", "C"]


def nameless(*catches: str) -> Shape:
    """An escalation without a code, and a boundary event for each of the codes; the empty one catches all."""
    inner = sub("S", start("s"), throw("T", escalation("")), user("A"), end("e"), flows=["s > T > A > e"])
    names = [f"b{code or 'all'}" for code in catches]
    return process(
        start(),
        inner,
        *(boundary("S", name, escalation(code)) for name, code in zip(names, catches, strict=True)),
        *(user(f"handle_{name}") for name in names),
        end(),
        flows=["start > S > end"] + [f"{name} > handle_{name} > end" for name in names],
    )


def test_an_escalation_without_a_code_is_caught_by_an_event_without_a_code_only() -> None:
    assert Drive(nameless("X", "")).open == ["handle_ball"]


def test_an_escalation_without_a_code_that_nothing_catches_is_no_fault() -> None:
    drive = Drive(nameless("X"))

    assert drive.open == ["A"]
    assert drive.data("escalated") == [{"code": "", "toCaller": False}]


def test_an_escalation_without_a_code_waits_for_a_caller_that_every_escalation_interrupts() -> None:
    model = process(start(), throw("T", escalation("")), user("A"), end(), flows=["start > T > A > end"])
    drive = Drive(model, called=True, interrupting_escalations=("*",))
    (raised,) = drive.asked(commands.RaiseEscalation)

    assert (raised.code, raised.waits) == ("", True)
    drive.tell(events.EscalationAnswered(raised.key))
    assert drive.open == ["A"]


def test_an_escalation_is_thrown_again_from_the_path_of_the_boundary_event_that_caught_it() -> None:
    inner = sub("I", start("s"), throw("T", escalation("X")), user("A"), end("e"), flows=["s > T > A > e"])
    outer = sub(
        "O",
        start("s2"),
        inner,
        boundary("I", "near", escalation("X")),
        throw("again", escalation("X")),
        end("e2"),
        flows=["s2 > I > e2", "near > again > e2"],
    )
    model = process(
        start(),
        outer,
        boundary("O", "far", escalation("X"), interrupting=False),
        user("B"),
        end(),
        flows=["start > O > end", "far > B > end"],
    )
    drive = Drive(model)

    assert drive.path("terminated") == ["I"]
    assert drive.open == ["B"]


def test_a_nearer_scope_that_catches_all_goes_before_the_code_of_a_farther_one() -> None:
    inner = sub("I", start("s"), end("T", escalation("X")), flows=["s > T"])
    outer = sub("O", start("s2"), inner, boundary("I", "near", escalation("")), user("B"), end("e2"))
    outer.flows = ("s2 > I > e2", "near > B > e2")
    model = process(
        start(),
        outer,
        boundary("O", "far", escalation("X")),
        user("C"),
        end(),
        flows=["start > O > end", "far > C > end"],
    )

    assert Drive(model).open == ["B"]


# -- to the caller and back ------------------------------------------------------------------------------------------


def child() -> Shape:
    return process(start(), throw("T", escalation("X")), user("A"), end(), flows=["start > T > A > end"])


def test_an_escalation_that_nothing_catches_goes_to_the_caller_and_the_thrower_goes_on() -> None:
    drive = Drive(child(), called=True)

    (raised,) = drive.asked(commands.RaiseEscalation)
    assert (raised.code, raised.waits) == ("X", False)
    assert drive.open == ["A"]


@pytest.mark.parametrize("codes", [("X",), ("*",), ("Y", "X")])
def test_the_thrower_waits_for_the_answer_where_the_caller_would_interrupt_it(codes: tuple[str, ...]) -> None:
    drive = Drive(child(), called=True, interrupting_escalations=codes)
    (raised,) = drive.asked(commands.RaiseEscalation)
    assert raised.waits
    assert drive.open == []

    drive.tell(events.EscalationAnswered(raised.key))

    assert drive.open == ["A"]


def caller(*, interrupting: bool) -> Shape:
    return process(
        start(),
        call("C", "q", on_cancel="Stop"),
        boundary("C", "b", escalation("X"), interrupting=interrupting),
        user("B"),
        end(),
        flows=["start > C > end", "b > B > end"],
    )


def test_the_caller_tells_which_escalations_would_interrupt() -> None:
    assert Drive(caller(interrupting=True)).asked(commands.StartCall)[0].interrupting_escalations == ("X",)
    assert Drive(caller(interrupting=False)).asked(commands.StartCall)[0].interrupting_escalations == ()


def test_an_escalation_of_the_called_process_interrupts_the_call() -> None:
    drive = Drive(caller(interrupting=True))
    key = drive.key("C")

    drive.tell(events.CallEscalated(key, "X", {"x": 1}, waits=True))

    assert drive.open == ["B"]
    assert drive.asked(commands.CancelCall) == [commands.CancelCall(key, "Stop")]
    assert drive.asked(commands.AnswerCall) == []
    assert drive.variables == {"x": 1}


@pytest.mark.parametrize("waits", [True, False])
def test_an_escalation_that_does_not_interrupt_is_answered_where_the_called_process_waits(waits: bool) -> None:
    drive = Drive(caller(interrupting=False))
    key = drive.key("C")

    drive.tell(events.CallEscalated(key, "X", {}, waits))

    assert drive.open == ["C", "B"]
    assert drive.asked(commands.AnswerCall) == ([commands.AnswerCall(key)] if waits else [])


def test_an_escalation_passes_through_a_caller_that_does_not_catch_it() -> None:
    model = process(start(), call("C", "q"), end(), flows=["start > C > end"])
    drive = Drive(model, called=True, interrupting_escalations=("X",))
    key = drive.key("C")
    assert drive.asked(commands.StartCall)[0].interrupting_escalations == ("X",)

    drive.tell(events.CallEscalated(key, "X", {}, waits=True))
    assert drive.asked(commands.RaiseEscalation) == [commands.RaiseEscalation(key, "C", "X", {}, True)]
    assert drive.asked(commands.AnswerCall) == []

    drive.tell(events.EscalationAnswered(key))
    assert drive.asked(commands.AnswerCall) == [commands.AnswerCall(key)]
