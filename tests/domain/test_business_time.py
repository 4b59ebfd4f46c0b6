"""Business time: how far from now it may lie, how it is spoken of, when a day is over."""

from __future__ import annotations

import pytest

from domain.business_time import EntryRule, close_of_business, instant, spoken
from tests.domain.clock_cases import (
    CALENDAR,
    at,
)


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


@pytest.mark.parametrize(
    "text", ["2026-03-05T10:30:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "tomorrow"]
)
def test_what_is_no_instant_in_china_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        instant(text)
