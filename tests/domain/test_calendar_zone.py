"""Days are those of China, whatever zone the machine is set to."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from domain.calendar import WorkingCalendar, end_of_day, shanghai_date
from domain.feel import feel_functions

SHANGHAI = ZoneInfo("Asia/Shanghai")
AFTER = feel_functions(WorkingCalendar.shipped())["working days after"]


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati"], autouse=True)
def machine_zone(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-09-30T23:30:00+08:00", "2026-09-30"),
        ("2026-10-01T00:30:00+08:00", "2026-10-01"),
        ("2026-09-30T15:59:59+00:00", "2026-09-30"),
        ("2026-09-30T16:00:00+00:00", "2026-10-01"),
        ("2026-12-31T16:30:00+00:00", "2027-01-01"),
    ],
)
def test_the_day_of_an_instant_is_that_of_shanghai(instant: str, day: str) -> None:
    assert shanghai_date(dt.datetime.fromisoformat(instant)).isoformat() == day


def test_the_day_of_an_instant_without_offset_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="no offset"):
        shanghai_date(dt.datetime.fromisoformat("2026-10-01T00:30"))


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    end = end_of_day(dt.date(2026, 9, 30))

    assert end == dt.datetime(2026, 9, 30, 16, tzinfo=dt.UTC)
    assert end.utcoffset() == dt.timedelta(hours=8)
    assert shanghai_date(end - dt.timedelta(microseconds=1)) == dt.date(2026, 9, 30)


def test_half_an_hour_around_midnight_is_a_day_apart() -> None:
    late = dt.datetime(2026, 9, 29, 23, 30, tzinfo=SHANGHAI)
    early = dt.datetime(2026, 9, 30, 0, 30, tzinfo=SHANGHAI)

    assert AFTER(late, 1) == dt.date(2026, 9, 30)
    assert AFTER(early, 1) == dt.date(2026, 10, 8)
    assert AFTER(late.astimezone(dt.UTC), 1) == AFTER(late, 1)
    assert AFTER(early.astimezone(dt.UTC).isoformat(), 1) == AFTER(early, 1)
