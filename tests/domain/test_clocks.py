"""Clocks of a case: what starts, stops, reopens and moves them, when they are due to the minute, and why."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.business_time import EntryRule, close_of_business, spoken
from domain.calendar import WorkingCalendar
from domain.calendars import Holiday, Notice, YearTable
from domain.chinese import BUSINESS_ZONE
from domain.clock_rules import rule_faults
from domain.clocks import (
    ChangeKind,
    Clock,
    ClockRule,
    Clocks,
    ClockSettings,
    Due,
    Facts,
    Milestone,
    MoveRefused,
    Outcome,
    Trigger,
)
from domain.due import Move
from domain.fields import MissingFields
from domain.limits import LimitTable
from domain.records import Record

TABLE = LimitTable.shipped()
CALENDAR = WorkingCalendar.shipped()
DEDICATED_10KV = Facts("10", 1, True, "2024-01-02")


def done(element: str) -> tuple[Trigger, ...]:
    return (Trigger(element, "completed"),)


REPLY = ClockRule("reply", "供电方案答复", "supply_plan_reply", done("accept"), done("reply"), department="marketing")
WORKS = ClockRule(
    "works",
    "配套电网工程完工",
    "grid_works",
    (*done("reply"), *done("sign")),
    done("complete_works"),
    (Trigger("rectify_works", "activated"),),
    (
        Milestone("task", "下达任务", "grid_works.task_issued", done("issue_task")),
        Milestone("start", "开工", "grid_works.works_start", done("start_works")),
    ),
    counts="reply",
    department="construction",
)
WEEK = ClockRule("week", "一周内送电", "energization", done("apply"), done("energize"))
SURVEY = ClockRule("survey", "现场勘查", "survey", (Trigger("survey", "activated"),), done("survey"), per_step=True)
CONTRACT = ClockRule("contract", "补签施工合同", "late_contract", done("start_works"), done("sign_contract"))
VALIDITY = ClockRule("validity", "供电方案有效期", "plan_validity", done("reply"), done("build"))
RULES = (REPLY, WORKS, WEEK, SURVEY, CONTRACT, VALIDITY)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


def record(element: str, when: str, event: str = "completed", key: str = "7", happened: str = "") -> Record:
    data = {"happenedAt": at(happened).isoformat()} if happened else {}
    return Record(1, at(when).isoformat(), event, element, "userTask", element, key=key, data=data)


def clocks(
    *rules: ClockRule,
    facts: Facts = DEDICATED_10KV,
    calendar: WorkingCalendar = CALENDAR,
    settings: ClockSettings | None = None,
) -> Clocks:
    return Clocks(rules or RULES, TABLE, calendar, facts, settings)


def passed_on() -> tuple[Clocks, Clock]:
    """A caller that has passed its clock on, and the clock as the called case begins with it."""
    parent = clocks(WORKS)
    parent.feed(record("reply", "2026-03-02T10:00"))
    passed, _ = parent.pass_on("works", at("2026-03-04T10:00"))
    assert passed
    return parent, passed


def running(case: Clocks, rule: str) -> Clock:
    clock = case.latest(rule)
    assert clock is not None
    assert clock.running
    return clock


def due_of(case: Clocks, rule: str) -> Due:
    due = case.due(running(case, rule))
    assert due is not None
    return due


def due_after(rule: ClockRule, start: str, **how: Any) -> dt.datetime:
    case = clocks(rule, **how)
    case.feed(record(rule.starts[0].element, start))
    return due_of(case, rule.id).instant


class TestDue:
    @pytest.mark.parametrize(
        ("reply", "due"),
        [
            pytest.param("2024-01-22T09:00", "2024-03-08T00:00", id="春节 2024"),
            pytest.param("2024-09-02T09:00", "2024-10-19T00:00", id="中秋 and 国庆 2024"),
            pytest.param("2026-01-05T09:00", "2026-02-15T00:00", id="ends on the make-up Saturday before 春节"),
            pytest.param("2026-02-13T09:00", "2026-04-03T00:00", id="春节 2026"),
            pytest.param("2026-09-19T09:00", "2026-11-06T00:00", id="from a Saturday over 国庆 2026"),
            pytest.param("2026-11-23T09:00", "2027-01-06T00:00", id="over a New Year without notice"),
        ],
    )
    def test_grid_works_are_due_at_the_end_of_the_30th_working_day(self, reply: str, due: str) -> None:
        assert due_after(WORKS, reply) == at(due)

    @pytest.mark.parametrize(
        ("applied", "due"),
        [
            pytest.param("2026-11-02T16:59", "2026-11-10T00:00", id="an ordinary week"),
            pytest.param("2026-09-28T10:00", "2026-10-09T00:00", id="would end in 国庆"),
            pytest.param("2026-02-10T10:00", "2026-02-25T00:00", id="would end in 春节"),
            pytest.param("2026-02-07T10:00", "2026-02-15T00:00", id="ends on a make-up Saturday"),
            pytest.param("2026-10-03T10:00", "2026-10-11T00:00", id="applied for in 国庆, ends on a make-up Saturday"),
            pytest.param("2026-11-07T10:00", "2026-11-17T00:00", id="would end on a Saturday"),
        ],
    )
    def test_energization_is_due_at_the_end_of_the_seventh_day(self, applied: str, due: str) -> None:
        assert due_after(WEEK, applied) == at(due)

    def test_the_minute_of_the_start_does_not_matter_within_its_day(self) -> None:
        assert due_after(REPLY, "2026-11-02T00:00") == due_after(REPLY, "2026-11-02T23:59") == at("2026-11-17T00:00")
        assert due_after(REPLY, "2026-11-03T00:00") == at("2026-11-18T00:00")

    def test_a_company_may_end_its_day_at_the_close_of_business(self) -> None:
        due = due_after(REPLY, "2026-11-02T09:00", settings=ClockSettings(close="17:30"))

        assert due == at("2026-11-16T17:30")

    def test_due_instants_are_in_the_time_of_china(self) -> None:
        case = clocks(REPLY)
        case.feed(Record(1, "2026-11-02T17:00:00+00:00", "completed", "accept", "userTask", "受理"))

        assert due_of(case, "reply").instant.isoformat() == "2026-11-18T00:00:00+08:00"

    def test_two_sources_have_longer(self) -> None:
        facts = Facts("10", 2, True, "2026-01-05")

        assert due_after(REPLY, "2026-11-02T09:00", facts=facts) == at("2026-12-01T00:00")

    def test_a_clock_without_limit_runs_and_is_never_due(self) -> None:
        case = clocks(WEEK, facts=Facts("35", 1, True, "2026-01-05"))
        (change,) = case.feed(record("apply", "2026-11-02T09:00"))

        assert change.due == ""
        assert case.due(running(case, "week")) is None

    def test_a_late_contract_is_due_after_30_days_and_red_after_45(self) -> None:
        case = clocks(CONTRACT)
        case.feed(record("start_works", "2026-03-02T09:00"))

        due = due_of(case, "contract")
        assert (due.instant, due.red) == (at("2026-04-02T00:00"), at("2026-04-17T00:00"))

    def test_the_reply_is_valid_for_a_year(self) -> None:
        assert due_after(VALIDITY, "2025-03-05T09:00") == at("2026-03-06T00:00")


class TestExplanation:
    def test_it_says_what_counted_what_not_and_by_which_rule(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-09-28T09:00"))

        words = "".join(due_of(case, "reply").sentences())

        assert "截止2026年10月16日24:00。" in words
        assert "起算时间2026年9月28日09:00。" in words
        assert "国庆节10月1日至7日" in words
        assert "10月10日（国庆节调休上班）" in words
        assert "国办发明电〔2025〕7号" in words
        assert "未核实" in words
        assert "法定上限20个工作日" in words

    @pytest.mark.parametrize(
        ("close", "said"),
        [
            ("24:00", "每日以24:00为止（民法典第二百零三条）。"),
            ("17:30", "每日以17:30为止（民法典第二百零三条，以业务时间为准）。"),
        ],
    )
    def test_it_says_when_a_day_is_over(self, close: str, said: str) -> None:
        case = clocks(REPLY, settings=ClockSettings(close=close))
        case.feed(record("accept", "2026-11-02T09:00"))

        assert said in due_of(case, "reply").sentences()

    def test_a_limit_in_months_says_how_many_days_that_is(self) -> None:
        case = clocks(VALIDITY)
        case.feed(record("reply", "2025-03-05T09:00"))

        assert "期限12个月，按日历计365日。" in due_of(case, "validity").sentences()

    def test_a_year_without_notice_makes_it_provisional_and_says_so(self) -> None:
        case = clocks(WORKS)
        (change, *_) = case.feed(record("reply", "2026-11-23T09:00"))

        due = due_of(case, "works")
        assert due.provisional
        assert change.provisional
        assert due.sentences()[0] == "截止2027年1月5日24:00（暂定）。"
        assert any("2027年的放假安排尚无国务院通知" in sentence for sentence in due.sentences())

    def test_a_moved_date_says_who_moved_it_from_when_and_why(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-02T09:00"))
        case.move("reply", at("2026-11-20T12:00"), "chen", "客户变更容量", at("2026-11-10T10:00"))

        words = "".join(due_of(case, "reply").sentences())

        assert (
            "原截止2026年11月16日24:00，chen于2026年11月10日10:00调整至2026年11月20日12:00，理由：客户变更容量。"
            in words
        )


class TestLife:
    def test_a_clock_starts_and_stops_with_its_elements(self) -> None:
        case = clocks(REPLY)

        started = case.feed(record("accept", "2026-11-02T09:00"))
        stopped = case.feed(record("reply", "2026-11-10T15:00"))

        assert [change.kind for change in (*started, *stopped)] == [ChangeKind.STARTED, ChangeKind.STOPPED]
        assert case["reply"].ended == at("2026-11-10T15:00")

    def test_records_that_name_no_clock_change_nothing(self) -> None:
        case = clocks()

        assert case.feed(record("draft", "2026-11-02T09:00")) == []
        assert case.feed(record("accept", "2026-11-02T09:00", event="activated")) == []
        assert list(case) == []

    def test_business_time_counts_before_the_time_of_the_record(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-05T09:00", happened="2026-11-02T16:00"))

        clock = running(case, "reply")
        assert clock.started == at("2026-11-02T16:00")
        assert clock.learned == at("2026-11-05T09:00")
        assert due_of(case, "reply").instant == at("2026-11-17T00:00")

    @pytest.mark.parametrize("given", ["", None])
    def test_without_a_business_time_the_time_of_the_record_counts(self, given: object) -> None:
        case = clocks(REPLY)
        when = at("2026-11-05T09:00").isoformat()
        case.feed(Record(1, when, "completed", "accept", "userTask", "受理", data={"happenedAt": given}))

        assert running(case, "reply").started == at("2026-11-05T09:00")

    def test_reply_and_signature_are_both_kept_and_the_reply_counts(self) -> None:
        case = clocks(WORKS)
        case.feed(record("reply", "2026-03-02T10:00"))
        case.feed(record("sign", "2026-03-06T10:00"))

        assert running(case, "works").started == at("2026-03-02T10:00")
        assert [(moment.element, moment.at) for moment in case.noted("works")] == [
            ("reply", at("2026-03-02T10:00")),
            ("sign", at("2026-03-06T10:00")),
        ]

    def test_a_company_may_count_from_the_signature(self) -> None:
        case = clocks(WORKS, settings=ClockSettings(counts={"works": "sign"}))
        case.feed(record("reply", "2026-03-02T10:00"))
        assert case.latest("works") is None

        case.feed(record("sign", "2026-03-06T10:00"))

        assert running(case, "works").started == at("2026-03-06T10:00")

    def test_a_failed_acceptance_reopens_the_works_from_the_same_start(self) -> None:
        case = clocks(WORKS)
        case.feed(record("reply", "2026-03-02T10:00"))
        before = due_of(case, "works").instant
        case.feed(record("complete_works", "2026-04-01T10:00"))

        changes = case.feed(record("rectify_works", "2026-04-03T10:00", event="activated"))

        assert changes[0].kind is ChangeKind.REOPENED
        assert running(case, "works").started == at("2026-03-02T10:00")
        assert due_of(case, "works").instant == before

    def test_a_called_case_counts_from_the_start_in_its_caller(self) -> None:
        child = clocks(WORKS)

        child.started_elsewhere(Clock("works", "works", at("2026-03-02T10:00"), at("2026-03-06T11:00")))
        again = child.started_elsewhere(Clock("works", "works", at("2026-03-02T10:00"), at("2026-03-07T11:00")))

        assert again == []
        assert due_of(child, "works").instant == at("2026-04-15T00:00")

    def test_a_clock_that_was_moved_goes_on_as_it_was_moved_in_the_called_case(self) -> None:
        parent, child = clocks(WORKS), clocks(WORKS)
        parent.feed(record("reply", "2026-03-02T10:00"))
        parent.move("works", at("2026-05-06T17:00"), "head", "间隔改造", at("2026-03-03T10:00"))
        passed, _ = parent.pass_on("works", at("2026-03-04T10:00"))
        assert passed

        child.started_elsewhere(passed)

        assert due_of(child, "works").instant == at("2026-05-06T17:00")

    def test_a_caller_hears_of_the_end_and_of_the_reopening_in_the_called_case(self) -> None:
        parent, passed = passed_on()
        ended = replace(passed, ended=at("2026-04-01T10:00"), outcome=Outcome.STOPPED)

        (stopped,) = parent.told_elsewhere(ended, at("2026-04-02T10:00"))
        assert (stopped.kind, stopped.at) == (ChangeKind.STOPPED, at("2026-04-01T10:00").isoformat())
        assert (parent["works"].outcome, parent["works"].ended) == (Outcome.STOPPED, at("2026-04-01T10:00"))
        assert parent.told_elsewhere(ended, at("2026-04-03T10:00")) == []

        (reopened,) = parent.told_elsewhere(passed, at("2026-04-04T10:00"))
        assert reopened.kind is ChangeKind.REOPENED
        assert parent["works"].outcome is Outcome.PASSED_ON

    def test_a_caller_hears_of_a_due_date_that_was_moved_in_the_called_case(self) -> None:
        parent, passed = passed_on()
        move = Move(at("2026-05-06T17:00"), "head", "间隔改造", at("2026-03-05T10:00"))

        (moved,) = parent.told_elsewhere(replace(passed, moves=(move,)), at("2026-03-05T10:00"))

        assert (moved.kind, moved.reason) == (ChangeKind.MOVED, "间隔改造")
        due = parent.due(parent["works"])
        assert due
        assert due.instant == move.due

    def test_what_a_called_case_tells_of_another_start_concerns_no_clock(self) -> None:
        parent, passed = passed_on()
        other = replace(passed, started=at("2026-03-01T10:00"), ended=at("2026-04-01T10:00"), outcome=Outcome.STOPPED)

        assert parent.told_elsewhere(other, at("2026-04-02T10:00")) == []

    def test_a_clock_is_passed_on_again_unless_a_called_case_has_brought_it_to_its_end(self) -> None:
        parent, passed = passed_on()
        assert parent.pass_on("works", at("2026-03-05T10:00"))[0] == parent["works"]

        parent.told_elsewhere(
            replace(passed, ended=at("2026-03-06T10:00"), outcome=Outcome.DROPPED), at("2026-03-06T10:00")
        )
        clock, changes = parent.pass_on("works", at("2026-03-07T10:00"))
        assert clock
        assert [change.kind for change in changes] == [ChangeKind.PASSED_ON]

        parent.told_elsewhere(
            replace(passed, ended=at("2026-03-08T10:00"), outcome=Outcome.STOPPED), at("2026-03-08T10:00")
        )
        assert parent.pass_on("works", at("2026-03-09T10:00")) == (None, [])

    def test_a_clock_runs_here_again_where_the_called_case_is_lost_whatever_that_had_done(self) -> None:
        parent, passed = passed_on()
        done_there = replace(passed, ended=at("2026-03-08T10:00"), outcome=Outcome.STOPPED)
        parent.told_elsewhere(done_there, at("2026-03-08T10:00"))

        (change,) = parent.take_back("works", at("2026-03-09T10:00"))

        assert (change.kind, running(parent, "works").started) == (ChangeKind.REOPENED, passed.started)
        assert parent.take_back("works", at("2026-03-09T10:00")) == []
        assert parent.pass_on("works", at("2026-03-10T10:00"))[0]

    def test_an_interruption_of_the_whole_process_drops_what_runs_but_for_what_ends_within_it(self) -> None:
        within = ClockRule("undoing", "撤回办理", "survey", done("reply"), done("undo"))
        facts = Facts("10", 1, True, "2026-01-05")
        table, calendar = LimitTable.shipped(), WorkingCalendar.shipped()
        case = Clocks([WORKS, within], table, calendar, facts, interruptions={"withdrawal": ("undo",)})
        case.feed(record("reply", "2026-03-02T10:00"))

        case.feed(record("withdrawal", "2026-03-10T10:00", event="activated"))

        assert case["works"].outcome is Outcome.DROPPED
        assert case["undoing"].running

    def test_milestones_begin_with_their_clock_and_end_on_their_own_or_with_it(self) -> None:
        case = clocks(WORKS)
        case.feed(record("reply", "2026-03-02T10:00"))
        assert due_of(case, "works.task").instant == at("2026-03-04T00:00")
        assert due_of(case, "works.start").instant == at("2026-03-20T00:00")

        case.feed(record("issue_task", "2026-03-03T10:00"))
        case.feed(record("complete_works", "2026-04-01T10:00"))

        assert case["works.task"].outcome is Outcome.STOPPED
        assert case["works.start"].outcome is Outcome.DROPPED

    def test_a_milestone_that_outlasts_its_clock_goes_on_when_that_is_done_and_not_when_it_is_dropped(self) -> None:
        acceptance = Milestone("acceptance", "验收", "grid_works.works_acceptance", done("accept"), outlasts=True)
        dropping = Trigger("withdraw", "terminated")
        rule = ClockRule(
            "works", "完工", "grid_works", done("reply"), (*done("complete"), dropping), milestones=(acceptance,)
        )
        finished, withdrawn = clocks(rule), clocks(rule)
        for case in (finished, withdrawn):
            case.feed(record("reply", "2026-03-02T10:00"))

        finished.feed(record("complete", "2026-04-01T10:00"))
        withdrawn.feed(record("withdraw", "2026-04-01T10:00", event="terminated"))

        assert running(finished, "works.acceptance").started == at("2026-03-02T10:00")
        assert withdrawn["works.acceptance"].outcome is Outcome.DROPPED
        finished.feed(record("accept", "2026-04-03T10:00"))
        assert finished["works.acceptance"].outcome is Outcome.STOPPED

    def test_a_milestone_that_outlasted_its_clock_begins_anew_with_the_next_round(self) -> None:
        acceptance = Milestone("acceptance", "验收", "grid_works.works_acceptance", done("accept"), outlasts=True)
        case = clocks(
            ClockRule("works", "完工", "grid_works", done("reply"), done("complete"), milestones=(acceptance,))
        )
        case.feed(record("reply", "2026-03-02T10:00"))
        case.feed(record("complete", "2026-04-01T10:00"))

        case.feed(record("reply", "2026-05-11T10:00"))

        assert case["works.acceptance"].outcome is Outcome.DROPPED
        assert running(case, "works.acceptance").started == running(case, "works").started == at("2026-05-11T10:00")

    def test_a_reopened_clock_takes_its_open_milestones_along(self) -> None:
        case = clocks(WORKS)
        case.feed(record("reply", "2026-03-02T10:00"))
        case.feed(record("issue_task", "2026-03-03T10:00"))
        case.feed(record("complete_works", "2026-03-10T10:00"))

        case.feed(record("rectify_works", "2026-03-11T10:00", event="activated"))

        assert case["works.start"].running
        assert not case["works.task"].running

    def test_a_milestone_given_up_before_does_not_come_back_with_its_clock(self) -> None:
        given_up = Milestone("task", "下达任务", "grid_works.task_issued", (Trigger("issue_task", "terminated"),))
        again = (Trigger("rectify_works", "activated"),)
        case = clocks(ClockRule("works", "完工", "grid_works", done("reply"), done("complete"), again, (given_up,)))
        case.feed(record("reply", "2026-03-02T10:00"))
        case.feed(record("issue_task", "2026-03-03T10:00", event="terminated"))
        case.feed(record("complete", "2026-03-10T10:00"))

        case.feed(record("rectify_works", "2026-03-11T10:00", event="activated"))

        assert case["works"].running
        assert not case["works.task"].running

    def test_each_visit_of_a_step_has_a_clock_of_its_own(self) -> None:
        case = clocks(SURVEY)
        for key, when in (("3", "2026-11-02T09:00"), ("9", "2026-11-03T09:00")):
            case.feed(record("survey", when, event="activated", key=key))

        case.feed(record("survey", "2026-11-04T09:00", key="3"))

        assert [(clock.id, clock.running) for clock in case] == [("survey:3", False), ("survey:9", True)]

    def test_a_step_that_is_told_to_begin_twice_keeps_its_first_clock(self) -> None:
        case = clocks(SURVEY)
        case.feed(record("survey", "2026-11-02T09:00", event="activated"))
        case.feed(record("survey", "2026-11-03T09:00"))

        assert case.feed(record("survey", "2026-11-04T09:00", event="activated")) == []

    def test_reopening_what_still_runs_changes_nothing(self) -> None:
        case = clocks(WORKS)
        case.feed(record("reply", "2026-03-02T10:00"))

        assert case.feed(record("rectify_works", "2026-03-03T10:00", event="activated")) == []

    def test_a_step_that_is_taken_back_is_neither_kept_nor_broken(self) -> None:
        case = clocks(SURVEY)
        case.feed(record("survey", "2026-11-02T09:00", event="activated"))

        (change,) = case.feed(record("survey", "2026-11-20T09:00", event="terminated"))

        assert change.kind is ChangeKind.DROPPED
        assert case["survey:7"].outcome is Outcome.DROPPED

    def test_a_second_start_changes_nothing_while_the_first_runs(self) -> None:
        case = clocks(WEEK)
        case.feed(record("apply", "2026-11-02T09:00"))

        assert case.feed(record("apply", "2026-11-05T09:00")) == []
        assert due_of(case, "week").instant == at("2026-11-10T00:00")

    def test_a_second_start_begins_anew_where_the_diagram_says_so(self) -> None:
        case = clocks(replace(WEEK, restarts=True))
        case.feed(record("apply", "2026-11-02T09:00"))
        changes = case.feed(record("apply", "2026-11-05T09:00"))

        assert [change.kind for change in changes] == [ChangeKind.DROPPED, ChangeKind.STARTED]
        assert running(case, "week").id == "week#2"
        assert due_of(case, "week").instant == at("2026-11-13T00:00")

    def test_a_second_start_of_a_running_clock_changes_nothing(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-02T09:00"))

        assert case.feed(record("accept", "2026-11-09T09:00")) == []

    def test_the_end_of_the_case_drops_what_runs(self) -> None:
        case = clocks()
        case.feed(record("accept", "2026-11-02T09:00"))
        case.feed(record("survey", "2026-11-02T09:00", event="activated"))

        case.drop_all(at("2026-11-09T09:00"))

        assert not any(clock.running for clock in case)

    def test_a_long_case_forgets_the_oldest_ended_steps(self) -> None:
        case = clocks(SURVEY, settings=ClockSettings(kept_closed=3))
        for key in map(str, range(10)):
            case.feed(record("survey", "2026-11-02T09:00", event="activated", key=key))
            case.feed(record("survey", "2026-11-02T10:00", key=key))

        assert [clock.key for clock in case] == ["7", "8", "9"]

    def test_a_long_case_forgets_the_oldest_rounds_and_never_the_newest_nor_what_runs(self) -> None:
        case = clocks(replace(WEEK, restarts=True), REPLY, settings=ClockSettings(kept_closed=2))
        case.feed(record("accept", "2026-11-02T09:00"))
        for day in range(10, 16):
            case.feed(record("apply", f"2026-11-{day}T09:00"))
        case.feed(record("energize", "2026-11-16T09:00"))

        assert [clock.id for clock in case] == ["reply", "week#4", "week#5", "week#6"]


class TestMoved:
    def announced(self) -> WorkingCalendar:
        notice = Notice(
            "关于2027年部分节假日安排的通知", "国办发明电〔2026〕9号", dt.date(2026, 11, 26), "https://x.cn"
        )
        day = dt.date
        holidays = (Holiday("元旦", day(2027, 1, 1), day(2027, 1, 3), (day(2026, 12, 27),)),)
        return CALENDAR.with_table(YearTable(2027, holidays, (notice,)))

    def test_a_new_notice_moves_running_clocks_and_says_by_how_much(self) -> None:
        case = clocks(WORKS)
        case.feed(record("reply", "2026-11-23T09:00"))

        changes = case.with_calendar(self.announced(), at("2026-11-27T09:00"))

        moved = next(change for change in changes if change.clock == "works")
        assert moved.kind is ChangeKind.MOVED
        assert (moved.previous, moved.due) == (at("2027-01-06T00:00").isoformat(), at("2027-01-05T00:00").isoformat())
        assert moved.days == -1
        assert not due_of(case, "works").provisional

    def test_a_new_notice_that_moves_nothing_confirms_what_was_provisional(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-12-11T09:00"))
        assert due_of(case, "reply").provisional

        (change,) = case.with_calendar(
            CALENDAR.with_table(
                YearTable(
                    2027,
                    (Holiday("元旦", dt.date(2027, 1, 1), dt.date(2027, 1, 3)),),
                    (self.announced().tables[2027].notices),
                )
            ),
            at("2026-12-14T09:00"),
        )

        assert (change.kind, change.days) == (ChangeKind.CONFIRMED, 0)

    def test_a_new_notice_leaves_alone_what_it_does_not_concern(self) -> None:
        case = clocks()
        case.feed(record("accept", "2026-11-02T09:00"))

        assert case.with_calendar(self.announced(), at("2026-11-27T09:00")) == []

    def test_a_due_date_is_moved_up_to_the_lawful_bound_and_no_further(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-02T09:00"))

        case.check_lawful("reply", at("2026-12-01T00:00"))

        bound = "超出法定上限20个工作日（供电监管办法（2009）第十一条），最迟为2026年11月30日24:00"
        with pytest.raises(MoveRefused, match=bound):
            case.check_lawful("reply", at("2026-12-01T00:01"))

    def test_a_limit_without_lawful_bound_is_moved_as_far_as_is_wanted(self) -> None:
        case = clocks(SURVEY)
        case.feed(record("survey", "2026-11-02T09:00", "activated"))

        case.check_lawful("survey:7", at("2027-11-02T09:00"))

    def test_a_due_date_put_by_hand_where_it_was_is_still_an_act_with_a_reason(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-02T09:00"))

        (change,) = case.move("reply", at("2026-11-17T00:00"), "chen", "维持原定", at("2026-11-03T09:00"))

        assert (change.kind, change.days, change.reason) == (ChangeKind.MOVED, 0, "维持原定")

    def test_a_due_date_moved_by_hand_stays_where_it_was_put(self) -> None:
        case = clocks(WORKS)
        case.feed(record("reply", "2026-11-23T09:00"))
        (change,) = case.move("works", at("2027-01-08T17:00"), "chen", "路径审批", at("2026-12-01T10:00"))
        assert (change.kind, change.days, change.reason) == (ChangeKind.MOVED, 3, "路径审批")

        case.with_calendar(self.announced(), at("2026-12-02T09:00"))

        assert due_of(case, "works").instant == at("2027-01-08T17:00")

    @pytest.mark.parametrize(
        ("clock", "due", "reason", "said"),
        [
            ("reply", "2026-11-20T12:00", " ", "调整期限须写明理由"),
            ("works", "2026-11-20T12:00", "路径审批", "没有正在计时的期限“works”，不能调整"),
            ("reply", "2026-11-02T09:00", "路径审批", "不晚于起算时间2026年11月2日09:00"),
        ],
    )
    def test_a_move_is_refused_in_words(self, clock: str, due: str, reason: str, said: str) -> None:
        case = clocks()
        case.feed(record("accept", "2026-11-02T09:00"))

        with pytest.raises(MoveRefused, match=said):
            case.move(clock, at(due), "chen", reason, at("2026-11-03T09:00"))

    def test_an_ended_clock_is_not_moved(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-02T09:00"))
        case.feed(record("reply", "2026-11-03T09:00"))

        with pytest.raises(MoveRefused):
            case.move("reply", at("2026-12-20T12:00"), "chen", "补录", at("2026-11-04T09:00"))


class TestRules:
    def test_the_rules_of_these_tests_have_no_faults(self) -> None:
        assert rule_faults(RULES, TABLE) == ()

    def test_rules_travel_as_json(self) -> None:
        assert [ClockRule.from_json(json.loads(json.dumps(rule.to_json()))) for rule in RULES] == list(RULES)

    @pytest.mark.parametrize(
        ("rule", "said"),
        [
            (ClockRule("a", "甲", "nothing", done("x")), "计时“a”：时限表中没有环节“nothing”"),
            (ClockRule("a:b", "甲", "survey", done("x")), "计时“a:b”：编号不得为空，也不得含有“:”或“#”"),
            (
                ClockRule("a", "甲", "survey", (Trigger("x", "done"),)),
                "计时“a”：元素“x”的事件“done”不存在，可用：activated、completed、terminated",
            ),
            (
                ClockRule("a", "甲", "survey", done("x"), counts="y"),
                "计时“a”：起算元素“y”不在起始元素之中",
            ),
            (ClockRule("a", "甲", "survey", done("x"), done("y"), per_step=True), "计时“a”：环节计时须由同一元素起止"),
        ],
    )
    def test_a_wrong_rule_is_named(self, rule: ClockRule, said: str) -> None:
        assert rule_faults([rule], TABLE) == (said,)

    def test_two_clocks_of_one_name_are_refused(self) -> None:
        assert rule_faults([REPLY, REPLY], TABLE) == ("计时“reply”重复定义2次",)


class TestEntry:
    NOW = at("2026-10-09T10:00")

    @pytest.mark.parametrize(
        ("happened", "reason", "said"),
        [
            ("2026-10-09T10:02:00+08:00", "", ""),
            ("2026-10-09T10:02:01+08:00", "", "业务时间2026年10月9日10:02晚于现在2026年10月9日10:00"),
            ("2026-09-29T10:00:00+08:00", "", ""),
            ("2026-09-28T10:00:00+08:00", "补录原因", ""),
            ("2026-09-28T10:00:00+08:00", "  ", "距今已4个工作日"),
            ("2026-09-28T10:00:00+08:00", "", "业务时间2026年9月28日10:00距今已4个工作日"),
            ("2026-10-09", "", "没有时区"),
            ("yesterday", "", "不是日期时间"),
        ],
    )
    def test_a_business_time_may_lie_a_little_ahead_and_a_few_working_days_back(
        self, happened: str, reason: str, said: str
    ) -> None:
        fault = EntryRule().fault(happened, self.NOW, reason, CALENDAR)

        assert said in fault
        assert bool(said) == bool(fault)

    def test_the_end_of_a_day_is_spoken_of_as_24_o_clock(self) -> None:
        assert spoken(at("2026-03-06T00:00")) == "2026年3月5日24:00"
        assert spoken(at("2026-03-06T00:01")) == "2026年3月6日00:01"

    @pytest.mark.parametrize("text", ["", "24", "25:00", "24:01", "17:60", "0:00", "-1:00", "17:3"])
    def test_what_is_no_close_of_business_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="not a time of day"):
            close_of_business(text)


starts = st.integers(0, 6 * 365 * 24 * 60).map(lambda minutes: at("2023-01-01T00:00") + dt.timedelta(minutes=minutes))


@given(starts, starts, st.sampled_from([REPLY, WORKS, WEEK, CONTRACT, VALIDITY]), st.sampled_from(["24:00", "17:30"]))
def test_an_earlier_business_time_never_gives_a_later_due_date(
    one: dt.datetime, other: dt.datetime, rule: ClockRule, close: str
) -> None:
    facts = Facts("10", 1, True, "2023-01-03")
    dues = []
    for start in sorted((one, other)):
        case = Clocks([rule], TABLE, CALENDAR, facts, ClockSettings(close))
        data = {"happenedAt": start.isoformat()}
        learned = (start + dt.timedelta(days=2)).isoformat()
        case.feed(Record(1, learned, "completed", rule.starts[0].element, "userTask", "", data=data))
        dues.append(due_of(case, rule.id).instant)

    assert dues[0] <= dues[1]
    assert dues[0] > min(one, other)


steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "accept",
                "reply",
                "sign",
                "issue_task",
                "start_works",
                "complete_works",
                "rectify_works",
                "apply",
                "energize",
                "survey",
                "sign_contract",
                "build",
            ]
        ),
        st.sampled_from(["activated", "completed", "terminated"]),
        st.sampled_from(["1", "2", "3"]),
        st.integers(-5_000, 20_000),
    ),
    max_size=40,
)


@given(steps)
def test_the_state_that_travels_on_goes_on_the_same(story: list[tuple[str, str, str, int]]) -> None:
    straight, carried = clocks(), clocks()
    for element, event, key, minutes in story:
        when = (at("2026-03-02T09:00") + dt.timedelta(minutes=minutes)).isoformat()
        one = Record(1, when, event, element, "userTask", element, key=key)
        fresh = clocks()
        fresh.load(json.loads(json.dumps(carried.dump())))
        carried = fresh

        assert carried.feed(one) == straight.feed(one)
        assert carried.dump() == straight.dump()

    assert [carried.due(clock) for clock in carried] == [straight.due(clock) for clock in straight]


@given(steps)
def test_at_most_one_case_clock_of_a_rule_runs(story: list[tuple[str, str, str, int]]) -> None:
    case = clocks()
    for element, event, key, minutes in story:
        when = (at("2026-03-02T09:00") + dt.timedelta(minutes=minutes)).isoformat()
        case.feed(Record(1, when, event, element, "userTask", element, key=key))

        open_rules = [clock.rule for clock in case if clock.running and not clock.key]
        assert len(open_rules) == len(set(open_rules))


STEPS = st.lists(
    st.tuples(st.sampled_from(["complete_works", "rectify_works", "move", "tell"]), st.integers(0, 20)), max_size=12
)


@given(STEPS)
def test_a_caller_always_knows_what_it_was_last_told_and_hears_each_change_once(steps: list[tuple[str, int]]) -> None:
    plain = replace(WORKS, milestones=())
    parent, child = clocks(plain), clocks(plain)
    parent.feed(record("reply", "2026-03-02T10:00"))
    passed, _ = parent.pass_on("works", at("2026-03-04T10:00"))
    assert passed
    child.started_elsewhere(passed)
    now = at("2026-03-05T09:00")
    for number, (step, back) in enumerate([*steps, ("tell", 0)]):
        now += dt.timedelta(hours=1)
        if step == "move" and child["works"].running:
            child.move("works", now + dt.timedelta(days=30 + back), "head", str(number), now)
        elif step in ("complete_works", "rectify_works"):
            event = "activated" if step == "rectify_works" else "completed"
            happened = f"{now - dt.timedelta(minutes=back):%Y-%m-%dT%H:%M}"
            child.feed(record(step, f"{now:%Y-%m-%dT%H:%M}", event, happened=happened))
        elif step == "tell":
            parent.told_elsewhere(child["works"], now)
            assert parent.told_elsewhere(child["works"], now) == []

    own, there = parent["works"], child["works"]
    assert own.handed_on
    assert own.moves == there.moves
    assert (own.outcome is Outcome.PASSED_ON) == there.running
    assert there.running or (own.ended, own.outcome) == (there.ended, there.outcome)


class TestCountedBack:
    """A milestone that is to be reached so long before the last day of its clock."""

    EXTENSION = Milestone("extension", "申请延长有效期", "plan_validity.extension", done("renew"))
    VALID = ClockRule(
        "validity",
        "供电方案有效期",
        "plan_validity",
        (*done("reply"), *done("renew")),
        done("build"),
        milestones=(EXTENSION,),
        restarts=True,
    )

    def test_an_extension_is_to_be_asked_for_ten_days_before_the_plan_lapses_on_a_working_day(self) -> None:
        case = clocks(self.VALID)
        case.feed(record("reply", "2025-05-20T10:00"))
        due = due_of(case, "validity.extension")

        assert due_of(case, "validity").date == dt.date(2026, 5, 20)
        # Sunday 10 May 2026 is the tenth day before, 9 May a Saturday that is worked.
        assert (due.date, CALENDAR.is_workday(due.date)) == (dt.date(2026, 5, 9), True)
        assert any("供电方案有效期届满前10日" in sentence for sentence in due.sentences())

    def test_it_moves_with_its_clock_by_hand_and_by_calendar(self) -> None:
        case = clocks(self.VALID)
        case.feed(record("reply", "2025-05-20T10:00"))

        changes = case.move("validity", at("2026-07-21T00:00"), "chen", "政府审批", at("2026-03-02T09:00"))

        assert [change.clock for change in changes] == ["validity", "validity.extension"]
        assert due_of(case, "validity.extension").date == dt.date(2026, 7, 10)

    def test_a_new_round_has_its_own_and_the_old_one_keeps_its_date(self) -> None:
        case = clocks(self.VALID)
        case.feed(record("reply", "2025-05-20T10:00"))
        first = case["validity.extension"]
        case.feed(record("renew", "2026-03-02T10:00"))

        assert case["validity.extension"].outcome is Outcome.STOPPED
        assert due_of(case, "validity.extension").date > dt.date(2027, 2, 1)
        old = case.due(first)
        assert old
        assert old.date == dt.date(2026, 5, 9)

    def test_a_state_that_is_carried_keeps_it(self) -> None:
        case = clocks(self.VALID)
        case.feed(record("reply", "2025-05-20T10:00"))
        other = clocks(self.VALID)
        other.load(json.loads(json.dumps(case.dump())))

        assert due_of(other, "validity.extension").date == dt.date(2026, 5, 9)

    def test_a_limit_counted_back_is_for_milestones_alone(self) -> None:
        wrong = ClockRule("x", "x", "plan_validity.extension", done("reply"), done("build"))

        assert rule_faults([wrong], TABLE) == ("计时“x”：环节“plan_validity.extension”自到期日倒计，只能用于节点",)
        assert rule_faults([self.VALID], TABLE) == ()


class TestTooEarly:
    """What a step ends had begun before; where the system began it, what people had done until then is asked."""

    def test_a_step_is_not_done_before_what_it_ends_began(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-02T09:00"))

        assert case.too_early("reply", "7", at("2026-11-02T09:00")) == ""
        assert case.too_early("reply", "7", at("2026-11-02T08:59")) == (
            "办理时间2026年11月2日08:59早于“供电方案答复”的起算时间2026年11月2日09:00"
        )

    def test_a_milestone_is_not_done_before_its_clock_began(self) -> None:
        case = clocks(WORKS)
        case.feed(record("reply", "2026-11-09T09:00", happened="2026-11-02T09:00"))

        assert "早于“下达任务”的起算时间2026年11月2日09:00" in case.too_early("issue_task", "7", at("2026-11-01T09:00"))

    def test_seconds_do_not_count(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-02T09:00:40"))

        assert case.too_early("reply", "7", at("2026-11-02T09:00")) == ""

    def test_a_step_is_not_done_before_the_one_that_led_to_it(self) -> None:
        case = clocks(SURVEY)
        case.feed(record("accept", "2026-11-09T09:00", happened="2026-11-02T09:00", key="1"))
        case.feed(record("survey", "2026-11-09T09:00", "activated"))

        assert case.too_early("survey", "7", at("2026-11-03T09:00")) == ""
        assert case.too_early("survey", "7", at("2026-11-01T09:00")) == (
            "办理时间2026年11月1日09:00早于“现场勘查”之前一步的办理时间2026年11月2日09:00"
        )

    def test_the_step_that_a_case_begins_with_may_have_been_done_long_before(self) -> None:
        case = clocks(SURVEY)
        case.feed(record("survey", "2026-11-09T09:00", "activated"))

        assert case.too_early("survey", "7", at("2026-01-05T09:00")) == ""

    def test_what_ends_nothing_is_never_too_early(self) -> None:
        case = clocks(REPLY)
        case.feed(record("accept", "2026-11-02T09:00"))
        case.feed(record("reply", "2026-11-03T09:00"))

        assert case.too_early("reply", "7", at("2026-01-05T09:00")) == ""
        assert case.too_early("build", "8", at("2026-01-05T09:00")) == ""

    def test_it_is_known_from_run_to_run_and_in_a_called_case(self) -> None:
        case, later, called = clocks(REPLY, SURVEY), clocks(REPLY, SURVEY), clocks(REPLY)
        case.feed(record("accept", "2026-11-09T09:00", happened="2026-11-02T09:00"))

        later.load(json.loads(json.dumps(case.dump())))
        later.feed(record("survey", "2026-11-09T09:00", "activated"))
        called.started_elsewhere(Clock.from_json(json.loads(json.dumps(case["reply"].to_json()))))

        for other, step in ((later, "reply"), (later, "survey"), (called, "reply")):
            assert "2026年11月2日09:00" in other.too_early(step, "7", at("2026-11-01T09:00"))


class TestFacts:
    @pytest.mark.parametrize(
        ("stated", "voltage", "sources", "dedicated"),
        [
            ({"voltageKv": 10, "sources": 2, "dedicatedLine": True}, "10", 2, True),
            ({"voltageKv": "10", "sources": "2", "dedicatedLine": True}, "10", 2, True),
            ({"voltageKv": 0.4, "sources": 2.0, "dedicatedLine": False}, "0.4", 2, False),
            ({"voltageKv": 10, "sources": None, "dedicatedLine": None}, "10", 1, False),
            ({"voltageKv": " "}, "0", 1, False),
            ({}, "0", 1, False),
        ],
    )
    def test_the_facts_of_an_application_are_read_however_its_form_gives_numbers(
        self, stated: dict[str, Any], voltage: str, sources: int, dedicated: bool
    ) -> None:
        assert Facts.of(stated, dt.date(2026, 3, 2)) == Facts(voltage, sources, dedicated, "2026-03-02")

    @pytest.mark.parametrize(
        "stated",
        [
            {"voltageKv": "10kV"},
            {"voltageKv": True},
            {"voltageKv": -10},
            {"sources": "双电源"},
            {"sources": 1.5},
            {"sources": 0},
            {"dedicatedLine": "是"},
        ],
    )
    def test_what_states_no_fact_is_refused_and_named(self, stated: dict[str, Any]) -> None:
        with pytest.raises(MissingFields, match=next(iter(stated))):
            Facts.of(stated, dt.date(2026, 3, 2))
