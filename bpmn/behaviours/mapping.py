"""Input and output mappings: what an element is given of the variables around it, and what it gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.behaviours import data
from bpmn.variables import assign

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node, VariableMapping
    from bpmn.state import ElementInstance


def map_inputs(x: Execution, instance: ElementInstance, node: Node) -> None:
    """What the data inputs and input mappings of an element give becomes its own variables. Raises `Stuck`."""
    if not (node.inputs or node.data) or instance.role == "body":
        return
    local = dict(instance.variables or {})
    for mapping in node.inputs:
        seen = instance.stored if mapping.by_association else local
        assign(local, mapping.path, x.evaluate(mapping.source, instance.key, seen))
    if node.data:
        data.check_inputs(node.data, local)
    x.check_sizes(local)
    instance.variables = local
    instance.stored = None


def map_outputs(x: Execution, instance: ElementInstance, node: Node) -> None:
    """What the output mappings and data outputs of an element give becomes variables around it; without a mapping, all
    of its result does. Raises `Stuck`."""
    payload = instance.payload or {}
    mapped = bool(node.outputs) and instance.role != "body"
    result = _mapped(x, node.outputs, payload, instance.key, instance.parent) if mapped else payload
    if result:
        x.check_sizes(result)
    if node.data or x.graph.has_checked_data:
        data.check_outputs(x, instance, node, result)
    writes = data.to_write(x, instance, node) if node.data else None
    inner = instance.role == "inner" and node.element.standard_loop is None
    if mapped and inner:
        instance.variables = {**(instance.variables or {}), **payload}
        data.give_out(x, instance, node, result)
    if result:
        # An inner instance keeps what its mappings give, for the output element to collect.
        from_parent = instance.role == "body" or (mapped and not inner)
        x.propagate(instance.parent if from_parent else instance.key, result)
    instance.writes = writes or None
    if node.handler and instance.role != "body":
        instance.variables = {**(instance.variables or {}), **payload, **result}


def foreseen(x: Execution, scope: ElementInstance, start: Node) -> dict[str, Any]:
    """What `scope` will be given by its start event, which it begins with. Raises `Stuck`."""
    payload = scope.payload or {}
    return _mapped(x, start.outputs, payload, scope.key, scope.key, quiet=True) if start.outputs else payload


def _mapped(
    x: Execution, mappings: list[VariableMapping], payload: dict[str, Any], key: int, around: int, quiet: bool = False
) -> dict[str, Any]:
    """What mappings make of a result at the instance `key`, for the scope `around` it."""
    result: dict[str, Any] = {}
    for mapping in mappings:
        name = mapping.path[0]
        if len(mapping.path) > 1 and name not in result:
            result[name] = x.view(around).get(name)
        seen = payload if mapping.by_association else {**payload, **result}
        assign(result, mapping.path, x.evaluate(mapping.source, key, seen, quiet=quiet))
    return result
