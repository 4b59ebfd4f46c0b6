"""The table of what is supported is what is enforced: every row can be drawn, and nothing beside it."""

from __future__ import annotations

import pytest

from bpmn import Definition, ModelRefused
from bpmn.support import SUPPORT
from tests.bpmn.building import (
    CANCEL,
    TERMINATE,
    Part,
    Shape,
    ad_hoc,
    boundary,
    build,
    call,
    catch,
    compensation,
    condition,
    end,
    error,
    escalation,
    gateway,
    link,
    message,
    process,
    receive,
    script,
    service,
    signal,
    start,
    sub,
    task,
    throw,
    timer,
    transaction,
    user,
    zeebe,
)

DEFINITIONS: dict[str, tuple[Part, ...]] = {
    "none": (),
    "message": (message("M"),),
    "timer": (timer("R/PT1H"),),
    "signal": (signal("S"),),
    "error": (error("E"),),
    "escalation": (escalation("X"),),
    "compensation": (compensation(),),
    "terminate": (TERMINATE,),
    "link": (link("L"),),
    "conditional": (condition("=x > 5"),),
    "multiple": (message("M"), signal("S")),
    "parallel multiple": (message("M"), signal("S")),
    "cancel": (CANCEL,),
}


def with_event(place: str, kind: str) -> Definition:
    """A process with an event of a kind in a place, and what belongs to it."""
    parts = DEFINITIONS[kind]
    more: list[Shape] = []
    flows = ["start > A > end"]
    links: list[str] = []
    shapes = [start(), task("task", "A"), end()]
    if place == "startEvent of a process":
        shapes[0] = start("start", *parts)
    elif place == "startEvent of a sub-process":
        shapes[1] = sub("A", start("s", *parts), end("e"), flows=["s > e"])
    elif place == "startEvent of an event sub-process":
        more = [sub("E", start("s", *parts), end("e"), flows=["s > e"], by_event=True)]
    elif kind == "cancel" and place in ("boundaryEvent", "endEvent"):
        parts = () if place == "boundaryEvent" else parts
        shapes[1] = transaction("A", start("s"), end("e", *parts), flows=["s > e"])
        more = [boundary("A", "b", CANCEL)]
        flows += ["b > end"]
    elif place == "boundaryEvent":
        more = [boundary("A", "b", *parts)]
        undo = kind == "compensation"
        more += [task("task", "undo", undoes=True)] if undo else []
        links = ["b > undo"] if undo else []
        flows += [] if undo else ["b > end"]
    elif place == "endEvent":
        shapes[2] = end("end", *parts)
    else:
        event = (catch if place == "intermediateCatchEvent" else throw)("A", *parts)
        shapes[1] = event
        if kind == "link":
            more = [throw("B", *parts) if place == "intermediateCatchEvent" else catch("B", *parts)]
            flows = ["start > B", "A > end"] if place == "intermediateCatchEvent" else ["start > A", "B > end"]
    model = process(*shapes, *more, flows=flows, links=links)
    if kind == "parallel multiple":
        for one in [*model.inside, *(inner for shape in model.inside for inner in shape.inside)]:
            one.attributes |= {"parallelMultiple": "true"} if one.parts == parts else {}
    return build(model)


@pytest.mark.parametrize("place", SUPPORT.events)
@pytest.mark.parametrize("kind", DEFINITIONS)
def test_an_event_is_read_where_the_table_has_it_and_refused_elsewhere(place: str, kind: str) -> None:
    if kind in SUPPORT.events[place]:
        assert with_event(place, kind).processes["p"]
    else:
        with pytest.raises(ModelRefused, match=f"a {kind} .* is not run here"):
            with_event(place, kind)


def test_every_event_definition_is_tried() -> None:
    assert set(DEFINITIONS) - {"none", *SUPPORT.multiple} == set(SUPPORT.event_definitions.values())


