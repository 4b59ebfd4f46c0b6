"""What is read of a good model, how fast, and that no input whatever brings another exception than `ModelRefused`."""

from __future__ import annotations

import copy
import random
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import Definition, ModelRefused, read
from bpmn.model import EventDefinition, Message
from tests.bpmn.building import (
    Part,
    boundary,
    build,
    call,
    catch,
    compensation,
    condition,
    end,
    error,
    gateway,
    instantiating,
    message,
    model_xml,
    on_event,
    parallel,
    process,
    receive,
    signal,
    start,
    sub,
    task,
    timer,
    user,
    zeebe,
)

MODELS = [path.read_text("utf-8") for path in sorted(Path(__file__).parents[1].joinpath("models").glob("*.bpmn"))]
EVENTS = process(
    instantiating("G", "Parallel"),
    catch("C", condition("=load > 80", variableNames="load")),
    receive("R", "M"),
    user("A"),
    boundary("A", "b", timer("cycle=0 0 9 * * MON-FRI"), error()),
    parallel(catch("both", message("Paid"), signal("Approved"))),
    end("e", message("Ready"), error()),
    flows=["G > C > A > both > e", "G > R > A", "b > e"],
)
MODELS.append(model_xml(EVENTS))


def test_elements_stand_in_the_order_of_the_document_with_their_scopes_and_flows() -> None:
    inner = sub("S", start("s"), user("B"), end("e"), flows=["s > B > e"])
    elements = build(process(start(), inner, user("A"), end(), flows=["start > S > A > end"])).processes["p"].elements

    assert [(e.id, e.scope) for e in elements.values()] == [
        ("start", "p"),
        ("S", "p"),
        ("s", "S"),
        ("B", "S"),
        ("e", "S"),
        ("A", "p"),
        ("end", "p"),
    ]
    assert (elements["A"].incoming, elements["A"].outgoing) == (("S_A",), ("A_end",))


def test_truth_values_are_read_as_numbers_too() -> None:
    shape = process(
        start(),
        user("A"),
        boundary("A", "b", timer("PT1H"), interrupting=False),
        end(),
        end("end2"),
        flows=["start > A > end", "b > end2"],
    )
    xml = model_xml(shape)
    numbers = xml.replace('isExecutable="true"', 'isExecutable="1"').replace('"false"', '" 0 "')
    assert numbers.count('" 0 "') == 1

    assert read(numbers) == read(xml)


def test_lanes_names_and_documentation_are_read() -> None:
    text = model_xml(process(start(), user("A"), sub("S", start("s"), end("e"), flows=["s > e"]), end()))
    text = text.replace(
        '<bpmn:startEvent id="start">',
        '<bpmn:laneSet id="ls"><bpmn:lane id="l" name="营销部"><bpmn:flowNodeRef>A</bpmn:flowNodeRef>'
        '<bpmn:childLaneSet><bpmn:lane name="报装班"><bpmn:flowNodeRef>S</bpmn:flowNodeRef></bpmn:lane>'
        '</bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>\n<bpmn:startEvent id="start">',
    )
    text = text.replace('<bpmn:userTask id="A">', '<bpmn:userTask id="A" name="现场&#10;勘查">')
    text = text.replace("</bpmn:userTask>", "<bpmn:documentation> look </bpmn:documentation></bpmn:userTask>")
    flows = [("start", "A"), ("A", "S"), ("S", "end")]
    extra = "".join(f'<bpmn:sequenceFlow id="{s}{t}" sourceRef="{s}" targetRef="{t}"/>' for s, t in flows)
    elements = read(text.replace("</bpmn:process>", extra + "</bpmn:process>")).processes["p"].elements

    assert (elements["A"].lane, elements["S"].lane, elements["s"].lane, elements["start"].lane) == (
        "营销部",
        "报装班",
        "报装班",
        "",
    )
    assert (elements["A"].name, elements["A"].documentation) == ("现场 勘查", "look")


