"""Complex gateways in a net: an activation condition starts one, what comes late resets it (BPMN 2.0 §13.4.5).

A condition that asks for nothing but the tokens that have come (`activationCount`, `activationCounts`), or for the
phase (`waitingForStart`), is decided as the engine decides it. Of one that asks for data too, everything is possible:
such a gateway may start with any token, and is taken to start at the latest when no other token can come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from bpmn.feel import Environment, FeelSyntaxError, compile_expression
from bpmn.model import Element, Process
from bpmn.options import SHANGHAI
from bpmn.soundness.net import Edge, Net, Node, Option, subsets

_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")
_WORDS = frozenset({"true", "false", "null", "and", "or", "not", "if", "then", "else"})
_COUNTS = frozenset({"activationCount", "activationCounts"})
_PHASE = frozenset({"waitingForStart"})


def give(net: Net, process: Process, e: Element) -> None:
    """Make a node a complex gateway: tokens come to it one by one, and it has ways out of both phases."""
    node = net.nodes[e.id]
    node.condition = e.activation_condition
    for flow in e.incoming:
        _let_arrive(net, node, flow)
    if node.ends:
        return
    if options := list(_of_start(process, e)):
        node.options = options
    node.resets = list(dict.fromkeys(_of_reset(process, e)))


def arrivals(node: Node, counts: Mapping[str, int]) -> dict[str, int]:
    """The tokens on each incoming flow of a complex gateway, of those on its incoming edges."""
    return {edge.removesuffix(_ARRIVED): counts[edge] for edge in node.incoming}


def is_started(node: Node, arrived: Mapping[str, int]) -> bool | None:
    """Whether these tokens start a complex gateway; None where data decides too."""
    return _truth(node.condition.removeprefix("="), _COUNTS, tuple(arrived.items()))


_ARRIVED = " »"
"""What the name of the edge ends with on which the tokens of a flow stand that have come to the gateway."""


def _let_arrive(net: Net, node: Node, flow: str) -> None:
    """Put a place before the gateway, so that one token after another comes to it."""
    place = Node(f"{flow} →", incoming=[flow], options=[(flow + _ARRIVED,)])
    net.nodes[place.id] = place
    net.edges[flow].target = place.id
    net.edges[flow + _ARRIVED] = Edge(flow + _ARRIVED, place.id, node.id)
    node.incoming[node.incoming.index(flow)] = flow + _ARRIVED


def _of_start(process: Process, e: Element) -> Iterator[Option]:
    conditional, taken, maybe = _by_condition(process, e, starts=True)
    always = [flow for flow in e.outgoing if flow not in conditional and (flow != e.default or not conditional)]
    for chosen in subsets(maybe):
        if taken or chosen or not conditional:
            yield _in_order(e, [*always, *taken, *chosen])
        elif e.default or always:
            yield _in_order(e, [*always, *([e.default] if e.default else [])])


def _of_reset(process: Process, e: Element) -> Iterator[Option]:
    _, taken, maybe = _by_condition(process, e, starts=False)
    for chosen in subsets(maybe):
        yield _in_order(e, [*taken, *chosen]) or ((e.default,) if e.default else ())


def _by_condition(process: Process, e: Element, starts: bool) -> tuple[list[str], list[str], list[str]]:
    """The flows out of a gateway with a condition; of them those taken in a phase, and those that may be."""
    conditional = [flow for flow in e.outgoing if process.flows[flow].condition and flow != e.default]
    values = (("waitingForStart", starts),)
    truths = {flow: _truth(process.flows[flow].condition, _PHASE, values) for flow in conditional}
    taken = [flow for flow, truth in truths.items() if truth is True]
    return conditional, taken, [flow for flow, truth in truths.items() if truth is None]


def _in_order(e: Element, flows: list[str]) -> Option:
    return tuple(flow for flow in e.outgoing if flow in flows)


@cache
def _truth(text: str, known: frozenset[str], values: tuple[tuple[str, Any], ...]) -> bool | None:
    """What a condition gives that asks for nothing but what is known; else None."""
    names = _NAME.findall(re.sub(r'"(?:[^"\\]|\\.)*"', "", text))
    if any(name not in known and name not in _WORDS for name in names):
        return None
    given: dict[str, Any] = dict(values)
    if known is _COUNTS:
        given = {"activationCount": sum(given.values()), "activationCounts": given}
    try:
        value = compile_expression(text).evaluate(given, Environment(datetime(2000, 1, 1, tzinfo=UTC), SHANGHAI)).value
    except FeelSyntaxError:
        return None
    return value if isinstance(value, bool) else None
