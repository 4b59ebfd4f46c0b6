"""What is said about a text that is not FEEL."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bpmn.feel import FeelSyntaxError, compile_expression, compile_unary_tests


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("1 +", 1, 4, "the expression ends too early; expected a value"),
        ("a.b >\n  and c", 2, 3, "«and» is not expected here; expected a value"),
        ("f(1", 1, 4, "the expression ends too early; expected «)» or «,»"),
        ("{a: 1", 1, 6, "«}»"),
        ('"abc', 1, 1, "is not closed"),
        ("if a then b", 1, 12, "«else»"),
        ("1 $ 2", 1, 3, "«$» is not expected here"),
        ("", 1, 1, "expected a value"),
        ("1e7000", 1, 1, "too large"),
        ("x instance of set<number>", 1, 15, "takes no item type"),
    ],
)
def test_a_syntax_error_says_where_and_what_is_expected(text: str, line: int, column: int, problem: str) -> None:
    with pytest.raises(FeelSyntaxError) as raised:
        compile_expression(text)

    assert (raised.value.line, raised.value.column) == (line, column)
    assert problem in raised.value.problem


@pytest.mark.parametrize("text", ["random number()", "1 + random number()", "uuid()"])
def test_what_cannot_be_replayed_is_refused_at_compile_time(text: str) -> None:
    with pytest.raises(FeelSyntaxError, match="could be replayed"):
        compile_expression(text)


def test_external_functions_are_refused() -> None:
    with pytest.raises(FeelSyntaxError, match="external functions are not supported"):
        compile_expression('function(x) external {java: {class: "A"}}')


@pytest.mark.parametrize("text", ["(" * 200 + "1" + ")" * 200, "1" + " + 1" * 500])
def test_brackets_and_long_sums_are_no_nesting(text: str) -> None:
    compile_expression(text)


def test_nesting_has_a_limit() -> None:
    with pytest.raises(FeelSyntaxError, match="nested more than 100 levels"):
        compile_expression("[" * 101 + "]" * 101)


def test_length_has_a_limit() -> None:
    with pytest.raises(FeelSyntaxError, match="longer than 20000 characters"):
        compile_expression('"' + "x" * 20_000 + '"')


def test_unary_tests_say_where_they_are_wrong() -> None:
    with pytest.raises(FeelSyntaxError) as raised:
        compile_unary_tests("not(1,)")

    assert (raised.value.line, raised.value.column) == (1, 7)


def test_an_expression_is_compiled_once() -> None:
    assert compile_expression("1 + 2") is compile_expression("1 + 2")


def test_the_parser_is_not_loaded_before_it_is_needed() -> None:
    program = "import sys, bpmn.feel; sys.exit('lark' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
