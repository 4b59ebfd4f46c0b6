"""Case numbers: each application has one, numbers of a year follow each other, and who asks twice is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storage.answers import KeyTaken
from storage.database import Database
from storage.openings import case_number, same_place
from tests.storage.filling import fill

NOW = datetime(2026, 3, 5, 2, tzinfo=UTC)


def number(
    database: Database, key: str, content: str = "an application", caller: str = "wang", year: int = 2026
) -> str:
    with database.transaction() as session:
        return case_number(session, caller, key, content, year, "YK-{year}-{n:04d}", NOW)


def test_numbers_of_a_year_follow_each_other_and_begin_anew_with_the_next(database: Database) -> None:
    assert [number(database, "a"), number(database, "b"), number(database, "c", year=2027)] == [
        "YK-2026-0001",
        "YK-2026-0002",
        "YK-2027-0001",
    ]


def test_the_same_application_keeps_its_number_and_anothers_key_is_its_own(database: Database) -> None:
    assert number(database, "a") == number(database, "a")
    assert number(database, "a") != number(database, "a", caller="li")


def test_a_key_is_good_for_one_application(database: Database) -> None:
    number(database, "a")

    with pytest.raises(KeyTaken):
        number(database, "a", "another application")


def test_running_cases_of_the_same_customer_at_the_same_address_are_told(database: Database) -> None:
    fill(database, 2)

    with database.session() as session:
        assert same_place(session, "客户1", "规划路1号", "YK-9") == ["YK-1"]
        assert same_place(session, "客户1", "规划路1号", "YK-1") == []
        assert same_place(session, "客户1", "规划路2号", "YK-9") == []
