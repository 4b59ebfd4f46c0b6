"""The activities by which a schedule begins cases at the times that their diagrams say."""

from __future__ import annotations

import asyncio
from datetime import datetime

from temporalio import activity
from temporalio.client import Client

from activities.company import company_context
from activities.starting import begin, case_start
from domain.records import CaseFields
from domain.start import CaseStart
from domain.timed_starts import TimedBeginning, TimedStart
from storage.bundles import current_bundle
from storage.database import Database
from storage.timer_starts import due_starts, go_on, is_due


class TimedStartActivities:
    """Needs the database, where diagrams and their start timers stand, and a Temporal client."""

    def __init__(self, database: Database, client: Client, task_queue: str) -> None:
        self._database = database
        self._client = client
        self._task_queue = task_queue

    @activity.defn(name="due-timer-starts")
    def due_timer_starts(self, until: str) -> list[TimedStart]:
        """The timer start events that are due by the instant `until`."""
        with self._database.session() as session:
            return due_starts(session, datetime.fromisoformat(until))

    @activity.defn(name="begin-timed-case")
    async def begin_timed_case(self, beginning: TimedBeginning) -> str:
        """Begins the case of a timer start event whose time has come, once.

        Answers its workflow id; nothing where another deployment has taken the event away meanwhile.
        """
        start = beginning.start
        case = await asyncio.to_thread(self._case, start)
        if case is None:
            return ""
        await begin(self._client, self._task_queue, start.workflow_id, case)
        await asyncio.to_thread(self._go_on, beginning)
        return start.workflow_id

    def _case(self, start: TimedStart) -> CaseStart | None:
        with self._database.transaction() as session:
            bundle = current_bundle(session, start.process)
            if bundle is None or not is_due(session, start):
                return None
            return case_start(
                bundle,
                CaseFields.of(start.case_no, start.process, {}),
                {"caseNo": start.case_no},
                company_context(session),
                datetime.fromisoformat(start.due),
                start_event=start.element,
            )

    def _go_on(self, beginning: TimedBeginning) -> None:
        with self._database.transaction() as session:
            go_on(session, beginning.start, beginning.following)
