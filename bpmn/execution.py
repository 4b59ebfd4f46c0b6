"""The life of element instances: how they are entered, act, wait, leave and are terminated.

Theory of operation
-------------------
An instance is a tree of *element instances* (`state.ElementInstance`): the process at the top, below it one for each
flow node that is active now. A token is an active element instance, an entry of the queue, or an arrival at a join.
Nothing else moves: `run` takes one `Step` after another from the queue until none is left, and then the instance
rests until the next event.

Every element instance goes through the same stages, whatever its kind:

    reading    data stores are asked for what the inputs need
    entering   data inputs, input mappings
    watching   its boundary events begin to wait
    acting     what its kind does (the `Behaviour`): done at once, waiting for an event, or gone
    waiting    until an event completes it
    leaving    data outputs, output mappings
    writing    data stores are given what is for them
    routing    the flows to take are chosen, it is completed, tokens go on

An element with listeners has stages more (`behaviours.listening`): starting after entering, ending after leaving, and
a user task creating before acting, assigning and updating while it waits, completing before leaving; where one is to
be run before it is terminated, it is terminating, and so is all around it that ends with it (`behaviours.terminating`).
An element that ends its scope or goes on elsewhere (terminate, link) is `late` where it has end listeners: it acts
when it is routed.

Each stage first computes everything that may fail and only then changes anything. What fails (`Stuck`) becomes an
incident on that instance at that stage; retrying runs the stage again. So a fault never loses a token, and a
behaviour needs no clean-up code. Skipping (`behaviours.skipping`) goes on at the stage of routing instead.

An activity that loops has two layers of instances: a *body* (`role`), which the boundary events and the flows belong
to, and below it the *inner* instances, one for each run. What was completed and can be compensated is kept in its
scope (`ElementInstance.done`) until a throw event, or a transaction that is cancelled, makes a plan of it and runs the
handlers one after another.

After each step that changed variables, the conditions waited for that speak of them are looked at
(`behaviours.conditions`); what has become true happens before the next step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpmn import behaviours, commands
from bpmn.behaviours import (
    adhoc,
    adhoc_jobs,
    compensation,
    conditions,
    data,
    gateways,
    joins,
    listening,
    loops,
    mapping,
    messages,
    multi_instance,
    routing,
    starting,
    suspending,
    terminating,
    throwing,
    transactions,
    waits,
)
from bpmn.context import Context
from bpmn.definition import Definition
from bpmn.graph import Graph, Node
from bpmn.options import MENDED_SINCE, Options
from bpmn.outcome import Outcome, Stuck
from bpmn.state import ElementInstance, State, Step
from bpmn.steps import Steps
from bpmn.variables import propagate

_STOPPED = 3
"""So many instances of an endless loop, or beside it, are stopped each after as many steps; then all of them are."""


class Execution(Context):
    """One instance at work: its state, the indexes over it, and what the present event leads to.

    `answered` counts the answers kept for a job; it is `stirred` where anything may have moved since all that was put
    aside has been looked through to no avail (`behaviours.suspending`).
    """

    def __init__(self, graph: Graph, definition: Definition, state: State, options: Options) -> None:
        super().__init__(graph, definition, state, options)
        self.steps = Steps(state.queue, state.parked)
        self.push = self.steps.push
        self.mended = options.semantics >= MENDED_SINCE
        self.children: dict[int, dict[int, None]] = {}
        self.subscriptions: dict[tuple[str, str, str], dict[int, None]] = {}
        self.listening: dict[int, int] = {}
        self.answered: dict[int, int] = {}
        self.joining: dict[int, None] = {}
        self.changed: dict[str, str] = {}
        self.unseen: dict[int, None] = {}
        self.stirred = True
        self.operations: dict[str, Callable[[Step], None]] = {
            "enter": self._enter,
            "fire": self._fire,
            "event": self._start_event_subprocess,
            "begin": self._begin_with,
            "inner": lambda step: loops.start_inner(self, step),
            "deliver": lambda step: messages.deliver_early(self, step),
            "signal": lambda step: messages.signal(self, step.element, step.payload or {}),
            "conversation": lambda step: waits.enter_conversation(self, step),
            "others": lambda step: starting.await_others(self, step),
            "handler": lambda step: compensation.start_handler(self, step),
            "cancelled": lambda step: transactions.leave(self, step),
            "ask": lambda step: adhoc_jobs.ask_again(self, step.scope),
            "undone": lambda step: compensation.handler_done(self, step.key),
            "over": lambda step: self.end(step.element, **(step.payload or {})),
            "settle": lambda step: self.settle(step.scope),
        }
        self._index()

    def _index(self) -> None:
        for instance in self.state.instances.values():
            self.children.setdefault(instance.parent, {})[instance.key] = None
            if instance.arrivals or instance.resetting:
                self.joining[instance.key] = None
            if instance.job:
                self.listening[instance.job] = instance.key
        for wait in self.state.waits.values():
            self.subscriptions.setdefault((wait.kind, wait.name, wait.correlation_key), {})[wait.key] = None
        for kept in self.state.kept:
            suspending.count_answer(self, kept, 1)

    # -- entering --------------------------------------------------------------------------------------------------

    def create(self, node: Node, parent: int, **fields: Any) -> ElementInstance:
        """A new element instance below `parent`, journalled as activated."""
        instance = ElementInstance(self.new_key(), node.id, parent, **fields)
        self.state.instances[instance.key] = instance
        self.children.setdefault(parent, {})[instance.key] = None
        self.record_instance("activated", instance, {"loopCounter": instance.index} if instance.index else None)
        return instance

    def new_key(self) -> int:
        key = self.state.next_key
        self.state.next_key = key + 1
        return key

    def _enter(self, step: Step) -> None:
        node = self.graph.nodes[step.element]
        if (node.joins or node.element.start_quantity > 1) and step.flow:
            joins.arrive(self, node, step)
            return
        self.begin(node, step.scope)

    def begin(self, node: Node, scope: int, role: str = "", variables: dict[str, Any] | None = None) -> None:
        """Activate an element in a scope, with variables of its own."""
        self.set_out(self.create(node, scope, role="body" if node.loops else role, variables=variables))

    def _begin_with(self, step: Step) -> None:
        self.begin(self.graph.nodes[step.element], step.scope, variables=dict(step.payload or {}) or None)

    def set_out(self, instance: ElementInstance) -> None:
        """Begin the life of an instance, unless too many have followed each other already.

        The first that is stopped may stand beside the loop, not in it, and so may the next: after some of them,
        everything is stopped until nothing moves.
        """
        self.state.steps += 1
        limit = self.options.endless_steps
        if self.state.steps <= limit or (self.state.steps < _STOPPED * (limit + 1) and self.state.steps % (limit + 1)):
            self.advance(instance)
            return
        self.raise_incident(instance, "endless loop", f"{limit} steps followed each other without a wait")

    def _fire(self, step: Step) -> None:
        """Enter an event that has happened already: a boundary event, or the event an event-based gateway chose."""
        node = self.graph.nodes[step.element]
        stage = "starting" if "start" in node.listeners else "leaving"
        self.advance(self.create(node, step.scope, stage=stage, payload=step.payload, variables=data.blank(node)))

    def _start_event_subprocess(self, step: Step) -> None:
        node = self.graph.nodes[step.element]
        assert node.scope is not None
        self.advance(self.create(node.scope, step.scope, start=node.id, payload=step.payload))

    # -- the stages ------------------------------------------------------------------------------------------------

    def advance(self, instance: ElementInstance) -> None:
        """Take an instance through its stages until it waits or is gone."""
        node = self.graph.nodes[instance.element]
        listens = node.listeners and instance.role != "body"
        mended = self.mended
        try:
            if instance.stage == "terminating":
                terminating.go_on(self, instance, node)
                return
            if instance.stage == "entering":
                if node.data and data.must_read(self, instance, node):
                    return
                mapping.map_inputs(self, instance, node)
                instance.stage = "starting" if listens or "beforeAll" in node.listeners else "watching"
            if (node.listeners or mended) and instance.stage == "starting":
                if not listening.heard(self, instance, node):
                    return
                instance.stage = "leaving" if _has_happened(instance, node) else "watching"
            if instance.stage == "watching":
                waits.watch_boundaries(self, instance, node)
                instance.stage = "creating" if listens and node.kind == "userTask" else "acting"
            if (listens or mended) and instance.stage in listening.AT_TASK:
                if not listening.heard(self, instance, node) or listening.goes_on_waiting(self, instance):
                    return
                instance.stage = "acting" if instance.stage == "creating" else "leaving"
            if instance.stage == "acting":
                outcome = Outcome.DONE if node.late else behaviours.of(instance, node).act(self, instance, node)
                if outcome is Outcome.WAITS and instance.stage == "acting":
                    instance.stage = "waiting"
                if outcome is not Outcome.DONE:
                    return
                instance.stage = "leaving"
            if instance.stage == "leaving":
                mapping.map_outputs(self, instance, node)
                instance.stage = "writing"
            if instance.stage == "writing":
                if instance.writes and data.must_write(self, instance, node):
                    return
                instance.stage = "routing"
                if listens and "end" in node.listeners:
                    listening.ending(self, instance)
            if (listens or mended) and instance.stage == "ending":
                if not listening.heard(self, instance, node):
                    return
                instance.stage = "routing"
            if instance.stage == "routing":
                self._route(instance, node)
        except Stuck as stuck:
            self.raise_incident(instance, stuck.kind, stuck.message, stuck.data)

    def complete(self, instance: ElementInstance, payload: dict[str, Any] | None = None) -> None:
        """What the instance waited for has come, with these variables."""
        if payload:
            if problem := self.refused(payload):
                instance.stage = "acting"
                self.raise_incident(instance, "variable", problem)
                return
            instance.payload = {**(instance.payload or {}), **payload}
        instance.stage = "acting" if throwing.is_next_part(self, instance) else "leaving"
        self.advance(instance)

    def propagate(self, key: int, variables: Mapping[str, Any]) -> None:
        """Set variables as seen from the instance `key`; conditions that speak of them are looked at after the step."""
        if waits.CONDITIONAL in self.subscriptions:
            seen = self.view(key)
            self.changed.update((name, "update" if name in seen else "create") for name in variables)
        propagate(self.state.instances, key, variables)

    def _route(self, instance: ElementInstance, node: Node) -> None:
        if instance.role == "inner":
            loops.inner_leaves(self, instance, node)
            return
        if node.late:
            behaviours.of(instance, node).act(self, instance, node)
            return
        flows = [] if instance.thrower else routing.chosen(self, instance, node) * node.element.completion_quantity
        cancels = adhoc.element_completed(self, instance, node, bool(flows))
        if cancels:
            flows = []
        self.finish(instance, [flow.id for flow in flows])
        for flow in flows:
            self.push(Step("enter", flow.target.id, instance.parent, flow.id))
        if instance.thrower:
            compensation.handler_done(self, instance.thrower)
        if cancels:
            self.terminate_children(self.state.instances[instance.parent])
        self.push(Step("settle", "", instance.parent))

    def finish(self, instance: ElementInstance, flows: list[str] | None = None) -> None:
        """Journal an instance as completed and take it out of the tree."""
        data: dict[str, Any] = {}
        if flows:
            data["flows"] = flows
        if instance.payload:
            data["variables"] = instance.payload
        compensation.remember(self, instance, self.graph.nodes[instance.element])
        if instance.incident:
            self.resolve(instance)
        self.record_instance("completed", instance, data)
        self.remove(instance)
        if not instance.parent:
            self.end("completed", instance.variables)

    def end(self, outcome: str, variables: dict[str, Any] | None = None, code: str = "", message: str = "") -> None:
        """The whole instance is over, or will be once what is terminating has ended."""
        if self.state.instances:
            payload = {"variables": dict(variables or {}), "code": code, "message": message}
            self.push(Step("over", outcome, self.root.key, payload=payload, after=self.root.key))
            return
        self.state.outcome = outcome
        self.command(commands.Finished(outcome, dict(variables or {}), code, message))

    # -- ending ----------------------------------------------------------------------------------------------------

    def remove(self, instance: ElementInstance) -> None:
        """Take an ended instance out of the tree and close what it waits for."""
        if instance.waits:
            waits.close_all(self, instance)
        if self.state.suspended:
            suspending.forget(self, instance.key)
        del self.state.instances[instance.key]
        del self.children[instance.parent][instance.key]
        if not self.children.get(instance.key):
            self.children.pop(instance.key, None)

    def terminate(self, instance: ElementInstance, silently: bool = False) -> None:
        """End an instance and everything below it, innermost first.

        What has canceling listeners is only terminating after this, until they have been run, and so is all around it
        that ends with it; unless it ends `silently`.
        """
        if instance.stage == "terminating" and not silently:
            return
        self.terminate_children(instance, silently)
        node = self.graph.nodes[instance.element]
        behaviours.of(instance, node).cancel(self, instance, node)
        data.cancel(self, instance)
        if instance.job:
            listening.cancel(self, instance)
        if instance.incident:
            self.resolve(instance)
        if not silently and terminating.must_wait(self, instance, node):
            terminating.begin(self, instance)
            return
        self.record_instance("terminated", instance)
        self.remove(instance)

    def terminate_children(self, instance: ElementInstance, silently: bool = False) -> None:
        """End everything inside an instance: its children, its tokens on the way, its arrivals at joins."""
        for key in list(self.children.get(instance.key, ())):
            self.terminate(self.state.instances[key], silently)
        self.steps.withdraw("", instance.key)
        instance.arrivals.clear()
        if instance.compensating:
            instance.compensating = False
            instance.plan.clear()
        if instance.ad_hoc:
            adhoc_jobs.withdraw(self, instance)
            instance.ad_hoc.over = True
            instance.ad_hoc.later.clear()
        instance.resetting = None
        self.joining.pop(instance.key, None)
        if instance.incident and instance.incident.kind in gateways.OF_SCOPES:
            self.resolve(instance)

    def settle(self, scope_key: int) -> None:
        """Complete a scope in which nothing is left to do."""
        scope = self.state.instances.get(scope_key)
        if scope is None or scope.stage != "waiting" or self.children.get(scope_key) or scope_key in self.steps.pending:
            return
        node = self.graph.nodes[scope.element]
        if scope.role == "body":
            multi_instance.settle(self, scope)
        elif node.kind == "adHocSubProcess":
            adhoc.settle(self, scope, node)
        elif not scope.arrivals and not scope.resetting:
            self.complete(scope)

    # -- the run ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Take steps until none is left, or as many as one slice may have."""
        self.spent = 0
        queue = self.steps.queue
        self.stirred = bool(self.stirred or queue or self.changed or self.unseen)
        conditions.check(self)
        for _ in range(self.options.slice_steps):
            if not (queue or self._more()) or self.spent > self.options.slice_budget:
                break
            self._take(queue.popitem(last=False)[0])
            if self.changed or self.unseen:
                conditions.check(self)
        if not self._more():
            self.state.steps = 0

    def _more(self) -> bool:
        """Whether there is a step to take; where nothing moves, a gateway may join."""
        while not self.steps.queue and gateways.join_at_rest(self):
            self.stirred = True
        return bool(self.steps.queue)

    def _take(self, step: Step) -> None:
        if (step.after or self.state.suspended) and suspending.withholds_step(self, step):
            self.steps.parked[step] = None
            return
        self.steps.done(step)
        self.operations[step.op](step)


def _has_happened(instance: ElementInstance, node: Node) -> bool:
    """Whether what an event waits for has come already, at the event-based gateway before it."""
    return instance.payload is not None and node.kind in ("intermediateCatchEvent", "receiveTask")
