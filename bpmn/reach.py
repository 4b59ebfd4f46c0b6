"""From where a token can get to a join (BPMN 2.0 §13.4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpmn.graph import Graph, Node

Ways = dict[str, dict[str, list[str]]]
"""By gateway and element: incoming flows of the gateway."""


def ways(graph: Graph, by_boundaries: bool) -> Ways:
    """For each joining inclusive or complex gateway: by which of its incoming flows a token at each element can come to
    it without passing it, by boundary events too where `by_boundaries`."""
    found: Ways = {}
    for node in graph.nodes.values():
        if node.kind in ("inclusiveGateway", "complexGateway") and node.joins:
            found[node.id] = {}
            for flow in node.element.incoming:
                for element in sorted(_before_flow(graph, node, flow, by_boundaries)):
                    found[node.id].setdefault(element, []).append(flow)
    return found


def _before_flow(graph: Graph, gateway: Node, flow: str, by_boundaries: bool) -> dict[str, None]:
    """The elements from which a token can get to that flow of the gateway without passing the gateway."""
    found: dict[str, None] = {}
    todo = [graph.process.flows[flow].source]
    while todo:
        name = todo.pop()
        if name not in found and name != gateway.id:
            found[name] = None
            todo.extend(_before(graph, graph.nodes[name], by_boundaries))
    return found


def _before(graph: Graph, node: Node, by_boundaries: bool) -> Iterator[str]:
    yield from (graph.process.flows[flow].source for flow in node.element.incoming)
    if by_boundaries and node.element.attached_to:
        yield node.element.attached_to
    if node.element.event_kind == "link" and node.kind == "intermediateCatchEvent":
        for other in graph.nodes.values():
            if other.kind == "intermediateThrowEvent" and other.element.event_kind == "link":
                assert other.element.event is not None
                assert node.element.event is not None
                if other.scope is node.scope and other.element.event.link == node.element.event.link:
                    yield other.id
