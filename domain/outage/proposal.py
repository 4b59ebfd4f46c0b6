"""The weekly plan proposed by CP-SAT; the one module that imports OR-tools, so import it only in an activity.

The model chooses among possible outages, sets of requests on one feeder that share one; what outages may not do to
each other are its constraints. First it serves as much as possible, promises and priorities in the order of `Score`;
then, serving no less, it leaves the fewest customers without power for the shortest time, in the fewest outages. The
same input gives the same plan: one worker, a seed, and an effort counted in the solver's own measure, not by a clock.

The answer is never worse than the plan that takes requests as they come, nor than one that the caller has already: the
better of them is what the solver starts from, and what is answered where it finds none better. What is proven holds for
outages as the model knows them: starts on full and half hours, crews and switching teams as applied for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from ortools.sat.python import cp_model

from domain.outage.breaks import OPERATIONS, breaks
from domain.outage.first_come import first_come
from domain.outage.placing import Places
from domain.outage.plan import Metrics, PastOutage, Plan, Score, metrics, score
from domain.outage.possible import DAY, Allowed, Possible, shared
from domain.outage.refusals import Refusal, completed
from domain.outage.requests import OutageRequest, Priority
from domain.outage.rules import APART, OutageRules

EFFORT = 1.0
"""Deterministic time of either step of the search, in CP-SAT's measure: some two seconds."""
_SOLVED = (cp_model.OPTIMAL, cp_model.FEASIBLE)


class PlannerFault(AssertionError):
    """The model found a plan that breaks a rule: the model is wrong, and nothing of it is used."""


@dataclass(frozen=True)
class Proposal:
    """A plan that breaks no hard rule, what it achieves, and how much better one could be.

    With `serves_most` it is proven that no plan serves better. `least_customer_minutes` is proven for all plans that
    serve as well as this one. `first_come` is what taking requests as they come would have achieved.
    """

    plan: Plan
    score: Score
    metrics: Metrics
    refused: tuple[Refusal, ...]
    serves_most: bool
    least_customer_minutes: int
    first_come: Metrics

    @property
    def gap_percent(self) -> float:
        """How far the customer-hours may be from the fewest possible."""
        found = self.metrics.customer_minutes
        return 100 * (found - self.least_customer_minutes) / found if found else 0.0

    def bound_sentence(self) -> str:
        """The bound in Chinese, to stand beside the plan."""
        served = "已证明没有兑现更多承诺和申请的计划" if self.serves_most else "承诺和申请的取舍未证明最优"
        found, least = self.metrics.customer_hours, Decimal(self.least_customer_minutes) / 60
        gap = f"相差不超过{self.gap_percent:.1f}%"
        return f"{served}；本计划停电{found:.1f}时户，同样兑现的计划不会少于{least:.1f}时户（{gap}）。"

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, for the plan's workflow and the plan board."""
        return {
            "plan": self.plan.to_json(),
            "metrics": self.metrics.to_json(),
            "firstCome": self.first_come.to_json(),
            "refused": [refusal.to_json() for refusal in self.refused],
            "servesMost": self.serves_most,
            "leastCustomerHours": round(self.least_customer_minutes / 60, 2),
            "gapPercent": round(self.gap_percent, 2),
            "bound": self.bound_sentence(),
        }


def propose(
    empty: Plan,
    requests: Sequence[OutageRequest],
    rules: OutageRules,
    history: Sequence[PastOutage] = (),
    *,
    known: Plan | None = None,
    effort: float = EFFORT,
    seed: int = 1,
) -> Proposal:
    """A plan for unit and week of `empty`, whose notices go out when that says.

    It is no worse than `known`, an earlier plan for the same week, where that breaks no rule: so more capacity never
    makes a plan worse that is proposed anew from the last one, whatever the `effort` allows to find.
    """
    empty = empty.with_items(())
    baseline = first_come(empty, requests, rules, history)
    again = empty.with_items(known.items if known else ())
    start = baseline if breaks(again, requests, rules, history) else _best((baseline, again), requests)
    model = _Model(empty, requests, rules, history, start)
    found, serves_most, least = model.solve(effort, seed)
    places = Places({request.request_no: request for request in requests}, rules, history)
    plan, refused = completed(_best((start, places.settled(found)), requests), requests, places)
    if faults := [*breaks(found, requests, rules, history), *breaks(plan, requests, rules, history)]:
        raise PlannerFault("".join(fault.sentence for fault in faults))
    achieved = metrics(plan, requests)
    return Proposal(
        plan=plan,
        score=score(plan, requests),
        metrics=achieved,
        refused=refused,
        serves_most=serves_most,
        least_customer_minutes=min(least, achieved.customer_minutes),
        first_come=metrics(baseline, requests),
    )


