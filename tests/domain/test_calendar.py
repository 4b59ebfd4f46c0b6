"""Counting working days: official vectors, agreement with chinesecalendar, and what holds for every date."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import MAX_DAYS, DayKind, WorkingCalendar
from domain.calendars import Holiday, Notice, YearTable

CALENDAR = WorkingCalendar.shipped()
ANNOUNCED = (2023, 2024, 2025, 2026)

dates = st.dates(dt.date(2021, 1, 1), dt.date(2034, 12, 31))
counts = st.integers(-400, 400)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def days_of(year: int) -> Iterator[dt.date]:
    first = dt.date(year, 1, 1)
    return (first + dt.timedelta(n) for n in range((dt.date(year + 1, 1, 1) - first).days))


@pytest.mark.parametrize("year", ANNOUNCED)
def test_every_day_of_an_announced_year_agrees_with_chinesecalendar(year: int) -> None:
    differing = [d for d in days_of(year) if CALENDAR.is_workday(d) != chinese_calendar.is_workday(d)]

    assert differing == []


@pytest.mark.parametrize(("year", "total"), [(2023, 249), (2024, 251), (2025, 248), (2026, 248)])
def test_an_announced_year_has_its_official_number_of_working_days(year: int, total: int) -> None:
    assert sum(CALENDAR.is_workday(d) for d in days_of(year)) == total


@pytest.mark.parametrize(
    ("reply", "after_10", "after_20", "after_30"),
    [
        ("2024-01-22", "2024-02-04", "2024-02-22", "2024-03-07"),
        ("2024-09-02", "2024-09-14", "2024-09-30", "2024-10-18"),
        ("2026-01-05", "2026-01-19", "2026-02-02", "2026-02-14"),
        ("2026-02-13", "2026-03-05", "2026-03-19", "2026-04-02"),
        ("2026-09-19", "2026-10-09", "2026-10-22", "2026-11-05"),
    ],
)
def test_working_days_after_a_reply_are_those_of_the_official_calendar(
    reply: str, after_10: str, after_20: str, after_30: str
) -> None:
    due = [CALENDAR.add_workdays(day(reply), n) for n in (10, 20, 30)]

    assert [d.date.isoformat() for d in due] == [after_10, after_20, after_30]
    assert not any(d.provisional for d in due)


def test_a_period_that_reaches_a_year_without_notice_is_provisional_and_leaves_out_new_year() -> None:
    due = CALENDAR.add_workdays(day("2026-11-23"), 30)

    assert (due.date, due.provisional) == (day("2027-01-05"), True)


def test_a_period_within_announced_days_is_not_provisional() -> None:
    assert not CALENDAR.add_workdays(day("2026-11-23"), 22).provisional


def test_a_period_is_provisional_from_the_first_uncertain_day_on() -> None:
    assert not CALENDAR.add_workdays(day("2026-12-23"), 1).provisional
    assert CALENDAR.add_workdays(day("2026-12-24"), 1).provisional


@pytest.mark.parametrize(("text", "provisional"), [("2026-12-24", False), ("2026-12-25", True), ("2025-12-31", False)])
def test_the_last_week_of_december_waits_for_the_next_notice(text: str, provisional: bool) -> None:
    assert CALENDAR.day(day(text)).provisional is provisional


def test_a_notice_makes_its_year_and_the_december_before_certain() -> None:
    notice = Notice("关于2027年部分节假日安排的通知", "某号", day("2026-11-30"), "https://www.gov.cn/x")
    new_year = Holiday("元旦", day("2026-12-31"), day("2027-01-03"), (day("2026-12-27"),))
    calendar = CALENDAR.with_table(YearTable(2027, (new_year,), (notice,)))

    due = calendar.add_workdays(day("2026-12-24"), 6)

    assert due.date == day("2027-01-04")
    assert not due.provisional
    assert [d.date for d in due.make_up_days] == [day("2026-12-27")]
    assert [d.date for d in due.skipped][:2] == [day("2026-12-26"), day("2026-12-31")]


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("2026-02-14", DayKind.MAKE_UP, "春节调休上班"),
        ("2026-02-21", DayKind.HOLIDAY, "春节"),
        ("2026-03-07", DayKind.WEEKEND, "周末"),
        ("2026-03-09", DayKind.WORKDAY, "工作日"),
    ],
)
def test_a_day_says_what_it_is(text: str, kind: DayKind, reason: str) -> None:
    assert (CALENDAR.day(day(text)).kind, CALENDAR.day(day(text)).reason) == (kind, reason)


@pytest.mark.parametrize(
    ("text", "worked"),
    [
        ("2031-01-23", True),
        ("2031-01-01", False),
        ("2031-05-02", False),
        ("2031-10-03", False),
        ("2024-05-02", False),
        ("2019-05-02", True),
    ],
)
def test_a_year_without_any_table_leaves_out_only_the_statutory_days_of_fixed_date(text: str, worked: bool) -> None:
    assert CALENDAR.day(day(text)).is_workday is worked


@pytest.mark.parametrize(
    ("start", "due"), [("2026-03-04", "2026-03-04"), ("2026-03-07", "2026-03-09"), ("2026-02-14", "2026-02-14")]
)
def test_no_working_days_after_a_day_is_that_day_or_the_next_working_day(start: str, due: str) -> None:
    assert CALENDAR.add_workdays(day(start), 0).date == day(due)


def test_a_negative_count_goes_back_without_the_starting_day() -> None:
    assert CALENDAR.add_workdays(day("2026-10-09"), -3).date == day("2026-09-29")


def test_working_days_between_count_the_end_but_not_the_start() -> None:
    assert CALENDAR.workdays_between(day("2026-03-06"), day("2026-03-10")) == 2
    assert CALENDAR.workdays_between(day("2026-03-10"), day("2026-03-06")) == -2
    assert CALENDAR.workdays_between(day("2026-03-06"), day("2026-03-06")) == 0


@pytest.mark.parametrize("count", [MAX_DAYS + 1, -MAX_DAYS - 1, 1.0, True])
def test_a_count_that_is_no_sensible_whole_number_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="whole number of days"):
        CALENDAR.add_workdays(day("2026-03-04"), count)


def test_an_instant_is_refused_where_a_day_is_meant() -> None:
    with pytest.raises(ValueError, match="shanghai_date"):
        CALENDAR.add_workdays(dt.datetime(2026, 3, 4, tzinfo=dt.UTC), 1)


def test_a_period_too_long_to_be_meant_is_refused() -> None:
    with pytest.raises(ValueError, match="not counted"):
        CALENDAR.workdays_between(dt.date(1, 1, 1), dt.date(9999, 12, 31))


class TestCalendarDays:
    def test_a_week_that_would_end_in_a_holiday_ends_on_the_next_working_day(self) -> None:
        due = CALENDAR.add_calendar_days(day("2026-09-28"), 7, roll_over=True)

        assert (due.date, due.rolled_from) == (day("2026-10-08"), day("2026-10-05"))

    def test_without_roll_over_it_ends_where_it_falls_and_is_certain(self) -> None:
        due = CALENDAR.add_calendar_days(day("2026-12-28"), 7, roll_over=False)

        assert (due.date, due.rolled_from, due.provisional) == (day("2027-01-04"), None, False)

    def test_the_end_may_roll_over_to_a_make_up_day(self) -> None:
        assert CALENDAR.add_calendar_days(day("2026-01-27"), 18, roll_over=True).date == day("2026-02-14")

    def test_a_time_of_notice_is_never_cut_short(self) -> None:
        assert CALENDAR.add_calendar_days(day("2026-10-13"), -10, roll_over=True).date == day("2026-09-30")

    def test_an_end_that_is_moved_to_an_uncertain_day_is_provisional(self) -> None:
        due = WorkingCalendar({2023: CALENDAR.tables[2023]}).add_calendar_days(day("2023-12-20"), 3, roll_over=True)

        assert (due.date, due.provisional) == (day("2023-12-25"), True)
        assert [d.date for d in due.skipped] == [day("2023-12-23"), day("2023-12-24")]

    def test_a_rolled_end_in_a_year_without_notice_is_provisional(self) -> None:
        assert CALENDAR.add_calendar_days(day("2026-12-28"), 7, roll_over=True).provisional


class TestExplanation:
    def test_names_the_holidays_and_weekends_that_did_not_count(self) -> None:
        due = CALENDAR.add_workdays(day("2026-09-28"), 5)

        assert {d.reason: d.date.day for d in due.skipped} == {"国庆节": 7}
        assert due.sentences()[:3] == (
            "自2026年9月28日起算（当日不计）第5个工作日为2026年10月10日。",
            "不计入的日子：国庆节10月1日至7日；共7天。",
            "计为工作日的周末：10月10日（国庆节调休上班）。",
        )

    def test_names_the_notices_it_rests_on(self) -> None:
        text = "".join(CALENDAR.add_workdays(day("2025-12-29"), 5).sentences())

        assert "国办发明电〔2024〕12号，2024年11月12日" in text
        assert "国办发明电〔2025〕7号，2025年11月4日" in text
        assert "暂定" not in text

    def test_says_that_a_year_has_no_notice(self) -> None:
        text = "".join(CALENDAR.add_workdays(day("2026-11-23"), 30).sentences())

        assert "暂定：2027年的放假安排尚无国务院通知" in text
        assert "元旦2027年1月1日" in text

    def test_says_that_lunar_holidays_are_unknown_where_there_is_no_table(self) -> None:
        assert "农历节日未计" in "".join(CALENDAR.add_workdays(day("2031-01-20"), 5).sentences())

    def test_says_that_late_december_may_change(self) -> None:
        assert "12月25日以后的上班安排可能随2027年" in "".join(CALENDAR.add_workdays(day("2026-12-20"), 6).sentences())

    def test_says_why_the_end_was_moved(self) -> None:
        sentences = CALENDAR.add_calendar_days(day("2026-09-28"), 7, roll_over=True).sentences()

        assert sentences[:2] == (
            "自2026年9月28日起算（当日不计）第7日为2026年10月5日。",
            "该日为休息日（国庆节），顺延至其后第一个工作日2026年10月8日。",
        )

    def test_of_zero_days_names_the_day_itself(self) -> None:
        assert CALENDAR.add_workdays(day("2026-03-07"), 0).sentences()[:2] == (
            "期限为2026年3月7日当日。",
            "该日为休息日（周末），顺延至其后第一个工作日2026年3月9日。",
        )

    def test_of_a_count_backwards_says_before(self) -> None:
        assert CALENDAR.add_workdays(day("2026-03-11"), -2).sentences()[0] == (
            "2026年3月11日之前（当日不计）第2个工作日为2026年3月9日。"
        )

    @given(dates, counts.filter(bool))
    def test_accounts_for_every_day_on_the_way(self, start: dt.date, count: int) -> None:
        due = CALENDAR.add_workdays(start, count)

        assert abs((due.date - start).days) == abs(count) + len(due.skipped)

    @given(dates, counts)
    def test_is_provisional_exactly_when_it_gives_a_cause(self, start: dt.date, count: int) -> None:
        due = CALENDAR.add_workdays(start, count)

        assert due.provisional is any(sentence.startswith("暂定") for sentence in due.sentences())


@given(dates, counts.filter(bool))
def test_counting_back_what_was_added_gives_the_count(start: dt.date, count: int) -> None:
    assert CALENDAR.workdays_between(start, CALENDAR.add_workdays(start, count).date) == count


@given(dates, counts)
def test_a_due_day_is_always_a_working_day(start: dt.date, count: int) -> None:
    assert CALENDAR.is_workday(CALENDAR.add_workdays(start, count).date)


@given(dates, counts, st.integers(1, 40))
def test_more_days_are_later(start: dt.date, count: int, more: int) -> None:
    assert CALENDAR.add_workdays(start, count).date <= CALENDAR.add_workdays(start, count + more).date


@given(dates, counts, st.integers(1, 40))
def test_a_later_start_is_never_due_earlier(start: dt.date, count: int, later: int) -> None:
    moved = start + dt.timedelta(later)

    assert CALENDAR.add_workdays(start, count).date <= CALENDAR.add_workdays(moved, count).date


@given(dates, dates)
def test_days_between_are_those_that_one_can_count(start: dt.date, end: dt.date) -> None:
    first, last = min(start, end), max(start, end)
    steps = range(1, (last - first).days + 1) if start <= end else range((last - first).days)
    counted = sum(CALENDAR.is_workday(first + dt.timedelta(n)) for n in steps)

    assert abs(CALENDAR.workdays_between(start, end)) == counted


@given(dates, st.integers(-60, 60))
def test_a_rolled_over_end_is_the_nearest_working_day_in_its_direction(start: dt.date, count: int) -> None:
    plain = CALENDAR.add_calendar_days(start, count, roll_over=False).date
    rolled = CALENDAR.add_calendar_days(start, count, roll_over=True).date
    passed = (plain + dt.timedelta(n) for n in range(0, (rolled - plain).days, 1 if count >= 0 else -1))

    assert CALENDAR.is_workday(rolled)
    assert not any(CALENDAR.is_workday(d) for d in passed)
    assert rolled >= plain if count >= 0 else rolled <= plain


class TestJson:
    def test_a_calendar_comes_back_as_it_was(self) -> None:
        assert WorkingCalendar.from_json(json.loads(json.dumps(CALENDAR.to_json()))) == CALENDAR

    def test_a_calendar_is_small_enough_to_travel_with_every_case(self) -> None:
        assert len(json.dumps(CALENDAR.to_json(), ensure_ascii=False).encode()) < 4096

    @given(dates, counts)
    def test_what_came_back_counts_the_same(self, start: dt.date, count: int) -> None:
        copy = WorkingCalendar.from_json(CALENDAR.to_json())

        assert copy.add_workdays(start, count) == CALENDAR.add_workdays(start, count)


def test_thirty_working_days_are_counted_in_microseconds() -> None:
    start, rounds = day("2026-11-23"), 2000
    CALENDAR.add_workdays(start, 30)

    began = time.process_time()
    for _ in range(rounds):
        CALENDAR.add_workdays(start, 30)

    assert (time.process_time() - began) / rounds < 50e-6
