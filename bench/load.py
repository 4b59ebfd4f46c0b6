"""Twenty people at the API at once: each asks every two seconds, for lists, searches, cases and inboxes by turns."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import httpx

from bench.seeding import COUNTIES, OFFICERS
from demo.client import ROOT

PEOPLE, EVERY, SECONDS = 20, 2.0, 40.0
"""How many ask, how many seconds lie between two questions of one of them, and how long that is measured."""
_DEPARTMENTS = ("marketing", "planning", "operations", "dispatch", "construction")
_DEEP = 8
"""How many pages of 200 lie before a deep one."""


@dataclass(frozen=True)
class Question:
    """A request, and what it is counted as."""

    kind: str
    path: str
    query: Mapping[str, Any]


@dataclass(frozen=True)
class Person:
    """Somebody who asks: an officer of a department in a county, or of the whole city where `county` is empty."""

    account: str
    department: str
    county: str


def people() -> list[Person]:
    """The twenty; every fifth is the city company's."""
    return [
        Person(
            OFFICERS[number],
            _DEPARTMENTS[number % len(_DEPARTMENTS)],
            "" if number % 5 == 0 else COUNTIES[number % len(COUNTIES)],
        )
        for number in range(PEOPLE)
    ]


@dataclass(frozen=True)
class Known:
    """What can be asked for: by county ("" has all) cases of the read model alone and cases that run in Temporal; where
    deep pages begin."""

    seeded: Mapping[str, Sequence[str]]
    running: Mapping[str, Sequence[str]]
    deep: Mapping[str, str]


async def deep_pages(http: httpx.AsyncClient, headers: Mapping[str, str]) -> dict[str, str]:
    """For each order the place of a page far down the list."""
    found = {}
    for order in ("newest", "urgent"):
        after = ""
        for _ in range(_DEEP):
            query = {"order": order, "limit": 200, "after": after}
            answer = await http.get(f"{ROOT}/cases", params=query, headers=dict(headers))
            after = answer.raise_for_status().json()["next"] or ""
        found[order] = after
    return found


def questions(one: Person, known: Known, chance: random.Random) -> Iterator[Question]:
    """What somebody asks, one after another, without end."""
    order = ["list", "inbox", "list", "search", "list", "case", "list", "live", "list", "inbox", "search", "case"]
    begin = chance.randrange(len(order))
    for kind in cycle([*order[begin:], *order[:begin]]):
        yield _question(kind, one, known, chance)


def _question(kind: str, one: Person, known: Known, chance: random.Random) -> Question:
    if kind == "list":
        return Question(kind, "/cases", _filters(one, known, chance))
    if kind == "search":
        return Question(kind, "/cases", {"text": chance.choice(("恒源", "食品", "湖滨", "人民 医药", "S-2025-012"))})
    if kind == "inbox":
        view = chance.choice(("mine", "department"))
        return Question(kind, "/inbox", {"view": view, "order": chance.choice(("urgent", "age"))})
    numbers = (known.running if kind == "live" else known.seeded)[one.county]
    return Question(kind, f"/cases/{chance.choice(numbers)}", {})


def _filters(one: Person, known: Known, chance: random.Random) -> dict[str, Any]:
    order = chance.choice(("newest", "urgent"))
    narrowed: Sequence[dict[str, Any]] = (
        {},
        {"colour": chance.choice("红黄蓝")},
        {"department": one.department},
        {"stage": chance.choice(("供电方案", "竣工检验", "会商"))},
        {"county": one.county or chance.choice(COUNTIES)},
        {"text": "数据", "colour": "红"},
        {"department": one.department, "colour": "红", "state": "running"},
        {"incident": True},
        {"after": known.deep[order]},
    )
    return {**chance.choice(narrowed), "order": order}


class Times:
    """How long the answers took, in milliseconds, by kind."""

    def __init__(self) -> None:
        self.of: defaultdict[str, list[float]] = defaultdict(list)

    def p(self, kind: str, part: float) -> float:
        """What that part of the answers did not exceed."""
        return share(self.of[kind], part)


def share(values: Sequence[float], part: float) -> float:
    """What that part of the values does not exceed."""
    return sorted(values)[math.ceil(part * len(values)) - 1]


async def ask(
    http: httpx.AsyncClient,
    askers: Sequence[tuple[Person, Mapping[str, str]]],
    known: Known,
    seconds: float = SECONDS,
    seed: int = 1,
) -> Times:
    """Have all ask for so long. Raises `httpx.HTTPStatusError` for any answer that is not good."""
    times = Times()

    async def sit(number: int, one: Person, headers: Mapping[str, str]) -> None:
        chance = random.Random(seed * 1000 + number)
        begun = time.perf_counter()
        due = begun + chance.random() * EVERY
        for question in questions(one, known, chance):
            if due > begun + seconds:
                return
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sent = time.perf_counter()
            answer = await http.get(ROOT + question.path, params=dict(question.query), headers=dict(headers))
            times.of[question.kind].append((time.perf_counter() - sent) * 1000)
            answer.raise_for_status()
            due += EVERY

    async with asyncio.TaskGroup() as group:
        for number, (one, headers) in enumerate(askers):
            group.create_task(sit(number, one, headers))
    return times
