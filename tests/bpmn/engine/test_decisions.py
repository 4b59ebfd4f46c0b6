"""Business rule tasks with DMN decisions (Camunda 8: zeebe:calledDecision)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bpmn import Definition
from tests.bpmn.building import Part, build_with, end, io, process, start, task, user, zeebe
from tests.bpmn.engine.driving import Drive

DISCOUNT = Path(__file__).parents[1].joinpath("models", "discount.dmn").read_text("utf-8")


def deciding(*parts: Part, decision: str = "discount") -> Definition:
    rule = task("businessRuleTask", "D", zeebe("calledDecision", decisionId=decision, resultVariable="r"), *parts)
    return build_with(
        {"discount.dmn": DISCOUNT}, process(start(), rule, user("next"), end(), flows=["start > D > next > end"])
    )


@pytest.mark.parametrize(("total", "discount"), [(150, 0.1), (100, 0.1), (99.5, 0)])
def test_a_decision_gives_its_result_to_the_result_variable(total: float, discount: float) -> None:
    assert Drive(deciding(), {"total": total}).variables == {"total": total, "r": discount}


def test_a_decision_sees_what_its_task_sees() -> None:
    drive = Drive(deciding(io({"total": "=order.total"}, {"discount": "=r * 100"})), {"order": {"total": 200}})

    assert drive.variables["discount"] == 10


def test_the_journal_tells_which_rules_decided() -> None:
    drive = Drive(deciding(), {"total": 150})

    (decided,) = drive.data("decided")
    assert decided == {"decision": "discount", "value": 0.1, "rules": ["Rule_large"]}


def test_the_decision_may_be_computed() -> None:
    assert Drive(deciding(decision='="dis" + "count"'), {"total": 150}).variables["r"] == 0.1


@pytest.mark.parametrize("name", ["nothing", "=name"])
def test_a_decision_that_is_not_there_is_an_incident_that_can_be_retried(name: str) -> None:
    variables: dict[str, Any] = {"total": 150, "name": "nothing"}
    drive = Drive(deciding(decision=name), variables)
    assert drive.incidents == [("D", "decision")]

    if name == "=name":
        drive.retry("D", name="discount")
        assert drive.variables["r"] == 0.1


def test_a_decision_that_takes_too_many_steps_is_an_incident() -> None:
    drive = Drive(deciding(), {"total": 150}, budget=1)

    assert drive.incidents == [("D", "decision")]
    assert "more than 1 steps" in drive.problem
