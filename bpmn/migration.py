"""Moving a running instance to another version of its diagram.

    plan = MigrationPlan.between(old.processes["p"], new.processes["p"])
    result = migrate(instance, new, plan, now)
    if not result.faults:
        instance = result.instance

A plan says which element of the new version stands for each of the old one; where the ids agree and the kinds fit, it
says so by itself. All tokens move at once or none: whoever has faults in hand still has the instance as it was.

What is at work goes on. A job that has been given out keeps its key; a task of which the new version says something
else is offered anew under the same key; timers keep their instants unless the plan says otherwise; subscriptions whose
name or key is another one are opened anew; what the new version waits for in addition is waited for from now on, and
what it does not know any more is closed. What can be compensated is compensated as the new version says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bpmn.behaviours import migrating
from bpmn.commands import Command
from bpmn.graph import Graph, Node
from bpmn.model import Element, Flow, ImplicitThrow, Process, definitions
from bpmn.outcome import Stuck
from bpmn.state import Done, ElementInstance, Step

if TYPE_CHECKING:
    from bpmn.definition import Definition
    from bpmn.instance import Instance


class FaultKind(StrEnum):
    """Why an instance cannot move, for programs."""

    PLAN = "plan"
    """The plan itself is wrong, whatever the instance."""
    TARGET = "target"
    """Something of the instance has no place in the new version."""
    KIND = "kind"
    """What it would become is of another kind."""
    WAIT = "wait"
    """What it would become waits for something of another kind."""
    SCOPE = "scope"
    """It would be in another scope."""
    WORK = "work"
    """What it would become is worked on in another way."""
    CALL = "call"
    """A called process is running that the new version does not call."""
    JOIN = "join"
    """A token waits at a join on a flow that the new version has not."""
    COMPENSATION = "compensation"
    """What has been completed and can be compensated has no place in the new version."""
    EXPRESSION = "expression"
    """An expression of the new version has no value for this instance."""
    ENDED = "ended"
    """The instance has not begun, or is over."""


@dataclass(frozen=True)
class MigrationFault:
    """One reason why an instance cannot move: about which element (of the old version) and element instance."""

    kind: FaultKind
    element: str
    name: str
    key: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        who = f"{self.element} «{self.name}»" if self.name else self.element
        return f"{who}{f' (key {self.key})' if self.key else ''}: {self.problem}; {self.remedy}"


@dataclass(frozen=True)
class MigrationPlan:
    """Which element, and which flow, of the process `target` stands for each of the process `source`.

    `timers_anew` sets timers by the new version, from the instant of the migration; else they keep theirs.
    `variables` are set at the top before anything of the new version is evaluated. `thrown` maps the events that
    multi-instance activities throw, which no shape of the diagram stands for.
    """

    source: str
    target: str
    elements: dict[str, str] = field(default_factory=dict)
    flows: dict[str, str] = field(default_factory=dict)
    timers_anew: bool = False
    variables: dict[str, Any] = field(default_factory=dict)
    thrown: dict[str, str] = field(default_factory=dict)

    @classmethod
    def between(
        cls,
        source: Process,
        target: Process,
        elements: Mapping[str, str] | None = None,
        *,
        timers_anew: bool = False,
        variables: Mapping[str, Any] | None = None,
    ) -> MigrationPlan:
        """The plan that maps what has the same id and fits; `elements` are mapped as they say instead."""
        given = dict(elements or {})
        mapped = dict(given)
        for one in source.elements.values():
            other = target.elements.get(one.id)
            if one.id not in given and other and not misfit(one, other):
                mapped[one.id] = other.id
        flows = {flow.id: found for flow in source.flows.values() if (found := _same_flow(flow, target, mapped))}
        thrown = {
            f"{old}.{throw.id}": f"{new}.{throw.id}"
            for old, new in mapped.items()
            for throw in _throws(source, old)
            if throw in _throws(target, new)
        }
        return cls(source.id, target.id, mapped, flows, timers_anew, dict(variables or {}), thrown)

    def of(self, element: str) -> str:
        """What stands for an element, or for the process itself; empty where nothing does."""
        if element == self.source:
            return self.target
        return self.elements.get(element) or self.thrown.get(element, "")


def _throws(process: Process, element: str) -> tuple[ImplicitThrow, ...]:
    found = process.elements.get(element)
    return found.loop.throws if found and found.loop else ()


def _same_flow(flow: Flow, target: Process, mapped: Mapping[str, str]) -> str:
    """The flow of that id where it leads to the same element, else the only one between the same elements."""
    source, goal = mapped.get(flow.source), mapped.get(flow.target)
    same = target.flows.get(flow.id)
    if same and same.target == goal:
        return same.id
    between = [one.id for one in target.flows.values() if (one.source, one.target) == (source, goal)]
    return between[0] if len(between) == 1 else ""


def misfit(old: Element, new: Element) -> tuple[FaultKind, str] | None:
    """Why an element cannot become another one; None where it can."""
    if old.kind != new.kind:
        return FaultKind.KIND, f"a {old.kind} cannot become a {new.kind}"
    if old.triggered_by_event != new.triggered_by_event:
        return FaultKind.KIND, "an event sub-process and an embedded one cannot become each other"
    if bool(old.loop) != bool(new.loop) or bool(old.standard_loop) != bool(new.standard_loop):
        return FaultKind.KIND, "the two do not loop alike"
    if old.loop and new.loop and old.loop.sequential != new.loop.sequential:
        return FaultKind.KIND, "one takes its items in turn, the other at once"
    if old.parallel != new.parallel:
        return FaultKind.KIND, "one waits for the first of its events, the other for all of them"
    before, after = _event_kind(old), _event_kind(new)
    if before != after:
        return FaultKind.WAIT, f"a {before} event cannot become a {after} event"
    return None


def _event_kind(element: Element) -> str:
    """What an event waits for or throws; of a multiple event all of it, in its order."""
    kinds = " and ".join(one.kind for one in definitions(element.event))
    return f"parallel {kinds}" if element.event and element.event.parallel else kinds or "none"


@dataclass(frozen=True)
class Migrated:
    """What became of a migration: the instance at its new place with the commands that follow; or, with `faults`, the
    very instance that was given, untouched."""

    instance: Instance
    commands: tuple[Command, ...] = ()
    faults: tuple[MigrationFault, ...] = ()


def migrate(instance: Instance, definition: Definition, plan: MigrationPlan, now: datetime) -> Migrated:
    """Move an instance to the process `plan.target` of `definition`. Its journal must have been drained."""
    if faults := check(instance, definition, plan):
        return Migrated(instance, faults=tuple(faults))
    try:
        moved = migrating.move(instance, definition, plan, now)
    except Stuck as stuck:
        root = instance.graph.root
        remedy = "give the variables that are missing with the plan"
        fault = MigrationFault(FaultKind.EXPRESSION, root.id, root.name, 0, stuck.message, remedy)
        return Migrated(instance, faults=(fault,))
    return Migrated(moved, tuple(moved.proceed(now)))


def check(instance: Instance, definition: Definition, plan: MigrationPlan) -> list[MigrationFault]:
    """Everything that keeps an instance from moving, as far as it can be known before expressions are evaluated."""
    graph = instance.graph
    if plan.target not in definition.processes:
        remedy = f"name one of {', '.join(definition.processes)}"
        return [MigrationFault(FaultKind.PLAN, plan.target, "", 0, "there is no such process to move to", remedy)]
    if not instance.active:
        problem, remedy = "the instance has not begun, or is over", "move those that are running"
        return [MigrationFault(FaultKind.ENDED, graph.root.id, graph.root.name, 0, problem, remedy)]
    target = definition.graph(plan.target, instance.options.functions)
    faults = check_plan(plan, graph.process, target.process)
    return faults or list(_Check(instance, target, plan).faults())


# -- the plan itself -----------------------------------------------------------------------------------------------


def check_plan(plan: MigrationPlan, source: Process, target: Process) -> list[MigrationFault]:
    """What is wrong with a plan whatever instance it is for."""
    if plan.source != source.id:
        problem = f"the plan is for {plan.source}, the instance runs {source.id}"
        return [MigrationFault(FaultKind.PLAN, plan.source, "", 0, problem, "make a plan for this process")]
    return [*_unknown(plan, source, target), *_unfit(plan, source, target), *_shared(plan, source)]


def _unknown(plan: MigrationPlan, source: Process, target: Process) -> Iterator[MigrationFault]:
    remedy = "name an element that is there"
    for old, new in plan.elements.items():
        if old not in source.elements:
            problem = f"{source.id} has no element {old}"
            yield MigrationFault(FaultKind.PLAN, old, "", 0, problem, remedy)
        elif new not in target.elements:
            problem = f"the new version has no element {new}"
            yield MigrationFault(FaultKind.PLAN, old, source.elements[old].name, 0, problem, remedy)


def _unfit(plan: MigrationPlan, source: Process, target: Process) -> Iterator[MigrationFault]:
    for old, new in plan.elements.items():
        known = old in source.elements and new in target.elements
        if known and (fault := misfit(source.elements[old], target.elements[new])):
            kind, problem = fault
            remedy = f"map {old} to an element like it"
            yield MigrationFault(kind, old, source.elements[old].name, 0, f"{problem} ({new})", remedy)


def _shared(plan: MigrationPlan, source: Process) -> Iterator[MigrationFault]:
    """Several tasks may become one; events, gateways and scopes may not, for they hold more than a token."""
    taken: dict[str, str] = {}
    for old, new in plan.elements.items():
        first = taken.setdefault(new, old)
        element = source.elements.get(old)
        if first != old and element and not element.kind.lower().endswith("task"):
            problem = f"{first} becomes {new} already"
            yield MigrationFault(FaultKind.PLAN, old, element.name, 0, problem, "map it to an element of its own")


# -- what the instance holds ---------------------------------------------------------------------------------------


class _Check:
    """Goes through all that an instance holds, and names what has no place at the target."""

    def __init__(self, instance: Instance, target: Graph, plan: MigrationPlan) -> None:
        self._source = instance
        self._nodes = instance.graph.nodes
        self._target = target
        self._plan = plan

    def faults(self) -> Iterator[MigrationFault]:
        for instance in self._source.instances.values():
            new = self._target.nodes.get(self._plan.of(instance.element))
            if new is None:
                yield self._lost(instance)
                continue
            yield from self._place(instance, new)
            yield from self._work(instance, new)
            yield from self._arrivals(instance)
            yield from self._compensation(instance)
            yield from self._later(instance)
        for step in self._source.steps:
            yield from self._step(step)

    def _fault(self, kind: FaultKind, element: str, key: int, problem: str, remedy: str) -> MigrationFault:
        name = self._nodes[element].name if element in self._nodes else ""
        return MigrationFault(kind, element, name, key, problem, remedy)

    def _lost(self, instance: ElementInstance) -> MigrationFault:
        element = self._nodes[instance.element].element
        same = self._target.process.elements.get(element.id)
        found = misfit(element, same) if same else None
        kind, problem = found or (FaultKind.TARGET, "it is active, and nothing in the new version stands for it")
        return self._fault(kind, element.id, instance.key, problem, "map it to an element like it")

    def _place(self, instance: ElementInstance, new: Node) -> Iterator[MigrationFault]:
        if not instance.parent or instance.role == "inner" or instance.thrower or new.kind == "implicitThrowEvent":
            return
        around = self._source.instances[instance.parent].element
        wanted, found = self._plan.of(around), new.scope.id if new.scope else ""
        if wanted and wanted != found:
            problem = f"it is active in {around}, and {new.id} is in {found}"
            yield self._fault(FaultKind.SCOPE, instance.element, instance.key, problem, f"map it to one in {wanted}")

    def _work(self, instance: ElementInstance, new: Node) -> Iterator[MigrationFault]:
        old = self._nodes[instance.element]
        if instance.part < len(old.parts):
            old, new = old.parts[instance.part], new.parts[instance.part]
        decides = instance.ad_hoc and instance.stage == "waiting"
        if decides and bool(old.element.job) != bool(new.element.job):
            problem = f"a job decides what is activated in {(old if old.element.job else new).id} alone"
            yield self._fault(FaultKind.WORK, old.id, instance.key, problem, "map it to one that is decided alike")
        if instance.job and not decides and old.listeners != new.listeners:
            problem = f"a listener is at work, and the listeners of {new.id} are others"
            yield self._fault(FaultKind.WORK, old.id, instance.key, problem, "let the listener answer first")
        if instance.stage in ("reading", "writing", "answered") and old.element.data != new.element.data:
            problem = f"it waits for a data store, and the data of {new.id} are others"
            yield self._fault(FaultKind.WORK, old.id, instance.key, problem, "let the data store answer first")
        if instance.stage not in ("waiting", "answered") or instance.role == "body":
            return
        if old.work != new.work:
            problem = f"it waits for a {old.work or 'token'}, {new.id} for a {new.work or 'token'}"
            yield self._fault(FaultKind.WORK, old.id, instance.key, problem, "map it to one that is worked on alike")
        before, after = old.element.call, new.element.call
        if old.work == "call" and before and after and before.process != after.process:
            problem = f"it has called {before.process}, and {new.id} calls {after.process}"
            remedy = "map it to one that calls the same, or let the called process end first"
            yield self._fault(FaultKind.CALL, old.id, instance.key, problem, remedy)

    def _arrivals(self, instance: ElementInstance) -> Iterator[MigrationFault]:
        for gateway, arrived in {**(instance.resetting or {}), **instance.arrivals}.items():
            new = self._target.nodes.get(self._plan.of(gateway))
            if new is None:
                problem = "tokens wait at it, and nothing in the new version stands for it"
                yield self._fault(FaultKind.TARGET, gateway, instance.key, problem, "map it to a gateway like it")
            else:
                yield from (f for flow in arrived if (f := self._flow(gateway, flow, new, instance.key)))

    def _flow(self, gateway: str, flow: str, new: Node, key: int) -> MigrationFault | None:
        if not new.joins or self._plan.flows.get(flow, "") in new.element.incoming:
            return None
        problem = f"a token waits at it that came by {flow}, and nothing that leads to {new.id} stands for that flow"
        return self._fault(FaultKind.JOIN, gateway, key, problem, "map the flow to one that leads there")

    def _compensation(self, instance: ElementInstance) -> Iterator[MigrationFault]:
        remedy = "map it to what holds its compensation now"
        for done in [*_all(instance.done), *(inner for one in instance.plan for inner in _all(one.inner))]:
            if done.element and not self._plan.of(done.element):
                problem = "it has been completed and can be compensated, and nothing in the new version stands for it"
                yield self._fault(FaultKind.COMPENSATION, done.element, instance.key, problem, remedy)
        for done in instance.plan:
            if not self._plan.of(done.handler):
                problem = "it is to compensate what is being undone, and nothing in the new version stands for it"
                yield self._fault(FaultKind.COMPENSATION, done.handler, instance.key, problem, remedy)

    def _later(self, instance: ElementInstance) -> Iterator[MigrationFault]:
        for one in instance.ad_hoc.later if instance.ad_hoc else []:
            if not self._plan.of(one.element):
                problem = "it is to be activated, and nothing in the new version stands for it"
                yield self._fault(FaultKind.TARGET, one.element, instance.key, problem, "map it to an element like it")

    def _step(self, step: Step) -> Iterator[MigrationFault]:
        if step.element not in self._nodes or step.op in ("deliver", *migrating.NAMED):
            return
        new = self._target.nodes.get(self._plan.of(step.element))
        if new is None:
            problem = "a token is on its way to it, and nothing in the new version stands for it"
            yield self._fault(FaultKind.TARGET, step.element, step.scope, problem, "map it to an element like it")
        elif step.op == "others" and not self._plan.flows.get(step.flow):
            problem = f"it began by {step.flow}, and nothing in the new version stands for that flow"
            yield self._fault(FaultKind.JOIN, step.element, step.scope, problem, "map the events behind the gateway")
        elif step.flow and (fault := self._flow(step.element, step.flow, new, step.scope)):
            yield fault


def _all(done: list[Done]) -> Iterator[Done]:
    for one in done:
        yield one
        yield from _all(one.inner)
