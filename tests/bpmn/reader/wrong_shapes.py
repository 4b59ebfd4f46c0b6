"""Wrong models whose shapes do not go together: elements, flows, references, loops, and whole files."""

from __future__ import annotations

from tests.bpmn.building import HEAD
from tests.bpmn.reader.wrong_models import TASK, Wrong, around, bounded, event, whole

GATEWAY = (
    '<bpmn:exclusiveGateway id="A"{default}/>\n<bpmn:task id="B"/>\n'
    '<bpmn:sequenceFlow id="g" sourceRef="A" targetRef="B"{flow}\n'
    '<bpmn:sequenceFlow id="h" sourceRef="B" targetRef="end"/>'
)
CONDITION = "><bpmn:conditionExpression>{}</bpmn:conditionExpression></bpmn:sequenceFlow>"


EVENT_START = '<bpmn:startEvent id="s"><bpmn:signalEventDefinition signalRef="S"/></bpmn:startEvent>'


def looped(loop: str, condition: str = "", attributes: str = "", tag: str = "task") -> str:
    return (
        f'<bpmn:{tag} id="A">\n<bpmn:multiInstanceLoopCharacteristics{attributes}>\n'
        f"<bpmn:extensionElements>\n{loop}\n</bpmn:extensionElements>\n{condition}\n"
        f"</bpmn:multiInstanceLoopCharacteristics>\n</bpmn:{tag}>"
    )


