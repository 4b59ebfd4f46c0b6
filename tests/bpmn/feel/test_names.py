"""Names with spaces, signs and letters of any script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bpmn.feel import Environment, FeelSyntaxError, compile_expression, to_json

Feel = Callable[..., Any]


def value(text: str, variables: dict[str, Any], env: Environment) -> Any:
    return to_json(compile_expression(text, frozenset(variables)).evaluate(variables, env).value)


def test_known_names_hold_spaces_and_the_longest_one_is_meant(env: Environment) -> None:
    variables = {"lead": 1, "lead time": 5, "lead time days": 9, "full time equivalent": 20}

    assert value("full time equivalent - lead  time\n- lead", variables, env) == 14
    assert value("lead time days", variables, env) == 9


def test_known_names_hold_signs(env: Environment) -> None:
    variables = {"a-b": 5, "a": 3, "b": 2, "Pre-bureau risk": 7}

    assert value("a-b + (a - b)", variables, env) == 6
    assert value("Pre-bureau risk", variables, env) == 7


def test_a_name_inside_of_a_text_or_comment_stays_as_it_is(env: Environment) -> None:
    assert value('"lead time" + "" /* lead time */', {"lead time": 5}, env) == "lead time"


def test_chinese_names_need_no_telling(feel: Feel) -> None:
    assert feel("客户.电压等级 >= 10 and 专线", 客户={"电压等级": 10}, 专线=True) is True


def test_names_in_backquotes_need_no_telling(env: Environment) -> None:
    variables = {"lead time": 5}

    assert to_json(compile_expression("`lead time` + 1").evaluate(variables, env).value) == 6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for my item in [1, 2] return my item * 2", [2, 4]),
        ("for a b in [1], c d in [a b] return a b + c d", [2]),
        ("some next one in [1] satisfies next one = 1", True),
        ("{first name: 1, r: first name + 1}.r", 2),
        ('{"first name": 1, r: first name + 1}.r', 2),
        ("(function(left side, right side) left side - right side)(5, 2)", 3),
        ('substring(string: "abc", start position: 2)', "bc"),
        ("for x in [3] return {my key: x}.my key", [3]),
    ],
)
def test_names_that_an_expression_binds_may_hold_spaces(feel: Feel, text: str, expected: Any) -> None:
    assert feel(text) == expected


def test_functions_of_the_environment_are_called_by_names_with_spaces(env: Environment) -> None:
    extra = Environment(env.now, env.zone, {"working days after": lambda day, days: f"{day:%d}+{days}"})

    expression = compile_expression('working days after(date("2026-03-02"), 5)', frozenset(extra.functions))

    assert expression.evaluate({}, extra).value == "02+5"


def test_a_function_of_the_environment_that_raises_gives_null_and_says_why(env: Environment) -> None:
    def refuse(_: object) -> None:
        raise ValueError("no table for 2031")

    result = compile_expression("f(1)").evaluate({}, Environment(env.now, env.zone, {"f": refuse}))

    assert result.value is None
    assert result.problems == ("f: no table for 2031",)


def test_a_variable_comes_before_a_function_of_the_same_name(env: Environment) -> None:
    assert value("count + 1", {"count": 2}, env) == 3


def test_an_unknown_name_is_null_and_named_as_the_problem(env: Environment) -> None:
    result = compile_expression("missing + 1").evaluate({}, env)

    assert result.value is None
    assert "«missing» is not known" in result.problems


def test_a_name_with_spaces_that_is_not_known_is_a_syntax_error() -> None:
    with pytest.raises(FeelSyntaxError, match="names with spaces must be known"):
        compile_expression("lead time > 3")
