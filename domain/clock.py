"""One running or ended clock of a case, and what may change about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from pydantic import Field

from domain.business_time import instant
from domain.clock_rules import ClockRule
from domain.delays import Delay
from domain.due import Move
from domain.fields import Count, Fields, Number, read_fields
from domain.limits import Flag


class Outcome(Enum):
    """How a clock ended: what it counted was done; it was dropped because nothing is to be done any more; a called case
    goes on with it."""

    STOPPED = "stopped"
    DROPPED = "dropped"
    PASSED_ON = "passed on"


@dataclass(frozen=True)
class Clock:
    """A clock by its rule. All instants are business time but `learned`, when the system knew of the start.

    `key` is the element instance of a step's clock. `ended` is empty while it runs. One that was `handed_on` runs in a
    called case, which watches it: `outcome` is PASSED_ON until that tells of its end. What ends it cannot be done
    before `earliest`: the start itself or, where it began by itself after steps that were entered late, the last of
    them. Empty where nothing is known. `delays` explain why it may be late; they change nothing about when it is due.
    `used` are the days of the limit that earlier rounds have used up.
    """

    id: str
    rule: str
    started: dt.datetime
    learned: dt.datetime
    key: str = ""
    ended: dt.datetime | None = None
    outcome: Outcome | None = None
    moves: tuple[Move, ...] = ()
    handed_on: bool = False
    earliest: dt.datetime | None = None
    delays: tuple[Delay, ...] = ()
    used: int = 0

    @property
    def running(self) -> bool:
        return self.ended is None

    def told(self, there: Clock, at: dt.datetime) -> Clock:
        """A clock that was handed on, as the called case tells of it at `at`: it is `there`.

        While it runs anywhere below it is passed on.
        """
        if there.ended and there.outcome is not Outcome.PASSED_ON:
            return replace(self, ended=there.ended, outcome=there.outcome, moves=there.moves, delays=there.delays)
        passed = self.ended if self.outcome is Outcome.PASSED_ON else at
        return replace(self, ended=passed, outcome=Outcome.PASSED_ON, moves=there.moves, delays=there.delays)

    def to_json(self) -> dict[str, Any]:
        """The clock as plain JSON, what says nothing left out."""
        data: dict[str, Any] = {
            "id": self.id,
            "rule": self.rule,
            "started": self.started.isoformat(),
            "learned": self.learned.isoformat(),
        }
        if self.key:
            data["key"] = self.key
        if self.ended and self.outcome:
            data |= {"ended": self.ended.isoformat(), "outcome": self.outcome.value}
        if self.handed_on:
            data["handedOn"] = True
        if self.earliest:
            data["earliest"] = self.earliest.isoformat()
        if self.used:
            data["used"] = self.used
        if self.moves:
            data["moves"] = [[m.due.isoformat(), m.by, m.reason, m.at.isoformat()] for m in self.moves]
        if self.delays:
            data["delays"] = [delay.to_json() for delay in self.delays]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Clock:
        """The clock that `to_json` wrote; `KeyError` or `ValueError` for anything else."""
        ended = data.get("ended")
        outcome = Outcome(data["outcome"]) if ended else None
        earliest = data.get("earliest")
        return cls(
            data["id"],
            data["rule"],
            instant(data["started"]),
            instant(data["learned"]),
            data.get("key", ""),
            instant(ended) if ended else None,
            outcome,
            tuple(Move(instant(due), by, reason, instant(at)) for due, by, reason, at in data.get("moves", ())),
            data.get("handedOn", outcome is Outcome.PASSED_ON),
            instant(earliest) if earliest else None,
            tuple(map(Delay.from_json, data.get("delays", ()))),
            data.get("used", 0),
        )


def new_id(rule: ClockRule, key: str, latest: Clock | None) -> str:
    """The id of a clock that begins: by the element instance of a step, by the number of the round otherwise."""
    if rule.per_step:
        return f"{rule.id}:{key}"
    if latest is None:
        return rule.id
    return f"{rule.id}#{int(latest.id.partition('#')[2] or 1) + 1}"


@dataclass(frozen=True)
class Moment:
    """When an element that may start a clock last did; `name` is the element's in the diagram, or else its id."""

    element: str
    name: str
    at: dt.datetime

    def to_json(self) -> list[str]:
        """It as a plain JSON list."""
        return [self.element, self.name, self.at.isoformat()]

    @classmethod
    def from_json(cls, row: Sequence[str]) -> Moment:
        """What `to_json` wrote."""
        element, name, at = row
        return cls(element, name, instant(at))


class ChangeKind(Enum):
    """What happened to a clock, with the word for people."""

    STARTED = "起算"
    STOPPED = "截止"
    DROPPED = "取消"
    PASSED_ON = "移交"
    REOPENED = "恢复"
    MOVED = "调整"
    CONFIRMED = "确认"
    DELAYED = "延误"
    EASED = "延误消除"


@dataclass(frozen=True)
class Change:
    """What happened to one clock, for the journal and for those it concerns.

    `at` is business time. `days` says by how many calendar days a moved clock is due later (negative: earlier).
    CONFIRMED: a provisional due date that a new calendar left where it is. DELAYED and EASED: something holds the clock
    up, and does not any more; it counts on and is due when it was. `due` is empty where no limit is set.
    """

    kind: ChangeKind
    clock: str
    name: str
    at: str
    due: str = ""
    provisional: bool = False
    previous: str = ""
    days: int = 0
    reason: str = ""
    department: str = ""

    def to_json(self) -> dict[str, Any]:
        """The change as plain JSON."""
        return {**self.__dict__, "kind": self.kind.value}


class _Application(Fields):
    """What an application states of itself; a form may give numbers as text."""

    voltage_kv: Number | None = Field(None, title="电压等级(kV)")
    sources: Count | None = Field(None, title="电源数")
    dedicated_line: Flag | None = Field(None, title="是否专线")


@dataclass(frozen=True)
class Facts:
    """What chooses the rows of a case: voltage, number of supply sources, dedicated line, and since when it runs.

    `accepted_on` is the day whose version of the limits the case keeps.
    """

    voltage_kv: str
    sources: int
    dedicated: bool
    accepted_on: str

    @classmethod
    def of(cls, variables: Mapping[str, Any], accepted_on: dt.date) -> Facts:
        """The facts of an application, as far as it states them; without a voltage it chooses no row.

        Raises `MissingFields` for what is stated and is none: a voltage that is no number, half a source.
        """
        stated = read_fields(_Application, "受理", variables)
        return cls(
            str(stated.voltage_kv or 0),
            stated.sources or 1,
            stated.dedicated_line is True,
            accepted_on.isoformat(),
        )

    def to_json(self) -> dict[str, Any]:
        """The facts as plain JSON."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class ClockSettings:
    """How a company counts: the end of its day, and which start counts of clocks that several elements start.

    `counts` names the element by rule id, before what the rule itself says. `kept_closed` is how many ended clocks a
    case remembers beside the newest of each rule. Those who hold one of `move_posts` (values of `domain.posts.Post`)
    for the clock's department, or a post above it, may move a due date; that of one of the company's two promises those
    who hold one of `promise_posts`.
    """

    close: str = "24:00"
    counts: Mapping[str, str] | None = None
    kept_closed: int = 200
    move_posts: Sequence[str] = ("department_head", "service_centre")
    promise_posts: Sequence[str] = ("company_head",)

    def to_json(self) -> dict[str, Any]:
        """The settings as plain JSON, those that are as they come left out."""
        plain = ClockSettings()
        return {name: value for name, value in self.__dict__.items() if value != getattr(plain, name)}
