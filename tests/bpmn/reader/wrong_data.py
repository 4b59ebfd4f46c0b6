"""Wrong models whose data do not go together: objects, inputs and outputs, associations, stores, correlation."""

from __future__ import annotations

from tests.bpmn.reader.wrong_models import around, event, whole

OBJECTS = '\n<bpmn:dataObject id="order"/>\n<bpmn:dataObject id="other"/>\n<bpmn:dataStoreReference id="store"/>'


def specified(inside: str, specification: str = "") -> str:
    """A task with the input `in_`, the output `out`, and what is inside it."""
    items = '<bpmn:dataInput id="in_"/>\n<bpmn:dataOutput id="out"/>\n'
    return event("task", f"<bpmn:ioSpecification>\n{items}{specification}</bpmn:ioSpecification>\n{inside}") + OBJECTS


def association(tag: str, sources: str, target: str, inside: str = "") -> str:
    ends = "".join(f"<bpmn:sourceRef>{one}</bpmn:sourceRef>" for one in sources.split())
    return f'<bpmn:{tag} id="d">{ends}<bpmn:targetRef>{target}</bpmn:targetRef>\n{inside}\n</bpmn:{tag}>'


INPUT, OUTPUT = "dataInputAssociation", "dataOutputAssociation"
HIDDEN = """<bpmn:subProcess id="A">
<bpmn:dataObject id="inner" name="order" itemSubjectRef="I"/>
<bpmn:startEvent id="s"/>
<bpmn:sequenceFlow id="g" sourceRef="s" targetRef="T"/>
<bpmn:task id="T">
{inside}
</bpmn:task>
</bpmn:subProcess>
<bpmn:task id="B"/>
"""

SUBSCRIBED = """<bpmn:correlationSubscription id="sub" correlationKeyRef="{key}">
<bpmn:correlationPropertyBinding correlationPropertyRef="P1">
<bpmn:dataPath>{path}</bpmn:dataPath>
</bpmn:correlationPropertyBinding>
</bpmn:correlationSubscription>
<bpmn:startEvent id="s"/>
<bpmn:endEvent id="e"/>
<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="e"/>"""


def correlated(message: str = "M", path: str = "=id", property_: str = "P2") -> str:
    """A key of the properties P1 and P2; P1 is read from a message."""
    return f"""
<bpmn:message id="M" name="M"/>
<bpmn:correlationProperty id="P1">
<bpmn:correlationPropertyRetrievalExpression messageRef="{message}">
<bpmn:messagePath>{path}</bpmn:messagePath>
</bpmn:correlationPropertyRetrievalExpression>
</bpmn:correlationProperty>
<bpmn:correlationProperty id="P2"/>
<bpmn:collaboration id="C">
<bpmn:correlationKey id="K">
<bpmn:correlationPropertyRef>P1</bpmn:correlationPropertyRef>
<bpmn:correlationPropertyRef>{property_}</bpmn:correlationPropertyRef>
</bpmn:correlationKey>
</bpmn:collaboration>
"""


RECEIVE = '<bpmn:receiveTask id="A" messageRef="M"/>'

