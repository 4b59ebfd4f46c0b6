"""The complex gateway: a condition over the tokens on its incoming flows starts it, what is late resets it.

BPMN 2.0 §10.6.5 and §13.4.5. A gateway that waits for its start waits for `activationCondition`; then it takes one
token off each incoming flow that has one and sends tokens with `waitingForStart` true. From then on it waits to be
reset: for a token on each other incoming flow, as long as one can come, by the rule of the inclusive join. The reset
takes those and sends tokens with `waitingForStart` false, or none. Each phase is an element instance of its own (`role`
reset for the second), and the scope keeps the flows that the first has used (`ElementInstance.resetting`).

The condition may use `activationCount`, the tokens on all incoming flows, and `activationCounts`, those on each by its
id. It is asked at each token that comes and whenever nothing else moves, for it may depend on data too.

A flow without a condition goes on with the start only: the standard asks that no flow gets a token in both phases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.behaviours import arrivals
from bpmn.outcome import Stuck

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance

CONDITION = "activation condition"
"""The kind of incident of a scope in which the activation condition of a gateway is neither true nor false."""

RESET = "reset"
"""The role of the instance that stands for the second phase."""


def go_on(x: Execution, scope: ElementInstance, node: Node) -> bool:
    """Reset a gateway that nothing can come to any more, or start one whose condition has become true."""
    if scope.resetting and node.id in scope.resetting:
        return _reset(x, scope, node)
    if scope.incident:
        return False
    return start(x, scope, node)


def start(x: Execution, scope: ElementInstance, node: Node) -> bool:
    """Start a gateway if it is not waiting to be reset and its condition is true now."""
    arrived = scope.arrivals.get(node.id)
    if not arrived or (scope.resetting and node.id in scope.resetting):
        return False
    counts = {flow: arrived.get(flow, 0) for flow in node.element.incoming}
    numbers: dict[str, Any] = {"activationCount": sum(counts.values()), "activationCounts": counts}
    try:
        if not x.condition(node.texts["activation_condition"], scope.key, numbers):
            return False
    except Stuck as stuck:
        if not scope.incident:
            x.raise_incident(scope, CONDITION, f"{node.id} «{node.name}»: {stuck.message}")
        return False
    if scope.incident and scope.incident.kind == CONDITION:
        x.resolve(scope)
    scope.resetting = {**(scope.resetting or {}), node.id: list(arrived)}
    arrivals.take(x, scope, node, list(arrived))
    x.begin(node, scope.key)
    return True


def _reset(x: Execution, scope: ElementInstance, node: Node) -> bool:
    assert scope.resetting is not None
    used = scope.resetting[node.id]
    late = [flow for flow in scope.arrivals.get(node.id, {}) if flow not in used]
    if arrivals.may_come(x, scope, node, [*used, *late]):
        return False
    scope.resetting = {name: flows for name, flows in scope.resetting.items() if name != node.id} or None
    arrivals.take(x, scope, node, late)
    x.begin(node, scope.key, RESET)
    return True


def phase(instance: ElementInstance, node: Node) -> dict[str, Any] | None:
    """What the conditions of a complex gateway's flows may use beside the variables of its scope."""
    return {"waitingForStart": instance.role != RESET} if node.kind == "complexGateway" else None
