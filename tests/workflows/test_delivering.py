"""What is recorded for officers reaches them: once, by day, whatever the run goes through meanwhile."""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiosmtpd.controller import Controller
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

import worker
from activities import all_activities
from demo.play import time_skipping
from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE
from domain.notices import Address, Channel, DeliveryOrder, DeliveryReport, DeliveryState, Notice
from domain.start import Settings
from storage.addresses import set_addresses
from storage.notices import NoticeDelivery, deliveries
from tests.activities.servers import Mailbox, Webhook, serving
from tests.workflows.days_off import SHIPPED, today, with_a_day_off
from tests.workflows.running import House, Running, eventually
from tests.workflows.running import house as open_house
from tests.workflows.watching import FIELDS, POSTS, outcome, replying, workdays_ago

ANY_TIME = json.dumps({**json.loads(POSTS), "quiet": [{"atAnyTime": True}]}, ensure_ascii=False)
BY_DAY = json.dumps({**json.loads(POSTS), "quiet": [{}]}, ensure_ascii=False)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A real mail server that the installation's settings name."""
    handler = Mailbox()
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    for name, value in {"HOST": "127.0.0.1", "PORT": str(port), "SECURITY": "none", "FROM": "y@example.com"}.items():
        monkeypatch.setenv(f"YEKUO_CHANNEL_SMTP_{name}", value)
    yield handler
    controller.stop()


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """A robot of WeCom on loopback."""
    webhook = Webhook(lambda request: (200, b'{"errcode": 0}', {}))
    with serving(webhook):
        monkeypatch.setenv("YEKUO_CHANNEL_WECOM", '{"robot": "k-1"}')
        monkeypatch.setenv("YEKUO_CHANNEL_WECOM_BASE", webhook.base)
        yield webhook


@pytest_asyncio.fixture(loop_scope="session")
async def reached(mailbox: Mailbox, house: House) -> House:
    """A house whose account manager is reached by mail."""
    return reach(house)


@pytest_asyncio.fixture(loop_scope="session")
async def reached_restless(mailbox: Mailbox, restless: House) -> House:
    """The same, where every case is continued as new after every step."""
    return reach(restless)


def reach(house: House, account: str = "wang", to: Address | None = None) -> House:
    with house.database.transaction() as session:
        set_addresses(session, account, [to or Address(Channel.EMAIL, f"{account}@example.com")])
    return house


def rows(house: House) -> list[NoticeDelivery]:
    with house.database.session() as session:
        return list(deliveries(session))


def states(house: House) -> Counter[str]:
    return Counter(row.state for row in rows(house))


def ids(mailbox: Mailbox) -> Counter[str]:
    return Counter(str(message_from_bytes(mail.original_content or b"")["Message-ID"]) for mail in mailbox.mails)


def words(mailbox: Mailbox) -> list[str]:
    """The texts of the mails."""
    mails = [message_from_bytes(mail.original_content or b"", policy=default) for mail in mailbox.mails]
    texts = [mail.get_body(("plain",)) for mail in mails]
    return [text.get_content() for text in texts if text]


async def late(house: House, **fields: Any) -> Running:
    """A case whose reply is so late that L0, L1 and L2 are raised at once."""
    case = await replying(house, case=FIELDS, **fields)
    await case.complete("A", happened_at=workdays_ago(12), late_reason="补录")
    return case


def offset(wanted: str) -> float:
    """How far a simulation's clock is moved for it to be that time now."""
    return (datetime.fromisoformat(wanted).replace(tzinfo=BUSINESS_ZONE) - datetime.now(UTC)).total_seconds()


async def simulated(house: House, wanted: str, posts: str = BY_DAY) -> Running:
    """A case for which it is a certain time now, and that raises L0, L1 and L2 at once."""
    case = await replying(house, case=FIELDS, posts=posts, simulation=True, clock_offset=offset(wanted))
    day = WorkingCalendar.shipped().add_workdays(datetime.fromisoformat(wanted).date(), -11).date
    await case.complete("A", happened_at=f"{day}T12:00:00+08:00", late_reason="补录")
    return case


async def recorded(house: House, count: int = 3) -> None:
    async def found() -> bool:
        return sum(states(house).values()) >= count

    await eventually(found)


