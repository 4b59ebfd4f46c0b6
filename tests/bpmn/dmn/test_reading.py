"""What is refused when a DMN file is read, and how it is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bpmn.dmn import read_decisions
from bpmn.faults import Fault, ModelRefused

Build = Callable[..., str]


def faults(xml: str) -> tuple[Fault, ...]:
    with pytest.raises(ModelRefused) as refused:
        read_decisions(xml, "rating.dmn")
    return refused.value.faults


def literal(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


def test_all_faults_are_told_at_once_in_the_order_of_the_file(
    definitions: Build, decision: Build, table: Build
) -> None:
    rows = [(["> "], ['"a"']), (["1"], ["2 +"])]
    xml = definitions(decision(table(rows)) + "\n" + decision(literal("a b"), "second"))

    found = faults(xml)

    assert [fault.element for fault in found] == ["rating", "rating", "second"]
    assert found[0].file == "rating.dmn"
    assert [fault.line for fault in found] == sorted(fault.line for fault in found)
    assert all("is not FEEL" in fault.problem for fault in found)


def test_a_fault_names_the_line_of_the_expression(definitions: Build, decision: Build) -> None:
    xml = definitions(decision("<literalExpression>\n<text>\n1 +\n2 +</text></literalExpression>"))

    fault = faults(xml)[0]

    assert xml.split("\n")[fault.line - 1].startswith("2 +")
    assert (fault.element, fault.name) == ("rating", "rating")


ONE = literal("1")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('<decision id="a" name="a"><decisionTable id="t" hitPolicy="LAST"/></decision>', "no hit policy LAST"),
        (
            '<decision id="a" name="a"><decisionTable id="t" hitPolicy="COLLECT" aggregation="AVG"/></decision>',
            "no hit policy COLLECT with aggregation AVG",
        ),
        ('<decision id="a" name="a"><decisionTable id="t"/></decision>', "the table has no output"),
        ('<decision id="a" name="a"><magic/></decision>', "«magic» is not supported in «decision»"),
        ("<sequence/>", "«sequence» is not supported in «definitions»"),
        (
            '<decision id="a" name="a"><literalExpression expressionLanguage="groovy"><text>1</text>'
            "</literalExpression></decision>",
            "the expression language groovy is not supported",
        ),
        ('<decision id="a" name="a"><variable name="a" typeRef="tNone"/></decision>', "there is no type tNone"),
        (
            '<decision id="a" name="a"><informationRequirement><requiredDecision href="#b"/></informationRequirement>'
            "</decision>",
            "#b points to nothing",
        ),
        (
            '<decision id="a" name="a"><informationRequirement><requiredDecision href="#a"/></informationRequirement>'
            "</decision>",
            "the decision requires itself",
        ),
        ('<decision id="a" name="a"/><decision id="a" name="b"/>', "no id of its own"),
        (
            '<import name="x" namespace="http://x" importType="http://www.w3.org/2001/XMLSchema"/>',
            "imports of the type http://www.w3.org/2001/XMLSchema are not supported",
        ),
        (
            '<businessKnowledgeModel id="a" name="a"><encapsulatedLogic kind="Java"/></businessKnowledgeModel>',
            "functions of the kind Java are not supported",
        ),
        (
            '<itemDefinition name="tA"><typeRef>tA</typeRef></itemDefinition>',
            "the type is made of itself",
        ),
        ('<decision id="a" name="a"><literalExpression><text></text></literalExpression></decision>', "is empty"),
        (
            '<decision id="a" name="a"><literalExpression><text>random number()</text></literalExpression></decision>',
            "gives another value at each call",
        ),
        (
            '<decision id="a" name="a"><conditional><if><literalExpression><text>1</text></literalExpression></if>'
            "</conditional></decision>",
            "«conditional» has no «then»",
        ),
        (f'<decision id="a" name="a">{ONE}{ONE}</decision>', "the decision has 2 expressions"),
        (
            '<decision id="a" name="a"><context><contextEntry><variable name="x"/></contextEntry></context></decision>',
            "a context entry has no expression",
        ),
        (
            f'<decision id="a" name="a"><context><contextEntry><variable name="x"/>{ONE}</contextEntry>'
            f'<contextEntry><variable name="x"/>{ONE}</contextEntry></context></decision>',
            "no two the same",
        ),
        (
            f'<decision id="a" name="a"><relation><column name="x"/><column name="y"/><row>{ONE}</row></relation>'
            "</decision>",
            "a row of the relation has not a cell for every column",
        ),
        (
            '<decision id="a" name="a"><decisionTable id="t"><input id="i"/><output id="o"/>'
            "</decisionTable></decision>",
            "the input has no expression",
        ),
        (
            '<decision id="a" name="a"><decisionTable id="t"><output id="o"/><output id="p"/>'
            "</decisionTable></decision>",
            "several outputs need names, each its own",
        ),
        (
            '<decision id="a" name="a"><decisionTable id="t" hitPolicy="COLLECT" aggregation="SUM">'
            '<output id="o" name="x"/><output id="p" name="y"/></decisionTable></decision>',
            "SUM has no meaning for several outputs",
        ),
        ('<businessKnowledgeModel id="a" name="a"/>', "the business knowledge model has no logic"),
        ('<decisionService id="a" name="a"/>', "the decision service has no output decision"),
        (
            '<decision id="a" name="a"><informationRequirement><requiredDecision href="http://x#b"/>'
            "</informationRequirement></decision>",
            "http://x#b points to a model that is not imported",
        ),
        (
            '<import name="x" namespace="http://x" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
            "the imported model http://x is not there",
        ),
    ],
)
def test_what_is_not_supported_is_refused(definitions: Build, body: str, problem: str) -> None:
    assert any(problem in fault.problem for fault in faults(definitions(body)))


def test_another_expression_language_of_the_whole_file_is_refused(definitions: Build) -> None:
    xml = definitions("").replace("<definitions", '<definitions expressionLanguage="groovy"', 1)

    assert faults(xml)[0].problem == "the expression language groovy is not supported"


def test_a_rule_with_the_wrong_number_of_cells_is_refused(definitions: Build, decision: Build, table: Build) -> None:
    assert (
        "rule 1 has 2 conditions and 1 conclusions"
        in faults(definitions(decision(table([(["1", "2"], ["3"])]))))[0].problem
    )


def test_priority_without_an_order_of_the_outputs_is_refused(definitions: Build, decision: Build, table: Build) -> None:
    xml = definitions(decision(table([(["1"], ["3"])], 'hitPolicy="PRIORITY"')))

    assert faults(xml)[0].remedy == "list the output values, highest first"


@pytest.mark.parametrize(
    "xml",
    [
        "<definitions xmlns='http://www.omg.org/spec/DMN/20151101/dmn.xsd'/>",
        "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'/>",
        "<html/>",
    ],
)
def test_another_kind_of_file_is_refused(xml: str) -> None:
    assert "the file is no DMN 1.2 to 1.5" in faults(xml)[0].problem


@pytest.mark.parametrize("depth", [100, 5_000])
@pytest.mark.parametrize(
    ("open_", "close"),
    [
        ("<context><contextEntry>", "</contextEntry></context>"),
        ("<list>", "</list>"),
        ('<conditional><if id="i">', "</if></conditional>"),
    ],
)
def test_a_file_that_is_nested_too_deeply_is_refused(definitions: Build, open_: str, close: str, depth: int) -> None:
    xml = definitions(f'<decision id="a" name="a">{open_ * depth}{close * depth}</decision>')

    assert [fault.problem for fault in faults(xml)] == ["the file is nested more than 100 levels deep"]


def test_a_file_with_a_dtd_is_refused() -> None:
    assert "DTD" in faults('<!DOCTYPE x [<!ENTITY a "b">]><definitions/>')[0].problem


def test_what_says_nothing_about_the_decision_is_passed_over(definitions: Build, decision: Build) -> None:
    xml = definitions(
        '<description>x</description><extensionElements><any/></extensionElements><knowledgeSource id="k" name="法规"/>'
        '<textAnnotation id="n"><text>注</text></textAnnotation>'
        + decision(literal("1"), before="<question>?</question><allowedAnswers>!</allowedAnswers>")
    )

    assert list(read_decisions(xml, "rating.dmn").decisions) == ["rating"]
