"""Cron expressions of timers, as Spring and Camunda 8 write them, and those of five fields as crontab writes them.

    second  minute  hour  day of month  month  day of week         0 0 9-17 * * MON-FRI

The form of five fields leaves out the seconds. A field is `*` (or `?` for days), a number or name, a range `9-17`,
steps `*/15`, `5/15`, `9-17/2`, or several of those with commas between.

Days of the month may be `L` (the last), `L-3` (three days before it), `15W` (the working day, Monday to Friday, that is
nearest to the 15th within the month) and `LW`; days of the week (0 and 7 are Sunday) `FRIL` (the last Friday) and
`FRI#2` (the second one). Where both fields of days say which, a day must satisfy both; in the form of five fields
either will do, as in crontab(5).

`@yearly`, `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight` and `@hourly` stand for what their names say.

Fields are of the clock on the wall: what it skips does not happen, what it shows twice happens the first time.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

_MACROS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_ITEM = re.compile(r"(?:(?P<all>\*)|(?P<low>\d{1,2})(?:-(?P<high>\d{1,2}))?)(?:/(?P<step>\d{1,2}))?")
_CYCLE_OF_MONTHS = 400 * 12
"""After so many the calendar repeats itself: what has not come by then never does."""

_Rule = Callable[[date], bool]


@dataclass(frozen=True)
class Cron:
    """One expression. `on_day` and `on_weekday` are what the two fields of days say; `either` is enough, or both."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: tuple[int, ...]
    on_day: tuple[_Rule, ...]
    on_weekday: tuple[_Rule, ...]
    either: bool = False

    def following(self, after: datetime, zone: ZoneInfo) -> datetime | None:
        """The first instant after `after` whose clock in `zone` shows such a time; None where there is none."""
        local = after.astimezone(zone).replace(microsecond=0, tzinfo=None)
        instants = ((wall, wall.replace(tzinfo=zone).astimezone(UTC)) for wall in self._walls(local))
        try:
            for wall, instant in instants:
                if instant > after and instant.astimezone(zone).replace(tzinfo=None) == wall:
                    return instant.astimezone(zone)
        except OverflowError:
            return None
        return None

    def _walls(self, after: datetime) -> Iterator[datetime]:
        """The times of the clock on the wall after the one given, in their order."""
        for day in self._days(after.date()):
            first = after.time() if day == after.date() else None
            for one in self._times(first):
                yield datetime.combine(day, one)

    def _days(self, first: date) -> Iterator[date]:
        for number in range(_CYCLE_OF_MONTHS + 1):
            year, month = first.year + (first.month - 1 + number) // 12, (first.month - 1 + number) % 12 + 1
            if year > date.max.year:
                return
            if month in self.months:
                days = (date(year, month, n + 1) for n in range(calendar.monthrange(year, month)[1]))
                yield from (day for day in days if day >= first and self._has(day))

    def _has(self, day: date) -> bool:
        this, that = any(rule(day) for rule in self.on_day), any(rule(day) for rule in self.on_weekday)
        return (this or that) if self.either else (this and that)

    def _times(self, after: time | None) -> Iterator[time]:
        for hour in self.hours:
            if after and hour < after.hour:
                continue
            for minute in self.minutes:
                if after and (hour, minute) < (after.hour, after.minute):
                    continue
                for second in self.seconds:
                    if after is None or time(hour, minute, second) > after:
                        yield time(hour, minute, second)


@lru_cache(maxsize=1024)
def parse(text: str) -> Cron:
    """The expression that `text` writes. Raises `ValueError` for what is none."""
    fields = _MACROS.get(text.strip().lower(), text).upper().split()
    five = len(fields) == 5
    if five:
        fields.insert(0, "0")
    if len(fields) != 6:
        raise ValueError(f"{text} has {len(fields)} fields, not six such as 0 0 9-17 * * MON-FRI")
    seconds, minutes, hours, day, month, weekday = fields
    months = _named(month, _MONTHS)
    free = any(field[0] in "*?" for field in (day, weekday))
    return Cron(
        _numbers(seconds, 0, 59),
        _numbers(minutes, 0, 59),
        _numbers(hours, 0, 23),
        _numbers(months, 1, 12),
        tuple(_day_rule(item) for item in _any(day).split(",")),
        tuple(_weekday_rule(item) for item in _named(_any(weekday), _WEEKDAYS).split(",")),
        five and not free,
    )


def _any(field: str) -> str:
    return "*" if field == "?" else field


def _named(field: str, names: tuple[str, ...]) -> str:
    for number, name in enumerate(names, 1):
        field = re.sub(rf"(?<![A-Z]){name}(?=L?(?![A-Z]))", str(number), field)
    return field


def _numbers(field: str, least: int, most: int) -> tuple[int, ...]:
    found = [number for item in field.split(",") for number in _range(item, least, most)]
    return tuple(sorted(dict.fromkeys(found)))


def _range(item: str, least: int, most: int) -> range:
    match = _ITEM.fullmatch(item)
    if not match:
        raise ValueError(f"{item} is no number, range or step of a cron expression")
    step = int(match["step"] or 1)
    low = least if match["all"] else int(match["low"])
    open_ended = match["all"] or (match["step"] and not match["high"])
    high = most if open_ended else int(match["high"] or low)
    if not step or not least <= low <= high <= most:
        raise ValueError(f"{item} lies not between {least} and {most}")
    return range(low, high + 1, step)


def _day_rule(item: str) -> _Rule:
    """What one item of the field of days says of a date."""
    if item == "LW":
        return lambda day: day.day == _working_day(day, _last(day))
    if match := re.fullmatch(r"L(?:-(\d{1,2}))?", item):
        before = int(match[1] or 0)
        if before > 30:
            raise ValueError(f"{item} is before every month")
        return lambda day: day.day == _last(day) - before
    if match := re.fullmatch(r"(\d{1,2})W", item):
        (wanted,) = _range(match[1], 1, 31)
        return lambda day: wanted <= _last(day) and day.day == _working_day(day, wanted)
    days = _range(item, 1, 31)
    return lambda day: day.day in days


def _last(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _working_day(day: date, wanted: int) -> int:
    """The day from Monday to Friday that is nearest to a day of the same month, and lies in that month."""
    weekday = day.replace(day=wanted).isoweekday()
    if weekday == 6:
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == 7:
        return wanted + 1 if wanted < _last(day) else wanted - 2
    return wanted


def _weekday_rule(item: str) -> _Rule:
    """What one item of the field of days of the week says of a date."""
    if match := re.fullmatch(r"(\d)L", item):
        (last,) = _range(match[1], 0, 7)
        return lambda day: day.isoweekday() % 7 == last % 7 and day.day > _last(day) - 7
    if match := re.fullmatch(r"(\d)#([1-5])", item):
        (wanted,) = _range(match[1], 0, 7)
        number = int(match[2])
        return lambda day: day.isoweekday() % 7 == wanted % 7 and (day.day + 6) // 7 == number
    days = frozenset(number % 7 for number in _range(re.sub("^7-(?=[0-6])", "0-", item), 0, 7))
    return lambda day: day.isoweekday() % 7 in days
