"""Files that people put in: uploads to cases, signed copies of papers; and which files of the store were found damaged.

What a file contains lies in the file store under its hash; here stands who brought it, as what, and for which case.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, upsert
from storage.documents import Document


class Upload(Base):
    """One file as somebody brought it; `case_no` is empty where it belongs to no case. `size` in bytes."""

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    case_no: Mapped[str] = mapped_column(index=True)
    by: Mapped[str]
    at: Mapped[datetime]


class SignedCopy(Base):
    """A signed copy of the numbered document (workflow, key); there may be several. `size` in bytes."""

    __tablename__ = "signed_copies"
    __table_args__ = (
        ForeignKeyConstraint(["workflow_id", "key"], ["documents.workflow_id", "documents.key"]),
        Index(None, "workflow_id", "key"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    workflow_id: Mapped[str]
    key: Mapped[str]
    sha256: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    note: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class FileFault(Base):
    """A file of the store that was missing or damaged when it was last asked for; `found_at` is when that was found."""

    __tablename__ = "file_faults"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    fault: Mapped[str]
    found_at: Mapped[datetime]


def uploads_of(session: Session, sha256: str) -> Sequence[Upload]:
    """Every time that a content was brought, the first time first."""
    of_content = select(Upload).where(Upload.sha256 == sha256)
    return session.scalars(of_content.order_by(Upload.at, Upload.id)).all()


def case_uploads(session: Session, case_no: str) -> Sequence[Upload]:
    """The files that were brought for a case, in order."""
    of_case = select(Upload).where(Upload.case_no == case_no)
    return session.scalars(of_case.order_by(Upload.at, Upload.id)).all()


def signed_copies(session: Session, workflow_id: str, key: str) -> Sequence[SignedCopy]:
    """The signed copies of a document, in the order in which they came."""
    of_document = select(SignedCopy).where(SignedCopy.workflow_id == workflow_id, SignedCopy.key == key)
    return session.scalars(of_document.order_by(SignedCopy.at, SignedCopy.id)).all()


def case_signed_copies(session: Session, case_no: str) -> Sequence[SignedCopy]:
    """The signed copies of all documents of a case, in the order in which they came."""
    same = (Document.workflow_id == SignedCopy.workflow_id) & (Document.key == SignedCopy.key)
    of_case = select(SignedCopy).join(Document, same).where(Document.case_no == case_no)
    return session.scalars(of_case.order_by(SignedCopy.at, SignedCopy.id)).all()


def note_fault(session: Session, sha256: str, fault: str, now: datetime) -> None:
    """A file was found missing or damaged; the first finding stays."""
    if session.get(FileFault, sha256) is None:
        upsert(session, FileFault, [{"sha256": sha256, "fault": fault, "found_at": now}])


def forget_fault(session: Session, sha256: str) -> None:
    """A file is whole again."""
    session.execute(delete(FileFault).where(FileFault.sha256 == sha256))


def file_faults(session: Session, hashes: Collection[str]) -> dict[str, FileFault]:
    """Those of the files that were found missing or damaged, by hash."""
    found = select(FileFault).where(FileFault.sha256.in_(hashes))
    return {fault.sha256: fault for fault in session.scalars(found)}
