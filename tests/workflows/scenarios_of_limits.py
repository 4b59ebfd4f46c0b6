"""Small cases with limits: levels, orders, moves, and a clock that a called case goes on with, for their histories."""

from __future__ import annotations

from dataclasses import replace

from tests.workflows.calling import HANDED_ON
from tests.workflows.days_off import with_a_day_off
from tests.workflows.running import House, Running, eventually
from tests.workflows.watching import (
    FIELDS,
    POSTS,
    answered,
    outcome,
    told,
    tomorrow,
    watched,
    workdays_ago,
)


async def late_and_answered(house: House) -> list[Running]:
    """A limit that is long over: levels, notices, an order, its answer, and a due date that is moved."""
    case = await told(house)
    await answered(case)
    await case.act("acknowledge", {"clock": "reply", "level": "L2", "by": "centre"})
    move = {"clock": "reply", "due": tomorrow(), "reason": "间隔改造", "by": "centre"}
    await case.act("move_deadline", move)
    await case.complete("B")
    await case.outcome()
    return [case]


async def late_before_papers(house: House) -> list[Running]:
    """As it was with the semantics number 1: an order has no paper."""
    case = await told(house, semantics=1)
    await case.complete("B")
    await case.outcome()
    return [case]


async def order_without_a_field(house: House) -> list[Running]:
    case = await told(house, case=replace(FIELDS, customer=""))
    await case.incident()
    await case.act("resolve_incident", {"incident": "orders", "by": "wang", "variables": {"customer": "恒源"}})
    await case.complete("B")
    await outcome(case)
    return [case]


async def clock_handed_on(house: House) -> list[Running]:
    """A called case goes on with a clock, reports it, and hears of a new calendar."""
    case = await watched(house, HANDED_ON, posts=POSTS, case=FIELDS, clock_reports=True)
    await case.complete("A", happened_at=workdays_ago(3))
    called = await case.the_child()
    await called.task("C")
    await case.act("new_calendar", {"calendar": with_a_day_off().to_json(), "by": "operator"})
    await eventually(lambda: _moved(called))
    await called.complete("C")
    await case.outcome()
    return [case, called]


async def _moved(case: Running) -> bool:
    """Whether a clock has been moved."""
    return any(record.data.get("kind") == "调整" for record in case.records())


LIMITS = {
    "late_and_answered": late_and_answered,
    "late_before_papers": late_before_papers,
    "order_without_a_field": order_without_a_field,
    "clock_handed_on": clock_handed_on,
}
