"""The table, and what counts as reached."""

from __future__ import annotations

import pytest

from bench.results import Result, spread, table


@pytest.mark.parametrize(
    ("value", "target", "holds"),
    [
        (0.85, ">= 0.85", True),
        (0.849, ">= 0.85", False),
        (1.25, "<= 1.25", True),
        (1.26, "<= 1.25", False),
        (7.0, "", True),
    ],
)
def test_a_target_is_reached_at_its_limit_and_missed_beyond_it(value: float, target: str, holds: bool) -> None:
    assert Result("key", value, "what", target).holds is holds


def test_a_line_says_ok_or_miss_only_where_there_is_a_target() -> None:
    lines = table(
        [Result("a", 2.0, "first", ">= 1"), Result("b", 0.5, "second", ">= 1"), Result("c", 3.0, "third")]
    ).splitlines()

    assert [line.split() for line in lines] == [
        ["a", "2.000", ">=", "1", "ok", "first"],
        ["b", "0.500", ">=", "1", "miss", "second"],
        ["c", "3.000", "third"],
    ]


def test_the_columns_of_all_lines_begin_at_the_same_place() -> None:
    first, second = table([Result("a", 1_234_567, "first"), Result("a_long_key", 0.5, "second", "<= 1")]).splitlines()

    assert first.index("first") == second.index("second")


def test_a_spread_names_the_least_the_most_and_the_number_of_rounds() -> None:
    assert spread([0.9, 0.75, 0.8]) == "0.75 to 0.90 in 3 rounds"
