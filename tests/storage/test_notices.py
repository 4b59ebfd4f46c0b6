from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.notices import Address, Channel, DeliveryState, Notice, delivery_id
from storage.database import Database
from storage.notices import (
    NoticeConflict,
    UnknownDelivery,
    attempt_not_sent,
    attempt_sent,
    attempt_unclear,
    begin_attempt,
    case_notices,
    deliveries,
    delivery_report,
    mark_read,
    notices_of,
    record_notice,
    unread_count,
)

NOTICE = Notice(
    workflow_id="case/YK-2026-0001",
    key="L2 答复方案",
    case_no="YK-2026-0001",
    kind="L2",
    recipient="zhangwei",
    subject="督办：供电方案答复超期",
    body="工单 YK-2026-0001 的供电方案答复已超期。",
    now="2026-11-23T09:00:00+08:00",
)
ADDRESSES = [Address(Channel.EMAIL, "zhangwei@example.com"), Address(Channel.WECOM, "指挥中心")]
NAME = (NOTICE.workflow_id, NOTICE.key, Channel.EMAIL)
Record = Callable[..., bool]
_keys = count(1)


@pytest.fixture
def record(database: Database, now: datetime) -> Record:
    """Records the example with some fields changed; answers whether it is new."""

    def recorded(addresses: Sequence[Address] = ADDRESSES, **changes: Any) -> bool:
        with database.transaction() as session:
            return record_notice(session, replace(NOTICE, **changes), addresses, now)

    return recorded


def begin(database: Database, now: datetime) -> bool:
    """Begins an attempt of the mail; whether it is a repeat."""
    with database.transaction() as session:
        attempt = begin_attempt(session, *NAME, now)
    assert attempt
    return attempt.repeat


def test_a_recorded_message_stands_in_the_system_and_waits_on_its_channels(
    database: Database, record: Record, now: datetime
) -> None:
    assert record()

    with database.session() as session:
        (stored,) = notices_of(session, ["zhangwei"])
        waiting = deliveries(session, case_no=NOTICE.case_no)
    assert (stored.subject, stored.body, stored.kind) == (NOTICE.subject, NOTICE.body, "L2")
    assert (stored.at.isoformat(), stored.recorded_at) == ("2026-11-23T01:00:00+00:00", now)
    assert {(row.channel, row.address, row.state) for row in waiting} == {
        ("email", "zhangwei@example.com", "waiting"),
        ("wecom", "指挥中心", "waiting"),
    }


def test_a_message_without_an_address_stands_in_the_system_alone(database: Database, record: Record) -> None:
    record(addresses=[])

    with database.session() as session:
        assert len(notices_of(session, ["zhangwei"])) == 1
        assert list(deliveries(session)) == []


def test_a_message_recorded_again_is_there_once_in_its_first_words(database: Database, record: Record) -> None:
    assert record()
    assert not record(body="改了说法", addresses=[])

    with database.session() as session:
        assert [row.body for row in case_notices(session, NOTICE.case_no)] == [NOTICE.body]
        assert len(deliveries(session)) == 2


def test_a_message_recorded_by_many_at_once_is_there_once(database: Database, record: Record) -> None:
    with ThreadPoolExecutor(8) as threads:
        new = list(threads.map(lambda _: record(), range(8)))

    assert sorted(new) == [False] * 7 + [True]
    with database.session() as session:
        assert len(deliveries(session)) == 2


@pytest.mark.parametrize("changes", [{"recipient": "lina"}, {"kind": "L3"}, {"case_no": "YK-2026-0002"}])
def test_a_name_is_not_used_for_another_message(record: Record, changes: dict[str, str]) -> None:
    record()

    with pytest.raises(NoticeConflict, match="zhangwei"):
        record(**changes)


def test_two_addresses_on_one_channel_are_refused(record: Record) -> None:
    with pytest.raises(ValueError, match="email"):
        record(addresses=[Address(Channel.EMAIL, "a@example.com"), Address(Channel.EMAIL, "b@example.com")])


def test_the_id_of_a_delivery_is_that_of_its_name(database: Database, record: Record) -> None:
    record()

    with database.session() as session:
        ids = {row.channel: row.message_id for row in deliveries(session)}
    assert ids["email"] == delivery_id(*NAME)
    assert ids["email"] != ids["wecom"]


def test_an_attempt_says_what_to_send_and_leaves_unknown_until_it_ends(
    database: Database, record: Record, now: datetime
) -> None:
    record()

    with database.transaction() as session:
        attempt = begin_attempt(session, *NAME, now)
    with database.session() as session:
        report = delivery_report(session, *NAME)
    assert attempt
    assert (attempt.address, attempt.subject, attempt.repeat) == ("zhangwei@example.com", NOTICE.subject, False)
    assert (report.state, report.attempts, report.unclear) == (DeliveryState.UNKNOWN, 1, 1)


def test_a_sent_message_is_not_sent_again(database: Database, record: Record, now: datetime) -> None:
    record()
    begin(database, now)

    with database.transaction() as session:
        report = attempt_sent(session, *NAME, now)
    with database.transaction() as session:
        assert begin_attempt(session, *NAME, now) is None
    assert (report.state, report.attempts, report.unclear, report.reason) == (DeliveryState.SENT, 1, 0, "")


def test_an_attempt_after_one_that_never_reported_is_a_repeat(
    database: Database, record: Record, now: datetime
) -> None:
    record()

    assert [begin(database, now), begin(database, now)] == [False, True]


