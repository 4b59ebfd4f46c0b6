"""Archived cases: the archive number and the index of what lies in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base
from storage.documents import case_documents
from storage.locks import lock_job
from storage.numbers import formatted, next_number


class Archive(Base):
    """One archived case; `content_index` lists its documents, `reason` says why a case ended early."""

    __tablename__ = "archives"

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    case_no: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    content_index: Mapped[list[dict[str, Any]]]
    archived_at: Mapped[datetime]


@dataclass(frozen=True)
class ArchivedCase:
    """What `archive_case` filed, now or the first time; each document is {kind, number, status, sha256} in `index`."""

    number: str
    index: list[dict[str, Any]]


def archive_case(
    session: Session,
    *,
    workflow_id: str,
    key: str,
    case_no: str,
    reason: str,
    series: str,
    number_format: str,
    now: datetime,
) -> ArchivedCase:
    """Numbers the case's file and indexes every document it has at this moment, void ones too.

    The second time for (workflow, key) it answers the first result.
    """
    lock_job(session, workflow_id, key)
    archive = session.get(Archive, (workflow_id, key))
    if archive is None:
        archive = Archive(
            workflow_id=workflow_id,
            key=key,
            number=formatted(number_format, next_number(session, series)),
            case_no=case_no,
            reason=reason,
            content_index=_index(session, case_no),
            archived_at=now,
        )
        session.add(archive)
        session.flush()
    return ArchivedCase(archive.number, archive.content_index)


def case_archives(session: Session, case_no: str) -> Sequence[Archive]:
    """The archive entries of a case, the first filed first."""
    return session.scalars(
        select(Archive).where(Archive.case_no == case_no).order_by(Archive.archived_at, Archive.number)
    ).all()


def _index(session: Session, case_no: str) -> list[dict[str, Any]]:
    return [
        {"kind": document.kind, "number": document.number, "status": document.status, "sha256": document.sha256}
        for document in case_documents(session, case_no)
    ]
