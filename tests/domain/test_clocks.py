"""Clocks of a case: what starts, stops, drops and reopens them."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkingCalendar
from domain.clock import ChangeKind, Clock, ClockSettings, Facts, Outcome
from domain.clock_rules import ClockRule, Milestone, Trigger
from domain.clocks import Clocks
from domain.limits import LimitTable
from domain.records import Record
from tests.domain.clock_cases import (
    REPLY,
    SURVEY,
    WEEK,
    WORKS,
    at,
    clocks,
    done,
    due_of,
    record,
    running,
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
