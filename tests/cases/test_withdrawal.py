"""A customer who withdraws ends the case in order: what was issued goes back, the numbers taken become 作废."""

from __future__ import annotations

from decimal import Decimal

import pytest
import pytest_asyncio

from demo.play import time_skipping
from storage.documents import DocumentStatus, case_documents
from storage.journal_rows import case_journal
from storage.materials import SlipKind, case_balance, case_slips
from tests.cases.walking import Walk


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """A customer has withdrawn after materials were issued."""
    async with time_skipping() as server:
        walk = Walk(server, tmp_path_factory.mktemp("withdrawal"), "withdrawn_with_materials_issued")
        assert await walk.play() == "completed"
    return walk


async def test_issued_materials_are_returned_by_compensation(walk: Walk) -> None:
    with walk.database.session() as session:
        slips = case_slips(session, walk.case_no)
        balance = case_balance(session, walk.case_no)
    assert [slip.kind for slip in slips] == [SlipKind.ISSUE, SlipKind.RETURN]
    assert all(material.quantity == Decimal(0) for material in balance)


async def test_every_number_taken_stays_and_is_void(walk: Walk) -> None:
    with walk.database.session() as session:
        documents = case_documents(session, walk.case_no)
    assert {"one_time_notice", "supply_plan_reply"} <= {document.kind for document in documents}
    assert all(document.status == DocumentStatus.VOID and document.void_reason for document in documents)


async def test_the_running_grid_project_ends_by_the_message_and_not_by_cancellation(walk: Walk) -> None:
    with walk.database.session() as session:
        lines = [line.record for line in case_journal(session, walk.case_no, limit=10_000)]
    ends = {record.element for record in lines if record.event == "completed" and record.type == "process"}
    assert ends == {"hv_connection", "grid_project_10kv"}
    assert not [record for record in lines if record.event == "cancelled"]


async def test_the_read_model_is_what_the_journal_rebuilds(walk: Walk) -> None:
    before = walk.read_model()
    walk.rebuild()
    assert walk.read_model() == before
