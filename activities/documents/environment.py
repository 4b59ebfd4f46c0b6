"""How marks in a template are evaluated: sandboxed, strict, escaped, with the filters of business papers only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from domain.chinese import (
    capital_amount,
    grouped_amount,
    numeral,
    numeral_date,
    plain_number,
    written_date,
    written_moment,
)

_NONE = "无"
_PARAGRAPH = "\a"
"""Where docxtpl begins another paragraph like the one it is in: first line indented, last line not stretched."""
_SENTENCE_ENDS = ("。", "！", "？", "；", ".", ";")


def sentence(text: str) -> str:
    """`text` ended by a full stop, unless it already has one."""
    return text if text.endswith(_SENTENCE_ENDS) else text + "。"


FILTERS: Mapping[str, Callable[..., str]] = {
    "capital": capital_amount,
    "money": grouped_amount,
    "numeral": numeral,
    "numeral_day": numeral_date,
    "sentence": sentence,
}
"""What may follow a bar in a mark; documented in templates/README.md."""


def printed(value: Any) -> Any:
    """A value as it stands on paper without a filter."""
    if isinstance(value, list):
        return "、".join(value) or _NONE
    if isinstance(value, datetime):
        return written_moment(value)
    if isinstance(value, date):
        return written_date(value)
    if isinstance(value, str):
        return value.replace("\n", _PARAGRAPH)
    return plain_number(value) if isinstance(value, Decimal) else value


def environment() -> SandboxedEnvironment:
    """A fresh environment for one template."""
    env = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True, finalize=printed)
    env.globals.clear()
    env.filters = dict(FILTERS)
    return env
