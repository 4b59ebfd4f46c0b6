"""Variables of nested scopes, as an expression sees them and as results change them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bpmn.state import ElementInstance


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
