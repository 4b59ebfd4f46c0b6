"""What is to be bought, over HTTP: what cases lack, what is proposed, what is on order and when it comes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from api.rights import Role
from domain.calendar import shanghai_date
from domain.stock.planning import StockPlanning
from storage.reservations import Whose, note_shortages
from tests.api.company import key
from tests.api.serving import Person, Site
from tests.api.stocking import begin_case, good
from tests.storage.stocking import CABLE, CENTRAL, COUNTY, Stock, amount


@pytest.fixture
def stock(here: Site) -> Stock:
    return Stock(here.database, datetime.now(UTC)).begin()


@pytest_asyncio.fixture(loop_scope="session")
async def keeper(here: Site) -> Person:
    return await here.person("keeper", Role.OFFICER, Role.MATERIALS, county="")


def in_days(days: int) -> date:
    return shanghai_date(datetime.now(UTC)) + timedelta(days)


def lack(stock: Stock, number: str, quantity: int) -> None:
    """The works of a case were found to lack cable."""
    wanted = (amount(quantity),)
    found = stock.check(*wanted, case_no=number)
    with stock.database.transaction() as session:
        note_shortages(session, Whose(f"case/{number}", "4", number), wanted, found.shortages, stock.now)


# -- shortages -----------------------------------------------------------------------------------------------------


async def test_a_shortage_names_case_item_and_arrival_date(here: Site, keeper: Person, stock: Stock) -> None:
    begin_case(here, "C1")
    stock.order(500, in_days(9))
    lack(stock, "C1", 420)

    (line,) = (await good(await keeper.get("/stock/shortages")))["items"]

    told = {name: line[name] for name in ("case_no", "process", "county", "item", "name", "unit")}
    assert told == {
        "case_no": "C1",
        "process": "C1",
        "county": "开发区",
        "item": "DL300",
        "name": CABLE,
        "unit": "米",
    }
    figures = {name: line[name] for name in ("needed", "available", "enough", "arrives_on")}
    assert figures == {"needed": 420, "available": 300, "enough": False, "arrives_on": in_days(9).isoformat()}


async def test_a_shortage_is_told_as_it_is_now(here: Site, keeper: Person, stock: Stock) -> None:
    begin_case(here, "C1")
    stock.reserve(amount(50), case_no="C1")
    lack(stock, "C1", 420)
    stock.reserve(amount(20), case_no="C2")
    stock.receive(140)

    (line,) = (await good(await keeper.get("/stock/shortages")))["items"]

    assert (line["available"], line["enough"], line["arrives_on"]) == (420, True, None)


async def test_only_running_cases_of_ones_own_county_are_told_of(here: Site, keeper: Person, stock: Stock) -> None:
    for number, county, state in (
        ("C1", "开发区", "running"),
        ("C2", "张北县", "running"),
        ("C3", "开发区", "completed"),
    ):
        begin_case(here, number, county, state=state)
        lack(stock, number, 420)
    own = await here.person("own")

    async def numbers(person: Person, **query: Any) -> list[str]:
        return [one["case_no"] for one in (await good(await person.get("/stock/shortages", **query)))["items"]]

    assert await numbers(keeper) == ["C1", "C2"]
    assert await numbers(keeper, county="张北县") == ["C2"]
    assert (await numbers(own), await numbers(own, county="张北县")) == (["C1"], [])
    first = await good(await keeper.get("/stock/shortages", limit=1))
    assert await numbers(keeper, limit=1, after=first["next"]) == ["C2"]


# -- orders --------------------------------------------------------------------------------------------------------


async def ordered(person: Person, **changes: Any) -> dict[str, Any]:
    body = {"item": "DL300", "depot": CENTRAL, "quantity": 500, "arrives_on": in_days(9).isoformat(), **changes}
    told: dict[str, Any] = await good(await person.post("/stock/orders", body, headers=key()))
    return told


async def test_an_order_is_numbered_and_arrives_with_its_goods(keeper: Person, stock: Stock) -> None:
    order = await ordered(keeper)
    assert order["number"].startswith("BHD-")
    assert (order["state"], order["received"], order["by"]) == ("ordered", 0, "keeper")

    goods = {"item": "DL300", "depot": CENTRAL, "quantity": 500, "order": order["number"]}
    await good(await keeper.post("/stock/receipts", goods, headers=key()))

    (line,) = (await good(await keeper.get("/stock/orders", state="arrived")))["items"]
    assert (line["number"], line["received"]) == (order["number"], 500)
    assert (await good(await keeper.get("/stock")))["items"][0]["on_hand"] == 800


async def test_the_stock_tells_what_is_on_order_and_when_it_comes(keeper: Person, stock: Stock) -> None:
    first, second = await ordered(keeper), await ordered(keeper, arrives_on=in_days(20).isoformat())
    moved = {"arrives_on": in_days(12).isoformat()}
    await good(await keeper.post(f"/stock/orders/{first['number']}/move", moved, headers=key()))
    await good(await keeper.post(f"/stock/orders/{second['number']}/cancel", headers=key()))

    (line,) = (await good(await keeper.get("/stock")))["items"]

    assert (line["on_order"], line["arrives_on"]) == (500, in_days(12).isoformat())
    again = await keeper.post(f"/stock/orders/{second['number']}/move", moved, headers=key())
    assert (again.status_code, again.json()["detail"]) == (409, f"补货订单{second['number']}已取消")


async def test_orders_are_narrowed_and_paged(keeper: Person, stock: Stock) -> None:
    stock.count(1, depot=COUNTY)
    numbers = [(await ordered(keeper, depot=depot))["number"] for depot in (CENTRAL, COUNTY, CENTRAL)]

    first = await good(await keeper.get("/stock/orders", limit=2))
    second = await good(await keeper.get("/stock/orders", limit=2, after=first["next"]))
    county = await good(await keeper.get("/stock/orders", depot=COUNTY, item="DL300"))

    assert [one["number"] for one in first["items"] + second["items"]] == numbers
    assert [one["number"] for one in county["items"]] == [numbers[1]]
    assert (await good(await keeper.get("/stock/orders", state="cancelled")))["items"] == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"arrives_on": "2020-01-01"}, 422),
        ({"quantity": 0}, 422),
        ({"item": "none"}, 404),
        ({"depot": "none"}, 404),
        ({"depot": COUNTY}, 409),
    ],
)
async def test_an_order_that_cannot_be_is_refused(
    keeper: Person, stock: Stock, changes: dict[str, Any], status: int
) -> None:
    body = {"item": "DL300", "depot": CENTRAL, "quantity": 5, "arrives_on": in_days(9).isoformat(), **changes}

    answer = await keeper.post("/stock/orders", body, headers=key())

    assert answer.status_code == status, answer.text


async def test_an_order_that_there_is_not_is_not_found(keeper: Person) -> None:
    assert (await keeper.post("/stock/orders/BHD-1/cancel", headers=key())).status_code == 404


# -- proposals -----------------------------------------------------------------------------------------------------


async def test_a_proposal_tells_quantity_latest_day_figures_and_one_sentence(
    here: Site, keeper: Person, stock: Stock
) -> None:
    stock.count(250, minimum=100)
    begin_case(here, "C1")
    stock.reserve(amount(20), case_no="other")

    (line,) = (await good(await keeper.get("/stock/proposals")))["items"]

    figures = {name: line[name] for name in ("on_hand", "reserved", "minimum", "on_order", "likely", "quantity")}
    assert figures == {
        "on_hand": 250,
        "reserved": 20,
        "minimum": 100,
        "on_order": 0,
        "likely": 220,
        "quantity": 90,
    }
    assert (line["order_by"], line["late"], line["lead_time_days"]) == (in_days(0).isoformat(), True, 30)
    assert [(week["quantity"], week["cases"]) for week in line["weeks"]] == [(220, 1)]
    assert line["sentence"].startswith(f"{CABLE}现存250米，已预留20米，在途0米，在办工单预计需用220米，")
    assert "建议补货90米" in line["sentence"]


async def test_what_a_case_was_promised_is_not_counted_twice(here: Site, keeper: Person, stock: Stock) -> None:
    stock.count(250, minimum=100)
    begin_case(here, "C1")
    stock.reserve(amount(100), case_no="C1")

    assert (await good(await keeper.get("/stock/proposals")))["items"] == []


async def test_once_it_is_ordered_it_is_proposed_no_more(here: Site, keeper: Person, stock: Stock) -> None:
    stock.count(250, minimum=100)
    begin_case(here, "C1")
    (line,) = (await good(await keeper.get("/stock/proposals")))["items"]

    await ordered(keeper, quantity=line["quantity"], arrives_on=in_days(0).isoformat())

    assert (await good(await keeper.get("/stock/proposals")))["items"] == []


async def test_proposals_are_worked_out_by_the_table_that_was_loaded(here: Site, keeper: Person, stock: Stock) -> None:
    stock.count(99, minimum=100)
    table = StockPlanning.shipped().to_json()
    table["leadTimes"][1].update(days=7, source="物资部2026年定额", verified=True)
    sent = {"content": table, "note": "核定采购周期"}

    loaded = await good(await keeper.post("/stock-planning", sent, headers=key()))
    (line,) = (await good(await keeper.get("/stock/proposals")))["items"]
    compared = await good(await keeper.get("/stock-planning/compare", **{"from": "0"}))

    assert loaded["version"]["version"] == 1
    assert (line["lead_time_days"], line["lead_time_verified"]) == (7, True)
    assert [row["title"] for row in compared["changed"]] == [f"采购周期（{CABLE}）"]


async def test_proposals_are_narrowed_and_paged(keeper: Person, stock: Stock) -> None:
    stock.count(1, minimum=5)
    stock.count(1, minimum=5, depot=COUNTY)
    stock.count(1, minimum=5, item="HWG")

    first = await good(await keeper.get("/stock/proposals", limit=2))
    second = await good(await keeper.get("/stock/proposals", limit=2, after=first["next"]))
    county = await good(await keeper.get("/stock/proposals", depot=COUNTY))

    found = [(one["item"], one["depot"]) for one in first["items"] + second["items"]]
    assert found == [("DL300", COUNTY), ("DL300", CENTRAL), ("HWG", CENTRAL)]
    assert [one["depot"] for one in county["items"]] == [COUNTY]
