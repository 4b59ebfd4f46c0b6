"""Wrong models whose boundary events, timers, or event-based gateways do not go together."""

from __future__ import annotations

from tests.bpmn.reader.wrong_models import BACK, TASK, around, bounded, event, whole

EVENTS = [
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
        "error that starts an event sub-process beside its scope",
        TASK
        + '\n<bpmn:subProcess id="W" triggeredByEvent="true">\n<bpmn:startEvent id="ws" isInterrupting="false">'
        + '<bpmn:errorEventDefinition errorRef="E"/></bpmn:startEvent>\n<bpmn:endEvent id="we"/>'
        + '<bpmn:sequenceFlow id="wf" sourceRef="ws" targetRef="we"/></bpmn:subProcess>',
        ('startEvent id="ws"', "ws", "an error always interrupts"),
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
            ("timeCycle", "0 0 24 * * MON", "is no repeating interval"),
            ("timeCycle", "0 0 9 30 2 *", "is no repeating interval"),
            ("timeCycle", "@sometimes", "is no repeating interval"),
            ("timeCycle", "R/PT1H/soon", "is no repeating interval"),
            ("timeCycle", "R/2026-01-02T08:00:00/2026-01-01T08:00:00", "is no repeating interval"),
            ("timeCycle", "R/PT0S", "is no repeating interval"),
            ("timeCycle", "R0/PT1H", "is no repeating interval"),
            ("timeCycle", "R3/soon/PT1H", "is no repeating interval"),
            ("timeDuration", "", "the timer is empty"),
        ]
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
    whole(
        "flow to a link catch event",
        '<bpmn:startEvent id="s"/>\n'
        + event("intermediateCatchEvent", '<bpmn:linkEventDefinition name="L"/>')
        + "\n"
        + event("intermediateThrowEvent", '<bpmn:linkEventDefinition name="L"/>', "T")
        + '\n<bpmn:parallelGateway id="G"/>\n<bpmn:endEvent id="end"/>\n'
        + "".join(
            f'<bpmn:sequenceFlow id="{s}{t}" sourceRef="{s}" targetRef="{t}"/>'
            for s, t in (("s", "G"), ("G", "T"), ("G", "A"), ("A", "end"))
        ),
        ("intermediateCatchEvent", "A", "a sequence flow leads to a link catch event"),
    ),
]
