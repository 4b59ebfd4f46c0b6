"""What a run begins with (BPMN 2.0 §13.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bpmn.definition import Definition, called
from bpmn.starts import starts_plainly


@dataclass(frozen=True)
class Beginning:
    """What is started at the beginning of a run.

    The processes of `first` one after the other, each when the one before it has come to rest; then those of `others`
    at once. One that has no plain start event begins where a condition is fulfilled, or waits for its timers. `main` is
    the process whose result is that of the run, `variables` go to it alone where it is `chosen`, else to all.
    """

    first: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    main: str = ""
    chosen: bool = False
    variables: Mapping[str, Any] = field(default_factory=dict)

    @property
    def named(self) -> tuple[str, ...]:
        """The processes that somebody chose: whatever begins them, they begin with their variables."""
        return (*self.first, self.main) if self.chosen else self.first

    def variables_of(self, process: str) -> Mapping[str, Any]:
        """What one of these processes starts with."""
        return {} if self.chosen and process != self.main else self.variables


def beginning(
    definition: Definition,
    file: str,
    process: str = "",
    first: Iterable[str] = (),
    variables: Mapping[str, Any] | None = None,
    names: Iterable[str] = (),
) -> Beginning:
    """How a run of a file begins: with `process` alone if it is given, else with all of its processes but those that
    are only called, and global tasks. `first` are started before, called or not; `names` are those of extra FEEL
    functions."""
    before = tuple(dict.fromkeys(first))
    own = [one.id for one in definition.processes.values() if one.file == file and not one.global_task]
    known = frozenset(names)
    if process:
        wanted = [process]
    else:
        beneath = _only_called(definition, known)
        wanted = [one for one in own if one not in beneath or not starts_plainly(definition.graph(one, known))]
    others = tuple(one for one in wanted if one not in before)
    begun = [one for one in own if one in before or (one in others and starts_plainly(definition.graph(one, known)))]
    main = process or next(iter(begun), "")
    return Beginning(before, others, main, bool(process), variables or {})


def _only_called(definition: Definition, names: frozenset[str]) -> frozenset[str]:
    """The processes that another calls, directly or not, which they do not call in turn."""
    calls = {
        process.id: [name for e in process.elements.values() if e.call for name in called(e.call, names) or ()]
        for process in definition.processes.values()
    }
    reached = {name: _reached(name, calls) for name in calls}
    return frozenset(name for name in calls for other in calls if name in reached[other] and other not in reached[name])


def _reached(process: str, calls: Mapping[str, list[str]]) -> frozenset[str]:
    found: dict[str, None] = {}
    todo = list(calls[process])
    while todo:
        name = todo.pop()
        if name not in found:
            found[name] = None
            todo += calls.get(name, [])
    return frozenset(found)
