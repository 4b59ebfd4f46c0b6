"""Plays a walk through the diagrams on the engine alone: people's acts in, sequence flows out, in virtual time.

A walk stands in one of the files `walks*.json`: the process and the variables a case starts with, the instant it starts
at, the free bays of the stations it may be connected to and those it holds, the frameworks and the stock there are, and
what is done then, one after another: a user task completed with form data, a message sent, time passing, rows of the
table of authorities changed, goods received. An act with `at` is done at that instant, others at once after the one
before. Jobs are answered as the activities answer them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bpmn import commands, events
from bpmn.definition import Definition
from bpmn.feel import Environment
from bpmn.forms import FieldFault
from bpmn.instance import Instance
from bpmn.journal import Record
from bpmn.options import Options
from bpmn.reader import read_all
from domain.authority import AuthorityTable
from domain.calendar import WorkingCalendar
from domain.feel import feel_functions
from tests.bpmn.processes.answering import JOBS, Document, Thrown
from tests.bpmn.processes.drawing import PROCESSES

WALKS: dict[str, dict[str, Any]] = {
    name: walk
    for file in ("walks.json", "walks_hv.json", "walks_bay_extension.json", "walks_energization_hv.json")
    for name, walk in json.loads(Path(__file__).with_name(file).read_text("utf-8")).items()
}
ANY = "*"
"""The correlation key of a message whatever its receiver waits for: the number of a paper that only it knows."""
REWORK = "important_customer_with_rework"
"""The walk in which much is refused, taken back and done again."""


def read_definition() -> Definition:
    """All diagrams, decisions and forms."""
    files = sorted(PROCESSES.glob("*.*"))
    return read_all({file.name: file.read_text("utf-8") for file in files})


def authorities(changes: list[dict[str, Any]]) -> AuthorityTable:
    """The shipped table with columns of some rows changed, and without the rows that are `gone`."""
    data = AuthorityTable.shipped().to_json()
    for change in changes:
        row = next(row for row in data["rows"] if row["id"] == change["id"])
        row.update(change)
    return AuthorityTable.from_json({"rows": [row for row in data["rows"] if not row.get("gone")]})


@dataclass(eq=False)
class Running:
    """One process instance of the case, with the call activity that waits for it."""

    instance: Instance
    process: str
    parent: Running | None = None
    call: int = 0
    tasks: dict[int, commands.OpenUserTask] = field(default_factory=dict)
    timers: dict[int, datetime] = field(default_factory=dict)
    children: dict[int, Running] = field(default_factory=dict)


class Play:
    """A case being played."""

    def __init__(
        self,
        definition: Definition,
        start: str,
        variables: dict[str, Any],
        bays: Mapping[str, int] | None = None,
        process: str = "hv_connection",
    ) -> None:
        """`bays` says how many bays are free, by station; `process` is what the case runs."""
        self.definition = definition
        self.process = process
        self.functions = dict(feel_functions(WorkingCalendar.shipped(), AuthorityTable.shipped()))
        self.bays = dict(bays or {})
        self.now = datetime.fromisoformat(start)
        self.running: list[Running] = []
        self.flows: set[str] = set()
        self.warnings: list[str] = []
        self.journal: list[tuple[str, Record]] = []
        self.documents: list[Document] = []
        self.jobs: list[str] = []
        self.early: list[commands.PublishMessage] = []
        self.result: dict[str, Any] = {}
        self.papers: dict[str, date | None] = {}
        self.plan: dict[str, Any] | None = None
        self.stock: dict[str, dict[str, Any]] = {}
        self.frameworks: dict[str, dict[str, Any]] = {}
        self.commissioned: list[str] = []
        self.leads: list[str | None] = []
        self.case = self._start(process, variables)

    # -- what is done ----------------------------------------------------------------------------------------------

    def act(self, act: dict[str, Any]) -> None:
        """One act of a walk, when its time has come."""
        if "at" in act:
            self.reach(act["at"])
        if "element" in act:
            self.complete(act["element"], act["data"])
        elif "message" in act:
            self.send(act["message"], act["correlationKey"], act["variables"])
        elif "authority" in act:
            self.use_authorities(act["authority"])
        elif "receive" in act:
            self.receive(act["receive"])
        else:
            self.pass_time(timedelta(days=int(act["advance"].removeprefix("P").removesuffix("D"))))

    def complete(self, element: str, data: dict[str, Any]) -> None:
        """Complete the task of an element that has been open longest, with data that its form takes."""
        faults = self.faults(element, data)
        assert not faults, (element, faults)
        one, key = self._open(element)
        del one.tasks[key]
        self._tell(one, events.TaskCompleted(key, data))

    def faults(self, element: str, data: dict[str, Any]) -> tuple[FieldFault, ...]:
        """What the form of an element's open task finds wrong with data."""
        one, key = self._open(element)
        form = self.definition.forms[one.tasks[key].form]
        environment = Environment(self.now, Options().zone, self.functions)
        return form.validate(data, one.instance.variables(key), environment)

    def send(self, message: str, correlation_key: str, variables: dict[str, Any]) -> None:
        """Send a message to the one instance that waits for it."""
        if correlation_key == ANY:
            waits = [wait for one in self.running for wait in one.instance.waits]
            correlation_key = next(wait.correlation_key for wait in waits if wait.name == message)
        waiting = [one for one in self.running if one.instance.waits_for(message, correlation_key)]
        assert len(waiting) == 1, (message, correlation_key, len(waiting))
        self._tell(waiting[0], events.MessageArrived(message, correlation_key, variables))

    def use_authorities(self, changes: list[dict[str, Any]]) -> None:
        """Have levels decide by another table from now on; whoever waits to hear it is told."""
        self.functions.update(feel_functions(WorkingCalendar.shipped(), authorities(changes)))
        case_no = self.case.instance.variables()["caseNo"]
        if any(one.instance.waits_for("authority_changed", case_no) for one in self.running):
            self.send("authority_changed", case_no, {})

    def receive(self, goods: dict[str, float]) -> None:
        """Goods come to the depot; nobody who waits is told."""
        for item, quantity in goods.items():
            self.stock[item]["onHand"] += quantity

    def reach(self, instant: str) -> None:
        """Let time pass up to an instant."""
        self.pass_time(datetime.fromisoformat(instant) - self.now)

    def pass_time(self, duration: timedelta) -> None:
        """Let time pass; timers fire when they are due."""
        end = self.now + duration
        while due := min(
            ((at, key, n) for n, one in enumerate(self.running) for key, at in one.timers.items()), default=None
        ):
            at, key, n = due
            if at > end:
                break
            self.now = max(self.now, at)
            del self.running[n].timers[key]
            self._tell(self.running[n], events.TimerFired(key))
        self.now = end

    def open_tasks(self) -> list[str]:
        """The elements of all open user tasks."""
        return [task.element for one in self.running for task in one.tasks.values()]

    def candidates(self, element: str) -> tuple[str, ...]:
        """Who may do the task of an element that has been open longest."""
        one, key = self._open(element)
        return one.tasks[key].candidate_groups

    def _open(self, element: str) -> tuple[Running, int]:
        for one in self.running:
            for key, task in one.tasks.items():
                if task.element == element:
                    return one, key
        raise AssertionError(f"{element} is not open; open are {self.open_tasks()}")

    # -- what the engine asks for ----------------------------------------------------------------------------------

    def _start(self, process: str, variables: dict[str, Any], parent: Running | None = None, call: int = 0) -> Running:
        options = Options(called=bool(parent), functions=self.functions)
        instance = Instance(self.definition, process, variables, options)
        one = Running(instance, process, parent, call)
        self.running.append(one)
        self._follow(one, instance.start(self.now))
        return one

    def _tell(self, one: Running, event: events.Event) -> None:
        self._follow(one, one.instance.handle(event, self.now))

    def _follow(self, one: Running, asked: list[commands.Command]) -> None:
        for record in one.instance.drain_journal():
            self.flows.update(record.data.get("flows", ()))
            self.journal.append((one.process, record))
            if record.event == "warned":
                self.warnings.append(f"{record.element}: {record.data}")
        for command in asked:
            _FOLLOW.get(type(command), _nothing)(self, one, command)


