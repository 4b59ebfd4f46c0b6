from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from storage.database import Database
from storage.documents import (
    IssuedDocument,
    case_documents,
    documents_numbered,
    issue_document,
    void_documents,
)
from storage.files import FileStore
from tests.storage.journals import CASE_NO

FORMAT = "张供方〔2026〕{n:04d}号"


@pytest.fixture
def issue(files: FileStore, now: datetime) -> Callable[..., IssuedDocument]:
    """Issues a supply plan reply that says its number."""

    def issued(session: Session, key: str, **changed: Any) -> IssuedDocument:
        fields: dict[str, Any] = {
            "workflow_id": "case-1",
            "key": key,
            "case_no": CASE_NO,
            "kind": "supply_plan_reply",
            "series": "supply_plan_reply-2026",
            "number_format": FORMAT,
            "model": {"capacityKva": 8000},
            "write": lambda number: f"答复单 {number}".encode(),
            "now": now,
        }
        return issue_document(session, files, **(fields | changed))

    return issued


Issue = Callable[..., IssuedDocument]


def test_a_document_is_stored_with_its_number_inside(
    database: Database, files: FileStore, issue: Issue, now: datetime
) -> None:
    with database.transaction() as session:
        issued = issue(session, "5")

    assert (issued.number, issued.version, issued.status) == ("张供方〔2026〕0001号", 1, "valid")
    assert files.get(issued.sha256).decode() == "答复单 张供方〔2026〕0001号"
    with database.session() as session:
        stored = documents_numbered(session, issued.number)[0]
    assert (stored.model, stored.case_no, stored.sha256) == ({"capacityKva": 8000}, CASE_NO, issued.sha256)
    assert stored.issued_at == now


def test_issuing_again_answers_the_first_result_without_rendering(database: Database, issue: Issue) -> None:
    def must_not_render(number: str) -> bytes:
        raise AssertionError(number)

    with database.transaction() as session:
        first = issue(session, "5")
    with database.transaction() as session:
        again = issue(session, "5", write=must_not_render, model={}, kind="other")

    assert again == first


def test_each_series_counts_for_itself(database: Database, issue: Issue) -> None:
    with database.transaction() as session:
        numbers = [
            issue(session, "5").number,
            issue(session, "6").number,
            issue(session, "7", series="supply_plan_reply-2027", number_format="张供方〔2027〕{n:04d}号").number,
        ]

    assert numbers == ["张供方〔2026〕0001号", "张供方〔2026〕0002号", "张供方〔2027〕0001号"]


def test_a_failing_renderer_uses_no_number(database: Database, issue: Issue) -> None:
    def fail(number: str) -> bytes:
        raise LookupError(number)

    with pytest.raises(LookupError), database.transaction() as session:
        issue(session, "5", write=fail)
    with database.transaction() as session:
        assert issue(session, "6").number == "张供方〔2026〕0001号"


def test_a_failure_after_the_file_was_stored_uses_no_number(database: Database, issue: Issue) -> None:
    def issue_and_fail() -> None:
        with database.transaction() as session:
            issue(session, "5")
            raise LookupError

    with pytest.raises(LookupError):
        issue_and_fail()
    with database.transaction() as session:
        assert issue(session, "5").number == "张供方〔2026〕0001号"
    with database.session() as session:
        assert len(case_documents(session, CASE_NO)) == 1


def test_a_file_store_that_fails_leaves_no_document(database: Database, issue: Issue, files: FileStore) -> None:
    files.path("0" * 64).parent.parent.write_text("in the way")

    with pytest.raises((NotADirectoryError, FileExistsError)), database.transaction() as session:
        issue(session, "5")

    with database.session() as session:
        assert case_documents(session, CASE_NO) == []


def test_a_number_format_must_show_the_number(database: Database, issue: Issue) -> None:
    with pytest.raises(ValueError, match="does not show the number"), database.transaction() as session:
        issue(session, "5", number_format="张供方〔2026〕号")


def test_documents_of_one_kind_are_versions_within_their_case(database: Database, issue: Issue) -> None:
    with database.transaction() as session:
        issued = [
            issue(session, "5"),
            issue(session, "6"),
            issue(session, "7", kind="construction_contract", series="contract", number_format="C{n}"),
            issue(session, "5", workflow_id="case-2", case_no="YK-2026-0002"),
        ]

    assert [each.version for each in issued] == [1, 2, 1, 1]


