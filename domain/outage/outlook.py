"""Which cases are likely to be energized in each of the next weeks, from where their clocks stand.

A case is expected so many days after the last due day of its clocks as its stage says, with the probability that the
stage has in the table of rules; a case whose day has passed is expected in the first week. The end of a week, when
what is due on its last day is due, belongs to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.outage.rules import OutageRules
from domain.outage.weeks import Week, bounds, week_at

WEEKS = 4


@dataclass(frozen=True)
class CaseStanding:
    """A case as its clocks show it: its stage and when the clocks that run are due."""

    case_no: str
    stage: str
    feeder: str
    due: tuple[dt.datetime, ...]


@dataclass(frozen=True)
class Likely:
    """A case that is likely to be energized: when it is expected, and how likely, in percent."""

    case_no: str
    stage: str
    feeder: str
    expected: dt.datetime
    probability: float


@dataclass(frozen=True)
class OutlookWeek:
    """A week to come with the cases expected in it, the most likely first."""

    week: Week
    start: dt.datetime
    end: dt.datetime
    cases: tuple[Likely, ...]

    @property
    def expected(self) -> float:
        """How many energizations are to be expected."""
        return sum(case.probability for case in self.cases) / 100

    @property
    def feeders(self) -> Mapping[str, tuple[str, ...]]:
        """The cases on each feeder: where there are several, one outage may serve them all."""
        found: dict[str, tuple[str, ...]] = {}
        for case in self.cases:
            found[case.feeder] = (*found.get(case.feeder, ()), case.case_no)
        return found


def outlook(cases: Iterable[CaseStanding], at: dt.datetime, rules: OutageRules) -> tuple[OutlookWeek, ...]:
    """The next four weeks after the one of `at`. Cases of other stages than the table's are not expected in any."""
    weeks = [week_at(at, rules).later(ahead) for ahead in range(1, WEEKS + 1)]
    expected = sorted(_likely(cases, rules), key=lambda one: (-one.probability, one.expected, one.case_no))
    found = []
    for number, week in enumerate(weeks):
        start, end = bounds(week, rules)
        held = [one for one in expected if start < one.expected <= end or (number == 0 and one.expected < at)]
        found.append(OutlookWeek(week, start, end, tuple(held)))
    return tuple(found)


def _likely(cases: Iterable[CaseStanding], rules: OutageRules) -> Iterable[Likely]:
    rows = {row.stage: row for row in rules.outlook}
    for case in cases:
        row = rows.get(case.stage)
        if row and case.due:
            expected = max(case.due) + dt.timedelta(days=row.days)
            yield Likely(case.case_no, case.stage, case.feeder, expected, float(row.probability))
