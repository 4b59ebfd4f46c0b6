"""What has become of an incident: the case is asked, for as long as it takes or as somebody waits."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

from domain.incidents import IncidentNow, IncidentState

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two questions: short at first, twice as long each time."""
_log = logging.getLogger(__name__)


async def standing(client: Client, workflow_id: str, incident: str) -> IncidentNow:
    """How things stand with an incident. Raises `RPCError` where there is no such case, or nobody answers."""
    found: Any = await client.get_workflow_handle(workflow_id).query("incident", incident)
    return IncidentNow(IncidentState(found["state"]), found["kind"], found["message"])


async def settled(client: Client, workflow_id: str, incident: str, seconds: float) -> IncidentNow:
    """How things stand as soon as the step is not at work any more, or after so many seconds.

    Where nobody answers, it counts as at work: what was asked of the case has been done.
    """
    now, pause = IncidentNow(IncidentState.AT_WORK), _FIRST_PAUSE
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                try:
                    now = await standing(client, workflow_id, incident)
                except RPCError as error:
                    _log.warning("case %s did not say how incident %s stands: %s", workflow_id, incident, error)
                if now.state is not IncidentState.AT_WORK:
                    break
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
    return now
