"""Officers who do what a story says: each looks into the inbox of the departments and completes what stands there.

The `Book` of a case says what is to be entered for each element, in the order of the story; which officer enters it
follows from the department that the task is for.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Protocol

from demo.client import Client, Refusal
from demo.scenario import Act, Scenario
from domain.chinese import BUSINESS_ZONE

PEOPLE: Mapping[str, str] = {
    "王敏": "marketing",
    "李昊": "marketing",
    "陈雪": "marketing",
    "刘畅": "marketing",
    "李达": "marketing",
    "周凯": "planning",
    "分管领导": "planning",
    "马超": "operations",
    "石磊": "operations",
    "何静": "dispatch",
    "郭亮": "construction",
    "秦月": "materials",
}
"""The departments of those who act in the stories."""
LATE = "纸质资料补录"
"""Why a step is entered long after it was done."""


@dataclass(frozen=True)
class Officer:
    """Somebody who works: the account, what people call them, and the departments and county whose work they do."""

    account: str
    name: str
    departments: tuple[str, ...]
    county: str = ""


SIX = (
    Officer("wangmin", "王敏", ("marketing",), "开发区"),
    Officer("zhoukai", "周凯", ("planning",), "开发区"),
    Officer("machao", "马超", ("operations",), "开发区"),
    Officer("hejing", "何静", ("dispatch",), "开发区"),
    Officer("guoliang", "郭亮", ("construction",), "开发区"),
    Officer("qinyue", "秦月", ("materials", "finance"), "开发区"),
)
"""As few as do all the work of a 10kV case in one county."""


@dataclass(frozen=True)
class Entry:
    """What is entered for a task; `happened_at` where the step was done long before it is entered."""

    data: dict[str, Any]
    happened_at: datetime | None = None

    def body(self) -> dict[str, Any]:
        """As the API takes it."""
        dated = {"happened_at": self.happened_at.isoformat(), "late_reason": LATE} if self.happened_at else {}
        return {"data": self.data, **dated}


class Book:
    """What is to be entered in one case."""

    def __init__(
        self,
        scenario: Scenario,
        late: Mapping[str, datetime] | None = None,
        more: Mapping[str, Iterable[dict[str, Any]]] | None = None,
    ) -> None:
        """What the story says; that the `late` elements were done at these instants, long before they are entered; and
        `more` elements, by whoever has the task."""
        self._left: defaultdict[str, list[tuple[str, Entry]]] = defaultdict(list)
        for act in scenario.acts:
            if isinstance(act, Act):
                self._left[act.element].append((PEOPLE[act.by], Entry(act.data, (late or {}).get(act.element))))
        for element, entered in (more or {}).items():
            self._left[element] += [("", Entry(data)) for data in entered]

    def take(self, element: str, departments: Collection[str]) -> Entry | None:
        """The next entry of that element that is for one of these departments, or else the next; None where the story
        says no more."""
        left = self._left[element]
        place = next((number for number, (department, _) in enumerate(left) if department in departments), 0)
        return left.pop(place)[1] if left else None


def application(scenario: Scenario, **other: Any) -> dict[str, Any]:
    """The application of a story as the API takes it, entered after the morning it came in; with `other` fields."""
    fields = {name: value for name, value in scenario.variables.items() if name != "caseNo"}
    received = datetime.combine(scenario.start, time(8, 30), BUSINESS_ZONE)
    return {**fields, "receivedAt": received.isoformat(), "lateReason": LATE, **other}


def in_arrears(scenario: Scenario) -> dict[str, list[dict[str, Any]]]:
    """What the diagram asks for beside a story that is entered after it has happened: the survey's day is over each
    time that papers are found missing, and the customer is to be reminded."""
    supplied = [act.data for act in scenario.acts if isinstance(act, Act) and act.element == "supply_missing_papers"]
    reminder = {"reminderMethod": "电话", "reminderTo": "孙晓", "reminderResult": "当日送达"}
    return {"remind_papers": [{**reminder, "remindedOn": one["papersSuppliedOn"]} for one in supplied]}


class Manner(Protocol):
    """How acts are sent."""

    async def __call__(self, client: Client, path: str, body: Any, key: str) -> Any: ...


async def plainly(client: Client, path: str, body: Any, key: str) -> Any:
    """Send an act and wait for its answer."""
    return await client.post(path, body, key=key)


@dataclass(frozen=True)
class Done:
    """An act that was answered: which one, at which task of which case, by whom."""

    act: str
    case_no: str
    workflow_id: str
    element: str
    task: str
    by: str


@dataclass
class Team:
    """Officers at work on the cases that there are books of: together they take each task once.

    `claims` says of which tasks in the inbox they are claimed before they are completed, `may_begin` which may be begun
    now. `unknown` are tasks of which the books say nothing, `refused` what the API did not take, in words. In `leaving`
    are cases that come to an early end: their tasks may go while somebody does them.
    """

    desks: list[tuple[Officer, Client]]
    books: dict[str, Book] = field(default_factory=dict)
    manner: Manner = plainly
    claims: Callable[[dict[str, Any]], bool] = lambda line: False
    may_begin: Callable[[dict[str, Any]], bool] = lambda line: True
    pause: float = 0.1
    done: list[Done] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    leaving: set[str] = field(default_factory=set)
    closed: bool = False
    _taken: set[str] = field(default_factory=set)

    async def work(self) -> None:
        """Work until `close`, `pause` seconds between two looks into an inbox."""
        async with asyncio.TaskGroup() as group:
            for officer, client in self.desks:
                group.create_task(self._sit(officer, client))

    def close(self) -> None:
        """Call it a day: what is in hand is brought to its answer, nothing else is begun."""
        self.closed = True

    async def _sit(self, officer: Officer, client: Client) -> None:
        while not self.closed:
            lines = [line async for line in client.every("/inbox", view="department", limit=200)]
            for line in lines:
                book = self.books.get(line["case_no"])
                if book and not self.closed and line["id"] not in self._taken and self.may_begin(line):
                    self._taken.add(line["id"])
                    await self._do(officer, client, line, book)
            await asyncio.sleep(self.pause)

    async def _do(self, officer: Officer, client: Client, line: dict[str, Any], book: Book) -> None:
        entry = book.take(line["element"], line["departments"])
        if entry is None:
            self.unknown.append(f"{line['case_no']} {line['element']}")
            return
        try:
            if self.claims(line):
                await self._act("claim", officer, client, line, {})
            await self._act("complete", officer, client, line, entry.body())
        except Refusal as refusal:
            if line["case_no"] not in self.leaving:
                self.refused.append(f"{line['case_no']} {line['element']}：{refusal}")

    async def _act(self, act: str, officer: Officer, client: Client, line: dict[str, Any], body: Any) -> None:
        await self.manner(client, f"/tasks/{line['id']}/{act}", body, f"{act} {line['id']}")
        task = line["id"].rpartition("~")[2]
        self.done.append(Done(act, line["case_no"], line["workflow_id"], line["element"], task, officer.account))


class Stuck(Exception):
    """The cases do not come to where they should; says which, and what the officers could not do."""


async def until_closed(reader: Client, team: Team, cases: Collection[str], patience: float) -> None:
    """Wait until every process of these cases has ended. Raises `Stuck` after `patience` seconds, or as soon as the
    officers cannot do something."""
    left = list(cases)
    try:
        async with asyncio.timeout(patience):
            while left:
                if await _closed(reader, left[0]):
                    del left[0]
                elif team.unknown or team.refused:
                    break
                else:
                    await asyncio.sleep(team.pause)
    except TimeoutError:
        pass
    if left:
        raise Stuck("\n".join([f"still running: {'、'.join(left)}", *team.unknown, *team.refused]))


async def _closed(reader: Client, case_no: str) -> bool:
    try:
        view = await reader.get(f"/cases/{case_no}")
    except Refusal as refusal:
        if refusal.kind != "not-found":
            raise
        return False  # nothing is known of a case until its first records have come in
    return all(one["state"] != "running" for one in view["processes"])


async def enrol(administrator: Client, officers: Iterable[Officer], password: str) -> None:
    """Give accounts to officers; those who have one get this password."""
    for officer in officers:
        account = {
            "name": officer.name,
            "departments": list(officer.departments),
            "county": officer.county,
            "roles": ["officer"],
            "password": password,
        }
        await administrator.put(f"/accounts/{officer.account}", account)
