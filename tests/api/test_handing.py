"""Handing a task over, reminding of it and copying it, over HTTP: by whom it may be done, to whom, and each refusal."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from api.rights import Role
from storage.notices import notices_of
from tests.api.company import key
from tests.api.serving import Person, Site, eventually
from tests.api.small import begin, named
from tests.bpmn.building import end, process, start, user, zeebe
from tests.workflows.running import Running

ONE = process(
    start(), user("A", zeebe("assignmentDefinition", candidateGroups="marketing")), end(), flows=["start > A > end"]
)


@pytest_asyncio.fixture(loop_scope="session")
async def wang(working: Site) -> Person:
    for account in ("li", "team"):
        working.add(account)
    working.add("sun", county="东城县")
    working.add("gone", disabled=True)
    working.add("auditor", Role.AUDITOR)
    working.add("finance", departments=["finance"])
    working.add("boss", county="")
    return await working.person("wang")


@pytest_asyncio.fixture(loop_scope="session")
async def case(working: Site, dev_server: WorkflowEnvironment, wang: Person) -> Running:
    """A case with a task of the marketing department that the read model knows."""
    running = await begin(working, dev_server, ONE)
    task = await running.task("A")
    await eventually(lambda: wang.get(f"/tasks/{named(running)}~{task}"), lambda told: told["state"] == "open")
    return running


async def do(person: Person, case: Running, what: str, body: dict[str, Any]) -> httpx.Response:
    return await person.post(f"/tasks/{named(case)}~{await case.task('A')}/{what}", body, headers=key())


def told(site: Site, account: str, case: Running) -> list[str]:
    with site.database.session() as session:
        return [one.kind for one in notices_of(session, [account]) if one.workflow_id == case.id]


async def test_a_task_that_is_handed_over_is_the_other_s_to_complete(
    working: Site, wang: Person, case: Running
) -> None:
    task = await case.task("A")
    await do(wang, case, "claim", {})

    answer = await do(wang, case, "transfer", {"to": "li", "reason": "出差"})
    late = await do(wang, case, "complete", {})

    assert (answer.status_code, answer.json()["act"], answer.json()["by"]) == (200, "TransferTask", "wang")
    assert (late.status_code, late.json()["type"]) == (409, "urn:yekuo:problem:conflict")
    held = await eventually(lambda: wang.get(f"/tasks/{named(case)}~{task}"), lambda told: told["assignee"] == "li")
    assert held["state"] == "open"
    await case.complete("A", by="li")
    assert await case.outcome() == "completed"
    assert told(working, "li", case) == ["transferred"]


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("nobody", "没有可用的账号"),
        ("gone", "没有可用的账号"),
        ("sun", "不能查看开发区的工单"),
        ("auditor", "没有办理任务的权限"),
        ("finance", "该任务由 营销部 办理"),
    ],
)
async def test_a_task_goes_to_nobody_who_could_not_have_taken_it_on(
    wang: Person, case: Running, to: str, why: str
) -> None:
    answer = await do(wang, case, "transfer", {"to": to, "reason": "出差"})

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], why in error["message"]) == (422, "to", True)
    await case.handle.terminate()


async def test_others_do_not_hand_a_held_task_over(working: Site, wang: Person, case: Running) -> None:
    await do(wang, case, "claim", {})
    zhao = await working.person("zhao")

    answer = await do(zhao, case, "transfer", {"to": "li", "reason": "出差"})

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:yekuo:problem:forbidden")
    assert "可以转办的：wang（当前处理人）、head" in answer.json()["detail"]
    await case.handle.terminate()


async def test_a_reminder_goes_out_once_an_hour(working: Site, wang: Person, case: Running) -> None:
    first = await do(wang, case, "remind", {"text": "客户在催"})
    second = await do(wang, case, "remind", {})

    assert (first.status_code, first.json()["act"]) == (200, "RemindTask")
    assert (second.status_code, "可再次催办" in second.json()["detail"]) == (409, True)
    await case.complete("A", by="wang", groups=["marketing"])
    assert await case.outcome() == "completed"
    assert told(working, "team", case) == ["reminded"]


async def test_the_head_of_the_department_changes_when_a_task_is_due(
    working: Site, wang: Person, case: Running
) -> None:
    head = await working.person("head")
    body = {"due_date": "2026-03-09T17:00:00+08:00", "priority": 80, "reason": "客户在等"}
    path, once = f"/tasks/{named(case)}~{await case.task('A')}/update", key()

    first, again = [await head.post(path, body, headers=once) for _ in range(2)]
    other = await head.post(path, {**body, "priority": 90}, headers=once)
    taken_back = await do(head, case, "update", {"due_date": None, "reason": "不再催"})

    assert (first.status_code, first.json()["act"], first.json()["by"]) == (200, "UpdateTask", "head")
    assert again.json() == first.json()
    assert (other.status_code, taken_back.status_code) == (409, 200)
    (task,) = (await case.view())["tasks"]
    assert (task["due_date"], task["follow_up_date"], task["priority"]) == ("", "", 80)
    await case.handle.terminate()


async def test_a_task_is_not_changed_by_whoever_does_it(wang: Person, case: Running) -> None:
    answer = await do(wang, case, "update", {"priority": 80, "reason": "客户在等"})

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:yekuo:problem:forbidden")
    assert "由部门负责人变更；可以变更的：head" in answer.json()["detail"]
    await case.handle.terminate()


async def test_a_change_says_what_is_changed(working: Site, case: Running) -> None:
    answer = await do(await working.person("head"), case, "update", {"reason": "客户在等"})

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, "changes")
    await case.handle.terminate()


async def test_a_copy_is_in_the_list_of_each_who_got_it(working: Site, wang: Person, case: Running) -> None:
    zhao = await working.person("zhao", departments=["finance"])
    await do(wang, case, "copy", {"to": ["li", "zhao", "boss"], "text": "请知悉"})

    page = await eventually(lambda: zhao.get("/copies"), lambda page: bool(page["items"]))

    (line,) = page["items"]
    assert (line["id"], line["sent_by"], line["text"]) == (f"{named(case)}~{await case.task('A')}", "wang", "请知悉")
    assert page["next"] is None
    assert (await wang.get("/copies")).json()["items"] == []
    await case.handle.terminate()


async def test_each_account_that_may_not_know_of_the_case_is_named(wang: Person, case: Running) -> None:
    answer = await do(wang, case, "copy", {"to": ["li", "sun", "nobody"]})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["to.1", "to.2"]
    await case.handle.terminate()


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("transfer", {"to": "li"}),
        ("transfer", {"to": "", "reason": "出差"}),
        ("copy", {"to": []}),
        ("copy", {"to": "li"}),
        ("update", {"priority": 80}),
        ("update", {"priority": 101, "reason": "客户在等"}),
        ("update", {"due_date": "2026-03-09", "reason": "客户在等"}),
        ("update", {"assignee": "li", "reason": "客户在等"}),
        ("remind", {"text": 3}),
        ("remind", {"words": "快"}),
    ],
)
async def test_a_wrong_request_names_its_field(wang: Person, case: Running, what: str, body: dict[str, Any]) -> None:
    answer = await do(wang, case, what, body)

    assert answer.status_code == 422
    assert answer.json()["errors"]
    await case.handle.terminate()


async def test_a_task_of_another_county_is_not_there(working: Site, wang: Person, case: Running) -> None:
    far = await working.person("far", county="东城县")

    acts: dict[str, dict[str, Any]] = {
        "transfer": {"to": "li", "reason": "出差"},
        "update": {"priority": 80, "reason": "客户在等"},
        "remind": {},
        "copy": {"to": ["li"]},
    }
    for what, body in acts.items():
        assert (await do(far, case, what, body)).status_code == 404
    await case.handle.terminate()
