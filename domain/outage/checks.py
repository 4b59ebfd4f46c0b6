"""What is checked of a request when it is made: what refuses it, and what its planner should know.

A request is refused where no time that it applies for could be lawful or possible; where only some of its times are
out of the question it is warned. The plan itself is checked by `domain.outage.breaks`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from domain.calendar import shanghai_date
from domain.chinese import plain_number, written_date
from domain.outage.breaks import OPERATIONS, Rule
from domain.outage.notice import first_start, lawful_start
from domain.outage.plan import PastOutage
from domain.outage.requests import OutageRequest
from domain.outage.rules import APART, OutageRules, Relation
from domain.outage.values import from_to, listed, on_day
from domain.outage.weeks import cut_off, open_week

_MOST_DAYS = 366
"""How far ahead the days of a request are looked at."""


class Severity(Enum):
    """Whether a finding keeps a request out of the plan."""

    REFUSE = "refuse"
    WARN = "warn"


@dataclass(frozen=True)
class Finding:
    """What a check found: by which rule, in Chinese, with the requests or equipment that it has to do with."""

    code: str
    severity: Severity
    sentence: str
    related: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        related = list(self.related)
        return {"code": self.code, "severity": self.severity.value, "sentence": self.sentence, "related": related}


CUSTOMERS = "customers"
"""The code of findings about who is affected; all others have the code of a `Rule`."""


def entry_findings(
    request: OutageRequest,
    rules: OutageRules,
    history: Sequence[PastOutage] = (),
    others: Sequence[OutageRequest] = (),
) -> tuple[Finding, ...]:
    """All findings of a request, those that refuse it first. `others` are the requests already in for its week."""
    others = [other for other in others if other.request_no != request.request_no]
    found = [
        *_times(request, rules),
        *_approver(request),
        *_notice(request, rules),
        *_customers(request, rules),
        *_outages_before(request, rules, history),
        *_crew(request, rules, others),
        *_team(request, rules, others),
        *_relations(request, rules, others),
        *_protected(request, rules),
    ]
    return tuple(sorted(found, key=lambda finding: finding.severity is Severity.WARN))


def _times(request: OutageRequest, rules: OutageRules) -> Iterator[Finding]:
    if request.earliest_start + request.duration > request.latest_end:
        hours = plain_number(request.duration_hours)
        yield _no(Rule.DURATION, f"{_window(request)}不足{hours}小时。")
    opens, closes = rules.hours_of(request.earliest_start)
    if not request.is_emergency and request.duration > closes - opens:
        span = f"{rules.working_hours.opens}至{rules.working_hours.closes}"
        yield _no(Rule.HOURS, f"停电{plain_number(request.duration_hours)}小时，长于每日作业时间{span}。")


def _approver(request: OutageRequest) -> Iterator[Finding]:
    if request.is_emergency and not request.emergency_approver:
        yield _no(Rule.APPROVER, "紧急停电须写明批准人。")


def _notice(request: OutageRequest, rules: OutageRules) -> Iterator[Finding]:
    """The notice goes out at the cut-off of the request's week at the earliest, where it has not yet."""
    told = request.noticed_at or cut_off(open_week(request.applied_at, rules), rules)
    lawful = lawful_start(request, told, rules)
    if lawful is None or lawful <= request.earliest_start:
        return
    days, hours = rules.notice_days.value, rules.temporary_notice_hours.value
    rule = f"临时停电须提前{hours}小时公告" if request.kind == "temporary" else f"计划停电须提前{days}天公告"
    when = f"{rule}，{'已于' if request.noticed_at else '最早于'}{on_day(told)}公告，{on_day(lawful)}起方可停电"
    if not _fits(request, rules, lawful):
        yield _no(Rule.NOTICE, f"{when}，{_window(request)}来不及。")
    else:
        yield _warn(Rule.NOTICE, f"{when}。")


def _customers(request: OutageRequest, rules: OutageRules) -> Iterator[Finding]:
    count, many = request.customers_affected, rules.many_customers.value
    if not request.affects_others and count > 1:
        yield Finding(CUSTOMERS, Severity.REFUSE, f"填为不影响其他客户，影响用户数却为{count}。")
    if request.affects_others and not count:
        yield Finding(CUSTOMERS, Severity.REFUSE, "填为影响其他客户，影响用户数却为0。")
    if count and not request.takes_out:
        yield Finding(CUSTOMERS, Severity.REFUSE, f"没有停电设备，影响用户数却为{count}。")
    if request.important_customers:
        names = request.important_customers
        yield Finding(CUSTOMERS, Severity.WARN, f"影响重要客户{listed(names)}，须书面或电话逐户告知。", names)
    if count > many:
        yield Finding(CUSTOMERS, Severity.WARN, f"影响{count}户，超过{many}户，须先考虑转供或带电作业。")


def _outages_before(request: OutageRequest, rules: OutageRules, history: Sequence[PastOutage]) -> Iterator[Finding]:
    """Frequency and gap, on each day that the request applies for."""
    if request.is_emergency or not (request.takes_out and request.customers_affected):
        return
    past = sorted(shanghai_date(one.start) for one in history if one.feeder == request.feeder)
    first = shanghai_date(request.earliest_start)
    count = (shanghai_date(request.latest_end - request.duration) - first).days + 1
    days = [first + dt.timedelta(days=ahead) for ahead in range(max(1, min(count, _MOST_DAYS)))]
    for row in rules.frequency:
        before = {day: sum(0 <= (day - one).days < row.days for one in past) for day in days}
        bad = [day for day in days if before[day] >= row.outages]
        if bad:
            why = f"{request.feeder}在{row.days}天内已停电{before[bad[0]]}次，达到上限{row.outages}次"
            yield _on_days(Rule.FREQUENCY, why, bad, days)
    gap = rules.minimum_gap_days.value
    near = [day for day in days if any(abs((day - one).days) < gap for one in past)]
    if near:
        last = min(past, key=lambda one: abs((near[0] - one).days))
        why = f"{request.feeder}曾于{written_date(last)}停电，两次停电须间隔{gap}天"
        yield _on_days(Rule.GAP, why, near, days)


