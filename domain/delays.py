"""What holds a clock up without stopping it: a cause, in words, from when to when.

A delay explains why a limit is missed; it never moves the due date, and the clock counts on. It begins and ends with an
element of the diagram that the clock names (`yekuo:delay`), such as the one where a case waits for materials; or it
begins when one is completed, such as the message that an outage was moved, and lasts until another has ended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.business_time import instant, spoken
from domain.orders import Cause

DELAY_TEXT = "delayText"
"""The key of a record's data under which stands, when the delay begins, what is told of the cause."""


@dataclass(frozen=True)
class Delay:
    """One delay of a clock. `key` is the element instance that it lasts as long as, or from which element to which;
    `until` is empty meanwhile."""

    cause: Cause
    text: str
    since: dt.datetime
    key: str
    until: dt.datetime | None = None

    @property
    def words(self) -> str:
        """The cause with what is told of it."""
        told = self.text.strip().rstrip("。")
        if not told or told.startswith(self.cause.title):
            return told or self.cause.title
        return f"{self.cause.title}：{told}"

    def sentence(self) -> str:
        """The delay in Chinese, as an explanation of a due date that is or may be missed."""
        until = f"至{spoken(self.until)}" if self.until else "起，尚未消除"
        return f"延误原因：{self.words}（{self.cause.party.title}原因，期限照计，自{spoken(self.since)}{until}）。"

    def to_json(self) -> dict[str, Any]:
        """The delay as plain JSON, what says nothing left out."""
        data = {"cause": self.cause.value, "text": self.text, "since": self.since.isoformat(), "key": self.key}
        return {**data, "until": self.until.isoformat()} if self.until else data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Delay:
        """The delay that `to_json` wrote; `KeyError` or `ValueError` for anything else."""
        until = data.get("until")
        return cls(
            Cause(data["cause"]),
            data["text"],
            instant(data["since"]),
            data["key"],
            instant(until) if until else None,
        )
