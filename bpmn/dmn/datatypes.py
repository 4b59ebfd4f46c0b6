"""Item definitions as FEEL types, and the values that come in as plain JSON as values of those types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpmn.dmn.model import DecisionModel, ItemType
from bpmn.feel import compile_unary_tests
from bpmn.feel.environment import Run, Scope
from bpmn.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time
from bpmn.feel.types import Type, coerce, simple
from bpmn.feel.values import lift

_NOTHING: Mapping[str, Any] = {}


def types_of(model: DecisionModel, run: Run, names: frozenset[str]) -> dict[str, Type]:
    """The model's own types by name, those of its imports behind the import's name."""
    types: dict[str, Type] = {}
    for import_name, imported in model.imports.items():
        types |= {f"{import_name}.{name}": found for name, found in types_of(imported, run, names).items()}
    definitions = {definition.name: definition for definition in model.types}
    for name in definitions:
        _resolve(name, definitions, types, run, names)
    return types


def _resolve(
    name: str, definitions: Mapping[str, ItemType], types: dict[str, Type], run: Run, names: frozenset[str]
) -> Type | None:
    if name in types:
        return types[name]
    if name not in definitions:
        return simple(name)

    def named(other: str) -> Type | None:
        return _resolve(other, definitions, types, run, names)

    types[name] = _type(definitions[name], named, run, names)
    return types[name]


def _type(definition: ItemType, named: Callable[[str], Type | None], run: Run, names: frozenset[str]) -> Type:
    if definition.is_function:
        item = Type("function")
    elif definition.components:
        members = tuple((part.name, _type(part, named, run, names)) for part in definition.components)
        item = Type("context", members=members)
    else:
        item = named(definition.base) or Type("Any")
    allowed = _tests(definition.values, run, names)
    if allowed is not None:
        item = Type(item.base, item.item, item.members, _both(item.allowed, allowed), definition.name)
    if definition.is_collection:
        item = Type("list", item)
    constraint = _tests(definition.list_values, run, names)
    if constraint is not None:
        item = Type(item.base, item.item, item.members, _both(item.allowed, constraint), definition.name)
    return item


Allowed = Callable[[Any], bool]


def _both(one: Allowed | None, other: Allowed) -> Allowed:
    return other if one is None else lambda value: one(value) and other(value)


def _tests(text: str, run: Run, names: frozenset[str]) -> Allowed | None:
    if not text:
        return None
    tests = compile_unary_tests(text, names)
    return lambda value: tests.holds_in(Scope(_NOTHING, None, run), value) is True


_READERS: dict[str, Callable[[str], Any]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_date_time,
    "days and time duration": parse_duration,
    "years and months duration": parse_duration,
}


def received(value: Any, expected: Type) -> tuple[Any, bool]:
    """An incoming value as one of the expected type, and whether it could be made one.

    JSON has no dates: where the type wants a date, time or duration, its ISO text is read, inside of lists and
    contexts too.
    """
    return coerce(_read_texts(value, expected), expected)


def _read_texts(value: Any, expected: Type) -> Any:
    value = lift(value)
    if isinstance(value, str) and expected.base in _READERS:
        read = _READERS[expected.base](value)
        return value if read is None else read
    if isinstance(value, list) and expected.item is not None:
        return [_read_texts(item, expected.item) for item in value]
    if isinstance(value, Mapping) and expected.members:
        members = dict(expected.members)
        return {key: _read_texts(item, members[key]) if key in members else item for key, item in value.items()}
    return value
