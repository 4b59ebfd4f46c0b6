"""Signals on their way to all cases: whom they reach, and that each is sent once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base
from storage.bundles import BundleSignal
from storage.cases import Case, CaseState
from storage.locks import lock


class BroadcastIdTaken(Exception):
    """Another signal has been sent by this id."""


class Broadcast(Base):
    """A signal that was sent to all; once it is done, `reached` are the cases it was told to, `begun`
    those it began, `refused` says in Chinese which it could not begin, and why."""

    __tablename__ = "broadcasts"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    source: Mapped[str]
    sent_at: Mapped[datetime]
    reached: Mapped[int | None]
    begun: Mapped[int | None]
    refused: Mapped[list[str]]


def take_in(session: Session, broadcast_id: str, name: str, source: str, now: datetime) -> Broadcast:
    """The broadcast of that id, new or as it was sent before. Raises `BroadcastIdTaken`."""
    lock(session, f"broadcast {broadcast_id}")
    known = session.get(Broadcast, broadcast_id)
    if known is None:
        known = Broadcast(id=broadcast_id, name=name, source=source, sent_at=now, reached=None, begun=None, refused=[])
        session.add(known)
        session.flush()
    elif known.name != name:
        raise BroadcastIdTaken(f"signal id {broadcast_id!r} belongs to {known.name!r}; give each signal its own")
    return known


def listeners(session: Session, signal: str, but: str) -> Sequence[str]:
    """The running cases that may hear a signal, the first opened first, by their main workflows; not the one `but`.

    A case passes the signal on to what it has called. Whether it waits for it just now the case itself knows: this
    table would know it later, and a signal is not kept.
    """
    hears = exists().where(
        BundleSignal.key == Case.process,
        BundleSignal.version == Case.version,
        BundleSignal.element == "",
        BundleSignal.signal.in_((signal, "")),
    )
    running = select(Case.workflow_id).where(
        Case.parent_workflow_id == "", Case.state == CaseState.RUNNING.value, Case.workflow_id != but, hears
    )
    return session.scalars(running.order_by(Case.opened_at, Case.workflow_id)).all()


def is_known_signal(session: Session, name: str) -> bool:
    """Whether any deployed diagram hears the signal, or begins by it."""
    return bool(session.scalar(select(exists().where(BundleSignal.signal.in_((name, ""))))))
