"""How a worker is: it writes that down while it works, for a health check to read (`storage.worker_state`).

Well means that Temporal lists this very worker among those that ask for its tasks, and that the database answers.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from storage.database import Database
from storage.worker_state import forget, tell

EVERY = 10.0
"""Seconds between two beats."""

SOON = 1.0
"""Seconds to the next beat while something is wrong: what has come right is known soon."""

PATIENCE = 5.0
"""Seconds that Temporal and the database have to answer; they are asked at the same time."""


class Beat:
    """The beat of one worker, written to the file `state`; `client` is the one that the worker asks with."""

    def __init__(self, client: Client, database: Database, task_queue: str, state: Path) -> None:
        self._client, self._database, self._task_queue, self._state = client, database, task_queue, state
        # One of its own: a database that hangs must not keep the worker's threads.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="beat")

    async def go_on(self, every: float = EVERY) -> None:
        """Writes down how the worker is, again and again, until it is cancelled; then there is no state any more."""
        try:
            while True:
                tell(self._state, problem := await self.problem(), time.time())
                await asyncio.sleep(min(every, SOON) if problem else every)
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)
            forget(self._state)

    async def problem(self) -> str | None:
        """What is wrong now; None if nothing."""
        asked = [self._polling(), asyncio.get_running_loop().run_in_executor(self._thread, self._answering)]
        try:
            async with asyncio.timeout(PATIENCE):
                answers = await asyncio.gather(*asked)
        except TimeoutError:
            return f"Temporal or the database does not answer within {PATIENCE:.0f} s"
        return "; ".join(filter(None, answers)) or None

    async def _polling(self) -> str | None:
        request = DescribeTaskQueueRequest(
            namespace=self._client.namespace,
            task_queue=TaskQueue(name=self._task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            answer = await self._client.workflow_service.describe_task_queue(
                request, timeout=timedelta(seconds=PATIENCE)
            )
        except (RPCError, RuntimeError) as error:
            return f"Temporal does not answer: {str(error).partition(chr(10))[0]}"
        if self._client.identity not in {poller.identity for poller in answer.pollers}:
            return f"Temporal does not list {self._client.identity} among the workers of {self._task_queue}"
        return None

    def _answering(self) -> str | None:
        try:
            with self._database.session() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            return f"the database does not answer: {str(error).partition(chr(10))[0]}"
        return None
