"""Whatever the text: it is FEEL or a `FeelSyntaxError`; whatever the expression: a value or `BudgetExceeded`."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bpmn.feel import (
    BudgetExceeded,
    Environment,
    FeelSyntaxError,
    compile_expression,
    compile_unary_tests,
    to_json,
)
from bpmn.feel.functions import BUILTINS

ENV = Environment(datetime(2026, 3, 2, 1, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"), budget=3_000)
VARIABLES: dict[str, Any] = {
    "a": {"b": [1, 2.5, None, "x"], "c": {"d": True}},
    "n": 3,
    "s": "供电",
    "l": [1, [2, {"k": 3}]],
    "z": None,
}
TOKENS = [
    *("1", "0", "2.5", "1e6000", "-3", '"a"', '""', "true", "false", "null", "a", "n", "s", "l", "z", "a.b", "a.c.d"),
    *("+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "(", ")", "[", "]", "{", "}", ",", ":", ".", ".."),
    *("in", "between", "and", "or", "not", "if", "then", "else", "for", "return", "some", "every", "satisfies", "?"),
    *("instance", "of", "function", "item", "partial", '@"2024-02-29"', '@"P1D"', '@"P1Y"', '@"x"', "number"),
    *("list<number>", "//", "/*", "*/", "`", "\\", "$", "你", '@"10:00:00@Asia/Shanghai"'),
]


def check(text: str) -> None:
    check_expression(text)
    check_tests(text)


def check_expression(text: str) -> None:
    with suppress(FeelSyntaxError, BudgetExceeded):
        to_json(compile_expression(text).evaluate(VARIABLES, ENV).value)


def check_tests(text: str) -> None:
    with suppress(FeelSyntaxError, BudgetExceeded):
        compile_unary_tests(text).matches(3, VARIABLES, ENV)


@given(st.text(max_size=40))
@example("﻿1")
@example("\ue000\ue001")
@example("@")
@example('"\\ud83d"')
def test_any_text_is_feel_or_a_syntax_error(text: str) -> None:
    check(text)


@given(st.lists(st.sampled_from([*TOKENS, *sorted(BUILTINS)]), max_size=14).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_any_row_of_tokens_is_feel_or_a_syntax_error(text: str) -> None:
    check(text)


LEAVES = st.sampled_from(
    [
        *("1", "0", "-2.5", "1e6000", "999999999999", '"a"', '"12"', "true", "null", "a", "a.b", "n", "s", "l", "z"),
        *("[]", "{}", "[1..3]", "(< 5)", "count", "function(x, y) x", "now()", '@"P1D"', '@"P13M"', '@"10:00:00"'),
        *('@"2024-02-29"', '@"2024-02-29T10:00:00@Asia/Shanghai"'),
    ]
)
OPERATORS = st.sampled_from(["+", "-", "*", "/", "**", "=", "!=", "<", ">=", "and", "or", "in"])


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda one, sign, other: f"({one}) {sign} ({other})", inner, OPERATORS, inner),
        st.builds(lambda one, other: f"({one})[{other}]", inner, inner),
        st.builds(lambda one, two, three: f"if {one} then {two} else {three}", inner, inner, inner),
        st.builds(lambda one, two: f"for x in {one} return {two}", inner, inner),
        st.builds(lambda one, two: f"some x in {one} satisfies {two}", inner, inner),
        st.builds(lambda one, two: f"[{one}, {two}]", inner, inner),
        st.builds(lambda one, two: f"{{a: {one}, b: {two}}}", inner, inner),
        st.builds(lambda one, two, three: f"({one}) between {two} and {three}", inner, inner, inner),
        st.builds(lambda one, name: f"({one}).{name}", inner, st.sampled_from(["b", "year", "start", "days"])),
        st.builds(lambda one: f"-({one})", inner),
        st.builds(
            lambda name, arguments: f"{name}({', '.join(arguments)})",
            st.sampled_from(sorted(BUILTINS)),
            st.lists(inner, max_size=4),
        ),
    )


@given(st.recursive(LEAVES, larger, max_leaves=8))
@settings(max_examples=600, deadline=None)
def test_every_expression_comes_to_a_value_or_ends_by_its_budget(text: str) -> None:
    check(text)
