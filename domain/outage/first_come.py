"""The plan that comes of taking requests as they come: what a proposal is measured against."""

from __future__ import annotations

from collections.abc import Sequence

from domain.outage.placing import Places
from domain.outage.plan import PastOutage, Plan
from domain.outage.requests import OutageRequest
from domain.outage.rules import OutageRules


def first_come(
    plan: Plan, requests: Sequence[OutageRequest], rules: OutageRules, history: Sequence[PastOutage] = ()
) -> Plan:
    """`plan` filled, first come first served: each request joins an outage of its feeder that can take it, or gets the
    first time that is free; one for which there is none is left out."""
    places = Places({request.request_no: request for request in requests}, rules, history)
    for request in sorted(requests, key=lambda one: (one.applied_at, one.request_no)):
        plan = _served(request, plan, places)
    return plan


def _served(request: OutageRequest, plan: Plan, places: Places) -> Plan:
    for place in places.of(request, plan):
        if next(places.broken(place, plan), None) is None:
            return places.taken(place, plan)
    return plan
