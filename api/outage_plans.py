"""The weekly outage plan as the API tells it: the board of a week, what an edit would break, what is likely to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from activities.outage_plans import plan_from
from activities.outage_requests import history_of
from api.identity import Caller
from api.outage_views import (
    Board,
    BreakView,
    CaseTold,
    DeliveryView,
    FeederView,
    FiguresView,
    FindingView,
    ItemView,
    LikelyView,
    MoveView,
    OutlookView,
    OutlookWeekView,
    PlanLine,
    PlannedView,
    ProposalView,
    RequestLine,
    RequestView,
    UnitView,
    WhatIf,
)
from api.problems import Problem, Said
from api.sight import process_id
from domain.outage.breaks import breaks
from domain.outage.issuing import figures_of
from domain.outage.outlook import outlook
from domain.outage.plan import Plan
from domain.outage.requests import OutageRequest
from domain.outage.rules import DispatchUnit, OutageRules
from domain.outage.weeks import cut_off, open_week
from storage.outage_outlook import standing_cases
from storage.outage_rules import outage_rules
from storage.outages import (
    ItemState,
    OutageEntry,
    OutageItem,
    OutagePlan,
    PlanState,
    RequestState,
    entries_of,
    entry,
    items_of,
    plan_of,
    plans,
    units,
)
from storage.paging import mark, place

_ORDER = "outage-plan"
_PLANNED_WITH = (RequestState.ENTERED, RequestState.PLANNED, RequestState.REFUSED)
"""The requests that an edited plan may hold: those that came in time, or were let in, and were not taken back."""


def sees_unit(caller: Caller, unit: DispatchUnit | None) -> bool:
    """Whether a dispatch unit plans for the caller's county; one that the rules know no more is the city's to see."""
    return caller.system or not caller.county or (unit is not None and caller.county in unit.counties)


def shown_units(session: Session, caller: Caller, now: datetime) -> list[UnitView]:
    """The dispatch units of the caller's county: those that keep a plan now, and those that have kept one."""
    rules = outage_rules(session)
    known = {unit.code: unit for unit in rules.units}
    codes = [*known, *(code for code in units(session) if code not in known)]
    return [_unit_view(code, known.get(code), rules, now) for code in codes if sees_unit(caller, known.get(code))]


def _unit_view(code: str, unit: DispatchUnit | None, rules: OutageRules, now: datetime) -> UnitView:
    week = open_week(now, rules) if unit else None
    return UnitView(
        code=code,
        name=unit.name if unit else code,
        counties=list(unit.counties) if unit else [],
        switching_team=unit.switching_team if unit else "",
        keeps_plan=unit is not None,
        open_week=week.id if week else None,
        cut_off_at=cut_off(week, rules) if week else None,
    )


def shown_plans(session: Session, caller: Caller, unit: str, limit: int, after: str) -> tuple[list[PlanLine], str]:
    """A page of a unit's plans, the newest week first, and where the next one begins (empty for nowhere)."""
    [before] = place(after, _ORDER, str) if after else [""]
    if not sees_unit(caller, outage_rules(session).unit(unit)):
        return [], ""
    found = plans(session, unit, limit=limit + 1, before=before)
    lines = [PlanLine(**_line(plan)) for plan in found[:limit]]
    return lines, mark(_ORDER, lines[-1].week) if len(found) > limit else ""


def _line(plan: OutagePlan) -> dict[str, Any]:
    return {
        "unit": plan.unit,
        "week": plan.week,
        "state": PlanState(plan.state),
        "cut_off_at": plan.cut_off_at,
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "plan_no": plan.plan_no,
        "issued_at": plan.issued_at,
        "planned": plan.planned,
        "executed": plan.executed,
        "execution_rate": _rate(plan.planned, plan.executed),
        "closed_at": plan.closed_at,
    }


def _rate(planned: int | None, executed: int | None) -> float | None:
    return round(100 * (executed or 0) / planned, 1) if planned else None


def seen_plan(session: Session, caller: Caller, unit: str, week: str) -> tuple[OutagePlan, OutageRules]:
    """The plan of a unit's week, and the rules that it keeps. Raises `Problem` (not found)."""
    plan = plan_of(session, unit, week)
    if plan:
        rules = OutageRules.from_json(plan.rules)
        if sees_unit(caller, rules.unit(unit)):
            return plan, rules
    nothing = Said(f"没有{unit}的{week}周计划，该周尚无申请", f"There is no plan of {unit} for {week}")
    raise Problem("not-found", nothing)


def board(session: Session, plan: OutagePlan, rules: OutageRules) -> Board:
    """All of a week's plan."""
    items = items_of(session, plan.unit, plan.week)
    line = _line(plan)
    if plan.closed_at is None:
        ordinary = [one.state for one in items if not one.emergency]
        line["planned"], line["executed"] = len(ordinary), ordinary.count(ItemState.EXECUTED)
        line["execution_rate"] = _rate(line["planned"], line["executed"])
    unit = rules.unit(plan.unit)
    return Board(
        **line,
        unit_name=unit.name if unit else plan.unit,
        case_no=plan.case_no,
        process=process_id(plan.workflow_id),
        rules_version=rules.version,
        figures=FiguresView.model_validate(plan.figures) if plan.figures else None,
        proposal=ProposalView.model_validate(plan.proposal) if plan.proposal else None,
        requests=[RequestLine(**_request_line(one)) for one in entries_of(session, plan.unit, plan.week)],
        items=[_item_view(one) for one in items],
    )


