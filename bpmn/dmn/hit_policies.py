"""Every hit policy of DMN 1.5 (8.2.8): what a decision table makes of the rules that matched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from bpmn.feel.numbers import CONTEXT, NumberError
from bpmn.feel.values import equal, order


@dataclass(frozen=True)
class Outcome:
    """What one matching rule concludes: `value`, and its `ranks`, the places of its outputs in their allowed values."""

    value: Any
    ranks: tuple[int, ...]


@dataclass(frozen=True)
class Verdict:
    value: Any
    problem: str = ""


Policy = Callable[[Sequence[Outcome]], Verdict]


def _unique(outcomes: Sequence[Outcome]) -> Verdict:
    if len(outcomes) > 1:
        return Verdict(None, f"hit policy UNIQUE: {len(outcomes)} rules match")
    return Verdict(outcomes[0].value)


def _any(outcomes: Sequence[Outcome]) -> Verdict:
    first = outcomes[0].value
    if any(equal(first, outcome.value) is not True for outcome in outcomes[1:]):
        return Verdict(None, "hit policy ANY: the matching rules conclude different things")
    return Verdict(first)


def _first(outcomes: Sequence[Outcome]) -> Verdict:
    return Verdict(outcomes[0].value)


def _priority(outcomes: Sequence[Outcome]) -> Verdict:
    return Verdict(min(outcomes, key=lambda outcome: outcome.ranks).value)


def _rule_order(outcomes: Sequence[Outcome]) -> Verdict:
    return Verdict([outcome.value for outcome in outcomes])


def _output_order(outcomes: Sequence[Outcome]) -> Verdict:
    return Verdict([outcome.value for outcome in sorted(outcomes, key=lambda outcome: outcome.ranks)])


def _sum(outcomes: Sequence[Outcome]) -> Verdict:
    total = Decimal(0)
    for outcome in outcomes:
        if not isinstance(outcome.value, Decimal):
            return Verdict(None, "hit policy COLLECT with SUM: a rule concludes something else than a number")
        total = CONTEXT.add(total, outcome.value)
    return Verdict(total)


def _extreme(name: str, sign: int) -> Policy:
    def choose(outcomes: Sequence[Outcome]) -> Verdict:
        values = [outcome.value for outcome in outcomes]
        if any(order(values[0], value) is None for value in values):
            return Verdict(None, f"hit policy COLLECT with {name}: the rules conclude things that cannot be compared")
        return Verdict(min(values, key=cmp_to_key(lambda one, other: sign * (order(one, other) or 0))))

    return choose


def _count(outcomes: Sequence[Outcome]) -> Verdict:
    return Verdict(Decimal(len(outcomes)))


POLICIES: dict[tuple[str, str], Policy] = {
    ("UNIQUE", ""): _unique,
    ("ANY", ""): _any,
    ("FIRST", ""): _first,
    ("PRIORITY", ""): _priority,
    ("RULE ORDER", ""): _rule_order,
    ("OUTPUT ORDER", ""): _output_order,
    ("COLLECT", ""): _rule_order,
    ("COLLECT", "SUM"): _sum,
    ("COLLECT", "MIN"): _extreme("MIN", 1),
    ("COLLECT", "MAX"): _extreme("MAX", -1),
    ("COLLECT", "COUNT"): _count,
}


def apply(hit_policy: str, aggregation: str, outcomes: Sequence[Outcome]) -> Verdict:
    """What the policy makes of the outcomes of the matching rules, at least one, in the order of the rules."""
    try:
        return POLICIES[hit_policy, aggregation](outcomes)
    except NumberError:
        return Verdict(None, f"hit policy {hit_policy} with {aggregation}: the result is no number")
