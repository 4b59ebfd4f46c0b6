"""The one Temporal timer of a case's clocks: at the earliest instant at which one of them climbs."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import workflow

from domain.business_time import spoken
from domain.ladder import NextInstant

if TYPE_CHECKING:
    from workflows.world import World


class Alarm:
    """Wakes the case when a level is reached. Set anew only for something earlier: what has become void wakes once."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def run(self) -> None:
        """Watch for the whole run."""
        while True:
            await workflow.wait_condition(lambda: self._coming() is not None)
            if coming := self._coming():
                await self._sleep(coming)
            self._world.case.climb(self._world.now())

    async def _sleep(self, coming: NextInstant) -> None:
        """Until the instant, or until an earlier one is known."""
        seconds = (coming.at - self._world.now()).total_seconds()
        if seconds <= 0:
            return
        self._world.voice.spoke()
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._earlier(coming.at),
                timeout=seconds,
                timeout_summary=f"{coming.name} {coming.level.title} {spoken(coming.at)}",
            )

    def _earlier(self, at: datetime) -> bool:
        coming = self._coming()
        return coming is not None and coming.at < at

    def _coming(self) -> NextInstant | None:
        watch = self._world.case.watch
        return watch.next_instant() if watch else None
