"""The weekly outage plan: sixty requests of a week busier than its crews, proposed, beside first come, first served.

Customer-hours are compared for the same requests, those that first come serves: a proposal serves more of all sixty.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from bench.results import Result, spread
from domain.outage.first_come import first_come
from domain.outage.proposal import propose
from tests.domain.outage.made import Made, week

WEEKS = (0, 1, 2)
"""The seeds of the weeks."""
REQUESTS = 60


def run() -> list[Result]:
    """Seconds a week, how far from the proven bound, and customer-hours against first come, first served."""
    planned = [_planned(week(seed, REQUESTS)) for seed in WEEKS]
    seconds = [one.seconds for one in planned]
    ours, by_turn = (sum(hours) for hours in zip(*(one.customer_hours for one in planned), strict=True))
    served = f"{sum(one.served for one in planned)} requests served, {sum(one.by_turn for one in planned)} first come"
    return [
        Result(
            f"planner_{REQUESTS}_requests_seconds",
            median(seconds),
            f"seconds to propose a week ({spread(seconds)}; {served})",
            "<= 10",
        ),
        Result("planner_gap_percent", max(one.gap for one in planned), "percent above the proven bound, at most"),
        Result(
            "planner_vs_first_come_customer_hours",
            float(ours / by_turn),
            "customer-hours of the same requests, proposal to first come",
            "<= 1",
        ),
    ]


@dataclass(frozen=True)
class _Planned:
    """One week: how long it took, what it serves, and the customer-hours of what first come serves, both ways."""

    seconds: float
    served: int
    by_turn: int
    gap: float
    customer_hours: tuple[Decimal, Decimal]


def _planned(made: Made) -> _Planned:
    start = time.perf_counter()
    found = propose(made.plan, made.requests, made.rules, made.history)
    seconds = time.perf_counter() - start
    by_turn = first_come(made.plan, made.requests, made.rules, made.history).served
    same = [request for request in made.requests if request.request_no in by_turn]
    again = propose(made.plan, same, made.rules, made.history)
    hours = again.metrics.customer_hours, again.first_come.customer_hours
    return _Planned(seconds, found.metrics.served, len(by_turn), found.gap_percent, hours)
