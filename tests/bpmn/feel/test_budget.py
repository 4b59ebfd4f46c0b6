"""No expression hangs: what is done is counted, and ends with `BudgetExceeded`."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from bpmn.feel import BudgetExceeded, Environment, compile_expression, to_json

HUGE = "1..1000000000"


@pytest.mark.parametrize(
    "text",
    [
        f"for i in {HUGE} return i",
        f"some i in {HUGE} satisfies i < 0",
        f"every i in {HUGE} satisfies i > 0",
        "for a in 1..1000, b in 1..1000 return a * b",
        "{f: function(n) f(n + 1), r: f(1)}.r",
        "for i in 1..1000 return partial",
        "string({a: [1, 1], b: [a, a, a, a, a], c: [b, b, b, b, b], d: [c, c, c, c], e: [d, d, d, d, d, d, d, d], "
        "f: [e, e, e, e, e, e, e, e], g: [f, f, f, f, f, f, f, f]})",
        "(for i in 1..1000 return if i = 1 then text else partial[-1] + partial[-1])[1]",
        "for i in 1..1000 return list = list",
        "for i in 1..1000 return list contains(list, 0)",
        "for i in 1..1000 return distinct values(for x in list return [x])",
        "for i in 1..1000 return string join(list2, text)",
        "for i in 1..1000 return string(list)",
        "for i in 1..1000 return upper case(text)",
        "for i in 1..1000 return sort(list, function(a, b) a < b)",
        "for i in 1..1000 return concatenate(list, list, list, list)",
        "for i in 1..10000 return list[item > 3]",
        "for i in 1..10000 return deep = deep",
    ],
)
def test_what_would_take_too_long_ends_soon(env: Environment, text: str) -> None:
    deep: Any = [1]
    for _ in range(60):
        deep = [deep]
    variables = {"list": list(range(1000)), "list2": ["a"] * 1000, "text": "x" * 10_000, "deep": deep}
    started = time.process_time()

    with pytest.raises(BudgetExceeded):
        compile_expression(text).evaluate(variables, env)

    assert time.process_time() - started < 3


def test_every_node_costs_a_step(env: Environment) -> None:
    expression = compile_expression("1 + 2 + 3 + 4 + 5")

    assert expression.evaluate({}, replace(env, budget=6)).value == 15
    with pytest.raises(BudgetExceeded, match="more than 5 steps"):
        expression.evaluate({}, replace(env, budget=5))


def test_the_budget_is_spent_the_same_each_time(env: Environment) -> None:
    expression = compile_expression("for i in 1..10 return string(i)")

    def passes(budget: int) -> bool:
        try:
            expression.evaluate({}, replace(env, budget=budget))
        except BudgetExceeded:
            return False
        return True

    least = next(budget for budget in range(1000) if passes(budget))
    assert all(passes(least) and not passes(least - 1) for _ in range(3))


def test_recursion_ends_at_a_fixed_depth(env: Environment) -> None:
    text = "{sum: function(n) if n = 0 then 0 else n + sum(n - 1), r: sum(%d)}.r"

    assert compile_expression(text % 30).evaluate({}, env).value == 465
    with pytest.raises(BudgetExceeded, match="too deeply"):
        compile_expression(text % 300).evaluate({}, env)


def test_a_value_nested_too_deeply_is_refused(env: Environment) -> None:
    value = compile_expression("(for i in 1..200 return [partial[-1]])[-1]").evaluate({}, env).value

    with pytest.raises(BudgetExceeded, match="nested more than 100 levels"):
        to_json(value)


def test_a_value_that_holds_itself_many_times_over_is_refused(env: Environment) -> None:
    entries = "".join(f", a{place}: [a{place - 1}, a{place - 1}]" for place in range(1, 60))
    value = compile_expression(f"{{a0: 1{entries}}}").evaluate({}, env).value

    with pytest.raises(BudgetExceeded, match="more than 250000 parts"):
        to_json(value)


def test_arithmetic_with_huge_exponents_is_quick(env: Environment) -> None:
    started = time.process_time()

    for text in ("1.1 ** 1e30", "9e6000 * 9e6000", "0.1 ** 1e30", "round up(1e6000, 6000)", "string(1e6000)"):
        compile_expression(text).evaluate({}, env)

    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", ["/*" * 9_000, '"' * 9_999, "[" * 9_999, "a " * 9_999, "for " * 4_000, "]" * 9_999])
def test_texts_that_are_no_expressions_are_refused_quickly(text: str) -> None:
    from bpmn.feel import FeelSyntaxError

    started = time.process_time()

    with pytest.raises(FeelSyntaxError):
        compile_expression(text)

    assert time.process_time() - started < 3
