"""Kinds of values of the outage plan: choices kept by their codes, instants in Chinese time, hours, and their words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from math import ceil
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer
from pydantic_core import PydanticCustomError

from domain.chinese import BUSINESS_ZONE
from domain.fields import Number

_RISKS = ("一级", "二级", "三级", "四级", "五级")


def coded(words: Mapping[str, str]) -> Callable[[Any], str]:
    """Reads one of a form's choices, its code or its words, as its code."""
    codes = {name: code for code, word in words.items() for name in (code, word)}

    def read(value: Any) -> str:
        if isinstance(value, str) and value in codes:
            return codes[value]
        raise _wrong(f"应为{'或'.join(words.values())}")

    return read


def _instant(value: Any) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else value
        if isinstance(moment, dt.datetime) and moment.tzinfo:
            return moment.astimezone(BUSINESS_ZONE)
    except (ValueError, OverflowError):
        pass
    raise _wrong("应为带时区的日期和时刻（如2026-03-05T08:30:00+08:00）")


def _risk(value: Any) -> int:
    if value in _RISKS:
        return _RISKS.index(value) + 1
    if str(value) in ("1", "2", "3", "4", "5"):
        return int(value)
    raise _wrong(f"应为1至5（{'、'.join(_RISKS)}）")


def _yes_or_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("yes", "no"):
        return bool(value == "yes")
    raise _wrong("应为是（true）或否（false）")


def _wrong(problem: str) -> PydanticCustomError:
    return PydanticCustomError("field", "{problem}", {"problem": problem})


def _plain(hours: Decimal) -> int | float:
    return int(hours) if hours == hours.to_integral_value() else float(hours)


Instant = Annotated[dt.datetime, BeforeValidator(_instant)]
"""An instant, always in Chinese time; one without offset is refused."""
Hours = Annotated[Number, PlainSerializer(_plain, when_used="json")]
"""How many hours, above zero; a plain number in JSON."""
Risk = Annotated[int, BeforeValidator(_risk)]
"""风险等级 from 1 (一级, the highest) to 5, also by its words."""
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
"""True or false, also as the forms' yes and no."""


def minutes_of(hours: Decimal) -> int:
    """Hours as whole minutes, rounded up."""
    return ceil(hours * 60)


def on_day(moment: dt.datetime) -> str:
    """An instant for people within a plan: 12月2日08:00."""
    return f"{moment.month}月{moment.day}日{moment:%H:%M}"


def from_to(start: dt.datetime, end: dt.datetime) -> str:
    """A span for people, its day once: 12月2日08:00至12:00."""
    return f"{on_day(start)}至{f'{end:%H:%M}' if end.date() == start.date() else on_day(end)}"


def listed(names: tuple[str, ...]) -> str:
    """Names in a row."""
    return "、".join(names)
