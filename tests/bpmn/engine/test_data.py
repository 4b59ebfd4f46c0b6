"""Data objects, properties, inputs and outputs, and their associations (BPMN 2.0 §10.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from bpmn import commands, events
from bpmn.model import DataItem
from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    build,
    call,
    catch,
    end,
    gateway,
    message,
    multi,
    process,
    script,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.bpmn.building_data import assigned, computed, item, reads, specification, writes
from tests.bpmn.engine.driving import Drive


def with_data(*shapes: Shape, data: tuple[Part, ...] = (), flows: Iterable[str] = ()) -> Shape:
    """A process with data of its own."""
    model = process(*shapes, flows=flows)
    model.parts = data
    return model


ORDER = item("dataObject", "order", name="order")
COPY = (specification(["asked"], ["answer"]), reads("order", "asked"), writes("answer", "order"))


def one(shape: Shape, *data: Part) -> Shape:
    """A process of one element, called A, and a task after it."""
    return with_data(start(), shape, user("Z"), end(), data=data, flows=["start > A > Z > end"])


# -- data objects ----------------------------------------------------------------------------------------------------


def test_a_data_object_is_a_variable_that_is_null_at_the_beginning() -> None:
    drive = Drive(one(user("A", *COPY), ORDER))

    assert drive.variables == {"order": None}


def test_a_data_object_may_be_given_at_the_start() -> None:
    drive = Drive(one(user("A", *COPY), ORDER), {"order": 7})

    assert drive.instance.variables(drive.key("A"))["asked"] == 7
    assert drive.variables == {"order": 7}


def test_an_output_goes_to_its_data_object_and_nothing_else_leaves_the_activity() -> None:
    drive = Drive(one(user("A", *COPY), ORDER), {"order": 7})

    drive.complete("A", answer=8, note="x")

    assert drive.variables == {"order": 8}


def test_a_job_with_data_inputs_gets_only_those() -> None:
    drive = Drive(one(service("A", *COPY), ORDER), {"order": 7, "other": 1})

    assert drive.asked(commands.RunJob)[0].variables == {"asked": 7, "answer": None}


def test_a_reference_leads_to_its_object_and_gives_it_its_name() -> None:
    object_ = item("dataObject", "DataObject_1")
    reference = item("dataObjectReference", "Reference_1", dataObjectRef="DataObject_1", name="order")
    again = item("dataObjectReference", "Reference_2", dataObjectRef="DataObject_1", name="order")
    own = (specification(["asked"], ["answer"]), reads("Reference_1", "asked"), writes("answer", "Reference_2"))
    drive = Drive(one(user("A", *own), object_, reference, again))

    drive.complete("A", answer=1)

    assert drive.variables == {"order": 1}


@pytest.mark.parametrize("name", ["Order form", "in", "null", ""])
def test_a_data_object_whose_name_is_none_of_a_variable_goes_by_its_id(name: str) -> None:
    drive = Drive(one(user("A", *COPY), item("dataObject", "order", name=name)))

    drive.complete("A", answer=1)

    assert drive.variables == {"order": 1}


def test_an_input_may_have_the_name_of_its_data_object() -> None:
    own = (specification(["order"]), reads("object", "order"))
    drive = Drive(one(user("A", *own), item("dataObject", "object", name="order")), {"order": 7})

    drive.complete("A", other=1)

    assert drive.variables == {"order": 7, "other": 1}


def test_a_data_object_of_a_sub_process_is_gone_with_it() -> None:
    inner = sub("A", ORDER, start("s"), user("B", *COPY), end("e"), flows=["s > B > e"])
    drive = Drive(one(inner))
    assert drive.instance.variables(drive.key("B"))["order"] is None

    drive.complete("B", answer=1)

    assert drive.open == ["Z"]
    assert drive.variables == {}


def test_data_states_and_item_definitions_are_kept() -> None:
    definition = '<bpmn:itemDefinition id="Orders" structureRef="Order" isCollection="true" itemKind="Physical"/>'
    object_ = item(
        "dataObject",
        "orders",
        '<bpmn:dataState name="new"/>',
        itemSubjectRef="Orders",
        globals_=(definition,),
    )
    reference = item("dataObjectReference", "later", '<bpmn:dataState name="paid"/>', dataObjectRef="orders")

    data = build(one(user("A"), object_, reference)).processes["p"].data

    assert data is not None
    states = {"orders": "new", "later": "paid"}
    assert data.items == (DataItem("orders", "orders", "dataObject", True, "Order", "Physical", states),)


# -- what is only drawn ----------------------------------------------------------------------------------------------


def test_associations_as_camunda_modeler_draws_them_have_no_effect() -> None:
    drawn = (
        item("property", "Property_1", name="__targetRef_placeholder"),
        reads("Reference_1", "Property_1"),
        writes("", "Reference_1"),
    )
    object_ = item("dataObject", "DataObject_1")
    reference = item("dataObjectReference", "Reference_1", dataObjectRef="DataObject_1", name="order")
    store = item("dataStoreReference", "Store_1", name="customers")
    model = one(user("A", *drawn, reads("Store_1", "Property_1"), writes("", "Store_1")), object_, reference, store)
    definition = build(model)
    assert definition.processes["p"].data is None
    assert definition.processes["p"].elements["A"].data is None
    drive = Drive(definition)

    drive.complete("A", order=1)

    assert drive.variables == {"order": 1}


def test_associations_may_be_drawn_to_sub_processes_and_events_too() -> None:
    placeholder = item("property", "{0}_property", name="__targetRef_placeholder").xml

    def drawn(name: str) -> tuple[Part, ...]:
        return Part(placeholder.format(name)), reads("order", f"{name}_property")

    written = writes("", "order")
    inner = sub("A", *drawn("A"), written, start("s", written), user("B"), end("e", *drawn("e")), flows=["s > B > e"])
    drive = Drive(one(inner, ORDER))

    drive.complete("B", order=1)

    assert drive.variables == {"order": 1}


def test_a_drawn_data_object_in_a_sub_process_keeps_nothing_in_it() -> None:
    inner = sub("A", ORDER, start("s"), user("B"), end("e"), flows=["s > B > e"])
    drive = Drive(one(inner))

    drive.complete("B", order=1)

    assert drive.variables == {"order": 1}


# -- properties ------------------------------------------------------------------------------------------------------


def test_a_property_of_an_activity_is_a_variable_of_its_own() -> None:
    drive = Drive(one(user("A", item("property", "note", name="note"))), {"note": "outside"})
    assert drive.instance.variables(drive.key("A"))["note"] is None

    drive.complete("A", note="inside", other=1)

    assert drive.variables == {"note": "outside", "other": 1}


def test_a_property_of_a_process_is_a_variable_of_it() -> None:
    assert Drive(one(user("A"), item("property", "note", name="note"))).variables == {"note": None}


def test_a_property_may_be_filled_and_read_by_associations() -> None:
    own = (
        item("property", "kept", name="kept"),
        reads("order", "kept"),
        writes("kept", "order", computed("=kept + 1")),
    )
    drive = Drive(one(user("A", *own), ORDER), {"order": 1})

    drive.complete("A")

    assert drive.variables == {"order": 2}


def test_a_property_of_an_event_keeps_what_comes_with_it() -> None:
    event = catch("A", message("M"), item("property", "note", name="note"))
    drive = Drive(one(event), {"key": "k"})

    drive.message("M", note=1, other=2)

    assert drive.variables == {"key": "k", "other": 2}


def test_a_property_of_a_boundary_event_keeps_what_comes_with_it() -> None:
    late = boundary("A", "late", message("M"), item("property", "note", name="note"))
    model = one(user("A"))
    model.inside, model.flows = (*model.inside, late), (*model.flows, "late > Z")
    drive = Drive(model, {"key": "k"})

    drive.message("M", note=1, other=2)

    assert drive.variables == {"key": "k", "other": 2}


# -- associations ----------------------------------------------------------------------------------------------------


def test_a_transformation_computes_what_the_target_gets() -> None:
    own = (
        specification(["sum"], ["half"]),
        reads("order other", "sum", computed("=order + other")),
        writes("half", "order", computed("=half * 10")),
    )
    drive = Drive(one(user("A", *own), ORDER, item("dataObject", "other")), {"order": 1, "other": 2})
    assert drive.instance.variables(drive.key("A"))["sum"] == 3

    drive.complete("A", half=5)

    assert drive.variables == {"order": 50, "other": 2}


def test_assignments_fill_parts_of_the_target() -> None:
    own = (
        specification(["asked"], ["answer"]),
        reads("order", "asked", assigned("=order.id", "asked.id"), assigned("=1 + 1", "=asked.count")),
        writes("answer", "order", assigned("=answer", "order.answer")),
    )
    drive = Drive(one(user("A", *own), ORDER), {"order": {"id": 7}})
    assert drive.instance.variables(drive.key("A"))["asked"] == {"id": 7, "count": 2}

    drive.complete("A", answer="yes")

    assert drive.variables == {"order": {"id": 7, "answer": "yes"}}


def test_an_output_association_may_do_without_a_source() -> None:
    drive = Drive(one(user("A", writes("", "order", computed("=1 + 1"))), ORDER))

    drive.complete("A")

    assert drive.variables == {"order": 2}


@pytest.mark.parametrize("element", ["script", "call", "sub"])
def test_every_kind_of_activity_has_inputs_and_outputs(element: str) -> None:
    shape = {
        "script": script("A", "=asked + 1", "answer", *COPY),
        "call": call("A", "q", *COPY, propagateAllParentVariables="false"),
        "sub": sub("A", *COPY, start("s"), script("T", "=asked + 1", "answer"), end("e"), flows=["s > T > e"]),
    }[element]
    drive = Drive(one(shape, ORDER), {"order": 1})
    if element == "call":
        assert drive.asked(commands.StartCall)[0].variables == {"asked": 1, "answer": None}
        drive.tell(events.CallCompleted(drive.key("A"), {"answer": 2}))

    assert drive.open == ["Z"]
    assert drive.variables == {"order": 2}


def test_each_instance_of_a_multi_instance_activity_has_its_inputs_and_writes_its_outputs() -> None:
    """Though its output has the name of the data object, and is a variable of its own."""
    own = (
        multi("=[1, 2]", item="x", into="all", gives="=x", sequential=True),
        specification(["asked"], ["order"]),
        reads("object", "asked"),
        writes("order", "object"),
    )
    drive = Drive(one(user("A", *own), item("dataObject", "object", name="order")))
    drive.complete("A", order=5)
    assert drive.instance.variables(drive.key("A"))["asked"] == 5

    drive.complete("A", order=6)

    assert drive.variables == {"order": 6, "all": [1, 2]}


def test_a_catch_event_gives_its_data_output_to_a_data_object() -> None:
    own = (item("dataOutput", "body", name="body"), writes("body", "order", computed("=body.id")))
    drive = Drive(one(catch("A", message("M"), *own), ORDER), {"key": "k"})

    drive.message("M", body={"id": 3}, other=1)

    assert drive.variables == {"key": "k", "order": 3}


def test_the_event_that_an_event_based_gateway_chose_gives_its_data_output() -> None:
    own = (item("dataOutput", "body", name="body"), writes("body", "order"))
    model = with_data(
        start(),
        gateway("eventBased", "G"),
        catch("A", message("M"), *own),
        catch("B", timer("PT1H")),
        user("Z"),
        end(),
        data=(ORDER,),
        flows=["start > G > A > Z > end", "G > B > end"],
    )
    drive = Drive(model, {"key": "k"})

    drive.message("M", body=3)

    assert drive.variables == {"key": "k", "order": 3}


def test_a_throw_event_sends_its_data_inputs() -> None:
    own = (item("dataInput", "body", name="body"), reads("order", "body"))
    drive = Drive(one(throw("A", message("M"), *own), ORDER), {"order": 3, "key": "k"})

    assert drive.asked(commands.PublishMessage)[0].variables == {"body": 3}


# -- sets and collections --------------------------------------------------------------------------------------------


def test_an_input_set_without_what_it_needs_is_an_incident_that_names_it() -> None:
    own = (specification(["asked", "spare"], needs=[("asked",)]), reads("order", "asked"))
    drive = Drive(one(user("A", *own), ORDER))
    assert drive.incidents == [("A", "data")]
    assert drive.problem == "it needs its data input asked"

    drive.retry("A", order=1)

    assert drive.open == ["A"]
    assert drive.instance.variables(drive.key("A"))["asked"] == 1


@pytest.mark.parametrize(("given", "begins"), [("a", True), ("b", True), ("c", False)])
def test_one_complete_input_set_is_enough(given: str, begins: bool) -> None:
    own = (specification("abc", needs=[("a",), ("b",)]), *(reads(f"o_{name}", name) for name in "abc"))
    objects = tuple(item("dataObject", f"o_{name}") for name in "abc")
    drive = Drive(one(user("A", *own), *objects), {f"o_{given}": 1})

    assert (drive.open == ["A"]) is begins
    if not begins:
        assert drive.problem == "it needs its data input a, or b"


@pytest.mark.parametrize("part", ["optionalInputRefs", "whileExecutingInputRefs"])
def test_an_optional_input_may_be_missing(part: str) -> None:
    set_ = f"<bpmn:inputSet><bpmn:dataInputRefs>a</bpmn:dataInputRefs><bpmn:{part}>a</bpmn:{part}></bpmn:inputSet>"
    own = Part(f'<bpmn:ioSpecification><bpmn:dataInput id="a"/>{set_}</bpmn:ioSpecification>')

    assert Drive(one(user("A", own, reads("order", "a")), ORDER)).open == ["A"]


def test_an_output_set_without_what_it_promises_is_an_incident() -> None:
    own = (specification([], ["answer"], gives=[("answer",)]), writes("answer", "order"))
    drive = Drive(one(user("A", *own), ORDER))
    drive.complete("A")
    assert drive.incidents == [("A", "data")]
    assert drive.problem == "it has not given its data output answer"

    drive.retry("A", answer=1)

    assert drive.variables == {"order": 1}


def test_the_input_set_of_a_process_is_checked_when_it_starts() -> None:
    model = one(user("A"), specification(["wish"], needs=[("wish",)]))

    assert Drive(model).problem == "it needs its data input wish"
    assert Drive(model, {"wish": 1}).open == ["A"]


@pytest.mark.parametrize(("value", "good"), [([1], True), (None, True), (1, False), ({"a": 1}, False)])
def test_a_collection_must_be_a_list(value: Any, good: bool) -> None:
    orders = item("dataObject", "order", isCollection="true")
    at_start = Drive(one(user("A", *COPY), orders), {"order": value})
    by_output = Drive(one(user("A", *COPY), orders))
    by_result = Drive(one(user("A"), item("dataObject", "order", itemSubjectRef="L", globals_=(LIST,))))
    by_input = Drive(one(user("A", specification(["x"], collection="x"), reads("order", "x")), ORDER), {"order": value})

    by_output.complete("A", answer=value)
    by_result.complete("A", order=value)

    for drive in (at_start, by_output, by_result, by_input):
        assert (drive.incidents == []) is good
        if not good:
            assert f"is a collection, and {value!r} is no list" in drive.problem


LIST = '<bpmn:itemDefinition id="L" isCollection="true"/>'
