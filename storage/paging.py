"""Where a page of a list begins: the sort key of the last line of the page before, as a text that says nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Where what has no due date stands in the order of due dates."""

_INTEGERS = range(-(2**31), 2**31)
"""What both databases take for a number."""


class WrongPlace(ValueError):
    """The text does not say where a page begins."""


def mark(order: str, *key: str | int | datetime) -> str:
    """Where the page after a line with this sort key begins."""
    told = [part.isoformat() if isinstance(part, datetime) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps([order, *told]).encode()).decode()


def place(after: str, order: str, *kinds: type[str] | type[int] | type[datetime]) -> list[Any]:
    """The sort key that `mark` wrote for the same order. Raises `WrongPlace` for anything else."""
    try:
        said, *told = json.loads(base64.urlsafe_b64decode(after.encode()))
        if said != order or len(told) != len(kinds):
            raise WrongPlace(after)
        return [_value(part, kind) for part, kind in zip(told, kinds, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise WrongPlace(after) from error


def _value(told: object, kind: type[str] | type[int] | type[datetime]) -> str | int | datetime:
    if kind is datetime and isinstance(told, str):
        moment = datetime.fromisoformat(told)
        if moment.tzinfo:
            return moment.astimezone(UTC)
    elif isinstance(told, kind) and not isinstance(told, bool) and (kind is str or told in _INTEGERS):
        return told
    raise WrongPlace(str(told))


def beyond(columns: Sequence[ColumnElement[Any]], key: Sequence[Any]) -> ColumnElement[bool]:
    """What comes after `key` in the rising order of these columns."""
    return or_(
        *(
            and_(*(earlier == value for earlier, value in zip(columns[:n], key[:n], strict=True)), columns[n] > key[n])
            for n in range(len(columns))
        )
    )
