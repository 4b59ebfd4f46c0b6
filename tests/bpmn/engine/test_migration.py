"""Moving a running instance to another version of its diagram."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn import Options, commands
from bpmn.events import JobCompleted, JobFailed, Resume, StoreRead, Suspend
from bpmn.instance import Instance
from bpmn.migration import FaultKind, MigrationFault, MigrationPlan, migrate
from tests.bpmn.building import (
    CANCEL,
    Part,
    Shape,
    ad_hoc,
    boundary,
    build,
    call,
    catch,
    compensation,
    condition,
    end,
    gateway,
    instantiating,
    link,
    listeners,
    looping,
    message,
    multi,
    on_event,
    parallel,
    process,
    receive,
    script,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    transaction,
    user,
    zeebe,
)
from tests.bpmn.engine import driving
from tests.bpmn.engine.driving import START, Drive
from tests.bpmn.engine.generating import VARIABLES, Maker, Run
from tests.bpmn.engine.test_complex import complex_
from tests.bpmn.engine.test_data import CUSTOMERS, READS, one

LOOSE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def move(drive: Drive, model: Shape, elements: Mapping[str, str] | None = None, **how: Any) -> list[MigrationFault]:
    """Migrate the drive to another version; its faults, if any, are those of every shadow."""
    definition = build(model)
    faults: list[MigrationFault] = []

    def change(instance: Instance) -> tuple[Instance, tuple[commands.Command, ...]]:
        target = definition.processes[model.id]
        plan = MigrationPlan.between(instance.graph.process, target, elements, **how)
        result = migrate(instance, definition, plan, drive.now)
        faults[:] = result.faults
        assert not result.faults or result.instance is instance
        return result.instance, result.commands

    drive.become(change)
    return faults


def line(*shapes: Shape, id_: str = "p") -> Shape:
    """One after another from start to end; boundary events, and what comes after them, stand beside."""
    path = [one.id for one in shapes if one.tag not in ("boundaryEvent",) and "triggeredByEvent" not in one.attributes]
    return process(start(), *shapes, end(), flows=[" > ".join(["start", *path, "end"])], id_=id_)


def kinds(faults: list[MigrationFault]) -> list[tuple[str, str]]:
    return [(fault.element, fault.kind.value) for fault in faults]


# -- tokens ----------------------------------------------------------------------------------------------------------


def test_an_instance_goes_on_by_the_new_version() -> None:
    drive = Drive(line(user("A"), user("B")))

    assert move(drive, line(user("A"), user("new"), user("B"))) == []
    drive.complete("A")

    assert drive.open == ["new"]


def test_a_migration_that_renames_a_task_keeps_its_key_and_offers_it_as_the_new_version_says() -> None:
    drive = Drive(line(user("A")))
    key = drive.key("A")

    move(drive, line(user("B", zeebe("assignmentDefinition", candidateGroups="sales"))), {"A": "B"})

    (offered,) = drive.asked(commands.OpenUserTask)
    assert (offered.key, offered.element, offered.candidate_groups) == (key, "B", ("sales",))


def test_a_task_of_which_the_new_version_says_nothing_else_is_not_offered_anew() -> None:
    drive = Drive(line(user("A")))

    move(drive, line(user("A"), user("B")))

    assert drive.last == []


def test_a_job_that_has_been_given_out_keeps_its_key_and_its_result_counts() -> None:
    drive = Drive(line(service("A")))
    key = drive.key("A")

    move(drive, line(service("other", type_="another")), {"A": "other"})
    drive.tell(JobCompleted(key, {"x": 1}))

    assert (drive.outcome, drive.variables) == ("completed", {"x": 1})


def test_the_journal_says_which_versions_and_which_elements() -> None:
    drive = Drive(line(user("A")))

    move(drive, line(user("B")), {"A": "B"})

    whole, one = (record for record in drive.records if record.event == "migrated")
    assert (whole.element, whole.data) == ("p", {"process": "p", "elements": {"A": "B"}})
    assert (one.element, one.data) == ("B", {"was": "A"})


def test_a_process_may_become_one_of_another_id() -> None:
    drive = Drive(line(user("A")))

    assert move(drive, line(user("A"), id_="q")) == []
    drive.complete("A")

    assert drive.path()[-1] == "q"


def test_variables_given_with_the_plan_are_there_for_the_new_version() -> None:
    drive = Drive(line(user("A")))

    move(drive, line(user("A"), script("S", "=fee + 1", "due")), variables={"fee": 41})
    drive.complete("A")

    assert drive.variables == {"fee": 41, "due": 42}


def test_an_incident_moves_with_its_step_and_its_retry_goes_by_the_new_version() -> None:
    drive = Drive(line(service("S")))
    drive.fail("S")

    move(drive, line(service("S", type_="better")))
    drive.retry("S")

    assert [job.type for job in drive.asked(commands.RunJob)] == ["better"]


# -- what cannot move ------------------------------------------------------------------------------------------------


def test_an_active_element_without_a_target_is_a_fault_and_the_instance_stays_as_it_was() -> None:
    drive = Drive(line(user("A"), user("B")))
    before = drive.instance.dump()

    faults = move(drive, line(user("B")))

    assert kinds(faults) == [("A", "target")]
    assert drive.instance.dump() == before


def test_all_faults_are_named_at_once_each_with_a_remedy() -> None:
    fork = (gateway("parallel", "G"), user("A"), user("B"), end("e"), end("f"), start())
    drive = Drive(process(*fork, flows=["start > G > A > e", "G > B > f"]))

    faults = move(drive, line(user("C")))

    assert [str(fault) for fault in faults] == [
        "A (key 4): it is active, and nothing in the new version stands for it; map it to an element like it",
        "B (key 5): it is active, and nothing in the new version stands for it; map it to an element like it",
    ]


def test_an_element_of_another_kind_is_a_fault() -> None:
    drive = Drive(line(user("A")))

    assert kinds(move(drive, line(service("A")))) == [("A", "kind")]


def test_an_element_mapped_by_hand_to_one_of_another_kind_is_a_fault_of_the_plan() -> None:
    drive = Drive(line(user("A")))

    assert kinds(move(drive, line(service("B")), {"A": "B"})) == [("A", "kind")]


def test_a_wait_for_something_of_another_kind_is_a_fault() -> None:
    drive = Drive(line(catch("C", timer("PT1H"))), {"key": "k"})

    assert kinds(move(drive, line(catch("C", message("M"))))) == [("C", "wait")]


def test_an_activity_that_became_multi_instance_is_a_fault_while_it_is_active() -> None:
    drive = Drive(line(user("A")), {"items": [1]})

    assert kinds(move(drive, line(user("A", multi("=items"))))) == [("A", "kind")]


def test_an_element_that_is_in_another_scope_now_is_a_fault() -> None:
    drive = Drive(line(user("A")))
    inside = line(sub("S", start("s"), user("A"), end("e"), flows=["s > A > e"]))

    assert kinds(move(drive, inside)) == [("A", "scope")]


def test_a_running_call_of_a_process_that_the_new_version_does_not_call_is_a_fault() -> None:
    drive = Drive(line(call("A", "other")))

    assert kinds(move(drive, line(call("A", "another")))) == [("A", "call")]


def test_a_decision_that_was_a_job_is_a_fault_while_the_job_runs() -> None:
    drive = Drive(line(Shape("scriptTask", "A", {}, (zeebe("taskDefinition", type="work"),))))

    assert kinds(move(drive, line(script("A", "=1", "x")))) == [("A", "work")]


def test_an_unknown_target_process_element_or_source_is_a_fault_of_the_plan() -> None:
    instance = Drive(line(user("A"))).instance
    definition = build(line(user("A")))

    def faults(plan: MigrationPlan) -> list[str]:
        return [fault.problem for fault in migrate(instance, definition, plan, START).faults]

    assert faults(MigrationPlan("p", "q")) == ["there is no such process to move to"]
    assert faults(MigrationPlan("q", "p")) == ["the plan is for q, the instance runs p"]
    assert faults(MigrationPlan("p", "p", {"A": "X"})) == ["the new version has no element X"]
    assert faults(MigrationPlan("p", "p", {"X": "A"})) == ["p has no element X"]


def test_two_gateways_cannot_become_one() -> None:
    instance = Drive(line(user("A"))).instance
    two = build(process(start(), user("A"), gateway("parallel", "G"), end(), flows=["start > A > G > end"]))
    plan = MigrationPlan("p", "p", {"A": "A", "start": "start", "end": "end"})
    doubled = MigrationPlan("p", "p", {**plan.elements, "end": "start"})

    assert [fault.kind for fault in migrate(instance, two, doubled, START).faults] == [FaultKind.KIND, FaultKind.PLAN]


def test_an_expression_of_the_new_version_without_a_value_is_a_fault_and_nothing_has_changed() -> None:
    drive = Drive(line(user("A")))
    before = drive.instance.dump()

    faults = move(drive, guarded(boundary("A", "b", message("M", "=missing"))))

    assert [fault.kind for fault in faults] == [FaultKind.EXPRESSION]
    assert drive.instance.dump() == before


def test_an_instance_that_is_over_is_a_fault() -> None:
    drive = Drive(line(user("A")))
    drive.complete("A")

    assert kinds(move(drive, line(user("A")))) == [("p", "ended")]


# -- waits -----------------------------------------------------------------------------------------------------------


def guarded(*boundaries: Shape) -> Shape:
    ends = [end(f"end_{one.id}") for one in boundaries]
    flows = ["start > A > end", *(f"{one.id} > end_{one.id}" for one in boundaries)]
    return process(start(), user("A"), *boundaries, *ends, end(), flows=flows)


def test_a_timer_that_came_again_comes_once_where_the_new_version_says_so() -> None:
    drive = Drive(guarded(boundary("A", "late", timer("R/PT2H"), interrupting=False)))

    move(drive, guarded(boundary("A", "late", timer("PT5H"), interrupting=False)))

    drive.wait(hours=20)
    assert drive.path().count("end_late") == 1


def test_a_timer_that_came_once_comes_again_where_the_new_version_says_so() -> None:
    drive = Drive(guarded(boundary("A", "late", timer("PT2H"), interrupting=False)))

    move(drive, guarded(boundary("A", "late", timer("R2/PT5H"), interrupting=False)))

    drive.wait(hours=2)
    assert drive.path().count("end_late") == 1
    drive.wait(hours=20)
    assert drive.path().count("end_late") == 2


def test_a_timer_keeps_its_due_date_though_the_new_version_has_another_duration() -> None:
    drive = Drive(guarded(boundary("A", "late", timer("PT2H"))))
    drive.wait(hours=1)

    move(drive, guarded(boundary("A", "late", timer("PT5H"))))
    drive.wait(hours=1)

    assert drive.path()[-2:] == ["end_late", "p"]


def test_timers_are_set_by_the_new_version_where_the_plan_says_so() -> None:
    drive = Drive(guarded(boundary("A", "late", timer("PT2H"))))
    drive.wait(hours=1)

    move(drive, guarded(boundary("A", "late", timer("PT5H"))), timers_anew=True)

    (timer_set,) = drive.asked(commands.SetTimer)
    assert timer_set.due == START + timedelta(hours=6)


def test_a_boundary_event_that_is_new_waits_from_the_migration_on() -> None:
    drive = Drive(guarded())
    drive.wait(hours=1)

    move(drive, guarded(boundary("A", "late", timer("PT2H"))))
    drive.wait(hours=2)

    assert drive.path()[-2:] == ["end_late", "p"]


def test_a_boundary_event_that_is_gone_waits_no_more() -> None:
    drive = Drive(guarded(boundary("A", "late", timer("PT2H"))))

    move(drive, guarded())

    assert drive.waiting == []
    assert [type(one) for one in drive.last] == [commands.CancelTimer]


def test_a_boundary_event_of_another_kind_takes_the_place_of_the_old_one() -> None:
    drive = Drive(guarded(boundary("A", "b", timer("PT2H"))), {"key": "k"})

    move(drive, guarded(boundary("A", "b", message("M"))))
    drive.message("M")

    assert drive.path()[-2:] == ["end_b", "p"]


def test_a_boundary_event_of_a_multi_instance_activity_moves_with_its_body() -> None:
    def many(*boundaries: Shape) -> Shape:
        flows = ["start > A > end", *(f"{one.id} > end" for one in boundaries)]
        loop = multi("=items", item="item", into="out", gives="=x")
        return process(start(), user("A", loop), *boundaries, end(), flows=flows)

    drive = Drive(many(boundary("A", "late", timer("PT2H"))), {"items": [1, 2, 3]})
    drive.complete("A", x=1)

    faults = move(drive, many(boundary("A", "late", timer("PT2H")), boundary("A", "stop", signal("S"))))
    drive.complete("A", x=2)
    drive.signal("S")

    assert faults == []
    assert drive.path("terminated") == ["A", "A"]
    assert drive.path()[-3:] == ["stop", "end", "p"]


def test_a_message_known_by_another_name_or_key_is_subscribed_anew() -> None:
    drive = Drive(line(receive("R", "M")), {"key": "k", "other": "o"})

    move(drive, line(receive("R", "N", key="=other")))

    (gone,), (new,) = drive.asked(commands.Unsubscribe), drive.asked(commands.Subscribe)
    assert (gone.message, gone.correlation_key) == ("M", "k")
    assert (new.message, new.correlation_key) == ("N", "o")


def test_a_message_under_the_same_name_and_key_stays_subscribed_though_it_is_written_otherwise() -> None:
    drive = Drive(line(receive("R", "M")), {"key": "k", "other": "k"})

    move(drive, line(receive("R", "M", key="=other")))

    assert drive.last == []


def test_a_message_that_came_early_is_delivered_to_what_the_new_version_waits_for() -> None:
    drive = Drive(guarded(), {"key": "k"})
    drive.message("M", ttl=60)

    move(drive, guarded(boundary("A", "b", message("M"))))

    assert drive.outcome == "completed"


def test_the_event_sub_processes_of_the_new_version_wait_and_those_gone_do_not() -> None:
    drive = Drive(line(user("A"), on_event("old", timer("PT1H"))))

    move(drive, line(user("A"), on_event("new", signal("S"), then="told", interrupting=False)))
    drive.signal("S")

    assert drive.open == ["A", "told"]
    assert drive.waiting == ["new_start"]


def test_no_event_sub_process_is_opened_in_a_scope_that_another_has_interrupted() -> None:
    drive = Drive(line(user("A"), on_event("stop", signal("S"), then="B")))
    drive.signal("S")

    move(drive, line(user("A"), on_event("stop", signal("S"), then="B"), on_event("other", signal("T"))))

    assert drive.waiting == []


def test_an_event_based_gateway_waits_for_what_is_behind_it_in_the_new_version() -> None:
    def race(**ways: Any) -> Shape:
        events = [catch(name, part) for name, part in ways.items()]
        flows = ["start > G", *(f"G > {name} > end" for name in ways)]
        return process(start(), gateway("eventBased", "G"), *events, end(), flows=flows)

    drive = Drive(race(a=timer("PT1H"), b=message("M")), {"key": "k"})

    move(drive, race(b=message("M"), c=signal("S")))

    assert drive.waiting == ["b", "c"]
    drive.signal("S")
    assert drive.path()[-3:] == ["c", "end", "p"]


def test_a_process_that_waits_for_its_start_waits_for_the_starts_of_the_new_version() -> None:
    def waiting(*starts: Shape) -> Shape:
        return process(*starts, end(), flows=[f"{one.id} > end" for one in starts])

    drive = Drive(waiting(start("a", timer("2026-03-05T08:00:00"))))

    move(drive, waiting(start("a", timer("2026-03-05T08:00:00")), start("b", message("M", ""))))
    drive.message("M", key="")

    assert drive.path() == ["b", "end", "p"]


# -- conditional, multiple and instantiating events ------------------------------------------------------------------


def test_a_condition_that_the_new_version_writes_otherwise_is_looked_at_at_once() -> None:
    drive = Drive(guarded(boundary("A", "b", condition("=x > 5"))), {"x": 3})

    move(drive, guarded(boundary("A", "b", condition("=x > 2"))))

    assert drive.path()[-2:] == ["end_b", "p"]


def test_a_condition_that_has_happened_does_not_happen_again_by_the_migration() -> None:
    def told() -> Shape:
        return guarded(boundary("A", "b", condition("=x > 2"), interrupting=False))

    drive = Drive(told(), {"x": 3})

    move(drive, told())

    assert drive.path().count("b") == 1


def test_variables_given_with_the_plan_make_conditions_true() -> None:
    drive = Drive(guarded(boundary("A", "b", condition("=x > 5"))), {"x": 3})

    move(drive, guarded(boundary("A", "b", condition("=x > 5"))), variables={"x": 6})

    assert drive.path()[-2:] == ["end_b", "p"]


def test_what_has_come_of_a_parallel_multiple_event_has_come_after_the_migration_too() -> None:
    drive = Drive(guarded(parallel(boundary("A", "b", message("M"), signal("S")))), {"key": "k"})
    drive.message("M")

    move(drive, guarded(parallel(boundary("A", "both", message("M"), signal("S")))), {"b": "both"})
    drive.signal("S")

    assert drive.path()[-2:] == ["end_both", "p"]


def test_each_definition_of_a_multiple_event_keeps_its_wait_or_is_opened_anew() -> None:
    drive = Drive(line(catch("C", message("M"), timer("PT2H"))), {"key": "k"})
    drive.wait(hours=1)

    move(drive, line(catch("C", message("N"), timer("PT9H"))))

    assert [one.message for one in drive.asked(commands.Subscribe)] == ["N"]
    drive.wait(hours=1)
    assert drive.outcome == "completed"


def test_a_multiple_event_of_other_definitions_is_another_wait() -> None:
    drive = Drive(line(catch("C", message("M"), timer("PT2H"))), {"key": "k"})

    assert kinds(move(drive, line(catch("C", message("M"), signal("S"))))) == [("C", "wait")]


def gathered(*names: str) -> Shape:
    """A process that begins by one of these messages and needs all of them."""
    events = [catch(name, message(name)) for name in names]
    flows = [line for name in names for line in (f"G > {name} > J",)]
    return process(instantiating("G", "Parallel"), *events, gateway("parallel", "J"), end(), flows=[*flows, "J > end"])


def test_an_instance_that_gathers_its_beginnings_waits_for_those_of_the_new_version() -> None:
    drive = Drive(gathered("M", "N"), {"key": "k"}, start_event="M")

    move(drive, gathered("M", "N", "O"))

    assert drive.waiting == ["N", "O"]
    drive.message("N")
    drive.message("O")
    assert drive.outcome == "completed"


def test_an_instance_whose_beginnings_are_all_there_by_the_new_version_goes_on() -> None:
    drive = Drive(gathered("M", "N", "O"), {"key": "k"}, start_event="M")
    drive.message("N")

    move(drive, gathered("M", "N"))

    assert drive.outcome == "completed"


# -- joins -----------------------------------------------------------------------------------------------------------


def joined(*branches: str, kind: str = "parallel") -> Shape:
    shapes = [start(), gateway(kind, "F"), *(user(name) for name in branches), gateway(kind, "J"), end()]
    return process(*shapes, flows=["start > F", *(f"F > {name} > J" for name in branches), "J > end"])


def test_a_token_at_a_join_still_waits_there_for_the_others() -> None:
    drive = Drive(joined("A", "B"))
    drive.complete("A")

    move(drive, joined("A", "B"))
    drive.complete("B")

    assert drive.outcome == "completed"


def test_a_join_that_misses_nothing_in_the_new_version_joins_at_once() -> None:
    drive = Drive(joined("A", "B", "C"))
    drive.complete("A")
    drive.complete("B")

    shapes = [
        start(),
        gateway("parallel", "F"),
        user("A"),
        user("B"),
        user("C"),
        gateway("parallel", "J"),
        end(),
        end("e"),
    ]
    faults = move(drive, process(*shapes, flows=["start > F > A > J > end", "F > B > J", "F > C > e"]))

    assert faults == []
    assert drive.path()[-2:] == ["J", "end"]
    assert drive.open == ["C"]


def test_a_token_at_a_gateway_that_does_not_join_any_more_goes_on() -> None:
    drive = Drive(joined("A", "B"))
    drive.complete("A")
    one = process(start(), user("B"), gateway("parallel", "J"), user("C"), end(), flows=["start > B > J > C > end"])

    move(drive, one)

    assert drive.open == ["B", "C"]


def test_a_token_that_came_by_a_flow_the_new_version_has_not_is_a_fault() -> None:
    drive = Drive(joined("A", "B"))
    drive.complete("A")

    assert kinds(move(drive, joined("X", "B"))) == [("J", "join")]


def test_a_flow_of_another_id_between_the_same_elements_is_the_same() -> None:
    drive = Drive(joined("A", "B"))
    drive.complete("A")

    faults = move(drive, joined("X", "B"), {"A": "X"})
    drive.complete("B")

    assert faults == []
    assert drive.outcome == "completed"


def late(*more: str) -> Shape:
    """A complex gateway that two of three tokens start."""
    shapes = [start(), gateway("parallel", "F"), *map(user, "ABC"), complex_("G", "=activationCount >= 2"), user("Z")]
    flows = ["start > F", *(f"F > {name} > G" for name in "ABC"), "G > Z > end"]
    return process(*shapes, end(), *map(user, more), flows=[*flows, *(f"F > {name} > end" for name in more)])


def test_a_complex_gateway_that_has_been_started_is_reset_by_the_new_version() -> None:
    drive = Drive(late())
    drive.complete("A")
    drive.complete("B")
    assert drive.open == ["C", "Z"]

    assert move(drive, late("D")) == []
    drive.complete("C")
    drive.complete("Z")

    assert drive.path().count("G") == 2


def test_a_listener_that_is_at_work_must_be_one_of_the_new_version_too() -> None:
    drive = Drive(line(user("A", listeners("start: look"))))

    assert kinds(move(drive, line(user("A")))) == [("A", "work")]
    assert move(drive, line(user("A", listeners("start: look")), user("B"))) == []


@pytest.mark.parametrize(
    ("listening", "done"),
    [
        (listeners("start: look"), False),
        (listeners("creating: look", of="task"), False),
        (listeners("completing: look", of="task"), True),
        (listeners("end: look"), True),
    ],
)
def test_a_listener_that_has_failed_is_not_missed_where_the_new_version_has_none(listening: Part, done: bool) -> None:
    drive = Drive(line(user("A", listening), user("B")))
    if done:
        drive.complete("A")
    drive.tell(JobFailed(drive.key("A"), "no"))

    assert move(drive, line(user("A"), user("B"))) == []
    drive.retry("A")

    assert drive.open == (["B"] if done else ["A"])


def test_a_data_store_that_has_been_asked_must_be_one_of_the_new_version_too() -> None:
    drive = Drive(one(user("A", *READS), CUSTOMERS))

    assert kinds(move(drive, one(user("A")))) == [("A", "work")]
    assert move(drive, one(user("A", *READS), CUSTOMERS)) == []
    drive.tell(StoreRead(drive.key("A"), ["李明"]))

    assert drive.asked(commands.OpenUserTask) != []


def test_the_steps_that_a_suspended_scope_has_yet_to_take_are_those_of_the_new_version() -> None:
    old, new = build(line(user("A", multi("=[1, 2, 3]")))), build(line(user("B", multi("=[1, 2, 3]"))))
    instance = Instance(old, options=Options(slice_steps=1))
    instance.start(START)
    instance.handle(Suspend(), START)
    while instance.pending:
        instance.proceed(START)
    instance.drain_journal()
    assert instance.steps

    plan = MigrationPlan.between(old.processes["p"], new.processes["p"], {"A": "B"})
    moved = migrate(instance, new, plan, START).instance
    asked = moved.handle(Resume(), START)
    while moved.pending:
        asked += moved.proceed(START)

    assert [command.element for command in asked if isinstance(command, commands.OpenUserTask)] == ["B"] * 3


# -- loops, compensation ---------------------------------------------------------------------------------------------


def test_a_multi_instance_body_that_collects_now_did_not_lose_its_items() -> None:
    drive = Drive(line(user("A", multi("=items", item="item"))), {"items": [1, 2]})
    drive.complete("A", x=1)

    move(drive, line(user("A", multi("=items", item="it", into="out", gives="=it"))))
    drive.complete("A")

    assert drive.variables["out"] == [None, 2]


def undoable(*parts: Shape, handler: str = "undo") -> Shape:
    shapes = [service("A"), boundary("A", "c", compensation()), service(handler, undoes=True)]
    path = " > ".join(["start", "A", *(one.id for one in parts), "end"])
    return process(start(), *shapes, *parts, end(), flows=[path], links=[f"c > {handler}"])


def test_what_has_been_completed_is_undone_as_the_new_version_says() -> None:
    drive = Drive(undoable(user("B"), throw("T", compensation())))
    drive.complete("A")

    move(drive, undoable(user("B"), throw("T", compensation()), handler="better"))
    drive.complete("B")

    assert drive.open == ["better"]


def test_what_the_new_version_does_not_undo_any_more_is_not_undone() -> None:
    drive = Drive(undoable(user("B"), throw("T", compensation())))
    drive.complete("A")

    move(drive, line(service("A"), user("B"), throw("T", compensation())))
    drive.complete("B")

    assert drive.outcome == "completed"


def test_what_can_be_undone_and_has_no_place_in_the_new_version_is_a_fault() -> None:
    drive = Drive(undoable(user("B")))
    drive.complete("A")

    assert kinds(move(drive, line(user("B")))) == [("A", "compensation")]


def test_a_compensation_under_way_goes_on_with_the_handlers_of_the_new_version() -> None:
    drive = Drive(undoable(throw("T", compensation())))
    drive.complete("A")

    assert kinds(move(drive, undoable(throw("T", compensation()), handler="better"))) == [("undo", "target")]
    assert move(drive, undoable(throw("T", compensation()), handler="better"), {"undo": "better"}) == []

    drive.complete("undo")
    assert drive.path()[-4:] == ["better", "T", "end", "p"]


def test_links_lead_to_where_the_new_version_has_them() -> None:
    def linked(name: str) -> Shape:
        shapes = [start(), user("A"), throw("T", link(name)), catch("C", link(name)), user("B"), end()]
        return process(*shapes, flows=["start > A > T", "C > B > end"])

    drive = Drive(linked("one"))

    move(drive, linked("two"))
    drive.complete("A")

    assert drive.open == ["B"]


# -- transactions, ad-hoc sub-processes, standard loops ----------------------------------------------------------------


def taken_back(handler: str = "undo") -> Shape:
    """A transaction that is cancelled after X."""
    shapes = [service("A"), boundary("A", "c", compensation()), service(handler, undoes=True), user("X")]
    inside = transaction("T", start("s"), *shapes, end("e", CANCEL), flows=["s > A > X > e"], links=[f"c > {handler}"])
    flows = ["start > T > end", "b > f"]
    return process(start(), inside, boundary("T", "b", CANCEL), end(), end("f"), flows=flows)


def test_a_transaction_takes_back_what_it_did_as_the_new_version_says() -> None:
    drive = Drive(taken_back())
    drive.complete("A")

    assert move(drive, taken_back("better")) == []
    drive.complete("X")
    drive.complete("better")

    assert drive.path()[-3:] == ["b", "f", "p"]


def test_a_transaction_that_is_being_taken_back_goes_on_by_the_new_version() -> None:
    drive = Drive(taken_back())
    drive.complete("A")
    drive.complete("X")

    assert move(drive, taken_back("better"), {"undo": "better"}) == []
    drive.complete("undo")

    assert drive.path()[-4:] == ["better", "b", "f", "p"]


def test_what_is_to_be_activated_later_in_an_ad_hoc_sub_process_moves_or_is_a_fault() -> None:
    def sequence(*names: str) -> Shape:
        return line(ad_hoc("H", *map(user, names), sequential=True))

    drive = Drive(sequence("X", "Y"))

    assert kinds(move(drive, sequence("X", "Z"))) == [("Y", "target")]
    assert move(drive, sequence("X", "Z"), {"Y": "Z"}) == []
    drive.complete("X")

    assert drive.open == ["Z"]


def test_a_standard_loop_goes_on_with_the_condition_of_the_new_version() -> None:
    drive = Drive(line(user("A", looping("=true"))))
    drive.complete("A")

    move(drive, line(user("A", looping("=false"))))
    drive.complete("A")

    assert drive.outcome == "completed"


def test_a_handler_that_is_an_event_sub_process_moves_while_it_undoes() -> None:
    def undone(task: str) -> Shape:
        undo = on_event("undo", compensation(), then=task)
        inside = sub("S", start("s"), user("X"), end("e"), undo, flows=["s > X > e"])
        return line(inside, throw("T", compensation()), user("B"))

    drive = Drive(undone("U"))
    drive.complete("X")

    assert move(drive, undone("V"), {"U": "V"}) == []
    drive.complete("V")

    assert drive.open == ["B"]


# -- of every instance -----------------------------------------------------------------------------------------------


def same_but_recorded(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return {**before, "seq": 0} == {**after, "seq": 0} and after["seq"] == before["seq"] + 1


@settings(LOOSE, max_examples=80)
@given(st.randoms(use_true_random=False))
def test_moving_to_the_same_version_changes_nothing_but_the_record_and_the_run_ends_as_before(chance: Random) -> None:
    driving.driven.clear()
    model = Maker(chance, 12).model()
    drive = Drive(model, VARIABLES)
    run = Run(drive, chance)
    for _ in range(chance.randint(0, 20)):
        if not drive.outcome:
            run.anything()
    if not drive.instance.active:
        return
    before = json.dumps(drive.instance.dump())

    faults = move(drive, model)

    assert faults == []
    assert drive.last == []
    assert same_but_recorded(json.loads(before), drive.instance.dump())
    run.play(0)
    assert drive.outcome == "completed"


@settings(LOOSE, max_examples=60)
@given(st.randoms(use_true_random=False))
def test_an_instance_of_a_random_model_moves_whole_to_another_random_one_or_stays_as_it_was(chance: Random) -> None:
    driving.driven.clear()
    drive = Drive(Maker(chance, 8).model(), VARIABLES)
    run = Run(drive, chance)
    for _ in range(chance.randint(0, 10)):
        if not drive.outcome:
            run.anything()
    before = drive.instance.dump()

    if move(drive, Maker(chance, 8).model()):
        assert drive.instance.dump() == before
    run.play(0)
    assert drive.outcome == "completed"
