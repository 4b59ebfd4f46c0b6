"""What was copied to somebody is found by them, the latest first, a page at a time."""

from __future__ import annotations

from datetime import datetime

import pytest

from storage.copies import copies_for
from storage.database import Database
from storage.journal import record_batch
from storage.paging import WrongPlace, mark
from tests.storage.journals import batch, case_record, opened, record


@pytest.fixture
def database(database: Database, now: datetime) -> Database:
    """Two cases with a task each, of which three copies were sent at the same minutes."""
    with database.transaction() as session:
        for number in (1, 2):
            copies = [
                record(3 + n, "copied", "5", {"by": "wang", "to": to}) for n, to in enumerate((["li"], ["li", "zhao"]))
            ]
            sent = batch(case_record(), opened(2, "5"), *copies, workflow_id=f"case-{number}", case_no=f"YK-{number}")
            record_batch(session, sent, now)
    return database


def pages(database: Database, recipient: str, limit: int) -> list[list[tuple[str, int]]]:
    found, after = [], ""
    with database.session() as session:
        while True:
            page, after = copies_for(session, recipient, limit=limit, after=after)
            found.append([(one.workflow_id, one.seq) for one in page])
            if not after:
                return found


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 50])
def test_pages_follow_each_other_without_gap_or_double(database: Database, limit: int) -> None:
    found = pages(database, "li", limit)

    assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
    assert [one for page in found for one in page] == [("case-2", 4), ("case-1", 4), ("case-2", 3), ("case-1", 3)]


def test_each_sees_what_was_sent_to_them(database: Database) -> None:
    assert pages(database, "zhao", 50) == [[("case-2", 4), ("case-1", 4)]]
    assert pages(database, "wang", 50) == [[]]


@pytest.mark.parametrize("after", ["nowhere", mark("newest", "case-1"), mark("latest", "case-1", "case-1", 3)])
def test_a_place_that_no_page_named_is_refused(database: Database, after: str) -> None:
    with database.session() as session, pytest.raises(WrongPlace):
        copies_for(session, "li", after=after)
