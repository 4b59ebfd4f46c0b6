"""Supervision orders: raised when a limit has passed, answered once, with cause, promise and words."""

from __future__ import annotations

import datetime as dt

import pytest

from domain.orders import Cause, OrderRefused
from tests.domain.ladder_case import CALENDAR, L0, L1, L2, L3, L4, Case, at


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
