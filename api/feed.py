"""The feed as one process reads it: one poller, that numbers what has come and keeps the latest for all who follow."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from storage.database import Database
from storage.feed import (
    NUMBERED_AT_ONCE,
    FeedEvent,
    feed_after,
    feed_bounds,
    has_unnumbered,
    number_events,
    prune_feed,
)

PAGE = 500
"""Events that are read at once."""
KEPT = 2000
"""Events that are kept in memory: who is further behind reads the database."""
_LONGEST_PAUSE = 5.0
_PRUNED_EVERY = 3600.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Seen:
    """What one look at the database found: events, the last position, and whether there is more."""

    events: list[FeedEvent]
    position: int
    more: bool


class FeedHub:
    """Follows the feed for a whole process, and wakes whoever waits for more.

    `interval` is the pause between two looks in seconds, `retention` how long events are kept (None: for ever).
    """

    def __init__(
        self, database: Database, clock: Callable[[], datetime], interval: float, retention: timedelta | None
    ) -> None:
        self._database, self._clock, self._interval, self._retention = database, clock, interval, retention
        # A thread of its own: a database that hangs must not keep other work from the ordinary ones.
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="feed")
        self._latest: deque[FeedEvent] = deque(maxlen=KEPT)
        self._position: int | None = None
        self._news = asyncio.Event()
        self._open: Counter[str] = Counter()
        self.stopped = False

    async def run(self) -> None:
        """Look for what is new until cancelled; a database that does not answer is asked more and more rarely."""
        pause, pruned = self._interval, 0.0
        loop = asyncio.get_running_loop()
        while True:
            try:
                seen = await loop.run_in_executor(self._threads, self._look)
                self._take(seen)
                more = seen.more
                if self._retention and loop.time() >= pruned:
                    await loop.run_in_executor(self._threads, self._prune, self._clock() - self._retention)
                    pruned = loop.time() + _PRUNED_EVERY
            except SQLAlchemyError as error:
                if pause == self._interval:
                    _log.warning("the feed cannot be read: %s", str(error).partition("\n")[0])
                pause = min(pause * 2, max(_LONGEST_PAUSE, self._interval))
                more = False
            else:
                pause = self._interval
            if not more:
                await asyncio.sleep(pause)

    def stop(self) -> None:
        """Have everybody who follows come to an end."""
        self.stopped = True
        self._wake()

    def close(self) -> None:
        """Give the thread back."""
        self.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def position(self) -> int:
        """Where the feed ends, as far as is known here; 0 before it has been looked at."""
        return self._position or 0

    async def after(self, position: int) -> list[FeedEvent]:
        """The events that follow a position, as far as is known here: at most a page of them."""
        if self._position is None or position >= self._position:
            return []
        first = self._latest[0].position if self._latest else self._position + 1
        if position + 1 >= first:
            begin = position + 1 - first
            return list(islice(self._latest, begin, begin + PAGE))
        return await run_in_threadpool(self._read, position)

    async def wait(self, position: int, seconds: float) -> None:
        """Until something follows the position, all comes to an end, or the time is over."""
        if self.stopped or (self._position is not None and self._position > position):
            return
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return

    def following(self, account: str) -> int:
        """How many streams an account has open in this process."""
        return self._open[account]

    @contextmanager
    def follower(self, account: str) -> Iterator[None]:
        """Counts a stream of an account while it lasts."""
        self._open[account] += 1
        try:
            yield
        finally:
            self._open[account] -= 1
            if not self._open[account]:
                del self._open[account]

    def _wake(self) -> None:
        self._news.set()
        if not self.stopped:
            self._news = asyncio.Event()

    def _read(self, position: int) -> list[FeedEvent]:
        with self._database.session() as session:
            return feed_after(session, position, PAGE)

    def _look(self) -> _Seen:
        with self._database.session() as session:
            waiting = has_unnumbered(session)
        full = False
        if waiting:
            with self._database.transaction() as session:
                full = number_events(session) == NUMBERED_AT_ONCE
        with self._database.session() as session:
            if self._position is None:
                return _Seen([], feed_bounds(session).last, full)
            found = feed_after(session, self._position, PAGE)
        return _Seen(found, found[-1].position if found else self._position, full or len(found) == PAGE)

    def _take(self, seen: _Seen) -> None:
        news = seen.position != self._position
        self._latest.extend(seen.events)
        self._position = seen.position
        if news:
            self._wake()

    def _prune(self, before: datetime) -> None:
        count = NUMBERED_AT_ONCE
        while count == NUMBERED_AT_ONCE:
            with self._database.transaction() as session:
                count = prune_feed(session, before)
