"""Amounts, numbers and dates in Chinese."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.chinese import (
    business_date,
    capital_amount,
    grouped_amount,
    months_later,
    numeral,
    numeral_date,
    plain_number,
    written_date,
    written_moment,
)

DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("yuan", "words"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("0.53", "伍角叁分"),
        ("1", "壹元整"),
        ("10", "壹拾元整"),
        ("16", "壹拾陆元整"),
        ("100", "壹佰元整"),
        ("101", "壹佰零壹元整"),
        ("110", "壹佰壹拾元整"),
        ("1001", "壹仟零壹元整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元零叁角贰分"),
        ("107000.53", "壹拾万柒仟元零伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("10000", "壹万元整"),
        ("10001", "壹万零壹元整"),
        ("100500", "壹拾万零伍佰元整"),
        ("20000000", "贰仟万元整"),
        ("100000000", "壹亿元整"),
        ("100000001", "壹亿零壹元整"),
        ("100010000", "壹亿零壹万元整"),
        ("1200005000", "壹拾贰亿零伍仟元整"),
        ("1000000000000", "壹万亿元整"),
        ("1050000000000.01", "壹万零伍佰亿元零壹分"),
        ("1234567890123.45", "壹万贰仟叁佰肆拾伍亿陆仟柒佰捌拾玖万零壹佰贰拾叁元肆角伍分"),
    ],
)
def test_an_amount_is_written_in_capitals_as_the_bank_rules_say(yuan: str, words: str) -> None:
    assert capital_amount(Decimal(yuan)) == words


@given(st.integers(0, 10**18 - 1))
def test_capitals_read_back_give_the_amount(cents: int) -> None:
    amount = Decimal(cents) / 100

    assert _read(capital_amount(amount)) == amount


@given(st.integers(0, 10**18 - 1))
def test_capitals_never_have_two_zeros_in_a_row(cents: int) -> None:
    assert "零零" not in capital_amount(Decimal(cents) / 100)


@pytest.mark.parametrize("yuan", ["-0.01", "0.001", "10000000000000000"])
def test_what_cannot_be_written_in_capitals_is_refused(yuan: str) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        capital_amount(Decimal(yuan))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "零"),
        (2, "二"),
        (10, "十"),
        (12, "十二"),
        (24, "二十四"),
        (105, "一百零五"),
        (110, "一百一十"),
        (1001, "一千零一"),
    ],
)
def test_a_number_is_written_in_numerals(number: int, words: str) -> None:
    assert numeral(number) == words


def test_a_negative_number_has_no_numerals() -> None:
    with pytest.raises(ValueError, match="negative"):
        numeral(-1)


def test_dates_are_written_in_figures_and_in_numerals() -> None:
    day = date(2026, 10, 20)

    assert (written_date(day), numeral_date(day)) == ("2026年10月20日", "二〇二六年十月二十日")


def test_a_moment_is_written_in_chinese_time_with_two_digits_of_minutes() -> None:
    assert written_moment(datetime(2026, 3, 4, 16, 5, tzinfo=UTC)) == "2026年3月5日0时05分"


def test_figures_are_grouped_and_keep_two_decimals() -> None:
    assert grouped_amount(Decimal("1286500.3")) == "1,286,500.30"


@pytest.mark.parametrize(("number", "text"), [("6.3E+3", "6300"), ("0.90", "0.9"), ("10", "10"), ("100.00", "100")])
def test_a_plain_number_has_no_exponent_and_no_idle_zeros(number: str, text: str) -> None:
    assert plain_number(Decimal(number)) == text


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-03-04T16:30:00+00:00", date(2026, 3, 5)),
        ("2026-03-04T23:59:59+08:00", date(2026, 3, 4)),
        ("2026-03-05T00:30:00+08:00", date(2026, 3, 5)),
    ],
)
def test_the_business_date_is_the_day_in_china(instant: str, day: date) -> None:
    assert business_date(instant) == day


def test_an_instant_without_offset_has_no_business_date() -> None:
    with pytest.raises(ValueError, match="no offset"):
        business_date("2026-03-05T00:30:00")


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2026, 3, 9), 12, date(2027, 3, 9)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 10, 15), 3, date(2027, 1, 15)),
    ],
)
def test_a_period_of_months_ends_on_the_same_day_or_the_month_s_last(day: date, months: int, last: date) -> None:
    assert months_later(day, months) == last


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 120))
def test_a_period_of_months_is_never_longer_than_its_months(day: date, months: int) -> None:
    last = months_later(day, months)

    assert (last.year - day.year) * 12 + last.month - day.month == months
    assert last.day == day.day or (last + timedelta(1)).day == 1


def _read(words: str) -> Decimal:
    whole, fraction = words.split("元") if "元" in words else ("", words)
    tenths = DIGITS[fraction[fraction.index("角") - 1]] if "角" in fraction else 0
    hundredths = DIGITS[fraction[fraction.index("分") - 1]] if "分" in fraction else 0
    return _whole(whole) + Decimal(tenths) / 10 + Decimal(hundredths) / 100


def _whole(words: str) -> int:
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        if unit in words:
            high, low = words.rsplit(unit, 1) if unit == "亿" else words.split(unit, 1)
            return _whole(high) * size + _whole(low)
    total = digit = 0
    for letter in words:
        if letter in UNITS:
            total, digit = total + digit * UNITS[letter], 0
        else:
            digit = DIGITS[letter]
    return total + digit
