"""`make sample`: the sample company in what `make run` runs, and how to go on with it."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from datetime import UTC, date, datetime

from api.accounts import AccountRefused, NewAccount, create
from api.rights import Role
from demo.client import NotReached, Refusal, connection
from demo.company.building import Company, Stuck
from demo.company.grid import Grid
from demo.company.people import PASSWORD, Person, read_people
from demo.company.stories import read_rows
from domain.calendar import WorkingCalendar, shanghai_date
from storage.database import Database
from storage.settings import Settings

KEEPER = "kfq.construction.head"
"""Who keeps the framework agreements."""

_HOW = """
三县一市公司，{people} 名人员，{cases} 件工单，用时 {seconds:.0f} 秒。全部账号的密码：{password}
  县区营销部受理  kfq.marketing.desk      县区发展部  kfq.planning.head
  服务指挥中心    city.service            运维        city.operator
  市调控中心      city.dispatch           省发展部    province.planning
接下来可以：
  {address}/openapi.json                  接口说明
  http://127.0.0.1:{ui}/                  Temporal Web UI
"""


async def main(settings: Settings) -> int:
    """Build the company; answers the exit code."""
    begun = time.monotonic()
    people, rows = read_people(), read_rows()
    address = f"http://127.0.0.1:{settings.api_port}"
    administrator = _with_role(people, Role.ADMINISTRATOR)
    _first_account(settings, administrator)
    problems: list[BaseException] = []
    async with connection(address) as http:
        company = Company(http, people, print)
        try:
            await company.employ(administrator.account, _with_role(people, Role.OPERATOR).account)
            day = await _day(company, rows[0].customer)
            await company.work(rows, day)
            await Grid(company.client, day).build(_with_role(people, Role.OPERATOR).account, KEEPER)
        except* (Refusal, NotReached, Stuck) as several:
            problems += several.exceptions
    if problems:
        print(*problems, sep="\n", file=sys.stderr)
        print("示例公司尚未建完：请确认 make run 正在运行，再次执行 make sample 会接着建", file=sys.stderr)
        return 1
    seconds = time.monotonic() - begun
    ui = settings.temporal_ui_port
    print(_HOW.format(people=len(people), cases=len(rows), seconds=seconds, password=PASSWORD, address=address, ui=ui))
    return 0


def _with_role(people: list[Person], role: Role) -> Person:
    return next(person for person in people if role in person.roles)


def _first_account(settings: Settings, person: Person) -> None:
    """The administrator, by the command that an installation begins with; all others are made over the API."""
    wanted = NewAccount(person.account, person.name, (Role.ADMINISTRATOR,))
    with suppress(AccountRefused):  # a second run
        create(Database(settings.database), wanted, PASSWORD, datetime.now(UTC))


async def _day(company: Company, customer: str) -> date:
    """The last working day before the sample was begun, at which all cases stand: today's, if it begins now."""
    begun = datetime.now(UTC)
    async for line in company.client("city.service").every("/cases", text=customer, order="number"):
        begun = min(begun, datetime.fromisoformat(line["opened_at"]))
    return WorkingCalendar.shipped().add_workdays(shanghai_date(begun), -1).date


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Settings())))
