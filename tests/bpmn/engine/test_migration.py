"""Moving a running instance to another version of its diagram."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn import commands
from bpmn.events import JobCompleted
from bpmn.migration import FaultKind, MigrationPlan, migrate
from tests.bpmn.building import (
    Shape,
    boundary,
    build,
    call,
    catch,
    end,
    gateway,
    message,
    multi,
    process,
    script,
    service,
    start,
    sub,
    timer,
    user,
    zeebe,
)
from tests.bpmn.engine import driving
from tests.bpmn.engine.changing import guarded, kinds, line, move
from tests.bpmn.engine.driving import START, Drive
from tests.bpmn.engine.generating import VARIABLES, Maker, Run

LOOSE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


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
