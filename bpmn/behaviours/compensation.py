"""Undoing what was completed, last first (BPMN 2.0 §10.7, §13.5.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bpmn.outcome import Outcome
from bpmn.state import Done, Step

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


def remember(x: Execution, instance: ElementInstance, node: Node) -> None:
    """Keep what it takes to compensate a completed activity: its handler with its data, or what is inside it.

    A handler that is an event sub-process inside it needs both (BPMN 2.0 §13.5.5).
    """
    scope = x.state.instances.get(instance.parent)
    if scope is None or node.compensates:
        return
    if node.handler and instance.role != "body":
        inner = instance.done if x.graph.nodes[node.handler].compensates else []
        scope.done.append(Done(instance.element, node.handler, dict(instance.variables or {}), inner))
    elif instance.done:
        scope.done.append(Done(instance.element, "", dict(instance.variables or {}), instance.done))


def throw(x: Execution, instance: ElementInstance, node: Node) -> Outcome:
    """Compensate one activity, or all completed ones of the scope, in reverse order of their completion."""
    assert node.element.event is not None
    wanted = node.element.event.activity
    scopes = _scopes(x, instance)
    plan: list[Done] = []
    for scope in scopes:
        chosen = [done for done in scope.done if wanted in ("", done.element)]
        scope.done = [done for done in scope.done if wanted not in ("", done.element)]
        plan += planned(chosen, scope.key)
    if not plan:
        return Outcome.DONE
    if not node.element.event.awaited:
        _compensate_meanwhile(x, scopes[0], plan)
        return Outcome.DONE
    instance.plan += plan
    go_on(x, instance)
    return Outcome.WAITS


def _compensate_meanwhile(x: Execution, scope: ElementInstance, plan: list[Done]) -> None:
    """Have a scope compensate while it goes on: the throw event does not wait, and may be gone long before the end."""
    for done in plan:
        inside = x.state.instances[done.scope].variables if done.scope != scope.key else None
        scope.plan.append(replace(done, scope=scope.key, variables={**(inside or {}), **done.variables}))
    if not scope.compensating:
        scope.compensating = True
        go_on(x, scope)


def _scopes(x: Execution, instance: ElementInstance) -> list[ElementInstance]:
    """Whose activities a throw compensates, outermost first: its own scope, and what is around event sub-processes.

    An event sub-process that compensates has those of its sub-process with it; what is around is none of its business.
    """
    scopes = [x.state.instances[instance.parent]]
    while (node := x.graph.nodes[scopes[0].element]).is_event_subprocess and not node.compensates:
        scopes.insert(0, x.state.instances[scopes[0].parent])
    return scopes


def planned(chosen: list[Done], scope: int) -> list[Done]:
    """The handlers for what was done, as they belong into the instance `scope`; the last one is the first to run."""
    return [replace(done, scope=scope) for done in _flatten(chosen)]


def _flatten(chosen: list[Done]) -> list[Done]:
    plan: list[Done] = []
    for done in chosen:
        if done.handler:
            plan.append(done)
        else:
            plan += [replace(inner, variables={**done.variables, **inner.variables}) for inner in _flatten(done.inner)]
    return plan


def go_on(x: Execution, thrower: ElementInstance) -> None:
    """Start the next handler of a plan, or see to what follows when there is none."""
    if thrower.plan:
        done = thrower.plan.pop()
        x.push(Step("handler", done.handler, done.scope, payload=done.variables, key=thrower.key, inner=done.inner))
    elif thrower.stage == "cancelling":
        x.push(Step("cancelled", "", thrower.parent, key=thrower.key))
    elif thrower.compensating:
        thrower.compensating = False
    else:
        x.complete(thrower)


def start_handler(x: Execution, step: Step) -> None:
    """Begin a compensation handler with the data its activity had when it completed."""
    node = x.graph.nodes[step.element]
    start = node.start.id if node.compensates and node.start else ""
    role = "body" if node.loops else ""
    handler = x.create(node, step.scope, role=role, thrower=step.key, start=start, done=list(step.inner))
    handler.variables = dict(step.payload or {})
    x.advance(handler)


def handler_done(x: Execution, thrower_key: int) -> None:
    """A handler has ended: the next one, or its plan is done."""
    if thrower := x.state.instances.get(thrower_key):
        go_on(x, thrower)
