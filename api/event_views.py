"""How other systems and people are told an event of the feed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.models import Answer
from api.sight import process_id
from storage.feed import FeedEvent
from storage.feed_events import FeedKind


class EventView(Answer):
    """One event. `position` is its place in the stream; `at` when it happened, `recorded_at` when the system learned of
    it; `data` says more, by `kind`."""

    position: int
    kind: FeedKind
    case_no: str
    county: str
    process: str
    seq: int
    at: datetime
    recorded_at: datetime
    data: dict[str, Any]


def view_of(event: FeedEvent) -> EventView:
    """The event as others are told it."""
    names = {name: getattr(event, name) for name in EventView.model_fields if name not in ("process", "kind")}
    return EventView(**names, process=process_id(event.workflow_id), kind=FeedKind(event.kind))
