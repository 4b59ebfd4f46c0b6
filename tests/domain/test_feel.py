"""The working-day functions as FEEL calls them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from domain.calendar import WorkingCalendar
from domain.feel import feel_functions

FUNCTIONS = feel_functions(WorkingCalendar.shipped())
AFTER, BETWEEN = FUNCTIONS["working days after"], FUNCTIONS["working days between"]
REPLY = dt.date(2026, 1, 5)


@pytest.mark.parametrize(
    "date",
    [
        REPLY,
        dt.datetime.fromisoformat("2026-01-05T23:59"),
        dt.datetime(2026, 1, 4, 16, tzinfo=dt.UTC),
        "2026-01-05",
        "2026-01-05T08:00:00+08:00",
        "2026-01-04T16:00:00Z",
    ],
)
def test_a_day_may_be_a_date_an_instant_or_the_text_of_either(date: Any) -> None:
    assert AFTER(date, Decimal(30)) == dt.date(2026, 2, 14)


@pytest.mark.parametrize("n", [30, 30.0, Decimal(30), Decimal("30.0"), Decimal("3E+1")])
def test_the_number_of_days_may_be_of_any_numeric_type(n: Any) -> None:
    assert AFTER(REPLY, n) == dt.date(2026, 2, 14)


def test_days_between_are_a_feel_number() -> None:
    answer = BETWEEN(REPLY, "2026-02-14")

    assert (answer, type(answer)) == (Decimal(30), Decimal)


@pytest.mark.parametrize(
    ("date", "n", "message"),
    [
        (None, 1, "argument date is null, not a date"),
        (5, 1, "argument date is a number, not a date"),
        ("5 March", 1, 'argument date: "5 March" is not a date'),
        ("2026-02-30", 1, 'argument date: "2026-02-30" is not a date'),
        (["2026-01-05"], 1, "argument date is a list, not a date"),
        (REPLY, None, "argument n is null, not a number of days"),
        (REPLY, True, "argument n is a boolean, not a number of days"),
        (REPLY, "30", "argument n is text, not a number of days"),
        (REPLY, Decimal("1.5"), "argument n: 1.5 is not a whole number of days"),
        (REPLY, Decimal("NaN"), "argument n: NaN is not a whole number of days"),
        (REPLY, float("inf"), "argument n: inf is not a whole number of days"),
        (REPLY, Decimal("1E9"), "is not a whole number of days between"),
    ],
)
def test_a_wrong_argument_is_named(date: Any, n: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        AFTER(date, n)


def test_each_end_of_a_period_is_named_when_wrong() -> None:
    with pytest.raises(ValueError, match="argument b is null"):
        BETWEEN(REPLY, None)
