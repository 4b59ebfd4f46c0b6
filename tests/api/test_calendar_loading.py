"""A calendar that is loaded over HTTP goes to new cases and to all that run, to each of them once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.applications import EXAMPLE
from api.rights import Role
from domain.calendar import WorkingCalendar
from tests.api.serving import Person, Site, eventually
from tests.workflows.days_off import with_a_day_off


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    return with_a_day_off().to_json()


async def load(person: Person, content: dict[str, Any], key: str) -> dict[str, Any]:
    answer = await person.post("/calendars", {"content": content}, headers={"Idempotency-Key": key})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def opened(person: Person, key: str) -> str:
    """A case that stands at its first task."""
    answer = await person.post("/cases", EXAMPLE, headers={"Idempotency-Key": key})
    assert answer.status_code == 201, answer.text
    case_no = str(answer.json()["case_no"])
    await eventually(lambda: person.get(f"/cases/{case_no}"), lambda told: bool(told.get("holders")))
    return case_no


async def acts(person: Person, case_no: str) -> list[dict[str, Any]]:
    """The new calendars in a case's journal."""
    lines = (await person.get(f"/cases/{case_no}/journal", limit=1000)).json()["items"]
    return [line["data"] for line in lines if line["event"] == "act" and line["data"].get("act") == "new_calendar"]


async def test_every_running_case_gets_it_once_however_often_it_is_sent(alone: Site, content: dict[str, Any]) -> None:
    wang = await alone.person("wang")
    keepers = [await alone.person(name, Role.OPERATOR) for name in ("keeper", "deputy")]
    case_no = await opened(wang, "a")

    done = [await load(person, content, key) for person, key in zip([*keepers, keepers[0]], "aba", strict=True)]

    assert [(one["new"], one["told"], one["not_told"]) for one in done] == [
        (True, 1, []),
        (False, 1, []),
        (True, 1, []),  # the same key: the first answer
    ]
    await eventually(lambda: wang.get(f"/cases/{case_no}"), lambda told: bool(told.get("holders")))
    assert [one["by"] for one in await acts(wang, case_no)] == ["keeper"]


async def test_a_new_case_counts_by_it_from_the_start(alone: Site, content: dict[str, Any]) -> None:
    wang, keeper = await alone.person("wang"), await alone.person("keeper", Role.OPERATOR)
    first = await opened(wang, "a")
    due = (await wang.get(f"/cases/{first}")).json()["clocks"][0]["due"]
    await load(keeper, content, "a")

    second = await opened(wang, "b")

    assert (await wang.get(f"/cases/{second}")).json()["clocks"][0]["due"] > due


async def test_a_table_that_was_replaced_is_not_sent_by_a_late_repetition(alone: Site, content: dict[str, Any]) -> None:
    keeper = await alone.person("keeper", Role.OPERATOR)
    await load(keeper, content, "a")
    await load(keeper, WorkingCalendar.shipped().to_json(), "b")

    late = await load(keeper, content, "a")

    assert (late["version"]["version"], late["told"]) == (1, 0)
    assert late["warnings"][-1] == "第1版已被第2版取代，未再发往在办工单"


async def test_a_calendar_that_running_cases_will_not_take_is_warned_of(alone: Site, content: dict[str, Any]) -> None:
    keeper = await alone.person("keeper", Role.OPERATOR)
    fewer = {year: rows for year, rows in content.items() if year != "2023"}

    done = await load(keeper, fewer, "a")

    assert done["version"]["version"] == 1
    assert "在办工单不会换用" in done["warnings"][0]


async def test_the_years_that_were_sent_are_kept_as_they_were(alone: Site, content: dict[str, Any]) -> None:
    keeper = await alone.person("keeper", Role.OPERATOR)

    await load(keeper, dict(reversed(content.items())), "a")

    kept = (await keeper.get("/calendars/current")).json()["content"]
    assert json.dumps(kept) == json.dumps(content)
    compared = (await keeper.get("/calendars/compare", **{"from": "0"})).json()
    assert [row["cells"][1]["value"] for row in compared["added"]] == ["临时放假"]
