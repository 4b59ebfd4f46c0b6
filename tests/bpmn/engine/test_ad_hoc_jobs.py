"""Ad-hoc sub-processes that a job decides for (Camunda 8: job worker implementation)."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import commands, events
from bpmn.events import Activate
from bpmn.migration import FaultKind
from tests.bpmn.building import (
    Part,
    Shape,
    ad_hoc,
    boundary,
    end,
    error,
    gateway,
    io,
    listeners,
    message,
    multi,
    on_event,
    process,
    service,
    start,
    timer,
    user,
    zeebe,
)
from tests.bpmn.engine.changing import move
from tests.bpmn.engine.driving import Drive

JOB = zeebe("taskDefinition", type="choose", retries="5")


def around(*content: Shape | Part, flows: tuple[str, ...] = (), **more: Any) -> Shape:
    """A process with an ad-hoc sub-process H that a job decides for."""
    return process(start(), ad_hoc("H", JOB, *content, flows=flows, **more), end(), flows=["start > H > end"])


def decide(drive: Drive, *elements: str, **how: Any) -> list[commands.Command]:
    """The job of H activates these elements."""
    return answer(drive, activates=tuple(Activate(name) for name in elements), **how)


def answer(drive: Drive, variables: dict[str, Any] | None = None, **how: Any) -> list[commands.Command]:
    return drive.tell(events.JobCompleted(drive.key("H"), variables or {}, **how))


def asked(drive: Drive) -> commands.RunJob:
    """The job of H that the last event has led to."""
    (job,) = [one for one in drive.asked(commands.RunJob) if one.element == "H"]
    assert isinstance(job, commands.RunJob)
    return job


def test_the_job_is_asked_for_at_entry_and_nothing_is_active_before_its_answer() -> None:
    drive = Drive(around(user("A"), user("B"), user("C"), flows=("B > C",)))

    assert drive.open == ["H"]
    assert (asked(drive).type, asked(drive).retries, asked(drive).activatable) == ("choose", 5, ("A", "B"))


def test_the_job_is_told_what_it_may_activate() -> None:
    named = Shape(
        "userTask", "A", {"name": "写信"}, (zeebe("userTask"), Part("<bpmn:documentation>给客户</bpmn:documentation>"))
    )
    properties = Part(extension='<zeebe:properties><zeebe:property name="tone" value="polite"/></zeebe:properties>')
    drive = Drive(around(named, user("B", properties)))

    assert asked(drive).variables["adHocSubProcessElements"] == [
        {"elementId": "A", "elementName": "写信", "documentation": "给客户"},
        {"elementId": "B", "properties": {"tone": "polite"}},
    ]


def test_its_answer_activates_elements_with_variables_of_their_own() -> None:
    drive = Drive(around(service("A"), service("B")))
    answer(drive, activates=(Activate("A", {"to": "li"}), Activate("A", {"to": "wang"}), Activate("B")))

    assert [job.variables.get("to") for job in drive.asked(commands.RunJob)] == ["li", "wang", None]
    assert drive.data("directed") == [{"activates": ["A", "A", "B"]}]


def test_it_is_asked_anew_whenever_a_flow_has_ended() -> None:
    drive = Drive(around(user("A"), user("B"), user("C"), flows=("B > C",)))
    decide(drive, "A", "B")
    assert drive.open == ["A", "B"]
    drive.complete("B")
    assert drive.open == ["A", "C"]
    drive.complete("C")
    assert drive.open == ["A", "H"]
    first = drive.key("H")
    drive.complete("A")

    assert drive.asked(commands.CancelJob) == [commands.CancelJob(first)]
    assert drive.open == ["H"]


def test_an_answer_to_a_job_that_was_called_off_comes_too_late() -> None:
    drive = Drive(around(user("A"), user("B")))
    decide(drive, "A", "B")
    drive.complete("B")
    late = drive.key("H")
    drive.complete("A")
    drive.tell(events.JobCompleted(late, activates=(Activate("A"),)))

    assert drive.open == ["H"]


def test_what_is_fulfilled_completes_it() -> None:
    drive = Drive(around(user("A")))
    answer(drive, fulfilled=True)

    assert drive.outcome == "completed"


def test_what_is_fulfilled_waits_for_what_is_active_and_asks_no_more() -> None:
    drive = Drive(around(user("A"), user("B")))
    decide(drive, "A", "B")
    drive.complete("A")
    answer(drive, fulfilled=True)
    assert drive.open == ["B"]
    drive.complete("B")

    assert drive.outcome == "completed"


def test_what_is_fulfilled_may_end_what_is_active() -> None:
    drive = Drive(around(user("A"), user("B")))
    decide(drive, "A", "B")
    drive.complete("A")
    answer(drive, fulfilled=True, cancels=True)

    assert (drive.outcome, drive.path("terminated")) == ("completed", ["B"])


def test_what_is_active_may_be_ended_for_something_else() -> None:
    drive = Drive(around(user("A"), user("B"), user("C")))
    decide(drive, "A", "B")
    drive.complete("A")
    decide(drive, "C", cancels=True)
    assert (drive.open, drive.path("terminated")) == (["C"], ["B"])
    drive.complete("C")

    assert drive.open == ["H"]


def test_an_answer_that_says_nothing_leaves_it_waiting_for_more() -> None:
    drive = Drive(around(user("A")))
    answer(drive)
    assert (drive.open, drive.outcome, drive.incidents) == ([], "", [])
    key = next(key for key, one in drive.instance.instances.items() if one.element == "H")
    drive.tell(events.ActivateAdHoc(key, ("A",)))
    drive.complete("A")

    assert drive.open == ["H"]


def test_what_the_job_finds_out_is_kept() -> None:
    drive = Drive(around(user("A", io(outputs={"done": "=1"}))), {"round": 0})
    answer(drive, {"round": 1, "why": "first"}, activates=(Activate("A"),))
    drive.complete("A")
    assert asked(drive).variables["round"] == 1
    answer(drive, {"round": 2}, fulfilled=True)

    assert (drive.variables["round"], drive.variables["why"]) == (2, "first")


def test_outputs_are_collected_for_the_next_decision_and_for_the_end() -> None:
    collects = zeebe("adHoc", outputCollection="results", outputElement="=found")
    drive = Drive(around(collects, user("A"), user("B")))
    assert asked(drive).variables["results"] == []
    decide(drive, "A", "B")
    drive.complete("A", found=1)
    assert asked(drive).variables["results"] == [1]
    answer(drive, fulfilled=True)
    drive.complete("B", found=2)

    assert drive.variables["results"] == [1, 2]


def test_elements_are_activated_in_turn_where_the_diagram_says_so() -> None:
    drive = Drive(around(user("A"), user("B"), sequential=True))
    decide(drive, "B", "A")
    assert drive.open == ["B"]
    drive.complete("B")

    assert drive.open == ["H", "A"]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"activates": (Activate("gone"),)}, "gone cannot be activated; known are A, B"),
        ({"activates": (Activate("C"),)}, "C cannot be activated; known are A, B"),
        ({"activates": (Activate("A"),), "fulfilled": True}, "the completion condition cannot be fulfilled where"),
        ({"activates": (Activate("A", {"x": "y" * 50}),)}, "variable x has 52 bytes"),
        ({"variables": {"x": "y" * 50}}, "variable x has 52 bytes"),
    ],
)
def test_an_answer_that_makes_no_sense_is_an_incident_until_it_is_asked_again(how: dict[str, Any], why: str) -> None:
    drive = Drive(around(user("A"), user("B"), user("C"), flows=("B > C",)), variable_bytes=40)
    answer(drive, **how)
    assert why in drive.problem
    drive.retry("H")
    decide(drive, "A")

    assert (drive.open, drive.incidents) == (["A"], [])


def test_a_job_that_fails_is_an_incident_until_something_else_has_ended() -> None:
    drive = Drive(around(user("A"), user("B")))
    decide(drive, "A", "B")
    drive.complete("A")
    drive.fail("H", "no network")
    assert (drive.incidents, drive.open) == ([("H", "job")], ["B"])
    drive.complete("B")

    assert (drive.incidents, drive.open) == ([], ["H"])


def test_a_job_that_denies_is_an_incident() -> None:
    drive = Drive(around(user("A")))
    drive.tell(events.JobDenied(drive.key("H"), "no"))

    assert drive.problem == "the job of an ad-hoc sub-process cannot deny: no"


def test_a_job_type_that_is_no_text_is_an_incident_at_entry_and_later() -> None:
    job = zeebe("taskDefinition", type="=kind")
    drive = Drive(process(start(), ad_hoc("H", job, user("A")), end(), flows=["start > H > end"]))
    assert drive.incidents == [("H", "expression")]
    drive.retry("H", kind="choose")
    answer(drive, {"kind": 1}, activates=(Activate("A"),))
    drive.complete("A")
    assert drive.incidents == [("H", "expression")]
    drive.retry("H", kind="choose")

    assert drive.open == ["H"]


def test_an_error_of_the_job_leaves_the_sub_process() -> None:
    shapes = (start(), ad_hoc("H", JOB, user("A")), boundary("H", "b", error("E")), end())
    drive = Drive(process(*shapes, flows=["start > H > end", "b > end"]))
    drive.error("H", "E", why="lost")

    assert (drive.outcome, drive.path("terminated"), drive.variables["why"]) == ("completed", ["H"], "lost")


def test_an_error_that_nothing_catches_is_an_incident() -> None:
    drive = Drive(around(user("A")))
    drive.error("H", "E")
    assert drive.problem == "nothing catches the error E"
    drive.retry("H")

    assert drive.open == ["H"]


def test_its_job_is_called_off_where_the_sub_process_is_interrupted() -> None:
    shapes = (start(), ad_hoc("H", JOB, user("A")), boundary("H", "b", timer("PT1H")), end())
    drive = Drive(process(*shapes, flows=["start > H > end", "b > end"]))
    drive.wait(hours=1)

    assert drive.outcome == "completed"


def test_an_event_sub_process_that_has_ended_has_the_job_asked_anew() -> None:
    drive = Drive(around(user("A"), on_event("E", message("M"), interrupting=False)), {"key": "k"})
    decide(drive, "A")
    drive.message("M")

    assert drive.open == ["A", "H"]


def test_an_interrupting_event_sub_process_completes_it_without_its_job() -> None:
    drive = Drive(around(user("A"), on_event("E", message("M"), then="B")), {"key": "k"})
    assert drive.open == ["H"]
    drive.message("M")
    assert drive.open == ["B"]
    drive.complete("B")

    assert drive.outcome == "completed"


def test_tokens_that_wait_at_a_join_for_what_nobody_activates_are_a_deadlock_until_the_job_is_asked_again() -> None:
    inside = (user("A"), user("B"), gateway("parallel", "g"), user("C"))
    drive = Drive(around(*inside, flows=("A > g", "B > g", "g > C")))
    decide(drive, "A")
    drive.complete("A")
    assert drive.incidents == [("H", "deadlock")]
    drive.retry("H")
    assert (drive.open, drive.incidents) == (["H"], [])
    decide(drive, "B")
    drive.complete("B")

    assert drive.open == ["C"]


def test_its_listeners_are_run_before_and_after_its_job() -> None:
    drive = Drive(around(user("A"), listeners("start: s", "end: e")))
    types = []
    for _ in range(3):
        ((_, key),) = drive.work
        types.append(drive.work["job", key].type)
        drive.tell(events.JobCompleted(key, fulfilled=types[-1] == "choose"))

    assert types == ["s", "choose", "e"]
    assert drive.outcome == "completed"


def test_each_of_many_has_a_job_of_its_own() -> None:
    drive = Drive(around(user("A"), multi("=[1, 2]", item="item")))
    first, second = drive.asked(commands.RunJob)
    assert (first.variables["item"], second.variables["item"]) == (1, 2)
    drive.tell(events.JobCompleted(second.key, fulfilled=True))
    decide(drive, "A")
    drive.complete("A")
    answer(drive, fulfilled=True)

    assert drive.outcome == "completed"


def test_a_suspended_one_keeps_the_answer() -> None:
    drive = Drive(around(user("A")))
    drive.tell(events.Suspend())
    decide(drive, "A")
    assert drive.open == []
    drive.tell(events.Resume())

    assert drive.open == ["A"]


def test_it_goes_on_in_another_version() -> None:
    drive = Drive(around(user("A")))
    assert not move(drive, around(user("A"), user("B")))
    decide(drive, "B")

    assert drive.open == ["B"]


def test_it_cannot_become_one_without_a_job() -> None:
    drive = Drive(around(user("A")))
    without = process(start(), ad_hoc("H", user("A")), end(), flows=["start > H > end"])

    assert [fault.kind for fault in move(drive, without)] == [FaultKind.WORK]
