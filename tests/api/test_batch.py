"""Many acts in one request are answered one by one, and none is harmed by another."""

from __future__ import annotations

from typing import Any, get_args

import pytest_asyncio

from api.app import create_app
from api.models import ActDone
from api.rights import Role
from api.routes.batch import ACTS
from tests.api.company import STORY, Case, Company, key, late, told
from tests.api.serving import Person, Site
from tests.api.test_problems import routes


@pytest_asyncio.fixture(loop_scope="session")
async def company(working: Site) -> Company:
    return await Company.of(working)


def own() -> str:
    return key()["Idempotency-Key"]


def item(act: str, **fields: Any) -> dict[str, Any]:
    return {"act": act, "key": own(), **fields}


async def do(person: Person, *items: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await person.post("/acts", {"items": list(items)})
    assert answer.status_code == 200, answer.text
    done: list[dict[str, Any]] = answer.json()["items"]
    return done


async def accepting(case: Case) -> dict[str, Any]:
    """The act that accepts the application of a case."""
    act = told("accept_application")
    return item("complete", task=(await case.task(act.element))["id"], data=act.data, **late(act))


async def test_a_bad_item_does_not_harm_the_others(company: Company) -> None:
    cases = [await company.open() for _ in range(3)]
    good = [await accepting(case) for case in cases]
    bad = [
        item("complete", task=good[1]["task"], data={}),
        item("claim", task="nothing"),
        item("acknowledge", process=cases[0].number, clock="supply_plan_reply", level="L9"),
        item("dance"),
        {"act": "claim", "task": good[1]["task"]},
    ]

    done = await do(company.marketing, good[0], *bad, good[1], good[2])

    assert [one["index"] for one in done] == list(range(8))
    assert [one["status"] for one in done] == [200, 422, 404, 422, 422, 422, 200, 200]
    assert all((one["problem"] is None) == (one["status"] == 200) for one in done)
    assert [one["field"].rpartition(".")[2] for one in done[3]["problem"]["errors"]] == ["level"]
    for case in cases:
        await case.task("give_notice")


async def test_acts_on_one_case_are_done_in_their_order(company: Company) -> None:
    case = await company.open()
    accept = await accepting(case)
    path = {"task": accept["task"]}

    done = await do(
        company.marketing,
        item("claim", **path),
        item("release", **path),
        item("claim", **path),
        accept,
        item("release", **path),
    )

    assert [one["status"] for one in done] == [200, 200, 200, 200, 409]
    assert [one["result"]["act"] for one in done[:4]] == ["ClaimTask", "ReleaseTask", "ClaimTask", "CompleteTask"]


async def test_the_same_items_again_are_answered_the_same(company: Company) -> None:
    case = await company.open()
    items = [await accepting(case), item("withdraw", case_no=case.number, reason="项目缓建")]

    first = await do(company.marketing, *items)
    again = await do(company.marketing, *items)

    assert [one["status"] for one in first] == [200, 200]
    assert [one["result"] for one in again] == [one["result"] for one in first]


async def test_a_step_is_taken_back_among_other_acts(company: Company) -> None:
    case = await company.open()
    await case.play("call_joint_review")
    drafted = next(act for act in STORY if act.element == "draft_supply_plan")

    (done,) = await do(company.marketing, item("take_back", process=case.number, reason="保护配置有误"))

    assert done["status"] == 200
    await case.complete("draft_supply_plan", drafted.data, **late(drafted))


async def test_every_item_needs_its_own_right(here: Site) -> None:
    auditor = await here.person("audit", Role.AUDITOR)

    done = await do(
        auditor, item("claim", task="YK-1~6"), item("acknowledge", process="YK-1", clock="reply", level="L1")
    )

    assert [one["status"] for one in done] == [403, 403]


async def test_no_more_than_a_hundred_and_not_none(here: Site) -> None:
    wang = await here.person("wang")
    one = item("claim", task="YK-1~6")

    assert (await wang.post("/acts", {"items": [one] * 101})).status_code == 422
    assert (await wang.post("/acts", {"items": []})).status_code == 422
    assert [one["status"] for one in await do(wang, *[one] * 100)] == [404] * 100


def test_every_act_can_be_one_of_many() -> None:
    alone = {route.name for route in routes(create_app()) if route.response_model is ActDone}
    of_many = {get_args(kind.model_fields["act"].annotation)[0] for kind in ACTS}

    assert of_many == alone


async def test_a_task_is_handed_about_among_many(company: Company) -> None:
    task = (await (await company.open()).task("accept_application"))["id"]
    await company.site.person("li", departments=["marketing"])

    done = await do(
        company.marketing,
        item("copy", task=task, to=["li"], text="供参考"),
        item("remind", task=task),
        item("update", task=task, priority=80, reason="客户在等"),
        item("transfer", task=task, to="li", reason="出差"),
        item("claim", task=task),
    )

    assert [one["status"] for one in done] == [200, 200, 403, 200, 409]
