"""Brings a case's journal into the read model: in batches, one at a time, never in the way of an act.

A batch is an ordinary activity. A local one would cost fewer events, but it takes effect before its workflow task is
part of the history: where the task is tried again (a crash, a signal that came just then), the case's instants and the
order of what happened may be others, and the same numbers would stand for other records.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from bpmn import events
from domain.records import JournalBatch, JournalReply
from workflows.case import Case

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
_ONE_TRY, _ALL_TRIES = timedelta(seconds=10), timedelta(minutes=2)
"""How long the read model may be down before the batch is given back, so that the run can be continued as new."""

_MANY = 200
"""So many records are sent even while jobs are at work, whose ends would bring more."""


class Recorder:
    """Records the outbox of a case. `recording` is true while a batch is on its way."""

    def __init__(
        self,
        case: Case,
        now: Callable[[], datetime],
        apply: Callable[[events.Event], None],
        is_draining: Callable[[], bool],
        is_working: Callable[[], bool],
    ) -> None:
        self.case = case
        self.recording = False
        self._now = now
        self._apply = apply
        self._is_draining = is_draining
        self._is_working = is_working

    async def run(self) -> None:
        """Record whatever comes, for the whole run."""
        while True:
            await workflow.wait_condition(self._is_due)
            await self._record()

    def _is_due(self) -> bool:
        outbox = self.case.outbox
        if not outbox or self.case.journal_problem or self._is_draining():
            return False
        return not self._is_working() or len(outbox) >= _MANY

    async def _record(self) -> None:
        case = self.case
        records = case.outbox[: case.start.settings.journal_batch]
        batch = JournalBatch(workflow.info().workflow_id, case.epoch, case.start.case.case_no, records)
        self.recording = True
        try:
            reply = await workflow.execute_activity(
                "record-journal",
                batch,
                result_type=JournalReply,
                start_to_close_timeout=_ONE_TRY,
                schedule_to_close_timeout=_ALL_TRIES,
                retry_policy=_RETRY,
                summary=f"记录 {records[0].seq}–{records[-1].seq}",
            )
        except ActivityError as error:
            self._failed(error)
            return
        finally:
            self.recording = False
        del case.outbox[: len(records)]
        for message in reply.early:
            self._take_early(message.name, message.correlation_key, dict(message.variables), message.message_id)

    def _take_early(self, name: str, correlation_key: str, variables: dict[str, Any], message_id: str) -> None:
        """A message that had come before the case waited for it."""
        if self.case.mark_message(message_id, self._now()):
            live = self.case.start.settings.message_time_to_live
            self._apply(events.MessageArrived(name, correlation_key, variables, message_id, live))

    def _failed(self, error: ActivityError) -> None:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type == "JournalConflict":
            self.case.journal_problem = cause.message
            self.case.changed = True
