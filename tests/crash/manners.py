"""How people and systems send acts when the connection is bad: twice at once, or again after they had given up."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from demo.client import Client


@dataclass
class InFlight:
    """Acts that were sent and have not been answered, by their path."""

    sent: list[str] = field(default_factory=list)

    @contextmanager
    def of(self, path: str) -> Iterator[None]:
        self.sent.append(path)
        try:
            yield
        finally:
            self.sent.remove(path)


class Watched(httpx.AsyncBaseTransport):
    """The way to the API, with an eye on the acts that are under way on it."""

    def __init__(self, acts: InFlight) -> None:
        self._way, self._acts = httpx.AsyncHTTPTransport(), acts

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST" or "Idempotency-Key" not in request.headers:
            return await self._way.handle_async_request(request)
        with self._acts.of(request.url.path):
            answer = await self._way.handle_async_request(request)
            await answer.aread()
            return answer

    async def aclose(self) -> None:
        await self._way.aclose()


@dataclass(frozen=True)
class Sent:
    """An act that was answered."""

    client: Client
    path: str
    body: Any
    key: str
    answer: Any


@dataclass
class BadConnection:
    """A manner of sending (`demo.officers.Manner`): which act is clicked twice and which is given up follows from the
    seed and its key. `differing` are acts that got two answers."""

    seed: str
    begun: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    answered: list[Sent] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)

    async def __call__(self, client: Client, path: str, body: Any, key: str) -> Any:
        chance = random.Random(f"{self.seed} {path} {key}")
        way = chance.choices(("once", "double", "late"), (6, 2, 2))[0]
        self.begun += 1
        self.ways[way] += 1
        if way == "double":
            answer, other = await asyncio.gather(*(client.post(path, body, key=key) for _ in range(2)))
            self._compare(path, answer, other)
        else:
            if way == "late":
                await client.give_up_after(chance.choice((0.01, 0.03, 0.1)), path, body, key)
                await asyncio.sleep(chance.uniform(0.0, 1.0))
            answer = await client.post(path, body, key=key)
        self.answered.append(Sent(client, path, body, key, answer))
        return answer

    async def again(self, share: float) -> int:
        """Send a share of all acts once more, long after: each is answered as it was. Answers how many were sent."""
        chosen = random.Random(self.seed).sample(self.answered, round(len(self.answered) * share))
        for sent in chosen:
            self._compare(sent.path, sent.answer, await sent.client.post(sent.path, sent.body, key=sent.key))
        return len(chosen)

    def _compare(self, path: str, first: Any, second: Any) -> None:
        if first != second:
            self.differing.append(f"{path} was answered {first}, and then {second}")
