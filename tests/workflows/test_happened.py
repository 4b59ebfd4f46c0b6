"""A step may have been done before it is entered: when it really happened is said, checked and written down."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE
from tests.workflows.office import Office, Running

GOOD = {"contact": "李", "capacity": 5}


async def open_errand(office: Office) -> Running:
    office.deploy("errand")
    case = await office.start("errand")
    await case.task("accept")
    return case


def workdays_ago(count: int) -> str:
    now = datetime.now(BUSINESS_ZONE)
    day = WorkingCalendar.shipped().add_workdays(now.date(), -count).date
    return datetime.combine(day, now.timetz()).isoformat()


async def refusal(case: Running, happened_at: str, late_reason: str = "") -> str:
    task = await case.task("accept")
    act = {"task": task, "by": "wang", "groups": ["marketing"], "data": GOOD}
    return await case.refusal("complete", **act, happened_at=happened_at, late_reason=late_reason)


async def test_the_journal_says_when_a_step_was_really_done(office: Office) -> None:
    case = await open_errand(office)
    happened = (datetime.now(BUSINESS_ZONE) - timedelta(minutes=30)).isoformat()

    await case.complete("accept", GOOD, happened_at=happened)

    completed = await case.recorded("completed", happenedAt=happened)
    assert completed.element == "accept"
    assert datetime.fromisoformat(completed.at) > datetime.fromisoformat(happened)


async def test_a_step_without_a_word_of_it_was_done_when_it_was_entered(office: Office) -> None:
    case = await open_errand(office)

    await case.complete("accept", GOOD)
    await case.recorded("closed", outcome="completed")

    assert not any("happenedAt" in record.data for record in case.journal())


async def test_a_step_is_not_completed_before_it_happens(office: Office) -> None:
    case = await open_errand(office)
    soon = datetime.now(BUSINESS_ZONE) + timedelta(minutes=3)

    assert "晚于现在" in await refusal(case, soon.isoformat())


async def test_clocks_that_differ_by_a_minute_are_no_fault(office: Office) -> None:
    case = await open_errand(office)

    await case.complete("accept", GOOD, happened_at=(datetime.now(BUSINESS_ZONE) + timedelta(minutes=1)).isoformat())


async def test_a_step_that_is_entered_late_needs_a_reason(office: Office) -> None:
    case = await open_errand(office)

    assert "补录须说明原因" in await refusal(case, workdays_ago(5))
    assert "补录须说明原因" in await refusal(case, workdays_ago(5), late_reason="  ")


async def test_a_late_entry_with_its_reason_is_written_down_with_it(office: Office) -> None:
    case = await open_errand(office)
    happened = workdays_ago(5)

    await case.complete("accept", GOOD, happened_at=happened, late_reason="现场无网络")

    act = await case.recorded("act", lateReason="现场无网络")
    assert act.data["happenedAt"] == happened


async def test_within_the_days_that_are_allowed_no_reason_is_needed(office: Office) -> None:
    case = await open_errand(office)

    await case.complete("accept", GOOD, happened_at=workdays_ago(3))


@pytest.mark.parametrize("text", ["昨天", "2026-13-01", "2026-11-20T10:00:00", "0001-01-01T00:00:00+14:00"])
async def test_what_names_no_instant_is_refused(office: Office, text: str) -> None:
    case = await open_errand(office)

    assert f"业务时间“{text}”" in await refusal(case, text)


async def test_when_a_step_happened_outlasts_the_run_in_which_it_was_said(restless_office: Office) -> None:
    restless_office.deploy("errand")
    case = await restless_office.start("errand")
    happened = (datetime.now(BUSINESS_ZONE) - timedelta(hours=1)).isoformat()

    await case.complete("accept", GOOD, happened_at=happened)

    assert (await case.recorded("completed", happenedAt=happened)).element == "accept"


async def test_what_the_opening_leads_to_at_once_happened_when_the_application_was_received(office: Office) -> None:
    office.deploy("errand")
    received = workdays_ago(20)
    case = await office.start("errand", received_at=received, late_reason="补录")
    await case.complete("accept", GOOD)
    await case.recorded("closed", outcome="completed")

    records = case.journal()
    opening = [one for one in records if one.element == "accept" and one.event == "activated"]
    assert [one.data["happenedAt"] for one in opening] == [received]
    assert records[0].data["lateReason"] == "补录"
    assert not any("happenedAt" in one.data for one in records if one.event == "completed" and one.element == "accept")


async def test_what_a_case_calls_was_not_received_with_its_application(office: Office) -> None:
    office.deploy("calling")
    case = await office.start("calling", received_at=workdays_ago(20), late_reason="补录")

    child = await case.child("called")

    await child.task("decide")
    await child.until(lambda view: not view["unrecorded"], "an empty outbox")
    assert child.journal()
    assert not any("happenedAt" in record.data for record in child.journal())
