"""Taking back over HTTP: a step before the next one is done, and a whole application."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest_asyncio

from storage.journal_rows import case_journal
from tests.api.company import Case, Company, key
from tests.api.serving import Site, eventually

REASON = {"reason": "保护配置有误"}


@pytest_asyncio.fixture(loop_scope="session")
async def company(working: Site) -> Company:
    return await Company.of(working)


@pytest_asyncio.fixture(loop_scope="session")
async def sent_on(company: Company) -> Case:
    """A case whose supply plan has been drafted and sent on to the joint review."""
    case = await company.open()
    await case.play("call_joint_review")
    return case


async def noted(case: Case, act: str) -> list[dict[str, Any]]:
    """The lines of the journal that tell of an act."""
    with case.company.site.database.session() as session:
        lines = [line.record for line in case_journal(session, case.number)]
    return [line.data for line in lines if line.event == "act" and line.data["act"] == act]


async def test_who_sent_a_step_on_takes_it_back_and_does_it_again(sent_on: Case) -> None:
    path = f"/processes/{sent_on.number}/take-back"

    done = await sent_on.company.marketing.post(path, REASON, headers=key())

    assert (done.status_code, done.json()["by"]) == (200, "marketing")
    again = await sent_on.task("draft_supply_plan")
    shown = await sent_on.company.marketing.get(f"/tasks/{again['id']}")
    assert shown.json()["variables"]["returnReason"] == "拟定人撤回修改"
    (told,) = await noted(sent_on, "take_back")
    assert (told["by"], told["reason"]) == ("marketing", REASON["reason"])


async def test_a_double_click_takes_back_once(sent_on: Case) -> None:
    path, once = f"/processes/{sent_on.number}/take-back", key()

    answers = await asyncio.gather(*(sent_on.company.marketing.post(path, REASON, headers=once) for _ in range(3)))

    assert {one.status_code for one in answers} == {200}
    assert len({one.text for one in answers}) == 1


async def test_others_do_not_take_back_and_are_told_who_may(sent_on: Case) -> None:
    answer = await sent_on.company.officers["finance"].post(
        f"/processes/{sent_on.number}/take-back", REASON, headers=key()
    )

    assert answer.status_code == 403
    assert "「拟定供电方案」：marketing、营销部" in answer.json()["detail"]


async def test_a_step_that_has_been_followed_by_the_next_is_not_taken_back(company: Company) -> None:
    case = await company.open()
    await case.task("accept_application")
    path = f"/processes/{case.number}/take-back"

    answer = await company.marketing.post(path, REASON, headers=key())
    unreasoned = await company.marketing.post(path, {"reason": " "}, headers=key())
    unknown = await company.marketing.post("/processes/nothing/take-back", REASON, headers=key())

    assert (answer.status_code, unreasoned.status_code, unknown.status_code) == (409, 422, 404)
    assert "没有可以撤回的环节" in answer.json()["detail"]


async def test_a_customer_withdraws_once_and_the_case_is_over(company: Company) -> None:
    case = await company.open()
    await case.play("give_notice")
    path, once = f"/cases/{case.number}/withdraw", key()
    said = {"reason": "项目缓建", "withdrawn_by": "孙晓"}

    done = [await company.marketing.post(path, said, headers=once) for _ in range(2)]

    assert [one.status_code for one in done] == [200, 200]
    await eventually(
        lambda: company.marketing.get(f"/cases/{case.number}"), lambda told: told["line"]["state"] == "completed"
    )
    assert (await company.marketing.post(path, said, headers=key())).status_code == 409


async def test_a_withdrawal_is_taken_in_by_those_who_deal_with_customers(company: Company) -> None:
    case = await company.open()
    await case.task("accept_application")
    far = await company.site.person("far", county="宣化区")
    path = f"/cases/{case.number}/withdraw"

    assert (await company.officers["finance"].post(path, REASON, headers=key())).status_code == 403
    assert (await far.post(path, REASON, headers=key())).status_code == 404
