"""Cron expressions: what they mean, and that nothing between two instants matches (Spring, Camunda 8, crontab(5))."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bpmn import cron
from bpmn.options import SHANGHAI

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 9, 30, 15, tzinfo=SHANGHAI)
"""A Monday."""


def first(text: str, count: int = 1, after: datetime = NOW, zone: ZoneInfo = SHANGHAI) -> list[str]:
    """The first instants of an expression, as the clock of the zone shows them."""
    found: list[str] = []
    for _ in range(count):
        following = cron.parse(text).following(after, zone)
        assert following is not None
        after = following
        found.append(f"{after.astimezone(zone):%Y-%m-%d %H:%M:%S}")
    return found


@pytest.mark.parametrize(
    ("text", "instants"),
    [
        ("* * * * * *", ["2026-03-02 09:30:16", "2026-03-02 09:30:17"]),
        ("0 0 9-17 * * MON-FRI", ["2026-03-02 10:00:00", "2026-03-02 11:00:00"]),
        ("0 0 9 * * mon-fri", ["2026-03-03 09:00:00"]),
        ("0 0 9 * * FRI-SUN", ["2026-03-06 09:00:00", "2026-03-07 09:00:00", "2026-03-08 09:00:00"]),
        ("0 0 9 * * SUN-TUE", ["2026-03-03 09:00:00", "2026-03-08 09:00:00", "2026-03-09 09:00:00"]),
        ("0 0 9 ? * 0,7", ["2026-03-08 09:00:00", "2026-03-15 09:00:00"]),
        ("0 */20 * * * *", ["2026-03-02 09:40:00", "2026-03-02 10:00:00"]),
        ("0 5/25 * * * *", ["2026-03-02 09:55:00", "2026-03-02 10:05:00", "2026-03-02 10:30:00"]),
        ("0 10-40/15 * * * *", ["2026-03-02 09:40:00", "2026-03-02 10:10:00"]),
        ("15,45 30 9 2 3 ?", ["2026-03-02 09:30:45", "2027-03-02 09:30:15"]),
        ("0 0 0 L * *", ["2026-03-31 00:00:00", "2026-04-30 00:00:00"]),
        ("0 0 0 L-3 * *", ["2026-03-28 00:00:00", "2026-04-27 00:00:00"]),
        ("0 0 0 LW * *", ["2026-03-31 00:00:00", "2026-04-30 00:00:00", "2026-05-29 00:00:00"]),
        ("0 0 0 15W * *", ["2026-03-16 00:00:00", "2026-04-15 00:00:00", "2026-05-15 00:00:00"]),
        ("0 0 0 1W * *", ["2026-04-01 00:00:00", "2026-05-01 00:00:00", "2026-06-01 00:00:00"]),
        ("0 0 0 1W AUG *", ["2026-08-03 00:00:00"]),
        ("0 0 0 31W 5 *", ["2026-05-29 00:00:00"]),
        ("0 0 0 * * FRIL", ["2026-03-27 00:00:00", "2026-04-24 00:00:00"]),
        ("0 0 0 * * 5#2", ["2026-03-13 00:00:00", "2026-04-10 00:00:00"]),
        ("0 0 0 ? * MON#1,FRI#3", ["2026-03-20 00:00:00", "2026-04-06 00:00:00"]),
        ("0 0 0 13 * FRI", ["2026-03-13 00:00:00", "2026-11-13 00:00:00"]),
        ("0 0 0 29 2 *", ["2028-02-29 00:00:00", "2032-02-29 00:00:00"]),
        ("0 0 13 * FRI", ["2026-03-06 00:00:00", "2026-03-13 00:00:00", "2026-03-20 00:00:00"]),
        ("30 9 * * *", ["2026-03-03 09:30:00"]),
        ("@hourly", ["2026-03-02 10:00:00"]),
        ("@daily", ["2026-03-03 00:00:00"]),
        ("@midnight", ["2026-03-03 00:00:00"]),
        ("@weekly", ["2026-03-08 00:00:00"]),
        ("@monthly", ["2026-04-01 00:00:00"]),
        ("@yearly", ["2027-01-01 00:00:00"]),
        ("@annually", ["2027-01-01 00:00:00"]),
    ],
)
def test_an_expression_says_these_instants(text: str, instants: list[str]) -> None:
    assert first(text, len(instants)) == instants


WRONG = """
    * * * *;  * * * * * * *;  60 * * * * *;  * * 24 * * *;  * * * 0 * *;  * * * 32 * *;  * * * * 13 *;  * * * * * 8
    * * 5-3 * * *;  */0 * * * * *;  -1 * * * * *;  a * * * * *;  * * * * MARCH *;  1, * * * * *;  * * * * * L
    * * * * * FRI#6;  * * * L-31 * *;  * * * 40W * *;  * * * * * 9L;  @reboot;  * * * * * MON-;  ? * * * * *
    1/ * * * * *;  1-2-3 * * * * *;  */5/5 * * * * *;  ¹ * * * * *
