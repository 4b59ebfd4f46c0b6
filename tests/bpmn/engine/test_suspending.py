"""Suspending an instance, or one sub-process of it, and resuming it."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn import commands
from bpmn.events import CallEscalated, JobCompleted, MessageArrived, Resume, SignalArrived, Suspend, TimerFired
from bpmn.instance import Instance
from bpmn.migration import MigrationPlan, migrate
from tests.bpmn.building import (
    Shape,
    boundary,
    build,
    call,
    catch,
    condition,
    end,
    escalation,
    gateway,
    listeners,
    message,
    on_event,
    process,
    receive,
    service,
    signal,
    start,
    sub,
    timer,
    user,
)
from tests.bpmn.engine import driving
from tests.bpmn.engine.driving import START, Drive
from tests.bpmn.engine.generating import VARIABLES, Maker, Run

LOOSE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def line(*shapes: Shape) -> Shape:
    path = [one.id for one in shapes if one.tag != "boundaryEvent" and "triggeredByEvent" not in one.attributes]
    return process(start(), *shapes, end(), flows=[" > ".join(["start", *path, "end"])])


def beside(*inside: Shape) -> Shape:
    """A sub-process S with one step beside a user task B."""
    steps = " > ".join(["s", *(one.id for one in inside), "e"])
    shapes = [start(), gateway("parallel", "F"), sub("S", start("s"), *inside, end("e"), flows=[steps]), user("B")]
    return process(*shapes, end("f"), end("g"), flows=["start > F > S > f", "F > B > g"])


def scope(drive: Drive, element: str) -> int:
    return next(key for key, one in drive.instance.instances.items() if one.element == element)


def suspend(drive: Drive, element: str = "") -> None:
    drive.tell(Suspend(scope(drive, element) if element else 0, "王芳", "客户要求"))


def resume(drive: Drive, element: str = "") -> None:
    drive.tell(Resume(scope(drive, element) if element else 0, "王芳", "客户同意"))


# -- timers ----------------------------------------------------------------------------------------------------------


def test_a_timer_stops_and_is_due_with_what_was_left_after_the_resume() -> None:
    drive = Drive(line(catch("T", timer("PT3H"))))
    drive.wait(hours=1)

    suspend(drive)
    assert [type(one) for one in drive.last] == [commands.CancelTimer]
    drive.wait(hours=10)
    resume(drive)

    (again,) = drive.asked(commands.SetTimer)
    assert again.due == START + timedelta(hours=13)
    drive.wait(hours=2)
    assert drive.outcome == "completed"


def test_a_timer_that_was_overdue_fires_at_once_after_the_resume() -> None:
    drive = Drive(line(catch("T", timer("PT1H"))))
    drive.now += timedelta(hours=2)

    suspend(drive)
    resume(drive)

    assert [one.due for one in drive.asked(commands.SetTimer)] == [drive.now]


def test_the_firing_of_a_stopped_timer_that_still_comes_changes_nothing() -> None:
    drive = Drive(line(catch("T", timer("PT1H"))))
    (wait,) = drive.instance.waits
    suspend(drive)

    drive.tell(TimerFired(wait.key))

    assert drive.waiting == ["T"]


def test_a_repeating_timer_goes_on_repeating_from_its_new_instant() -> None:
    shapes = [start(), user("A"), boundary("A", "b", timer("R2/PT1H"), interrupting=False), end(), end("e")]
    drive = Drive(process(*shapes, flows=["start > A > end", "b > e"]))
    drive.wait(minutes=30)
    suspend(drive)
    drive.wait(hours=5)
    resume(drive)

    drive.wait(minutes=30)
    assert drive.path().count("b") == 1
    drive.wait(hours=1)
    assert drive.path().count("b") == 2


# -- work ------------------------------------------------------------------------------------------------------------


def test_the_result_of_a_job_is_kept_and_applied_at_the_resume() -> None:
    drive = Drive(line(service("A"), user("B")))
    suspend(drive)

    assert drive.complete("A", x=1) == []
    resume(drive)

    assert drive.open == ["B"]
    assert drive.variables == {"x": 1}


def test_the_failure_of_a_job_is_an_incident_only_after_the_resume() -> None:
    drive = Drive(line(service("A")))
    suspend(drive)
    drive.fail("A")
    assert drive.incidents == []

    resume(drive)

    assert drive.incidents == [("A", "job")]


def test_nobody_completes_a_task_or_retries_an_incident_meanwhile() -> None:
    fork = [start(), gateway("parallel", "F"), user("A"), service("B"), end("e"), end("f")]
    drive = Drive(process(*fork, flows=["start > F > A > e", "F > B > f"]))
    drive.fail("B")
    suspend(drive)

    drive.retry("B")
    drive.complete("A")

    assert drive.last == []
    assert drive.incidents == [("B", "job")]
    assert [one["event"] for one in drive.data("discarded")] == ["RetryIncident", "TaskCompleted"]
    drive.ledger.open["task", scope(drive, "A")] = commands.OpenUserTask(
        scope(drive, "A"), "A", "", "", (), (), "", "", 50, ""
    )


def test_a_called_process_that_escalates_waits_for_the_resume() -> None:
    shapes = [start(), call("A", "other"), boundary("A", "b", escalation("X"), interrupting=False), end(), end("e")]
    drive = Drive(process(*shapes, flows=["start > A > end", "b > e"]))
    suspend(drive)

    drive.tell(CallEscalated(scope(drive, "A"), "X", {}, waits=True))
    assert drive.last == []
    resume(drive)

    assert [type(one) for one in drive.last] == [commands.AnswerCall]
    assert drive.path()[-2:] == ["b", "e"]


def test_the_answer_of_a_listener_is_kept_for_the_resume() -> None:
    drive = Drive(line(user("A", listeners("start: look"))))
    (job,) = drive.asked(commands.RunJob)
    suspend(drive)

    drive.tell(JobCompleted(job.key, {"x": 1}))
    assert drive.asked(commands.OpenUserTask) == []
    resume(drive)

    assert len(drive.asked(commands.OpenUserTask)) == 1


# -- messages and signals --------------------------------------------------------------------------------------------


def test_a_message_for_a_suspended_wait_is_kept_however_long_and_delivered_at_the_resume() -> None:
    drive = Drive(line(receive("R", "M")), {"key": "k"})
    suspend(drive)
    drive.message("M", x=1)
    drive.wait(days=100)

    resume(drive)

    assert (drive.outcome, drive.variables["x"]) == ("completed", 1)


def test_a_listener_whose_answer_has_been_kept_is_not_called_off_when_its_element_is_ended() -> None:
    model = process(start(), user("A", listeners("start: look")), end(), flows=["start > A > end"])
    drive = Drive(model)
    drive.tell(Suspend())
    drive.tell(JobCompleted(drive.key("A"), {}))

    drive.cancel()

    assert (drive.outcome, drive.asked(commands.CancelJob)) == ("terminated", [])


def consecutive(**options: Any) -> Drive:
    """Two catch events, one after the other, for the same message, which has come twice while they were suspended."""
    flows = ["start > A > B > end"]
    model = process(start(), catch("A", message("M")), catch("B", message("M")), end(), flows=flows)
    drive = Drive(model, {"key": "k"}, **options)
    drive.tell(Suspend())
    drive.message("M", a=1)
    drive.message("M", b=2)
    drive.tell(Resume())
    return drive


def test_what_was_kept_is_applied_one_after_the_other_with_the_steps_that_follow() -> None:
    drive = consecutive()

    assert (drive.outcome, drive.variables) == ("completed", {"key": "k", "a": 1, "b": 2})


def test_all_that_was_kept_is_applied_before_any_step_where_it_used_to_be() -> None:
    drive = consecutive(semantics=4)

    assert drive.waiting == ["B"]
    assert [data["reason"] for data in drive.data("discarded")] == ["nobody waits for it"]


def test_a_message_with_the_same_id_is_kept_once() -> None:
    drive = Drive(line(receive("R", "M"), receive("Q", "M")), {"key": "k"})
    suspend(drive)
    drive.tell(MessageArrived("M", "k", {}, "id1"))
    drive.tell(MessageArrived("M", "k", {}, "id1"))

    resume(drive)

    assert drive.waiting == ["Q"]


def test_a_message_goes_to_what_waits_for_it_beside_the_suspended_scope() -> None:
    shapes = [start(), gateway("parallel", "F"), sub("S", start("s"), receive("R", "M"), end("e"), flows=["s > R > e"])]
    drive = Drive(
        process(*shapes, receive("Q", "M"), end("f"), end("g"), flows=["start > F > S > f", "F > Q > g"]), {"key": "k"}
    )
    suspend(drive, "S")

    drive.message("M")

    assert drive.waiting == ["R"]


def test_a_message_that_nobody_waits_for_lives_as_long_as_it_says_suspended_or_not() -> None:
    drive = Drive(line(user("A"), receive("R", "M")), {"key": "k"})
    suspend(drive)
    drive.message("M", ttl=60)
    drive.wait(hours=1)
    resume(drive)

    drive.complete("A")

    assert drive.waiting == ["R"]


def test_a_signal_reaches_at_once_what_is_awake_and_the_rest_after_the_resume() -> None:
    shapes = [start(), gateway("parallel", "F"), catch("Q", signal("S1")), end("f"), end("g")]
    inside = sub("S", start("s"), catch("R", signal("S1")), end("e"), flows=["s > R > e"])
    drive = Drive(process(*shapes, inside, flows=["start > F > S > f", "F > Q > g"]))
    suspend(drive, "S")

    drive.tell(SignalArrived("S1", {"x": 1}))
    assert drive.waiting == ["R"]
    resume(drive, "S")

    assert drive.outcome == "completed"


def test_a_condition_that_becomes_true_meanwhile_happens_at_the_resume() -> None:
    inside = sub("S", start("s"), catch("C", condition("=x > 5")), end("e"), flows=["s > C > e"])
    shapes = [start(), gateway("parallel", "F"), inside, user("B"), end("f"), end("g")]
    drive = Drive(process(*shapes, flows=["start > F > S > f", "F > B > g"]), {"x": 1})
    suspend(drive, "S")

    drive.complete("B", x=6)
    assert drive.waiting == ["C"]
    resume(drive, "S")

    assert drive.outcome == "completed"


# -- scopes ----------------------------------------------------------------------------------------------------------


def test_what_is_beside_a_suspended_sub_process_goes_on() -> None:
    drive = Drive(beside(catch("T", timer("PT1H"))))
    suspend(drive, "S")
    drive.wait(hours=2)

    drive.complete("B")

    assert (drive.outcome, drive.waiting) == ("", ["T"])


def test_a_sub_process_suspended_twice_over_moves_only_when_both_are_resumed() -> None:
    drive = Drive(beside(service("A")))
    suspend(drive, "S")
    suspend(drive)
    drive.complete("A")

    resume(drive)
    assert "A" not in drive.path()
    resume(drive, "S")

    assert "A" in drive.path()


def test_a_boundary_timer_of_a_suspended_sub_process_stops_with_it() -> None:
    inside = sub("S", start("s"), user("A"), end("e"), flows=["s > A > e"])
    drive = Drive(
        process(start(), inside, boundary("S", "b", timer("PT1H")), end(), end("f"), flows=["start > S > end", "b > f"])
    )
    suspend(drive, "S")

    drive.wait(hours=2)

    assert drive.open == ["A"]


def test_a_suspended_sub_process_may_be_ended_from_around_and_leaves_nothing_behind() -> None:
    inside = sub("S", start("s"), service("A"), end("e"), flows=["s > A > e"])
    drive = Drive(process(start(), inside, on_event("stop", signal("X")), end(), flows=["start > S > end"]))
    suspend(drive, "S")
    drive.complete("A")

    drive.signal("X")

    state = drive.instance.dump()
    assert drive.outcome == "completed"
    assert not {"suspended", "kept", "parked"} & set(state)


def test_a_suspended_instance_can_be_cancelled() -> None:
    drive = Drive(line(catch("T", timer("PT1H"))))
    suspend(drive)

    drive.cancel()

    assert drive.outcome == "terminated"


def test_what_is_no_scope_cannot_be_suspended() -> None:
    drive = Drive(line(user("A")))

    suspend(drive, "A")

    assert not drive.instance.may_be_suspended(scope(drive, "A"))
    assert drive.instance.suspended == []


def test_a_join_in_a_suspended_scope_waits_for_the_resume() -> None:
    drive = Drive(beside(service("A")))
    suspend(drive, "S")
    drive.complete("A")
    drive.complete("B")

    resume(drive, "S")

    assert drive.outcome == "completed"


def test_who_suspended_and_resumed_and_why_is_in_the_journal() -> None:
    drive = Drive(line(user("A")))

    suspend(drive)
    resume(drive)

    assert drive.data("suspended") == [{"by": "王芳", "reason": "客户要求"}]
    assert drive.data("resumed") == [{"by": "王芳", "reason": "客户同意"}]


def test_a_suspended_instance_moves_to_another_version_and_its_new_timers_begin_at_the_resume() -> None:
    drive = Drive(line(user("A")))
    suspend(drive)
    new = [start(), user("A"), boundary("A", "b", timer("PT1H")), end(), end("e")]
    target = build(process(*new, flows=["start > A > end", "b > e"]))

    def change(instance: Instance) -> tuple[Instance, tuple[commands.Command, ...]]:
        plan = MigrationPlan.between(instance.graph.process, target.processes["p"])
        result = migrate(instance, target, plan, drive.now)
        return result.instance, result.commands

    drive.become(change)
    drive.wait(hours=5)
    resume(drive)

    assert [one.due for one in drive.asked(commands.SetTimer)] == [drive.now + timedelta(hours=1)]


# -- of every instance -----------------------------------------------------------------------------------------------


@settings(LOOSE, max_examples=60)
@given(st.randoms(use_true_random=False))
def test_an_instance_suspended_at_any_point_ends_after_the_resume_whatever_came_meanwhile(chance: Random) -> None:
    driving.driven.clear()
    drive = Drive(Maker(chance, 12).model(), VARIABLES)
    run = Run(drive, chance)
    run_for(run, chance.randint(0, 10))
    scopes = [key for key in drive.instance.instances if drive.instance.may_be_suspended(key)]
    for key in chance.sample(scopes, min(len(scopes), 2)):
        if key in drive.instance.instances:
            drive.tell(Suspend(key))
    for _ in range(chance.randint(0, 8)):
        something_from_outside(drive, chance)
    for key in drive.instance.suspended:
        drive.tell(Resume(key))
    run.play(0)
    assert drive.outcome == "completed"


def run_for(run: Run, steps: int) -> None:
    for _ in range(steps):
        if not run.drive.outcome:
            run.anything()


def something_from_outside(drive: Drive, chance: Random) -> None:
    """A job's or call's answer, a message or a signal."""
    work = [entry for entry in drive.work if entry[0] != "task"]
    if work and chance.random() < 0.5:
        Run(drive, chance).answer(*chance.choice(work))
    elif chance.random() < 0.5:
        drive.message(f"M{chance.randint(1, 3)}", ttl=3600)
    else:
        drive.signal(f"S{chance.randint(1, 2)}")