def _nothing(_play: Play, _one: Running, _command: Any) -> None:
    """Subscriptions are asked of the instance itself."""


def _open_task(_play: Play, one: Running, command: commands.OpenUserTask) -> None:
    one.tasks[command.key] = command


def _close_task(_play: Play, one: Running, command: commands.CloseUserTask) -> None:
    del one.tasks[command.key]


def _set_timer(_play: Play, one: Running, command: commands.SetTimer) -> None:
    one.timers[command.key] = command.due


def _cancel_timer(_play: Play, one: Running, command: commands.CancelTimer) -> None:
    one.timers.pop(command.key, None)


def _publish(play: Play, one: Running, command: commands.PublishMessage) -> None:
    if any(other.instance.waits_for(command.message, command.correlation_key) for other in play.running):
        play.send(command.message, command.correlation_key, command.variables)
    else:
        play.early.append(command)
    play._tell(one, events.JobCompleted(command.key))


def _start_call(play: Play, one: Running, command: commands.StartCall) -> None:
    child = play._start(command.process, command.variables, one, command.key)
    one.children[command.key] = child


def _cancel_call(play: Play, one: Running, command: commands.CancelCall) -> None:
    child = one.children.pop(command.key)
    child.parent = None
    case_no = child.instance.variables()["caseNo"]
    assert child.instance.waits_for(command.message, case_no), command
    play._tell(child, events.MessageArrived(command.message, case_no))


