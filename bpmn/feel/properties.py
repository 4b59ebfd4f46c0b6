"""What stands behind a dot: entries of contexts, properties of dates, times, durations and ranges (table 65)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from bpmn.feel.environment import Run
from bpmn.feel.temporal import DAY, HOUR, MINUTE, SECOND, Date, DateTime, DaysDuration, MonthsDuration, Time
from bpmn.feel.values import Range, kind, lift

_ABSENT = object()


def property_of(run: Run, value: Any, name: str) -> Any:
    """The entry or property `name` of a value, of a list those of its items; null, with the reason, for none."""
    if value is None:
        return None
    if isinstance(value, list):
        run.spend(len(value))
        return [property_of(run, lift(item), name) for item in value]
    if isinstance(value, Mapping):
        if name in value:
            return lift(value[name])
        run.fail(f"the context has no entry «{name}»")
        return None
    read = _PROPERTIES.get(type(value), {}).get(name)
    if read is None:
        run.fail(f"a {kind(value)} has no property «{name}»")
        return None
    return read(value)


def _weekday(date: Date) -> Decimal:
    return Decimal((date.ordinal() + 3) % 7 + 1)


def _offset(seconds: int | None) -> DaysDuration | None:
    return None if seconds is None else DaysDuration(seconds * SECOND)


def _part(nanos: int, unit: int, modulus: int) -> Decimal:
    """The share of a unit in a span, with the span's sign."""
    whole = abs(nanos) // unit % modulus
    return Decimal(-whole if nanos < 0 else whole)


def _months_part(months: int, years: bool) -> Decimal:
    whole = abs(months) // 12 if years else abs(months) % 12
    return Decimal(-whole if months < 0 else whole)


Property = Callable[[Any], Any]
_DATE: dict[str, Property] = {
    "year": lambda date: Decimal(date.year),
    "month": lambda date: Decimal(date.month),
    "day": lambda date: Decimal(date.day),
    "weekday": _weekday,
}
_CLOCK: dict[str, Property] = {
    "hour": lambda time: Decimal(time.nanos // HOUR),
    "minute": lambda time: Decimal(time.nanos // MINUTE % 60),
    "second": lambda time: Decimal(time.nanos // SECOND % 60),
    "timezone": lambda time: time.zone,
}
_PROPERTIES: dict[type, dict[str, Property]] = {
    Date: _DATE,
    Time: _CLOCK | {"time offset": lambda time: _offset(time.offset)},
    DateTime: {name: lambda value, read=read: read(value.date) for name, read in _DATE.items()}
    | _CLOCK
    | {"time offset": lambda value: _offset(value.utc_offset())},
    DaysDuration: {
        "days": lambda value: _part(value.nanos, DAY, 10**18),
        "hours": lambda value: _part(value.nanos, HOUR, 24),
        "minutes": lambda value: _part(value.nanos, MINUTE, 60),
        "seconds": lambda value: _part(value.nanos, SECOND, 60),
    },
    MonthsDuration: {
        "years": lambda value: _months_part(value.months, True),
        "months": lambda value: _months_part(value.months, False),
    },
    Range: {
        "start": lambda value: value.low,
        "end": lambda value: value.high,
        "start included": lambda value: value.low_closed,
        "end included": lambda value: value.high_closed,
    },
}
PROPERTY_NAMES = frozenset(name for properties in _PROPERTIES.values() for name in properties)
