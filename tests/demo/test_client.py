"""The client of scripts brings every request to its answer, under one key, and stays logged in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import httpx
import pytest
import pytest_asyncio

from demo.client import Client, NotReached, Patience, Refusal

Answering = Callable[[httpx.Request], httpx.Response]
HASTY = Patience(whole=0.5, attempt=0.2, pause=0.01)


@dataclass
class Api:
    """An API of which a test says what it answers; it knows tokens by their number, and every refresh token once."""

    answer: Answering = lambda request: httpx.Response(200, json={})
    requests: list[httpx.Request] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    tokens: int = 0
    lost: bool = False

    def handle(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        if path.startswith("/login"):
            return self._login(path, json.loads(request.content))
        self.requests.append(request)
        if request.headers["Authorization"] != f"Bearer access-{self.tokens}":
            return problem(401, "unauthenticated")
        return self.answer(request)

    def _login(self, path: str, sent: dict[str, str]) -> httpx.Response:
        self.logins.append(path)
        if path == "/login/refresh" and sent["refresh_token"] != f"refresh-{self.tokens}":
            return problem(401, "unauthenticated")
        self.tokens += 1
        if self.lost:
            self.lost = False
            raise httpx.ReadError("cut")
        return httpx.Response(
            200, json={"access_token": f"access-{self.tokens}", "refresh_token": f"refresh-{self.tokens}"}
        )

    def keys(self) -> list[str]:
        return [request.headers["Idempotency-Key"] for request in self.requests]

    def expire(self) -> None:
        """No token that was given is good for a request any more; the refresh token is."""
        self.answer = after(problem(401, "unauthenticated"), self.answer)


def problem(status: int, kind: str, **fields: object) -> httpx.Response:
    told = {"type": f"urn:yekuo:problem:{kind}", "title": "标题", "detail": "原因", **fields}
    return httpx.Response(status, json=told, headers={"X-Request-Id": "r-1"})


def after(first: httpx.Response, then: Answering) -> Answering:
    """The first answer once, and what follows."""
    answers = iter([first])
    return lambda request: next(answers, None) or then(request)


@pytest.fixture
def api() -> Api:
    return Api()


@pytest_asyncio.fixture(loop_scope="session")
async def client(api: Api) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(api.handle), base_url="http://yekuo") as http:
        yield Client(http, "wang", "password", HASTY)


async def test_an_act_that_is_not_possible_just_now_is_sent_again_under_its_key(api: Api, client: Client) -> None:
    api.answer = after(problem(503, "unavailable"), lambda request: httpx.Response(200, json={"act": "done"}))

    assert await client.post("/act", {"a": 1}) == {"act": "done"}
    assert len(api.keys()) == 2
    assert len(set(api.keys())) == 1


async def test_an_act_whose_connection_is_cut_is_sent_again_under_its_key(api: Api, client: Client) -> None:
    cuts = iter([httpx.ReadError("cut"), httpx.ConnectError("nobody"), httpx.ReadTimeout("late")])

    def answer(request: httpx.Request) -> httpx.Response:
        if error := next(cuts, None):
            raise error
        return httpx.Response(200, json={})

    api.answer = answer

    await client.post("/act", key="mine")
    assert api.keys() == ["mine"] * 4


async def test_two_acts_have_keys_of_their_own(api: Api, client: Client) -> None:
    await client.post("/act")
    await client.post("/act")

    assert len(set(api.keys())) == 2


async def test_what_nobody_answers_is_given_up_in_time(api: Api, client: Client) -> None:
    api.answer = lambda request: problem(503, "unavailable")

    with pytest.raises(NotReached, match="POST /act: 503 标题：原因"):
        await client.post("/act")


async def test_a_problem_is_an_error_that_tells_all_of_it(api: Api, client: Client) -> None:
    api.answer = lambda request: problem(422, "invalid", errors=[{"field": "data.a", "message": "未填写"}])

    with pytest.raises(Refusal) as error:
        await client.get("/act")

    assert (error.value.status, error.value.kind, error.value.errors) == (422, "invalid", (("data.a", "未填写"),))
    assert str(error.value) == "422 标题：原因：data.a 未填写（请求 r-1）"


async def test_an_error_of_something_else_on_the_way_is_a_refusal_too(api: Api, client: Client) -> None:
    api.answer = lambda request: httpx.Response(413, text="<html>")

    with pytest.raises(Refusal, match="413 Request Entity Too Large"):
        await client.post("/act")


async def test_an_expired_token_is_renewed_without_the_password(api: Api, client: Client) -> None:
    await client.get("/first")
    api.expire()

    await client.post("/act", key="mine")

    assert api.logins == ["/login", "/login/refresh"]
    assert [request.url.path for request in api.requests[1:]] == ["/api/v1/act"] * 2


async def test_requests_at_once_log_in_once(api: Api, client: Client) -> None:
    await asyncio.gather(*(client.get("/act") for _ in range(5)))

    assert api.logins == ["/login"]


async def test_a_refresh_whose_answer_is_lost_ends_with_the_password(api: Api, client: Client) -> None:
    await client.get("/first")
    api.expire()
    api.lost = True

    await client.get("/second")

    assert api.logins == ["/login", "/login/refresh", "/login/refresh", "/login"]


async def test_a_wrong_password_is_a_refusal() -> None:
    never = httpx.MockTransport(lambda request: problem(401, "unauthenticated"))
    async with httpx.AsyncClient(transport=never, base_url="http://yekuo") as http:
        with pytest.raises(Refusal, match="401"):
            await Client(http, "wang", "wrong", HASTY).get("/act")


async def test_a_list_is_read_page_by_page(api: Api, client: Client) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        start = int(request.url.params.get("after", "0"))
        following = str(start + 2) if start < 4 else None
        return httpx.Response(200, json={"items": [{"n": start}, {"n": start + 1}], "next": following})

    api.answer = answer

    assert [one["n"] async for one in client.every("/list", limit=2)] == [0, 1, 2, 3, 4, 5]


async def test_giving_up_sends_the_act_once_and_says_nothing(api: Api, client: Client) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late")

    api.answer = answer

    await client.give_up_after(0.01, "/act", {}, "mine")
    assert api.keys() == ["mine"]
