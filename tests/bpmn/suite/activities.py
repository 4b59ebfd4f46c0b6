"""Activities (BPMN 2.0 §10.3, §13.3): tasks, sub-processes, loops."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    call,
    catch,
    compensation,
    end,
    error,
    escalation,
    gateway,
    message,
    multi,
    on_event,
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
    user,
    zeebe,
)
from tests.bpmn.suite.cases import WAIT, Case, around, aside, raw, row, sent, waits

KEY = {"key": "K"}
ITEMS = {"items": [1, 2, 3]}
DECISION = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="level" name="level"><variable id="v" name="level"/>
<decisionTable id="t" hitPolicy="FIRST">
<input id="i"><inputExpression id="ie" typeRef="number"><text>x</text></inputExpression></input>
<output id="o" name="level" typeRef="string"/>
<rule id="r1"><inputEntry id="e1"><text>&gt; 1</text></inputEntry>
<outputEntry id="o1"><text>"high"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="e2"><text>-</text></inputEntry>
<outputEntry id="o2"><text>"low"</text></outputEntry></rule>
</decisionTable></decision></definitions>
"""


def standard(condition: str = "", **attributes: str) -> Part:
    """The standard loop marker."""
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    inside = f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>" if condition else ""
    return raw(f"<bpmn:standardLoopCharacteristics{written}>{inside}</bpmn:standardLoopCharacteristics>")


def plain_multi(inside: str, *globals_: str, **attributes: str) -> Part:
    """The multi-instance marker of plain BPMN."""
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    marker = "multiInstanceLoopCharacteristics"
    return raw(f"<bpmn:{marker}{written}>{inside}</bpmn:{marker}>", *globals_)


def _tasks() -> Iterator[Case]:
    for tag in ("task", "manualTask"):
        yield around(f"Task · {tag}", task(tag, "A"), flows=[], completed="start A end")
    yield around("Task · userTask", user("A"), flows=[], completed="start A end")
    yield around("Task · serviceTask", service("A"), flows=[], completed="start A end")
    yield around(
        "Task · scriptTask in FEEL", script("A", "=1 + 2", "x"), flows=[], completed="start A end", gives={"x": 3}
    )
    by_job = task("scriptTask", "A", zeebe("taskDefinition", type="work"))
    yield around("Task · scriptTask by a job", by_job, flows=[], completed="start A end")
    decided = task("businessRuleTask", "A", zeebe("calledDecision", decisionId="level", resultVariable="level"))
    yield around(
        "Task · businessRuleTask by a decision",
        decided,
        flows=[],
        completed="start A end",
        variables={"x": 2},
        files={"level.dmn": DECISION},
        gives={"level": "high"},
    )
    tag = '<zeebe:versionTag xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" value="v1"/>'
    former = DECISION.replace('<variable id="v"', f'<extensionElements>{tag}</extensionElements><variable id="v"')
    called = {"decisionId": "level", "resultVariable": "level", "bindingType": "versionTag", "versionTag": "v1"}
    yield around(
        "Task · businessRuleTask by a decision of a version tag",
        task("businessRuleTask", "A", zeebe("calledDecision", **called)),
        flows=[],
        completed="start A end",
        variables={"x": 2},
        files={"level.dmn": DECISION, "former.dmn": former.replace('"high"', '"top"')},
        gives={"level": "top"},
    )
    by_job = task("businessRuleTask", "A", zeebe("taskDefinition", type="work"))
    yield around("Task · businessRuleTask by a job", by_job, flows=[], completed="start A end")
    by_job = task("sendTask", "A", zeebe("taskDefinition", type="work"))
    yield around("Task · sendTask by a job", by_job, flows=[], completed="start A end")
    sends = Shape("sendTask", "A", {"messageRef": "Message_M"}, (Part(globals_=message("M").globals_),))
    sender = process(start(), sends, end(), flows=["start > A > end"])
    receiver = process(start("r"), receive("R", "M"), end("re"), flows=["r > R > re"], id_="receiver")
    both = (sender, receiver)
    completed = "start A end r R re"
    yield Case("Task · sendTask of a message", both, completed, variables=KEY, first=("receiver",))
    yield around(
        "Task · receiveTask",
        receive("A", "M"),
        flows=[],
        completed="start A end",
        variables=KEY,
        script=sent(("M", "K")),
    )
    instantiating = receive("A", "M", key="")
    instantiating.attributes["instantiate"] = "true"
    yield row(
        "Task · receiveTask that begins the process",
        instantiating,
        end(),
        flows=["A > end"],
        completed="A end",
        script=sent(("M", "")),
    )


