"""The time of a run: what is due when, and how far it goes."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

MAX_EVENTS = 100_000
"""A diagram that repeats for ever in virtual time ends here."""
MAX_AT_ONCE = 20_000
"""So many events may follow from each other at one instant, as many as steps without a wait on Temporal."""


class Agenda:
    """What is due, in order; at the same instant, in the order in which it was put down.

    Nothing happens after `horizon`. `pace` is told the instant before anything happens that lies ahead: it may wait.
    `exhausted` when there have been too many events, `endless` when too many followed from each other at one instant.
    """

    def __init__(self, now: datetime, horizon: datetime | None, pace: Callable[[datetime], None]) -> None:
        self.now = now
        self.horizon = horizon
        self.exhausted = False
        self.endless = False
        self._pace = pace
        self._left = MAX_EVENTS
        self._due: list[tuple[datetime, int, int, Callable[[], None]]] = []
        self._counter = 0
        self._before = 0

    def at(self, instant: datetime, happen: Callable[[], None]) -> None:
        """Put something down for an instant, or for now where that has passed."""
        self._counter += 1
        before = self._before + 1 if instant <= self.now else 0
        heapq.heappush(self._due, (instant, self._counter, before, happen))

    def soon(self, happen: Callable[[], None]) -> None:
        """Put something down for now, after what is due already."""
        self.at(self.now, happen)

    def step(self, until: datetime | None = None) -> bool:
        """Do what is due next, if that is not after `until` or the horizon, and say whether there was anything.

        After `MAX_EVENTS`, or `MAX_AT_ONCE` that followed from each other, there is nothing any more.
        """
        if not self._due:
            return False
        due, _, before, happen = self._due[0]
        if until is not None and due > until:
            return False
        if self.horizon is not None and due > self.horizon:
            self.now = self.horizon
            return False
        self.exhausted = not self._left
        self.endless = before > MAX_AT_ONCE
        if self.exhausted or self.endless:
            return False
        self._left -= 1
        if due > self.now:
            self._pace(due)
            self.now = due
        heapq.heappop(self._due)
        self._before = before
        happen()
        return True
