"""Tokens that stand on the incoming flows of a join: taking them off, and whether more can come (BPMN 2.0 §13.4.3)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


def take(scope: ElementInstance, node: Node, flows: Collection[str]) -> None:
    """Take one token off each of these incoming flows of a gateway."""
    arrived = scope.arrivals.pop(node.id, {})
    rest = {flow: left for flow, count in arrived.items() if (left := count - (flow in flows)) > 0}
    if rest:
        scope.arrivals[node.id] = rest


def may_come(x: Execution, scope: ElementInstance, node: Node, had: Collection[str]) -> bool:
    """Whether a token can still come to a flow that is not among those that `had` one.

    A token that can also come to one of those does not count, or loops would wait for themselves.
    """
    reach, direct = x.graph.reach[node.id], x.graph.direct_reach[node.id]
    missing = [reach[flow] for flow in node.element.incoming if flow not in had]
    present = [direct[flow] for flow in node.element.incoming if flow in had]
    places = {place for key in x.children.get(scope.key, ()) for place in _places(x, x.state.instances[key])}
    places.update(gateway for gateway in scope.arrivals if gateway != node.id)
    return any(
        any(place in elements for elements in missing) and not any(place in elements for elements in present)
        for place in places
    )


def _places(x: Execution, instance: ElementInstance) -> list[str]:
    """Where the tokens of an instance are: those of a parallel event-based gateway at the events still to come."""
    if x.graph.nodes[instance.element].element.parallel:
        return [x.state.waits[key].element for key in instance.waits]
    return [instance.element]
