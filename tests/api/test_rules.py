"""Tables over HTTP: a good one becomes current, a bad one never, and every fault is told with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.case_settings import read_rules
from api.rights import Role
from api.rules import MOST_ROWS
from domain.authority import AuthorityTable
from domain.calendar import WorkingCalendar
from domain.limits import LimitTable
from domain.posts import PostTable
from domain.stock.planning import StockPlanning
from storage.rules import current_rules
from tests.api.serving import Person, Site

LAST = len(PostTable.shipped().rows) + 1
Change = Callable[[dict[str, Any]], object]


async def keeper(here: Site) -> Person:
    return await here.person("keeper", Role.OPERATOR, Role.MATERIALS)


async def loaded(person: Person, path: str, content: Any, key: str, note: str = "") -> dict[str, Any]:
    answer = await person.post(path, {"content": content, "note": note}, headers={"Idempotency-Key": key})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def limits(change: Change = lambda _: None) -> dict[str, Any]:
    data = LimitTable.shipped().to_json()
    change(data)
    return data


def posts(change: Change = lambda _: None) -> dict[str, Any]:
    data = PostTable.shipped().to_json()
    change(data)
    return data


def authority(change: Change = lambda _: None) -> dict[str, Any]:
    data = AuthorityTable.shipped().to_json()
    change(data)
    return data


def planning(change: Change) -> dict[str, Any]:
    data = StockPlanning.shipped().to_json()
    change(data)
    return data


def reply(days: int) -> Change:
    """The reply of a single source may take so many days."""

    def change(data: dict[str, Any]) -> None:
        next(row for row in data["rows"] if row["id"] == "reply-single")["days"] = days

    return change


async def test_limits_that_are_loaded_hold_for_new_cases_and_are_told_with_who_loaded_them(here: Site) -> None:
    person = await keeper(here)

    done = await loaded(person, "/limits", limits(reply(9)), "a", note="按新规缩短")

    assert (done["new"], done["warnings"]) == (True, [])
    assert {key: done["version"][key] for key in ("version", "note", "loaded_by")} == {
        "version": 1,
        "note": "按新规缩短",
        "loaded_by": "keeper",
    }
    with here.database.session() as session:
        rules = read_rules(loaded=current_rules(session))
    assert rules.limits == LimitTable.from_json(limits(reply(9)))
    assert (rules.posts, rules.calendar) == (PostTable.shipped(), WorkingCalendar.shipped())
    assert (rules.authority, rules.authority_version) == (AuthorityTable.shipped(), 0)


async def test_the_current_table_again_makes_no_new_version_and_an_older_one_does(here: Site) -> None:
    person = await keeper(here)
    tables = [limits(reply(days)) for days in (9, 9, 8, 9)]

    done = [await loaded(person, "/limits", table, str(n)) for n, table in enumerate(tables)]

    assert [(one["version"]["version"], one["new"]) for one in done] == [(1, True), (1, False), (2, True), (3, True)]


async def test_the_same_key_is_answered_the_same_and_refused_for_another_table(here: Site) -> None:
    person = await keeper(here)
    first = await loaded(person, "/posts", posts(), "key")

    assert await loaded(person, "/posts", posts(), "key") == first
    other = await person.post("/posts", {"content": {}}, headers={"Idempotency-Key": "key"})
    assert (other.status_code, other.json()["type"]) == (409, "urn:yekuo:problem:conflict")


@pytest.mark.parametrize(
    ("path", "content", "faults"),
    [
        (
            "/limits",
            limits(lambda data: data["rows"][2].update(days="ten")),
            {"rows[3].days": "时限第3行·期限应为数字"},
        ),
        (
            "/limits",
            limits(lambda data: data["rows"][0].update(dayz=3)),
            {"rows[1].dayz": "时限第1行·未知栏目没有这一栏"},
        ),
        ("/limits", limits(lambda data: data.update(versoin="2")), {"versoin": "时限表未知栏目没有这一栏"}),
        ("/posts", posts(lambda data: data["rows"][0].update(post="king")), {"rows[1].post": "岗位第1行·岗位应为"}),
        ("/posts", posts(lambda data: data["rows"][0].update(conty="x")), {"rows[1].conty": "岗位第1行·未知栏目"}),
        (
            "/posts",
            posts(lambda data: data["rows"].append(data["rows"][0])),
            {f"rows[{LAST}].post": "与第1行是同一岗位"},
        ),
        ("/posts", {"rows": "none"}, {"rows": "岗位应为若干行"}),
        (
            "/authority",
            authority(lambda data: data["rows"][0].update(level="county", form="2026-01-01")),
            {"rows[1].level": "授权第1行·层级应为city（市公司）", "rows[1].form": "授权第1行·未知栏目没有这一栏"},
        ),
        ("/authority", authority(lambda data: data.update(row=[])), {"row": "授权表未知栏目没有这一栏"}),
        (
            "/authority",
            authority(lambda data: data["rows"].pop(1)),
            {"rows": "授权缺少66kV接入系统方案审查的本级权限"},
        ),
        ("/authority", {"rows": [{}] * 301}, {"rows": "授权有301行，最多300行"}),
        ("/calendars", {}, {"content": "没有任何年份"}),
        ("/calendars", {"2027": {"off": [["元旦"]], "notices": []}}, {"2027.off[1]": "2027年放假第1行：应依次为"}),
        ("/calendars", {"2027": {"off": [], "notices": []}}, {"2027.2027-01-01": "2027-01-01是法定节假日"}),
        ("/calendars", {"\ud800": {}}, {"content": "含有不能保存的字符"}),
        (
            "/stock-planning",
            planning(lambda data: data["leadTimes"][0].update(item="x")),
            {"leadTimes": "采购周期应有一行物资为“*”"},
        ),
        (
            "/stock-planning",
            planning(lambda data: data["stages"][0].update(week=3)),
            {"stages[1].week": "环节概率第1行·未知栏目"},
        ),
        ("/stock-planning", planning(lambda data: data.update(horizon=3)), {"horizon": "储备测算表未知栏目"}),
        ("/posts", {"rows": [{}] * (MOST_ROWS + 1)}, {"content": f"最多{MOST_ROWS}行"}),
    ],
)
async def test_a_table_with_faults_is_refused_with_the_place_of_each(
    here: Site, path: str, content: dict[str, Any], faults: dict[str, str]
) -> None:
    person = await keeper(here)

    body = json.dumps({"content": content})
    headers = {"Idempotency-Key": "a", "Content-Type": "application/json"}
    answer = await person.send("POST", path, content=body, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:yekuo:problem:invalid")
    told = {one["field"]: one["message"] for one in answer.json()["errors"]}
    for place, words in faults.items():
        assert words in told[place]
    assert (await person.get(path)).json()["items"] == []


async def test_a_table_nested_without_end_is_refused(here: Site) -> None:
    person = await keeper(here)
    body = '{"content": {"rows": ' + "[" * 500 + "]" * 500 + "}}"
    headers = {"Idempotency-Key": "a", "Content-Type": "application/json"}

    answer = await person.send("POST", "/limits", content=body, headers=headers)

    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (422, "时限表嵌套超过8层")


async def test_limits_that_do_not_serve_a_deployed_diagram_are_refused_and_named(working: Site) -> None:
    person = await keeper(working)

    answer = await person.post(
        "/limits", {"content": limits(lambda data: data["rows"].pop(0))}, headers={"Idempotency-Key": "a"}
    )

    assert answer.status_code == 422
    assert "时限表中没有环节“acceptance”" in answer.json()["errors"][0]["message"]
    assert (await person.get("/limits/current")).json()["version"] == 0


async def test_accounts_of_posts_that_are_not_there_are_warned_of_and_the_table_is_current(here: Site) -> None:
    person = await keeper(here)
    here.add("here")
    here.add("gone", disabled=True)
    held = {"leader": "here", "audit": "gone", "company_head": "never"}
    table = {"rows": [{"post": post, "account": name} for post, name in held.items()]}

    done = await loaded(person, "/posts", table, "a")

    assert done["warnings"] == ["岗位表中的账号“gone”已停用", "岗位表中的账号“never”尚未开通"]
    assert done["version"]["version"] == 1


async def test_versions_are_listed_newest_first_a_page_at_a_time_and_read_one_by_one(here: Site) -> None:
    person = await keeper(here)
    for days in (9, 8, 7):
        await loaded(person, "/limits", limits(reply(days)), str(days), note=f"{days}日")

    page = (await person.get("/limits", limit=2)).json()
    following = (await person.get("/limits", limit=2, after=page["next"])).json()
    first, current = [(await person.get(f"/limits/{name}")).json() for name in ("1", "current")]

    assert [[one["note"] for one in found["items"]] for found in (page, following)] == [["7日", "8日"], ["9日"]]
    assert following["next"] is None
    assert first["content"] == limits(reply(9))
    assert current["version"] == 3
    assert (await person.get("/limits/4")).status_code == 404
    assert (await person.get("/limits/last")).status_code == 422


async def test_before_a_table_is_loaded_the_file_of_the_settings_is_current(
    here: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await keeper(here)
    path = tmp_path / "limits.json"
    path.write_text(json.dumps(limits(reply(6))), "utf-8")
    monkeypatch.setenv("YEKUO_LIMITS", str(path))

    current = (await person.get("/limits/current")).json()

    assert (current["version"], current["content"]) == (0, limits(reply(6)))
    assert current["loaded_at"] is None
    monkeypatch.setenv("YEKUO_LIMITS", str(tmp_path / "none.json"))
    assert (await person.get("/limits/current")).status_code == 503


async def test_two_versions_are_compared_for_people(here: Site) -> None:
    person = await keeper(here)
    await loaded(person, "/limits", limits(reply(9)), "a")

    since, again = [(await person.get("/limits/compare", **{"from": old})).json() for old in ("0", "1")]

    assert since["changed"] == [
        {
            "key": "supply_plan_reply:reply-single",
            "title": "供电方案答复（单电源）",
            "changes": [{"field": "days", "label": "期限", "old": 10, "new": 9}],
        }
    ]
    assert again == {"added": [], "removed": [], "changed": []}
    assert (await person.get("/limits/compare", **{"from": "7"})).status_code == 404


async def test_posts_and_calendars_are_compared_too(here: Site) -> None:
    person = await keeper(here)
    await loaded(person, "/posts", posts(lambda data: data["rows"].pop(0)), "a")

    gone = (await person.get("/posts/compare", **{"from": "0"})).json()["removed"]
    same = (await person.get("/calendars/compare", **{"from": "0", "to": "0"})).json()

    assert [row["title"] for row in gone] == ["开发区营销部班组长、所长"]
    assert same == {"added": [], "removed": [], "changed": []}


async def test_who_may_only_read_cannot_load(here: Site) -> None:
    officer = await here.person("officer")

    answers = [
        await officer.post(path, {"content": {}}, headers={"Idempotency-Key": "a"})
        for path in ("/calendars", "/limits", "/posts", "/authority", "/stock-planning")
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert (await officer.get("/limits/current")).status_code == 200
