"""What those whom a running clock concerns are told when its due date is moved: by hand, or by a new calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from domain.clock import Change
from domain.posts import Post

KIND = "moved"
"""What such a notice is about, where the notice of a level has its name."""
TO = (Post.OFFICER, Post.TEAM_LEADER)


@dataclass(frozen=True)
class DueMoved:
    """A due date that was moved. `number` tells the changes of one case apart; `by` is empty where nobody moved it."""

    change: Change
    department: str
    raised: dt.datetime
    number: int
    by: str = ""

    @property
    def key(self) -> str:
        """An id for record and message."""
        return f"{self.change.clock}/{KIND}/{self.raised.isoformat()}/{self.number}"

    def to_json(self) -> dict[str, Any]:
        """It as plain JSON, with the fields by which an `Escalation` is told too."""
        return {
            "key": self.key,
            "clock": self.change.clock,
            "level": KIND,
            "title": "期限调整",
            "name": self.change.name,
            "department": self.department,
            "raised": self.raised.isoformat(),
            "due": self.change.due,
            "previous": self.change.previous,
            "days": self.change.days,
            "provisional": self.change.provisional,
            "reason": self.change.reason,
            "by": self.by,
            "backdated": False,
            "repeat": 0,
            "to": [post.value for post in TO],
            "copied": [],
        }
