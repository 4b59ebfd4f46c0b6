"""Data, correlation, and what else a file may say (BPMN 2.0 §8.3, §8.4, §10.4; Camunda 8's extension elements)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    catch,
    end,
    io,
    message,
    process,
    script,
    service,
    start,
    throw,
    timer,
    user,
    zeebe,
)
from tests.bpmn.suite.cases import WAIT, Case, around, aside, raw, row

KEY = {"key": "K"}


def _specification(inputs: str = "", outputs: str = "") -> str:
    read = f'<bpmn:dataInput id="A_in" name="{inputs}"/>' if inputs else ""
    written = f'<bpmn:dataOutput id="A_out" name="{outputs}"/>' if outputs else ""
    in_set = "<bpmn:dataInputRefs>A_in</bpmn:dataInputRefs>" if inputs else ""
    out_set = "<bpmn:dataOutputRefs>A_out</bpmn:dataOutputRefs>" if outputs else ""
    sets = f'<bpmn:inputSet id="in">{in_set}</bpmn:inputSet><bpmn:outputSet id="out">{out_set}</bpmn:outputSet>'
    return f'<bpmn:ioSpecification id="spec">{read}{written}{sets}</bpmn:ioSpecification>'


def _data() -> Iterator[Case]:
    order = Shape("dataObject", "Order", {})
    reference = Shape("dataObjectReference", "order", {"name": "order", "dataObjectRef": "Order"})
    reads = (
        _specification(inputs="x")
        + '<bpmn:dataInputAssociation id="ia"><bpmn:sourceRef>order</bpmn:sourceRef>'
        + "<bpmn:targetRef>A_in</bpmn:targetRef></bpmn:dataInputAssociation>"
    )
    reader = script("A", "=x + 1", "told", raw(reads))
    yield row(
        "Data · object read by an association",
        order,
        reference,
        start(),
        reader,
        end(),
        flows=["start > A > end"],
        completed="start A end",
        variables={"order": 4},
        gives={"told": 5},
    )
    for what, structure, incident in (
        ("of a simple type", "xsd:decimal", "data"),
        ("of a structure that is not known", "tns:Order", ""),
    ):
        item = f'<bpmn:itemDefinition id="Item" structureRef="{structure}"/>'
        typed = Shape("dataObject", "order", {"itemSubjectRef": "Item"}, (raw("", item),))
        yield row(
            f"Data · item definition {what}",
            typed,
            start(),
            script("A", '="four"', "order"),
            end(),
            flows=["start > A > end"],
            completed="start" if incident else "start A end",
            incident=incident,
        )
    writes = (
        _specification(outputs="y")
        + '<bpmn:dataOutputAssociation id="oa"><bpmn:sourceRef>A_out</bpmn:sourceRef>'
        + "<bpmn:targetRef>order</bpmn:targetRef></bpmn:dataOutputAssociation>"
    )
    yield row(
        "Data · object written by an association",
        order,
        reference,
        start(),
        user("A", raw(writes)),
        end(),
        flows=["start > A > end"],
        completed="start A end",
        script={"elements": {"A": [{"variables": {"y": 9}}]}},
        gives={"order": 9},
    )
    assigned = (
        _specification(inputs="x")
        + '<bpmn:dataInputAssociation id="ia"><bpmn:targetRef>A_in</bpmn:targetRef><bpmn:assignment id="as">'
        + '<bpmn:from xsi:type="bpmn:tFormalExpression">=n * 2</bpmn:from>'
        + '<bpmn:to xsi:type="bpmn:tFormalExpression">x</bpmn:to></bpmn:assignment></bpmn:dataInputAssociation>'
    )
    yield row(
        "Data · assignment",
        start(),
        script("A", "=x", "told", raw(assigned)),
        end(),
        flows=["start > A > end"],
        completed="start A end",
        variables={"n": 4},
        gives={"told": 8},
    )
    stored = Shape("dataStoreReference", "register", {"name": "register", "dataStoreRef": "Register"})
    beside = '<bpmn:dataStore id="Register" name="register"/>'
    written = writes.replace("<bpmn:targetRef>order<", "<bpmn:targetRef>register<")
    read = reads.replace("<bpmn:sourceRef>order<", "<bpmn:sourceRef>register<").replace("A_", "B_")
    read = read.replace('id="spec"', 'id="spec2"').replace('id="in"', 'id="in2"').replace('id="out"', 'id="out2"')
    yield row(
        "Data · store written and read",
        stored,
        start(),
        user("A", raw(written)),
        script("B", "=x + 1", "told", raw(read)),
        end(),
        flows=["start > A > B > end"],
        completed="start A B end",
        script={"elements": {"A": [{"variables": {"y": 9}}]}},
        gives={"told": 10},
        beside=beside,
    )
    drawn = (
        '<bpmn:property id="P" name="__targetRef_placeholder"/><bpmn:dataInputAssociation id="ia">'
        "<bpmn:sourceRef>order</bpmn:sourceRef><bpmn:targetRef>P</bpmn:targetRef></bpmn:dataInputAssociation>"
    )
    yield row(
        "Data · an association that is only drawn",
        order,
        reference,
        start(),
        user("A", raw(drawn)),
        end(),
        flows=["start > A > end"],
        completed="start A end",
    )
    yield around(
        "Data · input and output mappings",
        service("A", io({"x": "=n"}, {"got": "=result"})),
        flows=[],
        completed="start A end",
        variables={"n": 3},
        script={"elements": {"A": [{"variables": {"result": 8}}]}},
        gives={"got": 8},
    )


def _correlation() -> Iterator[Case]:
    paid = '<bpmn:message id="Message_M" name="M"/>'
    thrown = Part('<bpmn:messageEventDefinition messageRef="Message_M"/>', globals_=(paid,))
    beside = (
        '<bpmn:correlationProperty id="Order"><bpmn:correlationPropertyRetrievalExpression messageRef="Message_M">'
        "<bpmn:messagePath>=orderId</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression>"
        "</bpmn:correlationProperty>"
        '<bpmn:collaboration id="C"><bpmn:participant id="P1" processRef="p"/>'
        '<bpmn:participant id="P2" processRef="receiver"/>'
        '<bpmn:correlationKey id="CK"><bpmn:correlationPropertyRef>Order</bpmn:correlationPropertyRef>'
        "</bpmn:correlationKey></bpmn:collaboration>"
    )
    subscription = Shape(
        "correlationSubscription",
        "CS",
        {"correlationKeyRef": "CK"},
        (
            raw(
                '<bpmn:correlationPropertyBinding id="B" correlationPropertyRef="Order">'
                "<bpmn:dataPath>=orderId</bpmn:dataPath></bpmn:correlationPropertyBinding>"
            ),
        ),
    )
    sender = process(start(), throw("A", thrown, io({"orderId": "=orderId"})), end(), flows=["start > A > end"])
    receiver = process(subscription, start("r"), catch("R", thrown), end("re"), flows=["r > R > re"], id_="receiver")
    yield Case(
        "Correlation · by a property of the message",
        (sender, receiver),
        "start A end r R re",
        variables={"orderId": "O-1"},
        first=("receiver",),
        beside=beside,
    )


def _conversation() -> Iterator[Case]:
    """The first message of a conversation says by what the others find it (key-based correlation)."""
    messages = [f'<bpmn:message id="Message_{name}" name="{name}"/>' for name in "MN"]
    first, second = (
        Part(f'<bpmn:messageEventDefinition messageRef="Message_{name}"/>', globals_=(text,))
        for name, text in zip("MN", messages, strict=True)
    )
    retrievals = "".join(
        f'<bpmn:correlationPropertyRetrievalExpression messageRef="Message_{name}">'
        "<bpmn:messagePath>=orderId</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression>"
        for name in "MN"
    )
    beside = (
        f'<bpmn:correlationProperty id="Order">{retrievals}</bpmn:correlationProperty>'
        '<bpmn:collaboration id="C"><bpmn:participant id="P1" processRef="p"/>'
        '<bpmn:participant id="P2" processRef="receiver"/>'
        '<bpmn:correlationKey id="CK"><bpmn:correlationPropertyRef>Order</bpmn:correlationPropertyRef>'
        "</bpmn:correlationKey></bpmn:collaboration>"
    )
    given = io({"orderId": "=orderId"})
    sender = process(
        start(),
        throw("A", first, given),
        user("W"),
        throw("B", second, given),
        end(),
        flows=["start > A > W > B > end"],
    )
    receiver = process(start("r", first), catch("R", second), end("re"), flows=["r > R > re"], id_="receiver")
    yield Case(
        "Correlation · by the first message of the conversation",
        (sender, receiver),
        "start A W B end r R re",
        variables={"orderId": "K"},
        script={"elements": {"W": [{"after": "PT1M"}]}},
        beside=beside,
    )


def _pools() -> Iterator[Case]:
    sender = process(start(), Shape("sendTask", "A", {}), end(), flows=["start > A > end"])
    receiver = process(start("r"), Shape("receiveTask", "R", {}), end("re"), flows=["r > R > re"], id_="receiver")
    beside = (
        '<bpmn:collaboration id="C"><bpmn:participant id="P1" processRef="p"/>'
        '<bpmn:participant id="P2" processRef="receiver"/>'
        '<bpmn:messageFlow id="MF" sourceRef="A" targetRef="R"/></bpmn:collaboration>'
    )
    both = (sender, receiver)
    yield Case("Pools · a message flow delivers", both, "start A end r R re", first=("receiver",), beside=beside)
    begun = process(start("r", message("M")), end("re"), flows=["r > re"], id_="receiver")
    thrower = process(start(), throw("A", message("M")), end(), flows=["start > A > end"])
    yield Case("Pools · a message begins another process", (thrower, begun), "start A end r re", variables=KEY)


def _listeners() -> Iterator[Case]:
    def listeners(*events: str) -> Part:
        inside = "".join(f'<zeebe:executionListener eventType="{event}" type="listen"/>' for event in events)
        return Part(extension=f"<zeebe:executionListeners>{inside}</zeebe:executionListeners>")

    yield around(
        "Listeners · at start and end", user("A", listeners("start", "end")), flows=[], completed="start A end"
    )

    def of_task(event: str) -> Part:
        inside = f'<zeebe:taskListener eventType="{event}" type="listen"/>'
        return Part(extension=f"<zeebe:taskListeners>{inside}</zeebe:taskListeners>")

    yield around("Listeners · of a user task", user("A", of_task("creating")), flows=[], completed="start A end")
    yield around(
        "Listeners · correct a user task",
        user("A", of_task("creating")),
        flows=[],
        completed="start A end",
        script={"elements": {"A:creating": [{"result": {"corrections": {"priority": 80}}}]}},
    )
    yield around(
        "Listeners · deny a completion",
        user("A", of_task("completing")),
        flows=[],
        completed="start A end",
        script={"elements": {"A:completing": [{"do": "deny", "message": "no"}]}},
    )
    yield around(
        "Listeners · of a task that is assigned",
        user("A", of_task("assigning")),
        flows=[],
        completed="start A end",
        script={"elements": {"A": [{"do": "assign", "result": {"assignee": "wang"}}]}},
    )
    yield around(
        "Listeners · deny an update",
        user("A", of_task("updating")),
        flows=[],
        completed="start A end",
        script={"elements": {"A": [{"do": "update", "result": {"priority": 80}}], "A:updating": [{"do": "deny"}]}},
    )
    yield around(
        "Listeners · of a task that is interrupted",
        user("A", of_task("canceling")),
        boundary("A", "b", timer("PT1H")),
        *aside("B"),
        flows=["b > B > B_end"],
        completed="start b B B_end",
        script={"elements": {"A": [WAIT], "A:canceling": [{"after": "PT1H"}]}},
    )


def _others() -> Iterator[Case]:
    foreign = Part(extension='<x:note xmlns:x="http://example.org/x" text="kept"/>')
    yield around("Extensions · foreign ones are kept", user("A", foreign), flows=[], completed="start A end")
    documented = raw("<bpmn:documentation>说明</bpmn:documentation>")
    yield around("Documentation · is kept", user("A", documented), flows=[], completed="start A end")
    lanes = Shape(
        "laneSet",
        "L",
        {},
        (raw('<bpmn:lane id="Lane" name="营销部"><bpmn:flowNodeRef>A</bpmn:flowNodeRef></bpmn:lane>'),),
    )
    yield around("Lanes · are read", lanes, user("A"), flows=[], completed="start A end")
    bound = Shape("callActivity", "C", {}, (zeebe("calledElement", processId="child", bindingType="deployment"),))
    caller = process(start(), bound, end(), flows=["start > C > end"])
    called = process(start("s"), end("e"), flows=["s > e"], id_="child")
    yield Case("Versions · a call bound to the deployment", (caller, called), "start s e C end")


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _data()
    yield from _correlation()
    yield from _conversation()
    yield from _pools()
    yield from _listeners()
    yield from _others()
