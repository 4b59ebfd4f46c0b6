"""Unary tests: the cells of decision tables."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn.feel import Environment, compile_unary_tests


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("-", None, True),
        ("-", 5, True),
        ("5", 5, True),
        ("-5", -5, True),
        ("< 10", 5, True),
        (">= 10", 5, False),
        ("[10..35)", 35, False),
        ("(10..35]", 35, True),
        ('"a", "b"', "b", True),
        ('not("a", "b")', "b", False),
        ('not("a", "b")', "c", True),
        ("not(< 3)", 5, True),
        ("? > limit", 5, True),
        ("? > limit", 2, False),
        ("limit", 3, True),
        ("> limit", 4, True),
        ("= 3, != 4", 3, True),
        ("[1, 2, 3]", 2, True),
        ("list contains(?, 2)", [1, 2], True),
        ("count(?) > 1", [1], False),
        ("true", True, True),
        ("true", False, False),
        ("false", False, True),
        ("flag", True, True),
        ("limit > 2", "anything", True),
        ('starts with(?, "a")', "abc", True),
        ("null", None, True),
        ('date("2026-03-01")', None, False),
    ],
)
def test_a_test_holds_for_what_it_says(env: Environment, text: str, value: Any, holds: bool) -> None:
    result = compile_unary_tests(text).matches(value, {"limit": 3, "flag": True}, env)

    assert result.value is holds


@pytest.mark.parametrize(("text", "value"), [("true", None), ("< 10", None), ('"a"', 1), ("flag", None)])
def test_a_test_never_holds_for_what_it_cannot_be_compared_with(env: Environment, text: str, value: Any) -> None:
    assert compile_unary_tests(text).matches(value, {"flag": True}, env).value is not True


def test_a_not_before_more_is_an_expression(env: Environment) -> None:
    assert compile_unary_tests("not(flag) or ? = 1").matches(1, {"flag": True}, env).value is True
