"""A clock that goes on with what was left: the customer's own time is not the company's (domain.md §1.2, §2.4)."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clock import Clock, Outcome
from domain.clock_rules import ClockRule, Trigger, rule_faults
from domain.clocks import Clocks
from domain.due import MoveRefused
from tests.domain.clock_cases import CALENDAR, REPLY, TABLE, VALIDITY, WEEK, at, clocks, done, due_of, record, running

SHARED = replace(
    REPLY, stops=(Trigger("design", "activated"), *REPLY.stops), resumes=done("design"), starts=(*done("accept"),)
)
"""The reply to a customer who has a design made on the way to it."""


def designing(*times: tuple[str, str]) -> Clocks:
    """A case accepted on 2026-03-02 in which the customer was at work from the first to the second day of each."""
    case = clocks(SHARED)
    case.feed(record("accept", "2026-03-02T10:00"))
    for since, until in times:
        case.feed(record("design", f"{since}T16:00", "activated"))
        case.feed(record("design", f"{until}T10:00"))
    return case


def workdays(start: str, count: int) -> dt.date:
    return CALENDAR.add_workdays(dt.date.fromisoformat(start), count).date


def test_what_was_left_of_the_limit_is_counted_from_the_resumption() -> None:
    case = designing(("2026-03-05", "2026-04-23"))

    assert due_of(case, "reply").date == workdays("2026-04-23", 10 - 3)


def test_the_customers_time_is_subtracted_as_often_as_it_comes() -> None:
    case = designing(("2026-03-05", "2026-04-23"), ("2026-04-24", "2026-05-11"))

    assert due_of(case, "reply").date == workdays("2026-05-11", 10 - 3 - 1)
    assert [clock.outcome for clock in case] == [Outcome.STOPPED, Outcome.STOPPED, None]


def test_a_limit_that_was_broken_before_has_one_day_left() -> None:
    case = designing(("2026-03-25", "2026-04-23"))

    assert due_of(case, "reply").date == workdays("2026-04-23", 1)


def test_a_clock_that_runs_or_never_ran_does_not_resume() -> None:
    case = clocks(SHARED)
    assert case.feed(record("design", "2026-03-02T09:00")) == []
    case.feed(record("accept", "2026-03-02T10:00"))

    assert case.feed(record("design", "2026-03-05T10:00")) == []
    assert running(case, "reply").started == at("2026-03-02T10:00")


def test_a_clock_that_starts_anew_has_the_whole_limit_again() -> None:
    case = designing(("2026-03-05", "2026-04-23"))
    case.feed(record("reply", "2026-04-24T10:00"))
    case.feed(record("accept", "2026-04-27T10:00"))

    assert due_of(case, "reply").date == workdays("2026-04-27", 10)


def test_it_says_what_was_used_and_what_is_left() -> None:
    words = "".join(due_of(designing(("2026-03-05", "2026-04-23")), "reply").sentences())

    assert "恢复时间2026年4月23日10:00。此前已计3个工作日，余7个工作日，中止期间不计。" in words
    assert "供电方案答复（单电源）10个工作日（业务受理起，供电方案答复止）" in words


def test_the_law_gives_no_more_time_than_it_would_without_the_customers() -> None:
    case = designing(("2026-03-05", "2026-04-23"))
    (clock,) = [clock for clock in case if clock.running]
    last = workdays("2026-04-23", 20 - 3)

    case.check_lawful(clock.id, dt.datetime.combine(last, dt.time(17), at("2026-04-23T00:00").tzinfo))
    with pytest.raises(MoveRefused, match="超出法定上限"):
        case.check_lawful(clock.id, at(f"{last + dt.timedelta(2)}T17:00"))


def test_what_was_used_goes_on_from_run_to_run_and_into_a_called_case() -> None:
    case = designing(("2026-03-05", "2026-04-23"))
    loaded, called = clocks(SHARED), clocks(SHARED)
    loaded.load(json.loads(json.dumps(case.dump())))
    called.started_elsewhere(Clock.from_json(json.loads(json.dumps(running(case, "reply").to_json()))))

    assert due_of(loaded, "reply") == due_of(called, "reply") == due_of(case, "reply")


@pytest.mark.parametrize("rule", [VALIDITY, replace(WEEK, limit="late_contract")])
def test_limits_of_months_and_those_that_turn_red_later_cannot_be_interrupted(rule: ClockRule) -> None:
    (fault,) = rule_faults([replace(rule, resumes=done("design"))], TABLE)

    assert fault.endswith("按月计或另有转红日数，不能中止后恢复")


def test_rules_that_resume_travel_as_json_and_older_ones_still_do() -> None:
    data = json.loads(json.dumps(SHARED.to_json()))
    older = {key: value for key, value in data.items() if key != "resumes"}

    assert ClockRule.from_json(data) == SHARED
    assert ClockRule.from_json(older) == replace(SHARED, resumes=())


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), max_size=5),
    st.dates(dt.date(2026, 1, 5), dt.date(2026, 4, 1)),
)
def test_the_days_of_all_rounds_together_are_those_of_the_limit(spans: list[tuple[int, int]], start: dt.date) -> None:
    case, day, used = clocks(SHARED), start, 0
    case.feed(record("accept", f"{start}T08:00"))
    for number, (own, others) in enumerate(spans):
        if used + own < 10:
            used += own
            day = CALENDAR.add_workdays(day, own).date if own else day
            case.feed(record("design", f"{day}T16:{number:02}", "activated"))
            day += dt.timedelta(others)
            case.feed(record("design", f"{day}T16:{number:02}:30"))

    assert used + CALENDAR.workdays_between(day, due_of(case, "reply").date) == 10
