"""The way from FEEL values to process variables."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn.feel import Environment, compile_expression, to_json

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "expected", "kind"),
    [
        (Decimal("1.00"), 1, int),
        (Decimal("1E+3"), 1000, int),
        (Decimal("0.5"), 0.5, float),
        (Decimal("-0"), 0, int),
        (Decimal("1E+400"), "1E+400", str),
        (True, True, bool),
    ],
)
def test_numbers_become_json_numbers(value: Any, expected: Any, kind: type) -> None:
    found = to_json(value)

    assert (found, type(found)) == (expected, kind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[@"2024-01-01", {d: @"P1D"}]', ["2024-01-01", {"d": "P1D"}]),
        ("[1..3)", "[1..3)"),
        ("(>= 5)", "(>=5)"),
        ('[@"2024-01-01"..@"2024-01-02"]', '[@"2024-01-01"..@"2024-01-02"]'),
        ("count", None),
    ],
)
def test_other_values_become_their_text(env: Environment, text: str, expected: Any) -> None:
    assert to_json(compile_expression(text).evaluate({}, env).value) == expected


@given(JSON)
def test_a_variable_comes_back_as_it_was(value: Any) -> None:
    assert to_json(value) == value


@given(JSON)
def test_an_expression_that_only_names_a_variable_changes_nothing(value: Any) -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    env = Environment(datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    assert to_json(compile_expression("x").evaluate({"x": value}, env).value) == value
