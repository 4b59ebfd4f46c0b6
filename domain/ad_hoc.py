"""What people may choose from in a running process: its open ad-hoc sub-processes, as its query answers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Choice:
    """An element that can be activated, or that is to be as soon as its turn comes."""

    element: str
    name: str


@dataclass(frozen=True)
class Underway:
    """An element instance that is active now."""

    key: str
    element: str
    name: str


@dataclass(frozen=True)
class OpenAdHoc:
    """An ad-hoc sub-process instance that is open: what is under way in it, and what may be activated besides.

    In a `sequential` one what is activated waits for its turn, in the order of `waiting`. `departments` are those whose
    officers choose; where there are none, whoever works on the case may. Nothing is `activatable` any more where it
    only waits for what is under way.
    """

    key: str
    element: str
    name: str
    sequential: bool
    suspended: bool
    departments: list[str] = field(default_factory=list)
    activatable: list[Choice] = field(default_factory=list)
    running: list[Underway] = field(default_factory=list)
    waiting: list[Choice] = field(default_factory=list)
