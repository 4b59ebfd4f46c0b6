"""The diagram of a case: the version it is pinned to, and its state now and before."""

from __future__ import annotations

from datetime import UTC, datetime

from api.deployment import SHIPPED, deploy, read_folder
from tests.api.serving import Site
from tests.api.test_journal import accepted


async def test_the_diagram_shows_where_a_case_stands(working: Site) -> None:
    wang = await working.person("wang")
    case_no = await accepted(wang)

    told = (await wang.get(f"/cases/{case_no}/diagram")).json()

    assert told["elements"]["accept_application"]["active"] == 1
    assert told["elements"]["application_received"]["completed"] == 1
    assert told["flows"]["Flow_application_received__classify_case"] == 1
    assert told["xml"] == read_folder(SHIPPED)["hv_connection.bpmn"]


async def test_before_a_case_was_opened_nothing_of_its_diagram_was_reached(working: Site) -> None:
    wang = await working.person("wang")
    case_no = await accepted(wang)

    told = (await wang.get(f"/cases/{case_no}/diagram", at="2020-01-01T00:00:00+08:00")).json()

    assert (told["elements"], told["flows"]) == ({}, {})


async def test_a_case_keeps_the_diagram_that_it_began_with(working: Site) -> None:
    wang = await working.person("wang")
    case_no = await accepted(wang)
    files = read_folder(SHIPPED)
    changed = files["hv_connection.bpmn"].replace('name="勘查派工"', 'name="派工"')
    deploy(working.database, {**files, "hv_connection.bpmn": changed}, datetime.now(UTC))

    own = await wang.send("GET", f"/cases/{case_no}/diagram", headers={"Accept": "application/xml"})

    assert own.headers["content-type"].startswith("application/xml")
    assert own.text == files["hv_connection.bpmn"]


async def test_a_process_that_the_case_has_not_is_not_found(working: Site) -> None:
    wang = await working.person("wang")
    case_no = await accepted(wang)

    answer = await wang.get(f"/cases/{case_no}/diagram", process="YK-1~other")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:yekuo:problem:not-found")
