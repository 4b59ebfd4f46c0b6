"""Which events begin instances of the processes of a definition, and when timers do (BPMN 2.0 §13.1, §13.5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bpmn import timing
from bpmn.definition import Definition
from bpmn.faults import Fault, ModelRefused
from bpmn.feel import BudgetExceeded, Environment, to_json
from bpmn.graph import Graph, Node
from bpmn.model import Process
from bpmn.options import Options
from bpmn.outcome import Stuck
from bpmn.texts import Text


@dataclass(frozen=True)
class Start:
    """An event at which an instance of a process may begin: a start event, or what instantiates (BPMN 2.0 §13.5.1).

    `part` is the number of its definition where it has several; a parallel multiple event begins when all its `parts`
    have come, which is 0 for every other.
    """

    process: str
    element: str
    part: int = 0
    parts: int = 0


def starts_plainly(graph: Graph) -> bool:
    """Whether a process begins without any event."""
    return graph.root.start is not None or not graph.root.starts


class Starts:
    """The start events of all processes, by what triggers them."""

    def __init__(self, definition: Definition, options: Options, now: datetime) -> None:
        self._definition = definition
        self._options = options
        self._now = now
        self.messages: dict[str, Start] = {}
        self.signals: dict[str, list[Start]] = {}
        for process in definition.processes.values():
            for start, node in self._all(process.id):
                self._add(process, start, node)

    @property
    def functions(self) -> frozenset[str]:
        """The names of the extra FEEL functions."""
        return frozenset(self._options.functions)

    def _graph(self, process: str) -> Graph:
        return self._definition.graph(process, self._options.functions)

    def _all(self, process: str) -> Iterator[tuple[Start, Node]]:
        """The definitions of the start events of a process, one by one."""
        for node in self._graph(process).root.starts:
            parallel = node.element.event is not None and node.element.event.parallel
            for part in node.parts or [node]:
                yield Start(process, node.id, part.part, len(node.parts) if parallel else 0), part

    def start(self, process: str, element: str) -> Start:
        """The start at an element, by a message where it has several definitions."""
        found = [start for start, _ in self._all(process) if start.element == element]
        by_message = [start for start in found if start in self.messages.values()]
        return (by_message or found)[0]

    def _add(self, process: Process, start: Start, node: Node) -> None:
        if "message" in node.texts:
            self.messages.setdefault(self._name(process, node, "message"), start)
        if "signal" in node.texts:
            self.signals.setdefault(self._name(process, node, "signal"), []).append(start)

    def signals_of(self, process: str) -> list[tuple[str, str]]:
        """The signals by which alone a process begins, each with the element at which."""
        found = ((name, start) for name, starts in self.signals.items() for start in starts)
        return [(name, start.element) for name, start in found if start.process == process and not start.parts]

    def plain(self, process: str) -> bool:
        """Whether a process begins without any event."""
        return starts_plainly(self._graph(process))

    def timers(self, process: str, variables: Mapping[str, Any]) -> Iterator[tuple[Start, timing.Schedule]]:
        """The timer starts of a process, and when they are due. Raises `ModelRefused` where that cannot be told."""
        for start, node in self._all(process):
            timer = node.element.event.timer if node.element.event else None
            if timer is None:
                continue
            owner = self._definition.processes[process]
            text = self._value(owner, node, node.texts["timer"], variables)
            try:
                schedule = timing.schedule(timer.kind, text, self._now, self._options.zone)
            except Stuck as stuck:
                raise _refused(owner, node, stuck.message) from None
            yield start, schedule

    def fulfilled(self, process: str, variables: Mapping[str, Any]) -> Iterator[Start]:
        """The conditional starts of a process whose condition these variables fulfil. No others are there before an
        instance, so that what is not fulfilled at the beginning never is. Raises `ModelRefused` as `timers` does."""
        for start, node in self._all(process):
            text = node.texts.get("condition")
            if text and self._value(self._definition.processes[process], node, text, variables) is True:
                yield start

    def _name(self, process: Process, node: Node, kind: str) -> str:
        value = self._value(process, node, node.texts[kind])
        if not isinstance(value, str) or not value:
            raise _refused(process, node, f"the {kind} name {node.texts[kind].source} gave {value!r}, not a text")
        return value

    def _value(self, process: Process, node: Node, text: Text, variables: Mapping[str, Any] | None = None) -> Any:
        """The value of a text of a start event, which sees no variables but those of the beginning."""
        if text.expression is None:
            return text.literal
        options = self._options
        environment = Environment(self._now, options.zone, options.functions, options.budget)
        try:
            return to_json(text.expression.evaluate(variables or {}, environment).value)
        except (BudgetExceeded, TypeError, ValueError) as error:
            raise _refused(process, node, f"{text.source}: {error}") from None


def _refused(process: Process, node: Node, problem: str) -> ModelRefused:
    remedy = "write what has a value before the process has begun"
    return ModelRefused([Fault(process.file, node.element.line, node.id, node.name, problem, remedy)])


def repeated(schedule: timing.Schedule, zone: ZoneInfo) -> timing.Schedule | None:
    """What is left of a schedule that has been due; None where it does not repeat, or ends before."""
    if not schedule.interval or not schedule.remaining:
        return None
    due = timing.repeated(schedule.due, schedule.interval, zone)
    if due is None:
        return None
    return replace(schedule, due=due, remaining=schedule.remaining - (1 if schedule.remaining > 0 else 0))
