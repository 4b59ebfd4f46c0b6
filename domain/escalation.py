"""An escalation, what a ladder remembers of it, and the instant at which the next one falls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.business_time import instant
from domain.levels import COPIED, POSTS, Colour, Level
from domain.posts import Post


@dataclass(frozen=True)
class Escalation:
    """A level that a clock has reached.

    `at` is the instant of the level, `raised` when it was said. `backdated` (补录): the start was recorded only after
    the instant, or what was due turned out to have been done in time: then it is `taken_back` too. `repeat` counts
    repeats of an unacknowledged one, `moved` how often the due date had been put off beyond levels raised before.
    """

    clock: str
    level: Level
    name: str
    department: str
    at: dt.datetime
    raised: dt.datetime
    due: dt.datetime
    provisional: bool
    colour: Colour
    backdated: bool = False
    taken_back: bool = False
    repeat: int = 0
    moved: int = 0

    @property
    def key(self) -> str:
        """The same for the same escalation, whenever it is asked for: an id for record and message."""
        moved = f"~{self.moved}" if self.moved else ""
        return f"{self.clock}/{self.level.name}{moved}" + (f"/{self.repeat}" if self.repeat else "")

    @property
    def to(self) -> tuple[Post, ...]:
        return POSTS[self.level]

    @property
    def copied(self) -> tuple[Post, ...]:
        return COPIED.get(self.level, ())

    @property
    def needs_order(self) -> bool:
        """Whether a supervision order goes with it."""
        return self.level is Level.L2 and not self.repeat

    def to_json(self) -> dict[str, Any]:
        """The escalation as plain JSON, for the journal and for messages."""
        return {
            "key": self.key,
            "clock": self.clock,
            "level": self.level.name,
            "title": self.level.title,
            "name": self.name,
            "department": self.department,
            "at": self.at.isoformat(),
            "raised": self.raised.isoformat(),
            "due": self.due.isoformat(),
            "provisional": self.provisional,
            "colour": self.colour.value,
            "backdated": self.backdated,
            "takenBack": self.taken_back,
            "repeat": self.repeat,
            "to": [post.value for post in self.to],
            "copied": [post.value for post in self.copied],
        }


@dataclass(frozen=True)
class NextInstant:
    """When something next happens to a clock of the case, for the one timer and its summary."""

    at: dt.datetime
    clock: str
    name: str
    level: Level
    repeat: int = 0


@dataclass(frozen=True)
class Said:
    """What was raised of one level: its instant, and when; whether it was taken back or acknowledged, how often
    repeated; how often the due date had been put off before (see `Escalation`)."""

    at: dt.datetime
    raised: dt.datetime
    taken_back: bool = False
    acknowledged: bool = False
    repeats: int = 0
    repeated: dt.datetime | None = None
    moved: int = 0

    def to_json(self) -> list[Any]:
        """It as a plain JSON list."""
        last = self.repeated.isoformat() if self.repeated else ""
        row = [self.at.isoformat(), self.raised.isoformat(), self.taken_back, self.acknowledged, self.repeats, last]
        return [*row, self.moved] if self.moved else row

    @classmethod
    def from_json(cls, row: Sequence[Any]) -> Said:
        """What `to_json` wrote."""
        at, raised, taken_back, acknowledged, repeats, last, *moved = row
        repeated = instant(last) if last else None
        return cls(instant(at), instant(raised), taken_back, acknowledged, repeats, repeated, *moved)
