"""Wrong models whose conditional, multiple or instantiating events are drawn wrongly."""

from __future__ import annotations

from tests.bpmn.reader.wrong_models import TASK, Wrong, around, bounded, event, whole

SIGNAL = '<bpmn:signalEventDefinition signalRef="S"/>\n'
MESSAGE = '<bpmn:messageEventDefinition messageRef="M"/>\n'
ERROR = '<bpmn:errorEventDefinition errorRef="E"/>\n'


def conditional(condition: str, extension: str = "") -> str:
    inside = f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>\n" if extension else ""
    return f"<bpmn:conditionalEventDefinition>\n{inside}{condition}\n</bpmn:conditionalEventDefinition>"


def begun(name: str, inside: str, flows: str, *faults: tuple[str, str, str]) -> Wrong:
    """A process without a start event."""
    pairs = [pair.split(">") for pair in flows.split()]
    text = "".join(f'\n<bpmn:sequenceFlow id="{s}{t}" sourceRef="{s}" targetRef="{t}"/>' for s, t in pairs)
    return whole(name, f'{inside}\n<bpmn:endEvent id="end"/>{text}', *faults)


CATCHES = event("intermediateCatchEvent", SIGNAL, "C") + event("intermediateCatchEvent", MESSAGE, "D")

DEFINITIONS = [
    # -- conditional --
    around(
        "conditional without a condition",
        event("intermediateCatchEvent", conditional("")),
        ("conditionalEventDefinition", "A", "the conditional event has no condition"),
    ),
    around(
        "condition that is no FEEL expression",
        event("intermediateCatchEvent", conditional("<bpmn:condition>x</bpmn:condition>")),
        ("<bpmn:condition>", "A", "the condition «x» is no FEEL expression"),
    ),
    around(
        "condition that FEEL cannot read",
        event("intermediateCatchEvent", conditional("<bpmn:condition>=x +</bpmn:condition>")),
        ("intermediateCatchEvent", "A", "=x + is no FEEL"),
    ),
    around(
        "conditional filter of an unknown event",
        event(
            "intermediateCatchEvent",
            conditional("<bpmn:condition>=x</bpmn:condition>", '<zeebe:conditionalFilter variableEvents="delete"/>'),
        ),
        ("conditionalEventDefinition", "A", "the variable event delete, which is not run here"),
    ),
    around(
        "conditional filter on an event that is not conditional",
        '<bpmn:intermediateCatchEvent id="A">\n<bpmn:extensionElements>\n<zeebe:conditionalFilter variableNames="x"/>\n'
        f"</bpmn:extensionElements>\n{SIGNAL}</bpmn:intermediateCatchEvent>",
        ("conditionalFilter", "A", "zeebe:conditionalFilter has no meaning on a intermediateCatchEvent"),
    ),
    # -- multiple --
    around(
        "multiple start of a sub-process",
        f'<bpmn:subProcess id="A">\n<bpmn:startEvent id="s">\n{SIGNAL}{MESSAGE}</bpmn:startEvent>'
        '<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="g" sourceRef="s" targetRef="e"/></bpmn:subProcess>',
        ('startEvent id="s"', "s", "a multiple startEvent in a sub-process is not run here"),
    ),
    around(
        "link among several definitions",
        event("intermediateCatchEvent", SIGNAL + '<bpmn:linkEventDefinition name="L"/>'),
        ("intermediateCatchEvent", "A", "a link definition of a multiple intermediateCatchEvent is not run here"),
    ),
    around(
        "compensation among several definitions of a boundary event",
        bounded(SIGNAL + "<bpmn:compensateEventDefinition/>"),
        ("boundaryEvent", "b", "a compensation definition of a multiple boundaryEvent is not run here"),
    ),
    around(
        "error that is to come together with others",
        bounded(SIGNAL + ERROR, ' parallelMultiple="true"'),
        ("boundaryEvent", "b", "a error definition of a parallel multiple boundaryEvent is not run here"),
    ),
    around(
        "error among several definitions that do not interrupt",
        bounded(SIGNAL + ERROR, ' cancelActivity="false"'),
        ("boundaryEvent", "b", "an error always interrupts"),
    ),
    around(
        "the same error twice in one event",
        bounded(ERROR + ERROR),
        ("boundaryEvent", "b", "it catches the same error twice"),
    ),
    around(
        "an error of one event among several of another",
        bounded(ERROR) + bounded(SIGNAL + ERROR, host="").replace('"b"', '"c"').replace('"f3"', '"f4"'),
        ('boundaryEvent id="c"', "c", "b catches the same error on the same activity"),
    ),
    around(
        "throwing all together",
        event("intermediateThrowEvent", SIGNAL + MESSAGE).replace('"A"', '"A" parallelMultiple="true"'),
        ("intermediateThrowEvent", "A", "a parallel multiple intermediateThrowEvent is not run here"),
    ),
    around(
        "message without a key among several definitions",
        event("intermediateCatchEvent", SIGNAL + '<bpmn:messageEventDefinition messageRef="Bare"/>'),
        ("intermediateCatchEvent", "A", "message Bare has no correlation key"),
    ),
    around(
        "message throw without content among several definitions",
        event("intermediateThrowEvent", SIGNAL + "<bpmn:messageEventDefinition/>"),
        ("intermediateThrowEvent", "A", "it sends nothing"),
    ),
    around(
        "task definition on a multiple event",
        '<bpmn:intermediateThrowEvent id="A">\n<bpmn:extensionElements><zeebe:taskDefinition type="t"/>'
        f"</bpmn:extensionElements>\n{SIGNAL}{MESSAGE}</bpmn:intermediateThrowEvent>",
        ("intermediateThrowEvent", "A", "a multiple event has no work to do"),
    ),
    around(
        "compensation of another scope among several definitions",
        event("intermediateThrowEvent", SIGNAL + '<bpmn:compensateEventDefinition activityRef="gone"/>'),
        ("intermediateThrowEvent", "A", "it compensates gone, which is no activity of its scope"),
    ),
    begun(
        "event-based gateway before an event that needs several",
        '<bpmn:startEvent id="s"/>\n<bpmn:eventBasedGateway id="A"/>\n'
        + event("intermediateCatchEvent", SIGNAL, "C")
        + event("intermediateCatchEvent", SIGNAL + MESSAGE, "D").replace('"D"', '"D" parallelMultiple="true"'),
        "s>A A>C A>D C>end D>end",
        ("eventBasedGateway", "A", "its flow AD leads to D, which waits for no event"),
    ),
    # -- instantiating --
    begun(
        "parallel event-based gateway in the middle",
        f'<bpmn:startEvent id="s"/>\n<bpmn:eventBasedGateway id="A" eventGatewayType="Parallel"/>\n{CATCHES}',
        "s>A A>C A>D C>end D>end",
        ("eventBasedGateway", "A", "a parallel event-based gateway does not begin the process"),
    ),
    begun(
        "flow to an instantiating gateway",
        f'<bpmn:startEvent id="s"/>\n<bpmn:eventBasedGateway id="A" instantiate="true"/>\n{CATCHES}',
        "s>A A>C A>D C>end D>end",
        ("eventBasedGateway", "A", "a sequence flow leads to it"),
    ),
    begun(
        "message without a key behind a parallel instantiating gateway",
        '<bpmn:eventBasedGateway id="A" instantiate="true" eventGatewayType="Parallel"/>\n'
        + event("intermediateCatchEvent", SIGNAL, "C")
        + '\n<bpmn:receiveTask id="D" messageRef="Bare"/>',
        "A>C A>D C>end D>end",
        ("receiveTask", "D", "message Bare has no correlation key"),
    ),
    begun(
        "receive task for two tokens behind an event-based gateway",
        f'<bpmn:startEvent id="s"/>\n<bpmn:eventBasedGateway id="A"/>\n{event("intermediateCatchEvent", SIGNAL, "C")}'
        '\n<bpmn:receiveTask id="D" messageRef="M" startQuantity="2"/>',
        "s>A A>C A>D C>end D>end",
        ("receiveTask", "D", "it waits for several tokens behind an event-based gateway"),
    ),
    begun(
        "instantiating receive task for two tokens",
        '<bpmn:receiveTask id="A" messageRef="M" instantiate="true" startQuantity="2"/>',
        "A>end",
        ("receiveTask", "A", "a receive task that begins the process waits for several tokens"),
    ),
    begun(
        "instantiating receive task with a boundary event",
        bounded(SIGNAL, host='<bpmn:receiveTask id="A" messageRef="M" instantiate="true"/>\n'),
        "A>end",
        ("receiveTask", "A", "a receive task that begins the process has boundary events"),
    ),
    around(
        "instantiating receive task in a sub-process",
        '<bpmn:subProcess id="A">\n<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>\n'
        '<bpmn:receiveTask id="B" messageRef="M" instantiate="true"/>\n'
        '<bpmn:sequenceFlow id="g" sourceRef="s" targetRef="e"/>'
        '<bpmn:sequenceFlow id="h" sourceRef="B" targetRef="e"/></bpmn:subProcess>',
        ("receiveTask", "B", "it begins a process, but stands in a sub-process"),
    ),
    around(
        "condition of a task",
        TASK.replace("/>", ">\n" + conditional("") + "</bpmn:task>"),
        ("conditionalEventDefinition", "A", "conditionalEventDefinition of a task is not run here"),
    ),
]
