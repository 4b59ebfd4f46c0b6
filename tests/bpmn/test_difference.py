"""What differs between two versions of a diagram."""

from __future__ import annotations

import json

from bpmn.difference import Change, Changed, Moved, difference, differences
from bpmn.model import Process
from tests.bpmn.building import Shape, build, call, catch, end, multi, process, service, start, sub, timer, user, zeebe


def read(*shapes: Shape, flows: tuple[str, ...] = (), id_: str = "p") -> Process:
    return build(process(*shapes, flows=flows, id_=id_)).processes[id_]


ONE = (start(), user("A"), end())
LINE = ("start > A > end",)


def test_two_readings_of_one_diagram_do_not_differ() -> None:
    assert not difference(read(*ONE, flows=LINE), read(*ONE, flows=LINE))


def test_elements_and_flows_that_came_and_went_are_named_and_their_neighbours_are_not_changed() -> None:
    old = read(start(), user("A"), user("B"), end(), flows=("start > A > B > end",))
    new = read(start(), user("A"), user("C"), end(), flows=("start > A > C > end",))

    found = difference(old, new)

    assert (found.elements.added, found.elements.removed, found.elements.changed) == (("C",), ("B",), ())
    assert (found.flows.added, found.flows.removed) == (("A_C", "C_end"), ("A_B", "B_end"))


def test_a_changed_attribute_is_named_with_both_values_down_to_the_part_of_the_part() -> None:
    old = read(start(), catch("T", timer("PT1H")), end(), flows=("start > T > end",))
    new = read(start(), catch("T", timer("PT2H")), end(), flows=("start > T > end",))

    assert difference(old, new).elements.changed == (Changed("T", (Change("event.timer.text", "PT1H", "PT2H"),)),)


def test_an_attribute_that_is_new_was_none_before() -> None:
    grouped = user("A", zeebe("assignmentDefinition", candidateGroups="sales"))

    (changed,) = difference(read(*ONE, flows=LINE), read(start(), grouped, end(), flows=LINE)).elements.changed

    assert changed == Changed("A", (Change("user.candidate_groups", None, "sales"),))


def test_an_activity_that_became_multi_instance_has_a_new_loop() -> None:
    many = read(start(), user("A", multi("=items")), end(), flows=LINE)

    (changed,) = difference(read(*ONE, flows=LINE), many).elements.changed

    assert changed.changes == (Change("loop", None, {"sequential": False, "input_collection": "=items"}),)


def test_an_element_of_another_scope_has_moved() -> None:
    inside = sub("S", start("s"), user("A"), end("e"), flows=["s > A > e"])
    hollow = sub("S", start("s"), end("e"), flows=["s > e"])

    old = read(start(), inside, end(), flows=("start > S > end",))
    new = read(start(), hollow, user("A"), end(), flows=("start > S > A > end",))

    assert difference(old, new).elements.moved == (Moved("A", "S", "p"),)


def test_a_flow_that_leads_elsewhere_or_has_another_condition_is_changed() -> None:
    fork = (start(), Shape("exclusiveGateway", "G"), user("A"), user("B"), end(), end("e"))
    lines = ("start > G", "G > B: default", "A > end", "B > e")
    old = read(*fork, flows=(*lines, "G > A: =x > 1"))
    new = read(*fork, flows=(*lines, "G > A: =x > 2"))

    assert difference(old, new).flows.changed == (Changed("G_A", (Change("condition", "x > 1", "x > 2"),)),)


def test_a_difference_is_plain_json_that_names_only_what_differs() -> None:
    old = read(start(), service("A"), end(), flows=LINE)
    new = read(start(), service("A", type_="other"), end(), flows=LINE)

    assert json.loads(json.dumps(difference(old, new).to_json())) == {
        "elements": {"changed": [{"id": "A", "changes": [{"attribute": "job.type", "old": "work", "new": "other"}]}]}
    }


def test_two_files_are_compared_process_by_process() -> None:
    caller = process(start(), call("A", "q"), end(), flows=LINE)
    called = process(start("s1"), user("B"), end("e1"), flows=["s1 > B > e1"], id_="q")
    empty = process(start("s1"), end("e1"), flows=["s1 > e1"], id_="q")
    other = process(start("s2"), end("e2"), flows=["s2 > e2"], id_="r")

    found = differences(build(caller, called), build(caller, empty, other))

    assert list(found) == ["q", "r"]
    assert found["q"] is not None
    assert found["q"].elements.removed == ("B",)
    assert found["r"] is None
