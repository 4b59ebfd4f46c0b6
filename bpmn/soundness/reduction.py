"""Makes a net smaller without changing what can go wrong in it, so that few markings are left to look at.

Each rule takes away what cannot be stuck or doubled by itself (Murata, "Petri nets: properties, analysis and
applications", 1989, §V.C: fusion of series and of parallel places and transitions, elimination of self-loops). What is
drawn in blocks becomes a single edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bpmn.soundness.net import Edge, Net, Node


def reduce(net: Net) -> None:
    """Apply the rules until none applies; not where it matters what happens first."""
    if net.has_order:
        return
    while sum(_reduce_at(net, node) for node in list(net.nodes.values())):
        pass


def _reduce_at(net: Net, node: Node) -> bool:
    """Apply the first rule that applies at a node, if that is still there."""
    return net.nodes.get(node.id) is node and any(rule(net, node) for rule in _RULES)


def _series(net: Net, node: Node) -> bool:
    """One way in and one way out: both become one edge."""
    if len(node.incoming) != 1 or len(node.options) != 1 or len(node.options[0]) != 1 or node.ends:
        return False
    before, after = net.edges[node.incoming[0]], net.edges[node.options[0][0]]
    if before is after or after.target == node.id:
        return False
    before.path += node.path + after.path
    before.holds += node.holds + after.holds
    before.target = after.target
    following = net.nodes[after.target]
    following.incoming = [before.id if name == after.id else name for name in following.incoming]
    del net.nodes[node.id], net.edges[after.id]
    return True


def _parallel_choices(net: Net, node: Node) -> bool:
    """Edges to the same node, taken one or the other and nothing beside: one of them will do.

    So it is at an inclusive join, which makes one token of all, whatever is taken.
    """
    beside = {name for option in node.options if len(option) > 1 for name in option}
    return _drop(net, node, lambda entry, one, two: entry == "or" or (entry == "any" and not beside & {one, two}))


def _parallel_branches(net: Net, node: Node) -> bool:
    """Edges to the same join, always taken together: one of them will do."""
    options = [frozenset(option) for option in node.options]
    return _drop(
        net, node, lambda entry, one, two: entry == "all" and all((one in few) == (two in few) for few in options)
    )


def _drop(net: Net, node: Node, alike: Callable[[str, str, str], bool]) -> bool:
    """Put what is on edges out of a node on the first edge to the same target that is alike."""
    instead: dict[str, str] = {}
    for kept, other in _pairs(net, node):
        if alike(net.nodes[kept.target].entry, kept.id, other.id):
            instead[other.id] = kept.id
            kept.holds += other.holds
    if instead:
        options = [tuple(dict.fromkeys(instead.get(name, name) for name in option)) for option in node.options]
        node.options = list(dict.fromkeys(options))
    for name in instead:
        _remove(net, net.edges[name])
    return bool(instead)


def _pairs(net: Net, node: Node) -> Iterator[tuple[Edge, Edge]]:
    """Each edge out of a node with the first one to the same target."""
    first: dict[str, Edge] = {}
    for name in dict.fromkeys(name for option in node.options for name in option):
        edge = net.edges[name]
        if edge.target in first:
            yield first[edge.target], edge
        first.setdefault(edge.target, edge)


def _remove(net: Net, edge: Edge) -> None:
    target = net.nodes[edge.target]
    target.incoming.remove(edge.id)
    if len(target.incoming) == 1:
        target.entry = "any"
    del net.edges[edge.id]


def _self_loop(net: Net, node: Node) -> bool:
    """A choice that leads back to itself, beside others: it changes nothing."""
    if node.entry != "any" or len(node.options) < 2:
        return False
    for option in node.options:
        loops = len(option) == 1 and net.edges[option[0]].target == node.id
        if loops and not any(option[0] in other for other in node.options if other != option):
            node.options.remove(option)
            node.holds += net.edges[option[0]].holds
            _remove(net, net.edges[option[0]])
            return True
    return False


def _choice_behind(net: Net, node: Node) -> bool:
    """A node whose only way out leads to a node with no other way in: both become one."""
    if len(node.options) != 1 or len(node.options[0]) != 1:
        return False
    edge = net.edges[node.options[0][0]]
    target = net.nodes[edge.target]
    if target is node or len(target.incoming) != 1 or target.ends or not all(target.options) or not target.options:
        return False
    node.options = target.options
    node.path += edge.path + target.path
    node.holds += edge.holds + target.holds
    for name in dict.fromkeys(name for option in node.options for name in option):
        net.edges[name].source = node.id
    del net.nodes[target.id], net.edges[edge.id]
    return True


_RULES: tuple[Callable[[Net, Node], bool], ...] = (
    _series,
    _parallel_choices,
    _parallel_branches,
    _self_loop,
    _choice_behind,
)
