"""What tests of the ladder share: one clock with its ladder, as the workflow holds them."""

from __future__ import annotations

import datetime as dt

from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE
from domain.clock import Clock, ClockSettings, Facts
from domain.clock_rules import ClockRule, Milestone, Trigger
from domain.clocks import Clocks
from domain.ladder import Ladder
from domain.levels import LadderSettings, Level
from domain.limits import LimitTable
from domain.records import Record

TABLE = LimitTable.shipped()
CALENDAR = WorkingCalendar.shipped()
MINUTE = dt.timedelta(minutes=1)
L0, L1, L2, L3, L4 = Level


def clock_of(limit: str, *milestones: Milestone) -> ClockRule:
    start, stop, again = (Trigger(element, "completed") for element in ("begin", "end", "again"))
    return ClockRule("clock", "某环节", limit, (start,), (stop,), (again,), milestones, department="marketing")


TASK = Milestone("task", "下达任务", "grid_works.task_issued", (Trigger("issue", "completed"),))


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BUSINESS_ZONE)


class Case:
    """A clock with its ladder, as the workflow holds them."""

    def __init__(
        self,
        limit: str,
        start: str = "",
        *,
        close: str = "24:00",
        milestones: tuple[Milestone, ...] = (),
        voltage: str = "10",
    ):
        facts = Facts(voltage, 1, True, "2024-01-02")
        self.clocks = Clocks([clock_of(limit, *milestones)], TABLE, CALENDAR, facts, ClockSettings(close))
        self.ladder = Ladder(self.clocks, LadderSettings(repeat_every=0))
        if start:
            self.record("begin", at(start))

    def record(self, element: str, when: dt.datetime, happened: dt.datetime | None = None) -> None:
        data = {"happenedAt": happened.isoformat()} if happened else {}
        self.clocks.feed(Record(1, when.isoformat(), "completed", element, "userTask", element, data=data))

    def levels(self, now: dt.datetime) -> list[Level]:
        return [escalation.level for escalation in self.ladder.reached(now)]

    @property
    def clock(self) -> Clock:
        clock = self.clocks.latest("clock")
        assert clock is not None
        return clock
