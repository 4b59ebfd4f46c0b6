"""What kills: a dev server that keeps its cases on disk, a worker that may be killed anywhere, and who kills them.

One thing is killed at a time, at a point that the work itself reaches (see `fuses`): a worker is killed right there;
for a server the worker is stopped there, so that what it is doing stays under way, and goes on with the next server.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from api.acts import send
from domain.acts import Act
from tests.conftest import TEMPORAL
from tests.workflows.fuses import FuseBox
from tests.workflows.running import eventually
from tests.workflows.support import ROOT
from workflows.namespace import SEARCH_ATTRIBUTES

PATIENCE = 30.0
"""Seconds until the next point is reached: work that was killed is begun again only after its time is over."""
_ANSWER = 5.0

WORKER, SERVER, BOTH = "worker", "server", "worker and server"


@dataclass(frozen=True)
class Moment:
    """Who is killed, and at which point of the worker's work (see `fuses`)."""

    victim: str
    point: str

    @property
    def in_flight(self) -> bool:
        """Whether an act or an activity is under way: Temporal, or the worker, has it and has not answered."""
        return not self.point.endswith(".asked")


def quiet_port() -> int:
    """A free port that no outgoing connection is given while nobody listens on it."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Server:
    """Temporal's dev server as a process, on one port and one file; its workflow tasks are given up after a second."""

    def __init__(self, folder: Path) -> None:
        self._port, self._file = quiet_port(), folder / "temporal.db"
        self._process: Process | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    @property
    def up(self) -> bool:
        return self._process is not None

    async def begin(self) -> None:
        """Start it, on what is on disk."""
        kinds = [IndexedValueType.Name(IndexedValueType.ValueType(key.indexed_value_type)) for key in SEARCH_ATTRIBUTES]
        names = [kind.removeprefix("INDEXED_VALUE_TYPE_").title().replace("_", "") for kind in kinds]
        attributes = [f"{key.name}={name}" for key, name in zip(SEARCH_ATTRIBUTES, names, strict=True)]
        self._process = await asyncio.create_subprocess_exec(
            *(TEMPORAL, "server", "start-dev", "--headless", "--log-level", "never"),
            *("--port", str(self._port), "--db-filename", str(self._file)),
            *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"),
            *("--dynamic-config-value", 'history.defaultWorkflowTaskTimeout="1s"'),
            *(part for one in attributes for part in ("--search-attribute", one)),
            stdout=DEVNULL,
            stderr=DEVNULL,
        )
        await eventually(self._listens)

    async def _listens(self) -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self._port)
            writer.close()
            return True
        return False

    async def kill(self) -> None:
        """End it as a power failure does."""
        if self._process:
            self._process.kill()
            await self._process.wait()
            self._process = None


class Worker:
    """The worker of `killable`: `pid` is that of the one at work, None while there is none."""

    def __init__(self, server: Server, queue: str, folder: Path, settings: Mapping[str, str]) -> None:
        self._arguments = (server.address, queue, str(folder))
        self._environment = {**os.environ, **settings}
        self._starter: Process | None = None
        self.pid: int | None = None

    async def load(self) -> None:
        """Load what workers are started from."""
        self._starter = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.workflows.killable", *self._arguments),
            cwd=ROOT,
            env=self._environment,
            stdin=PIPE,
            stdout=PIPE,
        )

    async def begin(self) -> None:
        """Start one."""
        assert self._starter
        assert self._starter.stdin
        self._starter.stdin.write(b"begin\n")
        self.pid = int(await self._said())

    async def halted(self) -> str:
        """Wait until it is `stopped` or `killed`, or has ended for another reason."""
        async with asyncio.timeout(PATIENCE):
            how = await self._said()
        if how != "stopped":
            self.pid = None
        return how

    def send(self, what: Signals) -> None:
        assert self.pid
        os.kill(self.pid, what)

    def reaches(self, box: FuseBox, point: str) -> None:
        """The one at work has come to a point that somebody else sees."""
        if self.pid:
            box.reach(point, self.pid)

    async def close(self) -> None:
        """End everything, whatever state it is in."""
        if self.pid:
            with suppress(ProcessLookupError):
                self.send(signal.SIGKILL)
            self.pid = None
        if self._starter and self._starter.returncode is None:
            self._starter.kill()
            await self._starter.wait()

    async def _said(self) -> str:
        assert self._starter
        assert self._starter.stdout
        return (await self._starter.stdout.readline()).decode().strip()


@dataclass(frozen=True)
class Doing:
    """An act under its key, which is sent until it is answered."""

    case: WorkflowHandle[Any, Any]
    client: Client
    act: Act

    async def once(self, patience: float = PATIENCE) -> None:
        """Send it, and wait for the answer."""
        await send(self.client, self.case.id, self.act, patience)

    async def answered(self) -> None:
        """Send it until it is answered; a case that has come to its end answers nobody any more."""
        await eventually(self._tried, PATIENCE)

    async def _tried(self) -> bool:
        with suppress(RPCError):
            try:
                await self.once(_ANSWER)
            except TimeoutError:
                return False
            except RPCError:
                return (await self.case.describe()).status is WorkflowExecutionStatus.COMPLETED
            return True
        return False


@dataclass
class Killer:
    """Kills at the moments that it is told, and starts again what it has killed."""

    server: Server
    worker: Worker
    box: FuseBox
    moments: list[Moment] = field(default_factory=list)

    async def kill_at(self, moment: Moment, doing: Doing | None = None) -> None:
        """Go on until the moment has come, with an act under way where one is given, and kill.

        What was killed last is started only after the fuse lies: the moment cannot be missed.
        """
        self.box.lay(moment.point, signal.SIGSTOP if moment.victim == SERVER else signal.SIGKILL)
        await self.go_on()
        act = asyncio.create_task(doing.once()) if doing else None
        try:
            await self._reached(moment)
            assert not (act and act.done()), f"the act was answered before {moment}"
        finally:
            if act:
                act.cancel()
                await asyncio.gather(act, return_exceptions=True)
        if moment.victim != WORKER:
            await self.server.kill()
        self.moments.append(moment)

    async def _reached(self, moment: Moment) -> None:
        try:
            how = await self.worker.halted()
        except TimeoutError:
            raise AssertionError(f"{moment} has not come after\n{self.listed()}") from None
        assert self.box.burnt(moment.point), f"the worker has {how} before {moment}"

    async def go_on(self) -> None:
        """Start what was killed last."""
        if not self.server.up:
            await self.server.begin()
        if self.worker.pid is None:
            await self.worker.begin()
        else:
            self.worker.send(signal.SIGCONT)

    def listed(self) -> str:
        """Every kill: its number, what was killed, at which moment, and whether an act or activity was in flight."""
        return "\n".join(
            f"{number:2}  {one.victim:17}  {one.point:31}{'in flight' if one.in_flight else 'between'}"
            for number, one in enumerate(self.moments, 1)
        )
