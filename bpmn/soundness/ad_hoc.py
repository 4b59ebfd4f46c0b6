"""Ad-hoc sub-processes in a net: what is activated on entry, each element once (BPMN 2.0 §13.3.5).

All elements are activated, or where an expression says which, any of them; all at once, or with sequential ordering the
next when nothing moves any more. What people activate later is theirs, and not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpmn.model import AdHoc, Element, begins_ad_hoc
from bpmn.soundness.net import Edge, Net, Node, Option, subsets


def start(net: Net, ad_hoc: AdHoc, members: Iterable[Element]) -> None:
    """Let the net of an ad-hoc sub-process begin with what is activated.

    Where a condition ends it with all that is active, a token that waits for ever is ended too, or waits for what
    people activate; without `cancel_remaining` the condition may leave out what is still to be activated.
    """
    edges = [_begins(net, e.id) for e in members if begins_ad_hoc(e)]
    net.patient = bool(ad_hoc.completion_condition) and ad_hoc.cancel_remaining
    stop: list[Option] = [()] if ad_hoc.completion_condition else []
    if not ad_hoc.sequential:
        net.starts = [one for one in subsets(edges) if one] if ad_hoc.active_elements else [tuple(edges)]
    elif ad_hoc.active_elements:
        turns = [_turn(net, edge, [(edge,), *stop]) for edge in edges]
        net.starts = [one for one in subsets(turns) if one]
    else:
        net.starts = [(_one_by_one(net, edges, stop),)]


def _begins(net: Net, element: str) -> str:
    """The edge on which a token activates an element."""
    edge = Edge(f"» {element}", "", element)
    net.edges[edge.id] = edge
    net.nodes[element].incoming.append(edge.id)
    return edge.id


def _one_by_one(net: Net, edges: list[str], stop: list[Option]) -> str:
    """The first of a row of turns, each of which activates one element and lets the next turn come."""
    following: Option = ()
    for edge in reversed(edges):
        stops = stop if edge != edges[0] else []
        following = (_turn(net, edge, [(edge, *following), *stops]),)
    return following[0]


def _turn(net: Net, edge: str, options: list[Option]) -> str:
    """The edge on which a token waits until nothing moves, and then does one of these."""
    turn = Edge(f"turn of {edge}", "", f"before {edge}")
    net.edges[turn.id] = turn
    net.nodes[turn.target] = Node(turn.target, "rest", [turn.id], options)
    for name in dict.fromkeys(name for option in options for name in option):
        net.edges[name].source = turn.target
    return turn.id
