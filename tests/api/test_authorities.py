"""The table of authorities over HTTP: who is refused by which rule, and how a new table moves what is to be done."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from temporalio.testing import WorkflowEnvironment

from api.cases import start_case
from api.deployment import deploy
from api.rights import Role
from api.spreading import running_cases, spread_authority
from domain.authority import AuthorityTable
from storage.rules import RuleKind, current_rule
from tests.api.serving import Person, Site, eventually
from tests.workflows.authorities import delegated, table, withdrawn
from tests.workflows.office import MODELS

_keys = count(1)


def key() -> dict[str, str]:
    return {"Idempotency-Key": f"act-{next(_keys)}"}


async def load(person: Person, content: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = await person.post("/authority", {"content": content}, headers=headers or key())
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def opened(here: Site, server: WorkflowEnvironment) -> str:
    """A case of 110kV whose connection system is to be reviewed; answers its number."""
    deploy(here.database, {"reviewing.bpmn": (MODELS / "reviewing.bpmn").read_text("utf-8")}, datetime.now(UTC))
    number = f"YK-{uuid4()}"
    variables = {"caseNo": number, "voltageKv": 110, "county": "开发区"}
    case = await start_case(server.client, here.database, here.task_queue, "reviewing", variables)

    async def is_listed() -> bool:
        return case.id in [one async for one in running_cases(server.client)]

    while not await is_listed():
        await asyncio.sleep(0.05)
    return number


async def task_of(person: Person, case_no: str) -> dict[str, Any]:
    """The task of the case in somebody's inbox, as soon as it is there."""

    def lines(page: dict[str, Any]) -> list[dict[str, Any]]:
        return [one for one in page["items"] if one["case_no"] == case_no]

    page = await eventually(lambda: person.get("/inbox", view="department"), lambda page: bool(lines(page)))
    return lines(page)[0]


async def officers(here: Site) -> tuple[Person, Person]:
    """An officer of the city's planning department, and one of the province's."""
    city = await here.person("zhou", departments=["planning"])
    return city, await here.person("zheng", departments=["province_planning"], county="")


async def test_an_officer_of_the_province_is_refused_what_is_delegated_by_the_rule(
    working: Site, dev_server: WorkflowEnvironment
) -> None:
    city, province = await officers(working)
    case_no = await opened(working, dev_server)
    task = await task_of(city, case_no)

    bodies: dict[str, Any] = {"claim": {}, "complete": {"data": {}}}
    answers = [await province.post(f"/tasks/{task['id']}/{act}", bodies[act], headers=key()) for act in bodies]

    for answer in answers:
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (403, "urn:yekuo:problem:forbidden")
        assert problem["detail"] == (
            "110kV接入系统方案审查由市公司发展部办理"
            "（依据 示例文号：省发展部〔2021〕1号，2021-07-01起，规则未核实），省公司发展部不能办理"
        )
    done = await city.post(f"/tasks/{task['id']}/complete", {"data": {}}, headers=key())
    assert done.status_code == 200, done.text


async def test_an_approval_that_is_dated_back_is_a_wrong_field(working: Site, dev_server: WorkflowEnvironment) -> None:
    city, _ = await officers(working)
    case_no = await opened(working, dev_server)
    task = await task_of(city, case_no)

    dated = {"data": {}, "happened_at": "2021-06-30T10:00:00+08:00", "late_reason": "补录"}
    answer = await city.post(f"/tasks/{task['id']}/complete", dated, headers=key())

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, "happened_at")
    assert error["message"].startswith("业务时间2021-06-30：110kV接入系统方案审查由省公司发展部办理")