def _request_line(row: OutageEntry) -> dict[str, Any]:
    request = OutageRequest.from_json(row.data)
    told = {name: getattr(request, name) for name in RequestLine.model_fields if name in OutageRequest.model_fields}
    return {
        **told,
        "duration_hours": float(request.duration_hours),
        "priority": request.priority.title,
        "state": RequestState(row.state),
        "reason": row.reason,
        "findings": [FindingView.model_validate(one) for one in row.findings],
    }


def _item_view(row: OutageItem) -> ItemView:
    data = row.data
    return ItemView(
        item_no=row.item_no,
        station=row.station,
        feeder=row.feeder,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        content=data["content"],
        crews=data["crews"],
        team=data["team"],
        customers=row.customers,
        emergency=row.emergency,
        request_nos=data["requestNos"],
        cases=[CaseTold.model_validate(one) for one in data["cases"]],
        state=ItemState(row.state),
        reason=row.reason,
        actual_from=row.actual_from,
        actual_to=row.actual_to,
        moves=[MoveView.model_validate(one) for one in row.moves],
        deliveries=[DeliveryView.model_validate(one) for one in row.deliveries],
    )


def shown_request(session: Session, caller: Caller, number: str) -> RequestView:
    """A request in the plan that has it. Raises `Problem` (not found)."""
    row = entry(session, number)
    plan = plan_of(session, row.unit, row.week) if row else None
    if row is None or plan is None or not sees_unit(caller, OutageRules.from_json(plan.rules).unit(row.unit)):
        nothing = Said(
            f"没有停送电申请 {number}，或周计划尚未登记", f"There is no request {number}, or no plan has it yet"
        )
        raise Problem("not-found", nothing)
    return RequestView(**_request_line(row), unit=row.unit, week=row.week, entered_at=row.entered_at)


def what_if(
    session: Session, plan: OutagePlan, rules: OutageRules, items: Sequence[dict[str, Any]], now: datetime
) -> WhatIf:
    """What a plan with these items would break and achieve; nothing is changed. Raises `MissingFields`.

    Customers hear of it at the cut-off; once the plan is issued, of what moves they hear now.
    """
    requests = [
        OutageRequest.from_json(one.data)
        for one in entries_of(session, plan.unit, plan.week)
        if one.state in _PLANNED_WITH
    ]
    issued = plan.issued_at is not None
    edited = plan_from(plan, items, notices_at=now if issued else None)
    if issued:
        requests = _told(requests, items_of(session, plan.unit, plan.week), edited)
    feeders = sorted({request.feeder for request in requests} | {item.feeder for item in edited.items})
    history = history_of(session, feeders, plan.ends_at, (plan.unit, plan.week))
    return WhatIf(
        breaks=[
            BreakView(rule=one.rule.value, rule_name=one.rule.title, sentence=one.sentence, requests=list(one.requests))
            for one in breaks(edited, requests, rules, history)
        ],
        figures=FiguresView.model_validate(figures_of(edited, requests)),
        items=[PlannedView.model_validate(one) for one in edited.items],
    )


def _told(requests: Sequence[OutageRequest], standing: Sequence[OutageItem], edited: Plan) -> list[OutageRequest]:
    """The requests of an issued plan as an edit finds them: told where the outage stays, to be told where it moves.

    A move may go beyond what was applied for, as one that is carried out may.
    """
    kept = {number: row for row in standing if row.state == ItemState.APPROVED for number in row.data["requestNos"]}
    placed = {number: item for item in edited.items for number in item.requests}
    found = []
    for request in requests:
        row, item = kept.get(request.request_no), placed.get(request.request_no)
        if row and item:
            stays = (item.start, item.end) == (row.starts_at, row.ends_at)
            given = datetime.fromisoformat(row.data["notice"]["givenAt"]) if stays else None
            request = request.model_copy(update={"noticed_at": given, "latest_end": max(request.latest_end, item.end)})
        found.append(request)
    return found


def shown_outlook(session: Session, unit: DispatchUnit, rules: OutageRules, now: datetime) -> OutlookView:
    """The energizations to be expected in a unit's counties in the next four weeks."""
    weeks = outlook(standing_cases(session, unit.counties, [row.stage for row in rules.outlook]), now, rules)
    return OutlookView(
        unit=unit.code,
        weeks=[
            OutlookWeekView(
                week=one.week.id,
                starts_at=one.start,
                ends_at=one.end,
                expected=round(one.expected, 2),
                feeders=[FeederView(feeder=name, cases=list(cases)) for name, cases in one.feeders.items() if name],
            )
            for one in weeks
        ],
        cases=[
            LikelyView(
                week=one.week.id,
                case_no=case.case_no,
                stage=case.stage,
                feeder=case.feeder,
                expected_at=case.expected,
                probability=case.probability,
            )
            for one in weeks
            for case in one.cases
        ],
    )
