"""What a company decides for itself, version by version: its calendar, its time limits, who holds which post, which
level decides what, how outages are planned, and what replenishment is worked out from."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from storage.base import Base, json_text
from storage.locks import lock


class RuleKind(StrEnum):
    """Which table."""

    CALENDAR = "calendar"
    LIMITS = "limits"
    POSTS = "posts"
    AUTHORITY = "authority"
    OUTAGE = "outage"
    STOCK_PLANNING = "stock_planning"


class RuleVersion(Base):
    """One version of one table, counted from 1 for each kind. `sha256` is that of its content."""

    __tablename__ = "rules"

    kind: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    note: Mapped[str]
    loaded_by: Mapped[str]
    loaded_at: Mapped[datetime]


def lock_rules(session: Session) -> None:
    """Holds all tables and diagrams: what is checked against the other is not changed until the transaction ends."""
    lock(session, "rules")


def load_rules(
    session: Session, kind: RuleKind, content: dict[str, Any], note: str, by: str, now: datetime
) -> tuple[RuleVersion, bool]:
    """Makes `content` the current version and says whether it is a new one; the current content again is none."""
    lock_rules(session)
    sha256 = content_hash(content)
    current = current_rule(session, kind)
    if current and current.sha256 == sha256:
        return current, False
    loaded = RuleVersion(
        kind=kind,
        version=current.version + 1 if current else 1,
        content=content,
        sha256=sha256,
        note=note,
        loaded_by=by,
        loaded_at=now,
    )
    session.add(loaded)
    session.flush()
    return loaded, True


def content_hash(content: dict[str, Any]) -> str:
    """What tells contents apart."""
    return hashlib.sha256(json_text(content).encode()).hexdigest()


def current_rule(session: Session, kind: RuleKind) -> RuleVersion | None:
    """The version loaded last, or None."""
    newest = RuleVersion.version.desc()
    return session.scalar(select(RuleVersion).where(RuleVersion.kind == kind).order_by(newest).limit(1))


def current_rules(session: Session, kinds: Collection[RuleKind] = tuple(RuleKind)) -> dict[RuleKind, RuleVersion]:
    """The versions loaded last; a kind of which none was ever loaded is not among them."""
    newest = select(RuleVersion.kind, func.max(RuleVersion.version)).where(RuleVersion.kind.in_(kinds))
    identity = tuple_(RuleVersion.kind, RuleVersion.version)
    found = session.scalars(select(RuleVersion).where(identity.in_(newest.group_by(RuleVersion.kind))))
    return {RuleKind(one.kind): one for one in found}


def rule_version(session: Session, kind: RuleKind, version: int) -> RuleVersion | None:
    """One version, or None."""
    return session.get(RuleVersion, (kind, version))


def rule_versions(session: Session, kind: RuleKind, *, limit: int, before: int | None = None) -> Sequence[RuleVersion]:
    """The versions before `before`, the newest first, without their contents."""
    listed = select(RuleVersion).options(defer(RuleVersion.content, raiseload=True)).where(RuleVersion.kind == kind)
    if before is not None:
        listed = listed.where(RuleVersion.version < before)
    return session.scalars(listed.order_by(RuleVersion.version.desc()).limit(limit)).all()
