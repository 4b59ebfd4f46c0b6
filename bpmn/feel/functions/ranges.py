"""Functions that compare ranges and points (DMN 1.5, table 80). A point is the closed range from itself to itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpmn.feel.environment import Run
from bpmn.feel.functions.registry import builtin, fail
from bpmn.feel.values import Range, order

_POINT = "number|string|date|time|date and time|days and time duration|years and months duration"


class _Incomparable(Exception):
    """Two ends of different kinds."""


def _order(one: Any, other: Any) -> int:
    difference = order(one, other)
    if difference is None:
        raise _Incomparable
    return difference


def _starts(one: Range, other: Range) -> int:
    """How the starts lie; an open one lies behind a closed one at the same value, none before all."""
    if one.low is None or other.low is None:
        return (one.low is not None) - (other.low is not None)
    return _order(one.low, other.low) or (other.low_closed - one.low_closed)


def _ends(one: Range, other: Range) -> int:
    """How the ends lie; an open one lies before a closed one at the same value, none behind all."""
    if one.high is None or other.high is None:
        return (one.high is None) - (other.high is None)
    return _order(one.high, other.high) or (one.high_closed - other.high_closed)


def _end_to_start(one: Range, other: Range) -> int:
    """Negative where `one` ends before `other` starts, zero where they share that one value, else positive."""
    if one.high is None or other.low is None:
        return 1
    return _order(one.high, other.low) or (0 if one.high_closed and other.low_closed else -1)


def _before(one: Range, other: Range) -> bool:
    return _end_to_start(one, other) < 0


def _meets(one: Range, other: Range) -> bool:
    return _end_to_start(one, other) == 0


def _overlaps(one: Range, other: Range) -> bool:
    return _end_to_start(one, other) >= 0 and _end_to_start(other, one) >= 0


def _overlaps_before(one: Range, other: Range) -> bool:
    return _starts(one, other) < 0 <= _end_to_start(one, other) and _ends(one, other) <= 0


def _finishes(one: Range, other: Range) -> bool:
    return _ends(one, other) == 0 and _starts(one, other) >= 0


def _includes(one: Range, other: Range) -> bool:
    return _starts(one, other) <= 0 <= _ends(one, other)


def _begins(one: Range, other: Range) -> bool:
    return _starts(one, other) == 0 and _ends(one, other) <= 0


def _coincides(one: Range, other: Range) -> bool:
    return _starts(one, other) == 0 == _ends(one, other)


Relation = Callable[[Range, Range], bool]


def _turned(relation: Relation) -> Relation:
    return lambda one, other: relation(other, one)


def _declare(name: str, relation: Relation, forms: str) -> None:
    """Declare `name` for each of `forms`: pp point and point, pr point and range, rp, rr."""
    parameters = {
        "pp": (f"point1:{_POINT}", f"point2:{_POINT}"),
        "pr": (f"point:{_POINT}", "range:range"),
        "rp": ("range:range", f"point:{_POINT}"),
        "rr": ("range1:range", "range2:range"),
    }

    def holds(run: Run, one: Any, other: Any) -> Any:
        try:
            return relation(_as_range(one), _as_range(other))
        except _Incomparable:
            return fail(run, f"{name}: the values cannot be compared")

    for form in forms.split():
        builtin(name, *parameters[form])(holds)


def _as_range(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(value, value, True, True)


_declare("before", _before, "pp pr rp rr")
_declare("after", _turned(_before), "pp pr rp rr")
_declare("meets", _meets, "rr")
_declare("met by", _turned(_meets), "rr")
_declare("overlaps", _overlaps, "rr")
_declare("overlaps before", _overlaps_before, "rr")
_declare("overlaps after", _turned(_overlaps_before), "rr")
_declare("finishes", _finishes, "pr rr")
_declare("finished by", _turned(_finishes), "rp rr")
_declare("includes", _includes, "rp rr")
_declare("during", _turned(_includes), "pr rr")
_declare("starts", _begins, "pr rr")
_declare("started by", _turned(_begins), "rp rr")
_declare("coincides", _coincides, "pp rr")
