"""How long a receiver that fails is tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Patience:
    """How hooks are tried: at most `at_once` at the same time in one process, looked for every `interval` seconds.

    After a failure a hook rests for `first`, then for twice as long each time, up to `longest`; one that has failed for
    `given_up` is paused.
    """

    at_once: int
    interval: float
    first: timedelta
    longest: timedelta
    given_up: timedelta

    def rest(self, failures: int) -> timedelta:
        """The pause after so many failures in a row, from 1."""
        seconds = self.first.total_seconds() * 2.0 ** min(failures - 1, 30)
        return min(timedelta(seconds=seconds), self.longest)
