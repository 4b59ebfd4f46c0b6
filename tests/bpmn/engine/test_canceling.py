"""Listeners of user tasks that are terminated: whatever interrupts a task waits for them, as in Camunda 8."""

from __future__ import annotations

import pytest

from bpmn import commands, events
from bpmn.modification import Move
from tests.bpmn.building import (
    TERMINATE,
    Part,
    ad_hoc,
    boundary,
    compensation,
    end,
    error,
    gateway,
    listeners,
    message,
    multi,
    on_event,
    process,
    service,
    start,
    sub,
    task,
    throw,
    timer,
    user,
)
from tests.bpmn.engine.changing import change, move
from tests.bpmn.engine.changing import key_of as drive_key
from tests.bpmn.engine.driving import Drive

CANCELING = listeners("canceling: x", of="task")
FLOW = "start > A > end"
LATE = timer("PT1H")


def jobs(drive: Drive) -> list[str]:
    """The types of the open jobs."""
    return [command.type for command in drive.work.values() if isinstance(command, commands.RunJob)]


def interrupted(*parts: Part, **variables: object) -> Drive:
    """A process whose task A an event at its boundary has interrupted."""
    shapes = (start(), user("A", *parts), boundary("A", "b", LATE), user("B"), end())
    drive = Drive(process(*shapes, flows=[FLOW, "b > B > end"]), dict(variables))
    drive.wait(hours=1)
    return drive


def test_what_interrupts_a_task_waits_for_its_listeners() -> None:
    drive = interrupted(listeners("canceling: x", "canceling: y", of="task"))
    assert drive.asked(commands.CloseUserTask)
    assert (jobs(drive), drive.path("terminated")) == (["x"], [])
    drive.complete("A")
    assert (jobs(drive), drive.open) == (["y"], ["A"])
    drive.complete("A")

    assert drive.path("terminated") == ["A"]
    assert drive.open == ["B"]


def test_the_job_says_what_it_listens_to_and_is_told_of_the_task() -> None:
    drive = interrupted(CANCELING)
    (job,) = drive.asked(commands.RunJob)

    assert job.listens == "canceling"
    assert job.headers["io.camunda.zeebe:priority"] == "50"


def test_a_termination_cannot_be_denied() -> None:
    drive = interrupted(CANCELING)
    drive.tell(events.JobDenied(drive.key("A"), "no"))
    assert drive.problem == "the canceling listener x cannot deny: no"
    drive.retry("A")
    drive.complete("A")

    assert drive.open == ["B"]


def test_a_listener_that_fails_holds_the_termination_up_until_it_is_mended() -> None:
    drive = interrupted(CANCELING)
    drive.fail("A", "no network")
    assert (drive.incidents, drive.open) == ([("A", "job")], [])
    drive.retry("A")
    drive.complete("A")

    assert drive.open == ["B"]


def test_a_termination_whose_listener_fails_may_be_skipped() -> None:
    drive = interrupted(listeners("canceling: x", "canceling: y", of="task"))
    drive.fail("A")
    drive.skip("A", unused=1)

    assert (drive.open, drive.variables) == (["B"], {})


def test_an_expression_of_a_listener_that_gives_no_text_is_an_incident_until_it_does() -> None:
    drive = interrupted(listeners("canceling: =kind", of="task"))
    assert drive.incidents == [("A", "expression")]
    drive.retry("A", kind="audit")

    assert jobs(drive) == ["audit"]


def test_a_task_that_is_completed_has_none() -> None:
    drive = Drive(process(start(), user("A", CANCELING), end(), flows=[FLOW]))
    drive.complete("A")

    assert drive.outcome == "completed"


def test_a_task_whose_start_listeners_are_at_work_is_none_yet() -> None:
    inside = sub("S", start("s"), user("A", CANCELING, listeners("start: a")), end("x"), flows=["s > A > x"])
    shapes = (start(), inside, boundary("S", "b", LATE), end())
    drive = Drive(process(*shapes, flows=["start > S > end", "b > end"]))
    drive.wait(hours=1)

    assert drive.outcome == "completed"


@pytest.mark.parametrize("moment", ["creating", "completing"])
def test_a_listener_that_is_at_work_is_cancelled_and_the_canceling_one_run(moment: str) -> None:
    shapes = (start(), user("A", listeners(f"{moment}: m", "canceling: x", of="task")), boundary("A", "b", LATE), end())
    drive = Drive(process(*shapes, flows=[FLOW, "b > end"]))
    if moment == "completing":
        drive.complete("A", done=True)
    assert jobs(drive) == ["m"]
    drive.wait(hours=1)
    assert jobs(drive) == ["x"]
    drive.complete("A")

    assert (drive.outcome, drive.path("completed")) == ("completed", ["start", "b", "end", "p"])


