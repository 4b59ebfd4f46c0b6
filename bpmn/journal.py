"""What happened in an instance, element by element: for audit, for the read model, and for the picture."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple


class Record(NamedTuple):
    """One thing that happened; a tuple, for each step of each case makes several.

    `seq` counts from 1 without gap; `key` is the element instance it speaks of (or the wait, for subscriptions and
    timers), `scope` the key of the instance around it, 0 at the top; `type` is the BPMN tag.
    """

    seq: int
    at: datetime
    event: str
    element: str
    type: str
    name: str
    key: int
    scope: int
    data: dict[str, Any]
