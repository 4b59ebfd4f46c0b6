"""Other systems are told what changes in cases: in order, signed, again where it failed, and visibly."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from api.rights import Role
from tests.api.listening import goes_on, happens, listening
from tests.api.receiving import Received, Receiver, receiver
from tests.api.serving import Person, Site, eventually
from tests.storage.conftest import backend, migrated_postgres, postgres, url

__all__ = ["backend", "migrated_postgres", "postgres", "url"]

HOOKS: dict[str, Any] = {"hook_networks": "127.0.0.0/8", "hook_seconds": 0.05, "hook_rest_seconds": 60.0}


@pytest_asyncio.fixture(loop_scope="session")
async def telling(url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The API, which tells hooks on this machine; once on each database."""
    async with listening(url, tmp_path, **HOOKS) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def other() -> AsyncIterator[Receiver]:
    """The system that is told."""
    async with receiver() as one:
        yield one


async def operator(site: Site, **fields: Any) -> Person:
    return await site.person("ops", Role.OPERATOR, **{"county": "", **fields})


async def hooked(person: Person, url: str, key: str = "k", **data: Any) -> dict[str, Any]:
    answer = await person.post("/hooks", {"url": url, **data}, headers={"Idempotency-Key": key})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def told(requests: list[Received]) -> list[tuple[str, int]]:
    bodies = [json.loads(one.body) for one in requests]
    return [(body["type"], body["data"]["position"]) for body in bodies]


async def test_a_hook_is_told_in_order_what_happens_from_now_on(telling: Site, other: Receiver) -> None:
    ops = await operator(telling)
    hook = await hooked(ops, other.url)

    happens(telling.database, "YK-1")
    goes_on(telling.database, "YK-1", 2, 30)
    requests = await other.received(31)

    assert told(requests) == [("case.opened", 1), *(("task.opened", position) for position in range(2, 32))]
    shown = await eventually(lambda: ops.get(f"/hooks/{hook['hook_id']}"), lambda now: now["position"] == 31)
    assert (shown["state"], shown["last_status"], shown["missed"]) == ("active", 200, 0)


async def test_what_is_sent_is_signed_and_has_one_id(telling: Site, other: Receiver) -> None:
    ops = await operator(telling)
    hook = await hooked(ops, other.url)
    other.statuses = [503]
    happens(telling.database, "YK-1")
    await eventually(lambda: ops.get(f"/hooks/{hook['hook_id']}"), lambda now: now["state"] == "failing")
    telling.clock.ahead = timedelta(seconds=61)

    first, second = await other.received(2)

    key = base64.b64decode(hook["secret"].removeprefix("whsec_"))
    for one in (first, second):
        signed = f"{one.headers['webhook-id']}.{one.headers['webhook-timestamp']}.".encode() + one.body
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert one.headers["webhook-signature"] == f"v1,{expected}"
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= 60


async def test_what_fails_is_shown_and_holds_up_what_is_behind_it(telling: Site, other: Receiver) -> None:
    ops = await operator(telling)
    hook = await hooked(ops, other.url)
    other.status = 500
    happens(telling.database, "YK-1")
    goes_on(telling.database, "YK-1", 2, 1)
    path = f"/hooks/{hook['hook_id']}"
    shown = await eventually(lambda: ops.get(path), lambda now: now["state"] == "failing")
    page = (await ops.get(f"{path}/deliveries")).json()

    assert (shown["position"], shown["last_status"], shown["last_problem"]) == (0, 500, "对方答复 500")
    ((one),) = page["items"]
    assert (one["position"], one["attempts"], one["delivered_at"], one["last_status"]) == (1, 1, None, 500)
    assert one["next_attempt_at"] == shown["next_attempt_at"] > one["last_at"]

    other.status = 200
    telling.clock.ahead = timedelta(seconds=61)
    await other.received(3)
    await eventually(lambda: ops.get(path), lambda now: now["position"] == 2)
    page = (await ops.get(f"{path}/deliveries", limit=1)).json()
    assert [one["position"] for one in page["items"]] == [2]
    page = (await ops.get(f"{path}/deliveries", after=page["next"])).json()
    assert [(one["position"], one["attempts"]) for one in page["items"]] == [(1, 2)]
    assert page["next"] is None


async def test_a_hook_that_fails_for_too_long_is_paused_until_it_is_resumed(telling: Site, other: Receiver) -> None:
    ops = await operator(telling)
    path = f"/hooks/{(await hooked(ops, other.url))['hook_id']}"
    other.status = 500
    happens(telling.database, "YK-1")
    await eventually(lambda: ops.get(path), lambda now: now["state"] == "failing")
    telling.clock.ahead = timedelta(hours=73)
    ops = Person(telling.client, (await telling.log_in("ops")).json()["access_token"])
    paused = await eventually(lambda: ops.get(path), lambda now: now["state"] == "paused")

    other.status = 200
    answer = await ops.post(f"{path}/resume", headers={"Idempotency-Key": "again"})

    assert (paused["failures"], paused["next_attempt_at"]) == (2, None)
    assert (answer.status_code, answer.json()["state"]) == (200, "active")
    await other.received(3)
    await eventually(lambda: ops.get(path), lambda now: now["position"] == 1)


