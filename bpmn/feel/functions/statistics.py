"""List functions of statistics (DMN 1.5, table 75): each takes a list, or the items as arguments."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import reduce
from typing import Any, TypeGuard

from bpmn.feel.environment import Run
from bpmn.feel.functions.registry import builtin, fail
from bpmn.feel.numbers import CONTEXT, ONE, ZERO
from bpmn.feel.values import order


def _are_numbers(items: list[Any]) -> TypeGuard[list[Decimal]]:
    return all(type(item) is Decimal for item in items)


def _not_numbers(run: Run, name: str) -> Any:
    return fail(run, f"{name}: the list is empty or holds something else than numbers")


@builtin("min", "list:list*")
def minimum(run: Run, items: list[Any]) -> Any:
    return _extreme(run, "min", items, -1)


@builtin("max", "list:list*")
def maximum(run: Run, items: list[Any]) -> Any:
    return _extreme(run, "max", items, 1)


def _extreme(run: Run, name: str, items: list[Any], sign: int) -> Any:
    if not items:
        return fail(run, f"{name}: the list is empty")
    best = items[0]
    for item in items:
        difference = order(item, best)
        if difference is None:
            return fail(run, f"{name}: the items cannot be compared")
        if difference * sign > 0:
            best = item
    return best


@builtin("sum", "list:list*")
def total(run: Run, items: list[Any]) -> Any:
    if not items or not _are_numbers(items):
        return _not_numbers(run, "sum")
    return reduce(CONTEXT.add, items, ZERO)


@builtin("product", "list:list*")
def product(run: Run, items: list[Any]) -> Any:
    if not items or not _are_numbers(items):
        return _not_numbers(run, "product")
    return reduce(CONTEXT.multiply, items, ONE)


@builtin("mean", "list:list*")
def mean(run: Run, items: list[Any]) -> Any:
    if not items or not _are_numbers(items):
        return _not_numbers(run, "mean")
    return CONTEXT.divide(reduce(CONTEXT.add, items, ZERO), Decimal(len(items)))


@builtin("median", "list:list*")
def median(run: Run, items: list[Any]) -> Any:
    if not items or not _are_numbers(items):
        return _not_numbers(run, "median")
    ordered = sorted(items)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return CONTEXT.divide(CONTEXT.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@builtin("stddev", "list:list*")
def standard_deviation(run: Run, items: list[Any]) -> Any:
    """The standard deviation of a sample; it takes two numbers at least."""
    if len(items) < 2 or not _are_numbers(items):
        return fail(run, "stddev: takes a list of two numbers at least")
    middle = CONTEXT.divide(reduce(CONTEXT.add, items, ZERO), Decimal(len(items)))
    squares = (CONTEXT.power(CONTEXT.subtract(item, middle), Decimal(2)) for item in items)
    return CONTEXT.sqrt(CONTEXT.divide(reduce(CONTEXT.add, squares, ZERO), Decimal(len(items) - 1)))


@builtin("mode", "list:list*")
def mode(run: Run, items: list[Any]) -> Any:
    """The most frequent numbers in ascending order; none of an empty list."""
    if not _are_numbers(items):
        return _not_numbers(run, "mode")
    counts = Counter(items)
    most = max(counts.values(), default=0)
    return sorted(item for item, times in counts.items() if times == most)
