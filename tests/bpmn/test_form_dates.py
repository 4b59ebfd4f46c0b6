"""Dates and times in forms, and the bounds that they keep to."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn.feel import Environment
from tests.bpmn.forming import NOON, faults, field, form, problems


class TestDateTime:
    @pytest.mark.parametrize(
        "value", ["2026-02-30", "2026-2-3", "20260203", "2026-03-05T08:00", "3月5日", 20260305, "٢٠٢٦-03-05"]
    )
    def test_a_date_must_exist(self, value: Any) -> None:
        assert problems({"type": "datetime", "subtype": "date"}, "2024-02-29") == []
        assert problems({"type": "datetime", "subtype": "date"}, value)[0].startswith("应为存在的日期")

    @pytest.mark.parametrize(("value", "ok"), [("08:30", True), ("23:59:59", True), ("24:00", False), ("8:30", False)])
    def test_a_time_must_exist(self, value: str, ok: bool) -> None:
        assert (problems({"type": "datetime", "subtype": "time"}, value) == []) is ok

    def test_a_date_with_time_must_exist(self) -> None:
        component = {"type": "datetime", "subtype": "datetime"}

        assert problems(component, "2026-03-05T08:30") == []
        assert problems(component, "2026-03-05T25:00")[0].startswith("应为存在的日期和时刻")

    @pytest.mark.parametrize(
        ("written", "good", "bad", "problem"),
        [
            ("utc_offset", "08:30+08:00", "08:30", "应写明时区，如08:30+08:00"),
            ("utc_normalized", "00:30Z", "08:30+08:00", "应为世界时，如00:30Z"),
            ("no_timezone", "08:30", "08:30Z", "不应带时区"),
        ],
    )
    def test_a_time_is_written_with_the_offset_that_the_form_asks_for(
        self, written: str, good: str, bad: str, problem: str
    ) -> None:
        component = {"type": "datetime", "subtype": "time", "timeSerializingFormat": written}

        assert problems(component, good) == []
        assert problems(component, bad) == [problem]

    @pytest.mark.parametrize(
        ("now", "value", "ok"),
        [
            ("2026-03-04T23:30:00+08:00", "2026-03-04", True),
            ("2026-03-04T16:30:00+00:00", "2026-03-04", False),
            ("2026-03-04T16:30:00+00:00", "2026-03-05", True),
        ],
    )
    def test_a_past_day_is_refused_by_the_day_in_china(self, now: str, value: str, ok: bool) -> None:
        env = Environment(dt.datetime.fromisoformat(now), ZoneInfo("Asia/Shanghai"))
        planned = form(field("datetime", "x", subtype="date", disallowPassedDates=True))

        assert faults(planned, {"x": value}, env=env) == ([] if ok else [("x", "不得早于今天")])

    def test_a_past_instant_is_refused_by_its_day(self) -> None:
        component = {
            "type": "datetime",
            "subtype": "datetime",
            "timeSerializingFormat": "utc_offset",
            "disallowPassedDates": True,
        }

        assert problems(component, "2026-03-04T16:30+00:00") == []
        assert problems(component, "2026-03-04T15:30+00:00") == ["不得早于今天"]


class TestBounds:
    DATE = form(
        field("datetime", "signed", subtype="date", properties={"notBefore": "=replied", "notBeforeLabel": "答复日期"})
    )

    def test_a_date_may_lie_on_its_bound_but_not_beyond(self) -> None:
        assert faults(self.DATE, {"signed": "2026-03-04"}, {"replied": "2026-03-04"}) == []
        assert faults(self.DATE, {"signed": "2026-03-03"}, {"replied": "2026-03-04"}) == [
            ("signed", "不得早于答复日期（2026-03-04）")
        ]

    @pytest.mark.parametrize("case", [{}, {"replied": None}, {"replied": ""}], ids=["absent", "null", "empty"])
    def test_what_the_case_does_not_hold_bounds_nothing(self, case: dict[str, Any]) -> None:
        assert faults(self.DATE, {"signed": "1999-01-04"}, case) == []

    @pytest.mark.parametrize("value", [5, "昨天", [], "2026-02-30"])
    def test_a_bound_that_is_no_date_is_said_to_be_none(self, value: Any) -> None:
        said = "不得早于答复日期：界限的公式没有得出日期，无法核对"

        assert faults(self.DATE, {"signed": "2026-03-04"}, {"replied": value}) == [("signed", said)]

    def test_a_bound_may_be_another_field_of_the_form(self) -> None:
        both = form(
            field("datetime", "begun", subtype="date"),
            field("datetime", "ended", subtype="date", properties={"notBefore": "=begun"}),
        )

        assert faults(both, {"begun": "2026-03-04", "ended": "2026-03-03"}, {"begun": "2026-03-01"}) == [
            ("ended", "不得早于2026-03-04")
        ]
        assert faults(both, {"ended": "2026-03-03"}) == []

    def test_today_is_the_day_of_the_engine_in_its_zone(self) -> None:
        component = {"type": "datetime", "subtype": "date", "properties": {"notAfter": "=today()"}}
        env = Environment(dt.datetime(2026, 3, 4, 16, 30, tzinfo=dt.UTC), NOON.zone)

        assert faults(form({"key": "x", **component}), {"x": "2026-03-05"}, env=env) == []
        assert problems(component, "2026-03-06") == ["不得晚于2026-03-05"]

    @pytest.mark.parametrize(
        ("entered", "said"),
        [
            ("2026-03-05T12:02+08:00", []),
            ("2026-03-05T04:02Z", []),
            ("2026-03-05T12:03+08:00", ["不得晚于此刻（2026-03-05 12:02）"]),
            ("2026-03-05T04:03Z", ["不得晚于此刻（2026-03-05 12:02）"]),
        ],
    )
    def test_instants_are_compared_wherever_they_were_written(self, entered: str, said: list[str]) -> None:
        bound = {"notAfter": '=now() + duration("PT2M")', "notAfterLabel": "此刻"}
        component = {
            "type": "datetime",
            "subtype": "datetime",
            "timeSerializingFormat": "utc_offset",
            "properties": bound,
        }

        assert problems(component, entered) == said

    @pytest.mark.parametrize(("subtype", "entered"), [("date", "2026-03-04"), ("datetime", "2026-03-04T09:00")])
    def test_a_date_and_an_instant_are_compared_by_their_days(self, subtype: str, entered: str) -> None:
        component = {"type": "datetime", "subtype": subtype, "properties": {"notBefore": "=a"}}

        assert problems(component, entered, a="2026-03-04" if subtype == "datetime" else "2026-03-03T23:00Z") == []
        assert len(problems(component, entered, a="2026-03-05" if subtype == "datetime" else "2026-03-04T23:00Z")) == 1

    @pytest.mark.parametrize("entered", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00"])
    def test_the_ends_of_time_are_compared_too(self, entered: str) -> None:
        component = {
            "type": "datetime",
            "subtype": "datetime",
            "timeSerializingFormat": "utc_offset",
            "properties": {"notBefore": "=now()", "notAfter": "=now()"},
        }

        assert len(problems(component, entered)) == 1

    @given(st.dates(), st.dates(), st.dates())
    def test_what_is_taken_lies_between_the_bounds(self, low: dt.date, value: dt.date, high: dt.date) -> None:
        component = {"type": "datetime", "subtype": "date", "properties": {"notBefore": "=a", "notAfter": "=b"}}

        taken = problems(component, value.isoformat(), a=low.isoformat(), b=high.isoformat()) == []
        assert taken == (low <= value <= high)

    @pytest.mark.parametrize(("again", "said"), [(True, "复验日期（2026-03-05）"), (False, "报验日期（2026-03-05）")])
    def test_what_a_bound_is_called_may_depend_on_the_case(self, again: bool, said: str) -> None:
        label = '=if again then "复验日期" else "报验日期"'
        bound = {"notBefore": "=today()", "notBeforeLabel": label}
        component = {"type": "datetime", "subtype": "date", "properties": bound}

        assert problems(component, "2026-03-04", again=again) == [f"不得早于{said}"]

    def test_a_bound_whose_name_fails_is_told_by_its_date(self) -> None:
        bound = {"notBefore": "=today()", "notBeforeLabel": "=absent"}

        assert problems({"type": "datetime", "subtype": "date", "properties": bound}, "2026-03-04") == [
            "不得早于2026-03-05"
        ]

    def test_a_bound_that_takes_too_long_is_a_fault_of_its_field(self) -> None:
        slow = field("datetime", "x", subtype="date", properties={"notAfter": "=count(for a in 1..100000 return a)"})
        env = Environment(NOON.now, NOON.zone, budget=1000)

        assert faults(form(slow), {"x": "2026-03-04"}, env=env) == [("x", "条件或公式的计算量超出限额，无法核对")]
