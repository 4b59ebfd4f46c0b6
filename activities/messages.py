"""Messages on their way into cases, from whoever sends them: a case's own send task, another system, a person.

A message goes to the case that waits for it, begins a new one where its name starts a process, or is kept until a case
waits for it or its time is over. Its id makes a second delivery harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.starting import case_start
from domain.fields import FieldProblem, MissingFields
from domain.on_demand import ON_DEMAND, OnDemand
from domain.records import CaseFields
from domain.start import Publication, summary
from storage.bundles import Bundle, current_bundle, message_starts
from storage.cases import Case
from storage.database import Database
from storage.messages import Delivery, publish, publish_start
from storage.subscriptions import oldest_wait, wait_id

_PREFIX = "message"
_SIGNAL = "message"
"""The signal of `workflows.process` by which a message reaches a case."""


class ReceiverGone(Exception):
    """The case that waits for the message is not running any more."""

    def __init__(self, name: str, workflow_id: str) -> None:
        super().__init__(f"等待消息「{name}」的流程 {workflow_id} 已不在运行，消息无法送达")
        self.workflow_id = workflow_id


class MessageState(StrEnum):
    """Where a message is."""

    DELIVERED = "delivered"
    STARTED = "started"
    WAITING = "waiting"


@dataclass(frozen=True)
class Receipt:
    """What became of a message; `workflow_id` is the case it went to or began, empty while it waits."""

    state: MessageState
    workflow_id: str = ""


@dataclass(frozen=True)
class Destination:
    """Where a message will go, before it does: to a case of `workflow_id`, or to a new one of process `starts`."""

    workflow_id: str = ""
    starts: str = ""


Check = Callable[[Session, Destination], None]


@dataclass(frozen=True)
class Demand:
    """A message for a process that is begun where it does not run yet, and its current bundle."""

    wanted: OnDemand
    bundle: Bundle


def started_id(name: str, key: str) -> str:
    """The workflow id of the case that a message starts: delivering it twice starts it once."""
    return f"{_PREFIX}/{name}/{key}"


class Messenger:
    """Delivers messages; needs the database, where subscriptions stand, and a Temporal client."""

    def __init__(self, database: Database, client: Client, task_queue: str) -> None:
        self._database = database
        self._client = client
        self._task_queue = task_queue

    async def deliver(self, publication: Publication, check: Check | None = None) -> Receipt:
        """Deliver a message once; the same id again is answered with where it is by now.

        `check` may refuse, by any exception, a message by where it would go: then nothing is kept of it. Raises
        `UnknownMessage`, `MessageIdTaken`, `ReceiverGone`, `MissingFields` for a case that its variables cannot start,
        and `ValueError` for a time to live that is not positive.
        """
        taken = await asyncio.to_thread(self._take_in, publication, check)
        if isinstance(taken, Demand):
            return await self._tell_or_begin(taken, publication)
        if isinstance(taken, Bundle):
            return Receipt(MessageState.STARTED, await self._start(taken, publication))
        if not taken.workflow_id:
            return Receipt(MessageState.WAITING)
        await self._signal(taken.workflow_id, publication)
        return Receipt(MessageState.DELIVERED, taken.workflow_id)

    def _take_in(self, publication: Publication, check: Check | None) -> Delivery | Bundle | Demand:
        """Where a message goes: to a case, into waiting, or to a new case of a process that it starts."""
        ttl = timedelta(seconds=publication.time_to_live)
        now = datetime.fromisoformat(publication.now)
        name, key, variables = publication.name, publication.correlation_key, publication.variables
        wanted = ON_DEMAND.get(name)
        with self._database.transaction() as session:
            if wanted and (bundle := current_bundle(session, wanted.process)):
                _check_opening(wanted, publication)
                workflow_id = wanted.workflow_id(key)
                if check:
                    check(session, Destination(workflow_id, wanted.process))
                publish_start(session, publication.message_id, name, key, workflow_id, now)
                session.expunge(bundle)
                return Demand(wanted, bundle)
            process = message_starts(session).get(name, "")
            begins = process and not _is_awaited(session, name, key, process)
            if begins and (bundle := current_bundle(session, process)):
                workflow_id = started_id(name, key or publication.message_id)
                if check:
                    check(session, Destination(workflow_id, process))
                publish_start(session, publication.message_id, name, key, workflow_id, now)
                session.expunge(bundle)
                return bundle
            waiting = (lambda receiver: check(session, Destination(receiver))) if check else None
            return publish(session, publication.message_id, name, key, variables, ttl, now, waiting)

    async def _signal(self, workflow_id: str, publication: Publication) -> None:
        act = _act(publication, publication.variables)
        try:
            await self._client.get_workflow_handle(workflow_id).signal(_SIGNAL, act)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            raise ReceiverGone(publication.name, workflow_id) from None

    async def _tell_or_begin(self, demand: Demand, publication: Publication) -> Receipt:
        """One signal-with-start: two messages at once begin one instance, and both reach it."""
        wanted, bundle = demand.wanted, demand.bundle
        told = dict(publication.variables)
        opening = told.pop(wanted.opening)
        workflow_id = wanted.workflow_id(publication.correlation_key)
        case = CaseFields.of(opening["caseNo"], bundle.key, opening)
        start = case_start(bundle, case, opening, publication.start, datetime.fromisoformat(publication.now))
        try:
            await self._client.start_workflow(
                bundle.key,
                start,
                id=workflow_id,
                task_queue=self._task_queue,
                static_summary=summary(start.case),
                start_signal=_SIGNAL,
                start_signal_args=[_act(publication, told)],
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
        except WorkflowAlreadyStartedError:
            raise ReceiverGone(publication.name, workflow_id) from None
        return Receipt(MessageState.DELIVERED, workflow_id)

    async def _start(self, bundle: Bundle, publication: Publication) -> str:
        key = publication.correlation_key or publication.message_id
        case = CaseFields.of(key, bundle.key, publication.variables)
        now = datetime.fromisoformat(publication.now)
        start = case_start(bundle, case, publication.variables, publication.start, now, publication.name)
        workflow_id = started_id(publication.name, key)
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


def _is_awaited(session: Session, name: str, key: str, process: str) -> bool:
    """Whether an instance of the process that a message begins waits for it already: one that began with another event
    of a parallel event-based gateway (BPMN 2.0 §13.5.1)."""
    receiver = oldest_wait(session, wait_id(name, key)) if key else None
    case = session.get(Case, receiver.workflow_id) if receiver else None
    return case is not None and case.process == process


def _check_opening(wanted: OnDemand, publication: Publication) -> None:
    """A message for a process on demand says what one that is not there yet begins with. Raises `MissingFields`."""
    doing, opening = f"送出消息「{publication.name}」", publication.variables.get(wanted.opening)
    if not isinstance(opening, dict):
        problem = FieldProblem(wanted.opening, "流程起始数据", "未填写，应为一组字段")
        raise MissingFields(doing, [problem])
    number = opening.get("caseNo")
    if not (isinstance(number, str) and number.strip()):
        raise MissingFields(doing, [FieldProblem(f"{wanted.opening}.caseNo", "流程起始数据·工单号", "未填写")])


def _act(publication: Publication, variables: dict[str, Any]) -> dict[str, Any]:
    """The act by which a case is told of the message."""
    return {
        "name": publication.name,
        "correlation_key": publication.correlation_key,
        "variables": variables,
        "key": publication.message_id,
        "by": publication.source,
    }
