"""The clocks of called cases reach their callers: shown once, told when they change, and known to have ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from domain.records import Record
from tests.bpmn.building import boundary, call, end, message, process, start, user
from tests.workflows.calling import LONG_CALLER, LONG_CHILD, PASSED, TAKEN, calling, row
from tests.workflows.running import House, Running
from tests.workflows.support import child_named, signals_of, terminated
from tests.workflows.watching import workdays_ago

REOPENED = TAKEN.replace(
    "</yekuo:clock>",
    '<yekuo:stop element="E" on="completed"/><yekuo:reopen element="E" on="activated"/></yekuo:clock>',
)


def told(records: list[Record]) -> list[str]:
    return [one.data["kind"] for one in records if one.event == "clock" and one.data.get("called")]


async def reported(case: Running) -> int:
    return (await signals_of(case)).count("child_clocks")


async def test_a_caller_shows_the_running_clock_of_what_it_called_once(house: House) -> None:
    case = await calling(house, TAKEN)
    child = await case.the_child()
    await child.task("C")

    shown = await row(case, called=child.id)
    described = (await case.handle.describe()).typed_search_attributes
    attributes = {pair.key.name: pair.value for pair in described}
    details = (await case.handle.query("__temporal_workflow_metadata")).current_details

    assert [one["name"] for one in await case.limits()] == ["配套工程完工"]
    assert shown == {**(await child.limits())[0], "called": child.id}
    assert attributes["DueAt"] == datetime.fromisoformat(shown["due"])
    assert attributes["DeadlineStatus"] == "黄"
    assert details.count("配套工程完工") == 1
    await terminated(house, case, child)


async def test_a_caller_knows_when_a_clock_it_passed_on_ended_and_that_it_was_reopened(restless: House) -> None:
    case = await calling(restless, REOPENED)
    child = await case.the_child()
    happened = workdays_ago(1)
    await child.complete("C", happened_at=happened)
    assert (await row(case, called="", state="按期完成"))["stop"] == happened

    await child.complete("D")
    assert (await row(case, called=child.id, state="计时中"))["stop"] == ""

    await child.complete("E")
    await case.complete("B")
    await case.outcome()
    assert [one["state"] for one in await case.limits()] == ["按期完成"]
    assert told(case.records()) == ["截止", "恢复", "截止"]


async def test_a_clock_that_ended_below_shows_above_what_it_climbed_to_and_is_raised_below_alone(house: House) -> None:
    case = await calling(house, TAKEN)
    child = await case.the_child()

    await child.complete("C")

    ended = await row(case, clock="works", state="按期完成", called="")
    assert ended["level"] == "预警"
    assert [one.data["level"] for one in await case.recorded("escalated")] == ["L0", "L1"]
    assert await child.recorded("escalated") == []
    await terminated(house, case, child)


async def test_only_changes_of_clocks_are_reported_and_each_stands_for_all(house: House) -> None:
    case = await calling(house, TAKEN)
    child = await case.the_child()
    task = await child.task("C")
    await row(case, called=child.id)
    before = await reported(case)
    for number in range(5):
        await child.act("claim", {"task": task, "by": "wang", "key": f"c{number}"})
        await child.act("release", {"task": task, "by": "wang", "key": f"r{number}"})

    await child.complete("C")
    await child.complete("D")
    await child.complete("E")
    await case.complete("B")

    assert await case.outcome() == "completed"
    assert before == 1
    assert await reported(case) == 2


async def test_the_clocks_of_what_a_called_case_calls_go_up_as_well(restless: House) -> None:
    middle = process(start("begin"), call("inner", "deeper"), end("done"), flows=["begin > inner > done"], id_="child")
    bottom = process(start("first"), user("C"), user("D"), end("last"), flows=["first > C > D > last"], id_="deeper")
    through = PASSED.replace('passTo="call"', 'passTo="inner"').replace('<yekuo:start element="A" on="completed"/>', "")
    case = await calling(restless, through, TAKEN, shapes=(LONG_CALLER, middle, bottom))
    called = await child_named(await case.the_child(), "deeper")

    shown = await row(case, called=called.id)
    assert shown["state"] == "计时中"
    assert len(await case.limits()) == 1

    await called.complete("C")
    await called.complete("D")
    await case.complete("B")
    assert await case.outcome() == "completed"
    assert [one["state"] for one in await case.limits()] == ["按期完成"]


async def test_a_called_case_that_is_taken_back_drops_what_it_had_running(restless: House) -> None:
    caller = process(
        start(),
        user("A"),
        call("call", "child"),
        boundary("call", "withdrawn", message("withdrawn", key='="YK"')),
        user("B"),
        end(),
        flows=["start > A > call > B > end", "withdrawn > B"],
    )
    case = await calling(restless, TAKEN, shapes=(caller, LONG_CHILD))
    child = await case.the_child()
    await row(case, called=child.id)

    await case.act("message", {"name": "withdrawn", "correlation_key": "YK", "by": "wang"})
    await case.complete("B")
    await case.outcome()

    (own,) = await case.limits()
    assert (own["state"], own["called"]) == ("已取消", "")
    assert told(case.records()) == ["取消"]


async def test_a_clock_goes_on_from_its_start_where_a_lost_case_is_called_anew(house: House) -> None:
    case = await calling(house, TAKEN)
    lost = await case.the_child()
    await lost.complete("C")
    await row(case, clock="works", state="按期完成")
    await lost.handle.terminate("by mistake")

    await case.act("resolve_incident", {"incident": (await case.incident())["key"], "by": "wang"})
    anew = await case.the_child()
    await anew.task("C")

    assert (await row(case, called=anew.id))["state"] == "计时中"
    assert [one.data["kind"] for one in await case.recorded("clock")] == ["起算", "移交", "截止", "恢复", "移交"]
    await terminated(house, case, anew)


async def test_a_case_whose_start_does_not_ask_for_it_reports_no_clocks(house: House) -> None:
    case = await calling(house, TAKEN, reports=False)
    child = await case.the_child()
    await child.complete("C")
    await child.complete("D")
    await child.complete("E")
    await case.complete("B")

    assert await case.outcome() == "completed"
    assert await reported(case) == 0
    assert [one["state"] for one in await case.limits()] == ["已移交"]


@pytest.mark.parametrize(
    "cases",
    [
        [{"workflow_id": "x", "process": "nothing", "watch": {}}],
        [{"workflow_id": "x", "process": "child", "watch": {"clocks": 1}}],
        [{"workflow_id": "x"}],
        "text",
    ],
)
async def test_a_report_of_clocks_that_is_none_is_a_line_in_the_journal(house: House, cases: Any) -> None:
    case = await calling(house, TAKEN)
    child = await case.the_child()
    await child.task("C")
    key = int(child.id.rpartition("-")[2])

    await case.handle.signal("child_clocks", {"call_key": key, "workflow_id": child.id, "cases": cases})

    (refused,) = await case.recorded("refused")
    assert refused.data["act"] == "child_clocks"
    assert (await row(case, called=child.id))["state"] == "计时中"
    await terminated(house, case, child)


async def test_a_report_of_a_case_that_is_not_waited_for_is_not_heard(house: House) -> None:
    case = await calling(house, TAKEN)
    child = await case.the_child()
    await row(case, called=child.id)

    await case.handle.signal("child_clocks", {"call_key": 1, "workflow_id": "other", "cases": []})

    assert await case.recorded("refused") == []
    assert (await row(case, called=child.id))["state"] == "计时中"
    await terminated(house, case, child)
