"""Our API for scripts: logs in and stays logged in, and brings every request to its answer.

What is sent may have been done although no answer came. So every act carries an idempotency key, and whatever is sent
again, because nobody answered or the API said that it is not possible just now, is sent under the same key.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

ROOT = "/api/v1"
"""Where the routes of the API begin."""
PATIENCE = 60.0
"""Seconds until a request that nobody answers is given up."""
ANSWER = 30.0
"""Seconds until one attempt at it is."""

_AGAIN = frozenset({502, 503, 504})
_FIRST_PAUSE = 0.1


@dataclass(eq=False)
class Refusal(Exception):
    """The API's answer was a problem (RFC 9457): `kind` is the last part of its type, `errors` name wrong fields."""

    status: int
    kind: str
    title: str
    detail: str
    request: str
    errors: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        fields = "；".join(f"{name} {message}" for name, message in self.errors)
        said = "：".join(part for part in (self.title, self.detail, fields) if part)
        return f"{self.status} {said}（请求 {self.request}）"


class NotReached(Exception):
    """Nobody answered in all the time that was given, and whether it was done is not known: send it again later."""


@dataclass(frozen=True)
class Patience:
    """How long a request is kept up, how long one attempt at it takes at most, and the longest pause between two;
    all in seconds."""

    whole: float = PATIENCE
    attempt: float = ANSWER
    pause: float = 5.0


@dataclass
class Tokens:
    """What somebody is logged in with; empty before the first login."""

    access: str = ""
    refresh: str = ""
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)


def connection(address: str, **options: Any) -> httpx.AsyncClient:
    """The way to the API at `http://host:port`, for any number of clients; to be closed by whoever opened it.

    It goes there and nowhere else, whatever proxy the environment may name.
    """
    return httpx.AsyncClient(base_url=address, trust_env=False, **options)


class Client:
    """One person's requests; several may be under way at once.

    Every method raises `Refusal` for what the API answers with a problem, and `NotReached` where nobody answers.
    """

    def __init__(self, http: httpx.AsyncClient, account: str, password: str, patience: Patience | None = None) -> None:
        self.account = account
        self._http, self._password, self._patience = http, password, patience or Patience()
        self._tokens = Tokens()

    async def get(self, path: str, **query: Any) -> Any:
        """The JSON at a path below `ROOT`; parts of the query that are None are left out."""
        asked = {name: value for name, value in query.items() if value is not None}
        return _content(await self._answered("GET", path, params=asked))

    async def every(self, path: str, **query: Any) -> AsyncIterator[dict[str, Any]]:
        """The items of a list, page after page."""
        after: str | None = None
        while True:
            page = await self.get(path, after=after, **query)
            for item in page["items"]:
                yield item
            after = page["next"]
            if after is None:
                return

    async def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        """Do an act under `key` (ASCII), or under one of its own; answers what became of it."""
        return _content(await self._answered("POST", path, json=body, headers=_keyed(key)))

    async def put(self, path: str, body: Any, *, key: str = "") -> Any:
        """Put what is there in the place of what was, under `key` (ASCII) or under one of its own."""
        return _content(await self._answered("PUT", path, json=body, headers=_keyed(key)))

    async def delete(self, path: str) -> Any:
        """Take away what is there."""
        return _content(await self._answered("DELETE", path))

    async def download(self, path: str) -> bytes:
        """A file, as it is."""
        return (await self._answered("GET", path)).content

    async def give_up_after(self, seconds: float, path: str, body: Any, key: str) -> None:
        """Send an act once and wait no longer for its answer; whether it is done stays unknown.

        Not even a refusal is heard: the act is to be sent again under its key.
        """
        await self._log_in_first()
        headers = {**_keyed(key), **self._authorization()}
        try:
            await self._http.post(ROOT + path, json=body, headers=headers, timeout=seconds)
        except httpx.TransportError:
            return

    async def log_in(self) -> None:
        """Log in with the password, whatever tokens there are."""
        who = {"account": self.account, "password": self._password}
        self._keep(_content(await self._reached("POST", "/login", json=who)))

    async def _answered(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """The good answer to a request, logged in anew where the API does not know the token any more."""
        await self._log_in_first()
        token = self._tokens.access
        answer = await self._reached(method, path, **_with(sent, self._authorization()))
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            await self._renew(token)
            answer = await self._reached(method, path, **_with(sent, self._authorization()))
        if answer.is_error:
            raise _refusal(answer)
        return answer

    async def _log_in_first(self) -> None:
        if not self._tokens.access:
            await self._renew("")

    async def _renew(self, known: str) -> None:
        """Get other tokens than the `known` one; one of several requests at once does so for all."""
        async with self._tokens.changing:
            if self._tokens.access != known:
                return
            if self._tokens.refresh:
                # Good once: where its answer is lost, the next try is refused, and the password is asked for.
                following = {"refresh_token": self._tokens.refresh}
                answer = await self._reached("POST", "/login/refresh", json=following)
                if answer.is_success:
                    self._keep(_content(answer))
                    return
            await self.log_in()

    def _keep(self, told: dict[str, Any]) -> None:
        self._tokens.access, self._tokens.refresh = told["access_token"], told["refresh_token"]

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens.access}"}

    async def _reached(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """The first answer that is one, good or bad; the same request is sent until it comes."""
        loop = asyncio.get_running_loop()
        end, pause = loop.time() + self._patience.whole, _FIRST_PAUSE
        while True:
            try:
                answer = await self._http.request(method, ROOT + path, timeout=self._patience.attempt, **sent)
                if answer.status_code not in _AGAIN:
                    return answer
                why, asked = str(_refusal(answer)), float(answer.headers.get("Retry-After", 0))
            except httpx.TransportError as error:
                why, asked = repr(error), 0.0
            wait = min(max(pause, asked), self._patience.pause)
            if loop.time() + wait > end:
                raise NotReached(f"{method} {path}: {why}")
            await asyncio.sleep(wait)
            pause *= 2


def _keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key or str(uuid4())}


def _with(sent: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    return {**sent, "headers": {**sent.get("headers", {}), **headers}}


def _content(answer: httpx.Response) -> Any:
    if answer.is_error:
        raise _refusal(answer)
    return answer.json() if answer.content else None


def _refusal(answer: httpx.Response) -> Refusal:
    """The problem that an answer tells of, also where something other than the API has answered."""
    try:
        told = answer.json()
    except json.JSONDecodeError:
        told = None
    known = told if isinstance(told, dict) else {}
    return Refusal(
        status=answer.status_code,
        kind=str(known.get("type", "")).rpartition(":")[2],
        title=str(known.get("title", "")) or answer.reason_phrase,
        detail=str(known.get("detail", "")),
        request=answer.headers.get("X-Request-Id", ""),
        errors=tuple((str(one["field"]), str(one["message"])) for one in known.get("errors", ())),
    )
