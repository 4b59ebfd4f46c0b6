"""Deploying over HTTP: a good set becomes current over what is, a bad one never, and the way back is open."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.applications import EXAMPLE
from api.deployment import SHIPPED, read_folder
from api.rights import Role
from api.settings import ApiSettings
from tests.api.serving import Person, Site, eventually
from tests.bpmn.building import end, model_xml, process, start, user

Parts = list[tuple[str, bytes]]
ERRAND = model_xml(process(start(), user("T"), end(), flows=["start > T > end"], id_="errand"))
OTHER = ERRAND.replace('id="T"', 'id="T" name="去一趟"')


async def operator(here: Site) -> Person:
    return await here.person("keeper", Role.OPERATOR)


async def send(person: Person, parts: Parts, key: str = "a", note: str = "", **query: Any) -> httpx.Response:
    return await person.send(
        "POST",
        "/deployments",
        files=[("files", part) for part in parts],
        data={"note": note},
        params=query,
        headers={"Idempotency-Key": key},
    )


async def deployed(person: Person, key: str, **sources: str) -> dict[str, Any]:
    """These diagrams, by name without ending, deployed."""
    answer = await send(person, [(f"{name}.bpmn", text.encode()) for name, text in sources.items()], key)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def rolled_back(person: Person, number: int, key: str) -> httpx.Response:
    body = {"note": "退回"}
    return await person.post(f"/deployments/{number}/rollback", body, headers={"Idempotency-Key": key})


async def test_the_shipped_models_are_deployed_and_told_with_their_versions(here: Site) -> None:
    person = await operator(here)

    answer = await send(person, [(name, text.encode()) for name, text in read_folder(SHIPPED).items()], note="首次部署")

    one = answer.json()["deployment"]
    assert (one["id"], one["note"], one["deployed_by"], one["rolls_back"]) == (1, "首次部署", "keeper", None)
    shipped = {path.stem: 1 for path in SHIPPED.glob("*.bpmn")}
    assert {row["process"]: row["version"] for row in one["processes"]} == shipped
    assert answer.json()["changed"] == [row["file"] for row in one["files"]]


async def test_the_same_files_again_are_no_new_deployment(here: Site) -> None:
    person = await operator(here)
    first = await deployed(person, "a", errand=ERRAND)

    again, repeated = await deployed(person, "b", errand=ERRAND), await deployed(person, "a", errand=ERRAND)

    assert (again["new"], again["changed"], again["deployment"]["id"]) == (False, [], 1)
    assert repeated == first


async def test_a_key_that_came_with_other_files_is_a_conflict(here: Site) -> None:
    person = await operator(here)
    await deployed(person, "a", errand=ERRAND)

    answer = await send(person, [("errand.bpmn", OTHER.encode())], "a")

    assert (answer.status_code, answer.json()["type"]) == (409, "urn:yekuo:problem:conflict")


async def test_a_faulty_file_is_refused_by_line_and_element_and_nothing_changes(here: Site) -> None:
    person = await operator(here)
    await deployed(person, "a", errand=ERRAND)
    faulty = ERRAND.replace("bpmn:userTask", "bpmn:complexGateway")

    answer = await send(person, [("errand.bpmn", faulty.encode()), ("more.form", b"{}")], "b")

    told = answer.json()
    assert (answer.status_code, told["type"], told["title"]) == (422, "urn:yekuo:problem:faulty-model", "流程文件有误")
    fields = [one["field"] for one in told["errors"]]
    assert any(field.startswith("errand.bpmn:") and field.endswith(" T") for field in fields)
    assert any(field.startswith("more.form") for field in fields)
    assert (await person.get("/definitions/bpmn/errand")).text == ERRAND
    assert len((await person.get("/deployments")).json()["items"]) == 1


async def test_a_dry_run_says_what_would_change_or_is_wrong_and_changes_nothing(here: Site) -> None:
    person = await operator(here)
    await deployed(person, "a", errand=ERRAND)
    parts = [("errand.bpmn", OTHER.encode()), ("same.bpmn", ERRAND.replace('"errand"', '"same"').encode())]

    good = await send(person, parts, dry_run=True)
    bad = await send(person, [("errand.bpmn", b"<broken")], dry_run=True)

    assert good.json() == {"new": False, "changed": ["errand.bpmn", "same.bpmn"], "deployment": None}
    assert (bad.status_code, bad.json()["type"]) == (422, "urn:yekuo:problem:faulty-model")
    assert [one["key"] for one in (await person.get("/definitions")).json()["items"]] == ["errand"]


@pytest.mark.parametrize(
    ("parts", "place", "words"),
    [
        ([("a/errand.bpmn", b"x")], "a/errand.bpmn", "不应带有文件夹"),
        ([("..\\errand.bpmn", b"x")], "..\\errand.bpmn", "不应带有文件夹"),
        ([("errand.txt", b"x")], "errand.txt", "结尾"),
        ([(".bpmn", b"x")], ".bpmn", "结尾"),
        ([("errand.BPMN", b"x")], "errand.BPMN", "结尾"),
        ([("err\u200band.bpmn", b"x")], "err�and.bpmn", "不可打印"),
        ([(f"{'a' * 101}.bpmn", b"x")], f"{'a' * 101}.bpmn", "超过100字"),
        ([("errand.bpmn", "流程".encode("gbk"))], "errand.bpmn", "不是 UTF-8"),
        ([("errand.bpmn", b"<a>\0</a>")], "errand.bpmn", "NUL"),
        ([("errand.bpmn", b"x"), ("errand.bpmn", b"y")], "errand.bpmn", "同名"),
    ],
)
async def test_what_cannot_be_a_model_file_is_refused_by_its_name(
    here: Site, parts: Parts, place: str, words: str
) -> None:
    answer = await send(await operator(here), parts)

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:yekuo:problem:faulty-model")
    assert any(one["field"] == place and words in one["message"] for one in answer.json()["errors"])


async def test_no_file_at_all_is_refused(here: Site) -> None:
    answer = await send(await operator(here), [], note="空")

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:yekuo:problem:invalid")
    assert answer.json()["errors"] == [{"field": "files", "message": "未填写"}]


async def test_more_than_is_taken_is_refused(here: Site) -> None:
    answer = await send(await operator(here), [("big.bpmn", b" " * ApiSettings().largest_deployment)])

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:yekuo:problem:too-large")


@pytest.mark.parametrize("content", [b"[" * 200_000, b"{" * 50_000, b"<a>" * 100_000, b"\xef\xbb\xbf", b"", b'"x"'])
@pytest.mark.parametrize("name", ["a.form", "a.bpmn", "a.dmn"])
async def test_what_makes_no_sense_is_refused_and_never_an_error_of_ours(here: Site, name: str, content: bytes) -> None:
    answer = await send(await operator(here), [(name, content)])

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:yekuo:problem:faulty-model")


async def test_rolling_back_makes_an_older_state_current_as_a_new_deployment(here: Site) -> None:
    person = await operator(here)
    await deployed(person, "a", errand=ERRAND)
    await deployed(person, "b", errand=OTHER, later=ERRAND.replace('"errand"', '"later"'))

    answer = await rolled_back(person, 1, "c")

    one = answer.json()["deployment"]
    assert (one["id"], one["rolls_back"], one["note"], one["deployed_by"]) == (3, 1, "退回", "keeper")
    assert (await person.get("/definitions/bpmn/errand")).text == ERRAND
    assert (await person.get("/definitions/bpmn/later")).status_code == 404
    assert (await person.get("/definitions/bpmn/later", version=1)).status_code == 200
    assert (await rolled_back(person, 1, "c")).json() == answer.json()
    assert (await rolled_back(person, 7, "d")).status_code == 404


async def test_deployments_are_listed_newest_first_a_page_at_a_time(here: Site) -> None:
    person = await operator(here)
    for number, text in enumerate((ERRAND, OTHER, ERRAND)):
        await deployed(person, str(number), errand=text)

    page = (await person.get("/deployments", limit=2)).json()
    following = (await person.get("/deployments", limit=2, after=page["next"])).json()

    assert [[one["id"] for one in found["items"]] for found in (page, following)] == [[3, 2], [1]]
    assert (await person.get("/deployments/2")).json()["processes"] == [
        {"process": "errand", "version": 2, "changed": True}
    ]


async def test_sources_come_back_word_for_word_with_their_media_types(working: Site) -> None:
    person = await operator(working)
    wanted = {"energization.bpmn": "application/xml", "classify_case.dmn": "application/xml"}
    wanted["supply_plan.form"] = "application/json"

    for name, media_type in wanted.items():
        key, _, kind = name.rpartition(".")
        answer = await person.get(f"/definitions/{kind}/{key}")
        assert answer.content == (SHIPPED / name).read_bytes()
        assert answer.headers["content-type"].partition(";")[0] == media_type


async def test_current_sources_and_the_versions_of_one_are_listed_a_page_at_a_time(here: Site) -> None:
    person = await operator(here)
    await deployed(person, "a", errand=ERRAND, other=ERRAND.replace('"errand"', '"other"'))
    await deployed(person, "b", errand=OTHER)

    page = (await person.get("/definitions", limit=1)).json()
    following = (await person.get("/definitions", limit=1, after=page["next"])).json()
    versions = (await person.get("/definitions/bpmn/errand/versions")).json()["items"]

    assert [(one["items"][0]["key"], one["items"][0]["version"]) for one in (page, following)] == [
        ("errand", 2),
        ("other", 1),
    ]
    assert following["next"] is None
    assert [one["version"] for one in versions] == [2, 1]
    assert (await person.get("/definitions/bpmn/errand", version=1)).text == ERRAND


async def test_a_running_case_stays_with_what_it_was_started_with(working: Site) -> None:
    person, wang = await operator(working), await working.person("wang")

    async def opened(key: str) -> dict[str, Any]:
        answer = await wang.post("/cases", EXAMPLE, headers={"Idempotency-Key": key})
        case_no = answer.json()["case_no"]
        return await eventually(lambda: wang.get(f"/cases/{case_no}"), lambda told: bool(told.get("holders")))

    before = await opened("a")
    renamed = read_folder(SHIPPED)["hv_connection.bpmn"].replace('name="业务受理"', 'name="受理用电申请"')
    await deployed(person, "a", hv_connection=renamed)
    after = await opened("b")
    still = (await wang.get(f"/cases/{before['line']['case_no']}")).json()

    told = [(one["processes"][0]["version"], one["holders"][0]["name"]) for one in (before, still, after)]
    assert told == [(1, "业务受理"), (1, "业务受理"), (2, "受理用电申请")]


async def test_who_may_only_read_deploys_nothing(here: Site) -> None:
    officer = await here.person("officer")

    answers = [await send(officer, [("a.bpmn", b"x")]), await rolled_back(officer, 1, "a")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert (await officer.get("/deployments")).json()["items"] == []
