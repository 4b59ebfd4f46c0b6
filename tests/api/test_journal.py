"""A case's journal over HTTP: in words, in the language asked for, a page at a time."""

from __future__ import annotations

from typing import Any

from tests.api.serving import Person, Site, eventually
from tests.api.test_opening import opened


async def accepted(person: Person, key: str = "j") -> str:
    """The number of a case that stands at its acceptance, all of it recorded."""
    case_no = str((await opened(person, key))["case_no"])
    await eventually(lambda: person.get(f"/cases/{case_no}"), lambda told: bool(told.get("holders")))
    return case_no


async def all_pages(person: Person, case_no: str, **query: Any) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    after = ""
    while True:
        page = (await person.get(f"/cases/{case_no}/journal", after=after, **query)).json()
        entries += page["items"]
        if not page["next"]:
            return entries
        after = page["next"]


async def test_the_journal_says_what_happened_in_words(working: Site) -> None:
    wang = await working.person("wang")
    case_no = await accepted(wang)

    said = [one["words"] for one in await all_pages(wang, case_no)]

    assert said[0].startswith(f"收到恒源新材料有限公司的申请，工单{case_no}")
    assert "「业务受理」待办，由营销部办理" in said


async def test_the_journal_speaks_english_where_that_is_asked_for(working: Site) -> None:
    wang = await working.person("wang")
    case_no = await accepted(wang)

    answer = await wang.send("GET", f"/cases/{case_no}/journal", headers={"Accept-Language": "en"})

    assert "“业务受理” is to be done by marketing" in [one["words"] for one in answer.json()["items"]]


async def test_pages_of_the_journal_follow_each_other(working: Site) -> None:
    wang = await working.person("wang")
    case_no = await accepted(wang)

    whole, pages = await all_pages(wang, case_no), await all_pages(wang, case_no, limit=2)

    assert len(whole) > 4
    assert [one["seq"] for one in pages] == [one["seq"] for one in whole]


async def test_what_is_important_leaves_single_elements_out(working: Site) -> None:
    wang = await working.person("wang")
    case_no = await accepted(wang)

    events = [one["event"] for one in await all_pages(wang, case_no, important=True)]

    assert "opened" in events
    assert not {"scheduled", "subscribed"} & set(events)


async def test_a_place_of_nobodys_is_refused(working: Site) -> None:
    wang = await working.person("wang")
    case_no = await accepted(wang)

    answer = await wang.get(f"/cases/{case_no}/journal", after="nonsense")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:yekuo:problem:not-found")
