"""A weekly outage plan: which requests share an outage, when, with whom, and how good that is.

Requests on one feeder that are planned into the same outage 一停多用 are one item: their crews work beside each other,
what one crew has to do there follows in a row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from domain.business_time import instant
from domain.fields import Fields, Rows, Text, read_fields
from domain.outage.requests import OutageRequest, Priority
from domain.outage.values import Instant
from domain.outage.weeks import Week

_DOING = "采用这份停电周计划"


def _week(value: Any) -> str:
    try:
        return Week.read(value).id
    except (TypeError, ValueError):
        raise PydanticCustomError("field", "{problem}", {"problem": "应为周次（如2026-W49）"}) from None


class Work(Fields):
    """A request in an outage, and the crew that does it."""

    request: Text = Field(title="申请编号")
    crew: Text = Field(title="班组")


class PlanItem(Fields):
    """One outage of a feeder, or one energization without any."""

    feeder: Text = Field(title="线路")
    start: Instant = Field(title="停电时间")
    end: Instant = Field(title="送电时间")
    works: Rows[Work] = Field(title="工作")
    team: Text = Field(title="倒闸操作班组")

    @property
    def requests(self) -> tuple[str, ...]:
        """The numbers of the requests that it serves."""
        return tuple(work.request for work in self.works)

    @property
    def crews(self) -> tuple[str, ...]:
        """The crews that work in it, each once."""
        return tuple(dict.fromkeys(work.crew for work in self.works))

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.end - self.start).total_seconds() // 60)

    def meets(self, other: PlanItem) -> bool:
        """Whether both last at the same time."""
        return self.start < other.end and other.start < self.end


class Plan(Fields):
    """The plan of a dispatch unit and week. `notices_at` is when the notices of its outages go out."""

    unit: Text = Field(title="调度单位")
    week: Annotated[str, BeforeValidator(_week)] = Field(title="周次")
    notices_at: Instant = Field(title="停电公告时间")
    items: tuple[PlanItem, ...] = Field((), title="停电安排")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """The plan that `to_json` wrote or somebody made; `MissingFields` names all that is wrong, in Chinese."""
        return read_fields(cls, _DOING, data)

    def to_json(self) -> dict[str, Any]:
        """The plan as plain JSON."""
        return self.model_dump(mode="json", by_alias=True)

    @property
    def served(self) -> tuple[str, ...]:
        """The numbers of all requests in it."""
        return tuple(number for item in self.items for number in item.requests)

    def with_items(self, items: Iterable[PlanItem]) -> Plan:
        """The same plan with these items, in the order of their starts."""
        ordered = sorted(items, key=lambda item: (item.start, item.feeder, item.requests))
        return self.model_copy(update={"items": tuple(ordered)})


@dataclass(frozen=True)
class PastOutage:
    """An outage of a feeder that has been, or is approved outside the plan."""

    feeder: str
    start: dt.datetime

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PastOutage:
        """The outage that `to_json` wrote."""
        return cls(data["feeder"], instant(data["start"]))

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"feeder": self.feeder, "start": self.start.isoformat()}


@dataclass(frozen=True)
class Metrics:
    """What a plan achieves. `promises` are those of all requests, `merged` the requests that share their outage."""

    served: int
    requests: int
    promises_kept: int
    promises: int
    outages: int
    merged: int
    customer_minutes: int

    @property
    def customer_hours(self) -> Decimal:
        """Hours without power, summed over the customers."""
        return Decimal(self.customer_minutes) / 60

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, customers as hours."""
        return {
            "served": self.served,
            "requests": self.requests,
            "promisesKept": self.promises_kept,
            "promises": self.promises,
            "outages": self.outages,
            "merged": self.merged,
            "customerHours": round(self.customer_minutes / 60, 2),
        }


@total_ordering
@dataclass(frozen=True)
class Score:
    """How good a plan is; the greater the better. Earlier figures count before all later ones.

    The order is one of precedence, not a rate of exchange (domain.md §3.3): what has been let in as an emergency and
    what follows an upper-level outage first, then the promises kept, the other requests served by priority, and among
    plans equal in that the one that leaves the fewest customers without power for the shortest time, in the fewest
    items.
    """

    emergencies: int
    upper_level: int
    promises: int
    announced: int
    energizations: int
    others: int
    customer_minutes: int
    items: int

    @property
    def served(self) -> tuple[int, ...]:
        """The figures of which more is better."""
        return self.emergencies, self.upper_level, self.promises, self.announced, self.energizations, self.others

    def __lt__(self, other: Score) -> bool:
        return self._ranked() < other._ranked()

    def _ranked(self) -> tuple[int, ...]:
        return (*self.served, -self.customer_minutes, -self.items)


def together(item: PlanItem, requests: Mapping[str, OutageRequest]) -> tuple[OutageRequest, ...]:
    """The requests of an item, those that are known."""
    return tuple(requests[number] for number in item.requests if number in requests)


def keeps_promise(request: OutageRequest, item: PlanItem) -> bool:
    """Whether a request is energized in time where this item serves it."""
    return request.promise_due is not None and item.end <= request.promise_due


def customers(requests: Iterable[OutageRequest]) -> int:
    """How many customers an outage for these requests leaves without power.

    They are of one feeder, so that the widest outage holds the others.
    """
    return max((request.customers_affected for request in requests if request.takes_out), default=0)


def metrics(plan: Plan, requests: Iterable[OutageRequest]) -> Metrics:
    """What a plan achieves for these requests."""
    known = {request.request_no: request for request in requests}
    found = [(item, together(item, known)) for item in plan.items]
    return Metrics(
        served=sum(len(served) for _, served in found),
        requests=len(known),
        promises_kept=sum(keeps_promise(request, item) for item, served in found for request in served),
        promises=sum(request.promise_due is not None for request in known.values()),
        outages=sum(any(request.takes_out for request in served) for _, served in found),
        merged=sum(len(served) for _, served in found if len(served) > 1),
        customer_minutes=sum(item.minutes * customers(served) for item, served in found),
    )


def score(plan: Plan, requests: Iterable[OutageRequest]) -> Score:
    """How good a plan is for these requests; a plan that breaks a rule has a score too, but is none."""
    known = {request.request_no: request for request in requests}
    figures = metrics(plan, known.values())
    served = [known[number].priority for number in plan.served if number in known]
    return Score(
        emergencies=served.count(Priority.EMERGENCY),
        upper_level=served.count(Priority.UPPER_LEVEL),
        promises=figures.promises_kept,
        announced=served.count(Priority.ANNOUNCED),
        energizations=served.count(Priority.ENERGIZATION),
        others=served.count(Priority.OTHER),
        customer_minutes=figures.customer_minutes,
        items=len(plan.items),
    )
