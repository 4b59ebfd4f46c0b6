"""How a process begins at an event that has come (BPMN 2.0 §13.5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.behaviours import correlation
from bpmn.state import Step

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import FlowTarget, Node
    from bpmn.state import ElementInstance


def begin(x: Execution, scope: ElementInstance, start: Node, payload: dict[str, Any] | None) -> None:
    """Go on from an event of `scope` that has come.

    Where it stands behind an instantiating event-based gateway, an exclusive one is done with it; a parallel one waits
    for its other events, after this one has left its variables.
    """
    correlation.begin(x, start, scope.key, payload or {})
    gateway = start.gateway
    if gateway and not gateway.element.parallel:
        x.finish(x.create(gateway, scope.key), [_flow(gateway, start).id])
    x.push(Step("fire", start.id, scope.key, payload=payload))
    if gateway and gateway.element.parallel:
        x.push(Step("others", gateway.id, scope.key, _flow(gateway, start).id))


def _flow(gateway: Node, start: Node) -> FlowTarget:
    return next(flow for flow in gateway.outgoing if flow.target is start)


def await_others(x: Execution, step: Step) -> None:
    """The instance has begun at the event behind the flow of `step`: wait for the others behind the same gateway."""
    gateway = x.graph.nodes[step.element]
    came = next(flow.target for flow in gateway.outgoing if flow.id == step.flow)
    x.advance(x.create(gateway, step.scope, start=came.id))
