"""A worker as a process of its own that a test may kill, stop, and start again.

    python -m tests.workflows.killable ADDRESS QUEUE FOLDER

Everything is loaded once. For each line that is read a worker is started: its process id is said, `stopped` each time
that it is, and `killed` (or `ended` and a status) when it is no more; then the next line is read. The worker keeps its
database and files in FOLDER, and reaches the fuses in FOLDER/fuses.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL

from temporalio.client import Client

import worker
from storage.database import Database
from storage.files import FileStore
from tests.workflows.fuses import FuseBox, Fused
from workflows.codec import CONVERTER


@dataclass(frozen=True)
class Place:
    """Where a worker works."""

    address: str
    queue: str
    folder: Path


async def work(place: Place) -> None:
    """Work until somebody ends the process."""
    fuses = Fused(FuseBox(place.folder / "fuses"))
    client = await Client.connect(place.address, data_converter=CONVERTER, interceptors=[fuses])
    database = Database(f"sqlite:///{place.folder / 'cases.db'}")
    # Nothing cached: a case does not wait for the worker that had it and is gone.
    async with worker.build(client, database, FileStore(place.folder / "files"), place.queue, cached=0):
        await asyncio.Event().wait()


def look_after(pid: int) -> None:
    """Say what becomes of a worker, until it has ended."""
    while os.WIFSTOPPED(status := os.waitpid(pid, os.WUNTRACED)[1]):
        print("stopped", flush=True)
    print("killed" if os.WIFSIGNALED(status) and os.WTERMSIG(status) == SIGKILL else f"ended {status}", flush=True)


def main(place: Place) -> None:
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # where Temporal's library writes, too
            asyncio.run(work(place))
        print(pid, flush=True)
        look_after(pid)


if __name__ == "__main__":
    address, queue, folder = sys.argv[1:]
    main(Place(address, queue, Path(folder)))
