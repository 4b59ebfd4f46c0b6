"""A running due date is moved by those who have the right to, with a reason, and told to those it concerns."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.acts import CompleteTask, MoveDeadline
from domain.chinese import BUSINESS_ZONE
from domain.records import CaseFields
from storage.notices import notices_of
from tests.bpmn.building import model_xml
from tests.workflows.calling import TAKEN, calling, row
from tests.workflows.running import House
from tests.workflows.support import terminated
from tests.workflows.watching import EVERY_POST, RUN_OUT, TWO, clocked, kept, key_of, running
from workflows import acts

LATER = datetime.now(BUSINESS_ZONE).replace(microsecond=0) + timedelta(days=25)
MOVE = {"clock": "reply", "due": LATER.isoformat(), "reason": "间隔改造", "by": "head"}


async def test_a_moved_due_date_is_shown_journalled_and_survives_being_continued(restless: House) -> None:
    case = await running(restless)
    ((before),) = await case.limits()

    await case.act("move_deadline", MOVE)

    (shown,) = await case.limits()
    (act,) = [one for one in await case.recorded("act") if one.data["act"] == "move_deadline"]
    assert datetime.fromisoformat(shown["due"]) == LATER
    assert any("head" in sentence and "间隔改造" in sentence for sentence in shown["explanation"])
    assert (act.data["by"], act.data["reason"], act.data["previous"]) == ("head", "间隔改造", before["due"])
    assert datetime.fromisoformat(act.data["due"]) == LATER
    assert [one.data["kind"] for one in await case.recorded("clock")] == ["起算", "调整"]
    await terminated(restless, case)


async def test_those_whom_a_moved_limit_concerns_are_told_once(restless: House) -> None:
    case = await running(restless)
    await case.act("claim", {"task": await case.task("B"), "by": "wang", "groups": []})
    await case.act("move_deadline", {**MOVE, "key": "1"})
    await case.act("move_deadline", {**MOVE, "key": "1"})
    await case.complete("B")
    await case.outcome()

    with restless.database.session() as session:
        found = notices_of(session, ["wang", "team", "head", "deputy", "centre"])
        told = sorted((one.recipient, one.kind, one.subject) for one in found)
        body = found[0].body
    assert told == [(who, "moved", "期限调整：供电方案答复（YK-MOVED）") for who in ("team", "wang")]
    assert "调整人：head；理由：间隔改造。" in body
    assert "推迟" in body


@pytest.mark.parametrize("by", ["head", "deputy", "city", "centre"])
async def test_the_head_of_the_department_those_above_and_the_service_centre_move(house: House, by: str) -> None:
    case = await running(house)

    await case.act("move_deadline", {**MOVE, "by": by})

    assert datetime.fromisoformat((await case.limits())[0]["due"]) == LATER
    await terminated(house, case)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"by": "team"}, "team 无权调整期限 reply；有权调整的：head（部门主任）"),
        ({"by": "planner"}, "planner 无权"),
        ({"by": "audit"}, "audit 无权"),
        ({"by": ""}, "未说明经办人"),
        ({"clock": "other"}, "没有正在计时的期限“other”"),
        ({"reason": " "}, "须写明理由"),
        ({"due": "明天"}, "不是带时区的日期时间"),
        ({"due": "2026-01-01T09:00:00"}, "不是带时区的日期时间"),
        ({"due": (LATER + timedelta(days=60)).isoformat()}, "超出法定上限20个工作日"),
        ({"due": (datetime.now(BUSINESS_ZONE) - timedelta(days=1)).isoformat()}, "不晚于起算时间"),
    ],
)
async def test_what_may_not_be_moved_is_refused_in_words(house: House, changes: dict[str, str], text: str) -> None:
    case = await running(house)

    assert text in await case.refused("move_deadline", {**MOVE, **changes})
    await terminated(house, case)


async def test_the_officer_who_is_to_keep_a_limit_does_not_move_it(house: House) -> None:
    case = await running(house)
    await case.act("claim", {"task": await case.task("B"), "by": "head", "groups": []})

    assert "不能调整自己的期限" in await case.refused("move_deadline", MOVE)
    await case.act("move_deadline", {**MOVE, "by": "deputy"})
    await terminated(house, case)


@pytest.mark.parametrize("by", ["head", "deputy", "centre"])
async def test_a_promise_of_the_company_is_moved_by_its_head_alone(house: House, by: str) -> None:
    case = await calling(house, TAKEN, posts=EVERY_POST, case=CaseFields("YK-MOVED", "p", 1, county="东城县"))
    child = await case.the_child()
    await child.task("C")
    move = {**MOVE, "clock": "works"}

    refused = await child.refused("move_deadline", {**move, "by": by})

    assert refused == f"{by} 无权调整公司承诺的期限 works；有权调整的：city（公司负责人）"
    await child.act("move_deadline", {**move, "by": "city"})
    await terminated(house, case, child)


async def test_nobody_moves_limits_of_a_case_without_a_table_of_posts(house: House) -> None:
    case = await running(house, posts="")

    assert "没有岗位表" in await case.refused("move_deadline", MOVE)
    await terminated(house, case)


async def test_a_signal_moves_as_an_update_does_and_a_refused_one_is_journalled(house: House) -> None:
    case = await running(house)
    await case.handle.signal("move_deadline", {**MOVE, "by": "team"})
    await case.handle.signal("move_deadline", MOVE)

    (refused,) = await case.recorded("refused")
    assert "无权" in refused.data["reason"]
    assert datetime.fromisoformat((await case.limits())[0]["due"]) == LATER
    await terminated(house, case)


async def test_a_clock_that_a_called_case_goes_on_with_is_moved_there_and_seen_above(house: House) -> None:
    case = await calling(house, TAKEN, posts=EVERY_POST)
    child = await case.the_child()
    await child.task("C")
    await row(case, called=child.id)
    move = {**MOVE, "clock": "works", "by": "city"}

    assert child.id in await case.refused("move_deadline", move)
    await child.act("move_deadline", move)

    shown = await row(case, called=child.id, left=(await child.limits())[0]["left"])
    assert datetime.fromisoformat(shown["due"]) == LATER
    assert "调整" in [one.data["kind"] for one in await case.recorded("clock")]
    await terminated(house, case, child)


def test_a_clock_put_off_after_it_was_broken_is_silent_until_the_new_date_and_is_then_told_of_anew() -> None:
    begun = datetime(2026, 11, 2, 9, tzinfo=BUSINESS_ZONE)
    broken, reached = begun + timedelta(days=16), begun + timedelta(days=25)
    case = kept(clocked(model_xml(TWO), "p", RUN_OUT), posts=EVERY_POST)
    case.begin(begun)
    acts.do(case, CompleteTask(key_of(case, "A"), "wang"), "update", begun)
    case.climb(broken)
    case.raised.clear()

    acts.do(case, MoveDeadline("reply", reached.isoformat(), "间隔改造", "head"), "update", broken)
    for days in range(16, 22):
        case.climb(begun + timedelta(days=days))
    assert [one["level"] for one in case.raised] == ["moved"]

    case.climb(reached)
    assert [one["key"] for one in case.raised[1:]] == [f"reply/L{level}~1" for level in range(4)]
