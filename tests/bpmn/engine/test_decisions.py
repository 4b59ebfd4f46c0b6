"""Business rule tasks with DMN decisions (Camunda 8: zeebe:calledDecision)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bpmn import Definition
from bpmn.faults import ModelRefused
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


def tagged(tag: str, value: int) -> str:
    """The decision `level` of a version tag, which always gives the same."""
    extension = f'<extensionElements><zeebe:versionTag value="{tag}"/></extensionElements>' if tag else ""
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n" '
        f'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><decision id="level" name="level">{extension}'
        f"<literalExpression><text>{value}</text></literalExpression></decision></definitions>"
    )


def bound(binding: str = "versionTag", tag: str = "v2", decision: str = "level", **files: str) -> Definition:
    called = zeebe("calledDecision", decisionId=decision, resultVariable="r", bindingType=binding, versionTag=tag)
    model = process(
        start(), task("businessRuleTask", "D", called), user("next"), end(), flows=["start > D > next > end"]
    )
    return build_with({f"{name}.dmn": text for name, text in files.items()}, model)


@pytest.mark.parametrize(("binding", "result"), [("versionTag", 2), ("latest", 1), ("deployment", 1)])
@pytest.mark.parametrize("decision", ["level", '="lev" + "el"'])
def test_of_decisions_with_the_same_id_the_one_with_the_version_tag_is_asked(
    decision: str, binding: str, result: int
) -> None:
    definition = bound(binding, "v2", decision, a=tagged("v1", 1), b=tagged("v2", 2))

    assert Drive(definition).variables["r"] == result
    assert Drive(Definition.load(definition.dump())).variables["r"] == result


@pytest.mark.parametrize("tag", ["v1", ""])
def test_a_decision_of_another_version_tag_is_an_incident(tag: str) -> None:
    drive = Drive(bound(decision="=name", a=tagged(tag, 1)), {"name": "level"})

    assert drive.incidents == [("D", "decision")]
    assert drive.problem == "no decision level with the version tag v2 travels with this process"


def test_a_definition_compiled_before_version_tags_were_looked_at_goes_on_with_the_decision_it_has() -> None:
    data = bound(a=tagged("v1", 1)).dump()
    (rule,) = [one for one in data["processes"][0]["elements"] if one["id"] == "D"]
    del rule["evaluation"]["exact"]

    assert Drive(Definition.load(data)).variables["r"] == 1


@pytest.mark.parametrize("tag", ["", "v1"])
def test_a_decision_that_stands_in_two_files_is_refused(tag: str) -> None:
    with pytest.raises(ModelRefused) as refused:
        bound(a=tagged(tag, 1), b=tagged(tag, 2))

    (fault,) = refused.value.faults
    assert (fault.file, fault.element) == ("b.dmn", "level")
    assert fault.problem.startswith("decision level stands in a.dmn too")


def test_a_decision_that_takes_too_many_steps_is_an_incident() -> None:
    drive = Drive(deciding(), {"total": 150}, budget=1)

    assert drive.incidents == [("D", "decision")]
    assert "more than 1 steps" in drive.problem