NODES: dict[str, Shape] = {
    "task": task("task", "A"),
    "manualTask": task("manualTask", "A"),
    "userTask": user("A"),
    "serviceTask": service("A"),
    "sendTask": task("sendTask", "A", zeebe("taskDefinition", type="t")),
    "receiveTask": receive("A", "M"),
    "scriptTask": script("A", "=1", "r"),
    "businessRuleTask": task("businessRuleTask", "A", zeebe("calledDecision", decisionId="d", resultVariable="r")),
    "callActivity": call("A", "q"),
    "subProcess": sub("A", start("s"), end("e"), flows=["s > e"]),
    "transaction": transaction("A", start("s"), end("e"), flows=["s > e"]),
    "adHocSubProcess": ad_hoc("A", task("task", "T")),
    "exclusiveGateway": gateway("exclusive", "A"),
    "inclusiveGateway": gateway("inclusive", "A"),
    "parallelGateway": gateway("parallel", "A"),
    "complexGateway": gateway("complex", "A"),
    "intermediateCatchEvent": catch("A", timer("PT1H")),
    "intermediateThrowEvent": throw("A"),
}
ELSEWHERE = {"startEvent", "endEvent", "boundaryEvent", "eventBasedGateway"}
"""Kinds that other tests of this folder and of the engine draw."""


@pytest.mark.parametrize("kind", NODES)
def test_an_element_of_the_table_is_read(kind: str) -> None:
    definition = build(process(start(), NODES[kind], end(), flows=["start > A > end"]))

    assert definition.processes["p"].elements["A"].kind == kind


def test_every_element_of_the_table_is_tried() -> None:
    assert set(NODES) | ELSEWHERE == SUPPORT.flow_nodes


@pytest.mark.parametrize("kind", sorted(SUPPORT.refused))
def test_what_the_table_refuses_is_refused_with_its_remedy(kind: str) -> None:
    inside = Part(f"<bpmn:{kind}/>") if kind.endswith("Characteristics") else Part()
    shape = task("task", "A", inside) if inside.xml else task(kind, "A")

    with pytest.raises(ModelRefused) as refused:
        build(process(start(), shape, end(), flows=["start > A > end"]))

    assert [fault.remedy for fault in refused.value.faults] == [SUPPORT.refused[kind]]


@pytest.mark.parametrize("tag", SUPPORT.zeebe)
def test_an_extension_element_is_refused_where_the_table_does_not_have_it(tag: str) -> None:
    """No extension element that says what runs may stand on a gateway."""
    extended = gateway("parallel", "A")
    extended.parts = (zeebe(tag),)
    model = process(start(), extended, end(), flows=["start > A > end"])

    if {"*", "parallelGateway"} & set(SUPPORT.zeebe[tag].on):
        assert build(model)
    else:
        with pytest.raises(ModelRefused, match=f"zeebe:{tag} has no meaning on a parallelGateway"):
            build(model)


HOLDERS = {
    "process": lambda: Shape("process", "p"),
    "activity": lambda: task("task", "A"),
    "catching event": lambda: catch("A", timer("PT1H")),
    "throwing event": lambda: throw("A"),
}


SUBSCRIPTION = Part(
    '<bpmn:correlationSubscription id="d" correlationKeyRef="K"><bpmn:correlationPropertyBinding '
    'correlationPropertyRef="P"><bpmn:dataPath>=id</bpmn:dataPath></bpmn:correlationPropertyBinding>'
    "</bpmn:correlationSubscription>",
    globals_=(
        '<bpmn:correlationProperty id="P"/>',
        '<bpmn:collaboration id="C"><bpmn:correlationKey id="K"><bpmn:correlationPropertyRef>P'
        "</bpmn:correlationPropertyRef></bpmn:correlationKey></bpmn:collaboration>",
    ),
)


@pytest.mark.parametrize("place", SUPPORT.data)
@pytest.mark.parametrize("tag", sorted({tag for tags in SUPPORT.data.values() for tag in tags}))
def test_a_tag_about_data_is_read_where_the_table_has_it_and_refused_elsewhere(place: str, tag: str) -> None:
    holder = HOLDERS[place]()
    model = process(start(), task("task", "A"), end(), flows=["start > A > end"])
    if place == "process":
        holder = model
    else:
        model.inside = (start(), holder, end())
    holder.parts += (SUBSCRIPTION if tag == "correlationSubscription" else Part(f'<bpmn:{tag} id="d"/>'),)

    if tag in SUPPORT.data[place]:
        assert build(model).processes["p"]
    else:
        with pytest.raises(ModelRefused, match=f"{tag} .*is not run here"):
            build(model)
