"""Which energizations the next four weeks are likely to bring."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from domain.outage.outlook import CaseStanding, Likely, OutlookWeek, outlook
from tests.domain.outage.made import at, row, rules

RULES = rules(
    outlook=[
        row(stage="竣工检验", probability=70, days=10),
        row(stage="装表送电", probability=95, days=0),
    ]
)
NOW = at(3, 10)


def ahead(*cases: CaseStanding) -> tuple[OutlookWeek, ...]:
    return outlook(cases, NOW, RULES)


def case(due: dt.datetime, stage: str = "装表送电", number: str = "YK1", feeder: str = "F1") -> CaseStanding:
    return CaseStanding(number, stage, feeder, (due,))


def weeks_of(*cases: CaseStanding) -> list[list[str]]:
    return [[one.case_no for one in week.cases] for week in ahead(*cases)]


def test_it_names_the_four_weeks_after_the_present_one() -> None:
    found = ahead()

    assert [week.week.id for week in found] == ["2026-W50", "2026-W51", "2026-W52", "2026-W53"]
    assert (found[0].start, found[0].end) == (at(8), at(15))
    assert all(week.cases == () and week.expected == 0 for week in found)


def test_a_case_is_expected_so_long_after_its_clocks_are_due_as_its_stage_says() -> None:
    (found,) = ahead(case(at(5), "竣工检验"))[0].cases

    assert found == Likely("YK1", "竣工检验", "F1", at(15), 70.0)


def test_the_last_of_its_clocks_counts() -> None:
    both = CaseStanding("YK1", "装表送电", "F1", (at(9), at(16, 12)))

    assert weeks_of(both) == [[], ["YK1"], [], []]


@pytest.mark.parametrize(
    ("due", "week"),
    [(at(8, 0, 1), 0), (at(15), 0), (at(15, 0, 1), 1), (at(36), 3)],
)
def test_the_end_of_a_week_belongs_to_it(due: dt.datetime, week: int) -> None:
    assert weeks_of(case(due))[week] == ["YK1"]


def test_a_case_that_is_overdue_is_expected_in_the_first_week() -> None:
    assert weeks_of(case(at(1))) == [["YK1"], [], [], []]


def test_a_case_expected_still_in_the_present_week_or_after_the_four_is_in_none() -> None:
    assert weeks_of(case(at(5)), case(at(8)), case(at(36, 1))) == [[], [], [], []]


def test_a_case_at_a_stage_without_a_row_or_without_a_clock_is_not_expected() -> None:
    assert weeks_of(case(at(9), "现场勘查"), CaseStanding("YK2", "装表送电", "F1", ())) == [[], [], [], []]


def test_a_week_adds_up_the_probabilities_and_names_feeders_that_several_cases_share() -> None:
    week = ahead(case(at(9), number="YK1"), case(at(-1), "竣工检验", "YK2"), case(at(9), number="YK3", feeder="F2"))[0]

    assert week.expected == pytest.approx(0.95 + 0.95 + 0.70)
    assert [one.case_no for one in week.cases] == ["YK1", "YK3", "YK2"]
    assert week.feeders == {"F1": ("YK1", "YK2"), "F2": ("YK3",)}


def test_the_shipped_table_speaks_of_stages_of_the_diagrams() -> None:
    drawn = "".join(path.read_text("utf-8") for path in Path("bpmn/processes").glob("*.bpmn"))

    assert all(f'value="{row.stage}"' in drawn for row in rules().outlook)