def test_the_whole_ends_when_the_listeners_of_all_its_tasks_have_been_run() -> None:
    inside = sub("S", start("s"), user("B", CANCELING), end("x"), flows=["s > B > x"])
    flows = ["start > f", "f > A > e1", "f > S > e2", "f > C > e3"]
    shapes = (
        start(),
        gateway("parallel", "f"),
        user("A", CANCELING),
        inside,
        user("C"),
        end("e1"),
        end("e2"),
        end("e3"),
    )
    drive = Drive(process(*shapes, flows=flows), {"n": 1})
    drive.cancel()
    assert (drive.outcome, drive.open, drive.path("terminated")) == ("", ["A", "B"], ["C"])
    drive.cancel()
    assert drive.data("cancelled") == [{"reason": "test"}]
    drive.complete("A")
    assert drive.outcome == ""
    drive.complete("B")

    assert (drive.outcome, drive.variables) == ("terminated", {"n": 1})
    assert drive.path("terminated") == ["C", "A", "B", "S", "p"]


def test_an_error_that_leaves_the_process_does_so_after_the_listeners() -> None:
    flows = ["start > f", "f > A > e1", "f > B > e2"]
    shapes = (start(), gateway("parallel", "f"), user("A", CANCELING), service("B"), end("e1"), end("e2"))
    drive = Drive(process(*shapes, flows=flows), caught_errors=("E",))
    drive.error("B", "E", why="lost")
    assert drive.outcome == ""
    drive.complete("A")

    (finished,) = drive.ledger.finished
    assert (finished.outcome, finished.code, finished.variables) == ("failed", "E", {"why": "lost"})


def test_a_sub_process_that_an_error_leaves_waits_for_the_tasks_inside() -> None:
    flows = ["s > f", "f > A > x", "f > B > y"]
    inside = sub(
        "S", start("s"), gateway("parallel", "f"), user("A", CANCELING), service("B"), end("x"), end("y"), flows=flows
    )
    shapes = (start(), inside, boundary("S", "b", error("E")), user("C"), end())
    drive = Drive(process(*shapes, flows=["start > S > end", "b > C > end"]))
    drive.error("B", "E")
    assert (jobs(drive), drive.path("terminated")) == (["x"], ["B"])
    drive.complete("A")

    assert drive.path("terminated") == ["B", "A", "S"]
    assert drive.open == ["C"]


def test_an_interrupting_event_sub_process_begins_after_the_listeners() -> None:
    drive = Drive(
        process(start(), user("A", CANCELING), end(), on_event("E", message("M"), then="B"), flows=[FLOW]), {"key": "k"}
    )
    drive.message("M", heard=1)
    assert (jobs(drive), drive.path("activated")) == (["x"], ["p", "start", "A"])
    drive.complete("A")
    assert drive.open == ["B"]
    drive.complete("B")

    assert (drive.outcome, drive.variables["heard"]) == ("completed", 1)


def test_a_terminate_end_event_completes_its_scope_after_the_listeners() -> None:
    flows = ["start > f", "f > A > x", "f > end"]
    drive = Drive(
        process(start(), gateway("parallel", "f"), user("A", CANCELING), end("x"), end("end", TERMINATE), flows=flows)
    )
    assert (drive.outcome, jobs(drive)) == ("", ["x"])
    drive.complete("A")

    assert drive.outcome == "completed"


def test_a_multi_instance_activity_that_has_enough_completes_after_the_listeners_of_the_others() -> None:
    loop = multi("=[1, 2, 3]", item="item", until="=item = 2")
    drive = Drive(process(start(), user("A", loop, CANCELING), end(), flows=[FLOW]))
    second = sorted(key for _, key in drive.work)[1]
    drive.tell(events.TaskCompleted(second))
    assert jobs(drive) == ["x", "x"]
    drive.complete("A")
    assert drive.outcome == ""
    drive.complete("A")

    assert drive.outcome == "completed"


def test_an_ad_hoc_sub_process_that_is_over_completes_after_the_listeners() -> None:
    inside = ad_hoc("H", user("A"), user("B", CANCELING), until="=done")
    drive = Drive(process(start(), inside, end(), flows=["start > H > end"]), {"done": False})
    drive.complete("A", done=True)
    assert (drive.outcome, jobs(drive)) == ("", ["x"])
    drive.complete("B")

    assert drive.outcome == "completed"


def test_a_transaction_is_taken_back_after_the_listeners() -> None:
    cancel = Part("<bpmn:cancelEventDefinition/>")
    flows = ["s > T > f", "f > A > e", "f > B > c"]
    inside = sub(
        "X",
        start("s"),
        task("task", "T"),
        boundary("T", "u", compensation()),
        user("undo", undoes=True),
        gateway("parallel", "f"),
        user("A", CANCELING),
        user("B"),
        end("e"),
        end("c", cancel),
        flows=flows,
        links=["u > undo"],
    )
    inside.tag = "transaction"
    drive = Drive(process(start(), inside, boundary("X", "b", cancel), end(), flows=["start > X > end", "b > end"]))
    drive.complete("B")
    assert (jobs(drive), drive.open) == (["x"], ["A"])
    drive.complete("A")
    assert drive.open == ["undo"]
    drive.complete("undo")

    assert drive.path("completed")[-3:] == ["b", "end", "p"]


