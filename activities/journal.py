"""The activity that brings a case's journal into the read model."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from temporalio import activity

from activities.refusals import refusing
from domain.records import JournalBatch, JournalReply
from storage.database import Database
from storage.journal import record_batch


def system_time() -> datetime:
    """The instant at which the system learns of something."""
    return datetime.now(UTC)


class JournalActivities:
    """The journal, kept in `database`; `clock` says when a record was learned of."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = system_time) -> None:
        self._database = database
        self._clock = clock

    @activity.defn(name="record-journal")
    @refusing
    def record_journal(self, batch: JournalBatch) -> JournalReply:
        """Stores and projects a batch once; answers messages that came before the waits it opened."""
        with self._database.transaction() as session:
            return record_batch(session, batch, self._clock())
