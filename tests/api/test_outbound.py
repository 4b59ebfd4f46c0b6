"""Requests to addresses that others have named go to the public internet by https, and to networks of a setting."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from api.outbound import NotAllowed, Outbound, networks
from api.patience import Patience
from tests.api.receiving import Receiver, receiver

PUBLIC = Outbound((), 5.0)
HERE = Outbound(networks("127.0.0.0/8"), 5.0)


@pytest_asyncio.fixture(loop_scope="session")
async def other() -> AsyncIterator[Receiver]:
    """Another system on a port of this machine."""
    async with receiver() as one:
        yield one


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fd00::1]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "2130706433",
        "0x7f.1",
    ],
)
async def test_an_address_that_is_not_public_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(NotAllowed):
        await PUBLIC.check(f"https://{host}/hook")


@pytest.mark.parametrize("url", ["https://8.8.8.8/x", "https://[2001:4860:4860::8888]/x"])
async def test_a_public_address_is_taken_over_https_only(url: str) -> None:
    assert await PUBLIC.check(url)
    with pytest.raises(NotAllowed, match="https"):
        await PUBLIC.check(url.replace("https", "http"))


@pytest.mark.parametrize(
    "url", ["ftp://8.8.8.8/", "https://", "//8.8.8.8", "https://a:b@8.8.8.8/", "https://8.8.8.8/#x", "x", "https://[::"]
)
async def test_what_is_no_address_for_requests_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        await PUBLIC.check(url)


async def test_a_network_of_the_setting_may_be_asked_over_http(other: Receiver) -> None:
    assert await HERE.post(other.url, b"{}", {"x-own": "1"}) == 200
    assert other.requests[0].headers["x-own"] == "1"
    assert other.requests[0].headers["host"] == httpx.URL(other.url).netloc.decode()


async def test_the_address_is_judged_again_when_the_request_goes_out(
    other: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that was public when the hook was made leads to this machine now."""
    answers = iter(["8.8.8.8", "127.0.0.1"])

    async def resolve(self: asyncio.AbstractEventLoop, host: str, port: int, **more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolve)
    url = "https://erp.example.com/hook"
    await PUBLIC.check(url)

    with pytest.raises(NotAllowed):
        await PUBLIC.post(url, b"{}", {})
    assert not other.requests


async def test_one_bad_address_of_a_name_is_enough_to_refuse_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(self: asyncio.AbstractEventLoop, host: str, port: int, **more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolve)

    with pytest.raises(NotAllowed, match=r"10\.0\.0\.1"):
        await PUBLIC.check("https://erp.example.com/hook")


async def test_a_redirect_is_not_followed(other: Receiver) -> None:
    other.redirect_to = f"{other.url}/elsewhere"

    assert await HERE.post(other.url, b"{}", {}) == 307
    assert len(other.requests) == 1


async def test_an_answer_without_end_is_cut(other: Receiver) -> None:
    other.endless = True

    assert await HERE.post(other.url, b"{}", {}) == 200


async def test_whoever_does_not_answer_in_time_is_given_up(other: Receiver) -> None:
    other.silent = True

    with pytest.raises(TimeoutError):
        await Outbound(networks("127.0.0.0/8"), 0.2).post(other.url, b"{}", {})


def test_a_network_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError):
        networks("10.0.0.0/8, 花园")


def test_rests_grow_up_to_the_longest() -> None:
    patience = Patience(1, 1.0, timedelta(seconds=5), timedelta(minutes=1), timedelta(hours=1))

    assert [patience.rest(n).total_seconds() for n in (1, 2, 3, 4, 5, 1000)] == [5, 10, 20, 40, 60, 60]
