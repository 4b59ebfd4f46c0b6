"""Task listeners: jobs that a user task waits for, and which may correct and deny (zeebe:taskListeners)."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import commands, events
from tests.bpmn.building import (
    boundary,
    end,
    listeners,
    process,
    start,
    timer,
    user,
    zeebe,
)
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.test_listeners import FLOW, around, job, jobs


def watched(*rows: str, **assignment: str) -> Drive:
    """A process with a user task with these listeners."""
    parts = [zeebe("assignmentDefinition", **assignment)] if assignment else []
    return Drive(around(user("A", *parts, listeners(*rows, of="task"))))


def deny(drive: Drive, reason: str = "no") -> None:
    """The open listener says no."""
    drive.tell(events.JobDenied(drive.key("A"), reason))


def correct(drive: Drive, **corrections: Any) -> None:
    """The open listener corrects the task."""
    drive.tell(events.JobCompleted(drive.key("A"), {}, corrections))


def test_a_task_is_offered_when_its_listeners_have_been_run() -> None:
    drive = watched("creating: c", "assigning: a", "completing: d", assignee="li")
    assert jobs(drive) == ["c"]
    drive.complete("A")
    assert jobs(drive) == ["a"]
    drive.complete("A")
    (task_,) = drive.asked(commands.OpenUserTask)
    assert task_.assignee == "li"


def test_assigning_is_listened_to_only_where_there_is_an_assignee() -> None:
    assert jobs(watched("assigning: a")) == []
    assert jobs(watched("assigning: a", candidateGroups="sales")) == []


def test_a_listener_is_told_of_the_task() -> None:
    drive = watched("creating: c", assignee="li", candidateGroups="a, b")

    assert job(drive).headers == {
        "io.camunda.zeebe:assignee": "li",
        "io.camunda.zeebe:candidateGroups": '["a", "b"]',
        "io.camunda.zeebe:priority": "50",
        "io.camunda.zeebe:userTaskKey": str(next(key for key, one in drive.instance.instances.items() if one.job)),
    }


def test_a_listener_corrects_the_task() -> None:
    drive = watched("creating: c", "assigning: a", candidateGroups="sales")
    correct(drive, assignee="wang", candidateGroups=[], priority=80)
    assert job(drive).headers["io.camunda.zeebe:assignee"] == "wang"
    correct(drive, dueDate="2026-03-05T09:00:00+08:00")
    (task_,) = drive.asked(commands.OpenUserTask)

    assert (task_.assignee, task_.candidate_groups, task_.priority) == ("wang", (), 80)
    assert task_.due_date == "2026-03-05T09:00:00+08:00"


@pytest.mark.parametrize("wrong", [{"owner": "li"}, {"assignee": 1}, {"candidateUsers": ["a", 1]}, {"priority": True}])
def test_a_correction_that_makes_no_sense_is_an_incident(wrong: dict[str, Any]) -> None:
    drive = watched("creating: c")
    correct(drive, **wrong)

    assert drive.incidents == [("A", "job")]


def test_a_task_listener_cannot_set_variables() -> None:
    drive = watched("creating: c")
    drive.complete("A", x=1)

    assert drive.problem == "the creating listener c cannot set variables"


def test_a_completion_counts_when_its_listeners_have_been_run_and_they_see_what_was_entered() -> None:
    drive = watched("completing: d")
    drive.complete("A", amount=3)
    assert job(drive).variables == {"amount": 3}
    assert drive.variables == {}
    drive.complete("A")

    assert (drive.outcome, drive.variables) == ("completed", {"amount": 3})


def test_a_completion_that_is_denied_opens_the_task_again_as_it_was() -> None:
    drive = watched("completing: d", assignee="li")
    before = drive.asked(commands.OpenUserTask)
    drive.complete("A", amount=-1)
    deny(drive, "less than nothing")
    assert drive.asked(commands.OpenUserTask) == before
    told = {"moment": "completing", "job": "d", "reason": "less than nothing", "by": "李明"}
    assert drive.data("denied") == [told]
    drive.complete("A", amount=1)
    drive.complete("A")

    assert (drive.outcome, drive.variables) == ("completed", {"amount": 1})


def test_a_task_whose_assignment_is_denied_is_offered_without_an_assignee() -> None:
    drive = watched("assigning: a1", "assigning: a2", assignee="li")
    deny(drive)
    (task_,) = drive.asked(commands.OpenUserTask)

    assert task_.assignee == ""


def test_a_task_may_be_interrupted_while_its_completion_is_looked_at() -> None:
    late = boundary("A", "b", timer("PT1H"))
    shape = user("A", listeners("completing: d", of="task"))
    drive = Drive(process(start(), shape, late, end(), flows=[*FLOW, "b > end"]))
    drive.complete("A")
    drive.wait(hours=1)

    assert drive.path("terminated") == ["A"]
    assert drive.outcome == "completed"
