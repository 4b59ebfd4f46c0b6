"""Context functions (DMN 1.5, table 81)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpmn.feel.environment import Run
from bpmn.feel.functions.registry import builtin, fail
from bpmn.feel.values import lift


@builtin("get value", "m:context", "key:string")
def get_value(run: Run, context: Mapping[str, Any], key: str) -> Any:
    return lift(context[key]) if key in context else fail(run, f"get value: there is no entry «{key}»")


@builtin("get value", "context:context", "keys:list")
def get_value_along(run: Run, context: Mapping[str, Any], keys: list[Any]) -> Any:
    """The value at the end of a path of keys (Camunda)."""
    value: Any = context
    for key in keys:
        if not isinstance(value, Mapping) or not isinstance(key, str) or key not in value:
            return fail(run, f"get value: there is no entry «{key}»")
        value = value[key]
    return lift(value)


@builtin("get entries", "m:context")
def get_entries(_run: Run, context: Mapping[str, Any]) -> Any:
    return [{"key": key, "value": lift(value)} for key, value in context.items()]


@builtin("context", "entries:list|context")
def context_of(run: Run, entries: Any) -> Any:
    values: dict[str, Any] = {}
    for entry in entries if isinstance(entries, list) else [entries]:
        if not isinstance(entry, Mapping) or "value" not in entry or not isinstance(entry.get("key"), str):
            return fail(run, "context: an entry is to be a context with the entries key, a string, and value")
        if entry["key"] in values:
            return fail(run, f"context: the key «{entry['key']}» is there twice")
        values[entry["key"]] = lift(entry["value"])
    return values


@builtin("context put", "context:context", "key:string", "value:any")
def context_put(run: Run, context: Mapping[str, Any], key: str, value: Any) -> Any:
    run.spend(len(context))
    return {**context, key: value}


@builtin("context put", "context:context", "keys:list", "value:any")
def context_put_along(run: Run, context: Mapping[str, Any], keys: list[Any], value: Any) -> Any:
    result = _put(run, context, keys, value) if keys else None
    return fail(run, "context put: the keys lead to no context") if result is None else result


def _put(run: Run, context: Any, keys: list[Any], value: Any) -> dict[str, Any] | None:
    if not isinstance(context, Mapping) or not isinstance(keys[0], str):
        return None
    run.spend(len(context) + len(keys))
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = _put(run, context.get(keys[0]), keys[1:], value)
    return None if inner is None else {**context, keys[0]: inner}


@builtin("context merge", "contexts:list*")
def context_merge(run: Run, contexts: list[Any]) -> Any:
    merged: dict[str, Any] = {}
    for context in contexts:
        if not isinstance(context, Mapping):
            return fail(run, "context merge: the list holds something else than contexts")
        run.spend(len(context))
        merged.update(context)
    return merged
