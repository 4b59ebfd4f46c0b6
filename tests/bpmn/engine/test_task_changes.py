"""Open user tasks that are assigned and updated, and the listeners that hear of it first, as in Camunda 8."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bpmn import commands, events
from tests.bpmn.building import boundary, end, listeners, multi, process, start, timer, user
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.test_listeners import job
from tests.bpmn.engine.test_task_listeners import correct, deny, watched


def assign(drive: Drive, to: str, **how: Any) -> list[commands.Command]:
    """Somebody gives the open task A to another."""
    return drive.tell(events.TaskAssigned(key_of(drive), to, "li", **how))


def update(drive: Drive, **changes: Any) -> list[commands.Command]:
    """Somebody changes the open task A."""
    return drive.tell(events.TaskUpdated(key_of(drive), changes, "li"))


def key_of(drive: Drive) -> int:
    return next(key for key, one in drive.instance.instances.items() if one.element == "A" and one.role != "body")


def changed(drive: Drive) -> list[dict[str, Any]]:
    """What the last event has changed of open tasks."""
    return [command.changes for command in drive.asked(commands.ChangeUserTask)]


def listener(drive: Drive) -> int:
    """The key of the open job of a listener."""
    return next(key for (kind, key), _ in drive.work.items() if kind == "job")


def listened(drive: Drive, **corrections: Any) -> None:
    drive.tell(events.JobCompleted(listener(drive), {}, corrections))


def refused(drive: Drive, reason: str) -> None:
    drive.tell(events.JobDenied(listener(drive), reason))


def test_a_task_without_listeners_is_changed_at_once() -> None:
    drive = Drive(process(start(), user("A"), end(), flows=["start > A > end"]))
    assign(drive, "wang")
    assert changed(drive) == [{"assignee": "wang"}]
    update(drive, dueDate="2026-03-05T09:00:00+08:00", candidateGroups=["sales"], priority=80)
    assert changed(drive) == [{"due_date": "2026-03-05T09:00:00+08:00", "candidate_groups": ("sales",), "priority": 80}]
    assert drive.data("assigned") == [{"by": "li", "action": "assign", "changes": {"assignee": "wang"}}]
    assert drive.data("updated")[0]["changes"]["candidateGroups"] == ["sales"]
    drive.complete("A")

    assert drive.outcome == "completed"


def test_a_change_counts_when_its_listeners_have_been_run() -> None:
    drive = watched("assigning: a1", "assigning: a2", "updating: u")
    assign(drive, "wang", action="claim")
    assert (job(drive).type, job(drive).listens) == ("a1", "assigning")
    assert job(drive).headers["io.camunda.zeebe:assignee"] == "wang"
    listened(drive)
    assert changed(drive) == []
    listened(drive)
    assert changed(drive) == [{"assignee": "wang"}]
    update(drive, priority=80)
    assert job(drive).type == "u"
    listened(drive)
    assert changed(drive) == [{"priority": 80}]


def test_listeners_are_told_what_was_done_and_what_it_changes() -> None:
    drive = watched("assigning: a1", "assigning: a2", candidateGroups="sales")
    assign(drive, "wang", action="claim")
    told = job(drive).headers
    assert told["io.camunda.zeebe:action"] == "claim"
    assert json.loads(told["io.camunda.zeebe:changedAttributes"]) == ["assignee"]
    listened(drive, priority=80)
    assert json.loads(job(drive).headers["io.camunda.zeebe:changedAttributes"]) == ["assignee", "priority"]


def test_listeners_of_a_completion_are_told_of_it() -> None:
    drive = watched("completing: d")
    drive.complete("A")

    assert job(drive).headers["io.camunda.zeebe:action"] == "complete"
    assert "io.camunda.zeebe:changedAttributes" not in job(drive).headers


def test_a_change_that_is_denied_leaves_the_task_as_it_was_with_all_corrections() -> None:
    drive = watched("updating: u1", "updating: u2", "completing: d")
    update(drive, priority=80)
    listened(drive, dueDate="2026-03-05T09:00:00+08:00")
    refused(drive, "too urgent")
    assert (drive.last, drive.open) == ([], ["A"])
    assert drive.data("denied") == [{"moment": "updating", "job": "u2", "reason": "too urgent", "by": "li"}]
    drive.complete("A")

    assert job(drive).headers["io.camunda.zeebe:priority"] == "50"
    assert "io.camunda.zeebe:dueDate" not in job(drive).headers


def test_a_listener_corrects_what_somebody_wanted() -> None:
    drive = watched("assigning: a")
    assign(drive, "wang")
    listened(drive, assignee="zhao", priority=60)

    assert changed(drive) == [{"assignee": "zhao", "priority": 60}]
    assert drive.data("assigned")[0]["changes"] == {"assignee": "zhao", "priority": 60}


def test_a_completion_that_is_denied_discards_the_corrections_before_it() -> None:
    drive = watched("completing: d1", "completing: d2")
    drive.complete("A")
    correct(drive, priority=80)
    deny(drive)
    (again,) = drive.asked(commands.OpenUserTask)

    assert again.priority == 50


def test_an_assignment_in_the_diagram_that_is_denied_discards_corrections_of_its_own_moment_alone() -> None:
    drive = watched("creating: c", "assigning: a1", "assigning: a2", assignee="li")
    correct(drive, priority=80)
    correct(drive, priority=90)
    deny(drive)
    (task,) = drive.asked(commands.OpenUserTask)

    assert (task.assignee, task.priority) == ("", 80)


def test_an_open_task_is_given_back_by_an_assignment_to_nobody() -> None:
    drive = watched("assigning: a")
    assign(drive, "wang")
    listened(drive)
    assign(drive, "", action="release")
    listened(drive)

    assert changed(drive) == [{"assignee": ""}]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"assignee": "wang"}, "an update changes the assignee; assign the task instead"),
        ({"owner": "wang"}, "an update corrects owner"),
        ({"priority": "high"}, "an update corrects priority to 'high'"),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(changes: dict[str, Any], why: str) -> None:
    drive = watched("updating: u")
    update(drive, **changes)

    assert drive.last == []
    assert why in drive.data("discarded")[0]["reason"]


def test_what_comes_while_listeners_are_at_work_changes_nothing() -> None:
    drive = watched("updating: u")
    update(drive, priority=80)
    update(drive, priority=90)
    listened(drive)

    assert changed(drive) == [{"priority": 80}]
    assert len(drive.data("discarded")) == 1


def test_a_listener_that_fails_leaves_the_task_open_and_is_run_again() -> None:
    drive = watched("updating: u")
    update(drive, priority=80)
    drive.tell(events.JobFailed(listener(drive), "no network"))
    assert (drive.incidents, drive.open) == ([("A", "job")], ["A"])
    drive.retry("A")
    listened(drive)

    assert changed(drive) == [{"priority": 80}]


def test_a_task_may_be_interrupted_while_its_change_is_looked_at() -> None:
    shape = user("A", listeners("updating: u", of="task"))
    drive = Drive(
        process(start(), shape, boundary("A", "b", timer("PT1H")), end(), flows=["start > A > end", "b > end"])
    )
    update(drive, priority=80)
    drive.wait(hours=1)

    assert (drive.outcome, drive.path("terminated")) == ("completed", ["A"])


def test_a_suspended_task_is_not_changed() -> None:
    drive = watched("updating: u")
    drive.tell(events.Suspend())
    update(drive, priority=80)

    assert drive.last == []


def test_one_of_many_is_changed_alone() -> None:
    drive = Drive(process(start(), user("A", multi("=[1, 2]")), end(), flows=["start > A > end"]))
    update(drive, priority=80)
    (change,) = drive.asked(commands.ChangeUserTask)

    assert change.key == key_of(drive)


def test_what_is_no_open_task_is_not_changed() -> None:
    drive = Drive(process(start(), user("A"), end(), flows=["start > A > end"]))
    drive.tell(events.TaskAssigned(99, "wang"))
    drive.tell(events.TaskAssigned(1, "wang"))

    assert drive.last == []
