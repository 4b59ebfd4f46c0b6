"""Twenty fixed weeks, busier than their crews: the proposal is never worse than first come, first served."""

from __future__ import annotations

import pytest

from domain.outage.breaks import breaks
from domain.outage.first_come import first_come
from domain.outage.plan import score
from domain.outage.proposal import EFFORT, propose
from tests.domain.outage.made import Made, week

SEEDS = range(20)


def check_better(made: Made, effort: float) -> None:
    """No hard rule broken, no worse than first come in the same order of figures, and every refusal explained."""
    found = propose(made.plan, made.requests, made.rules, made.history, effort=effort)

    by_turn = first_come(made.plan, made.requests, made.rules, made.history)
    assert breaks(found.plan, made.requests, made.rules, made.history) == []
    assert found.score == score(found.plan, made.requests)
    assert found.score >= score(by_turn, made.requests)
    assert {*found.plan.served, *(refusal.request_no for refusal in found.refused)} == {
        request.request_no for request in made.requests
    }
    assert found.least_customer_minutes <= found.metrics.customer_minutes


@pytest.mark.parametrize("seed", SEEDS)
def test_a_proposal_is_never_worse_than_who_comes_first(seed: int) -> None:
    check_better(week(seed, count=40, feeders=24), effort=0.2)


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_a_proposal_for_sixty_requests_is_never_worse_than_who_comes_first(seed: int) -> None:
    check_better(week(seed), EFFORT)
