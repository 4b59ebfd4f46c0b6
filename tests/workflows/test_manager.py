"""Who completes the first task of a case is its account manager 客户经理; vacant seats are reported."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from activities.starting import packed
from bpmn import read
from demo.play import time_skipping
from domain.acts import ClaimTask, CompleteTask
from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE
from domain.start import CaseStart
from tests.bpmn.building import Part, call, end, model_xml, process, start, user
from tests.workflows.running import House, Running, eventually
from tests.workflows.running import house as open_house
from tests.workflows.support import continued, terminated
from tests.workflows.watching import (
    FACTS,
    FIELDS,
    LIMITS,
    POSTS,
    RUN_OUT,
    TWO,
    clocked,
    notices,
    outcome,
    replying,
    told,
    watched,
    workdays_ago,
)
from workflows import acts
from workflows.case import Case

CALLER = process(start(), user("A"), call("call", "child"), user("B"), end(), flows=["start > A > call > B > end"])
CHILD = process(start("begin"), user("C"), user("D"), end("done"), flows=["begin > C > D > done"], id_="child")
THREE = process(start(), user("first"), user("A"), user("B"), end(), flows=["start > first > A > B > end"])


def levels_of(house: House, account: str) -> list[str]:
    return [kind for kind, _, _ in notices(house, account)]


async def reported(house: House) -> list[str]:
    """The subjects of the vacancies that the service centre has been told of."""
    return [subject for kind, _, subject in notices(house, "centre") if kind == "vacant"]


async def vacancies(case: Running) -> list[str]:
    return [record.data["reason"] for record in await case.recorded("vacant")]


def test_a_level_goes_to_who_holds_the_open_tasks_and_to_the_account_manager() -> None:
    definition = read(clocked(model_xml(TWO), "p", RUN_OUT)).dump()
    text, sha256, calendar = json.dumps(definition), packed(definition)[1], WorkingCalendar.shipped().to_json()
    case = Case(CaseStart(FIELDS, text, sha256, calendar, limits=LIMITS, facts=FACTS, posts=POSTS), "")
    begun = datetime(2026, 3, 2, 9, tzinfo=BUSINESS_ZONE)
    case.begin(begun)
    acts.do(case, CompleteTask(next(iter(case.tasks)), "wang"), "update", begun)
    acts.do(case, ClaimTask(next(iter(case.tasks)), "li"), "update", begun)

    case.climb(begun + timedelta(days=16))

    assert [(one["level"], one["officers"]) for one in case.raised] == [
        (level, ["li", "wang"]) for level in ("L0", "L1", "L2")
    ]


async def test_who_completed_the_first_task_is_told_of_every_level(house: House) -> None:
    case = await told(house)
    await case.complete("B", by="li")
    await outcome(case)

    assert levels_of(house, "wang") == ["L0", "L1", "L2"]
    assert levels_of(house, "li") == []
    assert not [reason for reason in await vacancies(case) if "客户经理" in reason]


async def test_later_tasks_make_nobody_account_manager_in_any_later_run(restless: House) -> None:
    case = await watched(restless, clocked(model_xml(THREE), "p", RUN_OUT), posts=POSTS, case=FIELDS)
    await case.complete("first", by="manager")
    await continued(case)
    await case.complete("A", by="li", happened_at=workdays_ago(12), late_reason="补录")
    await case.complete("B", by="li")
    await outcome(case)

    assert levels_of(restless, "manager") == ["L0", "L1", "L2"]
    assert levels_of(restless, "li") == []


async def test_called_cases_have_the_account_manager_of_their_caller(house: House) -> None:
    clock = RUN_OUT.replace('"A"', '"C"').replace('"B"', '"D"')
    case = await watched(house, clocked(model_xml(CALLER, CHILD), "child", clock), posts=POSTS, case=FIELDS)
    await case.complete("A", by="manager")
    child = await case.the_child()
    await child.complete("C", by="li", happened_at=workdays_ago(12), late_reason="补录")
    await child.complete("D", by="li")
    await outcome(child)

    assert levels_of(house, "manager") == ["L0", "L1", "L2"]
    assert levels_of(house, "li") == []
    await terminated(house, case)


async def test_the_holder_of_a_step_is_not_vacant_where_called_cases_are_at_work(house: House) -> None:
    survey = RUN_OUT.replace("supply_plan_reply", "survey")
    case = await watched(house, clocked(model_xml(CALLER, CHILD), "p", survey), posts=POSTS, case=FIELDS)
    await case.complete("A", happened_at=workdays_ago(5), late_reason="补录")
    child = await case.the_child()

    assert not [reason for reason in await vacancies(case) if "客户经理" in reason]
    await terminated(house, case, child)


async def test_a_case_of_an_earlier_semantics_has_no_account_manager(house: House) -> None:
    case = await told(house, semantics=1)
    await case.complete("B")
    await case.outcome()

    assert levels_of(house, "wang") == []
    assert "vacant" not in levels_of(house, "centre")


async def test_the_service_centre_is_told_of_a_vacant_seat_once_in_a_case(restless: House) -> None:
    case = await replying(restless, posts=POSTS, case=FIELDS)
    await case.complete("A", happened_at=workdays_ago(40), late_reason="补录")
    await case.until_recorded("ordered")
    await continued(case)
    await case.complete("B", happened_at=workdays_ago(1))
    await outcome(case)

    subjects = await reported(restless)
    assert "岗位空缺：东城县营销部部门主任（YK-TOLD）" in subjects
    assert len(set(subjects)) == len(subjects)
    assert len(await vacancies(case)) > len(subjects)
    assert levels_of(restless, "deputy").count("vacant") == 0


async def test_a_vacant_service_centre_is_told_of_to_whom_stands_above_it(house: House) -> None:
    rows = [row for row in json.loads(POSTS)["rows"] if row["post"] != "service_centre"]
    posts = json.dumps({"rows": [*rows, {"post": "leader", "account": "boss"}]})
    case = await told(house, posts=posts)
    await case.complete("B")
    await outcome(case)

    assert ("vacant", "boss", "岗位空缺：市公司供电服务指挥中心（YK-TOLD）") in notices(house, "boss")


async def test_a_step_that_nobody_holds_is_no_vacant_seat_of_the_table(tmp_path: Path) -> None:
    step = Part(extension='<yekuo:clock limit="survey" department="marketing"/>')
    model = model_xml(process(start(), user("A", step), end(), flows=["start > A > end"]))
    async with time_skipping() as server, open_house(server.client, tmp_path) as house:
        case = await watched(house, model, posts=POSTS, case=FIELDS)
        await case.task("A")
        await server.sleep(timedelta(days=14))
        await case.until_recorded("vacant")

        assert [reason for reason in await vacancies(case) if "客户经理" in reason]
        await eventually(lambda: reported(house))
        assert [subject for subject in await reported(house) if "客户经理" in subject] == []
        await terminated(house, case)