def _best(plans: Iterable[Plan], requests: Sequence[OutageRequest]) -> Plan:
    """The best of some plans, the first of equals."""
    return max(plans, key=lambda plan: score(plan, requests))


@dataclass(frozen=True)
class _Choice:
    """An outage as the model may choose it: whether, when (in minutes of the week), and on which day."""

    outage: Possible
    chosen: cp_model.IntVar
    start: cp_model.IntVar
    interval: cp_model.IntervalVar
    days: Mapping[int, cp_model.IntVar]
    starts: Mapping[int, tuple[int, ...]]


class _Model:
    """The choice of outages, with the hard rules between them as constraints."""

    def __init__(
        self,
        empty: Plan,
        requests: Sequence[OutageRequest],
        rules: OutageRules,
        history: Sequence[PastOutage],
        start: Plan,
    ) -> None:
        self._empty, self._requests, self._rules, self._from = empty, requests, rules, start
        self._allowed = Allowed(empty, rules, history)
        self._model = cp_model.CpModel()
        self._feeders: dict[str, list[_Choice]] = {}
        by_feeder: dict[str, list[OutageRequest]] = defaultdict(list)
        for request in sorted(requests, key=lambda one: (one.applied_at, one.request_no)):
            by_feeder[request.feeder].append(request)
        for feeder, found in by_feeder.items():
            wanted = [frozenset(item.requests) for item in start.items if item.feeder == feeder]
            self._feeders[feeder] = [
                self._choice(outage, starts)
                for outage in shared(found, wanted)
                if (starts := self._allowed.starts(outage))
            ]
        self._choices = [choice for choices in self._feeders.values() for choice in choices]
        self._timely = list(self._promises())
        self._constrain()

    def solve(self, effort: float, seed: int) -> tuple[Plan, bool, int]:
        """The plan found, whether it is proven that none serves better, and the fewest customer-minutes proven for
        those that serve as well. The plan is worse than the one to start from where the effort did not suffice."""
        if not self._choices:
            return self._empty, True, 0
        self._hint(self._from)
        self._model.maximize(self._served())
        solver = _solver(effort, seed)
        status = solver.solve(self._model)
        proven, best = status == cp_model.OPTIMAL, _best((self._read(solver, status), self._from), self._requests)

        self._serve_no_less(best)
        self._hint(best)
        weight = len(self._requests) + 1
        costs = [choice.outage.customers * choice.outage.minutes * weight + 1 for choice in self._choices]
        self._model.minimize(cp_model.LinearExpr.weighted_sum([choice.chosen for choice in self._choices], costs))
        solver = _solver(effort, seed)
        status = solver.solve(self._model)
        least = max(0, int(solver.best_objective_bound)) // weight if status in _SOLVED else 0
        return _best((self._read(solver, status), best), self._requests), proven, least

    def _choice(self, outage: Possible, starts: Sequence[int]) -> _Choice:
        model, name = self._model, "+".join(request.request_no for request in outage.requests)
        by_day: dict[int, list[int]] = defaultdict(list)
        for minute in starts:
            by_day[minute // DAY].append(minute)
        chosen = model.new_bool_var(name)
        start = model.new_int_var_from_domain(cp_model.Domain.from_values(starts), f"{name} at")
        days = {day: model.new_bool_var(f"{name} day {day}") for day in by_day}
        model.add(sum(days.values()) == chosen)
        for day, there in days.items():
            model.add(start >= day * DAY).only_enforce_if(there)
            model.add(start < (day + 1) * DAY).only_enforce_if(there)
        interval = model.new_optional_fixed_size_interval_var(start, outage.minutes, chosen, name)
        return _Choice(outage, chosen, start, interval, days, {day: tuple(found) for day, found in by_day.items()})

    def _constrain(self) -> None:
        by_request: dict[str, list[cp_model.IntVar]] = defaultdict(list)
        by_crew: dict[str, list[cp_model.IntervalVar]] = defaultdict(list)
        for choice in self._choices:
            for number in choice.outage.numbers:
                by_request[number].append(choice.chosen)
            for crew in choice.outage.busy:
                by_crew[crew].append(choice.interval)
        for chosen in by_request.values():
            self._model.add_at_most_one(chosen)
        for intervals in by_crew.values():
            self._model.add_no_overlap(intervals)
        for feeder, choices in self._feeders.items():
            self._model.add_no_overlap([choice.interval for choice in choices])
            self._rest(choices)
            self._seldom(feeder, choices)
        self._capacity()
        self._keep_apart()

    def _rest(self, choices: list[_Choice]) -> None:
        """The minimum gap between outages of a feeder that its customers feel."""
        gap = self._rules.minimum_gap_days.value
        felt = [choice for choice in choices if choice.outage.customers]
        ordinary = [choice for choice in felt if choice.outage.ordinary]
        for day in range(7 if gap else 0):
            self._model.add_at_most_one(_on(ordinary, range(day, day + gap)))
        for emergency in felt:
            if not emergency.outage.ordinary:
                for day, there in emergency.days.items():
                    near = _on(ordinary, range(day - gap + 1, day + gap))
                    for other in near:
                        self._model.add_at_most_one((there, other))

    def _seldom(self, feeder: str, choices: list[_Choice]) -> None:
        """How often a feeder may be out within the days of each row of the frequency rule."""
        felt = [choice for choice in choices if choice.outage.customers]
        for row in self._rules.frequency:
            for day in range(7):
                left = self._allowed.left(feeder, day, row.days, row.outages)
                until = _on(felt, range(max(0, day - row.days + 1), day + 1))
                if left < len(until):
                    for there in _on([choice for choice in felt if choice.outage.ordinary], (day,)):
                        self._model.add(sum(until) <= left).only_enforce_if(there)

    def _capacity(self) -> None:
        """Hours of crews, operations of switching teams, and lines out, each of a day."""
        for day in range(7):
            there = [(choice.outage, choice.days[day]) for choice in self._choices if day in choice.days]
            for crew in self._rules.crews:
                hours = [(outage.busy[crew.code], on) for outage, on in there if crew.code in outage.busy]
                self._at_most(hours, int(crew.hours_per_day * 60))
            for team in self._rules.switching_teams:
                switched = [(OPERATIONS[outage.takes_out], on) for outage, on in there if outage.team == team.code]
                self._at_most(switched, team.operations_per_day)
            self._at_most([(1, line) for line in self._lines(day)], self._rules.max_lines_out_per_day.value)

    def _lines(self, day: int) -> Iterator[cp_model.IntVar]:
        """For each feeder whether it is out on a day."""
        for feeder, choices in self._feeders.items():
            out = [choice for choice in choices if choice.outage.takes_out and choice.outage.ordinary]
            if days := _on(out, (day,)):
                line = self._model.new_bool_var(f"{feeder} out on day {day}")
                self._model.add_max_equality(line, days)
                yield line

    def _at_most(self, parts: Sequence[tuple[int, cp_model.IntVar]], most: int) -> None:
        if sum(part for part, _ in parts) > most:
            self._model.add(sum(part * there for part, there in parts) <= most)

    def _keep_apart(self) -> None:
        """Equipment that may not be out at the same time; outages of one feeder never are."""
        for relation in self._rules.pairs(APART):
            for (feeder, first), (other_feeder, second) in product(
                self._out(relation.first), self._out(relation.second)
            ):
                if feeder != other_feeder:
                    self._model.add_no_overlap([*first, *second])

    def _out(self, code: str) -> list[tuple[str, list[cp_model.IntervalVar]]]:
        """The outages of each feeder in which a piece of equipment is out."""
        found = {
            feeder: [choice.interval for choice in choices if code in choice.outage.off]
            for feeder, choices in self._feeders.items()
        }
        return [(feeder, intervals) for feeder, intervals in found.items() if intervals]

    def _promises(self) -> Iterator[cp_model.IntVar]:
        """Literals that, where true, each keep the promise of a request; at most one of a request is true."""
        for choice in self._choices:
            for request in choice.outage.requests:
                if request.promise_due is None:
                    continue
                last = self._allowed.minute(request.promise_due) - choice.outage.minutes
                for day, there in choice.days.items():
                    if choice.starts[day][-1] <= last:
                        yield there
                    elif choice.starts[day][0] <= last:
                        in_time = self._model.new_bool_var(f"{there.name} in time for {request.request_no}")
                        self._model.add_implication(in_time, there)
                        self._model.add(choice.start <= last).only_enforce_if(in_time)
                        yield in_time

    def _figures(self) -> Iterator[tuple[list[cp_model.IntVar], list[int], int]]:
        """The figures of `Score` up to those of what is served, each as literals, how much each literal adds, and how
        much they can be together."""
        for level in Priority:
            if level is Priority.ANNOUNCED:
                promised = sum(request.promise_due is not None for request in self._requests)
                yield self._timely, [1] * len(self._timely), promised
            served = [sum(one.priority is level for one in choice.outage.requests) for choice in self._choices]
            most = sum(request.priority is level for request in self._requests)
            yield [choice.chosen for choice in self._choices], served, most

    def _served(self) -> cp_model.LinearExprT:
        """What is to be made as great as possible: one number, in which each figure outweighs all that follow it."""
        literals: list[cp_model.IntVar] = []
        weights: list[int] = []
        weight = 1
        for found, parts, most in reversed(list(self._figures())):
            literals += found
            weights += [part * weight for part in parts]
            weight *= most + 1
        return cp_model.LinearExpr.weighted_sum(literals, weights)

    def _serve_no_less(self, plan: Plan) -> None:
        """Where nothing serves more than `plan` by the order of the figures, this leaves all that serve as much."""
        for (literals, parts, _), found in zip(self._figures(), score(plan, self._requests).served, strict=True):
            self._model.add(cp_model.LinearExpr.weighted_sum(literals, parts) >= found)

    def _hint(self, plan: Plan) -> None:
        """Start the search from a plan; what of it the model cannot say is left out."""
        self._model.clear_hints()  # type: ignore[no-untyped-call]
        starts = {frozenset(item.requests): self._allowed.minute(item.start) for item in plan.items}
        for choice in self._choices:
            start = starts.get(choice.outage.numbers)
            taken = start is not None and start in choice.starts.get(start // DAY, ())
            self._model.add_hint(choice.chosen, taken)
            for day, there in choice.days.items():
                self._model.add_hint(there, taken and start is not None and start // DAY == day)
            if taken and start is not None:
                self._model.add_hint(choice.start, start)

    def _read(self, solver: cp_model.CpSolver, status: cp_model.CpSolverStatus) -> Plan:
        if status not in _SOLVED:
            return self._empty
        return self._empty.with_items(
            choice.outage.item(self._allowed.moment(solver.value(choice.start)))
            for choice in self._choices
            if solver.boolean_value(choice.chosen)
        )


def _on(choices: Iterable[_Choice], days: Iterable[int]) -> list[cp_model.IntVar]:
    """Whether each of these is chosen on one of these days."""
    wanted = list(days)
    return [choice.days[day] for choice in choices for day in wanted if day in choice.days]


def _solver(effort: float, seed: int) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_deterministic_time = effort
    return solver
