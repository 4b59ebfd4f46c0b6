"""Framework agreements over HTTP: loaded and changed by the materials department, with what remains of each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.rights import Role
from domain.calendar import shanghai_date
from tests.api.company import key
from tests.api.serving import Person, Site
from tests.api.stocking import begin_case, good
from tests.storage.frameworking import Frameworks

TODAY = shanghai_date(datetime.now(UTC))


def terms(**changes: Any) -> dict[str, Any]:
    """A framework of 1,000 yuan that is in force."""

    def day(days: int) -> str:
        return (TODAY + timedelta(days)).isoformat()

    return {
        "name": "配网设计框架",
        "kind": "design",
        "award_no": "ZB-017",
        "awarded_on": day(-20),
        "contractor": "冀北电力设计院有限公司",
        "licence": "工程设计电力行业乙级",
        "licence_until": day(300),
        "valid_from": day(-10),
        "valid_to": day(200),
        "total": 1000.5,
        "lots": [{"lot": "1", "name": "变电", "amount": 600.5}, {"lot": "2", "name": "线路", "amount": 400}],
        **changes,
    }


@pytest_asyncio.fixture(loop_scope="session")
async def keeper(here: Site) -> Person:
    return await here.person("keeper", Role.OFFICER, Role.MATERIALS, county="")


@pytest.fixture
def called(here: Site) -> Frameworks:
    return Frameworks(here.database, datetime.now(UTC))


async def put(person: Person, number: str = "KJ-01", body: Any = None, **headers: str) -> httpx.Response:
    return await person.send("PUT", f"/frameworks/{number}", json=body or terms(), headers=headers or key())


async def numbers(person: Person, **query: Any) -> list[str]:
    return [one["number"] for one in (await good(await person.get("/frameworks", **query)))["items"]]


async def test_a_framework_is_loaded_and_seen_with_what_remains(here: Site, keeper: Person, called: Frameworks) -> None:
    await good(await put(keeper))
    called.call("250.25", framework="KJ-01")
    officer = await here.person("officer")

    told = await good(await officer.get("/frameworks/KJ-01"))

    same = {"number": "KJ-01", "kind_name": "设计", "called_off": 250.25, "remaining": 750.25, "state": "有效"}
    assert {name: told[name] for name in same} == same
    assert told["lots"][0] == {
        "lot": "1",
        "name": "变电",
        "amount": 600.5,
        "called_off": 250.25,
        "remaining": 350.25,
    }
    assert (await good(await officer.get("/frameworks")))["items"] == [told]


async def test_the_same_key_loads_once_and_other_terms_change_it(keeper: Person, called: Frameworks) -> None:
    once = key()
    first = await good(await put(keeper, **once))
    assert await good(await put(keeper, **once)) == first

    changed = await good(await put(keeper, body=terms(total=2000)))

    assert (changed["total"], changed["remaining"]) == (2000, 2000)
    assert (await put(keeper, body=terms(total=3000), **once)).status_code == 409


async def test_the_list_is_narrowed_and_paged(keeper: Person, called: Frameworks) -> None:
    past, ahead = (TODAY - timedelta(1)).isoformat(), (TODAY + timedelta(1)).isoformat()
    await good(await put(keeper, "KJ-01"))
    await good(await put(keeper, "KJ-02", terms(kind="both", contractor="乙公司")))
    await good(await put(keeper, "KJ-03", terms(valid_to=past)))
    await good(await put(keeper, "KJ-04", terms(valid_from=ahead)))
    await good(await put(keeper, "KJ-05", terms(licence_until=past)))
    await good(await put(keeper, "KJ-06", terms(total=1, lots=[{"lot": "1", "name": "变电", "amount": 1}])))
    called.call(1, framework="KJ-06")

    first = await good(await keeper.get("/frameworks", limit=4))

    assert [(one["number"], one["state"]) for one in first["items"]] == [
        ("KJ-01", "有效"),
        ("KJ-02", "有效"),
        ("KJ-03", "已到期"),
        ("KJ-04", "未生效"),
    ]
    second = await good(await keeper.get("/frameworks", limit=4, after=first["next"]))
    assert [(one["state"], second["next"]) for one in second["items"]] == [("资质到期", None), ("已用完", None)]
    assert await numbers(keeper, usable=True) == ["KJ-01", "KJ-02"]
    assert await numbers(keeper, kind="both") == await numbers(keeper, q="乙公司") == ["KJ-02"]


@pytest.mark.parametrize(
    ("changes", "status", "detail"),
    [
        ({"total": 900}, 409, "各标段金额合计1,000.50元，超过框架总金额900.00元"),
        ({"lots": [{"lot": "2", "name": "线路", "amount": 400}]}, 409, "标段1已委托250.00元，金额不应更少，也不能删除"),
        ({"lots": []}, 422, ""),
        ({"total": 0}, 422, ""),
        ({"total": 1000.505}, 422, ""),
        ({"kind": "other"}, 422, ""),
        ({"valid_to": "soon"}, 422, ""),
    ],
)
async def test_terms_that_cannot_be_are_refused(
    keeper: Person, called: Frameworks, changes: dict[str, Any], status: int, detail: str
) -> None:
    await good(await put(keeper))
    called.call(250, framework="KJ-01")

    answer = await put(keeper, body=terms(**changes))

    assert answer.status_code == status, answer.text
    assert answer.json()["detail"] == detail
    assert (await good(await keeper.get("/frameworks/KJ-01")))["remaining"] == 750.5


async def test_call_offs_are_listed_by_framework_case_and_state(here: Site, keeper: Person, called: Frameworks) -> None:
    await good(await put(keeper))
    made = [called.call(100, framework="KJ-01", case_no=f"C{n}").number for n in range(3)]
    called.cancel(made[1])

    first = await good(await keeper.get("/call-offs", framework="KJ-01", limit=2))
    second = await good(await keeper.get("/call-offs", framework="KJ-01", limit=2, after=first["next"]))
    active = await good(await keeper.get("/call-offs", state="active"))
    of_case = await good(await keeper.get("/call-offs", case_no="C2"))

    assert [one["number"] for one in first["items"] + second["items"]] == made
    assert [one["number"] for one in active["items"]] == [made[0], made[2]]
    (line,) = of_case["items"]
    assert (line["lot"], line["amount"], line["matter"], line["state"]) == ("1", 100, "可研初设一体化", "active")


async def test_the_case_of_another_county_is_not_named(here: Site, keeper: Person, called: Frameworks) -> None:
    await good(await put(keeper))
    begin_case(here, "C1", county="张北县")
    called.call(100, framework="KJ-01")
    other = await here.person("other", county="开发区")

    (line,) = (await good(await other.get("/call-offs")))["items"]

    assert (line["case_no"], line["amount"]) == ("", 100)
    assert (await good(await other.get("/call-offs", case_no="C1")))["items"] == []
    assert [one["case_no"] for one in (await good(await keeper.get("/call-offs")))["items"]] == ["C1"]


async def test_a_framework_that_there_is_not_is_not_found(keeper: Person) -> None:
    answer = await keeper.send("GET", "/frameworks/KJ-9", headers={"Accept-Language": "en"})

    assert (answer.status_code, answer.json()["detail"]) == (404, "There is no framework KJ-9")


async def test_only_the_materials_department_changes_a_framework(here: Site) -> None:
    for account, role in (("officer", Role.OFFICER), ("auditor", Role.AUDITOR), ("operator", Role.OPERATOR)):
        assert (await put(await here.person(account, role))).status_code == 403
