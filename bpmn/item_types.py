"""What an item definition says of a value, where its structure is a simple type (BPMN 2.0 §8.4.10).

Known are the simple types of XML Schema (`xsd:decimal`) and of FEEL, without prefix also as some tools write them
(`String`, `Integer`). What a structure of another name is made of, such as a class or an element of an imported schema,
is not known here: its values are taken as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bpmn.feel.temporal import DaysDuration, MonthsDuration
from bpmn.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time

_PREFIXES = ("", "xsd", "xs", "feel")
_SHOWN = 80
"""So many characters of a value that does not fit are told."""


@dataclass(frozen=True)
class _Type:
    """What a value of it is called, and whether a JSON value that is not null is one."""

    words: str
    fits: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any, low: float = float("-inf")) -> bool:
    return _is_number(value) and value == value // 1 and value >= low


def _as_text(parse: Callable[[str], object]) -> Callable[[Any], bool]:
    """Dates, times and durations are texts in JSON."""
    return lambda value: isinstance(value, str) and parse(value) is not None


def _is_duration(kind: type[Any]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and isinstance(parse_duration(value), kind)


_TYPES: dict[str, _Type] = {
    "any": _Type("anything", lambda value: True),
    "string": _Type("a text", lambda value: isinstance(value, str)),
    "number": _Type("a number", _is_number),
    "integer": _Type("a whole number", _is_whole),
    "nonNegativeInteger": _Type("a whole number from 0", lambda value: _is_whole(value, 0)),
    "positiveInteger": _Type("a whole number from 1", lambda value: _is_whole(value, 1)),
    "boolean": _Type("true or false", lambda value: isinstance(value, bool)),
    "date": _Type("a date such as 2026-01-31", _as_text(parse_date)),
    "time": _Type("a time such as 08:00:00", _as_text(parse_time)),
    "dateTime": _Type("a date and time such as 2026-01-31T08:00:00+08:00", _as_text(parse_date_time)),
    "duration": _Type("a duration such as P1DT2H", _as_text(parse_duration)),
    "dayTimeDuration": _Type("a duration such as P1DT2H", _is_duration(DaysDuration)),
    "yearMonthDuration": _Type("a duration such as P1Y6M", _is_duration(MonthsDuration)),
}
_SPELLINGS = {
    "anyType": "any",
    "anySimpleType": "any",
    "object": "any",
    "normalizedString": "string",
    "token": "string",
    "anyURI": "string",
    "decimal": "number",
    "double": "number",
    "float": "number",
    **dict.fromkeys(("int", "long", "short", "byte"), "integer"),
    **dict.fromkeys(("unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"), "nonNegativeInteger"),
    "dateAndTime": "dateTime",
}


def type_of(structure: str) -> str:
    """The simple type that a structureRef names; empty where that is not known."""
    prefix, _, name = structure.rpartition(":")
    plain = name[:1].lower() + name[1:]
    found = _SPELLINGS.get(plain, plain)
    return found if prefix in _PREFIXES and found in _TYPES else ""


def mismatch(value: Any, type_: str) -> str:
    """What a value is to be, and what it is, where it is no value of the type; empty where it is one, or null."""
    if value is None or not type_ or _TYPES[type_].fits(value):
        return ""
    text = json.dumps(value, ensure_ascii=False)
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return f"is to be {_TYPES[type_].words}, and is {shown}"
