"""The weeks of outage plans, named as ISO weeks are ("2026-W49"), and which one a request falls in by the cut-off.

A week is seven days in Chinese time, which has had no summer time since 1991. It may start on another day than Monday:
it then holds most of the ISO week of that name. Its cut-off is the last instant
of the table's weekday and hour before it starts.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from domain.business_time import close_of_business, spoken
from domain.chinese import BUSINESS_ZONE
from domain.outage.requests import OutageRequest
from domain.outage.rules import OutageRules

_WEEK = dt.timedelta(weeks=1)


@dataclass(frozen=True, order=True)
class Week:
    """A week by its ISO year and number."""

    year: int
    number: int

    @classmethod
    def read(cls, text: str) -> Week:
        """From its id; `ValueError` for a week that is in no calendar."""
        found = re.fullmatch(r"(\d{4})-W(\d\d)", text)
        if not found:
            raise ValueError(f"{text!r} is not a week such as 2026-W49")
        week = cls(int(found[1]), int(found[2]))
        dt.date.fromisocalendar(week.year, week.number, 1)
        return week

    @property
    def id(self) -> str:
        return f"{self.year:04}-W{self.number:02}"

    @property
    def monday(self) -> dt.date:
        """The Monday of the ISO week."""
        return dt.date.fromisocalendar(self.year, self.number, 1)

    def later(self, weeks: int) -> Week:
        """The week so many weeks later."""
        return _named(self.monday + weeks * _WEEK)


@dataclass(frozen=True)
class Late:
    """A request that came after the cut-off of the week it was meant for, and both ways on.

    `goes_to` is the week that takes it: the first one still open, or the one it was meant for where it is an emergency
    that a named approver lets in.
    """

    request_no: str
    week: Week
    cut_off: dt.datetime
    next_week: Week
    approver: str

    @property
    def goes_to(self) -> Week:
        return self.week if self.approver else self.next_week

    def sentence(self) -> str:
        """In Chinese, for who applied."""
        late = f"申请{self.request_no}晚于{self.week.id}周计划的截止时间{spoken(self.cut_off)}"
        if self.approver:
            return f"{late}，经{self.approver}批准按紧急停电列入本周。"
        return f"{late}，转入{self.next_week.id}周计划；确需本周实施的，按紧急停电申请并写明批准人。"


def week_at(moment: dt.datetime, rules: OutageRules) -> Week:
    """The week in which an instant lies; `ValueError` for one without offset."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no offset")
    return _named(moment.astimezone(BUSINESS_ZONE).date() + _lead(rules))


def bounds(week: Week, rules: OutageRules) -> tuple[dt.datetime, dt.datetime]:
    """When the week begins and when it is over."""
    start = dt.datetime.combine(week.monday - _lead(rules), dt.time(), BUSINESS_ZONE)
    return start, start + _WEEK


def cut_off(week: Week, rules: OutageRules) -> dt.datetime:
    """Until when requests for the week are taken; one that comes at it is in time."""
    start, _ = bounds(week, rules)
    back = (start.isoweekday() - rules.cut_off.weekday) % 7 or 7
    return start - dt.timedelta(days=back) + close_of_business(rules.cut_off.time)


def open_week(at: dt.datetime, rules: OutageRules) -> Week:
    """The week in whose plan a request falls that is made at an instant: the first whose cut-off has not passed."""
    week = week_at(at, rules).later(1)
    while cut_off(week, rules) < at:
        week = week.later(1)
    return week


def late(request: OutageRequest, week: Week, at: dt.datetime, rules: OutageRules) -> Late | None:
    """What becomes of a request for a week that comes at `at`; None where it is in time."""
    until = cut_off(week, rules)
    if at <= until:
        return None
    approver = request.emergency_approver if request.is_emergency else ""
    return Late(request.request_no, week, until, open_week(at, rules), approver)


def _named(day: dt.date) -> Week:
    year, number, _ = day.isocalendar()
    return Week(year, number)


def _lead(rules: OutageRules) -> dt.timedelta:
    """How long before the ISO week's Monday a week of these rules starts; three days before to three days after."""
    return dt.timedelta(days=(4 - rules.week_starts_on.weekday) % 7 - 3)
