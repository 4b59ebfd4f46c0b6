"""Tables of days off that differ from the shipped ones in days to come."""

from __future__ import annotations

from datetime import date, datetime

from domain.calendar import WorkingCalendar
from domain.calendars import Holiday, Notice, YearTable
from domain.chinese import BUSINESS_ZONE

SHIPPED = WorkingCalendar.shipped()


def today() -> date:
    return datetime.now(BUSINESS_ZONE).date()


def with_a_day_off(announced: date | None = None) -> WorkingCalendar:
    """The shipped calendar, but for the next working day: a notice of that day (today's, unless told) gives it off."""
    day = SHIPPED.add_workdays(today(), 1).date
    known = SHIPPED.tables.get(day.year, YearTable(day.year, (), ()))
    off = Holiday("临时放假", day, day, ())
    notice = Notice("关于临时放假的通知", "国办发明电〔0〕号", announced or today(), "https://www.gov.cn/")
    return SHIPPED.with_table(YearTable(day.year, (*known.holidays, off), (*known.notices, notice)))
