"""The built-in functions; the kit's cases go through most of them, these are what it leaves out, and Camunda's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bpmn.feel import Environment, compile_expression

Feel = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('substring("foobar", -3, 2)', "ba"),
        ('substring after("foobar", "ob")', "ar"),
        ('lower case("ABC")', "abc"),
        ('starts with("供电方案", "供电")', True),
        ('split("a;b;;c", ";")', ["a", "b", "", "c"]),
        ('extract("a1b22", "[0-9]+")', ["1", "22"]),
        ('string(["a", 1.50, {b: null, "c d": true}])', '["a", 1.50, {b: null, "c d": true}]'),
        ('string(@"PT36H")', "P1DT12H"),
        ("string(null)", None),
        ('number("1.5")', 1.5),
        ('number("abc")', None),
        ('is blank("  ")', True),
        ('trim(" a ")', "a"),
        ('to base64("供")', "5L6b"),
        ('from json("{\\"a\\": 1.5}").a', 1.5),
        ("to json({a: [1, null]})", '{"a":[1,null]}'),
    ],
)
def test_text_functions(feel: Feel, text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("decimal(2.5, 0)", 2),
        ("decimal(1.115, 2)", 1.12),
        ("round half up(-2.5, 0)", -3),
        ("ceiling(-1.5)", -1),
        ("sqrt(16)", 4),
        ("sqrt(-1)", None),
        ("log(0)", None),
        ("odd(3)", True),
        ("even(1e40)", True),
        ("modulo(1e6000, 7)", None),
        ("exp(100000)", None),
        ("2 ** 9999999999", None),
        ("abs([-1])", 1),
    ],
)
def test_number_functions(feel: Feel, text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("count([1, null])", 2),
        ("count(5)", 1),
        ("count(null)", None),
        ("sum(1, 2, 3)", 6),
        ("sum([])", None),
        ('min([@"P2D", @"P1D"])', "P1D"),
        ('max(["a", "b"])', "b"),
        ("max([1, null])", None),
        ("mean([1, 2])", 1.5),
        ("median([4, 1, 3, 2])", 2.5),
        ("product([2, 3, 4])", 24),
        ("stddev([2, 4, 7, 5])", pytest.approx(2.0816659994661)),
        ("all([true, null])", None),
        ("sublist([1, 2, 3], 2)", [2, 3]),
        ("sublist([1, 2, 3], -2, 1)", [2]),
        ("append([1], 2, 3)", [1, 2, 3]),
        ("concatenate([1], [2], [[3]])", [1, 2, [3]]),
        ("insert before([1, 3], 2, 2)", [1, 2, 3]),
        ("remove([1, 2], -1)", [1]),
        ("reverse([1, 2])", [2, 1]),
        ("index of([1, 2, 1], 1)", [1, 3]),
        ("union([1, 2], [2, 3])", [1, 2, 3]),
        ('distinct values([1, 1.0, "1", [1], [1]])', [1, "1", [1]]),
        ("duplicate values([1, 2, 1, [3], [3]])", [1, [3]]),
        ("flatten([[1, [2]], 3])", [1, 2, 3]),
        ("partition([1, 2, 3], 2)", [[1, 2], [3]]),
        ("list contains([1, null], null)", True),
        ("list replace([2, 4, 7], 3, 6)", [2, 4, 6]),
        ("list replace([2, 4, 7], function(item, newItem) item < newItem, 5)", [5, 5, 7]),
        ("sort([3, 1, 2], function(x, y) x < y)", [1, 2, 3]),
        ("is empty([])", True),
    ],
)
def test_list_functions(feel: Feel, text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('get value({a: 1}, "a")', 1),
        ('get value({a: {b: 1}}, ["a", "b"])', 1),
        ('context([{key: "a", value: 1}])', {"a": 1}),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', None),
        ("context merge([{a: 1, b: 1}, {b: 2}])", {"a": 1, "b": 2}),
        ("is defined(nothing.here)", False),
        ("is defined(0)", True),
        ("get or else(nothing.here, 3)", 3),
        ('assert(1, 1 > 2, "too small")', None),
    ],
)
def test_context_functions(feel: Feel, text: str, value: Any) -> None:
    assert feel(text) == value


def test_asking_whether_there_is_a_value_is_no_problem(env: Environment) -> None:
    assert compile_expression("is defined(nothing.here)").evaluate({}, env).problems == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('abs("1")', "abs: n is to be a days and time duration or number or years and months duration, not a string"),
        ("abs()", "abs: takes 1 arguments, not 0"),
        ("abs(m: 1)", "abs: has no parameter m (it has n)"),
        ('date("2024-02-30")', "date: «2024-02-30» is no date; write yyyy-mm-dd"),
        ("x(1)", "«x» is not known"),
        ("{a: 1}.a(1)", "a is a number, not a function"),
    ],
)
def test_a_call_that_fails_gives_null_and_says_why(env: Environment, text: str, problem: str) -> None:
    result = compile_expression(text).evaluate({}, env)

    assert result.value is None
    assert result.problems == (problem,)
