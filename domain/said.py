"""A journal record taken apart for sentences: its parts as text, people by name, instants as people write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from domain.business_time import HAPPENED_AT, spoken
from domain.chinese import BUSINESS_ZONE
from domain.records import Record

PROCESS = "process"
"""The type of the records that speak of a whole process."""


class Sentence(NamedTuple):
    """The same said in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Said:
    """A record as sentences take it apart: every part is text, empty where it is not there.

    `name_of` gives the name of an account, `clock_of` that of a clock.
    """

    record: Record
    name_of: Callable[[str], str]
    clock_of: Callable[[str], str]

    @property
    def step(self) -> str:
        return self.record.name or self.record.element

    @property
    def whole(self) -> bool:
        return self.record.type == PROCESS

    def value(self, key: str) -> Any:
        return self.record.data.get(key)

    def text(self, key: str) -> str:
        value = self.value(key)
        return "" if value is None else str(value)

    def texts(self, key: str) -> list[str]:
        value = self.value(key)
        return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []

    def who(self, key: str = "by", otherwise: str = "系统") -> str:
        account = self.text(key)
        return self.name_of(account) if account else otherwise

    def who_en(self, key: str = "by") -> str:
        return self.who(key, "the system")

    def people(self, key: str) -> list[str]:
        return [self.name_of(account) for account in self.texts(key)]

    def when(self, key: str) -> str:
        moment = moment_of(self.text(key))
        return spoken(moment) if moment else self.text(key)

    def when_en(self, key: str) -> str:
        moment = moment_of(self.text(key))
        return f"{moment.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}" if moment else self.text(key)

    @property
    def clock(self) -> str:
        return self.text("name") or self.clock_of(self.text("clock"))


def moment_of(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def more(lead: str, text: str) -> str:
    """`text` after `lead`, nothing where there is none."""
    return f"{lead}{text}" if text else ""


def accounts_of(record: Record) -> set[str]:
    """The accounts that a record's sentence may name."""
    told = [record.data.get(key) for key in ("by", "to", "assignee", "candidateUsers")]
    several = [one for part in told for one in (part if isinstance(part, list) else [part])]
    return {one for one in several if isinstance(one, str) and one}


def lateness(said: Said) -> Sentence:
    """In brackets: when it really happened, and why that is entered late; nothing where there is none of it."""
    reason = said.text("lateReason")
    parts = [more("实际发生于", said.when(HAPPENED_AT)), more("补录原因：", reason)]
    parts_en = [more("really at ", said.when_en(HAPPENED_AT)), more("entered late: ", reason)]
    told, told_en = "；".join(filter(None, parts)), "; ".join(filter(None, parts_en))
    return Sentence(f"（{told}）" if told else "", f" ({told_en})" if told_en else "")
