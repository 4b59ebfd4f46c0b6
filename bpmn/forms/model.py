"""What a form consists of once it has been read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isclose
from typing import Any, Protocol, TypeAlias

from bpmn.feel import Expression
from bpmn.forms.scope import Scope

Path: TypeAlias = tuple[str, ...]

Shape: TypeAlias = "dict[str, Shape | None]"
"""The keys that data may have: None for one that holds a value, a shape for one that holds further keys."""

MISSING: Any = type("Missing", (), {"__repr__": lambda _: "MISSING"})()
"""Stands for a value that is not there, unlike null, which is."""


@dataclass(frozen=True)
class FieldFault:
    """One thing wrong with what was entered.

    `key` is the path of the value, rows counted from 1 as in FEEL (`materials[2].quantity`); `label` what the person
    sees beside the field; `problem` says in Chinese what is wrong.
    """

    key: str
    label: str
    problem: str


class Check(Protocol):
    """What the values of one kind of field must be like."""

    @property
    def empty(self) -> Any:
        """The value of a field that nothing was entered into."""

    def is_empty(self, value: Any) -> bool:
        """Whether `value` counts as nothing entered where something is required."""

    def problems(self, value: Any, scope: Scope, /) -> Iterator[str]:
        """What is wrong with `value`, in Chinese."""


@dataclass(frozen=True)
class Field:
    """One input. `path` leads to its value within the form, or within the row of the list that holds it."""

    path: Path
    label: str
    check: Check
    hide: Expression | None = None
    required: bool = False
    disabled: bool = False
    readonly: bool | Expression = False
    default: Any = MISSING


@dataclass(frozen=True)
class Group:
    """Fields that are hidden together."""

    hide: Expression | None
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Rows:
    """A list whose rows all have the same fields. `fixed` is the number of rows where people may not change it."""

    path: Path
    label: str
    hide: Expression | None
    nodes: tuple[Node, ...]
    shape: Shape
    fixed: int | None = None


Node: TypeAlias = Field | Group | Rows


def lookup(data: Any, path: Path) -> Any:
    """The value at `path`, or `MISSING`."""
    for key in path:
        if not isinstance(data, Mapping) or key not in data:
            return MISSING
        data = data[key]
    return data


def same(a: Any, b: Any) -> bool:
    """Whether two JSON values are equal: numbers by value, with room for the last digit of a float."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return a == b or ((isinstance(a, float) or isinstance(b, float)) and _close(a, b))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def _close(a: float, b: float) -> bool:
    try:
        return isclose(a, b, rel_tol=1e-9)
    except OverflowError:
        return False
