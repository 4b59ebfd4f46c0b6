"""Activities of requests for outages: what a promise is worth, taking a request in, passing it on, taking it back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session
from temporalio import activity

from activities.refusals import refusing
from domain.fields import Fields, MissingFields, Text, read_fields
from domain.jobs import Job, JobRefused
from domain.on_demand import ON_DEMAND
from domain.outage.applying import Application, changed_by, plan_opening, promise_due
from domain.outage.checks import Severity, entry_findings
from domain.outage.feasibility import check_way_out, feasibility
from domain.outage.plan import PastOutage
from domain.outage.requests import OutageRequest
from domain.outage.rules import DispatchUnit, OutageRules
from domain.outage.weeks import Week, bounds, cut_off, open_week, week_at
from storage.base import instant
from storage.database import Database
from storage.outage_rules import calendar_and_limits, outage_rules
from storage.outages import (
    BESIDE,
    OutageEntry,
    OutagePlan,
    PlanState,
    RequestState,
    entries_of,
    entry,
    outages_since,
    plan_of,
    settle_entries,
)

MESSAGE = "outage_requested"
_HISTORY = timedelta(days=366)


class WayOutTaken(Fields):
    """Which way out of a promise that cannot be kept somebody takes."""

    code: Text = Field(title="途径")


class Withdrawal(Fields):
    """Which request is taken back, and why."""

    withdrawn_request_no: Text = Field(title="停送电申请编号")
    withdrawal_reason: Text = Field(title="撤回原因")


class OutageRequestActivities:
    """Requests for outages, kept in `database` with the plans that they come to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="assess-outage-request")
    @refusing
    def assess(self, job: Job) -> dict[str, Any]:
        """What the application's request is, whether the promise of one week can be kept, and which plan takes it.

        Answers `assessed` (the request; its number is the case's until it has one), `feasibility` (null where nothing
        is promised or a way out was taken), `plan` (null where no unit keeps a plan for the county), and
        `wayOutProblem`, why the way out of the variable `wayOut` does not help.
        """
        application = read_fields(Application, "核算停送电申请", job.variables)
        at = datetime.fromisoformat(job.now)
        with self._database.session() as session:
            rules = outage_rules(session)
            calendar, limits = calendar_and_limits(session)
        unit = rules.unit_of(application.county)
        due = promise_due(application, at, limits, calendar)
        request = application.request(application.case_no, unit, at, due, rules)
        possible, problem = None, ""
        if due:
            request, problem = _with_way_out(request, job.variables.get("wayOut"), due, rules)
            solved = isinstance(job.variables.get("wayOut"), dict) and not problem
            possible = None if solved else feasibility(request, due, rules)
        week = open_week(at, rules)
        if possible and possible.late_entry and possible.earliest_start:
            week = week_at(possible.earliest_start, rules)
        return {
            "assessed": request.to_json(),
            "feasibility": possible.to_json() if possible else None,
            "plan": plan_opening(unit, week, rules) if unit else None,
            "wayOutProblem": problem,
        }

    @activity.defn(name="enter-outage-request")
    @refusing
    def enter(self, job: Job) -> dict[str, Any]:
        """Takes the variable `request` into the plan of `unit` and `week`, with what its entry checks say.

        Answers `entered`: the request, its findings, whether it came in time, and whether a late one is urgent: then a
        named approver may let it in. One that came in time and fits into no lawful time has a `refusal`: it is not
        taken in. A late one is looked at again where it goes to.
        """
        unit, week = str(job.variables["unit"]), str(job.variables["week"])
        request = OutageRequest.from_json(_object(job.variables, "request"))
        now = instant(job.now)
        with self._database.transaction() as session:
            plan = opened(session, unit, week, job.variables.get("cutOffAt"))
            rules = OutageRules.from_json(plan.rules)
            in_time = request.applied_at <= plan.cut_off_at and plan.state == PlanState.COLLECTING
            beside = [one.data for one in entries_of(session, unit, week) if one.state in BESIDE]
            others = [OutageRequest.from_json(data) for data in beside]
            history = history_of(session, [request.feeder], now, ("", ""))
            found = entry_findings(request, rules, history, others)
            findings = [one.to_json() for one in found]
            refusal = "".join(one.sentence for one in found if one.severity is Severity.REFUSE) if in_time else ""
            session.merge(
                OutageEntry(
                    request_no=request.request_no,
                    unit=unit,
                    week=week,
                    case_no=request.case_no,
                    data=request.to_json(),
                    findings=findings,
                    state=_state(in_time, refusal),
                    reason=refusal,
                    entered_at=now,
                )
            )
        entered = {"request": request.to_json(), "findings": findings, "inTime": in_time, "refusal": refusal or None}
        return {"entered": {**entered, "urgent": not in_time and is_urgent(request, rules)}}

    @activity.defn(name="defer-outage-request")
    @refusing
    def defer(self, job: Job) -> dict[str, Any]:
        """Which plan takes the late request of the variable `entered`: the first that is still open.

        Answers `nextPlan`, `nextRequest` (an emergency that was not let in goes on as temporary work) and `nextKey`.
        """
        late = OutageRequest.from_json(_object(_object(job.variables, "entered"), "request"))
        at = datetime.fromisoformat(job.now)
        with self._database.transaction() as session:
            rules = outage_rules(session)
            unit = _unit(rules, str(job.variables["unit"]))
            week = open_week(at, rules)
            _, ends = bounds(week, rules)
            request = late.model_copy(
                update={
                    "kind": "temporary" if late.is_emergency else late.kind,
                    "applied_at": cut_off(week, rules) if late.applied_at > cut_off(week, rules) else late.applied_at,
                    "latest_end": max(late.latest_end, ends),
                }
            )
            settle_entries(session, [late.request_no], RequestState.DEFERRED, f"逾期，转入{week.id}周计划")
        return {
            "nextPlan": plan_opening(unit, week, rules),
            "nextRequest": request.to_json(),
            "nextKey": f"{unit.code}/{week.id}",
        }

    @activity.defn(name="withdraw-outage-request")
    @refusing
    def withdraw(self, job: Job) -> dict[str, Any]:
        """Notes that the request withdrawnRequestNo was taken back."""
        told = read_fields(Withdrawal, "撤回停送电申请", job.variables)
        with self._database.transaction() as session:
            if entry(session, told.withdrawn_request_no) is None:
                raise JobRefused(f"没有停送电申请 {told.withdrawn_request_no}，请核对编号")
            settle_entries(session, [told.withdrawn_request_no], RequestState.WITHDRAWN, told.withdrawal_reason)
        return {}


