"""Wrong models whose extension elements are those of other engines, or say what nobody runs here."""

from __future__ import annotations

from tests.bpmn.reader.wrong_models import TASK, around, extended, whole

C7 = ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'


def listening(tag: str, rows: str, of: str = "execution", inside: str = "") -> str:
    """An element `A` with listeners, each in a line of its own."""
    return extended(tag, "A", f"<zeebe:{of}Listeners>\n{rows}\n</zeebe:{of}Listeners>", inside)


def listener(moment: str, kind: str = "t", of: str = "execution") -> str:
    """One listener."""
    return f'<zeebe:{of}Listener eventType="{moment}" type="{kind}"/>'


EXTENSIONS = [
    # -- listeners --
    around(
        "moment that execution listeners do not have",
        listening("task", listener("take")),
        ('"take"', "A", "zeebe:executionListener of eventType take is not run here"),
    ),
    around(
        "moment by a name that it had once",
        listening("userTask", listener("complete", of="task"), "task"),
        ('"complete"', "A", "zeebe:taskListener of eventType complete is not run here"),
    ),
    around(
        "moment of user tasks at another task",
        listening("task", listener("cancel")),
        ('"cancel"', "A", "zeebe:executionListener of eventType cancel is not run here"),
    ),
    around(
        "listener before all of a task that is not multi-instance",
        listening("task", listener("beforeAll")),
        ('"beforeAll"', "A", "it is not multi-instance"),
    ),
    around("listener without a job type", listening("task", listener("end", "")), ("<zeebe:ex", "A", "no job type")),
    around(
        "listener twice",
        listening("task", f"{listener('end')}\n{listener('start')}\n{listener('end')}"),
        ('"end"', "A", "job type t stands twice at end"),
    ),
    around(
        "listener with another attribute",
        listening("task", '<zeebe:executionListener eventType="end" type="t" event="end"/>'),
        ("event=", "A", "attribute event of zeebe:executionListener is not run here"),
    ),
    around(
        "listener whose type cannot be parsed",
        listening("task", listener("end", "=1 +")),
        ("<bpmn:task", "A", "=1 + is no FEEL"),
    ),
    around(
        "end listener of a gateway",
        listening("parallelGateway", listener("end")),
        ('"end"', "A", "a parallelGateway has no end listeners"),
    ),
    whole(
        "start listener of a start event",
        listening("startEvent", listener("start")) + '<bpmn:sequenceFlow id="f" sourceRef="A" targetRef="end"/>'
        '<bpmn:endEvent id="end"/>',
        ('"start"', "A", "a startEvent has no start listeners"),
    ),
    whole(
        "end listener of an error event",
        '<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="A"/>\n'
        + listening("endEvent", listener("end"), inside='<bpmn:errorEventDefinition errorRef="E"/>'),
        ('"end"', "A", "an error end event has no end listeners"),
    ),
    whole(
        "end listener of a multiple event that terminates",
        '<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="A"/>\n'
        + listening(
            "endEvent",
            listener("end"),
            inside='<bpmn:signalEventDefinition signalRef="S"/><bpmn:terminateEventDefinition/>',
        ),
        ('"end"', "A", "a multiple event that terminates has no end listeners"),
    ),
    around(
        "start listener of a boundary event",
        f"{TASK}\n"
        + listening("boundaryEvent", listener("start"), inside='<bpmn:errorEventDefinition errorRef="E"/>').replace(
            'id="A"', 'id="b" attachedToRef="A"'
        )
        + '<bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="end"/>',
        ('"start"', "b", "a boundaryEvent has no start listeners"),
    ),
    around(
        "listener of a compensation event",
        f"{TASK}\n"
        + listening("boundaryEvent", listener("end"), inside="<bpmn:compensateEventDefinition/>").replace(
            'id="A"', 'id="b" attachedToRef="A"'
        )
        + '<bpmn:task id="U" isForCompensation="true"/><bpmn:association id="a" sourceRef="b" targetRef="U"/>',
        ('"end"', "b", "a compensation event has no listeners"),
    ),
    # -- embedded forms --
    *[
        around(
            f"embedded form {what}",
            f"<bpmn:extensionElements>\n<zeebe:userTaskForm{id_}>{json}</zeebe:userTaskForm>\n</bpmn:extensionElements>"
            f"\n{TASK}",
            ("userTaskForm", "p", problem),
        )
        for what, id_, json, problem in [
            ("without an id", "", "{}", "the form has no id"),
            ("that is no JSON", ' id="f"', "{", "form f is no JSON"),
        ]
    ],
    # -- bindings --
    around(
        "linked resource of a version without a tag",
        extended(
            "serviceTask",
            "A",
            '<zeebe:taskDefinition type="t"/>\n<zeebe:linkedResources>\n'
            '<zeebe:linkedResource resourceId="r" bindingType="versionTag"/>\n</zeebe:linkedResources>',
        ),
        ("linkedResource ", "A", "the binding names no version tag"),
    ),
    around(
        "time to live that is no duration",
        extended("sendTask", "A", '<zeebe:publishMessage timeToLive="1 h"/>', attributes=' messageRef="M"'),
        ("<bpmn:sendTask", "A", "the time to live 1 h is no duration"),
    ),
    around(
        "attribute of Camunda 8 that nobody knows",
        '<bpmn:task id="A" zeebe:speed="high"/>',
        ("<bpmn:task", "A", "attribute zeebe:speed is not run here"),
    ),
    # -- Camunda 7 and its kin --
    around(
        "class of Java",
        f'<bpmn:serviceTask id="A"{C7} camunda:class="org.example.Pay" camunda:asyncBefore="true"/>',
        ("camunda:class", "A", "attribute camunda:class belongs to Camunda 7"),
        ("camunda:class", "A", "attribute camunda:asyncBefore belongs to Camunda 7"),
        ("camunda:class", "A", "it has no task definition"),
    ),
    around(
        "delegate of Flowable",
        '<bpmn:task id="A" xmlns:flowable="http://flowable.org/bpmn" flowable:delegateExpression="${pay}"/>',
        ("flowable:", "A", "attribute flowable:delegateExpression belongs to Camunda 7"),
    ),
    around(
        "listener of Activiti",
        extended("task", "A", '<a:executionListener xmlns:a="http://activiti.org/bpmn" class="x"/>'),
        ("<a:exec", "A", "activiti:executionListener belongs to Camunda 7"),
    ),
    around(
        "extensions of a sequence flow and of a message",
        f"{TASK}\n" + extended("dataObject", "d", f"<camunda:properties{C7}/>"),
        ("<camunda:properties", "d", "camunda:properties belongs to Camunda 7"),
        ("camunda:x", "m", "attribute camunda:x belongs to Camunda 7"),
        globals_=f'\n<bpmn:message id="m" name="m"{C7} camunda:x="y"/>',
    ),
]
