"""Messages of one correlation key that begin one case together (BPMN 2.0 §10.5.6, §10.6.6, §13.5.1).

Behind a parallel event-based gateway the first to come begins the case, and the others are for that case, whether it
has said that it waits for them or not. An event that needs all of its messages begins a case when the last has come;
until then each of them waits for as long as it lives. All of one key hold one lock, so that of two that come at the
same moment the second sees the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.bundles import Meeting
from storage.messages import Message, duplicate, insert_new, lock_waits
from storage.subscriptions import wait_id


class MetState(StrEnum):
    """What became of a message that meets others."""

    BEGINS = "begins"
    FOLLOWS = "follows"
    WAITS = "waits"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Met:
    """Where a message goes.

    BEGINS: the case `workflow_id` begins with these messages, in the order of the diagram. FOLLOWS: it is for that
    case, which those have begun. WAITS: others have not come yet. ELSEWHERE: it has gone to a case that waited for it.
    """

    state: MetState
    workflow_id: str = ""
    messages: Sequence[Message] = ()


@dataclass(frozen=True)
class Arrival:
    """A message that comes in, and lives for `ttl` where it has to wait."""

    message_id: str
    name: str
    correlation_key: str
    variables: Mapping[str, Any]
    ttl: timedelta
    now: datetime


def meet(session: Session, arrival: Arrival, meeting: Meeting, case_of: Callable[[str], str]) -> Met:
    """Takes a message in that begins a case together with others; again, it is answered with where it is by now.

    `case_of` makes the workflow id of a correlation key; without one, of the id of the message that came last. Raises
    `MessageIdTaken`, and `ValueError` for a time to live that is not positive.
    """
    if arrival.ttl <= timedelta(0):
        raise ValueError(f"a message must live for some time, not {arrival.ttl}")
    key = arrival.correlation_key
    lock_waits(session, [wait_id(name, key) for name in meeting.messages])
    workflow_id = case_of(key or arrival.message_id)
    begun = _begun_with(session, meeting, workflow_id)
    new = insert_new(session, _row(arrival, workflow_id if begun else None))
    if not new and (known := _known(session, arrival, meeting, workflow_id)):
        return known
    if begun:
        return Met(MetState.FOLLOWS, workflow_id, begun) if new else Met(MetState.WAITS)
    came = _alive(session, arrival, meeting)
    if len(came) < (len(meeting.messages) if meeting.needs_all else 1):
        return Met(MetState.WAITS)
    for message in came:
        message.handed_to, message.begins = workflow_id, True
    session.flush()
    return Met(MetState.BEGINS, workflow_id, came)


def _row(arrival: Arrival, workflow_id: str | None) -> dict[str, Any]:
    return {
        "message_id": arrival.message_id,
        "name": arrival.name,
        "correlation_key": arrival.correlation_key,
        "wait_id": wait_id(arrival.name, arrival.correlation_key),
        "variables": dict(arrival.variables),
        "published_at": arrival.now,
        "expires_at": arrival.now + arrival.ttl,
        "handed_to": workflow_id,
        "begins": False,
    }


def _known(session: Session, arrival: Arrival, meeting: Meeting, workflow_id: str) -> Met | None:
    """Where a message that came before has gone; None where it waits yet."""
    gone = duplicate(session, arrival.message_id, wait_id(arrival.name, arrival.correlation_key)).workflow_id
    if not gone:
        return None
    begun = _begun_with(session, meeting, gone)
    if any(one.message_id == arrival.message_id for one in begun):
        return Met(MetState.BEGINS, gone, begun)
    return Met(MetState.FOLLOWS, gone, begun) if gone == workflow_id and begun else Met(MetState.ELSEWHERE, gone)


def _begun_with(session: Session, meeting: Meeting, workflow_id: str) -> Sequence[Message]:
    """The messages that a case begins with; those that a later version of the diagram does not name come last."""
    found = session.scalars(select(Message).where(Message.handed_to == workflow_id, Message.begins)).all()
    order = {name: number for number, name in enumerate(meeting.messages)}
    return sorted(found, key=lambda one: (order.get(one.name, len(order)), one.name))


def _alive(session: Session, arrival: Arrival, meeting: Meeting) -> list[Message]:
    """The message itself, and where all are needed, of each of the others the one that has waited longest."""
    others = [name for name in meeting.messages if name != arrival.name] if meeting.needs_all else []
    own = session.get_one(Message, arrival.message_id)
    alive = own if own.expires_at > arrival.now else None
    found = {arrival.name: alive, **{name: _oldest(session, name, arrival) for name in others}}
    return [one for name in meeting.messages if (one := found.get(name))]


def _oldest(session: Session, name: str, arrival: Arrival) -> Message | None:
    waiting = select(Message).where(
        Message.wait_id == wait_id(name, arrival.correlation_key),
        Message.handed_to.is_(None),
        Message.expires_at > arrival.now,
    )
    return session.scalar(waiting.order_by(Message.published_at, Message.message_id).limit(1))
