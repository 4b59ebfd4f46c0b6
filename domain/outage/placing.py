"""Where in a plan one more request might go, and what would stand in its way there.

Starts lie on full and half hours. Each place is judged by `domain.outage.breaks`, on those items of the plan that it
can have anything to do with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.outage.breaks import Break, broken_by
from domain.outage.notice import first_start
from domain.outage.plan import PastOutage, Plan, PlanItem, Work, together
from domain.outage.requests import OutageRequest
from domain.outage.rules import OutageRules
from domain.outage.weeks import Week, bounds

GRID = dt.timedelta(minutes=30)
"""Between one possible start and the next."""


@dataclass(frozen=True)
class Place:
    """A place for a request: an item of its own, or the one that it joins, which grows where it must."""

    item: PlanItem
    joins: PlanItem | None = None


@dataclass(frozen=True)
class Places:
    """Seeks places in plans for one week, by its requests, rules and what has been."""

    requests: Mapping[str, OutageRequest]
    rules: OutageRules
    history: Sequence[PastOutage] = ()

    def of(self, request: OutageRequest, plan: Plan) -> Iterator[Place]:
        """All places, those in an outage that is planned already first, then by their starts.

        Where the request's own times leave none in the week, the first one that it would have without their end.
        """
        for item in plan.items:
            if item.feeder == request.feeder:
                yield Place(self._joined(request, item), item)
        week_start, week_end = self._bounds(plan)
        soonest, last = max(request.earliest_start, week_start), min(request.latest_end, week_end) - request.duration
        alone = None
        for start in self._starts(soonest, last, request.duration, request.is_emergency):
            alone = _alone(request, start)
            yield Place(alone)
        if alone is None:
            yield Place(_alone(request, on_grid(first_start(request, soonest, self.rules) or soonest)))

    def broken(self, place: Place, plan: Plan) -> Iterator[Break]:
        """What would break by it; the plan itself is thought to be sound."""
        item = place.item
        days = {item.start.date(), item.end.date()}
        near = [
            other
            for other in plan.items
            if other is not place.joins
            and (other.feeder == item.feeder or not days.isdisjoint((other.start.date(), other.end.date())))
        ]
        return broken_by(item, near, plan, self.requests, self.rules, self.history)

    def settled(self, plan: Plan) -> Plan:
        """The plan with each item, in their order, as early as the rules allow: nobody waits for nothing."""
        for item in plan.items:
            served, length = together(item, self.requests), item.end - item.start
            soonest = max(self._bounds(plan)[0], *(request.earliest_start for request in served))
            urgent = all(request.is_emergency for request in served)
            for start in self._starts(soonest, item.start - GRID, length, urgent):
                place = Place(item.model_copy(update={"start": start, "end": start + length}), item)
                if next(self.broken(place, plan), None) is None:
                    plan = self.taken(place, plan)
                    break
        return plan

    def taken(self, place: Place, plan: Plan) -> Plan:
        """The plan with the request in its place."""
        return plan.with_items((*(item for item in plan.items if item is not place.joins), place.item))

    def _starts(
        self, first: dt.datetime, last: dt.datetime, length: dt.timedelta, at_any_hour: bool
    ) -> Iterator[dt.datetime]:
        """Possible starts of something so long, within working hours but for emergencies."""
        start = on_grid(first)
        while start <= last:
            opens, closes = self.rules.hours_of(start)
            if at_any_hour or (opens <= start and start + length <= closes):
                yield start
            start += GRID

    def _joined(self, request: OutageRequest, item: PlanItem) -> PlanItem:
        busy = request.minutes + sum(
            self.requests[work.request].minutes for work in item.works if work.crew == request.crew
        )
        end = max(item.end, item.start + dt.timedelta(minutes=busy))
        return item.model_copy(update={"end": end, "works": (*item.works, _work(request))})

    def _bounds(self, plan: Plan) -> tuple[dt.datetime, dt.datetime]:
        return bounds(Week.read(plan.week), self.rules)


def on_grid(moment: dt.datetime) -> dt.datetime:
    """The first possible start from an instant on."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + -(-(moment - midnight) // GRID) * GRID


def _work(request: OutageRequest) -> Work:
    return Work(request=request.request_no, crew=request.crew)


def _alone(request: OutageRequest, start: dt.datetime) -> PlanItem:
    return PlanItem(
        feeder=request.feeder,
        start=start,
        end=start + request.duration,
        works=(_work(request),),
        team=request.switching_team,
    )
