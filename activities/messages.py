"""Messages on their way into cases, from whoever sends them: a case's own send task, another system, a person.

A message goes to the case that waits for it, begins a new one where its name starts a process (alone or together with
others, see `storage.meetings`), or is kept until a case waits for it or its time is over. Its id makes a second
delivery harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.starting import begin, case_start
from domain.fields import FieldProblem, MissingFields
from domain.on_demand import ON_DEMAND, OnDemand
from domain.records import CaseFields
from domain.start import CaseStart, Publication, summary
from storage.bundles import Bundle, Meeting, current_bundle, meeting_of, message_starts
from storage.cases import Case
from storage.database import Database
from storage.meetings import Arrival, MetState, meet
from storage.messages import Delivery, DeliveryState, has_begun, publish, publish_start
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
    """Where a message will go, before it does: to a case of `workflow_id`, or to a new one of process `starts`, which
    the messages that begin it say to be of these `counties`."""

    workflow_id: str = ""
    starts: str = ""
    counties: frozenset[str] = frozenset()


Check = Callable[[Session, Destination], None]


@dataclass(frozen=True)
class Beginning:
    """A case that begins with a message, be it together with others."""

    workflow_id: str
    start: CaseStart


@dataclass(frozen=True)
class Telling:
    """A message with these variables for a case that is begun where it does not run yet."""

    workflow_id: str
    start: CaseStart
    variables: dict[str, Any]


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
        if isinstance(taken, Beginning):
            await begin(self._client, self._task_queue, taken.workflow_id, taken.start)
            return Receipt(MessageState.STARTED, taken.workflow_id)
        if isinstance(taken, Telling):
            await self._tell(taken, publication)
            return Receipt(MessageState.DELIVERED, taken.workflow_id)
        if not taken.workflow_id:
            return Receipt(MessageState.WAITING)
        await self._signal(taken.workflow_id, publication)
        return Receipt(MessageState.DELIVERED, taken.workflow_id)

    def _take_in(self, publication: Publication, check: Check | None) -> Delivery | Beginning | Telling:
        """Where a message goes: to a case, into waiting, or to a new case of a process that it starts."""
        ttl = timedelta(seconds=publication.time_to_live)
        now = datetime.fromisoformat(publication.now)
        name, key, variables = publication.name, publication.correlation_key, publication.variables
        refuse = check or _nothing
        wanted = ON_DEMAND.get(name)
        with self._database.transaction() as session:
            if wanted and (bundle := current_bundle(session, wanted.process)):
                _check_opening(wanted, publication)
                workflow_id = wanted.workflow_id(key)
                refuse(session, Destination(workflow_id, wanted.process, _counties(variables)))
                publish_start(session, publication.message_id, name, key, workflow_id, now, begins=False)
                return _demanded(wanted, bundle, publication)
            process = message_starts(session).get(name, "")
            begun = process and has_begun(session, publication.message_id)
            begins = begun or (process and not _is_awaited(session, name, key, process))
            if begins and (bundle := current_bundle(session, process)):
                return _begin(session, bundle, publication, refuse)
            told = (lambda receiver: check(session, Destination(receiver))) if check else None
            return publish(session, publication.message_id, name, key, variables, ttl, now, told)

    async def _signal(self, workflow_id: str, publication: Publication) -> None:
        act = _act(publication, publication.variables)
        try:
            await self._client.get_workflow_handle(workflow_id).signal(_SIGNAL, act)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            raise ReceiverGone(publication.name, workflow_id) from None

    async def _tell(self, telling: Telling, publication: Publication) -> None:
        """One signal-with-start: two messages at once begin one instance, and both reach it."""
        start = telling.start
        try:
            await self._client.start_workflow(
                start.case.process,
                start,
                id=telling.workflow_id,
                task_queue=self._task_queue,
                static_summary=summary(start.case),
                start_signal=_SIGNAL,
                start_signal_args=[_act(publication, telling.variables)],
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
        except WorkflowAlreadyStartedError:
            raise ReceiverGone(publication.name, telling.workflow_id) from None


def _nothing(session: Session, destination: Destination) -> None:
    """Refuses no message."""


def _counties(*brought: Mapping[str, Any]) -> frozenset[str]:
    """Of which counties a case is to be that begins with all of this; the empty one where nothing says so."""
    return frozenset(str(one["county"]) for one in brought if one.get("county")) or frozenset({""})


def _demanded(wanted: OnDemand, bundle: Bundle, publication: Publication) -> Telling:
    """A message for a process that is begun where it does not run yet."""
    told = dict(publication.variables)
    opening = told.pop(wanted.opening)
    case = CaseFields.of(opening["caseNo"], bundle.key, opening)
    start = case_start(bundle, case, opening, publication.start, datetime.fromisoformat(publication.now))
    return Telling(wanted.workflow_id(publication.correlation_key), start, told)


def _begin(session: Session, bundle: Bundle, publication: Publication, refuse: Check) -> Delivery | Beginning | Telling:
    """Where a message goes that begins a case of a process, be it together with others."""
    name, key, now = publication.name, publication.correlation_key, datetime.fromisoformat(publication.now)
    meeting = meeting_of(session, bundle, name)
    if meeting and (key or meeting.needs_all):
        return _meet(session, bundle, meeting, publication, refuse)
    number = key or publication.message_id
    workflow_id = started_id(name, number)
    refuse(session, Destination(workflow_id, bundle.key, _counties(publication.variables)))
    publish_start(session, publication.message_id, name, key, workflow_id, now)
    return Beginning(workflow_id, _start(bundle, number, publication, publication.variables, now, name))


def _meet(
    session: Session, bundle: Bundle, meeting: Meeting, publication: Publication, refuse: Check
) -> Delivery | Beginning | Telling:
    """Where a message goes that begins a case together with others."""
    scope = f"{bundle.key}.{meeting.element}"
    arrival = Arrival(
        publication.message_id,
        publication.name,
        publication.correlation_key,
        publication.variables,
        timedelta(seconds=publication.time_to_live),
        datetime.fromisoformat(publication.now),
    )
    met = meet(session, arrival, meeting, lambda number: started_id(scope, number))
    known = session.get(Case, met.workflow_id) if met.workflow_id else None
    counties = _counties(publication.variables, *(one.variables for one in met.messages))
    refuse(session, Destination(met.workflow_id) if known else Destination(met.workflow_id, bundle.key, counties))
    if not met.messages:
        state = DeliveryState.DUPLICATE if met.workflow_id else DeliveryState.WAITING
        return Delivery(state, met.workflow_id)
    number = met.workflow_id.removeprefix(started_id(scope, ""))
    brought = {name: value for one in met.messages for name, value in one.variables.items()}
    at = max(one.published_at for one in met.messages)
    name, element = ("", meeting.element) if meeting.needs_all else (met.messages[0].name, "")
    start = _start(bundle, number, publication, brought, at, name, element)
    if met.state is MetState.BEGINS:
        return Beginning(met.workflow_id, start)
    return Telling(met.workflow_id, start, publication.variables)


def _start(
    bundle: Bundle,
    number: str,
    publication: Publication,
    variables: dict[str, Any],
    at: datetime,
    message: str,
    element: str = "",
) -> CaseStart:
    """What a case begins with that messages start: one of that name, or those that the event needs. Raises
    `MissingFields`."""
    case = CaseFields.of(number, bundle.key, variables)
    return case_start(bundle, case, variables, publication.start, at, message, start_event=element)


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
