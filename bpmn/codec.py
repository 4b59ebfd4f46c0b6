"""Dataclasses to plain JSON and back, by their type hints; defaults are left out of the JSON.

Mappings by number become lists of pairs: JSON has no such keys, and whoever writes JSON may sort those it has.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


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

    Raises `ValueError` for a field the class does not have, `TypeError` for one that is missing.
    """
    decoder: Callable[[Any], T] = _decoder(cast(Any, cls))
    return decoder(data)


def _is_default(field: dataclasses.Field[Any], value: Any) -> bool:
    if field.default is not dataclasses.MISSING:
        return bool(value == field.default and type(value) is type(field.default))
    if field.default_factory is not dataclasses.MISSING:
        return bool(value == field.default_factory())
    return False


@cache
def _decoder(hint: Any) -> Callable[[Any], Any]:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_decoder(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _union_decoder(arguments)
    if origin in (tuple, list):
        item = _decoder(arguments[0])
        return lambda data: origin(item(part) for part in data)
    if origin in (dict, Mapping):
        value = _decoder(arguments[1])
        if arguments[0] is int:
            return lambda data: {key: value(part) for key, part in data or []}
        return lambda data: {key: value(part) for key, part in data.items()}
    return lambda data: data


def _union_decoder(arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    options = [argument for argument in arguments if argument is not type(None)]
    if len(options) != 1:
        raise TypeError(f"a union of {options} cannot be decoded; give it one type or None")
    option = _decoder(options[0])
    return lambda data: None if data is None else option(data)


def _dataclass_decoder(cls: type[Any]) -> Callable[[Any], Any]:
    hints = get_type_hints(cls)
    decoders = {field.name: _LazyDecoder(hints[field.name]) for field in dataclasses.fields(cls)}

    def build(data: Mapping[str, Any]) -> Any:
        unknown = [key for key in data if key not in decoders]
        if unknown:
            raise ValueError(f"{cls.__name__} has no field {', '.join(unknown)}")
        return cls(**{key: decoders[key](value) for key, value in data.items()})

    return build


class _LazyDecoder:
    """Looked up at first use, so that a class may hold itself."""

    def __init__(self, hint: Any) -> None:
        self._hint = hint

    def __call__(self, data: Any) -> Any:
        return _decoder(self._hint)(data)
