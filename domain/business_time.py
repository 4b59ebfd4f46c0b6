"""Two times of one fact: when it happened (business time, given by a person) and when the system learned of it.

Also the end of a working day: 24:00, or the close of business where a company counts so (民法典 203).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from domain.calendar import WorkingCalendar, shanghai_date
from domain.chinese import BUSINESS_ZONE
from domain.records import Record

HAPPENED_AT = "happenedAt"
"""The key of a record's data under which a person's business time stands, ISO 8601 with offset."""

_TICK = dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class EntryRule:
    """How far from the system's time a business time may lie.

    Ahead at most `minutes_ahead`; further back than `workdays_back` working days only with a reason (domain.md §5.3).
    """

    minutes_ahead: int = 2
    workdays_back: int = 3

    def fault(self, happened_at: str, now: dt.datetime, reason: str, calendar: WorkingCalendar) -> str:
        """Why `happened_at` is not taken, in Chinese; empty where it is."""
        try:
            moment = dt.datetime.fromisoformat(happened_at)
        except ValueError:
            return f"业务时间“{happened_at}”不是日期时间，请按2026-03-05T10:30:00+08:00填写"
        if moment.tzinfo is None:
            return f"业务时间“{happened_at}”没有时区，请按2026-03-05T10:30:00+08:00填写"
        outside = f"业务时间“{happened_at}”不在历法之内"
        try:
            moment = moment.astimezone(BUSINESS_ZONE)
        except OverflowError:
            return outside
        if moment > now + dt.timedelta(minutes=self.minutes_ahead):
            return f"业务时间{spoken(moment)}晚于现在{spoken(now)}"
        try:
            late = calendar.workdays_between(shanghai_date(moment), shanghai_date(now))
        except (OverflowError, ValueError):
            return outside
        if late > self.workdays_back and not reason.strip():
            return f"业务时间{spoken(moment)}距今已{late}个工作日，超过{self.workdays_back}个工作日，补录须说明原因"
        return ""


def instant(text: str) -> dt.datetime:
    """An ISO 8601 instant in China's time; `ValueError` where it has no offset, or no day there."""
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no offset")
    try:
        return moment.astimezone(BUSINESS_ZONE)
    except OverflowError:
        raise ValueError(f"{text} is in no year of the calendar") from None


def happened(record: Record) -> dt.datetime:
    """When the fact of a record happened: its business time where one is given, else when the system learned of it.

    `EntryRule` is to be asked before an act is taken; `ValueError` for a business time that it would have refused.
    """
    return instant(str(record.data.get(HAPPENED_AT) or record.at))


def close_of_business(text: str) -> dt.timedelta:
    """How long after 0:00 a day is over, from "24:00" or "17:30"; `ValueError` for anything else."""
    hours, colon, minutes = text.partition(":")
    if not (colon and len(minutes) == 2 and hours.isdecimal() and minutes.isdecimal()):
        raise ValueError(f"{text!r} is not a time of day such as 17:30 or 24:00")
    since = dt.timedelta(hours=int(hours), minutes=int(minutes))
    if int(minutes) > 59 or not dt.timedelta() < since <= dt.timedelta(days=1):
        raise ValueError(f"{text!r} is not a time of day between 0:01 and 24:00")
    return since


def closing(day: dt.date, close: dt.timedelta) -> dt.datetime:
    """The instant at which a Chinese day is over."""
    return dt.datetime.combine(day, dt.time(), BUSINESS_ZONE) + close


def day_ending(moment: dt.datetime) -> dt.date:
    """The day that an end belongs to: 0:00 is the end of the day before."""
    return shanghai_date(moment - _TICK)


def spoken(moment: dt.datetime) -> str:
    """An instant for people, to the minute, the end of a day as 24:00: 2026年3月5日24:00."""
    local = moment.astimezone(BUSINESS_ZONE)
    if local.time() == dt.time():
        day = local.date() - dt.timedelta(1)
        return f"{day.year}年{day.month}月{day.day}日24:00"
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}"
