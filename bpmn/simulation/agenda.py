"""The time of a run: what is due when, and how far it goes."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

MAX_EVENTS = 100_000
"""A diagram that repeats for ever in virtual time ends here."""


class Agenda:
    """What is due, in order; at the same instant, in the order in which it was put down.

    Nothing happens after `horizon`. `pace` is told the instant before anything happens that lies ahead: it may wait.
    """

    def __init__(self, now: datetime, horizon: datetime | None, pace: Callable[[datetime], None]) -> None:
        self.now = now
        self.horizon = horizon
        self.exhausted = False
        self._pace = pace
        self._left = MAX_EVENTS
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._counter = 0

    def at(self, instant: datetime, happen: Callable[[], None]) -> None:
        """Put something down for an instant, or for now where that has passed."""
        self._counter += 1
        heapq.heappush(self._due, (instant, self._counter, happen))

    def soon(self, happen: Callable[[], None]) -> None:
        """Put something down for now, after what is due already."""
        self.at(self.now, happen)

    def step(self, until: datetime | None = None) -> bool:
        """Do what is due next, if that is not after `until` or the horizon, and say whether there was anything.

        After `MAX_EVENTS` there is nothing any more: the agenda is `exhausted`.
        """
        if not self._due:
            return False
        due = self._due[0][0]
        if until is not None and due > until:
            return False
        if self.horizon is not None and due > self.horizon:
            self.now = self.horizon
            return False
        if not self._left:
            self.exhausted = True
            return False
        self._left -= 1
        if due > self.now:
            self._pace(due)
            self.now = due
        heapq.heappop(self._due)[2]()
        return True
