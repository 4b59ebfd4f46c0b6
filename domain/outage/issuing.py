"""What an issued plan says of its items: for those who carry them out, for the cases that wait, and for the paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from domain.outage.plan import Plan, PlanItem, customers, keeps_promise, metrics, together
from domain.outage.requests import OutageRequest
from domain.outage.rules import OutageRules
from domain.outage.values import listed

_RISKS = ("一级", "二级", "三级", "四级", "五级")


def figures_of(plan: Plan, requests: Sequence[OutageRequest]) -> dict[str, Any]:
    """What a plan achieves, as plain JSON."""
    found = metrics(plan, requests)
    return {
        "served": found.served,
        "requests": found.requests,
        "promisesKept": found.promises_kept,
        "promises": found.promises,
        "outages": found.outages,
        "merged": found.merged,
        "customerHours": round(float(found.customer_hours), 1),
    }


def item_of(
    number: str,
    plan_no: str,
    item: PlanItem,
    requests: Sequence[OutageRequest],
    rules: OutageRules,
    issued_at: dt.datetime,
) -> dict[str, Any]:
    """An item as the process that carries it out takes it, with the notice that goes to the customers it leaves
    without power."""
    known = {request.request_no: request for request in requests}
    served = together(item, known)
    return {
        "itemNo": number,
        "planNo": plan_no,
        "station": served[0].station,
        "feeder": item.feeder,
        "date": item.start.date().isoformat(),
        "start": item.start.isoformat(),
        "end": item.end.isoformat(),
        "content": listed(tuple(request.work_content for request in served)),
        "crews": _crews(item, rules),
        "team": _team(item, rules),
        "customers": customers(served),
        "requestNos": [request.request_no for request in served],
        "cases": [_waiting(request, item) for request in served if request.case_no],
        "affectsOthers": any(request.needs_notice for request in served),
        "notice": _notice(item, served, issued_at),
        "state": "approved",
    }


def paper_of(
    plan: Plan, requests: Sequence[OutageRequest], rules: OutageRules, refusals: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of the paper 停送电周计划: what is planned, and what is not with the reason."""
    known = {request.request_no: request for request in requests}
    planned = [_row(item, together(item, known), rules) for item in plan.items]
    refused = [
        {
            "feeder": known[one["requestNo"]].feeder,
            "content": known[one["requestNo"]].work_content,
            "applicant": one["caseNo"] or "其他工程",
            "reason": one["reason"],
            "caseNo": one["caseNo"] or None,
        }
        for one in refusals
    ]
    return planned, refused


def _row(item: PlanItem, served: Sequence[OutageRequest], rules: OutageRules) -> dict[str, Any]:
    affected = customers(served)
    return {
        "feeder": item.feeder,
        "scope": listed(tuple(dict.fromkeys(code for request in served for code in request.off))) or "不停电",
        "content": listed(tuple(request.work_content for request in served)),
        "start": item.start.isoformat(),
        "end": item.end.isoformat(),
        "customers": affected,
        "customerHours": round(affected * item.minutes / 60, 1),
        "risk": _RISKS[min(request.risk_level for request in served) - 1],
        "crew": _crews(item, rules),
        "caseNo": listed(tuple(request.case_no for request in served if request.case_no)) or None,
        "noticedOn": min((one.noticed_at.date().isoformat() for one in served if one.noticed_at), default=None),
    }


def _waiting(request: OutageRequest, item: PlanItem) -> dict[str, Any]:
    return {
        "caseNo": request.case_no,
        "requestNo": request.request_no,
        "promiseKept": keeps_promise(request, item) if request.promise_due else None,
    }


def _notice(item: PlanItem, served: Sequence[OutageRequest], issued_at: dt.datetime) -> dict[str, Any]:
    told = min((request.noticed_at for request in served if request.noticed_at), default=issued_at)
    important = tuple(dict.fromkeys(name for request in served for name in request.important_customers))
    return {
        "area": listed(tuple(dict.fromkeys(request.work_place for request in served))),
        "reason": listed(tuple(request.work_content for request in served)),
        "kind": "urgent" if any(request.kind != "planned" for request in served) else "planned",
        "givenAt": told.isoformat(),
        "customers": customers(served),
        "important": list(important),
    }


def _crews(item: PlanItem, rules: OutageRules) -> str:
    return listed(tuple(crew.name if (crew := rules.crew(code)) else code for code in item.crews))


def _team(item: PlanItem, rules: OutageRules) -> str:
    team = rules.switching_team(item.team)
    return team.name if team else item.team
