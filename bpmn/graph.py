"""A process made ready to run: elements linked to each other, FEEL compiled, reachability known. Built once each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from bpmn.commands import OpenUserTask
from bpmn.feel import Expression as FeelExpression
from bpmn.feel import compile_expression
from bpmn.model import (
    Data,
    DataItem,
    Element,
    EventDefinition,
    ImplicitThrow,
    Listener,
    Mapping,
    Process,
    is_activity,
    is_subprocess,
)

_JOINS = ("parallelGateway", "inclusiveGateway", "complexGateway")
_THROWS = ("intermediateThrowEvent", "endEvent", "implicitThrowEvent")
_THROWN_LAST = {"escalation": 1, "error": 2, "cancel": 2, "terminate": 2}
"""What may end the very scope of a multiple throw event: it throws everything else before."""


Ways = dict[str, dict[str, list[str]]]
"""By gateway and element: incoming flows of the gateway."""


class Text:
    """A text of the model: literal, or FEEL where it starts with `=`."""

    __slots__ = ("expression", "literal", "source")

    def __init__(self, source: str, names: frozenset[str]) -> None:
        self.source = source
        self.expression: FeelExpression | None = None
        self.literal: str | None = source or None
        if source.startswith("="):
            self.expression = compile_expression(source[1:], names)


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
        node.texts = {name: self._text(source) for name, source in _texts_of_event(definition) if source}
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
    def reach(self) -> dict[str, dict[str, frozenset[str]]]:
        """For each joining inclusive or complex gateway and each of its incoming flows: the elements from which a
        token can get to that flow without passing the gateway (BPMN 2.0 §13.4.3), be it by a boundary event."""
        return self._reach(by_boundaries=True)

    @cached_property
    def direct_reach(self) -> dict[str, dict[str, frozenset[str]]]:
        """As `reach`, but only by sequence flows and links: what a token does where no boundary event happens."""
        return self._reach(by_boundaries=False)

    def _reach(self, by_boundaries: bool) -> dict[str, dict[str, frozenset[str]]]:
        return {
            node.id: {flow: self._reaching(node, flow, by_boundaries) for flow in node.element.incoming}
            for node in self.nodes.values()
            if node.kind in ("inclusiveGateway", "complexGateway") and node.joins
        }

    @cached_property
    def ways(self) -> Ways:
        """`reach` seen from the elements: by which incoming flows of a gateway a token at each can come to it."""
        return _ways(self.reach)

    @cached_property
    def direct_ways(self) -> Ways:
        """`direct_reach` seen from the elements."""
        return _ways(self.direct_reach)

    def _reaching(self, gateway: Node, flow: str, by_boundaries: bool) -> frozenset[str]:
        found: dict[str, None] = {}
        todo = [self.process.flows[flow].source]
        while todo:
            name = todo.pop()
            if name in found or name == gateway.id:
                continue
            found[name] = None
            todo.extend(self._before(self.nodes[name], by_boundaries))
        return frozenset(found)

    def _before(self, node: Node, by_boundaries: bool) -> Iterable[str]:
        yield from (self.process.flows[flow].source for flow in node.element.incoming)
        if by_boundaries and node.element.attached_to:
            yield node.element.attached_to
        if node.element.event_kind == "link" and node.kind == "intermediateCatchEvent":
            for other in self.nodes.values():
                if other.kind == "intermediateThrowEvent" and other.element.event_kind == "link":
                    assert other.element.event is not None
                    assert node.element.event is not None
                    if other.scope is node.scope and other.element.event.link == node.element.event.link:
                        yield other.id


def _ways(reach: dict[str, dict[str, frozenset[str]]]) -> Ways:
    found: Ways = {gateway: {} for gateway in reach}
    for gateway, flows in reach.items():
        for flow, elements in flows.items():
            for element in sorted(elements):
                found[gateway].setdefault(element, []).append(flow)
    return found


def _work(node: Node) -> str:
    thrown = node.element.event_kind if node.kind in _THROWS else ""
    if (node.element.job and not node.element.ad_hoc) or node.kind == "sendTask" or thrown == "message":
        return "job"
    if thrown == "escalation":
        return "escalation"
    works = {"userTask": "task", "callActivity": "call", "task": "job", "manualTask": "job"}
    return works.get(node.kind, "")


def begins_ad_hoc(element: Element) -> bool:
    """Whether an element of an ad-hoc sub-process can be activated by itself: an activity or an intermediate event
    that no sequence flow leads to."""
    event = element.kind in ("intermediateThrowEvent", "intermediateCatchEvent")
    by_link = element.kind == "intermediateCatchEvent" and element.event_kind == "link"
    if element.incoming or element.triggered_by_event or element.for_compensation or by_link:
        return False
    return event or is_activity(element.kind)


def _ordered(element: Element) -> Iterable[EventDefinition]:
    assert element.event is not None
    if element.kind not in _THROWS:
        return element.event.parts
    return sorted(element.event.parts, key=lambda part: _THROWN_LAST.get(part.kind, 0))


def _texts_of_event(event: EventDefinition) -> Iterable[tuple[str, str]]:
    if event.timer:
        yield "timer", event.timer.text
    if event.message:
        yield "message", event.message.name
        yield "correlation_key", event.message.correlation_key
        if correlation := event.message.correlation:
            yield from ((f"retrieval {number}", text) for number, text in enumerate(correlation.retrieval))
            yield from ((f"binding {number}", text) for number, text in enumerate(correlation.binding))
    if event.condition:
        yield "condition", event.condition.expression
    if event.publication:
        yield "correlation_key", event.publication.correlation_key
        yield "message_id", event.publication.message_id
        yield "time_to_live", event.publication.time_to_live
    yield "signal", event.signal
    yield "code", event.code


def texts_of(element: Element) -> Iterable[tuple[str, str]]:
    """The texts of an element that may be expressions, by the part they are."""
    if event := element.event:
        yield from _texts_of_event(event)
        for number, part in enumerate(event.parts, 1):
            yield from ((f"{number} {name}", source) for name, source in _texts_of_event(part))
    if element.job:
        yield "job_type", element.job.type
        yield "retries", element.job.retries
        yield "job_priority", element.job.priority
        for number, resource in enumerate(element.job.resources):
            yield f"resource {number}", resource.id
    yield "activation_condition", element.activation_condition
    if user := element.user:
        yield "assignee", user.assignee
        yield "candidate_groups", user.candidate_groups
        yield "candidate_users", user.candidate_users
        yield "due_date", user.due_date
        yield "follow_up_date", user.follow_up_date
        yield "priority", user.priority
        yield "form", user.form
        yield "form_key", user.form_key
        yield "external_form", user.external_form
    if loop := element.loop:
        yield "input_collection", loop.input_collection
        yield "output_element", loop.output_element
        yield "cardinality", loop.cardinality
        yield "completion_condition", loop.completion_condition
        for throw in loop.throws:
            yield f"condition of {throw.id}", throw.condition
            yield from ((f"{part} of {throw.id}", text) for part, text in _texts_of_event(throw.event))
    if element.standard_loop:
        yield "loop_condition", element.standard_loop.condition
    if ad_hoc := element.ad_hoc:
        yield "active_elements", ad_hoc.active_elements
        yield "ad_hoc_condition", ad_hoc.completion_condition
        yield "ad_hoc_output", ad_hoc.output_element
    if element.call:
        yield "process", element.call.process
        yield "business_id", element.call.business_id
    if element.evaluation:
        yield "expression", element.evaluation.expression
        yield "decision", element.evaluation.decision


def listener_texts(listeners: Iterable[Listener]) -> Iterable[tuple[str, str]]:
    """The texts of listeners that may be expressions."""
    for one in listeners:
        where = f"{one.moment} {one.type}"
        yield f"{where} type", one.type
        yield f"{where} retries", one.retries
