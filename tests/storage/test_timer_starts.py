"""Timer start events go on from where they stand until their diagram says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.timed_starts import TimedStart
from storage.database import Database
from storage.timer_starts import Planned, due_starts, go_on, is_due, plan_starts, timer_starts

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HOURLY = TimedStart("p", "begin", 0, NOON.isoformat(), "PT1H", -1)
ONCE = TimedStart("q", "begin", 0, (NOON + timedelta(hours=1)).isoformat())


def planned(database: Database, *starts: TimedStart, timer: str = "cycle R/PT1H") -> None:
    with database.transaction() as session:
        plan_starts(session, [Planned(one, timer) for one in starts])


def due(database: Database, until: datetime = NOON + timedelta(days=1)) -> list[TimedStart]:
    with database.session() as session:
        return due_starts(session, until)


def begun(database: Database, start: TimedStart, following: TimedStart | None) -> None:
    with database.transaction() as session:
        go_on(session, start, following)


def test_what_is_due_by_an_instant_comes_earliest_first(database: Database) -> None:
    planned(database, ONCE, HOURLY)

    assert due(database) == [HOURLY, ONCE]
    assert due(database, NOON) == [HOURLY]
    assert due(database, NOON - timedelta(seconds=1)) == []


def test_the_same_timer_deployed_again_goes_on_from_where_it_stands(database: Database) -> None:
    planned(database, HOURLY)
    later = replace(HOURLY, due=(NOON + timedelta(hours=1)).isoformat())
    begun(database, HOURLY, later)

    planned(database, replace(HOURLY, due=(NOON + timedelta(minutes=7)).isoformat()))

    assert due(database) == [later]


def test_one_that_is_over_does_not_begin_again_with_the_next_deployment(database: Database) -> None:
    planned(database, ONCE)
    begun(database, ONCE, None)

    planned(database, ONCE)

    assert due(database) == []


def test_what_was_due_by_another_timer_does_not_say_when_this_one_is_due_next(database: Database) -> None:
    planned(database, HOURLY)
    weekly = replace(HOURLY, interval="P7D")

    planned(database, weekly, timer="cycle R/P7D")
    begun(database, HOURLY, replace(HOURLY, due=(NOON + timedelta(hours=1)).isoformat()))

    with database.transaction() as session:
        assert (is_due(session, HOURLY), is_due(session, weekly)) == (False, True)
    assert due(database) == [weekly]


def test_another_timer_at_the_same_event_begins_anew(database: Database) -> None:
    planned(database, HOURLY)
    begun(database, HOURLY, None)
    changed = replace(HOURLY, due=(NOON + timedelta(minutes=30)).isoformat(), interval="PT30M")

    planned(database, changed, timer="cycle R/PT30M")

    assert due(database) == [changed]


def test_what_is_not_planned_any_more_is_gone(database: Database) -> None:
    planned(database, HOURLY, ONCE)

    planned(database, HOURLY)

    with database.session() as session:
        assert [one.process for one in timer_starts(session)] == ["p"]
        assert not is_due(session, ONCE)


def test_a_time_counts_once(database: Database) -> None:
    planned(database, HOURLY)
    later = replace(HOURLY, due=(NOON + timedelta(hours=1)).isoformat())
    begun(database, HOURLY, later)

    begun(database, HOURLY, None)

    assert due(database) == [later]
