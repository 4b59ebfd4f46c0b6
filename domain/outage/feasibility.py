"""Whether the promise of one week can be kept at all, seen at application, and the ways out where it cannot.

Rule 9 of domain.md §1.1 promises energization within one week of marketing's application; the law wants seven days'
notice of an outage that affects others. Both cannot be kept where the notice goes out after the next cut-off (§3.4).
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from domain.business_time import spoken
from domain.calendar import end_of_day
from domain.chinese import plain_number
from domain.documents.values import Tally
from domain.fields import Day, FieldProblem, Fields, MissingFields, Text, label_of, read_fields
from domain.outage.notice import first_start, lawful_start
from domain.outage.requests import OutageRequest
from domain.outage.rules import OutageRules
from domain.outage.values import Instant, coded
from domain.outage.weeks import Week, bounds, cut_off, open_week

METHODS = {"spare_bay": "备用间隔直接送电", "live_work": "带电作业"}
"""How a connection is energized without an outage for others."""


@dataclass(frozen=True)
class Promise:
    """A promise to be kept: the request, by when, and by which rules."""

    request: OutageRequest
    due: dt.datetime
    rules: OutageRules

    def done(self, after: dt.datetime) -> dt.datetime | None:
        """When it is energized where work may begin from `after` on; None where it never may."""
        start = first_start(self.request, max(after, self.request.earliest_start), self.rules)
        return start + self.request.duration if start else None

    def kept(self, after: dt.datetime) -> bool:
        """Whether that is in time, and within what was applied for."""
        done = self.done(after)
        return done is not None and done <= min(self.due, self.request.latest_end)


class WayOut(Fields):
    """What somebody gives who takes a way out; its fields are what the way needs."""

    code: ClassVar[str]
    name: ClassVar[str]

    @classmethod
    def needs(cls) -> list[dict[str, str]]:
        """The keys that must be given, each with its label."""
        return [{"key": field.alias or "", "label": field.title or ""} for field in cls.model_fields.values()]

    @abstractmethod
    def faults(self, promise: Promise) -> Iterator[tuple[str, str]]:
        """Why what was given does not help: a key and what is the matter."""


class NoOutage(WayOut):
    """Nobody else is switched off, so that no notice is needed."""

    code = "no_outage"
    name = "不停其他客户（备用间隔直接送电或带电作业）"

    method: Annotated[str, BeforeValidator(coded(METHODS))] = Field(title="送电方式")
    confirmed_by: Text = Field(title="运检部确认人")
    customers_affected: Tally = Field(title="影响其他用户数")

    def faults(self, promise: Promise) -> Iterator[tuple[str, str]]:
        if self.customers_affected:
            yield "customersAffected", "应为0，否则仍须公告"
        if not promise.kept(promise.request.applied_at):
            yield "method", _still_late(promise, promise.request.applied_at)


class JoinWindow(WayOut):
    """The work is done in an outage of the same feeder that has already been announced 一停多用."""

    code = "join_window"
    name = "并入已公告的停电（一停多用）"

    joined_no: Text = Field(title="已公告停电的申请编号")
    joined_feeder: Text = Field(title="已公告停电的线路")
    joined_noticed_at: Instant = Field(title="公告时间")
    joined_start: Instant = Field(title="停电开始时间")
    joined_end: Instant = Field(title="停电结束时间")

    def faults(self, promise: Promise) -> Iterator[tuple[str, str]]:
        request, days = promise.request, promise.rules.notice_days.value
        if self.joined_feeder != request.feeder:
            yield "joinedFeeder", f"不是本申请的线路{request.feeder}"
        if self.joined_start < self.joined_noticed_at + dt.timedelta(days=days):
            yield "joinedStart", f"距公告不足{days}天"
        start, end = max(self.joined_start, request.earliest_start), min(self.joined_end, request.latest_end)
        if start + request.duration > end:
            yield "joinedEnd", f"停电时间内做不完，本申请需{plain_number(request.duration_hours)}小时"
        elif start + request.duration > promise.due:
            yield "joinedStart", f"{spoken(promise.due)}前送不了电"


class PreApplication(WayOut):
    """Marketing applies before the completion inspection, so that the notice runs beside it."""

    code = "pre_application"
    name = "竣工检验前预申请（公告与检验并行）"

    pre_applied_at: Instant = Field(title="预申请时间")
    inspection_on: Day = Field(title="计划竣工检验日期")

    def faults(self, promise: Promise) -> Iterator[tuple[str, str]]:
        if self.pre_applied_at >= end_of_day(self.inspection_on):
            yield "preAppliedAt", "应早于竣工检验"
        earlier = cut_off(open_week(self.pre_applied_at, promise.rules), promise.rules)
        start = lawful_start(promise.request, earlier, promise.rules) or promise.request.applied_at
        start = max(start, end_of_day(self.inspection_on))
        if not promise.kept(start):
            yield "preAppliedAt", _still_late(promise, start)


class Waiver(WayOut):
    """Somebody with the right to it gives up the promise. The notice that the law wants nobody can waive."""

    code = "waiver"
    name = "经批准不按一周送电承诺"

    approver: Text = Field(title="批准人")
    reason: Text = Field(title="原因")
    new_due: Instant = Field(title="新的送电期限")

    def faults(self, promise: Promise) -> Iterator[tuple[str, str]]:
        if self.new_due <= promise.due:
            yield "newDue", f"应晚于原期限{spoken(promise.due)}"


WAYS_OUT: tuple[type[WayOut], ...] = (NoOutage, JoinWindow, PreApplication, Waiver)
"""The four of domain.md §3.4, in its order."""


@dataclass(frozen=True)
class Feasibility:
    """Whether a promise can be kept: all that an approver sees before he decides.

    `earliest_lawful_start` is what the notice rule allows, `earliest_start` the first working time from then on (None
    where there is none). `week` is the plan that takes the request by the cut-off; where even that begins too late for
    the promise though the law would allow it, `late_entry` says that the request must be let into an earlier one.
    """

    affects_others: bool
    notices_at: dt.datetime | None
    earliest_lawful_start: dt.datetime
    earliest_start: dt.datetime | None
    due: dt.datetime
    feasible: bool
    week: Week
    late_entry: bool
    explanation: str
    ways_out: tuple[type[WayOut], ...]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, each way out with what it needs."""
        return {
            "affectsOthers": self.affects_others,
            "noticesAt": self.notices_at.isoformat() if self.notices_at else "",
            "earliestLawfulStart": self.earliest_lawful_start.isoformat(),
            "earliestStart": self.earliest_start.isoformat() if self.earliest_start else "",
            "due": self.due.isoformat(),
            "feasible": self.feasible,
            "week": self.week.id,
            "lateEntry": self.late_entry,
            "explanation": self.explanation,
            "waysOut": [{"code": way.code, "name": way.name, "needs": way.needs()} for way in self.ways_out],
        }


