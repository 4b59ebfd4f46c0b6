"""How tokens are cancelled, added and moved: see `bpmn.modification`.

What is added is queued before anything is cancelled, so that no scope is empty that is needed; then what is left
without a token is ended from inside outwards.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from bpmn.behaviours import (
    adhoc,
    arrivals,
    compensation,
    gateways,
    joins,
    loops,
    mapping,
    multi_instance,
    suspending,
    waits,
)
from bpmn.options import MENDED_SINCE
from bpmn.placement import Activation, Arrival, Misplaced, Modification, ModificationRefused
from bpmn.state import Step

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.instance import Instance
    from bpmn.state import ElementInstance


def change(instance: Instance, wanted: Modification, now: datetime) -> None:
    """Make a modification, with the steps that follow still to be taken.

    Raises `ModificationRefused`, or `Stuck` where an expression has no value; then the instance is good for nothing.
    """
    if not (wanted.by and wanted.reason):
        raise ModificationRefused(Misplaced.REASON, "", "a modification says by whom it is made, and why")
    if not (wanted.cancel or wanted.activate or wanted.move or wanted.withdraw):
        raise ModificationRefused(Misplaced.REASON, "", "there is nothing to do")
    if not instance.active:
        raise ModificationRefused(Misplaced.UNKNOWN, "", "the instance has not begun, or is over")
    change = _Change(instance.execution, wanted)
    change.x.at(now)
    for key in change.leaving:
        change.known(key)
    change.x.record_instance("modified", change.x.root, wanted.to_json())
    for one in wanted.activate:
        change.activate(one)
    for move in wanted.move:
        change.activate(Activation(move.element), change.known(move.key))
    for arrival in wanted.withdraw:
        change.withdraw(arrival)
    for key in change.leaving:
        change.cancel(key)
    change.prune()


def _refused(kind: Misplaced, about: object, text: str) -> ModificationRefused:
    return ModificationRefused(kind, str(about), text)


class _Change:
    """One modification under way."""

    def __init__(self, x: Execution, wanted: Modification) -> None:
        self.x = x
        self.wanted = wanted
        self.leaving = dict.fromkeys([*wanted.cancel, *(move.key for move in wanted.move)])
        self.emptied: dict[int, None] = {}

    def known(self, key: int) -> ElementInstance:
        """The element instance of that key, which is not suspended."""
        instance = self.x.state.instances.get(key)
        if instance is None:
            raise _refused(Misplaced.UNKNOWN, key, f"there is no element instance {key}")
        if suspending.is_suspended(self.x, key):
            raise _refused(Misplaced.SUSPENDED, key, f"{instance.element} (key {key}) is suspended; resume it first")
        return instance

    # -- adding ----------------------------------------------------------------------------------------------------

    def activate(self, wanted: Activation, instead_of: ElementInstance | None = None) -> None:
        node = self.x.graph.nodes.get(wanted.element)
        if node is None or node is self.x.graph.root:
            raise _refused(Misplaced.UNKNOWN, wanted.element, f"there is no element {wanted.element}")
        self.x.check_sizes({**wanted.variables, "item": wanted.item})
        given = self.known(wanted.scope) if wanted.scope else None
        if given and given.role == "body" and given.element == node.id and node.element.loop:
            self._check_open(given)
            multi_instance.add_item(self.x, given, node, wanted.item)
            return
        if problem := _unstartable(node):
            raise _refused(Misplaced.ELEMENT, node.id, f"{node.id} {problem}")
        scope = self._scope(node, given or self._around(node, instead_of))
        if suspending.is_suspended(self.x, scope.key):
            raise _refused(Misplaced.SUSPENDED, node.id, f"the scope of {node.id} is suspended; resume it first")
        self._begin(node, scope, dict(wanted.variables))

    def _around(self, node: Node, instead_of: ElementInstance | None) -> ElementInstance | None:
        """The innermost instance around a moved one that is a scope of the element."""
        scopes = [one.id for one in node.scopes]
        instance = instead_of
        while instance and instance.parent:
            instance = self.x.state.instances[instance.parent]
            if instance.role != "body" and instance.element in scopes:
                return instance
        return None

    def _scope(self, node: Node, given: ElementInstance | None) -> ElementInstance:
        """The instance that the element begins in, those missing around it created."""
        assert node.scope is not None
        if given and given.role != "body" and given.element == node.scope.id:
            self._check_open(given)
            return given
        if given and given.element not in [one.id for one in node.scopes]:
            raise _refused(Misplaced.SCOPE, given.key, f"{given.element} (key {given.key}) is no scope of {node.id}")
        below = self._below(given) if given else None
        found = [
            one
            for one in self.x.state.instances.values()
            if one.element == node.scope.id and one.role != "body" and (below is None or one.key in below)
            if not self._is_leaving(one)
        ]
        if len(found) > 1:
            keys = ", ".join(str(one.key) for one in found)
            raise _refused(Misplaced.SCOPE, node.id, f"{node.scope.id} is active several times; name one of {keys}")
        if not found:
            return self._create(node.scope, given)
        self._check_open(found[0])
        return found[0]

    def _below(self, scope: ElementInstance) -> dict[int, None]:
        keys = {scope.key: None}
        for one in self.x.state.instances.values():
            if one.parent in keys:
                keys[one.key] = None
        return keys

    def _create(self, node: Node, given: ElementInstance | None) -> ElementInstance:
        """A scope that is not active: it begins without a token at its start."""
        if node is self.x.graph.root:
            raise _refused(Misplaced.SCOPE, self.x.root.key, "the whole is to be cancelled; nothing begins in it")
        if node.loops or node.is_event_subprocess:
            text = f"{node.id} is not active and cannot begin in its middle; activate {node.id} itself"
            raise _refused(Misplaced.SCOPE, node.id, text)
        x, around = self.x, self._scope(node, given)
        self._check_open(around)
        instance = x.create(node, around.key)
        mapping.map_inputs(x, instance, node)
        waits.watch_boundaries(x, instance, node)
        waits.watch_event_subprocesses(x, instance, node)
        if node.kind == "adHocSubProcess":
            adhoc.prepare(instance, node)
        instance.stage = "waiting"
        return instance

    def _begin(self, node: Node, scope: ElementInstance, variables: dict[str, Any]) -> None:
        x = self.x
        if scope.incident and scope.incident.kind in gateways.OF_SCOPES:
            x.resolve(scope)
        if node.is_event_subprocess:
            assert node.start is not None
            waits.start_event_subprocess(x, scope, node.start, variables)
        elif node.joins and node.id in scope.arrivals:
            joins.join(x, node, scope)
        else:
            # An event at a boundary counts as having happened.
            op = "fire" if node.kind == "boundaryEvent" else "begin"
            x.push(Step(op, node.id, scope.key, payload=variables or None))

    def _check_open(self, scope: ElementInstance) -> None:
        """Something may begin in a scope that goes on. Raises `ModificationRefused`."""
        problem = ""
        if self._is_leaving(scope):
            problem = "is to be cancelled; nothing begins in it"
        elif scope.stage == "cancelling":
            problem = "is being taken back"
        elif not self._goes_on(scope):
            problem = "has not begun yet, or is about to end"
        if problem:
            raise _refused(Misplaced.SCOPE, scope.key, f"{scope.element} (key {scope.key}) {problem}")

    def _goes_on(self, scope: ElementInstance) -> bool:
        if scope.role != "body" and self.x.options.semantics < MENDED_SINCE:
            return True
        return scope.stage == "waiting" and not (scope.loop and scope.loop.over)

    def _is_leaving(self, instance: ElementInstance) -> bool:
        key = instance.key
        while key and key not in self.leaving:
            key = self.x.state.instances[key].parent
        return bool(key)

    # -- taking away -----------------------------------------------------------------------------------------------

    def withdraw(self, arrival: Arrival) -> None:
        scope = self.known(arrival.scope)
        arrived = scope.arrivals.get(arrival.gateway, {})
        if arrival.flow not in arrived:
            text = f"no token waits at {arrival.gateway} that came by {arrival.flow}"
            raise _refused(Misplaced.UNKNOWN, arrival.gateway, text)
        del arrived[arrival.flow]
        if not arrived:
            del scope.arrivals[arrival.gateway]
        arrivals.forget(self.x, scope)
        if scope.incident and scope.incident.kind in gateways.OF_SCOPES:
            self.x.resolve(scope)
        self.emptied[scope.key] = None

    def cancel(self, key: int) -> None:
        x, instance = self.x, self.x.state.instances.get(key)
        if instance is None:  # ended with another one
            return
        around = x.state.instances.get(instance.parent)
        if around is None:
            self._end()
        elif around.stage == "terminating":
            x.terminate(instance, silently=True)
            x.advance(around)
        elif instance.role == "inner" and self._is_left(instance.parent):
            body = x.state.instances[instance.parent]
            x.terminate(body, silently=True)
            self.emptied[body.parent] = None
        elif instance.role == "inner":
            loops.cancel_inner(x, instance, x.graph.nodes[instance.element])
        else:
            x.terminate(instance, silently=True)
            self.emptied[instance.parent] = None
            if instance.thrower:
                compensation.handler_done(x, instance.thrower)

    def _is_left(self, body: int) -> bool:
        """Whether all that runs in a body goes elsewhere: then nobody awaits its end any more."""
        running = self.x.children.get(body, ())
        moved = {move.key for move in self.wanted.move}
        mended = self.x.options.semantics >= MENDED_SINCE
        return mended and not moved.isdisjoint(running) and all(one in self.leaving for one in running)

    def prune(self) -> None:
        """End what has been left without a token, from inside outwards."""
        x = self.x
        todo = list(self.emptied)
        while todo and not x.state.outcome:
            scope = x.state.instances.get(todo.pop(0))
            if scope is None or not _is_empty(x, scope):
                continue
            if scope.role == "body" or scope.ad_hoc:  # it sees itself to what comes next
                x.push(Step("settle", "", scope.key))
                continue
            node = x.graph.nodes[scope.element]
            if not scope.parent:
                self._end()
            elif scope.role == "inner":
                loops.cancel_inner(x, scope, node)
            else:
                x.terminate(scope, silently=True)
                todo.append(scope.parent)

    def _end(self) -> None:
        x = self.x
        if not self.wanted.ends:
            text = "nothing would be left active; say that the instance is to end"
            raise _refused(Misplaced.EMPTY, x.root.element, text)
        root = x.root
        x.terminate(root, silently=True)
        x.end("terminated", root.variables)


def _is_empty(x: Execution, scope: ElementInstance) -> bool:
    """Whether nothing is left in a scope that would let it end by itself, as one does that is taken back."""
    left = x.children.get(scope.key) or scope.key in x.steps.pending or scope.arrivals or scope.resetting
    return not left and (scope.stage != "cancelling" or x.options.semantics < MENDED_SINCE)


def _unstartable(node: Node) -> str:
    """Why an element does not begin by a token of its own; empty where it does."""
    if node.element.for_compensation or node.compensates:
        return "only undoes what has been completed"
    if node.kind == "implicitThrowEvent":
        return "is thrown by its activity alone"
    if node.kind == "startEvent" and node.scope and node.scope.is_event_subprocess:
        return f"begins with its event sub-process; activate {node.scope.id}"
    return ""
