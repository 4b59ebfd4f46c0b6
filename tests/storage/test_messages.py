from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from domain.records import EarlyMessage, JournalBatch
from storage.bundles import deploy_bundle
from storage.database import Database
from storage.journal import record_batch
from storage.messages import (
    Delivery,
    DeliveryState,
    MessageIdTaken,
    UnknownMessage,
    publish,
    waiting_messages,
)
from storage.subscriptions import waits_for, workflow_waits
from tests.storage.journals import CASE_NO, batch, case_record, opened, subscribed, unsubscribed

HOUR = timedelta(hours=1)
WAITING = Delivery(DeliveryState.WAITING)


@pytest.fixture
def database(database: Database, now: datetime) -> Database:
    """A database where the diagrams know two messages."""
    with database.transaction() as session:
        deploy_bundle(session, "hv_connection", "a1", b"", messages=["withdrawal", "plan approved"], now=now)
    return database


def send(
    database: Database,
    now: datetime,
    message_id: str,
    name: str = "withdrawal",
    key: str = CASE_NO,
    ttl: timedelta = HOUR,
) -> Delivery:
    with database.transaction() as session:
        return publish(session, message_id, name, key, {"reason": "客户撤销"}, ttl, now)


def report(database: Database, now: datetime, journal: JournalBatch) -> list[EarlyMessage]:
    with database.transaction() as session:
        return record_batch(session, journal, now).early


def ids(messages: list[EarlyMessage]) -> list[str]:
    return [message.message_id for message in messages]


def test_a_message_goes_to_the_workflow_that_waits_for_it(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), subscribed(2, "7")))

    assert send(database, now, "m1") == Delivery(DeliveryState.SIGNAL, "case-1")


def test_a_message_of_another_case_or_name_does_not_meet_the_wait(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), subscribed(2, "7")))

    assert send(database, now, "m1", key="YK-2026-0002") == WAITING
    assert send(database, now, "m2", name="plan approved") == WAITING


def test_a_message_after_the_wait_ended_waits(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), subscribed(2, "7"), unsubscribed(3, "7")))

    assert send(database, now, "m1") == WAITING


def test_of_two_waits_the_older_gets_the_message(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), opened(2, "5"), subscribed(3, "7"), workflow_id="a-late"))
    report(database, now, batch(case_record(), subscribed(2, "7"), workflow_id="b-early"))

    assert send(database, now, "m1").workflow_id == "b-early"


def test_an_early_message_is_handed_to_the_wait_that_opens_later(database: Database, now: datetime) -> None:
    send(database, now, "m1")

    early = report(database, now, batch(case_record(), subscribed(2, "7")))

    assert early == [EarlyMessage("m1", "withdrawal", CASE_NO, {"reason": "客户撤销"})]


def test_early_messages_come_in_the_order_of_publishing_and_once(database: Database, now: datetime) -> None:
    for minute, message_id in enumerate(["m3", "m1", "m2"]):
        send(database, now + timedelta(minutes=minute), message_id)

    assert ids(report(database, now, batch(case_record(), subscribed(2, "7")))) == ["m3", "m1", "m2"]
    assert report(database, now, batch(unsubscribed(3, "7"), subscribed(4, "8"))) == []


def test_the_same_batch_again_gets_the_same_early_messages_even_after_they_expired(
    database: Database, now: datetime
) -> None:
    send(database, now, "m1")
    journal = batch(case_record(), subscribed(2, "7"))
    first = report(database, now, journal)
    send(database, now, "m2")

    assert report(database, now + timedelta(days=1), journal) == first
    assert ids(first) == ["m1"]


def test_a_message_that_expired_before_the_wait_opened_is_not_handed_over(database: Database, now: datetime) -> None:
    send(database, now - HOUR, "m1")

    assert report(database, now, batch(case_record(), subscribed(2, "7"))) == []


def test_a_message_lives_by_the_time_of_the_cases_not_by_that_of_the_system(database: Database, now: datetime) -> None:
    send(database, now, "m1")

    assert ids(report(database, now + timedelta(days=250), batch(case_record(), subscribed(2, "7")))) == ["m1"]


def test_a_wait_that_ends_in_its_own_batch_takes_no_message(database: Database, now: datetime) -> None:
    send(database, now, "m1")

    assert report(database, now, batch(case_record(), subscribed(2, "7"), unsubscribed(3, "7"))) == []
    assert ids(report(database, now, batch(subscribed(4, "8")))) == ["m1"]


def test_two_waits_for_one_message_in_a_batch_take_it_once(database: Database, now: datetime) -> None:
    send(database, now, "m1")

    assert ids(report(database, now, batch(case_record(), subscribed(2, "7"), subscribed(3, "8")))) == ["m1"]


def test_publishing_again_is_a_duplicate_that_knows_where_the_message_went(database: Database, now: datetime) -> None:
    assert send(database, now, "m1") == WAITING
    assert send(database, now, "m1") == Delivery(DeliveryState.DUPLICATE)

    report(database, now, batch(case_record(), subscribed(2, "7")))

    assert send(database, now, "m1") == Delivery(DeliveryState.DUPLICATE, "case-1")


def test_an_id_used_for_another_message_is_refused(database: Database, now: datetime) -> None:
    send(database, now, "m1")

    with pytest.raises(MessageIdTaken, match="'withdrawal'"):
        send(database, now, "m1", name="plan approved")


