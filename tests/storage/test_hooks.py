"""A hook is told by one process at a time, in order, and what becomes of it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from storage.database import Database
from storage.hooks import (
    Hook,
    Lease,
    Outcome,
    add_hook,
    deliveries,
    give_back,
    hook,
    keep_outcome,
    lease_hooks,
    move_on,
    prune_deliveries,
    remove_hook,
    renew,
    resume_hook,
)

MINUTE = timedelta(minutes=1)
EVENT = (7, "task.opened", "YK-1")


@pytest.fixture
def kept(database: Database, now: datetime) -> Hook:
    """A hook that has been told up to 3."""
    made = new("a", now)
    with database.transaction() as session:
        add_hook(session, made)
    return made


def new(hook_id: str, now: datetime, **fields: Any) -> Hook:
    empty = dict.fromkeys(("failing_since", "next_attempt_at", "paused_at", "last_status", "last_at", "leased_until"))
    values = {"kinds": [], "case_no": "", "county": "", "position": 3, "missed": 0, "failures": 0}
    texts = {"url": "https://erp", "secret": "whsec_", "created_by": "ops", "last_problem": "", "leased_by": ""}
    return Hook(hook_id=hook_id, created_at=now, **{**empty, **values, **texts, **fields})


def leased(database: Database, holder: str, now: datetime, last: int = 9) -> list[str]:
    with database.transaction() as session:
        found = lease_hooks(session, Lease(holder, now + MINUTE), last, now, 10)
    return [one.hook_id for one in found]


def tried(database: Database, told: Hook, holder: str, outcome: Outcome, paused: bool = False) -> bool:
    again = None if outcome.good or paused else outcome.at + MINUTE
    with database.transaction() as session:
        return keep_outcome(session, told, holder, EVENT, outcome, again, paused)


def read(database: Database) -> Hook:
    with database.session() as session:
        found = hook(session, "a")
    assert found
    return found


def test_a_hook_that_one_process_holds_is_left_to_it_until_its_time_is_over(
    database: Database, kept: Hook, now: datetime
) -> None:
    assert leased(database, "p1", now) == ["a"]
    assert leased(database, "p2", now) == []
    assert leased(database, "p2", now + MINUTE) == ["a"]


def test_a_hook_that_is_given_back_is_free_at_once(database: Database, kept: Hook, now: datetime) -> None:
    leased(database, "p1", now)
    with database.transaction() as session:
        give_back(session, "a", "p1")

    assert leased(database, "p2", now) == ["a"]


def test_a_hook_that_has_been_told_everything_is_not_taken_up(database: Database, kept: Hook, now: datetime) -> None:
    assert leased(database, "p1", now, last=3) == []


def test_who_has_lost_a_hook_writes_nothing_of_it(database: Database, kept: Hook, now: datetime) -> None:
    leased(database, "p1", now)
    leased(database, "p2", now + MINUTE)

    assert not tried(database, kept, "p1", Outcome(now, 200, ""))
    with database.transaction() as session:
        assert not renew(session, "a", Lease("p1", now + 9 * MINUTE))
        assert not move_on(session, "a", "p1", 9)
        give_back(session, "a", "p1")
        assert not deliveries(session, "a")
    assert (read(database).position, read(database).leased_by) == (3, "p2")


def test_after_a_success_the_hook_has_moved_on(database: Database, kept: Hook, now: datetime) -> None:
    leased(database, "p1", now)

    assert tried(database, kept, "p1", Outcome(now, 204, ""))

    after = read(database)
    assert (after.position, after.failures, after.last_status, after.next_attempt_at) == (7, 0, 204, None)
    with database.session() as session:
        (told,) = deliveries(session, "a")
    assert (told.position, told.kind, told.case_no, told.attempts, told.delivered_at) == (*EVENT, 1, now)


def test_after_a_failure_it_rests_where_it_was_and_the_attempts_are_counted(
    database: Database, kept: Hook, now: datetime
) -> None:
    leased(database, "p1", now)
    tried(database, kept, "p1", Outcome(now, 500, "对方答复 500"))
    with database.transaction() as session:
        give_back(session, "a", "p1")
    assert leased(database, "p1", now + MINUTE / 2) == []
    assert leased(database, "p1", now + MINUTE) == ["a"]
    tried(database, read(database), "p1", Outcome(now + MINUTE, None, "无法送达"))

    after = read(database)
    assert (after.position, after.failures, after.failing_since) == (3, 2, now)
    with database.session() as session:
        (told,) = deliveries(session, "a")
    assert (told.attempts, told.first_at, told.last_at, told.delivered_at) == (2, now, now + MINUTE, None)
    assert (told.last_status, told.last_problem, told.next_attempt_at) == (None, "无法送达", now + 2 * MINUTE)


def test_a_paused_hook_waits_for_somebody_to_resume_it(database: Database, kept: Hook, now: datetime) -> None:
    leased(database, "p1", now)
    tried(database, kept, "p1", Outcome(now, 410, "对方答复 410"), paused=True)
    assert leased(database, "p1", now + 9 * MINUTE) == []

    with database.transaction() as session:
        resume_hook(session, "a")

    assert leased(database, "p1", now + 9 * MINUTE) == ["a"]
    assert (read(database).position, read(database).failures) == (3, 0)


def test_a_hook_that_is_removed_leaves_nothing(database: Database, kept: Hook, now: datetime) -> None:
    leased(database, "p1", now)
    tried(database, kept, "p1", Outcome(now, 500, "x"))

    with database.transaction() as session:
        remove_hook(session, "a")

    with database.session() as session:
        assert hook(session, "a") is None
        assert not deliveries(session, "a")
    assert not tried(database, kept, "p1", Outcome(now, 200, ""))


def test_what_was_told_long_ago_is_deleted_and_what_fails_stays(database: Database, kept: Hook, now: datetime) -> None:
    leased(database, "p1", now)
    tried(database, kept, "p1", Outcome(now, 500, "x"))
    with database.transaction() as session:
        prune_deliveries(session, now + MINUTE)
        assert deliveries(session, "a")
    tried(database, kept, "p1", Outcome(now, 200, ""))
    with database.transaction() as session:
        prune_deliveries(session, now + MINUTE)
        assert not deliveries(session, "a")


def test_a_hook_wants_its_kinds_its_case_and_its_county(now: datetime) -> None:
    narrow = new("b", now, kinds=["task.opened"], case_no="YK-1", county="桥西区")

    assert narrow.wants("task.opened", "YK-1", "桥西区")
    assert not narrow.wants("task.closed", "YK-1", "桥西区")
    assert not narrow.wants("task.opened", "YK-2", "桥西区")
    assert not narrow.wants("task.opened", "YK-1", "")
    assert new("c", now).wants("task.opened", "YK-2", "")
