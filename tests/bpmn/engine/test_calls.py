"""Call activities: what goes in, what comes back, and how a call ends (BPMN 2.0 §13.3.4; Camunda 8: call activities).

Whole cases of several processes are in `test_simulation.py`.
"""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import commands, events
from tests.bpmn.building import Shape, boundary, call, end, io, message, on_event, process, start, timer, user
from tests.bpmn.engine.driving import Drive


def calling(shape: Shape, *more: Shape, flows: tuple[str, ...] = ()) -> Shape:
    return process(start(), shape, user("next"), end(), *more, flows=["start > C > next > end", *flows])


@pytest.mark.parametrize(
    ("shape", "comes_back"),
    [
        (call("C", "q"), {"x": 1, "a": 1, "b": 2}),
        (call("C", "q", propagateAllChildVariables="true"), {"x": 1, "a": 1, "b": 2}),
        (call("C", "q", propagateAllChildVariables="false"), {"x": 1}),
        (call("C", "q", io(outputs={"sum": "=a + b"})), {"x": 1, "sum": 3}),
        (call("C", "q", io(outputs={"sum": "=a + b"}), propagateAllChildVariables="false"), {"x": 1, "sum": 3}),
    ],
    ids=["default", "all", "nothing", "mapped", "mapped only"],
)
def test_what_a_called_process_gives_comes_back_as_the_diagram_says(shape: Shape, comes_back: dict[str, Any]) -> None:
    drive = Drive(calling(shape), {"x": 1})

    drive.tell(events.CallCompleted(drive.key("C"), {"a": 1, "b": 2}))

    assert drive.variables == comes_back


def test_the_called_process_may_be_computed() -> None:
    drive = Drive(calling(call("C", '="works_" + kind')), {"kind": "10kv"})

    assert drive.asked(commands.StartCall)[0].process == "works_10kv"


@pytest.mark.parametrize("kind", [None, 5, ""])
def test_a_called_process_that_computes_to_no_name_is_an_incident(kind: Any) -> None:
    drive = Drive(calling(call("C", "=kind")), {"kind": kind})
    assert drive.incidents == [("C", "expression")]

    drive.retry("C", kind="q")

    assert drive.open == ["C"]


def test_a_call_that_was_lost_is_an_incident_and_starts_again_when_it_is_resolved() -> None:
    drive = Drive(calling(call("C", "q")))
    key = drive.key("C")

    drive.tell(events.CallLost(key, "closed without a report"))
    assert drive.incidents == [("C", "call")]
    assert drive.problem == "closed without a report"

    drive.retry("C")
    assert [one.key for one in drive.asked(commands.StartCall)] == [key]


@pytest.mark.parametrize("message_", ["", "Stop"])
def test_a_call_that_is_interrupted_is_cancelled_by_its_message(message_: str) -> None:
    model = calling(call("C", "q", on_cancel=message_), boundary("C", "b", timer("PT1H")), flows=("b > end",))
    drive = Drive(model)
    key = drive.key("C")

    drive.wait(hours=1)

    assert drive.outcome == "completed"
    assert commands.CancelCall(key, message_) in [c for c in drive.last if isinstance(c, commands.CancelCall)]


def test_a_withdrawn_case_cancels_its_calls() -> None:
    model = calling(call("C", "q", on_cancel="Stop"), on_event("W", message("Withdraw"), then="B"))
    drive = Drive(model, {"key": "k"})
    key = drive.key("C")

    drive.message("Withdraw")

    assert drive.asked(commands.CancelCall) == [commands.CancelCall(key, "Stop")]
    assert drive.open == ["B"]
    assert drive.tell(events.CallCompleted(key, {"late": 1})) == []


def test_a_call_in_an_incident_is_not_cancelled() -> None:
    model = calling(call("C", "q"), on_event("W", message("Withdraw")))
    drive = Drive(model, {"key": "k"})
    drive.tell(events.CallLost(drive.key("C"), "lost"))

    drive.message("Withdraw")

    assert drive.asked(commands.CancelCall) == []
    assert drive.outcome == "completed"


def test_a_called_process_that_gives_too_much_is_an_incident() -> None:
    drive = Drive(calling(call("C", "q")), variable_bytes=100)

    drive.tell(events.CallCompleted(drive.key("C"), {"x": "x" * 200}))

    assert drive.incidents == [("C", "variable")]
