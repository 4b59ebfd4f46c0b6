"""Other works ask for an outage, as the system that plans them does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from activities.messages import Messenger
from api.cases import start_context
from domain.outage.applying import plan_opening
from domain.outage.weeks import Week
from domain.start import Publication
from storage.database import Database
from storage.outage_rules import outage_rules

_KEPT = 3_600


async def ask_for_outage(
    messenger: Messenger, database: Database, week: str, request: dict[str, Any], now: datetime, clock_offset: float
) -> None:
    """File a request for the week of a unit, in a story whose time is `clock_offset` seconds ahead of the server's."""
    with database.session() as session:
        rules = outage_rules(session)
    unit = next(one for one in rules.units if one.code == request["unit"])
    await messenger.deliver(
        Publication(
            message_id=str(uuid4()),
            name="outage_requested",
            correlation_key=f"{unit.code}/{week}",
            variables={"plan": plan_opening(unit, Week.read(week), rules), "request": request},
            time_to_live=_KEPT,
            now=now.isoformat(),
            source="demo",
            start=replace(start_context(database), simulation=True, clock_offset=clock_offset),
        )
    )
