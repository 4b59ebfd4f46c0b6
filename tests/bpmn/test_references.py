"""What a definition names and does not hold."""

from __future__ import annotations

import json

import pytest

from bpmn import Definition, read
from bpmn.references import missing_references
from tests.bpmn.building import build, build_with, call, end, model_xml, process, start, task, user, zeebe

OTHER = process(start("s"), end("e"), flows=["s > e"], id_="q")


def missing(definition: Definition) -> list[tuple[str, str]]:
    """Element and problem of each."""
    return [(fault.element, fault.problem) for fault in missing_references(definition)]


def test_a_process_a_decision_and_a_form_of_other_files_are_missing() -> None:
    shapes = (
        call("A", "other"),
        user("B", zeebe("formDefinition", formId="papers")),
        task("businessRuleTask", "C", zeebe("calledDecision", decisionId="limits", resultVariable="r")),
    )

    found = missing_references(build(process(start(), *shapes, end(), flows=["start > A > B > C > end"])))

    assert [(fault.element, fault.problem) for fault in found] == [
        ("A", "the process other is in none of the files"),
        ("B", "the form papers is in none of the files"),
        ("C", "the decision limits is in none of the files"),
    ]
    assert all(fault.file and fault.line and fault.remedy for fault in found)


def test_what_is_in_the_files_or_known_only_to_a_case_or_to_others_is_not_missing() -> None:
    shapes = (
        call("A", "q"),
        call("B", "=which"),
        user("C", zeebe("formDefinition", formId="=form")),
        user("D", zeebe("formDefinition", formKey="theirs")),
        user("E", zeebe("formDefinition", externalReference="theirs")),
    )
    model = process(start(), *shapes, end(), flows=["start > A > B > C > D > E > end"])

    assert missing(build(model, OTHER)) == []


def test_an_expression_that_chooses_among_processes_lacks_those_that_are_not_there() -> None:
    model = process(start(), call("A", '=if x then "q" else "r"'), end(), flows=["start > A > end"])

    assert missing(build(model, OTHER)) == [("A", "the process r is in none of the files")]


def test_a_process_of_another_version_tag_is_missing() -> None:
    model = process(
        start(), call("A", "q", bindingType="versionTag", versionTag="v2"), end(), flows=["start > A > end"]
    )

    assert missing(build(model, OTHER)) == [("A", "the process q with the version tag v2 is in none of the files")]


@pytest.mark.parametrize("tag", ["v1", "v2"])
def test_a_form_of_another_version_tag_is_missing(tag: str) -> None:
    form = json.dumps({"id": "papers", "type": "default", "versionTag": "v1", "components": []})
    shape = user("A", zeebe("formDefinition", formId="papers", bindingType="versionTag", versionTag=tag))
    model = process(start(), shape, end(), flows=["start > A > end"])

    problem = "the form papers with the version tag v2 is in none of the files"
    assert missing(build_with({"papers.form": form}, model)) == ([("A", problem)] if tag == "v2" else [])


@pytest.mark.parametrize("tag", ["v1", "v2"])
def test_a_decision_of_another_version_tag_is_missing(tag: str) -> None:
    decision = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n" '
        'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><decision id="level" name="level"><extensionElements>'
        '<zeebe:versionTag value="v1"/></extensionElements><literalExpression><text>1</text></literalExpression>'
        "</decision></definitions>"
    )
    called = zeebe("calledDecision", decisionId="level", resultVariable="r", bindingType="versionTag", versionTag=tag)
    model = process(start(), task("businessRuleTask", "A", called), end(), flows=["start > A > end"])

    problem = "the decision level with the version tag v2 is in none of the files"
    assert missing(build_with({"level.dmn": decision}, model)) == ([("A", problem)] if tag == "v2" else [])


def test_a_version_tag_without_a_binding_to_it_is_not_asked_for() -> None:
    model = process(start(), call("A", "q", bindingType="latest", versionTag="v2"), end(), flows=["start > A > end"])

    assert missing(build(model, OTHER)) == []


def test_an_expression_with_a_name_that_is_not_known_is_not_looked_into() -> None:
    model = model_xml(
        process(start(), call("A", '=if working days(1) > 2 then "q" else "r"'), end(), flows=["start > A > end"])
    )
    definition = read(model, names=["working days"])

    assert missing(definition) == []
    assert [fault.element for fault in missing_references(definition, ["working days"])] == ["A", "A"]
