"""Answers that nobody waits for (late, twice, for other work, unknown) change nothing at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bpmn import Definition, Instance, events
from tests.bpmn.building import (
    build,
    call,
    end,
    escalation,
    gateway,
    message,
    multi,
    process,
    receive,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.bpmn.building import catch as catching
from tests.bpmn.engine.driving import START, Drive

ANSWERS: list[Callable[[int], events.Event]] = [
    lambda key: events.JobCompleted(key, {"x": 1}),
    lambda key: events.JobFailed(key, "no"),
    lambda key: events.JobThrewError(key, "E"),
    lambda key: events.TaskCompleted(key, {"x": 1}),
    lambda key: events.TimerFired(key),
    lambda key: events.CallCompleted(key, {"x": 1}),
    lambda key: events.CallThrewError(key, "E"),
    lambda key: events.CallEscalated(key, "X", {}, True),
    lambda key: events.CallLost(key, "gone"),
    lambda key: events.EscalationAnswered(key),
    lambda key: events.RetryIncident(key, {"x": 1}),
    lambda key: events.SkipIncident(key, {"x": 1}),
]


def everything_waiting() -> Definition:
    """A process that waits in every way there is."""
    waiting = [
        user("A"),
        service("B"),
        receive("C", "M"),
        catching("D", timer("PT1H")),
        sub("S", start("s"), user("E"), end("e"), flows=["s > E > e"]),
        service("F", multi("=[1, 2]")),
        call("G", "other"),
        throw("H", message("N")),
        throw("I", escalation("X")),
        gateway("eventBased", "J"),
    ]
    events_ = [catching("J1", timer("PT1H")), catching("J2", message("O"))]
    return build(
        process(
            start(),
            gateway("parallel", "fork"),
            *waiting,
            *events_,
            end(),
            flows=["start > fork"]
            + [f"fork > {one.id}" for one in waiting]
            + [f"{one.id} > end" for one in [*waiting[:-1], *events_]]
            + [f"J > {one.id}" for one in events_],
        )
    )


TAKES = {
    "A": {"TaskCompleted"},
    "E": {"TaskCompleted"},
    "B": {"JobCompleted", "JobFailed", "JobThrewError"},
    "F": {"JobCompleted", "JobFailed", "JobThrewError"},
    "H": {"JobCompleted", "JobFailed", "JobThrewError"},
    "G": {"CallCompleted", "CallThrewError", "CallEscalated", "CallLost", "EscalationAnswered"},
    "I": {"EscalationAnswered"},
}
"""Which answers each waiting element takes."""


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer(0)).__name__)
def test_an_answer_for_other_work_changes_nothing(answer: Callable[[int], events.Event]) -> None:
    drive = Drive(everything_waiting(), {"key": "k"}, called=True, interrupting_escalations=("X",))
    name = type(answer(0)).__name__
    timers = {wait.key for wait in drive.instance.waits if wait.kind == "timer"}
    before = drive.instance.dump()

    for key in range(-1, before["next_key"] + 3):
        instance = drive.instance.instances.get(key)
        takes = TAKES.get(instance.element, set()) if instance and instance.role != "body" else set()
        if name in takes or (name == "TimerFired" and key in timers):
            continue
        assert drive.tell(answer(key)) == [], (key, instance)
        assert drive.instance.dump() == before


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer(0)).__name__)
def test_an_answer_after_the_end_changes_nothing(answer: Callable[[int], events.Event]) -> None:
    drive = Drive(process(start(), user("A"), end(), flows=["start > A > end"]))
    drive.complete("A")
    before = drive.instance.dump()

    for key in range(before["next_key"] + 1):
        assert drive.tell(answer(key)) == []
    drive.message("M", ttl=60)
    drive.signal("S")
    drive.cancel()

    assert drive.instance.dump() == before


def test_a_task_completed_twice_is_completed_once() -> None:
    drive = Drive(process(start(), user("A"), user("B"), end(), flows=["start > A > B > end"]))
    key = drive.key("A")
    drive.complete("A", x=1)

    assert drive.tell(events.TaskCompleted(key, {"x": 2})) == []

    assert drive.open == ["B"]
    assert drive.variables == {"x": 1}


def test_a_message_that_nobody_waits_for_is_told_in_the_journal_only() -> None:
    drive = Drive(process(start(), user("A"), end(), flows=["start > A > end"]))

    assert drive.message("M") == []

    assert drive.data("discarded") == [{"message": "M", "correlationKey": "k", "reason": "nobody waits for it"}]


def test_a_dump_of_a_later_version_is_refused() -> None:
    definition = build(process(start(), user("A"), end(), flows=["start > A > end"]))
    instance = Instance(definition)
    instance.start(START)
    instance.drain_journal()

    with pytest.raises(ValueError, match="version 99"):
        Instance.load(definition, {**instance.dump(), "version": 99})


def test_an_instance_is_started_before_a_dump() -> None:
    instance = Instance(build(process(start(), user("A"), end(), flows=["start > A > end"])), "", {"x": 1})

    with pytest.raises(ValueError, match="not been started"):
        instance.dump()


def test_the_journal_is_drained_before_a_dump() -> None:
    instance = Instance(build(process(start(), user("A"), end(), flows=["start > A > end"])))
    instance.start(START)

    with pytest.raises(ValueError, match="drain the journal"):
        instance.dump()


def test_a_line_of_the_surroundings_stands_in_the_journal() -> None:
    drive = Drive(process(start(), user("A"), end(), flows=["start > A > end"]))
    key = drive.key("A")

    for instance in (drive.instance, drive._sliced, drive._reloaded):
        instance.note("claimed", START, key, {"by": "li"})
        instance.note("case", START, data={"caseNo": "1"})
    drive.complete("A")

    claimed, case = [record for record in drive.records if record.event in ("claimed", "case")]
    assert (claimed.element, claimed.key, claimed.data) == ("A", key, {"by": "li"})
    assert (case.element, case.key, case.data) == ("p", 0, {"caseNo": "1"})