def test_a_compensation_handler_that_is_interrupted_is_done_after_its_listeners() -> None:
    undo = user("undo", CANCELING, undoes=True)
    shapes = (start(), task("task", "T"), boundary("T", "u", compensation()), undo, boundary("undo", "late", LATE))
    after = (throw("C", compensation()), end(), end("x"))
    drive = Drive(process(*shapes, *after, flows=["start > T > C > end", "late > x"], links=["u > undo"]))
    drive.wait(hours=1)
    assert "C" not in drive.path("completed")
    drive.complete("undo")

    assert drive.outcome == "completed"


def test_what_happens_beside_goes_on_meanwhile() -> None:
    flows = ["start > f", "f > A > e1", "b > e3", "f > B > C > e2"]
    shapes = (start(), gateway("parallel", "f"), user("A", CANCELING), boundary("A", "b", LATE), user("B"), user("C"))
    drive = Drive(process(*shapes, end("e1"), end("e2"), end("e3"), flows=flows))
    drive.wait(hours=1)
    drive.complete("B")
    assert drive.open == ["A", "C"]
    drive.complete("C")
    assert drive.outcome == ""
    drive.complete("A")

    assert drive.outcome == "completed"


def test_who_interrupts_the_sub_process_around_it_meanwhile_waits_as_well() -> None:
    inside = sub(
        "S", start("s"), user("A", CANCELING), boundary("A", "b", LATE), end("x"), flows=["s > A > x", "b > x"]
    )
    shapes = (start(), inside, boundary("S", "c", timer("PT2H")), user("D"), end())
    drive = Drive(process(*shapes, flows=["start > S > end", "c > D > end"]))
    drive.wait(hours=3)
    assert (jobs(drive), drive.waiting) == (["x"], [])
    drive.complete("A")

    assert drive.path("terminated") == ["A", "S"]
    assert drive.open == ["D"]


def test_modification_takes_a_task_away_without_its_listeners() -> None:
    drive = Drive(process(start(), user("A", CANCELING), user("B"), end(), flows=["start > A > B > end"]))
    change(drive, move=(Move(drive.key("A"), "B"),))

    assert (drive.open, drive.path("terminated")) == (["B"], ["A"])


def test_modification_ends_what_waits_for_its_listeners() -> None:
    drive = interrupted(CANCELING)
    change(drive, cancel=(drive_key(drive, "A"),))

    assert (drive.open, drive.path("terminated")) == (["B"], ["A"])


def test_modification_ends_a_whole_that_waits_for_listeners() -> None:
    drive = Drive(process(start(), user("A", CANCELING), end(), flows=[FLOW]))
    drive.cancel()
    change(drive, cancel=(drive_key(drive, "A"),), ends=True)

    assert drive.outcome == "terminated"


def test_a_task_goes_on_being_terminated_in_another_version() -> None:
    drive = interrupted(CANCELING)
    shapes = (start(), user("A2", CANCELING), boundary("A2", "b", LATE), user("B2"), end())
    assert not move(drive, process(*shapes, flows=["start > A2 > end", "b > B2 > end"]), {"A": "A2", "B": "B2"})
    assert drive.waiting == []
    drive.complete("A")

    assert (drive.open, drive.path("terminated")) == (["B2"], ["A2"])


def test_a_task_that_comes_from_a_version_without_listeners_has_those_of_the_new_one() -> None:
    shapes = (start(), user("A"), boundary("A", "b", LATE), user("B"), end())
    drive = Drive(process(*shapes, flows=[FLOW, "b > B > end"]))
    listened = (start(), user("A", CANCELING), boundary("A", "b", LATE), user("B"), end())
    assert not move(drive, process(*listened, flows=[FLOW, "b > B > end"]))
    drive.wait(hours=1)

    assert jobs(drive) == ["x"]


def test_what_is_suspended_keeps_the_answer_of_its_listeners() -> None:
    inside = sub(
        "S", start("s"), user("A", CANCELING), boundary("A", "b", LATE), end("x"), flows=["s > A > x", "b > x"]
    )
    drive = Drive(process(start(), inside, end(), flows=["start > S > end"]))
    drive.wait(hours=1)
    around = drive_key(drive, "S")
    drive.tell(events.Suspend(around))
    drive.complete("A")
    assert drive.path("terminated") == []
    drive.tell(events.Resume(around))

    assert drive.outcome == "completed"
