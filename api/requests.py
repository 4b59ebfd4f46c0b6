"""What every request gets: an id in answer and log, and a bound on its body."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("api.requests")


def request_id(request: Request) -> str:
    """The id of a request, as its answer and the log have it."""
    return str(request.scope.get("request_id", ""))


class BoundedBodies:
    """Refuses a body of more bytes than are taken, announced or found out while it comes in: starlette's own bound
    answers an announced one in another shape than our problems. `bounds` gives paths that end so a bound of their own.
    """

    def __init__(self, app: ASGIApp, largest: int, bounds: Mapping[str, int]) -> None:
        self._app, self._largest, self._bounds = app, largest, bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bound = next((size for end, size in self._bounds.items() if scope["path"].endswith(end)), self._largest)
        told = dict(scope["headers"]).get(b"content-length", b"")
        announced = int(told) if told.isdigit() else 0
        received = 0

        async def receiving() -> Message:
            nonlocal received
            if announced <= bound:
                message = await receive()
                received += len(message.get("body", b""))
                if received <= bound:
                    return message
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"不超过 {bound} 字节（at most {bound} bytes）")

        await self._app(scope, receiving, send)


class RequestIds:
    """Gives each request an id, says it in the answer (`X-Request-Id`), and writes a line of log when it is done."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = own = str(uuid.uuid4())
        begun, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                others = [(name, value) for name, value in message["headers"] if name != b"x-request-id"]
                message["headers"] = [*others, (b"x-request-id", own.encode())]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            milliseconds = (time.perf_counter() - begun) * 1000
            _log.info("%s %s %s %d %.0f ms", own, scope["method"], scope["path"], status, milliseconds)
