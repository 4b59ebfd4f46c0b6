"""The worker process: registers workflows and activities, nothing else."""

from __future__ import annotations

import asyncio
import py_compile
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
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
from workflows import process as workflow_module
from workflows.codec import CONVERTER
from workflows.namespace import connect, prepare_namespace
from workflows.process import BpmnProcess

THREADS = 20
"""Activities at work at once: most of them wait for the database."""

RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        "bpmn",
        "domain",
        "lark",
        "workflows.acts",
        "workflows.calls",
        "workflows.case",
        "workflows.codec",
        "workflows.definitions",
        "workflows.jobs",
        "workflows.lanes",
        "workflows.namespace",
        "workflows.recording",
        "workflows.showing",
        "workflows.timers",
        "workflows.world",
    )
)
"""The sandbox watches the workflow class. What that is built of is pure, or speaks to Temporal by the workflow API
alone, and is loaded once for all cases: inside, each case would compile it anew."""


def build(
    client: Client, database: Database, files: FileStore, task_queue: str, more: Sequence[Callable[..., Any]] = ()
) -> Worker:
    """A worker for `task_queue`, with `more` activities for jobs of other types; runs within `async with`."""
    cases = CaseActivities(database, client, task_queue)
    _compile()
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[BpmnProcess],
        activities=[*all_activities(database, files), cases.publish_message, cases.describe_cases, *more],
        activity_executor=ThreadPoolExecutor(THREADS, thread_name_prefix="activity"),
        workflow_runner=RUNNER,
        max_concurrent_activities=THREADS,
        max_concurrent_local_activities=THREADS,
    )


def _compile() -> None:
    """Have the bytecode of the workflow's module on disk, even where Python writes none: each case imports it anew."""
    with suppress(OSError):
        py_compile.compile(workflow_module.__file__)


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
