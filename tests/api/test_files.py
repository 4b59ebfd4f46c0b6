"""Files over HTTP: taken by their content, given back word for word to whoever may see them."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from tests.api.serving import Person, Site
from tests.api.test_journal import accepted
from tests.domain.test_file_kinds import CONTENTS, package

PDF = CONTENTS["PDF"]


async def put(person: Person, name: str, content: bytes, key: str = "f", **fields: Any) -> httpx.Response:
    """Somebody sends a file."""
    files, headers = {"file": (name, content)}, {"Idempotency-Key": key}
    return await person.send("POST", "/files", files=files, data=fields, headers=headers)


async def test_a_file_comes_back_under_its_own_name_as_a_download(here: Site) -> None:
    wang = await here.person("wang")
    told = (await put(wang, "营业执照.pdf", PDF)).json()

    answer = await wang.get(f"/files/{told['sha256']}")

    assert (told["media_type"], told["size"], told["by"]) == ("application/pdf", len(PDF), "wang")
    assert told["sha256"] == hashlib.sha256(PDF).hexdigest()
    assert answer.content == PDF
    name = "%E8%90%A5%E4%B8%9A%E6%89%A7%E7%85%A7.pdf"
    assert answer.headers["content-disposition"] == f"attachment; filename=\"____.pdf\"; filename*=UTF-8''{name}"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_file_of_nobodys_case_is_its_bringers_alone(here: Site) -> None:
    wang, li = await here.person("wang"), await here.person("li")
    sha256 = (await put(wang, "a.pdf", PDF)).json()["sha256"]

    answer = await li.get(f"/files/{sha256}")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:yekuo:problem:not-found")


async def test_a_file_of_a_case_is_for_those_who_see_the_case(working: Site) -> None:
    wang, li = await working.person("wang"), await working.person("li")
    far = await working.person("far", county="宣化区")
    case_no = await accepted(wang)
    sha256 = (await put(wang, "a.pdf", PDF, case_no=case_no)).json()["sha256"]

    assert (await li.get(f"/files/{sha256}")).content == PDF
    assert (await far.get(f"/files/{sha256}")).status_code == 404
    assert (await put(far, "a.pdf", PDF, case_no=case_no)).status_code == 404


async def test_a_file_sent_twice_under_one_key_is_one_upload(here: Site) -> None:
    wang = await here.person("wang")

    first, second = await put(wang, "a.pdf", PDF), await put(wang, "a.pdf", PDF)
    other = await put(wang, "b.pdf", PDF)

    assert first.json() == second.json()
    assert (other.status_code, other.json()["type"]) == (409, "urn:yekuo:problem:conflict")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ..."),
        ("a.pdf", CONTENTS["PNG"]),
        ("a.docx", package("word/document.xml", "word/vbaProject.bin")),
    ],
)
async def test_what_is_not_taken_is_refused_as_the_wrong_kind(here: Site, name: str, content: bytes) -> None:
    wang = await here.person("wang")

    answer = await put(wang, name, content)

    assert (answer.status_code, answer.json()["type"]) == (415, "urn:yekuo:problem:wrong-kind")


async def test_a_file_without_a_name_to_save_it_by_is_refused(here: Site) -> None:
    wang = await here.person("wang")

    answer = await put(wang, "x" * 300 + ".pdf", PDF)

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:yekuo:problem:invalid")


async def test_a_file_that_is_too_large_is_refused(here: Site) -> None:
    wang = await here.person("wang")

    answer = await put(wang, "a.pdf", PDF + bytes(21_000_000))

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:yekuo:problem:too-large")


async def test_a_file_that_was_changed_in_the_store_is_not_given_out(here: Site) -> None:
    wang = await here.person("wang")
    sha256 = (await put(wang, "a.pdf", PDF)).json()["sha256"]
    path = here.settings.file_store / sha256[:2] / sha256
    path.write_bytes(b"forged")

    damaged = await wang.get(f"/files/{sha256}")
    path.unlink()
    missing = await wang.get(f"/files/{sha256}")

    assert [one.status_code for one in (damaged, missing)] == [500, 500]
    assert [one.json()["type"] for one in (damaged, missing)] == ["urn:yekuo:problem:damaged"] * 2
