"""Sends a new table to every running case that no other has called; each hands it on to what it has called."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.service import RPCError

from api.acts import PATIENCE, send
from domain.acts import ActRefused, NewAuthority, NewCalendar
from storage.rules import RuleVersion
from workflows.namespace import CASE_NO

_RUNNING = f'ExecutionStatus = "Running" AND {CASE_NO.name} IS NOT NULL'
_AT_ONCE = 20
"""Cases that are told at the same time."""


@dataclass(frozen=True)
class Told:
    """What a case answered: `remark` says what the new table changed, `problem` why the case was not told."""

    workflow_id: str
    remark: str = ""
    problem: str = ""


async def running_cases(client: Client) -> AsyncIterator[str]:
    """The workflow ids of the running cases that no other has called."""
    async for found in client.list_workflows(_RUNNING):
        if found.parent_id is None:
            yield found.id


async def tell_all(client: Client, act: NewCalendar | NewAuthority, patience: float = PATIENCE) -> list[Told]:
    """Have every running case take a table. Answers case by case; one that is silent for `patience` seconds is given
    up."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def tell(workflow_id: str) -> Told:
        async with gate:
            return await _tell(client, workflow_id, act, patience)

    return list(await asyncio.gather(*[tell(one) async for one in running_cases(client)]))


async def spread_authority(client: Client, loaded: RuleVersion, patience: float = PATIENCE) -> list[Told]:
    """Have every running case decide by a loaded table of authorities; each answers for it once, whoever sends it how
    often, and keeps a later one that it has already."""
    by, key = loaded.loaded_by, f"authority/{loaded.version}/{loaded.sha256}"
    return await tell_all(client, NewAuthority(loaded.content, by, loaded.version, key), patience)


async def _tell(client: Client, workflow_id: str, act: NewCalendar | NewAuthority, patience: float) -> Told:
    try:
        return Told(workflow_id, remark=(await send(client, workflow_id, act, patience)).remark)
    except ActRefused as refused:
        return Told(workflow_id, problem=str(refused))
    except RPCError as error:
        return Told(workflow_id, problem=f"工单无法联系：{error.message}")
    except TimeoutError:
        return Told(workflow_id, problem="工单未在时限内答复，请稍后重试")
