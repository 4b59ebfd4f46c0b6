"""Deployed sources: diagrams, decision tables and forms, each version kept word for word."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

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


def deploy_definition(
    session: Session, kind: DefinitionKind, key: str, file_name: str, source: str, now: datetime
) -> Definition:
    """Makes `source` the current version of (kind, key); the text that is current already makes no new version."""
    lock(session, f"definition {kind} {key}")
    sha256 = hashlib.sha256(source.encode()).hexdigest()
    current = current_definition(session, kind, key)
    if current and current.sha256 == sha256:
        return current
    version = current.version + 1 if current else 1
    definition = Definition(
        kind=kind, key=key, version=version, file_name=file_name, sha256=sha256, source=source, deployed_at=now
    )
    session.add(definition)
    session.flush()
    return definition


def current_definition(session: Session, kind: DefinitionKind, key: str) -> Definition | None:
    """The version deployed last, or None."""
    newest = Definition.version.desc()
    return session.scalar(
        select(Definition).where(Definition.kind == kind, Definition.key == key).order_by(newest).limit(1)
    )


def definition(session: Session, kind: DefinitionKind, key: str, version: int) -> Definition | None:
    """One version, or None."""
    return session.get(Definition, (kind, key, version))


def current_definitions(session: Session) -> Sequence[Definition]:
    """The current version of everything deployed, by kind and key."""
    newest = select(Definition.kind, Definition.key, func.max(Definition.version)).group_by(
        Definition.kind, Definition.key
    )
    identity = tuple_(Definition.kind, Definition.key, Definition.version)
    return session.scalars(
        select(Definition).where(identity.in_(newest)).order_by(Definition.kind, Definition.key)
    ).all()