def test_fifty_at_once_get_fifty_consecutive_numbers(database: Database, issue: Issue, files: FileStore) -> None:
    def one(number: int) -> IssuedDocument:
        with database.transaction() as session:
            return issue(session, str(number), case_no=f"N{number % 7}")

    with ThreadPoolExecutor(50) as pool:
        issued = list(pool.map(one, range(50)))

    assert sorted(each.number for each in issued) == [FORMAT.format(n=n) for n in range(1, 51)]
    assert all(files.get(each.sha256).decode() == f"答复单 {each.number}" for each in issued)
    with database.session() as session:
        for case in range(7):
            versions = [document.version for document in case_documents(session, f"N{case}")]
            assert versions == list(range(1, len(versions) + 1))


def test_documents_of_one_kind_and_case_at_once_are_consecutive_versions(database: Database, issue: Issue) -> None:
    def one(number: int) -> int:
        with database.transaction() as session:
            return issue(session, str(number), series=f"s{number % 2}", number_format=f"S{number % 2}-{{n}}").version

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(one, range(20))) == list(range(1, 21))


def test_many_attempts_of_one_document_at_once_issue_it_once(database: Database, issue: Issue) -> None:
    rendered: list[str] = []

    def write(number: str) -> bytes:
        rendered.append(number)
        return number.encode()

    def attempt(_: int) -> IssuedDocument:
        with database.transaction() as session:
            return issue(session, "5", write=write)

    with ThreadPoolExecutor(10) as pool:
        issued = set(pool.map(attempt, range(10)))

    assert [each.number for each in issued] == rendered == ["张供方〔2026〕0001号"]


def test_voiding_marks_the_valid_documents_of_the_workflow_and_keeps_their_numbers(
    database: Database, issue: Issue, now: datetime
) -> None:
    with database.transaction() as session:
        numbers = [issue(session, key, now=now + timedelta(minutes=int(key))).number for key in ("5", "6")]
        other = issue(session, "5", workflow_id="case-1-grid")
    with database.transaction() as session:
        assert void_documents(session, "case-1", "9", "客户撤销用电申请", now) == numbers

    with database.session() as session:
        documents = {document.number: document for document in case_documents(session, CASE_NO)}
    assert {number: document.status for number, document in documents.items()} == {
        numbers[0]: "void",
        numbers[1]: "void",
        other.number: "valid",
    }
    assert (documents[numbers[0]].void_reason, documents[numbers[0]].voided_at) == ("客户撤销用电申请", now)


def test_voiding_those_of_a_case_marks_those_of_all_its_workflows_but_what_is_spared(
    database: Database, issue: Issue, now: datetime
) -> None:
    with database.transaction() as session:
        own = issue(session, "5", now=now).number
        called = issue(session, "5", workflow_id="case-1-grid", now=now + timedelta(minutes=1)).number
        spared = issue(session, "6", kind="supervision_order").number
    with database.transaction() as session:
        voided = void_documents(session, "case-1", "9", "客户撤回", now, (), ["supervision_order"], CASE_NO)

        assert voided == [own, called]
        assert [document.status for document in documents_numbered(session, spared)] == ["valid"]


def test_voiding_again_answers_the_same_and_spares_what_was_issued_since(
    database: Database, issue: Issue, now: datetime
) -> None:
    with database.transaction() as session:
        first = issue(session, "5").number
        assert void_documents(session, "case-1", "9", "方案变更", now) == [first]
        since = issue(session, "6").number
    with database.transaction() as session:
        assert void_documents(session, "case-1", "9", "方案变更", now + timedelta(days=1)) == [first]

        assert [document.voided_at for document in documents_numbered(session, first)] == [now]
        assert [document.status for document in documents_numbered(session, since)] == ["valid"]
        assert void_documents(session, "case-1", "10", "方案变更", now) == [since]


def test_voiding_nothing_stays_nothing(database: Database, issue: Issue, now: datetime) -> None:
    with database.transaction() as session:
        assert void_documents(session, "case-1", "9", "客户撤销", now) == []
        issue(session, "5")
        assert void_documents(session, "case-1", "9", "客户撤销", now) == []


def test_a_voided_number_is_not_used_again(database: Database, issue: Issue, now: datetime) -> None:
    with database.transaction() as session:
        issue(session, "5")
        void_documents(session, "case-1", "9", "方案变更", now)
        again = issue(session, "6")

    assert (again.number, again.version) == ("张供方〔2026〕0002号", 2)
