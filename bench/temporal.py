"""Our workflow, its journal stored, beside one written by hand: the same activities on the same server, by turns."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any
from uuid import uuid4

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

import worker
from activities.starting import packed
from bench.handwritten import TASKS, HandWritten
from bench.models import JOB, in_a_row
from bench.results import Result, spread
from bench.site import temporal
from bpmn.reader import read
from domain.calendar import WorkingCalendar
from domain.jobs import Job
from domain.records import CaseFields
from domain.start import CaseStart
from storage.database import Database
from storage.files import FileStore
from workflows import showing

CASES, AT_ONCE, ROUNDS = 40, 20, 13

Start = Callable[[str], Awaitable[WorkflowHandle[Any, Any]]]


@activity.defn(name="bench-job")
def bench_job(_job: Job) -> dict[str, Any]:
    """Work that costs nothing."""
    return {"done": True}


@dataclass(frozen=True)
class Contender:
    """One way to run the case: how it is started, and the task that its update completes."""

    name: str
    start: Start
    task: str


def run() -> list[Result]:
    """Throughput, events and bytes of both, and the ratios (medians of alternating rounds)."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run(Path(folder)))


async def _run(folder: Path) -> list[Result]:
    async with temporal(folder) as client:
        database = Database(f"sqlite:///{folder / 'yekuo.db'}")
        database.migrate()
        ours, hand = by_engine(client), by_hand(client)
        files = FileStore(folder / "files")
        async with worker.build(client, database, files, "ours", [bench_job]), hand_worker(client):
            return await _compare(client, ours, hand)


def hand_worker(client: Client) -> Worker:
    """A worker for the hand-written workflow, with the options that `worker.build` gives ours."""
    return Worker(
        client,
        task_queue="hand",
        workflows=[HandWritten],
        activities=[bench_job],
        activity_executor=ThreadPoolExecutor(worker.THREADS),
        workflow_runner=worker.RUNNER,
        max_concurrent_activities=worker.THREADS,
    )


def by_engine(client: Client) -> Contender:
    """The diagram on our workflow, started as the API starts a case."""
    definition = read(in_a_row([("userTask", ""), *[("serviceTask", JOB)] * TASKS]))
    calendar = WorkingCalendar.shipped().to_json()
    text, sha256 = json.dumps(definition.dump()), packed(definition.dump())[1]

    async def start(workflow_id: str) -> WorkflowHandle[Any, Any]:
        case = CaseFields(workflow_id, "bench", 1)
        return await client.start_workflow(
            "bench",
            CaseStart(case, text, sha256, calendar),
            id=workflow_id,
            task_queue="ours",
            static_summary=showing.summary(case),
            search_attributes=showing.first_attributes(case),
        )

    return Contender("yekuo", start, "3")


def by_hand(client: Client) -> Contender:
    """The same by hand."""

    async def start(workflow_id: str) -> WorkflowHandle[Any, Any]:
        return await client.start_workflow("HandWritten", workflow_id, id=workflow_id, task_queue="hand")

    return Contender("handwritten", start, "0")


async def _compare(client: Client, ours: Contender, hand: Contender) -> list[Result]:
    for contender in (ours, hand):
        await _round(contender, 4)
    speeds: dict[str, list[float]] = {ours.name: [], hand.name: []}
    last: dict[str, list[str]] = {}
    for number in range(ROUNDS):
        for contender in (ours, hand) if number % 2 else (hand, ours):
            speed, last[contender.name] = await _round(contender, CASES)
            speeds[contender.name].append(speed)
    sizes = {name: await _size(client, ids) for name, ids in last.items()}
    ratios = [a / b for a, b in zip(speeds[ours.name], speeds[hand.name], strict=True)]
    events = sizes[ours.name][0] / sizes[hand.name][0]
    what = f"cases a second, ours to by hand ({spread(ratios)})"
    return [
        Result("temporal_throughput_vs_handwritten", median(ratios), what, ">= 0.85"),
        Result("temporal_events_vs_handwritten", events, "history events of a case, ours to by hand", "<= 1.25"),
        *(
            Result(f"temporal_cases_per_second_{name}", median(found), "cases a second")
            for name, found in speeds.items()
        ),
        *(Result(f"temporal_events_{name}", size[0], "history events of a case") for name, size in sizes.items()),
        *(Result(f"temporal_bytes_{name}", size[1], "history bytes of a case") for name, size in sizes.items()),
    ]


async def _round(contender: Contender, cases: int) -> tuple[float, list[str]]:
    """Run so many cases, some at once; answers cases a second, and the ids."""
    gate = asyncio.Semaphore(AT_ONCE)
    ids = [f"{contender.name}/{uuid4()}" for _ in range(cases)]

    async def one(workflow_id: str) -> None:
        async with gate:
            await play(contender, workflow_id)

    start = time.perf_counter()
    async with asyncio.timeout(120):
        await asyncio.gather(*map(one, ids))
    return cases / (time.perf_counter() - start), ids


async def play(contender: Contender, workflow_id: str) -> None:
    """One case from its start to its end."""
    handle = await contender.start(workflow_id)
    act = {"task": contender.task, "by": "bench", "groups": [], "data": {"approved": True}}
    await handle.execute_update("complete", act)
    await handle.result()


async def _size(client: Client, workflow_ids: list[str]) -> tuple[float, float]:
    """Events and bytes of a history, on average: an act may come with the first workflow task or after it."""
    found = [await client.get_workflow_handle(one).describe() for one in workflow_ids]
    infos = [one.raw_description.workflow_execution_info for one in found]
    return mean(info.history_length for info in infos), mean(info.history_size_bytes for info in infos)
