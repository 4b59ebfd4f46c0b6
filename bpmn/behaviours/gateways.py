"""Gateways that do more than route: the event-based gateway, and the joins (BPMN 2.0 §13.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.behaviours import suspending, waits
from bpmn.outcome import Outcome

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


DEADLOCK = "deadlock"
"""The kind of incident of a scope whose joins wait for tokens that cannot come."""


class EventBased:
    """Waits for every event behind it; the first decides (BPMN 2.0 §13.4.4).

    An instantiating one of the parallel kind waits for all but the one that its instance began with.
    """

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        targets = [flow.target for flow in node.outgoing if flow.target.id != instance.start]
        for one in waits.plans(x, instance.key, *targets):
            waits.open_wait(x, instance, one)
        return Outcome.WAITS

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        """Its waits are closed with the instance."""


def join_at_rest(x: Execution) -> bool:
    """Let one inclusive gateway join that no other token can reach any more (BPMN 2.0 §13.4.3).

    Called when nothing else moves. A join that can never happen is an incident of its scope: a token would be lost
    in silence otherwise.
    """
    if not x.joining:
        return False
    scopes = [x.state.instances[key] for key in sorted(x.joining) if not suspending.is_suspended(x, key)]
    for scope in scopes:
        for gateway in sorted(scope.arrivals):
            node = x.graph.nodes[gateway]
            if node.kind == "inclusiveGateway" and _may_join(x, scope, node):
                x.join(node, scope)
                return True
    for scope in scopes:
        if not x.children.get(scope.key) and not scope.incident and not _more_may_be_activated(x, scope):
            x.raise_incident(scope, DEADLOCK, _deadlock(x, scope))
    return False


def _more_may_be_activated(x: Execution, scope: ElementInstance) -> bool:
    """Whether a scope is an ad-hoc sub-process that waits for more to be activated in it."""
    ad_hoc = x.graph.nodes[scope.element].element.ad_hoc
    return bool(ad_hoc and ad_hoc.completion_condition and scope.ad_hoc and not scope.ad_hoc.over)


def _may_join(x: Execution, scope: ElementInstance, node: Node) -> bool:
    arrived = scope.arrivals[node.id]
    reach = x.graph.reach[node.id]
    missing = [reach[flow] for flow in node.element.incoming if flow not in arrived]
    present = [reach[flow] for flow in node.element.incoming if flow in arrived]
    places = {place for key in x.children.get(scope.key, ()) for place in _places(x, x.state.instances[key])}
    places.update(gateway for gateway in scope.arrivals if gateway != node.id)
    return not any(
        any(place in elements for elements in missing) and not any(place in elements for elements in present)
        for place in places
    )


def _places(x: Execution, instance: ElementInstance) -> list[str]:
    """Where the tokens of an instance are: those of a parallel event-based gateway at the events still to come."""
    if x.graph.nodes[instance.element].element.parallel:
        return [x.state.waits[key].element for key in instance.waits]
    return [instance.element]


def _deadlock(x: Execution, scope: ElementInstance) -> str:
    parts = []
    for gateway, arrived in sorted(scope.arrivals.items()):
        node = x.graph.nodes[gateway]
        missing = ", ".join(flow for flow in node.element.incoming if flow not in arrived)
        if node.element.start_quantity > 1:
            wanted = node.element.start_quantity
            missing = f"{wanted - sum(arrived.values())} of its {wanted} tokens"
        parts.append(f"{gateway} «{node.name}» waits for {missing}, where no token can come from any more")
    return "; ".join(parts)
