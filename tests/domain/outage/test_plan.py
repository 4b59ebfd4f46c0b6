"""What a plan achieves, which of two is better, and that it travels."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from domain.fields import MissingFields
from domain.outage.plan import PastOutage, Plan, Score, metrics, score
from tests.domain.outage.made import at, energization, item, plan, request

FELT = request("R1", feeder="F1", affectsOthers=True, customersAffected=80, noticedAt=at(-8))
BESIDE = request("R2", feeder="F1", affectsOthers=True, customersAffected=30, crew="pd-2", upperLevel=True)
CASE = energization("R3", crew="pd-3")
LATE = energization("R4", crew="pd-3", promiseDue=at(2, 11))
LEFT = request("R5")
ALL = (FELT, BESIDE, CASE, LATE, LEFT)
PLAN = plan(item(at(2, 8), FELT, BESIDE), item(at(2, 8), CASE), item(at(2, 12), LATE, hours=1))


def test_a_plan_travels_as_json() -> None:
    assert Plan.from_json(json.loads(json.dumps(PLAN.to_json()))) == PLAN


def test_a_plan_of_no_week_is_refused() -> None:
    with pytest.raises(MissingFields, match="周次（week）应为周次（如2026-W49）"):
        Plan.from_json({**PLAN.to_json(), "week": "2026-W60"})


def test_an_item_without_work_is_refused() -> None:
    empty = {**item(at(2, 8), FELT), "works": []}

    with pytest.raises(MissingFields, match="停电安排第1行·工作"):
        plan(empty)


def test_its_figures_are_those_of_what_it_serves() -> None:
    found = metrics(PLAN, ALL)

    assert (found.served, found.requests) == (4, 5)
    assert (found.promises_kept, found.promises) == (1, 2)
    assert (found.outages, found.merged) == (1, 2)


def test_its_figures_and_what_has_been_travel_as_json() -> None:
    past = PastOutage("F1", at(-3, 9))

    assert metrics(PLAN, ALL).to_json() == {
        "served": 4,
        "requests": 5,
        "promisesKept": 1,
        "promises": 2,
        "outages": 1,
        "merged": 2,
        "customerHours": 320.0,
    }
    assert PastOutage.from_json(json.loads(json.dumps(past.to_json()))) == past


def test_works_that_share_an_outage_leave_its_customers_without_power_once() -> None:
    apart = plan(item(at(2, 8), FELT), item(at(3, 8), BESIDE))

    assert metrics(PLAN, ALL).customer_hours == Decimal(4 * 80)
    assert metrics(apart, ALL).customer_hours == Decimal(4 * 80 + 4 * 30)


def test_a_promise_is_kept_until_its_last_minute() -> None:
    due = energization(promiseDue=at(2, 12))

    assert metrics(plan(item(at(2, 8), due)), [due]).promises_kept == 1
    assert metrics(plan(item(at(2, 8, 1), due)), [due]).promises_kept == 0


def test_the_score_counts_what_is_served_by_priority() -> None:
    assert score(PLAN, ALL) == Score(
        emergencies=0,
        upper_level=1,
        promises=1,
        announced=1,
        energizations=2,
        others=0,
        customer_minutes=80 * 240,
        items=3,
    )


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("emergencies", "upper_level"),
        ("upper_level", "promises"),
        ("promises", "announced"),
        ("announced", "energizations"),
        ("energizations", "others"),
    ],
)
def test_one_more_of_what_comes_first_outweighs_any_number_of_what_follows(better: str, worse: str) -> None:
    base = score(PLAN, ALL)

    one = replace(base, **{better: getattr(base, better) + 1})
    many = replace(base, **{worse: getattr(base, worse) + 100})

    assert one > many > base


def test_serving_one_more_outweighs_customer_hours_and_these_the_number_of_items() -> None:
    base = score(PLAN, ALL)

    assert replace(base, others=1, customer_minutes=10**6) > base
    assert replace(base, customer_minutes=base.customer_minutes - 1, items=9) > base
    assert replace(base, items=2) > base
    assert not base > base
