"""Every scenario of `make demo` comes to the end that it must have: once each time, from six dates in the long run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from demo.ends import checked
from demo.play import play, prepare, time_skipping
from demo.report import as_json, reports
from demo.scenario import NAMES, read_scenario

STARTS = {
    "before 国庆": date(2026, 9, 24),
    "across 春节": date(2026, 2, 2),
    "into a year without a notice": date(2026, 11, 23),
    "across New Year": date(2025, 12, 29),
    "on a holiday": date(2026, 10, 1),
}


async def comes_to_its_end(folder: Path, name: str, start: date | None) -> None:
    scenario = read_scenario(name, start)
    async with time_skipping() as server:
        stage = prepare(server, folder)
        numbers = await play(stage, scenario)
    told = reports(stage, scenario, numbers, folder / "papers")

    ends = checked(stage, scenario, told)

    assert ends
    assert [end.says for end in ends if not end.holds] == []
    assert {row["case"] for row in as_json(told)["steps"]} == set(numbers)


@pytest.mark.parametrize("name", NAMES[1:])  # the first is played by test_demo
async def test_a_scenario_ends_as_it_must(tmp_path: Path, name: str) -> None:
    await comes_to_its_end(tmp_path, name, None)


@pytest.mark.long
@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("name", NAMES)
async def test_a_scenario_ends_as_it_must_from_any_date(tmp_path: Path, name: str, start: date) -> None:
    await comes_to_its_end(tmp_path, name, start)


def test_the_plan_begins_where_no_holiday_moves_its_cut_off() -> None:
    scenario = read_scenario("outage-conflict", date(2026, 9, 24))

    assert scenario.start == date(2026, 10, 12)
    assert scenario.plans == {"第一周": "2026-W43", "第二周": "2026-W44"}
