"""Each hard rule on plans by hand: what breaks it, what just does not, and how it is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from domain.outage.breaks import Break, Rule, breaks
from domain.outage.plan import PastOutage, Plan
from domain.outage.requests import OutageRequest
from domain.outage.rules import OutageRules
from tests.domain.outage.made import CUT_OFF, at, crews, energization, item, plan, request, row, rules, teams

RULES = rules()
ONE, OTHER = request("R1"), request("R2", crew="pd-2")
FELT: dict[str, Any] = {"affectsOthers": True, "customersAffected": 80, "noticedAt": at(-8)}


def broken(
    found: Plan,
    requests: Sequence[OutageRequest],
    table: OutageRules = RULES,
    history: Sequence[PastOutage] = (),
) -> list[Break]:
    return breaks(found, requests, table, history)


def rules_broken(*args: Any, **more: Any) -> list[Rule]:
    return [one.rule for one in broken(*args, **more)]


def test_a_plan_that_keeps_all_rules_breaks_none() -> None:
    assert broken(plan(item(at(2, 8), ONE), item(at(2, 8), OTHER)), [ONE, OTHER]) == []


def test_an_empty_plan_breaks_none() -> None:
    assert broken(plan(), [ONE]) == []


def test_a_request_that_is_not_known_is_named() -> None:
    assert broken(plan(item(at(2, 8), ONE)), []) == [Break(Rule.REQUEST, "没有申请R1。", ("R1",))]


def test_a_request_is_served_once() -> None:
    assert Break(Rule.REQUEST, "申请R1列入2次。", ("R1",)) in broken(
        plan(item(at(1, 8), ONE), item(at(2, 8), ONE)), [ONE]
    )


def test_a_request_of_another_unit_is_not_served() -> None:
    elsewhere = request(unit="桥东调控")

    assert broken(plan(item(at(2, 8), elsewhere)), [elsewhere]) == [
        Break(Rule.REQUEST, "申请R1属桥东调控，不属开发区调控。", ("R1",))
    ]


def test_only_requests_of_one_feeder_share_an_outage() -> None:
    assert broken(plan(item(at(2, 8), ONE, OTHER)), [ONE, OTHER]) == [
        Break(Rule.FEEDER, "申请R2的线路是F-R2，不能并入F-R1的停电。", ("R2",))
    ]


def test_an_emergency_names_its_approver() -> None:
    emergency = request(kind="emergency")

    assert broken(plan(item(at(2, 8), emergency)), [emergency]) == [
        Break(Rule.APPROVER, "申请R1按紧急停电列入，未写明批准人。", ("R1",))
    ]


def test_an_outage_lies_in_the_week_of_its_plan() -> None:
    any_time = request(earliestStart=at(-20), latestEnd=at(20))

    assert rules_broken(plan(item(at(8, 8), any_time)), [any_time]) == [Rule.WEEK]
    assert rules_broken(plan(item(at(0, 8), any_time)), [any_time]) == [Rule.WEEK]
    assert rules_broken(plan(item(at(7, 8), any_time)), [any_time]) == []


def test_an_outage_lies_within_what_was_applied_for() -> None:
    narrow = request(earliestStart=at(2, 9), latestEnd=at(2, 14))

    assert broken(plan(item(at(2, 8), narrow)), [narrow]) == [
        Break(Rule.WINDOW, "R1（F-R1，12月1日08:00至12:00）超出申请R1的时间12月1日09:00至14:00。", ("R1",))
    ]
    assert rules_broken(plan(item(at(2, 11), narrow)), [narrow]) == [Rule.WINDOW]
    assert rules_broken(plan(item(at(2, 10), narrow)), [narrow]) == []


def test_an_outage_is_long_enough_for_each_crew() -> None:
    beside = request("R2", feeder="F-R1", crew="pd-2", durationHours=3)
    after = request("R3", feeder="F-R1", durationHours=2)

    assert broken(plan(item(at(2, 8), ONE, beside, after)), [ONE, beside, after]) == [
        Break(
            Rule.DURATION,
            "R1、R2、R3（F-R1，12月1日08:00至12:00）时长不足，班组pd-1的工作需6小时。",
            ("R1", "R2", "R3"),
        )
    ]
    assert rules_broken(plan(item(at(2, 8), ONE, beside)), [ONE, beside]) == []
    assert rules_broken(plan(item(at(2, 8), ONE, after, hours=6)), [ONE, after]) == []


def test_an_outage_ends_after_it_begins() -> None:
    assert Rule.DURATION in rules_broken(plan(item(at(2, 12), ONE, hours=-4)), [ONE])


def test_work_is_done_in_working_hours() -> None:
    assert broken(plan(item(at(2, 15), ONE)), [ONE]) == [
        Break(Rule.HOURS, "R1（F-R1，12月1日15:00至19:00）超出每日作业时间08:00至18:00。", ("R1",))
    ]
    assert rules_broken(plan(item(at(2, 7, 30), ONE)), [ONE]) == [Rule.HOURS]
    assert rules_broken(plan(item(at(2, 14), ONE)), [ONE]) == []


def test_an_emergency_is_bound_by_no_working_hours() -> None:
    emergency = request(kind="emergency", emergencyApprover="王主任")

    assert broken(plan(item(at(2, 23), emergency)), [emergency]) == []


def test_work_that_joins_an_emergency_is_bound_by_all_rules() -> None:
    emergency = request("R2", feeder="F-R1", crew="pd-2", kind="emergency", emergencyApprover="王主任")

    assert rules_broken(plan(item(at(2, 23), emergency, ONE)), [emergency, ONE]) == [Rule.HOURS]


def test_planned_work_is_announced_seven_days_before() -> None:
    felt = request(affectsOthers=True, customersAffected=80)

    assert broken(plan(item(at(3, 14), felt)), [felt]) == [
        Break(
            Rule.NOTICE,
            "R1（F-R1，12月2日14:00至18:00）影响其他客户，11月25日16:00公告满7天为12月2日16:00，此前不得停电。",
            ("R1",),
        )
    ]
    assert broken(plan(item(at(4, 8), felt)), [felt]) == []


def test_temporary_work_is_announced_24_hours_before() -> None:
    felt = request(affectsOthers=True, customersAffected=80, kind="temporary")
    notices = at(1, 10)

    assert broken(plan(item(at(2, 9, 30), felt), notices_at=notices), [felt]) == [
        Break(
            Rule.NOTICE,
            "R1（F-R1，12月1日09:30至13:30）影响其他客户，11月30日10:00公告满24小时为12月1日10:00，此前不得停电。",
            ("R1",),
        )
    ]
    assert broken(plan(item(at(2, 10), felt), notices_at=notices), [felt]) == []


def test_a_notice_that_went_out_earlier_counts_from_then() -> None:
    felt = request(affectsOthers=True, customersAffected=80, noticedAt=at(-6, 8))

    assert rules_broken(plan(item(at(1, 8), felt)), [felt]) == []


def test_work_that_affects_nobody_needs_no_notice() -> None:
    assert rules_broken(plan(item(at(1, 8), ONE)), [ONE]) == []


def test_an_emergency_needs_no_notice() -> None:
    felt = request(affectsOthers=True, customersAffected=80, kind="emergency", emergencyApprover="王主任")

    assert rules_broken(plan(item(at(1, 8), felt)), [felt]) == []


def test_work_may_join_an_announced_outage_that_reaches_as_many_customers() -> None:
    announced = request("R2", feeder="F-R1", crew="pd-2", **FELT)
    fewer = request("R1", affectsOthers=True, customersAffected=80)
    more = request("R1", affectsOthers=True, customersAffected=81)

    assert rules_broken(plan(item(at(1, 8), announced, fewer)), [announced, fewer]) == []
    assert rules_broken(plan(item(at(1, 8), announced, more)), [announced, more]) == [Rule.NOTICE]


def test_nothing_is_switched_in_a_protected_period() -> None:
    period = row(**{"from": at(2, 9).isoformat(), "to": at(2, 12).isoformat()}, stations=["城西站"], reason="高考")
    table = rules(protectedPeriods=[period])
    only_on = energization()

    assert broken(plan(item(at(2, 8), ONE)), [ONE], table) == [
        Break(Rule.PROTECTED, "R1（F-R1，12月1日08:00至12:00）在保电时段12月1日09:00至12:00内（高考）。", ("R1",))
    ]
    assert rules_broken(plan(item(at(2, 8), only_on)), [only_on], table) == [Rule.PROTECTED]
    assert rules_broken(plan(item(at(2, 12), ONE)), [ONE], table) == []


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ({"stations": ["城西站"]}, True),
        ({"feeders": ["F-R1"]}, True),
        ({"stations": ["城东站"]}, False),
        ({"feeders": ["F9"], "stations": ["城东站"]}, False),
        ({}, True),
    ],
)
def test_a_protected_period_holds_where_it_says_or_anywhere(where: dict[str, Any], holds: bool) -> None:
    period = row(**{"from": at(2).isoformat(), "to": at(3).isoformat()}, **where, reason="高考")

    found = rules_broken(plan(item(at(2, 8), ONE)), [ONE], rules(protectedPeriods=[period]))

    assert found == ([Rule.PROTECTED] if holds else [])


APART = rules(relations=[row(kind="apart", first="E-R1", second="E-R2", reason="互为备用")])


def test_equipment_that_stands_in_for_each_other_is_not_out_at_the_same_time() -> None:
    assert broken(plan(item(at(2, 8), ONE), item(at(2, 10), OTHER)), [ONE, OTHER], APART) == [
        Break(
            Rule.APART,
            "R1（F-R1，12月1日08:00至12:00）与R2（F-R2，12月1日10:00至14:00）"
            "同时停E-R1与E-R2，二者不得同停（互为备用）。",
            ("R1", "R2"),
        )
    ]
    assert rules_broken(plan(item(at(2, 8), ONE), item(at(2, 12), OTHER)), [ONE, OTHER], APART) == []


def test_equipment_that_must_be_off_with_other_counts_as_out() -> None:
    related = request("R3", relatedEquipment=["E-R2"], crew="pd-3")

    assert rules_broken(plan(item(at(2, 8), ONE), item(at(2, 8), related)), [ONE, related], APART) == [Rule.APART]


def test_one_outage_does_not_take_out_both() -> None:
    both = request("R1", relatedEquipment=["E-R2"])

    assert rules_broken(plan(item(at(2, 8), both)), [both], APART) == [Rule.APART]


def test_equipment_that_belongs_together_is_out_together() -> None:
    table = rules(relations=[row(kind="together", first="E-R1", second="E-R2", reason="同杆架设")])
    both = request("R1", relatedEquipment=["E-R2"])

    assert broken(plan(item(at(2, 8), ONE)), [ONE], table) == [
        Break(Rule.TOGETHER, "R1（F-R1，12月1日08:00至12:00）须与E-R2同停（同杆架设），计划中没有。", ("R1",))
    ]
    assert rules_broken(plan(item(at(2, 8), both)), [both], table) == []
    assert rules_broken(plan(item(at(2, 8), ONE), item(at(2, 8), OTHER)), [ONE, OTHER], table) == []
    assert rules_broken(plan(item(at(2, 8), ONE), item(at(2, 9), OTHER)), [ONE, OTHER], table) == [Rule.TOGETHER] * 2


def days_before(monday: int, *days: int) -> list[PastOutage]:
    return [PastOutage("F-R1", at(monday - day, 9)) for day in days]


def test_a_feeder_that_was_out_three_times_in_60_days_is_not_taken_out_again() -> None:
    felt = request(**FELT)

    assert broken(plan(item(at(1, 8), felt)), [felt], history=days_before(1, 59, 40, 20)) == [
        Break(
            Rule.FREQUENCY,
            "F-R1在R1（F-R1，11月30日08:00至12:00）之前60天内已停电3次，达到上限3次。",
            ("R1",),
        )
    ]
    assert rules_broken(plan(item(at(1, 8), felt)), [felt], history=days_before(1, 60, 40, 20)) == []


def test_a_feeder_that_was_out_five_times_in_a_year_is_not_taken_out_again() -> None:
    felt = request(**FELT)

    assert rules_broken(plan(item(at(1, 8), felt)), [felt], history=days_before(1, 364, 300, 200, 100, 90)) == [
        Rule.FREQUENCY
    ]
    assert rules_broken(plan(item(at(1, 8), felt)), [felt], history=days_before(1, 365, 300, 200, 100, 90)) == []


def test_outages_of_the_plan_count_too() -> None:
    first, second = request("R1", **FELT), request("R2", **FELT, feeder="F-R1")
    table = rules(minimumGapDays=0)

    assert rules_broken(
        plan(item(at(1, 8), first), item(at(3, 8), second)), [first, second], table, days_before(1, 40, 20)
    ) == [Rule.FREQUENCY]


def test_outages_that_nobody_feels_are_not_counted() -> None:
    assert rules_broken(plan(item(at(1, 8), ONE)), [ONE], history=days_before(1, 3, 2, 1)) == []


def test_an_emergency_is_not_kept_back_by_earlier_outages() -> None:
    felt = request(**{**FELT, "kind": "emergency", "emergencyApprover": "王主任"})

    assert rules_broken(plan(item(at(1, 8), felt)), [felt], history=days_before(1, 3, 2, 1)) == []


def test_outages_of_a_feeder_lie_so_many_days_apart() -> None:
    first, second = request("R1", **FELT), request("R2", **FELT, feeder="F-R1")

    assert broken(plan(item(at(1, 8), first), item(at(7, 8), second)), [first, second]) == [
        Break(
            Rule.GAP,
            "R1（F-R1，11月30日08:00至12:00）与R2（F-R1，12月6日08:00至12:00）同一线路两次停电相隔6天，少于7天。",
            ("R1", "R2"),
        )
    ]
    assert (
        rules_broken(plan(item(at(1, 8), first), item(at(7, 8), second)), [first, second], rules(minimumGapDays=6))
        == []
    )


def test_the_gap_reaches_back_before_the_week() -> None:
    felt = request(**FELT)

    assert broken(plan(item(at(1, 8), felt)), [felt], history=days_before(1, 6)) == [
        Break(Rule.GAP, "R1（F-R1，11月30日08:00至12:00）距F-R1在11月24日的停电不足7天。", ("R1",))
    ]
    assert rules_broken(plan(item(at(1, 8), felt)), [felt], history=days_before(1, 7)) == []


def test_outages_of_one_feeder_at_the_same_time_are_to_be_one() -> None:
    second = request("R2", feeder="F-R1", crew="pd-2")

    assert rules_broken(plan(item(at(2, 8), ONE), item(at(2, 11), second)), [ONE, second]) == [Rule.OVERLAP]
    assert rules_broken(plan(item(at(2, 8), ONE), item(at(2, 12), second)), [ONE, second]) == []


def test_a_crew_is_planned_for_its_hours_of_a_day() -> None:
    second = request("R2", durationHours=4.5)
    table = rules(crews=crews(8))

    assert broken(plan(item(at(2, 8), ONE), item(at(2, 12), second, hours=4.5)), [ONE, second], table) == [
        Break(Rule.CREW, "配电1班12月1日共8.5小时，超过每日8小时（R1、R2）。", ("R1", "R2"))
    ]
    assert rules_broken(plan(item(at(2, 8), ONE), item(at(3, 8), second, hours=4.5)), [ONE, second], table) == []


def test_a_crew_is_at_one_place_at_a_time() -> None:
    second = request("R2")

    assert broken(plan(item(at(2, 8), ONE), item(at(2, 11), second)), [ONE, second]) == [
        Break(
            Rule.CREW,
            "R1（F-R1，12月1日08:00至12:00）与R2（F-R2，12月1日11:00至15:00）同一时间都用班组pd-1。",
            ("R1", "R2"),
        )
    ]


def test_a_crew_that_the_planner_puts_in_is_the_one_that_counts() -> None:
    second = request("R2")
    elsewhere = item(at(2, 8), second, works=[{"request": "R2", "crew": "pd-2"}])

    assert rules_broken(plan(item(at(2, 8), ONE), elsewhere), [ONE, second]) == []


def test_crews_and_teams_are_those_of_the_table() -> None:
    odd = request(crew="pd-9", switchingTeam="cz-9")

    assert broken(plan(item(at(2, 8), odd)), [odd]) == [
        Break(Rule.CREW, "R1（F-R1，12月1日08:00至12:00）的班组pd-9不在班组表内。", ("R1",)),
        Break(Rule.TEAM, "R1（F-R1，12月1日08:00至12:00）的操作班组cz-9不在班组表内。", ("R1",)),
    ]


def test_a_switching_team_switches_off_and_on_so_many_times_a_day() -> None:
    assert broken(plan(item(at(2, 8), ONE), item(at(2, 8), OTHER)), [ONE, OTHER], rules(switchingTeams=teams(3))) == [
        Break(Rule.TEAM, "操作1班12月1日共操作4次，超过每日3次（R1、R2）。", ("R1", "R2"))
    ]


def test_what_is_only_energized_is_switched_once() -> None:
    only_on = energization("R2", crew="pd-2")

    assert (
        rules_broken(plan(item(at(2, 8), ONE), item(at(2, 8), only_on)), [ONE, only_on], rules(switchingTeams=teams(3)))
        == []
    )


def test_works_that_share_an_outage_are_switched_once() -> None:
    beside = request("R2", feeder="F-R1", crew="pd-2")

    assert rules_broken(plan(item(at(2, 8), ONE, beside)), [ONE, beside], rules(switchingTeams=teams(2))) == []


def test_so_many_lines_are_out_on_a_day() -> None:
    assert broken(plan(item(at(2, 8), ONE), item(at(2, 8), OTHER)), [ONE, OTHER], rules(maxLinesOutPerDay=1)) == [
        Break(Rule.LINES, "12月1日停电线路2条，超过每日1条（F-R1、F-R2）。", ("R1", "R2"))
    ]


def test_a_line_that_is_only_energized_is_not_out() -> None:
    only_on = energization("R2", crew="pd-2")

    assert (
        rules_broken(plan(item(at(2, 8), ONE), item(at(2, 8), only_on)), [ONE, only_on], rules(maxLinesOutPerDay=1))
        == []
    )


def test_all_that_is_wrong_is_said_in_the_order_of_the_rules() -> None:
    late = request("R2", feeder="F-R1")
    found = rules_broken(plan(item(at(2, 16), ONE), item(at(2, 17), late)), [ONE, late])

    assert found == [Rule.HOURS, Rule.HOURS, Rule.OVERLAP, Rule.CREW]
    assert len({rule.title for rule in Rule}) == len(Rule)


def test_a_plan_read_with_instants_of_another_zone_is_judged_in_chinese_time() -> None:
    utc = dt.datetime(2026, 12, 1, 0, tzinfo=dt.UTC)

    assert rules_broken(plan(item(utc, ONE)), [ONE]) == []
    assert rules_broken(plan(item(utc + dt.timedelta(hours=8), ONE)), [ONE]) == [Rule.HOURS]
    assert CUT_OFF.utcoffset() == dt.timedelta(hours=8)
