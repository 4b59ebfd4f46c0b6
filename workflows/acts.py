"""What people and systems may do to a case: each act is checked first, whoever sent it and on whatever channel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bpmn import commands, events
from bpmn.commands import Command
from bpmn.feel import Environment
from domain.acts import (
    AcknowledgeLevel,
    Act,
    ActRefused,
    ActResult,
    AnswerOrder,
    ClaimTask,
    CompleteTask,
    FieldProblem,
    Refusal,
    ReleaseTask,
    ResolveIncident,
    SendMessage,
    content_of,
    key_taken,
    wrong_field,
)
from domain.business_time import HAPPENED_AT, EntryRule, instant
from workflows import (
    ad_hoc_acts,
    authority_acts,
    handing_acts,
    incident_acts,
    life_acts,
    limit_acts,
    listened,
    taking_back,
    update_acts,
)
from workflows.authorities import check_level
from workflows.case import Case
from workflows.checks import check_actor, check_awake, check_sizes, open_task

_AFTER_THE_END = (ResolveIncident, AcknowledgeLevel, AnswerOrder)
"""What a process whose diagram has come to its end still takes: an order is answered however late."""


def check(case: Case, act: Act, now: datetime) -> None:
    """Raises `ActRefused` where the act may not be done now; one that has been done already may be sent again."""
    if done := case.handled.done(_kind(act), act.key):
        if done.content and done.content != content_of(act):
            raise ActRefused(key_taken(act.key))
        return
    if case.instance.outcome and not isinstance(act, _AFTER_THE_END):
        raise ActRefused("本流程已结束，不再接受操作")
    _CHECKS[type(act)](case, act, now)


def do(case: Case, act: Act, channel: str, now: datetime) -> tuple[ActResult, list[Command]]:
    """Do an act that has been checked, or answer a repeated one with its first result."""
    kind = _kind(act)
    if done := case.handled.done(kind, act.key):
        return done.result, []
    case.remark = ""
    todo = _ACTS[type(act)](case, act, channel, now)
    result = ActResult(kind, now.isoformat(), act.by, case.remark)
    if act.key:
        case.handled.remember(kind, act.key, result, content_of(act))
    case.changed = True
    return result, todo


def refuse(case: Case, name: str, sent: Any, reason: str, now: datetime) -> None:
    """Write into the journal that an act was refused to somebody who gets no answer."""
    by = sent.get("by", "") if isinstance(sent, dict) else ""
    case.note("refused", now, act=name, by=by if isinstance(by, str) else "", channel="signal", reason=reason)


def take_early(case: Case, event: events.MessageArrived, now: datetime) -> list[Command]:
    """Take in a message that came before the case waited for it, unless it has been taken in already."""
    kind = SendMessage.__name__
    if case.handled.done(kind, event.message_id):
        return []
    case.handled.remember(kind, event.message_id, ActResult(kind, now.isoformat()))
    return case.handle(event, now)


def _kind(act: Act) -> str:
    return type(act).__name__


# -- user tasks ----------------------------------------------------------------------------------------------------


def _check_complete(case: Case, act: CompleteTask, now: datetime) -> None:
    task = open_task(case, act.task)
    check_awake(case, task.key)
    listened.check(case, task)
    check_level(case, task, act.groups, now)
    check_actor(case, task, act.by, act.groups)
    check_sizes(case, "data", act.data)
    _check_happened(case, task, act, now)
    check_level(case, task, act.groups, now, act.happened_at)
    if not task.form:
        return
    form = case.definition.forms.get(task.form)
    if form is None:
        raise ActRefused(f"找不到表单 {task.form}，请重新部署流程")
    environment = Environment(now, case.options.zone, case.functions, case.options.budget)
    if faults := form.validate(act.data, case.instance.variables(task.key), environment):
        text = "；".join(f"{one.label or one.key}（{one.key}）：{one.problem}" for one in faults)
        errors = [FieldProblem(f"data.{one.key}", f"{one.label or one.key}：{one.problem}") for one in faults]
        raise ActRefused(text, Refusal.INVALID, errors)


def _check_happened(case: Case, task: commands.OpenUserTask, act: CompleteTask, now: datetime) -> None:
    settings = case.start.settings
    rule = EntryRule(settings.happened_ahead, settings.happened_late)
    if act.happened_at and (fault := rule.fault(act.happened_at, now, act.late_reason, case.calendar)):
        lacks_reason = not rule.fault(act.happened_at, now, "有", case.calendar)
        raise wrong_field("late_reason" if lacks_reason else "happened_at", fault)
    clocks = case.watch.clocks if case.watch and act.happened_at else None
    if clocks and (fault := clocks.too_early(task.element, act.task, instant(act.happened_at))):
        raise wrong_field("happened_at", fault)


def _complete(case: Case, act: CompleteTask, channel: str, now: datetime) -> list[Command]:
    task = case.tasks[act.task]
    key, holder = task.key, case.claims.get(act.task)
    case.forget_task(act.task)
    case.completers[task.element] = [act.by, *task.candidate_groups]
    dated = {HAPPENED_AT: act.happened_at, "lateReason": act.late_reason}
    given = {name: value for name, value in dated.items() if value}
    case.note("act", now, key, act="complete", by=act.by, channel=channel, **given)
    if act.happened_at:
        case.happened[act.task] = act.happened_at
    todo = case.handle(events.TaskCompleted(key, act.data, act.by), now)
    listened.await_word(case, key, holder or "")
    return todo


def _check_claim(case: Case, act: ClaimTask, now: datetime) -> None:
    task = open_task(case, act.task)
    listened.check(case, task)
    check_level(case, task, act.groups, now)
    check_actor(case, task, act.by, act.groups)


def _claim(case: Case, act: ClaimTask, channel: str, now: datetime) -> list[Command]:
    task = case.tasks[act.task]
    if listened.hears(case, task):
        return listened.give(case, task, act.by, act.by, "claim", channel, now)
    case.claims[act.task] = act.by
    case.note("claimed", now, case.tasks[act.task].key, by=act.by, channel=channel)
    return []


def _check_release(case: Case, act: ReleaseTask, _now: datetime) -> None:
    task = open_task(case, act.task)
    listened.check(case, task)
    if not act.by or case.claims.get(act.task) != act.by:
        text = f"任务「{task.name}」并非由 {act.by or '未具名者'} 领办，不能退还"
        raise ActRefused(text, Refusal.FORBIDDEN)


def _release(case: Case, act: ReleaseTask, channel: str, now: datetime) -> list[Command]:
    """Back to the department, or to whom the diagram gives the task."""
    task = case.tasks[act.task]
    if listened.hears(case, task):
        return listened.give(case, task, task.assignee, act.by, "release", channel, now)
    del case.claims[act.task]
    given = {"assignee": task.assignee} if task.assignee else {}
    case.note("released", now, task.key, by=act.by, channel=channel, **given)
    return []


# -- messages ----------------------------------------------------------------------------------------------------------


def _check_message(case: Case, act: SendMessage, _now: datetime) -> None:
    if not act.name:
        raise wrong_field("name", "未说明消息名称（name）")
    check_sizes(case, "variables", act.variables)
    known = case.definition.messages()[case.start.case.process]
    if act.name not in known and not case.instance.waits_for(act.name, act.correlation_key):
        raise wrong_field("name", f"本流程不认识消息 {act.name}；认识的有：{'、'.join(known) or '无'}")
    if act.awaited and not case.instance.waits_for(act.name, act.correlation_key):
        raise ActRefused(f"本流程现在不等待消息 {act.name}")


def _message(case: Case, act: SendMessage, channel: str, now: datetime) -> list[Command]:
    case.note("act", now, act="message", by=act.by, channel=channel, message=act.name)
    live = case.start.settings.message_time_to_live
    return case.handle(events.MessageArrived(act.name, act.correlation_key, act.variables, act.key, live), now)


_CHECKS: dict[type[Any], Callable[[Case, Any, datetime], None]] = {
    CompleteTask: _check_complete,
    ClaimTask: _check_claim,
    ReleaseTask: _check_release,
    SendMessage: _check_message,
    **ad_hoc_acts.CHECKS,
    **authority_acts.CHECKS,
    **handing_acts.CHECKS,
    **incident_acts.CHECKS,
    **life_acts.CHECKS,
    **limit_acts.CHECKS,
    **taking_back.CHECKS,
    **update_acts.CHECKS,
}
_ACTS: dict[type[Any], Callable[[Case, Any, str, datetime], list[Command]]] = {
    CompleteTask: _complete,
    ClaimTask: _claim,
    ReleaseTask: _release,
    SendMessage: _message,
    **ad_hoc_acts.ACTS,
    **authority_acts.ACTS,
    **handing_acts.ACTS,
    **incident_acts.ACTS,
    **life_acts.ACTS,
    **limit_acts.ACTS,
    **taking_back.ACTS,
    **update_acts.ACTS,
}