def _scopes() -> Iterator[Case]:
    inner = sub("S", start("s"), user("A"), end("e"), flows=["s > A > e"])
    yield row("Sub-process · embedded", start(), inner, end(), flows=["start > S > end"], completed="start s A e S end")
    called = process(start("s"), user("A"), end("e"), flows=["s > A > e"], id_="child")
    caller = process(start(), call("C", "child"), end(), flows=["start > C > end"])
    yield Case("Call activity · of a process", (caller, called), "start s A e C end")
    failing = process(start("s"), end("T", error("X")), flows=["s > T"], id_="child")
    catching = process(
        start(),
        call("C", "child"),
        boundary("C", "b", error("X")),
        *aside("B"),
        end(),
        flows=["start > C > end", "b > B > B_end"],
    )
    yield Case("Call activity · an error of the called process", (catching, failing), "start s T b B B_end")
    plain = Shape("callActivity", "C", {"calledElement": "G"})
    caller = process(start(), plain, end(), flows=["start > C > end"])
    beside = '<bpmn:globalUserTask id="G" name="G"/>'
    yield Case("Call activity · of a global task", (caller,), "start G.start G.task G.end C end", beside=beside)
    caller = process(start(), Shape("callActivity", "C", {"calledElement": "child"}), end(), flows=["start > C > end"])
    called = process(start("s"), user("A"), end("e"), flows=["s > A > e"], id_="child")
    yield Case("Call activity · by the attribute of the standard", (caller, called), "start s A e C end")


def _transactions() -> Iterator[Case]:
    def transaction(*shapes: Shape, flows: list[str], links: tuple[str, ...] = ()) -> Shape:
        return Shape("transaction", "T", {}, (), shapes, tuple(flows), links)

    cancel = raw("<bpmn:cancelEventDefinition/>")
    yield row(
        "Transaction · completes",
        start(),
        transaction(start("s"), user("A"), end("e"), flows=["s > A > e"]),
        end(),
        flows=["start > T > end"],
        completed="start s A e T end",
    )
    yield row(
        "Transaction · cancel compensates what was done, last first",
        start(),
        transaction(
            start("s"),
            user("A"),
            boundary("A", "undo_a", compensation()),
            user("UA", undoes=True),
            user("B"),
            boundary("B", "undo_b", compensation()),
            user("UB", undoes=True),
            end("c", cancel),
            flows=["s > A > B > c"],
            links=("undo_a > UA", "undo_b > UB"),
        ),
        boundary("T", "b", cancel),
        *aside("C"),
        end(),
        flows=["start > T > end", "b > C > C_end"],
        completed="start s A B c UB UA b C C_end",
    )
    yield row(
        "Transaction · an error leaves it without compensation",
        start(),
        transaction(
            start("s"),
            user("A"),
            boundary("A", "undo_a", compensation()),
            user("UA", undoes=True),
            end("x", error("X")),
            flows=["s > A > x"],
            links=("undo_a > UA",),
        ),
        boundary("T", "b", error("X")),
        *aside("C"),
        end(),
        flows=["start > T > end", "b > C > C_end"],
        completed="start s A x b C C_end",
    )


def _loops() -> Iterator[Case]:
    def counting(marker: Part) -> Shape:
        return script("A", "=n + 1", "n", marker)

    zero = {"variables": {"n": 0}}
    yield around(
        "Standard loop · condition after",
        counting(standard("=n &lt; 3")),
        flows=[],
        completed="start A A A end",
        **zero,
    )
    before = standard("=n &lt; 2", testBefore="true")
    yield around("Standard loop · condition before", counting(before), flows=[], completed="start A A end", **zero)
    never = standard("=n &lt; 0", testBefore="true")
    yield around("Standard loop · not even once", counting(never), flows=[], completed="start end", **zero)
    at_most = standard("=true", loopMaximum="2")
    yield around("Standard loop · maximum", counting(at_most), flows=[], completed="start A A end", **zero)
    looped = sub("A", standard("=n &lt; 2"), start("s"), script("B", "=n + 1", "n"), end("e"), flows=["s > B > e"])
    yield around("Standard loop · of a sub-process", looped, flows=[], completed="start s B e A s B e A end", **zero)


