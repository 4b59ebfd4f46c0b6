"""Sends a new table of days off to every running case: `python -m api.calendars --by ACCOUNT`.

To be run after a year's notice has been added to `domain/calendars`. Sending the same table twice changes nothing, so
it may be run again until every case has answered. Exit code 1 where a case could not be told, 2 where there is no
Temporal to ask.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.service import RPCError

from api.acts import PATIENCE, send
from domain.acts import ActRefused, NewCalendar
from domain.calendar import WorkingCalendar
from storage.settings import Settings
from workflows.codec import CONVERTER
from workflows.namespace import CASE_NO, NamespaceUnfit, connect

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


async def spread(client: Client, calendar: WorkingCalendar, by: str, patience: float = PATIENCE) -> list[Told]:
    """Have every running case count by `calendar`; each hands it on to what it has called.

    Answers case by case; one that is silent for `patience` seconds is given up.
    """
    dump = calendar.to_json()
    text = json.dumps(dump, ensure_ascii=False, sort_keys=True)
    act = NewCalendar(dump, by, key=f"calendar/{hashlib.sha256(text.encode()).hexdigest()}/{by}")
    gate = asyncio.Semaphore(_AT_ONCE)

    async def tell(workflow_id: str) -> Told:
        async with gate:
            return await _tell(client, workflow_id, act, patience)

    return list(await asyncio.gather(*[tell(one) async for one in running_cases(client)]))


async def _tell(client: Client, workflow_id: str, act: NewCalendar, patience: float) -> Told:
    try:
        return Told(workflow_id, remark=(await send(client, workflow_id, act, patience)).remark)
    except ActRefused as refused:
        return Told(workflow_id, problem=str(refused))
    except RPCError as error:
        return Told(workflow_id, problem=f"工单无法联系：{error.message}")
    except TimeoutError:
        return Told(workflow_id, problem="工单未在时限内答复，请稍后重试")


async def main(arguments: list[str]) -> int:
    """Send the shipped table and print what each case answered."""
    parser = argparse.ArgumentParser(prog="python -m api.calendars", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--by", required=True, metavar="ACCOUNT", help="the account that sends it")
    by = parser.parse_args(arguments).by
    settings = Settings()
    try:
        client = await connect(settings.temporal_address, settings.namespace, CONVERTER)
    except NamespaceUnfit as unfit:
        print(unfit, file=sys.stderr)
        return 2
    told = await spread(client, WorkingCalendar.shipped(), by)
    for one in told:
        print(f"{one.workflow_id}：{one.problem or one.remark}", file=sys.stderr if one.problem else sys.stdout)
    print(f"共{len(told)}件，未送达{sum(bool(one.problem) for one in told)}件")
    return int(any(one.problem for one in told))


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
