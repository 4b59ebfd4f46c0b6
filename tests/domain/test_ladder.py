"""The ladder: every clock kept and broken at every level to the minute; once, in order, and never after its end."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkingCalendar
from domain.calendars import Holiday, Notice, YearTable
from domain.chinese import BUSINESS_ZONE
from domain.clocks import Clock, ClockRule, Clocks, ClockSettings, Facts, Milestone, Outcome, Trigger
from domain.ladder import Escalation, Ladder
from domain.levels import Colour, LadderSettings, Level, standing_of
from domain.limits import LimitTable
from domain.orders import Cause, OrderRefused
from domain.posts import Post
from domain.records import Record

TABLE = LimitTable.shipped()
CALENDAR = WorkingCalendar.shipped()
MINUTE = dt.timedelta(minutes=1)
L0, L1, L2, L3, L4 = Level


def clock_of(limit: str, *milestones: Milestone) -> ClockRule:
    start, stop, again = (Trigger(element, "completed") for element in ("begin", "end", "again"))
    return ClockRule("clock", "某环节", limit, (start,), (stop,), (again,), milestones, department="marketing")


def test_a_clock_that_was_passed_on_is_raised_in_the_called_case_alone() -> None:
    case = Case("supply_plan_reply", "2026-11-02T09:00")
    case.levels(at("2026-11-17T09:00"))
    passed, _ = case.clocks.pass_on("clock", at("2026-11-17T09:00"))
    assert passed
    case.levels(at("2026-11-17T09:00"))

    for ended in ("2026-11-03T09:00", "2026-12-30T09:00"):
        case.clocks.told_elsewhere(replace(passed, ended=at(ended), outcome=Outcome.STOPPED), at("2027-01-04T09:00"))
        assert case.levels(at("2027-01-04T09:00")) == []
        assert case.ladder.done_in_time(at("2027-01-04T09:00")) == []
        assert case.ladder.next_instant() is None


TASK = Milestone("task", "下达任务", "grid_works.task_issued", (Trigger("issue", "completed"),))


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


class Case:
    """A clock with its ladder, as the workflow holds them."""

    def __init__(
        self,
        limit: str,
        start: str = "",
        *,
        close: str = "24:00",
        milestones: tuple[Milestone, ...] = (),
        voltage: str = "10",
    ):
        facts = Facts(voltage, 1, True, "2024-01-02")
        self.clocks = Clocks([clock_of(limit, *milestones)], TABLE, CALENDAR, facts, ClockSettings(close))
        self.ladder = Ladder(self.clocks, LadderSettings(repeat_every=0))
        if start:
            self.record("begin", at(start))

    def record(self, element: str, when: dt.datetime, happened: dt.datetime | None = None) -> None:
        data = {"happenedAt": happened.isoformat()} if happened else {}
        self.clocks.feed(Record(1, when.isoformat(), "completed", element, "userTask", element, data=data))

    def levels(self, now: dt.datetime) -> list[Level]:
        return [escalation.level for escalation in self.ladder.reached(now)]

    @property
    def clock(self) -> Clock:
        clock = self.clocks.latest("clock")
        assert clock is not None
        return clock


WAYS = [
    pytest.param(
        "supply_plan_reply",
        "2026-11-02T09:00",
        ["2026-11-12T00:00", "2026-11-13T00:00", "2026-11-17T00:00", "2026-11-18T00:00", "2026-11-24T00:00"],
        "24:00",
        id="ten working days",
    ),
    pytest.param(
        "supply_plan_reply",
        "2026-11-02T09:00",
        ["2026-11-11T17:30", "2026-11-12T17:30", "2026-11-16T17:30", "2026-11-17T17:30", "2026-11-23T17:30"],
        "17:30",
        id="to the close of business",
    ),
    pytest.param(
        "supply_plan_reply",
        "2026-09-28T09:00",
        ["2026-10-14T00:00", "2026-10-15T00:00", "2026-10-17T00:00", "2026-10-20T00:00", "2026-10-24T00:00"],
        "24:00",
        id="over 国庆 and a make-up Saturday",
    ),
    pytest.param(
        "survey",
        "2026-02-12T09:00",
        ["2026-02-15T00:00", "2026-02-15T00:00", "2026-02-25T00:00", "2026-02-26T00:00", "2026-03-03T00:00"],
        "24:00",
        id="three days over 春节, warned on the make-up Saturday before",
    ),
    pytest.param(
        "midway_inspection",
        "2026-11-05T09:00",
        ["2026-11-07T00:00", "2026-11-07T00:00", "2026-11-10T00:00", "2026-11-11T00:00", "2026-11-17T00:00"],
        "24:00",
        id="two working days over a weekend",
    ),
    pytest.param(
        "acceptance",
        "2026-11-02T09:00",
        ["2026-11-03T00:00", "2026-11-03T00:00", "2026-11-04T00:00", "2026-11-05T00:00", "2026-11-11T00:00"],
        "24:00",
        id="one working day",
    ),
    pytest.param(
        "design_review",
        "2026-12-28T09:00",
        ["2027-01-01T00:00", "2027-01-05T00:00", "2027-01-06T00:00", "2027-01-07T00:00", "2027-01-13T00:00"],
        "24:00",
        id="five working days over a New Year without notice",
    ),
    pytest.param(
        "grid_works",
        "2026-01-05T09:00",
        ["2026-02-07T00:00", "2026-02-07T00:00", *["2026-02-15T00:00"] * 3],
        "24:00",
        id="the 30 working days up to 春节",
    ),
    pytest.param(
        "grid_works",
        "2026-11-23T09:00",
        ["2026-12-26T00:00", "2026-12-26T00:00", *["2027-01-06T00:00"] * 3],
        "24:00",
        id="the 30 working days over a New Year without notice",
    ),
    pytest.param(
        "energization",
        "2026-09-28T10:00",
        ["2026-10-01T00:00", "2026-10-01T00:00", *["2026-10-09T00:00"] * 3],
        "24:00",
        id="the week over 国庆",
    ),
    pytest.param(
        "energization",
        "2026-11-02T10:00",
        ["2026-11-07T00:00", "2026-11-07T00:00", *["2026-11-10T00:00"] * 3],
        "24:00",
        id="an ordinary week",
    ),
    pytest.param(
        "late_contract",
        "2026-03-02T09:00",
        ["2026-03-27T00:00", "2026-03-27T00:00", "2026-04-17T00:00", "2026-04-18T00:00", "2026-04-24T00:00"],
        "24:00",
        id="the late contract, red after 45 days",
    ),
    pytest.param(
        "plan_validity",
        "2025-03-05T09:00",
        ["2025-12-23T00:00", "2025-12-23T00:00", "2026-03-06T00:00", "2026-03-07T00:00", "2026-03-13T00:00"],
        "24:00",
        id="a year's validity",
    ),
]


@pytest.mark.parametrize(("limit", "start", "instants", "close"), WAYS)
class TestToTheMinute:
    def test_each_level_is_raised_at_its_minute_and_not_one_before(
        self, limit: str, start: str, instants: list[str], close: str
    ) -> None:
        case = Case(limit, start, close=close)
        raised: dict[Level, dt.datetime] = {}

        for moment in dict.fromkeys(map(at, instants)):
            assert case.levels(moment - MINUTE) == []
            raised |= dict.fromkeys(case.levels(moment), moment)

        assert raised == dict(zip(Level, map(at, instants), strict=True))

    def test_the_one_timer_names_each_instant_in_turn(
        self, limit: str, start: str, instants: list[str], close: str
    ) -> None:
        case = Case(limit, start, close=close)
        named = []

        while coming := case.ladder.next_instant():
            named.append(coming.at)
            assert case.levels(coming.at)

        assert named == sorted(dict.fromkeys(map(at, instants)))

    @pytest.mark.parametrize("level", Level)
    def test_what_is_done_at_the_instant_is_done_in_time(
        self, limit: str, start: str, instants: list[str], close: str, level: Level
    ) -> None:
        case = Case(limit, start, close=close)
        moment = at(instants[level])
        case.levels(moment - MINUTE)
        case.record("end", moment)

        assert case.ladder.next_instant() is None
        assert level not in case.levels(moment + dt.timedelta(days=400))
        assert case.ladder.next_instant() is None

    @pytest.mark.parametrize("level", [L2, L3, L4])
    def test_what_is_done_a_minute_late_is_still_raised_if_it_was_not(
        self, limit: str, start: str, instants: list[str], close: str, level: Level
    ) -> None:
        case = Case(limit, start, close=close)
        moment = at(instants[level])
        for earlier in map(at, instants[:level]):
            case.levels(min(earlier, moment - MINUTE))
        case.record("end", moment + MINUTE)

        assert level in case.levels(moment + MINUTE)

    def test_after_a_long_silence_every_level_comes_in_order_at_once(
        self, limit: str, start: str, instants: list[str], close: str
    ) -> None:
        case = Case(limit, start, close=close)

        assert case.levels(at(start) + dt.timedelta(days=800)) == list(Level)
        assert case.levels(at(start) + dt.timedelta(days=900)) == []

    def test_a_case_is_blue_then_yellow_then_red(self, limit: str, start: str, instants: list[str], close: str) -> None:
        case = Case(limit, start, close=close)

        def colours(*levels: Level) -> list[tuple[Colour, Colour]]:
            moments = [at(instants[level]) for level in levels]
            ladder, clock = case.ladder, case.clock
            return [(ladder.colour(clock, moment - MINUTE), ladder.colour(clock, moment)) for moment in moments]

        assert colours(L1, L2) == [(Colour.BLUE, Colour.YELLOW), (Colour.YELLOW, Colour.RED)]


class TestSupervision:
    def broken(self) -> Case:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        assert case.levels(at("2026-11-17T00:00")) == [L0, L1, L2]
        return case

    def answered(self, case: Case, when: str = "2026-11-17T15:00") -> None:
        case.ladder.answer("clock", "grid", at("2026-11-20T17:00"), "li", at(when), "间隔不足")

    def test_a_passed_limit_brings_an_order_and_a_mere_warning_none(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        case.ladder.reached(at("2026-11-13T00:00"))
        assert case.ladder.order("clock") is None

        (escalation,) = case.ladder.reached(at("2026-11-17T00:00"))

        assert escalation.needs_order
        order = case.ladder.order("clock")
        assert order is not None
        assert order.issued == at("2026-11-17T00:00")

    def test_an_unanswered_order_climbs_after_one_working_day(self) -> None:
        case = self.broken()

        assert case.levels(at("2026-11-17T23:59")) == []
        assert case.levels(at("2026-11-18T00:00")) == [L3]

    def test_an_answered_order_gives_a_day_more(self) -> None:
        case = self.broken()
        self.answered(case)

        assert case.levels(at("2026-11-18T23:59")) == []
        assert case.levels(at("2026-11-19T00:00")) == [L3]

    def test_an_answer_in_its_last_minute_counts(self) -> None:
        case = self.broken()
        self.answered(case, "2026-11-18T00:00")

        assert case.levels(at("2026-11-18T23:59")) == []

    def test_an_answer_after_its_time_does_not_hold_back_what_it_missed(self) -> None:
        case = self.broken()
        self.answered(case, "2026-11-18T00:01")

        assert case.levels(at("2026-11-18T00:01")) == [L3]

    def test_an_order_found_late_is_to_be_answered_from_then(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        case.clocks.move("clock", at("2026-11-30T00:00"), "chen", "改期", at("2026-11-03T09:00"))
        assert case.levels(at("2026-11-30T10:00")) == [L0, L1, L2]

        order = case.ladder.order("clock")

        assert order is not None
        assert order.answer_by(1, CALENDAR, dt.timedelta(days=1)) == at("2026-12-01T00:00")
        late = Case("supply_plan_reply", "2026-11-02T09:00")
        late.levels(at("2026-11-18T10:00"))
        found = late.ladder.order("clock")
        assert found is not None
        assert found.answer_by(1, CALENDAR, dt.timedelta(days=1)) == at("2026-11-20T00:00")

    def test_an_order_keeps_its_number_cause_and_promise(self) -> None:
        case = self.broken()
        case.ladder.numbered("clock", "督〔2026〕1号")
        self.answered(case)

        order = case.ladder.order("clock")

        assert order is not None
        assert order.answer is not None
        assert (order.number, order.answer.cause, order.answer.promised) == (
            "督〔2026〕1号",
            Cause.GRID,
            at("2026-11-20T17:00"),
        )

    @pytest.mark.parametrize(
        ("cause", "promised", "said"),
        [
            ("weather", "2026-11-20T17:00", "原因“weather”应为customer（客户）、staff（业务人员）"),
            ("staff", "2026-11-17T10:00", "新的承诺时间2026年11月17日10:00应晚于现在"),
        ],
    )
    def test_an_answer_that_says_nothing_is_refused_in_words(self, cause: str, promised: str, said: str) -> None:
        case = self.broken()

        with pytest.raises(OrderRefused, match=said):
            case.ladder.answer("clock", cause, at(promised), "li", at("2026-11-17T10:00"))

    @pytest.mark.parametrize(
        ("promised", "text", "said"),
        [
            ("2026-11-20T17:00", " ", "请说明情况"),
            ("2027-02-15T15:01", "间隔不足", "新的承诺时间2027年2月15日15:01距今超过90日，最迟为2027年2月15日15:00"),
        ],
    )
    def test_an_answer_without_words_or_with_a_promise_too_far_away_is_refused(
        self, promised: str, text: str, said: str
    ) -> None:
        case = self.broken()

        with pytest.raises(OrderRefused, match=said):
            case.ladder.check_answer("clock", at(promised), at("2026-11-17T15:00"), text)

    def test_the_last_day_that_may_be_promised_is_taken(self) -> None:
        self.broken().ladder.check_answer("clock", at("2027-02-15T15:00"), at("2026-11-17T15:00"), "间隔不足")

    def test_an_order_is_answered_once(self) -> None:
        case = self.broken()
        self.answered(case)

        with pytest.raises(OrderRefused, match="不能重复答复"):
            self.answered(case)

    def test_what_has_no_order_cannot_be_answered(self) -> None:
        with pytest.raises(OrderRefused, match="没有督办单"):
            self.answered(Case("supply_plan_reply", "2026-11-02T09:00"))

    def test_the_third_yellow_in_a_row_climbs_as_soon_as_the_limit_passes(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        case.ladder.third_yellow("clock")

        assert case.levels(at("2026-11-16T23:59")) == [L0, L1]
        assert case.levels(at("2026-11-17T00:00")) == [L2, L3]

    def test_the_third_yellow_goes_with_a_clock_that_is_handed_over(self) -> None:
        case, called = self.broken(), self.broken()
        case.ladder.third_yellow("clock")

        called.ladder.take_over("clock", case.ladder.hand_over("clock", "case/1"))

        assert called.levels(at("2026-11-17T00:00")) == [L3]

    def test_the_top_writes_a_line_for_the_bulletin(self) -> None:
        case = self.broken()
        case.ladder.numbered("clock", "督〔2026〕1号")
        self.answered(case)
        top = case.ladder.reached(at("2026-11-24T00:00"))[-1]

        entry = case.ladder.bulletin_entry(top)

        assert top.level is L4
        assert (entry.order, entry.cause, entry.department) == ("督〔2026〕1号", "grid", "marketing")
        assert entry.overdue_days == 8
        assert entry.to_json()["promised"] == at("2026-11-20T17:00").isoformat()


class TestTakenBack:
    def test_a_step_done_in_time_but_recorded_late_marks_what_was_raised(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        case.levels(at("2026-11-17T00:00"))
        case.levels(at("2026-11-18T00:00"))
        case.record("end", at("2026-11-18T09:00"), happened=at("2026-11-16T16:00"))

        marked = case.ladder.done_in_time(at("2026-11-18T09:00"))

        assert [(one.level, one.backdated) for one in marked] == [(L2, True), (L3, True)]
        assert case.ladder.levels_of("clock") == (L0, L1, L2, L3)
        assert case.ladder.done_in_time(at("2026-11-18T10:00")) == []
        assert case.levels(at("2027-11-18T10:00")) == []

    def test_a_step_done_at_the_instant_itself_takes_back_what_was_raised_at_it(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        case.levels(at("2026-11-17T00:00"))
        case.record("end", at("2026-11-17T00:00"))

        assert [one.level for one in case.ladder.done_in_time(at("2026-11-17T00:00"))] == [L2]

    def test_a_step_done_late_takes_nothing_back(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        case.levels(at("2026-11-17T00:00"))
        case.record("end", at("2026-11-17T09:00"), happened=at("2026-11-17T00:01"))

        assert case.ladder.done_in_time(at("2026-11-17T09:00")) == []

    def test_what_a_late_recorded_start_had_already_passed_says_so(self) -> None:
        case = Case("supply_plan_reply")
        case.record("begin", at("2026-11-16T09:00"), happened=at("2026-11-02T09:00"))

        raised = case.ladder.reached(at("2026-11-17T00:00"))

        assert [(one.level, one.backdated) for one in raised] == [(L0, True), (L1, True), (L2, False)]

    def test_a_warning_that_falls_on_the_start_itself_is_not_backdated(self) -> None:
        case = Case("acceptance", "2026-11-07T10:00")

        raised = case.ladder.reached(at("2026-11-07T10:00"))

        assert [(one.level, one.at, one.backdated) for one in raised] == [
            (L0, at("2026-11-07T10:00"), False),
            (L1, at("2026-11-07T10:00"), False),
        ]

    def test_a_reopened_clock_goes_on_climbing_and_repeats_nothing(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        assert case.levels(at("2026-11-13T00:00")) == [L0, L1]
        case.record("end", at("2026-11-13T09:00"))
        assert case.levels(at("2026-11-18T00:00")) == []

        case.record("again", at("2026-11-18T09:00"))

        coming = case.ladder.next_instant()
        assert coming is not None
        assert (coming.at, coming.level) == (at("2026-11-17T00:00"), L2)
        assert case.levels(at("2026-11-18T09:00")) == [L2]
        assert case.levels(at("2026-11-18T09:01")) == []

    def test_what_was_ended_late_before_anyone_asked_is_due_to_be_raised(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        case.record("end", at("2026-11-17T09:00"))

        coming = case.ladder.next_instant()

        assert coming is not None
        assert (coming.at, coming.level) == (at("2026-11-17T00:00"), L2)
        assert case.levels(at("2026-11-17T09:00")) == [L2]
        assert case.ladder.next_instant() is None

    def test_a_step_said_to_end_some_minutes_ahead_and_past_its_limit_breaks_it_when_the_limit_passes(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        case.record("end", at("2026-11-16T23:59"), at("2026-11-17T00:01"))
        assert case.levels(at("2026-11-16T23:59")) == []

        coming = case.ladder.next_instant()

        assert coming is not None
        assert (coming.at, coming.level) == (at("2026-11-17T00:00"), L2)
        assert case.levels(at("2026-11-17T00:00")) == [L2]
        assert case.levels(at("2026-11-17T00:01")) == []
        assert case.ladder.next_instant() is None

    def test_a_step_withdrawn_some_minutes_ahead_breaks_nothing(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        case.clocks.drop_all(at("2026-11-17T00:01"))

        assert case.levels(at("2026-11-16T23:59")) == []
        assert case.ladder.next_instant() is None

    def test_what_was_taken_back_holds_again_when_the_clock_is_reopened(self) -> None:
        case = Case("grid_works", "2026-01-05T09:00")
        case.ladder.settings = LadderSettings()
        case.levels(at("2026-02-15T00:00"))
        case.ladder.acknowledge("clock", L4)
        case.record("end", at("2026-02-24T09:00"), happened=at("2026-02-13T16:00"))
        assert len(case.ladder.done_in_time(at("2026-02-24T09:00"))) == 3

        case.record("again", at("2026-02-25T09:00"))

        assert case.levels(at("2026-02-25T09:00")) == []
        assert [one.level for one in case.ladder.repeats(at("2026-02-25T09:00"))] == [L4]
        assert case.ladder.colour(case.clock, at("2026-02-25T09:00")) is Colour.RED
        case.record("end", at("2026-02-26T09:00"), happened=at("2026-02-13T17:00"))
        assert len(case.ladder.done_in_time(at("2026-02-26T09:00"))) == 3

    def test_a_step_that_was_dropped_takes_nothing_back(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        case.levels(at("2026-11-17T00:00"))
        case.clocks.drop_all(at("2026-11-03T09:00"))

        assert case.ladder.done_in_time(at("2026-11-17T09:00")) == []


class TestMoved:
    def test_a_due_date_moved_in_time_moves_the_levels_with_it(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        case.clocks.move("clock", at("2026-11-27T17:00"), "chen", "路径审批", at("2026-11-05T09:00"))

        assert list(case.ladder.instants(case.clock).values()) == list(
            map(
                at,
                [
                    "2026-11-25T00:00",
                    "2026-11-25T00:00",
                    "2026-11-27T17:00",
                    "2026-12-02T00:00",
                    "2026-12-05T00:00",
                ],
            )
        )

    def moved(self, case: Case, due: str, when: str) -> None:
        case.clocks.move("clock", at(due), "chen", "路径审批", at(when))
        case.ladder.moved(at(when))

    def broken(self) -> Case:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        assert case.levels(at("2026-11-17T00:00")) == [L0, L1, L2]
        return case

    def test_a_due_date_that_is_put_off_is_climbed_to_anew(self) -> None:
        case = self.broken()
        self.moved(case, "2026-11-27T17:00", "2026-11-17T09:00")

        assert case.levels(at("2026-11-24T23:59")) == []
        assert [one.key for one in case.ladder.reached(at("2026-11-25T00:00"))] == ["clock/L0~1", "clock/L1~1"]
        assert case.levels(at("2026-11-27T16:59")) == []
        assert [one.key for one in case.ladder.reached(at("2026-11-27T17:00"))] == ["clock/L2~1", "clock/L3~1"]

    def test_a_due_date_that_is_put_off_again_is_climbed_to_again(self) -> None:
        case = self.broken()
        self.moved(case, "2026-11-27T17:00", "2026-11-17T09:00")
        case.levels(at("2026-11-27T17:00"))
        self.moved(case, "2026-12-18T17:00", "2026-11-30T09:00")

        keys = [one.key for one in case.ladder.reached(at("2026-12-18T17:00"))]

        assert keys == [f"clock/{level.name}~2" for level in (L0, L1, L2, L3)]

    def test_what_is_reached_by_the_new_due_date_too_stays_as_it_was_raised(self) -> None:
        case = Case("supply_plan_reply", "2026-11-02T09:00")
        assert case.levels(at("2026-11-13T00:00")) == [L0, L1]
        self.moved(case, "2026-11-18T00:00", "2026-11-16T09:00")

        assert set(case.ladder.said("clock")) == {L0, L1}
        assert [one.key for one in case.ladder.reached(at("2026-11-18T00:00"))] == ["clock/L2"]

    def test_the_order_stays_the_same_and_is_not_issued_twice(self) -> None:
        case = self.broken()
        before = case.ladder.numbered("clock", "督〔2026〕1号")
        self.moved(case, "2026-11-27T17:00", "2026-11-17T09:00")
        case.levels(at("2026-11-27T17:00"))

        assert case.ladder.orders() == (before,)

    def test_nothing_is_repeated_of_what_lies_ahead_again_and_what_was_acknowledged_repeats_when_it_is_reached(
        self,
    ) -> None:
        case = self.broken()
        case.ladder.settings = LadderSettings()
        case.ladder.acknowledge("clock", L2)
        self.moved(case, "2026-11-27T17:00", "2026-11-17T09:00")

        assert case.ladder.repeats(at("2026-11-24T23:59")) == []
        coming = case.ladder.next_instant()
        assert coming is not None
        assert (coming.at, coming.level) == (at("2026-11-25T00:00"), L0)
        case.levels(at("2026-11-25T00:00"))
        assert [one.key for one in case.ladder.repeats(at("2026-11-26T00:00"))] == ["clock/L1~1/1"]

    def test_it_is_known_from_run_to_run_and_where_the_clock_is_handed_over(self) -> None:
        case, called, later = self.broken(), self.broken(), self.broken()
        self.moved(case, "2026-11-27T17:00", "2026-11-17T09:00")
        self.moved(called, "2026-11-27T17:00", "2026-11-17T09:00")
        state = json.loads(json.dumps(case.ladder.hand_over("clock", "case/1")))

        called.ladder.take_over("clock", state)
        later.ladder.load(json.loads(json.dumps(case.ladder.dump())))
        later.clocks.load(json.loads(json.dumps(case.clocks.dump())))

        for other in (called, later):
            keys = [one.key for one in other.ladder.reached(at("2026-11-25T00:00"))]
            assert keys == ["clock/L0~1", "clock/L1~1"]
            assert other.ladder.dump()["moved"] == {"clock": 1}

    def test_a_new_calendar_that_puts_a_due_date_off_has_it_climbed_to_anew(self) -> None:
        case = Case("grid_works", "2026-11-23T09:00")
        assert case.levels(at("2026-12-26T00:00")) == [L0, L1]
        notice = Notice("2027年部分节假日安排的通知", "国办发明电〔2026〕9号", dt.date(2026, 12, 24), "https://x.cn")
        off = Holiday("临时放假", dt.date(2026, 12, 25), dt.date(2026, 12, 25), ())
        case.clocks.with_calendar(CALENDAR.with_table(YearTable(2027, (off,), (notice,))), at("2026-12-26T09:00"))
        case.ladder.moved(at("2026-12-26T09:00"))

        assert case.levels(at("2026-12-28T23:59")) == []
        assert [one.key for one in case.ladder.reached(at("2026-12-29T00:00"))] == ["clock/L0~1", "clock/L1~1"]

    def test_a_new_calendar_moves_the_one_timer(self) -> None:
        case = Case("grid_works", "2026-11-23T09:00")
        case.levels(at("2026-12-26T00:00"))
        notice = Notice("2027年部分节假日安排的通知", "国办发明电〔2026〕9号", dt.date(2026, 11, 26), "https://x.cn")
        new_year = Holiday("元旦", dt.date(2027, 1, 1), dt.date(2027, 1, 3), (dt.date(2026, 12, 27),))
        table = YearTable(2027, (new_year,), (notice,))

        case.clocks.with_calendar(CALENDAR.with_table(table), at("2026-11-27T09:00"))

        coming = case.ladder.next_instant()
        assert coming is not None
        assert (coming.at, coming.level) == (at("2027-01-05T00:00"), L2)

    def test_a_clock_without_limit_never_fires(self) -> None:
        case = Case("energization", "2026-11-02T09:00", voltage="35")

        assert case.ladder.next_instant() is None
        assert case.levels(at("2030-01-01T00:00")) == []
        assert case.ladder.colour(case.clock, at("2030-01-01T00:00")) is Colour.BLUE


class TestMilestones:
    def test_a_milestone_is_reminded_of_the_day_before_and_warned_of_when_missed(self) -> None:
        case = Case("grid_works", "2026-03-02T10:00", milestones=(TASK,))

        raised = case.ladder.reached(at("2026-03-04T00:00"))

        assert [(one.clock, one.level, one.at) for one in raised] == [
            ("clock.task", L0, at("2026-03-03T00:00")),
            ("clock.task", L1, at("2026-03-04T00:00")),
        ]

    def test_a_missed_milestone_never_climbs_beyond_its_warning(self) -> None:
        case = Case("grid_works", "2026-03-02T10:00", milestones=(TASK,))
        case.levels(at("2028-01-01T00:00"))

        assert case.ladder.levels_of("clock.task") == (L0, L1)


class TestRepeats:
    def warned(self) -> Case:
        case = Case("supply_plan_reply", "2026-10-09T09:00")
        case.ladder.settings = LadderSettings(repeat_most=2)
        assert case.levels(at("2026-10-20T00:00")) == [L0]
        assert case.levels(at("2026-10-21T00:00")) == [L1]
        return case

    def test_a_warning_that_nobody_acknowledges_is_repeated_each_working_day(self) -> None:
        case = self.warned()

        assert case.ladder.repeats(at("2026-10-21T23:59")) == []
        (again,) = case.ladder.repeats(at("2026-10-22T00:00"))

        assert (again.level, again.repeat, again.key) == (L1, 1, "clock/L1/1")
        assert case.ladder.repeats(at("2026-10-22T00:01")) == []

    def test_repeats_come_to_an_end(self) -> None:
        case = self.warned()

        repeats = [case.ladder.repeats(at(f"2026-10-{day}T00:00")) for day in (22, 23, 24, 27, 28, 29)]

        assert [[one.repeat for one in found] for found in repeats] == [[1], [2], [], [], [], []]

    def test_after_a_long_silence_a_warning_is_repeated_once(self) -> None:
        case = self.warned()

        assert [one.repeat for one in case.ladder.repeats(at("2026-12-01T09:00"))] == [1]
        assert case.ladder.repeats(at("2026-12-02T23:59")) == []
        assert [one.repeat for one in case.ladder.repeats(at("2026-12-03T00:00"))] == [2]

    def test_acknowledging_stops_the_repeats_and_not_the_clock(self) -> None:
        case = self.warned()

        assert case.ladder.acknowledge("clock", L1)
        assert not case.ladder.acknowledge("clock", L1)

        assert case.ladder.repeats(at("2026-10-22T00:00")) == []
        assert case.levels(at("2026-10-23T00:00")) == [L2]

    def test_an_answered_order_is_not_repeated(self) -> None:
        case = self.warned()
        assert case.levels(at("2026-10-23T00:00")) == [L2]

        case.ladder.answer("clock", "grid", at("2026-10-30T17:00"), "li", at("2026-10-23T09:00"))

        assert case.ladder.repeats(at("2026-10-24T00:00")) == []

    def test_a_repeat_has_its_turn_in_the_one_timer(self) -> None:
        coming = self.warned().ladder.next_instant()

        assert coming is not None
        assert (coming.at, coming.level, coming.repeat) == (at("2026-10-22T00:00"), L1, 1)

    def test_what_is_done_is_not_repeated(self) -> None:
        case = self.warned()
        case.record("end", at("2026-10-21T10:00"))

        assert case.ladder.repeats(at("2026-12-01T00:00")) == []


class TestWho:
    def test_each_escalation_names_its_posts_and_a_key_of_its_own(self) -> None:
        raised = Case("grid_works", "2026-01-05T09:00").ladder.reached(at("2026-02-15T00:00"))

        assert [one.key for one in raised] == ["clock/L0", "clock/L1", "clock/L2", "clock/L3", "clock/L4"]
        assert [len(one.to) for one in raised] == [1, 2, 4, 5, 7]
        assert raised[3].copied == (Post.AUDIT,)
        assert [one.colour for one in raised] == [Colour.BLUE, Colour.YELLOW, *[Colour.RED] * 3]
        json.dumps([one.to_json() for one in raised])

    def test_what_rests_on_a_year_without_notice_is_provisional_in_its_messages(self) -> None:
        raised = Case("grid_works", "2026-11-23T09:00").ladder.reached(at("2026-12-26T00:00"))

        assert all(one.provisional for one in raised)

    @pytest.mark.parametrize(
        ("colours", "stands"),
        [
            ("", "蓝"),
            ("黄", "黄"),
            ("黄黄", "黄"),
            ("黄黄黄", "红"),
            ("黄黄蓝黄", "黄"),
            ("黄黄黄蓝", "蓝"),
            ("红", "红"),
        ],
    )
    def test_the_third_yellow_in_a_row_is_red(self, colours: str, stands: str) -> None:
        assert standing_of(map(Colour, colours), LadderSettings().yellows) is Colour(stands)

    def test_a_case_is_as_its_worst_clock(self) -> None:
        case = Case("grid_works", "2026-03-02T10:00", milestones=(TASK,))

        assert case.ladder.colour_of_case(at("2026-03-03T10:00")) is Colour.BLUE
        assert case.ladder.colour_of_case(at("2026-03-04T00:00")) is Colour.YELLOW


LIMITS = ["supply_plan_reply", "survey", "grid_works", "energization", "late_contract", "acceptance"]
START = at("2026-01-05T09:00")
acts = st.lists(
    st.tuples(
        st.sampled_from(["poll", "end", "again", "begin", "issue", "answer", "move", "late end", "yellow", "carry"]),
        st.integers(1, 20 * 24 * 60),
        st.integers(0, 5 * 24 * 60),
    ),
    max_size=25,
)


def play(limit: str, story: list[tuple[str, int, int]], *, timer: bool) -> tuple[Case, list[Escalation]]:
    """A case lived through: acts at their minutes; with `timer` polled at every next instant, as the workflow does."""
    case = Case(limit, START.isoformat()[:16], milestones=(TASK,))
    now, raised = START, list[Escalation]()
    for act, wait, back in story:
        until = now + dt.timedelta(minutes=wait)
        while timer and (coming := case.ladder.next_instant()) and coming.at <= until:
            found = case.ladder.reached(max(coming.at, now))
            assert found, "the timer fired and nothing was raised"
            raised += found
        now = until
        happened = now - dt.timedelta(minutes=back)
        if act in ("end", "again", "begin", "issue"):
            case.record(act, now)
        elif act == "late end":
            case.record("end", now, happened)
        elif act == "answer" and (order := case.ladder.order("clock")) and not order.answer:
            case.ladder.answer("clock", "staff", now + MINUTE, "li", now)
        elif act == "move" and case.clock.running:
            case.clocks.move(case.clock.id, now + dt.timedelta(minutes=back + 1), "chen", "改期", now)
        elif act == "yellow":
            case.ladder.third_yellow("clock")
        elif act == "carry":
            state = json.loads(json.dumps([case.clocks.dump(), case.ladder.dump()]))
            case.clocks.load(state[0])
            case.ladder = Ladder(case.clocks, case.ladder.settings)
            case.ladder.load(state[1])
        if act != "poll" and not timer:
            continue
        raised += case.ladder.reached(now)
    return case, raised


@given(st.sampled_from(LIMITS), acts, st.booleans())
def test_levels_come_in_order_and_never_repeat(limit: str, story: list[tuple[str, int, int]], timer: bool) -> None:
    _, raised = play(limit, story, timer=timer)

    keys = [escalation.key for escalation in raised]
    assert len(keys) == len(set(keys))
    for name in {escalation.clock for escalation in raised}:
        levels = [escalation.level for escalation in raised if escalation.clock == name]
        assert all(lower < higher for lower, higher in pairwise(levels))


@given(st.sampled_from(LIMITS), acts)
def test_asking_again_raises_nothing(limit: str, story: list[tuple[str, int, int]]) -> None:
    case, _ = play(limit, story, timer=True)
    far = START + dt.timedelta(days=2000)
    case.ladder.reached(far)

    assert case.ladder.reached(far + dt.timedelta(days=1)) == []
    assert case.ladder.next_instant() is None


@given(st.sampled_from(LIMITS), st.integers(0, 120 * 24 * 60), st.integers(0, 40 * 24 * 60), st.booleans())
def test_a_clock_ended_before_an_instant_never_fires_at_it(
    limit: str, done_after: int, recorded_after: int, timer: bool
) -> None:
    ended = START + dt.timedelta(minutes=done_after)
    recorded = ended + dt.timedelta(minutes=recorded_after)
    case = Case(limit, START.isoformat()[:16])
    before = list[Escalation]()
    while timer and (coming := case.ladder.next_instant()) and coming.at < recorded:
        before += case.ladder.reached(coming.at)
    case.record("end", recorded, happened=ended)
    after = case.ladder.reached(recorded) + case.ladder.reached(recorded + dt.timedelta(days=500))

    assert all(escalation.at < ended for escalation in after)
    assert {one.key for one in before if one.at >= ended} == {one.key for one in case.ladder.done_in_time(recorded)}


@given(st.sampled_from(LIMITS), st.integers(0, 300 * 24 * 60), st.sampled_from(["24:00", "17:30"]))
def test_instants_stand_in_the_order_of_the_levels(limit: str, minutes: int, close: str) -> None:
    start = START + dt.timedelta(minutes=minutes)
    case = Case(limit, start.isoformat()[:16], close=close)

    instants = list(case.ladder.instants(case.clock).values())

    assert len(instants) == len(Level)
    assert instants == sorted(instants)
    assert instants[0] >= start


@given(acts)
def test_what_travels_on_goes_on_the_same(story: list[tuple[str, int, int]]) -> None:
    without = [(act if act != "carry" else "poll", wait, back) for act, wait, back in story]

    _, straight = play("supply_plan_reply", without, timer=True)
    _, carried = play("supply_plan_reply", [(act, wait, back) for act, wait, back in story], timer=True)

    assert carried == straight


@given(st.sampled_from(LIMITS), st.integers(0, 200 * 24 * 60), st.booleans())
def test_one_timer_is_enough_and_every_time_it_fires_something_is_to_be_said(
    limit: str, done_after: int, acknowledged: bool
) -> None:
    case = Case(limit, START.isoformat()[:16], milestones=(TASK,))
    case.ladder.settings = LadderSettings(repeat_most=3)
    last, said = START, list[str]()
    while (coming := case.ladder.next_instant()) and coming.at < START + dt.timedelta(minutes=done_after):
        assert coming.at >= last
        last = coming.at
        now = [*case.ladder.reached(coming.at), *case.ladder.repeats(coming.at)]
        assert (coming.clock, coming.level, coming.repeat) in [(one.clock, one.level, one.repeat) for one in now]
        said += [one.key for one in now]
        if acknowledged:
            case.ladder.acknowledge(coming.clock, coming.level)
    case.record("end", START + dt.timedelta(minutes=done_after))

    following = case.ladder.next_instant()
    assert following is None or following.clock == "clock.task"
    assert len(said) == len(set(said))
