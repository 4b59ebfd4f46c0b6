"""Gateways that do more than route: the event-based gateway, and the joins (BPMN 2.0 §13.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.behaviours import arrivals, complex_gateway, joins, suspending, waits
from bpmn.outcome import Outcome

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


DEADLOCK = "deadlock"
"""The kind of incident of a scope whose joins wait for tokens that cannot come."""

OF_SCOPES = (DEADLOCK, complex_gateway.CONDITION)
"""The kinds of incidents that are about tokens inside a scope, and over when those are gone."""


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
    """Let one inclusive gateway join that no other token can reach any more (BPMN 2.0 §13.4.3), or one complex gateway
    start or be reset (§13.4.5).

    Called when nothing else moves. A join that can never happen is an incident of its scope: a token would be lost
    in silence otherwise.
    """
    if not x.joining:
        return False
    scopes = [x.state.instances[key] for key in sorted(x.joining) if not suspending.is_suspended(x, key)]
    for scope in scopes:
        for gateway in sorted({**scope.arrivals, **(scope.resetting or {})}):
            if _go_on(x, scope, x.graph.nodes[gateway]):
                return True
    for scope in scopes:
        if not x.children.get(scope.key) and not scope.incident and not _more_may_be_activated(x, scope):
            x.raise_incident(scope, DEADLOCK, _deadlock(x, scope))
    return False


def _more_may_be_activated(x: Execution, scope: ElementInstance) -> bool:
    """Whether a scope is an ad-hoc sub-process that waits for more to be activated in it; one that a job decides for
    does so while the job is at work."""
    element = x.graph.nodes[scope.element].element
    waits_for_more = scope.job if element.job else element.ad_hoc and element.ad_hoc.completion_condition
    return bool(waits_for_more and scope.ad_hoc and not scope.ad_hoc.over)


def _go_on(x: Execution, scope: ElementInstance, node: Node) -> bool:
    if node.kind == "complexGateway":
        return complex_gateway.go_on(x, scope, node)
    if node.kind == "inclusiveGateway" and not arrivals.may_come(x, scope, node, scope.arrivals[node.id]):
        joins.join(x, node, scope)
        return True
    return False


def _deadlock(x: Execution, scope: ElementInstance) -> str:
    parts = []
    for gateway, arrived in sorted(scope.arrivals.items()):
        node = x.graph.nodes[gateway]
        if node.kind == "complexGateway":
            count, condition = sum(arrived.values()), node.texts["activation_condition"].source
            parts.append(f"{gateway} «{node.name}» holds {count} tokens and is not started by {condition}")
            continue
        missing = ", ".join(flow for flow in node.element.incoming if flow not in arrived)
        if node.element.start_quantity > 1:
            wanted = node.element.start_quantity
            missing = f"{wanted - sum(arrived.values())} of its {wanted} tokens"
        parts.append(f"{gateway} «{node.name}» waits for {missing}, where no token can come from any more")
    return "; ".join(parts)