"""


@pytest.mark.parametrize("text", ["", *(text.strip() for text in WRONG.strip().replace("\n", ";").split(";"))])
def test_what_is_no_cron_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"cron expression|lies not between|before every month|fields, not six"):
        cron.parse(text)


def test_a_day_that_no_calendar_has_is_never_due() -> None:
    assert cron.parse("0 0 0 30 2 *").following(NOW, SHANGHAI) is None
    assert cron.parse("@yearly").following(datetime(9999, 6, 1, tzinfo=UTC), SHANGHAI) is None


def test_an_hour_that_the_clock_skips_is_left_out() -> None:
    after = datetime(2026, 3, 28, 12, tzinfo=BERLIN)

    assert first("0 30 2 * * *", 2, after, BERLIN) == ["2026-03-30 02:30:00", "2026-03-31 02:30:00"]


def test_an_hour_that_the_clock_shows_twice_counts_once() -> None:
    after = datetime(2026, 10, 24, 12, tzinfo=BERLIN)
    following = cron.parse("0 30 2 * * *").following(after, BERLIN)
    assert following is not None
    assert following.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    assert first("0 30 2 * * *", 1, following, BERLIN) == ["2026-10-26 02:30:00"]
    assert first("0 */20 * * * *", 3, following, BERLIN) == [
        "2026-10-25 02:40:00",
        "2026-10-25 03:00:00",
        "2026-10-25 03:20:00",
    ]


# -- properties ------------------------------------------------------------------------------------------------------


@st.composite
def fields(draw: st.DrawFn, least: int, most: int) -> tuple[str, frozenset[int]]:
    """A field of numbers, and the numbers that it means."""
    items, meant = [], frozenset[int]()
    for _ in range(draw(st.integers(1, 2))):
        low = draw(st.integers(least, most))
        high = draw(st.integers(low, most))
        step = draw(st.integers(1, most - least))
        text, numbers = draw(
            st.sampled_from(
                [
                    ("*", range(least, most + 1)),
                    (f"{low}", range(low, low + 1)),
                    (f"{low}-{high}", range(low, high + 1)),
                    (f"{low}-{high}/{step}", range(low, high + 1, step)),
                    (f"{low}/{step}", range(low, most + 1, step)),
                    (f"*/{step}", range(least, most + 1, step)),
                ]
            )
        )
        items.append(text)
        meant |= frozenset(numbers)
    return ",".join(items), meant


@st.composite
def expressions(draw: st.DrawFn) -> tuple[str, list[frozenset[int]]]:
    """An expression of six fields, and what each means; weekdays from Monday, 1, to Sunday, 7."""
    found = [draw(fields(*bounds)) for bounds in ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 7))]
    *others, weekdays = [meant for _, meant in found]
    return " ".join(text for text, _ in found), [*others, frozenset(number or 7 for number in weekdays)]


def matches(instant: datetime, meant: list[frozenset[int]]) -> bool:
    local = instant.astimezone(SHANGHAI)
    shown = (local.second, local.minute, local.hour, local.day, local.month, local.isoweekday())
    return all(number in numbers for number, numbers in zip(shown, meant, strict=True))


INSTANTS = st.timedeltas(timedelta(0), timedelta(days=36500)).map(
    lambda passed: datetime(2000, 1, 1, tzinfo=UTC) + passed
)


@settings(deadline=None, max_examples=200)
@given(expressions(), INSTANTS)
def test_the_next_instant_is_after_and_matches_every_field(
    expression: tuple[str, list[frozenset[int]]], after: datetime
) -> None:
    text, meant = expression

    following = cron.parse(text).following(after, SHANGHAI)

    assume(following)
    assert following is not None
    assert following > after
    assert following.microsecond == 0
    assert matches(following, meant)


@settings(deadline=None, max_examples=100)
@given(expressions(), INSTANTS, st.integers(1, 3000))
def test_no_instant_between_matches(
    expression: tuple[str, list[frozenset[int]]], after: datetime, seconds: int
) -> None:
    text, meant = expression
    following = cron.parse(text).following(after, SHANGHAI)
    assume(following)
    assert following is not None
    start = after.replace(microsecond=0)
    early = (start + timedelta(seconds=n) for n in range(1, seconds))
    late = (following - timedelta(seconds=n) for n in range(1, seconds))

    for between in (*early, *late):
        assert not (after < between < following and matches(between, meant)), between


@settings(deadline=None, max_examples=100)
@given(expressions(), INSTANTS)
def test_the_next_day_that_has_an_instant_is_the_first_that_matches(
    expression: tuple[str, list[frozenset[int]]], after: datetime
) -> None:
    text, meant = expression
    following = cron.parse(text).following(after, SHANGHAI)
    assume(following)
    assert following is not None
    _, _, _, days, months, weekdays = meant
    day = after.astimezone(SHANGHAI).date() + timedelta(days=1)

    while day < following.astimezone(SHANGHAI).date():
        assert not (day.day in days and day.month in months and day.isoweekday() in weekdays), day
        day += timedelta(days=1)
