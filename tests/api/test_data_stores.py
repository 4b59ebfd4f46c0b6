"""Data stores over HTTP: what cases have written is read, and what they are to read is set."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio

from api.rights import Role
from domain.start import Settings
from storage.data_stores import Change, write_store
from tests.api.company import key
from tests.api.serving import Person, Site
from tests.api.stocking import good


@pytest_asyncio.fixture(loop_scope="session")
async def operator(here: Site) -> Person:
    return await here.person("keeper", Role.OPERATOR)


async def put(person: Person, value: Any, name: str = "台账", **headers: str) -> httpx.Response:
    body = {"value": value, "note": "年度核对"}
    return await person.send("PUT", f"/data-stores/{quote(name, safe='')}", json=body, headers=headers or key())


def written(here: Site, value: Any, *path: str) -> None:
    """A case writes the store."""
    with here.database.transaction() as session:
        write_store(session, "台账", Change(value, 1_000_000, path), "case/YK-1", datetime.now(UTC), f"w{value}")


async def test_what_a_person_sets_is_what_the_store_holds_and_who_did_it_is_told(here: Site, operator: Person) -> None:
    done = await good(await put(operator, {"bays": ["101"], "none": None}))

    told = await good(await operator.get("/data-stores/台账"))
    assert done == told
    assert (told["value"], told["version"], told["written_by"]) == ({"bays": ["101"], "none": None}, 1, "keeper")


async def test_the_writes_of_cases_and_people_are_told_the_newest_first(here: Site, operator: Person) -> None:
    written(here, 1, "a")
    await good(await put(operator, {"a": 2}))

    found = (await good(await operator.get("/data-store-writes", store="台账")))["items"]
    assert [(one["version"], one["written_by"], one["path"], one["note"]) for one in found] == [
        (2, "keeper", [], "年度核对"),
        (1, "case/YK-1", ["a"], ""),
    ]
    page = await good(await operator.get("/data-store-writes", store="台账", limit=1))
    rest = await good(await operator.get("/data-store-writes", store="台账", after=page["next"]))
    assert [one["version"] for one in rest["items"]] == [1]
    assert rest["next"] is None


async def test_the_same_key_sets_a_store_once(here: Site, operator: Person) -> None:
    first = await good(await put(operator, 1, **{"Idempotency-Key": "once"}))
    written(here, 2)
    again = await good(await put(operator, 1, **{"Idempotency-Key": "once"}))

    assert again == first
    assert (await good(await operator.get("/data-stores/台账")))["value"] == 2
    assert (await put(operator, 3, **{"Idempotency-Key": "once"})).status_code == 409


@pytest.mark.parametrize("name", ["a/b", "台账 2026", "x~y%"])
async def test_a_store_of_any_name_has_an_address(operator: Person, name: str) -> None:
    await good(await put(operator, name, name))

    told = await good(await operator.get(f"/data-stores/{quote(name, safe='')}"))
    assert (told["name"], told["value"]) == (name, name)


async def test_stores_are_listed_by_name_page_by_page(operator: Person) -> None:
    for name in ("b", "a", "c"):
        await good(await put(operator, name, name))

    page = await good(await operator.get("/data-stores", limit=2))
    rest = await good(await operator.get("/data-stores", after=page["next"]))
    assert [one["name"] for one in (*page["items"], *rest["items"])] == ["a", "b", "c"]
    assert "value" not in page["items"][0]


async def test_a_store_that_nobody_has_written_is_not_found(operator: Person) -> None:
    answer = await operator.get("/data-stores/无")

    assert answer.status_code == 404
    assert "没有名为「无」的数据存储" in answer.json()["detail"]


async def test_more_than_a_variable_may_hold_is_refused_with_the_limit(operator: Person) -> None:
    answer = await put(operator, "x" * Settings().variable_bytes)

    assert answer.status_code == 422
    assert f"超过上限 {Settings().variable_bytes} 字节" in answer.json()["detail"]
    assert (await operator.get("/data-stores/台账")).status_code == 404


async def test_what_no_case_can_keep_is_refused(operator: Person) -> None:
    deep: list[Any] = []
    for _ in range(150):
        deep = [deep]

    assert (await put(operator, deep)).status_code == 422


async def test_officers_read_stores_and_do_not_set_them(here: Site, operator: Person) -> None:
    officer = await here.person("wang", Role.OFFICER)
    await good(await put(operator, 1))

    assert (await officer.get("/data-stores/台账")).json()["value"] == 1
    assert (await put(officer, 2)).status_code == 403
