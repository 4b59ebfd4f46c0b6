"""A company over HTTP: an officer in every department, and cases that they work on as the story of the demo tells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx

from api.applications import EXAMPLE
from demo.scenario import Act, read_scenario
from domain.departments import DEPARTMENTS, PROVINCE
from tests.api.serving import Person, Site, eventually

_keys = count(1)
BEGUN = read_scenario("10kv", (datetime.now(UTC) - timedelta(weeks=5)).date()).start
"""When the story began: some weeks ago, so that all of it that is told here has happened and is entered late."""
STORY = [act for act in read_scenario("10kv", BEGUN).acts if isinstance(act, Act)]

RECEIVED = {"receivedAt": (STORY[0].at - timedelta(minutes=10)).isoformat(), "lateReason": "补录"}
"""When the application of the story came in."""


def key() -> dict[str, str]:
    """The header of an act that nobody has sent before."""
    return {"Idempotency-Key": f"act-{next(_keys)}"}


def told(element: str) -> Act:
    """What the story tells of an element first."""
    return next(act for act in STORY if act.element == element)


def late(act: Act) -> dict[str, str]:
    """What an act of the story says of when it was done."""
    return {"happened_at": act.at.isoformat(), "late_reason": "补录"}


class Company:
    """One officer for each department, all of one county but those of the province."""

    def __init__(self, site: Site, officers: Mapping[str, Person]) -> None:
        self.site, self.officers = site, officers

    @classmethod
    async def of(cls, site: Site) -> Company:
        county = {name: "" if name in PROVINCE else "开发区" for name in DEPARTMENTS}
        return cls(site, {name: await site.person(name, departments=[name], county=county[name]) for name in county})

    @property
    def marketing(self) -> Person:
        return self.officers["marketing"]

    async def open(self, **fields: Any) -> Case:
        """A new case, as the story begins."""
        application = {**EXAMPLE, **RECEIVED, **fields}
        answer = await self.marketing.post("/cases", application, headers=key())
        assert answer.status_code == 201, answer.text
        return Case(self, answer.json()["case_no"])


class Case:
    """A case of the company."""

    def __init__(self, company: Company, number: str) -> None:
        self.company, self.number = company, number
        self._done: set[str] = set()

    async def view(self) -> dict[str, Any]:
        """All of it, as soon as it is there."""
        return await eventually(lambda: self.company.marketing.get(f"/cases/{self.number}"), lambda told: True)

    async def task(self, element: str) -> dict[str, Any]:
        """The open task of an element, as soon as there is one."""

        def found(told: dict[str, Any]) -> list[dict[str, Any]]:
            open_here = [one for one in told["holders"] if one["id"] not in self._done]
            return [one for one in open_here if one["element"] == element]

        told = await eventually(
            lambda: self.company.marketing.get(f"/cases/{self.number}"), lambda told: bool(found(told))
        )
        return found(told)[0]

    async def send(self, element: str, data: dict[str, Any], **fields: Any) -> httpx.Response:
        """What the officer of its department gets who completes the task of an element."""
        task = await self.task(element)
        officer = self.company.officers[task["departments"][0]]
        answer = await officer.post(f"/tasks/{task['id']}/complete", {"data": data, **fields}, headers=key())
        if answer.status_code == 200:
            self._done.add(task["id"])  # the list of holders follows the case by a moment
        return answer

    async def complete(self, element: str, data: dict[str, Any], **fields: Any) -> dict[str, Any]:
        """The officer of its department completes the task of an element."""
        answer = await self.send(element, data, **fields)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    async def play(self, until: str) -> None:
        """Does what the story tells, up to where the task of the element `until` is open for the first time."""
        for act in STORY:
            if act.element == until:
                break
            await self.complete(act.element, act.data, **late(act))
        await self.task(until)