async def test_a_table_that_is_loaded_moves_a_task_into_the_inbox_of_the_right_level(
    alone: Site, own_server: WorkflowEnvironment
) -> None:
    city, province = await officers(alone)
    keeper = await alone.person("keeper", Role.OPERATOR)
    case_no = await opened(alone, own_server)
    await task_of(city, case_no)

    done = await load(keeper, withdrawn())
    again = await load(keeper, withdrawn())

    task = await task_of(province, case_no)
    assert [(one["new"], one["told"], one["not_told"]) for one in (done, again)] == [(True, 1, []), (False, 1, [])]
    assert task["departments"] == ["province_planning"]
    lines = (await city.get(f"/cases/{case_no}/journal", limit=1000)).json()["items"]
    (told,) = [line for line in lines if line["data"].get("act") == "new_authority"]
    assert told["words"] == (
        "keeper送来新的授权表（取消：110kV接入系统方案审查（市公司发展部，授权））：本案适用的权限有变动"
    )
    assert (await province.post(f"/tasks/{task['id']}/claim", {}, headers=key())).status_code == 200


async def test_a_new_case_decides_by_the_table_loaded_last(alone: Site, own_server: WorkflowEnvironment) -> None:
    _, province = await officers(alone)
    keeper = await alone.person("keeper", Role.OPERATOR)
    await load(keeper, withdrawn())

    case_no = await opened(alone, own_server)

    assert (await task_of(province, case_no))["departments"] == ["province_planning"]


async def test_a_version_that_reaches_a_case_after_a_later_one_is_not_taken(
    alone: Site, own_server: WorkflowEnvironment
) -> None:
    _, province = await officers(alone)
    keeper = await alone.person("keeper", Role.OPERATOR)
    case_no = await opened(alone, own_server)
    await load(keeper, delegated())
    with alone.database.session() as session:
        first = current_rule(session, RuleKind.AUTHORITY)
    assert first
    await load(keeper, withdrawn())
    first.sha256 = "as if it had not come before"

    (told,) = await spread_authority(own_server.client, first)

    assert told.remark == "较本案现用的授权表（第2版）旧，未作更改"
    assert await task_of(province, case_no)


async def test_a_table_that_was_replaced_is_not_sent_by_a_late_repetition(alone: Site) -> None:
    keeper = await alone.person("keeper", Role.OPERATOR)
    await load(keeper, withdrawn(), **{"Idempotency-Key": "first"})
    await load(keeper, delegated())

    late = await load(keeper, withdrawn(), **{"Idempotency-Key": "first"})

    assert (late["version"]["version"], late["told"]) == (1, 0)
    assert late["warnings"] == ["第1版已被第2版取代，未再发往在办工单"]


async def test_versions_are_listed_read_and_compared_for_people(alone: Site) -> None:
    keeper, officer = await alone.person("keeper", Role.OPERATOR), await alone.person("officer")
    ends = {"id": "review-110-delegated", "to": "2027-06-30"}
    await load(keeper, table(ends))

    listed = (await officer.get("/authority")).json()["items"]
    shipped, current = [(await officer.get(f"/authority/{name}")).json() for name in ("0", "current")]
    compared = (await officer.get("/authority/compare", **{"from": "0"})).json()

    assert [one["version"] for one in listed] == [1]
    assert AuthorityTable.from_json(shipped["content"]) == AuthorityTable.shipped()
    assert current["content"] == table(ends)
    assert compared == {
        "added": [],
        "removed": [],
        "changed": [
            {
                "key": "review-110-delegated",
                "title": "110kV接入系统方案审查（市公司发展部，授权）",
                "changes": [{"field": "to", "label": "截止日期", "old": None, "new": "2027-06-30"}],
            }
        ],
    }


async def test_an_account_of_the_province_is_of_no_county_and_sees_the_cases_of_all(
    working: Site, dev_server: WorkflowEnvironment
) -> None:
    boss = await working.person("boss", Role.ADMINISTRATOR)
    account = {"name": "郑", "departments": ["province_construction"], "password": "一个足够长的密码 2026"}

    refused = await boss.send("PUT", "/accounts/zheng", json={**account, "county": "开发区"})
    made = await boss.send("PUT", "/accounts/zheng", json=account)

    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"field": "county", "message": "省公司建设部不属于县区，应留空"}]
    assert made.status_code == 200, made.text
    case_no = await opened(working, dev_server)
    zheng = await working.person("zheng", departments=["province_construction"], county="")
    await eventually(lambda: zheng.get(f"/cases/{case_no}"), lambda told: told["line"]["county"] == "开发区")
