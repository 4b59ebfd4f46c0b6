"""Closures for what is true, false or null: comparisons, logic and unary tests, of operands already compiled."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bpmn.feel.calls import Evaluator
from bpmn.feel.environment import Scope
from bpmn.feel.operators import compare, in_range, satisfies
from bpmn.feel.values import Range, a_kind

Test = Callable[[Scope, Any], bool | None]
_ON_SAME: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: bool(one == other),
    "!=": lambda one, other: bool(one != other),
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
}


def comparison(operator: str, left: Evaluator, right: Evaluator) -> Evaluator:
    """Whether two values compare; two numbers and two strings go a short way."""
    on_same = _ON_SAME[operator]

    def holds(scope: Scope) -> bool | None:
        one, other = left(scope), right(scope)
        what = type(one)
        if what is type(other) and (what is Decimal or what is str):
            return on_same(one, other)
        if what is list or what is dict:
            scope.run.spend_for(one)
        result = compare(operator, one, other)
        if result is None:
            scope.run.fail(f"{a_kind(one)} {operator} {a_kind(other)} cannot be compared")
        return result

    return holds


def logic(operator: str, operands: tuple[Evaluator, ...]) -> Evaluator:
    """Three-valued `and` or `or`, which ends at the first operand that decides (DMN 1.5, table 50)."""
    decides = operator == "or"

    def holds(scope: Scope) -> bool | None:
        result: bool | None = not decides
        for operand in operands:
            value = operand(scope)
            if value is decides:
                return bool(value)
            if type(value) is not bool:
                result = None
                if value is not None:
                    scope.run.fail(f"{a_kind(value)} is no operand of «{operator}»")
        return result

    return holds


def between(value: Evaluator, low: Evaluator, high: Evaluator) -> Evaluator:
    def holds(scope: Scope) -> bool | None:
        limits = Range(low(scope), high(scope), True, True)
        found = value(scope)
        result = in_range(found, limits)
        if result is None:
            scope.run.fail(f"{a_kind(found)} cannot lie between {a_kind(limits.low)} and {a_kind(limits.high)}")
        return result

    return holds


def membership(value: Evaluator, tests: tuple[Test, ...]) -> Evaluator:
    """`value in (tests)`"""
    return lambda scope: any_holds(tests, scope, value(scope))


def any_holds(tests: tuple[Test, ...], scope: Scope, value: Any) -> bool | None:
    """True where one test holds, else null where one has no answer."""
    found: bool | None = False
    if type(value) is list or type(value) is dict:
        scope.run.spend_for(value)
    for test in tests:
        result = test(scope, value)
        if result is True:
            return True
        if result is None:
            found = None
    return found


def comparison_test(operator: str, operand: Evaluator) -> Test:
    """`< 10`"""
    return lambda scope, value: compare(operator, value, operand(scope))


def value_test(expression: Evaluator) -> Test:
    """A value, a range or a list that the input is to be, or to be in."""

    def holds(scope: Scope, value: Any) -> bool | None:
        test = expression(scope)
        if type(test) is list:
            scope.run.spend(len(test))
        return satisfies(value, test)

    return holds


def condition_test(expression: Evaluator, asks: bool) -> Test:
    """An expression that may be a condition: its boolean is the answer where it asks for `?`, or the input is none."""

    def holds(scope: Scope, value: Any) -> bool | None:
        result = expression(scope)
        if type(result) is bool and (asks or type(value) is not bool):
            return result
        return satisfies(value, result)

    return holds
