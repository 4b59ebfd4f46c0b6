"""How an incident of a running case stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class IncidentState(StrEnum):
    """What has become of an incident."""

    OPEN = "open"
    """It stands, perhaps again."""
    AT_WORK = "at_work"
    """The step is being tried again, and its outcome is not known yet."""
    SOLVED = "solved"
    """The step has got over it: it has ended, or people, a called process or an event have it now."""


@dataclass(frozen=True)
class IncidentNow:
    """An incident as it stands; kind and message where it is open."""

    state: IncidentState
    kind: str = ""
    message: str = ""
