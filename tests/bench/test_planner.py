"""The planner's part, with little work: what it reports."""

from __future__ import annotations

import pytest

from bench import planner
from tests.domain.outage.made import week


def test_all_keys_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "WEEKS", (0,))
    monkeypatch.setattr(planner, "week", lambda seed, _: week(seed, count=20, feeders=12))

    results = {result.key: result for result in planner.run()}

    assert set(results) == {
        "planner_60_requests_seconds",
        "planner_gap_percent",
        "planner_vs_first_come_customer_hours",
    }
    assert results["planner_60_requests_seconds"].value > 0
    assert results["planner_vs_first_come_customer_hours"].holds
