"""Multi-instance as BPMN itself writes it: cardinality, data by reference, and what it throws (BPMN 2.0 §13.3.7)."""

from __future__ import annotations

import pytest

from bpmn import commands, events
from tests.bpmn.building import (
    Part,
    Shape,
    at_root,
    boundary,
    build,
    end,
    error,
    escalation,
    message,
    multi_bpmn,
    process,
    service,
    signal,
    start,
    sub,
    user,
)
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.test_multi_instance import answer, many

THREE = "<bpmn:loopCardinality>3</bpmn:loopCardinality>"


def test_a_cardinality_says_how_many_instances_there_are() -> None:
    drive = Drive(many(service("A", multi_bpmn(THREE))))

    assert [job.variables["loopCounter"] for job in drive.asked(commands.RunJob)] == [1, 2, 3]


def test_a_cardinality_may_be_an_expression() -> None:
    several = multi_bpmn("<bpmn:loopCardinality>=count(items)</bpmn:loopCardinality>", isSequential="true")
    drive = Drive(many(service("A", several)), {"items": ["a", "b"]})

    drive.complete("A")
    assert drive.open == ["A"]
    drive.complete("A")
    assert drive.open == ["next"]


@pytest.mark.parametrize("value", [-1, 1.5, "many", True, None, 100_001])
def test_a_cardinality_that_is_no_number_of_instances_is_an_incident(value: object) -> None:
    drive = Drive(many(service("A", multi_bpmn("<bpmn:loopCardinality>=n</bpmn:loopCardinality>"))), {"n": value})
    assert drive.incidents == [("A", "expression")]

    drive.retry("A", n=1)

    assert drive.open == ["A"]


def test_data_may_be_named_by_reference() -> None:
    data = '<bpmn:dataObject id="D1"/><bpmn:dataObjectReference id="R1" name="items" dataObjectRef="D1"/>'
    data += '<bpmn:dataObject id="D2" name="results"/>'
    inside = (
        "<bpmn:loopDataInputRef>R1</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>D2</bpmn:loopDataOutputRef>"
        '<bpmn:inputDataItem id="I1" name="item"/><bpmn:outputDataItem id="I2" name="result"/>'
    )
    model = many(service("A", multi_bpmn(inside)))
    model.parts = (Part(data),)
    drive = Drive(model, {"items": [5, 6]})
    assert [job.variables["item"] for job in drive.asked(commands.RunJob)] == [5, 6]

    answer(drive, "A", 2, result=60)
    answer(drive, "A", 1, result=50)

    assert drive.variables == {"items": [5, 6], "results": [50, 60]}


def throwing(behavior: str, thrown: Part, caught: Part, *, interrupting: bool = False) -> Shape:
    """Three instances, and a boundary event for what the activity throws."""
    attributes = {"behavior": behavior, f"{behavior.lower()}BehaviorEventRef": "Ev"}
    return process(
        start(),
        user("A", multi_bpmn(THREE, *at_root(thrown, "Ev"), **attributes)),
        boundary("A", "b", caught, interrupting=interrupting),
        user("seen"),
        user("next"),
        end(),
        flows=["start > A > next > end", "b > seen > end"],
    )


@pytest.mark.parametrize("event", [signal("S"), escalation("X")], ids=["signal", "escalation"])
def test_behaviour_none_throws_an_event_for_each_instance(event: Part) -> None:
    drive = Drive(throwing("None", event, event))

    counts = []
    for number in (2, 3, 1):
        answer(drive, "A", number)
        counts.append(drive.open.count("seen"))
    assert counts == [1, 2, 3]
    assert "next" in drive.open


@pytest.mark.parametrize("event", [signal("S"), escalation("X")], ids=["signal", "escalation"])
def test_behaviour_one_throws_an_event_for_the_first_instance(event: Part) -> None:
    drive = Drive(throwing("One", event, event))
    for number in (2, 3, 1):
        answer(drive, "A", number)

    assert drive.open.count("seen") == 1
    assert "next" in drive.open


def test_behaviour_all_throws_nothing() -> None:
    model = process(
        start(),
        user("A", multi_bpmn(THREE, *at_root(signal("S"), "Ev"), behavior="All", oneBehaviorEventRef="Ev")),
        boundary("A", "b", signal("S"), interrupting=False),
        user("seen"),
        end(),
        flows=["start > A > end", "b > seen > end"],
    )
    drive = Drive(model)
    for number in (1, 2, 3):
        answer(drive, "A", number)

    assert drive.outcome == "completed"
    assert "seen" not in drive.path("activated")


@pytest.mark.parametrize("event", [signal("S"), escalation("X"), error("E")], ids=["signal", "escalation", "error"])
def test_what_is_thrown_may_interrupt_the_activity(event: Part) -> None:
    drive = Drive(throwing("One", event, event, interrupting=True))

    answer(drive, "A", 2)

    assert drive.open == ["seen"]
    assert drive.path("terminated", "userTask") == ["A", "A"]


def test_what_is_thrown_at_the_last_instance_comes_before_the_activity_is_over() -> None:
    one = "<bpmn:loopCardinality>1</bpmn:loopCardinality>"
    model = throwing("One", escalation("X"), escalation("X"), interrupting=True)
    model.inside[1].parts = (*model.inside[1].parts[:1], multi_bpmn(one, behavior="One", oneBehaviorEventRef="Ev"))
    model.inside[2].parts = (*model.inside[2].parts, Part(globals_=at_root(escalation("X"), "Ev")))
    drive = Drive(model)

    drive.complete("A")

    assert drive.open == ["seen"]