DATA = [
    around(
        "association with unknown data",
        specified(association(INPUT, "gone", "in_")),
        (INPUT, "A", "gone of its data association is no data that it can reach"),
    ),
    around(
        "association to unknown data",
        specified(association(OUTPUT, "out", "gone")),
        (OUTPUT, "A", "gone of its data association is no data that it can reach"),
    ),
    around(
        "association with data of another activity",
        specified(association(OUTPUT, "kept", "order")) + '\n<bpmn:boundaryEvent id="b" attachedToRef="A">\n'
        '<bpmn:property id="kept"/>\n<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition>\n</bpmn:boundaryEvent>\n"
        '<bpmn:sequenceFlow id="g" sourceRef="b" targetRef="end"/>',
        (OUTPUT, "A", "kept of its data association is no data that it can reach"),
    ),
    around(
        "input association to a data object",
        specified(association(INPUT, "order", "other")),
        (INPUT, "A", "other is no data input or property of it"),
    ),
    around(
        "association without a source",
        specified(association(INPUT, "", "in_")),
        (INPUT, "A", "a data association with 0 sources says nothing"),
    ),
    around(
        "association with two sources",
        specified(association(INPUT, "order other", "in_")),
        (INPUT, "A", "a data association with 2 sources says nothing"),
    ),
    around(
        "transformation that is no FEEL",
        specified(association(INPUT, "order", "in_", "<bpmn:transformation>order</bpmn:transformation>")),
        ("transformation", "A", "order in transformation is no FEEL expression"),
    ),
    around(
        "transformation that cannot be parsed",
        specified(association(INPUT, "order", "in_", "<bpmn:transformation>=1 +</bpmn:transformation>")),
        ("task", "A", "=1 + is no FEEL"),
    ),
    around(
        "value for a store that cannot be parsed",
        specified(association(OUTPUT, "out", "store", "<bpmn:transformation>=1 +</bpmn:transformation>")),
        ("task", "A", "=1 + is no FEEL"),
    ),
    around(
        "assignment from nothing",
        specified(association(INPUT, "order", "in_", "<bpmn:assignment><bpmn:to>in_</bpmn:to></bpmn:assignment>")),
        ("assignment", "A", "nothing in assignment is no FEEL expression"),
    ),
    around(
        "assignment to something else",
        specified(
            association(
                OUTPUT,
                "out",
                "order",
                "<bpmn:assignment><bpmn:from>=out</bpmn:from><bpmn:to>other</bpmn:to></bpmn:assignment>",
            )
        ),
        ("assignment", "A", "the assignment goes to other, which is nothing in order"),
    ),
    around(
        "input set with an input of another",
        specified("", "<bpmn:inputSet><bpmn:dataInputRefs>order</bpmn:dataInputRefs></bpmn:inputSet>\n"),
        ("inputSet", "A", "order is no data input or output of it"),
    ),
    around(
        "item definition that is not there",
        event("task", '<bpmn:property id="kept" itemSubjectRef="Gone"/>'),
        ("property", "A", "item definition Gone is not defined in this file"),
    ),
    around(
        "data that cannot be named",
        event("task", '<bpmn:property id="my-note" name="my note"/>'),
        ("property", "A", "neither name nor id of the property my-note can be that of a variable"),
    ),
    around(
        "two properties of one name",
        event("task", '<bpmn:property id="one" name="note"/><bpmn:property id="two" name="note"/>'),
        ("task", "A", "one and two are both the variable note"),
    ),
    around(
        "two data objects of one name at one activity",
        specified(association(INPUT, "order x", "in_", "<bpmn:transformation>=1</bpmn:transformation>"))
        + '\n<bpmn:dataStoreReference id="x" name="order"/>',
        (INPUT, "A", "order and x are both the variable order here"),
    ),
    around(
        "data object that hides another",
        HIDDEN.format(inside=association(OUTPUT, "", "order", "<bpmn:transformation>=1</bpmn:transformation>"))
        + '<bpmn:sequenceFlow id="h" sourceRef="A" targetRef="B"/>'
        + OBJECTS,
        (OUTPUT, "T", "inner and order are both the variable order here"),
        globals_='\n<bpmn:itemDefinition id="I"/>\n',
    ),
    around(
        "data input of a task", event("task", '<bpmn:dataInput id="d"/>'), ("dataInput", "A", "dataInput of a task")
    ),
    around(
        "input/output specification of an event",
        event("intermediateThrowEvent", "<bpmn:ioSpecification/>"),
        ("ioSpecification", "A", "ioSpecification of a intermediateThrowEvent is not run here"),
    ),
    around(
        "data output of a throw event",
        event("intermediateThrowEvent", '<bpmn:dataOutput id="d"/>'),
        ("dataOutput", "A", "dataOutput of a intermediateThrowEvent is not run here"),
    ),
    # -- correlation --
    around(
        "message that carries only a part of its key",
        RECEIVE,
        ("receiveTask", "A", "message M has no correlation key"),
        globals_=correlated(),
    ),
    around(
        "retrieval from an unknown message",
        '<bpmn:task id="A"/>',
        ("RetrievalExpression", "P1", "message Gone of its retrieval expression is not defined"),
        globals_=correlated(message="Gone"),
    ),
    around(
        "message path that is no FEEL",
        '<bpmn:task id="A"/>',
        ("messagePath", "P1", "the messagePath id is no FEEL expression"),
        globals_=correlated(path="id"),
    ),
    around(
        "key of an unknown property",
        '<bpmn:task id="A"/>',
        ("correlationKey", "K", "correlation property P3 is not defined"),
        globals_=correlated(property_="P3"),
    ),
    around(
        "key of nothing",
        '<bpmn:task id="A"/>',
        ("correlationKey", "K", "the correlation key has no properties"),
        globals_='\n<bpmn:collaboration id="C"><bpmn:correlationKey id="K"/></bpmn:collaboration>\n',
    ),
    whole(
        "subscription to an unknown key",
        SUBSCRIBED.format(key="Gone", path="=id"),
        ("correlationSubscription", "sub", "correlation key Gone of its subscription is not defined"),
        globals_=correlated(),
    ),
    whole(
        "subscription that does not bind all",
        SUBSCRIBED.format(key="K", path="=id"),
        ("correlationSubscription", "sub", "its subscription to K does not bind P2"),
        globals_=correlated(),
    ),
    whole(
        "data path that is no FEEL",
        SUBSCRIBED.format(key="K", path="id"),
        ("dataPath", "sub", "the dataPath id is no FEEL expression"),
        globals_=correlated(property_="P1"),
    ),
]
