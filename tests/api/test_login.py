"""Logging in: by password, for a while, not for ever; and who may do what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from api.rights import Right, Role
from domain.chinese import BUSINESS_ZONE
from tests.api.serving import PASSWORD, Person, Site


async def test_a_password_gives_a_token_that_says_who_one_is(here: Site) -> None:
    wang = await here.person("wang", departments=["marketing", "planning"], county="开发区")

    me = (await wang.get("/me")).json()

    assert (me["account"], me["departments"], me["county"]) == ("wang", ["marketing", "planning"], "开发区")
    assert Right.DO_TASKS in me["rights"]


@pytest.mark.parametrize(("account", "password"), [("wang", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD)])
async def test_a_wrong_password_an_unknown_and_a_disabled_account_are_told_the_same(
    here: Site, account: str, password: str
) -> None:
    here.add("wang")
    here.add("gone", disabled=True)

    answer = await here.log_in(account, password)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "账号或密码不对"


async def test_too_many_wrong_passwords_lock_the_account_for_a_while(here: Site) -> None:
    here.add("wang")
    answers = [(await here.log_in("wang", "wrong")).status_code for _ in range(5)]
    locked = await here.log_in("wang")
    here.clock.ahead = timedelta(minutes=16)

    assert answers == [401, 401, 401, 401, 429]
    assert (locked.status_code, 0 < int(locked.headers["retry-after"]) <= 900) == (429, True)
    assert (await here.log_in("wang")).status_code == 200


async def test_a_right_password_in_between_begins_the_count_anew(here: Site) -> None:
    here.add("wang")
    for _ in range(4):
        await here.log_in("wang", "wrong")
    await here.log_in("wang")

    assert (await here.log_in("wang", "wrong")).status_code == 401


async def test_an_access_token_expires_and_the_refresh_token_brings_the_next_once(here: Site) -> None:
    here.add("wang")
    first = (await here.log_in("wang")).json()
    here.clock.ahead = timedelta(minutes=16)

    expired = await Person(here.client, first["access_token"]).get("/me")
    sent = {"refresh_token": first["refresh_token"]}
    second = await here.client.post("/api/v1/login/refresh", json=sent)
    again = await here.client.post("/api/v1/login/refresh", json=sent)

    assert (expired.status_code, second.status_code, again.status_code) == (401, 200, 401)
    assert (await Person(here.client, second.json()["access_token"]).get("/me")).status_code == 200


async def test_whoever_logs_out_is_out(here: Site) -> None:
    wang = await here.person("wang")
    await wang.post("/logout")

    assert (await wang.get("/me")).status_code == 401


async def test_whoever_is_disabled_is_out_at_once(here: Site) -> None:
    wang = await here.person("wang")
    here.add("wang", disabled=True)

    assert (await wang.get("/me")).status_code == 401


async def test_an_administrator_gives_out_accounts_and_others_do_not(here: Site) -> None:
    boss, wang = await here.person("boss", Role.ADMINISTRATOR), await here.person("wang")
    data = {"name": "李昊", "departments": ["marketing"], "county": "开发区", "password": "另一个足够长的密码 2026"}

    made = await boss.send("PUT", "/accounts/lihao", json=data)

    assert made.status_code == 200, made.text
    assert made.json()["roles"] == ["officer"]
    assert (await here.log_in("lihao", "另一个足够长的密码 2026")).status_code == 200
    assert (await wang.send("PUT", "/accounts/other", json=data)).status_code == 403
    assert "password" not in (await boss.get("/accounts")).text


async def test_a_field_that_is_wrong_is_named_in_the_language_asked_for(here: Site) -> None:
    boss = await here.person("boss", Role.ADMINISTRATOR)
    wrong = {"departments": ["营销"], "password": "短", "colour": "red"}

    chinese = (await boss.send("PUT", "/accounts/x", json=wrong)).json()
    english = (await boss.send("PUT", "/accounts/x", json=wrong, headers={"Accept-Language": "en"})).json()

    assert {one["field"] for one in chinese["errors"]} == {"name", "departments.0", "password", "colour"}
    assert "未填写" in [one["message"] for one in chinese["errors"]]
    assert english["title"] == "Fields are missing or wrong"


async def test_a_system_has_the_scopes_of_its_token_until_it_is_revoked(here: Site) -> None:
    boss = await here.person("boss", Role.ADMINISTRATOR)
    made = await boss.post("/tokens", {"name": "营销2.0", "scopes": ["messages:send"]})
    system = Person(here.client, made.json()["token"])

    me = (await system.get("/me")).json()
    await boss.send("DELETE", "/tokens/营销2.0")

    assert (made.status_code, me["account"], me["rights"]) == (201, "system:营销2.0", ["messages:send"])
    assert (await system.get("/me")).status_code == 401
    assert (await boss.get("/tokens")).json()[0]["revoked_at"]


async def test_every_answer_carries_the_id_of_its_request(here: Site) -> None:
    answer = await here.client.get("/api/v1/me")

    assert answer.json()["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_one_changes_ones_own_password_and_is_out_everywhere(here: Site) -> None:
    wang = await here.person("wang")
    new = "换过的足够长的密码 2026"

    wrong = await wang.post("/me/password", {"old": "wrong", "new": new})
    right = await wang.post("/me/password", {"old": PASSWORD, "new": new})

    assert (wrong.status_code, right.status_code) == (401, 204)
    assert (await wang.get("/me")).status_code == 401
    assert (await here.log_in("wang")).status_code == 401
    assert (await here.log_in("wang", new)).status_code == 200


async def test_a_new_password_from_the_administrator_ends_the_logins_of_before(here: Site) -> None:
    boss, wang = await here.person("boss", Role.ADMINISTRATOR), await here.person("wang")
    await boss.send("PUT", "/accounts/wang", json={"name": "王敏", "password": "另一个足够长的密码 2026"})

    assert (await wang.get("/me")).status_code == 401


@pytest.mark.parametrize("change", [{"disabled": True, "roles": ["administrator"]}, {"roles": ["officer"]}])
async def test_an_administrator_cannot_give_up_the_last_way_in(here: Site, change: dict[str, object]) -> None:
    boss = await here.person("boss", Role.ADMINISTRATOR)

    answer = await boss.send("PUT", "/accounts/boss", json={"name": "管理员", **change})

    assert answer.status_code == 409
    assert (await boss.get("/accounts")).status_code == 200


async def test_a_locked_account_is_told_until_when_by_the_clock_of_the_company(here: Site) -> None:
    def in_a_quarter() -> str:
        return (here.clock() + timedelta(minutes=15)).astimezone(BUSINESS_ZONE).strftime("%H:%M")

    here.add("wang")
    earliest = in_a_quarter()
    for _ in range(5):
        await here.log_in("wang", "wrong")
    latest = in_a_quarter()

    locked = (await here.log_in("wang")).json()["detail"]

    assert any(told in locked for told in (earliest, latest))
