"""Messages that begin one case together: each is used once, whichever comes last, however close they come."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import permutations
from threading import Barrier

import pytest

from storage.bundles import Meeting, current_bundle, deploy_bundle, meeting_of, message_starts
from storage.database import Database
from storage.journal import record_batch
from storage.meetings import Arrival, Met, MetState, meet
from storage.messages import MessageIdTaken, has_begun, waiting_messages
from tests.storage.journals import batch, case_record, subscribed

HOUR = timedelta(hours=1)
ALL = Meeting("S", ("M", "N", "O"), needs_all=True)
FIRST = Meeting("G", ("M", "N"), needs_all=False)


def come(
    database: Database,
    now: datetime,
    message_id: str,
    name: str,
    meeting: Meeting = ALL,
    key: str = "7",
    ttl: timedelta = HOUR,
) -> Met:
    arrival = Arrival(message_id, name, key, {"by": message_id}, ttl, now)
    with database.transaction() as session:
        return meet(session, arrival, meeting, lambda number: f"message/p/{number}")


def brought(met: Met) -> list[str]:
    return [message.message_id for message in met.messages]


# -- all are needed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations("MNO")), ids="".join)
def test_a_case_begins_with_the_last_of_them_whichever_that_is(
    database: Database, now: datetime, order: Iterable[str]
) -> None:
    *before, last = order
    waiting = [come(database, now, name.lower(), name) for name in before]
    begun = come(database, now, last.lower(), last)

    assert [one.state for one in waiting] == [MetState.WAITS, MetState.WAITS]
    assert (begun.state, begun.workflow_id, brought(begun)) == (MetState.BEGINS, "message/p/7", ["m", "n", "o"])


def test_what_waits_is_told_and_what_has_begun_a_case_does_not_wait_any_more(database: Database, now: datetime) -> None:
    come(database, now, "m", "M")
    with database.session() as session:
        assert [one.message_id for one in waiting_messages(session, now)] == ["m"]
    come(database, now, "n", "N")
    come(database, now, "o", "O")

    with database.session() as session:
        assert waiting_messages(session, now) == []
        assert has_begun(session, "m")


def test_messages_of_another_key_do_not_meet(database: Database, now: datetime) -> None:
    come(database, now, "m", "M")
    come(database, now, "n", "N")

    assert come(database, now, "o", "O", key="8").state is MetState.WAITS


def test_one_that_has_expired_is_not_met(database: Database, now: datetime) -> None:
    come(database, now, "m", "M", ttl=timedelta(minutes=1))
    come(database, now, "n", "N")

    assert come(database, now + timedelta(minutes=2), "o", "O").state is MetState.WAITS
    assert come(database, now + timedelta(minutes=2), "m", "M").state is MetState.WAITS
    assert brought(come(database, now + timedelta(minutes=2), "m2", "M")) == ["m2", "n", "o"]


def test_of_several_of_one_name_the_one_that_has_waited_longest_is_used(database: Database, now: datetime) -> None:
    come(database, now + timedelta(seconds=1), "m2", "M")
    come(database, now, "m1", "M")
    come(database, now, "n", "N")

    assert brought(come(database, now + timedelta(seconds=2), "o", "O")) == ["m1", "n", "o"]


def test_a_message_that_comes_again_is_answered_with_where_it_is_by_now(database: Database, now: datetime) -> None:
    come(database, now, "m", "M")
    assert come(database, now, "m", "M").state is MetState.WAITS
    come(database, now, "n", "N")
    begun = come(database, now, "o", "O")

    for message_id, name in (("m", "M"), ("n", "N"), ("o", "O")):
        again = come(database, now, message_id, name)
        assert (again.state, again.workflow_id, brought(again)) == (MetState.BEGINS, begun.workflow_id, brought(begun))


def test_once_the_case_of_a_key_has_begun_what_comes_for_the_key_is_for_that_case(
    database: Database, now: datetime
) -> None:
    for message_id, name in (("m", "M"), ("n", "N"), ("o", "O")):
        come(database, now, message_id, name)

    for _ in range(2):
        follows = come(database, now, "m2", "M")
        assert (follows.state, follows.workflow_id, brought(follows)) == (
            MetState.FOLLOWS,
            "message/p/7",
            ["m", "n", "o"],
        )


def test_one_that_waits_beside_those_that_have_begun_the_case_goes_on_waiting(
    database: Database, now: datetime
) -> None:
    come(database, now, "m1", "M")
    come(database, now, "m2", "M")
    for message_id, name in (("n", "N"), ("o", "O")):
        come(database, now, message_id, name)

    assert come(database, now, "m2", "M").state is MetState.WAITS
    with database.session() as session:
        assert [one.message_id for one in waiting_messages(session, now)] == ["m2"]


def test_without_a_key_each_set_begins_a_case_of_its_own(database: Database, now: datetime) -> None:
    sets = [[come(database, now, f"{name.lower()}{number}", name, key="") for name in "MNO"][-1] for number in (1, 2)]

    assert [(one.state, one.workflow_id) for one in sets] == [
        (MetState.BEGINS, "message/p/o1"),
        (MetState.BEGINS, "message/p/o2"),
    ]
    again = come(database, now, "m1", "M", key="")
    assert (again.state, again.workflow_id) == (MetState.BEGINS, "message/p/o1")


@pytest.mark.parametrize("round_", range(5))
def test_of_all_that_come_at_the_same_moment_one_begins_the_case(
    database: Database, now: datetime, round_: int
) -> None:
    barrier = Barrier(3)

    def one(name: str) -> Met:
        barrier.wait()
        return come(database, now, f"{name}{round_}", name)

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(one, "MNO"))

    assert sorted(one.state for one in found) == [MetState.BEGINS, MetState.WAITS, MetState.WAITS]


def test_a_kept_message_goes_to_a_case_that_comes_to_wait_for_it_and_meets_no_others(
    database: Database, now: datetime
) -> None:
    come(database, now, "m", "M")
    with database.transaction() as session:
        record_batch(session, batch(case_record(), subscribed(2, "7", "M", "7")), now)

    come(database, now, "n", "N")
    assert come(database, now, "o", "O").state is MetState.WAITS
    again = come(database, now, "m", "M")
    assert (again.state, again.workflow_id) == (MetState.ELSEWHERE, "case-1")


def test_an_id_that_belongs_to_another_message_is_refused(database: Database, now: datetime) -> None:
    come(database, now, "m", "M")

    with pytest.raises(MessageIdTaken):
        come(database, now, "m", "N")
    with pytest.raises(ValueError, match="must live for some time"):
        come(database, now, "x", "M", ttl=timedelta(0))


# -- the first begins ------------------------------------------------------------------------------------------------


def test_the_first_begins_the_case_and_the_other_follows_whichever_is_first(database: Database, now: datetime) -> None:
    first, second = come(database, now, "n", "N", FIRST), come(database, now, "m", "M", FIRST)

    assert (first.state, brought(first)) == (MetState.BEGINS, ["n"])
    assert (second.state, second.workflow_id, brought(second)) == (MetState.FOLLOWS, "message/p/7", ["n"])
    assert come(database, now, "n", "N", FIRST).state is MetState.BEGINS
    assert come(database, now, "m", "M", FIRST).state is MetState.FOLLOWS


@pytest.mark.parametrize("round_", range(5))
def test_of_two_at_the_same_moment_one_begins_and_the_other_follows(
    database: Database, now: datetime, round_: int
) -> None:
    barrier = Barrier(2)

    def one(name: str) -> Met:
        barrier.wait()
        return come(database, now, f"{name}{round_}", name, FIRST)

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(one, "MN"))

    assert sorted(one.state for one in found) == [MetState.BEGINS, MetState.FOLLOWS]


def test_a_case_that_has_begun_is_known_after_its_diagram_has_changed(database: Database, now: datetime) -> None:
    come(database, now, "m", "M", FIRST)

    follows = come(database, now, "n", "N", Meeting("G", ("L", "N"), needs_all=False))
    assert (follows.state, brought(follows)) == (MetState.FOLLOWS, ["m"])


# -- what is deployed ------------------------------------------------------------------------------------------------


def test_a_bundle_says_which_messages_meet_in_the_order_of_the_diagram(database: Database, now: datetime) -> None:
    together = {"Z": ("S", 1), "A": ("S", 2), "M": ("G", 0), "N": ("G", 0)}
    with database.transaction() as session:
        deploy_bundle(session, "p", "1", b"", starts=["Z", "A", "M", "N", "own"], together=together, now=now)
        bundle = current_bundle(session, "p")
        assert bundle
        assert meeting_of(session, bundle, "A") == Meeting("S", ("Z", "A"), needs_all=True)
        assert meeting_of(session, bundle, "N") == Meeting("G", ("M", "N"), needs_all=False)
        assert meeting_of(session, bundle, "own") is None
        assert meeting_of(session, bundle, "unknown") is None
        assert message_starts(session).keys() == {"Z", "A", "M", "N", "own"}
