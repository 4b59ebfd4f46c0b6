"""A process made ready to run: elements linked to each other, FEEL compiled, reachability known. Built once each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from bpmn import reach
from bpmn.commands import OpenUserTask
from bpmn.model import (
    Data,
    DataItem,
    Element,
    EventDefinition,
    ImplicitThrow,
    Listener,
    Mapping,
    Process,
    begins_ad_hoc,
    is_subprocess,
)
from bpmn.reach import Ways
from bpmn.texts import Text, listener_texts, texts_of, texts_of_event

_JOINS = ("parallelGateway", "inclusiveGateway", "complexGateway")
_THROWS = ("intermediateThrowEvent", "endEvent", "implicitThrowEvent")
_THROWN_LAST = {"escalation": 1, "error": 2, "cancel": 2, "terminate": 2}
"""What may end the very scope of a multiple throw event: it throws everything else before."""


@dataclass(slots=True)
class FlowTarget:
    """A sequence flow, seen from its source."""

    id: str
    target: Node
    condition: Text | None


@dataclass(slots=True)
class VariableMapping:
    """A mapping with its source compiled and its target split at the dots; a data association sees only what is around
    the element and what it has read or been given, not what other mappings did."""

    source: Text
    path: tuple[str, ...]
    by_association: bool = False


@dataclass(slots=True, eq=False)
class Node:
    """One element, ready to run.

    `work` is what it waits for outside: a task, a job (or a message on its way), a call, the answer to an escalation;
    `handler` what compensates it: an activity beside it, or an event sub-process inside it. `throws` are the events
    that a multi-instance activity throws, `activatable` the elements an ad-hoc sub-process may begin with. `listeners`
    are by the moment they listen to; a `late` one acts when it is routed. The `parts` of a multiple event are nodes of
    the same id, one for each definition, numbered by `part` from 1; those of a throw event in the order in which they
    are thrown. `gateway` is the instantiating event-based gateway that an event stands behind. `offer` is the user task
    as it is opened and journalled, kept once it is known that it is the same for every instance.
    """

    element: Element
    id: str
    kind: str
    name: str
    scope: Node | None
    work: str = ""
    handler: str = ""
    outgoing: list[FlowTarget] = field(default_factory=list)
    default: str = ""
    has_conditions: bool = False
    joins: bool = False
    boundaries: list[Node] = field(default_factory=list)
    event_subprocesses: list[Node] = field(default_factory=list)
    throws: list[Node] = field(default_factory=list)
    activatable: list[Node] = field(default_factory=list)
    start: Node | None = None
    starts: list[Node] = field(default_factory=list)
    parts: list[Node] = field(default_factory=list)
    part: int = 0
    gateway: Node | None = None
    inputs: list[VariableMapping] = field(default_factory=list)
    outputs: list[VariableMapping] = field(default_factory=list)
    texts: dict[str, Text] = field(default_factory=dict)
    data: Data | None = None
    checked: dict[str, DataItem] = field(default_factory=dict)
    write_texts: list[Text] = field(default_factory=list)
    listeners: dict[str, list[Listener]] = field(default_factory=dict)
    late: bool = False
    offer: tuple[OpenUserTask, dict[str, Any]] | None = None

    @property
    def is_event_subprocess(self) -> bool:
        return self.element.triggered_by_event

    @property
    def holds(self) -> bool:
        """Whether other elements are inside: a process, or a sub-process of any kind."""
        return self.kind == "process" or is_subprocess(self.kind)

    @property
    def scopes(self) -> list[Node]:
        """The scopes that it is in, innermost first."""
        found: list[Node] = []
        scope = self.scope
        while scope is not None:
            found.append(scope)
            scope = scope.scope
        return found

    @property
    def loops(self) -> bool:
        """Whether it has a body around its instances: a multi-instance activity, or a standard loop."""
        return self.element.loop is not None or self.element.standard_loop is not None

    @property
    def compensates(self) -> bool:
        """Whether it is an event sub-process that compensates the sub-process around it."""
        return self.is_event_subprocess and self.start is not None and self.start.element.event_kind == "compensation"


class Graph:
    """The runnable form of one process. `names` are the names with spaces that its FEEL may use."""

    def __init__(self, process: Process, names: frozenset[str] = frozenset()) -> None:
        self.process = process
        self._names = names
        root = Element(
            process.id, "process", "", process.name, process.line, data=process.data, listeners=process.listeners
        )
        self.root = Node(root, process.id, "process", process.name, None)
        self._give_data(self.root, process.data)
        self._listen(self.root)
        self.nodes: dict[str, Node] = {process.id: self.root}
        for element in process.elements.values():
            self.nodes[element.id] = self._node(element)
        for node in list(self.nodes.values()):
            self._link(node)
        self.has_checked_data = any(node.checked for node in self.nodes.values())

    def _text(self, source: str) -> Text:
        return Text(source, self._names)

    def _node(self, element: Element) -> Node:
        node = Node(element, element.id, element.kind, element.name, self.nodes[element.scope])
        self._give_data(node, element.data)
        node.inputs += [self._mapping(m) for m in element.inputs]
        node.outputs += [self._mapping(m) for m in element.outputs]
        node.texts = {name: self._text(source) for name, source in texts_of(element) if source}
        node.joins = (element.kind in _JOINS and len(element.incoming) > 1) or bool(element.activation_condition)
        node.default = element.default
        node.work = _work(node)
        self._listen(node)
        if element.event and element.event.parts:
            node.parts = [self._part(node, one, number) for number, one in enumerate(_ordered(element), 1)]
        return node

    def _part(self, whole: Node, definition: EventDefinition, number: int) -> Node:
        node = Node(replace(whole.element, event=definition), whole.id, whole.kind, whole.name, whole.scope)
        node.texts = {name: self._text(source) for name, source in texts_of_event(definition) if source}
        node.work = _work(node)
        node.part = number
        return node

    def _mapping(self, mapping: Mapping, by_association: bool = False) -> VariableMapping:
        return VariableMapping(self._text(mapping.source), tuple(mapping.target.split(".")), by_association)

    def _give_data(self, node: Node, data: Data | None) -> None:
        if data is None:
            return
        node.data = data
        node.checked = {item.variable: item for item in data.items if item.collection or item.type}
        node.inputs = [self._mapping(m, by_association=True) for m in data.inputs]
        node.outputs = [self._mapping(m, by_association=True) for m in data.outputs]
        node.write_texts = [self._text(write.source) for write in data.writes]

    def _listen(self, node: Node) -> None:
        for listener in node.element.listeners:
            node.listeners.setdefault(listener.moment, []).append(listener)
        node.texts |= {name: self._text(source) for name, source in listener_texts(node.element.listeners) if source}
        node.late = (
            "end" in node.listeners and node.kind in _THROWS and node.element.event_kind in ("link", "terminate")
        )

    def _link(self, node: Node) -> None:
        element = node.element
        for flow_id in element.outgoing:
            flow = self.process.flows[flow_id]
            condition = self._text(f"={flow.condition}") if flow.condition else None
            node.outgoing.append(FlowTarget(flow_id, self.nodes[flow.target], condition))
        node.has_conditions = any(flow.condition for flow in node.outgoing)
        if element.attached_to:
            host = self.nodes[element.attached_to]
            host.boundaries.append(node)
            host.handler = element.handler or host.handler
        if node.scope is None:
            return
        if node.is_event_subprocess:
            node.scope.event_subprocesses.append(node)
        elif element.kind == "startEvent":
            node.scope.starts.append(node)
            if node.element.event_kind == "none" or node.scope.is_event_subprocess:
                node.scope.start = node
            if node.scope.compensates and node.scope.scope is not None:
                node.scope.scope.handler = node.scope.scope.handler or node.scope.id
        elif element.instantiates:
            self._link_start(node, node.scope)
        if node.scope.kind == "adHocSubProcess" and begins_ad_hoc(element):
            node.scope.activatable.append(node)
        if element.loop:
            node.throws = [self._implicit(element, throw) for throw in element.loop.throws]

    def _implicit(self, element: Element, throw: ImplicitThrow) -> Node:
        """The event that a multi-instance activity throws, which no shape of the diagram stands for."""
        name = f"{element.id}.{throw.id}"
        implicit = Element(name, "implicitThrowEvent", element.scope, element.name, element.line, event=throw.event)
        self.nodes[name] = node = self._node(implicit)
        if throw.condition:
            node.texts["thrown_if"] = self._text(throw.condition)
        return node

    @staticmethod
    def _link_start(node: Node, scope: Node) -> None:
        """A receive task, or the events behind a gateway, at which an instance may begin (BPMN 2.0 §13.5.1)."""
        if node.kind != "eventBasedGateway":
            scope.starts.append(node)
            return
        for flow in node.outgoing:
            flow.target.gateway = node
            scope.starts.append(flow.target)

    def link_target(self, node: Node) -> Node:
        """The link catch event that belongs to a link throw event (same scope, same name)."""
        assert node.element.event is not None
        name = node.element.event.link
        for other in self.nodes.values():
            event = other.element.event
            if other.kind == "intermediateCatchEvent" and other.scope is node.scope and event and event.link == name:
                return other
        raise LookupError(name)

    @cached_property
    def ways(self) -> Ways:
        """By which incoming flows of a gateway a token at each element can come to it, be it by a boundary event."""
        return reach.ways(self, by_boundaries=True)

    @cached_property
    def direct_ways(self) -> Ways:
        """As `ways`, but only by sequence flows and links: what a token does where no boundary event happens."""
        return reach.ways(self, by_boundaries=False)


def _work(node: Node) -> str:
    thrown = node.element.event_kind if node.kind in _THROWS else ""
    if (node.element.job and not node.element.ad_hoc) or node.kind == "sendTask" or thrown == "message":
        return "job"
    if thrown == "escalation":
        return "escalation"
    works = {"userTask": "task", "callActivity": "call", "task": "job", "manualTask": "job"}
    return works.get(node.kind, "")


def _ordered(element: Element) -> Iterable[EventDefinition]:
    assert element.event is not None
    if element.kind not in _THROWS:
        return element.event.parts
    return sorted(element.event.parts, key=lambda part: _THROWN_LAST.get(part.kind, 0))
