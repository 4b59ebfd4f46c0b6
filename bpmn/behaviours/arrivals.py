"""Tokens that stand on the incoming flows of a join: taking them off, and whether more can come (BPMN 2.0 §13.4.3)."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


def take(x: Execution, scope: ElementInstance, node: Node, flows: Collection[str]) -> None:
    """Take one token off each of these incoming flows of a gateway."""
    arrived = scope.arrivals.pop(node.id, {})
    rest = {flow: left for flow, count in arrived.items() if (left := count - (flow in flows)) > 0}
    if rest:
        scope.arrivals[node.id] = rest
    forget(x, scope)


def forget(x: Execution, scope: ElementInstance) -> None:
    """No join waits in a scope any more, if none does."""
    if not scope.arrivals and not scope.resetting:
        x.joining.pop(scope.key, None)


def may_come(x: Execution, scope: ElementInstance, node: Node, had: Collection[str]) -> bool:
    """Whether a token can still come to a flow that is not among those that `had` one.

    A token that can also come to one of those does not count, or loops would wait for themselves.
    """
    ways, direct = x.graph.ways[node.id], x.graph.direct_ways[node.id]
    tokens = (place for key in x.children.get(scope.key, ()) for place in _places(x, x.state.instances[key]))
    at_joins = (gateway for gateway in scope.arrivals if gateway != node.id)
    return any(
        any(flow not in had for flow in ways.get(place, ())) and not any(flow in had for flow in direct.get(place, ()))
        for place in chain(tokens, at_joins)
    )


def _places(x: Execution, instance: ElementInstance) -> list[str]:
    """Where the tokens of an instance are: those of a parallel event-based gateway at the events still to come."""
    if x.graph.nodes[instance.element].element.parallel:
        return [x.state.waits[key].element for key in instance.waits]
    return [instance.element]
