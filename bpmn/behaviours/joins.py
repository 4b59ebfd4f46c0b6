"""Tokens that come to an element which needs several of them (BPMN 2.0 §13.3.1, §13.4.1, §13.4.3, §13.4.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.behaviours import arrivals, complex_gateway

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance, Step


def arrive(x: Execution, node: Node, step: Step) -> None:
    """A token has come by the flow of `step`: the element begins where that is enough, or waits for more."""
    scope = x.state.instances[step.scope]
    arrived = scope.arrivals.setdefault(node.id, {})
    arrived[step.flow] = arrived.get(step.flow, 0) + 1
    enough = sum(arrived.values()) == node.element.start_quantity
    if not node.joins and enough:
        del scope.arrivals[node.id]
        arrivals.forget(x, scope)
        x.begin(node, scope.key)
        return
    if node.kind == "parallelGateway" and len(arrived) == len(node.element.incoming):
        join(x, node, scope)
        return
    x.joining[scope.key] = None
    if node.kind == "complexGateway":
        complex_gateway.start(x, scope, node)


def join(x: Execution, node: Node, scope: ElementInstance) -> None:
    """One token from each arrived flow becomes one token at the gateway."""
    arrivals.take(x, scope, node, scope.arrivals[node.id])
    x.begin(node, scope.key)
