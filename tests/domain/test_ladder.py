"""The ladder: every clock kept and broken at every level to the minute."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest

from domain.clock import Outcome
from domain.levels import Colour, LadderSettings, Level, standing_of
from domain.posts import Post
from tests.domain.ladder_case import L0, L1, L2, L3, L4, MINUTE, TASK, Case, at

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
