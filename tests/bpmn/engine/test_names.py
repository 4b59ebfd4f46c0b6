"""Names and codes that are computed: what is no text is an incident, and never a name such as `None`."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import commands
from tests.bpmn.building import (
    Shape,
    boundary,
    call,
    catch,
    end,
    error,
    escalation,
    message,
    process,
    receive,
    service,
    signal,
    start,
    sub,
    task,
    throw,
    user,
    zeebe,
)
from tests.bpmn.engine.driving import Drive


def only(shape: Shape) -> Shape:
    return process(start(), shape, end(), flows=["start > A > end"])


def failing() -> Shape:
    """A sub-process that ends with a computed error, caught around it."""
    inner = sub("S", start("s"), end("A", error("=n")), flows=["s > A"])
    return process(
        start(),
        inner,
        boundary("S", "b", error("text")),
        user("B"),
        end(),
        flows=["start > S > end", "b > B > end"],
    )


COMPUTED: dict[str, tuple[Shape, str]] = {
    "signal throw": (only(throw("A", signal("=n"))), "the signal name =n"),
    "signal catch": (only(catch("A", signal("=n"))), "the signal name =n"),
    "message throw": (only(throw("A", message("=n"))), "the message name =n"),
    "receive task": (only(receive("A", "=n")), "the message name =n"),
    "error": (failing(), "the error code =n"),
    "escalation": (only(throw("A", escalation("=n"))), "the escalation code =n"),
    "job type": (only(service("A", type_="=n")), "the job type =n"),
    "called process": (only(call("A", "=n")), "the called process =n"),
    "decision": (
        only(task("businessRuleTask", "A", zeebe("calledDecision", decisionId="=n", resultVariable="r"))),
        "the decision =n",
    ),
}


@pytest.mark.parametrize("value", [None, "", 5, True, ["text"]], ids=repr)
@pytest.mark.parametrize("what", COMPUTED)
def test_a_name_that_computes_to_no_text_is_an_incident_and_is_computed_again(what: str, value: Any) -> None:
    model, says = COMPUTED[what]
    drive = Drive(model, {"n": value, "key": "k"})
    assert drive.incidents == [("A", "expression")]
    assert drive.problem == f"{says} gave {value!r}, not a text"
    assert drive.last == drive.asked(commands.RaiseIncident)

    drive.retry("A", n="text")

    assert ("A", "expression") not in drive.incidents
