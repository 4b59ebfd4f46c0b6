"""Cases that begin at a time: what a timer start event of a deployed process waits for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from domain.chinese import BUSINESS_ZONE


@dataclass(frozen=True)
class TimedStart:
    """A timer start event, due at an instant (ISO 8601 with offset) and so many times again: -1 is without end.

    `part` is the number of its timer where the event has several definitions. `interval` is that of
    `bpmn.timing.Schedule`.
    """

    process: str
    element: str
    part: int
    due: str
    interval: str = ""
    remaining: int = 0

    @property
    def case_no(self) -> str:
        """The number of the case that it begins: its process, the time, to the millisecond where it has some, and what
        tells it from another event of the process that is due then."""
        at = datetime.fromisoformat(self.due).astimezone(BUSINESS_ZONE)
        parts = f".{at.microsecond // 1000:03d}" if at.microsecond else ""
        own = hashlib.sha256(f"{self.element}/{self.part}".encode()).hexdigest()[:6]
        return f"{self.process}-{at:%Y%m%d-%H%M%S}{parts}-{own}"

    @property
    def workflow_id(self) -> str:
        """The workflow id of the case that it begins: one for each time."""
        at = datetime.fromisoformat(self.due).timestamp()
        return f"timer/{self.process}/{self.element}/{self.part}/{at:.3f}"


@dataclass(frozen=True)
class TimedBeginning:
    """A timer start event whose time has come, and when it is due next; `following` is None where it is over."""

    start: TimedStart
    following: TimedStart | None
