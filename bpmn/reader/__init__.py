"""Reads BPMN, DMN and form files into a checked `Definition`, or says everything that is wrong with them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from bpmn.definition import Definition
from bpmn.faults import Fault, ModelRefused
from bpmn.model import Element, Flow, Process, is_subprocess
from bpmn.reader.activities import GLOBAL_TASKS, global_process
from bpmn.reader.camunda7 import to_feel
from bpmn.reader.clocks import read_clocks
from bpmn.reader.collector import Collector
from bpmn.reader.correlation import Correlations, read_correlation
from bpmn.reader.data import DataReader, data_children
from bpmn.reader.elements import ElementReader, documentation, read_globals
from bpmn.reader.embedded import read_embedded_forms
from bpmn.reader.extensions import read_extensions
from bpmn.reader.foreign import structures, survey
from bpmn.reader.listeners import read_listeners
from bpmn.reader.loops import EVENT_DEFINITIONS, LOOPS
from bpmn.reader.namespaces import BPMN, DIAGRAM
from bpmn.reader.rules import check_process
from bpmn.support import SUPPORT
from bpmn.xml import MAX_DEPTH, Tag, parse

if TYPE_CHECKING:  # both are large, and read only with the first file of their kind
    from bpmn.dmn import DecisionModel
    from bpmn.forms import Form


def read(xml: str | bytes, file: str = "model.bpmn", names: Iterable[str] = ()) -> Definition:
    """The processes of one BPMN file.

    `names` are the names of extra FEEL functions. Raises `ModelRefused` with all faults of the file.
    """
    return read_all({file: xml}, names)


def read_all(files: Mapping[str, str | bytes], names: Iterable[str] = ()) -> Definition:
    """The processes, decisions and forms of a set of files, told apart by their endings .bpmn, .dmn and .form.

    Raises `ModelRefused` with all faults of all files.
    """
    known = frozenset(names)
    faults: list[Fault] = []
    processes: dict[str, Process] = {}
    decisions: dict[str, DecisionModel] = {}
    forms: dict[str, Form] = {}
    for file, text in files.items():
        try:
            if file.endswith(".dmn"):
                from bpmn.dmn import read_decisions

                model = read_decisions(text, file, known)
                faults += _decided_twice(file, model, decisions)
                decisions[file] = model
            elif file.endswith(".form"):
                from bpmn.forms import read_form

                form = read_form(text if isinstance(text, str) else text.decode(), file, known)
                forms[form.id] = form
            else:
                found, embedded = read_processes(text, file, known)
                for process in found:
                    if process.id in processes:
                        faults.append(_twice(process, processes[process.id]))
                    processes[process.id] = process
                forms |= embedded
        except ModelRefused as refused:
            faults += refused.faults
        except UnicodeDecodeError:
            faults.append(Fault(file, 0, "", "", "the form is not UTF-8", "save it again from the modeler"))
    if faults:
        raise ModelRefused(faults)
    return Definition(processes, decisions, forms)


def _twice(process: Process, other: Process) -> Fault:
    problem = f"process {process.id} stands in {other.file} too"
    return Fault(process.file, process.line, process.id, process.name, problem, "give it another id")


def _decided_twice(file: str, model: DecisionModel, others: Mapping[str, DecisionModel]) -> Iterator[Fault]:
    """A decision may stand in several files only with version tags that differ."""
    for decision in model.decisions.values():
        for other, found in others.items():
            if decision.id in found.decisions and found.decisions[decision.id].version_tag == decision.version_tag:
                problem = f"decision {decision.id} stands in {other} too, with the same version tag or none"
                remedy = "give it another id, or a version tag of its own"
                yield Fault(file, 0, decision.id, decision.name, problem, remedy)


def read_processes(xml: str | bytes, file: str, names: frozenset[str]) -> tuple[list[Process], dict[str, Form]]:
    """The executable processes of one BPMN file, and the forms inside it. Raises `ModelRefused` with all its faults."""
    root = parse(xml, file)
    collector = Collector(file)
    if root.namespace != BPMN or root.name != "definitions":
        collector.tag(root, "this is no BPMN 2.0 file", "its root must be definitions in the BPMN namespace")
    elif root.nests(MAX_DEPTH):
        collector.tag(root, f"the file is nested more than {MAX_DEPTH} levels deep", "use call activities")
    if collector.faults:
        raise ModelRefused(collector.faults)
    _write_out_booleans(root)
    _check_roots(root, collector)
    _check_ids(root, collector)
    globals_ = read_globals(root, collector)
    declared = read_correlation(root, collector)
    processes = []
    forms: dict[str, Form] = {}
    foreign = _survey_globals(root, collector)
    tasks = [global_process(tag) for tag in root.children if tag.name in GLOBAL_TASKS and _has_id(tag, collector)]
    for tag in [*root.all("process", BPMN), *tasks]:
        if tag.get("isExecutable") == "true":
            forms |= read_embedded_forms(tag, collector, names)
            data = DataReader(root, tag, collector)
            elements = ElementReader(globals_, Correlations(declared, tag, collector), data, collector)
            reader = ProcessReader(elements, collector, file)
            process = reader.read(tag, foreign)
            check_process(process, collector, names, frozenset(reader.refused))
            processes.append(process)
    if not processes and not collector.faults:
        collector.tag(root, "no process of the file is executable", "mark one as executable in its properties")
    if collector.faults:
        raise ModelRefused(collector.faults)
    return processes, forms


_TRUTHS = {"1": "true", "0": "false"}
_BOOLEANS = {name for name, values in SUPPORT.attributes.items() if {*values} == {*_TRUTHS.values()}}
_BOOLEANS |= {"isExecutable", "isCollection"}


def _write_out_booleans(root: Tag) -> None:
    """XML Schema (part 2, §3.2.2) has two ways to write a truth value; here one is read."""
    for tag in root.walk():
        if tag.namespace == BPMN:
            for name in _BOOLEANS & tag.attributes.keys():
                written = tag.attributes[name].strip()
                tag.attributes[name] = _TRUTHS.get(written, written)


def _survey_globals(root: Tag, collector: Collector) -> tuple[str, ...]:
    """What is foreign beside the processes: it belongs to each of them."""
    apart = ("process", "collaboration", *GLOBAL_TASKS)
    beside = [child for child in root.children if child.name not in apart]
    return (*survey(dataclasses.replace(root, children=beside), collector), *structures(root))


def _has_id(tag: Tag, collector: Collector) -> bool:
    if not tag.get("id"):
        collector.tag(tag, f"the {tag.name} has no id", "give it one")
    return bool(tag.get("id"))


_ROOTS = frozenset(
    {"process", "collaboration", "message", "error", "escalation", "signal", "category", "documentation"}
    | {"extensionElements", "itemDefinition", "dataStore", "correlationProperty"}
    | EVENT_DEFINITIONS
    | frozenset(GLOBAL_TASKS)
)

_SCHEMAS = ("http://www.w3.org/2001/XMLSchema", "http://www.w3.org/TR/wsdl20/", "http://www.w3.org/ns/wsdl")
"""What may be imported: it says only what data is made of."""


def _check_roots(root: Tag, collector: Collector) -> None:
    for child in root.children:
        if child.namespace == BPMN and child.name == "import" and child.get("importType") in _SCHEMAS:
            continue
        if child.namespace == BPMN and child.name not in _ROOTS:
            collector.tag(child, f"{child.name} is not run here", "remove it")
        elif child.namespace not in (BPMN, *DIAGRAM):
            collector.tag(child, f"{child.name} of namespace {child.namespace} is unknown here", "remove it")


def _check_ids(root: Tag, collector: Collector) -> None:
    seen: dict[str, Tag] = {}
    for tag in root.walk():
        name = tag.get("id")
        if name and tag.namespace == BPMN:
            if name in seen:
                collector.tag(tag, f"the id stands in line {seen[name].line} too", "give each element its own id")
            seen[name] = tag


class ProcessReader:
    """Reads one process: its flow nodes, flows, lanes and associations."""

    def __init__(self, elements: ElementReader, collector: Collector, file: str) -> None:
        self.reader = elements
        self.collector = collector
        self.file = file
        self.elements: dict[str, Element] = {}
        self.flows: dict[str, Flow] = {}
        self.refused: dict[str, None] = {}
        self.associations: list[Tag] = []
        self.lanes: dict[str, str] = {}

    def read(self, tag: Tag, foreign: tuple[str, ...] = ()) -> Process:
        """The process of a tag; `foreign` is what is foreign beside it in the file."""
        extensions = read_extensions(tag, self.collector)
        self.reader.clocks = [(tag, clock) for clock in extensions.clocks]
        self.reader.job_priority = extensions.get("jobPriorityDefinition", "priority")
        self._read_scope(tag, tag.get("id"), "a process")
        return Process(
            id=tag.get("id"),
            name=tag.get("name"),
            elements=self._linked(),
            flows=self.flows,
            version_tag=extensions.get("versionTag", "value"),
            file=self.file,
            line=tag.line,
            documentation=documentation(tag),
            clocks=read_clocks(self.reader.clocks, self.elements, self.collector),
            foreign_extensions=tuple(dict.fromkeys((*foreign, *survey(tag, self.collector)))),
            global_task=tag.get("isGlobalTask") == "true",
            message_flows=tuple(self.reader.globals.collaboration.flows.get(tag.get("id"), ())),
            data=self.reader.data.read(tag),
            listeners=read_listeners(tag, extensions, self.collector),
        )

    def _read_scope(self, scope: Tag, scope_id: str, place: str) -> None:
        for tag in scope.children:
            if tag.namespace != BPMN:
                self.collector.tag(tag, f"{tag.name} of namespace {tag.namespace} is unknown here", "remove it")
            elif tag.name == "sequenceFlow":
                self._read_flow(tag)
            elif tag.name == "laneSet":
                self._read_lanes(tag)
            elif tag.name == "association":
                self.associations.append(tag)
            elif tag.name in SUPPORT.flow_nodes:
                self._read_node(tag, scope_id, place)
            elif tag.name not in SUPPORT.drawing and not self._belongs_to_activity(scope, tag):
                remedy = SUPPORT.refused.get(tag.name, "remove it")
                self.collector.tag(tag, f"{tag.name} is not run here", remedy, owner=tag if tag.get("id") else scope)
                if tag.get("id"):
                    self.refused[tag.get("id")] = None

    @staticmethod
    def _belongs_to_activity(scope: Tag, tag: Tag) -> bool:
        if scope.name == "adHocSubProcess" and tag.name == "completionCondition":
            return True
        if tag.name in data_children(scope.name):
            return True
        return is_subprocess(scope.name) and tag.name in LOOPS

    def _read_node(self, tag: Tag, scope_id: str, place: str) -> None:
        if not tag.get("id"):
            self.collector.tag(tag, f"the {tag.name} has no id", "give it one")
            return
        element = self.reader.read(tag, scope_id, place)
        self.elements[element.id] = element
        if is_subprocess(tag.name):
            self._read_scope(tag, element.id, "an event sub-process" if element.triggered_by_event else "a sub-process")

    def _read_flow(self, tag: Tag) -> None:
        if not tag.get("id"):
            self.collector.tag(tag, "the sequence flow has no id", "give it one")
            return
        found = tag.first("conditionExpression", BPMN)
        condition = found.text.strip() if found else ""
        if found and not condition.startswith("="):
            remedy = f"write {to_feel(condition) if condition else '=true'}"
            self.collector.tag(found, f"the condition «{condition}» is no FEEL expression", remedy, owner=tag)
            condition = "=true"
        flow = Flow(
            id=tag.get("id"),
            source=tag.get("sourceRef"),
            target=tag.get("targetRef"),
            condition=condition[1:],
            name=tag.get("name"),
            line=tag.line,
            documentation=documentation(tag),
        )
        self.flows[flow.id] = flow

    def _read_lanes(self, lane_set: Tag, around: str = "") -> None:
        """The innermost lane with a name of each element (BPMN 2.0 §10.8)."""
        for lane in lane_set.all("lane", BPMN):
            name = lane.get("name") or around
            for reference in lane.all("flowNodeRef", BPMN):
                self.lanes[reference.text.strip()] = name
            for inner in lane.all("childLaneSet", BPMN):
                self._read_lanes(inner, name)

    def _linked(self) -> dict[str, Element]:
        """The elements with their flows, compensation handlers and lanes."""
        incoming: dict[str, list[str]] = {}
        outgoing: dict[str, list[str]] = {}
        for flow in self.flows.values():
            incoming.setdefault(flow.target, []).append(flow.id)
            outgoing.setdefault(flow.source, []).append(flow.id)
        handlers = {
            tag.get("sourceRef"): tag.get("targetRef")
            for tag in self.associations
            if tag.get("targetRef") in self.elements and self.elements[tag.get("targetRef")].for_compensation
        }
        result: dict[str, Element] = {}
        for name, element in self.elements.items():
            compensates = element.kind == "boundaryEvent" and element.event_kind == "compensation"
            result[name] = dataclasses.replace(
                element,
                incoming=tuple(incoming.get(name, ())),
                outgoing=tuple(outgoing.get(name, ())),
                handler=handlers.get(name, "") if compensates else "",
                lane=self.lanes.get(name, "") or self._lane_of_scope(element, result),
            )
        return result

    def _lane_of_scope(self, element: Element, known: dict[str, Element]) -> str:
        owner = known.get(element.attached_to or element.scope)
        return owner.lane if owner else ""
