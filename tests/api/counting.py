"""How many statements a request sends to the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import httpx
from sqlalchemy import Engine, event

_TIMES = 3


async def statements_of(request: Callable[[], Awaitable[httpx.Response]]) -> tuple[int, httpx.Response]:
    """How many statements the request sends, and its answer.

    The least of some times: what the application does by itself meanwhile would be counted with it.
    """
    counted = []
    for _ in range(_TIMES):
        with _statements() as sent:
            answer = await request()
        assert answer.status_code == httpx.codes.OK, answer.text
        counted.append(len(sent))
    return min(counted), answer


@contextmanager
def _statements() -> Iterator[list[str]]:
    """The statements that go to any database while this is open. A worker beside the API would count too."""
    sent: list[str] = []

    def note(*arguments: object) -> None:
        sent.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
