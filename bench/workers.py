"""Cases a minute with one, two and four worker processes, ours beside the hand-written workflow, by turns.

`python -m bench.workers` is such a worker: it serves both, each on its own task queue.
"""

from __future__ import annotations

import asyncio
import signal
import tempfile
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client

import worker
from bench import site
from bench.results import Result
from bench.temporal import Contender, bench_job, by_engine, by_hand, hand_worker, play
from storage.database import Database
from storage.files import FileStore
from storage.settings import Settings
from workflows.codec import CONVERTER
from workflows.namespace import connect

WORKERS = (1, 2, 4)
CASES, AT_ONCE = 80, 20
"""How many cases one round has, and how many of them are open at once."""
_PATIENCE = 120.0


def run() -> list[Result]:
    """Cases a minute; the case is a user task and ten service tasks."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_run(Path(folder)))


async def _run(folder: Path) -> list[Result]:
    url = f"sqlite:///{folder / 'yekuo.db'}"
    database = Database(url)
    database.migrate()
    database.close()
    results: list[Result] = []
    async with site.temporal(folder) as client:
        environment = site.settings(url, client.service_client.config.target_host, folder)
        ours, hand = by_engine(client), by_hand(client)
        for number in WORKERS:
            with ExitStack() as workers:
                for _ in range(number):
                    workers.enter_context(site.process(["bench.workers"], environment))
                results += await _measured(number, (ours, hand) if number % 2 else (hand, ours))
    return results


async def _measured(number: int, contenders: Iterable[Contender]) -> list[Result]:
    speeds = {}
    for contender in contenders:
        await _round(contender, AT_ONCE)
        speeds[contender.name] = await _round(contender, CASES)
    key, what = f"cases_per_minute_{number}_workers", f"cases a minute, {number} worker processes"
    return [
        Result(key, speeds["yekuo"], what),
        Result(f"{key}_handwritten", speeds["handwritten"], f"{what}, written by hand"),
    ]


async def _round(contender: Contender, cases: int) -> float:
    """Run so many cases, some at once; answers cases a minute."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with gate:
            await play(contender, f"{contender.name}/{uuid4()}")

    begun = time.perf_counter()
    async with asyncio.timeout(_PATIENCE), asyncio.TaskGroup() as group:
        for _ in range(cases):
            group.create_task(one())
    return cases / (time.perf_counter() - begun) * 60


async def serve(settings: Settings) -> None:
    """Work for both until SIGTERM."""
    client: Client = await connect(settings.temporal_address, settings.namespace, CONVERTER)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    database, files = Database(settings.database), FileStore(settings.file_store)
    async with worker.build(client, database, files, "ours", [bench_job]), hand_worker(client):
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(serve(Settings()))
