"""Activities of a weekly outage plan: proposing it, checking it by hand-edited state, issuing and closing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session
from temporalio import activity

from activities.outage_requests import history_of, opened
from activities.refusals import refusing
from domain.jobs import Job
from domain.outage.breaks import breaks
from domain.outage.issuing import figures_of, item_of, paper_of
from domain.outage.plan import Plan
from domain.outage.requests import OutageRequest
from domain.outage.rules import OutageRules
from storage.base import instant
from storage.database import Database
from storage.outages import (
    ItemState,
    OutagePlan,
    PlanState,
    RequestState,
    add_items,
    entry,
    items_of,
    settle_entries,
)


class OutagePlanActivities:
    """Plans of a week, kept in `database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name="propose-outage-plan")
    @refusing
    def propose(self, job: Job) -> dict[str, Any]:
        """The best plan that the solver finds for the variable `requests`.

        Answers `proposal`: its items, the refused requests with their reasons, what it achieves and how far it is from
        the best there can be.
        """
        from domain.outage.proposal import propose  # loading the solver takes a second that no other activity needs

        requests = requests_of(job.variables)
        with self._database.transaction() as session:
            plan, rules = self._opened(session, job)
            plan.state = PlanState.COMPILING
            empty = plan_from(plan, [])
            history = history_of(session, _feeders(requests), plan.ends_at, (plan.unit, plan.week))
        found = propose(empty, requests, rules, history)
        proposal = {
            "items": [item.model_dump(mode="json", by_alias=True) for item in found.plan.items],
            "refused": [{"requestNo": one.request_no, "reason": one.sentence} for one in found.refused],
            "figures": figures_of(found.plan, requests),
            "bound": found.bound_sentence(),
            "objective": float(found.metrics.customer_hours),
            "leastPossible": found.least_customer_minutes / 60,
            "firstCome": {
                "served": found.first_come.served,
                "customerHours": float(found.first_come.customer_hours),
            },
        }
        with self._database.transaction() as session:
            plan, _ = self._opened(session, job)
            plan.proposal = proposal
        return {"proposal": proposal}

    @activity.defn(name="check-outage-plan")
    @refusing
    def check(self, job: Job) -> dict[str, Any]:
        """Whether the items of the variable `planItems` break a hard rule, by code that is not the planner's.

        Answers `planBreaks` (sentences), `planFigures`, `planItems` in the order of their starts, `planRefusals` (the
        requests left out, each with its reason), and for the paper `planTable`, `refusedTable` and
        `ruleSetVersion`.
        """
        requests = requests_of(job.variables)
        with self._database.transaction() as session:
            kept, rules = self._opened(session, job)
            history = history_of(session, _feeders(requests), kept.ends_at, (kept.unit, kept.week))
            plan = plan_from(kept, job.variables.get("planItems") or [])
            found = breaks(plan, requests, rules, history)
            figures = figures_of(plan, requests)
            kept.figures = figures
            proposed = kept.proposal or {}
        refusals = _refusals(plan, requests, proposed.get("refused", []))
        table, refused = paper_of(plan, requests, rules, refusals)
        return {
            "planBreaks": [one.sentence for one in found],
            "planFigures": figures,
            "planItems": [item.model_dump(mode="json", by_alias=True) for item in plan.items],
            "planRefusals": refusals,
            "planTable": table,
            "refusedTable": refused,
            "ruleSetVersion": rules.version,
        }

    @activity.defn(name="issue-outage-plan")
    @refusing
    def issue(self, job: Job) -> dict[str, Any]:
        """Issues the plan: each of its items gets a number and is carried out from then on.

        Answers `items`, as the process of an item takes them, and `refusals`, those of cases that wait for an answer.
        """
        requests = requests_of(job.variables)
        now = instant(job.now)
        with self._database.transaction() as session:
            kept, rules = self._opened(session, job)
            plan = plan_from(kept, job.variables.get("planItems") or [])
            refusals = list(job.variables.get("planRefusals") or [])
            number = str(job.variables.get("weeklyPlanNo") or kept.case_no)
            items = [
                item_of(f"{kept.case_no}-{count:02d}", number, item, requests, rules, now)
                for count, item in enumerate(plan.items, 1)
            ]
            add_items(session, [row_of_item(kept, item, emergency=False) for item in items])
            settle_entries(session, plan.served, RequestState.PLANNED)
            for refusal in refusals:
                settle_entries(session, [refusal["requestNo"]], RequestState.REFUSED, refusal["reason"])
            kept.state, kept.plan_no, kept.issued_at = PlanState.ISSUED, number, kept.issued_at or now
        return {"items": items, "refusals": [one for one in refusals if one["caseNo"]]}

    @activity.defn(name="add-emergency-outage")
    @refusing
    def add_emergency(self, job: Job) -> dict[str, Any]:
        """Adds an outage that a named approver let in late beside the plan.

        Answers `item`, or null and `emergencyBreaks` where it would break a rule that binds even such a one.
        """
        variables, now = job.variables, instant(job.now)
        request = OutageRequest.from_json(variables["entered"]["request"])
        with self._database.transaction() as session:
            kept, rules = self._opened(session, job)
            data = {
                "feeder": request.feeder,
                "start": variables["emergencyFrom"],
                "end": variables["emergencyTo"],
                "works": [{"request": request.request_no, "crew": request.crew}],
                "team": request.switching_team,
            }
            [item] = plan_from(kept, [data]).items
            if broken := self._breaks_beside(session, kept, data, request, rules):
                return {"item": None, "emergencyBreaks": broken}
            count = sum(one.emergency for one in items_of(session, kept.unit, kept.week)) + 1
            item_no = f"{kept.case_no}-J{count:02d}"
            made = item_of(item_no, kept.plan_no or kept.case_no, item, [request], rules, now)
            made = {**made, "emergencyApprover": variables["emergencyApprover"], "reason": variables["emergencyReason"]}
            add_items(session, [row_of_item(kept, made, emergency=True)])
            settle_entries(session, [request.request_no], RequestState.PLANNED)
        return {"item": made, "emergencyBreaks": []}

    @activity.defn(name="close-outage-plan")
    @refusing
    def close(self, job: Job) -> dict[str, Any]:
        """Counts how much of the plan was carried out 执行率. Answers `planned`, `executed`, `executionRate` (per cent,
        null where nothing was planned)."""
        with self._database.transaction() as session:
            kept, _ = self._opened(session, job)
            ordinary = [one for one in items_of(session, kept.unit, kept.week) if not one.emergency]
            executed = sum(one.state == ItemState.EXECUTED for one in ordinary)
            kept.state, kept.planned, kept.executed = PlanState.CLOSED, len(ordinary), executed
            kept.closed_at = instant(job.now)
        rate = round(100 * executed / len(ordinary), 1) if ordinary else None
        return {"planned": len(ordinary), "executed": executed, "executionRate": rate}

    def _opened(self, session: Session, job: Job) -> tuple[OutagePlan, OutageRules]:
        kept = opened(session, str(job.variables["unit"]), str(job.variables["week"]), job.variables.get("cutOffAt"))
        return kept, OutageRules.from_json(kept.rules)

    def _breaks_beside(
        self, session: Session, kept: OutagePlan, data: dict[str, Any], request: OutageRequest, rules: OutageRules
    ) -> list[str]:
        requests, items = standing(session, kept)
        plan = plan_from(kept, [*items, data])
        history = history_of(session, _feeders([request]), kept.ends_at, (kept.unit, kept.week))
        return [
            one.sentence
            for one in breaks(plan, [*requests, request], rules, history)
            if request.request_no in one.requests
        ]


def requests_of(variables: Mapping[str, Any]) -> list[OutageRequest]:
    """The requests that a plan holds."""
    return [OutageRequest.from_json(one) for one in variables.get("requests") or []]


def plan_from(kept: OutagePlan, items: Sequence[Mapping[str, Any]], notices_at: datetime | None = None) -> Plan:
    """A plan with these items, of which customers hear at the cut-off unless another instant is named.

    Raises `MissingFields`, in Chinese, for items that are none.
    """
    told = (notices_at or kept.cut_off_at).isoformat()
    data = {"unit": kept.unit, "week": kept.week, "noticesAt": told, "items": list(items)}
    plan = Plan.from_json(data)
    return plan.with_items(plan.items)


def standing(session: Session, kept: OutagePlan) -> tuple[list[OutageRequest], list[dict[str, Any]]]:
    """The requests of a plan's outages that are still to be carried out, and those outages as a plan holds them."""
    requests, items = [], []
    for one in items_of(session, kept.unit, kept.week):
        if one.state != ItemState.APPROVED:
            continue
        found = [entry(session, number) for number in one.data["requestNos"]]
        served = [OutageRequest.from_json(known.data) for known in found if known]
        requests += served
        items.append(
            {
                "itemNo": one.item_no,
                "feeder": one.feeder,
                "start": one.starts_at.isoformat(),
                "end": one.ends_at.isoformat(),
                "works": [{"request": request.request_no, "crew": request.crew} for request in served],
                "team": served[0].switching_team,
            }
        )
    return requests, items


def row_of_item(kept: OutagePlan, item: Mapping[str, Any], *, emergency: bool) -> dict[str, Any]:
    """An item as its table keeps it."""
    return {
        "item_no": item["itemNo"],
        "unit": kept.unit,
        "week": kept.week,
        "station": item["station"],
        "feeder": item["feeder"],
        "starts_at": datetime.fromisoformat(item["start"]),
        "ends_at": datetime.fromisoformat(item["end"]),
        "customers": item["customers"],
        "emergency": emergency,
        "data": dict(item),
        "state": ItemState.APPROVED,
        "actual_from": None,
        "actual_to": None,
        "reason": "",
        "moves": [],
        "deliveries": [],
        "settled_at": None,
    }


def _feeders(requests: Sequence[OutageRequest]) -> list[str]:
    return sorted({request.feeder for request in requests})


def _refusals(
    plan: Plan, requests: Sequence[OutageRequest], proposed: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The requests that the plan leaves out, each with a reason: the planner's, where it left it out too."""
    served, reasons = set(plan.served), {one["requestNo"]: one["reason"] for one in proposed}
    by_hand = "编制计划时人工调出本周"
    return [
        {"requestNo": one.request_no, "caseNo": one.case_no, "reason": reasons.get(one.request_no, by_hand)}
        for one in requests
        if one.request_no not in served
    ]