def _incident(_play: Play, _one: Running, command: commands.RaiseIncident) -> None:
    raise AssertionError(f"incident at {command.element}: {command.kind}: {command.message}")


def _finished(play: Play, one: Running, command: commands.Finished) -> None:
    assert command.outcome == "completed", command
    assert not one.tasks, one.tasks
    play.running.remove(one)
    if one.process == play.process:
        play.result = command.variables
    if one.parent:
        play._tell(one.parent, events.CallCompleted(one.call, command.variables))


def _run_job(play: Play, one: Running, command: commands.RunJob) -> None:
    play.jobs.append(command.type)
    try:
        event: events.Event = events.JobCompleted(command.key, JOBS[command.type](play, one, command))
    except Thrown as thrown:
        event = events.JobThrewError(command.key, thrown.code, "", thrown.variables)
    play._tell(one, event)


_FOLLOW: dict[type[Any], Callable[[Play, Running, Any], None]] = {
    commands.RunJob: _run_job,
    commands.OpenUserTask: _open_task,
    commands.CloseUserTask: _close_task,
    commands.SetTimer: _set_timer,
    commands.CancelTimer: _cancel_timer,
    commands.PublishMessage: _publish,
    commands.StartCall: _start_call,
    commands.CancelCall: _cancel_call,
    commands.RaiseIncident: _incident,
    commands.Finished: _finished,
}


def begun(definition: Definition, name: str) -> Play:
    """A walk at its beginning."""
    walk = WALKS[name]
    play = Play(definition, walk["start"], walk["variables"], walk.get("bays"), walk.get("process", "hv_connection"))
    play.plan = walk.get("plan")
    play.stock, play.frameworks = deepcopy(walk.get("stock", {})), deepcopy(walk.get("frameworks", {}))
    return play


def played(definition: Definition, name: str, until: str = "", times: int = 1) -> Play:
    """A walk, played to its end, or until the element `until` has been completed as many `times`."""
    play = begun(definition, name)
    for number, act in enumerate(WALKS[name]["acts"], 1):
        try:
            play.act(act)
        except AssertionError as error:
            raise AssertionError(f"{name}, act {number} {act.get('element') or act}: {error}") from error
        times -= act.get("element") == until
        if not times:
            break
    return play


def of_kind(play: Play, kind: str) -> list[Document]:
    """The papers of a kind, in order."""
    return [document for document in play.documents if document.kind == kind]


def written(play: Play, kind: str) -> list[Any]:
    """The models of a kind's papers, in order."""
    return [document.model for document in of_kind(play, kind)]
