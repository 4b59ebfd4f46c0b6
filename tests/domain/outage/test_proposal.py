"""What the proposal prefers, what it says of what it leaves out, and what it can be relied on for."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import pytest

from domain.outage import proposal
from domain.outage.breaks import Rule, breaks
from domain.outage.plan import PastOutage, Plan
from domain.outage.proposal import PlannerFault, Proposal, propose
from domain.outage.requests import OutageRequest
from domain.outage.rules import OutageRules
from tests.domain.outage.made import CUT_OFF, at, crews, energization, item, plan, request, row, rules, teams, week

ONE_DAY: dict[str, Any] = {"earliestStart": at(2), "latestEnd": at(3)}


def proposed(
    *requests: OutageRequest, table: OutageRules | None = None, history: Sequence[PastOutage] = (), **more: Any
) -> Proposal:
    table = table or rules()
    found = propose(plan(), requests, table, history, **more)
    assert breaks(found.plan, requests, table, history) == []
    return found


def served(found: Proposal) -> set[str]:
    return set(found.plan.served)


def test_nothing_to_plan_is_an_empty_plan() -> None:
    found = proposed()

    assert found.plan.items == ()
    assert (found.refused, found.serves_most, found.gap_percent) == ((), True, 0.0)


def test_everything_is_served_where_there_is_room() -> None:
    found = proposed(request("R1"), request("R2"), energization("R3"))

    assert served(found) == {"R1", "R2", "R3"}
    assert found.refused == ()
    assert found.serves_most


def test_rule_9_a_promise_is_kept_before_other_work_is_served() -> None:
    """Rule 9 of domain.md §1.1: energization within one week of marketing's application."""
    works = [request(f"R{number}", **ONE_DAY, durationHours=2) for number in (1, 2, 3)]
    promised = energization("R4", **ONE_DAY, durationHours=3, promiseDue=at(2, 11), appliedAt=at(-5))

    found = proposed(*works, promised, table=rules(crews=crews(4)))

    assert "R4" in served(found)
    assert found.plan.items[0].requests == ("R4",)
    assert (found.metrics.promises_kept, found.first_come.promises_kept) == (1, 0)


def test_an_emergency_and_an_upper_level_outage_come_before_a_promise() -> None:
    promised = energization("R1", **ONE_DAY)
    emergency = request("R2", **ONE_DAY, kind="emergency", emergencyApprover="王主任")
    upper = request("R3", **ONE_DAY, upperLevel=True)

    assert served(proposed(promised, emergency, table=rules(crews=crews(4)))) == {"R2"}
    assert served(proposed(promised, upper, table=rules(crews=crews(4)))) == {"R3"}


def test_among_plans_that_serve_as_many_the_fewest_customer_hours_are_taken() -> None:
    felt = {"affectsOthers": True, "noticedAt": at(-8), "feeder": "F1"}
    many, few = request("R1", **felt, customersAffected=300), request("R2", **felt, customersAffected=20, crew="pd-2")

    found = proposed(many, few)

    assert [one.requests for one in found.plan.items] == [("R1", "R2")]
    assert found.metrics.customer_hours == 4 * 300
    assert found.gap_percent == 0


def test_works_that_do_not_meet_are_not_made_to_last_longer_together() -> None:
    felt = {"affectsOthers": True, "noticedAt": at(-8), "feeder": "F1"}
    long, short = request("R1", **felt, customersAffected=300), request("R2", **felt, customersAffected=2)
    table = rules(minimumGapDays=0)

    found = proposed(long, short, table=table)

    assert len(found.plan.items) == 2
    assert found.metrics.customer_hours == 4 * 300 + 4 * 2


def test_the_bound_stands_beside_the_plan() -> None:
    felt = request("R1", affectsOthers=True, customersAffected=300, noticedAt=at(-8))

    assert proposed(felt).bound_sentence() == (
        "已证明没有兑现更多承诺和申请的计划；本计划停电1200.0时户，同样兑现的计划不会少于1200.0时户（相差不超过0.0%）。"
    )


def test_a_proposal_travels_as_json() -> None:
    data = json.loads(json.dumps(proposed(request("R1"), request("R2", crew="pd-9")).to_json()))

    assert Plan.from_json(data["plan"]).served == ("R1",)
    assert [(one["requestNo"], one["rules"]) for one in data["refused"]] == [("R2", ["crew"])]
    assert (data["metrics"]["served"], data["firstCome"]["served"], data["gapPercent"]) == (1, 1, 0)
    assert data["servesMost"] is True


