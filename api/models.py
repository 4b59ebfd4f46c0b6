"""What the requests and answers of the API have in common."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Header
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from domain.chinese import BUSINESS_ZONE
from domain.departments import DEPARTMENTS
from domain.values import fault_of

T = TypeVar("T")

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"\S")]
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*[^\s\x00-\x1f][^\x00-\x1f]*$"
    ),
]


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number in the body of a request: JSON Schema knows 2.0 as one."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _told(value: object) -> object:
    """A number would count as seconds since 1970."""
    if isinstance(value, str) and _DATE.match(value):
        return value
    raise PydanticCustomError("instant", "should be a date and time with offset, as 2026-03-05T10:30:00+08:00")


Instant = Annotated[AwareDatetime, BeforeValidator(_told), Field(strict=False, examples=["2026-03-05T10:30:00+08:00"])]


def _moment(value: object) -> object:
    if not isinstance(value, str) or not (_DAY.fullmatch(value) or _DATE.match(value)):
        raise PydanticCustomError("moment", "should be a date, or a date and time with offset")
    moment = datetime.fromisoformat(value)
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=BUSINESS_ZONE)).astimezone(UTC)
    except OverflowError:  # a day before or after there is any time
        return _FIRST if moment.year == 1 else _LAST


_MOMENTS = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({**_MOMENTS, "examples": ["2026-03-05"]}), Field(strict=False)
]
"""A moment that a list begins or ends at: a day is its first, in Shanghai."""


def _day(value: object) -> object:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    raise PydanticCustomError("day", "should be a date, as 2026-03-05")


Day = Annotated[date, BeforeValidator(_day), Field(strict=False, examples=["2026-03-05"])]


def _department(value: str) -> str:
    if value not in DEPARTMENTS:
        raise PydanticCustomError("department", "is no department")
    return value


Department = Annotated[str, AfterValidator(_department), Field(json_schema_extra={"enum": list(DEPARTMENTS)})]


def keepable(data: T) -> T:
    """The data, where a case can keep them."""
    if fault := fault_of(data):
        raise PydanticCustomError("not_keepable", "{fault}", {"fault": fault})
    return data


Data = Annotated[dict[str, JsonValue], AfterValidator(keepable)]
"""A JSON object that a case can keep."""
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Your own id of the act: the same key is done once, and answered with its first result.",
    ),
]


class Sent(BaseModel):
    """The body of a request: nothing is guessed, and nothing that is not known is passed over."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Answer(BaseModel):
    """The body of an answer, also read from rows of the database."""

    model_config = ConfigDict(from_attributes=True)


class ActDone(Answer):
    """What became of an act; the same key is answered the same again."""

    act: str
    at: datetime = Field(description="When it was done")
    by: str
    remark: str = Field(description="What the case has to say about it, in Chinese; mostly empty")


class Page(BaseModel, Generic[T]):
    """A page of a list. `next` is the `after` of the following page; null where this is the last one."""

    items: list[T]
    next: str | None = None


def isoformat(moment: datetime | None) -> str:
    """An instant as acts take it; empty for none."""
    return moment.isoformat() if moment else ""
