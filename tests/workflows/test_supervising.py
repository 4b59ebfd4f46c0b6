"""A supervision order is a numbered paper: written once when a limit has passed, and told with its number."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from domain.departments import department_name
from domain.documents.supervision import SUPERVISION_ORDER
from storage.clocks import open_orders
from storage.documents import Document, case_documents
from storage.notices import notices_of
from tests.workflows.calling import HANDED_ON, HANDED_ON_LATER
from tests.workflows.running import House, Running, eventually
from tests.workflows.watching import (
    FIELDS,
    POSTS,
    answered,
    outcome,
    replying,
    told,
    tomorrow,
    watched,
    workdays_ago,
)

NAMELESS = replace(FIELDS, case_no="YK-NAMELESS", customer="")


def orders(house: House, case_no: str) -> list[Document]:
    """The supervision orders of a case."""
    with house.database.session() as session:
        return [one for one in case_documents(session, case_no) if one.kind == SUPERVISION_ORDER]


def body(house: House, account: str, level: str) -> str:
    with house.database.session() as session:
        return next(one.body for one in notices_of(session, [account]) if one.kind == level)


async def test_a_limit_that_has_passed_brings_a_numbered_order_and_the_level_is_told_with_it(house: House) -> None:
    case = await told(house)
    written = await case.until_recorded("ordered")

    (order,) = orders(house, "YK-TOLD")
    assert (written.data["number"], written.data["sha256"]) == (order.number, order.sha256)
    assert [row["order"] for row in await case.limits()] == [order.number]
    await case.complete("B")
    await outcome(case)
    assert f"督办单：{order.number}。" in body(house, "centre", "L2")


async def test_an_order_names_the_posts_that_answer_for_it_and_what_was_said_before(house: House) -> None:
    await (await told(house)).until_recorded("ordered")

    (order,) = orders(house, "YK-TOLD")
    paper = order.model
    assert paper["department"] == department_name("marketing")
    assert paper["recipient"] == "分管领导 deputy"
    assert [warning["level"] for warning in paper["warnings"]] == ["L0 提醒", "L1 预警"]
    assert paper["limitText"].startswith("供电方案答复")


async def test_an_order_is_written_once_however_often_the_case_is_continued(restless: House) -> None:
    case = await told(restless)
    await case.until_recorded("ordered")
    task = await case.task("B")
    for number in range(3):
        await case.act("claim", {"task": task, "by": "wang", "key": f"c{number}"})
        await case.act("release", {"task": task, "by": "wang", "key": f"r{number}"})
    await case.complete("B")
    await outcome(case)

    assert len(orders(restless, "YK-TOLD")) == 1


async def test_what_an_order_lacks_is_an_incident_that_names_it_and_is_mended_by_its_value(house: House) -> None:
    case = await replying(house, posts=POSTS, case=NAMELESS)
    await case.complete("A", happened_at=workdays_ago(12), late_reason="补录")

    incident = await case.incident()
    assert incident["key"] == "orders"
    assert "户名（customer）未填写" in incident["message"]
    await case.act("resolve_incident", {"incident": "orders", "by": "wang", "variables": {"customer": "恒源"}})

    written = await case.until_recorded("ordered")
    assert [order.model["customer"] for order in orders(house, "YK-NAMELESS")] == ["恒源"]
    assert (await case.view())["incidents"] == []
    assert written.data["clock"] == "reply"


async def test_a_case_with_an_order_that_cannot_be_written_stays_open_until_it_is(house: House) -> None:
    case = await replying(house, posts=POSTS, case=NAMELESS)
    await case.complete("A", happened_at=workdays_ago(12), late_reason="补录")
    await case.incident()
    await case.complete("B")
    await case.until(lambda view: view["outcome"] == "completed")

    await case.act("resolve_incident", {"incident": "orders", "by": "wang", "variables": {"customer": "恒源"}})

    assert await outcome(case) == "completed"
    assert len(orders(house, "YK-NAMELESS")) == 1


async def shown(case: Running, child: str) -> bool:
    """Whether a case shows a clock of the process that it called."""
    return any(row["called"] == child for row in await case.handle.query("limits"))


async def test_an_order_that_is_handed_on_with_its_clock_has_one_number_in_both_processes(house: House) -> None:
    case = await watched(house, HANDED_ON, posts=POSTS, case=FIELDS)
    await case.complete("A", happened_at=workdays_ago(45), late_reason="补录")
    called = await case.the_child()
    await called.task("C")

    first, second = await case.until_recorded("ordered"), await called.until_recorded("ordered")
    assert first.data["number"] == second.data["number"]
    assert len(orders(house, FIELDS.case_no)) == 1
    await called.complete("C")
    assert await case.outcome() == "completed"


async def test_an_order_is_answered_in_the_process_that_goes_on_with_its_clock(house: House) -> None:
    case = await watched(house, HANDED_ON, posts=POSTS, case=FIELDS, clock_reports=True)
    await case.complete("A", happened_at=workdays_ago(45), late_reason="补录")
    called = await case.the_child()
    await called.until_recorded("ordered")
    answer = {"clock": "works", "cause": "grid", "promised": tomorrow(), "by": "deputy", "text": "间隔不足"}
    await eventually(lambda: shown(case, called.id))

    assert "已移交子流程" in await case.refused("answer_order", answer)
    await called.act("answer_order", answer)


async def test_an_order_that_was_answered_before_its_clock_is_handed_on_is_listed_as_answered(house: House) -> None:
    case = await watched(house, HANDED_ON_LATER, posts=POSTS, case=FIELDS)
    await case.complete("A", happened_at=workdays_ago(45), late_reason="补录")
    await case.until_recorded("ordered")
    await answered(case, "works")
    await case.complete("B")
    called = await case.the_child()
    await called.until_recorded("took over")

    with house.database.session() as session:
        assert not open_orders(session)
    await called.complete("C")
    assert await case.outcome() == "completed"


async def test_a_case_without_posts_raises_orders_without_a_paper(house: House) -> None:
    case = await replying(house, case=FIELDS)
    await case.complete("A", happened_at=workdays_ago(12), late_reason="补录")
    await case.complete("B")

    assert await case.outcome() == "completed"
    assert orders(house, FIELDS.case_no) == []


async def test_a_case_of_an_earlier_semantics_raises_orders_without_a_paper(house: House) -> None:
    case = await replying(house, posts=POSTS, case=FIELDS, semantics=1)
    await case.complete("A", happened_at=workdays_ago(12), late_reason="补录")
    await case.complete("B")

    assert await case.outcome() == "completed"
    assert orders(house, FIELDS.case_no) == []


async def test_a_process_stays_open_until_its_order_is_answered_and_takes_the_answer_then(house: House) -> None:
    case = await told(house)
    await case.complete("B")
    await case.until(lambda view: view["outcome"] == "completed")
    await case.until_recorded("ordered")

    assert "本流程已结束" in await case.refused("claim", {"task": "1", "by": "wang"})
    assert await outcome(case) == "completed"
    with house.database.session() as session:
        assert open_orders(session) == []


async def test_an_order_that_turned_out_to_be_needless_asks_for_no_answer(house: House) -> None:
    case = await told(house)
    await case.until_recorded("ordered")
    await case.complete("B", happened_at=workdays_ago(8), late_reason="补录")

    assert await case.outcome() == "completed"
    with house.database.session() as session:
        assert open_orders(session) == []


async def test_an_order_says_what_was_so_when_it_was_raised_whatever_is_moved_before_it_is_written(
    house: House,
) -> None:
    case = await replying(house, posts=POSTS, case=NAMELESS)
    await case.complete("A", happened_at=workdays_ago(12), late_reason="补录")
    await case.incident()
    (before,) = await case.limits()
    move = {"clock": "reply", "due": tomorrow(), "reason": "间隔改造", "by": "deputy"}
    await case.act("move_deadline", move)

    await case.act("resolve_incident", {"incident": "orders", "by": "wang", "variables": {"customer": "恒源"}})
    await case.until_recorded("ordered")

    (order,) = orders(house, "YK-NAMELESS")
    due = datetime.fromisoformat(before["due"]) - timedelta(days=1)
    assert order.model["dueOn"] == due.date().isoformat()


async def test_an_order_of_a_lost_called_process_goes_on_here(house: House) -> None:
    case = await watched(house, HANDED_ON, posts=POSTS, case=FIELDS, clock_reports=True)
    await case.complete("A", happened_at=workdays_ago(45), late_reason="补录")
    called = await case.the_child()
    await called.until_recorded("ordered")
    await called.handle.terminate("by mistake")
    await case.incident()

    await answered(case, "works")

    rows = await case.limits()
    assert [(row["state"], row["called"]) for row in rows] == [("已超期", "")]
    await case.handle.terminate()