def instead(monkeypatch: pytest.MonkeyPatch, name: str, own: Callable[..., Any]) -> None:
    """Have workers run this in place of the activity whose method is called so."""

    def changed(*arguments: Any) -> list[Callable[..., Any]]:
        return [one for one in all_activities(*arguments) if one.__name__ != name] + [own]

    monkeypatch.setattr(worker, "all_activities", changed)


async def waiting_timers(case: Running) -> list[str]:
    """The summaries of the timers for deliveries that run now."""
    running: dict[int, str] = {}
    for event in (await case.handle.fetch_history()).events:
        if event.HasField("timer_started_event_attributes"):
            summary = json.loads(event.user_metadata.summary.data or b'""')
            running[event.event_id] = summary
        elif event.HasField("timer_canceled_event_attributes"):
            running.pop(event.timer_canceled_event_attributes.started_event_id, None)
        elif event.HasField("timer_fired_event_attributes"):
            running.pop(event.timer_fired_event_attributes.started_event_id, None)
    return [summary for summary in running.values() if summary.startswith("待发送通知")]


async def timers_on(case: Running, day: date) -> int:
    return sum(f"{day.month}月{day.day}日" in summary for summary in await waiting_timers(case))


async def test_each_notice_is_one_mail_of_its_own_id(reached: House, mailbox: Mailbox) -> None:
    case = await late(reached, posts=ANY_TIME)
    await case.complete("B")
    assert await outcome(case) == "completed"

    assert states(reached) == {"sent": 3}
    assert ids(mailbox) == {f"<{row.message_id}@example.com>": 1 for row in rows(reached)}


async def test_continuing_as_new_loses_and_doubles_no_delivery(reached_restless: House, mailbox: Mailbox) -> None:
    case = await late(reached_restless, posts=ANY_TIME)
    task = await case.task("B")
    for number in range(3):
        await case.act("claim", {"task": task, "by": "wang", "key": f"c{number}"})
        await case.act("release", {"task": task, "by": "wang", "key": f"r{number}"})
    await case.complete("B")
    assert await outcome(case) == "completed"

    assert states(reached_restless) == {"sent": 3}
    assert ids(mailbox) == {f"<{row.message_id}@example.com>": 1 for row in rows(reached_restless)}


async def test_a_run_that_is_continued_takes_back_what_waits_for_its_next_attempt(
    reached_restless: House, mailbox: Mailbox
) -> None:
    mailbox.rcpt_reply = "451 try again later"
    case = await late(reached_restless, posts=ANY_TIME)

    async def tried() -> bool:
        return sum(row.attempts > 0 and row.state == "waiting" for row in rows(reached_restless)) == 3

    await eventually(tried)
    run = (await case.handle.describe()).run_id
    await case.act("claim", {"task": await case.task("B"), "by": "wang", "key": "1"})

    async def continued() -> bool:
        return (await case.handle.describe()).run_id != run

    await eventually(continued)
    mailbox.rcpt_reply = "250 OK"
    await case.complete("B")
    assert await outcome(case) == "completed"

    assert states(reached_restless) == {"sent": 3}
    assert ids(mailbox) == {f"<{row.message_id}@example.com>": 1 for row in rows(reached_restless)}


async def test_a_refused_address_has_failed_with_the_reason_and_the_case_goes_on(
    reached: House, mailbox: Mailbox
) -> None:
    mailbox.rcpt_reply = "550 no such user"
    case = await late(reached, posts=ANY_TIME)
    await case.complete("B")

    assert await outcome(case) == "completed"
    assert states(reached) == {"failed": 3}
    assert all("550" in row.reason for row in rows(reached))
    undelivered = [record.data for record in case.records() if record.event == "undelivered"]
    assert {one["channel"] for one in undelivered} == {"email"}
    assert not any("example.com" in json.dumps(one) for one in undelivered)


