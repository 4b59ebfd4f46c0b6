"""What each hit policy makes of the rules that match."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bpmn.dmn import DecisionResult, read_decisions
from bpmn.feel import Environment, to_json

RULES = [([">= 1"], ['"low"']), ([">= 2"], ['"high"']), ([">= 3"], ['"low"']), (["4"], ['"low"'])]
NUMBERS = [([">= 1"], ["10"]), ([">= 2"], ["30"]), ([">= 3"], ["20"])]
VALUES = [("level", '"high","low"', "")]

Build = Callable[..., str]


@pytest.fixture
def run(definitions: Build, table: Build, decision: Build, env: Environment) -> Callable[..., DecisionResult]:
    def evaluate(score: Any, rows: Any, hit_policy: str = "", **columns: Any) -> DecisionResult:
        model = read_decisions(definitions(decision(table(rows, hit_policy, **columns))), "rating.dmn")
        return model.evaluate("rating", {"score": score}, env)

    return evaluate


Run = Callable[..., DecisionResult]


@pytest.mark.parametrize(
    ("hit_policy", "score", "expected"),
    [
        ("", 1, "low"),
        ('hitPolicy="UNIQUE"', 2, None),
        ('hitPolicy="ANY"', 1, "low"),
        ('hitPolicy="ANY"', 2, None),
        ('hitPolicy="FIRST"', 4, "low"),
        ('hitPolicy="PRIORITY"', 3, "high"),
        ('hitPolicy="RULE ORDER"', 3, ["low", "high", "low"]),
        ('hitPolicy="OUTPUT ORDER"', 3, ["high", "low", "low"]),
        ('hitPolicy="COLLECT"', 3, ["low", "high", "low"]),
        ('hitPolicy="COLLECT" aggregation="COUNT"', 3, 3),
        ('hitPolicy="COLLECT" aggregation="MIN"', 3, "high"),
    ],
)
def test_texts(run: Run, hit_policy: str, score: int, expected: Any) -> None:
    assert to_json(run(score, RULES, hit_policy, outputs=VALUES).value) == expected


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 60), ("MIN", 10), ("MAX", 30), ("COUNT", 3)])
def test_collect_aggregates_numbers(run: Run, aggregation: str, expected: int) -> None:
    assert to_json(run(3, NUMBERS, f'hitPolicy="COLLECT" aggregation="{aggregation}"').value) == expected


@pytest.mark.parametrize(
    "hit_policy", ["", 'hitPolicy="FIRST"', 'hitPolicy="COLLECT"', 'hitPolicy="COLLECT" aggregation="SUM"']
)
def test_no_match_is_null(run: Run, hit_policy: str) -> None:
    result = run(0, NUMBERS, hit_policy)

    assert result == DecisionResult(None)


def test_no_match_gives_the_default_outputs(run: Run) -> None:
    assert run(0, RULES, outputs=[("level", "", '"none"')]).value == "none"


def test_several_outputs_give_a_context_by_their_names(run: Run) -> None:
    rows = [(["> 1"], ['"a"', "1 + score"]), (["-"], ['"b"', ""])]
    outputs = [("grade", "", ""), ("days", "", "")]

    assert to_json(run(2, rows, 'hitPolicy="FIRST"', outputs=outputs).value) == {"grade": "a", "days": 3}
    assert to_json(run(0, rows, 'hitPolicy="FIRST"', outputs=outputs).value) == {"grade": "b", "days": None}


def test_priority_looks_at_the_outputs_from_left_to_right(run: Run) -> None:
    rows = [(["-"], ['"low"', '"x"']), (["-"], ['"high"', '"y"']), (["-"], ['"high"', '"x"'])]
    outputs = [("level", '"high","low"', ""), ("mark", '"x","y"', "")]

    assert run(1, rows, 'hitPolicy="PRIORITY"', outputs=outputs).value == {"level": "high", "mark": "x"}


def test_the_rules_that_matched_are_told(run: Run) -> None:
    assert run(2, RULES, 'hitPolicy="COLLECT"').rules == ("r1", "r2")
    assert run(2, RULES, 'hitPolicy="FIRST"').rules == ("r1",)


@pytest.mark.parametrize(
    ("hit_policy", "problem"),
    [
        ("", "hit policy UNIQUE: 2 rules match"),
        ('hitPolicy="ANY"', "hit policy ANY: the matching rules conclude different things"),
        (
            'hitPolicy="COLLECT" aggregation="SUM"',
            "hit policy COLLECT with SUM: a rule concludes something else than a number",
        ),
    ],
)
def test_a_policy_that_is_broken_gives_null_and_says_why(run: Run, hit_policy: str, problem: str) -> None:
    result = run(2, RULES, hit_policy)

    assert (result.value, result.problems) == (None, (problem,))
