"""The weekly outage plan as a process: from the applications of cases to what was carried out, and back to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from demo.acting import PATIENCE, CaseTree, eventually
from demo.play import time_skipping
from domain.chinese import BUSINESS_ZONE
from storage.documents import case_documents
from storage.outages import ItemState, PlanState, RequestState, entries_of, items_of, plan_of
from tests.cases.planning import (
    CUT_OFF,
    WEEK,
    Office,
    application,
    approved,
    balanced,
    compiled,
    decided,
    issued,
    opined,
    outage,
    planned_flows,
    shown,
)

PREREQUISITE = {"fulfilled": "yes", "checkedBy": "王敏", "checkedOn": "2026-04-22", "evidence": "已核对"}
CANCELLED = {"outageCancelledOn": "2026-04-20", "outageCancelledBy": "郑调控", "outageCancelReason": "客户撤回"}
_MORNING = {"plannedOutageAt": "2026-04-27T08:00+08:00", "plannedEnergizeAt": "2026-04-27T10:00+08:00"}
_TESTS = 21
EXECUTED = {
    "executionState": "executed",
    "orderedBy": "赵调度",
    "receivedBy": "石磊",
    "actualFrom": "2026-04-27T09:00:00+08:00",
    "actualTo": "2026-04-27T10:30:00+08:00",
}


@pytest.fixture(scope="module")
def flows_taken() -> set[str]:
    """The sequence flows that the tests before have taken."""
    return set()


@pytest_asyncio.fixture
async def office(tmp_path: Path, flows_taken: set[str]) -> AsyncIterator[Office]:
    """On a server of its own: a plan that nobody works on any more would keep a shared one from skipping."""
    async with time_skipping() as server, Office(server, tmp_path) as office:
        yield office
        flows_taken |= await office.flows()


def at(day: int, hour: int, month: int = 4) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=BUSINESS_ZONE)


async def test_rule_9_a_dedicated_line_is_energized_by_the_weekly_plan_within_a_week(office: Office) -> None:
    case, plan = await office.case(), office.plan()
    await case.complete("apply_outage", "王敏", application())
    await issued(office, plan)

    await case.complete("check_prerequisite", "王敏", PREREQUISITE)

    with office.database.session() as session:
        kept = plan_of(session, office.unit, WEEK)
        [item] = items_of(session, office.unit, WEEK)
    assert kept is not None
    assert (kept.state, kept.plan_no) == (PlanState.ISSUED, item.data["planNo"])
    assert item.ends_at <= at(28, 0)
    assert item.data["cases"][0]["promiseKept"] is True


async def test_a_plan_and_its_notices_are_numbered_papers_with_proof_of_delivery(office: Office) -> None:
    case, plan = await office.case(), office.plan()
    await case.complete("apply_outage", "王敏", outage())
    way = {"wayOutCode": "waiver", "wayOutApprover": "市公司分管领导", "wayOutNewDue": "2026-04-30T18:00:00+08:00"}
    await case.complete("choose_way_out", "王敏", {**way, "wayOutReason": "须公告停电"})
    await issued(office, plan)
    proof = {
        "recipient": "清水镇居民",
        "delivery": "公告",
        "deliveredAt": "2026-04-22T17:00:00+08:00",
        "proof": "网站公告",
    }
    await plan.complete("deliver_notices", "王敏", {"deliveries": [proof]})
    await shown(plan, "execute_outage")

    with office.database.session() as session:
        [item] = items_of(session, office.unit, WEEK)
        kinds = {paper.kind for paper in case_documents(session, f"{office.unit}-{WEEK}")}
    assert kinds == {"weekly_outage_plan", "outage_notice"}
    assert [one["proof"] for one in item.deliveries] == ["网站公告"]
    assert item.starts_at >= at(29, 16), "seven days after the notice"


async def test_a_promise_that_cannot_be_kept_is_seen_at_application_and_not_on_the_seventh_day(office: Office) -> None:
    case = await office.case()
    await case.complete("apply_outage", "王敏", outage())

    form = await shown(case, "choose_way_out")

    assert not form["outageFeasibility"]["feasible"]
    assert form["outageFeasibility"]["earliestLawfulStart"] == "2026-04-30T00:00:00+08:00"
    assert "一周承诺不能兑现" in form["outageFeasibility"]["explanation"]
    assert [way["code"] for way in form["outageFeasibility"]["waysOut"]] == [
        "no_outage",
        "join_window",
        "pre_application",
        "waiver",
    ]


async def test_a_way_out_that_does_not_help_is_asked_again_saying_why(office: Office) -> None:
    case = await office.case()
    await case.complete("apply_outage", "王敏", outage())
    past = {"wayOutCode": "waiver", "wayOutApprover": "市公司分管领导", "wayOutNewDue": "2026-04-21T18:00:00+08:00"}
    await case.complete("choose_way_out", "王敏", {**past, "wayOutReason": "须公告停电"})

    form = await shown(case, "choose_way_out")

    assert "应晚于原期限" in form["wayOutProblem"]


async def test_a_hand_edit_that_breaks_a_hard_rule_comes_back_with_a_sentence(office: Office) -> None:
    case, plan = await office.case(), office.plan()
    await case.complete("apply_outage", "王敏", application())
    await office.until(CUT_OFF)

    def at_night(items: list[dict[str, Any]]) -> None:
        items[0].update(start="2026-04-27T02:00:00+08:00", end="2026-04-27T04:00:00+08:00")

    await compiled(plan, at_night)
    form = await shown(plan, "compile_plan")

    assert len(form["planBreaks"]) == 1
    assert "08:00" in form["planBreaks"][0]


async def test_a_plan_that_a_level_returns_is_compiled_again(office: Office) -> None:
    case, plan = await office.case(), office.plan()
    await case.complete("apply_outage", "王敏", application())
    await office.until(CUT_OFF)
    await compiled(plan)
    await balanced(plan)
    await opined(plan)
    await decided(plan, "周营销", planVerdict="refused", planReturnReason="客户当日不具备条件")

    form = await shown(plan, "compile_plan")

    assert form["planReturnReason"] == "客户当日不具备条件"


async def test_a_request_that_is_not_planned_goes_back_to_its_case_with_the_reason(office: Office) -> None:
    case, plan = await office.case(), office.plan()
    await case.complete("apply_outage", "王敏", application())
    await office.until(CUT_OFF)
    await compiled(plan, list.clear)
    await balanced(plan)
    await approved(plan)

    form = await shown(case, "apply_outage")

    assert form["outageRefusal"] == "编制计划时人工调出本周"


async def test_a_request_that_fits_into_no_lawful_time_goes_back_to_its_case_at_once(office: Office) -> None:
    case, plan = await office.case(), office.plan()
    await case.complete("apply_outage", "王敏", application(outageCrew="无此班组"))

    form = await shown(case, "apply_outage")

    assert form["outageRefusal"] == "班组无此班组不在班组表内。"
    with office.database.session() as session:
        [entry] = entries_of(session, office.unit, WEEK)
    assert (entry.state, entry.reason) == (RequestState.REFUSED, form["outageRefusal"])
    await office.until(CUT_OFF)
    assert (await shown(plan, "compile_plan"))["planItems"] == []


async def test_works_that_fit_into_no_lawful_time_are_not_taken_in(office: Office) -> None:
    await office.file_works(WEEK, at(20, 9), crew="无此班组")
    await office.recorded("entry_refused")

    with office.database.session() as session:
        [entry] = entries_of(session, office.unit, WEEK)
    assert entry.state == RequestState.REFUSED


async def test_what_comes_after_the_cut_off_goes_to_the_next_week(office: Office) -> None:
    await office.until(CUT_OFF + timedelta(hours=17))
    case = await office.case()
    late = outage(plannedOutageAt="2026-05-08T08:00+08:00", plannedEnergizeAt="2026-05-08T12:00+08:00")
    await case.complete("apply_outage", "王敏", {**late, "outageAppliedOn": "2026-04-23"})
    way = {"wayOutCode": "waiver", "wayOutApprover": "市公司分管领导", "wayOutNewDue": "2026-05-08T18:00:00+08:00"}
    await case.complete("choose_way_out", "王敏", {**way, "wayOutReason": "须公告停电"})
    await office.until(at(29, 17))

    assert [item["feeder"] for item in (await shown(office.plan("2026-W19"), "compile_plan"))["planItems"]] == [
        "10kV恒源专线"
    ]


async def test_works_that_are_filed_late_go_on_to_the_next_week(office: Office) -> None:
    await office.until(CUT_OFF + timedelta(hours=17))
    await office.file_works(WEEK, at(23, 9))
    await office.until(at(29, 17))

    form = await shown(office.plan("2026-W19"), "compile_plan")

    assert [item["feeder"] for item in form["planItems"]] == ["10kV工业线"]
    with office.database.session() as session:
        [entry] = entries_of(session, office.unit, "2026-W19")
    assert entry.state == RequestState.ENTERED


async def test_a_late_energization_that_cannot_wait_needs_a_named_approver(office: Office) -> None:
    await office.until(CUT_OFF + timedelta(hours=17))
    case, plan = await office.case(), office.plan()
    late = application(outageAppliedOn="2026-04-23", plannedEnergizeAt="2026-04-28T10:00+08:00")
    await case.complete("apply_outage", "王敏", late)
    approval = {"emergencyApprover": "郑调控", "emergencyVerdict": "approved", "emergencyReason": "一周承诺"}
    when = {"emergencyFrom": "2026-04-28T09:00:00+08:00", "emergencyTo": "2026-04-28T11:00:00+08:00"}
    await plan.complete("approve_emergency", "郑调控", {**approval, **when})

    await case.complete("check_prerequisite", "王敏", {**PREREQUISITE, "checkedOn": "2026-04-23"})
    await plan.complete("execute_outage", "李运检", EXECUTED)
    await office.recorded("emergency_done")

    with office.database.session() as session:
        [item] = items_of(session, office.unit, WEEK)
    assert (item.emergency, item.state) == (True, ItemState.EXECUTED)
    assert item.data["emergencyApprover"] == "郑调控"


async def test_a_cancelled_outage_sends_its_case_back_to_apply_and_its_clock_says_why(office: Office) -> None:
    case, plan = await office.case(), office.plan()
    await case.complete("apply_outage", "王敏", application())
    await issued(office, plan)
    cancelled = {"executionState": "cancelled", "executionReason": "雷雨天气"}
    await plan.complete("execute_outage", "李运检", cancelled)

    form = await shown(case, "apply_outage")

    assert form["outageRefusal"] == "雷雨天气"
    assert any("雷雨天气" in sentence for sentence in await office.explained(case, "一周内送电"))
    with office.database.session() as session:
        [item] = items_of(session, office.unit, WEEK)
    assert (item.state, item.reason) == (ItemState.CANCELLED, "雷雨天气")


async def test_a_moved_outage_tells_its_case_the_new_day_and_its_clocks_say_so(office: Office) -> None:
    case, plan = await office.case(), office.plan()
    await case.complete("apply_outage", "王敏", application(plannedEnergizeAt="2026-04-27T10:00+08:00"))
    await issued(office, plan)
    times = {"movedFrom": "2026-04-27T14:00:00+08:00", "movedTo": "2026-04-27T16:00:00+08:00"}
    await plan.complete("execute_outage", "李运检", {"executionState": "moved", "executionReason": "缺人", **times})
    await shown(plan, "execute_outage")

    with office.database.session() as session:
        [item] = items_of(session, office.unit, WEEK)
    assert item.starts_at == at(27, 14)
    assert item.moves[0]["reason"] == "缺人"
    await case.complete("check_prerequisite", "王敏", PREREQUISITE)

    async def told() -> bool:
        explanation = await office.explained(case, "一周内送电")
        return any("停电由2026年4月27日08:00改至2026年4月27日14:00：缺人" in sentence for sentence in explanation)

    await eventually(told, "期限没有说明改期", PATIENCE)


async def test_a_move_that_breaks_a_rule_changes_nothing(office: Office) -> None:
    case, plan = await office.case(), office.plan()
    await case.complete("apply_outage", "王敏", application())
    await issued(office, plan)
    times = {"movedFrom": "2026-04-27T01:00:00+08:00", "movedTo": "2026-04-27T03:00:00+08:00"}
    await plan.complete("execute_outage", "李运检", {"executionState": "moved", "executionReason": "夜间", **times})

    form = await shown(plan, "execute_outage")

    assert "08:00" in form["moveBreaks"][0]
    with office.database.session() as session:
        [item] = items_of(session, office.unit, WEEK)
    assert item.moves == []


async def test_a_customer_who_withdraws_takes_the_request_out_of_the_plan(office: Office) -> None:
    case, plan = await office.case(), office.plan()
    await case.complete("apply_outage", "王敏", application())
    await shown_entry(office)
    number = next(iter([view["case"]["case_no"] async for view in case.views()]))
    await case.send("energization_withdrawn", number, {})
    await case.complete("cancel_outage", "郑调控", CANCELLED)
    await case.end()
    await office.until(CUT_OFF)

    assert (await shown(plan, "compile_plan"))["planItems"] == []
    with office.database.session() as session:
        [entry] = entries_of(session, office.unit, WEEK)
    assert entry.state == RequestState.WITHDRAWN


async def test_the_execution_rate_counts_what_was_carried_out(office: Office) -> None:
    first, second, plan = await office.case(), await office.case(), office.plan()
    await first.complete("apply_outage", "王敏", application())
    await second.complete("apply_outage", "王敏", application(outageLine="10kV兴业专线"))
    await issued(office, plan)
    await plan.complete("execute_outage", "李运检", EXECUTED)
    await plan.complete("execute_outage", "李运检", {"executionState": "cancelled", "executionReason": "客户未到场"})
    await office.until(at(4, 1, month=5))

    assert await plan.end() == "completed"
    with office.database.session() as session:
        kept = plan_of(session, office.unit, WEEK)
    assert kept is not None
    assert (kept.state, kept.planned, kept.executed) == (PlanState.CLOSED, 2, 1)


async def test_a_meeting_that_disagrees_has_the_plan_changed(office: Office) -> None:
    case, plan = await office.case(), office.plan()
    await case.complete("apply_outage", "王敏", application())
    await office.until(CUT_OFF)
    await compiled(plan)
    await balanced(plan, balanceConclusion="revise", balanceText="与保电冲突，调整时间")

    form = await shown(plan, "compile_plan")

    assert form["balanceText"] == "与保电冲突，调整时间"


async def test_a_late_request_that_is_not_let_in_goes_to_the_next_week(office: Office) -> None:
    await office.until(CUT_OFF + timedelta(hours=17))
    case, plan = await office.case(), office.plan()
    late = application(outageAppliedOn="2026-04-23", plannedEnergizeAt="2026-04-28T10:00+08:00")
    await case.complete("apply_outage", "王敏", late)
    refusal = {"emergencyApprover": "郑调控", "emergencyVerdict": "refused", "emergencyReason": "本周操作班组已满"}
    await plan.complete("approve_emergency", "郑调控", refusal)
    await office.until(at(29, 17))

    form = await shown(office.plan("2026-W19"), "compile_plan")

    assert [item["feeder"] for item in form["planItems"]] == ["10kV恒源专线"]


async def test_what_is_let_in_late_keeps_the_hard_rules_too(office: Office) -> None:
    await office.until(CUT_OFF + timedelta(hours=17))
    case, plan = await office.case(), office.plan()
    late = application(outageAppliedOn="2026-04-23", plannedEnergizeAt="2026-04-28T10:00+08:00")
    await case.complete("apply_outage", "王敏", late)
    approval = {"emergencyApprover": "郑调控", "emergencyVerdict": "approved", "emergencyReason": "一周承诺"}
    night = {"emergencyFrom": "2026-04-28T01:00:00+08:00", "emergencyTo": "2026-04-28T03:00:00+08:00"}
    await plan.complete("approve_emergency", "郑调控", {**approval, **night})

    form = await shown(plan, "approve_emergency")

    assert "08:00" in form["emergencyBreaks"][0]


async def test_an_outage_for_two_goes_on_for_the_one_that_stays(office: Office) -> None:
    first, second, plan = await office.case(), await office.case(), office.plan()
    for case in (first, second):
        await case.complete("apply_outage", "王敏", application(outageKind="停送电", **_MORNING))
    await issued(office, plan)
    await shown(plan, "execute_outage")
    await withdrawn(office, first)
    one_left = await eventually_cases(office, 1)
    await plan.complete("execute_outage", "李运检", EXECUTED)

    await second.complete("check_prerequisite", "王敏", PREREQUISITE)

    assert one_left[0]["requestNo"] != ""
    await plan.rest()
    with office.database.session() as session:
        [item] = items_of(session, office.unit, WEEK)
    assert item.state == ItemState.EXECUTED


async def test_an_outage_that_nobody_wants_any_more_is_cancelled(office: Office) -> None:
    case, plan = await office.case(), office.plan()
    await case.complete("apply_outage", "王敏", application())
    await issued(office, plan)
    await shown(plan, "execute_outage")
    await withdrawn(office, case)
    await office.until(at(4, 1, month=5))
    await plan.end()

    with office.database.session() as session:
        [item] = items_of(session, office.unit, WEEK)
    assert (item.state, item.reason) == (ItemState.CANCELLED, "客户撤回申请")


def test_every_flow_of_the_plan_has_been_taken(flows_taken: set[str], request: pytest.FixtureRequest) -> None:
    if len([one for one in request.session.items if one.path == request.path]) < _TESTS:
        pytest.skip("only some of the tests were run")
    assert planned_flows() - flows_taken == set()


async def withdrawn(office: Office, case: CaseTree) -> None:
    """The customer withdraws."""
    [view] = [view async for view in case.views()]
    await case.send("energization_withdrawn", view["case"]["case_no"], {})
    await case.complete("cancel_outage", "郑调控", {**CANCELLED, "outageCancelledOn": "2026-04-22"})
    await case.end()


async def eventually_cases(office: Office, count: int) -> list[dict[str, Any]]:
    """The cases of the one item, once they are so many."""

    async def found() -> list[dict[str, Any]] | None:
        with office.database.session() as session:
            [item] = items_of(session, office.unit, WEEK)
        cases: list[dict[str, Any]] = item.data["cases"]
        return cases if len(cases) == count else None

    return await eventually(found, "计划项没有改变", PATIENCE)


async def shown_entry(office: Office) -> None:
    """Wait until the plan has taken its first request in."""

    async def entered() -> bool:
        with office.database.session() as session:
            return bool(entries_of(session, office.unit, WEEK))

    await eventually(entered, "计划没有收到申请", PATIENCE)