async def test_what_an_earlier_version_recorded_orders_no_delivery(
    dev_server: WorkflowEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @activity.defn(name="record-notices")
    def counted(told: list[Notice]) -> int:
        return len(told)

    instead(monkeypatch, "record_notices", counted)
    async with open_house(dev_server.client, tmp_path) as house:
        case = await late(house, posts=ANY_TIME)
        await case.complete("B")

        assert await outcome(case) == "completed"
        scheduled = [
            event.activity_task_scheduled_event_attributes.activity_type.name
            for event in (await case.handle.fetch_history()).events
        ]
    assert "record-notices" in scheduled
    assert "deliver-notice" not in scheduled


async def test_a_robot_is_told_each_notice_once(robot: Webhook, house: House) -> None:
    reach(house, to=Address(Channel.WECOM, "robot"))
    case = await late(house, posts=ANY_TIME)
    await case.complete("B")
    await outcome(case)

    assert states(house) == {"sent": 3}
    assert len(robot.requests) == 3


async def test_at_noon_of_a_working_day_a_notice_goes_out_at_once(reached: House, mailbox: Mailbox) -> None:
    await simulated(reached, "2026-11-25T12:00")

    async def sent() -> bool:
        return states(reached) == {"sent": 3}

    await eventually(sent)


async def test_at_night_one_timer_waits_for_the_next_working_morning(reached: House, mailbox: Mailbox) -> None:
    case = await simulated(reached, "2026-11-24T22:00")
    await recorded(reached)

    async def waiting() -> list[str]:
        return await waiting_timers(case)

    (summary,) = await eventually(waiting)
    assert "11月25日" in summary or "2026-11-25" in summary
    assert states(reached) == {"waiting": 3}
    assert mailbox.mails == []


async def test_a_post_without_quiet_hours_is_told_at_night_too(reached: House, mailbox: Mailbox) -> None:
    reach(reached, "centre")
    await simulated(reached, "2026-11-24T22:00", POSTS)

    async def sent() -> bool:
        return states(reached) == {"sent": 2, "waiting": 3}

    await eventually(sent)
    assert [mail.rcpt_tos for mail in mailbox.mails] == [["centre@example.com"]] * 2


async def test_what_waits_for_the_morning_is_carried_from_run_to_run(reached_restless: House, mailbox: Mailbox) -> None:
    case = await simulated(reached_restless, "2026-11-24T22:00")
    await recorded(reached_restless)
    task = await case.task("B")
    for number in range(3):
        await case.act("claim", {"task": task, "by": "wang", "key": f"c{number}"})
        await case.act("release", {"task": task, "by": "wang", "key": f"r{number}"})

    async def waiting() -> list[str]:
        return await waiting_timers(case)

    assert len(await eventually(waiting)) == 1
    assert states(reached_restless) == {"waiting": 3}


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        pytest.param("2026-11-24T22:00", "2026-11-25T08:00", id="the next morning"),
        pytest.param("2026-10-02T10:00", "2026-10-08T08:00", id="after 国庆"),
    ],
)
async def test_a_notice_that_waits_goes_out_on_the_next_working_morning_and_not_before(
    mailbox: Mailbox, tmp_path: Path, now: str, morning: str
) -> None:
    async with time_skipping() as server, open_house(server.client, tmp_path) as house:
        reach(house)
        skipped = (await server.get_current_time()) - datetime.now(UTC)
        case = await simulated(house, now)
        await recorded(house)
        left = datetime.fromisoformat(morning) - datetime.fromisoformat(now)

        await server.sleep(left - timedelta(minutes=5) - skipped)
        assert set(states(house)) == {"waiting"}
        assert mailbox.mails == []
        await server.sleep(timedelta(minutes=6))

        async def sent() -> bool:
            return set(states(house)) == {"sent"}

        await eventually(sent)
        await case.handle.terminate()
    assert set(ids(mailbox).values()) == {1}


async def test_what_is_refused_in_the_evening_is_tried_again_in_the_morning_and_not_at_night(
    mailbox: Mailbox, tmp_path: Path
) -> None:
    mailbox.rcpt_reply = "451 try again later"
    async with time_skipping() as server, open_house(server.client, tmp_path) as house:
        reach(house, "deputy")
        case = await simulated(house, "2026-11-24T19:50")

        async def refused() -> bool:
            return [row.attempts > 0 and row.state == "waiting" for row in rows(house)] == [True]

        await eventually(refused)
        await server.sleep(timedelta(minutes=11))
        tried = {row.message_id: row.attempts for row in rows(house)}
        mailbox.rcpt_reply = "250 OK"
        await server.sleep(timedelta(hours=10))
        assert {row.message_id: row.attempts for row in rows(house) if row.attempts} == tried
        assert (mailbox.mails, set(states(house))) == ([], {"waiting"})
        await server.sleep(timedelta(hours=2))

        async def sent() -> bool:
            return set(states(house)) == {"sent"}

        await eventually(sent)
        await case.handle.terminate()


