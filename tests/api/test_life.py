"""Running cases are migrated, modified, suspended and resumed over HTTP, and migrated by a command."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from activities.starting import packed
from api.migrations import main
from api.rights import Role
from bpmn import read
from domain.records import CaseFields
from storage.bundles import deploy_bundle
from storage.cases import Case as CaseRow
from tests.api.company import key
from tests.api.serving import Person, Site, eventually
from tests.api.small import COUNTY, begin, house_of
from tests.bpmn.building import Shape, call, end, model_xml, process, service, start, user, zeebe
from tests.workflows.running import Running

SALES = zeebe("assignmentDefinition", candidateGroups="marketing")


def two(id_: str, second: str = "B") -> Shape:
    """A, then B (or another)."""
    return process(
        start(), user("A", SALES), user(second, SALES), end(), flows=[f"start > A > {second} > end"], id_=id_
    )


def stopped_short(id_: str) -> Shape:
    """A version that has no A any more."""
    return process(start(), service("job"), user("B", SALES), end(), flows=["start > job > B > end"], id_=id_)


def deploy(site: Site, model: Shape, times: int = 1) -> None:
    """Make this the current version: the second, where an older one is there or `times` says so."""
    payload, sha256 = packed(read(model_xml(model)).dump())
    with site.database.transaction() as session:
        for number in range(times):
            mark = sha256 if number == times - 1 else f"{number}"
            deploy_bundle(session, model.id, mark, payload, now=datetime.now(UTC))


@pytest_asyncio.fixture(loop_scope="session")
async def keeper(working: Site) -> Person:
    return await working.person("keeper", Role.OPERATOR, county="")


@pytest.fixture
def model_id() -> str:
    """A process of the test's own: batches find all of one."""
    return f"p{uuid4().hex}"


async def known(working: Site, case: Running) -> str:
    """The number of a case, once it stands in the read model with its first task."""
    await case.recorded("opened")
    with working.database.session() as session:
        row = session.get(CaseRow, case.id)
        assert row is not None
        return row.case_no


async def opened(working: Site, server: WorkflowEnvironment, model: Shape, county: str = COUNTY) -> tuple[Running, str]:
    case = await begin(working, server, model, county)
    await case.task("A")
    return case, await known(working, case)


