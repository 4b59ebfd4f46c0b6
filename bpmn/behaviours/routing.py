"""Which sequence flows a token takes out of an element (BPMN 2.0 §13.3.1, §13.4.1–3, §13.4.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.behaviours import complex_gateway
from bpmn.outcome import Stuck

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import FlowTarget, Node
    from bpmn.state import ElementInstance
    from bpmn.texts import Text

_NO_FLOW = "no condition of the outgoing flows is true and there is no default flow"


def chosen(x: Execution, instance: ElementInstance, node: Node) -> list[FlowTarget]:
    """The flows that get a token. Raises `Stuck` where there is no way on."""
    if instance.role == complex_gateway.RESET:
        return _of_reset(x, instance, node)
    if not node.has_conditions and node.kind != "exclusiveGateway":
        return node.outgoing
    default = [flow for flow in node.outgoing if flow.id == node.default]
    if node.kind == "exclusiveGateway":
        return _exclusive(x, instance, node, default)
    others = [flow for flow in node.outgoing if flow.id != node.default]
    taken = [flow for flow in others if flow.condition is None or _is_open(x, flow.condition, instance)]
    if any(flow.condition for flow in taken):
        return taken
    taken += default
    if not taken:
        raise Stuck("no flow", _NO_FLOW)
    return taken


def _exclusive(x: Execution, instance: ElementInstance, node: Node, default: list[FlowTarget]) -> list[FlowTarget]:
    if len(node.outgoing) <= 1 and not node.has_conditions:
        return node.outgoing
    for flow in node.outgoing:
        if flow.condition is not None and _is_open(x, flow.condition, instance):
            return [flow]
    if not default:
        raise Stuck("no flow", _NO_FLOW)
    return default


def _of_reset(x: Execution, instance: ElementInstance, node: Node) -> list[FlowTarget]:
    """Of the reset of a complex gateway: the flows whose condition is true, else the default flow, else none."""
    taken = [flow for flow in node.outgoing if flow.condition and _is_open(x, flow.condition, instance)]
    return taken or [flow for flow in node.outgoing if flow.id == node.default]


def _is_open(x: Execution, condition: Text, instance: ElementInstance) -> bool:
    """Whether a flow out of an instance may be taken: its condition sees the scope around, not what is local.

    Nothing is local to a gateway but what its listeners have found out for its conditions.
    """
    node = x.graph.nodes[instance.element]
    local = instance.variables and node.kind.endswith("Gateway")
    phase = complex_gateway.phase(instance, node)
    return x.condition(condition, instance.key if local else instance.parent, phase, about=instance.key)
