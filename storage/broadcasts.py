"""Signals on their way to all cases: whom they reach, and that each is sent once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.records import MissedSignal
from storage.base import Base, json_text
from storage.bundles import BundleSignal
from storage.cases import Case, CaseState
from storage.locks import lock

_AT_ONCE = 1_500_000
"""Bytes of JSON that a case is told at once of what it has missed."""
_ALL = "broadcasts"
"""The lock of what is sent and of the cases that begin to hear: whichever comes second sees the other."""


class BroadcastIdTaken(Exception):
    """Another signal has been sent by this id."""


class Broadcast(Base):
    """A signal that was sent to all; once it is done, `reached` are the cases it was told to, `begun`
    those it began, `refused` says in Chinese which it could not begin, and why. `variables` are what it carries; null
    for one of before they were kept."""

    __tablename__ = "broadcasts"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    source: Mapped[str]
    variables: Mapped[dict[str, Any] | None]
    sent_at: Mapped[datetime] = mapped_column(index=True)
    reached: Mapped[int | None]
    begun: Mapped[int | None]
    refused: Mapped[list[str]]


def take_in(
    session: Session, broadcast_id: str, name: str, source: str, variables: Mapping[str, Any], now: datetime
) -> Broadcast:
    """The broadcast of that id, new or as it was sent before. Raises `BroadcastIdTaken`."""
    lock(session, f"broadcast {broadcast_id}")
    known = session.get(Broadcast, broadcast_id)
    if known is None:
        lock(session, _ALL)
        known = Broadcast(
            id=broadcast_id,
            name=name,
            source=source,
            variables=dict(variables),
            sent_at=now,
            reached=None,
            begun=None,
            refused=[],
        )
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


def missed(session: Session, workflow_id: str) -> list[MissedSignal]:
    """What was sent since a main process began that it may hear: to be told as soon as it is known here, for no sender
    has seen it before. The first sent come first; what is more than can be told at once is left out.
    """
    heard = session.execute(_heard_by(workflow_id)).all()
    if not heard:
        return []
    lock(session, _ALL)
    names, opened_at = [name for name, _ in heard], heard[0][1]
    since = select(Broadcast).where(Broadcast.sent_at >= opened_at, Broadcast.variables.is_not(None))
    wanted = since if "" in names else since.where(Broadcast.name.in_(names))
    found = [
        MissedSignal(one.id, one.name, one.variables or {})
        for one in session.scalars(wanted.order_by(Broadcast.sent_at, Broadcast.id))
    ]
    sizes = accumulate(len(json_text(one.variables).encode()) for one in found)
    return [one for number, (one, size) in enumerate(zip(found, sizes, strict=True)) if not number or size < _AT_ONCE]


def _heard_by(workflow_id: str) -> Select[str, datetime]:
    """The signals that a main process hears while it runs, each with when it began."""
    same = (BundleSignal.key == Case.process) & (BundleSignal.version == Case.version)
    main = (Case.workflow_id == workflow_id) & (Case.parent_workflow_id == "")
    heard = select(BundleSignal.signal, Case.opened_at).join(Case, same)
    return heard.where(main, Case.state == CaseState.RUNNING.value, BundleSignal.element == "")


def is_known_signal(session: Session, name: str) -> bool:
    """Whether any deployed diagram hears the signal, or begins by it."""
    return bool(session.scalar(select(exists().where(BundleSignal.signal.in_((name, ""))))))
