"""How long an attempt may take, and when the next one comes, are settings that a case carries."""

from __future__ import annotations

import json
from dataclasses import replace

from domain.notices import Address, Channel
from domain.start import Settings
from storage.addresses import set_addresses
from tests.workflows.running import House, Running
from tests.workflows.watching import FIELDS, POSTS, outcome, replying, workdays_ago

ANY_TIME = json.dumps({**json.loads(POSTS), "quiet": [{"atAnyTime": True}]}, ensure_ascii=False)


async def attempts(case: Running) -> dict[str, tuple[float, float]]:
    """Of each kind of activity: seconds for one attempt, and until the second one."""
    found = {}
    for event in (await case.handle.fetch_history()).events:
        if event.HasField("activity_task_scheduled_event_attributes"):
            asked = event.activity_task_scheduled_event_attributes
            one, pause = asked.start_to_close_timeout, asked.retry_policy.initial_interval
            found[asked.activity_type.name] = (one.ToTimedelta().total_seconds(), pause.ToTimedelta().total_seconds())
    return found


async def late(house: House) -> Running:
    """A case of which a level is told by a robot that nobody has set up."""
    with house.database.transaction() as session:
        set_addresses(session, "leader", [Address(Channel.DINGTALK, "nobody")])
    case = await replying(house, case=FIELDS, posts=ANY_TIME)
    await case.complete("A", happened_at=workdays_ago(12), late_reason="补录")
    await case.complete("B")
    assert await outcome(case) == "completed"
    return case


async def test_an_attempt_has_the_time_that_the_settings_of_its_case_give_it(house: House) -> None:
    house.settings = replace(
        Settings(), job_timeout=14.0, record_timeout=13.0, delivery_timeout=12.0, delivery_pause=3.0
    )

    assert await attempts(await late(house)) == {
        "record-journal": (13, 1),
        "write-document": (14, 1),
        "record-notices": (13, 1),
        "deliver-notice": (12, 3),
    }


async def test_a_delivery_has_two_minutes_and_a_record_ten_seconds_where_nothing_is_set(house: House) -> None:
    assert await attempts(await late(house)) == {
        "record-journal": (10, 1),
        "write-document": (20, 1),
        "record-notices": (10, 1),
        "deliver-notice": (120, 5),
    }
