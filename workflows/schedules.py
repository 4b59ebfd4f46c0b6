"""What Temporal does by the calendar: weeks of outage plans are opened, reservations that are over are freed, cases are
told that what they wait for is there.

Each is a Temporal Schedule that begins a workflow of one activity. Needed by the worker at its start only, on a server
that has schedules (the time-skipping one has none); but for the classes no workflow code runs here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import RetryPolicy
from temporalio.service import RPCError, RPCStatusCode

OPEN_WEEKS = "open-outage-weeks"
FREE_RESERVATIONS = "free-expired-reservations"
WAKE_CASES = "wake-waiting-cases"
"""Types of workflows, and the activities that they run."""

ZONE = "Asia/Shanghai"
_ATTEMPT = timedelta(minutes=1)
_PATIENCE = timedelta(days=1)
"""How long it is tried: the next time comes then anyhow."""
_CATCH_UP = timedelta(days=7)
"""What was missed so long ago, while Temporal was down, is made up for, unless the schedule says otherwise."""
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


class ScheduleRefused(Exception):
    """Temporal does not take a schedule; the text says which one and why."""


@workflow.defn(name=OPEN_WEEKS)
class OpenOutageWeeks:
    """Opens the week that takes requests now, for every dispatch unit; answers the plans that it began."""

    @workflow.run
    async def run(self) -> list[str]:
        begun: list[str] = await workflow.execute_activity(
            OPEN_WEEKS,
            workflow.now().isoformat(),
            result_type=list[str],
            start_to_close_timeout=_ATTEMPT,
            schedule_to_close_timeout=_PATIENCE,
            retry_policy=_RETRY,
            summary="打开下周停送电计划",
        )
        return begun


@workflow.defn(name=FREE_RESERVATIONS)
class FreeExpiredReservations:
    """Frees the bays whose reservation is over; answers how many."""

    @workflow.run
    async def run(self) -> int:
        freed: int = await workflow.execute_activity(
            FREE_RESERVATIONS,
            workflow.now().isoformat(),
            result_type=int,
            start_to_close_timeout=_ATTEMPT,
            schedule_to_close_timeout=_PATIENCE,
            retry_policy=_RETRY,
            summary="释放到期的间隔预留",
        )
        return freed


@workflow.defn(name=WAKE_CASES)
class WakeWaitingCases:
    """Tells the cases that could have the goods, or the bay, that they wait for; answers how many."""

    @workflow.run
    async def run(self) -> int:
        woken: int = await workflow.execute_activity(
            WAKE_CASES,
            workflow.now().isoformat(),
            result_type=int,
            start_to_close_timeout=_ATTEMPT,
            schedule_to_close_timeout=_PATIENCE,
            retry_policy=_RETRY,
            summary="通知待料、待间隔的工单",
        )
        return woken


@dataclass(frozen=True)
class Scheduled:
    """A workflow that begins whenever `cron` says so, in Chinese time; `name` is the schedule's id.

    What was missed while Temporal was down, up to `catch_up` ago, is made up for. `overlap` says what becomes of a time
    that comes while the workflow of the one before is at work.
    """

    name: str
    workflow: str
    cron: str
    note: str
    catch_up: timedelta = _CATCH_UP
    overlap: ScheduleOverlapPolicy = ScheduleOverlapPolicy.SKIP


async def ensure_schedules(client: Client, task_queue: str, wanted: Sequence[Scheduled]) -> None:
    """Makes the schedules that are not there and changes the others to what is wanted; a paused one stays paused.

    Every worker may call it at its start. Raises `ScheduleRefused`.
    """
    for one in wanted:
        try:
            await _ensure(client, one, _schedule(one, task_queue))
        except RPCError as error:
            if error.status is not RPCStatusCode.INVALID_ARGUMENT:
                raise
            problem = f"Temporal refuses the schedule {one.name!r} at {one.cron!r}: {error.message}"
            raise ScheduleRefused(problem) from error


async def _ensure(client: Client, wanted: Scheduled, schedule: Schedule) -> None:
    def changed(found: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule.state = found.description.schedule.state
        return ScheduleUpdate(schedule)

    try:
        await client.create_schedule(wanted.name, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(wanted.name).update(changed)


def _schedule(wanted: Scheduled, task_queue: str) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            wanted.workflow, id=wanted.name, task_queue=task_queue, static_summary=wanted.note
        ),
        spec=ScheduleSpec(cron_expressions=[wanted.cron], time_zone_name=ZONE),
        policy=SchedulePolicy(overlap=wanted.overlap, catchup_window=wanted.catch_up),
    )
