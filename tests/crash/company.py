"""The cases of a run, and the people who bring them to their end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import select
from temporalio.client import Client as Temporal
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from api.cases import workflow_id
from api.passwords import hashed
from api.rights import Role
from demo.client import Client, Patience, Refusal
from demo.officers import SIX, Book, Officer, Stuck, Team, application
from demo.scenario import Scenario
from domain.orders import Cause
from storage.accounts import Account, save_account
from storage.cases import Case
from storage.database import Database
from tests.crash.manners import BadConnection

PASSWORD = "崩溃演练用的密码 2026"
DIRECTOR = Officer("city.director", "市公司负责人", ())
"""Who answers every supervision order."""
STEADY = Patience(whole=180.0, attempt=25.0, pause=0.5)
LONG_AGO = datetime.now(UTC) - timedelta(days=40)
"""When that was done which is entered late: long enough for a supervision order."""
PAPERS = [
    "营业执照",
    "用电申请报告",
    "房产证或租赁合同",
    "用电设备清单",
    "用电区域平面图",
    "立项批复及规划选址意见书",
    "授权委托书及受托人身份证",
]
"""All that an application needs: none is asked for later, whatever day it is."""


@dataclass(frozen=True)
class Script:
    """What becomes of a case: elements that are entered late, and the element at which the customer withdraws."""

    name: str
    late: tuple[str, ...] = ()
    leaves_at: str = ""

    @property
    def kind(self) -> tuple[tuple[str, ...], str]:
        """Cases of one kind leave the same behind, but for those that are withdrawn in the middle of something."""
        return self.late, self.leaves_at


@dataclass
class Company:
    """Six officers and a director at work on cases of these scripts."""

    http: httpx.AsyncClient
    scenario: Scenario
    connection: BadConnection
    scripts: dict[str, Script] = field(default_factory=dict)
    team: Team = field(init=False)
    director: Client = field(init=False)
    promised: str = field(default_factory=lambda: (datetime.now(UTC) + timedelta(days=2)).isoformat())

    def __post_init__(self) -> None:
        desks = [(officer, self._client(officer)) for officer in SIX]
        self.team = Team(desks, manner=self.connection, claims=_claimed, may_begin=self._may_begin)
        self.director = self._client(DIRECTOR)

    def _client(self, officer: Officer) -> Client:
        return Client(self.http, officer.account, PASSWORD, STEADY)

    @property
    def marketing(self) -> Client:
        return self.team.desks[0][1]

    @property
    def dispatcher(self) -> Client:
        return next(client for officer, client in self.team.desks if "dispatch" in officer.departments)

    async def bring(self, script: Script) -> None:
        """Hand in the application of a case; every case has a customer, a place and a county of its own, so that no
        yellow of one counts for another."""
        own = {
            "customerId": f"C-{script.name}",
            "customer": f"{script.name}有限公司",
            "county": f"{script.name}县",
            "papers": [{"kind": kind, "validUntil": None} for kind in PAPERS],
        }
        told = await self.connection(self.marketing, "/cases", application(self.scenario, **own), f"open {script.name}")
        self.scripts[told["case_no"]] = script
        self.team.books[told["case_no"]] = Book(self.scenario, dict.fromkeys(script.late, LONG_AGO))

    async def work(self) -> None:
        """Work until `close`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.team.work())
            group.create_task(self._direct())

    def close(self) -> None:
        self.team.close()

    def _may_begin(self, line: dict[str, Any]) -> bool:
        """Whoever comes to the element at which the customer leaves hears of it and begins nothing any more."""
        script = self.scripts[line["case_no"]]
        if script.leaves_at and line["element"] == script.leaves_at:
            self.team.leaving.add(line["case_no"])
        return line["case_no"] not in self.team.leaving

    async def _direct(self) -> None:
        """What a director sees to: cases whose customers leave are withdrawn, every supervision order is answered."""
        seen: set[str] = set()
        while not self.team.closed:
            for case_no in sorted(self.team.leaving - seen):
                seen.add(case_no)
                body = {"reason": "客户暂停项目"}
                await self.connection(self.marketing, f"/cases/{case_no}/withdraw", body, f"withdraw {case_no}")
            orders = [order async for order in self.director.every("/orders", whose="all")]
            for order in orders:
                place = f"{order['process']}/{order['clock']}"
                if place not in seen and order["case_no"] in self.scripts and await self._answer(place):
                    seen.add(place)
            await asyncio.sleep(self.team.pause)

    async def _answer(self, place: str) -> bool:
        """Whether the order of that clock is answered; it may be with a called process since it was listed."""
        body = {"cause": Cause.CUSTOMER.value, "promised": self.promised, "text": "已督促办理"}
        try:
            await self.connection(self.director, f"/orders/{place}/answer", body, f"answer {place}")
        except Refusal as refusal:
            if refusal.kind != "conflict":
                raise
            return False
        return True

    async def until_closed(self, temporal: Temporal, database: Database, running: list[str], patience: float) -> None:
        """Wait until every workflow of every case has ended; meanwhile those that run are kept in `running`.

        Raises `Stuck` after `patience` seconds, and where the officers cannot do something.
        """
        closed: set[str] = set()
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not (self.team.unknown or self.team.refused):
                    known = await asyncio.to_thread(self._workflows, database)
                    running[:] = [name for name in known if name not in closed]
                    closed.update([name for name in running if await _has_closed(temporal, name)])
                    if not running:
                        return
                    await asyncio.sleep(0.2)
        raise Stuck("\n".join([f"still running: {'、'.join(running)}", *self.team.unknown, *self.team.refused]))

    def _workflows(self, database: Database) -> list[str]:
        """The main workflows of the cases, and all that the read model knows of them."""
        with database.session() as session:
            called = session.scalars(select(Case.workflow_id).where(Case.case_no.in_(self.scripts))).all()
        return list(dict.fromkeys([*map(workflow_id, self.scripts), *sorted(called)]))


async def _has_closed(temporal: Temporal, name: str) -> bool:
    with suppress(RPCError):
        described = await temporal.get_workflow_handle(name).describe(rpc_timeout=timedelta(seconds=2))
        return described.status is not WorkflowExecutionStatus.RUNNING
    return False


def _claimed(line: dict[str, Any]) -> bool:
    """Every third task, by its number, is claimed before it is completed."""
    return int(line["id"].rpartition("~")[2]) % 3 == 0


def enrol_all(database: Database) -> None:
    """Accounts for everybody who acts, for the cases of all counties."""
    password = hashed(PASSWORD)
    with database.transaction() as session:
        for officer in (*SIX, DIRECTOR):
            account = Account(
                account=officer.account,
                name=officer.name,
                departments=list(officer.departments),
                county="",
                roles=[Role.OFFICER.value],
                password_hash=password,
                disabled=False,
                failures=0,
                locked_until=None,
                created_at=datetime.now(UTC),
            )
            save_account(session, account)
