"""Plays a walk through the diagrams on Temporal, with everything real."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.testing import WorkflowEnvironment

import worker
from api.acts import send
from api.cases import start_case, workflow_id
from demo.acting import PATIENCE, CaseTree, eventually
from demo.givens import goods_arrive
from domain.acts import AnswerOrder, NewAuthority
from storage.base import row_of
from storage.cases import Case
from storage.files import FileStore
from storage.journal import rebuild
from storage.journal_rows import case_journal
from storage.read_model import PROJECTED
from tests.bpmn.processes.play import ANY, WALKS, authorities
from tests.cases.laying import lay_in
from tests.databases import deployed
from tests.storage.grid import bays, busbar, load, station


def in_one_evening(walk: dict[str, Any]) -> dict[str, Any]:
    """A walk entered after all of it has happened, on a server whose time does not skip: nothing is waited for."""
    acts = [{key: value for key, value in act.items() if key != "at"} for act in walk["acts"]]
    variables = {**walk["variables"], "appliedOn": walk["start"][:10]}
    return {**walk, "start": "2026-05-20T20:00:00+08:00", "variables": variables, "acts": acts}


class Walk:
    """One walk played on a server."""

    def __init__(self, server: WorkflowEnvironment, folder: Path, name: str, skips: bool = True) -> None:
        """`skips` says whether the server's time skips to when an act is to be done."""
        self.server = server
        walk = WALKS[name] if skips else in_one_evening(WALKS[name])
        # A case number of its own: the server is shared.
        written, own = walk["variables"]["caseNo"], f"YK-{uuid4()}"
        self.walk = json.loads(json.dumps(walk, ensure_ascii=False).replace(written, own))
        self.queue = f"walk-{name}-{folder.name}"
        self.database = deployed(folder / "walk.db")
        self.files = FileStore(folder / "files")
        self.variables = dict(self.walk["variables"])
        voltage = str(self.variables["voltageKv"])
        for code, free in self.walk.get("bays", {}).items():
            places = bays(*(str(number) for number in range(free)))
            load(self.database, station(busbar(*places, voltage=voltage), code=code, name=code))
        lay_in(self.database, self.walk)

    async def play(self, cached: int = worker.CACHED) -> str:
        """Do every act, by a worker that keeps so many cases in memory; answers the outcome."""
        start = datetime.fromisoformat(self.walk["start"])
        offset = start - await self.server.get_current_time()
        client = self.server.client
        async with worker.build(client, self.database, self.files, self.queue, cached=cached):
            await start_case(
                client,
                self.database,
                self.queue,
                self.walk.get("process", "hv_connection"),
                self.variables,
                simulation=True,
                clock_offset=offset.total_seconds(),
            )
            case = CaseTree(client, workflow_id(self.variables["caseNo"]))
            for number, act in enumerate(self.walk["acts"], 1):
                try:
                    if "at" in act:
                        await self._reach(datetime.fromisoformat(act["at"]) - offset)
                    await self._act(case, act)
                except Exception as error:
                    what = act.get("element") or act
                    raise AssertionError(f"act {number} {what}: {error.__cause__ or error}") from error
            await self._answer_orders(case, offset)
            return await case.end()

    async def _answer_orders(self, case: CaseTree, offset: timedelta) -> None:
        """Answer what was late on the walk: a process stays open until its supervision orders are answered."""
        await case.rest()
        promised = await self.server.get_current_time() + offset + timedelta(days=1)
        async for view in case.views():
            for row in await self.server.client.get_workflow_handle(view["workflowId"]).query("limits"):
                if row["unanswered"] and not row["called"]:
                    answer = AnswerOrder(row["clock"], "customer", promised.isoformat(), "city.director", "演练")
                    await send(self.server.client, view["workflowId"], answer)

    async def _act(self, case: CaseTree, act: dict[str, Any]) -> None:
        if "element" in act:
            await case.complete(act["element"], "承办人", act["data"])
        elif "message" in act:
            await case.rest()
            key = act["correlationKey"]
            key = await self._awaited(case, act["message"]) if key == ANY else key
            await case.send(act["message"], key, act["variables"])
        elif "authority" in act:
            await case.rest()
            table = authorities(act["authority"]).to_json()
            await send(self.server.client, workflow_id(self.case_no), NewAuthority(table, "授权管理员"))
            await case.rest()
        elif "receive" in act:
            goods_arrive(self.database, act["receive"], datetime.fromisoformat(act["at"]))
        else:
            await self.server.sleep(timedelta(days=int(act["advance"].removeprefix("P").removesuffix("D"))))

    async def _awaited(self, case: CaseTree, message: str) -> str:
        """The correlation key with which the case waits for a message."""

        async def find() -> str | None:
            waits = [wait async for view in case.views() for wait in view["waits"]]
            return next((str(wait["correlation_key"]) for wait in waits if wait.get("name") == message), None)

        return await eventually(find, f"没有流程等待消息 {message}", PATIENCE)

    async def _reach(self, instant: datetime) -> None:
        """Let the server's time come to an instant."""
        if (left := instant - await self.server.get_current_time()) > timedelta():
            await self.server.sleep(left)

    async def failed_tasks(self) -> list[str]:
        """Why workflow tasks of the case failed, but for the server's word that something came in between."""
        client, again = self.server.client, WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
        with self.database.session() as session:
            names = session.scalars(select(Case.workflow_id)).all()
        histories = [await client.get_workflow_handle(name).fetch_history() for name in names]
        failed = [
            event.workflow_task_failed_event_attributes
            for history in histories
            for event in history.events
            if event.HasField("workflow_task_failed_event_attributes")
        ]
        return [one.failure.message for one in failed if one.cause != again]

    def flows(self) -> set[str]:
        with self.database.session() as session:
            lines = case_journal(session, self.variables["caseNo"], limit=100_000)
        return {flow for line in lines for flow in line.record.data.get("flows", ())}

    @property
    def case_no(self) -> str:
        return str(self.variables["caseNo"])

    def read_model(self) -> dict[str, list[str]]:
        """Every row of the projected tables, in a form that compares."""
        with self.database.session() as session:
            return {
                model.__tablename__: sorted(
                    str(sorted(row_of(row).items(), key=str)) for row in session.scalars(select(model))
                )
                for model in PROJECTED
            }

    def rebuild(self) -> None:
        """The read model anew, from the journal alone."""
        with self.database.transaction() as session:
            rebuild(session)
