"""Messages from other systems and people to cases: what a diagram waits for, by name and correlation key."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import ConfigDict, Field, JsonValue
from sqlalchemy.orm import Session

from activities.messages import Check, Destination, MessageState, Messenger, ReceiverGone
from api.cases import start_context
from api.context import InContext
from api.identity import Caller, Having
from api.models import Answer, Name, Page, Sent, Whole
from api.problems import FieldFault, Problem, Said
from api.rights import Right
from api.sight import process_id
from domain.start import Publication
from storage.cases import Case, case_family
from storage.company_tables import SettingsRefused
from storage.messages import MessageIdTaken, UnknownMessage, waiting_messages

router = APIRouter(tags=["messages"])
Sender = Annotated[Caller, Depends(Having(Right.SEND_MESSAGES))]
Operator = Annotated[Caller, Depends(Having(Right.RESOLVE_INCIDENTS))]

_DAY = 24 * 3600
_EXAMPLE: dict[str, JsonValue] = {
    "id": "erp-2026-000417",
    "name": "materials_arrived",
    "correlation_key": "YK-2026-0001",
    "variables": {"materialsComplete": True},
    "time_to_live": 86400,
}


class MessageData(Sent):
    """A message. `id` is the sender's own: the same message again has no second effect and is answered with where it is
    by now. Where no case waits for it yet it is kept for `time_to_live` seconds."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": [_EXAMPLE]})

    id: Name
    name: Name
    correlation_key: str = Field("", max_length=200)
    variables: dict[str, JsonValue] = Field(default_factory=dict)
    time_to_live: Whole = Field(_DAY, ge=1, le=30 * _DAY)


class MessageReceipt(Answer):
    """Where a message is: `delivered` to a process that waited for it, `started` where it begins a case of its name and
    key (once, however many messages name it), or `waiting`.

    Where a case needs several messages of one key to begin, all but the last are `waiting`; where the first of several
    begins it, the others are `delivered` to it."""

    id: str
    state: MessageState
    process: str | None = Field(description="The process it went to, as addresses name it; null while it waits")


class WaitingMessage(Answer):
    """A message that no case has waited for yet."""

    id: str
    name: str
    correlation_key: str
    published_at: datetime
    expires_at: datetime


@router.post("/messages")
async def send_message(context: InContext, caller: Sender, sent: MessageData) -> MessageReceipt:
    """Sends a message to the case that waits for it, or keeps it until one does. People of a county reach its cases
    only; a message to no known case they cannot send, other systems can."""
    try:
        start = await run_in_threadpool(start_context, context.database)
    except SettingsRefused as error:
        raise Problem("unavailable", str(error)) from None
    publication = Publication(
        message_id=sent.id,
        name=sent.name,
        correlation_key=sent.correlation_key,
        variables=dict(sent.variables),
        time_to_live=sent.time_to_live,
        now=context.clock().isoformat(),
        source=caller.account,
        start=start,
    )
    messenger = Messenger(context.database, context.client, context.task_queue)
    try:
        receipt = await messenger.deliver(publication, _check(caller, sent))
    except UnknownMessage:
        unknown = Said(
            f"没有流程认识消息「{sent.name}」，请核对消息名称", f"No diagram knows a message named {sent.name!r}"
        )
        raise Problem("invalid", unknown, [FieldFault(field="name", message=unknown.zh)]) from None
    except MessageIdTaken:
        taken = Said(f"消息编号 {sent.id} 已用于另一条消息", f"The id {sent.id} belongs to another message")
        raise Problem("conflict", taken) from None
    except ReceiverGone as gone:
        raise Problem("conflict", str(gone)) from None
    process = process_id(receipt.workflow_id) if receipt.workflow_id else None
    return MessageReceipt(id=sent.id, state=receipt.state, process=process)


@router.get("/messages")
def list_waiting_messages(
    context: InContext,
    caller: Operator,
    after: Annotated[str, Query(max_length=100, description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[WaitingMessage]:
    """The messages that wait for a case, the oldest first, without what they carry."""
    del caller
    with context.database.session() as session:
        found = waiting_messages(session, context.clock(), limit=limit + 1, after=after)
    page = [
        WaitingMessage(
            id=one.message_id,
            name=one.name,
            correlation_key=one.correlation_key,
            published_at=one.published_at,
            expires_at=one.expires_at,
        )
        for one in found[:limit]
    ]
    return Page(items=page, next=page[-1].id if len(found) > limit else None)


def _check(caller: Caller, sent: MessageData) -> Check:
    """Refuses what would go to another county's case, in words that do not tell whether there is one."""

    def check(session: Session, destination: Destination) -> None:
        if caller.system or not caller.county:
            return
        if destination.starts:
            reached = list(destination.counties)
        elif destination.workflow_id:
            receiver = session.get(Case, destination.workflow_id)
            reached = [receiver.county] if receiver else []
        else:
            reached = [one.county for one in case_family(session, sent.correlation_key)]
        if not reached or not all(map(caller.sees, reached)):
            raise Problem("forbidden", _ELSEWHERE)

    return check


_ELSEWHERE = Said(
    "本单位没有等待这条消息的工单", "No case of your county waits for this message, or has its correlation key"
)
