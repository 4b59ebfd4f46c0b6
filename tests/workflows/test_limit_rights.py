"""Levels are acknowledged and supervision orders answered by those they went to, or by those above them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.acts import AcknowledgeLevel, ActRefused, ClaimTask
from domain.chinese import BUSINESS_ZONE
from domain.records import CaseFields
from tests.bpmn.building import Part, end, gateway, model_xml, process, start, user, zeebe
from tests.workflows.running import House, Running
from tests.workflows.support import terminated
from tests.workflows.watching import EVERY_POST, RUN_OUT, clocked, kept, key_of, tomorrow, watched, workdays_ago
from workflows import acts

ANSWER = {"clock": "reply", "cause": "grid", "text": "间隔不足"}


def of(department: str) -> Part:
    return zeebe("assignmentDefinition", candidateGroups=department)


FORKED = process(
    start(),
    user("A"),
    gateway("parallel", "fork"),
    user("B", of("marketing")),
    user("X", of("planning")),
    gateway("parallel", "join"),
    end(),
    flows=["start > A > fork > B > join > end", "fork > X > join"],
)
SIDE_BY_SIDE = ["start > B > end", "start > X > end"]


async def late(house: House, posts: str = EVERY_POST) -> Running:
    """A case whose reply is late; wang holds the step that replies, sun another department's."""
    xml = clocked(model_xml(FORKED), "p", RUN_OUT)
    case = await watched(house, xml, posts=posts, case=CaseFields("YK-LATE", "p", 1, county="东城县"))
    await case.complete("A", happened_at=workdays_ago(12), late_reason="补录")
    await case.act("claim", {"task": await case.task("B"), "by": "wang", "groups": ["marketing"]})
    await case.act("claim", {"task": await case.task("X"), "by": "sun", "groups": ["planning"]})
    return case


@pytest.mark.parametrize(
    ("level", "by"),
    [
        ("L0", "wang"),
        ("L0", "team"),
        ("L1", "head"),
        ("L2", "wang"),
        ("L2", "centre"),
        ("L2", "deputy"),
        ("L2", "city"),
    ],
)
async def test_a_level_is_acknowledged_by_those_it_went_to_and_those_above(house: House, level: str, by: str) -> None:
    case = await late(house)

    await case.act("acknowledge", {"clock": "reply", "level": level, "by": by})

    assert [one.data["by"] for one in await case.recorded("acknowledged")] == [by]
    await terminated(house, case)


@pytest.mark.parametrize(
    ("level", "by"),
    [("L1", "centre"), ("L1", "planner"), ("L2", "audit"), ("L2", "li"), ("L2", "sun")],
)
async def test_nobody_else_acknowledges_a_level_and_is_told_who_may(house: House, level: str, by: str) -> None:
    case = await late(house)

    refused = await case.refused("acknowledge", {"clock": "reply", "level": level, "by": by})

    assert refused.startswith(f"{by} 不能确认 {level}")
    assert "wang（当前处理人）、team（班组长、所长）、head（部门主任）" in refused
    await terminated(house, case)


def test_a_level_of_a_step_is_acknowledged_by_its_holder_and_not_by_that_of_another_step() -> None:
    step = Part(extension='<yekuo:clock limit="survey" department="marketing"/>')
    xml = model_xml(process(start(), user("B", step), user("X", of("marketing")), end(), flows=SIDE_BY_SIDE))
    begun = datetime(2026, 3, 2, 9, tzinfo=BUSINESS_ZONE)
    late = begun + timedelta(days=10)
    case = kept(xml, posts=EVERY_POST)
    case.begin(begun)
    for element, by in (("B", "wang"), ("X", "sun")):
        acts.do(case, ClaimTask(key_of(case, element), by, ["marketing"]), "update", begun)
    case.climb(late)
    clock = f"B:{key_of(case, 'B')}"

    acts.check(case, AcknowledgeLevel(clock, "L2", "wang"), late)

    with pytest.raises(ActRefused, match="sun 不能确认 L2 超期；可以确认的：wang（当前处理人）、team"):
        acts.check(case, AcknowledgeLevel(clock, "L2", "sun"), late)


@pytest.mark.parametrize("by", ["wang", "team", "head", "deputy"])
async def test_an_order_is_answered_by_the_department_it_is_for_and_those_above(house: House, by: str) -> None:
    case = await late(house)

    await case.act("answer_order", {**ANSWER, "promised": tomorrow(), "by": by})

    assert [one.data["by"] for one in await case.recorded("answered")] == [by]
    await terminated(house, case)


@pytest.mark.parametrize("by", ["centre", "audit", "planner", "li", "sun"])
async def test_nobody_else_answers_an_order_and_is_told_who_may(house: House, by: str) -> None:
    case = await late(house)

    refused = await case.refused("answer_order", {**ANSWER, "promised": tomorrow(), "by": by})

    assert refused.startswith(f"{by} 不能答复督办单；可以答复的：wang（当前处理人）、team")
    await terminated(house, case)


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"text": " "}, "请说明情况"), ({"promised": "2099-01-01T00:00:00+08:00"}, "距今超过90日")],
)
async def test_an_answer_says_how_things_stand_and_promises_within_reach(
    house: House, changes: dict[str, str], text: str
) -> None:
    case = await late(house)

    assert text in await case.refused("answer_order", {**ANSWER, "promised": tomorrow(), "by": "head", **changes})
    await terminated(house, case)


async def test_without_a_table_of_posts_whoever_gives_a_name_may(house: House) -> None:
    case = await late(house, posts="")

    await case.act("acknowledge", {"clock": "reply", "level": "L2", "by": "li"})
    await case.act("answer_order", {**ANSWER, "promised": tomorrow(), "by": "li"})

    assert "未说明经办人" in await case.refused("acknowledge", {"clock": "reply", "level": "L1", "by": ""})
    await terminated(house, case)
