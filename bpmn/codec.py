"""Dataclasses to plain JSON and back, by their type hints; defaults are left out of the JSON.

Enumerations of texts are written as their texts.

Mappings by number become lists of pairs: JSON has no such keys, and whoever writes JSON may sort those it has.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
_Decoder = Callable[[Any], Any]


def encode(value: Any) -> Any:
    """`value` as JSON: dataclasses become objects without their default fields, tuples lists."""
    if dataclasses.is_dataclass(value):
        return {
            field.name: encode(item)
            for field in dataclasses.fields(value)
            if not _is_default(field, item := getattr(value, field.name))
        }
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        if any(isinstance(key, int) for key in value):
            return [[key, encode(item)] for key, item in value.items()]
        return {key: encode(item) for key, item in value.items()}
    return value


def decode(cls: type[T], data: Any) -> T:
    """The value of type `cls` that `encode` wrote.

    Raises `ValueError` for a field or text that its class does not have, `TypeError` for a field that is missing.
    """
    decoder = _decoder(cast(Any, cls))
    return cast(T, decoder(data) if decoder else data)


def _is_default(field: dataclasses.Field[Any], value: Any) -> bool:
    if field.default is not dataclasses.MISSING:
        return bool(value == field.default and type(value) is type(field.default))
    if field.default_factory is not dataclasses.MISSING:
        return bool(value == field.default_factory())
    return False


@cache
def _decoder(hint: Any) -> _Decoder | None:
    """What makes a value of that type out of its JSON; None where JSON has such values itself."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_decoder(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _union_decoder(arguments)
    if origin in (tuple, list):
        item = _decoder(arguments[0])
        plain = tuple if origin is tuple else list.copy
        return plain if item is None else lambda data: origin(map(item, data))
    if origin in (dict, Mapping):
        return _mapping_decoder(*arguments)
    return None


def _mapping_decoder(key_type: Any, value_type: Any) -> _Decoder | None:
    value = _decoder(value_type)
    if key_type is int:
        return lambda data: {key: value(part) if value else part for key, part in data or []}
    return (lambda data: {key: value(part) for key, part in data.items()}) if value else dict.copy


def _union_decoder(arguments: tuple[Any, ...]) -> _Decoder | None:
    options = [argument for argument in arguments if argument is not type(None)]
    if len(options) != 1:
        raise TypeError(f"a union of {options} cannot be decoded; give it one type or None")
    option = _decoder(options[0])
    return (lambda data: None if data is None else option(data)) if option else None


def _dataclass_decoder(cls: type[Any]) -> _Decoder:
    names = frozenset(field.name for field in dataclasses.fields(cls))
    decoders: dict[str, _Decoder] | None = None  # known at first use, so that a class may hold itself

    def build(data: Mapping[str, Any]) -> Any:
        nonlocal decoders
        if decoders is None:
            found = {name: _decoder(hint) for name, hint in get_type_hints(cls).items() if name in names}
            decoders = {name: decoder for name, decoder in found.items() if decoder}
        if not names.issuperset(data):
            unknown = [key for key in data if key not in names]
            raise ValueError(f"{cls.__name__} has no field {', '.join(unknown)}")
        given = dict(data)
        for name, decoder in decoders.items():
            if name in given:
                given[name] = decoder(given[name])
        return cls(**given)

    return build
