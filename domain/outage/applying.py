"""From the application form of a case to a request that is planned with, and to the plan that takes it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from domain.calendar import WorkingCalendar, end_of_day, shanghai_date
from domain.chinese import BUSINESS_ZONE
from domain.documents.outage import Effect, OutageKind
from domain.documents.values import Moment, Tally
from domain.fields import Fields, Number, Text
from domain.limits import LimitTable
from domain.outage.feasibility import JoinWindow, NoOutage, PreApplication, Waiver, WayOut
from domain.outage.requests import KINDS, OutageRequest
from domain.outage.rules import DispatchUnit, OutageRules
from domain.outage.values import Risk, coded
from domain.outage.weeks import Week, bounds, cut_off, open_week

_PROMISE = "energization"
"""The step whose limit is the promise of one week (rule 9 of domain.md §1.1)."""
_ENERGIZING = "送电"
_AFFECTED = "影响，须公告"


class Application(Fields):
    """What the form 停送电申请 says, as far as planning needs it."""

    case_no: Text = Field(title="工单号")
    county: Text = Field(title="行政区")
    voltage_kv: Number = Field(title="电压等级(kV)")
    outage_kind: OutageKind = Field(title="申请类型")
    outage_plan_kind: Annotated[str, BeforeValidator(coded(KINDS))] = Field(title="计划类别")
    outage_substation: Text = Field(title="变电站")
    outage_line: Text = Field(title="线路")
    outage_equipment: Text = Field(title="停（送）电设备")
    outage_work_place: Text = Field(title="工作地点")
    outage_work_content: Text = Field(title="工作内容")
    planned_outage_at: Moment | None = Field(None, title="计划停电时间")
    planned_energize_at: Moment = Field(title="计划送电时间")
    affected_customers: Tally = Field(title="影响用户数")
    affects_others: Effect = Field(title="是否影响其他客户")
    outage_risk: Risk = Field(title="风险等级")
    outage_crew: Text = Field(title="施工（操作）班组")
    emergency_approver: Text = Field("", title="紧急停电批准人")

    def request(
        self, number: str, unit: DispatchUnit | None, at: dt.datetime, due: dt.datetime | None, rules: OutageRules
    ) -> OutageRequest:
        """The request that it makes at an instant, with the promise that it falls under, if any.

        What only energizes takes as long as the rules say. A crew that the rules do not know keeps its name: the
        checks say so.
        """
        ends = _in_china(self.planned_energize_at)
        starts = _in_china(self.planned_outage_at) if self.planned_outage_at else ends
        only_energizes = self.outage_kind == _ENERGIZING
        hours = rules.energizing_hours.value if only_energizes else (ends - starts).total_seconds() / 3600
        begins = starts.replace(hour=0, minute=0, second=0, microsecond=0)
        return OutageRequest.from_json(
            {
                "requestNo": number,
                "caseNo": self.case_no,
                "source": "energization",
                "kind": self.outage_plan_kind,
                "unit": unit.code if unit else self.county,
                "station": self.outage_substation,
                "feeder": self.outage_line,
                "equipment": [] if only_energizes else [self.outage_equipment],
                "workPlace": self.outage_work_place,
                "workContent": self.outage_work_content,
                "earliestStart": begins.isoformat(),
                "latestEnd": max(due or ends, end_of_day(ends.date())).isoformat(),
                "durationHours": hours,
                "affectsOthers": self.affects_others == _AFFECTED,
                "customersAffected": self.affected_customers,
                "crew": next((crew.code for crew in rules.crews if self.outage_crew in (crew.code, crew.name)), "")
                or self.outage_crew,
                "switchingTeam": unit.switching_team if unit else rules.switching_teams[0].code,
                "riskLevel": self.outage_risk,
                "promiseDue": due.isoformat() if due else None,
                "appliedAt": at.isoformat(),
                "emergencyApprover": self.emergency_approver,
            }
        )


def promise_due(
    application: Application, at: dt.datetime, limits: LimitTable, calendar: WorkingCalendar
) -> dt.datetime | None:
    """By when a dedicated line that is applied for at an instant is promised to be energized; None without a promise.

    What is not 10kV has none (rule 8 of domain.md §1.1).
    """
    day = shanghai_date(at)
    limit = limits.row(_PROMISE, application.voltage_kv, 1, True, day)
    return end_of_day(limit.last_day(day, calendar).date) if limit else None


def changed_by(way: WayOut, request: OutageRequest, rules: OutageRules) -> OutageRequest:
    """The request as a way out of a promise that cannot be kept leaves it."""
    changes: dict[str, Any] = {}
    if isinstance(way, NoOutage):
        changes = {"affects_others": False, "customers_affected": 0, "equipment": ()}
    elif isinstance(way, JoinWindow):
        changes = {
            "noticed_at": way.joined_noticed_at,
            "earliest_start": max(request.earliest_start, way.joined_start),
            "latest_end": min(request.latest_end, way.joined_end),
        }
    elif isinstance(way, PreApplication):
        changes = {"noticed_at": cut_off(open_week(way.pre_applied_at, rules), rules)}
    elif isinstance(way, Waiver):
        changes = {"promise_due": way.new_due, "latest_end": max(request.latest_end, way.new_due)}
    return request.model_copy(update=changes)


def plan_opening(unit: DispatchUnit, week: Week, rules: OutageRules) -> dict[str, Any]:
    """What the process of a week's plan begins with."""
    starts, ends = bounds(week, rules)
    return {
        "caseNo": f"{unit.code}-{week.id}",
        "unit": unit.code,
        "unitName": unit.name,
        "county": unit.counties[0] if len(unit.counties) == 1 else "",
        "week": week.id,
        "weekFrom": starts.date().isoformat(),
        "weekTo": (ends - dt.timedelta(days=1)).date().isoformat(),
        "cutOffAt": cut_off(week, rules).isoformat(),
        "weekEndsAt": ends.isoformat(),
    }


def _in_china(moment: dt.datetime) -> dt.datetime:
    return moment.replace(tzinfo=BUSINESS_ZONE) if moment.tzinfo is None else moment.astimezone(BUSINESS_ZONE)