async def test_a_receiver_that_says_it_is_gone_is_paused_at_once(telling: Site, other: Receiver) -> None:
    ops = await operator(telling)
    path = f"/hooks/{(await hooked(ops, other.url))['hook_id']}"
    other.status = 410
    happens(telling.database, "YK-1")

    await eventually(lambda: ops.get(path), lambda now: now["state"] == "paused")

    assert len(other.requests) == 1


async def test_a_hook_hears_of_its_kinds_and_its_case_only(telling: Site, other: Receiver) -> None:
    ops = await operator(telling)
    happens(telling.database, "YK-1")
    await eventually(lambda: ops.get("/cases/YK-1/journal"), lambda found: bool(found))
    hook = await hooked(ops, other.url, kinds=["task.opened"], case_no="YK-1")
    happens(telling.database, "YK-2")
    goes_on(telling.database, "YK-2", 2, 1)
    goes_on(telling.database, "YK-1", 2, 1)

    await eventually(lambda: ops.get(f"/hooks/{hook['hook_id']}"), lambda now: now["position"] == 4)

    assert told(other.requests) == [("task.opened", 4)]


async def test_a_hook_of_a_county_hears_of_its_cases_only_and_is_managed_there(telling: Site, other: Receiver) -> None:
    county = await operator(telling, county="宣化区")
    far = await telling.person("far", Role.OPERATOR, county="开发区")
    city = await telling.person("city", Role.OPERATOR, county="")
    path = f"/hooks/{(await hooked(county, other.url))['hook_id']}"
    happens(telling.database, "YK-1", county="开发区")
    happens(telling.database, "YK-2", county="宣化区")

    await other.received(1)
    await eventually(lambda: county.get(path), lambda now: now["position"] == 2)

    assert [json.loads(one.body)["data"]["case_no"] for one in other.requests] == ["YK-2"]
    assert (await far.get("/hooks")).json()["items"] == []
    assert [(await far.get(path)).status_code, (await far.send("DELETE", path)).status_code] == [404, 404]
    assert [one["county"] for one in (await city.get("/hooks")).json()["items"]] == ["宣化区"]


async def test_several_processes_tell_a_hook_each_event_once(
    telling: Site, other: Receiver, url: str, tmp_path: Path
) -> None:
    ops = await operator(telling)
    hook = await hooked(ops, other.url)
    async with listening(url, tmp_path / "second", **HOOKS):
        happens(telling.database, "YK-1")
        goes_on(telling.database, "YK-1", 2, 40)
        await eventually(lambda: ops.get(f"/hooks/{hook['hook_id']}"), lambda now: now["position"] == 41)

    assert [position for _, position in told(other.requests)] == list(range(1, 42))


async def test_a_hook_that_is_deleted_is_told_nothing_more(telling: Site, other: Receiver) -> None:
    ops = await operator(telling)
    gone = await hooked(ops, f"{other.url}/gone", key="1")
    kept = await hooked(ops, f"{other.url}/kept", key="2")

    assert (await ops.send("DELETE", f"/hooks/{gone['hook_id']}")).status_code == 204
    happens(telling.database, "YK-1")
    await eventually(lambda: ops.get(f"/hooks/{kept['hook_id']}"), lambda now: now["position"] == 1)

    assert len(other.requests) == 1
    assert (await ops.get(f"/hooks/{gone['hook_id']}")).status_code == 404


async def test_the_secret_is_told_to_whoever_makes_the_hook_and_then_no_more(telling: Site, other: Receiver) -> None:
    ops = await operator(telling)
    first, again = await hooked(ops, other.url), await hooked(ops, other.url)

    assert first == again
    assert first["secret"] not in (await ops.get("/hooks")).text
    assert first["secret"] not in (await ops.get(f"/hooks/{first['hook_id']}")).text
    other_key = await ops.post("/hooks", {"url": f"{other.url}/x"}, headers={"Idempotency-Key": "k"})
    assert other_key.status_code == 409


async def test_an_address_that_may_not_be_asked_is_refused_by_its_field(telling: Site) -> None:
    ops = await operator(telling)

    answer = await ops.post("/hooks", {"url": "https://169.254.169.254/"}, headers={"Idempotency-Key": "k"})

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["url"]


async def test_officers_make_no_hooks_and_a_system_needs_to_read_cases_too(telling: Site, other: Receiver) -> None:
    wang, boss = await telling.person("wang"), await telling.person("boss", Role.ADMINISTRATOR)
    made = await boss.post("/tokens", {"name": "ERP", "scopes": ["hooks:manage"]})
    erp = Person(telling.client, made.json()["token"])

    for person in (wang, erp):
        answer = await person.post("/hooks", {"url": other.url}, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:yekuo:problem:forbidden")
