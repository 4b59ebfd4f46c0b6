"""Tells the caller of a called case how its clocks stand: when one starts, ends, moves or climbs, never per step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from temporalio import workflow

from domain.start import ClockReport
from workflows import limits

if TYPE_CHECKING:
    from workflows.world import World


class ClockReporter:
    """One report at a time, with all that has changed meanwhile in the next; none where nothing has."""

    def __init__(self, world: World) -> None:
        self._world = world
        start = world.case.start
        self._caller = start.caller if start.clock_reports else None

    @property
    def pending(self) -> bool:
        """Whether the caller may have to be told something before the case ends."""
        case = self._world.case
        return self._caller is not None and case.clock_news and not case.reported

    async def run(self) -> None:
        """Report whatever comes, for the whole run."""
        while self._caller:
            await workflow.wait_condition(self._is_due)
            await self._world.confirmed(self._report(self._caller.workflow_id, self._caller.call_key))

    def _is_due(self) -> bool:
        """A case that has finished is not continued as new before it has reported its end."""
        return self.pending and (self._world.case.finished is not None or not self._world.draining)

    async def _report(self, caller: str, call_key: int) -> None:
        case, own = self._world.case, workflow.info().workflow_id
        cases, told = limits.for_caller(case, own)
        case.clock_news = False
        if told != case.told:
            case.told = told
            await self._world.tell(caller, "child_clocks", ClockReport(call_key, own, cases))
