"""Compiled bundles: what a case is started with and stays pinned to, and the messages and signals its diagrams know.

A process that a rollback took out of use is retired, with all its versions: cases of it run on, none is started.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ForeignKeyConstraint, Select, exists, false, func, select, tuple_, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base
from storage.locks import lock


class MessageStartTaken(Exception):
    """Two current processes would start by the same message, so that it could not go to one case."""


class Bundle(Base):
    """One version of one process with all it needs. `payload` is the compiled JSON, compressed by who deploys it."""

    __tablename__ = "bundles"

    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    payload: Mapped[bytes]
    deployed_at: Mapped[datetime]
    retired: Mapped[bool] = mapped_column(default=False, server_default=false())


class BundleMessage(Base):
    """A message that a bundle's diagrams name; `starts` when it starts the process.

    Where it does so `together` with others, that is the element which brings them together: one that needs all of them,
    whose `part` this one is (from 1), or a gateway (`part` is 0) of whose messages the first starts the process.
    """

    __tablename__ = "bundle_messages"
    __table_args__ = (ForeignKeyConstraint(["key", "version"], ["bundles.key", "bundles.version"]),)

    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[str] = mapped_column(primary_key=True, index=True)
    starts: Mapped[bool]
    together: Mapped[str | None]
    part: Mapped[int] = mapped_column(default=0, server_default="0")


class BundleSignal(Base):
    """A signal that the instances of a bundle hear, called ones too (`element` is empty), or one by which the process
    begins at an element. Without a name it is any: only the case tells which.
    """

    __tablename__ = "bundle_signals"
    __table_args__ = (ForeignKeyConstraint(["key", "version"], ["bundles.key", "bundles.version"]),)

    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    signal: Mapped[str] = mapped_column(primary_key=True, index=True)
    element: Mapped[str] = mapped_column(primary_key=True)


@dataclass(frozen=True)
class Meeting:
    """Messages of one correlation key that start one case: the first of them, or where it `needs_all` the last."""

    element: str
    messages: tuple[str, ...]
    needs_all: bool


def deploy_bundle(
    session: Session,
    key: str,
    sha256: str,
    payload: bytes,
    *,
    messages: Collection[str] = (),
    starts: Collection[str] = (),
    together: Mapping[str, tuple[str, int]] = MappingProxyType({}),
    signals: Collection[str] = (),
    signal_starts: Collection[tuple[str, str]] = (),
    now: datetime,
) -> int:
    """Makes `payload` the current bundle of process `key` and returns its version; deploying the current one again
    changes nothing.

    `messages` are the names its diagrams wait for, `starts` those that start it (counted among the messages);
    `together` says of some of these what brings them together, and as which part (see `BundleMessage`).
    `signals` are those that its instances hear, `signal_starts` those that start it, each with the element at which.
    `sha256` identifies what is deployed. Raises `MessageStartTaken` if another process starts by one of the messages
    that start this one.
    """
    lock(session, "bundles")
    current = session.execute(
        select(Bundle.version, Bundle.sha256, Bundle.retired)
        .where(Bundle.key == key)
        .order_by(Bundle.version.desc())
        .limit(1)
    ).first()
    if current and current.sha256 == sha256 and not current.retired:
        return int(current.version)
    _check_starts(session, key, starts)
    version = current.version + 1 if current else 1
    session.add(Bundle(key=key, version=version, sha256=sha256, payload=payload, deployed_at=now))
    session.flush()
    session.add_all(
        _message(key, version, message, message in starts, *together.get(message, (None, 0)))
        for message in sorted({*messages, *starts})
    )
    session.add_all(
        BundleSignal(key=key, version=version, signal=signal, element=element)
        for signal, element in sorted({*((name, "") for name in signals), *signal_starts})
    )
    session.flush()
    return version


def _message(key: str, version: int, message: str, starts: bool, together: str | None, part: int) -> BundleMessage:
    return BundleMessage(key=key, version=version, message=message, starts=starts, together=together, part=part)


def current_bundle(session: Session, key: str) -> Bundle | None:
    """The bundle that a new case of process `key` starts with, or None."""
    current = select(Bundle).where(Bundle.key == key, ~Bundle.retired)
    return session.scalar(current.order_by(Bundle.version.desc()).limit(1))


def current_bundles(session: Session) -> Sequence[Bundle]:
    """The current bundle of every process, by its key."""
    return session.scalars(
        select(Bundle).where(tuple_(Bundle.key, Bundle.version).in_(_newest())).order_by(Bundle.key)
    ).all()


def current_versions(session: Session) -> dict[str, int]:
    """The current version of every process."""
    return dict(session.execute(_newest()).all())


def retire_bundles(session: Session, kept: Collection[str]) -> None:
    """Takes out of use every process that is not among those kept: no case of it is started any more."""
    lock(session, "bundles")
    session.execute(update(Bundle).where(Bundle.key.not_in(kept), ~Bundle.retired).values(retired=True))


def bundle(session: Session, key: str, version: int) -> Bundle | None:
    """One version of the bundle of process `key`, or None."""
    return session.get(Bundle, (key, version))


def message_starts(session: Session) -> dict[str, str]:
    """Message name -> key of the process whose current bundle it starts."""
    starting = select(BundleMessage.message, BundleMessage.key).where(
        BundleMessage.starts, tuple_(BundleMessage.key, BundleMessage.version).in_(_newest())
    )
    return dict(session.execute(starting.order_by(BundleMessage.message)).all())


def meeting_of(session: Session, bundle: Bundle, message: str) -> Meeting | None:
    """What brings a message that starts the process of a bundle together with others; None where nothing does."""
    own = session.get(BundleMessage, (bundle.key, bundle.version, message))
    if own is None or not own.together:
        return None
    others = select(BundleMessage.message).where(
        BundleMessage.key == bundle.key, BundleMessage.version == bundle.version, BundleMessage.together == own.together
    )
    names = session.scalars(others.order_by(BundleMessage.part, BundleMessage.message)).all()
    return Meeting(own.together, tuple(names), own.part > 0)


def signal_starts(session: Session, signal: str) -> Sequence[tuple[Bundle, str]]:
    """The current bundles of the processes that the signal starts, and at which element."""
    begun = select(Bundle, BundleSignal.element).join(
        BundleSignal, (BundleSignal.key == Bundle.key) & (BundleSignal.version == Bundle.version)
    )
    wanted = begun.where(
        BundleSignal.signal == signal,
        BundleSignal.element != "",
        tuple_(Bundle.key, Bundle.version).in_(_newest()),
    )
    return [(row[0], row[1]) for row in session.execute(wanted.order_by(Bundle.key, BundleSignal.element))]


def known_messages(session: Session) -> frozenset[str]:
    """The message names of every bundle ever deployed: running cases are pinned to old ones."""
    return frozenset(session.scalars(select(BundleMessage.message).distinct()))


def is_known_message(session: Session, name: str) -> bool:
    """Whether any deployed bundle knows the message."""
    known: Select[tuple[bool]] = select(exists().where(BundleMessage.message == name))
    return bool(session.scalar(known))


def _newest() -> Select[str, int]:
    """Key and version of the current bundle of every process."""
    return select(Bundle.key, func.max(Bundle.version)).where(~Bundle.retired).group_by(Bundle.key)


def _check_starts(session: Session, key: str, starts: Collection[str]) -> None:
    taken = message_starts(session)
    for message in sorted(starts):
        if taken.get(message, key) != key:
            raise MessageStartTaken(
                f"message {message!r} already starts process {taken[message]!r}; "
                f"give the start event of {key!r} a message of its own"
            )
