"""Uploads, signed copies and faults of files, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from storage.database import Database
from storage.documents import issue_document
from storage.files import FileStore
from storage.uploads import (
    SignedCopy,
    Upload,
    case_signed_copies,
    case_uploads,
    file_faults,
    forget_fault,
    note_fault,
    signed_copies,
    uploads_of,
)

PDF = {"media_type": "application/pdf", "size": 3, "by": "wang"}


def upload(number: str, sha256: str, case_no: str, now: datetime) -> Upload:
    return Upload(id=number, sha256=sha256, name="图.pdf", case_no=case_no, at=now, **PDF)


def test_a_content_may_be_brought_for_several_cases(database: Database, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    with database.transaction() as session:
        session.add_all(
            [upload("2", "a", "YK-2", later), upload("1", "a", "YK-1", now), upload("3", "b", "YK-1", later)]
        )
    with database.session() as session:
        of_content = [one.case_no for one in uploads_of(session, "a")]
        of_case = [one.sha256 for one in case_uploads(session, "YK-1")]

    assert (of_content, of_case) == (["YK-1", "YK-2"], ["a", "b"])


def issued(database: Database, files: FileStore, key: str, now: datetime) -> None:
    with database.transaction() as session:
        issue_document(
            session,
            files,
            workflow_id="case/1",
            key=key,
            case_no="YK-1",
            kind="supply_plan_reply",
            series="reply",
            number_format="{n}号",
            model={},
            write=str.encode,
            now=now,
        )


def test_signed_copies_belong_to_one_document_and_come_with_its_case(
    database: Database, files: FileStore, now: datetime, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    for key in ("5", "6"):
        issued(database, files, key, now)
    with database.transaction() as session:
        session.add_all(
            SignedCopy(
                id=f"{key}/{n}",
                workflow_id="case/1",
                key=key,
                sha256=str(n),
                name="签.pdf",
                note="",
                at=now + timedelta(minutes=n),
                **PDF,
            )
            for key in ("5", "6")
            for n in (2, 1)
        )

    with database.session() as session:
        assert [one.sha256 for one in signed_copies(session, "case/1", "5")] == ["1", "2"]
        assert [one.id for one in case_signed_copies(session, "YK-1")] == ["5/1", "6/1", "5/2", "6/2"]
        assert count_statements(lambda: case_signed_copies(session, "YK-1")) == 1


def test_the_first_finding_of_a_fault_stays_until_the_file_is_whole(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        note_fault(session, "a", "damaged", now)
        note_fault(session, "a", "missing", now + timedelta(days=1))
    with database.transaction() as session:
        found = [(one.fault, one.found_at) for one in file_faults(session, ["a", "b"]).values()]
        forget_fault(session, "a")

    with database.session() as session:
        assert found == [("damaged", now)]
        assert file_faults(session, ["a"]) == {}