def feasibility(request: OutageRequest, due: dt.datetime, rules: OutageRules) -> Feasibility:
    """Whether the request can be energized by `due`, asked when it is made.

    An outage that has not been announced is announced at the cut-off of its week at the earliest.
    """
    promise, week = Promise(request, due, rules), open_week(request.applied_at, rules)
    notices_at = request.noticed_at or cut_off(week, rules)
    by_law = lawful_start(request, notices_at, rules)
    lawful = max(by_law or request.applied_at, request.applied_at, request.earliest_start)
    done, kept = promise.done(lawful), promise.kept(lawful)
    start = done - request.duration if done else None
    return Feasibility(
        affects_others=request.affects_others,
        notices_at=notices_at if by_law else None,
        earliest_lawful_start=lawful,
        earliest_start=start,
        due=due,
        feasible=kept,
        week=week,
        late_entry=kept and not promise.kept(max(lawful, bounds(week, rules)[0])),
        explanation=_explanation(promise, notices_at if by_law else None, lawful, start, week),
        ways_out=() if kept else WAYS_OUT,
    )


def check_way_out(
    code: str, given: Mapping[str, Any], request: OutageRequest, due: dt.datetime, rules: OutageRules
) -> WayOut:
    """The way out that somebody takes, with what it needs.

    Raises `MissingFields`, in Chinese, for what is missing and for what does not help; `KeyError` for a code that is
    none of the four.
    """
    kind = {way.code: way for way in WAYS_OUT}[code]
    doing = f"采用“{kind.name}”"
    way = read_fields(kind, doing, given)
    faults = way.faults(Promise(request, due, rules))
    if problems := [FieldProblem(key, label_of(kind, key), problem) for key, problem in faults]:
        raise MissingFields(doing, problems)
    return way


def _explanation(
    promise: Promise, notices_at: dt.datetime | None, lawful: dt.datetime, start: dt.datetime | None, week: Week
) -> str:
    request, due = promise.request, f"承诺期限为{spoken(promise.due)}"
    if notices_at:
        told = "已于" if request.noticed_at else "最早于"
        why = f"停电影响其他客户，{told}{spoken(notices_at)}公告，{spoken(lawful)}起方可停电"
    else:
        why = f"不须公告，{spoken(lawful)}起即可安排"
    if start is None:
        return (
            f"{why}，但时长{plain_number(request.duration_hours)}小时在每日作业时间内排不下，{due}，一周承诺不能兑现。"
        )
    done = start + request.duration
    when = f"最早{spoken(start)}开始、{spoken(done)}送电"
    if not promise.kept(lawful):
        if done <= promise.due:
            due = f"{due}，申请的最迟结束时间为{spoken(request.latest_end)}"
        return f"{why}，{when}，{due}，一周承诺不能兑现，须另择途径。"
    kept = f"{why}，{when}，{due}，一周承诺可以兑现"
    if not promise.kept(max(lawful, bounds(week, promise.rules)[0])):
        return f"{kept}；但按截止时间列入{week.id}周计划已晚，须增补列入此前的周计划。"
    return f"{kept}。"


def _still_late(promise: Promise, after: dt.datetime) -> str:
    done = promise.done(after)
    return f"仍赶不上{spoken(promise.due)}，最早{spoken(done)}送电" if done else "每日作业时间内排不下"
