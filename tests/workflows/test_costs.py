"""What a case costs Temporal: how many events its history has, and what is recorded when."""

from __future__ import annotations

from collections import Counter

from temporalio.api.enums.v1 import EventType

from tests.workflows.office import Office, Running

BY_HAND = 70
"""The events of a hand-written workflow with one update and ten activities."""


async def events(case: Running) -> Counter[str]:
    return Counter(EventType.Name(event.event_type) for event in (await case.history()).events)


async def test_a_user_task_and_ten_jobs_have_at_most_a_quarter_more_events_than_by_hand(office: Office) -> None:
    office.deploy("ten")
    case = await office.start("ten")
    await case.complete("accept", {"approved": True})
    await case.result()

    counted = await events(case)

    assert sum(counted.values()) <= BY_HAND * 1.25
    assert counted["EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"] == 12


async def test_what_others_wait_for_is_recorded_while_a_job_is_at_work(office: Office) -> None:
    office.deploy("interrupting")
    case = await office.start("interrupting")
    await office.work.begun.wait()

    await case.recorded("subscribed")
    done_before = list(office.work.done)
    office.work.going_on.set()

    assert await case.result() == "completed"
    assert done_before == []


async def test_one_batch_at_most_is_on_its_way(office: Office) -> None:
    office.deploy("collecting")
    case = await office.start("collecting", {"items": list(range(20))})
    for number in range(20):
        await case.complete("fill", {"answer": number})
    await case.complete("check")
    await case.result()

    on_their_way = most = 0
    for event in (await case.history()).events:
        on_their_way += event.HasField("activity_task_scheduled_event_attributes")
        on_their_way -= event.HasField("activity_task_completed_event_attributes")
        most = max(most, on_their_way)
    assert most == 1
