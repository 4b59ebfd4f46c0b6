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
    """Keep what it takes to compensate a completed activity: its handler with its data, or what is inside it."""
    scope = x.state.instances.get(instance.parent)
    if scope is None:
        return
    if node.handler and instance.role != "body":
        scope.done.append(Done(instance.element, node.handler, dict(instance.variables or {})))
    elif instance.done:
        scope.done.append(Done(instance.element, "", dict(instance.variables or {}), instance.done))


def throw(x: Execution, instance: ElementInstance, node: Node) -> Outcome:
    """Compensate one activity, or all completed ones of the scope, in reverse order of their completion."""
    assert node.element.event is not None
    wanted = node.element.event.activity
    for scope in _scopes(x, instance):
        chosen = [done for done in scope.done if wanted in ("", done.element)]
        scope.done = [done for done in scope.done if wanted not in ("", done.element)]
        instance.plan += [replace(done, scope=scope.key) for done in _flatten(chosen)]
    if not instance.plan:
        return Outcome.DONE
    _next_handler(x, instance)
    return Outcome.WAITS


def _scopes(x: Execution, instance: ElementInstance) -> list[ElementInstance]:
    """Whose activities a throw compensates, outermost first: its own scope, and what is around event sub-processes."""
    scopes = [x.state.instances[instance.parent]]
    while x.graph.nodes[scopes[0].element].is_event_subprocess:
        scopes.insert(0, x.state.instances[scopes[0].parent])
    return scopes


def _flatten(chosen: list[Done]) -> list[Done]:
    plan: list[Done] = []
    for done in chosen:
        if done.handler:
            plan.append(done)
        else:
            plan += [
                Done(inner.element, inner.handler, {**done.variables, **inner.variables})
                for inner in _flatten(done.inner)
            ]
    return plan


def _next_handler(x: Execution, thrower: ElementInstance) -> None:
    done = thrower.plan.pop()
    x.push(Step("handler", done.handler, done.scope, payload=done.variables, key=thrower.key))


def start_handler(x: Execution, step: Step) -> None:
    """Begin a compensation handler with the data its activity had when it completed."""
    node = x.graph.nodes[step.element]
    handler = x.create(node, step.scope, role="body" if node.element.loop else "", thrower=step.key)
    handler.variables = dict(step.payload or {})
    x.advance(handler)


def handler_done(x: Execution, thrower_key: int) -> None:
    """A handler has ended: the next one, or the throw event is done."""
    thrower = x.state.instances.get(thrower_key)
    if thrower is None:
        return
    if thrower.plan:
        _next_handler(x, thrower)
    else:
        x.complete(thrower)