def _multi_instance() -> Iterator[Case]:
    for sequential in (False, True):
        how = "sequential" if sequential else "parallel"
        marker = multi("=items", item="i", into="out", gives="=i * 2", sequential=sequential)
        yield around(
            f"Multi-instance · {how}, collection in and out",
            user("A", marker),
            flows=[],
            completed="start A A A end",
            variables=ITEMS,
            gives={"out": [2, 4, 6]},
        )
    enough = multi("=items", item="i", until="=numberOfCompletedInstances >= 2")
    yield around(
        "Multi-instance · completion condition",
        user("A", enough),
        flows=[],
        completed="start A A end",
        variables=ITEMS,
        script={"elements": {"A": [{}, {}, WAIT]}},
    )
    marker = plain_multi("<bpmn:loopCardinality>=3</bpmn:loopCardinality>")
    yield around("Multi-instance · cardinality", user("A", marker), flows=[], completed="start A A A end")
    marker = multi("=items", item="i")
    yield around(
        "Multi-instance · of nothing", user("A", marker), flows=[], completed="start end", variables={"items": []}
    )
    of_scope = sub("A", multi("=items", item="i"), start("s"), user("B"), end("e"), flows=["s > B > e"])
    yield around(
        "Multi-instance · of a sub-process",
        of_scope,
        flows=[],
        completed="start s B e A s B e A s B e A end",
        variables=ITEMS,
    )
    yield around(
        "Multi-instance · boundary event",
        user("A", multi("=items", item="i")),
        boundary("A", "b", timer("PT1H")),
        *aside("B"),
        flows=["b > B > B_end"],
        completed="start b B B_end",
        variables=ITEMS,
        script={"elements": {"A": [WAIT, WAIT, WAIT]}},
    )
    signals = '<bpmn:signal id="Signal_X" name="X"/>'
    thrown = '<bpmn:signalEventDefinition id="Thrown" signalRef="Signal_X"/>'
    three = "<bpmn:loopCardinality>=3</bpmn:loopCardinality>"
    behaviours = {
        "none": ({"behavior": "None", "noneBehaviorEventRef": "Thrown"}, three, 3),
        "one": ({"behavior": "One", "oneBehaviorEventRef": "Thrown"}, three, 1),
        "all": ({"behavior": "All"}, three, 0),
        "complex": (
            {"behavior": "Complex"},
            f"{three}<bpmn:complexBehaviorDefinition><bpmn:condition>=numberOfCompletedInstances = 2</bpmn:condition>"
            '<bpmn:event id="Implicit"><bpmn:signalEventDefinition id="D" signalRef="Signal_X"/></bpmn:event>'
            "</bpmn:complexBehaviorDefinition>",
            1,
        ),
    }
    for name, (attributes, inside, times) in behaviours.items():
        yield around(
            f"Multi-instance · behaviour {name}",
            user("A", plain_multi(inside, signals, thrown, **attributes)),
            boundary("A", "b", signal("X"), interrupting=False),
            *aside("B"),
            flows=["b > B > B_end"],
            completed="start A A A end" + " b B B_end" * times,
            script={"elements": {"A": [{"after": "PT1M"}, {"after": "PT2M"}, {"after": "PT3M"}]}},
        )


def _lasting() -> Iterator[Case]:
    yield row(
        "Event sub-process · nested in a sub-process",
        start(),
        sub(
            "S",
            start("s"),
            user("A"),
            end("e"),
            on_event("E", timer("PT1H"), then="B", interrupting=False),
            flows=["s > A > e"],
        ),
        end(),
        flows=["start > S > end"],
        completed="start s E_start B E_end E A e S end",
        script={"elements": {"A": [{"after": "PT2H"}]}},
    )
    yield row(
        "Sub-process · is complete when nothing is left in it",
        start(),
        sub(
            "S",
            start("s"),
            gateway("parallel", "fork"),
            user("A"),
            user("B"),
            end("e"),
            end("e2"),
            flows=["s > fork > A > e", "fork > B > e2"],
        ),
        end(),
        flows=["start > S > end"],
        completed="start s fork A e",
        script=waits("B"),
    )
    yield row(
        "Sub-process · an escalation leaves it while it goes on",
        start(),
        sub("S", start("s"), throw("T", escalation("X")), catch("A", timer("PT1H")), end("e"), flows=["s > T > A > e"]),
        boundary("S", "b", escalation("X"), interrupting=False),
        *aside("B"),
        end(),
        flows=["start > S > end", "b > B > B_end"],
        completed="start s T b B B_end A e S end",
    )


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _tasks()
    yield from _scopes()
    yield from _transactions()
    yield from _loops()
    yield from _multi_instance()
    yield from _lasting()
