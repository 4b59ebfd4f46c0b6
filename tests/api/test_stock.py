"""Materials in stock over HTTP: kept, counted and received by the materials department, seen by all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.rights import Role
from tests.api.company import key
from tests.api.serving import Person, Site
from tests.api.stocking import begin_case, good
from tests.storage.stocking import CABLE, CENTRAL, COUNTY, Stock, amount


@pytest.fixture
def stock(here: Site) -> Stock:
    """Three hundred metres of cable in the city's depot."""
    return Stock(here.database, datetime.now(UTC)).begin()


@pytest_asyncio.fixture(loop_scope="session")
async def keeper(here: Site) -> Person:
    return await here.person("keeper", Role.OFFICER, Role.MATERIALS, departments=["materials"], county="")


async def put(person: Person, path: str, body: Any, **headers: str) -> httpx.Response:
    return await person.send("PUT", path, json=body, headers=headers or key())


async def lines(person: Person, **query: Any) -> list[dict[str, Any]]:
    answer = await person.get("/stock", **query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_depot_an_item_and_its_level_are_entered_and_seen(here: Site, keeper: Person) -> None:
    officer = await here.person("officer")
    await good(await put(keeper, "/stock/depots/ZX", {"name": "市公司中心库"}))
    await good(await put(keeper, "/stock/items/DL300", {"name": CABLE, "unit": "米"}))
    level = await good(await put(keeper, "/stock/levels/DL300/ZX", {"on_hand": 250.5, "minimum": 100}))

    assert level == {"item": "DL300", "depot": "ZX", "on_hand": 250.5, "reserved": 0, "minimum": 100}
    assert await lines(officer) == [
        {
            "item": "DL300",
            "name": CABLE,
            "unit": "米",
            "depot": "ZX",
            "depot_name": "市公司中心库",
            "on_hand": 250.5,
            "reserved": 0,
            "available": 250.5,
            "minimum": 100,
            "on_order": 0,
            "arrives_on": None,
        }
    ]
    depots = await good(await officer.get("/stock/depots"))
    assert depots == [{"code": "ZX", "name": "市公司中心库", "counties": []}]


async def test_the_list_is_narrowed_and_paged(keeper: Person, stock: Stock) -> None:
    stock.count(50, minimum=60, depot=COUNTY)
    stock.count(2, item="HWG")

    first = await good(await keeper.get("/stock", limit=2))
    second = await good(await keeper.get("/stock", limit=2, after=first["next"]))

    places = [(one["item"], one["depot"]) for one in first["items"] + second["items"]]
    assert places == [("DL300", COUNTY), ("DL300", CENTRAL), ("HWG", CENTRAL)]
    assert second["next"] is None
    assert [one["depot"] for one in await lines(keeper, short=True)] == [COUNTY]
    assert [one["item"] for one in await lines(keeper, q="环网")] == ["HWG"]
    assert [one["item"] for one in await lines(keeper, depot=CENTRAL)] == ["DL300", "HWG"]
    assert (await keeper.get("/stock", after="nowhere")).status_code == 404


async def test_goods_are_taken_in_once_for_their_key(keeper: Person, stock: Stock) -> None:
    body = {"item": "DL300", "depot": CENTRAL, "quantity": 20, "note": "送货单7"}
    once = key()

    answers = [await keeper.post("/stock/receipts", body, headers=once) for _ in range(2)]

    assert [(await good(answer))["on_hand"] for answer in answers] == [320, 320]
    assert stock.level() == (320, 0)
    assert (await keeper.post("/stock/receipts", {**body, "quantity": 1}, headers=once)).status_code == 409


async def test_what_moved_is_told_the_latest_first_and_adds_up(here: Site, keeper: Person, stock: Stock) -> None:
    slip = stock.issue(amount(30))
    await good(await put(keeper, "/stock/levels/DL300/ZX", {"on_hand": 268, "note": "年终盘点"}))

    first = await good(await keeper.get("/stock/levels/DL300/ZX/movements", limit=2))
    second = await good(await keeper.get("/stock/levels/DL300/ZX/movements", limit=2, after=first["next"]))

    moved = first["items"] + second["items"]
    assert [(one["kind"], one["change"], one["paper"], one["by"]) for one in moved] == [
        ("count", -2, "", "keeper"),
        ("issue", -30, slip, ""),
        ("count", 300, "", "keeper"),
    ]
    assert moved[0]["note"] == "年终盘点"
    assert (await keeper.get("/stock/levels/HWG/ZX/movements")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/stock/levels/DL300/nowhere", {"on_hand": 1}, 404),
        ("/stock/levels/none/ZX", {"on_hand": 1}, 404),
        ("/stock/levels/DL300/ZX", {}, 422),
        ("/stock/levels/DL300/ZX", {"on_hand": -1}, 422),
        ("/stock/levels/DL300/ZX", {"on_hand": 0.0001}, 422),
        ("/stock/levels/DL300/ZX", {"on_hand": "5"}, 422),
        ("/stock/levels/DL300/ZX", {"on_hand": True}, 422),
        ("/stock/levels/DL300/ZX", {"on_hand": 1e10}, 422),
        ("/stock/levels/DL300/ZX", {"on_hand": 1, "colour": 1}, 422),
        ("/stock/levels/DL300/ZX", {"on_hand": 100}, 409),
        ("/stock/items/DL300", {"name": CABLE, "unit": "千米"}, 409),
        ("/stock/items/X", {"name": CABLE, "unit": "米"}, 409),
        ("/stock/items/X%20Y", {"name": "电杆", "unit": "根"}, 422),
        ("/stock/depots/ZX", {"name": " "}, 422),
    ],
)
async def test_what_cannot_be_is_refused(keeper: Person, stock: Stock, path: str, body: Any, status: int) -> None:
    stock.reserve(amount(120))

    answer = await put(keeper, path, body)

    assert answer.status_code == status, answer.text
    assert stock.level() == (300, 120)


