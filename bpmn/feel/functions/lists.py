"""List functions (DMN 1.5, table 75), without those of statistics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from bpmn.feel.environment import Run
from bpmn.feel.functions.registry import builtin, fail
from bpmn.feel.values import FunctionValue, equal, kind, lift


@builtin("list contains", "list:list", "element:any")
def list_contains(run: Run, items: list[Any], element: Any) -> Any:
    run.spend_for(items)
    return any(equal(item, element) for item in items)


@builtin("count", "list:list")
def count(_run: Run, items: list[Any]) -> Any:
    return Decimal(len(items))


@builtin("all", "list:list*")
def all_(run: Run, items: list[Any]) -> Any:
    return _decide(run, "all", items, False)


@builtin("any", "list:list*")
def any_(run: Run, items: list[Any]) -> Any:
    return _decide(run, "any", items, True)


@builtin("not", "negand:boolean?")
def not_(_run: Run, negand: bool | None) -> Any:
    return None if negand is None else not negand


def _decide(run: Run, name: str, items: list[Any], decides: bool) -> bool | None:
    if any(item is decides for item in items):
        return decides
    strange = next((item for item in items if not isinstance(item, bool)), decides)
    if strange is decides:
        return not decides
    return None if strange is None else fail(run, f"{name}: a {kind(strange)} is no boolean")


@builtin("sublist", "list:list", "start position:number", "length:number=")
def sublist(run: Run, items: list[Any], start: Decimal, length: Decimal | None = None) -> Any:
    begin = _index(items, start)
    if begin is None or (length is not None and not 0 <= length <= len(items) - begin):
        return fail(run, f"sublist: place {start} and length {length} are outside a list of {len(items)}")
    return items[begin:] if length is None else items[begin : begin + int(length)]


def _index(items: list[Any], place: Decimal) -> int | None:
    """The index of a place counted from 1, or from the end for -1 and below; None outside."""
    if not place or abs(place) > len(items) or place != place.to_integral_value():
        return None
    return int(place) - 1 if place > 0 else len(items) + int(place)


@builtin("append", "list:list", "item:any**")
def append(_run: Run, items: list[Any], added: list[Any]) -> Any:
    return [*items, *added]


@builtin("concatenate", "list:any**")
def concatenate(run: Run, lists: list[Any]) -> Any:
    return _joined(run, "concatenate", lists)


def _joined(run: Run, name: str, lists: list[Any]) -> list[Any] | None:
    if any(part is None for part in lists):
        run.fail(f"{name}: one of the lists is null")
        return None
    for part in lists:
        run.spend(len(part) if isinstance(part, list) else 1)
    return [lift(item) for part in lists for item in (part if isinstance(part, list) else [part])]


@builtin("insert before", "list:list", "position:number", "newItem:any")
def insert_before(run: Run, items: list[Any], position: Decimal, item: Any) -> Any:
    index = _index(items, position)
    if index is None:
        return fail(run, f"insert before: a list of {len(items)} has no place {position}")
    return [*items[:index], item, *items[index:]]


@builtin("remove", "list:list", "position:number")
def remove(run: Run, items: list[Any], position: Decimal) -> Any:
    index = _index(items, position)
    if index is None:
        return fail(run, f"remove: a list of {len(items)} has no place {position}")
    return [*items[:index], *items[index + 1 :]]


@builtin("list replace", "list:list", "position:number", "newItem:any")
def list_replace(run: Run, items: list[Any], position: Decimal, item: Any) -> Any:
    index = _index(items, position)
    if index is None:
        return fail(run, f"list replace: a list of {len(items)} has no place {position}")
    return [*items[:index], item, *items[index + 1 :]]


@builtin("list replace", "list:list", "match:function", "newItem:any")
def list_replace_matching(run: Run, items: list[Any], match: FunctionValue, item: Any) -> Any:
    replaced: list[Any] = []
    for old in items:
        holds = match.call(run, (old, item), None)
        if not isinstance(holds, bool):
            return fail(run, "list replace: the match function does not give a boolean")
        replaced.append(item if holds else old)
    return replaced


@builtin("reverse", "list:list")
def reverse(_run: Run, items: list[Any]) -> Any:
    return items[::-1]


@builtin("index of", "list:list", "match:any")
def index_of(run: Run, items: list[Any], match: Any) -> Any:
    run.spend_for(items)
    return [Decimal(place) for place, item in enumerate(items, 1) if equal(item, match)]


@builtin("union", "list:any**")
def union(run: Run, lists: list[Any]) -> Any:
    joined = _joined(run, "union", lists)
    return None if joined is None else list(_distinct(run, joined))


@builtin("distinct values", "list:list")
def distinct_values(run: Run, items: list[Any]) -> Any:
    return list(_distinct(run, items))


def _distinct(run: Run, items: Iterable[Any]) -> Iterator[Any]:
    """The items without those equal to an earlier one; scalars by hash, others by comparison, which costs steps."""
    seen: set[Any] = set()
    others: list[Any] = []
    for item in items:
        if item is None or isinstance(item, bool | Decimal | str):
            key = (kind(item), item)
            if key in seen:
                continue
            seen.add(key)
        else:
            for other in others:
                run.spend_for(other)
            run.spend(len(others))
            if any(equal(item, other) for other in others):
                continue
            others.append(item)
        yield item


@builtin("duplicate values", "list:list")
def duplicate_values(run: Run, items: list[Any]) -> Any:
    """The values that occur more than once, each once (Camunda)."""
    run.spend(len(items) ** 2)
    run.spend_for(items)
    repeated = [item for place, item in enumerate(items) if any(equal(item, other) for other in items[:place])]
    return list(_distinct(run, repeated))


@builtin("flatten", "list:list")
def flatten(run: Run, items: list[Any]) -> Any:
    run.spend_for(items)
    flat: list[Any] = []
    _flatten_into(run, flat, items)
    return flat


def _flatten_into(run: Run, flat: list[Any], items: list[Any]) -> None:
    run.spend(len(items))
    for item in items:
        if isinstance(item, list):
            _flatten_into(run, flat, item)
        else:
            flat.append(lift(item))


@builtin("partition", "list:list", "size:number")
def partition(run: Run, items: list[Any], size: Decimal) -> Any:
    """The list in pieces of that size, the last one perhaps shorter (Camunda)."""
    if size < 1 or size != size.to_integral_value():
        return fail(run, "partition: the size is to be a whole number above zero")
    step = int(min(size, Decimal(len(items) or 1)))
    return [items[start : start + step] for start in range(0, len(items), step)]


@builtin("sort", "list:list", "precedes:function")
def sort(run: Run, items: list[Any], precedes: FunctionValue) -> Any:
    """The items so that `precedes(a, b)` is true for each one and the next; equal ones keep their order."""

    def order(one: Any, other: Any) -> int:
        run.spend(1)
        if precedes.call(run, (one, other), None) is True:
            return -1
        return 1 if precedes.call(run, (other, one), None) is True else 0

    return sorted(items, key=cmp_to_key(order))
