"""The API as tests speak to it: the real application over HTTP in the same process, and people who have logged in."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from sqlalchemy import make_url
from temporalio.client import Client

import worker
from api.app import create_app
from api.rights import Role
from api.settings import ApiSettings
from storage.accounts import Account, save_account
from storage.database import Database
from storage.files import FileStore
from storage.settings import Settings
from tests.databases import deploy_shipped, migrated

PASSWORD = "一个足够长的密码 2026"
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Checked in no time, not in a quarter of a second as those that the API makes: thousands log in here."""
_RESTING = {"feed_seconds": 60, "hook_seconds": 60}
"""What follows events and calls hooks stays out of tests that do neither, and out of their count of statements."""


class Clock:
    """A clock that a test puts forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Site:
    """A running API, its database, and its clock."""

    def __init__(self, client: httpx.AsyncClient, database: Database, clock: Clock, settings: Settings) -> None:
        self.client, self.database, self.clock, self.settings = client, database, clock, settings

    @property
    def task_queue(self) -> str:
        return self.settings.task_queue

    def add(
        self,
        account: str,
        *roles: Role,
        departments: Sequence[str] = ("marketing",),
        county: str = "开发区",
        disabled: bool = False,
    ) -> str:
        """An account with the test's password; officer unless told."""
        row = Account(
            account=account,
            name=account,
            departments=list(departments),
            county=county,
            roles=[role.value for role in roles or (Role.OFFICER,)],
            password_hash=_HASH,
            disabled=disabled,
            failures=0,
            locked_until=None,
            created_at=self.clock(),
        )
        with self.database.transaction() as session:
            save_account(session, row)
        return account

    async def log_in(self, account: str, password: str = PASSWORD) -> httpx.Response:
        return await self.client.post("/api/v1/login", json={"account": account, "password": password})

    async def person(self, account: str, *roles: Role, **fields: Any) -> Person:
        """Somebody who has an account and has logged in."""
        self.add(account, *roles, **fields)
        answer = await self.log_in(account)
        assert answer.status_code == 200, answer.text
        return Person(self.client, answer.json()["access_token"])


class Person:
    """Somebody's requests."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client, self.token = client, token

    async def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return await self._client.request(method, f"/api/v1{path}", headers=headers, **more)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.send("GET", path, params={name: value for name, value in query.items() if value is not None})

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.send("POST", path, json=body, **more)


@asynccontextmanager
async def at_work(running: Site, client: Client) -> AsyncIterator[None]:
    """The shipped diagrams deployed, and a worker for the site's cases."""
    deploy_shipped(running.database)
    async with worker.build(client, running.database, FileStore(running.settings.file_store), running.task_queue):
        yield


@asynccontextmanager
async def site(folder: Path, temporal: str, api: dict[str, Any] | None = None, **settings: Any) -> AsyncIterator[Site]:
    """The application with a database in `folder`, on the Temporal server at that address; `api` are its own settings,
    `settings` those of the installation."""
    own = {"task_queue": str(uuid.uuid4()), **settings}
    chosen = Settings(var=folder, temporal_port=int(temporal.rpartition(":")[2]), **own)
    database = migrated(Path(str(make_url(chosen.database).database)))
    clock = Clock()
    numbers = f"T{uuid.uuid4().hex[:8]}-{{year}}-{{n:04d}}"  # the server is shared, and so are its case numbers
    app = create_app(chosen, ApiSettings(**{"case_number": numbers, **_RESTING, **(api or {})}), clock)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://yekuo") as client:
            yield Site(client, database, clock, chosen)
    database.close()


async def eventually(
    ask: Callable[[], Awaitable[httpx.Response]], good: Callable[[dict[str, Any]], bool], patience: float = 20.0
) -> dict[str, Any]:
    """The first answer that is as expected; fails with the last one after `patience` seconds."""
    answer = await ask()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while answer.status_code != 200 or not good(answer.json()):
                await asyncio.sleep(0.05)
                answer = await ask()
    assert answer.status_code == 200, answer.text
    assert good(answer.json()), answer.text
    told: dict[str, Any] = answer.json()
    return told