async def test_a_refusal_is_told_in_both_languages(keeper: Person, stock: Stock) -> None:
    stock.reserve(amount(120))

    zh = await put(keeper, "/stock/levels/DL300/ZX", {"on_hand": 100})
    en = await put(keeper, "/stock/levels/DL300/ZX", {"on_hand": 100}, **key(), **{"Accept-Language": "en"})

    assert zh.json()["detail"] == "实盘数量100少于已预留的120，请先解除工单的预留，再登记盘点结果"
    assert en.json()["detail"] == "100 is less than the 120 that cases are promised; release those first"


async def test_what_a_case_was_promised_is_seen_and_released_once(here: Site, keeper: Person, stock: Stock) -> None:
    number, other = stock.reserve(amount(120)), stock.reserve(amount(30), case_no="C2")

    listed = (await good(await keeper.get("/stock/reservations", limit=1)))["items"]
    assert [(one["number"], one["case_no"], one["state"]) for one in listed] == [(number, "C1", "held")]
    assert listed[0]["lines"] == [{"item": "DL300", "depot": CENTRAL, "quantity": 120, "held": 120}]

    once = key()
    for _ in range(2):
        answer = await keeper.post(f"/stock/reservations/{number}/release", headers=once)
        assert (await good(answer))["state"] == "released"
    assert stock.level() == (300, 30)
    left = (await good(await keeper.get("/stock/reservations", item="DL300", depot=CENTRAL)))["items"]
    assert [one["number"] for one in left] == [other]
    assert (await good(await keeper.get("/stock/reservations", case_no="C1")))["items"] == []
    assert (await keeper.post("/stock/reservations/none/release", headers=key())).status_code == 404


async def test_the_case_of_another_county_is_not_named(here: Site, keeper: Person, stock: Stock) -> None:
    begin_case(here, "C1", county="张北县")
    stock.reserve(amount(120))
    other = await here.person("other", county="开发区")

    (line,) = (await good(await other.get("/stock/reservations")))["items"]

    assert (line["case_no"], line["lines"][0]["held"]) == ("", 120)
    assert (await good(await other.get("/stock/reservations", case_no="C1")))["items"] == []
    stock.issue(amount(120))
    moved = (await good(await other.get("/stock/levels/DL300/ZX/movements")))["items"]
    assert [one["case_no"] for one in moved] == ["", ""]


async def test_only_the_materials_department_changes_the_stock(here: Site, stock: Stock) -> None:
    for account, role in (("officer", Role.OFFICER), ("auditor", Role.AUDITOR), ("operator", Role.OPERATOR)):
        person = await here.person(account, role)
        assert (await put(person, "/stock/levels/DL300/ZX", {"on_hand": 1})).status_code == 403
    assert stock.level() == (300, 0)
