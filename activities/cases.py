"""Activities that speak to Temporal: messages between cases, and asking after a called one."""

from __future__ import annotations

import asyncio

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.messages import Messenger, Receipt, ReceiverGone
from domain.fields import MissingFields
from domain.jobs import JobRefused
from domain.start import ChildState, Publication
from storage.database import Database
from storage.messages import MessageIdTaken, UnknownMessage

_AT_ONCE = 20
"""Questions to Temporal at once."""


class CaseActivities:
    """Needs the database, where subscriptions stand, and a Temporal client."""

    def __init__(self, database: Database, client: Client, task_queue: str) -> None:
        self._client = client
        self._messenger = Messenger(database, client, task_queue)

    @activity.defn(name="publish-message")
    async def publish_message(self, publication: Publication) -> str:
        """Deliver a message once: to the case that waits for it, to a new one, or into waiting.

        Answers the workflow id it went to, or `waiting`.
        """
        try:
            return _word(await self._messenger.deliver(publication))
        except UnknownMessage:
            raise _refused(f"没有流程认识消息「{publication.name}」，请检查消息名称，或先部署接收它的流程") from None
        except MessageIdTaken as taken:
            raise _refused(f"消息编号 {publication.message_id} 已用于另一条消息：{taken}") from None
        except (ReceiverGone, MissingFields) as refusal:
            raise _refused(str(refusal)) from None

    @activity.defn(name="describe-cases")
    async def describe_cases(self, workflow_ids: list[str]) -> list[ChildState]:
        """Whether each of these cases is still running, in their order."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(workflow_id: str) -> ChildState:
            async with gate:
                return await self._describe(workflow_id)

        return list(await asyncio.gather(*map(one, workflow_ids)))

    async def _describe(self, workflow_id: str) -> ChildState:
        try:
            description = await self._client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return ChildState(closed=True, status="NOT_FOUND")
            raise
        status = description.status
        return ChildState(closed=status is not WorkflowExecutionStatus.RUNNING, status=status.name if status else "")


def _word(receipt: Receipt) -> str:
    return receipt.workflow_id or str(receipt.state)


def _refused(problem: str) -> ApplicationError:
    """Trying again does not help; the text is what the incident shows."""
    return ApplicationError(problem, type=JobRefused.__name__, non_retryable=True)
