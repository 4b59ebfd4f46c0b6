"""Running cases are moved to another version, modified, suspended and resumed, by people with reasons."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bpmn import commands, events, read
from domain.acts import (
    Act,
    ActRefused,
    CompleteTask,
    MigrateCase,
    ModifyCase,
    Refusal,
    ResolveIncident,
    ResumeCase,
    SuspendCase,
)
from storage.cases import Case as CaseRow
from storage.tasks import task as stored_task
from tests.bpmn.building import (
    Shape,
    boundary,
    end,
    model_xml,
    multi,
    process,
    service,
    start,
    sub,
    timer,
    user,
    zeebe,
)
from tests.workflows.running import House
from tests.workflows.scenarios_of_life import NEW, OLD, migrated, modified, suspended, version
from tests.workflows.watching import RUN_OUT, TWO, clocked, kept, key_of
from workflows import acts, life_acts
from workflows.case import Case

NOON = datetime.fromisoformat("2026-03-03T12:00:00+08:00")


def begun(shape: Shape = OLD, **fields: Any) -> Case:
    """A case without a server that has begun."""
    case = kept(model_xml(shape), **fields)
    case.begin(NOON)
    return case


def refusal(case: Case, act: Act) -> ActRefused:
    with pytest.raises(ActRefused) as refused:
        acts.check(case, act, NOON)
    return refused.value


def done(case: Case, act: Act, now: datetime = NOON) -> list[commands.Command]:
    acts.check(case, act, now)
    return acts.do(case, act, "update", now)[1]


def to(shape: Shape, **fields: Any) -> MigrateCase:
    return MigrateCase(**version(shape, **fields))


def noted(case: Case, event: str) -> list[dict[str, Any]]:
    return [record.data for record in case.outbox if record.event == event]


# -- another version -------------------------------------------------------------------------------------------------


def test_a_case_goes_on_by_the_version_that_the_act_brings_and_carries_it_on() -> None:
    case = begun()

    done(case, to(NEW, elements={"A": "check"}))
    again = Case(replace(case.start, carried=case.carry([])), "")

    assert [task.element for task in again.tasks.values()] == ["check"]
    assert again.start.case.version == 2
    assert "check" in again.instance.graph.nodes


def test_who_moved_the_case_to_which_version_and_why_is_in_the_journal() -> None:
    case = begun()

    done(case, to(NEW, elements={"A": "check"}))

    (told,) = noted(case, "version")
    assert (told["version"], told["by"], told["reason"], told["channel"]) == (2, "ops", "新规实施", "update")
    assert len(noted(case, "migrated")) == 2


def test_what_keeps_a_case_from_moving_is_told_step_by_step_and_nothing_has_changed() -> None:
    case = begun(
        process(start(), user("A"), boundary("A", "b", timer("PT1H")), end(), flows=["start > A > end", "b > end"])
    )
    before = case.instance.dump()

    refused = refusal(case, to(process(start(), service("A"), end(), flows=["start > A > end"])))

    assert (refused.kind, str(refused)) == (Refusal.CONFLICT, "「A」新版本中的环节类型不同")
    assert case.instance.dump() == before


@pytest.mark.parametrize("text", ["{}", "[]", "not json", '{"processes": [], "decisions": {}, "forms": {}}'])
def test_what_is_no_version_of_the_process_is_refused(text: str) -> None:
    refused = refusal(begun(), MigrateCase(text, 2, "ops", "试试"))

    assert refused.errors[0].field == "definition"


def test_a_migration_needs_a_name_and_a_reason() -> None:
    assert refusal(begun(), to(NEW, reason=" ")).errors[0].field == "reason"
    assert refusal(begun(), to(NEW, by="")).errors[0].field == "by"


def test_a_task_that_is_offered_anew_stays_with_who_has_taken_it_on() -> None:
    case = begun(process(start(), user("A"), end(), flows=["start > A > end"]))
    key = key_of(case, "A")
    case.claims[key] = "wang"
    other = user("A", zeebe("assignmentDefinition", candidateGroups="planning"))

    done(case, to(process(start(), other, end(), flows=["start > A > end"])))

    assert case.tasks[key].candidate_groups == ("planning",)
    assert [record.event for record in case.outbox[-2:]] == ["opened", "claimed"]


def test_clocks_go_on_by_the_new_version_which_must_know_them() -> None:
    case = kept(clocked(model_xml(TWO), "p", RUN_OUT))
    case.begin(NOON)
    done(case, CompleteTask(key_of(case, "A"), "wang"))
    same = json.dumps(read(clocked(model_xml(TWO), "p", RUN_OUT)).dump())

    refused = refusal(case, to(TWO))
    done(case, MigrateCase(same, 2, "ops", "新规实施"))

    assert str(refused) == "新版本中没有本案已计的期限：reply"
    assert case.watch is not None
    assert [clock.running for clock in case.watch.clocks] == [True]


def test_a_migration_can_be_looked_at_before_and_changes_nothing() -> None:
    case = begun()
    before = case.instance.dump()

    good = life_acts.preview_migration(case, to(NEW, elements={"A": "check"}), NOON)
    bad = life_acts.preview_migration(case, to(NEW), NOON)

    assert [(one.element, one.target) for one in good.moving] == [("A", "check")]
    assert good.faults == []
    assert [(one.kind, one.element, one.key) for one in bad.faults] == [("target", "A", key_of(case, "A"))]
    assert case.instance.dump() == before


async def test_a_case_on_the_server_moves_and_the_read_model_knows_its_new_version(house: House) -> None:
    (case,) = await migrated(house)

    assert house.work.elements() == ["job"]
    with house.database.session() as session:
        row = session.get(CaseRow, case.id)
        assert row is not None
        assert row.version == 2


async def test_a_case_that_cannot_move_goes_on_by_its_own_version(house: House) -> None:
    case = await house.start(OLD)
    await case.task("A")

    assert await case.refused("migrate", version(NEW)) == "「A」新版本中没有与之对应的环节"

    await case.complete("A")
    await case.complete("B")
    assert await case.outcome() == "completed"


async def test_a_signal_moves_a_case_too_and_one_that_is_refused_is_in_the_journal(house: House) -> None:
    case = await house.start(OLD)
    await case.task("A")

    await case.handle.signal("migrate", version(NEW))
    await case.handle.signal("migrate", version(NEW, elements={"A": "check"}))
    await case.complete("check")

    assert await case.outcome() == "completed"
    assert [record.data["act"] for record in case.records() if record.event == "refused"] == ["migrate"]


async def test_a_case_that_is_continued_as_new_keeps_the_version_it_moved_to(restless: House) -> None:
    (case,) = await migrated(restless)

    assert (await case.view())["case"]["version"] == 2


async def test_the_open_task_of_a_moved_case_stands_in_the_read_model_as_the_new_version_says(house: House) -> None:
    case = await house.start(OLD)
    task = await case.task("A")

    await case.act("migrate", version(NEW, elements={"A": "check"}))
    await case.recorded("migrated")

    with house.database.session() as session:
        row = stored_task(session, case.id, task)
        assert row is not None
        assert (row.element, row.state) == ("check", "open")
    await case.handle.terminate()


# -- tokens ----------------------------------------------------------------------------------------------------------


def modify(changes: dict[str, Any], **fields: Any) -> ModifyCase:
    return ModifyCase(**{"changes": changes, "by": "ops", "reason": "资料退回", **fields})


def test_a_token_is_moved_by_somebody_with_a_reason() -> None:
    case = begun()

    done(case, modify({"move": [{"key": key_of(case, "A"), "element": "B"}]}))

    assert [task.element for task in case.tasks.values()] == ["B"]
    (told,) = noted(case, "modified")
    assert (told["by"], told["reason"]) == ("ops", "资料退回")


def test_an_inner_instance_is_cancelled_and_one_added_with_an_item() -> None:
    loop = multi("=items", item="item")
    case = begun(process(start(), user("A", loop), end(), flows=["start > A > end"]), variables={"items": [1, 2]})
    body = next(str(key) for key, one in case.instance.instances.items() if one.role == "body")

    added = {"element": "A", "scope": body, "item": 3}
    done(case, modify({"cancel": [key_of(case, "A")], "activate": [added]}))

    assert [case.instance.variables(int(key))["item"] for key in case.tasks] == [2, 3]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cancle": []}, "changes.cancle"),
        ({"cancel": "6"}, "changes.cancel"),
        ({"cancel": [6]}, "changes.cancel"),
        ({"cancel": ["six"]}, "changes.cancel"),
        ({"move": [{"key": "6"}]}, "changes.move.element"),
        ({"move": ["6"]}, "changes.move.key"),
        ({"activate": [{"element": 6}]}, "changes.activate.element"),
        ({"activate": [{"element": "B", "variables": []}]}, "changes.activate.variables"),
        ({"withdraw": [{"scope": "1", "gateway": "J"}]}, "changes.withdraw.flow"),
        ({"ends": 1}, "changes.ends"),
    ],
)
def test_a_modification_that_is_not_well_formed_names_its_field(changes: dict[str, Any], field: str) -> None:
    refused = refusal(begun(), modify(changes))

    assert (refused.kind, [error.field for error in refused.errors]) == (Refusal.INVALID, [field])


def test_a_modification_that_cannot_be_made_says_why() -> None:
    case = begun()

    nothing_left = refusal(case, modify({"cancel": [key_of(case, "A")]}))
    unknown = refusal(case, modify({"activate": [{"element": "Q"}]}))

    assert str(nothing_left) == "「p」调整后没有在办的环节；如确要结束流程，请注明（ends）"
    assert (unknown.kind, str(unknown)) == (Refusal.GONE, "「Q」没有这个环节，或已不在办理中")
    assert refusal(case, modify({}, reason="")).errors[0].field == "reason"


def test_a_modification_can_be_looked_at_before_and_changes_nothing() -> None:
    case = begun()
    before = case.instance.dump()

    seen = life_acts.preview_modification(case, modify({"move": [{"key": key_of(case, "A"), "element": "B"}]}), NOON)
    bad = life_acts.preview_modification(case, modify({"cancel": ["99"]}), NOON)

    assert ([one.element for one in seen.ended], [one.element for one in seen.begun]) == (["A"], ["B"])
    assert seen.asked == ["CloseUserTask", "OpenUserTask B"]
    assert [one.kind for one in bad.faults] == ["unknown"]
    assert case.instance.dump() == before


async def test_a_case_on_the_server_is_modified_and_can_be_looked_at_before(house: House) -> None:
    (case,) = await modified(house)

    assert [record.element for record in case.records() if record.event == "terminated"] == ["B", "B"]


async def test_what_would_follow_is_a_query(house: House) -> None:
    case = await house.start(OLD)
    changes = {"move": [{"key": await case.task("A"), "element": "B"}]}

    seen: Any = await case.handle.query("preview_modify", {"changes": changes, "by": "ops", "reason": "试试"})
    moved: Any = await case.handle.query("preview_migrate", version(NEW))

    assert [one["element"] for one in seen["begun"]] == ["B"]
    assert [one["kind"] for one in moved["faults"]] == ["target"]
    await case.handle.terminate()


# -- standing still --------------------------------------------------------------------------------------------------


def test_a_suspended_case_lets_nobody_complete_a_task_until_it_is_resumed() -> None:
    case = begun()
    key = key_of(case, "A")

    done(case, SuspendCase("ops", "客户要求"))
    refused = refusal(case, CompleteTask(key, "wang"))
    done(case, ResumeCase("ops", "客户同意"))
    done(case, CompleteTask(key, "wang"))

    assert str(refused) == "流程已挂起，恢复后才能办理"
    assert [task.element for task in case.tasks.values()] == ["B"]


def test_one_sub_process_is_suspended_by_its_key() -> None:
    inside = sub("S", start("s"), user("X"), end("e"), flows=["s > X > e"])
    case = begun(process(start(), inside, end(), flows=["start > S > end"]))
    scope = next(str(key) for key, one in case.instance.instances.items() if one.element == "S")

    done(case, SuspendCase("ops", "客户要求", scope))

    assert case.view()["suspended"] == [scope]
    assert str(refusal(case, CompleteTask(key_of(case, "X"), "wang"))) == "流程已挂起，恢复后才能办理"


def test_what_cannot_be_suspended_or_resumed_is_refused() -> None:
    case = begun()

    assert refusal(case, SuspendCase("ops", "", "")).errors[0].field == "reason"
    assert refusal(case, SuspendCase("ops", "客户要求", key_of(case, "A"))).kind is Refusal.GONE
    assert refusal(case, SuspendCase("ops", "客户要求", "x")).kind is Refusal.GONE
    assert str(refusal(case, ResumeCase("ops"))) == "没有挂起，无须恢复"
    done(case, SuspendCase("ops", "客户要求"))
    assert str(refusal(case, SuspendCase("ops", "客户要求"))) == "已经挂起"


def test_an_incident_of_a_suspended_case_is_neither_retried_nor_skipped() -> None:
    case = begun(process(start(), service("A"), end(), flows=["start > A > end"]))
    key = str(next(key for key, one in case.instance.instances.items() if one.element == "A"))
    case.handle(events.JobFailed(int(key), "no"), NOON)
    done(case, SuspendCase("ops", "客户要求"))

    assert str(refusal(case, ResolveIncident(key, "ops"))) == "流程已挂起，恢复后才能办理"


def test_a_timer_keeps_what_was_left_of_it() -> None:
    case = begun(
        process(start(), user("A"), boundary("A", "b", timer("PT3H")), end(), flows=["start > A > end", "b > end"])
    )

    done(case, SuspendCase("ops", "客户要求"), NOON + timedelta(hours=1))
    todo = done(case, ResumeCase("ops"), NOON + timedelta(days=9))

    assert [one.due for one in todo if isinstance(one, commands.SetTimer)] == [NOON + timedelta(days=9, hours=2)]


async def test_what_comes_for_a_suspended_case_on_the_server_waits_for_the_resume(house: House) -> None:
    (case,) = await suspended(house)

    told = [record.event for record in case.records() if record.event in ("suspended", "kept", "resumed")]
    assert told == ["suspended", "kept", "kept", "resumed"]
    assert await case.outcome() == "completed"


async def test_a_suspended_case_stays_so_when_it_is_continued_as_new(restless: House) -> None:
    (case,) = await suspended(restless)

    assert await case.outcome() == "completed"
