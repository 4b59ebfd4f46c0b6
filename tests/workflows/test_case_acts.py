"""People act by updates, systems by signals of the same name; whoever sends it, the workflow checks it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError

from tests.bpmn.building import Part, Shape, catch, end, message, process, start, user, zeebe
from tests.conftest import TEMPORAL
from tests.workflows.running import House, Running

MARKETING = zeebe("assignmentDefinition", candidateGroups="marketing")
FORM = json.dumps(
    {
        "id": "opinion",
        "type": "default",
        "schemaVersion": 16,
        "components": [
            {"type": "textfield", "key": "opinion", "label": "意见", "id": "f1", "validate": {"required": True}},
            {"type": "number", "key": "amount", "label": "金额", "id": "f2"},
        ],
    }
)


def one_task(*parts: Part) -> Shape:
    return process(start(), user("A", *parts), end(), flows=["start > A > end"])


async def with_form(house: House) -> Running:
    form = zeebe("formDefinition", formId="opinion")
    return await house.start(one_task(MARKETING, form), files={"opinion.form": FORM})


async def refused_signals(case: Running) -> list[dict[str, Any]]:
    return [record.data for record in await case.recorded("refused")]


async def test_a_completed_task_ends_the_case_and_its_values_are_variables(house: House) -> None:
    case = await house.start(process(start(), user("A"), user("B"), end(), flows=["start > A > B > end"]))

    result = await case.complete("A", {"approved": True})

    assert (result["act"], result["by"]) == ("CompleteTask", "wang")
    assert (await case.view())["variables"] == {"approved": True}
    await case.complete("B")
    assert await case.outcome() == "completed"


async def test_a_signal_of_the_same_name_does_the_same(house: House) -> None:
    case = await house.start(one_task())

    await case.handle.signal("complete", {"task": await case.task("A"), "by": "wang", "data": {}})

    assert await case.outcome() == "completed"
    assert [record.data["channel"] for record in case.records() if record.event == "act"] == ["signal"]


async def test_who_is_no_candidate_is_refused(house: House) -> None:
    case = await house.start(one_task(MARKETING))

    act = {"task": await case.task("A"), "by": "li", "groups": ["dispatch"]}
    assert "由 营销部 办理" in await case.refused("complete", act)
    assert (await case.view())["tasks"]


async def test_a_claimed_task_is_completed_by_its_claimer_only(house: House) -> None:
    case = await house.start(one_task(MARKETING))
    task = await case.task("A")
    await case.act("claim", {"task": task, "by": "wang", "groups": ["marketing"]})

    other = {"task": task, "by": "li", "groups": ["marketing"]}
    assert "已由 wang 领办" in await case.refused("complete", other)
    assert "已由 wang 领办" in await case.refused("claim", other)
    assert "不能退还" in await case.refused("release", {"task": task, "by": "li"})
    await case.act("release", {"task": task, "by": "wang"})
    await case.act("complete", other)
    assert await case.outcome() == "completed"


async def test_claim_and_release_are_signals_too(house: House) -> None:
    case = await house.start(one_task(MARKETING))
    task = await case.task("A")

    await case.handle.signal("claim", {"task": task, "by": "wang", "groups": ["marketing"]})
    await case.until(lambda view: view["tasks"][0]["claimedBy"] == "wang")
    await case.handle.signal("release", {"task": task, "by": "wang"})
    await case.until(lambda view: view["tasks"][0]["claimedBy"] == "")


async def test_the_form_refuses_what_is_missing_and_what_it_does_not_know(house: House) -> None:
    case = await with_form(house)
    task = await case.task("A")
    act = {"task": task, "by": "wang", "groups": ["marketing"]}

    assert "意见（opinion）" in await case.refused("complete", {**act, "data": {}})
    assert "secret" in await case.refused("complete", {**act, "data": {"opinion": "同意", "secret": 1}})
    assert "金额" in await case.refused("complete", {**act, "data": {"opinion": "同意", "amount": "much"}})
    await case.act("complete", {**act, "data": {"opinion": "同意"}})
    assert await case.outcome() == "completed"


async def test_a_task_is_completed_once(house: House) -> None:
    case = await house.start(process(start(), user("A"), user("B"), end(), flows=["start > A > B > end"]))
    task = await case.task("A")
    await case.complete("A")

    assert f"任务 {task} 不在待办中" in await case.refused("complete", {"task": task, "by": "wang"})


async def test_of_two_who_complete_at_once_one_is_refused(house: House) -> None:
    case = await house.start(process(start(), user("A"), user("B"), end(), flows=["start > A > B > end"]))
    act = {"task": await case.task("A"), "by": "wang"}

    results = await asyncio.gather(*(case.act("complete", act) for _ in range(5)), return_exceptions=True)

    assert sum(isinstance(result, dict) for result in results) == 1
    assert sum(isinstance(result, WorkflowUpdateFailedError) for result in results) == 4


async def test_a_repeated_key_is_answered_with_its_first_result(house: House) -> None:
    case = await house.start(process(start(), user("A"), user("B"), end(), flows=["start > A > B > end"]))
    act = {"task": await case.task("A"), "by": "wang", "key": "click-1"}

    first = await case.act("complete", act)

    assert await case.act("complete", act) == first
    assert [record.data["act"] for record in await case.recorded("act")] == ["complete"]


async def test_a_large_variable_is_refused_and_changes_nothing(house: House) -> None:
    case = await house.start(one_task())

    act = {"task": await case.task("A"), "by": "wang", "data": {"text": "x" * 300_000}}
    assert "超过上限 262144 字节" in await case.refused("complete", act)
    assert (await case.view())["variables"] == {}


async def test_a_payload_that_temporal_does_not_take_is_an_error_and_changes_nothing(house: House) -> None:
    case = await house.start(one_task())
    noise = "".join(chr(0x4E00 + (number * 7919) % 20_000) for number in range(3_000_000))

    act = {"task": await case.task("A"), "by": "wang", "data": {"text": noise}}
    with pytest.raises((RPCError, WorkflowUpdateFailedError)):
        await case.act("complete", act)
    assert [task["element"] for task in (await case.view())["tasks"]] == ["A"]


async def test_a_message_is_an_act_and_an_unknown_one_is_refused(house: House) -> None:
    shapes = process(start(), catch("M", message("paid")), end(), flows=["start > M > end"])
    case = await house.start(shapes, variables={"key": "7"})

    assert "认识的有：paid" in await case.refused("message", {"name": "payed", "correlation_key": "7"})
    await case.act("message", {"name": "paid", "correlation_key": "7", "variables": {"amount": 5}})
    assert await case.outcome() == "completed"


async def test_a_refused_signal_stands_in_the_journal_with_its_reason(house: House) -> None:
    case = await house.start(one_task(MARKETING))

    await case.handle.signal("complete", {"task": await case.task("A"), "by": "li", "groups": ["dispatch"]})
    await case.until(lambda view: view["unrecorded"] == 0)

    refused = await refused_signals(case)
    assert [(one["act"], one["by"], one["channel"]) for one in refused] == [("complete", "li", "signal")]
    assert "营销部" in refused[0]["reason"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["no object"], "应为 JSON 对象"),
        ([], "应为 JSON 对象"),
        ([{"task": 3, "by": "wang"}], "字段 task 的类型不对"),
        ([{"task": "3", "by": "wang", "gruops": []}], "不认识的字段：gruops"),
        ([{"by": "wang"}], "缺少字段：task"),
        ([{"task": "3", "by": "wang", "groups": [1]}], "groups"),
    ],
)
async def test_a_malformed_signal_is_journalled_and_the_case_goes_on(
    house: House, arguments: list[Any], reason: str
) -> None:
    case = await house.start(one_task())
    await case.task("A")

    await case.handle.signal("complete", args=arguments)

    await case.until(lambda view: view["unrecorded"] == 0)
    assert [reason in one["reason"] for one in await refused_signals(case)] == [True]
    await case.complete("A")
    assert await case.outcome() == "completed"


async def test_a_signal_of_no_act_is_journalled(house: House) -> None:
    case = await house.start(one_task())
    await case.task("A")

    await case.handle.signal("dance", {"by": "wang"})

    await case.until(lambda view: view["unrecorded"] == 0)
    assert ["dance" in one["reason"] for one in await refused_signals(case)] == [True]


async def test_plain_json_acts_come_from_the_temporal_command_line(house: House) -> None:
    case = await house.start(process(start(), user("A"), user("B"), end(), flows=["start > A > B > end"]))
    first = json.dumps({"task": await case.task("A"), "by": "wang", "data": {"note": "同意"}})

    await _temporal(house, "update", "execute", "--workflow-id", case.id, "--name", "complete", "--input", first)
    second = json.dumps({"task": await case.task("B"), "by": "wang"})
    await _temporal(house, "signal", "--workflow-id", case.id, "--name", "complete", "--input", second)

    assert await case.outcome() == "completed"


async def _temporal(house: House, *arguments: str) -> None:
    address = house.client.service_client.config.target_host
    command = [TEMPORAL, "workflow", *arguments, "--address", address]
    run = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(30):
        output, _ = await run.communicate()
    assert run.returncode == 0, output.decode()
