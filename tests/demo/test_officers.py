"""What officers enter follows from the story, and who enters it from the department that the task is for."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from demo.officers import PEOPLE, SIX, Book, application, in_arrears
from demo.scenario import Act, Scenario, read_scenario_in_one_day
from domain.chinese import BUSINESS_ZONE
from domain.departments import DEPARTMENTS, PROVINCE

DAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read_scenario_in_one_day("10kv", DAY)


def test_all_of_a_story_in_one_day_happens_on_it(scenario: Scenario) -> None:
    assert {act.at.date() for act in scenario.acts} == {DAY}
    (switching, *_) = (act for act in scenario.acts if isinstance(act, Act) and act.element == "record_switching")
    assert switching.data["orderedAt"] == "2026-11-24T10:05+08:00"


def test_an_opinion_goes_to_the_department_that_gives_it(scenario: Scenario) -> None:
    book = Book(scenario)
    entries = [book.take("review_opinion", [department]) for department in ("dispatch", "planning", "operations")]

    assert [entry and entry.data["reviewer"] for entry in entries] == ["何静", "周凯", "马超"]


def test_entries_of_an_element_come_in_the_order_of_the_story_and_then_no_more(scenario: Scenario) -> None:
    book = Book(scenario)
    plans = [book.take("draft_supply_plan", ["marketing"]) for _ in range(3)]

    assert [plan and plan.data["planVersion"] for plan in plans] == ["1", "2", None]


def test_only_what_is_entered_late_says_when_it_happened(scenario: Scenario) -> None:
    book = Book(scenario, late={"dispatch_survey": datetime(2026, 10, 9, 14, tzinfo=BUSINESS_ZONE)})
    late, other = book.take("dispatch_survey", ["marketing"]), book.take("give_notice", ["marketing"])

    assert late
    assert other
    assert late.body()["happened_at"] == "2026-10-09T14:00:00+08:00"
    assert late.body()["late_reason"]
    assert set(other.body()) == {"data"}


def test_a_reminder_is_there_for_every_time_papers_are_supplied(scenario: Scenario) -> None:
    book = Book(scenario, more=in_arrears(scenario))
    reminders = [book.take("remind_papers", ["marketing"]) for _ in range(3)]

    assert [reminder is None for reminder in reminders] == [False, False, True]


def test_the_application_leaves_the_number_to_the_company(scenario: Scenario) -> None:
    told = application(scenario, county="宣化区")

    assert "caseNo" not in told
    assert (told["receivedAt"], told["county"]) == ("2026-11-24T08:30:00+08:00", "宣化区")


def test_somebody_sits_for_every_department_and_everybody_in_the_story_has_one(scenario: Scenario) -> None:
    assert {name for officer in SIX for name in officer.departments} == set(DEPARTMENTS) - {"customer", *PROVINCE}
    assert {act.by for act in scenario.acts if isinstance(act, Act)} <= set(PEOPLE)
