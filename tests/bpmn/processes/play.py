"""Plays a walk through the diagrams on the engine alone: people's acts in, sequence flows out, in virtual time.

A walk stands in `walks.json`: the variables a case starts with, the instant it starts at, and what is done then, one
after another: a user task completed with form data, a message sent, time passing. An act with `at` is done at that
instant, others at once after the one before. Jobs are answered as the activities answer them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from activities.documents import DocumentSettings
from bpmn import commands, events
from bpmn.definition import Definition
from bpmn.feel import Environment
from bpmn.forms import FieldFault
from bpmn.instance import Instance
from bpmn.journal import Record
from bpmn.options import Options
from bpmn.reader import read_all
from domain.documents import Document as Paper
from domain.documents import model_from_variables
from domain.fields import MissingFields
from tests.bpmn.processes.drawing import PROCESSES

WALKS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("walks.json").read_text("utf-8"))
REWORK = "important_customer_with_rework"
"""The walk in which much is refused, taken back and done again."""


def read_definition() -> Definition:
    """All diagrams, decisions and forms."""
    files = sorted(PROCESSES.glob("*.*"))
    return read_all({file.name: file.read_text("utf-8") for file in files})


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


@dataclass
class Document:
    """A document written by one process instance of the case."""

    owner: Running
    model: Paper
    number: str
    void: bool = False

    @property
    def kind(self) -> str:
        return self.model.kind


class Play:
    """A case being played."""

    def __init__(self, definition: Definition, start: str, variables: dict[str, Any]) -> None:
        self.definition = definition
        self.now = datetime.fromisoformat(start)
        self.running: list[Running] = []
        self.flows: set[str] = set()
        self.warnings: list[str] = []
        self.journal: list[tuple[str, Record]] = []
        self.documents: list[Document] = []
        self.jobs: list[str] = []
        self.papers: dict[str, date | None] = {}
        self.case = self._start("hv_connection", variables)

    # -- what is done ----------------------------------------------------------------------------------------------

    def act(self, act: dict[str, Any]) -> None:
        """One act of a walk, when its time has come."""
        if "at" in act:
            self.reach(act["at"])
        if "element" in act:
            self.complete(act["element"], act["data"])
        elif "message" in act:
            self.send(act["message"], act["correlationKey"], act["variables"])
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
        form, environment = self.definition.forms[one.tasks[key].form], Environment(self.now, Options().zone)
        return form.validate(data, one.instance.variables(key), environment)

    def send(self, message: str, correlation_key: str, variables: dict[str, Any]) -> None:
        """Send a message to the one instance that waits for it."""
        waiting = [one for one in self.running if one.instance.waits_for(message, correlation_key)]
        assert len(waiting) == 1, (message, correlation_key, len(waiting))
        self._tell(waiting[0], events.MessageArrived(message, correlation_key, variables))

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
        instance = Instance(self.definition, process, variables, Options(called=bool(parent)))
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
    play.send(command.message, command.correlation_key, command.variables)
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
    if one.parent:
        play._tell(one.parent, events.CallCompleted(one.call, command.variables))


def _run_job(play: Play, one: Running, command: commands.RunJob) -> None:
    play.jobs.append(command.type)
    result = _JOBS[command.type](play, one, command)
    play._tell(one, events.JobCompleted(command.key, result))


def _write_document(play: Play, one: Running, job: commands.RunJob) -> dict[str, Any]:
    try:
        model = model_from_variables(job.headers["kind"], DocumentSettings().completed(job.variables))
    except MissingFields as missing:
        raise AssertionError(f"{job.element}: {missing}") from missing
    number = f"文〔2026〕{len(play.documents) + 1}号"
    play.documents.append(Document(one, model, number))
    return {"documentNo": number, "documentSha256": "0" * 64}


def _void_documents(play: Play, one: Running, job: commands.RunJob) -> dict[str, Any]:
    assert job.variables["reason"], job
    valid = [document for document in play.documents if document.owner is one and not document.void]
    voided = [document for document in valid if job.headers.get("kind", document.kind) == document.kind]
    for document in voided:
        document.void = True
    return {"voided": [document.number for document in voided]}


def _record_papers(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    for paper in job.variables["papers"]:
        until = paper.get("validUntil")
        play.papers[paper["kind"]] = date.fromisoformat(until) if until else None
    return {"recorded": len(job.variables["papers"])}


def _find_papers(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    on = date.fromisoformat(job.variables["onDate"])
    required = job.variables["requiredPapers"]
    held = [kind for kind in required if kind in play.papers and (play.papers[kind] or on) >= on]
    return {"heldPapers": held, "missingPapers": [kind for kind in required if kind not in held]}


def _issue_materials(_play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    assert all(line["quantity"] > 0 for line in job.variables["materials"])
    return {"issueNo": "LL-2026-0001"}


def _return_materials(_play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    assert job.variables["issueNo"] == "LL-2026-0001"
    return {"returnNo": "TL-2026-0001"}


def _archive(play: Play, _one: Running, _job: commands.RunJob) -> dict[str, Any]:
    index = [{"kind": document.kind, "number": document.number} for document in play.documents]
    return {"archiveNo": "DA-2026-0001", "archiveIndex": index}


_JOBS: dict[str, Callable[[Play, Running, commands.RunJob], dict[str, Any]]] = {
    "write-document": _write_document,
    "void-documents": _void_documents,
    "record-papers": _record_papers,
    "find-papers": _find_papers,
    "issue-materials": _issue_materials,
    "return-materials": _return_materials,
    "archive-case": _archive,
}
KNOWN_JOBS = frozenset(_JOBS)
"""The job types that the worker has activities for."""

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


def played(definition: Definition, name: str, until: str = "", times: int = 1) -> Play:
    """A walk, played to its end, or until the element `until` has been completed as many `times`."""
    walk = WALKS[name]
    play = Play(definition, walk["start"], walk["variables"])
    for number, act in enumerate(walk["acts"], 1):
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
