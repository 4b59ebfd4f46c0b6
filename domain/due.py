"""When a clock is due, and why: the row that holds, the days that counted, and whoever moved it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from domain.business_time import closing, day_ending, spoken
from domain.calendar import DueDay, Unit, WorkingCalendar, shanghai_date
from domain.limits import UNITS, Limit

_WHOLE_DAY = dt.timedelta(days=1)


class MoveRefused(ValueError):
    """A due date that may not be moved so; the text says in Chinese why, `field` what is wrong of what was sent."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Move:
    """A due date moved by someone with the right to: to when, by whom, why, and when that was said."""

    due: dt.datetime
    by: str
    reason: str
    at: dt.datetime


@dataclass(frozen=True)
class Due:
    """A clock's due instant. `day` is the calendar's own answer, `move` what came after it; `close` ends a day.

    `used` are the days of the limit that were used up before `started`, when the clock ran before.
    """

    started: dt.datetime
    limit: Limit
    day: DueDay
    close: dt.timedelta
    move: Move | None = None
    used: int = 0

    @property
    def instant(self) -> dt.datetime:
        """The end of the last day, in China's time: what is done at it is still in time."""
        return self.move.due if self.move else closing(self.day.date, self.close)

    @property
    def date(self) -> dt.date:
        """The last day."""
        return day_ending(self.move.due) if self.move else self.day.date

    @property
    def provisional(self) -> bool:
        """Whether a notice of days off that is still to come may change it."""
        return self.day.provisional and self.move is None

    @property
    def red(self) -> dt.datetime:
        """From when on a lapse is red: the due instant, or later where the row says so."""
        if self.limit.red_days is None or self.move:
            return self.instant
        return closing(shanghai_date(self.started) + dt.timedelta(self.limit.red_days), self.close)

    def share(self, percent: int, calendar: WorkingCalendar) -> dt.datetime:
        """The end of the day on which a share of the limit is used: of n days, day ⌈share·n⌉."""
        start = shanghai_date(self.started)
        if self.day.unit is Unit.WORKDAYS:
            days = calendar.workdays_between(start, self.date) if self.move else self.day.count
            return closing(calendar.add_workdays(start, _part(percent, days)).date, self.close)
        days = (self.date - start).days if self.move else self.day.count
        return closing(start + dt.timedelta(_part(percent, days)), self.close)

    def left(self, workdays: int, calendar: WorkingCalendar) -> dt.datetime:
        """The end of the working day after which so many working days are left."""
        return closing(calendar.add_workdays(self.date, -workdays).date, self.close)

    def lawful(self, calendar: WorkingCalendar) -> dt.datetime | None:
        """Until when the law lets the limit run, counted as the row is; None where the row names no such bound."""
        lawful = self.limit.lawful()
        return closing(lawful.after(self.used).last_day(self.day.start, calendar).date, self.close) if lawful else None

    def sentences(self) -> tuple[str, ...]:
        """The explanation in Chinese: what is due, which days counted and which not, by which rule and source."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        mark = "（暂定）" if self.provisional else ""
        yield f"截止{spoken(self.instant)}{mark}。"
        if self.move:
            original = spoken(closing(self.day.date, self.close))
            yield (
                f"原截止{original}，{self.move.by}于{spoken(self.move.at)}调整至{spoken(self.move.due)}，"
                f"理由：{self.move.reason}。"
            )
        yield f"{'恢复' if self.used else '起算'}时间{spoken(self.started)}。"
        if self.used:
            unit = UNITS[self.limit.unit]
            yield f"此前已计{self.used}{unit}，余{self.limit.after(self.used).days}{unit}，中止期间不计。"
        if self.limit.unit == "months":
            yield f"期限{self.limit.days}个月，按日历计{self.day.count}日。"
        yield from self.day.sentences()
        hour = spoken(closing(self.day.date, self.close))[-5:]
        yield f"每日以{hour}为止（民法典第二百零三条{'' if self.close == _WHOLE_DAY else '，以业务时间为准'}）。"
        yield from self.limit.sentences()


def _part(percent: int, days: int) -> int:
    return -(-percent * days // 100)
