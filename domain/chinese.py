"""Amounts, numbers and dates as Chinese business papers write them."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")

_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_CAPITAL_UNITS = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))
_NUMERALS = "零一二三四五六七八九"
_NUMERAL_UNITS = ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十"))
_YEAR_DIGITS = "〇一二三四五六七八九"
_LARGEST = Decimal(10**16)


def capital_amount(yuan: Decimal) -> str:
    """An amount in Chinese capitals 人民币大写, e.g. 1409.50 as 壹仟肆佰零玖元伍角整.

    Rules of the People's Bank (支付结算办法, annex 1): several zeros in a row are one 零; 零 stands after 元 when the
    whole part ends in 0 or the tenths are 0; 整 ends what has no 分. Raises `ValueError` for a negative amount, more
    than two decimals, or 10^16 yuan and beyond.
    """
    if not 0 <= yuan < _LARGEST or yuan != round(yuan, 2):
        raise ValueError(f"{yuan} cannot be written in capitals")
    whole, cents = divmod(int(yuan * 100), 100)
    tenths, hundredths = divmod(cents, 10)
    words = _spell(whole, _CAPITALS, _CAPITAL_UNITS) + "元" if whole or not cents else ""
    if words and cents and (not tenths or whole % 10 == 0):
        words += "零"
    if tenths:
        words += _CAPITALS[tenths] + "角"
    return words + (_CAPITALS[hundredths] + "分" if hundredths else "整")


def numeral(number: int) -> str:
    """A whole number in Chinese numerals, e.g. 12 as 十二 and 105 as 一百零五; `ValueError` below zero."""
    if number < 0:
        raise ValueError(f"{number} is negative")
    words = _spell(number, _NUMERALS, _NUMERAL_UNITS)
    return words.removeprefix("一") if words.startswith("一十") else words


def grouped_amount(yuan: Decimal) -> str:
    """An amount in figures with two decimals, e.g. 1,286,500.00."""
    return f"{yuan:,.2f}"


def plain_number(number: Decimal) -> str:
    """A number without exponent and without zeros that say nothing, e.g. 6.30E+3 as 6300."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def written_date(day: date) -> str:
    """A date as papers bear it, e.g. 2026年3月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def written_moment(moment: datetime) -> str:
    """A day and its time of day as papers bear them, in Chinese time, e.g. 2026年3月5日8时05分."""
    local = moment.astimezone(BUSINESS_ZONE)
    return f"{written_date(local)}{local.hour}时{local.minute:02d}分"


def numeral_date(day: date) -> str:
    """A date in Chinese numerals, e.g. 二〇二六年三月五日."""
    year = "".join(_YEAR_DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{numeral(day.month)}月{numeral(day.day)}日"


def business_date(instant: str) -> date:
    """The Chinese calendar day of an ISO 8601 instant; `ValueError` when it has no offset."""
    moment = datetime.fromisoformat(instant)
    if moment.tzinfo is None:
        raise ValueError(f"{instant} has no offset")
    return moment.astimezone(BUSINESS_ZONE).date()


def months_later(day: date, months: int) -> date:
    """The last day of a period of `months` that begins on `day`: the same day of the month, or the month's last.

    The first day is not counted (民法典 201, 202).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _spell(number: int, digits: str, units: Sequence[tuple[int, str]]) -> str:
    for size, unit in units:
        if number >= size:
            high, low = divmod(number, size)
            gap = digits[0] if 0 < low < size // 10 else ""
            return _spell(high, digits, units) + unit + gap + (_spell(low, digits, units) if low else "")
    return digits[number]
