"""Which case waits for which message; written by the projection of the journal alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base


class Subscription(Base):
    """An open wait; `key` names it within its workflow, `seq` is the record that opened it."""

    __tablename__ = "subscriptions"

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    message: Mapped[str] = mapped_column(index=True)
    correlation_key: Mapped[str]
    wait_id: Mapped[str] = mapped_column(index=True)
    opened_at: Mapped[datetime]


def wait_id(message: str, correlation_key: str) -> str:
    """The hash that messages and waits meet by: a correlation key may be longer than an index entry."""
    return hashlib.sha256(f"{message}\n{correlation_key}".encode(errors="replace")).hexdigest()


def oldest_wait(session: Session, wait: str) -> Subscription | None:
    """The wait that a message goes to: the one opened first."""
    first = (Subscription.opened_at, Subscription.workflow_id, Subscription.seq)
    return session.scalar(select(Subscription).where(Subscription.wait_id == wait).order_by(*first).limit(1))


def waits_for(session: Session, message: str) -> Sequence[Subscription]:
    """Every open wait for a message of that name, for a broadcast; the one opened first comes first."""
    first = (Subscription.opened_at, Subscription.workflow_id, Subscription.seq)
    return session.scalars(select(Subscription).where(Subscription.message == message).order_by(*first)).all()


def workflow_waits(session: Session, workflow_id: str) -> Sequence[Subscription]:
    """What one workflow waits for."""
    of_workflow = select(Subscription).where(Subscription.workflow_id == workflow_id)
    return session.scalars(of_workflow.order_by(Subscription.seq)).all()