def test_an_annotation_at_a_compensation_event_is_not_its_handler() -> None:
    model = process(
        start(),
        task("task", "A"),
        boundary("A", "c", compensation()),
        task("task", "undo", undoes=True),
        task("textAnnotation", "note"),
        end(),
        flows=["start > A > end"],
        links=["c > undo", "c > note"],
    )

    assert build(model).processes["p"].elements["c"].handler == "undo"


def test_extension_elements_of_others_are_kept_by_name_and_do_no_harm() -> None:
    text = model_xml(process(start(), user("A"), end(), flows=["start > A > end"])).replace(
        "<zeebe:userTask/>", '<zeebe:userTask/><o:colour xmlns:o="http://other" value="red"/>'
    )

    beside = '<bpmn:extensionElements><o:owner xmlns:o="http://other"/></bpmn:extensionElements>'
    text = text.replace('isExecutable="true">', f'isExecutable="true">{beside}', 1)

    assert read(text).processes["p"].foreign_extensions == ("{http://other}owner", "{http://other}colour")


def test_properties_and_the_version_tag_are_read() -> None:
    shown = zeebe("properties")
    text = model_xml(process(start(), user("A", shown), end(), flows=["start > A > end"]))
    text = text.replace(
        "<zeebe:properties/>", '<zeebe:properties><zeebe:property name="stage" value="勘查"/></zeebe:properties>'
    )
    text = text.replace(
        'isExecutable="true">',
        'isExecutable="true"><bpmn:extensionElements><zeebe:versionTag value="7"/></bpmn:extensionElements>',
    )
    one = read(text).processes["p"]

    assert one.elements["A"].properties == {"stage": "勘查"}
    assert one.version_tag == "7"


def test_a_lane_without_a_name_leaves_its_elements_to_the_lane_around() -> None:
    lanes = (
        '<bpmn:laneSet id="ls"><bpmn:lane id="l" name="营销部"><bpmn:flowNodeRef>A</bpmn:flowNodeRef>'
        '<bpmn:childLaneSet><bpmn:lane id="m"><bpmn:flowNodeRef>A</bpmn:flowNodeRef></bpmn:lane>'
        "</bpmn:childLaneSet></bpmn:lane></bpmn:laneSet>"
    )
    model = process(start(), user("A"), end(), flows=["start > A > end"])
    model.parts = (Part(lanes),)

    assert build(model).processes["p"].elements["A"].lane == "营销部"


def test_the_documentation_of_processes_elements_and_flows_is_kept() -> None:
    note = Part("<bpmn:documentation>why</bpmn:documentation>")
    model = process(start(), user("A", note), end(), flows=["start > A"])
    flow = '<bpmn:sequenceFlow id="f" sourceRef="A" targetRef="end">' + note.xml + "</bpmn:sequenceFlow>"
    model.parts = (note, Part(flow))
    definition = build(model)

    for one in (definition, Definition.load(definition.dump())):
        found = one.processes["p"]
        assert (found.documentation, found.elements["A"].documentation, found.flows["f"].documentation) == ("why",) * 3
        assert found.flows["start_A"].documentation == ""


def test_an_event_of_one_definition_is_that_event_even_where_it_is_marked_for_several() -> None:
    model = process(start(), parallel(catch("A", message("M"))), end(), flows=["start > A > end"])

    assert build(model).processes["p"].elements["A"].event == EventDefinition("message", message=Message("M", "=key"))


def test_a_process_that_is_not_executable_is_only_drawn() -> None:
    drawn = '<bpmn:process id="q"><bpmn:complexGateway id="G"/></bpmn:process>'
    text = model_xml(process(start(), end(), flows=["start > end"]))

    assert list(read(text.replace("</bpmn:definitions>", drawn + "</bpmn:definitions>")).processes) == ["p"]


