"""The acts that a case has done, by their senders' keys, so that a repeated one is answered and not done again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from domain.acts import ActResult, Handled

KEPT = 1_000
"""How many are remembered; the oldest are forgotten first."""


class HandledActs:
    """What was done, the oldest first."""

    def __init__(self, rows: Sequence[Sequence[Any]] = ()) -> None:
        """`rows` are what `dump` wrote; earlier ones had no content."""
        self._acts = {key: Handled(ActResult(**result), *content) for key, result, *content in rows}

    def __len__(self) -> int:
        return len(self._acts)

    def done(self, kind: str, key: str) -> Handled | None:
        """The act of that kind with the sender's `key`, where it has been done."""
        return self._acts.get(f"{kind}:{key}") if key else None

    def remember(self, kind: str, key: str, result: ActResult, content: str = "") -> None:
        """Keep the result of an act for whoever sends it again."""
        if key:
            self._acts[f"{kind}:{key}"] = Handled(result, content)
        while len(self._acts) > KEPT:
            del self._acts[next(iter(self._acts))]

    def dump(self) -> list[list[Any]]:
        """All of it as plain JSON."""
        return [[key, asdict(done.result), done.content] for key, done in self._acts.items()]
