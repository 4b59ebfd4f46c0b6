"""The rules by which outages are planned now: the table loaded last, or the one that comes with the program."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.calendar import WorkingCalendar
from domain.limits import LimitTable
from domain.outage.rules import OutageRules
from storage.company_tables import TableFiles, calendar_in_force, limits_in_force
from storage.rules import RuleKind, current_rule


def outage_rules(session: Session) -> OutageRules:
    """The table of rules in force."""
    loaded = current_rule(session, RuleKind.OUTAGE)
    return OutageRules.from_json(loaded.content) if loaded else OutageRules.shipped()


def calendar_and_limits(session: Session) -> tuple[WorkingCalendar, LimitTable]:
    """What a promise is counted by that is made now. Raises `SettingsRefused`."""
    calendar, limits = (current_rule(session, kind) for kind in (RuleKind.CALENDAR, RuleKind.LIMITS))
    return calendar_in_force(calendar), limits_in_force(TableFiles(), limits)
