"""Deployments: what became current when and by whom, so that it can be found and made current again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base
from storage.definitions import Definition
from storage.rules import lock_rules


class Deployment(Base):
    """One change of what is current. `files` and `processes` are all that was current after it, each with its version
    and whether this deployment changed it; `rolls_back` is the deployment whose sources it brought back.
    """

    __tablename__ = "deployments"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    note: Mapped[str]
    deployed_by: Mapped[str]
    deployed_at: Mapped[datetime]
    files: Mapped[list[dict[str, Any]]]
    processes: Mapped[list[dict[str, Any]]]
    rolls_back: Mapped[int | None]


def add_deployment(session: Session, deployment: Deployment) -> Deployment:
    """Keeps a deployment under the next number."""
    lock_rules(session)
    newest = newest_deployment(session)
    deployment.id = newest.id + 1 if newest else 1
    session.add(deployment)
    session.flush()
    return deployment


def deployment(session: Session, number: int) -> Deployment | None:
    """One deployment, or None."""
    return session.get(Deployment, number)


def newest_deployment(session: Session) -> Deployment | None:
    """The deployment by which the current sources are current, or None."""
    return session.scalar(select(Deployment).order_by(Deployment.id.desc()).limit(1))


def deployments(session: Session, *, limit: int, before: int | None = None) -> Sequence[Deployment]:
    """The deployments before `before`, the newest first."""
    listed = select(Deployment).order_by(Deployment.id.desc()).limit(limit)
    return session.scalars(listed if before is None else listed.where(Deployment.id < before)).all()


def deployed_sources(session: Session, one: Deployment) -> dict[str, str]:
    """All that was current after a deployment, word for word, by the names of the files."""
    identity = tuple_(Definition.kind, Definition.key, Definition.version)
    wanted = [(file["kind"], file["key"], file["version"]) for file in one.files]
    found = session.scalars(select(Definition).where(identity.in_(wanted)).order_by(Definition.kind, Definition.key))
    return {source.file_name: source.source for source in found}
