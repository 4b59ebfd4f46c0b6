"""The outages that requests of one feeder may share, and when the rules allow each by itself.

What a proposal chooses from. The rules stand here once more, in minutes of the week, apart from `domain.outage.breaks`,
so that neither hides a fault of the other.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice

from domain.calendar import shanghai_date
from domain.outage.breaks import OPERATIONS
from domain.outage.notice import lead
from domain.outage.placing import GRID
from domain.outage.plan import PastOutage, Plan, PlanItem, Work, customers
from domain.outage.requests import OutageRequest
from domain.outage.rules import APART, OutageRules
from domain.outage.weeks import Week, bounds

DAY = 24 * 60
_STEP = GRID // dt.timedelta(minutes=1)
_MOST_TOGETHER = 200
"""How many ways to share outages are thought of on one feeder; beyond it the smaller ones."""


@dataclass(frozen=True)
class Possible:
    """A possible outage: requests of one feeder that share it. Times are minutes from the start of the week."""

    requests: tuple[OutageRequest, ...]

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(request.request_no for request in self.requests)

    @property
    def feeder(self) -> str:
        return self.requests[0].feeder

    @property
    def team(self) -> str:
        return self.requests[0].switching_team

    @cached_property
    def busy(self) -> dict[str, int]:
        """How long each crew works: side by side, but one after the other for the same crew."""
        found: dict[str, int] = defaultdict(int)
        for request in self.requests:
            found[request.crew] += request.minutes
        return dict(found)

    @cached_property
    def minutes(self) -> int:
        return max(self.busy.values())

    @cached_property
    def customers(self) -> int:
        return customers(self.requests)

    @cached_property
    def off(self) -> frozenset[str]:
        return frozenset(code for request in self.requests for code in request.off)

    @cached_property
    def takes_out(self) -> bool:
        return any(request.takes_out for request in self.requests)

    @cached_property
    def ordinary(self) -> bool:
        return not all(request.is_emergency for request in self.requests)

    def item(self, start: dt.datetime) -> PlanItem:
        """As an item of a plan."""
        return PlanItem(
            feeder=self.feeder,
            start=start,
            end=start + dt.timedelta(minutes=self.minutes),
            works=tuple(Work(request=request.request_no, crew=request.crew) for request in self.requests),
            team=self.team,
        )


class Allowed:
    """Which outages the rules allow by themselves, and when they may begin."""

    def __init__(self, empty: Plan, rules: OutageRules, history: Sequence[PastOutage]) -> None:
        self._plan, self._rules = empty, rules
        self._start, self._end = bounds(Week.read(empty.week), rules)
        self.days = [shanghai_date(self._start) + dt.timedelta(days=day) for day in range(7)]
        opens, closes = rules.hours_of(self._start)
        self._opens, self._closes = self._after(opens), self._before(closes)
        self._past: dict[str, list[dt.date]] = defaultdict(list)
        for one in history:
            self._past[one.feeder].append(shanghai_date(one.start))

    def moment(self, minute: int) -> dt.datetime:
        return self._start + dt.timedelta(minutes=minute)

    def minute(self, moment: dt.datetime) -> int:
        """The last whole minute up to an instant."""
        return self._before(moment)

    def left(self, feeder: str, day: int, days: int, outages: int) -> int:
        """How many more outages a row of the frequency rule allows a feeder up to a day of the week."""
        last = self.days[day].toordinal()
        return outages - sum(last - days < one.toordinal() <= last for one in self._past[feeder])

    def starts(self, outage: Possible) -> list[int]:
        """When it may begin; nothing where it may not at all."""
        if not self._possible(outage):
            return []
        first = max(0, *(self._after(request.earliest_start) for request in outage.requests))
        first = max(first, *(self._told(request, outage) for request in outage.requests))
        last = min(self._before(self._end), *(self._before(request.latest_end) for request in outage.requests))
        grid = range(-(-first // _STEP) * _STEP, last - outage.minutes + 1, _STEP)
        if not outage.ordinary:
            return list(grid)
        closed = [span for request in outage.requests for span in self._protected(request)]
        resting = self._resting(outage)
        return [
            start
            for start in grid
            if self._opens <= start % DAY
            and start % DAY + outage.minutes <= self._closes
            and start // DAY not in resting
            and not any(start < end and begin < start + outage.minutes for begin, end in closed)
        ]

    def _possible(self, outage: Possible) -> bool:
        rules, team = self._rules, self._rules.switching_team(outage.team)
        if team is None or OPERATIONS[outage.takes_out] > team.operations_per_day:
            return False
        if outage.takes_out and outage.ordinary and rules.max_lines_out_per_day.value < 1:
            return False
        for code, minutes in outage.busy.items():
            crew = rules.crew(code)
            if crew is None or minutes > crew.hours_per_day * 60:
                return False
        if any(request.unit != self._plan.unit for request in outage.requests):
            return False
        if any(request.is_emergency and not request.emergency_approver for request in outage.requests):
            return False
        # What must be out together is planned only where one outage has both.
        return all(
            len({relation.first, relation.second} & outage.off) != (2 if relation.kind == APART else 1)
            for relation in rules.relations
        )

    def _told(self, request: OutageRequest, outage: Possible) -> int:
        """From when on the public has been told in time of a request's outage."""
        if not request.needs_notice:
            return 0
        told = (request.noticed_at or self._plan.notices_at) + lead(request, self._rules)
        joined = [
            other.noticed_at + lead(other, self._rules)
            for other in outage.requests
            if other.noticed_at and other.needs_notice and other.customers_affected >= request.customers_affected
        ]
        return self._after(min([told, *joined]))

    def _protected(self, request: OutageRequest) -> Iterator[tuple[int, int]]:
        for period in self._rules.protecting(request.station, request.feeder):
            yield self._before(period.start), self._after(period.end)

    def _resting(self, outage: Possible) -> set[int]:
        """Days on which the feeder has been out too often or too lately."""
        if not outage.customers:
            return set()
        gap, past = self._rules.minimum_gap_days.value, self._past[outage.feeder]
        return {
            day
            for day, date in enumerate(self.days)
            if any(abs((date - one).days) < gap for one in past)
            or any(self.left(outage.feeder, day, row.days, row.outages) < 1 for row in self._rules.frequency)
        }

    def _after(self, moment: dt.datetime) -> int:
        return -int(-(moment - self._start) // dt.timedelta(minutes=1))

    def _before(self, moment: dt.datetime) -> int:
        return int((moment - self._start) // dt.timedelta(minutes=1))


def shared(requests: Sequence[OutageRequest], wanted: Iterable[frozenset[str]]) -> Iterator[Possible]:
    """The sets of a feeder's requests that might share an outage, the smaller first, and those that are wanted."""
    sets = (group for size in range(1, len(requests) + 1) for group in combinations(requests, size))
    thought_of = [Possible(group) for group in islice(sets, _MOST_TOGETHER)]
    yield from thought_of
    found = {possible.numbers for possible in thought_of}
    for numbers in wanted:
        group = tuple(request for request in requests if request.request_no in numbers)
        if group and numbers not in found:
            yield Possible(group)