SHAPES = [
    # -- elements and events that are not run --
    around(
        "complex gateway that joins without a condition",
        '<bpmn:complexGateway id="A"/>\n<bpmn:parallelGateway id="B"/>\n'
        '<bpmn:sequenceFlow id="g" sourceRef="B" targetRef="A"/>\n'
        '<bpmn:sequenceFlow id="h" sourceRef="A" targetRef="B"/>',
        ("complexGateway", "A", "it joins flows and has no activation condition"),
    ),
    around(
        "activation condition that is no FEEL",
        event("complexGateway", "<bpmn:activationCondition>count > 1</bpmn:activationCondition>"),
        ("complexGateway", "A", "its activation condition count > 1 is no FEEL expression"),
    ),
    around(
        "activation condition that cannot be parsed",
        event("complexGateway", "<bpmn:activationCondition>=1 +</bpmn:activationCondition>"),
        ("complexGateway", "A", "=1 + is no FEEL"),
    ),
    around(
        "activation condition of another gateway",
        event("parallelGateway", "<bpmn:activationCondition>=true</bpmn:activationCondition>"),
        ("activationCondition", "A", "activationCondition of a parallelGateway is not run here"),
    ),
    around(
        "conditional end",
        TASK
        + '\n<bpmn:sequenceFlow id="f3" sourceRef="A" targetRef="z"/>'
        + event("endEvent", "<bpmn:conditionalEventDefinition><bpmn:condition>=x</bpmn:condition>", "z").replace(
            "</bpmn:endEvent>", "</bpmn:conditionalEventDefinition></bpmn:endEvent>"
        ),
        ('endEvent id="z"', "z", "a conditional endEvent is not run here"),
    ),
    around(
        "terminate in the middle",
        event("intermediateThrowEvent", "<bpmn:terminateEventDefinition/>"),
        ("intermediateThrowEvent", "A", "a terminate intermediateThrowEvent is not run here"),
    ),
    whole(
        "error start of a process",
        event("startEvent", '<bpmn:errorEventDefinition errorRef="E"/>')
        + '<bpmn:endEvent id="end"/><bpmn:sequenceFlow id="f" sourceRef="A" targetRef="end"/>',
        ("startEvent", "A", "a error startEvent in a process is not run here"),
    ),
    around(
        "none catch",
        '<bpmn:intermediateCatchEvent id="A"/>',
        ("intermediateCatchEvent", "A", "a none intermediateCatchEvent is not run here"),
    ),
    around(
        "event definition on a task",
        event("task", '<bpmn:signalEventDefinition signalRef="S"/>'),
        ("signalEventDefinition", "A", "signalEventDefinition of a task is not run here"),
    ),
    around(
        "data association of a gateway",
        event("parallelGateway", '<bpmn:dataInputAssociation id="d"/>'),
        ("dataInputAssociation", "A", "dataInputAssociation of a parallelGateway is not run here"),
    ),
    around(
        "script in a foreign language",
        event("scriptTask", "<bpmn:script>x = 1</bpmn:script>"),
        ("<bpmn:script>", "A", "script of a scriptTask is not run here"),
        ("scriptTask", "A", "it has no FEEL expression"),
    ),
    around("unknown tag", TASK + '\n<bpmn:dance id="d"/>', ("dance", "d", "dance is not run here")),
    around("foreign tag", TASK + '\n<zeebe:dance id="d"/>', ("zeebe:dance", "d", "is unknown here")),
    # -- attributes --
    around(
        "instantiating receive task",
        '<bpmn:receiveTask id="A" messageRef="M" instantiate="true"/>',
        ("receiveTask", "A", "a sequence flow leads to it"),
    ),
    around(
        "a boolean written as a word of its own",
        bounded(
            "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>",
            ' cancelActivity="no"',
        ),
        ("boundaryEvent", "b", 'cancelActivity="no" is not run here'),
    ),
    # -- flows --
    around(
        "flow to nowhere",
        TASK + '\n<bpmn:sequenceFlow id="g" sourceRef="A" targetRef="gone"/>',
        ('id="g"', "g", "its target gone is no element"),
    ),
    around(
        "flow without an id",
        TASK + '\n<bpmn:sequenceFlow sourceRef="A" targetRef="end"/>',
        ("<bpmn:sequenceFlow sourceRef", "", "the sequence flow has no id"),
    ),
    around(
        "flow over the border of a sub-process",
        '<bpmn:subProcess id="A">\n<bpmn:startEvent id="s"/>\n<bpmn:task id="t"/>\n'
        '<bpmn:sequenceFlow id="g" sourceRef="s" targetRef="t"/>\n</bpmn:subProcess>\n'
        '<bpmn:sequenceFlow id="h" sourceRef="t" targetRef="end"/>',
        ('id="h"', "h", "crosses the border"),
    ),
    around(
        "flow into a start, and another fault all the same",
        TASK + '\n<bpmn:sequenceFlow id="g" sourceRef="A" targetRef="start"/>\n'
        '<bpmn:sequenceFlow id="h" sourceRef="A" targetRef="gone"/>',
        ('startEvent id="start"', "start", "a sequence flow leads to it"),
        ('id="h"', "h", "its target gone is no element"),
    ),
    around(
        "flow out of an end",
        TASK + '\n<bpmn:sequenceFlow id="g" sourceRef="end" targetRef="A"/>',
        ('endEvent id="end"', "end", "a sequence flow leads out of it"),
    ),
    around("unreached", TASK + '\n<bpmn:task id="B"/>', ('"B"', "B", "no sequence flow leads to it")),
    around(
        "condition that is no FEEL",
        GATEWAY.format(default=' default="f2"', flow=CONDITION.format("${x}")),
        ("conditionExpression", "g", "the condition «${x}» is no FEEL expression"),
    ),
    around(
        "condition that cannot be parsed",
        GATEWAY.format(default=' default="f2"', flow=CONDITION.format("=1 +")),
        ("conditionExpression", "g", "=1 + is no FEEL"),
    ),
    around(
        "bare flow",
        GATEWAY.format(default="", flow=CONDITION.format("=x")),
        ("exclusiveGateway", "A", "flow f2 has no condition"),
    ),
    around(
        "default with a condition",
        GATEWAY.format(default=' default="g"', flow=CONDITION.format("=x")),
        ("exclusiveGateway", "A", "its default flow g has a condition"),
        ("exclusiveGateway", "A", "flow f2 has no condition"),
    ),
    around(
        "default of another",
        GATEWAY.format(default=' default="f1"', flow=CONDITION.format("=x")),
        ("exclusiveGateway", "A", "its default flow f1 does not leave it"),
        ("exclusiveGateway", "A", "flow f2 has no condition"),
    ),
    around(
        "condition out of a parallel gateway",
        GATEWAY.format(default="", flow=CONDITION.format("=x")).replace("exclusive", "parallel"),
        ("parallelGateway", "A", "flow g out of a parallelGateway has a condition"),
    ),
    # -- starts and ids --
    whole("nothing inside", "", ('process id="p"', "p", "the process has no start event")),
    whole(
        "two plain starts",
        '<bpmn:startEvent id="s1"/><bpmn:startEvent id="s2"/><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f" sourceRef="s1" targetRef="e"/>'
        '<bpmn:sequenceFlow id="g" sourceRef="s2" targetRef="e"/>',
        ('process id="p"', "p", "the process has 2 start events"),
    ),
    around(
        "sub-process without a start",
        '<bpmn:subProcess id="A"/>',
        ("subProcess", "A", "the sub-process has no start event"),
    ),
    around("no id", TASK + "\n<bpmn:task/>", ("<bpmn:task/>", "", "the task has no id")),
    around(
        "id twice", TASK + '\n<bpmn:textAnnotation\nid="A"/>', ("<bpmn:textAnnotation", "A", "the id stands in line")
    ),
    # -- references --
    around(
        "unknown message",
        event("intermediateCatchEvent", '<bpmn:messageEventDefinition messageRef="Gone"/>'),
        ("messageEventDefinition", "A", "message Gone is not defined in this file"),
    ),
    around(
        "no message",
        event("intermediateCatchEvent", "<bpmn:messageEventDefinition/>"),
        ("messageEventDefinition", "A", "it names no message"),
    ),
    around(
        "no message where one lacks an id",
        event("intermediateCatchEvent", "<bpmn:messageEventDefinition/>"),
        ("messageEventDefinition", "A", "it names no message"),
        ('<bpmn:message name="N"', "", "the message has no id"),
        globals_='\n<bpmn:message name="N"/>\n',
    ),
    around(
        "message without a name",
        '<bpmn:receiveTask id="A" messageRef="K"/>',
        ('message id="K"', "K", "the message has no name"),
        ("receiveTask", "A", "message  has no correlation key"),
        globals_='\n<bpmn:message id="K"/>\n',
    ),
    around(
        "message without a key",
        event("intermediateCatchEvent", '<bpmn:messageEventDefinition messageRef="Bare"/>'),
        ("intermediateCatchEvent", "A", "message Bare has no correlation key"),
    ),
    around(
        "message whose key is no FEEL",
        '<bpmn:receiveTask id="A" messageRef="K"/>',
        ('message id="K"', "K", "the correlation key k is no FEEL expression"),
        globals_='\n<bpmn:message id="K" name="K"><bpmn:extensionElements><zeebe:subscription correlationKey="k"/>'
        "</bpmn:extensionElements></bpmn:message>\n",
    ),
    around(
        "unknown error",
        TASK
        + '\n<bpmn:sequenceFlow id="g" sourceRef="A" targetRef="z"/>\n'
        + event("endEvent", '<bpmn:errorEventDefinition errorRef="Gone"/>', "z"),
        ("errorEventDefinition", "z", "error Gone is not defined in this file"),
    ),
    around(
        "signal without a name",
        event("intermediateThrowEvent", '<bpmn:signalEventDefinition signalRef="Y"/>'),
        ("signalEventDefinition", "A", "signal Y has no name"),
        globals_='\n<bpmn:signal id="Y"/>\n',
    ),
    around(
        "no signal",
        event("intermediateThrowEvent", "<bpmn:signalEventDefinition/>"),
        ("signalEventDefinition", "A", "it names no signal"),
    ),
    around(
        "message throw without content",
        event("intermediateThrowEvent", "<bpmn:messageEventDefinition/>"),
        ("intermediateThrowEvent", "A", "it sends nothing"),
    ),
    whole(
        "link without a partner",
        '<bpmn:startEvent id="s"/>\n'
        + event("intermediateThrowEvent", '<bpmn:linkEventDefinition name="L"/>')
        + '\n<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="A"/>',
        ("intermediateThrowEvent", "A", "0 link catch events are named L"),
    ),
    around(
        "link without a name",
        event("intermediateThrowEvent", "<bpmn:linkEventDefinition/>"),
        ("linkEventDefinition", "A", "the link has no name"),
        ("intermediateThrowEvent", "A", "a sequence flow leads out of a link throw event"),
        ("intermediateThrowEvent", "A", "0 link catch events are named"),
    ),
    around(
        "link catch that nothing leads to",
        TASK
        + "\n"
        + event("intermediateCatchEvent", '<bpmn:linkEventDefinition name="L"/>', "C")
        + '\n<bpmn:sequenceFlow id="f3" sourceRef="C" targetRef="end"/>',
        ('intermediateCatchEvent id="C"', "C", "no link throw event is named L"),
    ),
    # -- multi-instance --
    around(
        "no input collection",
        looped('<zeebe:loopCharacteristics inputElement="x"/>'),
        ("multiInstance", "A", "has no input collection"),
    ),
    around(
        "half an output",
        looped('<zeebe:loopCharacteristics inputCollection="=x" outputCollection="r"/>'),
        ("multiInstance", "A", "output collection and output element belong together"),
    ),
    around(
        "item that is no name",
        looped('<zeebe:loopCharacteristics inputCollection="=x" inputElement="=item"/>'),
        ("task", "A", "=item is no name of a variable"),
    ),
    around(
        "completion condition that is no FEEL",
        looped(
            '<zeebe:loopCharacteristics inputCollection="=x"/>',
            "<bpmn:completionCondition>x</bpmn:completionCondition>",
        ),
        ("multiInstance", "A", "the completion condition is no FEEL expression"),
    ),
    around(
        "multi-instance event",
        looped('<zeebe:loopCharacteristics inputCollection="=x"/>', tag="intermediateThrowEvent"),
        ("multiInstance", "A", "multiInstanceLoopCharacteristics of a intermediateThrowEvent is not run here"),
    ),
    around(
        "multi-instance event sub-process",
        TASK
        + "\n"
        + looped('<zeebe:loopCharacteristics inputCollection="=x"/>', tag="subProcess")
        .replace('id="A"', 'id="W" triggeredByEvent="true"')
        .replace("</bpmn:subProcess>", f"{EVENT_START}</bpmn:subProcess>"),
        ("subProcess", "W", "an event sub-process cannot be a loop"),
    ),
    # -- roots --
    Wrong(
        "process without an id",
        f'{HEAD}<bpmn:process isExecutable="true"><bpmn:startEvent id="s"/></bpmn:process>\n</bpmn:definitions>',
        (("<bpmn:process", "", "the process has no id"),),
    ),
    Wrong(
        "something of another language beside the process",
        around("", TASK).xml.replace("</bpmn:definitions>", '\n<x:y xmlns:x="urn:x"/></bpmn:definitions>'),
        (("<x:y", "", "y of namespace urn:x is unknown here"),),
    ),
    around(
        "nested too deeply",
        '<bpmn:subProcess id="A">' * 100 + "</bpmn:subProcess>" * 100,
        ("<bpmn:definitions", "Definitions_1", "nested more than 100 levels deep"),
    ),
    Wrong("no BPMN", "<html/>", (("<html/>", "", "this is no BPMN 2.0 file"),)),
    Wrong(
        "nothing executable",
        f'{HEAD}<bpmn:process id="p"/>\n</bpmn:definitions>',
        (("<bpmn:definitions", "Definitions_1", "no process of the file is executable"),),
    ),
    Wrong(
        "imports", f'{HEAD}<bpmn:import location="http://x"/>\n</bpmn:definitions>', (("import", "", "import is not"),)
    ),
    Wrong("cut off", f"{HEAD}<bpmn:process", (("<bpmn:process", "", "not well-formed XML"),)),
    Wrong("nothing at all", "", (("", "", "not well-formed XML"),)),
    Wrong(
        "several faults at once",
        whole(
            "",
            '<bpmn:startEvent id="s"/>\n<bpmn:serviceTask id="A"/>\n<bpmn:scriptTask id="B"/>\n'
            '<bpmn:task id="C" startQuantity="0"/>\n<bpmn:globalTask id="D"/>\n'
            + "\n".join(
                f'<bpmn:sequenceFlow id="{s}{t}" sourceRef="{s}" targetRef="{t}"/>'
                for s, t in (("s", "A"), ("A", "B"), ("B", "C"), ("C", "D"), ("D", "E"))
            ),
        ).xml,
        (
            ("serviceTask", "A", "it has no task definition"),
            ("scriptTask", "B", "it has no FEEL expression"),
            ('"C"', "C", 'startQuantity="0" is no number of tokens'),
            ("globalTask", "D", "globalTask is not run here"),
            ('"DE"', "DE", "its target E is no element"),
        ),
    ),
]
