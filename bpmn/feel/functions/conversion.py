"""Conversion functions (DMN 1.5, table 73) without those of dates, and `is` and `range`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bpmn.feel import names
from bpmn.feel.environment import Run
from bpmn.feel.functions.registry import builtin, fail
from bpmn.feel.literals import parse_range
from bpmn.feel.numbers import CONTEXT, text_of
from bpmn.feel.temporal import Time
from bpmn.feel.values import FunctionValue, equal, kind, lift, literal_text, order, text_of_value, to_json

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)


@builtin("number", "from:string|number")
def number(run: Run, value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    return _number(run, value)


@builtin("number", "from:string", "grouping separator:string?", "decimal separator:string?")
def number_with_separators(run: Run, text: str, grouping: str | None, point: str | None) -> Any:
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (grouping and grouping == point):
        return fail(run, "number: the grouping is « », «,» or «.», the decimal separator «,» or «.», not the same")
    plain = text.replace(grouping, "") if grouping else text
    if point == ",":
        if "." in plain:
            return fail(run, f"number: «{text}» is no number")
        plain = plain.replace(",", ".")
    return _number(run, plain)


def _number(run: Run, text: str) -> Decimal | None:
    if _NUMBER.fullmatch(text) is None:
        run.fail(f"number: «{text[:40]}» is no number")
        return None
    return CONTEXT.create_decimal(text)


@builtin("string", "from:any")
def string(run: Run, value: Any) -> Any:
    run.spend_for(value)
    return None if value is None else to_text(run, value)


def to_text(run: Run, value: Any, nesting: int = 0) -> str:
    """A value as text: a string as it is, inside of lists and contexts as a literal."""
    value = lift(value)
    run.spend(1)
    if isinstance(value, str) and nesting == 0:
        return value
    if isinstance(value, list):
        return "[" + ", ".join(to_text(run, item, nesting + 1) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)}: {to_text(run, item, nesting + 1)}" for key, item in value.items()) + "}"
    if isinstance(value, FunctionValue):
        return f"function({', '.join(value.parameters)})"
    if value is None or isinstance(value, bool | str):
        return literal_text(value)
    return text_of(value) if isinstance(value, Decimal) else text_of_value(value)


def _key(key: str) -> str:
    return key if names.is_plain(key) else literal_text(key)


@builtin("is", "value1:any=", "value2:any=")
def is_(run: Run, one: Any = None, other: Any = None) -> Any:
    """Whether two values are the same in the same form: equal instants of different offsets are not."""
    if kind(one) != kind(other):
        return False
    if isinstance(one, list | Mapping):
        run.spend_for(one)
        return equal(one, other) is True
    return _form(one) == _form(other)


def _form(value: Any) -> Any:
    return (value.nanos, value.offset, value.zone) if isinstance(value, Time) else value


@builtin("range", "from:string")
def range_from(run: Run, text: str) -> Any:
    """The range written in a text, its ends being literals."""
    limits = parse_range(text)
    if limits is None or order(limits.low, limits.high) is None:
        return fail(run, f"range: «{text[:60]}» is no range of literals")
    return limits if (order(limits.low, limits.high) or 0) <= 0 else fail(run, "range: the end is before the start")


@builtin("from json", "value:string")
def from_json(run: Run, text: str) -> Any:
    """The value that a JSON text stands for (Camunda)."""
    run.spend(len(text))
    try:
        return lift(json.loads(text, parse_float=CONTEXT.create_decimal))
    except (ValueError, RecursionError):
        return fail(run, "from json: the text is not JSON")


@builtin("to json", "value:any")
def to_json_text(run: Run, value: Any) -> Any:
    """A value as JSON text (Camunda)."""
    run.spend_for(value)
    return json.dumps(to_json(value), ensure_ascii=False, separators=(",", ":"))
