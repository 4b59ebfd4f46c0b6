"""What a case of the suite is: a row of the table of coverage, a small model, and what must have completed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.bpmn.building import Part, Shape, end, model_xml, process, start, user

WAIT = {"do": "wait"}
"""What a script says of a task that nobody completes."""


@dataclass(frozen=True)
class Case:
    """One model. `row` is what it shows, `completed` the elements that have completed in the end, as often as they
    stand there; `incident` is the kind of the incident that it ends with.

    `script` is that of `bpmn.simulation.Script`; `first` are processes that begin before the others. `gives` are
    variables of the first process in the end.
    """

    row: str
    processes: tuple[Shape, ...]
    completed: str
    variables: dict[str, Any] = field(default_factory=dict)
    script: dict[str, Any] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    beside: str = ""
    incident: str = ""
    gives: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name in the test."""
        return self.row.replace(" · ", "-").replace(" ", "_")

    @property
    def file(self) -> str:
        """The name of its file."""
        return re.sub(r"[^0-9a-z]+", "-", self.row.lower()).strip("-") + ".bpmn"

    @property
    def xml(self) -> str:
        """The file; `beside` is what else stands next to the processes."""
        text = model_xml(*self.processes)
        return text.replace("\n</bpmn:definitions>", f"{self.beside}\n</bpmn:definitions>")

    @property
    def expected(self) -> Counter[str]:
        """What must have completed."""
        return Counter(self.completed.split())


def is_drawn(kind: str) -> bool:
    """Whether records of a kind speak of a flow node: not of a process, nor of the body of what is repeated, nor of
    what a multi-instance activity throws by itself."""
    return kind not in ("process", "loopBody", "multiInstanceBody", "implicitThrowEvent")


def row(what: str, *shapes: Shape, flows: list[str], completed: str, links: tuple[str, ...] = (), **more: Any) -> Case:
    """A case of one process `p`."""
    return Case(what, (process(*shapes, flows=flows, links=links),), completed, **more)


def around(what: str, *shapes: Shape, flows: list[str], completed: str, **more: Any) -> Case:
    """A case whose process begins at `start`, goes through `A` and ends at `end`."""
    all_flows = ["start > A > end", *flows]
    return row(what, start(), *shapes, end(), flows=all_flows, completed=completed, **more)


def raw(xml: str, *globals_: str) -> Part:
    """Any XML inside an element."""
    return Part(xml, globals_=globals_)


def conditional(expression: str) -> Part:
    """A conditional event definition."""
    return Part(
        "<bpmn:conditionalEventDefinition>"
        f'<bpmn:condition xsi:type="bpmn:tFormalExpression">{expression}</bpmn:condition>'
        "</bpmn:conditionalEventDefinition>"
    )


def waits(*elements: str) -> dict[str, Any]:
    """A script in which nobody completes these tasks."""
    return {"elements": {name: [WAIT] for name in elements}}


def sent(*messages: tuple[str, str], signals: tuple[str, ...] = (), elements: Any = None) -> dict[str, Any]:
    """A script with messages (name, correlation key) and signals, one minute after the other."""
    return {
        "elements": elements or {},
        "messages": [
            {"name": name, "correlationKey": key, "after": f"PT{number}M"}
            for number, (name, key) in enumerate(messages, 1)
        ],
        "signals": [{"name": name, "after": f"PT{number}M"} for number, name in enumerate(signals, 1)],
    }


def aside(id_: str) -> list[Shape]:
    """Where an event leads: a task and an end of their own."""
    return [user(id_), end(f"{id_}_end")]
