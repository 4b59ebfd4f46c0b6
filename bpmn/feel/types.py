"""FEEL types: what `instance of` asks, and what happens to a value where a type is expected (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bpmn.feel.nodes import TypeNode
from bpmn.feel.temporal import Date, midnight
from bpmn.feel.values import Range, kind, lift

SIMPLE = frozenset(
    {
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    }
)
# Names that DMN's typeRef uses for the same types (the last three are Camunda Modeler's).
SPELLINGS = {
    "dateTime": "date and time",
    "dateAndTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "integer": "number",
    "long": "number",
    "double": "number",
}


@dataclass(frozen=True)
class Type:
    """A type: `base` names it; `item` is a list's or range's, `members` are a context's, `signature` a function's.

    `allowed` is asked, for a value that is of the type otherwise, whether it is among the allowed ones.
    """

    base: str
    item: Type | None = None
    members: tuple[tuple[str, Type], ...] = ()
    allowed: Callable[[Any], bool] | None = None
    name: str = ""

    def __str__(self) -> str:
        if self.name:
            return self.name
        return f"{self.base}<{self.item}>" if self.item is not None else self.base


ANY = Type("Any")
Types = Mapping[str, Type]


def simple(name: str) -> Type | None:
    """The built-in type of that name, spelt FEEL's or DMN's way."""
    base = SPELLINGS.get(name, name)
    if base in SIMPLE or base in ("Any", "Null", "context", "function"):
        return Type(base)
    return Type(base, ANY) if base in ("list", "range") else None


def resolve(node: TypeNode, types: Types) -> Type | None:
    """The type that a type expression means, `types` being the model's own; None where a name in it is unknown."""
    if node.name == "context" and node.members:
        members = [(name, resolve(kind_of, types)) for name, kind_of in zip(node.members, node.arguments, strict=True)]
        known = tuple((name, member) for name, member in members if member is not None)
        return Type("context", members=known) if len(known) == len(members) else None
    if node.name in ("list", "range") and node.arguments:
        item = resolve(node.arguments[0], types)
        return None if item is None else Type(node.name, item)
    return types.get(node.name) or simple(node.name)


def is_instance(value: Any, expected: Type) -> bool:
    """Whether a value is of a type, whatever its allowed values; null is of none but Null, but may be inside."""
    value = lift(value)
    if value is None:
        return expected.base == "Null"
    return _conforms(value, expected, False)


def _conforms(value: Any, expected: Type, check_allowed: bool) -> bool:
    value = lift(value)
    if value is None:
        return True
    if expected.base != "Any" and kind(value) != expected.base:
        return False
    if check_allowed and expected.allowed is not None and not expected.allowed(value):
        return False
    return _parts_conform(value, expected, check_allowed)


def _parts_conform(value: Any, expected: Type, check_allowed: bool) -> bool:
    if expected.base == "list" and expected.item is not None:
        return expected.item is ANY or all(_conforms(item, expected.item, check_allowed) for item in value)
    if expected.base == "context":
        return all(name in value and _conforms(value[name], part, check_allowed) for name, part in expected.members)
    if isinstance(value, Range) and expected.item is not None:
        return all(_conforms(end, expected.item, check_allowed) for end in (value.low, value.high))
    return True


def coerce(value: Any, expected: Type) -> tuple[Any, bool]:
    """A value as one of the expected type, and whether it could be made one (if not, it is null).

    A singleton list becomes its item, a single value a list of one, a date a date and time at midnight UTC.
    """
    value = lift(value)
    if value is None or _conforms(value, expected, True):
        return value, True
    if isinstance(value, list) and len(value) == 1 and expected.base != "list" and _conforms(value[0], expected, True):
        return lift(value[0]), True
    if expected.base == "list" and not isinstance(value, list) and _conforms([value], expected, True):
        return [value], True
    if isinstance(value, Date) and expected.base == "date and time":
        return midnight(value), True
    return None, False
