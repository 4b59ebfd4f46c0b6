"""Wrong models and exactly the faults they must be refused with.

A case is the inside of a process between `start` and `end` that leads through an element `A` (`around` writes the
rest), or a whole process, or a whole file. Each fault is told by a piece of the line it stands in, the element it
names, and a part of what it says.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.bpmn.building import HEAD

GLOBALS = """
<bpmn:message id="M" name="M"><bpmn:extensionElements>
<zeebe:subscription correlationKey="=k"/></bpmn:extensionElements></bpmn:message>
<bpmn:message id="Bare" name="Bare"/>
<bpmn:error id="E" name="E" errorCode="E"/>
<bpmn:error id="Computed" name="C" errorCode="=code"/>
<bpmn:escalation id="X" name="X" escalationCode="X"/>
<bpmn:signal id="S" name="S"/>
"""


@dataclass(frozen=True)
class Wrong:
    """One wrong file and its faults: (piece of the line, element id, part of the problem)."""

    name: str
    xml: str
    faults: tuple[tuple[str, str, str], ...]


def whole(name: str, process: str, *faults: tuple[str, str, str], globals_: str = GLOBALS) -> Wrong:
    """A case that writes the inside of its process."""
    text = f'{HEAD}<bpmn:process id="p" name="P" isExecutable="true">\n{process}\n</bpmn:process>{globals_}'
    return Wrong(name, f"{text}</bpmn:definitions>", faults)


def around(name: str, inside: str, *faults: tuple[str, str, str], globals_: str = GLOBALS) -> Wrong:
    """A case that writes `A` and what belongs to it."""
    process = (
        '<bpmn:startEvent id="start"/>\n<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="A"/>\n'
        f'{inside}\n<bpmn:sequenceFlow id="f2" sourceRef="A" targetRef="end"/>\n<bpmn:endEvent id="end"/>'
    )
    return whole(name, process, *faults, globals_=globals_)


def extended(tag: str, id_: str, extension: str, inside: str = "", attributes: str = "") -> str:
    """An element with extension elements, in lines of its own."""
    return (
        f'<bpmn:{tag} id="{id_}"{attributes}>\n<bpmn:extensionElements>\n{extension}\n</bpmn:extensionElements>\n'
        f"{inside}</bpmn:{tag}>"
    )


TASK = '<bpmn:task id="A"/>'


def clocked(name: str, clock: str, piece: str, problem: str) -> Wrong:
    """A case whose process has a clock."""
    text = clock.replace("{stop}", '<yekuo:stop element="A" on="completed"/>')
    return around(name, f"<bpmn:extensionElements>\n{text}\n</bpmn:extensionElements>\n{TASK}", (piece, "p", problem))


JOB = extended("serviceTask", "A", '<zeebe:taskDefinition type="t"/>')
BACK = """<bpmn:boundaryEvent id="b" attachedToRef="A">
{definition}
</bpmn:boundaryEvent>
<bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="end"/>"""


def bounded(definition: str, attributes: str = "", host: str = TASK) -> str:
    return host + BACK.replace('attachedToRef="A"', f'attachedToRef="A"{attributes}').format(definition=definition)


def looped(loop: str, condition: str = "", attributes: str = "", tag: str = "task") -> str:
    return (
        f'<bpmn:{tag} id="A">\n<bpmn:multiInstanceLoopCharacteristics{attributes}>\n'
        f"<bpmn:extensionElements>\n{loop}\n</bpmn:extensionElements>\n{condition}\n"
        f"</bpmn:multiInstanceLoopCharacteristics>\n</bpmn:{tag}>"
    )


def event(tag: str, definition: str, id_: str = "A") -> str:
    return f'<bpmn:{tag} id="{id_}">\n{definition}\n</bpmn:{tag}>'


GATEWAY = (
    '<bpmn:exclusiveGateway id="A"{default}/>\n<bpmn:task id="B"/>\n'
    '<bpmn:sequenceFlow id="g" sourceRef="A" targetRef="B"{flow}\n'
    '<bpmn:sequenceFlow id="h" sourceRef="B" targetRef="end"/>'
)
CONDITION = "><bpmn:conditionExpression>{}</bpmn:conditionExpression></bpmn:sequenceFlow>"

CASES = [
    # -- elements and events that are not run --
    around(
        "complex gateway", '<bpmn:complexGateway id="A"/>', ("complexGateway", "A", "complexGateway is not run here")
    ),
    around("transaction", '<bpmn:transaction id="A"/>', ("transaction", "A", "transaction is not run here")),
    around("ad-hoc", '<bpmn:adHocSubProcess id="A"/>', ("adHoc", "A", "adHocSubProcess is not run here")),
    around(
        "conditional event",
        event("intermediateCatchEvent", "<bpmn:conditionalEventDefinition/>"),
        ("intermediateCatchEvent", "A", "a conditional intermediateCatchEvent is not run here"),
    ),
    around(
        "cancel end",
        TASK
        + '\n<bpmn:sequenceFlow id="f3" sourceRef="A" targetRef="z"/>'
        + event("endEvent", "<bpmn:cancelEventDefinition/>", "z"),
        ('endEvent id="z"', "z", "a cancel endEvent is not run here"),
    ),
    around(
        "terminate in the middle",
        event("intermediateThrowEvent", "<bpmn:terminateEventDefinition/>"),
        ("intermediateThrowEvent", "A", "a terminate intermediateThrowEvent is not run here"),
    ),
    whole(
        "signal start of a process",
        event("startEvent", '<bpmn:signalEventDefinition signalRef="S"/>')
        + '<bpmn:endEvent id="end"/><bpmn:sequenceFlow id="f" sourceRef="A" targetRef="end"/>',
        ("startEvent", "A", "a signal startEvent in a process is not run here"),
    ),
    around(
        "none catch",
        '<bpmn:intermediateCatchEvent id="A"/>',
        ("intermediateCatchEvent", "A", "a none intermediateCatchEvent is not run here"),
    ),
    around(
        "two definitions",
        event(
            "intermediateCatchEvent",
            '<bpmn:signalEventDefinition signalRef="S"/><bpmn:messageEventDefinition messageRef="M"/>',
        ),
        ("intermediateCatchEvent", "A", "more than one event definition"),
    ),
    around(
        "event definition on a task",
        event("task", '<bpmn:signalEventDefinition signalRef="S"/>'),
        ("signalEventDefinition", "A", "signalEventDefinition of a task is not run here"),
    ),
    around(
        "data association",
        event("task", '<bpmn:dataInputAssociation id="d"/>'),
        ("dataInputAssociation", "A", "dataInputAssociation of a task is not run here"),
    ),
    around(
        "script in a foreign language",
        event("scriptTask", "<bpmn:script>x = 1</bpmn:script>"),
        ("<bpmn:script>", "A", "script of a scriptTask is not run here"),
        ("scriptTask", "A", "it has no FEEL expression"),
    ),
    around(
        "standard loop",
        event("task", "<bpmn:standardLoopCharacteristics/>"),
        ("standardLoop", "A", "standardLoopCharacteristics"),
    ),
    around("unknown tag", TASK + '\n<bpmn:dance id="d"/>', ("dance", "d", "dance is not run here")),
    around("foreign tag", TASK + '\n<zeebe:dance id="d"/>', ("zeebe:dance", "d", "is unknown here")),
    # -- attributes --
    around(
        "start quantity", '<bpmn:task id="A" startQuantity="2"/>', ("task", "A", 'startQuantity="2" is not run here')
    ),
    around(
        "instantiating receive task",
        '<bpmn:receiveTask id="A" messageRef="M" instantiate="true"/>',
        ("receiveTask", "A", 'instantiate="true" is not run here'),
    ),
    around(
        "a boolean written as a number",
        bounded(
            "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>",
            ' cancelActivity="0"',
        ),
        ("boundaryEvent", "b", 'cancelActivity="0" is not run here'),
    ),
    around(
        "compensation that is not waited for",
        event("intermediateThrowEvent", '<bpmn:compensateEventDefinition waitForCompletion="false"/>'),
        ("compensateEventDefinition", "A", 'waitForCompletion="false" is not run here'),
    ),
    around(
        "multi-instance behaviour",
        looped('<zeebe:loopCharacteristics inputCollection="=[1]"/>', attributes=' behavior="One"'),
        ("multiInstance", "A", 'behavior="One" is not run here'),
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
    # -- boundary events --
    around(
        "boundary of a gateway",
        bounded('<bpmn:signalEventDefinition signalRef="S"/>', host='<bpmn:parallelGateway id="A"/>'),
        ("boundaryEvent", "b", "it is attached to A, which is no activity"),
    ),
    around(
        "boundary of nothing",
        TASK
        + event("boundaryEvent", '<bpmn:signalEventDefinition signalRef="S"/>', "b")
        + '<bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="end"/>',
        ("boundaryEvent", "b", "it is attached to nothing"),
    ),
    around(
        "boundary that leads nowhere",
        bounded('<bpmn:signalEventDefinition signalRef="S"/>').replace('sourceRef="b"', 'sourceRef="A"'),
        ("boundaryEvent", "b", "no sequence flow leads out of it"),
    ),
    around(
        "error that does not interrupt",
        bounded('<bpmn:errorEventDefinition errorRef="E"/>', ' cancelActivity="false"'),
        ("boundaryEvent", "b", "an error always interrupts"),
    ),
    around(
        "two boundary events for one error",
        bounded('<bpmn:errorEventDefinition errorRef="E"/>')
        + BACK.format(definition='<bpmn:errorEventDefinition errorRef="E"/>').replace('"b"', '"c"').replace("f3", "f4"),
        ('boundaryEvent id="c"', "c", "b catches the same error on the same activity"),
    ),
    around(
        "two event sub-processes for one error",
        TASK
        + "".join(
            f'\n<bpmn:subProcess id="W{n}" triggeredByEvent="true"><bpmn:startEvent id="ws{n}">'
            f'<bpmn:errorEventDefinition errorRef="E"/></bpmn:startEvent><bpmn:endEvent id="we{n}"/>'
            f'<bpmn:sequenceFlow id="wf{n}" sourceRef="ws{n}" targetRef="we{n}"/></bpmn:subProcess>'
            for n in (1, 2)
        ),
        ('subProcess id="W2"', "ws2", "ws1 catches the same error in the same scope"),
    ),
    around(
        "computed code of a catch",
        bounded('<bpmn:errorEventDefinition errorRef="Computed"/>'),
        ("boundaryEvent", "b", "the code =code of what it catches is an expression"),
    ),
    around(
        "compensation without a handler",
        TASK + event("boundaryEvent", "<bpmn:compensateEventDefinition/>", "b").replace('"b"', '"b" attachedToRef="A"'),
        ("boundaryEvent", "b", "it has no compensation handler"),
    ),
    around(
        "compensation event with a flow",
        bounded("<bpmn:compensateEventDefinition/>"),
        ("boundaryEvent", "b", "it has no compensation handler"),
        ("boundaryEvent", "b", "a sequence flow leads out of it"),
    ),
    around(
        "boundary event in another scope than its activity",
        TASK
        + '\n<bpmn:subProcess id="W" triggeredByEvent="true">\n<bpmn:startEvent id="ws">'
        + '<bpmn:signalEventDefinition signalRef="S"/></bpmn:startEvent><bpmn:endEvent id="we"/>'
        + '<bpmn:sequenceFlow id="wf" sourceRef="ws" targetRef="we"/>\n'
        + BACK.format(definition='<bpmn:signalEventDefinition signalRef="S"/>').replace('"end"', '"we"')
        + "</bpmn:subProcess>",
        ("boundaryEvent", "b", "it stands in another scope than its activity"),
    ),
    around(
        "lonely handler",
        TASK + '\n<bpmn:task id="undo" isForCompensation="true"/>',
        ('"undo"', "undo", "no boundary event leads to it"),
    ),
    around(
        "compensation of another scope",
        '<bpmn:subProcess id="A"><bpmn:startEvent id="s"/><bpmn:task id="inner"/><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="g" sourceRef="s" targetRef="inner"/>'
        '<bpmn:sequenceFlow id="h" sourceRef="inner" targetRef="e"/></bpmn:subProcess>\n'
        '<bpmn:sequenceFlow id="i" sourceRef="A" targetRef="back"/>\n'
        '<bpmn:endEvent id="back"><bpmn:compensateEventDefinition activityRef="inner"/></bpmn:endEvent>',
        ('endEvent id="back"', "back", "it compensates inner, which is no activity of its scope"),
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
        "escalation without a code",
        event("intermediateThrowEvent", '<bpmn:escalationEventDefinition escalationRef="Y"/>'),
        ("escalationEventDefinition", "A", "escalation Y has no code"),
        globals_='\n<bpmn:escalation id="Y"/>\n',
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
    # -- timers --
    around(
        "timer without a definition",
        event("intermediateCatchEvent", "<bpmn:timerEventDefinition/>"),
        ("timerEventDefinition", "A", "the timer has 0 definitions"),
    ),
    *(
        around(
            f"wrong {tag} {text}",
            event(
                "intermediateCatchEvent",
                f"<bpmn:timerEventDefinition>\n<bpmn:{tag}>{text}</bpmn:{tag}>\n</bpmn:timerEventDefinition>",
            ),
            (f"<bpmn:{tag}>", "A", problem),
        )
        for tag, text, problem in [
            ("timeDuration", "1 day", "1 day is no duration"),
            ("timeDuration", "P", "P is no duration"),
            ("timeDate", "tomorrow", "tomorrow is no date and time"),
            ("timeDate", "2026-02-30T08:00:00", "is no date and time"),
            ("timeCycle", "0 0 9 * * MON", "is no repeating interval"),
            ("timeCycle", "R/PT0S", "is no repeating interval"),
            ("timeCycle", "R0/PT1H", "is no repeating interval"),
            ("timeCycle", "R3/soon/PT1H", "is no repeating interval"),
            ("timeDuration", "", "the timer is empty"),
        ]
    ),
    # -- work --
    around("no job type", '<bpmn:serviceTask id="A"/>', ("serviceTask", "A", "it has no task definition")),
    around(
        "empty job type",
        extended("serviceTask", "A", "<zeebe:taskDefinition/>"),
        ("serviceTask", "A", "its job type is empty"),
    ),
    around("no decision", '<bpmn:businessRuleTask id="A"/>', ("businessRuleTask", "A", "it has no decision")),
    around(
        "no result",
        extended("scriptTask", "A", '<zeebe:script expression="=1"/>'),
        ("scriptTask", "A", "its result goes nowhere"),
    ),
    around(
        "result that is no name",
        extended("scriptTask", "A", '<zeebe:script expression="=1" resultVariable="my result"/>'),
        ("scriptTask", "A", "my result is no name of a variable"),
    ),
    around("no called process", '<bpmn:callActivity id="A"/>', ("callActivity", "A", "it calls no process")),
    around(
        "mapping without a target",
        extended("userTask", "A", '<zeebe:ioMapping><zeebe:input source="=1"/></zeebe:ioMapping>'),
        ("userTask", "A", "a variable mapping has no source or no target"),
    ),
    *(
        around(
            f"mapping to {target}",
            extended(
                "userTask", "A", f'<zeebe:ioMapping><zeebe:output source="=1" target="{target}"/></zeebe:ioMapping>'
            ),
            ("userTask", "A", f"{target} is no name of a variable"),
        )
        for target in ("a b", "=a", "a..b", "1a", "a-b")
    ),
    around(
        "expression that cannot be parsed",
        extended("userTask", "A", '<zeebe:assignmentDefinition assignee="=if x then"/>'),
        ("userTask", "A", "=if x then is no FEEL"),
    ),
    around(
        "mapping that cannot be parsed",
        extended("userTask", "A", '<zeebe:ioMapping><zeebe:input source="=1 +" target="x"/></zeebe:ioMapping>'),
        ("userTask", "A", "=1 + is no FEEL"),
    ),
    around(
        "random number",
        extended("scriptTask", "A", '<zeebe:script expression="=random number()" resultVariable="r"/>'),
        ("scriptTask", "A", "=random number() is no FEEL"),
    ),
    # -- extension elements --
    around(
        "extension that is not run",
        extended("userTask", "A", "<zeebe:taskListeners/>"),
        ("zeebe:taskListeners", "A", "zeebe:taskListeners is not run here"),
    ),
    around(
        "extension on the wrong element",
        extended("userTask", "A", '<zeebe:taskDefinition type="t"/>'),
        ("zeebe:taskDefinition", "A", "zeebe:taskDefinition has no meaning on a userTask"),
    ),
    around(
        "extension twice",
        extended("serviceTask", "A", '<zeebe:taskDefinition type="t"/>\n<zeebe:taskDefinition type="u"/>'),
        ('type="u"', "A", "zeebe:taskDefinition stands twice"),
    ),
    around(
        "unknown attribute",
        extended("userTask", "A", '<zeebe:formDefinition formKey="k"/>'),
        ("zeebe:formDefinition", "A", "attribute formKey of zeebe:formDefinition is not run here"),
    ),
    around(
        "unknown mapping",
        extended("userTask", "A", '<zeebe:ioMapping>\n<zeebe:both source="=1" target="x"/>\n</zeebe:ioMapping>'),
        ("zeebe:both", "A", "zeebe:both in zeebe:ioMapping is not run here"),
    ),
    around(
        "binding by version",
        extended("callActivity", "A", '<zeebe:calledElement processId="q" bindingType="versionTag"/>'),
        ("zeebe:calledElement", "A", "binding versionTag is not run here"),
    ),
    around(
        "Camunda 7 attribute",
        '<bpmn:userTask id="A" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:assignee="li"/>',
        ("userTask", "A", "attribute camunda:assignee belongs to Camunda 7"),
    ),
    around(
        "Camunda 7 element",
        extended("userTask", "A", '<c:in xmlns:c="http://camunda.org/schema/1.0/bpmn"/>'),
        ("<c:in", "A", "camunda:in belongs to Camunda 7"),
    ),
    around(
        "own extension that is unknown",
        extended("callActivity", "A", '<zeebe:calledElement processId="q"/>\n<yekuo:dance/>'),
        ("yekuo:dance", "A", "yekuo:dance is unknown"),
    ),
    around(
        "message of a withdrawn call on another element",
        extended("userTask", "A", '<yekuo:onCancel message="M"/>'),
        ("yekuo:onCancel", "A", "yekuo:onCancel names the message"),
    ),
    around(
        "clock without a limit",
        extended("userTask", "A", "<yekuo:clock/>"),
        ("yekuo:clock", "A", "yekuo:clock names no limit"),
    ),
    around(
        "clock of an activity that says when it stops",
        extended("userTask", "A", '<yekuo:clock limit="l">\n<yekuo:stop element="A" on="completed"/></yekuo:clock>'),
        ("yekuo:clock", "A", "a clock of an activity runs from its activation to its completion"),
    ),
    around(
        "clock on an event",
        extended("intermediateThrowEvent", "A", '<yekuo:clock limit="l"/>'),
        ("yekuo:clock", "A", "a clock of an activity runs from its activation to its completion"),
    ),
    around(
        "clock with an unknown attribute",
        extended("userTask", "A", '<yekuo:clock limit="l" speed="2"/>'),
        ("yekuo:clock", "A", "attribute speed of yekuo:clock is unknown"),
    ),
    around(
        "two clocks of one id",
        extended("userTask", "A", '<yekuo:clock id="k" limit="l"/>\n<yekuo:clock limit="l" id="k"/>'),
        ('limit="l" id="k"', "A", "clock k stands twice in the process"),
    ),
    clocked(
        "clock without an id", '<yekuo:clock limit="l">\n{stop}\n</yekuo:clock>', "yekuo:clock", "the clock has no id"
    ),
    clocked("clock that never stops", '<yekuo:clock id="k" limit="l"/>', "yekuo:clock", "clock k never stops"),
    clocked(
        "clock that is passed to no call",
        '<yekuo:clock id="k" limit="l" passTo="A"/>',
        "yekuo:clock",
        "clock k is passed to A, which is no call activity",
    ),
    clocked(
        "clock that stops by an element that is not there",
        '<yekuo:clock id="k" limit="l">\n<yekuo:stop element="B" on="completed"/></yekuo:clock>',
        "yekuo:stop",
        "clock k: stop names B, which is not in this process",
    ),
    clocked(
        "clock that stops at no moment",
        '<yekuo:clock id="k" limit="l">\n<yekuo:stop element="A" on="noon"/></yekuo:clock>',
        "yekuo:stop",
        "clock k: stop on «noon» is no moment of an element",
    ),
    clocked(
        "milestone without a limit",
        '<yekuo:clock id="k" limit="l">{stop}\n<yekuo:milestone id="m" element="A" on="completed"/></yekuo:clock>',
        "yekuo:milestone",
        "clock k: a milestone needs an id and a limit",
    ),
    clocked(
        "milestone at an element that is not there",
        '<yekuo:clock id="k" limit="l">{stop}\n'
        '<yekuo:milestone id="m" limit="l" element="B" on="completed"/></yekuo:clock>',
        "yekuo:milestone",
        "clock k: milestone names B, which is not in this process",
    ),
    clocked(
        "milestone that outlasts its clock perhaps",
        '<yekuo:clock id="k" limit="l">{stop}\n'
        '<yekuo:milestone id="m" limit="l" element="A" on="completed" outlasts="perhaps"/></yekuo:clock>',
        "yekuo:milestone",
        "clock k: outlasts of a milestone is «perhaps»",
    ),
    clocked(
        "clock that counts from what does not start it",
        '<yekuo:clock id="k" limit="l" counts="end">{stop}</yekuo:clock>',
        "yekuo:clock",
        "clock k counts from end, which does not start it",
    ),
    clocked(
        "clock with an unknown part",
        '<yekuo:clock id="k" limit="l">\n{stop}\n<yekuo:pause/>\n</yekuo:clock>',
        "yekuo:pause",
        "pause in yekuo:clock is unknown",
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
        "loop cardinality",
        looped('<zeebe:loopCharacteristics inputCollection="=x"/>', "<bpmn:loopCardinality>3</bpmn:loopCardinality>"),
        ("loopCardinality", "A", "loopCardinality of a multi-instance activity is not run here"),
    ),
    around(
        "multi-instance event",
        looped('<zeebe:loopCharacteristics inputCollection="=x"/>', tag="intermediateThrowEvent"),
        ("multiInstance", "A", "multiInstanceLoopCharacteristics of a intermediateThrowEvent is not run here"),
    ),
    # -- event-based gateway --
    around(
        "event-based gateway with one way",
        '<bpmn:eventBasedGateway id="A"/>',
        ("eventBasedGateway", "A", "it has 1 outgoing flows"),
        ("eventBasedGateway", "A", "its flow f2 leads to end, which waits for no event"),
    ),
    whole(
        "another way to an event behind an event-based gateway",
        '<bpmn:startEvent id="s"/>\n<bpmn:eventBasedGateway id="G"/>\n<bpmn:receiveTask id="A" messageRef="M"/>\n'
        + event("intermediateCatchEvent", '<bpmn:signalEventDefinition signalRef="S"/>', "C")
        + '\n<bpmn:endEvent id="end"/>\n'
        + "".join(
            f'<bpmn:sequenceFlow id="{s}{t}" sourceRef="{s}" targetRef="{t}"/>'
            for s, t in (("s", "G"), ("G", "A"), ("G", "C"), ("A", "end"), ("C", "A"))
        ),
        ("receiveTask", "A", "other flows than that of the event-based gateway lead to it"),
    ),
    whole(
        "event-based gateway before a receive task with a boundary event",
        '<bpmn:startEvent id="s"/>\n<bpmn:eventBasedGateway id="G"/>\n<bpmn:receiveTask id="A" messageRef="M"/>\n'
        + event("intermediateCatchEvent", '<bpmn:signalEventDefinition signalRef="S"/>', "C")
        + '\n<bpmn:endEvent id="end"/>\n'
        + BACK.format(definition='<bpmn:signalEventDefinition signalRef="S"/>')
        + "".join(
            f'<bpmn:sequenceFlow id="{s}{t}" sourceRef="{s}" targetRef="{t}"/>'
            for s, t in (("s", "G"), ("G", "A"), ("G", "C"), ("A", "end"), ("C", "end"))
        ),
        ("receiveTask", "A", "a receive task after an event-based gateway has boundary events"),
    ),
    # -- roots --
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
            '<bpmn:task id="C" startQuantity="2"/>\n<bpmn:complexGateway id="D"/>\n'
            + "\n".join(
                f'<bpmn:sequenceFlow id="{s}{t}" sourceRef="{s}" targetRef="{t}"/>'
                for s, t in (("s", "A"), ("A", "B"), ("B", "C"), ("C", "D"), ("D", "E"))
            ),
        ).xml,
        (
            ("serviceTask", "A", "it has no task definition"),
            ("scriptTask", "B", "it has no FEEL expression"),
            ('"C"', "C", 'startQuantity="2" is not run here'),
            ("complexGateway", "D", "complexGateway is not run here"),
            ('"DE"', "DE", "its target E is no element"),
        ),
    ),
]