def _state(in_time: bool, refusal: str) -> RequestState:
    if not in_time:
        return RequestState.LATE
    return RequestState.REFUSED if refusal else RequestState.ENTERED


def opened(session: Session, unit: str, week: str, cut_off_at: Any = None) -> OutagePlan:
    """The plan of a unit's week, which begins when it is first asked for; it keeps the rules of that moment.

    `cut_off_at` is what its process says of it, if it runs.
    """
    if plan := plan_of(session, unit, week):
        return plan
    rules = outage_rules(session)
    opening = plan_opening(_unit(rules, unit), Week.read(week), rules)
    starts, ends = bounds(Week.read(week), rules)
    plan = OutagePlan(
        unit=unit,
        week=week,
        workflow_id=ON_DEMAND[MESSAGE].workflow_id(f"{unit}/{week}"),
        case_no=opening["caseNo"],
        state=PlanState.COLLECTING,
        cut_off_at=datetime.fromisoformat(str(cut_off_at or opening["cutOffAt"])),
        starts_at=starts,
        ends_at=ends,
        rules=rules.to_json(),
        proposal=None,
        figures=None,
        plan_no=None,
        issued_at=None,
        executed=None,
        planned=None,
        closed_at=None,
    )
    session.add(plan)
    session.flush()
    return plan


def history_of(session: Session, feeders: list[str], until: datetime, besides: tuple[str, str]) -> list[PastOutage]:
    """The outages of these feeders in the year before, and those approved, but for those of the plan `besides`."""
    found = outages_since(session, feeders, until - _HISTORY)
    return [PastOutage(one.feeder, one.starts_at) for one in found if (one.unit, one.week) != besides]


def is_urgent(request: OutageRequest, rules: OutageRules) -> bool:
    """Whether a late request cannot wait for the plan that is still open: an emergency, or one whose promise that plan
    would break."""
    starts, _ = bounds(open_week(request.applied_at, rules), rules)
    return request.is_emergency or (request.promise_due is not None and request.promise_due <= starts)


def _with_way_out(request: OutageRequest, given: Any, due: datetime, rules: OutageRules) -> tuple[OutageRequest, str]:
    """The request as the way out changes it, and why the way does not help."""
    if not isinstance(given, dict):
        return request, ""
    taken = {key: value for key, value in given.items() if value not in (None, "")}
    code = read_fields(WayOutTaken, "另择途径", taken).code
    try:
        way = check_way_out(code, taken, request, due, rules)
    except KeyError:
        return request, f"没有途径“{code}”"
    except MissingFields as refused:
        return request, str(refused)
    return changed_by(way, request, rules), ""


def _unit(rules: OutageRules, code: str) -> DispatchUnit:
    if unit := rules.unit(code):
        return unit
    raise JobRefused(f"停电计划规则表中没有调度单位“{code}”，请先在规则表中登记")


def _object(variables: dict[str, Any], name: str) -> dict[str, Any]:
    value = variables.get(name)
    if not isinstance(value, dict):
        raise JobRefused(f"变量 {name} 应为对象，请检查流程图的输入映射")
    return value
