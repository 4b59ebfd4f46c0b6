"""Cases that wait for what there is by now: goods that have come in, a bay that has become free.

What a case lacked was noted when it was found (`storage.reservations.ShortItem`, `storage.bay_rows.BayWish`). Here it
is looked at against what is in the books at this moment, whoever changed them and how.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.bays import Claim
from storage.bay_holding import Source, obtainable
from storage.bay_rows import BayWish
from storage.reservations import ShortItem, held_of
from storage.stock import NOTHING, levels_of
from storage.subscriptions import Subscription, waits_for

GOODS_ARRIVED = "materials_arrived"
BAY_AVAILABLE = "bay_available"
"""The messages by which diagrams wait for goods, or for a bay."""


@dataclass(frozen=True)
class Waking:
    """A message to a case that need not wait any longer; `id` is one for each wait, so that it comes once."""

    id: str
    name: str
    correlation_key: str


def to_wake(session: Session, today: date) -> list[Waking]:
    """The cases that wait for goods of which there are enough now, or for a bay that they could have on that day.

    A shortage that somebody has entered by hand is not known here: that case is told by hand, too.
    """
    could: dict[str, Callable[[Session, Subscription], bool]] = {
        GOODS_ARRIVED: _goods_are_there,
        BAY_AVAILABLE: lambda session, wait: _a_bay_is_there(session, wait, today),
    }
    return [
        Waking(f"{wait.workflow_id}/{wait.seq}/{wait.opened_at.timestamp():.6f}", name, wait.correlation_key)
        for name, there in could.items()
        for wait in waits_for(session, name)
        if there(session, wait)
    ]


def _goods_are_there(session: Session, wait: Subscription) -> bool:
    lacking = session.scalars(select(ShortItem).where(ShortItem.workflow_id == wait.workflow_id)).all()
    return bool(lacking) and all(_enough(session, one) for one in lacking)


def _enough(session: Session, lacking: ShortItem) -> bool:
    free = sum((level.free for level in levels_of(session, [lacking.item], lacking.depot)), NOTHING)
    held = held_of(session, lacking.case_no, [lacking.item], lacking.depot)
    return free + held.get(lacking.item, NOTHING) >= lacking.needed


def _a_bay_is_there(session: Session, wait: Subscription, today: date) -> bool:
    wish = session.get(BayWish, wait.workflow_id)
    return wish is not None and obtainable(
        session, Claim(wish.case_no, wish.lead_no), Source(wish.station, wish.voltage_kv, wish.bay), today
    )
