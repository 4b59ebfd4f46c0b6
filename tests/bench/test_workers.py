"""Worker processes beside each other."""

from __future__ import annotations

import pytest

from bench import workers


@pytest.mark.long
def test_each_number_of_workers_is_measured_for_ours_and_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "WORKERS", (1, 2))
    monkeypatch.setattr(workers, "CASES", 4)
    monkeypatch.setattr(workers, "AT_ONCE", 2)

    found = workers.run()

    assert [one.key for one in found] == [
        "cases_per_minute_1_workers",
        "cases_per_minute_1_workers_handwritten",
        "cases_per_minute_2_workers",
        "cases_per_minute_2_workers_handwritten",
    ]
    assert all(one.value > 0 for one in found)
