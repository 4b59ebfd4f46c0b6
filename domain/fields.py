"""Labelled fields read from process variables; what is missing or wrong is said in Chinese, all of it at once.

A group of fields is a `Fields` class: its keys are camelCase, as process variables give them, and every field carries
its Chinese label as title. Values that a form leaves empty (null, blank text) count as not given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

LONGEST_TEXT = 2000
_LARGEST_NUMBER = Decimal(10**12)
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_IN_CHINESE = {
    "missing": "未填写",
    "tuple_type": "应为若干行",
    "model_type": "应为一组字段",
    "model_attributes_type": "应为一组字段",
}


@dataclass(frozen=True)
class FieldProblem:
    """One field that is missing or wrong: its key (rows counted from 1), its Chinese label, what is the matter."""

    key: str
    label: str
    problem: str

    def __str__(self) -> str:
        return f"{self.label}（{self.key}）{self.problem}"


class MissingFields(ValueError):
    """Something cannot be done with these variables; the text names every field by label and key."""

    def __init__(self, doing: str, problems: Iterable[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"不能{doing}，请补正下列数据：" + "；".join(map(str, self.problems)))


class Fields(BaseModel):
    """A group of labelled fields; variables that are not among them are none of its business."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="ignore")


F = TypeVar("F", bound=Fields)
R = TypeVar("R")


def read_fields(group: type[F], doing: str, variables: Mapping[str, Any]) -> F:
    """The fields of `group` in `variables`.

    Raises `MissingFields`, with all of them, for fields that are missing or wrong; `doing` says in its text what cannot
    be done, e.g. 出具供电方案答复单.
    """
    try:
        return group.model_validate(given(variables))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        problems = [_problem(group, fault["loc"], fault["type"], fault["msg"]) for fault in faults]
        raise MissingFields(doing, problems) from error


def given(value: Any) -> Any:
    """`value` without what a form leaves empty, at any depth of objects."""
    if isinstance(value, Mapping):
        return {key: given(item) for key, item in value.items() if not _is_blank(item)}
    if isinstance(value, list | tuple):
        return [given(item) for item in value]
    return value


def label_of(group: type[Fields], key: str) -> str:
    """The Chinese label of a field by its key, from the outermost group inwards, e.g. 业务费用第1行·应收金额(元)."""
    words: list[str] = []
    inner: type[Fields] | None = group
    for part in re.findall(r"[^.\[\]]+", key):
        if part.isdigit():
            words[-1] += f"第{part}行"
        elif inner:
            found = next(field for field in inner.model_fields.values() if field.alias == part)
            words.append(found.title or part)
            inner = group_of(found.annotation)
    return "·".join(words)


def group_of(annotation: Any) -> type[Fields] | None:
    """The group that a field's type, or the type of its rows, is; None for a single value."""
    kinds = (annotation, *get_args(annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Fields)), None)


def _problem(group: type[Fields], path: tuple[str | int, ...], kind: str, message: str) -> FieldProblem:
    key = ""
    for part in path:
        key += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if key else part
    return FieldProblem(key, label_of(group, key), _IN_CHINESE.get(kind, message))


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _wrong(problem: str) -> PydanticCustomError:
    return PydanticCustomError("field", "{problem}", {"problem": problem})


def _text(value: Any) -> str:
    """Text without surrounding blanks; a whole number is taken as its digits, as a form may give an account number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise _wrong("应为文字")
    text = value.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_TEXT:
        raise _wrong(f"超过{LONGEST_TEXT}字")
    if _UNPRINTABLE.search(text):
        raise _wrong("含有不可打印的字符")
    return text


def _day(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _wrong("应为日期（如2026-03-05）")


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _wrong("应为数字")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _wrong("应为数字") from None
    if not number.is_finite() or abs(number) >= _LARGEST_NUMBER:
        raise _wrong("应为数字")
    return number


def _number(value: Any) -> Decimal:
    if (number := _decimal(value)) <= 0:
        raise _wrong("应大于0")
    return number


def _money(value: Any) -> Decimal:
    if (amount := _decimal(value)) < 0:
        raise _wrong("不应为负数")
    if amount != round(amount, 2):
        raise _wrong("最多两位小数")
    return round(amount, 2)


def _share(value: Any) -> Decimal:
    if not 0 <= (share := _decimal(value)) <= 100:
        raise _wrong("应在0至100之间")
    return share


def _whole(value: Any, least: int) -> int:
    number = _decimal(value)
    if number != int(number) or not least <= number <= 1200:
        raise _wrong(f"应为{least}至1200之间的整数")
    return int(number)


def _count(value: Any) -> int:
    return _whole(value, 1)


def _tally(value: Any) -> int:
    return _whole(value, 0)


def _some(rows: tuple[R, ...]) -> tuple[R, ...]:
    if not rows:
        raise _wrong("至少应有一行")
    return rows


Text = Annotated[str, BeforeValidator(_text)]
"""At most `LONGEST_TEXT` printable characters; lines may be broken."""
Day = Annotated[date, BeforeValidator(_day)]
"""A calendar day, ISO text."""
Number = Annotated[Decimal, BeforeValidator(_number)]
"""A number above zero."""
Money = Annotated[Decimal, BeforeValidator(_money)]
"""Yuan, not negative, at most two decimals."""
Share = Annotated[Decimal, BeforeValidator(_share)]
"""0 to 100, percent or per mille as the field says."""
Count = Annotated[int, BeforeValidator(_count)]
"""A whole number of months, days or copies, from 1."""
Tally = Annotated[int, BeforeValidator(_tally)]
"""A whole number of days, from 0."""
Rows = Annotated[tuple[R, ...], AfterValidator(_some)]
"""One row or more."""