async def test_a_delivery_may_begin_until_the_evening_and_is_ordered_anew_where_it_came_too_late(
    dev_server: WorkflowEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[DeliveryOrder] = []

    @activity.defn(name="deliver-notice")
    def away(order: DeliveryOrder) -> DeliveryReport:
        orders.append(order)
        if len(orders) == 1:
            raise ApplicationError("the worker was away", type="TooLate")
        return DeliveryReport(DeliveryState.SENT, attempts=1, unclear=0)

    instead(monkeypatch, "deliver_notice", away)
    async with open_house(dev_server.client, tmp_path) as house:
        reach(house)
        moved = timedelta(seconds=offset("2026-11-25T12:00"))
        house.settings = Settings(delivery_pause=0.1)
        case = await simulated(house, "2026-11-25T12:00")
        await case.complete("B")
        assert await outcome(case) == "completed"

    assert len(orders) == 4
    evening = datetime(2026, 11, 25, 20, tzinfo=BUSINESS_ZONE)
    ends = {datetime.fromisoformat(order.not_after) + moved - evening for order in orders}
    assert all(abs(difference) < timedelta(seconds=10) for difference in ends)
    assert [record for record in case.records() if record.event == "undelivered"] == []


async def test_a_message_that_is_refused_again_and_again_has_failed_after_ten_attempts(
    reached: House, mailbox: Mailbox
) -> None:
    mailbox.rcpt_reply = "451 try again later"
    reached.settings = Settings(delivery_pause=0.001)
    case = await late(reached, posts=ANY_TIME)
    await case.complete("B")

    assert await outcome(case) == "completed"
    assert [(row.state, row.attempts) for row in rows(reached)] == [("failed", 10)] * 3
    assert len([record for record in case.records() if record.event == "undelivered"]) == 3


async def refused_at_first(house: House, mailbox: Mailbox, **act: Any) -> list[str]:
    """The texts that go out after the step was done, of notices that the mail server did not take before."""
    mailbox.rcpt_reply = "451 try again later"
    house.settings = Settings(delivery_pause=2.0)
    case = await late(house, posts=ANY_TIME)

    async def tried() -> bool:
        return [row.attempts > 0 and row.state == "waiting" for row in rows(house)] == [True] * 3

    await eventually(tried)
    await case.complete("B", **act)
    mailbox.rcpt_reply = "250 OK"
    assert await (case.outcome() if act else outcome(case)) == "completed"
    return words(mailbox)


async def test_what_goes_out_after_its_step_was_done_says_so(reached: House, mailbox: Mailbox) -> None:
    texts = await refused_at_first(reached, mailbox)

    assert len(texts) == 3
    assert all("该事项已于" in text and "办结" in text for text in texts)
    assert ["无须再办理" in text for text in texts if "答复督办单" in text] == [False]


async def test_what_goes_out_after_its_level_was_taken_back_says_so(reached: House, mailbox: Mailbox) -> None:
    done = {"happened_at": workdays_ago(5), "late_reason": "补录"}
    texts = [text for text in await refused_at_first(reached, mailbox, **done) if "补录：后来的记录" not in text]

    assert len(texts) == 3
    assert all("无须再办理" in text for text in texts)


async def test_what_waits_for_a_morning_that_a_new_calendar_gives_off_waits_for_the_next(
    reached: House, mailbox: Mailbox
) -> None:
    case = await simulated(reached, f"{today()}T22:00")
    await recorded(reached)
    off, following = (SHIPPED.add_workdays(today(), count).date for count in (1, 2))
    assert await eventually(lambda: timers_on(case, off)) == 1

    await case.act("new_calendar", {"calendar": with_a_day_off().to_json(), "by": "office"})

    assert await eventually(lambda: timers_on(case, following)) == 1
    assert await timers_on(case, off) == 0
    await case.handle.terminate()
