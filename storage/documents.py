"""Numbered papers: a number is taken once, in the transaction that stores the finished file; it never goes away.

A document that is no longer good is marked 作废 and keeps its number.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base
from storage.files import FileStore
from storage.locks import lock, lock_job
from storage.numbers import formatted, next_number


class DocumentStatus(StrEnum):
    """Whether a document is good; VOID is shown as 作废."""

    VALID = "valid"
    VOID = "void"


class Document(Base):
    """One numbered document of a case; versions count from 1 for each kind within a case."""

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("series", "serial"),
        UniqueConstraint("kind", "number"),
        UniqueConstraint("case_no", "kind", "version"),
    )

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    case_no: Mapped[str]
    kind: Mapped[str]
    version: Mapped[int]
    series: Mapped[str]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(index=True)
    status: Mapped[str]
    sha256: Mapped[str]
    model: Mapped[dict[str, Any]]
    issued_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str]


class Voiding(Base):
    """A piece of work that marked a workflow's documents 作废, kept so that doing it again changes nothing."""

    __tablename__ = "document_voidings"

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    numbers: Mapped[list[str]]
    at: Mapped[datetime]


@dataclass(frozen=True)
class IssuedDocument:
    """What `issue_document` stored, now or the first time."""

    kind: str
    number: str
    version: int
    sha256: str
    status: str
    issued_at: datetime


def issue_document(
    session: Session,
    files: FileStore,
    *,
    workflow_id: str,
    key: str,
    case_no: str,
    kind: str,
    series: str,
    number_format: str,
    model: Mapping[str, Any],
    write: Callable[[str], bytes],
    now: datetime,
) -> IssuedDocument:
    """Numbers, renders and stores one document; the second time for (workflow, key) it answers the first result.

    The number is the next of `series`, shown in `number_format` (see `numbers.formatted`); `write` renders the bytes
    with it. Others who want a number of the series wait until the transaction ends. If `write` fails, or anything after
    it, no number is used; a file may then lie in the store that nothing refers to.
    """
    lock_job(session, workflow_id, key)
    known = session.get(Document, (workflow_id, key))
    if known:
        return _issued(known)
    serial = next_number(session, series)
    number = formatted(number_format, serial)
    sha256 = files.put(write(number))
    lock(session, f"document versions {case_no} {kind}")
    document = Document(
        workflow_id=workflow_id,
        key=key,
        case_no=case_no,
        kind=kind,
        version=_next_version(session, case_no, kind),
        series=series,
        serial=serial,
        number=number,
        status=DocumentStatus.VALID.value,
        sha256=sha256,
        model=dict(model),
        issued_at=now,
        voided_at=None,
        void_reason="",
    )
    session.add(document)
    session.flush()
    return _issued(document)


def void_documents(
    session: Session,
    workflow_id: str,
    key: str,
    reason: str,
    now: datetime,
    kinds: Collection[str] = (),
    sparing: Collection[str] = (),
    case_no: str = "",
) -> list[str]:
    """Marks every valid document of the workflow but those of the kinds `sparing`, or those of `kinds`, 作废; with a
    `case_no`, of all workflows of that case.

    Answers their numbers in order of issue.

    The second time for (workflow, key) it answers the same and touches nothing that was issued since.
    """
    lock_job(session, workflow_id, key)
    known = session.get(Voiding, (workflow_id, key))
    if known:
        return list(known.numbers)
    whose = Document.case_no == case_no if case_no else Document.workflow_id == workflow_id
    valid = whose & (Document.status == DocumentStatus.VALID)
    valid &= Document.kind.in_(kinds) if kinds else Document.kind.not_in(sparing)
    void = update(Document).where(valid).values(status=DocumentStatus.VOID.value, voided_at=now, void_reason=reason)
    voided = session.execute(void.returning(Document.issued_at, Document.series, Document.serial, Document.number))
    numbers = [row.number for row in sorted(voided)]
    session.add(Voiding(workflow_id=workflow_id, key=key, reason=reason, numbers=numbers, at=now))
    session.flush()
    return numbers


def case_documents(session: Session, case_no: str) -> Sequence[Document]:
    """Every document of a case, void ones too, in order of issue."""
    of_case = select(Document).where(Document.case_no == case_no)
    return session.scalars(of_case.order_by(Document.issued_at, Document.kind, Document.version)).all()


def documents_numbered(session: Session, number: str) -> Sequence[Document]:
    """The documents that carry a number: at most one of each kind."""
    return session.scalars(select(Document).where(Document.number == number).order_by(Document.kind)).all()


def _next_version(session: Session, case_no: str, kind: str) -> int:
    issued = select(func.count()).select_from(Document).where(Document.case_no == case_no, Document.kind == kind)
    return (session.scalar(issued) or 0) + 1


def _issued(document: Document) -> IssuedDocument:
    return IssuedDocument(
        kind=document.kind,
        number=document.number,
        version=document.version,
        sha256=document.sha256,
        status=document.status,
        issued_at=document.issued_at,
    )
