"""The supervision order 督办单: raised when a limit has passed, to be answered with a cause and a new promised date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from domain.business_time import closing, day_ending, instant, spoken
from domain.calendar import WorkingCalendar, shanghai_date


class Party(Enum):
    """Whose doing a cause is."""

    CUSTOMER = "customer"
    UTILITY = "utility"
    OTHER = "other"

    @property
    def title(self) -> str:
        return _PARTIES[self]


class Cause(Enum):
    """Why a limit was broken; only the staff's own fault is held against the staff (domain.md §1.1, rule 10).

    A shortage of materials is a cause of its own (row 5): the utility's, and no officer's.
    """

    CUSTOMER = "customer"
    STAFF = "staff"
    GRID = "grid"
    POLICY = "policy"
    SYSTEM = "system"
    MATERIALS_SHORTAGE = "materials_shortage"

    @property
    def title(self) -> str:
        return _TITLES[self]

    @property
    def party(self) -> Party:
        return _OF_OTHERS.get(self, Party.UTILITY)


_TITLES = {
    Cause.CUSTOMER: "客户",
    Cause.STAFF: "业务人员",
    Cause.GRID: "电网受限",
    Cause.POLICY: "政策",
    Cause.SYSTEM: "系统",
    Cause.MATERIALS_SHORTAGE: "物资短缺",
}
_PARTIES = {Party.CUSTOMER: "客户", Party.UTILITY: "供电企业", Party.OTHER: "外部"}
_OF_OTHERS = {Cause.CUSTOMER: Party.CUSTOMER, Cause.POLICY: Party.OTHER}


class OrderRefused(ValueError):
    """An answer that is not taken; the text says in Chinese why, `field` which of its fields is wrong, if one is."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Answer:
    """What was answered: the cause, the new promised date, by whom, when, and in what words."""

    cause: Cause
    promised: dt.datetime
    by: str
    at: dt.datetime
    text: str = ""


@dataclass(frozen=True)
class Origin:
    """Where an order was raised: the workflow, and its name for the clock there."""

    workflow: str
    clock: str


@dataclass(frozen=True)
class Order:
    """A supervision order of one clock. `number` is empty until the numbering has given one.

    `origin` is empty where the order was raised; a called case that goes on with the clock has it from there, so that
    both get the same number.
    """

    clock: str
    issued: dt.datetime
    number: str = ""
    answer: Answer | None = None
    origin: Origin | None = None

    def answer_by(self, workdays: int, calendar: WorkingCalendar, close: dt.timedelta) -> dt.datetime:
        """Until when it is to be answered: so many working days, the day it was issued on not counted."""
        return closing(calendar.add_workdays(day_ending(self.issued), workdays).date, close)

    def answered(self, code: str, promised: dt.datetime, by: str, at: dt.datetime, text: str = "") -> Order:
        """The order with its answer.

        Raises `OrderRefused` for an order that has one, a cause that is none of `Cause`, or a promise that does not lie
        ahead.
        """
        if self.answer:
            raise OrderRefused(f"督办单{self.number}已于{spoken(self.answer.at)}答复，不能重复答复")
        causes = {cause.value: cause for cause in Cause}
        if code not in causes:
            choices = "、".join(f"{value}（{cause.title}）" for value, cause in causes.items())
            raise OrderRefused(f"原因“{code}”应为{choices}之一", "cause")
        if promised <= at:
            raise OrderRefused(f"新的承诺时间{spoken(promised)}应晚于现在{spoken(at)}", "promised")
        return replace(self, answer=Answer(causes[code], promised, by, at, text.strip()))

    def to_json(self) -> dict[str, Any]:
        """The order as plain JSON, what says nothing left out."""
        data: dict[str, Any] = {"clock": self.clock, "issued": self.issued.isoformat()}
        if self.number:
            data["number"] = self.number
        if self.origin:
            data["origin"] = dict(self.origin.__dict__)
        if self.answer:
            answer = self.answer
            data["answer"] = {
                "cause": answer.cause.value,
                "promised": answer.promised.isoformat(),
                "by": answer.by,
                "at": answer.at.isoformat(),
                "text": answer.text,
            }
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Order:
        """The order that `to_json` wrote; `KeyError` or `ValueError` for anything else."""
        given = data.get("answer")
        answer = (
            Answer(Cause(given["cause"]), instant(given["promised"]), given["by"], instant(given["at"]), given["text"])
            if given
            else None
        )
        origin = Origin(**data["origin"]) if "origin" in data else None
        return cls(data["clock"], instant(data["issued"]), data.get("number", ""), answer, origin)


def issued_at(passed: dt.datetime, now: dt.datetime) -> dt.datetime:
    """When an order for a limit that passed at one instant counts as issued at another.

    At the passing itself, where the system saw to it the same day; else now, so that nobody is behind with an order
    that did not exist.
    """
    return passed if shanghai_date(passed) == shanghai_date(now) else now


@dataclass(frozen=True)
class BulletinEntry:
    """A line of the weekly bulletin's red list 周通报 (domain.md §5.4); instants ISO 8601."""

    clock: str
    name: str
    department: str
    raised: str
    due: str
    overdue_days: int
    order: str = ""
    cause: str = ""
    promised: str = ""

    def to_json(self) -> dict[str, Any]:
        """The line as plain JSON."""
        return dict(self.__dict__)
