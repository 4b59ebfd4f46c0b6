from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal

import pytest

from domain.stock import Material
from storage.database import Database
from storage.materials import (
    UnknownSlip,
    case_balance,
    case_slips,
    issue_materials,
    return_materials,
    slip_materials,
)
from tests.storage.journals import CASE_NO

CABLE, CABINET = Material("YJV22-3×300电缆", "米", Decimal("350.5")), Material("环网柜", "台", Decimal(1))


def issue(database: Database, now: datetime, key: str = "5", materials: Sequence[Material] = (CABLE, CABINET)) -> str:
    with database.transaction() as session:
        return issue_materials(
            session,
            workflow_id="grid-1",
            key=key,
            case_no=CASE_NO,
            materials=materials,
            series="issue-2026",
            number_format="LL2026-{n:04d}",
            now=now,
        )


def give_back(database: Database, now: datetime, issue_no: str, key: str = "9") -> str:
    with database.transaction() as session:
        return return_materials(
            session,
            workflow_id="grid-1",
            key=key,
            issue_no=issue_no,
            series="return-2026",
            number_format="TL2026-{n:04d}",
            now=now,
        )


def test_an_issue_is_booked_on_a_numbered_slip(database: Database, now: datetime) -> None:
    number = issue(database, now)

    assert number == "LL2026-0001"
    with database.session() as session:
        assert slip_materials(session, number) == [CABLE, CABINET]
        assert case_balance(session, CASE_NO) == [CABLE, CABINET]


def test_issuing_again_books_nothing_more(database: Database, now: datetime) -> None:
    assert issue(database, now) == issue(database, now)

    with database.session() as session:
        assert len(case_slips(session, CASE_NO)) == 1


def test_another_piece_of_work_is_another_slip(database: Database, now: datetime) -> None:
    assert [issue(database, now, key) for key in ("5", "6")] == ["LL2026-0001", "LL2026-0002"]

    with database.session() as session:
        assert case_balance(session, CASE_NO)[0].quantity == Decimal("701.0")


def test_a_return_gives_back_everything_on_the_slip(database: Database, now: datetime) -> None:
    returned = give_back(database, now, issue(database, now))

    assert returned == "TL2026-0001"
    with database.session() as session:
        assert slip_materials(session, returned) == [CABLE, CABINET]
        assert case_balance(session, CASE_NO) == []
        assert [(slip.kind, slip.returns) for slip in case_slips(session, CASE_NO)] == [
            ("issue", None),
            ("return", "LL2026-0001"),
        ]


def test_returning_twice_returns_once_whoever_asks(database: Database, now: datetime) -> None:
    number = issue(database, now)

    assert {give_back(database, now, number, key) for key in ("9", "9", "10")} == {"TL2026-0001"}
    with database.session() as session:
        assert case_balance(session, CASE_NO) == []


def test_returns_at_once_return_once(database: Database, now: datetime) -> None:
    number = issue(database, now)

    with ThreadPoolExecutor(8) as pool:
        returned = set(pool.map(lambda key: give_back(database, now, number, str(key)), range(8)))

    assert returned == {"TL2026-0001"}
    with database.session() as session:
        assert len(case_slips(session, CASE_NO)) == 2


def test_what_was_never_issued_cannot_be_returned(database: Database, now: datetime) -> None:
    returned = give_back(database, now, issue(database, now))

    for number in ("LL2026-0009", returned):
        with pytest.raises(UnknownSlip, match=number):
            give_back(database, now, number, "10")


@pytest.mark.parametrize(
    "materials",
    [
        [],
        [Material("电缆", "米", Decimal(0))],
        [Material("电缆", "米", Decimal(-1))],
        [Material("电缆", "米", Decimal("NaN"))],
    ],
)
def test_an_issue_of_nothing_is_refused_and_uses_no_number(
    database: Database, now: datetime, materials: list[Material]
) -> None:
    with pytest.raises(ValueError, match=r"at least one|must be positive"):
        issue(database, now, materials=materials)

    assert issue(database, now) == "LL2026-0001"
