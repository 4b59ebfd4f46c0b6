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

from activities.documents import DocumentSettings
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
from domain.documents import Document as Paper
from domain.documents import model_from_variables
from domain.feel import feel_functions
from domain.fields import MissingFields
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


class Thrown(Exception):
    """A job ends with a BPMN error of that code, with variables."""

    def __init__(self, code: str, variables: dict[str, Any]) -> None:
        super().__init__(code)
        self.code, self.variables = code, variables


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
        event: events.Event = events.JobCompleted(command.key, _JOBS[command.type](play, one, command))
    except Thrown as thrown:
        event = events.JobThrewError(command.key, thrown.code, "", thrown.variables)
    play._tell(one, event)


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
    of_case = job.headers.get("of") == "case"
    valid = [document for document in play.documents if (of_case or document.owner is one) and not document.void]
    voided = [document for document in valid if document.kind in job.headers.get("kind", document.kind).split()]
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


def _issue_materials(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    """What was reserved is there; what is issued against an approval is only there where the stock has it."""
    assert all(line["quantity"] > 0 for line in job.variables["materials"])
    if "against" in job.headers:
        assert job.headers["against"] == "early_start_approval"
        assert job.variables["earlyStartApprovalNo"]
        for line in job.variables["materials"]:
            _take_from_stock(play, line)
    return {"issueNo": "LL-2026-0001"}


def _take_from_stock(play: Play, line: dict[str, Any]) -> None:
    kept = play.stock.get(line["item"], {"onHand": line["quantity"]})
    if (missing := line["quantity"] - kept["onHand"]) > 0:
        text = f"物资短缺：{line['item']}缺{missing}{line['unit']}"
        on = (play.now + timedelta(days=3)).date().isoformat()
        raise Thrown("shortage", {"shortages": [], "shortageText": text, "shortageRecheckOn": on})


def _return_materials(_play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    assert job.variables["issueNo"] == "LL-2026-0001"
    return {"returnNo": "TL-2026-0001"}


def _assess_outage(play: Play, one: Running, job: commands.RunJob) -> dict[str, Any]:
    """As where nothing stands in the way of the promise; of the plan says the walk whether a unit keeps one."""
    del one
    return {"assessed": job.variables, "feasibility": None, "plan": play.plan, "wayOutProblem": ""}


def _take_bay(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    station, wanted = job.variables["bayStation"], job.variables["bay"]
    assert job.variables["bayVoltageKv"] >= 35
    play.leads.append(job.variables["leadNo"])
    if not play.bays[station] or not (wanted or station).startswith(station):
        raise Thrown("no_bay", {"bayProblem": f"{station}没有可用的间隔"})
    play.bays[station] -= 1
    number = play.bays[station]
    return {"bay": f"{station}:{number}", "bayName": f"{number}间隔", "stationName": station, "bayBuilt": True}


def _give_back_bay(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    station = job.variables["bay"].partition(":")[0]
    play.bays[station] = play.bays.get(station, 0) + 1
    return {}


def _call_off(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    number, lot, amount = (job.variables[key] for key in ("framework", "lot", "amount"))
    assert job.variables["matter"], job
    framework = play.frameworks.get(number, {"validUntil": "1999-12-31", "lots": {}})
    if framework["validUntil"] < play.now.date().isoformat():
        raise Thrown("framework_unusable", {"frameworkProblem": f"框架{number}已到期"})
    if framework["lots"].get(lot, 0) < amount:
        raise Thrown("framework_unusable", {"frameworkProblem": f"框架{number}{lot}余额不足"})
    framework["lots"][lot] -= amount
    return {
        "callOffNo": f"{number}/{lot}/{amount}",
        "frameworkRemaining": framework["lots"][lot],
        "frameworkContractor": framework["contractor"],
        "frameworkAward": framework["award"],
        "frameworkAwardedOn": framework["awardedOn"],
        "frameworkValidFrom": framework["validFrom"],
        "frameworkValidUntil": framework["validUntil"],
        "frameworkLicence": framework["licence"],
        "frameworkLicenceUntil": framework["licenceUntil"],
    }


def _cancel_call_off(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    number, lot, amount = job.variables["callOffNo"].split("/")
    play.frameworks[number]["lots"][lot] += int(amount)
    return {}


def _reserve_materials(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    wanted = {line["item"]: line["quantity"] for line in job.variables["materials"]}
    short = [item for item, quantity in wanted.items() if play.stock[item]["onHand"] < quantity]
    if short:
        again = max(play.stock[item]["arrivesOn"] for item in short)
        told = {"shortages": short, "shortageText": f"物资短缺：{short}", "shortageRecheckOn": again}
        raise Thrown("shortage", told)
    for item, quantity in wanted.items():
        play.stock[item]["onHand"] -= quantity
    return {"reservationNo": json.dumps(wanted)}


def _release_materials(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    play.receive(json.loads(job.variables["reservationNo"]))
    return {}


def _commission_bay(play: Play, _one: Running, job: commands.RunJob) -> dict[str, Any]:
    play.commissioned.append(job.variables["bay"])
    return {}


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
    "take-bay": _take_bay,
    "give-back-bay": _give_back_bay,
    "call-off-framework": _call_off,
    "cancel-call-off": _cancel_call_off,
    "reserve-materials": _reserve_materials,
    "release-materials": _release_materials,
    "commission-bay": _commission_bay,
    "archive-case": _archive,
    "assess-outage-request": _assess_outage,
}
_OF_PLANS = (
    "enter-outage-request",
    "defer-outage-request",
    "withdraw-outage-request",
    "propose-outage-plan",
    "check-outage-plan",
    "issue-outage-plan",
    "add-emergency-outage",
    "close-outage-plan",
    "record-outage-notices",
    "record-outage-execution",
    "remove-withdrawn-outage",
)
"""Jobs of the weekly outage plan, which is played on Temporal only (`tests.cases.test_outage_plan`)."""
KNOWN_JOBS = frozenset(_JOBS) | frozenset(_OF_PLANS)
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
