"""Tasks that one level alone may do: the wrong one is refused by its rule, and tasks move with the authority."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from domain.chinese import BUSINESS_ZONE
from domain.records import CaseFields
from tests.bpmn.building import Part, end, process, start, user, zeebe
from tests.workflows.authorities import (
    CITY,
    PROVINCE,
    SHIPPED,
    asking,
    candidates,
    day,
    delegated,
    new_table,
    table,
    withdrawn,
)
from tests.workflows.office import Office, Running
from tests.workflows.running import House

RULE = "110kV接入系统方案审查由市公司发展部办理（依据 冀电发展〔2021〕88号，2021-07-01起）"
LATE = {"late_reason": "补录"}


def at_noon(offset: int) -> str:
    """An instant so many days from today; some minutes ago at the least."""
    noon = datetime.combine(day(offset), datetime.min.time(), BUSINESS_ZONE) + timedelta(hours=12)
    return min(noon, datetime.now(BUSINESS_ZONE) - timedelta(minutes=5)).isoformat()


async def moves(case: Running) -> list[dict[str, Any]]:
    """The new tables in the journal, once everything is recorded that has happened."""
    await case.until(lambda view: not view["unrecorded"], "an empty outbox")
    return [one.data for one in case.journal() if one.event == "act" and one.data["act"] == "new_authority"]


# -- who may -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["claim", "complete"])
async def test_rule_3_the_level_that_has_no_authority_is_refused_with_rule_and_right_level(
    office: Office, act: str
) -> None:
    case = await asking(office, authority=delegated())
    task = await candidates(case, "review", ["planning"])

    assert await case.refusal(act, task=task, **PROVINCE) == f"{RULE}，省公司发展部不能办理"
    assert (
        await case.refusal(act, task=task, by="li", groups=["marketing", "customer"])
        == f"{RULE}，市公司营销部、客户不能办理"
    )
    assert await case.refusal(act, task=task, by="li", groups=[]) == f"{RULE}，无部门的账号不能办理"


async def test_rule_3_the_level_that_has_the_authority_does_it(office: Office) -> None:
    case = await asking(office, authority=delegated())
    task = await candidates(case, "review", ["planning"])

    await case.update("claim", task=task, **CITY)
    await case.update("complete", task=task, **CITY)

    assert await case.result() == "completed"


async def test_at_220_kv_the_province_reviews_and_the_city_is_refused(office: Office) -> None:
    case = await asking(office, voltage="220")
    task = await candidates(case, "review", ["province_planning"])

    refused = await case.refusal("complete", task=task, **CITY)
    await case.update("complete", task=task, **PROVINCE)

    assert refused.startswith("220kV接入系统方案审查由省公司发展部办理（本级权限")
    assert refused.endswith("，市公司发展部不能办理")
    assert await case.result() == "completed"


async def test_a_signal_of_the_wrong_level_stands_in_the_journal_with_the_rule(office: Office) -> None:
    case = await asking(office, authority=delegated())
    task = await candidates(case, "review", ["planning"])

    await case.handle.signal("complete", {"task": task, **PROVINCE})

    refused = await case.recorded("refused", act="complete")
    assert refused.data["reason"] == f"{RULE}，省公司发展部不能办理"


async def test_whom_a_task_was_handed_to_does_it_only_where_their_level_may(office: Office) -> None:
    case = await asking(office, authority=delegated())
    task = await candidates(case, "review", ["planning"])
    await case.update("claim", task=task, **CITY)
    await case.update("transfer", task=task, to="zheng", reason="出差", **CITY)

    assert await case.refusal("complete", task=task, **PROVINCE) == f"{RULE}，省公司发展部不能办理"


@pytest.mark.parametrize(
    ("kind", "approving", "refused"),
    [
        ("bay_extension", "planning", "省公司发展部"),
        ("other", "province_planning", "市公司发展部"),
        (None, "province_planning", "市公司发展部"),
    ],
)
async def test_rule_4_the_kind_of_project_decides_who_approves_it(
    office: Office, kind: str | None, approving: str, refused: str
) -> None:
    case = await asking(office, "connecting", projectKind=kind)
    task = await candidates(case, "approve", [approving])
    wrong = PROVINCE if approving == "planning" else CITY

    said = await case.refusal("complete", task=task, **wrong)

    assert said.endswith(f"，{refused}不能办理")
    assert ("间隔扩建类项目批复由市公司发展部" in said) == (kind == "bay_extension")


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"projectKind": "=kind"}, "没有项目类别“bays”，可用：bay_extension、other，或留空"),
        ({"projectKind": "=5"}, "项目类别 =5 得到 5，应为文字"),
        (
            {"projectKind": "=for i in 1..1000000 return i"},
            "return i 无法计算：the expression took more than",
        ),
        ({"authority": "reviews"}, "没有事项“reviews”"),
    ],
)
async def test_a_task_that_asks_what_there_is_not_is_refused_to_everybody(
    house: House, properties: dict[str, str], text: str
) -> None:
    told = {"authority": "construction", **properties}
    rows = "".join(f'<zeebe:property name="{name}" value="{value}"/>' for name, value in told.items())
    asks = Part(extension=f"<zeebe:properties>{rows}</zeebe:properties>")
    task = user("A", zeebe("assignmentDefinition", candidateGroups="construction"), asks)
    case = await house.start(
        process(start(), task, end(), flows=["start > A > end"]),
        variables={"kind": "bays"},
        case=CaseFields("YK-TEST", "p", 1, voltage_kv="110"),
        authority=json.dumps(SHIPPED.to_json()),
    )

    act = {"task": await case.task("A"), "by": "guo", "groups": ["construction"]}
    assert text in await case.refused("complete", act)


async def test_a_case_without_a_table_lets_nobody_approve_until_it_gets_one(office: Office) -> None:
    office.deploy("reviewing")
    case = await office.start("reviewing", {"voltageKv": 10})
    assert (await case.incident())["kind"] == "expression"

    await new_table(case, SHIPPED.to_json())

    await case.update("complete", task=await candidates(case, "review", ["planning"]), **CITY)


# -- when --------------------------------------------------------------------------------------------------------------


async def test_an_approval_dated_into_days_when_the_province_still_decided_is_refused(office: Office) -> None:
    case = await asking(office, authority=delegated(first=day(-1)))
    task = await candidates(case, "review", ["planning"])

    said = await case.refusal("complete", task=task, **CITY, happened_at=at_noon(-2), **LATE)
    await case.update("complete", task=task, **CITY, happened_at=at_noon(-1), **LATE)

    assert said == (
        f"业务时间{day(-2)}：110kV接入系统方案审查由省公司发展部办理"
        f"（本级权限，2000-01-01起至{day(-2)}止，规则未核实），市公司发展部不能办理"
    )


async def test_the_province_does_not_date_an_approval_back_into_a_delegation_that_has_ended(office: Office) -> None:
    case = await asking(office, authority=delegated(last=day(-1)))
    task = await candidates(case, "review", ["province_planning"])

    said = await case.refusal("complete", task=task, **PROVINCE, happened_at=at_noon(-1), **LATE)
    city = await case.refusal("complete", task=task, **CITY, happened_at=at_noon(-1), **LATE)

    assert said.endswith(f"2021-07-01起至{day(-1)}止），省公司发展部不能办理")
    assert f"由省公司发展部办理（本级权限，{day(0)}起，规则未核实），市公司发展部不能办理" in city


async def test_the_end_of_a_delegation_moves_a_task_that_waits_at_midnight(
    fast_server: WorkflowEnvironment, fast: Office
) -> None:
    now = (await fast_server.get_current_time()).astimezone(BUSINESS_ZONE)
    last = now.date() + timedelta(days=3)
    case = await asking(fast, authority=delegated(last=last))
    before = await candidates(case, "review", ["planning"])
    await case.update("claim", task=before, **CITY)

    midnight = datetime.combine(last + timedelta(days=1), datetime.min.time(), BUSINESS_ZONE)
    await fast_server.sleep(midnight - now - timedelta(minutes=10))
    assert (await case.view())["tasks"][0]["claimedBy"] == "wang"
    await fast_server.sleep(timedelta(minutes=11))

    after = await candidates(case, "review", ["province_planning"])
    fired = [one for one in case.journal() if one.event == "completed" and one.element == "ended"]
    assert before != after
    assert [datetime.fromisoformat(one.at).astimezone(BUSINESS_ZONE).date() for one in fired] == [midnight.date()]
    assert "由省公司发展部办理" in await case.refusal("complete", task=after, **CITY)
    await case.update("complete", task=after, **PROVINCE)
    await case.recorded("completed", flows=["review_done"])


async def test_where_a_diagram_has_not_moved_a_task_nobody_does_it_at_the_wrong_level(
    fast_server: WorkflowEnvironment, fast: Office
) -> None:
    """`connecting` looks anew once a year only."""
    now = (await fast_server.get_current_time()).astimezone(BUSINESS_ZONE)
    ends = table({"id": "approval-110-bay-delegated", "to": now.date().isoformat()})
    case = await asking(fast, "connecting", authority=ends, projectKind="bay_extension")
    task = await candidates(case, "approve", ["planning"])
    await fast_server.sleep(timedelta(days=1))

    city = await case.refusal("complete", task=task, **CITY)
    province = await case.refusal("complete", task=task, **PROVINCE)

    assert "间隔扩建类项目批复由省公司发展部办理" in city
    assert city.endswith("，市公司发展部不能办理")
    assert province.endswith("；任务「批复项目」现派给市公司发展部，须待流程移交后办理")


# -- new tables --------------------------------------------------------------------------------------------------------


async def test_a_new_table_moves_a_task_that_waits_and_the_journal_says_what_changed(office: Office) -> None:
    case = await asking(office, authority=delegated())
    before = await candidates(case, "review", ["planning"])

    remark = await new_table(case, withdrawn())

    after = await candidates(case, "review", ["province_planning"])
    assert remark == "本案适用的权限有变动"
    assert before != after
    assert (await moves(case))[0] == {
        "act": "new_authority",
        "by": "keeper",
        "channel": "update",
        "changes": ["取消：110kV接入系统方案审查（市公司发展部，授权）"],
        "remark": "本案适用的权限有变动",
    }
    await case.update("complete", task=after, **PROVINCE)
    assert await case.result() == "completed"


async def test_a_delegation_that_gets_an_end_sets_the_timer_of_a_task_that_waits(office: Office) -> None:
    case = await asking(office, authority=delegated())
    before = await candidates(case, "review", ["planning"])

    await new_table(case, delegated(last=day(30)))

    dues = await case.until(
        lambda view: [one["due"] for one in view["waits"] if one["kind"] == "timer" and str(day(31)) in one["due"]],
        "a timer for the day after",
    )
    assert dues == [f"{day(31)}T00:00:00+08:00"]
    assert (await case.view())["tasks"][0]["key"] != int(before)


@pytest.mark.parametrize(
    ("authority", "remark"),
    [
        (delegated(), "授权表与本案现用的相同，未作更改"),
        ({"rows": list(reversed(delegated()["rows"]))}, "本案适用的权限不变"),
        (table({"id": "review-110-delegated", "document": "冀电发展〔2021〕88号"}), "本案适用的权限不变"),
        (delegated() | {"rows": [*delegated()["rows"][:-1]]}, "本案适用的权限有变动"),
    ],
    ids=["the same", "in another order", "no longer verified", "another matter of this voltage"],
)
async def test_a_claim_is_kept_unless_a_table_changes_who_decides_in_a_case_of_this_voltage(
    office: Office, authority: dict[str, Any], remark: str
) -> None:
    case = await asking(office, authority=delegated())
    task = await candidates(case, "review", ["planning"])
    await case.update("claim", task=task, **CITY)

    assert await new_table(case, authority) == remark

    kept = (await case.view())["tasks"][0]["claimedBy"]
    assert kept == ("" if "有变动" in remark else "wang")


async def test_a_case_of_another_voltage_is_told_and_goes_on(office: Office) -> None:
    case = await asking(office, voltage="10")
    task = await candidates(case, "review", ["planning"])

    assert await new_table(case, withdrawn()) == "本案适用的权限不变"
    await case.update("complete", task=task, **CITY)


async def test_an_older_version_that_comes_late_is_not_taken(office: Office) -> None:
    case = await asking(office, authority=delegated())
    await candidates(case, "review", ["planning"])
    await new_table(case, withdrawn(), version=3)
    await candidates(case, "review", ["province_planning"])

    assert await new_table(case, delegated(), version=2) == "较本案现用的授权表（第3版）旧，未作更改"
    await candidates(case, "review", ["province_planning"])
    assert await new_table(case, delegated(), version=4) == "本案适用的权限有变动"
    await candidates(case, "review", ["planning"])


async def test_one_act_reaches_called_cases_and_each_wait_hears_it_once(restless_office: Office) -> None:
    case = await asking(restless_office, "connecting", projectKind="bay_extension")
    child = await case.child("reviewing")
    await candidates(child, "review", ["planning"])
    await candidates(case, "approve", ["planning"])
    await candidates(case, "build", ["construction"])
    rows = [row for row in SHIPPED.to_json()["rows"] if not row.get("document")]

    await new_table(case, {"rows": rows})

    await candidates(child, "review", ["province_planning"])
    await candidates(case, "approve", ["province_planning"])
    await candidates(case, "build", ["province_construction"])
    (told,) = await moves(child)
    assert (told["by"], told["channel"]) == ("keeper", "signal")
    heard = [one.element for one in case.journal() if one.event == "completed" and one.element == "changed"]
    assert heard == ["changed"]


async def test_a_case_called_after_a_new_table_decides_by_it(office: Office) -> None:
    case = await asking(office, "connecting", projectKind="bay_extension")
    child = await case.child("reviewing")
    await candidates(child, "review", ["planning"])
    await new_table(case, withdrawn())

    assert await new_table(child, withdrawn()) == "授权表与本案现用的相同，未作更改"


async def test_a_case_that_a_message_starts_goes_on_with_the_table_of_who_sent_it(office: Office) -> None:
    office.deploy("posting")
    authority = json.dumps(SHIPPED.to_json())
    number = f"YK-{uuid4()}"
    sender = await office.start(
        "posting", {"messageName": "Order", "target": number}, authority=authority, authority_version=7
    )
    await sender.complete("posted")
    started = office.client.get_workflow_handle(f"message/Order/{number}")
    history = await started.fetch_history()
    payloads = history.events[0].workflow_execution_started_event_attributes.input.payloads
    (start,) = await office.client.data_converter.decode(list(payloads), [dict])
    assert (start["authority"], start["authority_version"]) == (authority, 7)


async def test_the_table_outlasts_the_run_in_which_it_came(restless_office: Office) -> None:
    case = await asking(restless_office, authority=delegated())
    await candidates(case, "review", ["planning"])
    await new_table(case, withdrawn(), version=2)
    task = await candidates(case, "review", ["province_planning"])

    assert await new_table(case, delegated(), version=1) == "较本案现用的授权表（第2版）旧，未作更改"
    await case.update("complete", task=task, **PROVINCE)
    assert await case.result() == "completed"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"by": ""}, "未说明经办人"),
        ({"authority": {}}, "授权表有误：授权（rows）未填写"),
        ({"authority": {"rows": [{"id": 1}]}}, "授权表有误：授权第1行·事项（rows[1].matter）未填写"),
        (
            {"authority": table({"id": "review-66", "department": "plans"})},
            "（rows[2].department）市公司没有部门",
        ),
        ({"authority": "table"}, "应为JSON 对象"),
        ({"version": "3"}, "应为整数"),
        ({"version": True}, "应为整数"),
        ({"version": -1}, "不应为负数"),
    ],
)
async def test_a_table_that_cannot_be_read_is_refused_in_words(
    office: Office, changes: dict[str, Any], text: str
) -> None:
    case = await asking(office)

    act = {"authority": SHIPPED.to_json(), "by": "keeper", **changes}
    assert text.replace(" ", "") in (await case.refusal("new_authority", **act)).replace(" ", "")
