"""Every hard rule of the weekly plan, checked on a plan as it stands: proposed, edited by hand, or only asked about.

It knows nothing of how a plan was found: the proposal's model has the rules once more, in its own form, and what it
finds is checked here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import Any

from domain.chinese import plain_number
from domain.outage.notice import is_lawful, lead
from domain.outage.plan import PastOutage, Plan, PlanItem, customers, together
from domain.outage.requests import OutageRequest
from domain.outage.rules import APART, OutageRules
from domain.outage.values import from_to, listed, on_day
from domain.outage.weeks import Week, bounds

OPERATIONS = {True: 2, False: 1}
"""Switching operations of an item: off and on again, or on only where nothing is taken out."""


class Rule(Enum):
    """The hard rules, with their names for people."""

    REQUEST = "request"
    FEEDER = "feeder"
    APPROVER = "approver"
    WEEK = "week"
    WINDOW = "window"
    DURATION = "duration"
    HOURS = "hours"
    NOTICE = "notice"
    PROTECTED = "protected"
    APART = "apart"
    TOGETHER = "together"
    FREQUENCY = "frequency"
    GAP = "gap"
    OVERLAP = "overlap"
    CREW = "crew"
    TEAM = "team"
    LINES = "lines"

    @property
    def title(self) -> str:
        return _TITLES[self]


_TITLES = {
    Rule.REQUEST: "申请",
    Rule.FEEDER: "线路",
    Rule.APPROVER: "紧急停电批准",
    Rule.WEEK: "计划周",
    Rule.WINDOW: "申请时间",
    Rule.DURATION: "停电时长",
    Rule.HOURS: "作业时间",
    Rule.NOTICE: "停电公告",
    Rule.PROTECTED: "保电",
    Rule.APART: "不得同停（N-1）",
    Rule.TOGETHER: "必须同停",
    Rule.FREQUENCY: "停电频次",
    Rule.GAP: "重复停电间隔",
    Rule.OVERLAP: "同线路重叠",
    Rule.CREW: "班组承载力",
    Rule.TEAM: "操作承载力",
    Rule.LINES: "停电线路数",
}


@dataclass(frozen=True)
class Break:
    """A hard rule that a plan breaks: which, said in a sentence, and the requests that it concerns."""

    rule: Rule
    sentence: str
    requests: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"rule": self.rule.value, "sentence": self.sentence, "requests": list(self.requests)}


class Outage:
    """An item with what is known of it. `counts` where customers feel it: only then for frequency and gap. `ordinary`
    unless it is nothing but emergencies, which rules of planning do not bind. `minutes` is how long each crew works."""

    def __init__(self, item: PlanItem, known: Mapping[str, OutageRequest]) -> None:
        self.item = item
        self.day = item.start.date()
        self.served = together(item, known)
        self.takes_out = any(request.takes_out for request in self.served)
        self.ordinary = not all(request.is_emergency for request in self.served)
        self.counts = customers(self.served) > 0
        self.off = frozenset(code for request in self.served for code in request.off)
        self.minutes = dict.fromkeys((work.crew for work in item.works), 0)
        durations = {request.request_no: request.minutes for request in self.served}
        for work in item.works:
            self.minutes[work.crew] += durations.get(work.request, 0)

    @property
    def name(self) -> str:
        """For people: its requests, feeder and time."""
        return f"{listed(self.item.requests)}（{self.item.feeder}，{from_to(self.item.start, self.item.end)}）"


def breaks(
    plan: Plan, requests: Iterable[OutageRequest], rules: OutageRules, history: Sequence[PastOutage] = ()
) -> list[Break]:
    """All that is wrong with a plan, in the order of `Rule`; empty for one that may be issued."""
    known = {request.request_no: request for request in requests}
    outages = [Outage(item, known) for item in plan.items]
    found = list(_numbers(plan, known))
    for outage in outages:
        found += _alone(outage, plan, rules)
    found += _among(outages, rules, history)
    order = list(Rule)
    return sorted(found, key=lambda one: order.index(one.rule))


def broken_by(
    item: PlanItem,
    beside: Iterable[PlanItem],
    plan: Plan,
    known: Mapping[str, OutageRequest],
    rules: OutageRules,
    history: Sequence[PastOutage],
) -> Iterator[Break]:
    """What breaks where an item of known requests is put beside others of a plan, which are sound themselves."""
    outage = Outage(item, known)
    yield from _alone(outage, plan, rules)
    yield from _among([*(Outage(other, known) for other in beside), outage], rules, history)


def _numbers(plan: Plan, known: dict[str, OutageRequest]) -> Iterator[Break]:
    for number, times in Counter(plan.served).items():
        if times > 1:
            yield Break(Rule.REQUEST, f"申请{number}列入{times}次。", (number,))
        if number not in known:
            yield Break(Rule.REQUEST, f"没有申请{number}。", (number,))
        elif known[number].unit != plan.unit:
            yield Break(Rule.REQUEST, f"申请{number}属{known[number].unit}，不属{plan.unit}。", (number,))


def _alone(outage: Outage, plan: Plan, rules: OutageRules) -> Iterator[Break]:
    """What one item breaks by itself."""
    item = outage.item
    start, end = bounds(Week.read(plan.week), rules)
    if item.start < start or item.end > end:
        yield Break(Rule.WEEK, f"{outage.name}不在{plan.week}周内。", item.requests)
    for request in outage.served:
        yield from _one_request(request, outage, rules)
    yield from _duration(outage)
    yield from _capacity_alone(outage, rules)
    if outage.ordinary:
        yield from _hours(outage, rules)
        yield from _protected(outage, rules)
    yield from _notice(outage, plan, rules)
    for relation in rules.pairs(APART):
        if {relation.first, relation.second} <= outage.off:
            both = f"{relation.first}与{relation.second}"
            yield Break(Rule.APART, f"{outage.name}同时停{both}，二者不得同停（{relation.reason}）。", item.requests)


def _one_request(request: OutageRequest, outage: Outage, rules: OutageRules) -> Iterator[Break]:
    item, number = outage.item, request.request_no
    if request.feeder != item.feeder:
        yield Break(Rule.FEEDER, f"申请{number}的线路是{request.feeder}，不能并入{item.feeder}的停电。", (number,))
    if request.is_emergency and not request.emergency_approver:
        yield Break(Rule.APPROVER, f"申请{number}按紧急停电列入，未写明批准人。", (number,))
    if item.start < request.earliest_start or item.end > request.latest_end:
        allowed = from_to(request.earliest_start, request.latest_end)
        yield Break(Rule.WINDOW, f"{outage.name}超出申请{number}的时间{allowed}。", (number,))


def _duration(outage: Outage) -> Iterator[Break]:
    crew, needed = max(outage.minutes.items(), key=lambda entry: entry[1])
    if outage.item.minutes < max(needed, 1):
        sentence = f"{outage.name}时长不足，班组{crew}的工作需{_hours_words(needed)}小时。"
        yield Break(Rule.DURATION, sentence, outage.item.requests)


def _hours(outage: Outage, rules: OutageRules) -> Iterator[Break]:
    opens, closes = rules.hours_of(outage.item.start)
    if outage.item.start < opens or outage.item.end > closes:
        span = f"{rules.working_hours.opens}至{rules.working_hours.closes}"
        yield Break(Rule.HOURS, f"{outage.name}超出每日作业时间{span}。", outage.item.requests)


def _protected(outage: Outage, rules: OutageRules) -> Iterator[Break]:
    item = outage.item
    for period in rules.protected_periods:
        concerned = [one for one in outage.served if period.concerns(one.station, one.feeder)]
        if concerned and period.meets(item.start, item.end):
            span = from_to(period.start, period.end)
            yield Break(Rule.PROTECTED, f"{outage.name}在保电时段{span}内（{period.reason}）。", item.requests)


def _notice(outage: Outage, plan: Plan, rules: OutageRules) -> Iterator[Break]:
    item = outage.item
    for request in outage.served:
        if is_lawful(request, item.start, outage.served, plan.notices_at, rules):
            continue
        told = request.noticed_at or plan.notices_at
        earliest, hours = told + lead(request, rules), lead(request, rules) // dt.timedelta(hours=1)
        ahead = f"{hours // 24}天" if hours % 24 == 0 and hours > 24 else f"{hours}小时"
        sentence = f"{outage.name}影响其他客户，{on_day(told)}公告满{ahead}为{on_day(earliest)}，此前不得停电。"
        yield Break(Rule.NOTICE, sentence, (request.request_no,))


def _capacity_alone(outage: Outage, rules: OutageRules) -> Iterator[Break]:
    for crew in outage.item.crews:
        if rules.crew(crew) is None:
            yield Break(Rule.CREW, f"{outage.name}的班组{crew}不在班组表内。", outage.item.requests)
    if rules.switching_team(outage.item.team) is None:
        sentence = f"{outage.name}的操作班组{outage.item.team}不在班组表内。"
        yield Break(Rule.TEAM, sentence, outage.item.requests)


def _among(outages: list[Outage], rules: OutageRules, history: Sequence[PastOutage]) -> Iterator[Break]:
    """What items break with each other."""
    feeders, days = defaultdict[str, list[Outage]](list), defaultdict[dt.date, list[Outage]](list)
    for outage in outages:
        feeders[outage.item.feeder].append(outage)
        days[outage.day].append(outage)
    for feeder, found in feeders.items():
        past = [one.start.astimezone(found[0].item.start.tzinfo).date() for one in history if one.feeder == feeder]
        yield from _overlaps(found)
        yield from _frequency(feeder, found, past, rules)
        yield from _gaps(feeder, found, past, rules)
    for day, found in days.items():
        yield from _crew_hours(day, found, rules)
        yield from _operations(day, found, rules)
        yield from _lines(day, found, rules)
    yield from _crews_twice(outages)
    yield from _relations(outages, rules)


def _overlaps(outages: list[Outage]) -> Iterator[Break]:
    for one, other in combinations(outages, 2):
        if one.item.meets(other.item):
            yield _both(Rule.OVERLAP, one, other, "同一线路时间重叠，应合并为一次停电")


def _frequency(feeder: str, outages: list[Outage], past: list[dt.date], rules: OutageRules) -> Iterator[Break]:
    """No further outage after so many in so many days (domain.md §3.1); all up to and including its day count."""
    days = [outage.day for outage in outages if outage.counts]
    for outage in outages:
        if not (outage.counts and outage.ordinary):
            continue
        day = outage.day
        for row in rules.frequency:
            window = range(day.toordinal() - row.days + 1, day.toordinal() + 1)
            before = sum(one.toordinal() in window for one in (*days, *past)) - 1
            if before >= row.outages:
                sentence = f"{feeder}在{outage.name}之前{row.days}天内已停电{before}次，达到上限{row.outages}次。"
                yield Break(Rule.FREQUENCY, sentence, outage.item.requests)


def _gaps(feeder: str, outages: list[Outage], past: list[dt.date], rules: OutageRules) -> Iterator[Break]:
    gap = rules.minimum_gap_days.value
    felt = [outage for outage in outages if outage.counts]
    for one, other in combinations(felt, 2):
        apart = abs((one.day - other.day).days)
        if apart < gap and (one.ordinary or other.ordinary):
            yield _both(Rule.GAP, one, other, f"同一线路两次停电相隔{apart}天，少于{gap}天")
    for outage in felt:
        near = [day for day in past if abs((outage.day - day).days) < gap]
        if near and outage.ordinary:
            sentence = f"{outage.name}距{feeder}在{_day(near[-1])}的停电不足{gap}天。"
            yield Break(Rule.GAP, sentence, outage.item.requests)


def _crew_hours(day: dt.date, outages: list[Outage], rules: OutageRules) -> Iterator[Break]:
    worked, numbers = defaultdict[str, int](int), defaultdict[str, list[str]](list)
    for outage in outages:
        for code, minutes in outage.minutes.items():
            worked[code] += minutes
        for work in outage.item.works:
            numbers[work.crew].append(work.request)
    for crew in rules.crews:
        if worked[crew.code] > crew.hours_per_day * 60:
            busy, most, whose = (
                _hours_words(worked[crew.code]),
                plain_number(crew.hours_per_day),
                tuple(numbers[crew.code]),
            )
            sentence = f"{crew.name}{_day(day)}共{busy}小时，超过每日{most}小时（{listed(whose)}）。"
            yield Break(Rule.CREW, sentence, whose)


def _operations(day: dt.date, outages: list[Outage], rules: OutageRules) -> Iterator[Break]:
    for team in rules.switching_teams:
        switched = [outage for outage in outages if outage.item.team == team.code]
        count = sum(OPERATIONS[outage.takes_out] for outage in switched)
        if count > team.operations_per_day:
            whose = _requests(switched)
            sentence = (
                f"{team.name}{_day(day)}共操作{count}次，超过每日{team.operations_per_day}次（{listed(whose)}）。"
            )
            yield Break(Rule.TEAM, sentence, whose)


def _lines(day: dt.date, outages: list[Outage], rules: OutageRules) -> Iterator[Break]:
    out = [outage for outage in outages if outage.takes_out and outage.ordinary]
    feeders, most = tuple(dict.fromkeys(outage.item.feeder for outage in out)), rules.max_lines_out_per_day.value
    if len(feeders) > most:
        sentence = f"{_day(day)}停电线路{len(feeders)}条，超过每日{most}条（{listed(feeders)}）。"
        yield Break(Rule.LINES, sentence, _requests(out))


def _crews_twice(outages: list[Outage]) -> Iterator[Break]:
    for one, other in combinations(outages, 2):
        if one.item.meets(other.item):
            for crew in one.item.crews:
                if crew in other.item.crews:
                    yield _both(Rule.CREW, one, other, f"同一时间都用班组{crew}")


def _relations(outages: list[Outage], rules: OutageRules) -> Iterator[Break]:
    for relation in rules.relations:
        first, second = relation.first, relation.second
        one_side = [outage for outage in outages if first in outage.off]
        other_side = [outage for outage in outages if second in outage.off]
        if relation.kind == APART:
            for one in one_side:
                for other in other_side:
                    if one is not other and one.item.meets(other.item):
                        why = f"同时停{first}与{second}，二者不得同停（{relation.reason}）"
                        yield _both(Rule.APART, one, other, why)
            continue
        for outages_with, there, missing in ((one_side, other_side, second), (other_side, one_side, first)):
            for outage in outages_with:
                if not any(_covers(other.item, outage.item) for other in there):
                    sentence = f"{outage.name}须与{missing}同停（{relation.reason}），计划中没有。"
                    yield Break(Rule.TOGETHER, sentence, outage.item.requests)


def _covers(other: PlanItem, item: PlanItem) -> bool:
    return other.start <= item.start and item.end <= other.end


def _both(rule: Rule, one: Outage, other: Outage, why: str) -> Break:
    return Break(rule, f"{one.name}与{other.name}{why}。", (*one.item.requests, *other.item.requests))


def _requests(outages: Iterable[Outage]) -> tuple[str, ...]:
    return tuple(number for outage in outages for number in outage.item.requests)


def _day(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"


def _hours_words(minutes: int) -> str:
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".")
