"""What differs between two versions of a diagram, as data: by the ids of elements and sequence flows.

    difference(old, new).to_json()

What only moved in the file (line numbers) is no difference, and flows that came or went are told once, as flows, not
again as attributes of the elements at their ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bpmn import codec
from bpmn.definition import Definition
from bpmn.model import Element, Flow, Process

_PLACE = frozenset({"id", "line", "scope", "incoming", "outgoing"})
_WHOLE = frozenset({"id", "line", "file", "elements", "flows"})


@dataclass(frozen=True)
class Change:
    """One attribute that has another value; a part of a part is written with dots (`event.timer.text`).

    The values are JSON, None where the attribute is not there.
    """

    attribute: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Changed:
    """An element or flow that is in both versions, with what differs."""

    id: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Moved:
    """An element that is in another scope than before."""

    id: str
    old: str
    new: str


@dataclass(frozen=True)
class Parts:
    """What became of the elements, or of the flows, of a process; ids in document order, new ones in the new order."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[Changed, ...] = ()
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True)
class Difference:
    """What differs between two versions of a process; `process` are the changes of its own attributes."""

    elements: Parts = field(default_factory=Parts)
    flows: Parts = field(default_factory=Parts)
    process: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return self != Difference()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON; parts without a difference are left out."""
        result: dict[str, Any] = codec.encode(self)
        return result


def difference(old: Process, new: Process) -> Difference:
    """What differs between two versions of one process."""
    return Difference(
        _parts(old.elements, new.elements),
        _parts(old.flows, new.flows),
        tuple(_changes("", _plain(old, _WHOLE), _plain(new, _WHOLE))),
    )


def differences(old: Definition, new: Definition) -> dict[str, Difference | None]:
    """What differs in each process of two versions of a file; None for one that only one of them has.

    Processes without a difference are left out.
    """
    found: dict[str, Difference | None] = {}
    for name in dict.fromkeys([*old.processes, *new.processes]):
        if name not in old.processes or name not in new.processes:
            found[name] = None
        elif one := difference(old.processes[name], new.processes[name]):
            found[name] = one
    return found


def _parts(old: Mapping[str, Element] | Mapping[str, Flow], new: Mapping[str, Element] | Mapping[str, Flow]) -> Parts:
    both = [(old[name], new[name]) for name in old if name in new]
    changed = [Changed(one.id, tuple(_changes("", _plain(one, _PLACE), _plain(other, _PLACE)))) for one, other in both]
    moved = [
        Moved(one.id, one.scope, other.scope)
        for one, other in both
        if isinstance(one, Element) and isinstance(other, Element) and one.scope != other.scope
    ]
    return Parts(
        tuple(name for name in new if name not in old),
        tuple(name for name in old if name not in new),
        tuple(one for one in changed if one.changes),
        tuple(moved),
    )


def _plain(value: Element | Flow | Process, without: frozenset[str]) -> dict[str, Any]:
    return {name: part for name, part in codec.encode(value).items() if name not in without}


def _changes(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """The attributes that differ; one that is left out has its default, and is told as None."""
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _changes(f"{path}{name}.", before, after)
        elif before != after:
            yield Change(path + name, before, after)
