"""What runs beside the requests, and hearing that the server is told to stop.

Uvicorn waits for open answers *before* it ends the application, so that answers without an end would hold it for ever:
they have to hear of the signal themselves.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from types import FrameType
from typing import Any

Work = Callable[[], Coroutine[Any, Any, None]]
_log = logging.getLogger(__name__)
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def told_of_stop(stop: Callable[[], None]) -> Iterator[None]:
    """Have `stop` called in the running loop when the process is told to end; the server's own handler comes first.

    Signals that no server handles stay as they are, and so do all where this is not the main thread.
    """
    loop = asyncio.get_running_loop()
    former: dict[signal.Signals, Any] = {}

    def handle(number: int, frame: FrameType | None) -> None:
        former[signal.Signals(number)](number, frame)
        loop.call_soon_threadsafe(stop)

    if threading.current_thread() is threading.main_thread():
        for one in _SIGNALS:
            if callable(handler := signal.getsignal(one)):
                former[one] = handler
                signal.signal(one, handle)
    try:
        yield
    finally:
        for one, handler in former.items():
            if signal.getsignal(one) is handle:
                signal.signal(one, handler)


@asynccontextmanager
async def running(*work: Work) -> AsyncIterator[None]:
    """Has endless work done meanwhile; work that fails is logged, and ends alone."""
    tasks = [asyncio.create_task(_logged(one)) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _logged(work: Work) -> None:
    try:
        await work()
    except Exception:
        _log.exception("%s has failed", work)
