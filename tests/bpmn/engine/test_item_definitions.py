"""Values against the simple types that item definitions name (BPMN 2.0 §8.4.10, §10.4)."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import Definition, read
from bpmn.item_types import type_of
from tests.bpmn.building import Part, Shape, build, catch, end, message, model_xml, process, script, start, user
from tests.bpmn.building_data import item, reads, specification, writes
from tests.bpmn.engine.driving import Drive

SIMPLE: dict[str, tuple[list[Any], list[Any], str]] = {
    "xsd:string": (["", "甲"], [1, True, ["a"]], "a text"),
    "xs:decimal": ([1, 1.5, -2], ["1", False, [1]], "a number"),
    "number": ([0, 2.5], ["x"], "a number"),
    "xsd:double": ([1e3], ["1e3"], "a number"),
    "xsd:integer": ([3, 3.0], [3.5, "3"], "a whole number"),
    "Integer": ([3], [True], "a whole number"),
    "xsd:long": ([2**40], [0.5], "a whole number"),
    "xsd:nonNegativeInteger": ([0], [-1], "a whole number from 0"),
    "xsd:positiveInteger": ([1], [0], "a whole number from 1"),
    "boolean": ([True, False], [0, "true"], "true or false"),
    "xsd:date": (["2026-02-28"], ["2026-02-30", 20260228], "a date such as 2026-01-31"),
    "xsd:time": (["08:30:00", "08:30:00+08:00"], ["8.30"], "a time such as 08:00:00"),
    "xsd:dateTime": (["2026-02-28T08:00:00Z"], ["tomorrow"], "a date and time such as 2026-01-31T08:00:00+08:00"),
    "xsd:duration": (["P1DT2H", "P1Y"], ["1 day"], "a duration such as P1DT2H"),
    "feel:yearMonthDuration": (["P1Y6M"], ["PT1H"], "a duration such as P1Y6M"),
    "xsd:dayTimeDuration": (["PT1H"], ["P1Y"], "a duration such as P1DT2H"),
    "xsd:anyType": ([1, "x", {"a": [1]}], [], ""),
}
COPY = (specification(["asked"], ["answer"]), reads("order", "asked"), writes("answer", "order"))


def defined(structure: str, **attributes: str) -> str:
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<bpmn:itemDefinition id="I" structureRef="{structure}"{more}/>'


def order(structure: str, *, many: bool = False, **attributes: str) -> Part:
    """The data object `order` with an item definition."""
    collection = {"isCollection": "true"} if many else {}
    return item("dataObject", "order", itemSubjectRef="I", globals_=(defined(structure, **attributes),), **collection)


def one(shape: Shape, *data: Part) -> Shape:
    model = process(start(), shape, user("Z"), end(), flows=["start > A > Z > end"])
    model.parts = data
    return model


@pytest.mark.parametrize("structure", SIMPLE)
def test_a_data_object_takes_values_of_its_type_and_null(structure: str) -> None:
    good, bad, words = SIMPLE[structure]

    for value in [*good, None]:
        assert Drive(one(user("A", *COPY), order(structure)), {"order": value}).incidents == [], value
    for value in bad:
        drive = Drive(one(user("A", *COPY), order(structure)), {"order": value})
        assert drive.incidents == [("p", "data")], value
        assert f"order (dataObject order, {structure}) is to be {words}, and is " in drive.problem


def test_what_an_activity_gives_is_checked_and_what_is_right_can_be_given_instead() -> None:
    drive = Drive(one(user("A", *COPY), order("xsd:decimal")))

    drive.complete("A", answer="much")

    assert drive.incidents == [("A", "data")]
    assert drive.problem == 'order (dataObject order, xsd:decimal) is to be a number, and is "much"'
    drive.skip("A", order=3)
    assert drive.variables == {"order": 3}


def test_a_result_that_goes_to_a_data_object_by_its_name_is_checked() -> None:
    drive = Drive(one(script("A", '="x"', "order"), order("boolean")))

    assert drive.incidents == [("A", "data")]


def test_inputs_and_outputs_of_an_activity_are_checked_themselves() -> None:
    rows = '<bpmn:dataInput id="asked" itemSubjectRef="I"/><bpmn:dataOutput id="answer" itemSubjectRef="I"/>'
    own = Part(f"<bpmn:ioSpecification>{rows}</bpmn:ioSpecification>", globals_=(defined("xsd:date"),))
    model = one(user("A", own, reads("order", "asked"), writes("answer", "order")), item("dataObject", "order"))
    assert Drive(model, {"order": 1}).problem == (
        "asked (dataInput asked, xsd:date) is to be a date such as 2026-01-31, and is 1"
    )
    drive = Drive(model, {"order": "2026-01-01"})

    drive.complete("A", answer="soon")

    assert drive.problem.startswith("answer (dataOutput answer, xsd:date) is to be a date")


def test_every_member_of_a_collection_is_checked() -> None:
    drive = Drive(one(user("A", *COPY), order("xsd:int", many=True)), {"order": [1, 2]})

    drive.complete("A", answer=[1, "two"])

    assert drive.problem == 'member 2 of order (dataObject order, xsd:int) is to be a whole number, and is "two"'
    drive.skip("A", order=[])
    assert drive.open == ["Z"]


def test_the_item_of_a_message_is_checked_where_it_comes_in() -> None:
    output = item("dataOutput", "out", globals_=(defined("xsd:decimal"),))
    model = one(catch("A", message("M"), output, writes("out", "order")), item("dataObject", "order"))
    text = model_xml(model).replace('id="Message_M"', 'id="Message_M" itemRef="I"')
    drive = Drive(read(text), {"key": "k"})

    drive.message("M", out="no number")

    assert drive.problem == 'out (dataOutput out, xsd:decimal) is to be a number, and is "no number"'


def test_a_long_value_is_told_in_short() -> None:
    drive = Drive(one(user("A", *COPY), order("boolean")), {"order": "x" * 1000})

    assert len(drive.problem) < 200
    assert drive.problem.endswith("…")


@pytest.mark.parametrize("structure", ["tns:Order", "Order", "com.example.Order", "tns:string", "xsd:Order"])
def test_a_structure_of_which_nothing_is_known_is_kept_and_its_values_are_not_looked_at(structure: str) -> None:
    definition = build(one(user("A", *COPY), order(structure)))
    drive = Drive(definition, {"order": 1})
    drive.complete("A", answer={"any": "thing"})

    assert drive.variables == {"order": {"any": "thing"}}
    assert definition.processes["p"].foreign_extensions == (f"structure {structure} of item definition I",)


def test_a_physical_item_is_no_value() -> None:
    definition = build(one(user("A", *COPY), order("xsd:decimal", itemKind="Physical")))

    assert Drive(definition, {"order": "a crate"}).open == ["A"]
    assert definition.processes["p"].foreign_extensions == ("structure xsd:decimal of item definition I",)


def test_an_import_of_a_schema_is_kept() -> None:
    schema = '<bpmn:import importType="http://www.w3.org/2001/XMLSchema" location="order.xsd" namespace="http://o"/>'
    text = model_xml(one(user("A"))).replace("<bpmn:process ", f"{schema}<bpmn:process ", 1)

    assert read(text).processes["p"].foreign_extensions == ("import of order.xsd",)


def test_a_definition_compiled_before_types_were_looked_at_takes_any_value() -> None:
    data = build(one(user("A", *COPY), order("xsd:decimal"))).dump()
    (kept,) = data["processes"][0]["data"]["items"]
    assert kept.pop("type") == "number"

    assert Drive(Definition.load(data), {"order": "text"}).open == ["A"]


def test_a_checked_value_survives_the_trip_through_json() -> None:
    definition = Definition.load(build(one(user("A", *COPY), order("xsd:decimal"))).dump())

    assert Drive(definition, {"order": "text"}).incidents == [("p", "data")]


@pytest.mark.parametrize("structure", ["", ":", "xsd:", "xsd:xsd:string", "feel:context"])
def test_what_names_no_simple_type_is_none(structure: str) -> None:
    assert type_of(structure) == ""
