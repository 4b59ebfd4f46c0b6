"""What people may do about the limits of a case: acknowledge a level, answer a supervision order, move a due date, have
it count by a new table of days off.

Who may is said by the case's table of posts; without one, whoever gives a name may acknowledge and answer, and nobody
may move.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from bpmn.commands import Command
from domain.acts import (
    AcknowledgeLevel,
    ActRefused,
    AnswerOrder,
    MoveDeadline,
    NewCalendar,
    Refusal,
    check_named,
    wrong_field,
)
from domain.business_time import instant, spoken
from domain.calendar import WorkingCalendar
from domain.calendar_dump import form_faults
from domain.calendars import check, is_news
from domain.clock import Change, ChangeKind
from domain.due import MoveRefused
from domain.levels import COPIED, POSTS, Level
from domain.orders import OrderRefused
from domain.posts import Post, Seat
from workflows.case import Case
from workflows.watch import Watch

ANSWERING = (Post.OFFICER, Post.TEAM_LEADER, Post.DEPARTMENT_HEAD)
"""Whose it is to answer a supervision order; those above them may."""
_FAULTS_NAMED = 5
"""How many faults of a table one refusal names."""
NOTHING_NEW = "放假安排不比本案现用的新，未作更改"


def _watch(case: Case) -> Watch:
    if case.watch is None:
        raise ActRefused("本流程没有期限", Refusal.GONE)
    return case.watch


def _check_here(case: Case, clock_id: str, doing: str) -> None:
    """A clock that a called case goes on with is that case's."""
    clock = _watch(case).clocks.get(clock_id)
    if clock and clock.handed_on:
        raise ActRefused(f"期限 {clock_id} 已移交子流程 {case.handed_to.get(clock.rule, '')}，请在该流程中{doing}")


def _moment(field: str, text: str, what: str) -> datetime:
    try:
        return instant(text)
    except ValueError:
        said = f"{what} {text} 不是带时区的日期时间，应如 2026-03-05T17:00:00+08:00"
        raise wrong_field(field, said) from None


def _refused(refused: MoveRefused | OrderRefused) -> ActRefused:
    return wrong_field(refused.field, str(refused)) if refused.field else ActRefused(str(refused))


def _check_entitled(
    case: Case, act: AcknowledgeLevel | AnswerOrder, posts: Sequence[Post], verb: str, what: str
) -> None:
    """Those who hold the work now, those who hold one of `posts` for the clock's department, and those above may."""
    officers = _holders(case, act.clock)
    if case.posts is None or act.by in officers:
        return
    entitled = case.posts.from_up(posts, _watch(case).department(act.clock), case.start.case.county)
    if act.by not in entitled:
        holders = [f"{account}（当前处理人）" for account in officers]
        text = f"{act.by} 不能{verb}{what}；可以{verb}的：{'、'.join([*holders, _who(entitled)])}"
        raise ActRefused(text, Refusal.FORBIDDEN)


def _holders(case: Case, clock_id: str) -> tuple[str, ...]:
    """Who holds the step of a clock; where it is the whole case's, the open tasks of the department it is for."""
    watch = _watch(case)
    clock = watch.clocks.get(clock_id)
    if clock and clock.key:
        return tuple(filter(None, [case.officer_of(clock_id)]))
    return case.officers(watch.department(clock_id))


def _who(entitled: Mapping[str, Seat]) -> str:
    return "、".join(f"{account}（{seat.post.title}）" for account, seat in entitled.items()) or "无"


# -- levels and orders ---------------------------------------------------------------------------------------------


def _check_acknowledge(case: Case, act: AcknowledgeLevel, _now: datetime) -> None:
    check_named(act.by)
    _check_here(case, act.clock, "确认")
    raised = [level.name for level in _watch(case).ladder.levels_of(act.clock)]
    if act.level not in raised:
        text = f"期限 {act.clock} 没有发出过 {act.level}；已发出的有：{'、'.join(raised) or '无'}"
        raise ActRefused(text, Refusal.GONE)
    level = Level[act.level]
    _check_entitled(case, act, (*POSTS[level], *COPIED.get(level, ())), "确认", f" {act.level} {level.title}")


def _acknowledge(case: Case, act: AcknowledgeLevel, channel: str, now: datetime) -> list[Command]:
    _watch(case).acknowledge(act.clock, Level[act.level])
    case.clock_news = True
    case.note("acknowledged", now, clock=act.clock, level=act.level, by=act.by, channel=channel)
    return []


def _check_answer(case: Case, act: AnswerOrder, now: datetime) -> None:
    check_named(act.by)
    _check_here(case, act.clock, "答复")
    ladder, promised = _watch(case).ladder, _moment("promised", act.promised, "新的承诺时间")
    order = ladder.order(act.clock)
    if order is None:
        raise ActRefused(f"期限 {act.clock} 没有督办单", Refusal.GONE)
    try:
        order.answered(act.cause, promised, act.by, now, act.text)
        ladder.check_answer(act.clock, promised, now, act.text)
    except OrderRefused as refused:
        raise _refused(refused) from None
    _check_entitled(case, act, ANSWERING, "答复", "督办单")


