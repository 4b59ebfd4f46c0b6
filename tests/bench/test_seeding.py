"""Cases of real shape: what a database is filled with before it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from bench.seeding import COUNTIES, JOURNAL_EVERY, Pattern, fill, patterns
from bench.story import moments
from storage.case_list import CaseQuery, search_cases
from storage.cases import Case
from storage.database import Database
from storage.inbox import InboxQuery, InboxView, inbox
from storage.journal_rows import JournalRow
from tests.databases import migrated

pytestmark = pytest.mark.long
CASES = 120
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Pattern]:
    """The demo's case at all of its moments."""
    folder = tmp_path_factory.mktemp("seeding")
    return patterns(folder, await moments(folder / "story"))


def filled(folder: Path, told: Sequence[Pattern]) -> Database:
    database = migrated(folder / "yekuo.db")
    fill(database, told, NOW, CASES)
    return database


def test_every_case_is_listed_once_with_its_own_customer_and_county(tmp_path: Path, told: Sequence[Pattern]) -> None:
    with filled(tmp_path, told).session() as session:
        found, following = search_cases(session, CaseQuery(), limit=2 * CASES)

    assert (len(found), following) == (CASES, "")
    assert {one.case.county for one in found} == set(COUNTIES)
    assert all(one.case.address.startswith(one.case.county) for one in found)
    assert len({one.case.customer for one in found}) > CASES / 4


def test_cases_stand_in_many_stages_and_in_all_colours(tmp_path: Path, told: Sequence[Pattern]) -> None:
    with filled(tmp_path, told).session() as session:
        found, _ = search_cases(session, CaseQuery(), limit=CASES)
        waiting, _ = inbox(session, InboxQuery("", ("marketing",), view=InboxView.DEPARTMENT), limit=CASES)

    assert len({one.case.stage for one in found}) > 8
    assert {one.colour.value for one in found} == {"红", "黄", "蓝"}
    assert {one.case.state for one in found} == {"running", "completed"}
    assert waiting


def test_each_twentieth_case_has_its_journal(tmp_path: Path, told: Sequence[Pattern]) -> None:
    with filled(tmp_path, told).session() as session:
        having = session.scalars(select(JournalRow.case_no).distinct()).all()

    assert sorted(having) == [f"S-2025-{number:05d}" for number in range(0, CASES, JOURNAL_EVERY)]


def test_two_fillings_are_the_same(tmp_path: Path, told: Sequence[Pattern]) -> None:
    def rows(name: str) -> list[tuple[object, ...]]:
        (tmp_path / name).mkdir()
        with filled(tmp_path / name, told).session() as session:
            return [tuple(row) for row in session.execute(select(Case.__table__).order_by(Case.workflow_id))]

    assert rows("one") == rows("other")
