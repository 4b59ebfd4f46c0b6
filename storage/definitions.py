"""Deployed sources: diagrams, decision tables and forms, each version kept word for word.

A source that a rollback took out of use is retired, with all its versions: it stays readable, and is current no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, false, func, select, tuple_, update
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from storage.base import Base
from storage.locks import lock


class DefinitionKind(StrEnum):
    """What a source is written in."""

    BPMN = "bpmn"
    DMN = "dmn"
    FORM = "form"


class Definition(Base):
    """One version of one source; versions count from 1 for each (kind, key)."""

    __tablename__ = "definitions"

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str]
    sha256: Mapped[str]
    source: Mapped[str]
    deployed_at: Mapped[datetime]
    retired: Mapped[bool] = mapped_column(default=False, server_default=false())


def deploy_definition(
    session: Session, kind: DefinitionKind, key: str, file_name: str, source: str, now: datetime
) -> Definition:
    """Makes `source` the current version of (kind, key); the text that is current already makes no new version."""
    lock(session, f"definition {kind} {key}")
    sha256 = hashlib.sha256(source.encode()).hexdigest()
    current = current_definition(session, kind, key)
    if current and current.sha256 == sha256:
        return current
    last = select(func.max(Definition.version)).where(Definition.kind == kind, Definition.key == key)
    version = (session.scalar(last) or 0) + 1
    definition = Definition(
        kind=kind, key=key, version=version, file_name=file_name, sha256=sha256, source=source, deployed_at=now
    )
    session.add(definition)
    session.flush()
    return definition


def current_definition(session: Session, kind: DefinitionKind, key: str) -> Definition | None:
    """The version deployed last, or None."""
    current = select(Definition).where(Definition.kind == kind, Definition.key == key, ~Definition.retired)
    return session.scalar(current.order_by(Definition.version.desc()).limit(1))


def definition(session: Session, kind: DefinitionKind, key: str, version: int) -> Definition | None:
    """One version, or None."""
    return session.get(Definition, (kind, key, version))


def definition_at(session: Session, kind: DefinitionKind, key: str, moment: datetime) -> Definition | None:
    """The version that was current at that moment, or None."""
    deployed = select(Definition).where(
        Definition.kind == kind, Definition.key == key, Definition.deployed_at <= moment
    )
    return session.scalar(deployed.order_by(Definition.version.desc()).limit(1))


def current_definitions(session: Session) -> Sequence[Definition]:
    """The current version of everything deployed, by kind and key."""
    return session.scalars(_current().order_by(Definition.kind, Definition.key)).all()


def listed_definitions(session: Session, *, limit: int, after: tuple[str, str] = ("", "")) -> Sequence[Definition]:
    """`current_definitions` after the one of that kind and key, without the sources."""
    following = _current().where(tuple_(Definition.kind, Definition.key) > after)
    ordered = following.order_by(Definition.kind, Definition.key).limit(limit)
    return session.scalars(ordered.options(defer(Definition.source, raiseload=True))).all()


def definition_versions(
    session: Session, kind: DefinitionKind, key: str, *, limit: int, before: int | None = None
) -> Sequence[Definition]:
    """The versions of one source before `before`, the newest first, without the sources."""
    listed = select(Definition).where(Definition.kind == kind, Definition.key == key)
    if before is not None:
        listed = listed.where(Definition.version < before)
    ordered = listed.order_by(Definition.version.desc()).limit(limit)
    return session.scalars(ordered.options(defer(Definition.source, raiseload=True))).all()


def retire_definitions(session: Session, kept: Collection[tuple[str, str]]) -> bool:
    """Takes out of use every source whose (kind, key) is not among those kept; whether there was one."""
    current = session.execute(select(Definition.kind, Definition.key).where(~Definition.retired).distinct())
    gone = [(kind, key) for kind, key in current if (kind, key) not in kept]
    if gone:
        identity = tuple_(Definition.kind, Definition.key)
        session.execute(update(Definition).where(identity.in_(gone)).values(retired=True))
    return bool(gone)


def _current() -> Select[Definition]:
    newest = select(Definition.kind, Definition.key, func.max(Definition.version)).where(~Definition.retired)
    identity = tuple_(Definition.kind, Definition.key, Definition.version)
    return select(Definition).where(identity.in_(newest.group_by(Definition.kind, Definition.key)))