@pytest.mark.parametrize(
    ("changes", "table", "rule", "words"),
    [
        ({}, {"crews": crews(4)}, Rule.CREW, "配电1班12月1日共8小时，超过每日4小时（R1、R2）"),
        ({"crew": "pd-2"}, {"switchingTeams": teams(2)}, Rule.TEAM, "操作1班12月1日共操作4次，超过每日2次（R1、R2）"),
        ({"crew": "pd-2"}, {"maxLinesOutPerDay": 1}, Rule.LINES, "12月1日停电线路2条，超过每日1条（F-R1、F-R2）"),
        ({"crew": "pd-9"}, {}, Rule.CREW, "班组pd-9不在班组表内"),
        ({"latestEnd": at(2, 11)}, {}, Rule.WINDOW, "超出申请R2的时间12月1日00:00至11:00"),
        (
            {"affectsOthers": True, "customersAffected": 9},
            {},
            Rule.NOTICE,
            "11月25日16:00公告满7天为12月2日16:00，此前不得停电",
        ),
        ({"kind": "emergency"}, {}, Rule.APPROVER, "申请R2按紧急停电列入，未写明批准人"),
        ({"durationHours": 11}, {"crews": crews(12)}, Rule.HOURS, "超出每日作业时间08:00至18:00"),
    ],
)
def test_a_request_left_out_is_told_the_rule_that_stands_in_its_way(
    changes: dict[str, Any], table: dict[str, Any], rule: Rule, words: str
) -> None:
    first = request("R1", **ONE_DAY, upperLevel=True)
    last = request("R2", **{**ONE_DAY, **changes})

    (refusal,) = proposed(first, last, table=rules(**table)).refused

    assert refusal.request_no == "R2"
    assert refusal.rules[0] is rule
    assert refusal.sentence.startswith("申请R2未列入2026-W49周计划：最接近的安排为12月1日")
    assert words in refusal.sentence
    assert refusal.sentence.count("。") == 1


def test_a_request_is_told_of_a_protected_period_and_of_earlier_outages() -> None:
    felt = request("R1", **ONE_DAY, affectsOthers=True, customersAffected=9, noticedAt=at(-9))
    period = row(**{"from": at(2).isoformat(), "to": at(3).isoformat()}, reason="高考")

    (protected,) = proposed(felt, table=rules(protectedPeriods=[period])).refused
    (often,) = proposed(felt, history=[PastOutage("F-R1", at(-days)) for days in (50, 40, 30)]).refused
    (lately,) = proposed(felt, history=[PastOutage("F-R1", at(-1))]).refused

    assert protected.rules == (Rule.PROTECTED,)
    assert often.rules == (Rule.FREQUENCY,)
    assert lately.rules == (Rule.GAP,)


def test_a_request_that_fits_only_at_the_cost_of_a_promise_is_told_so() -> None:
    promised = energization("R1", feeder="F1", equipment=["E1"], customersAffected=1, **ONE_DAY, promiseDue=at(2, 12))
    longer = request("R2", feeder="F1", customersAffected=1, earliestStart=at(2, 8), latestEnd=at(2, 14))
    longer = longer.model_copy(update={"duration_hours": longer.duration_hours + 2, "crew": "pd-2"})

    (refusal,) = proposed(promised, longer).refused

    assert refusal.rules == ()
    assert refusal.sentence.endswith("但会使更优先的申请或承诺落空。")


def test_an_emergency_is_placed_as_soon_as_it_may_be_at_night_too() -> None:
    night = request(kind="emergency", emergencyApprover="王主任", earliestStart=at(2, 22), latestEnd=at(3, 4))

    (one,) = proposed(night).plan.items

    assert one.start == at(2, 22)


def test_each_outage_is_as_early_as_the_rules_allow() -> None:
    found = proposed(request("R1", appliedAt=at(-5)), request("R2"), request("R3", crew="pd-2"))

    assert [(one.requests, one.start) for one in found.plan.items] == [
        (("R2",), at(1, 8)),
        (("R3",), at(1, 8)),
        (("R1",), at(1, 12)),
    ]


