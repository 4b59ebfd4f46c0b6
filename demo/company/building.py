"""Builds the sample company through the API, as its own officers would: accounts, posts, and what each does in a case.

What is there already stays: a second run, or one after a run that was broken off, adds only what is missing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from demo.client import Client, Refusal
from demo.company.people import PASSWORD, Person, of_county, post_table
from demo.company.stories import REASON, Row, Story, story
from domain.chinese import BUSINESS_ZONE
from domain.posts import PostTable

AT_ONCE = 6
"""How many cases are worked on at the same time."""
PATIENCE = 60.0
"""Seconds within which a case must have come to its next step."""
_PAUSE = 0.1
_REMINDING = "remind_papers"


class Stuck(Exception):
    """A case does not come to the step that its story goes on with."""


class Company:
    """The sample company behind one address. `say` is told of each case that has come to where it stands."""

    def __init__(self, http: httpx.AsyncClient, people: Sequence[Person], say: Callable[[str], None]) -> None:
        self._people, self._say = people, say
        self._clients = {person.account: Client(http, person.account, PASSWORD) for person in people}

    def client(self, account: str) -> Client:
        """The requests of one of its people."""
        return self._clients[account]

    async def employ(self, administrator: str, operator: str) -> None:
        """Give everybody an account and fill the posts."""
        for person in self._people:
            if person.account != administrator:
                await self.client(administrator).put(f"/accounts/{person.account}", person.as_account())
        table = post_table(self._people, PostTable.shipped().to_json().get("quiet"))
        await self.client(operator).post("/posts", {"content": table, "note": "示例公司"}, key="sample posts")

    async def work(self, rows: Sequence[Row], day: date) -> dict[str, str]:
        """Bring every case to where it stands at the end of that working day; answers the case numbers by key.

        The cases of one customer come one after the other, as the papers of the first are good for the next.
        """
        free = asyncio.Semaphore(AT_ONCE)

        async def of_customer(group: list[Row]) -> dict[str, str]:
            numbers = {}
            for row in group:
                async with free:
                    numbers[row.key] = await self._play(story(row, of_county(self._people, row.county), day))
            return numbers

        groups: dict[str, list[Row]] = {}
        for row in rows:
            groups.setdefault(row.customer_id, []).append(row)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(of_customer(group)) for group in groups.values()]
        return {key: number for one in running for key, number in one.result().items()}

    async def _play(self, story: Story) -> str:
        row = story.row
        desk = self.client(of_county(self._people, row.county)["marketing.desk"].account)
        case_no = str((await desk.post("/cases", story.application, key=f"sample {row.key}"))["case_no"])
        done = await completed(desk, case_no)
        seen: set[str] = set()
        for number, act in enumerate(story.acts, 1):
            if done[act.element]:
                done[act.element] -= 1
                continue
            officer = self.client(act.by)
            own = next(person.departments for person in self._people if person.account == act.by)
            task = await task_of(officer, own, case_no, act.element, seen)
            body = {"data": act.data, "happened_at": act.at.isoformat(), "late_reason": REASON}
            await officer.post(f"/tasks/{task}/complete", body, key=f"sample {row.key} {number}")
            seen.add(task)
        if row.withdrawn:
            await desk.post(f"/cases/{case_no}/withdraw", {"reason": row.withdrawn}, key=f"sample {row.key} withdrawn")
        await self._remind(desk, row, case_no)
        if not row.until:
            await self._close(row, case_no)
        self._say(f"{row.key}  {case_no}  {row.county}  {row.customer}")
        return case_no

    async def _remind(self, desk: Client, row: Row, case_no: str) -> None:
        """Say that the customer was reminded of missing papers, where the diagram asks for that meanwhile."""
        for task in await open_tasks(desk, case_no):
            if task["element"] == _REMINDING:
                data = {
                    "remindedOn": datetime.now(BUSINESS_ZONE).date().isoformat(),
                    "reminderMethod": "电话",
                    "reminderTo": row.contact,
                    "reminderResult": "资料当日补齐",
                }
                try:
                    await desk.post(f"/tasks/{task['id']}/complete", {"data": data}, key=f"sample {task['id']}")
                except Refusal as refused:
                    if refused.kind != "conflict":  # with a case that ends its tasks are gone
                        raise

    async def _close(self, row: Row, case_no: str) -> None:
        """Have the head of the company answer the orders that a case still has: it closes with the last of them."""
        officers = of_county(self._people, row.county)
        head, desk = self.client(officers["director"].account), self.client(officers["marketing.desk"].account)
        end = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < end:
            if (await head.get(f"/cases/{case_no}"))["line"]["state"] == "completed":
                return
            async for order in head.every("/orders", whose="all", limit=200):
                if order["case_no"] == case_no:
                    place = f"{order['process']}/{order['clock']}"
                    await head.post(f"/orders/{place}/answer", _answer(), key=f"sample {place}")
            await self._remind(desk, row, case_no)
            await asyncio.sleep(_PAUSE)
        raise Stuck(f"工单 {case_no} 没有办结")


async def task_of(officer: Client, own: Collection[str], case_no: str, element: str, seen: Collection[str] = ()) -> str:
    """The open task of an element that is for one of these departments, but for those `seen`. Raises `Stuck` where
    none comes up."""
    end = asyncio.get_running_loop().time() + PATIENCE
    holders: list[dict[str, Any]] = []
    while asyncio.get_running_loop().time() < end:
        holders = await open_tasks(officer, case_no)
        for task in holders:
            if task["element"] == element and task["id"] not in seen and {*own} & {*task["departments"]}:
                return str(task["id"])
        await asyncio.sleep(_PAUSE)
    standing = "、".join(task["name"] for task in holders) or "无"
    raise Stuck(f"工单 {case_no} 没有到 {element}（{officer.account}）；现有待办：{standing}")


def _answer() -> dict[str, str]:
    promised = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return {"cause": "staff", "promised": promised.isoformat(), "text": "已办结，归档资料补录完毕"}


async def open_tasks(client: Client, case_no: str) -> list[dict[str, Any]]:
    """The open tasks of a case; none as long as it is so new that it cannot be looked at."""
    try:
        holders: list[dict[str, Any]] = (await client.get(f"/cases/{case_no}"))["holders"]
    except Refusal as refused:
        if refused.status != httpx.codes.NOT_FOUND:
            raise
        return []
    return holders


async def completed(client: Client, case_no: str) -> Counter[str]:
    """How often each element's task has been done."""
    try:
        lines: list[dict[str, Any]] = [line async for line in client.every(f"/cases/{case_no}/journal", limit=500)]
    except Refusal as refused:
        if refused.status != httpx.codes.NOT_FOUND:
            raise
        return Counter()
    return Counter(str(line["element"]) for line in lines if line["event"] == "closed")
