"""The whole case's part."""

from __future__ import annotations

import pytest

from bench import case


@pytest.mark.long
def test_all_keys_are_reported_and_the_main_history_is_a_part_of_all() -> None:
    found = {result.key: result.value for result in case.run()}

    assert set(found) == {
        "case_workflows",
        "case_events",
        "case_main_events",
        "case_history_bytes",
        "case_main_history_bytes",
        "case_acts",
        "case_worker_cpu_seconds",
        "case_wall_seconds",
    }
    assert found["case_workflows"] == 3
    assert 0 < found["case_main_events"] < found["case_events"]
    assert 0 < found["case_main_history_bytes"] < found["case_history_bytes"]
