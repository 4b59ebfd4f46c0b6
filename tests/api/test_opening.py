"""Opening cases over HTTP: an application is a case once, however often it is sent."""

from __future__ import annotations

import asyncio
from typing import Any

from api.applications import EXAMPLE
from tests.api.serving import Person, Site, eventually


async def opened(person: Person, key: str, **fields: Any) -> dict[str, Any]:
    answer = await person.post("/cases", {**EXAMPLE, **fields}, headers={"Idempotency-Key": key})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_an_application_is_a_case_that_everybody_of_its_county_sees(working: Site) -> None:
    wang, far = await working.person("wang"), await working.person("far", county="宣化区")
    case_no = (await opened(wang, "a"))["case_no"]

    one = await eventually(lambda: wang.get(f"/cases/{case_no}"), lambda told: bool(told.get("holders")))

    assert one["line"]["customer"] == EXAMPLE["customer"]
    assert one["holders"][0]["name"] == "业务受理"
    assert [clock["name"] for clock in one["clocks"]]
    assert (await far.get(f"/cases/{case_no}")).status_code == 404
    assert (await far.get("/cases")).json()["items"] == []


async def test_the_same_key_opens_one_case_even_at_once(working: Site) -> None:
    wang = await working.person("wang")

    several = await asyncio.gather(*(opened(wang, "twice") for _ in range(5)))

    assert len({one["case_no"] for one in several}) == 1


async def test_a_key_that_comes_with_another_application_is_refused(working: Site) -> None:
    wang = await working.person("wang")
    await opened(wang, "one")

    answer = await wang.post("/cases", {**EXAMPLE, "customer": "另一家公司"}, headers={"Idempotency-Key": "one"})

    assert (answer.status_code, answer.json()["detail"]) == (409, "幂等键 one 已用于另一项操作")


async def test_an_application_of_another_county_is_refused(working: Site) -> None:
    far = await working.person("far", county="宣化区")

    answer = await far.post("/cases", EXAMPLE, headers={"Idempotency-Key": "far"})

    assert (answer.status_code, answer.json()["detail"]) == (403, "只能受理宣化区的申请")


async def test_a_case_can_be_looked_at_as_soon_as_it_is_opened(working: Site) -> None:
    wang = await working.person("wang")
    case_no = (await opened(wang, "seen"))["case_no"]

    assert (await wang.get(f"/cases/{case_no}")).status_code == 200


async def test_a_second_application_of_the_same_customer_for_the_same_place_is_told_not_refused(working: Site) -> None:
    wang = await working.person("wang")
    first = (await opened(wang, "first"))["case_no"]
    await eventually(lambda: wang.get(f"/cases/{first}"), lambda told: bool(told.get("holders")))

    second = await opened(wang, "second")

    assert second["same_place"] == [first]
    assert second["case_no"] != first


async def test_an_application_that_does_not_fit_names_its_fields(working: Site) -> None:
    wang = await working.person("wang")
    wrong = {**EXAMPLE, "voltageKv": "10", "customer": ""}

    answer = await wang.post("/cases", wrong, headers={"Idempotency-Key": "wrong"})

    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["errors"]} == {"voltageKv", "customer"}
