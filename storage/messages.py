"""BPMN messages on their way to cases: each goes to one workflow, and an early one waits with a time to live.

Publishing a message and opening a wait for it hold the same lock, so that whichever comes second sees the other: no
message falls between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, false, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.records import EarlyMessage
from storage.base import Base, on_sqlite, table_of
from storage.bundles import is_known_message
from storage.journal_rows import JournalRow, effective
from storage.locks import lock
from storage.subscriptions import oldest_wait, wait_id


class UnknownMessage(Exception):
    """No deployed diagram knows a message of this name."""


class MessageIdTaken(Exception):
    """The id belongs to a message of another name or correlation key."""


class Message(Base):
    """A published message, kept so that publishing it again has no second effect.

    `handed_to` is the workflow it went to, or (`begins`) that begins with it. `handed_epoch` and `handed_seq` name the
    journal record whose batch carried it there; empty for one that met an open wait when it was published.
    """

    __tablename__ = "messages"

    message_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    correlation_key: Mapped[str]
    wait_id: Mapped[str] = mapped_column(index=True)
    variables: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    handed_to: Mapped[str | None] = mapped_column(index=True)
    handed_epoch: Mapped[str | None]
    handed_seq: Mapped[int | None]
    begins: Mapped[bool] = mapped_column(default=False, server_default=false())


class DeliveryState(StrEnum):
    """What became of a published message."""

    SIGNAL = "signal"
    WAITING = "waiting"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class Delivery:
    """Where a published message goes.

    SIGNAL: signal `workflow_id`. WAITING: it is kept until a case waits for it or its time is over. DUPLICATE: the id
    was published before; `workflow_id` is where it went, if anywhere, so that a publisher who crashed before the signal
    can send it again (the instance ignores an id that it has handled).
    """

    state: DeliveryState
    workflow_id: str = ""


@dataclass(frozen=True)
class Handover:
    """An open wait that early messages may go to, and the number of the record whose batch carries them there.

    A message that was still alive when the wait opened is not lost because the batch came late. Both instants are the
    cases' own, which in a simulation are not the system's.
    """

    wait_id: str
    seq: int
    opened_at: datetime


def publish(
    session: Session,
    message_id: str,
    name: str,
    correlation_key: str,
    variables: Mapping[str, Any],
    ttl: timedelta,
    now: datetime,
    check: Callable[[str], None] | None = None,
) -> Delivery:
    """Takes a message in; what the caller does next is in the answer.

    `check` is told the workflow that it goes or went to (empty for none), and may refuse by any exception. Raises
    `UnknownMessage`, `MessageIdTaken`, and `ValueError` for a time to live that is not positive.
    """
    if ttl <= timedelta(0):
        raise ValueError(f"a message must live for some time, not {ttl}")
    if not is_known_message(session, name):
        raise UnknownMessage(f"no deployed diagram knows a message named {name!r}")
    wait = wait_id(name, correlation_key)
    lock_waits(session, [wait])
    receiver = oldest_wait(session, wait)
    workflow_id = receiver.workflow_id if receiver else None
    if check:
        check(_handed_to(session, message_id) or workflow_id or "")
    message = {
        "message_id": message_id,
        "name": name,
        "correlation_key": correlation_key,
        "wait_id": wait,
        "variables": dict(variables),
        "published_at": now,
        "expires_at": now + ttl,
        "handed_to": workflow_id,
    }
    if not insert_new(session, message):
        return duplicate(session, message_id, wait)
    return Delivery(DeliveryState.SIGNAL, workflow_id) if workflow_id else Delivery(DeliveryState.WAITING)


def publish_start(
    session: Session,
    message_id: str,
    name: str,
    correlation_key: str,
    workflow_id: str,
    now: datetime,
    begins: bool = True,
) -> None:
    """Keeps the id of a message that starts the case `workflow_id`; the same message again changes nothing.

    Not `begins` one that a case which may run already is told of too. Raises `MessageIdTaken`.
    """
    wait = wait_id(name, correlation_key)
    message = {
        "message_id": message_id,
        "name": name,
        "correlation_key": correlation_key,
        "wait_id": wait,
        "variables": {},
        "published_at": now,
        "expires_at": now,
        "handed_to": workflow_id,
        "begins": begins,
    }
    if not insert_new(session, message):
        duplicate(session, message_id, wait)


def has_begun(session: Session, message_id: str) -> bool:
    """Whether a case begins with the message of that id."""
    return bool(session.scalar(select(Message.begins).where(Message.message_id == message_id)))


def lock_waits(session: Session, waits: Sequence[str]) -> None:
    """Holds waits, by their hash, to the end of the transaction: no message and no subscription for them comes in."""
    lock(session, *(f"wait {wait}" for wait in waits))


def hand_over(session: Session, workflow_id: str, epoch: str, handovers: Sequence[Handover]) -> None:
    """Gives the workflow the messages that these waits, when they opened, found alive. The waits must be locked."""
    if not handovers:
        return
    carriers = {handover.wait_id: handover for handover in reversed(handovers)}
    early = select(Message.message_id, Message.wait_id, Message.expires_at).where(
        Message.wait_id.in_(carriers), Message.handed_to.is_(None)
    )
    handed = [
        {
            "message_id": row.message_id,
            "handed_to": workflow_id,
            "handed_epoch": epoch,
            "handed_seq": carriers[row.wait_id].seq,
        }
        for row in session.execute(early)
        if row.expires_at > carriers[row.wait_id].opened_at
    ]
    if handed:
        session.execute(update(Message), handed)


def handed_with(session: Session, workflow_id: str, epoch: str, first: int, last: int) -> list[EarlyMessage]:
    """The early messages that the batch with records `first` to `last` carried to the workflow, oldest first."""
    columns = select(Message.message_id, Message.name, Message.correlation_key, Message.variables)
    carried = columns.where(
        Message.handed_to == workflow_id, Message.handed_epoch == epoch, Message.handed_seq.between(first, last)
    )
    rows = session.execute(carried.order_by(Message.published_at, Message.message_id))
    return [EarlyMessage(message_id, name, key, variables) for message_id, name, key, variables in rows]


def take_back(session: Session, workflow_id: str) -> None:
    """After a reset: messages that were carried by records which no longer count wait again."""
    carrier = exists().where(
        JournalRow.workflow_id == workflow_id,
        JournalRow.epoch == Message.handed_epoch,
        JournalRow.seq == Message.handed_seq,
        effective(),
    )
    lost = update(Message).where(Message.handed_to == workflow_id, Message.handed_seq.is_not(None), ~carrier)
    session.execute(
        lost.values(handed_to=None, handed_epoch=None, handed_seq=None),
        execution_options={"synchronize_session": False},
    )


def carried_waits(session: Session, workflow_id: str) -> Sequence[str]:
    """The hashes of the waits for which a batch of the workflow was given messages."""
    carried = select(Message.wait_id).where(Message.handed_to == workflow_id, Message.handed_seq.is_not(None))
    return session.scalars(carried.distinct()).all()


def waiting_messages(
    session: Session, now: datetime, *, limit: int = 100, offset: int = 0, after: str = ""
) -> Sequence[Message]:
    """Messages that no case has waited for yet and that have not expired, the oldest first: those behind the message
    of id `after`, if one is named."""
    order = (Message.published_at, Message.message_id)
    waiting = select(Message).where(Message.handed_to.is_(None), Message.expires_at > now)
    if after:
        known = session.get(Message, after)
        waiting = waiting.where(tuple_(*order) > (known.published_at, known.message_id)) if known else waiting
    return session.scalars(waiting.order_by(*order).limit(limit).offset(offset)).all()


def _handed_to(session: Session, message_id: str) -> str | None:
    return session.scalar(select(Message.handed_to).where(Message.message_id == message_id))


def insert_new(session: Session, message: Mapping[str, Any]) -> bool:
    """Keeps a message, by its columns; false where its id is known."""
    table = table_of(Message)
    insert = (sqlite.insert if on_sqlite(session) else postgresql.insert)(table).values(**message)
    new = insert.on_conflict_do_nothing().returning(table.c.message_id)
    return session.execute(new).first() is not None


def duplicate(session: Session, message_id: str, wait: str) -> Delivery:
    """Where a message that is known went. Raises `MessageIdTaken`."""
    known = session.execute(
        select(Message.name, Message.correlation_key, Message.wait_id, Message.handed_to).where(
            Message.message_id == message_id
        )
    ).one()
    if known.wait_id != wait:
        raise MessageIdTaken(
            f"message id {message_id!r} belongs to {known.name!r} with correlation key {known.correlation_key!r}; "
            "give each message an id of its own"
        )
    return Delivery(DeliveryState.DUPLICATE, known.handed_to or "")
