"""Makes the net of a scope out of what is drawn in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bpmn.model import Element, Process, definitions, is_activity
from bpmn.soundness import ad_hoc, phases
from bpmn.soundness.net import Edge, Net, Node, Option, subsets


def scopes(process: Process) -> Iterator[str]:
    """The process and the sub-processes in it."""
    yield process.id
    holding = dict.fromkeys(e.scope for e in process.elements.values())
    yield from (e.id for e in process.elements.values() if e.id in holding)


def net_of(process: Process, scope: str, ends: Callable[[Element], bool]) -> Net:
    """The net of a scope; `ends` tells which elements take all tokens out of it."""
    members = [e for e in process.elements.values() if e.scope == scope and _takes_tokens(e)]
    net = Net()
    for e in members:
        net.nodes[e.id] = Node(
            e.id, _entry(e), list(e.incoming), waits=_waits(e), ends=ends(e), path=(e.id,), holds=(e.id,)
        )
        for flow in e.outgoing:
            net.edges[flow] = Edge(flow, e.id, process.flows[flow].target, path=(flow,))
    _lead_links_on(net, members)
    guards: dict[str, list[Element]] = {}
    for e in members:
        if e.kind == "boundaryEvent":
            guards.setdefault(e.attached_to, []).append(e)
    for e in members:
        if not ends(e):
            net.nodes[e.id].options = list(_options(net, process, e, guards.get(e.id, [])))
    for e in members:
        if is_complex(e):
            phases.give(net, process, e)
    around = process.elements.get(scope)
    if around and around.ad_hoc:
        ad_hoc.start(net, around.ad_hoc, members)
    else:
        _start(net, process, scope, members)
    _part_sideways(net, [e.id for group in guards.values() for e in group if not e.interrupting])
    return net


def _takes_tokens(e: Element) -> bool:
    compensates = e.event_kind == "compensation" and e.kind == "boundaryEvent"
    return not (e.for_compensation or e.triggered_by_event or compensates)


_AT_ONCE = ("task", "manualTask", "scriptTask", "businessRuleTask")


def _waits(e: Element) -> bool:
    """Whether an element takes time: somebody else does its work, or it waits for an event."""
    thrown = [one.kind for one in definitions(e.event)] if e.kind in ("endEvent", "intermediateThrowEvent") else []
    by_job = e.job is not None or "message" in thrown or "compensation" in thrown
    works = is_activity(e.kind) and (e.kind not in _AT_ONCE or e.loop is not None or e.standard_loop is not None)
    waits = e.kind == "eventBasedGateway" or (e.kind == "intermediateCatchEvent" and e.event_kind != "link")
    return by_job or works or waits


def is_complex(e: Element) -> bool:
    """Whether an element is a complex gateway that an activation condition starts."""
    return e.kind == "complexGateway" and bool(e.activation_condition)


def _entry(e: Element) -> str:
    if is_complex(e):
        return "complex"
    if len(e.incoming) < 2:
        return "any"
    return {"parallelGateway": "all", "inclusiveGateway": "or"}.get(e.kind, "any")


def _lead_links_on(net: Net, members: list[Element]) -> None:
    """A link throw event leads to the catch event of its name."""
    catches = {e.event.link: e.id for e in members if e.kind == "intermediateCatchEvent" and e.event and e.event.link}
    for e in members:
        if e.kind == "intermediateThrowEvent" and e.event and e.event.link in catches:
            edge = Edge(f"{e.id} » {e.event.link}", e.id, catches[e.event.link])
            net.edges[edge.id] = edge
            net.nodes[edge.target].incoming.append(edge.id)


def _options(net: Net, process: Process, e: Element, guards: list[Element]) -> Iterator[Option]:
    """What an element may do: take flows out, or be interrupted; with any of the events that do not interrupt."""
    own = list(_flows(process, e)) or [tuple(edge.id for edge in net.edges.values() if edge.source == e.id)]
    if not any(own) and _works(e):
        own = [(_way_out(net, e.id),)]
    interrupted = [(_guard(net, e, guard),) for guard in guards if guard.interrupting]
    beside = [_guard(net, e, guard) for guard in guards if not guard.interrupting]
    for fired in subsets(beside):
        yield from (fired + option for option in own + interrupted)


def _flows(process: Process, e: Element) -> Iterator[Option]:
    """The sets of flows that may be taken out of an element (BPMN 2.0 §13.3.1, §13.4.1 to §13.4.5).

    The events behind a parallel event-based gateway all come.
    """
    if not e.outgoing:
        return
    if e.kind == "exclusiveGateway" or (e.kind == "eventBasedGateway" and not e.parallel):
        yield from ((flow,) for flow in e.outgoing)
        return
    conditional = [flow for flow in e.outgoing if process.flows[flow].condition]
    always = tuple(flow for flow in e.outgoing if flow not in conditional and (flow != e.default or not conditional))
    for chosen in subsets(conditional):
        if chosen or not conditional:
            yield always + chosen
        elif e.default or always:
            yield (*always, e.default) if e.default else always


def _works(e: Element) -> bool:
    return is_activity(e.kind) or e.kind == "intermediateCatchEvent" or e.event_kind != "none"


def _way_out(net: Net, source: str) -> str:
    """An edge from an element without flows out of it to the end of its path, where a token may rest."""
    edge = Edge(f"{source} »", source, f"{source} » end")
    net.edges[edge.id] = edge
    net.nodes[edge.target] = Node(edge.target, incoming=[edge.id], options=[()])
    return edge.id


def _guard(net: Net, e: Element, guard: Element) -> str:
    """The edge from an activity to a boundary event of it."""
    edge = Edge(f"{e.id} » {guard.id}", e.id, guard.id)
    if edge.id not in net.edges:
        net.edges[edge.id] = edge
        net.nodes[guard.id].incoming.append(edge.id)
    return edge.id


def _start(net: Net, process: Process, scope: str, members: list[Element]) -> None:
    """Each start event starts a process alone; without any, all that nothing leads to start at once (§13.3.4)."""
    first = [e.id for e in members if not net.nodes[e.id].incoming]
    alone = scope == process.id or any(process.elements[name].kind == "startEvent" for name in first)
    for name in first:
        edge = Edge(f"» {name}", "", name)
        net.edges[edge.id] = edge
        net.nodes[name].incoming.append(edge.id)
    names = [f"» {name}" for name in first]
    net.starts = [(name,) for name in names] if alone else [tuple(names)]


def _part_sideways(net: Net, guards: list[str]) -> None:
    """Let what a boundary event that does not interrupt leads to begin alone, where it never comes back to the rest.

    Such an event may happen again while its way is still being gone: that this is then gone twice at once is meant.
    """
    main = net.reached([edge for start in net.starts for edge in start], frozenset(guards))
    for guard in guards:
        edge = net.nodes[guard].incoming[0]
        if not net.edges[edge].source:
            continue
        aside = net.reached([edge])
        if not any(name in main and any(net.nodes[name].options) for name in aside):
            host = net.nodes[net.edges[edge].source]
            options = [tuple(name for name in option if name != edge) for option in host.options]
            host.options = list(dict.fromkeys(options))
            net.edges[edge].source = ""
            net.starts.append((edge,))
