"""Whoever follows the events hears each of theirs once, in order, however often the stream is cut."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest_asyncio

from api.rights import Role
from storage.database import Database
from storage.feed import number_events, prune_feed
from storage.settings import Settings
from tests.api.listening import PATIENCE, ended, events, follow, goes_on, happens, listening
from tests.api.serving import Clock, Site
from tests.storage.conftest import backend, migrated_postgres, postgres, url

__all__ = ["backend", "migrated_postgres", "postgres", "url"]


@pytest_asyncio.fixture(loop_scope="session")
async def heard(url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """The API behind a real server, once on each database."""
    async with listening(url, tmp_path, streams=2) as site:
        yield site


async def test_a_stream_that_is_cut_again_and_again_goes_on_without_loss_or_double(heard: Site) -> None:
    wang = await heard.person("wang")
    happens(heard.database, "YK-1")
    writing = asyncio.create_task(asyncio.to_thread(goes_on, heard.database, "YK-1", 2, 60))
    found: list[int] = []
    last = 0
    while len(found) < 61:
        headers = {"Last-Event-ID": str(last)}
        async with follow(heard.client, wang.token, headers=headers) as stream:
            for one in await events(stream, min(7, 61 - len(found))):
                found.append(one.data["seq"])
                assert one.id == one.data["position"] == last + 1
                last = one.id
    await writing

    assert found == list(range(1, 62))


async def test_an_event_comes_while_the_stream_is_open(heard: Site) -> None:
    wang = await heard.person("wang")
    async with follow(heard.client, wang.token) as stream:
        await anext(stream)
        happens(heard.database, "YK-1")
        (one,) = await events(stream, 1)

    assert (one.event, one.data["case_no"], one.data["process"]) == ("case.opened", "YK-1", "YK-1")


async def test_only_cases_of_the_own_county_are_heard_of(heard: Site) -> None:
    far, city = await heard.person("far", county="宣化区"), await heard.person("city", county="")
    happens(heard.database, "YK-1", county="开发区")
    happens(heard.database, "YK-2", county="宣化区")

    async with follow(heard.client, far.token, after=0) as stream:
        (one,) = await events(stream, 1)
    async with follow(heard.client, city.token, after=0) as stream:
        both = await events(stream, 2)

    assert one.data["case_no"] == "YK-2"
    assert [each.data["case_no"] for each in both] == ["YK-1", "YK-2"]


async def test_a_stream_may_be_of_one_case_and_of_some_kinds(heard: Site) -> None:
    wang = await heard.person("wang")
    for case_no in ("YK-1", "YK-2"):
        happens(heard.database, case_no)
        goes_on(heard.database, case_no, 2, 1)

    async with follow(heard.client, wang.token, after=0, case_no="YK-2", kinds=["task.opened"]) as stream:
        (one,) = await events(stream, 1)
        sign = await anext(stream)

    assert (one.event, one.data["case_no"]) == ("task.opened", "YK-2")
    assert (sign.event, sign.id) == ("", 4)


async def test_a_sign_of_life_carries_the_position_past_what_is_not_heard(heard: Site) -> None:
    far = await heard.person("far", county="宣化区")
    async with follow(heard.client, far.token) as stream:
        assert (await anext(stream)).id == 0
        happens(heard.database, "YK-1")
        async with asyncio.timeout(PATIENCE):
            while (sign := await anext(stream)).id == 0:
                assert sign.event == ""

    assert (sign.id, sign.event) == (1, "")


async def test_a_stream_ends_when_the_login_does(heard: Site) -> None:
    wang = await heard.person("wang")
    async with follow(heard.client, wang.token) as stream:
        await anext(stream)
        heard.clock.ahead = timedelta(minutes=16)

        assert await ended(stream)


async def test_a_stream_ends_when_the_account_is_disabled(heard: Site) -> None:
    wang = await heard.person("wang")
    async with follow(heard.client, wang.token) as stream:
        await anext(stream)
        heard.add("wang", disabled=True)

        assert await ended(stream)


async def test_an_account_has_so_many_streams_open_and_no_more_until_one_is_closed(heard: Site) -> None:
    wang = await heard.person("wang")
    async with follow(heard.client, wang.token) as first:
        await anext(first)
        async with follow(heard.client, wang.token) as second:
            await anext(second)
            third = await wang.get("/events")
            assert (third.status_code, third.json()["type"]) == (429, "urn:yekuo:problem:too-many")
    async with asyncio.timeout(PATIENCE):
        while (await _begins(heard.client, wang.token)) == 429:
            await asyncio.sleep(0.02)


async def _begins(client: httpx.AsyncClient, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    async with client.stream("GET", "/api/v1/events", headers=headers) as answer:
        return answer.status_code


async def test_whoever_comes_too_late_is_told_where_the_stream_begins_now(heard: Site) -> None:
    wang = await heard.person("wang")
    happens(heard.database, "YK-1")
    goes_on(heard.database, "YK-1", 2, 2)
    with heard.database.transaction() as session:
        number_events(session)
    with heard.database.transaction() as session:
        prune_feed(session, heard.clock() + timedelta(hours=1))

    late = await wang.get("/events", after=0)

    assert (late.status_code, late.json()["type"]) == (410, "urn:yekuo:problem:gone")
    assert "after=2" in late.json()["detail"]


async def test_a_position_that_is_not_there_yet_is_refused(heard: Site) -> None:
    wang = await heard.person("wang")

    answer = await wang.get("/events", after=7)

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:yekuo:problem:invalid")


async def test_whoever_gives_out_accounts_does_not_hear_of_cases(heard: Site) -> None:
    boss = await heard.person("boss", Role.ADMINISTRATOR)

    assert (await boss.get("/events")).status_code == 403


async def test_a_server_that_is_told_to_stop_ends_its_streams_and_stops(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    database, port = Database(f"sqlite:///{tmp_path / 'yekuo.db'}"), free_port()
    database.migrate()
    command = [sys.executable, "-m", "uvicorn", "api.app:create_app", "--factory", "--port", str(port)]
    environment = {**os.environ, "YEKUO_VAR": str(tmp_path), "YEKUO_TEMPORAL_PORT": str(free_port())}
    server = subprocess.Popen(
        [*command, "--log-level", "warning"], cwd=Path(__file__).parents[2], env=environment, stderr=subprocess.PIPE
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            await _answers(client)
            wang = await Site(client, database, Clock(), Settings(var=tmp_path)).person("wang")
            async with follow(client, wang.token) as stream:
                await anext(stream)
                server.send_signal(signal.SIGTERM)
                assert await ended(stream)
        _, errors = await asyncio.to_thread(server.communicate, timeout=PATIENCE)
    finally:
        server.kill()
        database.close()

    assert server.returncode in (0, -signal.SIGTERM), errors
    assert b"Traceback" not in errors, errors.decode()


async def _answers(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await client.get("/health")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
