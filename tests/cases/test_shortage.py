"""Materials in stock (domain.md §1.1 row 5) in the shipped 10kV grid project: checked, short, explained, issued."""

from __future__ import annotations

from pathlib import Path

from demo.play import time_skipping
from domain.records import Record
from storage.documents import case_documents
from storage.journal_rows import case_journal
from storage.materials import case_slips
from storage.stock import levels_of
from tests.cases.walking import Walk

CABLE = "YJV22-8.7/15-3×300电缆"


async def test_row_5_materials_are_checked_waited_for_and_issued_against_the_early_start_approval(
    tmp_path: Path,
) -> None:
    async with time_skipping() as server:
        walk = Walk(server, tmp_path, "important_customer_with_rework")
        assert await walk.play() == "completed"

    with walk.database.session() as session:
        lines = [line.record for line in case_journal(session, walk.case_no, limit=100_000)]
        slips = case_slips(session, walk.case_no)
        approvals = [one for one in case_documents(session, walk.case_no) if one.kind == "early_start_approval"]
        (level,) = levels_of(session, [CABLE])
    delays = [(one.data["reason"], one.data["due"]) for one in of_kind(lines, "延误")]
    assert [reason for reason, _ in delays] == [
        "物资短缺：10kV电缆终端头（在途未到，预计2026-04-20到货）",
        "物资短缺：10kV电缆终端头（质量不合格退换，预计2026-03-28到货）",
        f"物资短缺：{CABLE}缺220米（需1220米，可用1000米，尚无到货安排）",
    ]
    assert len({due for _, due in delays}) == 1
    assert len(of_kind(lines, "延误消除")) == 3
    assert [slip.against for slip in slips] == [approvals[-1].number]
    assert level.on_hand == 780


def of_kind(lines: list[Record], kind: str) -> list[Record]:
    """The changes of that kind of the clock of the grid works."""
    changes = [one for one in lines if one.event == "clock" and one.data["clock"] == "grid_works"]
    return [one for one in changes if one.data["kind"] == kind]
