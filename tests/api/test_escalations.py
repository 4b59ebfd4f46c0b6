"""Late cases over HTTP: their levels are listed and acknowledged, deadlines moved, supervision orders answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from api.rights import Role
from domain.chinese import BUSINESS_ZONE
from tests.api.company import Case, Company, key
from tests.api.counting import statements_of
from tests.api.serving import Person, Site, eventually
from tests.storage.filling import COUNTIES, fill

CLOCK = "supply_plan_reply"


@pytest_asyncio.fixture(loop_scope="session")
async def company(working: Site) -> Company:
    return await Company.of(working)


@pytest_asyncio.fixture(loop_scope="session")
async def late(company: Company) -> Case:
    """A case whose reply should have been given weeks ago."""
    case = await company.open()
    await case.play("give_notice")
    return case


@pytest_asyncio.fixture(loop_scope="session")
async def head(company: Company) -> Person:
    """The head of the department that is late, by the shipped table of posts."""
    return await company.site.person("kfq.marketing.head")


def ahead(days: int) -> str:
    return (datetime.now(BUSINESS_ZONE) + timedelta(days=days)).isoformat()


async def line(person: Person, path: str, case: Case, **query: Any) -> dict[str, Any]:
    """The line of the case's reply in a list, as soon as it is there."""

    def found(page: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in page["items"] if (one["case_no"], one["clock"]) == (case.number, CLOCK)]

    return found(await eventually(lambda: person.get(path, **query), lambda page: bool(found(page))))[0]


async def test_a_level_is_listed_for_the_department_and_goes_on_after_it_is_acknowledged(
    late: Case, head: Person
) -> None:
    one = await line(head, "/escalations", late, level="L4")
    assert (one["name"], one["department"], one["colour"]) == ("供电方案答复", "marketing", "红")

    done = await head.post(f"/clocks/{one['process']}/{CLOCK}/acknowledge", {"level": "L2"}, headers=key())

    assert done.status_code == 200, done.text
    seen = await eventually(
        lambda: head.get("/escalations", level="L4"), lambda page: page["items"][0]["acknowledged_level"] == "L2"
    )
    assert seen["items"][0]["acknowledged_by"] == "kfq.marketing.head"


async def test_a_level_that_was_not_raised_or_is_none_is_not_acknowledged(late: Case, head: Person) -> None:
    one = await line(head, "/escalations", late)
    path = f"/clocks/{one['process']}/{CLOCK}/acknowledge"

    assert (await head.post(path, {"level": "L9"}, headers=key())).status_code == 422
    assert (await head.post(path.replace(CLOCK, "nothing"), {"level": "L2"}, headers=key())).status_code == 404


async def test_who_holds_no_post_for_it_does_not_acknowledge(late: Case, company: Company) -> None:
    one = await line(company.marketing, "/escalations", late)

    answer = await company.officers["finance"].post(
        f"/clocks/{one['process']}/{CLOCK}/acknowledge", {"level": "L2"}, headers=key()
    )

    assert answer.status_code == 403
    assert "kfq.marketing.head" in answer.json()["detail"]


async def test_an_order_waits_until_it_is_answered_once(late: Case, head: Person) -> None:
    one = await line(head, "/orders", late)
    assert one["state"] == "open"
    assert datetime.fromisoformat(one["answer_by"]) > datetime.fromisoformat(one["ordered_at"])
    path = f"/orders/{one['process']}/{CLOCK}/answer"
    said = {"cause": "grid", "promised": ahead(3), "text": "间隔不足"}

    done = await head.post(path, said, headers=key())
    again = await head.post(path, said, headers=key())

    assert (done.status_code, again.status_code) == (200, 409)
    answered = await line(head, "/orders", late, state="answered")
    assert (answered["cause_name"], answered["answered_by"]) == ("电网受限", "kfq.marketing.head")
    assert answered["answer"] == "间隔不足"


