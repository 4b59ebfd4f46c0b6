"""What expressions of each kind come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Feel = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-3 ** 2", 9),
        ("2 ** 3 ** 2", 64),
        ("0.1 + 0.2", 0.3),
        ("10 / 4", 2.5),
        ("1 / 0", None),
        (".5 + 1e1", 10.5),
        ('"供电" + "方案"', "供电方案"),
        ('1 + "1"', None),
    ],
)
def test_arithmetic_is_decimal_and_binds_as_the_grammar_says(feel: Feel, text: str, value: Any) -> None:
    assert feel(text) == value


def test_thirty_four_digits_are_kept(feel: Feel) -> None:
    assert feel("string(1 / 3)") == "0." + "3" * 34
    assert feel("9999999999999999999999999999999999 - 1") == 9999999999999999999999999999999998


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null = null", True),
        ("1 = null", False),
        ('1 = "1"', None),
        ("1 < null", None),
        ('"a" < "b"', True),
        ("[1, 2] = [1, 2.0]", True),
        ("{a: 1, b: [2]} = {b: [2], a: 1}", True),
        ("2 between 1 and 3 and true", True),
        ("5 in (< 3, > 4)", True),
        ("3 in [1..3)", False),
        ("2 in ]1..3[", True),
        ("1 = 1 = true", True),
    ],
)
def test_comparisons_know_null_and_kinds(feel: Feel, text: str, value: Any) -> None:
    assert feel(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true and null", None),
        ("false and null", False),
        ("true or null", True),
        ("false or null", None),
        ("not(null)", None),
        ('true and "x"', None),
    ],
)
def test_logic_has_three_values(feel: Feel, text: str, value: Any) -> None:
    assert feel(text) is value


def test_logic_ends_at_the_operand_that_decides(feel: Feel) -> None:
    assert feel("false and (for i in 1..1000000000 return i) = null") is False


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2, 3][2]", 2),
        ("[1, 2, 3][-1]", 3),
        ("[1, 2, 3][4]", None),
        ("[1, 2, 3][item > 1]", [2, 3]),
        ("[{x: 1}, {x: 2}][x = 2]", [{"x": 2}]),
        ("[{x: 1}, {x: 2}].x", [1, 2]),
        ("[{item: 1}, {item: 2}][item >= 2]", [{"item": 2}]),
        ("7[1]", 7),
        ("[1, 2, 3][count([1, 2])]", 2),
    ],
)
def test_filters_take_places_and_conditions(feel: Feel, text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("for i in 1..3 return i * 2", [2, 4, 6]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for i in [1..3) return i", [1, 2]),
        ("for x in [1, 2], y in [x, 10] return x + y", [2, 11, 4, 12]),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", [1, 1, 2, 6, 24]),
        ('for d in @"2024-02-28"..@"2024-03-01" return d.day', [28, 29, 1]),
        ("for i in null return i", None),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [1, 2] satisfies x > 1", False),
        ("every x in [] satisfies x > 1", True),
        ("some x in [null] satisfies x > 1", None),
    ],
)
def test_loops_run_over_lists_and_ranges(feel: Feel, text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('if true then "a" else "b"', "a"),
        ('if null then "a" else "b"', "b"),
        ('if "x" then "a" else "b"', None),
        ("if false then 1 else if true then 2 else 3", 2),
    ],
)
def test_a_condition_that_is_null_is_not_true(feel: Feel, text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: 1, b: a + 1}.b", 2),
        ('{a: 1, "a": 2}', None),
        ("{add: function(x, y) x + y, r: add(1, 2)}.r", 3),
        ("{add: function(x, y) x - y, r: add(y: 1, x: 5)}.r", 4),
        ("(function(x) function(y) x * y)(3)(4)", 12),
        ("{fact: function(n) if n = 0 then 1 else n * fact(n - 1), r: fact(10)}.r", 3628800),
        ('(function(x: number) x)("1")', None),
        ("(function(x) x)(1, 2)", None),
    ],
)
def test_contexts_see_earlier_entries_and_hold_functions(feel: Feel, text: str, value: Any) -> None:
    assert feel(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 instance of number", True),
        ("null instance of Any", False),
        ("[1, 2] instance of list<number>", True),
        ('[1, "2"] instance of list<number>', False),
        ("{a: 1} instance of context<a: number>", True),
        ("[1..2] instance of range<number>", True),
        ('@"P1D" instance of days and time duration', True),
        ("(function() 1) instance of function<> -> Any", True),
    ],
)
def test_instance_of_knows_the_types(feel: Feel, text: str, value: bool) -> None:
    assert feel(text) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"\u4f9b\U01F40E"', "供🐎"),
        (r'"a\"b\\c\n"', 'a"b\\c\n'),
        (r'"\d"', r"\d"),
        ("1 /* one */ + 2 // two", 3),
        ('string length("供电🐎")', 3),
    ],
)
def test_texts_have_escapes_and_expressions_comments(feel: Feel, text: str, value: Any) -> None:
    assert feel(text) == value


def test_json_variables_are_read_as_feel_values(feel: Feel) -> None:
    case = {"voltage": 10, "price": 0.1, "items": [{"n": 1}, {"n": 2.5}], "ok": True}

    assert feel("case.voltage + case.price * 3", case=case) == 10.3
    assert feel("sum(case.items.n)", case=case) == 3.5
    assert feel("case.items[n > 2].n", case=case) == [2.5]
    assert feel("case.ok and case.voltage = 10", case=case) is True


def test_now_and_today_are_the_environments_in_its_zone(feel: Feel) -> None:
    assert feel("now()") == "2026-03-03T01:30:00@Asia/Shanghai"
    assert feel("today()") == "2026-03-03"