def _crew(request: OutageRequest, rules: OutageRules, others: Sequence[OutageRequest]) -> Iterator[Finding]:
    crew = rules.crew(request.crew)
    if crew is None:
        yield _no(Rule.CREW, f"班组{request.crew}不在班组表内。")
        return
    most = plain_number(crew.hours_per_day)
    if request.minutes > crew.hours_per_day * 60:
        yield _no(Rule.CREW, f"{crew.name}每日{most}小时，做不完{plain_number(request.duration_hours)}小时的工作。")
    rivals = [other for other in others if other.crew == request.crew]
    hours = sum((other.duration_hours for other in rivals), request.duration_hours)
    if rivals and hours > crew.hours_per_day * 7:
        week = plain_number(crew.hours_per_day * 7)
        why = f"{crew.name}本周申请合计{plain_number(hours)}小时，超过{week}小时，可能排不下。"
        yield _warn(Rule.CREW, why, _numbers(rivals))


def _team(request: OutageRequest, rules: OutageRules, others: Sequence[OutageRequest]) -> Iterator[Finding]:
    team, operations = rules.switching_team(request.switching_team), OPERATIONS[request.takes_out]
    if team is None:
        yield _no(Rule.TEAM, f"操作班组{request.switching_team}不在班组表内。")
        return
    if operations > team.operations_per_day:
        yield _no(Rule.TEAM, f"{team.name}每日操作{team.operations_per_day}次，少于本申请的{operations}次。")
    feeders: dict[str, int] = defaultdict(int)
    rivals = [other for other in others if other.switching_team == request.switching_team]
    for one in (*rivals, request):
        feeders[one.feeder] = max(feeders[one.feeder], OPERATIONS[one.takes_out])
    if rivals and sum(feeders.values()) > team.operations_per_day * 7:
        why = f"{team.name}本周申请至少操作{sum(feeders.values())}次，超过{team.operations_per_day * 7}次，可能排不下。"
        yield _warn(Rule.TEAM, why, _numbers(rivals))


def _relations(request: OutageRequest, rules: OutageRules, others: Sequence[OutageRequest]) -> Iterator[Finding]:
    for relation in rules.relations:
        own = [code for code in (relation.first, relation.second) if code in request.off]
        if not own:
            continue
        other_code = relation.second if own[0] == relation.first else relation.first
        if relation.kind == APART:
            yield from _apart(relation, own, other_code, others)
        elif len(own) == 1:
            yield _no(
                Rule.TOGETHER, f"停{own[0]}须同停{other_code}（{relation.reason}），关联设备中没有。", (other_code,)
            )


def _apart(relation: Relation, own: list[str], other_code: str, others: Sequence[OutageRequest]) -> Iterator[Finding]:
    if len(own) == 2:
        yield _no(Rule.APART, f"{own[0]}与{own[1]}不得同停（{relation.reason}）。", tuple(own))
    elif rivals := [other for other in others if other_code in other.off]:
        why = f"申请{listed(_numbers(rivals))}停{other_code}，与{own[0]}不得同停（{relation.reason}），须错开。"
        yield _warn(Rule.APART, why, _numbers(rivals))


def _protected(request: OutageRequest, rules: OutageRules) -> Iterator[Finding]:
    if request.is_emergency:
        return
    unprotected = rules.model_copy(update={"protected_periods": ()})
    never = _fits(request, unprotected) and not _fits(request, rules)
    for period in rules.protecting(request.station, request.feeder):
        if period.meets(request.earliest_start, request.latest_end):
            why = f"{from_to(period.start, period.end)}保电（{period.reason}）"
            if never:
                yield _no(Rule.PROTECTED, f"{why}，{_window(request)}没有其他时间可停。")
            else:
                yield _warn(Rule.PROTECTED, f"{why}，须避开。")


def _on_days(rule: Rule, why: str, bad: list[dt.date], days: list[dt.date]) -> Finding:
    if len(bad) == len(days):
        return _no(rule, f"{why}，申请的日期均不可停。")
    return _warn(rule, f"{why}，{written_date(bad[0])}至{written_date(bad[-1])}之间不可停。")


def _fits(request: OutageRequest, rules: OutageRules, after: dt.datetime | None = None) -> bool:
    """Whether its own time leaves it a working time, from `after` on where that is given."""
    start = first_start(request, after or request.earliest_start, rules)
    return start is not None and start + request.duration <= request.latest_end


def _window(request: OutageRequest) -> str:
    return f"申请时间{from_to(request.earliest_start, request.latest_end)}"


def _numbers(requests: Sequence[OutageRequest]) -> tuple[str, ...]:
    return tuple(request.request_no for request in requests)


def _no(rule: Rule, sentence: str, related: tuple[str, ...] = ()) -> Finding:
    return Finding(rule.value, Severity.REFUSE, sentence, related)


def _warn(rule: Rule, sentence: str, related: tuple[str, ...] = ()) -> Finding:
    return Finding(rule.value, Severity.WARN, sentence, related)
