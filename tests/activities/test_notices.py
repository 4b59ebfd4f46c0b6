"""Messages: recorded once, delivered at least once, never in a state that is not true."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.channels import Channels, ChannelSettings
from activities.notices import NoticeActivities
from domain.notices import Address, Channel, DeliveryOrder, DeliveryReport, DeliveryState, Notice, delivery_id
from storage.addresses import set_addresses
from storage.database import Database
from storage.notices import deliveries, notices_of
from tests.activities.servers import Mailbox, Request, Webhook

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NOTICE = Notice(
    workflow_id="case/YK-2026-000317",
    key="reply L2 zhangwei",
    case_no="YK-2026-000317",
    kind="L2",
    recipient="zhangwei",
    subject="督办：供电方案答复超期",
    body="供电方案答复已超期2个工作日，请说明原因。",
    now="2026-11-23T09:00:00+08:00",
)
ADDRESSES = [Address(Channel.WECOM, "指挥中心"), Address(Channel.EMAIL, "zhangwei@example.com")]
WECOM = DeliveryOrder(NOTICE.workflow_id, NOTICE.key, Channel.WECOM)
EMAIL = dataclasses.replace(WECOM, channel=Channel.EMAIL)
Deliver = Callable[..., DeliveryReport]


@pytest.fixture
def settings(webhook: Webhook, mail_settings: Callable[..., ChannelSettings]) -> ChannelSettings:
    return mail_settings(wecom={"指挥中心": "k-5f2a9c71"}, wecom_base=webhook.base)


@pytest.fixture
def notices(database: Database, settings: ChannelSettings) -> NoticeActivities:
    activities = NoticeActivities(database, Channels(settings, lambda: NOW), lambda: NOW)
    with database.transaction() as session:
        set_addresses(session, NOTICE.recipient, ADDRESSES)
    assert ActivityEnvironment().run(activities.record_notices, [NOTICE]) == [EMAIL, WECOM]
    return activities


@pytest.fixture
def deliver(notices: NoticeActivities) -> Deliver:
    """Runs one attempt, begun at `NOW` unless told otherwise."""

    def run(order: DeliveryOrder = WECOM, started: datetime = NOW, **details: Any) -> DeliveryReport:
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(environment.info, started_time=started)
        order = dataclasses.replace(order, **details)
        report: DeliveryReport = environment.run(notices.deliver_notice, order)
        return report

    return run


def failure(deliver: Deliver, *arguments: Any, **named: Any) -> ApplicationError:
    with pytest.raises(ApplicationError) as caught:
        deliver(*arguments, **named)
    return caught.value


def state(database: Database, channel: Channel = Channel.WECOM) -> tuple[str, int, int, str]:
    """State, attempts, unclear ones, and reason of a delivery."""
    with database.session() as session:
        row = next(row for row in deliveries(session) if row.channel == channel)
    return row.state, row.attempts, row.unclear, row.reason


def texts(webhook: Webhook) -> list[str]:
    return [request.body["text"]["content"] for request in webhook.requests]


def test_a_message_recorded_again_is_there_once_with_its_first_deliveries(
    notices: NoticeActivities, database: Database
) -> None:
    with database.transaction() as session:
        set_addresses(session, NOTICE.recipient, [Address(Channel.FEISHU, "其他")])

    assert ActivityEnvironment().run(notices.record_notices, [NOTICE]) == [EMAIL, WECOM]

    with database.session() as session:
        assert len(notices_of(session, ["zhangwei"])) == 1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"recipient": "lina"}, "已用于另一条消息"),
        ({"key": "2", "now": "2026-11-23T09:00:00"}, "2026-11-23T09:00:00"),
    ],
)
def test_a_message_that_cannot_be_recorded_is_refused_for_good(
    notices: NoticeActivities, changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(ApplicationError, match=text) as caught:
        ActivityEnvironment().run(notices.record_notices, [dataclasses.replace(NOTICE, **changes)])

    assert caught.value.non_retryable


def test_a_delivered_message_is_sent_and_carries_prefix_link_and_id(deliver: Deliver, webhook: Webhook) -> None:
    assert deliver() == DeliveryReport(DeliveryState.SENT, attempts=1, unclear=0)

    (text,) = texts(webhook)
    assert text.startswith("【业扩】督办：供电方案答复超期\n")
    assert "http://127.0.0.1:8000/cases/YK-2026-000317" in text
    assert delivery_id(NOTICE.workflow_id, NOTICE.key, Channel.WECOM) in text


def test_what_is_to_be_said_at_delivery_stands_above_what_was_recorded(
    deliver: Deliver, webhook: Webhook, database: Database
) -> None:
    deliver(remark="该事项已于2026年11月23日09:00办结。")

    assert f"\n该事项已于2026年11月23日09:00办结。\n{NOTICE.body}\n" in texts(webhook)[0]
    with database.session() as session:
        assert [one.body for one in notices_of(session, ["zhangwei"])] == [NOTICE.body]


def test_a_sent_message_is_not_sent_again(deliver: Deliver, webhook: Webhook) -> None:
    assert deliver() == deliver()
    assert len(webhook.requests) == 1


def test_each_channel_is_delivered_by_itself(
    deliver: Deliver, webhook: Webhook, mailbox: Mailbox, database: Database
) -> None:
    deliver(EMAIL)

    assert (len(mailbox.mails), webhook.requests) == (1, [])
    assert state(database) == ("waiting", 0, 0, "")


def test_a_refusal_fails_for_good_with_the_words_of_the_service(
    deliver: Deliver, webhook: Webhook, database: Database
) -> None:
    webhook.says({"errcode": 93000, "errmsg": "invalid webhook url"})

    refusal = failure(deliver)

    assert (refusal.type, refusal.non_retryable) == ("DeliveryRefused", True)
    assert refusal.message == "企业微信答复错误码 93000：invalid webhook url"
    assert state(database) == ("failed", 1, 0, refusal.message)


def test_what_was_refused_is_sent_when_it_is_ordered_again(
    deliver: Deliver, webhook: Webhook, database: Database
) -> None:
    webhook.says({"errcode": 93000, "errmsg": "invalid webhook url"})
    failure(deliver)
    webhook.says({"errcode": 0})

    assert deliver().state is DeliveryState.SENT
    assert state(database) == ("sent", 2, 0, "")
    assert "重发" not in texts(webhook)[1]


def test_a_throttled_message_waits_as_long_as_it_should(deliver: Deliver, webhook: Webhook, database: Database) -> None:
    webhook.says({"errcode": 45009, "errmsg": "api freq out of limit"})

    fault = failure(deliver)

    assert (fault.type, fault.non_retryable) == ("NotSent", False)
    assert fault.next_retry_delay
    assert timedelta(minutes=1) <= fault.next_retry_delay < timedelta(minutes=2)
    assert state(database)[:3] == ("waiting", 1, 0)


def test_messages_that_were_too_many_at_once_do_not_come_back_at_once(
    notices: NoticeActivities, deliver: Deliver, webhook: Webhook
) -> None:
    webhook.says({}, 429)
    delays = set()
    for key in ("1", "2", "3"):
        ActivityEnvironment().run(notices.record_notices, [dataclasses.replace(NOTICE, key=key)])
        delays.add(failure(deliver, dataclasses.replace(WECOM, key=key)).next_retry_delay)

    assert len(delays) == 3


def test_a_message_that_was_never_sent_has_failed_after_the_last_attempt(
    deliver: Deliver, webhook: Webhook, database: Database
) -> None:
    webhook.says({}, 503)
    failure(deliver)
    assert state(database)[0] == "waiting"

    failure(deliver, last=True)

    assert state(database)[:3] == ("failed", 2, 0)


def test_an_attempt_that_begins_too_late_sends_and_notes_nothing(
    deliver: Deliver, webhook: Webhook, database: Database
) -> None:
    evening = (NOW + timedelta(hours=1)).isoformat()

    assert failure(deliver, started=NOW + timedelta(hours=1), not_after=evening).type == "TooLate"
    assert webhook.requests == []
    assert state(database) == ("waiting", 0, 0, "")

    assert deliver(started=NOW + timedelta(minutes=59), not_after=evening).state is DeliveryState.SENT


def test_a_time_out_leaves_it_unknown_and_the_next_attempt_is_marked(
    deliver: Deliver, webhook: Webhook, database: Database
) -> None:
    webhook.answer = lambda request: None
    fault = failure(deliver, last=True)
    assert (fault.type, fault.non_retryable) == ("Unclear", False)
    assert state(database)[:3] == ("unknown", 1, 1)
    webhook.says({"errcode": 0})

    report = deliver()

    assert (report.state, report.attempts, report.unclear) == (DeliveryState.SENT, 2, 1)
    assert ["（重发）" in text for text in texts(webhook)] == [False, True]


def test_a_repeat_that_is_refused_leaves_the_first_unknown(
    deliver: Deliver, webhook: Webhook, database: Database
) -> None:
    webhook.says({}, 500)
    failure(deliver)
    webhook.says({"errcode": 93000, "errmsg": "invalid webhook url"})

    failure(deliver)

    assert state(database) == ("unknown", 2, 1, "企业微信答复错误码 93000：invalid webhook url")


def test_attempts_that_overlap_end_as_sent(deliver: Deliver, webhook: Webhook, database: Database) -> None:
    first_is_there = threading.Event()
    webhook.hold = threading.Event()
    webhook.answer = lambda request: (200, b'{"errcode": 0}', {})
    webhook.on_request = first_is_there.set

    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(deliver)
        assert first_is_there.wait(10)
        held, webhook.hold = webhook.hold, None
        assert deliver().state is DeliveryState.SENT
        held.set()
        assert slow.result(10).state is DeliveryState.SENT

    assert state(database) == ("sent", 2, 0, "")
    assert ["（重发）" in text for text in texts(webhook)] == [False, True]


def test_a_delivery_that_was_not_recorded_is_refused(deliver: Deliver) -> None:
    refusal = failure(deliver, dataclasses.replace(WECOM, channel=Channel.FEISHU))

    assert refusal.non_retryable
    assert "没有登记过要经飞书发送的消息" in refusal.message


class Killed:
    """A process that delivers a message and is killed while the server has it and has not answered."""

    def __init__(self, database: Database, settings: dict[str, Any]) -> None:
        self._url = database.engine.url.render_as_string(hide_password=False)
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, order: DeliveryOrder) -> None:
        argument = json.dumps([order.workflow_id, order.key, order.channel])
        command = [sys.executable, "-m", "tests.activities.sending", self._url, json.dumps(self._settings), argument]
        with subprocess.Popen(command, cwd=ROOT) as self._process:
            assert self._process.wait(60) == -9

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait(10)


def test_a_robot_message_whose_sender_was_killed_is_repeated_and_marked(
    deliver: Deliver, webhook: Webhook, database: Database
) -> None:
    sender = Killed(database, {"wecom": {"指挥中心": "k"}, "wecom_base": webhook.base})

    def kill(request: Request) -> None:
        sender.kill()

    webhook.answer = kill
    sender.run(WECOM)
    assert state(database) == ("unknown", 1, 1, "")
    webhook.says({"errcode": 0})

    assert deliver().state is DeliveryState.SENT

    first, second = texts(webhook)
    number = delivery_id(NOTICE.workflow_id, NOTICE.key, Channel.WECOM)
    assert number in first
    assert number in second
    assert ["（重发）" in text for text in (first, second)] == [False, True]


def test_a_mail_whose_sender_was_killed_is_repeated_under_its_id(
    deliver: Deliver, mailbox: Mailbox, smtp_port: int, database: Database
) -> None:
    settings = {
        "smtp_host": "127.0.0.1",
        "smtp_port": smtp_port,
        "smtp_security": "none",
        "smtp_from": "yekuo@example.com",
    }
    sender = Killed(database, settings)
    mailbox.on_data = sender.kill
    sender.run(EMAIL)
    assert state(database, Channel.EMAIL) == ("unknown", 1, 1, "")
    mailbox.on_data = lambda: None

    assert deliver(EMAIL).state is DeliveryState.SENT

    mails = [mail.original_content or b"" for mail in mailbox.mails]
    line = f"Message-ID: <{delivery_id(NOTICE.workflow_id, NOTICE.key, Channel.EMAIL)}@example.com>".encode()
    assert [line in mail for mail in mails] == [True, True]
    assert [b"X-Yekuo-Repeat: yes" in mail for mail in mails] == [False, True]
