"""Brings a case's journal into the read model: in batches, one at a time, never in the way of an act.

A batch is an ordinary activity. A local one would cost fewer events, but it takes effect before its workflow task is
part of the history: where the task is tried again (a crash, a signal that came just then), the case's instants and the
order of what happened may be others, and the same numbers would stand for other records.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from bpmn import events
from bpmn.variables import json_size
from domain.records import EarlyMessage, JournalBatch, JournalReply, Record
from domain.start import SignalPassed
from workflows import acts

if TYPE_CHECKING:
    from workflows.world import World

_ALL_TRIES = timedelta(minutes=2)
"""How long the read model may be down before the batch is given back, so that the run can be continued as new."""

_INCIDENTS = ("JournalConflict", "JournalGap")
"""What trying again does not mend: the read model knows another past than the case."""

_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(seconds=30),
    non_retryable_error_types=_INCIDENTS,
)

_MANY = 200
"""So many records are sent at once even while jobs are at work, whose ends would bring more."""


class Recorder:
    """Records the outbox of a case. `recording` is true while a batch is on its way."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._case = world.case
        self.recording = False

    async def run(self) -> None:
        """Record whatever comes, for the whole run."""
        while True:
            await workflow.wait_condition(self._is_due)
            await self._record()

    def _is_due(self) -> bool:
        world, case = self._world, self._case
        if not case.outbox or case.journal_problem:
            return False
        return bool(case.awaited) or len(case.outbox) >= _MANY if world.working else not world.draining

    def _batch(self) -> list[Record]:
        """The oldest records, as many as go into one batch by their number and their bytes."""
        settings = self._case.start.settings
        records = self._case.outbox[: settings.journal_batch]
        if json_size([record.data for record in records]) <= settings.task_bytes:
            return records
        size = 0
        for count, record in enumerate(records):
            size += json_size(record.data)
            if count and size > settings.task_bytes:
                return records[:count]
        return records

    async def _record(self) -> None:
        case = self._case
        records = self._batch()
        case.awaited.clear()
        batch = JournalBatch(workflow.info().workflow_id, case.epoch, case.start.case.case_no, records)
        self.recording = True
        self._world.voice.spoke()
        try:
            reply = await workflow.execute_activity(
                "record-journal",
                batch,
                result_type=JournalReply,
                start_to_close_timeout=timedelta(seconds=case.start.settings.record_timeout),
                schedule_to_close_timeout=_ALL_TRIES,
                retry_policy=_RETRY,
                summary=f"记录 {records[0].seq}–{records[-1].seq}",
            )
        except ActivityError as error:
            self._failed(error)
        else:
            del case.outbox[: len(records)]
            self._take(reply.early)
            for one in reply.missed:
                self._world.signals.take(SignalPassed(one.name, one.variables, "", one.id))
            self._case.third_yellows(reply.third_yellows, self._world.now())
        finally:
            self.recording = False

    def _take(self, early: list[EarlyMessage]) -> None:
        """Messages that had come before the case waited for them."""
        live = self._case.start.settings.message_time_to_live
        for one in early:
            event = events.MessageArrived(one.name, one.correlation_key, one.variables, one.message_id, live)
            self._world.issue(acts.take_early(self._case, event, self._world.now()))

    def _failed(self, error: ActivityError) -> None:
        self._case.moved = True
        for cause in _causes(error):
            if isinstance(cause, ApplicationError) and cause.type in _INCIDENTS:
                self._case.journal_problem = cause.message
                self._case.changed = True


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__
    while cause is not None:
        yield cause
        cause = cause.__cause__
