"""How the state of an instance becomes that of one of another diagram: see `bpmn.migration`, which checks it first.

Everything that may fail is done first, on a copy: what the new version waits for is evaluated while the old one still
runs. Then what it does not wait for is closed, all ids are changed, and the rest is opened in the new one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bpmn.behaviours import arrivals, joins, multi_instance, suspending, tasks, waits
from bpmn.execution import Execution
from bpmn.options import MENDED_SINCE
from bpmn.state import Done, ElementInstance, Step, Wait

if TYPE_CHECKING:
    from bpmn.behaviours.waits import Planned
    from bpmn.definition import Definition
    from bpmn.graph import Graph, Node
    from bpmn.instance import Instance
    from bpmn.migration import MigrationPlan

_UNWATCHED = ("reading", "entering", "starting", "watching", "ending", "cancelling", "terminating")
NAMED = ("signal", "conversation", "over")
"""The steps whose `element` is the name of something else."""


def _timer_kind(node: Node) -> str:
    event = node.element.event
    return event.timer.kind if event and event.timer else ""


def move(instance: Instance, definition: Definition, plan: MigrationPlan, now: datetime) -> Instance:
    """A copy of the instance at its new place, with the steps that follow still to be taken. Raises `Stuck`."""
    copy = instance.copied()
    graph = definition.graph(plan.target, instance.options.functions)
    return copy.at_home_in(_Move(copy.execution, graph, plan, now).done(definition))


class _Move:
    """One migration under way: `old` runs the copied state still by the old version."""

    def __init__(self, old: Execution, graph: Graph, plan: MigrationPlan, now: datetime) -> None:
        self.old = old
        self.graph = graph
        self.plan = plan
        self.now = now
        self.opening: list[tuple[int, Planned]] = []

    def done(self, definition: Definition) -> Execution:
        old, plan = self.old, self.plan
        old.at(self.now)
        old.record_instance("migrated", old.root, self._told())
        old.check_sizes(plan.variables)
        if plan.variables:
            old.root.variables = {**(old.root.variables or {}), **plan.variables}
        closing = [wait for owner in list(old.state.instances.values()) for wait in self._plan_waits(owner)]
        for wait in closing:
            if wait.kind == "timer":
                old.record("unscheduled", old.graph.nodes[wait.element], wait.key, wait.owner)
            waits.close(old, wait)
        old.state.queue = [step for step in map(self._step, old.steps.queue) if step]
        old.state.parked = [step for step in map(self._step, old.steps.parked) if step]
        return self._in_new(definition)

    def _told(self) -> dict[str, Any]:
        before, after = self.old.graph.process, self.graph.process
        data = {
            "process": after.id,
            "from": before.version_tag,
            "to": after.version_tag,
            "elements": {old: new for old, new in self.plan.elements.items() if old != new},
            "timersAnew": self.plan.timers_anew,
            "variables": sorted(self.plan.variables),
        }
        return {name: value for name, value in data.items() if value}

    # -- waits -----------------------------------------------------------------------------------------------------

    def _plan_waits(self, owner: ElementInstance) -> list[Wait]:
        """The waits of an instance to be closed; what is to be opened for it is evaluated."""
        before = self.old.graph.nodes[owner.element]
        after = self.graph.nodes[self.plan.of(owner.element)]
        closed = []
        for wait in [self.old.state.waits[key] for key in owner.waits]:
            node = self.graph.nodes.get(self.plan.of(wait.element))
            if node is None or not _belongs(node, after):
                closed.append(wait)
            elif again := self._again(wait, node, owner):
                closed.append(wait)
                self.opening.append((owner.key, again))
        known = [self.plan.of(node.id) for node in _awaited(self.old, owner, before)]
        known.append(self.plan.of(owner.start))
        new = [node for node in _awaited(self.old, owner, after) if node.id not in known]
        self.opening += [(owner.key, planned) for planned in waits.plans(self.old, owner.key, *new)]
        return closed

    def _again(self, wait: Wait, node: Node, owner: ElementInstance) -> Planned | None:
        """What a wait is to become, where it is not simply kept."""
        before, after = waits.part_of(self.old, wait), node.parts[wait.part - 1] if wait.part else node
        if wait.kind == "timer":
            return self._timer_again(wait, before, after, owner)
        if wait.kind == "conditional":
            return None
        if _asked(before) == _asked(after):
            return None
        planned = waits.plan(self.old, owner.key, after)
        kept = (wait.kind, wait.name, wait.correlation_key)
        same = planned and (planned.kind, planned.name, planned.correlation_key) == kept
        return None if same else planned

    def _timer_again(self, wait: Wait, before: Node, after: Node, owner: ElementInstance) -> Planned | None:
        """A timer keeps when it is due; whether it comes again says the new version, where its kind is another one."""
        mended = self.old.options.semantics >= MENDED_SINCE
        if not self.plan.timers_anew and (_timer_kind(before) == _timer_kind(after) or not mended):
            return None
        planned = waits.plan(self.old, owner.key, after)
        if self.plan.timers_anew or not (planned and planned.schedule):
            return planned
        return replace(planned, schedule=replace(planned.schedule, due=datetime.fromisoformat(wait.due)))

    # -- ids -------------------------------------------------------------------------------------------------------

    def _step(self, step: Step) -> Step | None:
        """A step on its way, as the new version has it; None for one that has nothing to do any more."""
        if step.op == "deliver":
            wait = self.old.state.waits.get(step.key)
            return replace(step, element=self.plan.of(wait.element)) if wait else None
        if step.op in NAMED or step.element not in self.old.graph.nodes:
            return step
        element, flow = self.plan.of(step.element), self.plan.flows.get(step.flow, "")
        return replace(step, element=element, flow=flow, inner=tuple(self._undoable(step.inner)))

    def _rename(self, instance: ElementInstance) -> None:
        of, flows = self.plan.of, self.plan.flows
        instance.element = of(instance.element)
        instance.start = of(instance.start)
        instance.arrivals = {
            of(gateway): {flows.get(flow, flow): count for flow, count in arrived.items()}
            for gateway, arrived in instance.arrivals.items()
        }
        if instance.task:
            instance.task |= {"element": instance.element, "name": self.graph.nodes[instance.element].name}
        if instance.resetting:
            instance.resetting = {
                of(gateway): [flows.get(flow, flow) for flow in used] for gateway, used in instance.resetting.items()
            }
        instance.done = self._undoable(instance.done)
        instance.met = [one for one in instance.met if of(one.wait.element)]
        for met in instance.met:
            met.wait.element = of(met.wait.element)
        instance.plan = [self._planned(one) for one in instance.plan]
        if instance.ad_hoc:
            instance.ad_hoc.later = [replace(one, element=of(one.element)) for one in instance.ad_hoc.later]

    def _planned(self, one: Done) -> Done:
        of = self.plan.of
        return replace(one, element=of(one.element), handler=of(one.handler), inner=self._undoable(one.inner))

    def _undoable(self, done: Iterable[Done]) -> list[Done]:
        """What was completed, with the handlers that the new version has for it; what has none is not undone."""
        moved = []
        for one in done:
            node = self.graph.nodes[self.plan.of(one.element)]
            if one.handler and node.handler:
                inside = self._undoable(one.inner) if self.graph.nodes[node.handler].compensates else []
                moved.append(replace(one, element=node.id, handler=node.handler, inner=inside))
            elif inner := self._undoable(one.inner):
                moved.append(replace(one, element=node.id, inner=inner))
        return moved

    # -- in the new version ----------------------------------------------------------------------------------------

    def _in_new(self, definition: Definition) -> Execution:
        old, state = self.old, self.old.state
        before = {key: old.graph.nodes[one.element] for key, one in state.instances.items()}
        conditions = {key: waits.part_of(old, wait).element.event for key, wait in state.waits.items()}
        for instance in state.instances.values():
            self._rename(instance)
        renamed = [wait for wait in state.waits.values() if wait.element != self.plan.of(wait.element)]
        for wait in state.waits.values():
            wait.element = self.plan.of(wait.element)
        state.process = self.plan.target
        new = Execution(self.graph, definition, state, old.options)
        new.commands, new.records = old.commands, old.records
        new.at(self.now)
        self._tell(new, before, renamed)
        new.propagate(new.root.key, self.plan.variables)
        for wait in state.waits.values():
            if wait.kind == "conditional" and waits.part_of(new, wait).element.event != conditions[wait.key]:
                new.unseen[wait.key] = None
        for key, planned in self.opening:
            waits.open_wait(new, state.instances[key], planned)
        for key, node in before.items():
            _refit(new, state.instances[key], node)
        suspending.stop_timers(new)
        return new

    def _tell(self, new: Execution, before: dict[int, Node], renamed: list[Wait]) -> None:
        for key, node in before.items():
            instance = new.state.instances[key]
            if instance.element != node.id and instance.parent:
                new.record_instance("migrated", instance, {"was": node.id})
        for wait in renamed:
            if wait.kind == "timer" and wait.left is None:
                node = new.graph.nodes[wait.element]
                new.record("unscheduled", node, wait.key, wait.owner)
                new.record("scheduled", node, wait.key, wait.owner, waits.scheduled(wait))


def _belongs(node: Node, owner: Node) -> bool:
    """Whether what the new version waits for is waited for by this owner."""
    if node.element.attached_to:
        return node.element.attached_to == owner.id
    if node.kind == "startEvent" and node.scope and node.scope.is_event_subprocess:
        return node.scope.scope is owner
    return True


_IDENTIFYING = ("message", "correlation_key", "retrieval", "binding", "signal")


def _asked(node: Node) -> list[str]:
    """The texts by which a message or signal is known."""
    return [text.source for part, text in node.texts.items() if part.startswith(_IDENTIFYING)]


def _awaited(x: Execution, instance: ElementInstance, node: Node) -> list[Node]:
    """The events for which an instance at its present stage has waits, if it is one of `node`."""
    watched = instance.role != "inner" and instance.stage not in _UNWATCHED
    found = list(node.boundaries) if watched else []
    if instance.role == "body" or instance.stage != "waiting":
        return found
    if node.holds:
        return found + _starts(x, instance, node)
    if node.kind == "eventBasedGateway":
        return found + [flow.target for flow in node.outgoing if flow.target.id != instance.start]
    return found + ([node] if node.kind in ("intermediateCatchEvent", "receiveTask") else [])


def _starts(x: Execution, scope: ElementInstance, node: Node) -> list[Node]:
    """The starts of event sub-processes, unless one has interrupted the scope; before the start also the others."""
    children = [x.graph.nodes[x.state.instances[key].element] for key in x.children.get(scope.key, ())]
    own_events = [one.start for one in children if one.is_event_subprocess and not one.compensates]
    if any(start and start.element.interrupting for start in own_events):
        return []
    starts = [sub.start for sub in node.event_subprocesses if sub.start]
    own = [x.graph.nodes[x.state.waits[key].element] for key in scope.waits]
    begun = not any(one in x.graph.nodes[scope.element].starts for one in own)
    return starts if begun else starts + node.starts


# -- what is at work fits the new version ----------------------------------------------------------------------------


def _refit(x: Execution, instance: ElementInstance, before: Node) -> None:
    node = x.graph.nodes[instance.element]
    if instance.role == "body":
        multi_instance.refit(instance, node)
    elif instance.role == "inner":
        multi_instance.refit_inner(x, instance, before, node)
    offered = node.work == "task" and instance.stage == "waiting" and instance.role != "body"
    if offered and (before.id, before.name, before.element.user) != (node.id, node.name, node.element.user):
        tasks.UserTask().act(x, instance, node)
    if node.element.parallel and not instance.waits and instance.stage == "waiting":
        x.finish(instance, [flow.id for flow in node.outgoing if flow.target.id != instance.start])
        x.push(Step("settle", "", instance.parent))
        return
    for gateway in list(instance.arrivals):
        _rejoin(x, instance, x.graph.nodes[gateway])


def _rejoin(x: Execution, scope: ElementInstance, gateway: Node) -> None:
    """Tokens at a gateway that does not join any more go on; at one that misses none any more they join."""
    arrived = scope.arrivals[gateway.id]
    wanted = gateway.element.start_quantity
    if not gateway.joins and (wanted == 1 or sum(arrived.values()) >= wanted):
        del scope.arrivals[gateway.id]
        for flow, count in arrived.items():
            for _ in range(count):
                x.push(Step("enter", gateway.id, scope.key, flow))
        arrivals.forget(x, scope)
    elif gateway.kind == "parallelGateway" and len(arrived) == len(gateway.element.incoming):
        joins.join(x, gateway, scope)
