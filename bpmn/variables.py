"""Variables of nested scopes, as an expression sees them and as results change them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bpmn.feel.environment import MAX_NESTING
from bpmn.state import ElementInstance

_strict = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_VARIABLE = re.compile(r"=\s*([^\W\d]\w*)(\.\w+)*\s*")
_ALWAYS_FIT = frozenset({type(None), bool, int})


class ScopeView(Mapping[str, Any]):
    """The variables visible at one element instance: its own, then those of each scope around it."""

    __slots__ = ("_extra", "_instances", "_key")

    def __init__(self, instances: dict[int, ElementInstance], key: int, extra: Mapping[str, Any] | None = None) -> None:
        self._instances = instances
        self._key = key
        self._extra = extra

    def __getitem__(self, name: str) -> Any:
        if self._extra is not None and name in self._extra:
            return self._extra[name]
        instance = self._instances.get(self._key)
        while instance is not None:
            if instance.variables is not None and name in instance.variables:
                return instance.variables[name]
            instance = self._instances.get(instance.parent)
        raise KeyError(name)

    def _names(self) -> dict[str, None]:
        names: dict[str, None] = dict.fromkeys(self._extra or ())
        instance = self._instances.get(self._key)
        while instance is not None:
            names.update(dict.fromkeys(instance.variables or ()))
            instance = self._instances.get(instance.parent)
        return names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


def output_variable(expression: str) -> str:
    """The variable that an output element is, or a path in it: each instance has its own. Empty for anything else."""
    found = _VARIABLE.fullmatch(expression)
    return found.group(1) if found else ""


def propagate(instances: dict[int, ElementInstance], key: int, variables: Mapping[str, Any]) -> None:
    """Set each variable where it already exists, seen from the instance `key` upwards, else at the top."""
    for name, value in variables.items():
        holder = instances[key]
        while holder.parent and not (holder.variables is not None and name in holder.variables):
            holder = instances[holder.parent]
        if holder.variables is None:
            holder.variables = {}
        holder.variables[name] = value


def assign(target: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set `value` at a dotted path, keeping what else the contexts on the way hold."""
    *parents, last = path
    for name in parents:
        inner = target.get(name)
        target[name] = target = dict(inner) if isinstance(inner, Mapping) else {}
    target[last] = value


def unfit(variables: Mapping[str, Any]) -> str:
    """Why a variable cannot be kept, written and read again: the first that is nested too deeply, or holds what JSON
    (RFC 8259) has no words for: NaN, infinity, half of a surrogate pair. Empty if none is."""
    for name, value in variables.items():
        if isinstance(value, list | dict) and _too_deep(value):
            return f"variable {name} is nested more than {MAX_NESTING} levels deep"
        if type(value) not in _ALWAYS_FIT and not _is_json(value):
            return f"variable {name} holds a text or a number that JSON does not have"
        if not _is_json(name):
            return f"{name!r} is no name of a variable"
    return ""


def json_size(value: Any) -> int:
    """The bytes of a value as compact JSON."""
    return len(_compact(value).encode(errors="surrogatepass"))


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_NESTING):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, list | dict)
        ]
        if not level:
            return False
    return True


def _is_json(value: Any) -> bool:
    if type(value) is str and value.isascii():
        return True
    try:
        _strict(value).encode()
    except ValueError:
        return False
    return True