def _answer(case: Case, act: AnswerOrder, channel: str, now: datetime) -> list[Command]:
    promised = _moment("promised", act.promised, "新的承诺时间")
    order = _watch(case).answer(act.clock, act.cause, promised, act.by, now, act.text)
    case.clock_news = True
    case.note("answered", now, by=act.by, channel=channel, **order.to_json())
    return []


# -- due dates -----------------------------------------------------------------------------------------------------


def _check_move(case: Case, act: MoveDeadline, now: datetime) -> None:
    check_named(act.by)
    watch, due = _watch(case), _moment("due", act.due, "新的期限")
    _check_here(case, act.clock, "调整")
    try:
        _, before = watch.clocks.movable(act.clock, due, act.reason)
        watch.clocks.check_lawful(act.clock, due)
    except MoveRefused as refused:
        raise _refused(refused) from None
    if due <= now:
        raise wrong_field("due", f"新的期限{spoken(due)}应晚于现在{spoken(now)}")
    _check_may_move(case, act, promise=before.limit.promise)


def _check_may_move(case: Case, act: MoveDeadline, *, promise: bool) -> None:
    """The officer who is to keep a limit does not move it, whatever else they are."""
    if case.posts is None:
        raise ActRefused("本案没有岗位表，无人有权调整期限", Refusal.FORBIDDEN)
    if act.by in case.officers():
        raise ActRefused(f"{act.by} 是本案当前处理人，不能调整自己的期限，请由上级调整", Refusal.FORBIDDEN)
    watch, county = _watch(case), case.start.case.county
    settings = watch.clocks.settings
    posts = [Post(code) for code in (settings.promise_posts if promise else settings.move_posts)]
    entitled = case.posts.from_up(posts, watch.department(act.clock), county)
    if act.by not in entitled:
        limit = f"公司承诺的期限 {act.clock}" if promise else f"期限 {act.clock}"
        raise ActRefused(f"{act.by} 无权调整{limit}；有权调整的：{_who(entitled)}", Refusal.FORBIDDEN)


def _move(case: Case, act: MoveDeadline, channel: str, now: datetime) -> list[Command]:
    changes = _watch(case).move(act.clock, _moment("due", act.due, "新的期限"), act.by, act.reason, now)
    case.note(
        "act",
        now,
        act="move_deadline",
        by=act.by,
        channel=channel,
        clock=act.clock,
        reason=changes[0].reason,
        previous=changes[0].previous,
        due=changes[0].due,
    )
    case.note_changes(changes, now, act.by)
    return []


# -- days off ------------------------------------------------------------------------------------------------------


def _check_calendar(_case: Case, act: NewCalendar, _now: datetime) -> None:
    check_named(act.by)
    _calendar(act)


def _calendar(act: NewCalendar) -> WorkingCalendar:
    if not act.calendar:
        raise wrong_field("calendar", "放假安排表中没有任何年份")
    if faults := list(islice(form_faults(act.calendar), _FAULTS_NAMED)):
        raise wrong_field("calendar", f"放假安排表无法读取：{'；'.join(faults)}")
    calendar = WorkingCalendar.from_json(act.calendar)
    fault = next((fault for table in calendar.tables.values() for fault in check(table, f"{table.year}")), None)
    if fault:
        raise wrong_field("calendar", f"放假安排表有误：{fault}")
    return calendar


def _use_calendar(case: Case, act: NewCalendar, channel: str, now: datetime) -> list[Command]:
    calendar, before = _calendar(act), case.calendar
    years, changes, case.remark = [], [], NOTHING_NEW
    if is_news(calendar.tables, before.tables):
        years = [year for year, table in calendar.tables.items() if before.tables.get(year) != table]
        changes = case.use_calendar(calendar, act.by, now)
        case.remark = _moved_by(changes)
    case.note("act", now, act="new_calendar", by=act.by, channel=channel, years=years, remark=case.remark)
    case.note_changes(changes, now)
    return []


def _moved_by(changes: list[Change]) -> str:
    """What a new calendar did to the running clocks, in Chinese."""
    moved = [f"{one.name}{_days(one.days)}" for one in changes if one.kind is ChangeKind.MOVED]
    confirmed = [one.name for one in changes if one.kind is ChangeKind.CONFIRMED]
    parts = [f"期限调整：{'、'.join(moved)}"] * bool(moved) + [f"期限确认：{'、'.join(confirmed)}"] * bool(confirmed)
    return "；".join(parts) or "已换用新的放假安排，期限不变"


def _days(days: int) -> str:
    return f"（{'推迟' if days > 0 else '提前'}{abs(days)}天）" if days else ""


CHECKS: dict[type[Any], Callable[[Case, Any, datetime], None]] = {
    AcknowledgeLevel: _check_acknowledge,
    AnswerOrder: _check_answer,
    MoveDeadline: _check_move,
    NewCalendar: _check_calendar,
}
ACTS: dict[type[Any], Callable[[Case, Any, str, datetime], list[Command]]] = {
    AcknowledgeLevel: _acknowledge,
    AnswerOrder: _answer,
    MoveDeadline: _move,
    NewCalendar: _use_calendar,
}
