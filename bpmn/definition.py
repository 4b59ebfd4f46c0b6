"""What can run: processes with the decisions and forms they use, checked, and the same after a trip through JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bpmn import codec
from bpmn.feel import compile_expression
from bpmn.graph import Graph
from bpmn.model import Call, Element, Process, definitions

if TYPE_CHECKING:  # both are large, and many a process uses neither
    from bpmn.dmn import DecisionModel
    from bpmn.forms import Form


@dataclass(frozen=True)
class MessageStart:
    """How a message begins an instance of a process.

    With others of the same correlation key it may begin one instance `together`: at the event of that id, which needs
    all of them (`part` counts them from 1), or behind that parallel event-based gateway, where the first to come begins
    the instance and the others are for it (`part` is 0). `together` is empty where it begins an instance by itself.
    """

    process: str
    together: str = ""
    part: int = 0


@dataclass(frozen=True)
class Definition:
    """A set of processes, decisions and forms that refer to each other by id.

    `messages` are the names of messages with a literal name that any of the processes waits for.
    """

    processes: dict[str, Process] = field(default_factory=dict)
    decisions: dict[str, DecisionModel] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    _graphs: dict[tuple[str, frozenset[str]], Graph] = field(default_factory=dict, compare=False, repr=False)

    def graph(self, process: str, names: Iterable[str] = ()) -> Graph:
        """The runnable form of a process, made at first use. Raises `KeyError` for one that is not here."""
        key = (process, frozenset(names))
        if key not in self._graphs:
            self._graphs[key] = Graph(self.processes[process], key[1])
        return self._graphs[key]

    def process(self, process_id: str, version_tag: str = "") -> Process | None:
        """The process of an id, where it has the version tag that is asked for (none is asked for by an empty one)."""
        found = self.processes.get(process_id)
        return found if found and version_tag in ("", found.version_tag) else None

    def decision(self, decision_id: str, version_tag: str = "") -> DecisionModel | None:
        """The model that holds a decision with the version tag that is asked for (none is by an empty one)."""
        for model in self.decisions.values():
            if (found := model.decisions.get(decision_id)) and version_tag in ("", found.version_tag):
                return model
        return None

    def closure(self, process: str, names: Iterable[str] = ()) -> Definition:
        """What `process` can ever need: itself, the processes it calls, theirs, and the decisions and forms.

        A call may need any process where only the case tells which (see `called`). `names` are those of extra FEEL
        functions, as when it was read.
        """
        known = frozenset(names)
        needed: dict[str, Process] = {}
        todo = [process]
        while todo:
            name = todo.pop(0)
            if name not in needed and name in self.processes:
                needed[name] = self.processes[name]
                for call in [e.call for e in needed[name].elements.values() if e.call]:
                    choices = called(call, known)
                    todo += self.processes if choices is None else choices
        elements = [element for one in needed.values() for element in one.elements.values()]
        forms = dict.fromkeys(e.user.form for e in elements if e.user and e.user.form)
        if any(name.startswith("=") for name in forms):
            return Definition(needed, self.decisions, self.forms)
        return Definition(needed, self.decisions, {name: self.forms[name] for name in forms if name in self.forms})

    def form(self, form_id: str, version_tag: str = "") -> Form | None:
        """The form of an id, where it has the version tag that is asked for (none is asked for by an empty one)."""
        found = self.forms.get(form_id)
        return found if found and version_tag in ("", found.schema.get("versionTag", "")) else None

    def messages(self) -> dict[str, tuple[str, ...]]:
        """By process id: the literal names of the messages it catches."""
        return {name: tuple(_message_names(process)) for name, process in self.processes.items()}

    def signals(self) -> dict[str, tuple[str, ...]]:
        """By process id: the names of the signals that its instances catch; the empty one where only the case tells."""
        return {name: tuple(_signal_names(process)) for name, process in self.processes.items()}

    def message_starts(self) -> dict[str, str]:
        """The process that a message of that name starts."""
        return {message: begun.process for message, begun in self.message_beginnings().items()}

    def message_beginnings(self) -> dict[str, MessageStart]:
        """How a message of that name starts a process: by itself where it does so anywhere."""
        all_elements = [(process, e) for process in self.processes.values() for e in process.elements.values()]
        found = {
            message: MessageStart(process.id, element.id, number)
            for process, element in all_elements
            for number, message in enumerate(messages_needed(process, element), 1)
        }
        for process, element in all_elements:
            gateway = _gateway_before(process, element)
            together = gateway.id if gateway and gateway.parallel else ""
            for message in starting_messages(process, element):
                found[message] = MessageStart(process.id, together)
        return found

    def dump(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "processes": [_dump_process(process) for process in self.processes.values()],
            "decisions": codec.encode(self.decisions),
            "forms": {name: form.schema for name, form in self.forms.items()},
        }

    @classmethod
    def load(cls, data: Mapping[str, Any], names: Iterable[str] = ()) -> Definition:
        """What `dump` wrote; `names` are those of extra FEEL functions, as when it was read."""
        from bpmn.dmn import DecisionModel
        from bpmn.forms import read_form

        known = frozenset(names)
        return cls(
            {process.id: process for process in map(_load_process, data["processes"])},
            codec.decode(dict[str, DecisionModel], data["decisions"]),
            {name: read_form(json.dumps(schema), f"{name}.form", known) for name, schema in data["forms"].items()},
        )


def starting_messages(process: Process, element: Element) -> tuple[str, ...]:
    """The messages that begin an instance of a process at that element: a start event of the process, an instantiating
    receive task, or an event behind an instantiating gateway.

    None where an event needs more than one message: one alone does not start it.
    """
    gateway = _gateway_before(process, element)
    starts = (element.kind == "startEvent" and element.scope == process.id) or element.instantiates or gateway
    if not starts or (element.event and element.event.parallel):
        return ()
    return tuple(part.message.name for part in definitions(element.event) if part.message)


def messages_needed(process: Process, element: Element) -> tuple[str, ...]:
    """The messages all of which must have come for an instance of a process to begin at that start event.

    None where one alone begins it, or it needs anything else than messages.
    """
    starts = element.kind == "startEvent" and element.scope == process.id
    if not starts or not (element.event and element.event.parallel):
        return ()
    messages = [part.message for part in definitions(element.event)]
    return tuple(message.name for message in messages if message) if all(messages) else ()


def _gateway_before(process: Process, element: Element) -> Element | None:
    """The instantiating event-based gateway that an element stands behind."""
    sources = [process.elements.get(process.flows[flow].source) for flow in element.incoming]
    return next((one for one in sources if one and one.kind == "eventBasedGateway" and one.instantiates), None)


def called(call: Call, names: frozenset[str] = frozenset()) -> tuple[str, ...] | None:
    """The processes that a call activity may run: the one it names, or those its expression chooses among.

    None where only the case tells. `names` are those of extra FEEL functions.
    """
    if not call.process.startswith("="):
        return (call.process,)
    return compile_expression(call.process[1:], names).choices


def _dump_process(process: Process) -> dict[str, Any]:
    """Elements and flows as lists: their order has a meaning, and whoever writes JSON may sort the keys of objects."""
    data: dict[str, Any] = codec.encode(process)
    return {**data, "elements": list(data["elements"].values()), "flows": list(data["flows"].values())}


def _load_process(data: Mapping[str, Any]) -> Process:
    parts = {part: {one["id"]: one for one in data[part]} for part in ("elements", "flows")}
    return codec.decode(Process, {**data, **parts})


def _message_names(process: Process) -> dict[str, None]:
    names: dict[str, None] = {}
    for element in process.elements.values():
        throws = element.kind in ("intermediateThrowEvent", "endEvent", "sendTask")
        messages = [part.message for part in definitions(element.event) if part.message and not throws]
        names.update((message.name, None) for message in messages if not message.name.startswith("="))
    return names


def _signal_names(process: Process) -> dict[str, None]:
    begins = [e for e in process.elements.values() if e.kind == "startEvent" and e.scope == process.id]
    throws = ("intermediateThrowEvent", "endEvent")
    catching = [e for e in process.elements.values() if e.kind not in throws and e not in begins]
    caught = [part for e in catching for part in definitions(e.event)]
    return {"" if part.signal.startswith("=") else part.signal: None for part in caught if part.kind == "signal"}
