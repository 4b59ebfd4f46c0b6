"""Wrong models whose loops, ad-hoc sub-processes, transactions and compensation do not go together."""

from __future__ import annotations

from tests.bpmn.reader.wrong_models import GLOBALS, TASK, Wrong, around, event
from tests.bpmn.reader.wrong_shapes import looped

ITEMS = '<zeebe:loopCharacteristics inputCollection="=x"/>'


def repeated(attributes: str = "", inside: str = "", more: str = "") -> str:
    loop = f"<bpmn:standardLoopCharacteristics{attributes}>\n{inside}\n</bpmn:standardLoopCharacteristics>"
    return f'<bpmn:task id="A">\n{loop}\n{more}</bpmn:task>'


def counted(inside: str = "", attributes: str = "") -> str:
    loop = "bpmn:multiInstanceLoopCharacteristics"
    return f'<bpmn:task id="A">\n<{loop}{attributes}>\n{inside}\n</{loop}>\n</bpmn:task>'


def condition(text: str) -> str:
    return f"<bpmn:loopCondition>{text}</bpmn:loopCondition>"


def cardinality(text: str) -> str:
    return f"<bpmn:loopCardinality>{text}</bpmn:loopCardinality>"


def complex_(condition: str, event: str) -> str:
    inside = f"<bpmn:condition>{condition}</bpmn:condition>\n{event}"
    return f"{cardinality('2')}\n<bpmn:complexBehaviorDefinition>{inside}\n</bpmn:complexBehaviorDefinition>"


def by_event(id_: str, definition: str = "<bpmn:compensateEventDefinition/>") -> str:
    return (
        f'\n<bpmn:subProcess id="{id_}" triggeredByEvent="true">\n<bpmn:startEvent id="{id_}s">{definition}'
        f'</bpmn:startEvent>\n<bpmn:endEvent id="{id_}e"/>'
        f'<bpmn:sequenceFlow id="{id_}f" sourceRef="{id_}s" targetRef="{id_}e"/>\n</bpmn:subProcess>'
    )


def holding(tag: str, inside: str, extra: str = "") -> str:
    """A sub-process of a kind with a start, an end, and what is inside it beside them."""
    return (
        f'<bpmn:{tag} id="A">\n<bpmn:startEvent id="s"/>\n<bpmn:sequenceFlow id="sf" sourceRef="s" targetRef="e"/>'
        f'\n<bpmn:endEvent id="e"/>{inside}\n</bpmn:{tag}>{extra}'
    )


CANCEL_END = event("endEvent", "<bpmn:cancelEventDefinition/>", "e")
CANCELLED = """
<bpmn:boundaryEvent id="{0}" attachedToRef="A"{1}><bpmn:cancelEventDefinition/></bpmn:boundaryEvent>
<bpmn:sequenceFlow id="{0}f" sourceRef="{0}" targetRef="end"/>"""

