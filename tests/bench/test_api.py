"""The parts of the benchmark that ask and act over HTTP, in small."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import acts, api, site
from bench.load import Times
from bench.seeding import patterns
from bench.story import moments


@pytest.mark.long
async def test_all_kinds_of_requests_are_answered_and_measured(tmp_path: Path) -> None:
    told = patterns(tmp_path, await moments(tmp_path / "story"))
    place = api.Place("sqlite", f"sqlite:///{tmp_path / 'yekuo.db'}")
    async with site.temporal(tmp_path) as client:
        times = await api.measured(place, client, tmp_path, told, cases=400, seconds=8)

    assert {one.key for one in api.results("sqlite", times)} == {
        "cases_list_p95_ms_sqlite",
        "cases_search_p95_ms_sqlite",
        "case_p95_ms_sqlite",
        "case_running_p95_ms_sqlite",
        "inbox_p95_ms_sqlite",
    }
    assert all(value > 0 for values in times.of.values() for value in values)


def test_ninety_five_of_a_hundred_do_not_exceed_p95() -> None:
    times = Times()
    times.of["list"] = [float(number) for number in range(100, 0, -1)]

    assert (times.p("list", 0.5), times.p("list", 0.95), times.p("list", 1)) == (50, 95, 100)


@pytest.mark.long
def test_the_next_task_comes_after_each_act(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "CASES", 1)
    monkeypatch.setattr(acts, "UNTIL", "dispatch_survey")

    found = acts.run()

    assert {one.key for one in found} == {"act_to_next_task_p50_ms", "act_to_next_task_p95_ms"}
    assert all(one.value > 0 for one in found)
