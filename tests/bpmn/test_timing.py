"""Durations by the calendar: what lies how long after what."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bpmn import timing
from bpmn.options import SHANGHAI

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-01-31T09:00:00", "P1M", "2026-02-28T09:00:00"),
        ("2028-01-31T09:00:00", "P1M", "2028-02-29T09:00:00"),
        ("2028-02-29T09:00:00", "P1Y", "2029-02-28T09:00:00"),
        ("2026-11-30T09:00:00", "P3M", "2027-02-28T09:00:00"),
        ("2026-03-31T09:00:00", "-P1M", "2026-02-28T09:00:00"),
        ("2026-01-31T09:00:00", "P1M1D", "2026-03-01T09:00:00"),
        ("2026-01-01T00:00:00", "PT0.5S", "2026-01-01T00:00:00.500000"),
        ("2026-01-01T00:00:00", "-P1DT1H", "2025-12-30T23:00:00"),
    ],
)
def test_durations_count_months_and_days_by_the_calendar(start: str, duration: str, end: str) -> None:
    begin = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)

    assert timing.following(begin, duration, SHANGHAI) == datetime.fromisoformat(end).replace(tzinfo=SHANGHAI)


def test_a_day_keeps_the_wall_clock_and_hours_keep_the_elapsed_time_where_the_zone_changes() -> None:
    before = datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)

    assert timing.following(before, "P1D", NEW_YORK) == datetime(2026, 3, 8, 12, tzinfo=NEW_YORK)
    assert timing.following(before, "PT24H", NEW_YORK).isoformat() == "2026-03-08T13:00:00-04:00"


def test_the_machine_that_asks_in_another_zone_gets_the_same_instant() -> None:
    start = datetime(2026, 1, 31, 9, tzinfo=SHANGHAI)

    assert timing.following(start.astimezone(ZoneInfo("UTC")), "P1M", SHANGHAI) == timing.following(
        start, "P1M", SHANGHAI
    )
