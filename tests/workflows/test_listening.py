"""What jobs may be answered with beside variables: listeners that deny and correct, jobs that decide what follows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from domain.acts import ActRefused, UpdateTask
from domain.jobs import activated, corrected, denied, fulfilled
from domain.records import CaseFields
from storage.notices import notices_of
from tests.bpmn.building import end, model_xml, process, service, start, user, zeebe
from tests.workflows.running import House, Running
from tests.workflows.scenarios_of_listeners import begun, decided, denied_once
from tests.workflows.watching import EVERY_POST, kept, key_of
from workflows import acts
from workflows.case import Case


async def claim(case: Running, by: str = "wang") -> dict[str, Any]:
    return await case.act("claim", {"task": await case.task("A"), "by": by})


# -- listeners of completions ----------------------------------------------------------------------------------------


async def test_a_completion_that_is_denied_opens_the_task_again_with_whom_it_was(house: House) -> None:
    (case,) = await denied_once(house)

    (record,) = await case.recorded("denied")
    assert record.data == {"moment": "completing", "job": "work", "reason": "没有盖章", "by": "wang"}
    assert [one.data["by"] for one in await case.recorded("claimed")] == ["wang", "wang"]
    assert len(await case.recorded("opened")) == 2


async def test_the_job_of_a_listener_tells_its_activity_what_it_listens_to(house: House) -> None:
    await denied_once(house)

    moments = [job.listens for job in house.work.done]
    assert moments == ["creating", "assigning", "completing", "completing"]


async def test_a_listener_corrects_the_task_that_people_see(house: House) -> None:
    house.work.answering = {"A:creating": [corrected(priority=80, candidateGroups=["sales"])]}
    case = await begun(house, "creating")
    await case.task("A")

    (task,) = (await case.view())["tasks"]
    assert (task["priority"], task["candidate_groups"]) == (80, ["sales"])


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"x": 1}, '结果应为 {"variables": {…}, "result": {…}}'),
        ({"result": 1}, '结果应为 {"variables": {…}, "result": {…}}'),
        ({"result": {"denies": True}}, "作业的结果不符：the result has denies"),
        ({"variables": {"x": 1}}, "the completing listener work cannot set variables"),
    ],
)
async def test_an_answer_of_another_form_is_an_incident(house: House, answer: Any, problem: str) -> None:
    house.work.answering = {"A:completing": [answer]}
    case = await begun(house, "completing")
    await case.complete("A")

    incident = await case.incident()
    assert problem in incident["message"]
    await case.act("resolve_incident", {"incident": incident["key"], "by": "admin"})
    assert await case.outcome() == "completed"


async def test_other_jobs_may_have_variables_named_alike(house: House) -> None:
    house.work.answering = {"J": [denied("no")]}
    case = await house.start(process(start(), service("J"), end(), flows=["start > J > end"]))

    assert await case.outcome() == "completed"
    (record,) = [one for one in await case.recorded("completed") if one.element == "J"]
    assert record.data["variables"] == denied("no")


async def test_whoever_is_denied_something_is_told_and_why(house: House) -> None:
    house.work.answering = {"A:completing": [denied("没有盖章")]}
    told = CaseFields("YK-HANDED", "p", 1, county="东城县")
    case = await begun(house, "completing", case=told, posts=EVERY_POST)
    await case.complete("A")
    await case.until_recorded("denied")
    await case.complete("A")

    assert await case.outcome() == "completed"
    with house.database.session() as session:
        (notice,) = notices_of(session, ["wang"])
    assert notice.kind == "denied"
    assert "核对作业：work；原因：没有盖章。" in notice.body
    assert "任务已恢复原状" in notice.body


# -- listeners of claims ---------------------------------------------------------------------------------------------


async def test_a_claim_counts_when_the_listeners_have_been_heard(house: House) -> None:
    house.work.may_go_on.clear()
    case = await begun(house, "assigning")
    result = await claim(case)
    task = await case.task("A")
    refusals = [
        await case.refused("complete", {"task": task, "by": "wang", "data": {}}),
        await case.refused("claim", {"task": task, "by": "li"}),
        await case.refused("release", {"task": task, "by": "wang"}),
        await case.refused("transfer", {"task": task, "by": "wang", "to": "li", "reason": "休假"}),
    ]
    before = (await case.view())["tasks"][0]["claimedBy"]
    house.work.may_go_on.set()
    await case.until(lambda view: view["tasks"][0]["claimedBy"] == "wang")

    assert result["remark"] == "已提交，核对通过后生效"
    assert before == ""
    assert all("的变更正在核对" in one for one in refusals)
    await case.complete("A")
    assert await case.outcome() == "completed"


async def test_a_claim_that_is_denied_leaves_the_task_to_all(house: House) -> None:
    house.work.answering = {"A:assigning": [denied("没有资质")]}
    case = await begun(house, "assigning")
    await claim(case)
    await case.until_recorded("denied")

    assert (await case.view())["tasks"][0]["claimedBy"] == ""
    await claim(case, "li")
    await case.until(lambda view: view["tasks"][0]["claimedBy"] == "li")
    assert "已由 li 领办" in await case.refused("complete", {"task": await case.task("A"), "by": "wang", "data": {}})
    await case.complete("A", by="li")
    assert await case.outcome() == "completed"


async def test_a_listener_gives_the_task_to_another_than_who_wanted_it(house: House) -> None:
    house.work.answering = {"A:assigning": [corrected(assignee="zhao")]}
    case = await begun(house, "assigning")
    await claim(case)
    await case.until(lambda view: view["tasks"][0]["claimedBy"] == "zhao")

    await case.complete("A", by="zhao")
    assert await case.outcome() == "completed"


async def test_a_task_is_given_back_and_handed_over_by_word_of_the_listeners(house: House) -> None:
    case = await begun(house, "assigning")
    await claim(case)
    await case.until(lambda view: view["tasks"][0]["claimedBy"] == "wang")
    await case.act("transfer", {"task": await case.task("A"), "by": "wang", "to": "li", "reason": "休假"})
    await case.until(lambda view: view["tasks"][0]["claimedBy"] == "li")
    await case.act("release", {"task": await case.task("A"), "by": "li"})
    await case.until(lambda view: view["tasks"][0]["claimedBy"] == "")

    assert [job.headers["io.camunda.zeebe:action"] for job in house.work.done] == ["claim", "transfer", "release"]
    assert len(await case.recorded("released")) == 1


async def test_nobody_takes_a_task_on_of_which_suspended_listeners_cannot_hear(house: House) -> None:
    case = await begun(house, "assigning")
    task = await case.task("A")
    await case.act("suspend", {"by": "head", "reason": "客户要求"})

    assert await case.refused("claim", {"task": task, "by": "wang"}) == "流程已挂起，恢复后才能办理"


async def test_a_case_of_earlier_semantics_claims_without_its_listeners(house: House) -> None:
    case = await begun(house, "assigning", semantics=4)
    result = await claim(case)

    assert result["remark"] == ""
    assert (await case.view())["tasks"][0]["claimedBy"] == "wang"
    assert house.work.done == []


# -- listeners of updates --------------------------------------------------------------------------------------------


async def update(case: Running, by: str = "wang", **changes: Any) -> dict[str, Any]:
    act = {"task": await case.task("A"), "by": by, "changes": changes, "reason": "客户在等"}
    return await case.act("update_task", act)


async def test_an_update_counts_when_the_listeners_have_been_heard(house: House) -> None:
    house.work.answering = {"A:updating": [corrected(priority=60), denied("太急")]}
    case = await begun(house, "updating")
    due = "2026-03-09T17:00:00+08:00"
    result = await update(case, priority=80, dueDate=due)
    await case.until(lambda view: view["tasks"][0]["priority"] == 60)
    await update(case, priority=90)
    denial = await case.until_recorded("denied")

    assert result["remark"] == "已提交，核对通过后生效"
    assert (denial.data["reason"], denial.data["by"]) == ("太急", "wang")
    (task,) = (await case.view())["tasks"]
    assert (task["priority"], task["due_date"]) == (60, due)
    await case.complete("A")
    assert await case.outcome() == "completed"


async def test_a_task_without_listeners_is_updated_at_once(house: House) -> None:
    case = await begun(house, "creating")
    result = await update(case, followUpDate="2026-03-09T17:00:00+08:00")

    assert result["remark"] == ""
    assert (await case.view())["tasks"][0]["follow_up_date"] == "2026-03-09T17:00:00+08:00"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, "未说明变更的内容"),
        ({"assignee": "li"}, "不能变更 assignee；可以变更的：dueDate、followUpDate、priority"),
        ({"dueDate": "soon"}, "dueDate 应为带时区的时刻"),
        ({"dueDate": "2026-03-09T17:00:00"}, "dueDate 应为带时区的时刻"),
        ({"followUpDate": 1}, "followUpDate 应为带时区的时刻"),
        ({"priority": 101}, "priority 应为 0 到 100 的整数"),
        ({"priority": True}, "priority 应为 0 到 100 的整数"),
    ],
)
def test_what_is_no_change_of_a_task_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ActRefused) as refused:
        acts.check(*updating(changes=changes))

    assert problem in str(refused.value)


def test_a_task_is_updated_with_a_reason() -> None:
    with pytest.raises(ActRefused, match="须写明原因"):
        acts.check(*updating(reason=" "))


@pytest.mark.parametrize(("by", "may"), [("wang", False), ("head", True), ("deputy", True)])
def test_a_task_is_updated_by_the_heads_of_its_department(by: str, may: bool) -> None:
    given = updating(by=by, posts=EVERY_POST)
    if may:
        acts.check(*given)
        return
    with pytest.raises(ActRefused, match="由部门负责人变更；可以变更的：head"):
        acts.check(*given)


def updating(posts: str = "", **act: Any) -> tuple[Case, UpdateTask, datetime]:
    """A case without a server with an open task of the marketing department, and an act that changes it."""
    given = zeebe("assignmentDefinition", candidateGroups="marketing")
    model = model_xml(process(start(), user("A", given), end(), flows=["start > A > end"]))
    case = kept(model, **({"posts": posts} if posts else {}))
    now = datetime.fromisoformat("2026-03-03T12:00:00+08:00")
    case.begin(now)
    wanted = {"by": "wang", "changes": {"priority": 80}, "reason": "客户在等", "groups": ["marketing"], **act}
    return case, UpdateTask(key_of(case, "A"), **wanted), now


# -- listeners of what is terminated ---------------------------------------------------------------------------------


async def test_what_interrupts_a_task_goes_on_when_its_listener_has_been_heard(house: House) -> None:
    house.work.may_go_on.clear()
    case = await begun(house, "canceling")
    await case.task("A")
    await case.act("message", {"name": "Stop", "correlation_key": "YK-TEST", "by": "wang"})
    assert (await case.view())["tasks"] == []
    house.work.may_go_on.set()
    await case.complete("B")

    assert await case.outcome() == "completed"
    assert [job.listens for job in house.work.done] == ["canceling"]


async def test_a_case_that_is_cancelled_in_temporal_ends_when_the_listener_has_been_heard(house: House) -> None:
    case = await begun(house, "canceling")
    await case.task("A")
    await case.handle.cancel()
    await case.closed()

    assert [job.listens for job in house.work.done] == ["canceling"]
    assert [one.element for one in await case.recorded("terminated")] == ["A", "p"]


# -- jobs of ad-hoc sub-processes ------------------------------------------------------------------------------------


async def test_a_job_decides_what_follows_until_it_says_that_all_is_done(house: House) -> None:
    choice = activated(("A", {"to": "li"}), ("J", {"gives": {"x": 1}}), round=1)
    house.work.answering = {"H": [choice, activated(round=2), fulfilled()]}
    case = await house.start(decided())
    await case.until(lambda view: view["variables"].get("round") == 2)
    await case.complete("A")

    assert await case.outcome() == "completed"
    asked = [job for job in house.work.done if job.element == "H"]
    assert [job.activatable for job in asked] == [["A", "J"]] * 3
    assert [one["elementId"] for one in asked[0].variables["adHocSubProcessElements"]] == ["A", "J"]


async def test_a_job_ends_what_is_still_open(house: House) -> None:
    house.work.answering = {"H": [activated(("A", {}), ("J", {})), fulfilled(cancels=True)]}
    case = await house.start(decided())

    assert await case.outcome() == "completed"
    assert [one.element for one in await case.recorded("terminated")] == ["A"]


async def test_a_choice_of_what_is_not_there_is_an_incident_until_it_is_asked_again(house: House) -> None:
    house.work.answering = {"H": [activated(("gone", {})), fulfilled()]}
    case = await house.start(decided())
    incident = await case.incident()
    await case.act("resolve_incident", {"incident": incident["key"], "by": "admin"})

    assert "gone cannot be activated; known are A, J" in incident["message"]
    assert await case.outcome() == "completed"
