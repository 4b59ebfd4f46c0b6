"""The list of cases and its table: narrowed by the same parameters, the table safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from api.routes import case_table
from api.routes.case_table import HEADINGS, harmless
from domain.records import Record
from storage.journal import record_batch
from tests.api.serving import Person, Site, site
from tests.storage.journals import FIELDS, START, at, batch, opened, record


def given(here: Site, number: int, *more: Record, **fields: Any) -> str:
    """A case in the read model; answers its number."""
    own = replace(FIELDS, case_no=f"YK-{number:04d}", county="开发区", **fields)
    first = record(1, "case", "0", vars(own), element="p", type="process", name="p")
    task = opened(2, "5", candidateGroups=["marketing"])
    with here.database.transaction() as session:
        given = batch(first, task, *more, workflow_id=f"case/{own.case_no}", case_no=own.case_no)
        record_batch(session, given, START)
    return own.case_no


async def table(person: Person, **query: str) -> list[list[str]]:
    answer = await person.get("/cases.csv", **query)
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_the_table_has_chinese_headings_and_a_line_for_each_case(here: Site) -> None:
    clock = {"clock": "reply", "kind": "起算", "name": "答复", "at": at(3), "due": at(60), "department": "marketing"}
    case_no = given(here, 1, record(3, "clock", data=clock))
    wang = await here.person("wang")

    headings, line = await table(wang)

    told = dict(zip(headings, line, strict=True))
    assert tuple(headings) == HEADINGS
    assert (told["工单号"], told["状态"], told["颜色"]) == (case_no, "在办", "蓝")
    assert (told["到期"], told["结束"]) == ("2026-11-23 11:00", "")


async def test_the_table_is_narrowed_like_the_list(here: Site) -> None:
    given(here, 1, customer="恒源新材料有限公司")
    given(here, 2, customer="张北风电有限公司")
    wang, far = await here.person("wang"), await here.person("far", county="宣化区")
    query = {"text": "恒源", "due_until": "2030-01-01T00:00:00"}

    listed = (await wang.get("/cases", text="恒源")).json()["items"]

    assert [line[5] for line in (await table(wang, text="恒源"))[1:]] == ["恒源新材料有限公司"]
    assert [one["customer"] for one in listed] == ["恒源新材料有限公司"]
    assert (await wang.get("/cases", **query)).json()["items"] == []
    assert len(await table(far)) == 1
    assert len(await table(far, county="开发区")) == 1


async def test_the_table_goes_on_over_many_pages(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_table, "_PAGE", 2)
    numbers = [given(here, number) for number in range(1, 8)]
    wang = await here.person("wang")

    assert [line[0] for line in (await table(wang, order="number"))[1:]] == numbers


async def test_a_table_that_is_cut_short_says_so(
    dev_server: WorkflowEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YEKUO_API_TABLE_ROWS", "1")
    async with site(tmp_path, dev_server.client.service_client.config.target_host) as small:
        given(small, 1)
        given(small, 2)

        lines = await table(await small.person("wang"))

    assert (len(lines), lines[-1]) == (3, ["只列出前1件，请缩小范围"])


async def test_a_parameter_that_is_not_known_is_named(here: Site) -> None:
    wang = await here.person("wang")

    answers = [await wang.get(path, colour2="红") for path in ("/cases", "/cases.csv")]

    assert [one.status_code for one in answers] == [422, 422]
    assert [one.json()["errors"][0]["field"] for one in answers] == ["colour2", "colour2"]


@pytest.mark.parametrize("path", ["/cases", "/cases.csv"])
@pytest.mark.parametrize("moment", ["2026-03-05", "2026-03-05T10:00:00+08:00", "0001-01-01T00:00:00+14:00"])
async def test_lists_begin_at_days_and_at_moments(here: Site, path: str, moment: str) -> None:
    wang = await here.person("wang")

    assert (await wang.get(path, opened_from=moment)).status_code == 200


@pytest.mark.parametrize("moment", ["2026-02-30", "yesterday", "1772690000"])
async def test_what_is_no_moment_is_named(here: Site, moment: str) -> None:
    wang = await here.person("wang")

    answer = await wang.get("/cases", opened_from=moment)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "opened_from")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_an_ordinary_cell_stays_as_it_is() -> None:
    assert harmless("恒源=新材料") == "恒源=新材料"
