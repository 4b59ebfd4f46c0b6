"""Data stores (BPMN 2.0 §10.4.1): what a case asks of one. A store outlives every case; it is known by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StoreReading:
    """Say what a store holds."""

    store: str


@dataclass(frozen=True)
class StoreWriting:
    """Put a value into a store: at a path in it, or (empty) as the whole.

    The first four fields name the write: the same four never take effect twice, however often it is tried and whoever
    has written since. `limit` is how many bytes of JSON the whole store may have then; `now` is the case's instant
    (ISO 8601 with offset).
    """

    workflow_id: str
    epoch: str
    key: str
    part: int
    store: str
    path: list[str]
    value: Any
    limit: int
    now: str