def test_an_attempt_after_one_that_surely_sent_nothing_is_no_repeat(
    database: Database, record: Record, now: datetime
) -> None:
    record()
    begin(database, now)

    with database.transaction() as session:
        report = attempt_not_sent(session, *NAME, "连接被拒绝", last=False)

    assert (report.state, report.reason) == (DeliveryState.WAITING, "连接被拒绝")
    assert not begin(database, now)


def test_a_refused_message_has_failed_with_the_reason(database: Database, record: Record, now: datetime) -> None:
    record()
    begin(database, now)

    with database.transaction() as session:
        attempt_not_sent(session, *NAME, "550 no such user", last=True)

    with database.session() as session:
        failed = deliveries(session, case_no=NOTICE.case_no, states=[DeliveryState.FAILED])
    assert [(row.channel, row.reason) for row in failed] == [("email", "550 no such user")]


def test_a_refusal_does_not_say_that_an_earlier_attempt_sent_nothing(
    database: Database, record: Record, now: datetime
) -> None:
    record()
    begin(database, now)
    with database.transaction() as session:
        attempt_unclear(session, *NAME, "等待答复超时")
    begin(database, now)

    with database.transaction() as session:
        report = attempt_not_sent(session, *NAME, "550 no such user", last=True)

    assert (report.state, report.unclear, report.reason) == (DeliveryState.UNKNOWN, 1, "550 no such user")


def test_a_slower_attempt_does_not_take_back_that_the_message_was_sent(
    database: Database, record: Record, now: datetime
) -> None:
    record()
    begin(database, now)
    begin(database, now)
    with database.transaction() as session:
        attempt_sent(session, *NAME, now)

    with database.transaction() as session:
        attempt_not_sent(session, *NAME, "连接被拒绝", last=True)
        attempt_unclear(session, *NAME, "超时")
        attempt_sent(session, *NAME, now + timedelta(minutes=5))

    with database.session() as session:
        (row,) = deliveries(session, states=[DeliveryState.SENT])
    assert (row.sent_at, row.reason) == (now, "")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["crash", "unclear", "not sent", "refused"]), max_size=6))
def test_a_delivery_is_in_doubt_exactly_while_an_attempt_may_have_sent_it(
    database: Database, now: datetime, ends: list[str]
) -> None:
    key = str(next(_keys))
    name = (NOTICE.workflow_id, key, Channel.EMAIL)
    doubtful = [end in ("crash", "unclear") for end in ends]

    with database.transaction() as session:
        record_notice(session, replace(NOTICE, key=key), ADDRESSES, now)
        repeats = []
        for end in ends:
            attempt = begin_attempt(session, *name, now)
            assert attempt
            repeats.append(attempt.repeat)
            if end == "unclear":
                attempt_unclear(session, *name, end)
            elif end != "crash":
                attempt_not_sent(session, *name, end, last=end == "refused")
        report = delivery_report(session, *name)

    assert repeats == [any(doubtful[:n]) for n in range(len(ends))]
    assert (report.state is DeliveryState.UNKNOWN) == any(doubtful)
    assert (report.attempts, report.unclear) == (len(ends), sum(doubtful))


def test_a_delivery_that_was_not_recorded_is_unknown(database: Database, record: Record, now: datetime) -> None:
    record(addresses=[])

    with pytest.raises(UnknownDelivery), database.transaction() as session:
        begin_attempt(session, *NAME, now)
    with pytest.raises(UnknownDelivery), database.session() as session:
        delivery_report(session, *NAME)


def test_messages_of_an_account_come_with_those_of_its_posts_the_latest_first(
    database: Database, record: Record
) -> None:
    record()
    record(key="a", recipient="post:team-leader", now="2026-11-23T10:00:00+08:00")
    record(key="b", recipient="lina")

    with database.session() as session:
        mine = notices_of(session, ["zhangwei", "post:team-leader"])
        assert [row.key for row in mine] == ["a", NOTICE.key]
        assert [row.key for row in notices_of(session, ["zhangwei", "post:team-leader"], limit=1, offset=1)] == [
            NOTICE.key
        ]
        assert list(notices_of(session, [])) == []


def test_a_read_message_is_no_longer_unread_and_its_first_reader_stays(
    database: Database, record: Record, now: datetime
) -> None:
    record()
    record(key="a")

    with database.transaction() as session:
        assert mark_read(session, NOTICE.workflow_id, NOTICE.key, "zhangwei", now)
        assert not mark_read(session, NOTICE.workflow_id, NOTICE.key, "lina", now + timedelta(hours=1))
        assert not mark_read(session, NOTICE.workflow_id, "none", "lina", now)

    with database.session() as session:
        assert [row.key for row in notices_of(session, ["zhangwei"], unread=True)] == ["a"]
        assert unread_count(session, ["zhangwei"]) == 1
        read = next(row for row in notices_of(session, ["zhangwei"]) if row.key == NOTICE.key)
    assert (read.read_by, read.read_at) == ("zhangwei", now)


def test_deliveries_are_listed_by_case_and_state(database: Database, record: Record, now: datetime) -> None:
    record()
    record(workflow_id="case/YK-2026-0002", case_no="YK-2026-0002")
    begin(database, now)

    with database.session() as session:
        waiting = [DeliveryState.WAITING]
        assert len(deliveries(session)) == 4
        assert len(deliveries(session, states=waiting)) == 3
        assert [row.channel for row in deliveries(session, case_no=NOTICE.case_no, states=waiting)] == ["wecom"]
        assert len(deliveries(session, limit=3)) == 3
