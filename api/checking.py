"""Whether a set of diagrams, decisions and forms can become current: all of it together, and with the time limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from activities.starting import packed
from bpmn.definition import Definition, messages_needed, starting_messages
from bpmn.faults import Fault, ModelRefused
from bpmn.model import Element, definitions
from bpmn.options import Options
from bpmn.reader import read_all
from bpmn.references import missing_references
from bpmn.starts import Starts
from domain.clock_rules import rule_faults
from domain.feel import shipped_functions
from domain.limits import LimitTable
from domain.timed_starts import TimedStart
from storage.timer_starts import Planned
from workflows.authorities import task_faults
from workflows.watch import clock_rules

MAX_BUNDLE = 1024 * 1024
"""The compressed size beyond which a bundle is refused: it travels in the history of every case."""


@dataclass(frozen=True)
class Compiled:
    """A process with all it needs, compressed, and what tells its content apart."""

    payload: bytes
    sha256: str


@dataclass(frozen=True)
class Checked:
    """A set without a fault, the bundle of each of its processes, and what begins them."""

    definition: Definition
    bundles: Mapping[str, Compiled]
    begins: Starts

    def starts(self, process: str) -> list[str]:
        """The messages that start a process."""
        return [message for message, started in self.definition.message_starts().items() if started == process]

    def together(self, process: str) -> dict[str, tuple[str, int]]:
        """Of the messages that start a process, those that do so together with others: where, and as which of them."""
        own = {name: one for name, one in self.definition.message_beginnings().items() if one.process == process}
        return {name: (one.together, one.part) for name, one in own.items() if one.together}

    def timers(self) -> list[Planned]:
        """The timer start events of all processes, and when they are due first."""
        return [one for process in self.definition.processes for one in timers(self.definition, self.begins, process)]

    def heard(self, process: str) -> list[str]:
        """The signals that instances of a process hear, or of those that they call; the empty one is any."""
        signals = self.definition.signals()
        reached = self.definition.closure(process, self.begins.functions).processes
        return list(dict.fromkeys(name for one in reached for name in signals[one]))


def check(files: Mapping[str, str], limits: LimitTable, now: datetime) -> Checked:
    """The set of all `files`, sources by name, compiled; its start timers count from `now`.

    Raises `ModelRefused` with every fault: of a file, a called process, decision or form that is missing, a clock that
    none of the `limits` is known for, a task that needs an authority and does not move with it, a message that would
    start two processes, a start event that nothing here would begin, a bundle that is too large.
    """
    options = Options(functions=shipped_functions())
    functions = frozenset(options.functions)
    definition = read_all(files, functions)
    faults = [
        *missing_references(definition, functions),
        *_unknown_limits(definition, limits),
        *_authorities(definition),
    ]
    refuse([*faults, *_started_twice(definition), *_never_begun(definition)])
    packs = {process: packed(definition.closure(process, functions).dump()) for process in definition.processes}
    bundles = {process: Compiled(payload, sha256) for process, (payload, sha256) in packs.items()}
    sizes = {process: len(one.payload) for process, one in bundles.items()}
    refuse([_too_large(definition, process, size) for process, size in sizes.items() if size > MAX_BUNDLE])
    return Checked(definition, bundles, Starts(definition, options, now))


def timers(definition: Definition, begins: Starts, process: str) -> Iterator[Planned]:
    """The timer start events of a process, and when they are due first. Raises `ModelRefused` where none can tell."""
    elements = definition.processes[process].elements
    for start, schedule in begins.timers(process, {}):
        due = schedule.due.isoformat()
        timed = TimedStart(process, start.element, start.part, due, schedule.interval, schedule.remaining)
        yield Planned(timed, _timer_text(elements[start.element], start.part))


def _timer_text(element: Element, part: int) -> str:
    """What the diagram says of a timer: the same text is the same timer."""
    timer = definitions(element.event)[part - 1 if part else 0].timer
    return f"{timer.kind} {timer.text}" if timer else ""


def refuse(faults: list[Fault]) -> None:
    """Raises `ModelRefused` where there are faults."""
    if faults:
        raise ModelRefused(faults)


def _unknown_limits(definition: Definition, table: LimitTable) -> Iterator[Fault]:
    """What the clocks of the diagrams name that the table of limits does not know."""
    remedy = "name a step of the table of limits, a department and moments that there are"
    for process in definition.processes.values():
        for problem in rule_faults(clock_rules(process), table):
            yield Fault(process.file, process.line, process.id, process.name, problem, remedy)


def _authorities(definition: Definition) -> Iterator[Fault]:
    """Tasks that only one level may do, and that would stay with the wrong one."""
    for process in definition.processes.values():
        for one in task_faults(process):
            yield Fault(process.file, one.element.line, one.element.id, one.element.name, one.problem, one.remedy)


def _started_twice(definition: Definition) -> Iterator[Fault]:
    """Start events of a process whose message starts another: it could not go to one case."""
    starts = definition.message_starts()
    for process in definition.processes.values():
        for e in process.elements.values():
            for message in (*starting_messages(process, e), *messages_needed(process, e)):
                if starts[message] != process.id:
                    problem, remedy = (
                        f"message {message!r} starts process {starts[message]} too",
                        "give it one of its own",
                    )
                    yield Fault(process.file, e.line, e.id, e.name, problem, remedy)


def _never_begun(definition: Definition) -> Iterator[Fault]:
    """Start events that need several things at once of which one comes without a key to bring them together by."""
    problem = "it needs all of its events, and only messages are brought together here, by their correlation key"
    remedy = "let the process begin by one of them and wait for the others behind it"
    for process in definition.processes.values():
        for e in process.elements.values():
            begins = e.kind == "startEvent" and e.scope == process.id and e.event and e.event.parallel
            if begins and any(part.kind != "message" for part in definitions(e.event)):
                yield Fault(process.file, e.line, e.id, e.name, problem, remedy)


def _too_large(definition: Definition, process: str, size: int) -> Fault:
    found = definition.processes[process]
    problem = f"with all it needs it has {size} bytes compressed; at most {MAX_BUNDLE} travel with a case"
    return Fault(found.file, found.line, process, found.name, problem, "divide it into processes that call each other")
