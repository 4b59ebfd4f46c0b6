"""Every error has one shape, in the language asked for, and none tells more than it should."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from api.app import create_app
from api.identity import Having, logged_in
from api.problems import install
from api.requests import RequestIds
from api.rights import RIGHTS, Role
from domain.acts import ActRefused, FieldProblem, Refusal
from storage.paging import WrongPlace
from tests.api.serving import Site, site
from tests.storage.filling import fill

OPEN = {"/health", "/ready", "/login", "/login/refresh", "/codec/decode", "/codec/encode"}
"""The only paths that need no token. The codec's two know nothing: they unpack and pack what the request brings."""


def routes(app: FastAPI) -> list[APIRoute]:
    """Every route, through all routers that the application includes."""
    found: list[APIRoute] = []
    left = list(app.routes)
    while left:
        one = left.pop()
        left += getattr(getattr(one, "original_router", None), "routes", [])
        found += [one] if isinstance(one, APIRoute) else []
    return sorted(found, key=lambda route: (route.path, sorted(route.methods or ())))


def dependencies(route: APIRoute) -> list[object]:
    """Everything that the route depends on, through all of its dependencies."""
    found: list[object] = []
    left = list(route.dependant.dependencies)
    while left:
        one = left.pop()
        found.append(one.call)
        left += one.dependencies
    return found


@pytest.mark.parametrize("route", routes(create_app()), ids=lambda route: f"{route.name} {route.path}")
def test_every_route_but_the_open_ones_asks_for_a_right_or_at_least_a_login(route: APIRoute) -> None:
    asks = any(isinstance(call, Having) or call is logged_in for call in dependencies(route))

    assert asks is (route.path not in OPEN)


async def test_a_path_that_is_not_there_is_a_problem_like_any_other(here: Site) -> None:
    answer = await here.client.get("/api/v1/nothing")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:yekuo:problem:not-found")


async def test_a_body_that_is_no_json_is_malformed(here: Site) -> None:
    answer = await here.client.post("/api/v1/login", content=b"{", headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["title"]) == (400, "请求无法读取")


@pytest.mark.parametrize("told", [True, False])
async def test_a_body_that_is_too_long_is_refused_told_or_not(here: Site, told: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 100_000

    content = b" " * 3_000_000 if told else pieces()
    answer = await here.client.post("/api/v1/login", content=content, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["type"]) == (413, "urn:yekuo:problem:too-large")


@pytest.mark.parametrize(("accepted", "title"), [("en", "Not found"), ("en;q=0.5, zh", "没有找到"), ("fr", "没有找到")])
async def test_the_language_is_chinese_unless_english_is_preferred(here: Site, accepted: str, title: str) -> None:
    answer = await here.client.get("/api/v1/nothing", headers={"Accept-Language": accepted})

    assert answer.json()["title"] == title


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("SELECT 1", {}, Exception("connection lost")), 503),
        (PoolTimeout(), 503),
        (WorkflowQueryFailedError("no worker answered"), 503),
        (TimeoutError(), 503),
        (RPCError("unavailable", RPCStatusCode.UNAVAILABLE, b""), 503),
        (RuntimeError("Failed client connect: Server connection error"), 503),
        (RuntimeError("anything else"), 500),
        (RPCError("gone", RPCStatusCode.NOT_FOUND, b""), 409),
        (WrongPlace("x"), 404),
        (ZeroDivisionError(), 500),
    ],
)
async def test_what_may_go_better_later_says_so_and_what_nobody_foresaw_tells_nothing(
    error: Exception, status: int
) -> None:
    app = FastAPI()
    install(app)

    @app.get("/")
    def fails() -> None:
        raise error

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://yekuo") as client:
        answer = await client.get("/")

    assert answer.status_code == answer.json()["status"] == status
    assert ("retry-after" in answer.headers) is (status == 503)
    assert "connection lost" not in answer.text


async def test_an_act_while_temporal_is_down_is_to_be_tried_again(tmp_path: Path, free_port: Callable[[], int]) -> None:
    async with site(tmp_path, f"127.0.0.1:{free_port()}") as alone:
        fill(alone.database, 1)
        wang = await alone.person("wang", county="")

        answer = await wang.post("/tasks/YK-1~6/claim", {}, headers={"Idempotency-Key": "a"})

    assert (answer.status_code, answer.json()["type"]) == (503, "urn:yekuo:problem:unavailable")


async def test_what_nobody_foresaw_is_found_in_the_log_by_the_id_in_the_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = FastAPI()
    app.add_middleware(RequestIds)
    install(app)

    @app.get("/")
    def fails() -> None:
        raise ZeroDivisionError

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://yekuo") as client:
        answer = await client.get("/")

    (own,) = answer.headers.get_list("x-request-id")
    assert answer.json()["instance"] == f"urn:uuid:{own}"
    assert f"request {own} failed" in caplog.text


def test_every_role_is_in_the_table_of_rights() -> None:
    assert set(RIGHTS) == set(Role)


@pytest.mark.parametrize(
    ("kind", "status", "type_"),
    [
        (Refusal.CONFLICT, 409, "conflict"),
        (Refusal.GONE, 409, "conflict"),
        (Refusal.FORBIDDEN, 403, "forbidden"),
        (Refusal.INVALID, 422, "invalid"),
    ],
)
async def test_what_a_case_refuses_is_told_by_its_kind_with_each_wrong_field(
    kind: Refusal, status: int, type_: str
) -> None:
    app = FastAPI()
    install(app)

    @app.post("/act")
    def act() -> None:
        raise ActRefused("容量有误", kind, [FieldProblem("data.capacity", "应为正数")])

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://yekuo") as client:
        answer = await client.post("/act")

    told = answer.json()
    assert (answer.status_code, told["type"]) == (status, f"urn:yekuo:problem:{type_}")
    assert told["detail"] == "容量有误"
    assert told["errors"] == [{"field": "data.capacity", "message": "应为正数"}]
