"""FEEL's dates, times and durations (DMN 1.5, 10.3.2.3.4 to .9).

Own types, because Python's know no year outside 1 to 9999, no nanoseconds, and no time with a zone's name. Values are
exact: whole nanoseconds, whole seconds of offset, whole months.
"""

from __future__ import annotations

import datetime as py
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SECOND = 1_000_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
MIN_YEAR, MAX_YEAR = -999_999_999, 999_999_999
_EPOCH = py.date(1970, 1, 1).toordinal()
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097


@dataclass(frozen=True, slots=True)
class Date:
    year: int
    month: int
    day: int

    def ordinal(self) -> int:
        """Days since 1970-01-01 in the Gregorian calendar, carried on before its beginning."""
        return days_from_civil(self.year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day: `nanos` since midnight, with an `offset` (seconds east of Greenwich), IANA `zone` or neither."""

    nanos: int
    offset: int | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date with a time of day: an instant where offset or zone are known, else what the reader's clock shows."""

    date: Date
    nanos: int
    offset: int | None = None
    zone: str | None = None

    def utc_offset(self) -> int | None:
        """Seconds east of Greenwich at this instant; None where neither offset nor zone is known."""
        if self.zone is None:
            return self.offset
        return zone_offset(self.zone, self.date, self.nanos)

    def instant(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z; one without offset is taken as UTC."""
        return self.date.ordinal() * DAY + self.nanos - (self.utc_offset() or 0) * SECOND

    def time(self) -> Time:
        return Time(self.nanos, self.offset, self.zone)


@dataclass(frozen=True, slots=True)
class DaysDuration:
    """A days and time duration."""

    nanos: int


@dataclass(frozen=True, slots=True)
class MonthsDuration:
    """A years and months duration."""

    months: int


def days_from_civil(year: int, month: int, day: int) -> int:
    cycles, year_of_cycle = divmod(year - 2000, _CYCLE_YEARS)
    return cycles * _CYCLE_DAYS + py.date(2000 + year_of_cycle, month, day).toordinal() - _EPOCH


def civil_from_days(ordinal: int) -> Date | None:
    """The date that many days after 1970-01-01; None outside FEEL's years."""
    cycles, day_of_cycle = divmod(ordinal + _EPOCH - _CYCLE_START, _CYCLE_DAYS)
    day = py.date.fromordinal(day_of_cycle + _CYCLE_START)
    year = day.year + cycles * _CYCLE_YEARS
    return Date(year, day.month, day.day) if MIN_YEAR <= year <= MAX_YEAR else None


_CYCLE_START = py.date(2000, 1, 1).toordinal()


def make_date(year: int, month: int, day: int) -> Date | None:
    """The date, or None where the calendar has no such day."""
    if not (MIN_YEAR <= year <= MAX_YEAR and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)):
        return None
    return Date(year, month, day)


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@lru_cache(maxsize=256)
def find_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_offset(zone: str, date: Date, nanos: int) -> int:
    """Seconds east of Greenwich in `zone` at that local time; of two in an autumn's hour the first.

    Years that Python does not know follow the rules of the year of the same calendar in its 400-year cycle.
    """
    info = find_zone(zone)
    assert info is not None
    year = date.year if 1 < date.year < 9999 else 2000 + (date.year - 2000) % _CYCLE_YEARS
    seconds = nanos // SECOND
    local = py.datetime(year, date.month, date.day, seconds // 3600, seconds // 60 % 60, seconds % 60, tzinfo=info)
    offset = local.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def at_instant(instant: int, offset: int | None, zone: str | None) -> DateTime | None:
    """The date and time that a clock with that offset or zone shows at `instant` (nanoseconds since 1970, UTC)."""
    if zone is None:
        ordinal, nanos = divmod(instant + (offset or 0) * SECOND, DAY)
        date = civil_from_days(ordinal)
        return None if date is None else DateTime(date, nanos, offset)
    utc = at_instant(instant, 0, None)
    info = find_zone(zone)
    if utc is None or info is None:
        return None
    year = utc.date.year if 1 < utc.date.year < 9999 else 2000 + (utc.date.year - 2000) % _CYCLE_YEARS
    moment = py.datetime(year, utc.date.month, utc.date.day, tzinfo=py.UTC) + py.timedelta(seconds=utc.nanos // SECOND)
    shift = moment.astimezone(info).utcoffset()
    local = at_instant(instant, 0 if shift is None else int(shift.total_seconds()), None)
    return None if local is None else DateTime(local.date, local.nanos, None, zone)


def add_months(date: Date, months: int) -> Date | None:
    """The same day `months` later, or the last of its month; None outside FEEL's years."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return make_date(year, month + 1, min(date.day, days_in_month(year, month + 1)))


def add_days(date: Date, days: int) -> Date | None:
    return civil_from_days(date.ordinal() + days)


def months_between(start: Date | DateTime, end: Date | DateTime) -> int:
    """Whole months from `start` to `end`, negative where `end` is earlier (DMN 1.5, table 78)."""
    first, last = _whole(start), _whole(end)
    if (last.date.ordinal(), last.nanos) < (first.date.ordinal(), first.nanos):
        return -months_between(last, first)
    months = (last.date.year - first.date.year) * 12 + last.date.month - first.date.month
    return months - 1 if (last.date.day, last.nanos) < (first.date.day, first.nanos) else months


def _whole(value: Date | DateTime) -> DateTime:
    return value if isinstance(value, DateTime) else DateTime(value, 0)


def midnight(date: Date) -> DateTime:
    """A date as date and time: midnight UTC (DMN 1.5, 10.3.2.3.5)."""
    return DateTime(date, 0, 0)


def from_python(value: py.date | py.time | py.timedelta) -> Date | DateTime | Time | DaysDuration:
    """Python's date, datetime, time or timedelta as FEEL's."""
    if isinstance(value, py.timedelta):
        return DaysDuration((value.days * 86_400 + value.seconds) * SECOND + value.microseconds * 1000)
    if isinstance(value, py.time):
        zone, offset = _zone_of(value.tzinfo, value.utcoffset())
        return Time(_nanos(value), offset, zone)
    date = Date(value.year, value.month, value.day)
    if not isinstance(value, py.datetime):
        return date
    zone, offset = _zone_of(value.tzinfo, value.utcoffset())
    return DateTime(date, _nanos(value), offset, zone)


def _nanos(value: py.datetime | py.time) -> int:
    seconds = value.hour * 3600 + value.minute * 60 + value.second
    return seconds * SECOND + value.microsecond * 1000


def _zone_of(tzinfo: py.tzinfo | None, offset: py.timedelta | None) -> tuple[str | None, int | None]:
    if isinstance(tzinfo, ZoneInfo) and tzinfo.key is not None:
        return tzinfo.key, None
    return None, None if offset is None else int(offset.total_seconds())


def to_python(value: object) -> object:
    """FEEL's date, time, date and time or days duration as Python's (nanoseconds cut to microseconds).

    Anything else, and years that Python does not know, stay as they are.
    """
    if isinstance(value, DaysDuration):
        return py.timedelta(microseconds=value.nanos // 1000) if abs(value.nanos) < 10**9 * DAY - DAY else value
    if isinstance(value, Time):
        return _python_time(value)
    date = value.date if isinstance(value, DateTime) else value
    if not isinstance(date, Date) or not 1 <= date.year <= 9999:
        return value
    day = py.date(date.year, date.month, date.day)
    return py.datetime.combine(day, _python_time(value.time())) if isinstance(value, DateTime) else day


def _python_time(value: Time) -> py.time:
    tzinfo: py.tzinfo | None = None
    if value.zone is not None:
        tzinfo = find_zone(value.zone)
    elif value.offset is not None:
        tzinfo = py.timezone(py.timedelta(seconds=value.offset))
    seconds, nanos = divmod(value.nanos, SECOND)
    return py.time(seconds // 3600, seconds // 60 % 60, seconds % 60, nanos // 1000, tzinfo=tzinfo)
