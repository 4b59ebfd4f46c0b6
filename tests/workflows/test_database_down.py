"""No act waits for the database; what could not be recorded is, once, as soon as it is back."""

from __future__ import annotations

import asyncio
import time

from temporalio.client import WorkflowHistory

from tests.bpmn.building import end, process, service, start, user
from tests.workflows.fragile import Fragile
from tests.workflows.running import House, eventually
from tests.workflows.support import gapless, scheduled

AT_ONCE = 2.0
"""Seconds within which an act is to be answered, whatever the database does."""

LETTERS = "ABCDE"
FIVE = process(start(), *(user(letter) for letter in LETTERS), end(), flows=[" > ".join(["start", *LETTERS, "end"])])


def most_at_once(history: WorkflowHistory) -> int:
    """How many activities of the run were outstanding at the same time, at most."""
    outstanding = most = 0
    ends = [f"activity_task_{end}_event_attributes" for end in ("completed", "failed", "timed_out", "canceled")]
    for event in history.events:
        what = event.WhichOneof("attributes")
        if what == "activity_task_scheduled_event_attributes":
            outstanding += 1
        elif what in ends:
            outstanding -= 1
        most = max(most, outstanding)
    return most


async def test_acts_are_answered_at_once_and_recorded_without_gap_or_double_once_the_database_is_back(
    fragile: tuple[House, Fragile],
) -> None:
    house, database = fragile
    database.down = True
    case = await house.start(FIVE)
    waited = []
    for letter in LETTERS[:-1]:
        task = await case.task(letter)
        begun = time.perf_counter()
        await case.act("complete", {"task": task, "by": "wang"})
        waited.append(time.perf_counter() - begun)

    async def tried() -> bool:
        return database.refused > 0

    await eventually(tried)
    assert max(waited) < AT_ONCE
    assert case.records() == []
    assert (await case.view())["unrecorded"] > 0
    database.down = False
    await case.complete("E")
    assert await case.outcome() == "completed"
    records = case.records()
    assert gapless(records)
    assert [record.element for record in records if record.event == "closed"] == list(LETTERS)
    assert most_at_once(await case.handle.fetch_history()) == 1


async def test_a_case_that_has_ended_waits_for_the_database_before_it_closes(fragile: tuple[House, Fragile]) -> None:
    house, database = fragile
    case = await house.start(FIVE)
    for letter in LETTERS[:-1]:
        await case.complete(letter)
    await case.task("E")
    await case.until(lambda view: not view["unrecorded"])
    database.down = True
    refused = database.refused
    await case.complete("E")

    async def tried() -> bool:
        return database.refused > refused

    await eventually(tried)
    assert (await case.view())["outcome"] == "completed"
    assert "completed" not in [record.event for record in case.records() if record.element == "p"]
    database.down = False
    assert await case.outcome() == "completed"
    assert gapless(case.records())
    assert case.records()[-1].element == "p"


async def test_acts_that_come_all_at_once_have_one_batch_on_its_way_at_most(fragile: tuple[House, Fragile]) -> None:
    house, _ = fragile
    case = await house.start(FIVE)
    for letter in LETTERS:
        key = await case.task(letter)
        await asyncio.gather(*(case.act("complete", {"task": key, "by": "wang", "key": letter}) for _ in range(5)))

    assert await case.outcome() == "completed"
    assert gapless(case.records())
    assert most_at_once(await case.handle.fetch_history()) == 1


async def test_ten_jobs_in_a_row_take_three_recordings_at_most(fragile: tuple[House, Fragile]) -> None:
    house, _ = fragile
    jobs = [service(f"J{number}") for number in range(10)]
    path = " > ".join(["start", *(job.id for job in jobs), "end"])
    case = await house.start(process(start(), *jobs, end(), flows=[path]))

    assert await case.outcome() == "completed"
    assert gapless(case.records())
    asked = scheduled(await case.handle.fetch_history())
    assert asked.count("work") == 10
    assert asked.count("record-journal") <= 3