@pytest.mark.parametrize("wrong", [{"cause": "weather"}, {"promised": "tomorrow"}, {"promised": "2026-12-01T10:00"}])
async def test_an_answer_that_does_not_fit_names_its_field(here: Site, wrong: dict[str, str]) -> None:
    head = await here.person("head")

    answer = await head.post(
        "/orders/YK-1/reply/answer", {"cause": "grid", "promised": ahead(1), **wrong}, headers=key()
    )

    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["errors"]} == set(wrong)


async def test_a_deadline_is_not_moved_further_than_the_law_lets_it(late: Case, head: Person) -> None:
    one = await line(head, "/escalations", late)

    answer = await head.post(
        f"/clocks/{one['process']}/{CLOCK}/move", {"due": ahead(2), "reason": "客户资料未齐"}, headers=key()
    )

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "due")
    assert "最迟" in answer.json()["detail"]


async def test_an_act_on_a_clock_that_was_handed_on_goes_to_the_process_that_has_it(company: Company) -> None:
    case = await company.open()
    await case.play("issue_grid_task")
    director = await company.site.person("kfq.director", departments=[])
    due = ahead(3)
    path, body = f"/clocks/{case.number}/grid_works/move", {"due": due, "reason": "客户提前投产"}

    other = await company.officers["finance"].post(path, body, headers=key())
    done = await director.post(path, body, headers=key())

    assert (other.status_code, done.status_code) == (403, 200), done.text
    view = await eventually(lambda: company.marketing.get(f"/cases/{case.number}"), lambda told: moved(told, due))
    called = next(one for one in view["processes"] if one["process"] == "grid_project_10kv")
    assert [one["called"] for one in view["clocks"] if one["clock"] == "grid_works"] == [called["workflow_id"]]


def moved(view: dict[str, Any], due: str) -> bool:
    """Whether a case shows its works as due then."""
    works = (one for one in view["clocks"] if one["clock"] == "grid_works")
    return any(datetime.fromisoformat(one["due"]) == datetime.fromisoformat(due) for one in works)


async def test_other_counties_and_who_has_no_right_get_nothing(late: Case, company: Company, head: Person) -> None:
    one = await line(head, "/escalations", late)
    far = await company.site.person("far", county="宣化区")
    auditor = await company.site.person("audit", Role.AUDITOR)
    path = f"/clocks/{one['process']}/{CLOCK}/acknowledge"

    assert (await far.get("/escalations", whose="all")).json()["items"] == []
    assert (await far.get("/orders", whose="all", county="开发区")).json()["items"] == []
    assert (await far.post(path, {"level": "L2"}, headers=key())).status_code == 404
    assert (await auditor.post(path, {"level": "L2"}, headers=key())).status_code == 403
    assert (await line(auditor, "/orders", late, whose="all"))["case_no"] == late.number


async def test_lists_are_narrowed_by_level_department_and_county(here: Site) -> None:
    city = await here.person("city", county="", departments=["marketing"])
    fill(here.database, cases=90)

    mine = (await city.get("/escalations", limit=200)).json()["items"]
    every = (await city.get("/escalations", whose="all", limit=200, level="L3")).json()["items"]
    county = (await city.get("/escalations", whose="all", limit=200, county=COUNTIES[1])).json()["items"]
    planning = (await city.get("/orders", whose="all", limit=200, department="planning")).json()["items"]

    assert {one["department"] for one in mine} == {"marketing"}
    assert {one["level"] for one in every} == {"L3", "L4"}
    assert {one["county"] for one in county} == {COUNTIES[1]}
    assert {one["department"] for one in planning} == {"planning"}


async def test_both_lists_are_the_same_number_of_statements_however_long(here: Site) -> None:
    city = await here.person("city", county="")

    async def asked() -> list[int]:
        escalations, _ = await statements_of(lambda: city.get("/escalations", whose="all"))
        orders, _ = await statements_of(lambda: city.get("/orders", whose="all"))
        return [escalations, orders]

    none = await asked()
    fill(here.database, cases=60)

    assert none == await asked()


@pytest.mark.parametrize("path", ["/escalations", "/orders", "/inbox"])
async def test_a_page_that_nobody_gave_is_refused(here: Site, path: str) -> None:
    wang = await here.person("wang")

    answer = await wang.get(path, after="nonsense")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:yekuo:problem:not-found")
