"""Who is written to at each level; a vacant post climbs to the next and is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.departments import DEPARTMENTS, PROVINCE
from domain.fields import MissingFields
from domain.levels import COPIED, POSTS, Level
from domain.posts import CITY, Addressees, Post, PostTable, Seat

ROWS: list[dict[str, Any]] = [
    {"post": "team_leader", "department": "marketing", "county": "桥东", "account": "leader-team"},
    {"post": "department_head", "department": "marketing", "county": "桥东", "account": "head"},
    {"post": "department_head", "department": "dispatch", "county": "桥东", "account": "head-dispatch"},
    {"post": "leader", "county": "桥东", "account": "deputy"},
    {"post": "company_head", "county": "桥东", "account": "director"},
    {"post": "service_centre", "account": "centre"},
    {"post": "audit", "county": "桥东", "account": "auditor"},
    {"post": "leader", "account": "city-deputy"},
    {"post": "company_head", "account": "city-director"},
]


def table(*without: str) -> PostTable:
    return PostTable.from_json({"rows": [row for row in ROWS if row["account"] not in without]})


def written_to(level: Level, posts: PostTable, county: str = "桥东", officers: tuple[str, ...] = ("li",)) -> Addressees:
    return posts.addressees(POSTS[level], COPIED.get(level, ()), "marketing", county, officers)


@pytest.mark.parametrize(
    ("level", "accounts"),
    [
        (Level.L0, ("li",)),
        (Level.L1, ("li", "leader-team")),
        (Level.L2, ("li", "leader-team", "head", "centre")),
        (Level.L3, ("li", "leader-team", "head", "centre", "deputy", "auditor")),
        (Level.L4, ("li", "leader-team", "head", "centre", "deputy", "director", "city-director", "auditor")),
    ],
)
def test_each_level_adds_its_posts_to_those_below(level: Level, accounts: tuple[str, ...]) -> None:
    assert written_to(level, table()).accounts == accounts


def test_the_audit_is_copied_at_the_supervisory_level_and_addressed_at_the_top() -> None:
    def copied(level: Level) -> list[str]:
        return [person.account for person in written_to(level, table()).people if person.copied]

    assert copied(Level.L3) == ["auditor"]
    assert copied(Level.L4) == []


def test_handler_and_account_manager_are_both_reminded_each_once() -> None:
    assert written_to(Level.L0, table(), officers=("li", "wang", "li")).accounts == ("li", "wang")


def test_a_vacant_post_climbs_to_the_next_and_is_reported() -> None:
    sent = written_to(Level.L1, table("leader-team"))

    assert sent.accounts == ("li", "head")
    assert [vacancy.sentence() for vacancy in sent.vacancies] == ["桥东营销部班组长、所长空缺，改送桥东部门主任。"]


def test_work_that_nobody_has_claimed_is_told_to_the_team_leader() -> None:
    sent = written_to(Level.L0, table(), officers=())

    assert sent.accounts == ("leader-team",)
    assert sent.vacancies[0].seat == Seat(Post.OFFICER, "marketing", "桥东")


def test_a_whole_empty_department_climbs_to_the_leader_in_charge() -> None:
    sent = written_to(Level.L2, table("leader-team", "head"))

    assert sent.accounts == ("li", "deputy", "centre")
    assert len(sent.vacancies) == 2


def test_an_empty_county_climbs_to_the_city() -> None:
    sent = written_to(Level.L2, table(), county="下花园")

    assert sent.accounts == ("li", "city-deputy", "centre")
    assert {vacancy.instead for vacancy in sent.vacancies} == {Seat(Post.LEADER, "", CITY)}


def test_a_county_may_have_a_service_centre_of_its_own() -> None:
    own = PostTable.from_json({"rows": [*ROWS, {"post": "service_centre", "county": "桥东", "account": "own-centre"}]})

    assert "own-centre" in written_to(Level.L2, own).accounts
    assert "centre" not in written_to(Level.L2, own).accounts


def test_one_who_is_reached_for_two_posts_is_written_to_once() -> None:
    sent = written_to(Level.L3, table("head", "auditor"))

    assert sent.accounts.count("deputy") == 1


def test_where_nobody_is_left_the_failure_is_reported() -> None:
    alone = PostTable.from_json({"rows": [ROWS[1]]})

    sent = written_to(Level.L4, alone, officers=())

    assert sent.accounts == ("head",)
    assert "桥东公司负责人空缺，且上级岗位均空缺，未能送达。" in [vacancy.sentence() for vacancy in sent.vacancies]


def test_a_case_of_the_city_itself_tells_its_head_once() -> None:
    sent = written_to(Level.L4, table(), county=CITY)

    assert sent.accounts.count("city-director") == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"post": "boss", "account": "a"}, "岗位第1行·岗位（rows[1].post）应为team_leader（班组长、所长）"),
        ({"post": "officer", "account": "a"}, "岗位第1行·岗位（rows[1].post）应为team_leader（班组长、所长）"),
        ({"post": "leader"}, "岗位第1行·账号（rows[1].account）未填写"),
        ({"post": "team_leader", "account": "a"}, "岗位第1行·部门（rows[1].department）班组长、所长须写明部门"),
        (
            {"post": "leader", "department": "marketing", "account": "a"},
            "岗位第1行·部门（rows[1].department）分管领导属全公司，不写部门",
        ),
        (
            {"post": "team_leader", "department": "sales", "account": "a"},
            "岗位第1行·部门（rows[1].department）没有部门“sales”",
        ),
    ],
)
def test_a_bad_row_is_refused_in_words(row: dict[str, Any], said: str) -> None:
    with pytest.raises(MissingFields) as caught:
        PostTable.from_json({"rows": [row]})

    assert [str(problem).startswith(said) for problem in caught.value.problems] == [True]


def test_a_department_of_the_province_is_of_no_county_and_what_is_late_there_climbs_to_the_citys_leaders() -> None:
    head = {"post": "department_head", "department": "province_planning", "account": "province-head"}
    posts = PostTable.from_json({"rows": [*ROWS, head]})

    sent = posts.addressees(POSTS[Level.L3], (), "province_planning", "桥东", ("li",))

    assert sent.accounts == ("li", "province-head", "centre", "deputy")
    assert [one.sentence() for one in sent.vacancies] == ["省公司发展部班组长、所长空缺，改送省公司发展部部门主任。"]
    assert Seat(Post.DEPARTMENT_HEAD, "province_planning", CITY).title == "省公司发展部部门主任"
    with pytest.raises(MissingFields, match="省公司发展部不属于县区，应留空"):
        PostTable.from_json({"rows": [{**head, "county": "桥东"}]})


def test_two_holders_of_one_post_are_refused() -> None:
    with pytest.raises(MissingFields, match="与第1行是同一岗位"):
        PostTable.from_json({"rows": [ROWS[0], {**ROWS[0], "account": "other"}]})


def test_the_shipped_table_has_a_head_for_every_department_of_its_county_and_of_the_province() -> None:
    shipped = PostTable.shipped()

    for department in DEPARTMENTS:
        if department != "customer":
            county = CITY if department in PROVINCE else "开发区"
            assert shipped.holder(Seat(Post.DEPARTMENT_HEAD, department, county))
    top = shipped.addressees(POSTS[Level.L4], (), "marketing", "开发区", ("li",))
    assert top.vacancies == ()


def test_the_table_travels_as_json() -> None:
    assert PostTable.from_json(json.loads(json.dumps(table().to_json()))) == table()


@given(st.sets(st.sampled_from([row["account"] for row in ROWS]), max_size=8), st.sampled_from(Level), st.booleans())
def test_every_post_of_a_level_is_written_to_or_reported_vacant(gone: set[str], level: Level, claimed: bool) -> None:
    sent = written_to(level, table(*gone), officers=("li",) if claimed else ())

    reported = {vacancy.seat.post for vacancy in sent.vacancies}
    reached = {person.holds.post for person in sent.people}
    assert set(POSTS[level]) | set(COPIED.get(level, ())) <= reported | reached
    assert len(set(sent.accounts)) == len(sent.accounts)


def test_what_a_post_may_those_above_it_may_too_each_with_the_seat_it_holds() -> None:
    found = PostTable.shipped().from_up((Post.DEPARTMENT_HEAD, Post.SERVICE_CENTRE), "marketing", "开发区")

    assert {account: seat.post for account, seat in found.items()} == {
        "kfq.marketing.head": Post.DEPARTMENT_HEAD,
        "kfq.leader": Post.LEADER,
        "kfq.director": Post.COMPANY_HEAD,
        "city.leader": Post.LEADER,
        "city.director": Post.COMPANY_HEAD,
        "city.service": Post.SERVICE_CENTRE,
    }
