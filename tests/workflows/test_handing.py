"""A task goes from hand to hand: handed over, reminded of, copied; journalled, and told to whom it concerns."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.acts import ActRefused, ClaimTask, CopyTask, Refusal, RemindTask, TransferTask
from domain.records import CaseFields
from storage.notices import notices_of
from storage.tasks import task
from tests.bpmn.building import Part, end, model_xml, process, start, user, zeebe
from tests.workflows.running import House, Running
from tests.workflows.watching import EVERY_POST, kept, key_of
from workflows import acts
from workflows.case import Case

MARKETING: Part = zeebe("assignmentDefinition", candidateGroups="marketing")
ONE = process(start(), user("A", MARKETING), end(), flows=["start > A > end"])
TOLD = CaseFields("YK-HANDED", "p", 1, county="东城县")
NOON = datetime.fromisoformat("2026-03-03T12:00:00+08:00")


def a_case(posts: str = EVERY_POST, claimed_by: str = "wang") -> tuple[Case, str]:
    """A case without a server, with one task of the marketing department."""
    case = kept(model_xml(ONE), posts=posts)
    case.begin(NOON)
    task = key_of(case, "A")
    if claimed_by:
        done(case, ClaimTask(task, claimed_by, ["marketing"]))
    return case, task


def done(case: Case, act: Any, now: datetime = NOON) -> None:
    acts.check(case, act, now)
    acts.do(case, act, "update", now)


def refusal(case: Case, act: Any, now: datetime = NOON) -> ActRefused:
    with pytest.raises(ActRefused) as refused:
        acts.check(case, act, now)
    return refused.value


def transfer(task: str, by: str, to: str = "li", reason: str = "出差", groups: tuple[str, ...] = ()) -> TransferTask:
    return TransferTask(task, by, to, reason, list(groups))


async def open_case(house: House, **fields: Any) -> tuple[Running, str]:
    case = await house.start(ONE, case=TOLD, posts=EVERY_POST, **fields)
    return case, await case.task("A")


def told(house: House, *accounts: str) -> list[tuple[str, str, str]]:
    with house.database.session() as session:
        return sorted((one.kind, one.recipient, one.body) for one in notices_of(session, list(accounts)))


# -- handing over --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["wang", "head", "deputy"])
def test_a_task_is_handed_over_by_its_holder_or_the_heads_above(by: str) -> None:
    case, task = a_case()

    done(case, transfer(task, by))

    assert case.claims == {task: "li"}


def test_a_task_that_nobody_holds_is_handed_over_by_its_department() -> None:
    case, task = a_case(claimed_by="")

    assert refusal(case, transfer(task, "wang", groups=("dispatch",))).kind is Refusal.FORBIDDEN
    done(case, transfer(task, "wang", groups=("marketing",)))

    assert case.claims == {task: "li"}


def test_others_do_not_hand_a_held_task_over_though_it_is_their_department_s() -> None:
    case, task = a_case()

    refused = refusal(case, transfer(task, "zhao", groups=("marketing",)))

    assert refused.kind is Refusal.FORBIDDEN
    assert "可以转办的：wang（当前处理人）、head" in str(refused)


@pytest.mark.parametrize(("to", "reason", "field"), [("", "出差", "to"), ("wang", "出差", "to"), ("li", " ", "reason")])
def test_a_handing_over_to_nobody_to_the_holder_or_without_a_reason_is_refused(
    to: str, reason: str, field: str
) -> None:
    case, task = a_case()

    refused = refusal(case, transfer(task, "wang", to, reason))

    assert [error.field for error in refused.errors] == [field]


async def test_whoever_a_task_is_handed_to_is_told_holds_it_and_completes_it(house: House) -> None:
    case, key = await open_case(house)
    await case.act("claim", {"task": key, "by": "wang", "groups": ["marketing"]})

    await case.act("transfer", {"task": key, "by": "wang", "to": "li", "reason": "出差", "key": "t1"})
    again = await case.act("transfer", {"task": key, "by": "wang", "to": "li", "reason": "出差", "key": "t1"})
    refused = await case.refused("complete", {"task": key, "by": "wang", "groups": ["marketing"]})
    record = (await case.recorded("transferred"))[0]
    with house.database.session() as session:
        held = task(session, case.id, key)
    await case.act("complete", {"task": key, "by": "li"})

    assert await case.outcome() == "completed"
    assert again["by"] == "wang"
    assert "已由 li 领办" in refused
    assert held
    assert held.assignee == "li"
    assert record.data == {"by": "wang", "channel": "update", "to": "li", "previous": "wang", "reason": "出差"}
    ((kind, recipient, body),) = told(house, "li", "wang")
    assert (kind, recipient) == ("transferred", "li")
    assert "转办人：wang；原因：出差。" in body


async def test_a_task_that_is_given_back_is_again_its_whom_the_diagram_gives_it(house: House) -> None:
    given = user("A", zeebe("assignmentDefinition", assignee="wang"))
    case = await house.start(process(start(), given, end(), flows=["start > A > end"]), case=TOLD)
    key = await case.task("A")
    await case.act("transfer", {"task": key, "by": "wang", "to": "li", "reason": "出差"})

    await case.act("release", {"task": key, "by": "li"})
    (record,) = await case.recorded("released")
    with house.database.session() as session:
        held = task(session, case.id, key)

    assert record.data["assignee"] == "wang"
    assert held
    assert held.assignee == "wang"
    await case.act("complete", {"task": key, "by": "wang"})
    assert await case.outcome() == "completed"


# -- reminding -----------------------------------------------------------------------------------------------------


def test_the_holder_is_not_reminded_by_themselves() -> None:
    case, task = a_case()

    assert "本人领办" in str(refusal(case, RemindTask(task, "wang")))


def test_the_same_person_reminds_once_an_hour_and_another_may_at_once() -> None:
    case, task = a_case()
    done(case, RemindTask(task, "zhao"))

    assert "13:00后可再次催办" in str(refusal(case, RemindTask(task, "zhao"), NOON + timedelta(minutes=59)))
    done(case, RemindTask(task, "sun"), NOON + timedelta(minutes=1))
    done(case, RemindTask(task, "zhao"), NOON + timedelta(minutes=60))

    assert case.reminded == {task: {"zhao": "2026-03-03T13:00:00+08:00", "sun": "2026-03-03T12:01:00+08:00"}}


def test_where_nobody_could_be_told_a_reminder_is_refused() -> None:
    case, task = a_case(posts="", claimed_by="")

    assert refusal(case, RemindTask(task, "zhao")).kind is Refusal.CONFLICT


async def test_a_reminder_goes_to_the_department_until_somebody_holds_the_task(house: House) -> None:
    case, key = await open_case(house)

    await case.act("remind", {"task": key, "by": "zhao", "text": "客户在催"})
    await case.act("claim", {"task": key, "by": "wang", "groups": ["marketing"]})
    await case.act("remind", {"task": key, "by": "sun"})
    records = await case.recorded("reminded")
    await case.act("complete", {"task": key, "by": "wang"})

    assert await case.outcome() == "completed"
    assert [record.data for record in records] == [
        {"by": "zhao", "channel": "update", "departments": ["marketing"], "text": "客户在催"},
        {"by": "sun", "channel": "update", "to": ["wang"]},
    ]
    (to_team, to_holder) = told(house, "team", "wang")
    assert (to_team[:2], to_holder[:2]) == (("reminded", "team"), ("reminded", "wang"))
    assert "催办人：zhao；留言：客户在催。" in to_team[2]


async def test_how_often_somebody_reminds_is_remembered_by_the_next_run(restless: House) -> None:
    case, key = await open_case(restless)
    await case.act("claim", {"task": key, "by": "wang", "groups": ["marketing"]})
    await case.act("remind", {"task": key, "by": "zhao"})
    await case.act("claim", {"task": key, "by": "wang", "groups": ["marketing"]})

    assert "可再次催办" in await case.refused("remind", {"task": key, "by": "zhao"})
    await case.act("complete", {"task": key, "by": "wang"})
    assert await case.outcome() == "completed"
    assert [recipient for _, recipient, _ in told(restless, "wang")] == ["wang"]


# -- copies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [[], [""], ["li", ""], [f"officer{number}" for number in range(51)]])
def test_a_copy_to_nobody_or_to_too_many_is_refused(to: list[str]) -> None:
    case, task = a_case()

    assert [error.field for error in refusal(case, CopyTask(task, "wang", to)).errors] == ["to"]


async def test_those_who_get_a_copy_are_told_once_each_and_nothing_is_asked_of_them(house: House) -> None:
    case, key = await open_case(house)

    await case.act("copy", {"task": key, "by": "zhao", "to": ["li", "sun", "li"], "text": "请知悉。"})
    records = await case.recorded("copied")
    await case.act("complete", {"task": key, "by": "wang", "groups": ["marketing"]})

    assert await case.outcome() == "completed"
    assert [record.data["to"] for record in records] == [["li", "sun"]]
    notices = told(house, "li", "sun")
    assert [notice[:2] for notice in notices] == [("copied", "li"), ("copied", "sun")]
    assert "抄送人：zhao；留言：请知悉。\n仅供知悉，无须办理。" in notices[0][2]


async def test_an_act_by_signal_that_is_refused_is_a_line_in_the_journal(house: House) -> None:
    case, key = await open_case(house)

    await case.handle.signal("copy", {"task": key, "by": "zhao", "to": "li"})
    await case.handle.signal("remind", {"task": "99", "by": "zhao"})
    await case.handle.signal(
        "transfer", {"task": key, "by": "wang", "to": "li", "reason": "出差", "groups": ["marketing"]}
    )
    await case.act("complete", {"task": key, "by": "li"})

    assert await case.outcome() == "completed"
    refused = [record.data for record in case.records() if record.event == "refused"]
    assert [(data["act"], data["by"]) for data in refused] == [("copy", "zhao"), ("remind", "zhao")]
