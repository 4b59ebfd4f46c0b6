"""The papers of a case over HTTP: listed, downloaded, signed copies beside them, damage told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx
import pytest_asyncio
from docx import Document as WordFile

from storage.documents import issue_document, void_documents
from storage.files import FileStore
from storage.papers import Paper, record_papers
from tests.api.serving import Person, Site
from tests.api.test_journal import accepted
from tests.domain.test_file_kinds import CONTENTS

NOW = datetime(2026, 3, 5, 2, tzinfo=UTC)


def word() -> bytes:
    """A Word file."""
    buffer = BytesIO()
    WordFile().save(buffer)
    return buffer.getvalue()


class Desk:
    """A case with two replies, the first void, and somebody who sees it."""

    def __init__(self, site: Site, person: Person, case_no: str) -> None:
        self.site, self.person, self.case_no = site, person, case_no

    async def papers(self) -> dict[str, Any]:
        told: dict[str, Any] = (await self.person.get(f"/cases/{self.case_no}/papers")).json()
        return told

    async def sign(self, paper: str, name: str, content: bytes, key: str, **fields: str) -> httpx.Response:
        files, headers = {"file": (name, content)}, {"Idempotency-Key": key}
        return await self.person.send("POST", f"/papers/{paper}/signed", files=files, data=fields, headers=headers)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(working: Site) -> Desk:
    """A case that has issued its reply twice."""
    wang = await working.person("wang")
    case_no = await accepted(wang)
    files = FileStore(working.settings.file_store)
    with working.database.transaction() as session:
        for key in ("31", "45"):
            issue_document(
                session,
                files,
                workflow_id=f"case/{case_no}",
                key=key,
                case_no=case_no,
                kind="supply_plan_reply",
                series="reply-2026",
                number_format="答复〔2026〕{n}号",
                model={},
                write=lambda number: word(),
                now=NOW,
            )
            if key == "31":
                void_documents(session, f"case/{case_no}", "40", "客户不同意", NOW)
    return Desk(working, wang, case_no)


async def test_papers_are_listed_with_what_became_of_them(desk: Desk) -> None:
    first, second = (await desk.papers())["issued"]

    assert (first["title"], first["number"], first["version"]) == ("供电方案答复单", "答复〔2026〕1号", 1)
    assert (first["status"], first["void_reason"]) == ("作废", "客户不同意")
    assert (second["status"], second["version"], second["signed"]) == ("有效", 2, [])


async def test_what_the_customer_handed_in_is_listed_with_its_last_valid_day_also_from_before(desk: Desk) -> None:
    with desk.site.database.transaction() as session:
        for case_no, paper in (("YK-old", Paper("立项批复", date(2027, 1, 1))), (desk.case_no, Paper("营业执照"))):
            record_papers(
                session,
                workflow_id=f"case/{case_no}",
                key="9",
                customer_id="C-0001",
                case_no=case_no,
                papers=[paper],
                now=NOW,
            )

    handed_in = (await desk.papers())["handed_in"]

    assert {(one["kind"], one["valid_until"], one["case_no"]) for one in handed_in} == {
        ("营业执照", None, desk.case_no),
        ("立项批复", "2027-01-01", "YK-old"),
    }


async def test_a_paper_is_downloaded_as_word_under_its_chinese_name(desk: Desk) -> None:
    paper = (await desk.papers())["issued"][1]

    answer = await desk.person.get(f"/papers/{paper['id']}/content")

    assert WordFile(BytesIO(answer.content)).paragraphs == []
    assert quote("供电方案答复单_答复〔2026〕2号.docx") in answer.headers["content-disposition"]


async def test_signed_copies_are_kept_beside_the_paper(desk: Desk) -> None:
    paper = (await desk.papers())["issued"][1]["id"]
    await desk.sign(paper, "签字页.pdf", CONTENTS["PDF"], "1", note="客户盖章")
    await desk.sign(paper, "签字页.jpg", CONTENTS["JPEG"], "2")

    copies = (await desk.person.get(f"/papers/{paper}/signed")).json()
    first = await desk.person.get(f"/papers/{paper}/signed/{copies[0]['sha256']}")

    assert [(one["name"], one["note"], one["by"]) for one in copies] == [
        ("签字页.pdf", "客户盖章", "wang"),
        ("签字页.jpg", "", "wang"),
    ]
    assert first.content == CONTENTS["PDF"]
    assert (await desk.papers())["issued"][1]["signed"] == copies


async def test_a_signed_copy_is_a_scan_or_a_picture(desk: Desk) -> None:
    paper = (await desk.papers())["issued"][1]["id"]

    answer = await desk.sign(paper, "合同.docx", word(), "1")

    assert (answer.status_code, answer.json()["type"]) == (415, "urn:yekuo:problem:wrong-kind")


async def test_a_damaged_paper_is_told_and_recorded_until_it_is_whole_again(desk: Desk) -> None:
    paper = (await desk.papers())["issued"][1]
    path = FileStore(desk.site.settings.file_store).path(paper["sha256"])
    whole = path.read_bytes()
    path.write_bytes(b"forged")

    answer = await desk.person.get(f"/papers/{paper['id']}/content")
    recorded = (await desk.papers())["issued"][1]["fault"]
    path.write_bytes(whole)
    await desk.person.get(f"/papers/{paper['id']}/content")

    assert (answer.status_code, answer.json()["type"]) == (500, "urn:yekuo:problem:damaged")
    assert recorded == "damaged"
    assert (await desk.papers())["issued"][1]["fault"] == ""


async def test_papers_of_a_case_that_is_not_seen_are_not_there(desk: Desk) -> None:
    far = await desk.site.person("far", county="宣化区")
    paper = (await desk.papers())["issued"][1]["id"]

    answers = [await far.get(f"/papers/{one}/content") for one in (paper, "nonsense")]

    assert [one.status_code for one in answers] == [404, 404]
