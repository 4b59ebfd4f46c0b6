"""Cases begin at the times that the timer start events of their diagrams say (BPMN 2.0 §10.5.5, §13.5.1).

A schedule begins this workflow every minute; it looks at what is due within that minute, and begins each case on time.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from bpmn.options import SHANGHAI
from bpmn.starts import repeated
from bpmn.timing import Schedule
from domain.timed_starts import TimedBeginning, TimedStart

BEGIN_TIMED_CASES = "begin-timed-cases"
"""The type of the workflow."""

_AT_MOST = 200
"""Cases of one start event that one run begins: what is left over is begun by the next."""
_ATTEMPT = timedelta(seconds=30)
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


@workflow.defn(name=BEGIN_TIMED_CASES)
class BeginTimedCases:
    """Begins the cases whose time comes within so many seconds; answers how many it began."""

    @workflow.run
    async def run(self, within: float = 60.0) -> int:
        until = workflow.now() + timedelta(seconds=within)
        due: list[TimedStart] = await workflow.execute_activity(
            "due-timer-starts",
            until.isoformat(),
            result_type=list[TimedStart],
            start_to_close_timeout=_ATTEMPT,
            retry_policy=_RETRY,
            summary="查找到期的定时启动",
        )
        return sum(await asyncio.gather(*(self._begin(one, until) for one in due)))

    async def _begin(self, start: TimedStart, until: datetime) -> int:
        begun, wanted = 0, start
        while datetime.fromisoformat(wanted.due) <= until and begun < _AT_MOST:
            following = _following(wanted)
            if not await self._begin_one(TimedBeginning(wanted, following)):
                return begun
            begun += 1
            if following is None:
                return begun
            wanted = following
        return begun

    async def _begin_one(self, beginning: TimedBeginning) -> str:
        start = beginning.start
        pause = datetime.fromisoformat(start.due) - workflow.now()
        if pause > timedelta(0):
            await workflow.sleep(pause, summary=f"{start.process}：{start.element}")
        begun: str = await workflow.execute_activity(
            "begin-timed-case",
            beginning,
            result_type=str,
            start_to_close_timeout=_ATTEMPT,
            retry_policy=_RETRY,
            summary=f"启动 {start.case_no}",
        )
        return begun


def _following(start: TimedStart) -> TimedStart | None:
    """When a start event is due after the time that it is due at; None where that was the last."""
    schedule = Schedule(datetime.fromisoformat(start.due).astimezone(SHANGHAI), start.interval, start.remaining)
    after = repeated(schedule, SHANGHAI)
    return replace(start, due=after.due.isoformat(), remaining=after.remaining) if after else None
