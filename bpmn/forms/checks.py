"""What the values of each kind of field must be like."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from bpmn.feel import Expression
from bpmn.forms.bounds import UNBOUNDED, Bounds, day_of
from bpmn.forms.model import MISSING, same
from bpmn.forms.pattern import Pattern, TextTooLong
from bpmn.forms.scope import Scope

Limit: TypeAlias = Decimal | Expression | None

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,20}")
_PHONE = re.compile(r"(?:\+|00)[1-9]\d{6,14}", re.ASCII)
_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?"
_OFFSET = r"(?P<offset>Z|[+-]\d\d:\d\d)?"
_FORMS = {
    "date": re.compile(f"{_DATE}(?P<offset>)", re.ASCII),
    "time": re.compile(f"{_TIME}{_OFFSET}", re.ASCII),
    "datetime": re.compile(f"{_DATE}T{_TIME}{_OFFSET}", re.ASCII),
}
_PARSE: Mapping[str, Callable[[str], dt.date | dt.time | dt.datetime]] = {
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
}
_WANTED = {
    "date": "应为存在的日期，如2026-03-05",
    "time": "应为时刻，如08:30",
    "datetime": "应为存在的日期和时刻，如2026-03-05T08:30",
}


class _NoNumber(Exception):
    """The expression of a limit gave something that is not a number."""


@dataclass(frozen=True)
class TextCheck:
    """Text, for `textfield` and `textarea`. Lengths are counted without blanks at the ends, as form-js does."""

    min_length: Limit = None
    max_length: Limit = None
    pattern: Pattern | None = None
    pattern_message: str = ""
    kind: str = ""
    empty: str = ""

    def is_empty(self, value: Any) -> bool:
        return value is None or (isinstance(value, str) and not value.strip())

    def problems(self, value: Any, scope: Scope) -> Iterator[str]:
        if value is None or value == "":
            return
        if not isinstance(value, str):
            yield f"应为文字，不能是{_kind(value)}"
            return
        yield from _beyond(len(value.strip()), self.min_length, self.max_length, scope, "至少{}个字", "最多{}个字")
        if self.pattern is not None:
            yield from self._against_pattern(value, self.pattern)
        if self.kind == "email" and not _EMAIL.fullmatch(value):
            yield "应为电子邮箱地址，如name@example.com"
        if self.kind == "phone" and not _PHONE.fullmatch(value):
            yield "应为国际格式的电话号码，如+8613800000000"

    def _against_pattern(self, value: str, pattern: Pattern) -> Iterator[str]:
        try:
            if not pattern.found_in(value):
                yield self.pattern_message or f"不符合格式 {pattern.source}"
        except TextTooLong:
            yield "文字过长，无法核对格式"


@dataclass(frozen=True)
class NumberCheck:
    """A number; as text where the form says `serializeToString`."""

    min: Limit = None
    max: Limit = None
    decimal_digits: int | None = None
    increment: Decimal | None = None
    as_text: bool = False
    empty: None = None

    def is_empty(self, value: Any) -> bool:
        return value is None or (self.as_text and value == "")

    def problems(self, value: Any, scope: Scope) -> Iterator[str]:
        if self.is_empty(value):
            return
        number = number_of(value) if isinstance(value, str) is self.as_text else None
        if number is None:
            yield f"应为写成文字的数字，不能是{_kind(value)}" if self.as_text else f"应为数字，不能是{_kind(value)}"
            return
        if self.decimal_digits is not None and _decimals(number) > self.decimal_digits:
            yield f"最多{self.decimal_digits}位小数" if self.decimal_digits else "应为整数"
        if self.increment is not None and (Fraction(number) / Fraction(self.increment)).denominator != 1:
            yield f"应为{_plain(self.increment)}的整数倍"
        yield from _beyond(number, self.min, self.max, scope, "不得小于{}", "不得大于{}")


@dataclass(frozen=True)
class CheckboxCheck:
    """True or false; required means ticked."""

    empty: bool = False

    def is_empty(self, value: Any) -> bool:
        return value is None or value is False

    def problems(self, value: Any, _scope: Scope) -> Iterator[str]:
        if value is not None and not isinstance(value, bool):
            yield f"应为是或否，不能是{_kind(value)}"


@dataclass(frozen=True)
class Options:
    """What can be chosen: given in the form, under a key of the data, or by an expression."""

    fixed: tuple[Any, ...] = ()
    key: str = ""
    expression: Expression | None = None

    def values(self, scope: Scope) -> list[Any] | None:
        """The values that can be chosen; None where the source does not give a list."""
        if self.expression is not None:
            source = scope.value(self.expression)
        elif self.key:
            source = scope.data.get(self.key)
        else:
            return list(self.fixed)
        if not isinstance(source, list):
            return None
        return [value for value in map(option_value, source) if value is not MISSING]


@dataclass(frozen=True)
class ChoiceCheck:
    """One of the options (`select`, `radio`) or any number of them, each once (`checklist`, `taglist`)."""

    options: Options
    several: bool

    @property
    def empty(self) -> Any:
        return [] if self.several else None

    def is_empty(self, value: Any) -> bool:
        return value is None or value == ([] if self.several else "")

    def problems(self, value: Any, scope: Scope) -> Iterator[str]:
        if self.is_empty(value):
            return
        if self.several and not isinstance(value, list):
            yield f"应为若干选项的列表，不能是{_kind(value)}"
            return
        allowed = self.options.values(scope)
        if allowed is None:
            yield "选项的来源没有给出列表，无法核对"
            return
        chosen = value if self.several else [value]
        for position, item in enumerate(chosen):
            if not any(same(item, option) for option in allowed):
                yield f"{_shown(item)}不在选项中"
            if any(same(item, other) for other in chosen[:position]):
                yield f"{_shown(item)}重复"


@dataclass(frozen=True)
class DateTimeCheck:
    """A date, a time, or both, as ISO 8601 text.

    `offset` says how the time is written: `utc_offset` with an offset, `utc_normalized` with Z, `no_timezone` without.
    """

    subtype: str
    offset: str = "no_timezone"
    not_past: bool = False
    bounds: Bounds = UNBOUNDED
    empty: None = None

    def is_empty(self, value: Any) -> bool:
        return value is None or value == ""

    def problems(self, value: Any, scope: Scope) -> Iterator[str]:
        if self.is_empty(value):
            return
        written = _FORMS[self.subtype].fullmatch(value) if isinstance(value, str) else None
        parsed = _parsed(self.subtype, value) if written is not None else None
        if written is None or parsed is None:
            yield f"{_WANTED[self.subtype]}，不能是{_shown(value)}"
            return
        if self.subtype != "date":
            yield from self._offset_problems(written.group("offset"))
        if isinstance(parsed, dt.time):
            return
        if self.not_past and day_of(parsed, scope.env.zone) < day_of(scope.env.now, scope.env.zone):
            yield "不得早于今天"
        yield from self.bounds.problems(parsed, scope)

    def _offset_problems(self, offset: str | None) -> Iterator[str]:
        if self.offset == "utc_offset" and not offset:
            yield "应写明时区，如08:30+08:00"
        elif self.offset == "utc_normalized" and offset != "Z":
            yield "应为世界时，如00:30Z"
        elif self.offset == "no_timezone" and offset:
            yield "不应带时区"


@dataclass(frozen=True)
class FilesCheck:
    """References to stored files: a text, or Camunda's `{"documentId": ...}`; several of them as a list."""

    several: bool | Expression
    empty: None = None

    def is_empty(self, value: Any) -> bool:
        return value in (None, "", [])

    def problems(self, value: Any, scope: Scope) -> Iterator[str]:
        if self.is_empty(value):
            return
        files = value if isinstance(value, list) else [value]
        if not all(_is_file(file) for file in files):
            yield "应为已上传文件的编号"
        elif len(files) > 1 and not scope.holds(self.several):
            yield "只能有一个文件"


