"""Why a plan does not serve a request, and whether it could after all.

Each place that the request might take is judged by the rules; its nearest place is the one with the fewest of them in
its way. A request with nothing in its way is let in, so that every one left out has a rule to name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.outage.breaks import Break, Rule
from domain.outage.placing import Place, Places
from domain.outage.plan import Plan, score
from domain.outage.requests import OutageRequest
from domain.outage.values import from_to, listed


@dataclass(frozen=True)
class Refusal:
    """A request that the plan does not serve, and the rules at its nearest place, in a sentence.

    Without rules: it would fit, at the price of what counts for more.
    """

    request_no: str
    rules: tuple[Rule, ...]
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        rules = [rule.value for rule in self.rules]
        return {"requestNo": self.request_no, "rules": rules, "sentence": self.sentence}


def completed(plan: Plan, requests: Sequence[OutageRequest], places: Places) -> tuple[Plan, tuple[Refusal, ...]]:
    """The plan with all requests let in that fit and make it better, and why the others are left out."""
    refused = []
    served = set(plan.served)
    waiting = [request for request in requests if request.request_no not in served]
    for request in sorted(waiting, key=lambda one: (one.priority, one.applied_at, one.request_no)):
        found = [(place, tuple(places.broken(place, plan))) for place in places.of(request, plan)]
        place, broken = min(found, key=lambda entry: _far(entry[1]))
        if not broken:
            fuller = [places.taken(place, plan) for place, broken in found if not broken]
            best = max(fuller, key=lambda other: score(other, requests))
            if score(best, requests) > score(plan, requests):
                return completed(best, requests, places)
        refused.append(_refusal(request, place, broken, plan))
    return plan, tuple(refused)


def _far(broken: tuple[Break, ...]) -> tuple[int, int, list[int]]:
    """How far a place is from being possible. Of equals, one where the rule is a matter of capacity is nearer than one
    of the request's own times, and one where it is broken once than one where it is broken twice."""
    order = list(Rule)
    rules = sorted({order.index(one.rule) for one in broken}, reverse=True)
    return len(rules), len(broken), [-index for index in rules]


def _refusal(request: OutageRequest, place: Place, broken: tuple[Break, ...], plan: Plan) -> Refusal:
    when = from_to(place.item.start, place.item.end)
    if place.joins:
        when = f"并入{listed(place.joins.requests)}的停电（{when}）"
    head = f"申请{request.request_no}未列入{plan.week}周计划：最接近的安排为{when}，"
    if not broken:
        return Refusal(request.request_no, (), f"{head}但会使更优先的申请或承诺落空。")
    first = {one.rule: one for one in reversed(broken)}
    rules = tuple(sorted(first, key=list(Rule).index))
    names = listed(tuple(rule.title for rule in rules))
    why = "；".join(first[rule].sentence.removesuffix("。") for rule in rules)
    return Refusal(request.request_no, rules, f"{head}但不符合{names}规则：{why}。")