def large(count: int) -> str:
    """A model of about `count` elements of many kinds."""
    shapes = [start()]
    flows = []
    last = "start"
    for n in range(count // 8):
        shapes += [
            gateway("exclusive", f"x{n}"),
            user(f"u{n}", zeebe("assignmentDefinition", assignee=f"=owners[{n}]")),
            boundary(f"u{n}", f"t{n}", timer("PT1H"), interrupting=False),
            call(f"c{n}", "other"),
            boundary(f"c{n}", f"m{n}", message(f"M{n % 7}")),
            sub(f"s{n}", start(f"ss{n}"), end(f"se{n}"), flows=[f"ss{n} > se{n}"]),
        ]
        flows += [
            f"{last} > x{n}",
            f"x{n} > u{n}: =a > {n}",
            f"x{n} > c{n}: default",
            f"u{n} > s{n}",
            f"c{n} > s{n}",
            f"t{n} > c{n}",
            f"m{n} > s{n}",
        ]
        last = f"s{n}"
    return model_xml(process(*shapes, end(), flows=[*flows, f"{last} > end"]))


@pytest.mark.usefixtures("empty_heap")
def test_a_model_of_two_thousand_elements_is_read_within_a_second() -> None:
    text = large(2000)

    began = time.process_time()
    definition = read(text)
    took = time.process_time() - began

    assert len(definition.processes["p"].elements) >= 2000
    assert took < 1.0


_TOKENS = [
    "</bpmn:task>",
    "<bpmn:subProcess>",
    '"',
    ">",
    "<",
    "&#0;",
    "&lt;",
    "=1+",
    "zeebe:",
    "id=",
    "\U0001f600",
    "数",
]
_VALUES = ["", "true", "false", "0", "=", "=x", "=1 +", "${x}", "PT0S", "A", "p", "Message_Paid"]


def read_or_refused(text: str | bytes) -> None:
    """Reads a text and makes its processes ready to run, or is told what is wrong with it."""
    try:
        definition = read(text)
    except ModelRefused as refused:
        faults = refused.faults
    else:
        faults = ()
        for name in definition.processes:
            definition.graph(name)
    assert all(fault.problem and fault.remedy for fault in faults)


def broken(text: str, chance: random.Random) -> str:
    """A text with a piece cut out and one put in: hardly ever XML."""
    at = chance.randrange(len(text))
    text = text[:at] + text[at + chance.randint(0, 20) :]
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(_TOKENS) + text[at:]


def mutated(text: str, chance: random.Random) -> str:
    """A good model with a few elements dropped, doubled, moved, renamed, or their attributes and texts changed."""
    root = ElementTree.fromstring(text)
    for _ in range(chance.randint(1, 5)):
        parents = {child: parent for parent in root.iter() for child in parent}
        if not parents:
            break
        one, other = chance.choice(list(parents)), chance.choice(list(parents))
        way = chance.randrange(6)
        if way == 0:
            parents[one].remove(one)
        elif way == 1:
            parents[one].append(copy.deepcopy(other))
        elif way == 2 and one not in other.iter() and other not in one.iter():
            parents[one].remove(one)
            other.append(one)
        elif way == 3:
            one.tag = other.tag
        elif way == 4:
            one.text = chance.choice(_VALUES)
        elif one.attrib:
            value = chance.choice([*_VALUES, *other.attrib.values()])
            one.set(chance.choice([*one.attrib, *other.attrib, "cancelActivity", "attachedToRef"]), value)
    return ElementTree.tostring(root, encoding="unicode")


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(MODELS), st.integers(min_value=0))
def test_a_mutated_model_is_read_or_refused(model: str, seed: int) -> None:
    chance = random.Random(seed)
    read_or_refused(broken(model, chance) if seed % 8 == 0 else mutated(model, chance))


@settings(max_examples=200, deadline=None)
@given(st.text() | st.binary())
def test_any_input_is_refused(text: str | bytes) -> None:
    read_or_refused(text)


def test_an_event_sub_process_tells_its_start() -> None:
    model = process(start(), user("A"), end(), on_event("E", timer("PT1H"), then="B"), flows=["start > A > end"])
    graph = build(model).graph("p")

    (watching,) = graph.root.event_subprocesses
    assert watching.start is graph.nodes["E_start"]
