"""What is found when a request is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from domain.outage.checks import Finding, Severity, entry_findings
from domain.outage.plan import PastOutage
from domain.outage.requests import OutageRequest
from domain.outage.rules import OutageRules
from tests.domain.outage.made import at, crews, energization, request, row, rules, teams

RULES = rules()
REFUSE, WARN = Severity.REFUSE, Severity.WARN


def found(
    made: OutageRequest,
    table: OutageRules = RULES,
    history: Sequence[PastOutage] = (),
    others: Sequence[OutageRequest] = (),
) -> list[tuple[str, Severity, str]]:
    return [(one.code, one.severity, one.sentence) for one in entry_findings(made, table, history, others)]


def felt(**changes: Any) -> OutageRequest:
    announced = {"affectsOthers": True, "customersAffected": 80, "noticedAt": at(-8)}
    return request(**{**announced, **changes})


@pytest.mark.parametrize("made", [request(), felt(), energization(), felt(kind="temporary", noticedAt=at(-1))])
def test_an_ordinary_request_is_taken_without_a_finding(made: OutageRequest) -> None:
    assert found(made) == []


def test_findings_that_refuse_come_first() -> None:
    findings = entry_findings(felt(crew="pd-9", importantCustomers=["医院"]), RULES)

    assert [one.severity for one in findings] == [REFUSE, WARN]


def test_planned_work_that_could_only_begin_before_seven_days_of_notice_is_refused() -> None:
    made = felt(noticedAt=None, latestEnd=at(4, 11))

    assert found(made) == [
        (
            "notice",
            REFUSE,
            "计划停电须提前7天公告，最早于11月25日16:00公告，12月2日16:00起方可停电，"
            "申请时间11月30日00:00至12月3日11:00来不及。",
        )
    ]


def test_planned_work_that_may_begin_later_is_warned_from_when_on() -> None:
    assert found(felt(noticedAt=None, latestEnd=at(4, 12))) == [
        ("notice", WARN, "计划停电须提前7天公告，最早于11月25日16:00公告，12月2日16:00起方可停电。")
    ]


def test_temporary_work_needs_24_hours_of_notice() -> None:
    made = felt(kind="temporary", noticedAt=at(1, 10), earliestStart=at(2, 8), latestEnd=at(2, 13))

    assert found(made) == [
        (
            "notice",
            REFUSE,
            "临时停电须提前24小时公告，已于11月30日10:00公告，12月1日10:00起方可停电，"
            "申请时间12月1日08:00至13:00来不及。",
        )
    ]


def test_an_emergency_needs_an_approver_and_no_notice() -> None:
    made = felt(kind="emergency", noticedAt=None)

    assert found(made) == [("approver", REFUSE, "紧急停电须写明批准人。")]
    assert found(felt(kind="emergency", noticedAt=None, emergencyApprover="王主任")) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"affectsOthers": False}, "填为不影响其他客户，影响用户数却为80。"),
        ({"customersAffected": 0}, "填为影响其他客户，影响用户数却为0。"),
        ({"equipment": []}, "没有停电设备，影响用户数却为80。"),
    ],
)
def test_customers_that_contradict_the_rest_are_refused(changes: dict[str, Any], sentence: str) -> None:
    assert found(felt(**changes)) == [("customers", REFUSE, sentence)]


def test_the_applying_customer_alone_is_no_other() -> None:
    assert found(request(customersAffected=1)) == []


def test_important_customers_are_named_as_those_to_be_told() -> None:
    (finding,) = entry_findings(felt(importantCustomers=["市医院", "水厂"]), RULES)

    assert finding == Finding("customers", WARN, "影响重要客户市医院、水厂，须书面或电话逐户告知。", ("市医院", "水厂"))


def test_many_customers_are_warned_of() -> None:
    assert found(felt(customersAffected=501)) == [("customers", WARN, "影响501户，超过500户，须先考虑转供或带电作业。")]
    assert found(felt(customersAffected=500)) == []


def outages(*days: int) -> list[PastOutage]:
    return [PastOutage("F-R1", at(day, 9)) for day in days]


def test_a_feeder_out_too_often_on_all_days_applied_for_is_refused() -> None:
    assert found(felt(), history=outages(-40, -30, -20)) == [
        ("frequency", REFUSE, "F-R1在60天内已停电3次，达到上限3次，申请的日期均不可停。")
    ]


def test_a_feeder_out_too_often_on_some_days_is_warned_of() -> None:
    assert found(felt(), history=outages(-57, -30, -20)) == [
        ("frequency", WARN, "F-R1在60天内已停电3次，达到上限3次，2026年11月30日至2026年12月1日之间不可停。")
    ]


def test_five_outages_in_a_year_are_too_many() -> None:
    assert found(felt(), history=outages(-300, -250, -200, -150, -100)) == [
        ("frequency", REFUSE, "F-R1在365天内已停电5次，达到上限5次，申请的日期均不可停。")
    ]


def test_an_outage_shortly_before_is_warned_of_or_refused() -> None:
    history = outages(-1)

    assert found(felt(), history=history) == [
        ("gap", WARN, "F-R1曾于2026年11月28日停电，两次停电须间隔7天，2026年11月30日至2026年12月4日之间不可停。")
    ]
    assert found(felt(latestEnd=at(5)), history=history) == [
        ("gap", REFUSE, "F-R1曾于2026年11月28日停电，两次停电须间隔7天，申请的日期均不可停。")
    ]


def test_outages_before_do_not_matter_where_no_customer_feels_it() -> None:
    assert found(request(), history=outages(-3, -2, -1)) == []
    assert found(felt(kind="emergency", emergencyApprover="王主任"), history=outages(-3, -2, -1)) == []


def test_outages_of_other_feeders_do_not_matter() -> None:
    assert found(felt(feeder="F9"), history=outages(-3, -2, -1)) == []


def test_a_crew_must_be_known_and_have_the_hours() -> None:
    assert found(request(crew="pd-9")) == [("crew", REFUSE, "班组pd-9不在班组表内。")]
    assert found(request(durationHours=8.5)) == [("crew", REFUSE, "配电一班每日8小时，做不完8.5小时的工作。")]


def test_a_crew_that_has_more_applied_for_than_hours_in_the_week_is_warned_of() -> None:
    others = [request("R2", durationHours=2), request("R3", durationHours=2), request("R4", crew="pd-2")]

    (finding,) = entry_findings(request(durationHours=0.5), rules(crews=crews(0.5, 8)), others=others)

    assert finding == Finding("crew", WARN, "配电1班本周申请合计4.5小时，超过3.5小时，可能排不下。", ("R2", "R3"))


def test_a_crew_that_has_hours_for_all_that_is_applied_for_is_not_warned_of() -> None:
    others = [request("R2", durationHours=3)]

    assert found(request(durationHours=0.5), rules(crews=crews(0.5)), others=others) == []


def test_a_switching_team_must_be_known_and_have_the_operations() -> None:
    assert found(request(switchingTeam="cz-9")) == [("team", REFUSE, "操作班组cz-9不在班组表内。")]
    assert found(request(), rules(switchingTeams=teams(1))) == [
        ("team", REFUSE, "操作1班每日操作1次，少于本申请的2次。")
    ]
    assert found(energization(), rules(switchingTeams=teams(1))) == []


def test_a_switching_team_that_has_more_applied_for_than_a_week_holds_is_warned_of() -> None:
    others = [request(f"R{number}") for number in range(2, 9)]

    (finding,) = entry_findings(request(), rules(switchingTeams=teams(2)), others=others)

    assert finding.sentence == "操作1班本周申请至少操作16次，超过14次，可能排不下。"
    assert finding.related == tuple(other.request_no for other in others)


def test_requests_of_one_feeder_may_be_switched_as_one() -> None:
    others = [request(f"R{number}", feeder="F-R1") for number in range(2, 9)]

    assert found(request(), rules(switchingTeams=teams(2)), others=others) == []


APART = rules(relations=[row(kind="apart", first="E-R1", second="E-R2", reason="互为备用")])


def test_a_request_that_takes_out_both_of_a_pair_is_refused() -> None:
    assert found(request(equipment=["E-R1", "E-R2"]), APART) == [("apart", REFUSE, "E-R1与E-R2不得同停（互为备用）。")]


def test_a_request_whose_counterpart_is_applied_for_is_told_of_it() -> None:
    (finding,) = entry_findings(request(), APART, others=[request("R2"), request("R3")])

    assert finding == Finding("apart", WARN, "申请R2停E-R2，与E-R1不得同停（互为备用），须错开。", ("R2",))


def test_equipment_that_belongs_together_must_be_applied_for_together() -> None:
    table = rules(relations=[row(kind="together", first="E-R1", second="E-R2", reason="同杆架设")])

    assert found(request(), table) == [("together", REFUSE, "停E-R1须同停E-R2（同杆架设），关联设备中没有。")]
    assert found(request(relatedEquipment=["E-R2"]), table) == []


def test_a_request_that_falls_into_a_protected_period_is_refused_and_one_that_may_evade_it_warned() -> None:
    table = rules(protectedPeriods=[row(**{"from": at(2).isoformat(), "to": at(4).isoformat()}, reason="高考")])

    assert found(request(earliestStart=at(2), latestEnd=at(3)), table) == [
        (
            "protected",
            REFUSE,
            "12月1日00:00至12月3日00:00保电（高考），申请时间12月1日00:00至12月2日00:00没有其他时间可停。",
        )
    ]
    assert found(request(), table) == [("protected", WARN, "12月1日00:00至12月3日00:00保电（高考），须避开。")]
    assert found(request(latestEnd=at(2)), table) == []


def test_a_request_longer_than_its_own_time_or_a_working_day_is_refused() -> None:
    assert found(request(earliestStart=at(2, 8), latestEnd=at(2, 11))) == [
        ("duration", REFUSE, "申请时间12月1日08:00至11:00不足4小时。")
    ]
    assert ("hours", REFUSE, "停电11小时，长于每日作业时间08:00至18:00。") in found(request(durationHours=11))
