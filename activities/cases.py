"""Activities that speak to Temporal: messages between cases, and asking after a called one."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import zlib
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.refusals import refusing
from domain.calendar import shanghai_date
from domain.clock import Facts
from domain.jobs import JobRefused
from domain.records import CaseFields
from domain.start import CaseStart, ChildState, Publication, StartContext, summary
from storage.bundles import Bundle, current_bundle, message_starts
from storage.database import Database
from storage.messages import Delivery, DeliveryState, MessageIdTaken, UnknownMessage, publish

_AT_ONCE = 20
"""Questions to Temporal at once."""


def packed(definition: dict[str, Any]) -> tuple[bytes, str]:
    """A compiled definition as it is stored: compressed JSON, and the SHA-256 that tells contents apart."""
    text = json.dumps(definition, ensure_ascii=False, separators=(",", ":")).encode()
    return zlib.compress(text, 9), hashlib.sha256(text).hexdigest()


def unpacked(payload: bytes) -> str:
    """The JSON text of a definition that `packed` stored."""
    return zlib.decompress(payload).decode()


def case_start(
    bundle: Bundle,
    case: CaseFields,
    variables: dict[str, Any],
    context: StartContext,
    accepted_at: datetime,
    start_message: str = "",
) -> CaseStart:
    """The input of a new case of a deployed process, accepted at its own time `accepted_at`.

    `start_message` is the message that starts it, if one does. Raises `MissingFields` for variables that state
    the facts of the case in no way that can be read.
    """
    definition = unpacked(bundle.payload)
    title = next(process["name"] for process in json.loads(definition)["processes"] if process["id"] == bundle.key)
    return CaseStart(
        case=dataclasses.replace(case, process=bundle.key, version=bundle.version, title=title),
        definition=definition,
        definition_sha256=bundle.sha256,
        calendar=context.calendar,
        limits=context.limits,
        posts=context.posts,
        facts=Facts.of(variables, shanghai_date(accepted_at)).to_json(),
        variables=variables,
        start_message=start_message,
        clock_settings=context.clock_settings,
        clock_reports=True,
        simulation=context.simulation,
        clock_offset=context.clock_offset,
    )


class CaseActivities:
    """Needs the database, where subscriptions stand, and a Temporal client."""

    def __init__(self, database: Database, client: Client, task_queue: str) -> None:
        self._database = database
        self._client = client
        self._task_queue = task_queue

    @activity.defn(name="publish-message")
    async def publish_message(self, publication: Publication) -> str:
        """Deliver a message once: to the case that waits for it, to a new one, or into waiting.

        Answers the workflow id it went to, or `waiting`.
        """
        taken = await asyncio.to_thread(self._take_in, publication)
        if isinstance(taken, Bundle):
            return await self._start_by_message(taken, publication)
        if taken.workflow_id:
            await self._signal(taken.workflow_id, publication)
        return taken.workflow_id or str(DeliveryState.WAITING)

    @refusing
    def _take_in(self, publication: Publication) -> Delivery | Bundle:
        """Where a message goes: to a case, into waiting, or to a new case of a process that it starts."""
        with self._database.transaction() as session:
            key = message_starts(session).get(publication.name)
            if key and (bundle := current_bundle(session, key)):
                session.expunge(bundle)
                return bundle
            try:
                return publish(
                    session,
                    publication.message_id,
                    publication.name,
                    publication.correlation_key,
                    publication.variables,
                    timedelta(seconds=publication.time_to_live),
                    datetime.fromisoformat(publication.now),
                )
            except UnknownMessage:
                problem = f"没有流程认识消息「{publication.name}」，请检查消息名称，或先部署接收它的流程"
                raise JobRefused(problem) from None
            except MessageIdTaken as taken:
                raise JobRefused(f"消息编号 {publication.message_id} 已用于另一条消息：{taken}") from None

    async def _signal(self, workflow_id: str, publication: Publication) -> None:
        act = {
            "name": publication.name,
            "correlation_key": publication.correlation_key,
            "variables": publication.variables,
            "key": publication.message_id,
            "by": publication.source,
        }
        try:
            await self._client.get_workflow_handle(workflow_id).signal("message", act)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            problem = f"等待消息「{publication.name}」的流程 {workflow_id} 已不在运行，消息无法送达"
            raise ApplicationError(problem, type=JobRefused.__name__, non_retryable=True) from None

    async def _start_by_message(self, bundle: Bundle, publication: Publication) -> str:
        """A message start uses an id that the message determines, so that delivering twice starts once."""
        workflow_id = f"message/{publication.name}/{publication.correlation_key or publication.message_id}"
        case = CaseFields(case_no=publication.correlation_key or publication.message_id, process=bundle.key, version=0)
        now = datetime.fromisoformat(publication.now)
        start = refusing(case_start)(bundle, case, publication.variables, publication.start, now, publication.name)
        with suppress(WorkflowAlreadyStartedError):
            await self._client.start_workflow(
                bundle.key,
                start,
                id=workflow_id,
                task_queue=self._task_queue,
                static_summary=summary(start.case),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            )
        return workflow_id

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
