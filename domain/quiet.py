"""When a message may go out: at once, or on the next working morning where it would come at night or on a day off.

What the message says is recorded at once; only its sending waits (a setting per post).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.business_time import close_of_business, closing
from domain.calendar import WorkingCalendar, shanghai_date
from domain.posts import Post, Quiet


@dataclass(frozen=True)
class QuietHours:
    """Quiet from `evening` to `morning` of the next day (times of day, Asia/Shanghai) and, with `days_off`, all day on
    days that are not worked."""

    evening: str = "20:00"
    morning: str = "08:00"
    days_off: bool = True

    def __post_init__(self) -> None:
        """`ValueError` for what is no time of day, or a morning that is not before the evening."""
        if close_of_business(self.morning) >= close_of_business(self.evening):
            raise ValueError(f"the morning {self.morning} is not before the evening {self.evening}")


@dataclass(frozen=True)
class QuietTable:
    """The quiet hours of each post; those of `ordinary` for posts it does not name, none for one that is None."""

    ordinary: QuietHours | None = field(default_factory=QuietHours)
    posts: Mapping[Post, QuietHours | None] = field(default_factory=dict)

    def of(self, post: Post) -> QuietHours | None:
        return self.posts.get(post, self.ordinary)

    @classmethod
    def of_rows(cls, rows: Iterable[Quiet]) -> QuietTable:
        """The table that the rows of a table of posts make."""
        hours = {row.post: _hours(row) for row in rows}
        ordinary = hours.get(None, QuietHours())
        return cls(ordinary, {post: own for post, own in hours.items() if post})


def send_at(now: dt.datetime, calendar: WorkingCalendar, quiet: QuietHours | None) -> dt.datetime:
    """`now` where nothing is quiet, else the first moment after it at which nothing is: a (working) morning.

    The morning itself is not quiet, the evening is.
    """
    if quiet is None:
        return now
    morning, evening = close_of_business(quiet.morning), close_of_business(quiet.evening)
    today = shanghai_date(now)
    open_today = not quiet.days_off or calendar.is_workday(today)
    if open_today and closing(today, morning) <= now < closing(today, evening):
        return now
    if open_today and now < closing(today, morning):
        return closing(today, morning)
    next_day = calendar.add_workdays(today, 1).date if quiet.days_off else today + dt.timedelta(1)
    return closing(next_day, morning)


def quiet_from(now: dt.datetime, quiet: QuietHours | None) -> dt.datetime | None:
    """The evening at which it becomes quiet, of a moment that is not; None where it never does."""
    return closing(shanghai_date(now), close_of_business(quiet.evening)) if quiet else None


def _hours(row: Quiet) -> QuietHours | None:
    return None if row.at_any_time else QuietHours(row.evening, row.morning, row.days_off)
