"""Requests for outages by other works: what one would face, taking it in, and passing it to the plan of its week."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from sqlalchemy.orm import Session

from activities.messages import Messenger, ReceiverGone
from activities.numbering import NumberFormats
from activities.outage_requests import MESSAGE, history_of
from api.cases import start_context
from api.context import Context
from api.identity import Caller
from api.outage_plans import sees_unit
from api.outage_views import AskedData, FeasibilityView, FindingView, Prospects, WorksData
from api.problems import FieldFault, Problem, Said
from domain.calendar import end_of_day, shanghai_date
from domain.fields import FieldProblem, MissingFields
from domain.on_demand import ON_DEMAND
from domain.outage.applying import plan_opening
from domain.outage.checks import Finding, entry_findings
from domain.outage.feasibility import Feasibility, feasibility
from domain.outage.requests import OutageRequest
from domain.outage.rules import DispatchUnit, OutageRules
from domain.outage.weeks import Week, cut_off, open_week, week_at
from domain.start import Publication, StartContext
from storage.bundles import current_versions
from storage.company_tables import SettingsRefused
from storage.numbers import formatted, next_number
from storage.outage_rules import calendar_and_limits, outage_rules
from storage.outages import BESIDE, PlanState, entries_of, entry, plan_of

_AHEAD = timedelta(days=366)
_TIME_TO_LIVE = 7 * 24 * 3600
_NOT_NUMBERED = "未编号"


class Filed(BaseModel):
    """A request that was taken in: its number, the plan that it goes to and what that begins with."""

    unit: str
    week: str
    in_time: bool
    request: dict[str, Any]
    plan: dict[str, Any]
    findings: list[FindingView]

    @property
    def number(self) -> str:
        return str(self.request["requestNo"])

    @property
    def workflow_id(self) -> str:
        return ON_DEMAND[MESSAGE].workflow_id(f"{self.unit}/{self.week}")


def prospects(session: Session, caller: Caller, sent: AskedData, now: datetime) -> Prospects:
    """What a request would face that were filed now. Raises `Problem`."""
    rules = outage_rules(session)
    unit = _unit(caller, rules, sent.unit)
    due = sent.promise_due or _promise(session, sent.voltage_kv, now)
    request = _request(sent, unit, _NOT_NUMBERED, now, due)
    week = _week(request, now, rules)
    return Prospects(
        unit=unit.code,
        week=week.id,
        cut_off_at=cut_off(week, rules),
        findings=_findings(session, request, rules, week, now),
        feasibility=_feasibility_view(feasibility(request, due, rules)) if due else None,
    )


def file(session: Session, caller: Caller, sent: WorksData, now: datetime) -> Filed:
    """Numbers a request and finds the plan of its week; the plan's process has still to be told. Raises `Problem`."""
    rules = outage_rules(session)
    unit = _unit(caller, rules, sent.unit)
    if ON_DEMAND[MESSAGE].process not in current_versions(session):
        raise Problem("unavailable", Said("周计划流程尚未部署", "The process of the weekly plan is not deployed"))
    series = NumberFormats().series("outage_request", shanghai_date(now))
    _request(sent, unit, _NOT_NUMBERED, now, None)
    number = formatted(series.number_format, next_number(session, series.name))
    request = _request(sent, unit, number, now, None)
    week = _week(request, now, rules)
    plan = plan_of(session, unit.code, week.id)
    until = plan.cut_off_at if plan else cut_off(week, rules)
    return Filed(
        unit=unit.code,
        week=week.id,
        in_time=now <= until and (plan is None or plan.state == PlanState.COLLECTING),
        request=request.to_json(),
        plan=plan_opening(unit, week, rules),
        findings=_findings(session, request, rules, week, now),
    )


async def pass_on(context: Context, caller: Caller, filed: Filed) -> None:
    """Tells the plan's process of a request, and begins it where there is none yet. Raises `Problem`."""
    try:
        start = await run_in_threadpool(_start, context, filed.number)
    except SettingsRefused as error:
        raise Problem("unavailable", str(error)) from None
    if start is None:
        return
    publication = Publication(
        message_id=f"{MESSAGE}/{filed.number}",
        name=MESSAGE,
        correlation_key=f"{filed.unit}/{filed.week}",
        variables={"plan": filed.plan, "request": filed.request},
        time_to_live=_TIME_TO_LIVE,
        now=context.clock().isoformat(),
        source=caller.account,
        start=start,
    )
    try:
        await Messenger(context.database, context.client, context.task_queue).deliver(publication)
    except ReceiverGone:
        over = Said(
            f"{filed.week}周计划已办结，申请 {filed.number} 未列入，请重新申请",
            f"The plan of {filed.week} is closed, and the request {filed.number} did not reach it; file it again",
        )
        raise Problem("conflict", over) from None


