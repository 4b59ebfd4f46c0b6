"""What tests of limits share: models with a clock, cases that watch it, and what was raised of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from activities.starting import packed
from bpmn import read
from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE
from domain.clock import Facts
from domain.limits import LimitTable
from domain.records import CaseFields, Record
from domain.start import CaseStart
from storage.notices import notices_of
from tests.bpmn.building import end, model_xml, process, start, user
from tests.workflows.running import House, Running
from workflows.case import Case

LIMITS = json.dumps(LimitTable.shipped().to_json(), ensure_ascii=False)
FACTS = Facts("10", 1, True, "2026-03-02").to_json()
TWO = process(start(), user("A"), user("B"), end(), flows=["start > A > B > end"])
RUN_OUT = """<yekuo:clock id="reply" name="供电方案答复" limit="supply_plan_reply" department="marketing">
<yekuo:start element="A" on="completed"/><yekuo:stop element="B" on="completed"/></yekuo:clock>"""


def clocked(xml: str, process_id: str, clock: str) -> str:
    """The model with a clock in one of its processes."""
    opening = xml.index(">", xml.index(f'<bpmn:process id="{process_id}"')) + 1
    return f"{xml[:opening]}<bpmn:extensionElements>{clock}</bpmn:extensionElements>{xml[opening:]}"


def kept(xml: str, **fields: Any) -> Case:
    """A case of process `p` without a server: what happens to it is said by the test, with its time."""
    definition = read(xml).dump()
    text, sha256 = json.dumps(definition), packed(definition)[1]
    whose = CaseFields("YK-KEPT", "p", 1, county="东城县")
    start = CaseStart(whose, text, sha256, WorkingCalendar.shipped().to_json(), limits=LIMITS, facts=FACTS)
    return Case(replace(start, **fields), "")


def key_of(case: Case, element: str) -> str:
    """The key of the open task of an element."""
    return next(key for key, task in case.tasks.items() if task.element == element)


async def watched(house: House, xml: str, **fields: Any) -> Running:
    return await house.start_model(xml, "p", limits=LIMITS, facts=FACTS, **fields)


async def replying(house: House, **fields: Any) -> Running:
    """A case in which the reply is due ten working days after A."""
    return await watched(house, clocked(model_xml(TWO), "p", RUN_OUT), **fields)


async def running(house: House, **fields: Any) -> Running:
    """A case whose reply is due in some days, in a county with a table of posts."""
    given = {"posts": EVERY_POST, "case": CaseFields("YK-MOVED", "p", 1, county="东城县"), **fields}
    case = await replying(house, **given)
    await case.complete("A")
    await case.task("B")
    return case


def workdays_ago(count: int) -> str:
    now = datetime.now(BUSINESS_ZONE)
    day = WorkingCalendar.shipped().add_workdays(now.date(), -count).date
    return datetime.combine(day, now.timetz()).isoformat()


async def levels(case: Running, clock: str = "reply") -> list[str]:
    """The levels that were raised of a clock, in their order."""
    found = [record.data for record in await case.recorded("escalated")]
    return [data["level"] for data in found if data["clock"] == clock and not data["repeat"]]


def clock_changes(records: list[Record]) -> list[tuple[str, str]]:
    return [(record.data["clock"], record.data["kind"]) for record in records if record.event == "clock"]


POSTS = json.dumps(
    {
        "rows": [
            {"post": "team_leader", "department": "marketing", "county": "东城县", "account": "leader"},
            {"post": "leader", "county": "东城县", "account": "deputy"},
            {"post": "service_centre", "county": "东城县", "account": "centre"},
        ]
    }
)
EVERY_POST = json.dumps(
    {
        "rows": [
            {"post": "team_leader", "department": "marketing", "county": "东城县", "account": "team"},
            {"post": "department_head", "department": "marketing", "county": "东城县", "account": "head"},
            {"post": "department_head", "department": "planning", "county": "东城县", "account": "planner"},
            {"post": "leader", "county": "东城县", "account": "deputy"},
            {"post": "company_head", "account": "city"},
            {"post": "service_centre", "account": "centre"},
            {"post": "audit", "account": "audit"},
        ]
    }
)


FIELDS = CaseFields("YK-TOLD", "p", 1, "", "10kV专线", "10", "东城县", "恒源新材料有限公司", "规划二路16号")


async def told(house: House, **fields: Any) -> Running:
    """A case whose reply is long overdue, in a county with a table of posts."""
    case = await replying(house, **{"posts": POSTS, "case": FIELDS, **fields})
    await case.complete("A", happened_at=workdays_ago(12), late_reason="补录")
    return case


def notices(house: House, *recipients: str) -> list[tuple[str, str, str]]:
    with house.database.session() as session:
        return sorted((one.kind, one.recipient, one.subject) for one in notices_of(session, list(recipients)))


def tomorrow() -> str:
    return (datetime.now(BUSINESS_ZONE) + timedelta(days=1)).isoformat()


async def answered(case: Running, clock: str = "reply") -> None:
    """The order of a clock is answered, as soon as it has its number."""
    await case.until_recorded("ordered")
    answer = {"clock": clock, "cause": "grid", "promised": tomorrow(), "by": "deputy", "text": "间隔不足"}
    await case.act("answer_order", answer)


async def outcome(case: Running) -> str:
    """How a late case ends: not before its order is answered."""
    await answered(case)
    return await case.outcome()
