"""Weeks by their names, their bounds and cut-offs, in Chinese time whatever the machine's."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outage.rules import OutageRules
from domain.outage.weeks import Week, bounds, cut_off, late, open_week, week_at
from tests.domain.outage.made import CUT_OFF, at, moments, request, row, rules

RULES = rules()
WEEK = Week.read("2026-W49")
weekdays = st.integers(1, 7)


def starting_on(weekday: int, cut: int = 3) -> OutageRules:
    return rules(weekStartsOn=row(weekday=weekday), cutOff=row(weekday=cut, time="16:00"))


def test_a_week_begins_on_monday_and_lasts_seven_days_in_chinese_time() -> None:
    start, end = bounds(WEEK, RULES)

    assert start.isoformat() == "2026-11-30T00:00:00+08:00"
    assert end.isoformat() == "2026-12-07T00:00:00+08:00"


@pytest.mark.parametrize("text", ["2026-W54", "2025-W53", "2026-49", "2026-W00", "W49", ""])
def test_a_week_that_is_in_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Week.read(text)


def test_the_week_after_the_last_is_the_first_of_the_next_year() -> None:
    assert Week.read("2026-W53").later(1).id == "2027-W01"


def test_an_instant_lies_in_the_week_of_its_chinese_day() -> None:
    sunday_in_utc = dt.datetime(2026, 11, 29, 16, tzinfo=dt.UTC)

    assert week_at(sunday_in_utc, RULES) == WEEK
    assert week_at(sunday_in_utc - dt.timedelta(microseconds=1), RULES).id == "2026-W48"


def test_an_instant_without_offset_lies_in_no_week() -> None:
    with pytest.raises(ValueError, match="no offset"):
        week_at(dt.datetime(2026, 11, 30), RULES)  # noqa: DTZ001


@pytest.mark.parametrize("moment", ["2026-03-08T02:30", "2026-11-01T01:30", "2026-07-01T00:00"])
def test_summer_time_elsewhere_moves_no_bound(moment: str) -> None:
    there = dt.datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("America/New_York"))

    start, end = bounds(week_at(there, RULES), RULES)

    assert start <= there < end
    assert end.timestamp() - start.timestamp() == 7 * 24 * 3600
    assert (start.hour, start.utcoffset()) == (0, dt.timedelta(hours=8))


@given(weekdays, moments)
def test_every_instant_lies_within_the_bounds_of_its_week(weekday: int, moment: dt.datetime) -> None:
    table = starting_on(weekday)
    start, end = bounds(week_at(moment, table), table)

    assert start <= moment < end
    assert start.isoweekday() == weekday


@given(weekdays, weekdays, moments)
def test_a_request_falls_in_the_first_week_whose_cut_off_has_not_passed(
    weekday: int, cut: int, moment: dt.datetime
) -> None:
    table = starting_on(weekday, cut)
    week = open_week(moment, table)

    assert cut_off(week.later(-1), table) < moment <= cut_off(week, table)
    assert cut_off(week, table) < bounds(week, table)[0]


def test_a_week_that_starts_on_saturday_keeps_the_name_of_its_monday() -> None:
    assert bounds(WEEK, starting_on(6))[0].isoformat() == "2026-11-28T00:00:00+08:00"


def test_the_cut_off_is_on_wednesday_of_the_week_before() -> None:
    assert cut_off(WEEK, RULES) == CUT_OFF


def test_a_request_at_the_cut_off_is_in_time() -> None:
    assert open_week(CUT_OFF, RULES) == WEEK
    assert late(request(), WEEK, CUT_OFF, RULES) is None


def test_a_late_request_goes_to_the_next_week_or_is_told_of_the_emergency_path() -> None:
    found = late(request("R9"), WEEK, CUT_OFF + dt.timedelta(minutes=1), RULES)

    assert found
    assert found.goes_to.id == "2026-W50"
    assert found.sentence() == (
        "申请R9晚于2026-W49周计划的截止时间2026年11月25日16:00，转入2026-W50周计划；"
        "确需本周实施的，按紧急停电申请并写明批准人。"
    )


def test_a_request_that_comes_weeks_late_goes_to_the_week_then_open() -> None:
    found = late(request(), WEEK, at(9), RULES)

    assert found
    assert found.goes_to.id == "2026-W51"


def test_an_emergency_with_a_named_approver_is_let_in_late() -> None:
    emergency = request("R9", kind="emergency", emergencyApprover="王主任")

    found = late(emergency, WEEK, at(2), RULES)

    assert found
    assert (found.goes_to, found.next_week.id) == (WEEK, "2026-W50")
    assert found.sentence().endswith("经王主任批准按紧急停电列入本周。")


@pytest.mark.parametrize("changes", [{"kind": "emergency"}, {"emergencyApprover": "王主任"}])
def test_an_approver_alone_or_an_emergency_alone_lets_nothing_in(changes: dict[str, str]) -> None:
    found = late(request(**changes), WEEK, at(2), RULES)

    assert found
    assert found.goes_to.id == "2026-W50"
