"""Whatever is applied for under whatever rules: no proposal breaks a rule, and more capacity never makes it worse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.outage.breaks import breaks
from domain.outage.placing import GRID
from domain.outage.plan import PastOutage, Plan, PlanItem, Score, score
from domain.outage.possible import Allowed, Possible
from domain.outage.proposal import Proposal, propose
from domain.outage.requests import OutageRequest
from domain.outage.rules import OutageRules
from tests.domain.outage.made import at, crews, plan, request, row, rules, teams

FEW = settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(FEW, max_examples=600)
EFFORT = 0.1

days = st.integers(1, 7)
codes = st.sampled_from(["E1", "E2", "E3", "E4"])


@dataclass(frozen=True)
class Instance:
    """What a proposal is asked for."""

    requests: tuple[OutageRequest, ...]
    rules: OutageRules
    history: tuple[PastOutage, ...] = ()

    def proposed(self, **more: Any) -> Proposal:
        return propose(plan(), self.requests, self.rules, self.history, effort=EFFORT, **more)

    def breaks_nothing(self, found: Plan) -> bool:
        return breaks(found, self.requests, self.rules, self.history) == []


@st.composite
def requests(draw: st.DrawFn, number: int) -> OutageRequest:
    """Any request for the week, also one that can never be served."""
    first = draw(days)
    changes: dict[str, Any] = {
        "feeder": draw(st.sampled_from(["F1", "F1", "F2", "F3"])),
        "station": draw(st.sampled_from(["S1", "S2"])),
        "equipment": draw(st.lists(codes, max_size=2, unique=True)),
        "earliestStart": at(first, draw(st.sampled_from([0, 8, 9])), draw(st.sampled_from([0, 0, 10]))),
        "latestEnd": at(draw(st.integers(first, 7)), 23, 59),
        "durationHours": draw(st.sampled_from([0.5, 1, 1.25, 3, 5, 9])),
        "crew": draw(st.sampled_from(["pd-1", "pd-1", "pd-2", "pd-3"])),
        "switchingTeam": draw(st.sampled_from(["cz-1", "cz-2"])),
        "kind": draw(st.sampled_from(["planned", "planned", "planned", "temporary", "emergency"])),
        "emergencyApprover": draw(st.sampled_from(["王主任", "王主任", ""])),
        "upperLevel": draw(st.booleans()),
        "customersAffected": draw(st.sampled_from([0, 0, 1, 30, 90])),
        "affectsOthers": draw(st.booleans()),
        "noticedAt": draw(st.sampled_from([None, at(-8, 9), at(-4, 9)])),
        "appliedAt": at(draw(st.integers(-9, -5)), 10),
    }
    if draw(st.booleans()):
        changes |= {"source": "energization", "caseNo": "YK", "promiseDue": at(draw(days), 12)}
    if changes["equipment"] and draw(st.booleans()):
        changes["relatedEquipment"] = [draw(codes)]
    return request(f"R{number}", **changes)


@st.composite
def tables(draw: st.DrawFn) -> OutageRules:
    """Rules that are tight, with relations and protected periods."""
    pairs = draw(st.lists(st.sampled_from(list(combinations(["E1", "E2", "E3", "E4"], 2))), max_size=2, unique=True))
    kinds = [draw(st.sampled_from(["apart", "apart", "together"])) for _ in pairs]
    day = draw(days)
    period = row(
        **{"from": at(day, 9, 20).isoformat(), "to": at(day, 16).isoformat()},
        **draw(st.sampled_from([{"stations": ["S1"]}, {"feeders": ["F1"]}, {}])),
        reason="保电",
    )
    return rules(
        crews=crews(draw(st.sampled_from([2, 4.5, 9])), draw(st.sampled_from([3, 8]))),
        switchingTeams=teams(draw(st.integers(1, 5)), draw(st.integers(0, 4))),
        maxLinesOutPerDay=draw(st.integers(0, 3)),
        minimumGapDays=draw(st.sampled_from([0, 1, 2, 7])),
        frequency=[row(days=draw(st.sampled_from([3, 60])), outages=draw(st.integers(1, 3)))],
        relations=[row(kind=kind, first=a, second=b, reason="互备") for kind, (a, b) in zip(kinds, pairs, strict=True)],
        protectedPeriods=draw(st.sampled_from([[], [period]])),
    )


@st.composite
def instances(draw: st.DrawFn, most: int = 7) -> Instance:
    wanted = tuple(draw(requests(number)) for number in range(draw(st.integers(1, most))))
    past = draw(st.lists(st.builds(PastOutage, st.sampled_from(["F1", "F2"]), st.sampled_from([at(-40), at(-3)]))))
    return Instance(wanted, draw(tables()), tuple(past[:3]))


def check_no_rule_is_broken(instance: Instance) -> None:
    found = instance.proposed()

    assert instance.breaks_nothing(found.plan)
    assert found.score == score(found.plan, instance.requests)
    numbers = sorted(request.request_no for request in instance.requests)
    assert sorted([*found.plan.served, *(refusal.request_no for refusal in found.refused)]) == numbers
    assert all(refusal.sentence.startswith(f"申请{refusal.request_no}未列入") for refusal in found.refused)


@FEW
@given(instances())
def test_no_proposal_breaks_a_hard_rule(instance: Instance) -> None:
    check_no_rule_is_broken(instance)


@pytest.mark.long
@pytest.mark.timeout(1800)
@MANY
@given(instances(12))
def test_no_proposal_of_many_breaks_a_hard_rule(instance: Instance) -> None:
    check_no_rule_is_broken(instance)


def check_the_model_allows_what_the_checks_allow(instance: Instance) -> None:
    """The rules that hold of one outage by itself, written twice, say the same."""
    empty = plan()
    allowed = Allowed(empty, instance.rules, instance.history)
    for size in (1, 2):
        for group in combinations(instance.requests, size):
            possible = Possible(group)
            if len({one.feeder for one in group}) > 1:
                continue
            starts = set(allowed.starts(possible))
            for start in range(0, 7 * 24 * 60, GRID.seconds // 60):
                item = possible.item(allowed.moment(start))
                assert (start in starts) == instance.breaks_nothing(empty.with_items([item])), (start, item)


@settings(FEW, max_examples=8)
@given(instances(3))
def test_the_model_allows_an_outage_exactly_where_the_checks_do(instance: Instance) -> None:
    check_the_model_allows_what_the_checks_allow(instance)


@pytest.mark.long
@pytest.mark.timeout(1800)
@settings(FEW, max_examples=200)
@given(instances(4))
def test_the_model_allows_outages_of_many_exactly_where_the_checks_do(instance: Instance) -> None:
    check_the_model_allows_what_the_checks_allow(instance)


def more(table: OutageRules, hours: int, operations: int, lines: int) -> OutageRules:
    """The same rules with more capacity."""
    data = table.to_json()
    for crew in data["crews"]:
        crew["hoursPerDay"] += hours
    for team in data["switchingTeams"]:
        team["operationsPerDay"] += operations
    data["maxLinesOutPerDay"]["value"] += lines
    return OutageRules.from_json(data)


capacities = st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 3))


def check_more_is_never_worse(instance: Instance, added: tuple[int, int, int]) -> None:
    """Proposed anew from the last plan it is never worse, by construction; from nothing neither, where both are proven
    to be best: an effort that ends the search before could not promise it."""
    before = instance.proposed()
    richer = replace(instance, rules=more(instance.rules, *added))

    assert richer.proposed(known=before.plan).score >= before.score
    anew = richer.proposed()
    if before.serves_most and anew.serves_most and anew.gap_percent == 0:
        assert anew.score.served >= before.score.served
        assert anew.score >= replace(before.score, items=10**6)


@FEW
@given(instances(), capacities)
def test_more_capacity_never_makes_a_plan_worse(instance: Instance, added: tuple[int, int, int]) -> None:
    check_more_is_never_worse(instance, added)


@pytest.mark.long
@pytest.mark.timeout(1800)
@MANY
@given(instances(12), capacities)
def test_more_capacity_never_makes_any_of_many_plans_worse(instance: Instance, added: tuple[int, int, int]) -> None:
    check_more_is_never_worse(instance, added)


@st.composite
def tiny(draw: st.DrawFn) -> Instance:
    """Three requests on one short day, of which every plan can be tried."""
    wanted = []
    for number in range(3):
        promise = {"source": "energization", "caseNo": "YK", "promiseDue": at(2, draw(st.integers(9, 12)))}
        changes: dict[str, Any] = {
            "feeder": draw(st.sampled_from(["F1", "F2"])),
            "equipment": [f"E{number}"],
            "earliestStart": at(2, 8),
            "latestEnd": at(2, draw(st.sampled_from([11, 12]))),
            "durationHours": draw(st.sampled_from([1, 1.5, 2])),
            "customersAffected": draw(st.sampled_from([0, 5, 9])),
            "crew": draw(st.sampled_from(["pd-1", "pd-2"])),
            **draw(st.sampled_from([{}, promise, {"upperLevel": True}])),
        }
        wanted.append(request(f"R{number}", **changes))
    pair = row(kind="apart", first="E0", second="E1", reason="互备")
    table = rules(
        crews=crews(draw(st.sampled_from([2, 3, 4])), 3),
        switchingTeams=teams(draw(st.sampled_from([2, 4, 6]))),
        maxLinesOutPerDay=draw(st.integers(1, 2)),
        minimumGapDays=draw(st.sampled_from([0, 7])),
        relations=draw(st.sampled_from([[], [pair]])),
    )
    return Instance(tuple(wanted), table)


def groupings(numbers: tuple[OutageRequest, ...]) -> Iterator[tuple[tuple[OutageRequest, ...], ...]]:
    """All ways to leave requests out and to put the others into groups."""
    if not numbers:
        yield ()
        return
    first, rest = numbers[0], numbers[1:]
    for groups in groupings(rest):
        yield groups
        yield ((first,), *groups)
        for index, group in enumerate(groups):
            yield (*groups[:index], (first, *group), *groups[index + 1 :])


def best_of_all(instance: Instance) -> Score:
    """The best score that any plan on the grid has which the checks let pass: tried one by one."""
    empty = plan()
    found = [score(empty, instance.requests)]
    for groups in groupings(instance.requests):
        choices: list[list[PlanItem]] = []
        for group in groups:
            starts = (at(2, 8) + step * GRID for step in range(8))
            items = [Possible(group).item(start) for start in starts]
            choices.append([item for item in items if instance.breaks_nothing(empty.with_items([item]))])
        for chosen in product(*choices):
            tried = empty.with_items(chosen)
            if (rated := score(tried, instance.requests)) > max(found) and instance.breaks_nothing(tried):
                found.append(rated)
    return max(found)


def check_it_is_the_best(instance: Instance) -> None:
    found = instance.proposed()

    assert found.serves_most
    assert found.score == best_of_all(instance)
    assert found.least_customer_minutes == found.score.customer_minutes


@FEW
@given(tiny())
def test_a_proposal_is_the_best_of_all_plans(instance: Instance) -> None:
    check_it_is_the_best(instance)


@pytest.mark.long
@pytest.mark.timeout(1800)
@settings(FEW, max_examples=300)
@given(tiny())
def test_a_proposal_is_the_best_of_all_plans_of_many(instance: Instance) -> None:
    check_it_is_the_best(instance)
