"""The promise of one week against the notice rule (domain.md §3.4), seen when marketing applies.

Rule 9 of domain.md §1.1: 10kV专线的停（送）电计划执行“周计划”，自营销提出申请后一周内完成送电.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given

from domain.calendar import end_of_day, shanghai_date
from domain.fields import MissingFields
from domain.outage.feasibility import WAYS_OUT, Feasibility, check_way_out, feasibility
from domain.outage.requests import OutageRequest
from tests.domain.outage.made import CUT_OFF, at, energization, moments, row, rules

RULES = rules()
APPLIED = at(-6, 9)
"""Monday, 23 November 2026, 9:00; the cut-off of the week 2026-W49 is on Wednesday, 25 November, 16:00."""


def week_later(applied: dt.datetime) -> dt.datetime:
    """Rule 9: the seventh day after the application, which is not counted."""
    return end_of_day(shanghai_date(applied) + dt.timedelta(days=7))


DUE = week_later(APPLIED)


def applied(at_: dt.datetime = APPLIED, **changes: Any) -> OutageRequest:
    """An energization that switches off others on the feeder for four hours, any time from the application on."""
    affecting = {"equipment": ["E1"], "affectsOthers": True, "customersAffected": 80}
    window = {"appliedAt": at_, "earliestStart": at_, "latestEnd": at_ + dt.timedelta(days=60)}
    return energization(**{**affecting, **window, **changes})


def judged(request: OutageRequest) -> Feasibility:
    return feasibility(request, week_later(request.applied_at), RULES)


def test_rule_9_cannot_be_kept_where_others_are_switched_off_and_have_not_been_told() -> None:
    found = judged(applied())

    assert found.affects_others
    assert found.notices_at == CUT_OFF
    assert found.earliest_lawful_start == CUT_OFF + dt.timedelta(days=7)
    assert found.due == at(2)
    assert not found.feasible


def test_rule_9_is_kept_from_a_spare_bay_that_switches_nobody_off() -> None:
    found = judged(energization(appliedAt=APPLIED, earliestStart=APPLIED))

    assert not found.affects_others
    assert found.notices_at is None
    assert found.feasible
    assert found.ways_out == ()


def test_the_earliest_start_is_the_first_working_time_that_is_long_enough() -> None:
    found = judged(applied())

    assert found.earliest_lawful_start == at(3, 16)
    assert found.earliest_start == at(4, 8)


def test_after_the_cut_off_the_notice_waits_for_the_next_one() -> None:
    found = judged(applied(at(-3, 9)))

    assert found.week.id == "2026-W50"
    assert found.earliest_lawful_start == at(10, 16)


@given(moments)
def test_an_unannounced_outage_for_others_never_begins_before_seven_days_and_those_to_the_cut_off(
    moment: dt.datetime,
) -> None:
    to_cut_off = dt.timedelta(days=(3 - moment.isoweekday()) % 7)

    found = judged(applied(moment))

    assert found.earliest_lawful_start.date() >= moment.date() + to_cut_off + dt.timedelta(days=7)
    assert not found.feasible


@given(moments)
def test_an_energization_that_affects_nobody_is_always_in_time(moment: dt.datetime) -> None:

    assert judged(energization(appliedAt=moment, earliestStart=moment, latestEnd=week_later(moment))).feasible


def test_a_temporary_outage_needs_a_day_of_notice_only() -> None:
    found = judged(applied(kind="temporary"))

    assert found.earliest_lawful_start == CUT_OFF + dt.timedelta(hours=24)
    assert found.feasible


def test_a_notice_that_is_out_already_counts_from_when_it_went_out() -> None:
    found = judged(applied(noticedAt=at(-9, 9)))

    assert found.earliest_lawful_start == at(-2, 9)
    assert found.feasible
    assert "已于2026年11月20日09:00公告" in found.explanation


def test_the_end_of_the_last_day_is_still_in_time() -> None:
    just = feasibility(applied(), at(4, 12), RULES)
    late = feasibility(applied(), at(4, 12) - dt.timedelta(minutes=1), RULES)

    assert just.feasible
    assert not late.feasible


def test_the_explanation_says_why_from_when_and_until_when() -> None:
    assert judged(applied()).explanation == (
        "停电影响其他客户，最早于2026年11月25日16:00公告，2026年12月2日16:00起方可停电，"
        "最早2026年12月3日08:00开始、2026年12月3日12:00送电，承诺期限为2026年11月30日24:00，"
        "一周承诺不能兑现，须另择途径。"
    )


def test_a_week_that_begins_too_late_for_the_promise_asks_for_an_earlier_entry() -> None:
    thursday = at(-3, 9)
    found = judged(energization(appliedAt=thursday, earliestStart=thursday))

    assert found.feasible
    assert found.late_entry
    assert found.explanation.endswith("但按截止时间列入2026-W50周计划已晚，须增补列入此前的周计划。")


def test_a_week_in_time_asks_for_none() -> None:
    assert not judged(energization(appliedAt=APPLIED, earliestStart=APPLIED)).late_entry


def test_what_takes_longer_than_a_working_day_is_never_feasible() -> None:
    found = judged(energization(durationHours=11, appliedAt=APPLIED))

    assert found.earliest_start is None
    assert not found.feasible
    assert "每日作业时间内排不下" in found.explanation


def test_a_protected_period_moves_the_earliest_start() -> None:
    period = row(**{"from": at(-6).isoformat(), "to": at(-3, 12).isoformat()}, stations=["城西站"], reason="会议保电")
    found = feasibility(energization(appliedAt=APPLIED, earliestStart=APPLIED), DUE, rules(protectedPeriods=[period]))

    assert found.earliest_start == at(-3, 12)


def test_the_window_applied_for_bounds_it_too() -> None:
    found = judged(energization(appliedAt=APPLIED, earliestStart=APPLIED, latestEnd=at(-6, 11)))

    assert not found.feasible
    assert "申请的最迟结束时间为2026年11月23日11:00" in found.explanation


def test_where_it_cannot_be_kept_the_four_ways_out_are_offered_with_what_each_needs() -> None:
    data = json.loads(json.dumps(judged(applied()).to_json()))

    assert [(way["code"], [need["key"] for need in way["needs"]]) for way in data["waysOut"]] == [
        ("no_outage", ["method", "confirmedBy", "customersAffected"]),
        ("join_window", ["joinedNo", "joinedFeeder", "joinedNoticedAt", "joinedStart", "joinedEnd"]),
        ("pre_application", ["preAppliedAt", "inspectionOn"]),
        ("waiver", ["approver", "reason", "newDue"]),
    ]
    assert data["waysOut"][3]["needs"][0] == {"key": "approver", "label": "批准人"}
    assert data["feasible"] is False
    assert data["earliestLawfulStart"] == "2026-12-02T16:00:00+08:00"


NO_OUTAGE = {"method": "带电作业", "confirmedBy": "运检部 陈", "customersAffected": 0}
JOIN = {
    "joinedNo": "R77",
    "joinedFeeder": "F-R1",
    "joinedNoticedAt": at(-13, 9).isoformat(),
    "joinedStart": at(-2, 8).isoformat(),
    "joinedEnd": at(-2, 16).isoformat(),
}
EARLIER = {"preAppliedAt": at(-12, 9).isoformat(), "inspectionOn": "2026-11-23"}
WAIVER = {"approver": "分管领导 王", "reason": "变电站无备用间隔", "newDue": at(5).isoformat()}


@pytest.mark.parametrize(
    ("code", "given"),
    [("no_outage", NO_OUTAGE), ("join_window", JOIN), ("pre_application", EARLIER), ("waiver", WAIVER)],
)
def test_a_way_out_is_taken_with_all_that_it_needs(code: str, given: dict[str, Any]) -> None:
    assert check_way_out(code, given, applied(), DUE, RULES).code == code


@pytest.mark.parametrize("way", WAYS_OUT)
def test_a_way_out_without_what_it_needs_is_refused_naming_all_of_it(way: type[Any]) -> None:
    with pytest.raises(MissingFields) as caught:
        check_way_out(way.code, {}, applied(), DUE, RULES)

    assert way.name in str(caught.value)
    assert [problem.label for problem in caught.value.problems] == [need["label"] for need in way.needs()]


@pytest.mark.parametrize(
    ("code", "given", "problem"),
    [
        ("no_outage", {**NO_OUTAGE, "customersAffected": 3}, "影响其他用户数（customersAffected）应为0"),
        ("no_outage", {**NO_OUTAGE, "method": "停电"}, "送电方式（method）应为备用间隔直接送电或带电作业"),
        ("join_window", {**JOIN, "joinedFeeder": "F9"}, "已公告停电的线路（joinedFeeder）不是本申请的线路F-R1"),
        ("join_window", {**JOIN, "joinedNoticedAt": at(-8).isoformat()}, "停电开始时间（joinedStart）距公告不足7天"),
        ("join_window", {**JOIN, "joinedEnd": at(-2, 11).isoformat()}, "停电时间内做不完，本申请需4小时"),
        (
            "join_window",
            {**JOIN, "joinedStart": at(2, 8).isoformat(), "joinedEnd": at(2, 16).isoformat()},
            "2026年11月30日24:00前送不了电",
        ),
        ("pre_application", {**EARLIER, "inspectionOn": "2026-11-16"}, "预申请时间（preAppliedAt）应早于竣工检验"),
        (
            "pre_application",
            {**EARLIER, "preAppliedAt": at(-10, 17).isoformat()},
            "仍赶不上2026年11月30日24:00，最早2026年12月3日12:00送电",
        ),
        ("waiver", {**WAIVER, "newDue": DUE.isoformat()}, "新的送电期限（newDue）应晚于原期限2026年11月30日24:00"),
    ],
)
def test_a_way_out_that_does_not_help_is_refused_with_the_reason(
    code: str, given: dict[str, Any], problem: str
) -> None:
    with pytest.raises(MissingFields) as caught:
        check_way_out(code, given, applied(), DUE, RULES)

    assert problem in str(caught.value)


def test_there_are_four_ways_out_and_no_other() -> None:
    with pytest.raises(KeyError):
        check_way_out("emergency", {}, applied(), DUE, RULES)