def test_a_message_that_no_diagram_knows_is_refused_and_not_kept(database: Database, now: datetime) -> None:
    with pytest.raises(UnknownMessage, match="'withdrawl'"):
        send(database, now, "m1", name="withdrawl")

    with database.session() as session:
        assert waiting_messages(session, now) == []


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(seconds=-1)])
def test_a_message_that_lives_for_no_time_is_refused(database: Database, now: datetime, ttl: timedelta) -> None:
    with pytest.raises(ValueError, match="must live"):
        send(database, now, "m1", ttl=ttl)


def test_a_correlation_key_may_be_long_and_odd(database: Database, now: datetime) -> None:
    key = "客户\0\ud800" * 5000
    send(database, now, "m1", key=key)

    assert ids(report(database, now, batch(case_record(), subscribed(2, "7", correlation_key=key)))) == ["m1"]
    assert send(database, now, "m2", key=key).workflow_id == "case-1"


def test_waiting_messages_are_those_nobody_took_and_that_have_not_expired(database: Database, now: datetime) -> None:
    send(database, now, "m1", key="other")
    send(database, now, "m2", key="third", ttl=2 * HOUR)
    send(database, now, "m3")
    report(database, now, batch(case_record(), subscribed(2, "7")))

    with database.session() as session:
        assert [each.message_id for each in waiting_messages(session, now)] == ["m1", "m2"]
        assert [each.message_id for each in waiting_messages(session, now + HOUR)] == ["m2"]


def test_a_reset_hands_an_early_message_over_again(database: Database, now: datetime) -> None:
    send(database, now, "m1")
    report(database, now, batch(case_record(), opened(2, "5"), subscribed(3, "7")))

    again = batch(subscribed(3, "7"), epoch="run-2")

    assert ids(report(database, now, again)) == ["m1"]
    assert ids(report(database, now, again)) == ["m1"]


def test_a_reset_to_before_the_wait_leaves_the_message_waiting(database: Database, now: datetime) -> None:
    send(database, now, "m1")
    report(database, now, batch(case_record(), opened(2, "5"), subscribed(3, "7")))

    assert report(database, now, batch(opened(3, "6"), epoch="run-2")) == []

    assert ids(report(database, now, batch(subscribed(4, "8"), epoch="run-2"))) == ["m1"]


def test_a_reset_that_opens_a_closed_wait_again_hands_over_what_it_missed(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), subscribed(2, "7"), opened(3, "5"), unsubscribed(4, "7")))
    send(database, now, "m1")

    assert ids(report(database, now, batch(opened(4, "6"), epoch="run-2"))) == ["m1"]
    assert send(database, now, "m2").workflow_id == "case-1"


def test_a_message_handed_before_the_reset_point_is_not_handed_over_again(database: Database, now: datetime) -> None:
    send(database, now, "m1")
    report(database, now, batch(case_record(), subscribed(2, "7"), opened(3, "5")))

    assert report(database, now, batch(opened(3, "6"), subscribed(4, "8"), epoch="run-2")) == []


def test_a_message_that_met_an_open_wait_is_not_taken_back_by_a_reset(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), subscribed(2, "7")))
    send(database, now, "m1")

    assert report(database, now, batch(subscribed(2, "7"), epoch="run-2")) == []
    assert send(database, now, "m1") == Delivery(DeliveryState.DUPLICATE, "case-1")


def test_a_last_batch_of_the_old_run_takes_no_message_from_the_new_run(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record()))
    report(database, now, batch(opened(2, "5"), epoch="run-2"))
    send(database, now, "m1")

    assert report(database, now, batch(subscribed(2, "7"))) == []
    assert ids(report(database, now, batch(subscribed(3, "7"), epoch="run-2"))) == ["m1"]


def test_open_waits_are_listed_by_message_and_by_workflow(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), subscribed(2, "7"), subscribed(3, "8", "plan approved")))
    report(database, now, batch(case_record(), opened(2, "5"), subscribed(3, "7"), workflow_id="case-2"))

    with database.session() as session:
        assert [wait.workflow_id for wait in waits_for(session, "withdrawal")] == ["case-1", "case-2"]
        assert [wait.message for wait in workflow_waits(session, "case-1")] == ["withdrawal", "plan approved"]


def test_no_message_is_lost_between_publishing_and_opening_a_wait_at_once(database: Database, now: datetime) -> None:
    rounds = 40
    meet = Barrier(2, timeout=30)

    def publisher(number: int) -> str:
        meet.wait()
        return send(database, now, f"m{number}", key=f"N{number}").workflow_id

    def waiter(number: int) -> list[str]:
        meet.wait()
        journal = batch(case_record(), subscribed(2, "7", correlation_key=f"N{number}"), workflow_id=f"case-{number}")
        return ids(report(database, now, journal))

    with ThreadPoolExecutor(1) as publishers, ThreadPoolExecutor(1) as waiters:
        signalled = publishers.map(publisher, range(rounds))
        carried = waiters.map(waiter, range(rounds))
        got = list(zip(signalled, carried, strict=True))

    for number, (workflow_id, early) in enumerate(got):
        assert (workflow_id == f"case-{number}") != (early == [f"m{number}"]), (number, workflow_id, early)


def test_one_message_published_by_many_at_once_is_taken_once(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), subscribed(2, "7")))
    with ThreadPoolExecutor(8) as pool:
        states = [delivery.state for delivery in pool.map(lambda _: send(database, now, "m1"), range(8))]

    assert sorted(states) == [DeliveryState.DUPLICATE] * 7 + [DeliveryState.SIGNAL]
