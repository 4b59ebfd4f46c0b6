from __future__ import annotations

from datetime import datetime, timedelta

from storage.archives import ArchivedCase, archive_case, case_archives
from storage.database import Database
from storage.documents import issue_document, void_documents
from storage.files import FileStore
from tests.storage.journals import CASE_NO


def archive(database: Database, now: datetime, key: str = "9", reason: str = "") -> ArchivedCase:
    with database.transaction() as session:
        return archive_case(
            session,
            workflow_id="case-1",
            key=key,
            case_no=CASE_NO,
            reason=reason,
            series="archive-2026",
            number_format="DA2026-{n:05d}",
            now=now,
        )


def issue(database: Database, files: FileStore, now: datetime, key: str) -> dict[str, str]:
    with database.transaction() as session:
        issued = issue_document(
            session,
            files,
            workflow_id="case-1",
            key=key,
            case_no=CASE_NO,
            kind="supply_plan_reply",
            series="s",
            number_format="S{n}",
            model={},
            write=str.encode,
            now=now,
        )
    return {"kind": issued.kind, "number": issued.number, "status": issued.status, "sha256": issued.sha256}


def test_the_index_has_every_document_with_its_status(database: Database, files: FileStore, now: datetime) -> None:
    first = issue(database, files, now, "5")
    with database.transaction() as session:
        void_documents(session, "case-1", "6", "方案变更", now)
    second = issue(database, files, now + timedelta(days=1), "7")

    archived = archive(database, now)

    assert archived.number == "DA2026-00001"
    assert archived.index == [first | {"status": "void"}, second]


def test_archiving_again_answers_the_first_result(database: Database, files: FileStore, now: datetime) -> None:
    first = archive(database, now, reason="客户撤销用电申请")
    issue(database, files, now, "5")

    assert archive(database, now + timedelta(days=1)) == first
    with database.session() as session:
        entries = [(each.number, each.reason, each.archived_at) for each in case_archives(session, CASE_NO)]
    assert entries == [("DA2026-00001", "客户撤销用电申请", now)]


def test_each_archived_workflow_has_a_number_of_its_own(database: Database, now: datetime) -> None:
    assert [archive(database, now, key).number for key in ("9", "10")] == ["DA2026-00001", "DA2026-00002"]
