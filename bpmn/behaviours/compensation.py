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
        done = Done(instance.element, node.handler, dict(instance.variables or {}), inner, key=instance.key)
        scope.done.append(done)
    elif instance.done:
        done = Done(instance.element, "", dict(instance.variables or {}), instance.done, key=instance.key)
        scope.done.append(done)


def throw(x: Execution, instance: ElementInstance, node: Node) -> Outcome:
    """Compensate one activity, or all completed ones of the scope, in reverse order of their completion."""
    assert node.element.event is not None
    wanted = node.element.event.activity
    scopes = _scopes(x, instance)
    plan: list[Done] = []
    for scope in scopes:
        chosen = [done for done in scope.done if wanted in ("", done.element)]
        scope.done = [done for done in scope.done if wanted not in ("", done.element)]
        plan += planned(x, chosen, scope.key)
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


def planned(x: Execution, chosen: list[Done], scope: int) -> list[Done]:
    """The handlers for what was done, as they belong into the instance `scope`; the last one is the first to run."""
    return [replace(done, scope=scope) for done in _flatten(x, chosen)]


def _ordered(x: Execution, chosen: list[Done]) -> list[Done]:
    """In the order of completion, but an activity before what its boundary events led to while it was active.

    BPMN 2.0 §13.5.5: that MUST be compensated before the activity itself, also where it completed first.
    """
    result: list[Done] = []
    for done in chosen:
        node = x.graph.nodes.get(done.element)
        led_to = [flow.target.id for event in node.boundaries for flow in event.outgoing] if node else []
        after = [one for one in result if one.element in led_to and one.key > done.key] if led_to else []
        result = [*(one for one in result if one not in after), done, *after] if after else [*result, done]
    return result


def _flatten(x: Execution, chosen: list[Done]) -> list[Done]:
    plan: list[Done] = []
    for done in _ordered(x, chosen):
        if done.handler:
            plan.append(done)
        else:
            inside = _flatten(x, done.inner)
            plan += [replace(inner, variables={**done.variables, **inner.variables}) for inner in inside]
    return plan


def go_on(x: Execution, thrower: ElementInstance) -> None:
    """Start the next handler of a plan, or see to what follows when there is none."""
    if thrower.plan:
        done = thrower.plan.pop()
        step = Step(
            "handler", done.handler, done.scope, payload=done.variables, key=thrower.key, inner=tuple(done.inner)
        )
        step.after = thrower.key if thrower.stage == "cancelling" else 0
        x.push(step)
    elif thrower.stage == "cancelling":
        x.push(Step("cancelled", "", thrower.parent, key=thrower.key, after=thrower.key))
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
