"""Decisions that need others, their inputs' types, boxed expressions, functions and services."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bpmn import codec
from bpmn.dmn import DecisionModel, read_decisions
from bpmn.feel import BudgetExceeded, Environment, to_json

Build = Callable[..., str]


def literal(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


def needs(*ids: str, kind: str = "requiredDecision") -> str:
    requirement = "knowledgeRequirement" if kind == "requiredKnowledge" else "informationRequirement"
    return "".join(f'<{requirement} id="n_{name}"><{kind} href="#{name}"/></{requirement}>' for name in ids)


@pytest.fixture
def value(definitions: Build, decision: Build, env: Environment) -> Callable[..., Any]:
    """The JSON value of the decision `rating` with that logic; `besides` is more of the file."""

    def evaluate(logic: str, besides: str = "", before: str = "", kind: str = "", **variables: Any) -> Any:
        model = read_decisions(definitions(besides + decision(logic, before=before, kind=kind)), "rating.dmn")
        return to_json(model.evaluate("rating", variables, env).value)

    return evaluate


Value = Callable[..., Any]


def test_all_variables_can_be_read_without_input_data(value: Value) -> None:
    assert value(literal("客户.kV + 1"), 客户={"kV": 10}) == 11


def test_a_required_decision_is_decided_first(value: Value, decision: Build) -> None:
    besides = decision(literal("score * 2"), "doubled")

    assert value(literal("doubled + 1"), besides, needs("doubled"), score=3) == 7


def test_a_variable_does_not_stand_in_for_a_required_decision(value: Value, decision: Build) -> None:
    besides = decision(literal("score * 2"), "doubled")

    assert value(literal("doubled + 1"), besides, needs("doubled"), score=3, doubled=100) == 7


def test_a_result_given_for_a_required_decision_does(definitions: Build, decision: Build, env: Environment) -> None:
    xml = definitions(decision(literal("1"), "first") + decision(literal("first + 1"), before=needs("first")))
    model = read_decisions(xml, "rating.dmn")

    assert to_json(model.evaluate("rating", {}, env, given={"first": 41}).value) == 42


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("date", "2026-03-02", "2026-03-03"),
        ("date", "soon", None),
        ("number", "1", None),
        ("dateTime", "2026-03-02T10:00:00", "2026-03-03T10:00:00"),
    ],
)
def test_an_input_of_a_date_type_reads_its_text(value: Value, kind: str, given: Any, expected: Any) -> None:
    besides = f'<inputData id="start" name="start"><variable name="start" typeRef="{kind}"/></inputData>'
    logic = literal('start + @"P1D"')

    assert value(logic, besides, needs("start", kind="requiredInput"), start=given) == expected


def test_a_column_of_a_date_type_reads_its_text(value: Value, table: Build) -> None:
    rows = [(['>= date("2026-03-01")'], ['"new"']), (["-"], ['"old"'])]
    logic = table(rows, 'hitPolicy="FIRST"', inputs=[("start", "date")])

    assert value(logic, start="2026-03-02") == "new"
    assert value(logic, start="2025-03-02") == "old"


def test_an_input_outside_of_its_allowed_values_gives_null_and_says_why(
    definitions: Build, decision: Build, env: Environment
) -> None:
    logic = (
        '<decisionTable id="t"><input id="i"><inputExpression><text>level</text></inputExpression>'
        '<inputValues><text>"a","b"</text></inputValues></input><output id="o"/>'
        '<rule id="r1"><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>'
        "</decisionTable>"
    )
    model = read_decisions(definitions(decision(logic)), "rating.dmn")

    assert to_json(model.evaluate("rating", {"level": "b"}, env).value) == 1
    result = model.evaluate("rating", {"level": "c"}, env)
    assert (result.value, result.rules) == (None, ())
    assert result.problems == ('the input «level» is not one of its allowed values "a","b"',)


def test_item_definitions_check_results(value: Value) -> None:
    besides = (
        '<itemDefinition name="tVoltage"><typeRef>number</typeRef><allowedValues><text>[0..1000]</text></allowedValues>'
        '</itemDefinition><itemDefinition name="tCase"><itemComponent name="kV"><typeRef>tVoltage</typeRef>'
        "</itemComponent></itemDefinition>"
    )

    assert value(literal("{kV: 10}"), besides, kind="tCase") == {"kV": 10}
    assert value(literal("{kV: 2000}"), besides, kind="tCase") is None
    assert value(literal("{other: 1}"), besides, kind="tCase") is None


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (
            "<context><contextEntry><variable name='base'/>" + literal("2") + "</contextEntry>"
            "<contextEntry><variable name='twice it'/>" + literal("base * 2") + "</contextEntry></context>",
            {"base": 2, "twice it": 4},
        ),
        (
            "<context><contextEntry><variable name='base'/>" + literal("2") + "</contextEntry>"
            "<contextEntry>" + literal("base * 3") + "</contextEntry></context>",
            6,
        ),
        ("<list>" + literal("1") + literal("score") + "</list>", [1, 3]),
        (
            "<relation><column name='a'/><column name='b'/><row>" + literal("1") + literal("2") + "</row></relation>",
            [{"a": 1, "b": 2}],
        ),
        (
            "<conditional><if>"
            + literal("score > 2")
            + "</if><then>"
            + literal('"a"')
            + "</then><else>"
            + literal('"b"')
            + "</else></conditional>",
            "a",
        ),
        (
            "<for iteratorVariable='one item'><in>"
            + literal("[1, 2]")
            + "</in><return>"
            + literal("one item * 2")
            + "</return></for>",
            [2, 4],
        ),
        (
            "<some iteratorVariable='x'><in>"
            + literal("[1, 2]")
            + "</in><satisfies>"
            + literal("x = 2")
            + "</satisfies></some>",
            True,
        ),
        (
            "<filter><in>" + literal("[{n: 1}, {n: 2}]") + "</in><match>" + literal("n = 2") + "</match></filter>",
            [{"n": 2}],
        ),
    ],
)
def test_boxed_expressions(value: Value, logic: str, expected: Any) -> None:
    assert value(logic.replace(" > ", " &gt; "), score=3) == expected


FEE = (
    '<businessKnowledgeModel id="fee" name="fee for"><variable name="fee for"/><encapsulatedLogic>'
    '<formalParameter name="kV" typeRef="number"/><formalParameter name="line length"/>'
    "<literalExpression><text>kV * line length</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
)


def test_business_knowledge_is_called_as_a_function(value: Value) -> None:
    before = needs("fee", kind="requiredKnowledge")

    assert value(literal("fee for(10, score)"), FEE, before, score=3) == 30
    assert value(literal("fee for(line length: 2, kV: 5)"), FEE, before) == 10
    assert value(literal('fee for("10", 1)'), FEE, before) is None


def test_business_knowledge_is_invoked_from_a_box(value: Value) -> None:
    logic = (
        f"<invocation>{literal('fee for')}"
        f"<binding><parameter name='kV'/>{literal('score')}</binding>"
        f"<binding><parameter name='line length'/>{literal('2')}</binding></invocation>"
    )

    assert value(logic, FEE, needs("fee", kind="requiredKnowledge"), score=35) == 70


def test_a_service_decides_from_its_inputs_only(definitions: Build, decision: Build, env: Environment) -> None:
    xml = definitions(
        '<inputData id="score" name="score"/>'
        + decision(literal("score + 1"), "next", needs("score", kind="requiredInput"))
        + '<decisionService id="s" name="rate"><variable name="rate"/><outputDecision href="#next"/>'
        '<inputData href="#score"/></decisionService>'
        + decision(literal("rate(5) + score"), before=needs("s", kind="requiredKnowledge"))
    )
    model = read_decisions(xml, "rating.dmn")

    assert to_json(model.evaluate("rating", {"score": 100}, env).value) == 106
    assert to_json(model.invoke("rate", {"score": 1}, env).value) == 2


def test_an_imported_decision_is_read_behind_the_imports_name(
    definitions: Build, decision: Build, env: Environment
) -> None:
    base = read_decisions(definitions(decision(literal("score * 2"), "base rate")), "base.dmn")
    xml = definitions(
        f'<import name="base" namespace="{base.namespace}" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
        + decision(
            literal("base.base rate + 1"),
            before=f'<informationRequirement><requiredDecision href="{base.namespace}#base rate"/>'
            "</informationRequirement>",
        )
    ).replace(f'namespace="{base.namespace}"\n', 'namespace="http://example.com/rating"\n', 1)

    model = read_decisions(xml, "rating.dmn", imports=(base,))

    assert to_json(model.evaluate("rating", {"score": 3}, env).value) == 7


def test_functions_of_the_environment_may_have_names_with_spaces(
    definitions: Build, decision: Build, env: Environment
) -> None:
    functions = {"working days after": lambda day, days: f"{day}+{days}"}
    logic = literal('working days after(date("2026-03-02"), 3)')

    model = read_decisions(definitions(decision(logic)), "rating.dmn", names=frozenset(functions))

    assert model.evaluate("rating", {}, replace(env, functions=functions)).value == "2026-03-02+3"


def test_a_model_comes_back_from_json_as_it_was(
    definitions: Build, decision: Build, table: Build, env: Environment
) -> None:
    logic = table([(["> 1"], ['"a"'])])
    model = read_decisions(definitions(FEE + decision(logic)), "rating.dmn")

    again = codec.decode(DecisionModel, json.loads(json.dumps(codec.encode(model))))

    assert again == model
    assert again.evaluate("rating", {"score": 2}, env).value == "a"


def test_a_decision_without_logic_is_null_and_says_why(definitions: Build, decision: Build, env: Environment) -> None:
    result = read_decisions(definitions(decision("")), "rating.dmn").evaluate("rating", {}, env)

    assert (result.value, result.problems) == (None, ("the decision has no logic; its result is to be given",))


def test_an_unknown_decision_is_a_key_error(definitions: Build, decision: Build, env: Environment) -> None:
    model = read_decisions(definitions(decision(literal("1"))), "rating.dmn")

    with pytest.raises(KeyError):
        model.evaluate("other", {}, env)


def test_one_budget_holds_for_all_decisions(definitions: Build, decision: Build, env: Environment) -> None:
    heavy = literal("count(for i in 1..1000 return i)")
    besides = decision(heavy, "a") + decision(heavy, "b")
    model = read_decisions(definitions(besides + decision(literal("a + b"), before=needs("a", "b"))), "rating.dmn")

    assert to_json(model.evaluate("rating", {}, replace(env, budget=8_100)).value) == 2_000
    with pytest.raises(BudgetExceeded):
        model.evaluate("rating", {}, replace(env, budget=6_000))


def test_a_function_that_calls_itself_ends_by_the_budget(definitions: Build, decision: Build, env: Environment) -> None:
    logic = (
        "<context><contextEntry><variable name='f'/><functionDefinition><formalParameter name='n'/>"
        + literal("f(n + 1)")
        + "</functionDefinition></contextEntry><contextEntry>"
        + literal("f(1)")
        + "</contextEntry></context>"
    )
    model = read_decisions(definitions(decision(logic)), "rating.dmn")

    with pytest.raises(BudgetExceeded):
        model.evaluate("rating", {}, env)
