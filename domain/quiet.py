"""When a message may go out: at once, or on the next working morning where it would come at night or on a day off.

What the message says is recorded at once; only its sending waits (a setting per post).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.business_time import close_of_business, closing
from domain.calendar import WorkingCalendar, shanghai_date
from domain.posts import Post


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

    def to_json(self) -> dict[str, Any]:
        """The table as plain JSON."""
        return {
            "ordinary": _written(self.ordinary),
            "posts": {post.value: _written(hours) for post, hours in self.posts.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> QuietTable:
        """The table that `to_json` wrote; `ValueError`, `KeyError` or `TypeError` for anything else."""
        posts = {Post(code): _read(hours) for code, hours in data["posts"].items()}
        return cls(_read(data["ordinary"]), posts)


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


def _written(hours: QuietHours | None) -> dict[str, Any] | None:
    return dict(hours.__dict__) if hours else None


def _read(data: Mapping[str, Any] | None) -> QuietHours | None:
    return QuietHours(**data) if data is not None else None
