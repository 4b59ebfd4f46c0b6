"""The current table of posts is the one place that says which posts an account holds."""

from __future__ import annotations

from typing import Any

import pytest

from api.rights import Role
from tests.api.serving import PASSWORD, Site

TEAM = {"post": "team_leader", "department": "marketing", "county": "开发区"}


async def test_an_account_shows_the_posts_of_the_table_that_holds_before_one_is_loaded(here: Site) -> None:
    leader, other = await here.person("kfq.marketing.team"), await here.person("wang")

    told = [(await person.get("/me")).json()["posts"] for person in (leader, other)]

    assert told == [[{**TEAM, "title": "开发区营销部班组长、所长"}], []]


async def test_a_loaded_table_gives_and_takes_posts_at_once(here: Site) -> None:
    keeper = await here.person("keeper", Role.OPERATOR, Role.ADMINISTRATOR)
    wang = await here.person("wang")
    rows: list[dict[str, Any]] = [{**TEAM, "account": "wang"}, {"post": "audit", "account": "wang"}]

    await keeper.post("/posts", {"content": {"rows": rows}}, headers={"Idempotency-Key": "a"})
    both = (await wang.get("/me")).json()["posts"]
    await keeper.post("/posts", {"content": {"rows": rows[1:]}}, headers={"Idempotency-Key": "b"})
    listed = {one["account"]: one["posts"] for one in (await keeper.get("/accounts")).json()["items"]}

    assert [one["post"] for one in both] == ["team_leader", "audit"]
    assert listed == {
        "keeper": [],
        "wang": [{"post": "audit", "title": "市公司稽查", "department": "", "county": ""}],
    }


async def test_a_new_account_is_answered_with_the_posts_that_waited_for_it(here: Site) -> None:
    boss = await here.person("boss", Role.ADMINISTRATOR)
    body = {"name": "赵", "departments": ["marketing"], "county": "开发区", "password": PASSWORD}

    answer = await boss.send("PUT", "/accounts/kfq.marketing.head", json=body)

    assert [one["post"] for one in answer.json()["posts"]] == ["department_head"]


async def test_a_table_of_posts_that_cannot_be_read_is_said_to_be_so(
    here: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = await here.person("wang")
    monkeypatch.setenv("YEKUO_POSTS", "/nowhere/posts.json")

    answer = await wang.get("/me")

    assert (answer.status_code, answer.json()["type"]) == (503, "urn:yekuo:problem:unavailable")
    assert "YEKUO_POSTS" in answer.json()["detail"]
