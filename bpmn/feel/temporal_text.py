"""Dates, times and durations as text: ISO 8601 with FEEL's `@zone` (DMN 1.5, 10.3.2.3.4 to .9 and the @-literals)."""

from __future__ import annotations

import re

from bpmn.feel.temporal import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    add_days,
    find_zone,
    make_date,
)

_MAX_OFFSET = 18 * 3600
_DATE = re.compile(r"(-?)(\d{4}|[1-9]\d{4,8})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:(Z|z)|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([A-Za-z][\w+\-/]*))?", re.ASCII
)
_DAYS = re.compile(r"(-?)P(?:(\d+)D)?(?:(T)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?", re.ASCII)
_MONTHS = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?", re.ASCII)
_MAX_DIGITS = 18


def parse_date(text: str) -> Date | None:
    found = _DATE.fullmatch(text)
    return None if found is None else _date(found)


def _date(found: re.Match[str]) -> Date | None:
    sign, year, month, day = found.groups()
    return make_date(-int(year) if sign else int(year), int(month), int(day))


def parse_time(text: str) -> Time | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, second, fraction, utc, sign, hours, minutes, seconds, zone = found.groups()
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        return None
    nanos = int(hour) * HOUR + int(minute) * MINUTE + int(second) * SECOND + int((fraction or "").ljust(9, "0"))
    if zone is not None:
        return None if find_zone(zone) is None else Time(nanos, None, zone)
    if utc is not None:
        return Time(nanos, 0)
    if sign is None:
        return Time(nanos)
    offset = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
    if int(minutes) > 59 or int(seconds or 0) > 59 or offset > _MAX_OFFSET:
        return None
    return Time(nanos, -offset if sign == "-" else offset)


def parse_date_time(text: str) -> DateTime | None:
    """A date and time, or a date alone, which is its midnight."""
    found = _DATE.match(text)
    date = None if found is None else _date(found)
    if found is None or date is None:
        return None
    rest = text[found.end() :]
    if not rest:
        return DateTime(date, 0)
    if not rest.startswith("T"):
        return None
    clock = rest[1:]
    if clock.startswith("24:00:00"):
        return _end_of_day(date, clock)
    time = parse_time(clock)
    return None if time is None else DateTime(date, time.nanos, time.offset, time.zone)


def _end_of_day(date: Date, clock: str) -> DateTime | None:
    time = parse_time("00" + clock[2:])
    tomorrow = add_days(date, 1)
    if time is None or tomorrow is None or time.nanos:
        return None
    return DateTime(tomorrow, 0, time.offset, time.zone)


def parse_duration(text: str) -> DaysDuration | MonthsDuration | None:
    if len(text) > 200:
        return None
    months = _parse_months(text)
    return _parse_days(text) if months is None else months


def _parse_months(text: str) -> MonthsDuration | None:
    found = _MONTHS.fullmatch(text)
    if found is None:
        return None
    sign, years, months = found.groups()
    if (years is None and months is None) or max(len(years or ""), len(months or "")) > _MAX_DIGITS:
        return None
    total = int(years or 0) * 12 + int(months or 0)
    return MonthsDuration(-total if sign else total)


def _parse_days(text: str) -> DaysDuration | None:
    found = _DAYS.fullmatch(text)
    if found is None:
        return None
    sign, days, clock, hours, minutes, seconds, fraction = found.groups()
    parts = (days, hours, minutes, seconds)
    if all(part is None for part in parts) or any(len(part or "") > _MAX_DIGITS for part in parts):
        return None
    if clock is not None and hours is None and minutes is None and seconds is None:
        return None
    nanos = int(days or 0) * DAY + int(hours or 0) * HOUR + int(minutes or 0) * MINUTE + int(seconds or 0) * SECOND
    nanos += int((fraction or "")[:9].ljust(9, "0"))
    return DaysDuration(-nanos if sign else nanos)


def parse_temporal(text: str) -> Date | DateTime | Time | DaysDuration | MonthsDuration | None:
    """What an @-literal with that text stands for; None where it is none of them."""
    return (
        parse_date(text) or (parse_date_time(text) if "T" in text else None) or parse_time(text) or parse_duration(text)
    )


def format_date(value: Date) -> str:
    sign = "-" if value.year < 0 else ""
    return f"{sign}{abs(value.year):04d}-{value.month:02d}-{value.day:02d}"


def format_time(value: Time) -> str:
    seconds, fraction = divmod(value.nanos, SECOND)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{_fraction(fraction)}"
    if value.zone is not None:
        return f"{text}@{value.zone}"
    return text if value.offset is None else text + _offset(value.offset)


def format_date_time(value: DateTime) -> str:
    return f"{format_date(value.date)}T{format_time(value.time())}"


def format_days(value: DaysDuration) -> str:
    sign, nanos = ("-" if value.nanos < 0 else ""), abs(value.nanos)
    days, nanos = divmod(nanos, DAY)
    hours, nanos = divmod(nanos, HOUR)
    minutes, nanos = divmod(nanos, MINUTE)
    seconds, fraction = divmod(nanos, SECOND)
    clock = f"{hours}H" if hours else ""
    clock += f"{minutes}M" if minutes else ""
    clock += f"{seconds}{_fraction(fraction)}S" if seconds or fraction else ""
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{sign}P{text}" if text else "PT0S"


def format_months(value: MonthsDuration) -> str:
    sign, months = ("-" if value.months < 0 else ""), abs(value.months)
    years, months = divmod(months, 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return f"{sign}P{text}" if text else "P0M"


def format_temporal(value: object) -> str | None:
    """The ISO text of a date, time, date and time or duration; None for anything else."""
    match value:
        case Date():
            return format_date(value)
        case DateTime():
            return format_date_time(value)
        case Time():
            return format_time(value)
        case DaysDuration():
            return format_days(value)
        case MonthsDuration():
            return format_months(value)
    return None


def _fraction(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def _offset(offset: int) -> str:
    if offset == 0:
        return "Z"
    sign, seconds = ("-" if offset < 0 else "+"), abs(offset)
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text
