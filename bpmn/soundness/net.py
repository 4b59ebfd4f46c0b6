"""One scope of a process as a net of nodes and edges on which tokens move.

Data is left out: every choice is possible. An edge is a way that a token takes, at first one sequence flow; reducing
(`reduction`) makes longer ways of several. A node says how tokens come in and, as its options, on which edges it may
put tokens when it has acted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

Option = tuple[str, ...]
MANY_CHOICES = 6
"""From so many conditions on, not every set of flows out of an element is tried but single ones and all."""


@dataclass(slots=True)
class Edge:
    """A way from the node `source` (none: the scope begins with a token here) to the node `target`.

    `path` are the flows and elements that a token passes on the way, one of the ways where there were several; `holds`
    all elements of all of them.
    """

    id: str
    source: str
    target: str
    path: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()


@dataclass(slots=True)
class Node:
    """A place where ways meet or part.

    `entry` is "any" where each token goes on alone, "all" for a parallel join, "or" for an inclusive one, "complex" for
    a complex gateway, which starts by its `condition` and then may put tokens on `resets` (`phases`), "rest" where a
    token goes on only while nothing else moves. One that `waits` takes time, others act at once. `ends` says that it
    takes all tokens out of the scope. `path` and `holds` are as with edges, itself included.
    """

    id: str
    entry: str = "any"
    incoming: list[str] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    resets: list[Option] = field(default_factory=list)
    condition: str = ""
    waits: bool = False
    ends: bool = False
    path: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()


@dataclass(slots=True)
class Net:
    """A scope; it begins with a token on one of the sets of edges in `starts`.

    One that is `patient` is no worse for a token that waits for ever: an ad-hoc sub-process that ends by a condition.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[str, Edge] = field(default_factory=dict)
    starts: list[Option] = field(default_factory=list)
    patient: bool = False

    @property
    def has_order(self) -> bool:
        """Whether it matters what happens first: where a condition counts tokens, or something begins at rest."""
        return any(node.entry in ("complex", "rest") for node in self.nodes.values())

    def reached(self, edges: Iterable[str], closed: frozenset[str] = frozenset()) -> dict[str, None]:
        """The nodes to which a token on one of the edges may come without passing those that are closed."""
        found: dict[str, None] = {}
        todo = [self.edges[edge].target for edge in edges]
        while todo:
            name = todo.pop()
            if name not in found and name not in closed:
                found[name] = None
                options = [*self.nodes[name].options, *self.nodes[name].resets]
                todo += [self.edges[edge].target for option in options for edge in option]
        return found


def subsets(names: list[str]) -> Iterator[Option]:
    """Some of these, in every way, or in some ways where there are many."""
    sizes: Iterable[int] = range(len(names) + 1) if len(names) < MANY_CHOICES else (0, 1, len(names))
    for size in sizes:
        yield from combinations(names, size)
