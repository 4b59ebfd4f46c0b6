"""When timers are due (BPMN 2.0 §10.5.5, table 10.98): ISO 8601 dates, durations, repeating intervals, and cron.

A repeating interval is a number of times (none: without end) with one of

    R3/PT1H                              each hour from now on
    R3/2026-01-01T08:00:00+08:00/PT1H    each hour from that instant on
    R/PT1H/2026-01-01T18:00:00+08:00     each hour from now on, not after that instant
    R/2026-01-01T08:00:00+08:00/PT1H/2026-01-01T18:00:00+08:00    both
    R3/2026-01-01T08:00:00+08:00/2026-01-01T09:00:00+08:00    from the first instant on, as far apart as the two are
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bpmn import cron
from bpmn.outcome import Stuck

_DURATION = re.compile(
    r"(-?)P(?=.)(?:(\d{1,12})Y)?(?:(\d{1,12})M)?(?:(\d{1,12})W)?(?:(\d{1,12})D)?"
    r"(?:T(?=.)(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12}(?:\.\d{1,12})?)S)?)?"
)
_CYCLE = re.compile(r"R(\d{0,12})/(?:([^/P][^/]*)/)?([^/]+?)(?:/([^/P][^/]*))?")
_ZONE = re.compile(r"(?:@(.+)|\[(.+)\])$")


@dataclass(frozen=True)
class Schedule:
    """When a timer is due first, and how often again after that: -1 is without end.

    `interval` is a duration, a duration with a slash and the last instant, or a cron expression: see `repeated`.
    """

    due: datetime
    interval: str = ""
    remaining: int = 0


def schedule(kind: str, text: Any, now: datetime, zone: ZoneInfo) -> Schedule:
    """The schedule of a timer definition of `kind` date, duration or cycle. Raises `Stuck` for what is neither."""
    if not isinstance(text, str):
        raise Stuck("timer", f"the timer's {kind} is {text!r}, not a text")
    if kind == "date":
        return Schedule(_instant(text, zone))
    if kind == "duration":
        return Schedule(following(now, text, zone))
    return _cycle(text, now, zone)


def _cycle(text: str, now: datetime, zone: ZoneInfo) -> Schedule:
    if not text.startswith("R"):
        return _cron(text, now, zone)
    cycle = _parse_cycle(text, zone)
    second = following(now, cycle.interval, zone)
    if cycle.times == 0 or second <= now:
        raise Stuck("timer", f"{text} repeats not even once, or without any time between")
    first = cycle.start or second
    if cycle.end and datetime.fromisoformat(cycle.end) < first:
        raise Stuck("timer", f"{text} ends before it is due once")
    interval = f"{cycle.interval}/{cycle.end}" if cycle.end else cycle.interval
    return Schedule(first, interval, cycle.times - 1 if cycle.times else -1)


def _cron(text: str, now: datetime, zone: ZoneInfo) -> Schedule:
    try:
        due = cron.parse(text).following(now, zone)
    except ValueError as error:
        problem = f"{text} is no repeating interval such as R3/PT10M, and no cron expression: {error}"
        raise Stuck("timer", problem) from None
    if due is None:
        raise Stuck("timer", f"{text} is never due")
    return Schedule(due, text, -1)


@dataclass(frozen=True)
class _Cycle:
    """The parts of a repeating interval; `times` is None and `end` empty where there is none."""

    times: int | None
    start: datetime | None
    interval: str
    end: str


def _parse_cycle(text: str, zone: ZoneInfo) -> _Cycle:
    match = _CYCLE.fullmatch(text)
    if not match:
        raise Stuck("timer", f"{text} is no repeating interval such as R3/PT10M")
    times, start, interval, end = match.groups()
    first = _instant(start, zone) if start else None
    if first and not interval.startswith(("P", "-P")):
        seconds = max((_instant(interval, zone) - first).total_seconds(), 0.0)
        interval = f"PT{seconds:.6f}".rstrip("0").rstrip(".") + "S" if seconds else "PT0S"
    last = _instant(end, zone).isoformat() if end else ""
    return _Cycle(int(times) if times else None, first, interval, last)


def repeated(due: datetime, interval: str, zone: ZoneInfo) -> datetime | None:
    """When a timer is due after `due`, by the `interval` of its schedule; None where its end or the calendar's is
    before."""
    if not interval.startswith("P"):
        return cron.parse(interval).following(due, zone)
    duration, _, end = interval.partition("/")
    try:
        instant = following(due, duration, zone)
    except Stuck:
        return None
    return None if end and instant > datetime.fromisoformat(end) else instant


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """An instant: with an offset, with a zone as FEEL (`@`) or Java (`[]`) writes it, or in the engine's zone."""
    named = _ZONE.search(text)
    try:
        instant = datetime.fromisoformat(text[: named.start()] if named else text)
        if named and not instant.tzinfo:
            zone = ZoneInfo(named[1] or named[2])
    except (ValueError, KeyError, OSError):
        raise Stuck("timer", f"{text} is no date and time such as 2026-01-31T08:00:00+08:00") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=zone)


def is_duration(text: str) -> bool:
    """Whether `text` is an ISO 8601 duration that `following` takes."""
    return bool(_DURATION.fullmatch(text))


def is_cycle(text: str) -> bool:
    """Whether `text` is a repeating interval or a cron expression that `schedule` takes at some time."""
    utc = ZoneInfo("UTC")
    try:
        if not text.startswith("R"):
            return bool(cron.parse(text).following(datetime(2000, 1, 1, tzinfo=utc), utc))
        cycle = _parse_cycle(text, utc)
    except (Stuck, ValueError):
        return False
    return cycle.times != 0 and is_duration(cycle.interval) and bool(re.search("[1-9]", cycle.interval))


def following(start: datetime, duration: str, zone: ZoneInfo) -> datetime:
    """The instant that lies `duration` after `start`: months and days by the zone's calendar, hours by the clock.

    Raises `Stuck` for what is no duration, or leads beyond the years that there are.
    """
    match = _DURATION.fullmatch(duration)
    if not match:
        raise Stuck("timer", f"{duration} is no duration such as P1DT2H")
    sign = -1 if match.group(1) else 1
    years, months, weeks, days, hours, minutes = (sign * int(part or 0) for part in match.groups()[1:7])
    seconds = sign * float(match.group(8) or 0)
    try:
        local = _add_months(start.astimezone(zone), 12 * years + months) + timedelta(weeks=weeks, days=days)
        instant = local.astimezone(UTC) + timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return instant.astimezone(zone)
    except (OverflowError, ValueError):
        raise Stuck("timer", f"{duration} after {start.isoformat()} is beyond the calendar") from None


def _add_months(start: datetime, months: int) -> datetime:
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day)


def is_instant(text: str) -> bool:
    """Whether `text` is a date and time that `schedule` takes."""
    try:
        _instant(text, ZoneInfo("UTC"))
    except Stuck:
        return False
    return True
