"""Who need not wait any longer: for goods of which there are enough, for a bay that can be had."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.bays import Claim, Need
from domain.stock import Material
from storage.bay_holding import NoBay, Source, take, wish
from storage.database import Database
from storage.reservations import Whose, check_stock, note_shortages
from storage.subscriptions import Subscription, wait_id
from storage.waking import BAY_AVAILABLE, GOODS_ARRIVED, to_wake
from tests.storage.grid import (
    STATION,
    TODAY,
    approves,
    bays,
    busbar,
    gives_back,
    load,
    proposes,
    station,
    takes,
    work,
)
from tests.storage.stocking import COUNTY, Stock, amount

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def waits(database: Database, message: str, case_no: str = "C1", seq: int = 7) -> None:
    """The process of a case has opened a wait."""
    with database.transaction() as session:
        session.merge(
            Subscription(
                workflow_id=f"case/{case_no}",
                key="12",
                seq=seq,
                message=message,
                correlation_key=case_no,
                wait_id=wait_id(message, case_no),
                opened_at=NOW,
            )
        )


def woken(database: Database) -> list[tuple[str, str]]:
    """Who would be told what."""
    with database.session() as session:
        return [(one.name, one.correlation_key) for one in to_wake(session, TODAY)]


@pytest.fixture
def stock(database: Database) -> Stock:
    return Stock(database, NOW).begin(cable=180)


def lacks(stock: Stock, *materials: Material, case_no: str = "C1", depot: str = "") -> None:
    """A case has looked, found too little, and waits."""
    with stock.database.transaction() as session:
        found = check_stock(session, case_no, materials, depot, NOW)
        assert found.shortages
        note_shortages(session, Whose(f"case/{case_no}", "5", case_no), materials, found.shortages, NOW)
    waits(stock.database, GOODS_ARRIVED, case_no)


def test_a_case_is_told_as_soon_as_there_is_enough_of_what_it_lacks(stock: Stock) -> None:
    lacks(stock, amount(300))
    stock.receive(100)
    assert woken(stock.database) == []

    stock.receive(20)
    assert woken(stock.database) == [(GOODS_ARRIVED, "C1")]


def test_a_case_that_lacks_two_items_waits_for_both(stock: Stock) -> None:
    stock.count(0, item="HWG")
    lacks(stock, amount(300), amount(2, "环网柜", "台"))
    stock.receive(500)
    assert woken(stock.database) == []

    stock.receive(2, item="HWG")
    assert woken(stock.database) == [(GOODS_ARRIVED, "C1")]


def test_goods_of_another_depot_are_nothing_to_a_case_of_one(stock: Stock) -> None:
    stock.count(0, depot=COUNTY)
    lacks(stock, amount(100), depot=COUNTY)

    stock.receive(500)
    assert woken(stock.database) == []
    stock.receive(100, depot=COUNTY)
    assert woken(stock.database) == [(GOODS_ARRIVED, "C1")]


def test_what_is_promised_to_others_is_not_there(stock: Stock) -> None:
    lacks(stock, amount(300))
    stock.receive(200)
    stock.reserve(amount(200), case_no="C2")
    assert woken(stock.database) == []


def test_what_the_case_was_promised_itself_is_there(stock: Stock) -> None:
    stock.reserve(amount(150))
    lacks(stock, amount(300))

    stock.receive(120)
    assert woken(stock.database) == [(GOODS_ARRIVED, "C1")]


def test_a_shortage_that_is_not_in_the_books_wakes_nobody(stock: Stock) -> None:
    waits(stock.database, GOODS_ARRIVED)

    assert woken(stock.database) == []


def test_each_wait_has_an_id_of_its_own(stock: Stock) -> None:
    lacks(stock, amount(300))
    stock.receive(200)
    with stock.database.session() as session:
        (first,), (again,) = to_wake(session, TODAY), to_wake(session, TODAY)
    waits(stock.database, GOODS_ARRIVED, seq=31)
    with stock.database.session() as session:
        (later,) = to_wake(session, TODAY)

    assert first == again
    assert later.id != first.id


@pytest.fixture
def full(database: Database) -> Database:
    """A station whose one bay another case has, and the case that wants it."""
    load(database, station(busbar(*bays("512"))))
    takes(database, "YK-9")
    asks(database)
    waits(database, BAY_AVAILABLE, "YK-1")
    return database


def asks(database: Database, lead: str = "") -> None:
    """The case asks for a bay and gets none."""
    mine, claim, source = work("YK-1"), Claim("YK-1", lead), Source(STATION, "10")
    with database.transaction() as session:
        with pytest.raises(NoBay):
            take(session, mine, claim, source)
        wish(session, mine, claim, source)


def test_a_case_is_told_as_soon_as_a_bay_is_free(full: Database) -> None:
    assert woken(full) == []

    gives_back(full, "YK-9", f"{STATION}:512")
    assert woken(full) == [(BAY_AVAILABLE, "YK-1")]


def test_a_bay_of_another_station_is_nothing_to_it(full: Database) -> None:
    load(full, station(busbar(*bays("612")), code="CB110"))

    assert woken(full) == []


def test_a_bay_that_is_kept_for_another_is_not_free_but_one_for_its_lead_is(full: Database) -> None:
    asks(full, lead="XS-7")
    gives_back(full, "YK-9", f"{STATION}:512")
    approves(full, proposes(full, Need.MARKETING_LEAD, "XS-8"))
    assert woken(full) == []

    load(full, station(busbar(*bays("512", "513"))))
    approves(full, proposes(full, Need.MARKETING_LEAD, "XS-7"))
    assert woken(full) == [(BAY_AVAILABLE, "YK-1")]


def test_who_has_a_bay_waits_for_none(full: Database) -> None:
    gives_back(full, "YK-9", f"{STATION}:512")
    takes(full, "YK-1")
    load(full, station(busbar(*bays("512", "513"))))

    assert woken(full) == []
