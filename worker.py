"""The worker process: registers workflows and activities, nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from itertools import chain
from typing import Any

from temporalio.client import Client, ScheduleOverlapPolicy
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities import all_activities
from activities.beat import Beat
from activities.cases import CaseActivities
from activities.channels.settings import ChannelSettings
from activities.outage_weeks import OutageWeekActivities
from activities.signals import SignalActivities
from activities.starting import unpacked
from activities.timed_starts import TimedStartActivities
from activities.waking import WakingActivities
from domain.feel import shipped_functions
from storage.bundles import current_bundles
from storage.database import Database
from storage.files import FileStore
from storage.safety import UnsafeSettings, mail_faults, refuse_unsafe, service_faults, temporal_faults
from storage.settings import Settings
from storage.worker_state import forget
from workflows import definitions
from workflows.codec import CONVERTER
from workflows.namespace import NamespaceUnfit, connect, prepare_namespace, target
from workflows.process import BpmnProcess
from workflows.schedules import (
    FREE_RESERVATIONS,
    OPEN_WEEKS,
    WAKE_CASES,
    FreeExpiredReservations,
    OpenOutageWeeks,
    Scheduled,
    ScheduleRefused,
    WakeWaitingCases,
    ensure_schedules,
)
from workflows.timed_starts import BEGIN_TIMED_CASES, BeginTimedCases

THREADS = 20
"""Activities at work at once: most of them wait for the database."""

CACHED = 1_000
"""Cases kept in memory."""

RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules("bpmn", "domain", "lark", "workflows")
)
"""The sandbox loads what it watches anew for every case, which costs a case more than all its own work. Ours is passed
through: it is pure, or speaks to Temporal by the workflow API alone, and tests/workflows/test_sandbox.py holds it to
that. Whatever else workflow code may come to import stays watched."""


def build(
    client: Client,
    database: Database,
    files: FileStore,
    task_queue: str,
    more: Sequence[Callable[..., Any]] = (),
    cached: int = CACHED,
) -> Worker:
    """A worker for `task_queue`, with `more` activities for jobs of other types; runs within `async with`.

    It keeps so many `cached` cases in memory; others are played from the beginning of their run when they go on.
    """
    cases = CaseActivities(database, client, task_queue)
    weeks = OutageWeekActivities(database, client, task_queue)
    waking = WakingActivities(database, client, task_queue)
    signals = SignalActivities(database, client, task_queue)
    timed = TimedStartActivities(database, client, task_queue)
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[BpmnProcess, OpenOutageWeeks, FreeExpiredReservations, WakeWaitingCases, BeginTimedCases],
        activities=[
            *all_activities(database, files),
            cases.publish_message,
            cases.describe_cases,
            weeks.open_outage_weeks,
            waking.wake_waiting_cases,
            signals.broadcast_signal,
            timed.due_timer_starts,
            timed.begin_timed_case,
            *more,
        ],
        activity_executor=ThreadPoolExecutor(THREADS, thread_name_prefix="activity"),
        workflow_runner=RUNNER,
        max_cached_workflows=cached,
        max_concurrent_activities=THREADS,
        max_concurrent_local_activities=THREADS,
    )


def warm_up(database: Database) -> None:
    """Load what new cases start with, before the first task: a task that computes for two seconds counts as stuck."""
    functions = shipped_functions()
    with database.session() as session:
        bundles = current_bundles(session)
    for bundle in bundles:
        definition = definitions.load(bundle.sha256, unpacked(bundle.payload), functions)
        for process in definition.processes:
            definition.graph(process, functions)


async def main(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM, then finish what is in hand."""
    forget(settings.worker_state)
    refuse_unsafe_worker(settings, ChannelSettings())
    client = await connect(settings.temporal_address, settings.namespace, CONVERTER)
    await prepare_namespace(client)
    await ensure_schedules(client, settings.task_queue, schedules(settings))
    stopping = asyncio.Event()
    database = Database(settings.database)
    warm_up(database)
    async with build(client, database, FileStore(settings.file_store), settings.task_queue):
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        print("the worker is ready")
        beating = asyncio.create_task(Beat(client, database, settings.task_queue, settings.worker_state).go_on())
        await stopping.wait()
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


def schedules(settings: Settings) -> tuple[Scheduled, ...]:
    """What is done by the calendar in this installation."""
    return (
        Scheduled(settings.outage_weeks_schedule, OPEN_WEEKS, settings.outage_weeks_cron, "打开停送电周计划"),
        Scheduled(settings.expired_bays_schedule, FREE_RESERVATIONS, settings.expired_bays_cron, "释放到期间隔预留"),
        Scheduled(
            settings.waking_schedule,
            WAKE_CASES,
            settings.waking_cron,
            "通知待料、待间隔的工单",
            catch_up=timedelta(minutes=1),  # the next time tells whatever this one would have
        ),
        Scheduled(
            settings.timed_starts_schedule,
            BEGIN_TIMED_CASES,
            "* * * * *",
            "按时启动流程",
            catch_up=timedelta(minutes=1),  # as above
            overlap=ScheduleOverlapPolicy.BUFFER_ONE,  # a minute's last case may begin in the next one
        ),
    )


def refuse_unsafe_worker(settings: Settings, channels: ChannelSettings) -> None:
    """Raises `UnsafeSettings` with everything that is unsafe outside development."""
    to = target(settings.temporal_address)
    refuse_unsafe(
        settings,
        chain(
            temporal_faults(to.address, to.encrypted, to.chosen),
            mail_faults(channels.smtp_host, channels.smtp_security),
            *(
                service_faults(f"YEKUO_CHANNEL_{name.upper()}", getattr(channels, name))
                for name in ("wecom_base", "dingtalk_base", "feishu_base")
            ),
        ),
    )


if __name__ == "__main__":
    try:
        asyncio.run(main(Settings()))
    except (NamespaceUnfit, ScheduleRefused, UnsafeSettings) as refused:
        sys.exit(str(refused))
    # A thread of the SDK that is still at work when the interpreter takes itself apart would abort the process.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
