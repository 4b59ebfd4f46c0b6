"""Before and after which moments a date may not lie.

form-js knows no such check, so it is written as custom properties of a `datetime` component, which form-js and the
modeler keep as they are:

    "properties": {"notBefore": "=replyDate", "notBeforeLabel": "答复日期", "notAfter": "=today()"}

`notBefore` and `notAfter` are FEEL over what every expression of the form sees, and give a date, a date and time, or
the text of one; null, as of what the case does not hold, bounds nothing. The bound itself is allowed. Where the value
or the bound is a date, days are compared, in the zone of the case; otherwise instants. `notBeforeLabel` and
`notAfterLabel`, text or FEEL, say in the fault what the bound is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias
from zoneinfo import ZoneInfo

from bpmn.feel import Expression, to_python
from bpmn.forms.scope import Scope

Moment: TypeAlias = dt.date | dt.datetime


class _NoMoment(Exception):
    """The expression of a bound gave something that is neither a date nor a date and time."""


@dataclass(frozen=True)
class Bound:
    """One bound, and what it is called where it is broken."""

    expression: Expression
    label: str | Expression = ""

    def moment(self, scope: Scope) -> Moment | None:
        value = to_python(scope.evaluated(self.expression))
        if isinstance(value, str):
            value = _read(value)
        if value is not None and not isinstance(value, dt.date):
            raise _NoMoment
        return value

    def name(self, scope: Scope) -> str:
        """What the bound is called; empty where it has no name."""
        label = self.label if isinstance(self.label, str) else scope.value(self.label)
        return label if isinstance(label, str) else ""


@dataclass(frozen=True)
class Bounds:
    """Both bounds of a date; none where the form gives none."""

    not_before: Bound | None = None
    not_after: Bound | None = None

    def problems(self, moment: Moment, scope: Scope) -> Iterator[str]:
        """What is wrong with a date that was entered, in Chinese. Raises `BudgetExceeded`."""
        zone = scope.env.zone
        for bound, sign, said in ((self.not_before, 1, "不得早于"), (self.not_after, -1, "不得晚于")):
            if bound is None:
                continue
            try:
                limit = bound.moment(scope)
            except _NoMoment:
                yield f"{said}{bound.name(scope) or '界限'}：界限的公式没有得出日期，无法核对"
                continue
            if limit is not None and _order(moment, limit, zone) * sign < 0:
                shown, name = _shown(limit, zone), bound.name(scope)
                yield said + (f"{name}（{shown}）" if name else shown)


UNBOUNDED = Bounds()
"""The bounds of a date that the form does not bound."""


def day_of(moment: Moment, zone: ZoneInfo) -> dt.date:
    """The day on which a moment lies; one without a zone lies on the day it names."""
    return _aware(moment, zone).date() if isinstance(moment, dt.datetime) else moment


def _shown(moment: Moment, zone: ZoneInfo) -> str:
    return f"{_aware(moment, zone):%Y-%m-%d %H:%M}" if isinstance(moment, dt.datetime) else moment.isoformat()


def _order(a: Moment, b: Moment, zone: ZoneInfo) -> int:
    """Below, at or above 0 as `a` is before, at or after `b`."""
    if isinstance(a, dt.datetime) and isinstance(b, dt.datetime):
        first, second = _aware(a, zone), _aware(b, zone)
        return (first > second) - (first < second)
    one, other = day_of(a, zone), day_of(b, zone)
    return (one > other) - (one < other)


def _aware(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The same instant as clocks in `zone` show it; at the ends of time, as it is written."""
    try:
        return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    except OverflowError:
        return moment


def _read(text: str) -> Moment | None:
    """The date, or date and time, of a text; None of an empty one, as of a field that nothing was entered into."""
    if not text:
        return None
    try:
        return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)
    except ValueError:
        raise _NoMoment from None
