"""What becomes of an element that acts."""

from __future__ import annotations

from enum import Enum
from typing import Any


class Outcome(Enum):
    """DONE: it leaves at once. WAITS: an event will complete it. GONE: it has been completed or terminated already."""

    DONE = "done"
    WAITS = "waits"
    GONE = "gone"


class Stuck(Exception):
    """The element cannot go on; becomes an incident of that kind. `data` is what the journal tells of it besides."""

    def __init__(self, kind: str, message: str, **data: Any) -> None:
        self.kind = kind
        self.message = message
        self.data = data
        super().__init__(message)
