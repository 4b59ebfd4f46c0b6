"""Signals on their way to all cases, from whoever throws them: a case, another system, a person (BPMN 2.0 §10.5.1).

A signal reaches every running case that waits for it, then begins a case of each process that starts by it. What comes
to wait for it later does not get it; a case that ran already but was not recorded yet is told when it is
(`storage.broadcasts.missed`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.starting import begin, short_hash, triggered
from domain.fields import MissingFields
from domain.start import Broadcast, CaseStart, Reached, SignalPassed
from storage.broadcasts import Broadcast as Row
from storage.broadcasts import listeners, take_in
from storage.bundles import signal_starts
from storage.database import Database

_SIGNAL = "bpmn_signal"
"""The signal of `workflows.process` by which one reaches a case."""
_AT_ONCE = 50
"""Cases told at once."""


@dataclass(frozen=True)
class _Wanted:
    """Whom a signal goes to, what it begins, by workflow id, and why it cannot begin others."""

    cases: Sequence[str]
    begins: dict[str, CaseStart]
    refused: list[str]


def begun_id(broadcast_id: str, process: str, element: str) -> str:
    """The workflow id of the case that a signal begins: sending it twice begins it once."""
    return f"signal/{short_hash(broadcast_id)}/{process}/{element}"


class Broadcaster:
    """Sends signals; needs the database, where cases and diagrams stand, and a Temporal client."""

    def __init__(self, database: Database, client: Client, task_queue: str) -> None:
        self._database = database
        self._client = client
        self._task_queue = task_queue

    async def send(self, broadcast: Broadcast, alive: Callable[[], None] = lambda: None) -> Reached:
        """Send a signal once; the same id again is answered with what it did. `alive` is called while it works.

        Raises `BroadcastIdTaken`.
        """
        wanted = await asyncio.to_thread(self._taken_in, broadcast)
        if isinstance(wanted, Reached):
            return wanted
        signal = SignalPassed(broadcast.name, broadcast.variables, "", broadcast.id)
        for first in range(0, len(wanted.cases), _AT_ONCE):
            alive()
            await asyncio.gather(*(self._tell(one, signal) for one in wanted.cases[first : first + _AT_ONCE]))
        for workflow_id, start in wanted.begins.items():
            alive()
            await begin(self._client, self._task_queue, workflow_id, start)
        reached = Reached(len(wanted.cases), len(wanted.begins), wanted.refused)
        return await asyncio.to_thread(self._done, broadcast, reached)

    def _taken_in(self, broadcast: Broadcast) -> _Wanted | Reached:
        at = datetime.fromisoformat(broadcast.now)
        with self._database.transaction() as session:
            sent = _row(session, broadcast)
            if sent.reached is not None and sent.begun is not None:
                return Reached(sent.reached, sent.begun, sent.refused)
            wanted = _Wanted(listeners(session, broadcast.name, broadcast.source), {}, [])
            for bundle, element in signal_starts(session, broadcast.name):
                try:
                    start = triggered(bundle, element, broadcast.variables, broadcast.start, at, broadcast.id)
                except MissingFields as refusal:
                    wanted.refused.append(f"{bundle.key}：{refusal}")
                else:
                    wanted.begins[begun_id(broadcast.id, bundle.key, element)] = start
            return wanted

    async def _tell(self, workflow_id: str, signal: SignalPassed) -> None:
        try:
            await self._client.get_workflow_handle(workflow_id).signal(_SIGNAL, signal)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # a case that has just ended hears nothing any more
                raise

    def _done(self, broadcast: Broadcast, reached: Reached) -> Reached:
        with self._database.transaction() as session:
            sent = _row(session, broadcast)
            sent.reached, sent.begun, sent.refused = reached.cases, reached.begun, reached.refused
        return reached


def _row(session: Session, sent: Broadcast) -> Row:
    at = datetime.fromisoformat(sent.now)
    return take_in(session, sent.id, sent.name, sent.source, sent.variables, at)


class SignalActivities:
    """The activity by which a case throws a signal."""

    def __init__(self, database: Database, client: Client, task_queue: str) -> None:
        self._broadcaster = Broadcaster(database, client, task_queue)

    @activity.defn(name="broadcast-signal")
    async def broadcast_signal(self, broadcast: Broadcast) -> Reached:
        """Sends a signal to all cases that may wait for it but the one that throws it, which has had it."""
        return await self._broadcaster.send(broadcast, activity.heartbeat)