def test_an_escalation_may_be_caught_further_out() -> None:
    inner = user("A", multi_bpmn(THREE, *at_root(escalation("X"), "Ev"), behavior="None", noneBehaviorEventRef="Ev"))
    model = process(
        start(),
        sub("S", start("s"), inner, end("e"), flows=["s > A > e"]),
        boundary("S", "b", escalation("X"), interrupting=False),
        user("seen"),
        end(),
        flows=["start > S > end", "b > seen > end"],
    )
    drive = Drive(model)

    answer(drive, "A", 1)

    assert drive.open == ["A", "A", "seen"]


def test_an_error_that_nobody_catches_is_an_incident_of_the_throw() -> None:
    model = many(user("A", multi_bpmn(THREE, *at_root(error("E"), "Ev"), behavior="One", oneBehaviorEventRef="Ev")))
    drive = Drive(model)

    answer(drive, "A", 1)

    assert drive.incidents == [("A.Ev", "uncaught error")]
    assert drive.open == ["A", "A"]


def test_a_message_is_sent_for_each_instance_and_the_activity_waits_until_it_is_on_its_way() -> None:
    thrown = message("M")
    model = many(user("A", multi_bpmn(THREE, *at_root(thrown, "Ev"), behavior="None", noneBehaviorEventRef="Ev")))
    drive = Drive(model, {"key": "k"})
    for number in (1, 2, 3):
        answer(drive, "A", number)
    assert drive.open == ["A.Ev", "A.Ev", "A.Ev"]
    for _ in range(3):
        drive.tell(events.JobCompleted(drive.key("A.Ev")))

    assert drive.open == ["next"]


def test_the_default_signal_carries_the_attributes_of_the_activity() -> None:
    drive = Drive(many(user("A", multi_bpmn(THREE, behavior="One"))))

    answer(drive, "A", 2)

    (signalled,) = drive.asked(commands.BroadcastSignal)
    assert signalled.variables == {
        "loopCounter": 2,
        "numberOfInstances": 3,
        "numberOfActiveInstances": 2,
        "numberOfCompletedInstances": 1,
        "numberOfTerminatedInstances": 0,
    }


def test_without_a_reference_a_signal_with_the_id_of_the_activity_is_thrown() -> None:
    model = process(
        start(),
        user("A", multi_bpmn(THREE, behavior="None")),
        boundary("A", "b", signal("A"), interrupting=False),
        user("seen"),
        end(),
        flows=["start > A > end", "b > seen > end"],
    )
    drive = Drive(model)

    answer(drive, "A", 2)

    assert drive.open == ["A", "A", "seen"]


def test_an_event_of_its_own_carries_nothing() -> None:
    drive = Drive(throwing("One", signal("S"), signal("S")))

    answer(drive, "A", 2)

    (signalled,) = drive.asked(commands.BroadcastSignal)
    assert signalled.variables == {}


def complex_behaviour(condition: str, event: Part, id_: str) -> str:
    return (
        f"<bpmn:complexBehaviorDefinition><bpmn:condition>{condition}</bpmn:condition>"
        f'<bpmn:event id="{id_}">{event.xml}</bpmn:event></bpmn:complexBehaviorDefinition>'
    )


def test_complex_behaviour_throws_the_events_whose_conditions_are_true() -> None:
    signalled, escalated = signal("S"), escalation("X")
    inside = complex_behaviour("=numberOfCompletedInstances = 2", signalled, "two")
    inside += complex_behaviour("=numberOfActiveInstances = 0", escalated, "last")
    several = multi_bpmn(THREE + inside, *signalled.globals_, *escalated.globals_, behavior="Complex")
    model = process(
        start(),
        user("A", several),
        boundary("A", "b1", signalled, interrupting=False),
        boundary("A", "b2", escalated, interrupting=False),
        user("seenTwo"),
        user("seenLast"),
        end(),
        flows=["start > A > end", "b1 > seenTwo > end", "b2 > seenLast > end"],
    )
    drive = Drive(model)

    seen = []
    for number in (3, 1, 2):
        answer(drive, "A", number)
        seen.append([name for name in drive.open if name != "A"])
    assert seen == [[], ["seenTwo"], ["seenTwo", "seenLast"]]


def test_a_complex_behaviour_may_refer_to_an_event_definition_at_the_root() -> None:
    inside = (
        "<bpmn:complexBehaviorDefinition><bpmn:condition>=loopCounter = 2</bpmn:condition>"
        '<bpmn:event id="two"><bpmn:eventDefinitionRef>Ev</bpmn:eventDefinitionRef></bpmn:event>'
        "</bpmn:complexBehaviorDefinition>"
    )
    thrown = signal("S")
    model = process(
        start(),
        user("A", multi_bpmn(THREE + inside, *at_root(thrown, "Ev"), behavior="Complex")),
        boundary("A", "b", thrown, interrupting=False),
        user("seen"),
        end(),
        flows=["start > A > end", "b > seen > end"],
    )
    drive = Drive(model)

    answer(drive, "A", 1)
    assert "seen" not in drive.open
    answer(drive, "A", 2)
    assert "seen" in drive.open


def test_what_is_thrown_when_the_completion_condition_is_true_is_thrown_still() -> None:
    until = "<bpmn:completionCondition>=numberOfCompletedInstances = 2</bpmn:completionCondition>"
    thrown = message("M")
    several = multi_bpmn(THREE + until, *at_root(thrown, "Ev"), behavior="None", noneBehaviorEventRef="Ev")
    drive = Drive(many(user("A", several)), {"key": "k"})

    answer(drive, "A", 1)
    answer(drive, "A", 3)

    assert drive.open == ["A.Ev", "A.Ev"]
    assert drive.path("terminated") == ["A"]


def test_a_definition_with_implicit_events_is_the_same_after_a_trip_through_json() -> None:
    definition = build(throwing("One", signal("S"), signal("S")))

    assert type(definition).load(definition.dump()) == definition
