"""Another system that webhooks go to: a real server on a port of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

PATIENCE = 20.0


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    headers: dict[str, str]
    body: bytes


class Receiver:
    """What came, and how it is answered: `statuses` are used up first, then `status` is."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Received] = []
        self.status, self.statuses = 200, list[int]()
        self.redirect_to = ""
        self.endless = self.silent = False
        self.going_on = asyncio.Event()
        self._came = asyncio.Condition()

    async def answer(self, request: Request) -> Response:
        received = Received(dict(request.headers), await request.body())
        async with self._came:
            self.requests.append(received)
            self._came.notify_all()
        if self.silent:
            await self.going_on.wait()
        if self.redirect_to:
            return RedirectResponse(self.redirect_to)
        if self.endless:
            return StreamingResponse(_without_end())
        return Response(status_code=self.statuses.pop(0) if self.statuses else self.status)

    async def received(self, count: int) -> list[Received]:
        """Everything that came, as soon as it is so much."""
        async with asyncio.timeout(PATIENCE), self._came:
            await self._came.wait_for(lambda: len(self.requests) >= count)
        return self.requests


async def _without_end() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 1000
        await asyncio.sleep(0)  # others of the loop have their turn, and whoever has gone is noticed


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    one = Receiver()
    app: Any = Starlette(routes=[Route("/{path:path}", one.answer, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE):
        while not server.started:
            await asyncio.sleep(0.01)
    one.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/hook"
    try:
        yield one
    finally:
        one.going_on.set()
        server.should_exit = True
        await serving
