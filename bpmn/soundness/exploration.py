"""Plays the token game on a net: every marking that can be reached, breadth first, so that ways to faults are short."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from bpmn.soundness.net import Net, Node, Option
from bpmn.soundness.phases import arrivals, is_started

MAX_STATES = 20_000
"""So many markings are looked at; a net that has more is not decided."""
_MAX_TOKENS = 3
"""So many tokens are kept on one edge: what is wrong with more is wrong with these."""

Marking = tuple[int, ...]


@dataclass(frozen=True)
class Firing:
    """A node acts: it takes a token from each edge of `taken` and puts one on each of `given`.

    `phase` is what a complex gateway does: start, or reset.
    """

    node: str
    taken: Option
    given: Option
    phase: str = ""


@dataclass(frozen=True)
class Finding:
    """The place `node` where a run gets stuck, or where two tokens meet; the run begins with tokens on `start`."""

    node: str
    start: Option
    run: tuple[Firing, ...]


@dataclass
class Findings:
    """What can go wrong: joins that wait for ever, places with two tokens, elements that are never active.

    `decided` is false where there were too many markings to look at all; then `dead` is not known.
    """

    stuck: dict[str, Finding] = field(default_factory=dict)
    doubled: dict[str, Finding] = field(default_factory=dict)
    dead: dict[str, None] = field(default_factory=dict)
    decided: bool = True


class Exploration:
    """The markings of a net. `work` are the elements that do something a second token would do again."""

    def __init__(self, net: Net, work: frozenset[str]) -> None:
        self.net, self.work = net, work
        self.edges = list(net.edges)
        self.complex = [node for node in net.nodes.values() if node.entry == "complex"]
        used = [_used(edge) for node in self.complex for edge in node.incoming]
        self.number = {name: number for number, name in enumerate([*self.edges, *used])}
        self.nothing: Marking = tuple(0 for _ in self.number)
        self.came: dict[Marking, tuple[Marking, Firing] | None] = {}
        self.begun: dict[Marking, Option] = {}
        self.tainted: dict[Marking, None] = {}
        self.marked: dict[str, None] = {}
        self.fired: dict[str, None] = {}
        self.findings = Findings()

    def explore(self) -> Findings:
        """Look at all markings, or as many as may be."""
        level = []
        for start in self.net.starts:
            marking = self._put(self.nothing, start)
            if marking not in self.came:
                self.came[marking], self.begun[marking] = None, start
                self._doubles(marking, Firing("", (), start))
                level.append(marking)
        while level and self.findings.decided:
            level = [following for marking in level for following in self._step(marking)]
            self.findings.decided = len(self.came) <= MAX_STATES
        if self.findings.decided:
            self.findings.dead = dict.fromkeys(self._dead())
        return self.findings

    def _step(self, marking: Marking) -> Iterator[Marking]:
        moves = False
        if len(self.came) > MAX_STATES:
            return
        for firing in self._enabled(marking):
            moves = True
            following = self._after(marking, firing)
            if following in self.came or max(following, default=0) > _MAX_TOKENS:
                continue
            self.came[following] = (marking, firing)
            if marking in self.tainted or self._doubles(following, firing):
                self.tainted[following] = None
            yield following
        if not moves and not self.net.patient:
            for name in self._waiting(marking):
                self.findings.stuck.setdefault(name, self._finding(name, marking))

    # -- firing ----------------------------------------------------------------------------------------------------

    def _enabled(self, marking: Marking) -> Iterator[Firing]:
        found = list(self._firings(marking))
        self.fired.update({firing.node: None for firing in found})
        return iter(found)

    def _firings(self, marking: Marking) -> Iterator[Firing]:
        nodes = self._reached(marking)
        if self.net.has_order:
            yield from self._in_order(nodes, marking)
            return
        for node in nodes:
            yield from self._acting(node, marking)

    def _in_order(self, nodes: list[Node], marking: Marking) -> Iterator[Firing]:
        """What may happen next where the order matters, as the engine has it.

        First what needs no time, where a gateway that can start does so at once; then, where nothing is active any
        more, the next turn; then what is due at rest, inclusive joins and resets, in the order of their ids; only then
        does an activity complete.
        """
        yield from (firing for node in self.complex for firing in self._starting(node, marking, None))
        flowing = [node for node in nodes if node.entry in ("any", "all")]
        active = [node for node in flowing if node.waits]
        at_rest = sorted([*(node for node in nodes if node.entry == "or"), *self.complex], key=lambda node: node.id)
        levels = (
            (firing for node in self.complex for firing in self._starting(node, marking, True)),
            (firing for node in flowing if not node.waits for firing in self._acting(node, marking)),
            (firing for node in nodes if node.entry == "rest" and not active for firing in self._acting(node, marking)),
            *(self._resetting(one, marking) if one.condition else self._acting(one, marking) for one in at_rest),
            (firing for node in active for firing in self._acting(node, marking)),
        )
        yield from next(filter(None, map(list, levels)), [])

    def _acting(self, node: Node, marking: Marking) -> Iterator[Firing]:
        arrived = [name for name in node.incoming if marking[self.number[name]]]
        if node.ends:
            yield Firing(node.id, (arrived[0],), ())
            return
        for taken in self._takings(node, arrived, marking):
            yield from (Firing(node.id, taken, given) for given in node.options)

    def _reached(self, marking: Marking) -> list[Node]:
        """The nodes before which there is a token, but for those behind which nothing comes."""
        marked = [name for name, count in zip(self.edges, marking, strict=False) if count]
        names = dict.fromkeys(self.net.edges[name].target for name in marked)
        return [node for node in map(self.net.nodes.__getitem__, names) if not _is_sink(node)]

    def _takings(self, node: Node, arrived: list[str], marking: Marking) -> list[Option]:
        if node.entry in ("any", "rest"):
            return [(name,) for name in arrived]
        whole = len(arrived) == len(node.incoming)
        if whole or (node.entry == "or" and not self._expects_more(node, arrived, marking)):
            return [tuple(arrived)]
        return []

    def _after(self, marking: Marking, firing: Firing) -> Marking:
        node = self.net.nodes[firing.node]
        if node.ends:
            return self.nothing
        counts = list(marking)
        for name in node.incoming if firing.phase else ():
            counts[self.number[_used(name)]] = int(firing.phase == "start" and name in firing.taken)
        for name in firing.taken:
            counts[self.number[name]] -= 1
        return self._put(tuple(counts), firing.given)

    def _put(self, marking: Marking, given: Option) -> Marking:
        """Tokens at the end of their way rest there, two at most, and only where that way holds work."""
        counts = list(marking)
        for name in given:
            self.marked[name] = None
            edge, number = self.net.edges[name], self.number[name]
            if not _is_sink(self.net.nodes[edge.target]):
                counts[number] += 1
            elif not self.work.isdisjoint(edge.holds):
                counts[number] = min(counts[number] + 1, 2)
        return tuple(counts)

    # -- inclusive joins -------------------------------------------------------------------------------------------

    def _expects_more(self, node: Node, arrived: list[str], marking: Marking) -> bool:
        """Whether a token can still come to an empty edge that cannot come to a full one (BPMN 2.0 §13.4.3)."""
        reach = self._reach[node.id]
        present = [reach[name] for name in arrived]
        missing = [reach[name] for name in node.incoming if name not in arrived]
        return any(
            any(self.edges[number] in edges for edges in missing)
            and not any(self.edges[number] in edges for edges in present)
            for number, count in enumerate(marking[: len(self.edges)])
            if count
        )

    @cached_property
    def _reach(self) -> dict[str, dict[str, frozenset[str]]]:
        joins = [node for node in self.net.nodes.values() if node.entry in ("or", "complex")]
        return {node.id: {name: self._leading_to(name, node.id) for name in node.incoming} for node in joins}

    def _leading_to(self, edge: str, join: str) -> frozenset[str]:
        """The edges from which a token can come to an edge without passing the join; what waits for its turn cannot."""
        closed = ("", join, *(node.id for node in self.net.nodes.values() if node.entry == "rest"))
        found: dict[str, None] = {}
        todo = [self.net.edges[edge].source]
        while todo:
            source = todo.pop()
            for name in self.net.nodes[source].incoming if source not in closed else ():
                if name not in found:
                    found[name] = None
                    todo.append(self.net.edges[name].source)
        return frozenset(found)

    # -- complex gateways ------------------------------------------------------------------------------------------

    def _starting(self, node: Node, marking: Marking, truth: bool | None) -> Iterator[Firing]:
        """How a gateway starts, if it waits for that and the truth of its condition is this one: true, or not known."""
        counts = {name: marking[self.number[name]] for name in node.incoming}
        taken = tuple(name for name, count in counts.items() if count)
        if taken and not self._has_started(node, marking) and is_started(node, arrivals(node, counts)) is truth:
            options = [()] if node.ends else node.options
            yield from (Firing(node.id, taken, given, "start") for given in options)

    def _resetting(self, node: Node, marking: Marking) -> Iterator[Firing]:
        """How a gateway that has started is reset, if no other token can come."""
        if used := self._has_started(node, marking):
            late = [name for name in node.incoming if marking[self.number[name]] and name not in used]
            if not self._expects_more(node, [*used, *late], marking):
                yield from (Firing(node.id, tuple(late), given, "reset") for given in node.resets)

    def _has_started(self, node: Node, marking: Marking) -> list[str]:
        """The edges by which tokens have started a gateway that is not reset yet."""
        return [name for name in node.incoming if marking[self.number[_used(name)]]]

    # -- what goes wrong -------------------------------------------------------------------------------------------

    def _waiting(self, marking: Marking) -> list[str]:
        return [node.id for node in self._reached(marking)]

    def _doubles(self, marking: Marking, firing: Firing) -> bool:
        """Note where what has just been put makes two tokens that would do the same work."""
        found = False
        for name in firing.given:
            node = self.net.nodes[self.net.edges[name].target]
            if node.entry == "complex":
                continue
            several = sum(marking[self.number[other]] for other in node.incoming) > 1 and node.entry == "any"
            if (several and self._matters(node)) or (marking[self.number[name]] > 1 and self._edge_matters(name)):
                self.findings.doubled.setdefault(node.id, self._finding(node.id, marking))
                found = True
        return found

    def _edge_matters(self, name: str) -> bool:
        edge = self.net.edges[name]
        return not self.work.isdisjoint(edge.holds) or self._matters(self.net.nodes[edge.target])

    def _matters(self, node: Node) -> bool:
        return node.id in self._before_work

    @cached_property
    def _before_work(self) -> frozenset[str]:
        """The nodes at which or behind which there is work."""
        found = {node.id: None for node in self.net.nodes.values() if not self.work.isdisjoint(node.holds)}
        edges = list(self.net.edges.values())
        found.update({edge.source: None for edge in edges if not self.work.isdisjoint(edge.holds)})
        todo = list(found)
        while todo:
            name = todo.pop()
            for before in self.net.nodes[name].incoming if name else ():
                source = self.net.edges[before].source
                if source not in found:
                    found[source] = None
                    todo.append(source)
        return frozenset(found)

    def _finding(self, node: str, marking: Marking) -> Finding:
        run: list[Firing] = []
        while came := self.came[marking]:
            marking, firing = came
            run.append(firing)
        return Finding(node, self.begun[marking], tuple(reversed(run)))

    def _dead(self) -> Iterator[str]:
        """What no token has come to, but for what is behind a throw that is thought to end the scope: it may not."""
        behind = [edge.id for edge in self.net.edges.values() if edge.source and self.net.nodes[edge.source].ends]
        self.fired.update(self.net.reached(behind))
        self.marked.update(dict.fromkeys(behind))
        resets = [node.id for node in self.complex]
        for edge in self.net.edges.values():
            if edge.id not in self.marked and (edge.source not in self.fired or edge.source in resets):
                yield from edge.holds
            elif _is_sink(self.net.nodes[edge.target]):
                self.fired[edge.target] = None
        for node in self.net.nodes.values():
            if node.id not in self.fired:
                yield from node.holds


def _used(edge: str) -> str:
    """The place that is marked where a token on an edge has started a complex gateway."""
    return f"used {edge}"


def _is_sink(node: Node) -> bool:
    return node.options == [()] and node.entry == "any" and not node.ends