@dataclass(frozen=True)
class ComputedCheck:
    """The value of an `expression` component: what the expression gives, and nothing else."""

    expression: Expression
    empty: None = None

    def is_empty(self, value: Any) -> bool:
        return value is None

    def problems(self, value: Any, scope: Scope) -> Iterator[str]:
        computed = scope.value(self.expression)
        if not same(value, computed):
            yield f"由公式得出，应为{_shown(computed)}，不能是{_shown(value)}"


def option_value(option: Any) -> Any:
    """What choosing the option gives: a plain value itself, or the `value` of an object; `MISSING` for neither."""
    value = option.get("value", MISSING) if isinstance(option, Mapping) else option
    return MISSING if value is None or isinstance(value, list) else value


def number_of(value: Any) -> Decimal | None:
    """The number that an int, a float or a text such as "12.5" stands for; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not re.fullmatch(r"-?\d{1,100}(\.\d{1,100})?", value, re.ASCII):
        return None
    number = Decimal(repr(value) if isinstance(value, float) else value)
    return number if number.is_finite() else None


def _beyond(actual: Decimal | int, low: Limit, high: Limit, scope: Scope, less: str, more: str) -> Iterator[str]:
    try:
        least, most = _resolved(low, scope), _resolved(high, scope)
    except _NoNumber:
        yield "限值的公式没有得出数字，无法核对"
        return
    if least is not None and actual < least:
        yield less.format(_plain(least))
    if most is not None and actual > most:
        yield more.format(_plain(most))


def _resolved(limit: Limit, scope: Scope) -> Decimal | None:
    if limit is None or isinstance(limit, Decimal):
        return limit
    number = number_of(scope.value(limit))
    if number is None:
        raise _NoNumber
    return number


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _parsed(subtype: str, text: str) -> dt.date | dt.time | dt.datetime | None:
    try:
        return _PARSE[subtype](text)
    except ValueError:
        return None


def _is_file(value: Any) -> bool:
    reference = value.get("documentId") if isinstance(value, Mapping) else value
    return isinstance(reference, str) and bool(reference.strip())


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "是或否"
    if isinstance(value, int | float):
        return "数字"
    if isinstance(value, str):
        return "文字"
    return "列表" if isinstance(value, list) else "一组值" if isinstance(value, Mapping) else "空值"


def _shown(value: Any) -> str:
    """A value as a message shows it: short, and never a whole structure."""
    if isinstance(value, str):
        return f"“{value[:40]}…”" if len(value) > 40 else f"“{value}”"
    if isinstance(value, bool):
        return "“是”" if value else "“否”"
    return str(value)[:40] if isinstance(value, int | float) else _kind(value)
