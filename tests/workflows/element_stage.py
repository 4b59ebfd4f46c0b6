"""Plays a case of the element suite on Temporal: people, systems and the clock do what its script says.

Time is short here: a minute of the model takes some hundredths of a second.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

import worker
from activities.messages import Messenger
from activities.signals import Broadcaster
from activities.starting import begin, case_start
from api.acts import send
from api.case_settings import read_rules
from api.conditions import fulfilled
from api.deployment import deploy
from bpmn.options import SHANGHAI
from bpmn.reader import read_all
from bpmn.simulation import Action, Chosen, Script
from bpmn.starts import starts_plainly
from domain import jobs
from domain.acts import ActivateAdHoc
from domain.ad_hoc import OpenAdHoc
from domain.calendar import WorkingCalendar
from domain.jobs import Job
from domain.records import CaseFields
from domain.start import Broadcast, Publication, StartContext
from storage.bundles import current_bundle
from storage.database import Database
from storage.files import FileStore
from storage.journal_rows import JournalRow, effective
from storage.timer_starts import timer_starts
from tests.bpmn.suite.cases import Case, is_drawn
from tests.databases import migrated
from workflows.codec import CONVERTER
from workflows.timed_starts import BEGIN_TIMED_CASES

PACE = 1500
"""How many times as fast as it says a model is played."""
PATIENCE = 25.0
"""Seconds within which a case must have come to what is expected of it."""
_APART = 12
"""Messages come so much slower: what the one before led to must be known to whoever delivers."""
QUIET = 0.4
"""Seconds in which nothing else may complete once it has."""

_CRON_AHEAD = 4
"""Seconds from the beginning until a cron comes: it counts whole ones, and comes once a day."""

_DURATION = re.compile(r"PT(\d+)([HM])")


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text)
    return int(match[1]) * (3600 if match[2] == "H" else 60) / PACE if match else 0.0


def hastened(xml: str) -> str:
    """The model with all its durations and dates brought near."""
    soon = (datetime.now(UTC) + timedelta(seconds=3600 / PACE)).isoformat()
    xml = xml.replace("2026-03-02T10:00:00+08:00", soon)
    once = datetime.now(SHANGHAI) + timedelta(seconds=_CRON_AHEAD)
    if once.second == 59:  # the second after it is to be of the same minute
        once += timedelta(seconds=1)
    minute = f"{once.minute} {once.hour} * * *"
    xml = xml.replace("0 30 9 * * *", f"{once.second} {minute}")
    xml = xml.replace("0 0,30 10 * * *", f"{once.second},{once.second + 1} {minute}")
    return _DURATION.sub(lambda found: f"PT{_seconds(found[0]):.2f}S", xml)


@dataclass
class Stage:
    """One case at work, with a database and a task queue of its own."""

    client: Client
    database: Database
    queue: str
    case: Case
    roots: list[WorkflowHandle[Any, Any]] = field(default_factory=list)
    _used: Counter[str] = field(default_factory=Counter)
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    _acts: int = 0
    _doing: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def script(self) -> Script:
        return Script.from_json({"elements": {}, **self._own(self.case.script)})

    def _own(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with a correlation key that no other case on this server has: a message begins a case of its key
        once."""
        own: dict[str, Any] = json.loads(json.dumps(data).replace('"K"', f'"{self.queue}"'))
        return own

    def _next(self, element: str) -> Action:
        """What the script says of this activation of an element."""
        number, self._used[element] = self._used[element], self._used[element] + 1
        actions = self.script.elements.get(element, [])
        return actions[number] if number < len(actions) else Action()

    @activity.defn(dynamic=True)
    async def work(self, given: Sequence[RawValue]) -> dict[str, Any]:
        """Does any job as the script says."""
        (job,) = await CONVERTER.decode([one.payload for one in given], [Job])
        action = self._next(f"{job.element}:{job.listens}" if job.listens else job.element)
        await asyncio.sleep(_seconds(action.after))
        if action.do == "error":
            raise ApplicationError(action.message, action.code, action.variables, type="BpmnError", non_retryable=True)
        if action.do == "fail":
            raise ApplicationError(action.message, non_retryable=True)
        if action.do == "deny":
            return jobs.denied(action.message)
        if job.activatable and action == Action():
            return jobs.fulfilled()
        return {"variables": action.variables, "result": action.result} if action.result else dict(action.variables)

    async def begin(self) -> None:
        """Start what begins by itself, those named first before the others."""
        files = {"model.bpmn": hastened(self.case.xml), **self.case.files}
        deploy(self.database, files, datetime.now(UTC))
        definition = read_all(files)
        plain = [name for name in definition.processes if starts_plainly(definition.graph(name))]
        called = {e.call.process for p in definition.processes.values() for e in p.elements.values() if e.call}
        for name in [*self.case.first, *(one for one in plain if one not in {*self.case.first, *called})]:
            await self._start(name)
        await self._meet_conditions()
        with self.database.session() as session:
            timed = timer_starts(session)
        if timed:
            self._later(self._begin_timed())

    async def _meet_conditions(self) -> None:
        """What begins because the variables fulfil its condition."""
        with self.database.session() as session:
            found = fulfilled(
                session, read_rules(None, {}), self._own(self.case.variables), datetime.now(UTC), self.queue
            )
        for workflow_id, start in found.begins.items():
            await begin(self.client, self.queue, workflow_id, start)

    async def _begin_timed(self) -> None:
        """Begin what begins by time, within the patience that there is."""
        work = self.client.execute_workflow(
            BEGIN_TIMED_CASES, PATIENCE, id=f"timed/{self.queue}", task_queue=self.queue
        )
        await work

    async def _start(self, process: str) -> None:
        with self.database.session() as session:
            bundle = current_bundle(session, process)
            assert bundle is not None
        number = f"YK-{uuid4()}"
        fields, context = CaseFields(number, process, 1), StartContext(WorkingCalendar.shipped().to_json())
        start = case_start(
            bundle, fields, {"caseNo": number, **self._own(self.case.variables)}, context, datetime.now(UTC)
        )
        handle = await self.client.start_workflow(process, start, id=f"case/{number}", task_queue=self.queue)
        self.roots.append(handle)
        if process in self.case.first:
            await self._until_waiting()

    async def _until_waiting(self) -> None:
        """Until what was started last waits, and everybody knows."""
        async with asyncio.timeout(PATIENCE):
            while not await self._waits(self.roots[-1]):
                await asyncio.sleep(0.02)

    async def _waits(self, root: WorkflowHandle[Any, Any]) -> bool:
        try:
            view = await root.query("view")
        except RPCError:
            return False  # it is just being continued
        return bool(view["waits"]) and not view["unrecorded"]

    async def play(self) -> Counter[str]:
        """Do what the script says until all that is expected has completed and nothing else does; answers what has."""
        await self.begin()
        for one in self.script.messages:
            self._later(self._send(one.name, one.correlation_key, one.variables, _seconds(one.after)))
        for one in self.script.signals:
            self._later(self._signal(one.name, one.variables, _seconds(one.after)))
        for chosen in self.script.activations:
            self._later(self._choose(chosen))
        loop = asyncio.get_running_loop()
        end, since = loop.time() + PATIENCE, 0.0
        while loop.time() < end:
            await self._look()
            done = self.completed()
            if done != self.case.expected:
                since = 0.0
            elif not since:
                since = loop.time()
            elif loop.time() - since > QUIET:
                break
            await asyncio.sleep(0.05)
        for task in self._doing:
            task.cancel()
        return self.completed()

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._doing.add(task)

    async def _send(self, name: str, key: str, variables: dict[str, Any], after: float) -> None:
        await asyncio.sleep(after * _APART)
        now, context = datetime.now(UTC).isoformat(), StartContext(WorkingCalendar.shipped().to_json())
        publication = Publication(str(uuid4()), name, key, variables, 60.0, now, "suite", context)
        await Messenger(self.database, self.client, self.queue).deliver(publication)

    async def _signal(self, name: str, variables: dict[str, Any], after: float) -> None:
        await asyncio.sleep(after * _APART)
        now, context = datetime.now(UTC).isoformat(), StartContext(WorkingCalendar.shipped().to_json())
        broadcast = Broadcast(str(uuid4()), name, variables, now, "suite", context)
        await Broadcaster(self.database, self.client, self.queue).send(broadcast)

    async def _choose(self, chosen: Chosen) -> None:
        """Act on every ad-hoc sub-process of that id that is open, as soon as there are any."""
        await asyncio.sleep(_seconds(chosen.after))
        while not (hosts := [host for name in self.workflows() for host in await self._hosts(name, chosen.ad_hoc)]):
            await asyncio.sleep(0.02)
        for name, host in hosts:
            await send(self.client, name, ActivateAdHoc(host, chosen.elements, "wang", variables=chosen.variables))

    async def _hosts(self, name: str, element: str) -> list[tuple[str, str]]:
        """The instances of an ad-hoc sub-process in which something can be activated, with their workflow."""
        try:
            found = await self.client.get_workflow_handle(name).query("activatable", result_type=list[OpenAdHoc])
        except RPCError:
            return []  # it is just being continued, or has just been closed
        return [(name, one.key) for one in found if one.element == element and one.activatable]

    async def _look(self) -> None:
        """See to the tasks that have come up, as often as each has been opened."""
        opened = self._opened()
        for name in self.workflows():
            handle = self.client.get_workflow_handle(name)
            try:
                view = await handle.query("view")
            except RPCError:
                continue  # it is just being continued, or has just been closed
            for task in view["tasks"]:
                place = (name, str(task["key"]))
                if self._seen[place] < max(opened[place], 1):
                    self._seen[place] += 1
                    self._later(self._complete(handle, task))

    def _opened(self) -> Counter[tuple[str, str]]:
        """How often each task has been opened, by the journal: again where its completion was denied."""
        with self.database.session() as session:
            rows = [(row.workflow_id, row.content) for row in session.scalars(select(JournalRow).where(effective()))]
        return Counter((name, row["key"]) for name, row in rows if row["event"] == "opened")

    async def _complete(self, handle: WorkflowHandle[Any, Any], task: dict[str, Any]) -> None:
        action = self._next(task["element"])
        if action.do == "wait":
            return
        await asyncio.sleep(_seconds(action.after))
        self._acts += 1
        act = {"task": str(task["key"]), "by": "wang", "key": f"k{self._acts}"}
        if action.do == "assign":
            await handle.signal("claim", {**act, "by": action.result["assignee"]})
            while not await self._is_held(handle, task["key"], action.result["assignee"]):
                await asyncio.sleep(0.02)
        elif action.do == "update":
            await handle.signal("update_task", {**act, "changes": action.result, "reason": "as the script says"})
            while not self._is_decided(handle.id, str(task["key"])):
                await asyncio.sleep(0.02)
        else:
            await handle.signal("complete", {**act, "data": action.variables})
            return
        await self._complete(handle, task)

    async def _is_held(self, handle: WorkflowHandle[Any, Any], key: int, account: str) -> bool:
        """Whether a task is this one's, once its listeners have been heard."""
        try:
            view = await handle.query("view")
        except RPCError:
            return False  # it is just being continued
        return any(task["key"] == key and task["claimedBy"] == account for task in view["tasks"])

    def _is_decided(self, workflow_id: str, key: str) -> bool:
        """Whether the listeners of a task have said yes or no to its update."""
        with self.database.session() as session:
            rows = session.scalars(select(JournalRow).where(effective(), JournalRow.workflow_id == workflow_id)).all()
        return any(row.content["event"] in ("updated", "denied") and row.content["key"] == key for row in rows)

    def workflows(self) -> list[str]:
        """All that are known, called ones too."""
        with self.database.session() as session:
            known = session.scalars(select(JournalRow.workflow_id).distinct()).all()
        return list(dict.fromkeys([*(root.id for root in self.roots), *sorted(known)]))

    def completed(self) -> Counter[str]:
        """The flow nodes that the journal has as completed."""
        with self.database.session() as session:
            rows = [row.content for row in session.scalars(select(JournalRow).where(effective()))]
        return Counter(row["element"] for row in rows if row["event"] == "completed" and is_drawn(row["type"]))

    def incidents(self) -> list[str]:
        """The kinds of the incidents that the journal has."""
        with self.database.session() as session:
            rows = [row.content for row in session.scalars(select(JournalRow).where(effective()))]
        return [row["data"]["kind"] for row in rows if row["event"] == "incident"]


@asynccontextmanager
async def stage(client: Client, folder: Path, case: Case) -> AsyncIterator[Stage]:
    """A worker at work for one case."""
    database = migrated(folder / "cases.db")
    one = Stage(client, database, str(uuid4()), case)
    try:
        async with worker.build(client, database, FileStore(folder / "files"), one.queue, [one.work]):
            yield one
            for name in one.workflows():
                await _ended(client.get_workflow_handle(name))
    finally:
        database.close()


async def _ended(handle: WorkflowHandle[Any, Any]) -> None:
    try:
        await handle.terminate()
    except RPCError:
        return  # it has ended by itself
