"""What somebody wants to become of the tokens of a running instance, as data; see `bpmn.modification`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Misplaced(StrEnum):
    """Why a modification cannot be made, for programs."""

    UNKNOWN = "unknown"
    """There is no such element, or no such element instance."""
    SCOPE = "scope"
    """The scope to activate in is not there, is none of the element, has not begun, is about to end or to be cancelled,
    or is one of several."""
    ELEMENT = "element"
    """An element of this kind does not begin by itself."""
    SUSPENDED = "suspended"
    """It is suspended: resume it first."""
    EMPTY = "empty"
    """Nothing would be left active, and the modification does not say that this is meant."""
    EXPRESSION = "expression"
    """A mapping or an event on the way has no value, or a variable is not fit to be kept."""
    REASON = "reason"
    """It says nothing to do, or not by whom and why."""


@dataclass(frozen=True)
class Activation:
    """A token to be added at `element`, in the scope instance `scope` (0: the only one there is, or a new one).

    `variables` are local to it. Where `scope` is a body of the multi-instance activity `element`, an inner instance for
    `item` is added.
    """

    element: str
    scope: int = 0
    variables: Mapping[str, Any] = field(default_factory=dict)
    item: Any = None


@dataclass(frozen=True)
class Move:
    """The element instance `key` ends, and a token goes on at `element`, in the same scope where it is one of it."""

    key: int
    element: str


@dataclass(frozen=True)
class Arrival:
    """The tokens that wait at the join `gateway` in the scope instance `scope`, having come by `flow`."""

    scope: int
    gateway: str
    flow: str


@dataclass(frozen=True)
class Modification:
    """What is to become of the tokens of an instance: element instances to `cancel`, tokens at joins to `withdraw`, and
    those to `activate` and `move`. With `ends` it may leave nothing active: then the instance is over."""

    cancel: tuple[int, ...] = ()
    activate: tuple[Activation, ...] = ()
    move: tuple[Move, ...] = ()
    withdraw: tuple[Arrival, ...] = ()
    by: str = ""
    reason: str = ""
    ends: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, what is empty left out."""
        parts = asdict(self)
        lists = {name: list(parts[name]) for name in ("cancel", "activate", "move", "withdraw") if parts[name]}
        return {"by": self.by, "reason": self.reason, **lists, **({"ends": True} if self.ends else {})}


class ModificationRefused(Exception):
    """A part of a modification cannot be made; `kind` says why for programs, `about` is the element or key."""

    def __init__(self, kind: Misplaced, about: str, text: str) -> None:
        self.kind, self.about = kind, about
        super().__init__(text)