ACTIVITIES: list[Wrong] = [
    # -- standard loops --
    around("endless loop", repeated(), ("standardLoop", "A", "the loop never ends")),
    around(
        "loop condition that is no FEEL",
        repeated("", condition("x")),
        ("standardLoop", "A", "the loop condition is no FEEL expression"),
    ),
    around("loop condition that cannot be parsed", repeated("", condition("=1 +")), ('id="A"', "A", "=1 + is no FEEL")),
    *(
        around(
            f"loop maximum {text}",
            repeated(f' loopMaximum="{text}"'),
            ("standardLoop", "A", f"the loop maximum {text} is no number of runs"),
        )
        for text in ("0", "-1", "=n", "")
    ),
    around(
        "unknown child of a loop",
        repeated(' loopMaximum="2"', "<bpmn:dance/>"),
        ("<bpmn:dance/>", "A", "dance of a standard loop is not run here"),
    ),
    around(
        "two loops at once",
        repeated(' loopMaximum="2"', more=looped(ITEMS).partition("\n")[2].rpartition("</bpmn:task>")[0]),
        ("standardLoop", "A", "it is a standard loop and multi-instance at once"),
    ),
    around(
        "event sub-process that is a loop",
        TASK
        + by_event("W", '<bpmn:signalEventDefinition signalRef="S"/>').replace(
            "</bpmn:subProcess>", '<bpmn:standardLoopCharacteristics loopMaximum="2"/></bpmn:subProcess>'
        ),
        ('subProcess id="W"', "W", "an event sub-process cannot be a loop"),
    ),
    # -- multi-instance --
    around(
        "cardinality and collection",
        looped(ITEMS, cardinality("3")),
        ("multiInstance", "A", "has a cardinality and an input collection"),
    ),
    around(
        "cardinality that is no number",
        counted(cardinality("many")),
        ("multiInstance", "A", "the cardinality many is neither a number nor a FEEL expression"),
    ),
    around(
        "items of a cardinality",
        counted(cardinality("3") + '<bpmn:inputDataItem id="i" name="item"/>'),
        ("multiInstance", "A", "a cardinality gives no items"),
    ),
    around(
        "data that is not there",
        counted("<bpmn:loopDataInputRef>gone</bpmn:loopDataInputRef>"),
        ("loopDataInputRef", "A", "loopDataInputRef refers to gone, which is no data of this file"),
    ),
    around(
        "data whose name is none of a variable",
        counted("<bpmn:loopDataInputRef>D</bpmn:loopDataInputRef>") + '\n<bpmn:dataObject id="D" name="my items"/>',
        ("loopDataInputRef", "A", "my items, which loopDataInputRef refers to, is no name of a variable"),
    ),
    around(
        "output item whose name is none of a variable",
        counted(
            cardinality("2")
            + '<bpmn:loopDataOutputRef>D</bpmn:loopDataOutputRef><bpmn:outputDataItem id="i" name="a b"/>'
        )
        + '\n<bpmn:dataObject id="D" name="results"/>',
        ("multiInstance", "A", "the output data item a b is no name of a variable"),
    ),
    around(
        "unknown child of a multi-instance marker",
        counted(cardinality("3") + "\n<bpmn:dance/>"),
        ("<bpmn:dance/>", "A", "dance of a multi-instance activity is not run here"),
    ),
    around(
        "unknown behaviour",
        counted(cardinality("3"), ' behavior="Some"'),
        ("multiInstance", "A", 'behavior="Some" is not run here'),
    ),
    around(
        "behaviour whose event is not at the root",
        counted(cardinality("3"), ' behavior="One" oneBehaviorEventRef="gone"'),
        ("multiInstance", "A", "oneBehaviorEventRef names gone, which is no event definition at the root"),
    ),
    around(
        "behaviour that throws an unknown signal",
        counted(cardinality("3"), ' behavior="One" oneBehaviorEventRef="Ev"'),
        ("signalEventDefinition", "A", "signal gone is not defined in this file"),
        globals_=GLOBALS + '\n<bpmn:signalEventDefinition id="Ev" signalRef="gone"/>\n',
    ),
    around(
        "behaviour that throws a message without a key",
        counted(cardinality("3"), ' behavior="One" oneBehaviorEventRef="Ev"'),
        ("multiInstance", "A", "what it throws by Ev is no message with a correlation key"),
        globals_=GLOBALS + '\n<bpmn:messageEventDefinition id="Ev" messageRef="Bare"/>\n',
    ),
    around(
        "complex behaviour without a definition",
        counted(cardinality("3"), ' behavior="Complex"'),
        ("multiInstance", "A", "its complex behaviour is not defined"),
    ),
    around(
        "complex behaviour without an event",
        counted(complex_("=true", '<bpmn:event id="ev"/>'), ' behavior="Complex"'),
        ("complexBehavior", "A", "its complex behaviour throws no event, or several"),
    ),
    around(
        "complex behaviour whose condition is no FEEL",
        counted(
            complex_("x", '<bpmn:event id="ev"><bpmn:signalEventDefinition signalRef="S"/></bpmn:event>'),
            ' behavior="Complex"',
        ),
        ("complexBehavior", "A", "the condition of its complex behaviour is no FEEL expression"),
    ),
    # -- quantities --
    *(
        around(
            f"{attribute} {text}",
            f'<bpmn:task id="A" {attribute}="{text}"/>',
            ('id="A"', "A", f'{attribute}="{text}" is no number of tokens'),
        )
        for attribute, text in (("startQuantity", "0"), ("completionQuantity", "two"))
    ),
    # -- ad-hoc sub-processes --
    around("empty ad-hoc", '<bpmn:adHocSubProcess id="A"/>', ("adHoc", "A", "nothing inside it can be activated")),
    around(
        "ad-hoc with start and end",
        holding("adHocSubProcess", '\n<bpmn:task id="T"/>'),
        ('startEvent id="s"', "s", "a startEvent stands in an ad-hoc sub-process"),
        ('endEvent id="e"', "e", "a endEvent stands in an ad-hoc sub-process"),
    ),
    around(
        "ad-hoc with an unreached gateway",
        '<bpmn:adHocSubProcess id="A">\n<bpmn:task id="T"/>\n<bpmn:exclusiveGateway id="G"/>\n</bpmn:adHocSubProcess>',
        ('"G"', "G", "no sequence flow leads to it"),
    ),
    around(
        "ad-hoc ordering",
        '<bpmn:adHocSubProcess id="A" ordering="Random">\n<bpmn:task id="T"/>\n</bpmn:adHocSubProcess>',
        ("adHoc", "A", 'ordering="Random" is not run here'),
    ),
    around(
        "ad-hoc condition that is no FEEL",
        '<bpmn:adHocSubProcess id="A">\n<bpmn:task id="T"/>\n<bpmn:completionCondition>x</bpmn:completionCondition>\n'
        "</bpmn:adHocSubProcess>",
        ("completionCondition", "A", "the completion condition is no FEEL expression"),
    ),
    around(
        "ad-hoc that a job decides for, and the diagram as well",
        '<bpmn:adHocSubProcess id="A" cancelRemainingInstances="false">\n<bpmn:extensionElements>'
        '<zeebe:taskDefinition type="choose"/><zeebe:adHoc activeElementsCollection="=[&quot;T&quot;]"/>'
        '</bpmn:extensionElements>\n<bpmn:task id="T"/>\n'
        "<bpmn:completionCondition>=done</bpmn:completionCondition>\n</bpmn:adHocSubProcess>",
        ("adHoc", "A", "its job decides what is activated, and so does a collection"),
        ("adHoc", "A", "its job decides when it is complete, and so does a completion condition"),
        ("adHoc", "A", "its job says whether what still runs is ended, and so does cancelRemainingInstances"),
    ),
    around(
        "ad-hoc job without a type",
        '<bpmn:adHocSubProcess id="A">\n<bpmn:extensionElements><zeebe:taskDefinition type=""/>'
        '</bpmn:extensionElements>\n<bpmn:task id="T"/>\n</bpmn:adHocSubProcess>',
        ("adHoc", "A", "its job type is empty"),
    ),
    around(
        "ad-hoc collections",
        '<bpmn:adHocSubProcess id="A">\n<bpmn:extensionElements><zeebe:adHoc activeElementsCollection="T"'
        ' outputCollection="r"/></bpmn:extensionElements>\n<bpmn:task id="T"/>\n</bpmn:adHocSubProcess>',
        ("adHoc", "A", "the collection of active elements T is no FEEL expression"),
        ("adHoc", "A", "output collection and output element belong together"),
    ),
    # -- transactions --
    around("transaction without a start", '<bpmn:transaction id="A"/>', ("transaction", "A", "has no start event")),
    around(
        "cancel end outside of a transaction",
        TASK + '\n<bpmn:sequenceFlow id="f3" sourceRef="A" targetRef="e"/>\n' + CANCEL_END,
        ('endEvent id="e"', "e", "no transaction is around it"),
    ),
    around(
        "cancel end without a cancel boundary",
        holding("transaction", "").replace('<bpmn:endEvent id="e"/>', CANCEL_END),
        ('endEvent id="e"', "e", "transaction A has no cancel boundary event"),
    ),
    around(
        "cancel boundary of a sub-process",
        holding("subProcess", "", CANCELLED.format("b", "")),
        ('boundaryEvent id="b"', "b", "A is no transaction"),
    ),
    around(
        "cancel boundary that does not interrupt",
        holding("transaction", "", CANCELLED.format("b", ' cancelActivity="false"')),
        ('boundaryEvent id="b"', "b", "a cancel event always interrupts"),
    ),
    around(
        "two cancel boundaries",
        holding("transaction", "", CANCELLED.format("b", "") + CANCELLED.format("c", "")),
        ('boundaryEvent id="c"', "c", "b catches the same cancel on the same activity"),
    ),
    # -- compensation --
    around(
        "two compensation handlers",
        holding("subProcess", by_event("W"))
        + '\n<bpmn:boundaryEvent id="b" attachedToRef="A"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>'
        '<bpmn:task id="undo" isForCompensation="true"/>'
        '<bpmn:association id="l" sourceRef="b" targetRef="undo"/>',
        ('startEvent id="Ws"', "Ws", "A has a compensation handler beside it, too"),
    ),
    around(
        "two event sub-processes that compensate",
        holding("subProcess", by_event("V") + by_event("W")),
        ('startEvent id="Ws"', "Ws", "V compensates A, too"),
    ),
    around(
        "event sub-process that compensates and waits",
        holding(
            "subProcess",
            by_event("W", '<bpmn:compensateEventDefinition/><bpmn:signalEventDefinition signalRef="S"/>'),
        ),
        ('startEvent id="Ws"', "Ws", "a compensation definition of a multiple startEvent in an event sub-process"),
    ),
    around(
        "global task without an id",
        TASK,
        ("<bpmn:globalTask", "", "the globalTask has no id"),
        globals_='\n<bpmn:globalTask name="N"/>\n',
    ),
]
