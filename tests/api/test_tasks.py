"""People's work over HTTP: finding a task, taking it on, its form, drafts, completing it, and every refusal."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest_asyncio

from api.applications import EXAMPLE
from tests.api.company import Case, Company, key, late, told
from tests.api.counting import statements_of
from tests.api.serving import Person, Site, eventually
from tests.storage.filling import fill


@pytest_asyncio.fixture(loop_scope="session")
async def company(working: Site) -> Company:
    return await Company.of(working)


@pytest_asyncio.fixture(loop_scope="session")
async def case(company: Company) -> Case:
    """A case whose application is to be accepted."""
    return await company.open()


def accepted() -> dict[str, Any]:
    """The body that completes the acceptance of the application."""
    act = told("accept_application")
    return {"data": act.data, **late(act)}


async def listed(person: Person, view: str, case: Case) -> list[dict[str, Any]]:
    answer = await person.get("/inbox", view=view)
    assert answer.status_code == 200, answer.text
    return [one for one in answer.json()["items"] if one["case_no"] == case.number]


async def inbox(person: Person, view: str, case: Case, *names: str) -> list[dict[str, Any]]:
    """The lines of an inbox, as soon as it has these tasks of the case."""

    def lines(page: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in page["items"] if one["case_no"] == case.number]

    page = await eventually(
        lambda: person.get("/inbox", view=view), lambda page: [one["name"] for one in lines(page)] == list(names)
    )
    return lines(page)


async def test_a_task_goes_from_the_department_to_whoever_takes_it_on_and_is_done(case: Case) -> None:
    wang = case.company.marketing
    (line,) = await inbox(wang, "department", case, "业务受理")
    assert (line["departments"], line["assignee"]) == (["marketing"], "")

    claimed = await wang.post(f"/tasks/{line['id']}/claim", {}, headers=key())
    assert (claimed.status_code, claimed.json()["by"]) == (200, "marketing")
    await inbox(wang, "mine", case, "业务受理")
    assert await listed(wang, "department", case) == []

    done = await wang.post(f"/tasks/{line['id']}/complete", accepted(), headers=key())
    assert done.status_code == 200, done.text
    await inbox(wang, "mine", case)
    (following,) = await inbox(wang, "department", case, "一次性告知")
    assert following["colour"] == "红"


async def test_a_task_comes_with_its_form_and_what_the_form_shows_of_the_case(case: Case) -> None:
    task = await case.task("accept_application")

    answer = await case.company.marketing.get(f"/tasks/{task['id']}")

    one = answer.json()
    assert (one["form"]["id"], one["state"], one["draft"]) == ("case_acceptance", "open", None)
    assert one["variables"]["customer"] == EXAMPLE["customer"]
    assert "caseNo" in one["variables"]
    assert "businessType" not in one["variables"]


async def test_of_two_who_take_a_task_on_at_once_one_gets_it(company: Company, case: Case) -> None:
    li = await company.site.person("li")
    task = await case.task("accept_application")

    answers = await asyncio.gather(
        *(one.post(f"/tasks/{task['id']}/claim", {}, headers=key()) for one in (company.marketing, li))
    )

    assert sorted(one.status_code for one in answers) == [200, 409]
    refused = next(one.json() for one in answers if one.status_code == 409)
    assert "已由" in refused["detail"]


async def test_a_double_click_is_one_act_with_one_answer(company: Company, case: Case) -> None:
    task = await case.task("accept_application")
    once = key()

    answers = await asyncio.gather(
        *(company.marketing.post(f"/tasks/{task['id']}/complete", accepted(), headers=once) for _ in range(3))
    )

    assert [one.status_code for one in answers] == [200] * 3
    assert len({one.text for one in answers}) == 1


async def test_a_key_that_comes_with_something_else_is_refused(company: Company, case: Case) -> None:
    task = await case.task("accept_application")
    once = key()
    await company.marketing.post(f"/tasks/{task['id']}/complete", accepted(), headers=once)

    other = await company.marketing.post(f"/tasks/{task['id']}/complete", {"data": {}}, headers=once)

    assert other.status_code == 409


async def test_who_has_taken_a_task_on_can_give_it_back_and_others_cannot(company: Company, case: Case) -> None:
    wang, li = company.marketing, await company.site.person("li")
    task = await case.task("accept_application")
    await wang.post(f"/tasks/{task['id']}/claim", {}, headers=key())

    refused = await li.post(f"/tasks/{task['id']}/release", {}, headers=key())
    done = await wang.post(f"/tasks/{task['id']}/release", {}, headers=key())

    assert (refused.status_code, done.status_code) == (403, 200)
    await inbox(li, "department", case, "业务受理")


async def test_a_draft_stays_when_the_form_is_refused_and_goes_when_it_is_taken(company: Company, case: Case) -> None:
    wang, task = company.marketing, await case.task("accept_application")
    path = f"/tasks/{task['id']}"
    kept = await wang.send("PUT", f"{path}/draft", json={"data": {"identityKind": "身份证"}})
    assert kept.status_code == 200, kept.text
    (line,) = await inbox(wang, "department", case, "业务受理")
    assert line["has_draft"]

    refused = await wang.post(f"{path}/complete", {"data": {"identityKind": "身份证"}}, headers=key())
    assert refused.status_code == 422
    assert (await wang.get(path)).json()["draft"]["data"] == {"identityKind": "身份证"}

    assert (await wang.post(f"{path}/complete", accepted(), headers=key())).status_code == 200
    assert (await wang.get(path)).json()["draft"] is None


async def test_a_draft_is_its_writers_alone_and_can_be_thrown_away(company: Company, case: Case) -> None:
    wang, li = company.marketing, await company.site.person("li")
    task = await case.task("accept_application")
    path = f"/tasks/{task['id']}"
    await wang.send("PUT", f"{path}/draft", json={"data": {"mainProducts": "电池"}})
    await wang.send("PUT", f"{path}/draft", json={"data": {"mainProducts": "正极材料"}})

    assert (await li.get(path)).json()["draft"] is None
    assert (await wang.get(path)).json()["draft"]["data"] == {"mainProducts": "正极材料"}
    assert (await wang.send("DELETE", f"{path}/draft")).status_code == 204
    assert (await wang.get(path)).json()["draft"] is None


async def test_a_form_that_is_filled_in_wrongly_names_what_is_wrong(company: Company, case: Case) -> None:
    task = await case.task("accept_application")

    answer = await company.marketing.post(f"/tasks/{task['id']}/complete", {"data": {"nothing": 1}}, headers=key())

    assert answer.status_code == 422
    assert {"data.nothing", "data.identityKind"} <= {one["field"] for one in answer.json()["errors"]}


async def test_a_task_of_another_department_is_refused(company: Company, case: Case) -> None:
    task = await case.task("accept_application")

    answer = await company.officers["finance"].post(f"/tasks/{task['id']}/complete", accepted(), headers=key())

    assert answer.status_code == 403
    assert "营销部" in answer.json()["detail"]
    assert await listed(company.officers["finance"], "department", case) == []


async def test_a_task_that_is_done_is_stale(company: Company, case: Case) -> None:
    wang, task = company.marketing, await case.task("accept_application")
    await case.complete("accept_application", **accepted())

    answer = await wang.post(f"/tasks/{task['id']}/complete", accepted(), headers=key())

    assert answer.status_code == 409
    assert "不在待办中" in answer.json()["detail"]
    done = await eventually(lambda: wang.get(f"/tasks/{task['id']}"), lambda one: one["state"] == "completed")
    assert (done["variables"], done["draft"]) == ({}, None)
    kept = await wang.send("PUT", f"/tasks/{task['id']}/draft", json={"data": {}})
    assert kept.status_code == 409


async def test_a_task_of_another_county_is_not_there(company: Company, case: Case) -> None:
    far = await company.site.person("far", county="宣化区")
    path = f"/tasks/{(await case.task('accept_application'))['id']}"

    answers = [
        await far.get(path),
        await far.post(f"{path}/claim", {}, headers=key()),
        await far.post(f"{path}/release", {}, headers=key()),
        await far.post(f"{path}/complete", {"data": {}}, headers=key()),
        await far.send("PUT", f"{path}/draft", json={"data": {}}),
        await far.send("DELETE", f"{path}/draft"),
    ]

    assert [one.status_code for one in answers] == [404] * 6
    assert await listed(far, "department", case) == []


async def test_what_names_no_task_is_not_there(company: Company, case: Case) -> None:
    (await case.task("accept_application"))
    names = [f"{case.number}~999", "nonsense", f"{case.number}~"]

    assert [(await company.marketing.get(f"/tasks/{name}")).status_code for name in names] == [404] * 3


async def test_a_form_that_sends_the_case_back_does_so(company: Company, case: Case) -> None:
    await case.play("approve_plan")
    returned = {**told("approve_plan").data, "planDecision": "refused", "approvalReason": "产权分界点表述不清"}

    await case.complete("approve_plan", returned, **late(told("approve_plan")))

    task = await case.task("draft_supply_plan")
    shown = await company.marketing.get(f"/tasks/{task['id']}")
    assert "产权分界点表述不清" in shown.json()["variables"].values()


async def test_an_inbox_is_the_same_number_of_statements_with_one_line_and_with_many(here: Site) -> None:
    wang = await here.person("wang")

    async def asked() -> int:
        count, _ = await statements_of(lambda: wang.get("/inbox", view="department"))
        return count

    none = await asked()
    fill(here.database, cases=1)
    one = await asked()
    fill(here.database, cases=30)

    assert none == one == await asked()
