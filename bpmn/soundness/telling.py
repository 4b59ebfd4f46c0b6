"""The way to a finding, written so that whoever drew the diagram can follow it with a finger."""

from __future__ import annotations

from bpmn.model import Process
from bpmn.soundness.exploration import Finding
from bpmn.soundness.net import Net

_Way = tuple[str, ...]


def path_to(process: Process, net: Net, finding: Finding) -> str:
    """The ways of all tokens of the run: each from where it parts from those before it."""
    ways = _ways(net, finding)
    here = [way for way in ways if way[-1] == finding.node]
    told: list[_Way] = []
    for way in [*here, *(way for way in ways if way not in here)]:
        if way not in told:
            told.append(way)
    parts = [_written(process, way[_shared(way, told[:number]) :]) for number, way in enumerate(told)]
    return " and ".join(f"«{part}»" for part in parts)


def sources_missing(process: Process, net: Net, finding: Finding) -> list[str]:
    """The last elements on the ways into a join by which no token has come."""
    resting = _play(net, finding)[0]
    names = []
    for edge_id in net.nodes[finding.node].incoming:
        if not resting.get(edge_id):
            edge = net.edges[edge_id]
            before = net.nodes[edge.source].path if edge.source else ()
            passed = [name for name in (*before, *edge.path) if name in process.elements]
            names.append(_name(process, passed[-1]))
    return names


def _ways(net: Net, finding: Finding) -> list[_Way]:
    resting, gone = _play(net, finding)
    still = [way + net.edges[edge].path + (net.edges[edge].target,) for edge, ways in resting.items() for way in ways]
    return still + gone


def _play(net: Net, finding: Finding) -> tuple[dict[str, list[_Way]], list[_Way]]:
    """The ways of the tokens that rest on edges at the end of the run, and of those that have gone."""
    resting: dict[str, list[_Way]] = {edge: [()] for edge in finding.start}
    gone: list[_Way] = []
    for firing in finding.run:
        node = net.nodes[firing.node]
        ways = [resting[edge].pop(0) + net.edges[edge].path for edge in firing.taken]
        way = max(ways, key=len, default=()) + node.path
        for edge in firing.given:
            resting.setdefault(edge, []).append(way)
        if way and not firing.given:
            gone.append(way)
    return resting, gone


def _shared(way: _Way, others: list[_Way]) -> int:
    """Where to begin to tell a way: with the last element that it has in common with one already told."""
    longest = 0
    for other in others:
        same = 0
        while same < min(len(way), len(other)) and way[same] == other[same]:
            same += 1
        longest = max(longest, same)
    return max(longest - 1, 0)


def _written(process: Process, way: _Way) -> str:
    text, arrow = "", ""
    for name in way:
        if name in process.flows:
            label = process.flows[name].name
            arrow = f" –[{label}]→ " if label else " → "
        elif name in process.elements:
            text += (arrow or " → " if text else "") + _name(process, name)
            arrow = ""
    return text


def _name(process: Process, element: str) -> str:
    return process.elements[element].name or element