def test_work_that_was_not_announced_joins_an_outage_that_was() -> None:
    announced = request("R1", **ONE_DAY, feeder="F1", affectsOthers=True, customersAffected=80, noticedAt=at(-9))
    quick = request("R2", **ONE_DAY, feeder="F1", affectsOthers=True, customersAffected=80, crew="pd-2")

    assert [one.requests for one in proposed(announced, quick).plan.items] == [("R1", "R2")]


def test_the_same_input_gives_the_same_plan() -> None:
    made = week(3, count=25, feeders=15)

    first, second = (propose(made.plan, made.requests, made.rules, made.history) for _ in range(2))

    assert first == second


def test_the_order_in_which_requests_are_handed_over_does_not_matter() -> None:
    made = week(3, count=25, feeders=15)
    backwards = tuple(reversed(made.requests))

    one = propose(made.plan, made.requests, made.rules, made.history)
    other = propose(made.plan, backwards, made.rules, made.history)

    assert one == other


def test_another_process_finds_the_same_plan() -> None:
    """Hashes of texts differ from process to process."""
    command = (
        "from tests.domain.outage.made import week; from domain.outage.proposal import propose; "
        "made = week(5, count=20, feeders=12); "
        "print(propose(made.plan, made.requests, made.rules, made.history).plan.to_json())"
    )
    made = week(5, count=20, feeders=12)

    there = subprocess.run(
        [sys.executable, "-c", command], env={"PYTHONHASHSEED": "7"}, capture_output=True, check=True
    )

    here = propose(made.plan, made.requests, made.rules, made.history).plan
    assert there.stdout.decode().strip() == str(here.to_json())


def test_sixty_requests_take_less_than_ten_seconds() -> None:
    made = week(1)
    began = time.process_time()

    found = propose(made.plan, made.requests, made.rules, made.history)

    assert time.process_time() - began < 10
    assert len(made.requests) == 60
    assert found.metrics.served > found.first_come.served


def test_without_effort_it_is_the_plan_of_who_comes_first_or_better() -> None:
    made = week(2, count=30, feeders=18)

    found = propose(made.plan, made.requests, made.rules, made.history, effort=1e-6)

    assert breaks(found.plan, made.requests, made.rules, made.history) == []
    assert found.metrics.served >= found.first_come.served


def test_a_known_plan_is_never_made_worse() -> None:
    by_hand = plan(item(at(2, 8, 10), request("R1", **ONE_DAY)))

    found = proposed(request("R1", **ONE_DAY), known=by_hand, effort=1e-6)

    assert found.plan.served == ("R1",)


def test_a_known_plan_that_the_model_cannot_say_is_kept_where_nothing_is_better() -> None:
    """The planner's own crew, and a start off the half hour."""
    narrow = request("R1", earliestStart=at(2, 8, 10), latestEnd=at(2, 12, 15), crew="pd-9")
    by_hand = plan(item(at(2, 8, 10), narrow, works=[{"request": "R1", "crew": "pd-2"}]))

    assert proposed(narrow).plan.items == ()
    assert proposed(narrow, known=by_hand).plan.items == by_hand.items


def test_a_known_plan_that_breaks_a_rule_is_of_no_use() -> None:
    at_night = plan(item(at(2, 22), request("R1")))

    found = proposed(request("R1"), known=at_night)

    assert found.plan.items[0].start.hour < 18


def test_the_plan_keeps_unit_week_and_time_of_notice() -> None:
    found = proposed(request("R1")).plan

    assert (found.unit, found.week, found.notices_at) == ("开发区调控", "2026-W49", CUT_OFF)


def test_a_model_that_breaks_a_rule_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = plan(item(at(2, 22), request("R1")))
    monkeypatch.setattr(proposal._Model, "solve", lambda *_: (broken, True, 0))

    with pytest.raises(PlannerFault, match="超出每日作业时间"):
        proposed(request("R1"))


def test_many_requests_on_one_feeder_are_planned_too() -> None:
    many = [request(f"R{n:02}", feeder="F1", crew=f"pd-{n % 3 + 1}", durationHours=1) for n in range(14)]

    found = proposed(*many, effort=0.1)

    assert found.refused == ()
    assert isinstance(found.plan, Plan)


def test_only_the_proposal_loads_or_tools() -> None:
    command = (
        "import sys, domain.outage.checks, domain.outage.first_come, domain.outage.feasibility, domain.outage.outlook, "
        "domain.outage.possible, domain.outage.refusals; sys.exit('ortools' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0