async def post(person: Person, path: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = await person.post(path, body, headers=key())
    assert answer.status_code == status, answer.text
    return answer.json()


# -- another version -------------------------------------------------------------------------------------------------


async def test_a_case_is_looked_at_first_and_then_moved(
    working: Site, dev_server: WorkflowEnvironment, keeper: Person, model_id: str
) -> None:
    case, number = await opened(working, dev_server, two(model_id))
    deploy(working, two(model_id, "C"), times=2)

    seen = await post(keeper, f"/cases/{number}/migrate", {"reason": "新规实施"})
    moved = await post(keeper, f"/cases/{number}/migrate", {"reason": "新规实施", "dry_run": False})

    assert (seen["possible"], seen["version"], seen["done"]) == (True, 2, None)
    assert [(one["element"], one["target"]) for one in seen["moving"]] == [("A", "A")]
    assert (moved["done"]["act"], moved["done"]["by"]) == ("MigrateCase", "keeper")
    await case.complete("A", groups=["marketing"])
    await case.task("C")
    told = await eventually(
        lambda: keeper.get(f"/cases/{number}/journal", limit=1000), lambda page: bool(page["items"])
    )
    assert any(line["event"] == "version" and "换到第2版：新规实施" in str(line) for line in told["items"])
    await case.handle.terminate()


async def test_what_keeps_a_case_from_moving_is_told_and_it_stays_as_it_was(
    working: Site, dev_server: WorkflowEnvironment, keeper: Person, model_id: str
) -> None:
    case, number = await opened(working, dev_server, two(model_id))
    deploy(working, stopped_short(model_id), times=2)

    seen = await post(keeper, f"/cases/{number}/migrate", {"reason": "试试"})
    refused = await post(keeper, f"/cases/{number}/migrate", {"reason": "试试", "dry_run": False}, 409)

    assert [(one["kind"], one["element"]) for one in seen["faults"]] == [("target", "A")]
    assert refused["detail"] == "「A」新版本中没有与之对应的环节"
    await case.complete("A", groups=["marketing"])
    await case.task("B")
    await case.handle.terminate()


async def test_a_version_that_was_never_deployed_is_not_found(
    working: Site, dev_server: WorkflowEnvironment, keeper: Person, model_id: str
) -> None:
    case, number = await opened(working, dev_server, two(model_id))

    await post(keeper, f"/cases/{number}/migrate", {"reason": "试试"}, 404)
    await post(keeper, f"/cases/{number}/migrate", {"reason": "试试", "process": "none"}, 404)
    await post(keeper, "/migrations", {"reason": "试试", "process": model_id}, 404)
    await case.handle.terminate()


async def test_a_batch_answers_case_by_case_and_those_that_cannot_move_stay(
    working: Site, dev_server: WorkflowEnvironment, keeper: Person, model_id: str
) -> None:
    able, _ = await opened(working, dev_server, two(model_id))
    unable, _ = await opened(working, dev_server, two(model_id))
    await able.complete("A", groups=["marketing"])
    await able.task("B")
    deploy(working, stopped_short(model_id), times=2)
    body = {"reason": "新规实施", "process": model_id}

    seen = await post(keeper, "/migrations", body)
    done = await post(keeper, "/migrations", {**body, "dry_run": False})
    await able.recorded("version")
    after = await post(keeper, "/migrations", {**body, "dry_run": False})

    def became(batch: dict[str, Any]) -> dict[str, str]:
        return {one["process"]: one["became"] for one in batch["cases"]}

    names = [case.id.removeprefix("case/") for case in (able, unable)]
    assert became(seen) == dict(zip(names, ["possible", "refused"], strict=True))
    assert (became(done), done["good"], done["bad"]) == (dict(zip(names, ["moved", "refused"], strict=True)), 1, 1)
    assert became(after) == {names[1]: "refused"}
    for case in (able, unable):
        await case.handle.terminate()


async def test_a_batch_is_narrowed_by_county_version_and_number(
    working: Site, dev_server: WorkflowEnvironment, keeper: Person, model_id: str
) -> None:
    case, number = await opened(working, dev_server, two(model_id))
    deploy(working, two(model_id, "C"), times=2)

    async def found(**narrowed: Any) -> int:
        return len((await post(keeper, "/migrations", {"reason": "试试", "process": model_id, **narrowed}))["cases"])

    assert await found(county=COUNTY, from_versions=[1], case_nos=[number]) == 1
    assert await found(county="别处") == 0
    assert await found(from_versions=[7]) == 0
    assert await found(case_nos=["YK-none"]) == 0
    await case.handle.terminate()


async def test_a_keeper_of_a_county_moves_only_its_cases(
    working: Site, dev_server: WorkflowEnvironment, model_id: str
) -> None:
    case, number = await opened(working, dev_server, two(model_id))
    deploy(working, two(model_id, "C"), times=2)
    elsewhere = await working.person("elsewhere", Role.OPERATOR, county="东城县")

    batch = await post(elsewhere, "/migrations", {"reason": "试试", "process": model_id})
    await post(elsewhere, f"/cases/{number}/migrate", {"reason": "试试"}, 404)

    assert batch["cases"] == []
    await case.handle.terminate()


async def test_the_command_looks_first_and_moves_when_told_to(
    working: Site,
    dev_server: WorkflowEnvironment,
    model_id: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    case, _ = await opened(working, dev_server, two(model_id))
    deploy(working, two(model_id, "C"), times=2)
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server.client.service_client.config.target_host)
    monkeypatch.setenv("YEKUO_DATABASE_URL", working.settings.database)
    arguments = ["--process", model_id, "--by", "keeper", "--reason", "新规实施"]

    looked = await main([*arguments, "--map", "B=C"])
    went = await main([*arguments, "--go"])
    unknown = await main([*arguments, "--version", "9"])

    assert (looked, went, unknown) == (0, 0, 2)
    assert capsys.readouterr().out.splitlines() == [
        f"{case.id}（第1版）可以迁移",
        "共1件，不能迁移或未答复0件",
        f"{case.id}（第1版）已迁移",
        "共1件，不能迁移或未答复0件",
    ]
    await case.handle.terminate()


# -- tokens ----------------------------------------------------------------------------------------------------------


async def test_a_modification_is_looked_at_first_and_then_made(
    working: Site, dev_server: WorkflowEnvironment, keeper: Person, model_id: str
) -> None:
    case, number = await opened(working, dev_server, two(model_id))
    body = {"reason": "发错部门", "move": [{"key": await case.task("A"), "element": "B"}]}

    seen = await post(keeper, f"/cases/{number}/modify", {**body, "preview": True})
    made = await post(keeper, f"/cases/{number}/modify", body)

    assert ([one["element"] for one in seen["ended"]], [one["element"] for one in seen["begun"]]) == (["A"], ["B"])
    assert (seen["done"], made["done"]["act"]) == (None, "ModifyCase")
    await case.task("B")
    await case.handle.terminate()


async def test_a_modification_that_leaves_nothing_is_refused_and_ends_the_case_where_that_is_meant(
    working: Site, dev_server: WorkflowEnvironment, keeper: Person, model_id: str
) -> None:
    case, number = await opened(working, dev_server, two(model_id))
    body = {"reason": "重复报装", "cancel": [await case.task("A")]}

    seen = await post(keeper, f"/cases/{number}/modify", {**body, "preview": True})
    refused = await post(keeper, f"/cases/{number}/modify", body, 409)
    await post(keeper, f"/cases/{number}/modify", {**body, "ends": True})

    assert [one["kind"] for one in seen["faults"]] == ["empty"]
    assert "没有在办的环节" in refused["detail"]
    assert await case.outcome() == "terminated"


# -- standing still --------------------------------------------------------------------------------------------------


async def test_a_suspended_case_refuses_tasks_until_it_is_resumed(
    working: Site, dev_server: WorkflowEnvironment, keeper: Person, model_id: str
) -> None:
    case, number = await opened(working, dev_server, two(model_id))

    stopped = await post(keeper, f"/cases/{number}/suspend", {"reason": "客户要求暂缓"})
    twice = await post(keeper, f"/cases/{number}/suspend", {"reason": "客户要求暂缓"}, 409)
    refused = await case.refused("complete", {"task": await case.task("A"), "by": "w", "groups": ["marketing"]})
    await post(keeper, f"/cases/{number}/resume", {"reason": "客户同意继续"})
    await case.complete("A", groups=["marketing"])

    assert [(one["process"], one["state"]) for one in stopped] == [(case.id.removeprefix("case/"), "done")]
    assert twice["detail"] == "已经挂起"
    assert refused == "流程已挂起，恢复后才能办理"
    await case.handle.terminate()


async def test_the_processes_that_a_case_has_called_stand_still_with_it(
    working: Site, dev_server: WorkflowEnvironment, keeper: Person
) -> None:
    child = process(start("s"), user("A", SALES), end("e"), flows=["s > A > e"], id_="child")
    caller = process(start(), call("C", "child"), end(), flows=["start > C > end"])
    house_case = await begin_with(working, dev_server, caller, child)
    called = await house_case.the_child()
    await called.task("A")
    number = await known(working, called)

    stopped = await post(keeper, f"/cases/{number}/suspend", {"reason": "客户要求暂缓"})
    resumed = await post(keeper, f"/cases/{number}/resume", {"reason": "客户同意继续"})

    names = [case.id.removeprefix("case/").replace("/", "~") for case in (house_case, called)]
    assert [(one["process"], one["state"]) for one in stopped] == [(name, "done") for name in names]
    assert [(one["process"], one["state"]) for one in resumed] == [(name, "done") for name in names]
    await called.complete("A", groups=["marketing"])
    assert await house_case.outcome() == "completed"


async def begin_with(working: Site, server: WorkflowEnvironment, *models: Shape) -> Running:
    house = house_of(working, server)
    return await house.start(*models, case=CaseFields(f"YK-{uuid4()}", models[0].id, 1, county=COUNTY))
