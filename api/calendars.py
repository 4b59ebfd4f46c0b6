"""Sends the table of days off to every running case: `python -m api.calendars --by ACCOUNT`.

The table is the one loaded last (`POST /calendars` sends it too), in the name of who loaded it; where none was ever
loaded it is the shipped one, to be sent after a year's notice has been added to `domain/calendars`. Sending the same
table twice changes nothing, so it may be run again until every case has answered. Exit code 1 where a case could not be
told, 2 where there is no Temporal to ask or no database to read.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys

from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client

from api.acts import PATIENCE
from api.spreading import Told, tell_all
from domain.acts import NewCalendar
from domain.calendar import WorkingCalendar
from storage.company_tables import calendar_in_force
from storage.database import Database
from storage.rules import RuleKind, RuleVersion, current_rule
from storage.settings import Settings
from workflows.codec import CONVERTER
from workflows.namespace import NamespaceUnfit, connect


async def spread_loaded(client: Client, loaded: RuleVersion, patience: float = PATIENCE) -> list[Told]:
    """Have every running case count by a loaded version; each answers for it once, whoever sends it how often."""
    sign = f"{loaded.version}/{loaded.sha256}"
    return await spread(client, calendar_in_force(loaded), loaded.loaded_by, patience, sign)


async def spread(
    client: Client, calendar: WorkingCalendar, by: str, patience: float = PATIENCE, sign: str = ""
) -> list[Told]:
    """Have every running case count by `calendar`; each hands it on to what it has called.

    Answers case by case; one that is silent for `patience` seconds is given up. A case takes a calendar once for its
    `sign`, by default its content.
    """
    dump = calendar.to_json()
    text = json.dumps(dump, ensure_ascii=False, sort_keys=True)
    key = f"calendar/{sign or hashlib.sha256(text.encode()).hexdigest()}/{by}"
    return await tell_all(client, NewCalendar(dump, by, key=key), patience)


async def main(arguments: list[str]) -> int:
    """Send the current table and print what each case answered."""
    parser = argparse.ArgumentParser(prog="python -m api.calendars", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--by", required=True, metavar="ACCOUNT", help="the account that sends the shipped table")
    by = parser.parse_args(arguments).by
    settings = Settings()
    try:
        loaded = _loaded(settings.database)
        client = await connect(settings.temporal_address, settings.namespace, CONVERTER)
    except NamespaceUnfit as unfit:
        print(unfit, file=sys.stderr)
        return 2
    except SQLAlchemyError as error:
        print(f"the database cannot be read (YEKUO_DATABASE_URL): {error}", file=sys.stderr)
        return 2
    told = await (spread_loaded(client, loaded) if loaded else spread(client, WorkingCalendar.shipped(), by))
    for one in told:
        print(f"{one.workflow_id}：{one.problem or one.remark}", file=sys.stderr if one.problem else sys.stdout)
    print(f"共{len(told)}件，未送达{sum(bool(one.problem) for one in told)}件")
    return int(any(one.problem for one in told))


def _loaded(url: str) -> RuleVersion | None:
    database = Database(url)
    try:
        with database.session() as session:
            return current_rule(session, RuleKind.CALENDAR)
    finally:
        database.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
