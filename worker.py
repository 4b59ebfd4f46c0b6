"""The worker process: registers workflows and activities, nothing else."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities import all_activities
from activities.cases import CaseActivities, unpacked
from domain.calendar import WorkingCalendar
from domain.feel import feel_functions
from storage.bundles import current_bundles
from storage.database import Database
from storage.files import FileStore
from storage.settings import Settings
from workflows import definitions
from workflows.codec import CONVERTER
from workflows.namespace import connect, prepare_namespace
from workflows.process import BpmnProcess

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
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[BpmnProcess],
        activities=[*all_activities(database, files), cases.publish_message, cases.describe_cases, *more],
        activity_executor=ThreadPoolExecutor(THREADS, thread_name_prefix="activity"),
        workflow_runner=RUNNER,
        max_cached_workflows=cached,
        max_concurrent_activities=THREADS,
        max_concurrent_local_activities=THREADS,
    )


def warm_up(database: Database) -> None:
    """Load what new cases start with, before the first task: a task that computes for two seconds counts as stuck."""
    functions = feel_functions(WorkingCalendar.shipped())
    with database.session() as session:
        bundles = current_bundles(session)
    for bundle in bundles:
        definition = definitions.load(bundle.sha256, unpacked(bundle.payload), functions)
        for process in definition.processes:
            definition.graph(process, functions)


async def main(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM, then finish what is in hand."""
    client = await connect(settings.temporal_address, settings.namespace, CONVERTER)
    await prepare_namespace(client)
    stopping = asyncio.Event()
    database = Database(settings.database)
    warm_up(database)
    async with build(client, database, FileStore(settings.file_store), settings.task_queue):
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        print("the worker is ready")
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(main(Settings()))
