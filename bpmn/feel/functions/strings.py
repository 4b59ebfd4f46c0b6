"""String functions (DMN 1.5, table 74), without those that take a pattern."""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal
from typing import Any

from bpmn.feel.environment import Run
from bpmn.feel.functions.registry import builtin, fail
from bpmn.feel.values import kind


@builtin("substring", "string:string", "start position:number", "length:number=")
def substring(run: Run, text: str, start: Decimal, length: Decimal | None = None) -> Any:
    """The characters from a place counted from 1, or from the end for -1 and below."""
    place = _whole(start)
    if place == 0 or abs(place) > len(text) or (length is not None and length < 1):
        return fail(run, f"substring: there is no place {start} in {len(text)} characters, or the length is below 1")
    begin = place - 1 if place > 0 else len(text) + place
    return text[begin:] if length is None else text[begin : begin + _whole(length)]


def _whole(number: Decimal) -> int:
    return int(number) if abs(number) < 10**9 else 10**9


@builtin("string length", "string:string")
def string_length(_run: Run, text: str) -> Any:
    return Decimal(len(text))


@builtin("upper case", "string:string")
def upper_case(_run: Run, text: str) -> Any:
    return text.upper()


@builtin("lower case", "string:string")
def lower_case(_run: Run, text: str) -> Any:
    return text.lower()


@builtin("substring before", "string:string", "match:string")
def substring_before(_run: Run, text: str, match: str) -> Any:
    before, found, _ = text.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string:string", "match:string")
def substring_after(_run: Run, text: str, match: str) -> Any:
    _, found, after = text.partition(match) if match else ("", "-", text)
    return after if found else ""


@builtin("contains", "string:string", "match:string")
def contains(_run: Run, text: str, match: str) -> Any:
    return match in text


@builtin("starts with", "string:string", "match:string")
def starts_with(_run: Run, text: str, match: str) -> Any:
    return text.startswith(match)


@builtin("ends with", "string:string", "match:string")
def ends_with(_run: Run, text: str, match: str) -> Any:
    return text.endswith(match)


@builtin("string join", "list:list", "delimiter:string=?", "prefix:string=?", "suffix:string=?")
def string_join(
    run: Run, items: list[Any], delimiter: str | None = None, prefix: str | None = None, suffix: str | None = None
) -> Any:
    """The texts of a list one behind the other, nulls left out; with three or four arguments as Camunda extends it."""
    texts = [item for item in items if item is not None]
    if any(not isinstance(text, str) for text in texts):
        return fail(run, "string join: the list holds something else than strings")
    if prefix is not None and suffix is None:
        return fail(run, "string join: takes a suffix with its prefix")
    run.spend_text(sum(map(len, texts)) + len(delimiter or "") * len(texts))
    return (prefix or "") + (delimiter or "").join(texts) + (suffix or "")


@builtin("is blank", "string:string")
def is_blank(_run: Run, text: str) -> Any:
    return not text.strip()


@builtin("trim", "string:string")
def trim(_run: Run, text: str) -> Any:
    return text.strip()


@builtin("to base64", "value:string")
def to_base64(_run: Run, text: str) -> Any:
    return base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")


@builtin("from base64", "value:string")
def from_base64(run: Run, text: str) -> Any:
    try:
        return base64.b64decode(text.encode("utf-8", "replace"), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return fail(run, "from base64: the text is not base64 of UTF-8")


@builtin("is empty", "value:string|list|context")
def is_empty(_run: Run, value: Any) -> Any:
    return len(value) == 0


@builtin("is defined", "value:any")
def is_defined(_run: Run, value: Any) -> Any:
    """Whether there is a value (Camunda)."""
    return value is not None


@builtin("get or else", "value:any", "default:any")
def get_or_else(_run: Run, value: Any, default: Any) -> Any:
    """The value, or the default for null (Camunda)."""
    return default if value is None else value


@builtin("assert", "value:any", "condition:any", "cause:string=")
def assert_(run: Run, value: Any, condition: Any, cause: str | None = None) -> Any:
    """The value where the condition is true, else null with the cause as the problem (Camunda)."""
    if condition is True:
        return value
    return fail(run, f"assert: {cause or f'the condition is {kind(condition)}, not true'}")
