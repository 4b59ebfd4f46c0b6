"""`for`, `some`, `every` and filters: what runs its body once per item, and pays for each pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from bpmn.feel import nodes
from bpmn.feel.calls import Evaluator
from bpmn.feel.environment import Run, Scope
from bpmn.feel.temporal import Date, add_days
from bpmn.feel.values import Range, kind, lift

Source = tuple[str, Evaluator, Evaluator | None]
ITEM, PARTIAL = "item", "partial"


class _NoDomain(Exception):
    """What is iterated over is not a list or a range."""


def compile_loop(node: nodes.Loop, sources: tuple[Source, ...], body: Evaluator, partial: bool) -> Evaluator:
    """The evaluator of a `for`, `some` or `every` over `sources`; `partial` says whether the body reads that name."""
    cost = node.body.size + len(sources)
    if node.kind == "for":
        return _for(sources, body, cost, partial)
    return _quantified(sources, body, cost, node.kind == "some")


def _for(sources: tuple[Source, ...], body: Evaluator, cost: int, partial: bool) -> Evaluator:
    def collect(scope: Scope) -> Any:
        results: list[Any] = []
        try:
            for inner in _passes(sources, scope, cost):
                if partial:
                    scope.run.spend(len(results))
                    inner = Scope({PARTIAL: list(results)}, inner, scope.run)
                results.append(body(inner))
        except _NoDomain:
            return None
        return results

    return collect


def _quantified(sources: tuple[Source, ...], body: Evaluator, cost: int, decides: bool) -> Evaluator:
    def holds(scope: Scope) -> bool | None:
        result: bool | None = not decides
        try:
            for inner in _passes(sources, scope, cost):
                value: Any = body(inner)
                if value is decides:
                    return bool(value)
                if type(value) is not bool:
                    result = None
        except _NoDomain:
            return None
        return result

    return holds


def _passes(sources: tuple[Source, ...], scope: Scope, cost: int) -> Iterator[Scope]:
    """A scope for every combination of the iterators' values, the last one turning fastest."""
    name, source, end = sources[0]
    rest = sources[1:]
    domain = source(scope) if end is None else Range(source(scope), end(scope), True, True)
    for value in _items(scope.run, domain, end is not None):
        scope.run.spend(cost)
        inner = Scope({name: value}, scope, scope.run)
        if rest:
            yield from _passes(rest, inner, cost)
        else:
            yield inner


def _items(run: Run, domain: Any, backwards: bool) -> Iterator[Any]:
    if isinstance(domain, list):
        return map(lift, domain)
    if isinstance(domain, Range):
        return _range_items(run, domain, backwards)
    if domain is None:
        run.fail("null cannot be iterated over")
        raise _NoDomain
    return iter((domain,))


def _range_items(run: Run, domain: Range, backwards: bool) -> Iterator[Any]:
    """The whole numbers or the days of a range; `5..1` counts backwards, `[5..1]` is empty."""
    low, high = domain.low, domain.high
    if isinstance(low, Decimal) and isinstance(high, Decimal) and _are_whole(low, high):
        if abs(low.adjusted()) > 30 or abs(high.adjusted()) > 30:
            run.fail("a range of such numbers cannot be iterated over")
            raise _NoDomain
        return map(Decimal, _steps(domain, int(low), int(high), backwards))
    if isinstance(low, Date) and isinstance(high, Date):
        return _days(_steps(domain, low.ordinal(), high.ordinal(), backwards))
    run.fail(f"a range of {kind(low)} to {kind(high)} cannot be iterated over")
    raise _NoDomain


def _are_whole(*numbers: Decimal) -> bool:
    return all(number == number.to_integral_value() for number in numbers)


def _steps(domain: Range, low: int, high: int, backwards: bool) -> range:
    if backwards and high < low:
        return range(low, high - 1, -1)
    last = high if domain.high_closed else high - 1
    return range(low if domain.low_closed else low + 1, last + 1)


def _days(ordinals: range) -> Iterator[Any]:
    start = Date(1970, 1, 1)
    return (add_days(start, ordinal) for ordinal in ordinals)


def iterate(run: Run, domain: Any) -> Iterator[Any] | None:
    """The values that a loop over `domain` takes; None, with the problem noted, where there are none to take."""
    try:
        return _items(run, domain, False)
    except _NoDomain:
        return None


def compile_filter(node: nodes.Filter, source: Evaluator, condition: Evaluator) -> Evaluator:
    """The evaluator of `list[condition]`: the items for which it is true, or, for a number, the item at that place."""
    cost = node.condition.size
    constant = node.condition.value if isinstance(node.condition, nodes.Literal) else None
    if isinstance(constant, Decimal):
        return lambda scope: _item_at(scope.run, _as_list(source(scope)), constant)
    return lambda scope: select(scope, source(scope), condition, cost)


def select(scope: Scope, value: Any, condition: Evaluator, cost: int) -> Any:
    """The items of a list for which `condition` is true in their scope; the item at its place where it is a number."""
    run, items = scope.run, _as_list(value)
    if not items:
        first = condition(scope)
        return _item_at(run, items, first) if isinstance(first, Decimal) else []
    chosen: list[Any] = []
    for item in map(lift, items):
        run.spend(cost)
        holds = condition(_item_scope(scope, item))
        if holds is True:
            chosen.append(item)
        elif isinstance(holds, Decimal):
            return _item_at(run, items, holds)
    return chosen


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _item_scope(scope: Scope, item: Any) -> Scope:
    inner = Scope({ITEM: item}, scope, scope.run)
    return Scope(item, inner, scope.run) if isinstance(item, Mapping) else inner


def _item_at(run: Run, items: list[Any], place: Decimal) -> Any:
    """The item at a place counted from 1, or from the end for -1 and below; null outside."""
    if place == place.to_integral_value() and place and abs(place) <= len(items):
        return lift(items[int(place) - 1 if place > 0 else int(place)])
    run.fail(f"the list of {len(items)} has no item {place}")
    return None