def _start(context: Context, number: str) -> StartContext | None:
    """What a plan that begins now is given; None where one has the request already. Raises `SettingsRefused`."""
    with context.database.session() as session:
        if entry(session, number):
            return None
    return start_context(context.database)


def _unit(caller: Caller, rules: OutageRules, code: str) -> DispatchUnit:
    unit = rules.unit(code)
    if unit is None or not sees_unit(caller, unit):
        said = Said(f"没有调度单位 {code}", f"There is no dispatch unit {code}")
        raise Problem("invalid", said, [FieldFault(field="unit", message=said.zh)])
    return unit


def _request(sent: WorksData, unit: DispatchUnit, number: str, now: datetime, due: datetime | None) -> OutageRequest:
    """What was sent as a request that is made now. Raises `Problem`."""
    told = sent.model_dump(mode="json", by_alias=False, exclude={"voltage_kv", "promise_due"})
    data = {
        **{OutageRequest.model_fields[name].alias or name: value for name, value in told.items()},
        "requestNo": number,
        "source": "works",
        "switchingTeam": sent.switching_team or unit.switching_team,
        "appliedAt": now.isoformat(),
        "promiseDue": due.isoformat() if due else None,
    }
    try:
        request = OutageRequest.from_json(data)
    except MissingFields as refused:
        raise _refused(refused.problems) from None
    if problems := list(_unplannable(request, now)):
        raise _refused(problems)
    return request


def _unplannable(request: OutageRequest, now: datetime) -> Iterable[FieldProblem]:
    if request.latest_end <= now:
        yield FieldProblem("latestEnd", "最迟结束时间", "已过")
    if request.earliest_start > now + _AHEAD:
        yield FieldProblem("earliestStart", "最早开始时间", f"应在{_AHEAD.days}天之内")
    if request.noticed_at and request.noticed_at > now:
        yield FieldProblem("noticedAt", "停电公告时间", "不应晚于现在")


def _refused(problems: Iterable[FieldProblem]) -> Problem:
    errors = [
        FieldFault(
            field=re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", one.key), message=one.label + one.problem
        )
        for one in problems
    ]
    return Problem("invalid", "；".join(one.message for one in errors), errors)


def _sent_as(key: str) -> str:
    """The name under which the API takes a field."""
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", key)


def _week(request: OutageRequest, now: datetime, rules: OutageRules) -> Week:
    """The plan that a request goes to: that of the week in which its work can begin, where that is still open.

    An emergency goes to its own week, cut off or not: there a named approver may let it in.
    """
    meant = week_at(max(request.earliest_start, now), rules)
    return meant if request.is_emergency else max(meant, open_week(now, rules))


def _findings(
    session: Session, request: OutageRequest, rules: OutageRules, week: Week, now: datetime
) -> list[FindingView]:
    history = history_of(session, [request.feeder], now, ("", ""))
    beside = [
        OutageRequest.from_json(one.data) for one in entries_of(session, request.unit, week.id) if one.state in BESIDE
    ]
    return [_finding_view(one) for one in entry_findings(request, rules, history, beside)]


def _finding_view(found: Finding) -> FindingView:
    return FindingView(
        code=found.code, severity=found.severity.value, sentence=found.sentence, related=list(found.related)
    )


def _promise(session: Session, voltage_kv: float, now: datetime) -> datetime | None:
    """By when a dedicated line of this voltage is promised that is applied for now (rule 9 of domain.md §1.1)."""
    calendar, limits = calendar_and_limits(session)
    day = shanghai_date(now)
    limit = limits.row("energization", voltage_kv, 1, True, day)
    return end_of_day(limit.last_day(day, calendar).date) if limit else None


def _feasibility_view(found: Feasibility) -> FeasibilityView:
    told = found.to_json()
    return FeasibilityView(
        affects_others=found.affects_others,
        notices_at=found.notices_at,
        earliest_lawful_start=found.earliest_lawful_start,
        earliest_start=found.earliest_start,
        due=found.due,
        feasible=found.feasible,
        week=found.week.id,
        late_entry=found.late_entry,
        explanation=found.explanation,
        ways_out=told["waysOut"],
    )
