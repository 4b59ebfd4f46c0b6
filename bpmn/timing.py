"""When timers are due: ISO 8601 dates, durations and repeating intervals (BPMN 2.0 §10.5.5, table 10.98)."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bpmn.outcome import Stuck

_DURATION = re.compile(
    r"(-?)P(?=.)(?:(\d{1,12})Y)?(?:(\d{1,12})M)?(?:(\d{1,12})W)?(?:(\d{1,12})D)?"
    r"(?:T(?=.)(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12}(?:\.\d{1,12})?)S)?)?"
)
_CYCLE = re.compile(r"R(\d{0,12})/(?:([^/P][^/]*)/)?(P[^/]+)")
_ZONE = re.compile(r"(?:@(.+)|\[(.+)\])$")


@dataclass(frozen=True)
class Schedule:
    """When a timer is due first, and how often again after that: -1 is without end."""

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
    match = _CYCLE.fullmatch(text)
    if not match:
        raise Stuck("timer", f"{text} is no repeating interval such as R3/PT10M")
    times, start, interval = match.groups()
    second = following(now, interval, zone)
    if (times and int(times) == 0) or second <= now:
        raise Stuck("timer", f"{text} repeats not even once, or without any time between")
    return Schedule(_instant(start, zone) if start else second, interval, int(times) - 1 if times else -1)


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
    """Whether `text` is a repeating interval that `schedule` takes."""
    match = _CYCLE.fullmatch(text)
    if not match:
        return False
    times, start, interval = match.groups()
    some = (not times or int(times) > 0) and re.search("[1-9]", interval)
    return bool(some and is_duration(interval) and (not start or is_instant(start)))


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
