"""What people do to a case: answered at once, checked in the workflow whoever sent it, refused in words."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from string import ascii_letters, digits
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from tests.conftest import TEMPORAL
from tests.workflows.office import Office, Running

GOOD = {"contact": "李", "capacity": 5}


async def open_errand(office: Office) -> tuple[Running, str]:
    office.deploy("errand")
    case = await office.start("errand")
    return case, await case.task("accept")


def act(task: str, **changes: Any) -> dict[str, Any]:
    return {"task": task, "by": "wang", "groups": ["marketing"], "data": GOOD, **changes}


async def unchanged(case: Running, do: Callable[[], Any]) -> Any:
    """Do something that changes nothing."""
    before = await case.view()
    result = await do()
    after = await case.view()
    assert {**before, "unrecorded": 0} == {**after, "unrecorded": 0}
    return result


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"by": ""}, "未说明经办人（by）"),
        ({"groups": []}, "任务「受理」由 营销部 办理，wang 不在其中"),
        ({"groups": ["dispatch"]}, "任务「受理」由 营销部 办理，wang 不在其中"),
        ({"task": "99"}, "任务 99 不在待办中：可能已办结、已撤销，或编号有误"),
        ({"data": {}}, "联系人（contact）"),
        ({"data": {**GOOD, "secret": 1}}, "secret"),
        ({"data": {**GOOD, "capacity": 0}}, "容量（千伏安）（capacity）"),
        ({"data": {**GOOD, "contact": "李" * 90_000}}, "contact 有 270002 字节，超过上限 262144 字节"),
        ({"data": []}, "字段 data 的类型不对，应为JSON 对象"),
        ({"data": {"contact": float("nan")}}, "字段 data 含有不是有限数的 nan"),
        ({"data": {"contact": "\ud800"}}, "字段 data 含有不完整的字符"),
        ({"groups": "marketing"}, "字段 groups 的类型不对"),
        ({"groups": [1]}, "字段 groups 的类型不对，应为文字的列表"),
        ({"task": 3}, "字段 task 的类型不对，应为文字"),
        ({"colour": "red"}, "不认识的字段：colour"),
    ],
)
async def test_a_wrong_completion_is_refused_in_words_and_changes_nothing(
    office: Office, changes: dict[str, Any], text: str
) -> None:
    case, task = await open_errand(office)

    refusal = await unchanged(case, lambda: case.refusal("complete", **{**act(task), **changes}))

    assert text in refusal


async def test_an_update_without_input_is_refused_naming_the_fields(office: Office) -> None:
    case, _ = await open_errand(office)

    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await case.handle.execute_update("complete")

    assert "操作应为 JSON 对象，字段为：task、by、groups、data、key" in str(refused.value.cause)


async def test_a_task_claimed_by_another_is_refused_until_it_is_released(office: Office) -> None:
    case, task = await open_errand(office)
    await case.update("claim", task=task, by="zhao", groups=["marketing"])

    refusals = [
        await case.refusal("complete", **act(task)),
        await case.refusal("claim", task=task, by="wang", groups=["marketing"]),
        await case.refusal("release", task=task, by="wang"),
        await case.refusal("release", task=task, by=""),
    ]
    await case.update("release", task=task, by="zhao")
    await case.update("complete", **act(task))

    assert refusals == [
        "任务「受理」已由 zhao 领办，wang 不能办理",
        "任务「受理」已由 zhao 领办，wang 不能办理",
        "任务「受理」并非由 wang 领办，不能退还",
        "任务「受理」并非由 未具名者 领办，不能退还",
    ]
    assert await case.result() == "completed"


async def test_a_second_completion_of_a_task_is_refused(office: Office) -> None:
    case, task = await open_errand(office)

    await case.update("complete", **act(task))

    with pytest.raises((WorkflowUpdateFailedError, RPCError)):
        await case.update("complete", **act(task))
    assert await case.result() == "completed"
    assert len(office.work.done) == 1


async def test_of_two_completions_at_once_one_is_done(office: Office) -> None:
    office.deploy("collecting")
    case = await office.start("collecting", {"items": [1]})
    await case.complete("fill", {"answer": 1})
    task = await case.task("check")

    answers = await asyncio.gather(
        *(case.update("complete", task=task, by=by, data={"checkedBy": by}) for by in ("wang", "zhao")),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, dict) for answer in answers) == 1
    assert await case.result() == "completed"
    assert [record.data.get("by") for record in case.journal() if record.event == "act"] in (
        ["wang", "wang"],
        ["wang", "zhao"],
    )


async def test_a_repeated_key_is_answered_with_the_first_result_and_done_once(office: Office) -> None:
    office.deploy("collecting")
    case = await office.start("collecting", {"items": [1, 2]})
    task = await case.task("fill")

    first = await case.update("complete", task=task, by="wang", data={"answer": 1}, key="k1")
    second = await case.update("complete", task=task, by="wang", data={"answer": 1}, key="k1")

    assert second == first
    assert first["by"] == "wang"
    assert len((await case.view())["tasks"]) == 1


@pytest.mark.parametrize("changes", [{"by": "zhao"}, {"data": {"answer": 2}}, {"data": {"answer": "1"}}, {"data": {}}])
async def test_a_repeated_key_of_an_act_that_says_something_else_is_refused(
    restless_office: Office, changes: dict[str, Any]
) -> None:
    restless_office.deploy("collecting")
    case = await restless_office.start("collecting", {"items": [1, 2]})
    sent = {"task": await case.task("fill"), "by": "wang", "data": {"answer": 1}, "key": "k1"}
    await case.update("complete", **sent)

    assert await case.refusal("complete", **{**sent, **changes}) == "同一个键 k1 已用于另一项操作，请换用新的键"
    assert (await case.update("complete", **sent))["by"] == "wang"


async def test_the_same_key_of_another_kind_of_act_is_another_act(office: Office) -> None:
    case, task = await open_errand(office)

    await case.update("claim", task=task, by="wang", groups=["marketing"], key="k1")
    await case.update("complete", **act(task), key="k1")

    assert await case.result() == "completed"


async def test_a_variable_of_three_megabytes_is_refused_and_changes_nothing(office: Office) -> None:
    # What is more than 2 MB compressed is not taken by the server at all, and the client tries until its time is over.
    case, task = await open_errand(office)
    pressed = "好" * 1_000_000
    noise = "".join(random.Random(1).choices(ascii_letters + digits, k=3_000_000))

    sent = act(task, data={"contact": noise})

    first = await unchanged(case, lambda: case.refusal("complete", **act(task, data={"contact": pressed})))
    with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
        await unchanged(case, lambda: case.handle.execute_update("complete", sent, rpc_timeout=timedelta(seconds=1)))

    assert "超过上限 262144 字节" in first


async def test_an_act_that_is_too_large_in_all_is_refused(office: Office) -> None:
    office.deploy("collecting")
    case = await office.start("collecting", {"items": [1]})
    task = await case.task("fill")
    data = {f"part{number}": "x" * 200_000 for number in range(8)}

    refusal = await case.refusal("complete", task=task, by="wang", data=data)

    assert "内容合计" in refusal


async def test_messages_and_incidents_that_are_unknown_are_refused_naming_the_known(office: Office) -> None:
    office.deploy("posting")
    case = await office.start("waiting")
    await case.task("prepare")

    assert await case.refusal("message", name="Nonsense", correlation_key="x") == (
        "本流程不认识消息 Nonsense；认识的有：Letter"
    )
    assert await case.refusal("message", name="", correlation_key="x") == "未说明消息名称（name）"
    assert await case.refusal("resolve_incident", incident="7", by="wang") == "没有编号为 7 的异常；现有：无"
    assert "work_hard" in await case.refusal("work_hard")


# -- the same acts by signal -----------------------------------------------------------------------------------------


async def test_every_act_exists_as_a_signal_of_the_same_name(office: Office) -> None:
    office.deploy("errand", "failing", "posting")
    case = await office.start("errand")
    task = await case.task("accept")
    await case.handle.signal("claim", {"task": task, "by": "wang", "groups": ["marketing"]})
    await case.handle.signal("release", {"task": task, "by": "wang"})
    await case.handle.signal("complete", act(task, key="s1"))
    waiting = await office.start("waiting")
    await waiting.complete("prepare")
    number = (await waiting.view())["case"]["case_no"]
    await waiting.handle.signal("message", {"name": "Letter", "correlation_key": number, "variables": {"page": 1}})
    failing = await office.start("failing", {"kind": "mendable", "broken": True})
    key = (await failing.incident())["key"]
    await failing.handle.signal("resolve_incident", {"incident": key, "by": "wang", "variables": {"broken": False}})

    assert await case.result() == "completed"
    assert await failing.result() == "completed"
    assert await waiting.task("received")
    assert (await waiting.view())["variables"]["page"] == 1
    assert [(record.event, record.data["channel"]) for record in case.journal() if record.data.get("channel")] == [
        ("claimed", "signal"),
        ("released", "signal"),
        ("act", "signal"),
    ]


@pytest.mark.parametrize(
    ("name", "sent", "reason"),
    [
        ("complete", [{"task": "99", "by": "wang"}], "任务 99 不在待办中"),
        ("complete", ["nonsense"], "操作应为 JSON 对象"),
        ("complete", [[1, 2]], "操作应为 JSON 对象"),
        ("complete", [{"task": 1, "by": "wang"}], "字段 task 的类型不对，应为文字"),
        ("complete", [{"by": "wang"}], "缺少字段：task"),
        ("complete", [{"task": "3", "by": "wang", "data": {"contact": "\ud800"}}], "不完整的字符"),
        ("complete", [], "操作应为 JSON 对象"),
        ("complete", [{}, {}], "操作应为 JSON 对象"),
        ("claim", [None], "操作应为 JSON 对象"),
        ("release", [{"task": "3", "by": "zhao"}], "并非由 zhao 领办"),
        ("resolve_incident", [{"incident": "1", "by": "wang"}], "没有编号为 1 的异常"),
        ("message", [{"name": "Nonsense", "correlation_key": ""}], "不认识消息 Nonsense"),
        ("work_hard", [{"task": "3"}], "没有名为 work_hard 的操作"),
        ("child_report", ["nonsense"], "内容不符"),
        ("child_report", [{"call_key": 1, "workflow_id": "x", "outcome": "completed", "variables": []}], "内容不符"),
        ("cancel_call", [], "内容不符"),
        ("answer_escalation", [{"throw_key": "three"}], "内容不符"),
        ("bpmn_signal", [{"name": "Bell"}], "内容不符"),
    ],
)
async def test_a_signal_that_cannot_be_done_is_journalled_with_the_reason_and_fails_no_task(
    office: Office, name: str, sent: list[Any], reason: str
) -> None:
    case, task = await open_errand(office)

    await case.handle.signal(name, args=sent)
    refused = await case.recorded("refused", act=name, channel="signal")
    await case.update("complete", **act(task))

    assert reason in refused.data["reason"]
    assert await case.result() == "completed"
    assert not [e for e in (await case.history()).events if e.HasField("workflow_task_failed_event_attributes")]


async def test_plain_json_acts_of_the_command_line_work(office: Office) -> None:
    office.deploy("collecting")
    case = await office.start("collecting", {"items": [1, 2]})
    await case.task("fill")
    keys = [str(task["key"]) for task in (await case.view())["tasks"]]

    async def temporal(*words: str) -> subprocess.CompletedProcess[str]:
        address = office.client.service_client.config.target_host
        return await asyncio.to_thread(
            subprocess.run,
            [TEMPORAL, "workflow", *words, "--workflow-id", case.id, "--address", address],
            capture_output=True,
            text=True,
            timeout=30,
            env={**os.environ, "HOME": str(office.folder)},
        )

    sent = [json.dumps({"task": key, "by": "wang", "data": {"answer": key}}, ensure_ascii=False) for key in keys]
    update = await temporal("update", "execute", "--name", "complete", "--input", sent[0])
    signal = await temporal("signal", "--name", "complete", "--input", sent[1])
    refused = await temporal("update", "execute", "--name", "complete", "--input", sent[0])

    assert update.returncode == 0, update.stderr
    assert "act:CompleteTask" in update.stdout
    assert signal.returncode == 0, signal.stderr
    assert refused.returncode != 0
    assert "不在待办中" in refused.stdout + refused.stderr
    await case.complete("check")
    assert await case.result() == "completed"


# -- while the database is down --------------------------------------------------------------------------------------


async def test_an_act_is_answered_at_once_while_the_database_is_down_and_recorded_when_it_is_back(
    office: Office,
) -> None:
    office.deploy("collecting")
    case = await office.start("collecting", {"items": [1, 2, 3]})
    await case.task("fill")
    await case.recorded("opened")
    office.break_database()

    times = []
    for _ in range(3):
        task = await case.task("fill")
        begun = time.monotonic()
        await case.update("complete", task=task, by="wang", data={"answer": 1})
        times.append(time.monotonic() - begun)
    kept = (await case.view())["unrecorded"]
    office.mend_database()
    await case.until(lambda view: not view["unrecorded"], "an empty outbox", within=40)

    assert max(times) < 2
    assert kept > 3
    assert len([record for record in case.journal() if record.event == "closed"]) == 3
    assert [record.seq for record in case.journal()] == list(range(1, len(case.journal()) + 1))
