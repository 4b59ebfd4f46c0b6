"""Framework agreements: called off within what remains, given back once, however many ask at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from storage.call_offs import CallOff, FrameworkUnusable, UnknownCallOff
from storage.database import Database
from storage.frameworks import Framework, FrameworkLot, FrameworkRefused, LotTerms
from tests.storage.frameworking import DESIGN, Frameworks, called_off

LAST_DAY, DAY_AFTER = datetime(2026, 12, 31, 15, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)
"""An hour before and at the end of the year in China."""


@pytest.fixture
def frameworks(database: Database, now: datetime) -> Frameworks:
    return Frameworks(database, now).save()


def problem(act: Callable[[], object]) -> str:
    with pytest.raises(FrameworkUnusable) as unusable:
        act()
    return str(unusable.value)


# -- calling off ---------------------------------------------------------------------------------------------------


def test_a_call_off_is_numbered_and_leaves_the_rest(frameworks: Frameworks) -> None:
    made = frameworks.call("250.50")

    assert made == called_off("KJWT-0001", "349.50")
    assert frameworks.remaining() == {"1": Decimal("349.50"), "2": Decimal(400)}


def test_calling_off_again_takes_nothing_more(frameworks: Frameworks) -> None:
    assert frameworks.call(250) == frameworks.call(250)

    assert frameworks.remaining()["1"] == 350


def test_no_more_than_the_lot_has_is_called_off_and_no_number_is_used(frameworks: Frameworks) -> None:
    frameworks.call(500)

    said = problem(lambda: frameworks.call(101, key="6"))

    assert said == (
        "框架KJ-2026-01标段1余额100.00元，不足本次委托的101.00元。"
        "可改用框架KJ-2026-01标段2（承包单位冀北电力设计院有限公司，余额400.00元，有效至2026年12月31日）。"
    )
    assert frameworks.call(100, key="6").number == "KJWT-0002"


def test_the_whole_bounds_its_lots_too(frameworks: Frameworks) -> None:
    frameworks.call(300)
    frameworks.save(
        total=Decimal(1000), lots=(LotTerms("1", "变电", Decimal(600)), LotTerms("2", "线路", Decimal(400)))
    )
    with frameworks.database.transaction() as session:
        session.execute(text("UPDATE frameworks SET total = 50000"))

    assert frameworks.remaining() == {"1": Decimal(200), "2": Decimal(200)}
    assert "余额200.00元" in problem(lambda: frameworks.call(201, key="6"))


def test_a_framework_is_good_to_the_end_of_its_last_day_in_china(frameworks: Frameworks) -> None:
    assert frameworks.call(1, now=LAST_DAY).number == "KJWT-0001"

    assert problem(lambda: frameworks.call(1, key="6", now=DAY_AFTER)) == (
        "框架KJ-2026-01标段1已于2026年12月31日到期。没有其他可用的同类框架，请物资部重新组织框架招标。"
    )


def test_an_unknown_lot_or_framework_is_said(frameworks: Frameworks) -> None:
    assert problem(lambda: frameworks.call(1, "9")).startswith("框架KJ-2026-01没有标段9，有标段1、2。可改用")
    assert problem(lambda: frameworks.call(1, framework="KJ-9")).startswith(
        "没有编号为KJ-9的框架。可改用框架KJ-2026-01"
    )


def test_the_contractor_that_is_named_must_be_the_frameworks(frameworks: Frameworks) -> None:
    assert "不是乙公司" in problem(lambda: frameworks.call(1, contractor="乙公司"))
    assert frameworks.call(1, contractor=DESIGN.contractor).remaining == 599


# -- cancelling ----------------------------------------------------------------------------------------------------


def test_a_cancelled_call_off_gives_back_once_and_keeps_its_number(frameworks: Frameworks) -> None:
    number, other = frameworks.call(250).number, frameworks.call(100, key="6").number

    frameworks.cancel(number)
    frameworks.cancel(number)

    assert frameworks.remaining()["1"] == 500
    with frameworks.database.session() as session:
        states = {one.number: one.state for one in session.scalars(select(CallOff))}
    assert states == {number: "cancelled", other: "active"}


def test_what_was_cancelled_is_not_called_off_again_by_the_same_work(frameworks: Frameworks) -> None:
    number = frameworks.call(250).number
    frameworks.cancel(number)

    assert frameworks.call(250) == called_off(number, 600)


def test_an_unknown_call_off_cannot_be_cancelled(frameworks: Frameworks) -> None:
    with pytest.raises(UnknownCallOff, match="KJWT-9"):
        frameworks.cancel("KJWT-9")


# -- terms ---------------------------------------------------------------------------------------------------------


def test_changed_terms_keep_what_was_called_off(frameworks: Frameworks) -> None:
    frameworks.call(250)

    lots = (LotTerms("1", "变电", Decimal(300)), LotTerms("3", "通信", Decimal(100)))
    frameworks.save(total=Decimal(500), lots=lots, valid_to=date(2027, 12, 31))

    assert frameworks.remaining() == {"1": Decimal(50), "3": Decimal(100)}
    assert frameworks.rooms()[0].valid_to == date(2027, 12, 31)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"lots": (LotTerms("1", "变电", Decimal(249)),)}, "标段1已委托250.00元，金额不应更少，也不能删除"),
        ({"lots": (LotTerms("2", "线路", Decimal(400)),)}, "标段1已委托250.00元，金额不应更少，也不能删除"),
        ({"total": Decimal(200), "lots": ()}, "框架总金额不应少于已委托的250.00元"),
        ({"total": Decimal(999)}, "各标段金额合计1,000.00元，超过框架总金额999.00元"),
        ({"valid_to": date(2026, 1, 9)}, "有效期的截止日期不应早于起始日期"),
        ({"awarded_on": date(2026, 1, 11)}, "中标日期不应晚于有效期的起始日期"),
        ({"lots": (LotTerms("1", "甲", Decimal(1)), LotTerms("1", "乙", Decimal(1)))}, "标段编号不得重复"),
    ],
)
def test_terms_that_cannot_be_are_refused(frameworks: Frameworks, changes: dict[str, Any], why: str) -> None:
    frameworks.call(250)

    with pytest.raises(FrameworkRefused, match=why):
        frameworks.save(**changes)
    assert frameworks.remaining() == {"1": Decimal(350), "2": Decimal(400)}


@pytest.mark.parametrize("table", ["frameworks", "framework_lots"])
@pytest.mark.parametrize("amount", [-1, 100_001])
def test_the_database_itself_refuses_what_was_not_tendered(frameworks: Frameworks, table: str, amount: int) -> None:
    with pytest.raises(IntegrityError), frameworks.database.transaction() as session:
        session.execute(text(f"UPDATE {table} SET called_off = {amount}"))


# -- many at once --------------------------------------------------------------------------------------------------


def test_of_fifty_call_offs_at_once_as_many_succeed_as_there_is_room(frameworks: Frameworks) -> None:
    def one(number: int) -> str:
        try:
            return frameworks.call(30, case_no=f"C{number}").number
        except FrameworkUnusable:
            return "unusable"

    with ThreadPoolExecutor(25) as pool:
        made = list(pool.map(one, range(50)))

    assert made.count("unusable") == 30
    assert len(set(made)) == 21
    assert frameworks.remaining() == {"1": Decimal(0), "2": Decimal(400)}


def test_cancelled_at_once_it_gives_back_once(frameworks: Frameworks) -> None:
    number = frameworks.call(250).number

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: frameworks.cancel(number), range(20)))

    assert frameworks.remaining()["1"] == 600


# -- whatever happens ----------------------------------------------------------------------------------------------

_keys = count(1000)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("call"), st.sampled_from(["1", "2", "9"]), st.integers(1, 300)),
        st.tuples(st.just("cancel"), st.integers(0, 9)),
        st.tuples(st.just("terms"), st.integers(1, 600), st.integers(0, 400)),
    ),
    max_size=20,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_done_no_more_is_called_off_than_was_tendered(
    database: Database, now: datetime, steps: list[tuple[Any, ...]]
) -> None:
    with database.transaction() as session:
        for table in (CallOff, FrameworkLot, Framework):
            session.execute(delete(table))
    frameworks = Frameworks(database, now).save()
    numbers: list[str] = []
    for step in steps:
        _do(frameworks, step, numbers)
        _check(frameworks)
    for number in numbers:
        frameworks.cancel(number)
    with database.session() as session:
        assert session.scalars(select(Framework.called_off)).one() == 0


def _do(frameworks: Frameworks, step: tuple[Any, ...], numbers: list[str]) -> None:
    try:
        match step:
            case ("call", lot, amount):
                numbers.append(frameworks.call(amount, lot, key=str(next(_keys))).number)
            case ("cancel", number) if number < len(numbers):
                frameworks.cancel(numbers[number])
            case ("terms", first, second):
                lots = (LotTerms("1", "变电", Decimal(first)), LotTerms("2", "线路", Decimal(second)))
                frameworks.save(total=Decimal(first + second), lots=lots)
    except (FrameworkUnusable, FrameworkRefused):
        pass


def _check(frameworks: Frameworks) -> None:
    with frameworks.database.session() as session:
        active = session.scalars(select(CallOff).where(CallOff.state == "active")).all()
        framework = session.scalars(select(Framework)).one()
        assert framework.called_off == sum(one.amount for one in active) <= framework.total
        for lot in session.scalars(select(FrameworkLot)):
            assert lot.called_off == sum(one.amount for one in active if one.lot == lot.lot) <= lot.amount
