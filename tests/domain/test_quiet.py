"""Messages wait at night and on days off for the next working morning, post by post."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.business_time import close_of_business, closing
from domain.calendar import WorkingCalendar, shanghai_date
from domain.chinese import BUSINESS_ZONE
from domain.fields import MissingFields
from domain.posts import Post, PostTable
from domain.quiet import QuietHours, QuietTable, quiet_from, send_at

CALENDAR = WorkingCalendar.shipped()
QUIET = QuietHours()


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        pytest.param("2026-11-24T10:00", "2026-11-24T10:00", id="in working hours at once"),
        pytest.param("2026-11-24T08:00", "2026-11-24T08:00", id="from the morning on at once"),
        pytest.param("2026-11-24T07:59", "2026-11-24T08:00", id="before it the same morning"),
        pytest.param("2026-11-24T19:59", "2026-11-24T19:59", id="up to the evening at once"),
        pytest.param("2026-11-24T20:00", "2026-11-25T08:00", id="at night the next morning"),
        pytest.param("2026-11-25T00:00", "2026-11-25T08:00", id="at midnight the same morning"),
        pytest.param("2026-11-27T21:00", "2026-11-30T08:00", id="Friday night on Monday"),
        pytest.param("2026-09-30T22:00", "2026-10-08T08:00", id="before 国庆 after it"),
        pytest.param("2026-10-03T10:00", "2026-10-08T08:00", id="in 国庆 after it"),
        pytest.param("2026-02-16T10:00", "2026-02-24T08:00", id="in 春节 after it"),
        pytest.param("2026-10-10T10:00", "2026-10-10T10:00", id="on a make-up Saturday at once"),
        pytest.param("2026-02-13T23:00", "2026-02-14T08:00", id="the night before a make-up Saturday on it"),
        pytest.param("2026-12-31T21:00", "2027-01-04T08:00", id="over a New Year without notice"),
    ],
)
def test_a_message_goes_out_at_once_or_on_the_next_working_morning(now: str, sent: str) -> None:
    assert send_at(at(now), CALENDAR, QUIET) == at(sent)


def test_a_message_that_may_go_out_now_may_until_the_evening() -> None:
    assert quiet_from(at("2026-11-24T10:00"), QUIET) == at("2026-11-24T20:00")
    assert quiet_from(at("2026-11-24T10:00"), None) is None


def test_a_post_without_quiet_hours_is_written_to_at_any_time() -> None:
    table = QuietTable(posts={Post.SERVICE_CENTRE: None})

    assert send_at(at("2026-10-03T03:00"), CALENDAR, table.of(Post.SERVICE_CENTRE)) == at("2026-10-03T03:00")
    assert send_at(at("2026-10-03T03:00"), CALENDAR, table.of(Post.OFFICER)) == at("2026-10-08T08:00")


def test_with_days_off_allowed_only_the_night_is_quiet() -> None:
    nights = QuietHours(evening="22:00", morning="07:30", days_off=False)

    assert send_at(at("2026-10-03T10:00"), CALENDAR, nights) == at("2026-10-03T10:00")
    assert send_at(at("2026-10-03T22:00"), CALENDAR, nights) == at("2026-10-04T07:30")


def test_an_instant_of_another_zone_is_judged_by_the_time_in_china() -> None:
    evening_in_utc = dt.datetime(2026, 11, 24, 13, 0, tzinfo=dt.UTC)

    assert send_at(evening_in_utc, CALENDAR, QUIET) == at("2026-11-25T08:00")


@pytest.mark.parametrize("morning", ["20:00", "08:00"])
def test_a_morning_that_is_not_before_the_evening_is_refused(morning: str) -> None:
    with pytest.raises(ValueError, match="not before the evening"):
        QuietHours(evening="08:00", morning=morning)


def test_a_table_of_posts_says_who_is_written_to_when() -> None:
    rows = [{"post": "audit", "evening": "18:00", "morning": "09:00"}, {"post": "leader", "atAnyTime": True}]
    posts = PostTable.from_json({"rows": [{"post": "leader", "account": "li"}], "quiet": rows})

    table = QuietTable.of_rows(PostTable.from_json(json.loads(json.dumps(posts.to_json()))).quiet)

    assert table == QuietTable(QuietHours(), {Post.AUDIT: QuietHours("18:00", "09:00"), Post.LEADER: None})


def test_a_table_of_posts_without_a_word_on_it_has_ordinary_quiet_hours_but_for_the_service_centre() -> None:
    silent = PostTable.from_json({"rows": [{"post": "leader", "account": "li"}]})

    for posts in (silent, PostTable.shipped()):
        assert QuietTable.of_rows(posts.quiet) == QuietTable(QuietHours(), {Post.SERVICE_CENTRE: None})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"evening": "25:00"}, "免扰时段第1行·晚间自（quiet[1].evening）应为时刻，如 20:00"),
        ({"morning": "21:00"}, "免扰时段第1行·至次日（quiet[1].morning）21:00 应早于 20:00"),
        ({"post": "guard"}, "免扰时段第1行·岗位"),
    ],
)
def test_a_bad_row_is_refused_in_words(row: dict[str, str], said: str) -> None:
    with pytest.raises(MissingFields) as caught:
        PostTable.from_json({"rows": [{"post": "leader", "account": "li"}], "quiet": [row]})

    assert [str(problem).startswith(said) for problem in caught.value.problems] == [True]


def test_two_rows_for_one_post_are_refused() -> None:
    with pytest.raises(MissingFields, match=r"免扰时段第2行·岗位（quiet\[2\].post）与第1行是同一岗位"):
        PostTable.from_json({"rows": [{"post": "leader", "account": "li"}], "quiet": [{}, {}]})


@given(st.integers(0, 5 * 365 * 24 * 60), st.booleans())
def test_what_waits_goes_out_at_the_first_moment_that_is_not_quiet(minute: int, days_off: bool) -> None:
    now = at("2024-01-01T00:00") + dt.timedelta(minutes=minute)
    quiet = QuietHours(days_off=days_off)

    sent = send_at(now, CALENDAR, quiet)

    assert sent >= now
    assert send_at(sent, CALENDAR, quiet) == sent
    if sent > now:
        assert sent == closing(shanghai_date(sent), close_of_business(quiet.morning))
        between = now
        while between < sent:
            assert send_at(between, CALENDAR, quiet) == sent
            between += dt.timedelta(hours=1)
