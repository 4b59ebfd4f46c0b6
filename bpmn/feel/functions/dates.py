"""Date and time functions (DMN 1.5, tables 73, 78 and 79)."""

from __future__ import annotations

import datetime as py
from decimal import Decimal
from typing import Any

from bpmn.feel.environment import Run
from bpmn.feel.functions.registry import builtin, fail
from bpmn.feel.temporal import (
    HOUR,
    MINUTE,
    SECOND,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    at_instant,
    days_from_civil,
    days_in_month,
    find_zone,
    from_python,
    make_date,
    midnight,
    months_between,
)
from bpmn.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time

_MAX_OFFSET = 18 * 3600
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@builtin("date", "from:string|date|date and time")
def date_from(run: Run, value: Any) -> Any:
    if isinstance(value, DateTime):
        return value.date
    result = parse_date(value) if isinstance(value, str) else value
    return fail(run, f"date: «{value}» is no date; write yyyy-mm-dd") if result is None else result


@builtin("date", "year:number", "month:number", "day:number")
def date_of(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Any:
    result = _date(year, month, day)
    return fail(run, f"date: there is no day {year}-{month}-{day}") if result is None else result


def _date(year: Decimal, month: Decimal, day: Decimal) -> Date | None:
    parts = [_whole(part) for part in (year, month, day)]
    return None if None in parts else make_date(*(part for part in parts if part is not None))


def _whole(number: Decimal) -> int | None:
    return int(number) if number == number.to_integral_value() and abs(number) < 10**12 else None


@builtin("time", "from:string|time|date and time|date")
def time_from(run: Run, value: Any) -> Any:
    if isinstance(value, Date):
        return midnight(value).time()
    if isinstance(value, DateTime):
        return value.time()
    result = parse_time(value) if isinstance(value, str) else value
    return fail(run, f"time: «{value}» is no time; write hh:mm:ss") if result is None else result


@builtin("time", "hour:number", "minute:number", "second:number", "offset:days and time duration=?")
def time_of(run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None = None) -> Any:
    result = _time(hour, minute, second, offset)
    return fail(run, f"time: there is no time {hour}:{minute}:{second} with that offset") if result is None else result


def _time(hour: Decimal, minute: Decimal, second: Decimal, offset: DaysDuration | None) -> Time | None:
    hours, minutes = _whole(hour), _whole(minute)
    if hours is None or minutes is None or not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= second < 60):
        return None
    nanos = hours * HOUR + minutes * MINUTE + int(second * SECOND)
    if offset is None:
        return Time(nanos)
    seconds, rest = divmod(offset.nanos, SECOND)
    return None if rest or abs(seconds) > _MAX_OFFSET else Time(nanos, seconds)


@builtin("date and time", "from:string|date and time|date")
def date_and_time_from(run: Run, value: Any) -> Any:
    if isinstance(value, Date):
        return midnight(value)
    result = parse_date_time(value) if isinstance(value, str) else value
    return fail(run, f"date and time: «{value}» is none; write yyyy-mm-ddThh:mm:ss") if result is None else result


@builtin("date and time", "date:date|date and time", "time:time")
def date_and_time_of(_run: Run, date: Any, time: Time) -> Any:
    day = date.date if isinstance(date, DateTime) else date
    return DateTime(day, time.nanos, time.offset, time.zone)


@builtin("date and time", "date and time:date and time", "timezone:string")
def date_and_time_in_zone(run: Run, value: DateTime, zone: str) -> Any:
    """The same instant as a clock in `zone` shows it (Camunda)."""
    if find_zone(zone) is None:
        return fail(run, f"date and time: there is no zone «{zone}»")
    return at_instant(value.instant(), None, zone)


@builtin(
    "date and time",
    "year:number",
    "month:number",
    "day:number",
    "hour:number",
    "minute:number",
    "second:number",
    "offset:days and time duration=?",
)
def date_and_time_of_parts(
    run: Run,
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    offset: DaysDuration | None = None,
) -> Any:
    date, time = _date(year, month, day), _time(hour, minute, second, offset)
    if date is None or time is None:
        return fail(run, "date and time: there is no such day or time")
    return DateTime(date, time.nanos, time.offset)


@builtin(
    "date and time",
    "year:number",
    "month:number",
    "day:number",
    "hour:number",
    "minute:number",
    "second:number",
    "timezone:string",
)
def date_and_time_of_parts_in_zone(
    run: Run,
    year: Decimal,
    month: Decimal,
    day: Decimal,
    hour: Decimal,
    minute: Decimal,
    second: Decimal,
    zone: str,
) -> Any:
    date, time = _date(year, month, day), _time(hour, minute, second, None)
    if date is None or time is None or find_zone(zone) is None:
        return fail(run, "date and time: there is no such day, time or zone")
    return DateTime(date, time.nanos, None, zone)


@builtin("duration", "from:string|days and time duration|years and months duration")
def duration(run: Run, value: Any) -> Any:
    result = parse_duration(value) if isinstance(value, str) else value
    return fail(run, f"duration: «{value}» is none; write P1D, PT2H or P1Y2M") if result is None else result


@builtin("years and months duration", "from:date|date and time", "to:date|date and time")
def years_and_months_duration(_run: Run, start: Any, end: Any) -> Any:
    return MonthsDuration(months_between(start, end))


@builtin("now")
def now(run: Run) -> Any:
    """The instant of the evaluation, in the environment's zone."""
    return from_python(run.env.now.astimezone(run.env.zone))


@builtin("today")
def today(run: Run) -> Any:
    """The day of the evaluation in the environment's zone."""
    return from_python(run.env.now.astimezone(run.env.zone).date())


def _day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


@builtin("day of year", "date:date|date and time")
def day_of_year(_run: Run, value: Any) -> Any:
    day = _day(value)
    return Decimal(day.ordinal() - days_from_civil(day.year, 1, 1) + 1)


@builtin("day of week", "date:date|date and time")
def day_of_week(_run: Run, value: Any) -> Any:
    return _WEEKDAYS[(_day(value).ordinal() + 3) % 7]


@builtin("month of year", "date:date|date and time")
def month_of_year(_run: Run, value: Any) -> Any:
    return _MONTHS[_day(value).month - 1]


@builtin("week of year", "date:date|date and time")
def week_of_year(_run: Run, value: Any) -> Any:
    """The week by ISO 8601: the first one holds the year's first Thursday."""
    day = _day(value)
    same_calendar = 2000 + (day.year - 2000) % 400
    return Decimal(py.date(same_calendar, day.month, day.day).isocalendar().week)


@builtin("last day of month", "date:date|date and time")
def last_day_of_month(_run: Run, value: Any) -> Any:
    """The last day of the date's month (Camunda)."""
    day = _day(value)
    return Date(day.year, day.month, days_in_month(day.year, day.month))
