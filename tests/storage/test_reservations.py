"""What cases need of the stock: promised, drawn, put back; never more than there is, however many ask at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.stock import Expected, Material, Shortage
from storage.database import Database
from storage.materials import case_balance
from storage.needs import Short
from storage.reservations import (
    ReservationLine,
    ReservationState,
    ShortItem,
    UnknownReservation,
    Whose,
    case_reservations,
    note_shortages,
    reservation_lines,
)
from storage.stock import MovementKind, StockLevel, StockMovement, StockRefused
from tests.storage.stocking import CABLE, CENTRAL, COUNTY, Stock, amount

POLE = Material("电杆", "根", Decimal(3))
"""Of this the company keeps no stock."""


@pytest.fixture
def stock(database: Database, now: datetime) -> Stock:
    return Stock(database, now).begin()


def states(stock: Stock, case_no: str = "C1") -> list[str]:
    with stock.database.session() as session:
        return [one.state for one in case_reservations(session, case_no)]


def short_of(act: Callable[[], object]) -> tuple[Shortage, ...]:
    with pytest.raises(Short) as short:
        act()
    return short.value.shortages


# -- looking -------------------------------------------------------------------------------------------------------


def test_what_is_there_is_enough(stock: Stock) -> None:
    assert stock.check(amount(300)).shortages == ()


def test_a_shortage_names_what_is_needed_what_there_is_and_when_more_comes(stock: Stock) -> None:
    stock.order(500, date(2026, 12, 3))

    assert stock.check(amount(420)).shortages == (
        Shortage(CABLE, "米", Decimal(420), Decimal(300), Expected(on=date(2026, 12, 3))),
    )


def test_the_lines_of_one_item_count_together(stock: Stock) -> None:
    (shortage,) = stock.check(amount(200), amount(150, item="DL300")).shortages

    assert (int(shortage.needed), int(shortage.available)) == (350, 300)


def test_what_is_promised_to_another_case_is_not_there(stock: Stock) -> None:
    stock.reserve(amount(250), case_no="C2")

    assert stock.check(amount(100)).shortages[0].available == 50
    assert stock.check(amount(300), case_no="C2").shortages == ()


def test_one_depot_is_asked_where_one_is_named(stock: Stock) -> None:
    stock.count(10, depot=COUNTY)

    (shortage,) = stock.check(amount(20), depot=COUNTY).shortages
    assert (int(shortage.available), shortage.depot) == (10, COUNTY)
    with pytest.raises(StockRefused, match="没有编码为nowhere的仓库"):
        stock.check(amount(20), depot="nowhere")


def test_an_item_that_a_depot_does_not_keep_but_another_does_is_short_there(stock: Stock) -> None:
    assert stock.check(amount(20), depot=COUNTY).shortages[0].available == 0


def test_of_what_is_not_kept_nothing_is_short(stock: Stock) -> None:
    found = stock.check(POLE, amount(1))

    assert (found.shortages, found.not_stocked) == ((), ("电杆",))


def test_an_amount_in_another_unit_is_refused(stock: Stock) -> None:
    with pytest.raises(StockRefused, match="库存以米计量，不能按千米领用"):
        stock.check(amount("0.2", unit="千米"))


# -- promising -----------------------------------------------------------------------------------------------------


def test_a_reservation_promises_without_taking_anything_away(stock: Stock) -> None:
    assert stock.reserve(amount(120)) == "YL-0001"

    assert stock.level() == (300, 120)


def test_reserving_again_promises_nothing_more(stock: Stock) -> None:
    assert stock.reserve(amount(120)) == stock.reserve(amount(120))

    assert stock.level() == (300, 120)


def test_all_of_it_is_promised_or_nothing(stock: Stock) -> None:
    stock.count(1, item="HWG")

    shortages = short_of(lambda: stock.reserve(amount(120), amount(2, "环网柜", "台")))

    assert [one.item for one in shortages] == ["环网柜"]
    assert stock.level() == (300, 0)
    assert stock.reserve(amount(1)) == "YL-0001"


def test_a_second_reservation_of_a_case_is_promised_on_top(stock: Stock) -> None:
    stock.reserve(amount(200))

    assert short_of(lambda: stock.reserve(amount(200), key="7"))[0].available == 100


def test_a_reservation_of_what_is_not_kept_promises_nothing(stock: Stock) -> None:
    number = stock.reserve(POLE)

    with stock.database.session() as session:
        assert reservation_lines(session, number) == []


def test_what_no_depot_has_alone_is_taken_from_the_fullest_on(stock: Stock) -> None:
    stock.count(200, depot=COUNTY)

    stock.reserve(amount(450))

    assert (stock.level(), stock.level(COUNTY)) == ((300, 300), (200, 150))


def test_what_one_depot_has_alone_is_taken_from_it(stock: Stock) -> None:
    stock.count(100)
    stock.count(200, depot=COUNTY)

    stock.reserve(amount(150))

    assert (stock.level(), stock.level(COUNTY)) == ((100, 0), (200, 150))


def test_what_is_released_is_free_again_and_only_once(stock: Stock) -> None:
    number = stock.reserve(amount(120))
    other = stock.reserve(amount(50), case_no="C2")

    stock.release(number)
    stock.release(number)

    assert stock.level() == (300, 50)
    assert states(stock) == [ReservationState.RELEASED]
    assert other != number


def test_what_was_never_reserved_cannot_be_released(stock: Stock) -> None:
    with pytest.raises(UnknownReservation, match="YL-0009"):
        stock.release("YL-0009")


# -- drawing -------------------------------------------------------------------------------------------------------


def test_an_issue_takes_what_the_case_was_promised_first(stock: Stock) -> None:
    stock.reserve(amount(120))

    stock.issue(amount(150))

    assert stock.level() == (150, 0)
    assert states(stock) == [ReservationState.USED]


def test_an_issue_of_less_leaves_the_rest_promised_until_it_is_released(stock: Stock) -> None:
    number = stock.reserve(amount(120))
    stock.issue(amount(50))
    assert stock.level() == (250, 70)

    stock.release(number)

    assert stock.level() == (250, 0)


def test_an_issue_takes_nothing_that_another_case_was_promised(stock: Stock) -> None:
    stock.reserve(amount(250), case_no="C2")

    assert short_of(lambda: stock.issue(amount(51)))[0].missing == 1
    stock.issue(amount(50))
    assert stock.level() == (250, 250)


def test_an_issue_for_which_there_is_not_enough_uses_no_number(stock: Stock) -> None:
    short_of(lambda: stock.issue(amount(301)))

    assert stock.issue(amount(300)) == "LL-0001"


def test_issuing_again_draws_nothing_more(stock: Stock) -> None:
    assert stock.issue(amount(100)) == stock.issue(amount(100))

    assert stock.level() == (200, 0)


def test_what_is_not_kept_is_issued_as_before(stock: Stock) -> None:
    slip = stock.issue(POLE, amount(10))

    with stock.database.session() as session:
        assert case_balance(session, "C1") == [amount(10), POLE]
        assert session.scalars(select(StockMovement.item).where(StockMovement.paper == slip)).all() == ["DL300"]


def test_a_company_without_any_depot_issues_as_before(database: Database, now: datetime) -> None:
    stock = Stock(database, now)

    slip = stock.issue(amount(5000))

    assert (slip, stock.give_back(slip)) == ("LL-0001", "TL-0001")


def test_a_return_puts_back_where_it_came_from_and_only_once(stock: Stock) -> None:
    stock.count(200, depot=COUNTY)
    slip = stock.issue(amount(450))
    assert (stock.level(), stock.level(COUNTY)) == ((0, 0), (50, 0))

    for key in ("9", "9", "10"):
        stock.give_back(slip, key=key)

    assert (stock.level(), stock.level(COUNTY)) == ((300, 0), (200, 0))


def test_a_slip_from_before_the_stock_was_kept_puts_nothing_back(database: Database, now: datetime) -> None:
    stock = Stock(database, now)
    slip = stock.issue(amount(80))
    stock.begin()

    stock.give_back(slip)

    assert stock.level() == (300, 0)


# -- what is lacking -----------------------------------------------------------------------------------------------


def lacking(stock: Stock) -> list[tuple[str, str, Decimal]]:
    with stock.database.session() as session:
        rows = select(ShortItem.case_no, ShortItem.item, ShortItem.needed).order_by(ShortItem.item)
        return [(row.case_no, row.item, row.needed) for row in session.execute(rows)]


def look(stock: Stock, *materials: Material) -> None:
    found = stock.check(*materials)
    with stock.database.transaction() as session:
        note_shortages(session, Whose("case/C1", "4", "C1"), materials, found.shortages, stock.now)


def test_what_a_case_lacks_is_known_until_it_has_it(stock: Stock) -> None:
    stock.count(0, item="HWG")
    look(stock, amount(400), amount(2, "环网柜", "台"))
    assert lacking(stock) == [("C1", "DL300", Decimal(400)), ("C1", "HWG", Decimal(2))]

    stock.receive(100)
    stock.reserve(amount(400))

    assert lacking(stock) == [("C1", "HWG", Decimal(2))]


def test_an_issue_settles_what_was_lacking(stock: Stock) -> None:
    look(stock, amount(400))

    stock.issue(amount(200))

    assert lacking(stock) == []


# -- many at once --------------------------------------------------------------------------------------------------


def outcome(act: Callable[[], str]) -> str:
    try:
        return act()
    except Short:
        return "short"


def at_once(stock: Stock, act: Callable[[int], str], times: int = 50) -> list[str]:
    with ThreadPoolExecutor(25) as pool:
        return list(pool.map(lambda number: outcome(lambda: act(number)), range(times)))


def test_of_fifty_issues_at_once_as_many_succeed_as_there_is(stock: Stock) -> None:
    slips = at_once(stock, lambda n: stock.issue(amount(10), case_no=f"C{n}"))

    assert slips.count("short") == 20
    assert len(set(slips)) == 31
    assert stock.level() == (0, 0)


def test_of_fifty_reservations_at_once_as_many_succeed_as_there_is(stock: Stock) -> None:
    numbers = at_once(stock, lambda n: stock.reserve(amount(10), case_no=f"C{n}"))

    assert numbers.count("short") == 20
    assert stock.level() == (300, 300)


def test_issues_reservations_and_returns_of_two_items_at_once_neither_fail_nor_lose_anything(stock: Stock) -> None:
    stock.count(40, item="HWG")
    both = amount(1), amount(1, "环网柜", "台")

    def whole(number: int) -> str:
        case_no = f"C{number}"
        first, second = both if number % 2 else reversed(both)
        held = stock.reserve(first, second, case_no=case_no)
        slip = stock.issue(second, first, case_no=case_no)
        if number % 3 == 0:
            stock.give_back(slip, case_no=case_no)
        stock.release(held)
        return slip

    slips = at_once(stock, whole)

    left = sum(1 for number, slip in enumerate(slips) if slip != "short" and number % 3)
    assert (stock.level(), stock.level(item="HWG")) == ((300 - left, 0), (40 - left, 0))


# -- whatever happens ----------------------------------------------------------------------------------------------

_keys = count(1000)
CASES = st.sampled_from(["C1", "C2", "C3"])
AMOUNTS = st.integers(1, 40)
DEPOTS = st.sampled_from(["", CENTRAL, COUNTY])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), AMOUNTS, st.sampled_from([CENTRAL, COUNTY])),
        st.tuples(st.just("count"), st.integers(0, 80), st.sampled_from([CENTRAL, COUNTY])),
        st.tuples(st.just("reserve"), CASES, AMOUNTS, DEPOTS),
        st.tuples(st.just("issue"), CASES, AMOUNTS, DEPOTS),
        st.tuples(st.just("return"), st.integers(0, 9)),
        st.tuples(st.just("release"), st.integers(0, 9)),
    ),
    max_size=20,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_nothing_falls_below_zero_and_the_movements_add_up(
    database: Database, now: datetime, steps: list[tuple[Any, ...]]
) -> None:
    stock = Stock(database, now).begin(cable=0).count(0, depot=COUNTY)
    slips: list[str] = []
    numbers: list[str] = []
    for step in steps:
        _do(stock, step, str(next(_keys)), slips, numbers)
        _check(stock)
    for number in numbers:
        stock.release(number)
    _check(stock)
    assert [level.reserved for level in stock.levels()] == [0, 0]


def _do(stock: Stock, step: tuple[Any, ...], key: str, slips: list[str], numbers: list[str]) -> None:
    try:
        match step:
            case ("receive", quantity, depot):
                stock.receive(quantity, depot=depot)
            case ("count", quantity, depot):
                stock.count(quantity, depot=depot)
            case ("reserve", case_no, quantity, depot):
                numbers.append(stock.reserve(amount(quantity), case_no=case_no, key=key, depot=depot))
            case ("issue", case_no, quantity, depot):
                slips.append(stock.issue(amount(quantity), case_no=case_no, key=key, depot=depot))
            case ("return", number) if number < len(slips):
                stock.give_back(slips[number], key=key)
            case ("release", number) if number < len(numbers):
                stock.release(numbers[number])
    except (Short, StockRefused):
        pass


def _check(stock: Stock) -> None:
    with stock.database.session() as session:
        held: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line in session.scalars(select(ReservationLine)):
            held[line.depot] += line.held
        moved: defaultdict[str, Decimal] = defaultdict(Decimal)
        for movement in session.scalars(select(StockMovement)):
            moved[movement.depot] += movement.change
            assert (movement.change > 0) >= (movement.kind in (MovementKind.RECEIPT, MovementKind.RETURN))
        for level in session.scalars(select(StockLevel).where(StockLevel.item == "DL300")):
            assert level.on_hand == moved[level.depot] >= 0
            assert 0 <= level.reserved == held[level.depot] <= level.on_hand
