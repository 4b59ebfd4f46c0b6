"""Cases as a story: who does what on which working day, written so that it can begin on any date (`demo.dates`).

A story may take an excerpt of another one: its acts from one element to another, begun on another day, in another case.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from demo.dates import Dates, OneDay, first_ordinary_monday
from domain.acts import AcknowledgeLevel, AnswerOrder
from domain.calendar import WorkingCalendar

NAMES = ("10kv", "110kv-bay", "outage-conflict", "shortage", "withdrawn")
"""The scenarios there are."""


@dataclass(frozen=True)
class Happening(ABC):
    """Something that somebody, or a system, does at an instant."""

    at: datetime
    by: str

    @property
    @abstractmethod
    def what(self) -> str:
        """What it is, for who is told that it could not be done."""


@dataclass(frozen=True)
class Act(Happening):
    """Somebody completes the task of an element.

    `on` is the case or plan by its name in the story, empty for the first case. The fields `shown` are handed in as the
    form shows them; with `where` it is a task whose form shows just that.
    """

    element: str
    data: dict[str, Any]
    on: str = ""
    shown: tuple[str, ...] = ()
    where: Mapping[str, Any] = field(default_factory=dict)

    @property
    def what(self) -> str:
        return self.element


@dataclass(frozen=True)
class Reaction(Happening):
    """Somebody reacts to a level of the ladder."""

    act: AcknowledgeLevel | AnswerOrder
    on: str = ""

    @property
    def what(self) -> str:
        return self.act.clock


@dataclass(frozen=True)
class Word(Happening):
    """A message goes to a case that waits for it."""

    message: str
    data: dict[str, Any]
    on: str = ""

    @property
    def what(self) -> str:
        return self.message


@dataclass(frozen=True)
class Arrival(Happening):
    """Goods come to the depot, in their items' units, against an order's number where they were ordered."""

    goods: Mapping[str, float]
    order: str = ""

    @property
    def what(self) -> str:
        return "、".join(self.goods)


@dataclass(frozen=True)
class Works(Happening):
    """Other works ask for an outage in the week of a plan, as a system does."""

    request: dict[str, Any]
    on: str

    @property
    def what(self) -> str:
        return str(self.request["workContent"])


@dataclass(frozen=True)
class Opening:
    """A case of a story as it begins: its name in the story, its process, and what is known."""

    name: str
    process: str
    variables: dict[str, Any]

    @property
    def case_no(self) -> str:
        return str(self.variables["caseNo"])


@dataclass(frozen=True)
class Scenario:
    """A story that begins on `start`.

    `given` is what is there before (`demo.givens`); `plans` are the weeks of outage plans by their name in the story;
    it is over `until` then, or with its last act.
    """

    name: str
    title: str
    start: date
    openings: tuple[Opening, ...]
    acts: list[Happening]
    given: Mapping[str, Any] = field(default_factory=dict)
    plans: Mapping[str, str] = field(default_factory=dict)
    until: datetime | None = None

    @property
    def process(self) -> str:
        """The process of the first case."""
        return self.openings[0].process

    @property
    def variables(self) -> dict[str, Any]:
        """What is known of the first case."""
        return self.openings[0].variables


def read_scenario(name: str, start: date | None = None) -> Scenario:
    """The scenario of that name, begun on `start` or, where that is none, on the first day after it that it can begin
    on; or begun as it is written."""
    return scenario_of(json.loads(scenario_text(name)), start)


def scenario_text(name: str) -> str:
    """The scenario of that name as it is written, JSON."""
    return Path(__file__).with_name(f"{name}.json").read_text("utf-8")


def scenario_of(told: Mapping[str, Any], start: date | None = None) -> Scenario:
    """The scenario that is written so, begun on `start` or the first day after it that it can begin on."""
    calendar = WorkingCalendar.shipped()
    wanted = start or date.fromisoformat(told["start"])
    if "ordinaryWeeks" in told:
        first = first_ordinary_monday(calendar, wanted, told["ordinaryWeeks"])
    else:
        first = calendar.add_workdays(wanted, 0).date
    return _resolved(told, Dates(calendar, first))


def read_scenario_in_one_day(name: str, day: date) -> Scenario:
    """The scenario of that name as if all of it had happened on `day`, at the times of day that it tells; what lay
    before its start still does."""
    return _resolved(json.loads(scenario_text(name)), OneDay(WorkingCalendar.shipped(), day))


def _resolved(told: Mapping[str, Any], dates: Dates) -> Scenario:
    # In the order of the working days, not of the instants: a story may be told as if all had happened in one day.
    acts = sorted(_acts(told, dates), key=lambda one: one[:2])
    return Scenario(
        name=told["name"],
        title=told["title"],
        start=dates.start,
        openings=tuple(_openings(told, dates)),
        acts=[_act(by, one) for _, _, by, one in acts],
        given=dates.resolve(told.get("given", {})),
        plans=dates.resolve(told.get("plans", {})),
        until=dates.instant(told["until"]) if "until" in told else None,
    )


def _openings(told: Mapping[str, Any], dates: Dates) -> Iterator[Opening]:
    """The cases; each may take over what another story knows of its own."""
    for name, one in told["cases"].items():
        known = dates.resolve(one["variables"])
        if "like" in one:
            [like] = _openings(json.loads(scenario_text(one["like"])), dates)
            yield Opening(name, like.process, {**like.variables, **known})
        else:
            yield Opening(name, one["process"], known)


Told = tuple[int, str, Dates, Mapping[str, Any]]
"""An act as it is written: its working day in the story, its time of day, the dates it speaks by."""


def _acts(told: Mapping[str, Any], dates: Dates) -> Iterator[Told]:
    for one in told["acts"]:
        if "excerpt" in one:
            yield from _excerpt(one, dates)
        else:
            day, clock = one["at"].split()
            yield int(day), clock, dates, one


def _excerpt(one: Mapping[str, Any], dates: Dates) -> Iterator[Told]:
    """The acts of another story from `first` to `last`, `without` some, the first of them on the working day `day`, and
    `instead` of its words others."""
    text = scenario_text(one["excerpt"])
    for old, new in one.get("instead", {}).items():
        text = text.replace(old, new)
    told = list(_acts(json.loads(text), dates))
    elements = [act.get("element") for _, _, _, act in told]
    begin = elements.index(one["first"]) if "first" in one else 0
    end = len(elements) - elements[::-1].index(one["last"]) if "last" in one else len(elements)
    shift = one["day"] - told[begin][0] if "day" in one else 0
    for day, clock, _, act in told[begin:end]:
        if act.get("element") not in one.get("without", ()):
            yield day + shift, clock, dates.later(shift), {**act, "at": f"{day} {clock}", "on": one.get("on", "")}


def _act(dates: Dates, told: Mapping[str, Any]) -> Happening:
    dates = dates.of_act(int(told["at"].split()[0]))
    at, by, on = dates.instant(told["at"]), told["by"], told.get("on", "")
    if "acknowledge" in told:
        return Reaction(at, by, AcknowledgeLevel(by=by, **told["acknowledge"]), on)
    if "answer" in told:
        return Reaction(at, by, AnswerOrder(by=by, **dates.resolve(told["answer"])), on)
    if "message" in told:
        return Word(at, by, told["message"], dates.resolve(told["data"]), on)
    if "goods" in told:
        return Arrival(at, by, told["goods"], told.get("order", ""))
    if "works" in told:
        return Works(at, by, {**dates.resolve(told["works"]), "appliedAt": at.isoformat()}, on)
    shown = tuple(told.get("shown", ()))
    return Act(at, by, told["element"], dates.resolve(told["data"]), on, shown, dates.resolve(told.get("where", {})))
