"""Stock: counted, received and ordered; never below zero, and its movements add up."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from domain.stock import Arrival
from storage.database import Database
from storage.stock import MovementKind, StockLevel, StockMoved, StockMovement, StockRefused, arrivals, known_items, move
from storage.stock_keeping import change_order, save_depot, save_item
from tests.storage.stocking import CABLE, CENTRAL, COUNTY, Stock, amount

SOON, LATER = date(2026, 12, 3), date(2026, 12, 20)


@pytest.fixture
def stock(database: Database, now: datetime) -> Stock:
    return Stock(database, now).begin()


def movements(stock: Stock) -> list[tuple[str, int]]:
    with stock.database.session() as session:
        return [
            (one.kind, int(one.change)) for one in session.scalars(select(StockMovement).order_by(StockMovement.id))
        ]


def on_order(stock: Stock, depot: str = "") -> list[Arrival]:
    with stock.database.session() as session:
        return arrivals(session, ["DL300"], depot)["DL300"]


def test_a_stocktaking_sets_the_level_and_writes_down_the_difference(stock: Stock) -> None:
    stock.count(280)

    assert stock.level() == (280, 0)
    assert movements(stock) == [("count", 300), ("count", -20)]


def test_a_minimum_is_set_without_touching_what_is_on_hand(stock: Stock) -> None:
    stock.count(None, minimum=100)

    assert [(int(level.on_hand), int(level.minimum)) for level in stock.levels()] == [(300, 100)]
    assert movements(stock) == [("count", 300)]


def test_what_is_promised_to_cases_cannot_be_counted_away(stock: Stock) -> None:
    stock.reserve(amount(120))

    with pytest.raises(StockRefused, match="少于已预留的120"):
        stock.count(100)
    assert stock.level() == (300, 120)


def test_goods_that_come_in_are_there(stock: Stock) -> None:
    stock.receive(50)

    assert stock.level() == (350, 0)
    assert movements(stock)[-1] == ("receipt", 50)


def test_a_depot_begins_to_keep_an_item_with_its_first_goods(stock: Stock) -> None:
    stock.receive(2, item="HWG", depot=COUNTY)

    assert stock.level(COUNTY, "HWG") == (2, 0)


@pytest.mark.parametrize(("item", "depot"), [("DL999", CENTRAL), ("DL300", "nowhere")])
def test_goods_of_an_unknown_item_or_for_an_unknown_depot_are_refused(stock: Stock, item: str, depot: str) -> None:
    with pytest.raises(StockRefused, match="没有编码为"):
        stock.receive(5, item=item, depot=depot)


def test_an_order_is_on_its_way_until_all_of_it_has_come(stock: Stock) -> None:
    number = stock.order(100, SOON)
    stock.order(40, LATER)
    assert on_order(stock) == [Arrival(SOON, Decimal(100)), Arrival(LATER, Decimal(40))]

    stock.receive(60, order=number)
    assert on_order(stock)[0] == Arrival(SOON, Decimal(40))

    stock.receive(45, order=number)
    assert on_order(stock) == [Arrival(LATER, Decimal(40))]
    assert stock.level() == (405, 0)
    with pytest.raises(StockRefused, match=f"补货订单{number}已到货"):
        stock.receive(1, order=number)


def test_an_order_may_come_later_or_not_at_all(stock: Stock) -> None:
    number, other = stock.order(100, SOON), stock.order(40, SOON)

    with stock.database.transaction() as session:
        change_order(session, number, LATER)
        change_order(session, other, None, cancel=True)

    assert on_order(stock) == [Arrival(LATER, Decimal(100))]
    with stock.database.transaction() as session, pytest.raises(StockRefused, match="已取消"):
        change_order(session, other, SOON)
    with stock.database.transaction() as session:
        assert change_order(session, "BH-9999", SOON) is None


def test_an_order_is_counted_for_its_own_depot(stock: Stock) -> None:
    stock.count(0, depot=COUNTY)
    stock.order(100, SOON, depot=COUNTY)

    assert on_order(stock, CENTRAL) == []
    assert on_order(stock, COUNTY) == [Arrival(SOON, Decimal(100))]


def test_an_order_for_another_depot_or_item_takes_in_no_goods(stock: Stock) -> None:
    number = stock.order(100, SOON)

    for item, depot in (("DL300", COUNTY), ("HWG", CENTRAL)):
        with pytest.raises(StockRefused, match="不是"):
            stock.receive(1, order=number, item=item, depot=depot)


def test_only_a_depot_that_keeps_an_item_orders_it(stock: Stock) -> None:
    with pytest.raises(StockRefused, match="请先登记库存"):
        stock.order(1, SOON, depot=COUNTY)


def test_an_item_is_known_by_code_and_by_name_once_a_depot_keeps_it(stock: Stock) -> None:
    with stock.database.session() as session:
        known = known_items(session, [CABLE, "DL300", "HWG", "电杆"])

    assert {name: item.code for name, item in known.items()} == {CABLE: "DL300", "DL300": "DL300"}


def test_an_item_that_has_moved_keeps_its_unit(stock: Stock) -> None:
    with stock.database.transaction() as session:
        save_item(session, "HWG", "环网柜（两进四出）", "面")
        with pytest.raises(StockRefused, match="不能由米改为千米"):
            save_item(session, "DL300", CABLE, "千米")


@pytest.mark.parametrize(("code", "name"), [("X1", CABLE), ("X1", "DL300"), (CABLE, "另一种电缆")])
def test_two_items_are_never_known_by_the_same_word(stock: Stock, code: str, name: str) -> None:
    with stock.database.transaction() as session, pytest.raises(StockRefused, match="已使用这一名称或编码"):
        save_item(session, code, name, "米")


def test_a_depot_is_renamed(stock: Stock) -> None:
    with stock.database.transaction() as session:
        depot = save_depot(session, COUNTY, "宣化二库", ["宣化区", "涿鹿县"])
        assert (depot.name, depot.counties) == ("宣化二库", ["宣化区", "涿鹿县"])


@pytest.mark.parametrize("change", ["on_hand = -1", "reserved = 300001", "reserved = -1", "minimum = -1"])
def test_the_database_itself_refuses_what_cannot_be(stock: Stock, change: str) -> None:
    with pytest.raises(IntegrityError), stock.database.transaction() as session:
        session.execute(text(f"UPDATE stock_levels SET {change}"))


def test_a_movement_takes_no_more_than_is_free(stock: Stock) -> None:
    stock.reserve(amount(200))

    with pytest.raises(StockMoved), stock.database.transaction() as session:
        move(session, MovementKind.ISSUE, "DL300", CENTRAL, Decimal(-101), now=stock.now)
    assert stock.level() == (300, 200)


def test_amounts_are_exact_and_have_three_decimals_at_most(stock: Stock) -> None:
    stock.issue(amount("0.1"))
    stock.issue(amount("0.2"), key="7")

    with stock.database.session() as session:
        assert session.scalars(select(StockLevel.on_hand)).all() == [Decimal("299.7")]
        assert session.scalar(select(func.sum(StockMovement.change))) == Decimal("299.7")
    with pytest.raises(StatementError, match="more than 3 decimals"), stock.database.transaction() as session:
        move(session, MovementKind.RECEIPT, "DL300", CENTRAL, Decimal("0.0001"), now=stock.now)
