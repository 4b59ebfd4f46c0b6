"""The activity by which a schedule tells cases that what they wait for is there: goods, or a bay."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from temporalio import activity
from temporalio.client import Client

from activities.messages import Messenger, ReceiverGone
from domain.chinese import business_date
from domain.start import Publication, StartContext
from storage.database import Database
from storage.messages import UnknownMessage
from storage.waking import Waking, to_wake

_SOURCE = "wake-waiting-cases"
_LIVES = 60.0
"""Seconds: whoever does not wait any more asks the books anew when the time comes."""


class WakingActivities:
    """Needs the database, where waits and stocks stand, and a Temporal client."""

    def __init__(self, database: Database, client: Client, task_queue: str) -> None:
        self._database = database
        self._messenger = Messenger(database, client, task_queue)

    @activity.defn(name="wake-waiting-cases")
    async def wake_waiting_cases(self, now: str) -> int:
        """Sends their message to the cases that could have at the instant `now` what they wait for, once for each wait;
        answers how many there were."""
        found = await asyncio.to_thread(self._found, now)
        for one in found:
            # One that has ended since then needs no word, and a name that no diagram knows any more has no hearer.
            with suppress(ReceiverGone, UnknownMessage):
                await self._messenger.deliver(_publication(one, now))
        return len(found)

    def _found(self, now: str) -> list[Waking]:
        with self._database.session() as session:
            return to_wake(session, business_date(now))


def _publication(one: Waking, now: str) -> Publication:
    return Publication(one.id, one.name, one.correlation_key, {}, _LIVES, now, _SOURCE, StartContext({}))
