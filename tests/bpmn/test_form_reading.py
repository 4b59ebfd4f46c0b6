"""Which files are forms, and what is said about those that are not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bpmn.faults import Fault, ModelRefused
from bpmn.forms import read_form

NAMED = {"type": "textfield", "key": "x", "id": "Field_x", "label": "名称"}

DATE = {"type": "datetime", "subtype": "date"}


def refused(text: str) -> tuple[Fault, ...]:
    with pytest.raises(ModelRefused) as caught:
        read_form(text, "a.form")
    return caught.value.faults


def schema(*components: Any, **properties: Any) -> str:
    return json.dumps({"type": "default", "id": "F", "components": list(components), **properties})


def problem(*components: Any, **properties: Any) -> str:
    faults = refused(schema(*components, **properties))
    assert len(faults) == 1, faults
    assert faults[0].remedy
    return faults[0].problem


def test_a_form_keeps_its_id_and_its_schema() -> None:
    text = schema(NAMED, schemaVersion=19, executionPlatform="Camunda Cloud")

    form = read_form(text, "a.form")

    assert (form.id, form.schema) == ("F", json.loads(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ('{"a": 1,}', "not JSON"),
        ('{"a": NaN}', "NaN is no JSON number"),
        ("[]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ('{"id": "a", "id": "b"}', '"id" is given twice'),
    ],
)
def test_what_is_no_json_object_is_refused(text: str, said: str) -> None:
    assert said in refused(text)[0].problem


@pytest.mark.parametrize("depth", [51, 300])
def test_a_form_that_is_nested_too_deeply_is_refused(depth: int) -> None:
    component: dict[str, Any] = NAMED
    for number in range(depth):
        component = {"type": "group", "id": f"g{number}", "label": "组", "components": [component]}

    assert problem(component) == "the form is nested more than 100 levels deep"


def test_a_fault_of_json_names_its_line() -> None:
    assert refused('{\n"a": 1,\n"b" 2}')[0].line == 3


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"id": ""}, "no id"),
        ({"type": "page"}, "type is 'page'"),
        ({"schemaVersion": 99}, "schemaVersion 99"),
        ({"schemaVersion": "18"}, "schemaVersion '18'"),
        ({"components": {}}, "components is not a list"),
    ],
)
def test_the_head_of_a_form_is_checked(properties: dict[str, Any], said: str) -> None:
    assert said in problem(**properties)


@pytest.mark.parametrize("kind", ["signature", None, 5, "Textfield", {"a": 1}, []])
def test_an_unknown_component_type_is_refused_by_name(kind: Any) -> None:
    assert problem({**NAMED, "type": kind}) == f"component type {kind!r} is not supported"


def test_a_fault_names_line_id_and_label() -> None:
    text = json.dumps(json.loads(schema({"type": "text", "text": "{"}, {**NAMED, "type": "magic"})), indent=1)

    fault = refused(text)[0]

    assert (fault.element, fault.name) == ("Field_x", "名称")
    assert text.splitlines()[fault.line - 1].strip() == "{"
    assert '"type": "magic"' in text.splitlines()[fault.line]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": ""}, "the textfield has no key"),
        ({"key": None}, "the textfield has no key"),
        ({"key": "a b"}, "key 'a b' is not a name"),
        ({"key": "10kV"}, "key '10kV' is not a name"),
        ({"key": "a..b"}, "key 'a..b' is not a name"),
        ({"key": 5}, "key 5 is not a name"),
        ({"conditional": {"hide": "=1 +"}}, "the FEEL expression of conditional.hide is wrong"),
        ({"conditional": {"hide": "a > 1"}}, "conditional.hide 'a > 1' is not a FEEL expression"),
        ({"conditional": True}, "conditional.hide True is not a FEEL expression"),
        ({"readonly": "=)"}, "the FEEL expression of readonly is wrong"),
        ({"readonly": "yes"}, "readonly is 'yes'"),
        ({"disabled": "=true"}, "disabled is '=true'"),
        ({"validate": {"required": "=true"}}, "required is '=true'"),
        ({"validate": []}, "validate is not an object"),
        ({"validate": {"min": 3}}, "validate.min does not apply to a textfield"),
        ({"validate": {"custom": 3}}, "validate.custom does not apply to a textfield"),
        ({"validate": {"minLength": "three"}}, "validate.minLength 'three' is not a number"),
        ({"validate": {"maxLength": "=("}}, "the FEEL expression of validate.maxLength is wrong"),
        ({"validate": {"pattern": "(?=a)"}}, "validate.pattern '(?=a)' cannot be used (look-ahead"),
        ({"validate": {"pattern": 5}}, "validate.pattern 5 is not text"),
        ({"validate": {"validationType": "id"}}, "validate.validationType is 'id'"),
        ({"type": "number", "decimalDigits": -1}, "decimalDigits is -1"),
        ({"type": "number", "increment": 0}, "increment is 0"),
        ({"type": "number", "serializeToString": "no"}, "serializeToString is 'no'"),
        ({"type": "datetime"}, "subtype is ''"),
        ({"type": "datetime", "subtype": "month"}, "subtype is 'month'"),
        ({"type": "datetime", "subtype": "time", "timeSerializingFormat": "utc"}, "timeSerializingFormat is 'utc'"),
        ({"type": "select"}, "the select has no options"),
        ({"type": "radio", "values": [], "valuesKey": "a"}, "the radio has values and valuesKey"),
        ({"type": "radio", "values": []}, "values is not a list with at least one option"),
        ({"type": "checklist", "values": [{"label": "甲"}]}, "has no value"),
        ({"type": "taglist", "values": ["a", "a"]}, "the option value 'a' is given twice"),
        ({"type": "select", "valuesKey": "a b"}, "valuesKey is 'a b'"),
        ({"type": "select", "valuesExpression": "a"}, "valuesExpression 'a' is not a FEEL expression"),
        ({"type": "select", "valuesExpression": "=["}, "the FEEL expression of valuesExpression is wrong"),
        ({"type": "expression"}, "expression None is not a FEEL expression"),
        ({"type": "expression", "expression": "=1 1"}, "the FEEL expression of expression is wrong"),
        ({"type": "filepicker", "multiple": 3}, "multiple is 3"),
        ({"properties": "notAfter"}, "properties is not an object"),
        ({"properties": {"notAfter": "=today()"}}, "the custom property notAfter does not apply to a textfield"),
        ({**DATE, "properties": {"notLater": "=today()"}}, "the custom property notLater does not apply"),
        ({**DATE, "subtype": "time", "properties": {"notAfter": "=a"}}, "the custom property notAfter does not apply"),
        ({**DATE, "properties": {"notAfter": "today()"}}, "notAfter 'today()' is not a FEEL expression"),
        ({**DATE, "properties": {"notAfter": 5}}, "notAfter 5 is not a FEEL expression"),
        ({**DATE, "properties": {"notAfter": "=["}}, "the FEEL expression of properties.notAfter is wrong"),
        ({**DATE, "properties": {"notAfterLabel": "今天"}}, "notAfterLabel names a bound that is not there"),
        ({**DATE, "properties": {"notAfter": "=a", "notAfterLabel": 5}}, "notAfterLabel is 5"),
        ({**DATE, "properties": {"notAfter": "=a", "notAfterLabel": "=["}}, "of properties.notAfterLabel is wrong"),
    ],
)
def test_a_wrong_property_is_refused(changes: dict[str, Any], said: str) -> None:
    assert said in problem({**NAMED, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"path": ""}, "the dynamiclist has no path"),
        ({"isRepeating": False}, "the dynamic list does not repeat"),
        ({"components": None}, "components is not a list"),
        ({"defaultRepetitions": "2"}, "defaultRepetitions is '2'"),
        ({"allowAddRemove": "=a"}, "allowAddRemove is '=a'"),
    ],
)
def test_a_wrong_list_is_refused(changes: dict[str, Any], said: str) -> None:
    rows = {"type": "dynamiclist", "path": "rows", "isRepeating": True, "components": [NAMED]}

    assert said in problem({**rows, **changes})


def test_a_wrong_condition_of_decoration_is_refused_too() -> None:
    assert "conditional.hide" in problem({"type": "text", "conditional": {"hide": "=("}})


@pytest.mark.parametrize(
    ("components", "said"),
    [
        ([NAMED, {**NAMED, "id": "b"}], "the key x is used twice"),
        ([NAMED, {**NAMED, "key": "y"}], "the id Field_x is used twice"),
        ([{**NAMED, "key": "x.y"}, {**NAMED, "id": "b"}], "the key x is used twice"),
        ([NAMED, {**NAMED, "id": "b", "key": "x.y"}], "x.y lies inside another field's value"),
        (
            [NAMED, {"type": "dynamiclist", "path": "x", "isRepeating": True, "components": []}],
            "the key x is used twice",
        ),
        (
            [
                {**NAMED, "key": "g.x"},
                {"type": "group", "path": "g", "components": [{**NAMED, "id": "b"}]},
            ],
            "the key g.x is used twice",
        ),
    ],
)
def test_two_fields_never_share_a_value(components: list[Any], said: str) -> None:
    assert problem(*components) == said


def test_rows_have_names_of_their_own() -> None:
    rows = {"type": "dynamiclist", "path": "rows", "isRepeating": True, "components": [{**NAMED, "id": "b"}]}

    assert read_form(schema(NAMED, rows), "a.form").id == "F"


def test_all_faults_are_said_at_once() -> None:
    text = schema(
        {"type": "magic"},
        {"type": "textfield"},
        {"type": "group", "components": [{**NAMED, "validate": {"pattern": "("}}, {**NAMED, "id": "c"}]},
        id="",
    )

    assert len(refused(text)) == 5
