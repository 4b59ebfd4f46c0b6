"""What people and systems may do to a case: each act is checked first, whoever sent it and on whatever channel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bpmn import commands, events
from bpmn.commands import Command
from bpmn.feel import Environment
from bpmn.variables import json_size
from domain.acts import (
    AcknowledgeLevel,
    Act,
    ActRefused,
    ActResult,
    AnswerOrder,
    ClaimTask,
    CompleteTask,
    ReleaseTask,
    ResolveIncident,
    SendMessage,
    content_of,
)
from domain.business_time import HAPPENED_AT, EntryRule, instant
from domain.departments import department_name
from workflows import limit_acts
from workflows.case import Case
from workflows.orders import INCIDENT as ORDERS

_AFTER_THE_END = (ResolveIncident, AcknowledgeLevel, AnswerOrder)
"""What a process whose diagram has come to its end still takes: an order is answered however late."""
JOURNAL_INCIDENT = "journal"
"""The name of the incident that the journal itself is in, for `resolve_incident`."""


def check(case: Case, act: Act, now: datetime) -> None:
    """Raises `ActRefused` where the act may not be done now; one that has been done already may be sent again."""
    if done := case.handled.done(_kind(act), act.key):
        if done.content and done.content != content_of(act):
            raise ActRefused(f"同一个键 {act.key} 已用于另一项操作，请换用新的键")
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


def _open_task(case: Case, task: str) -> commands.OpenUserTask:
    if task not in case.tasks:
        raise ActRefused(f"任务 {task} 不在待办中：可能已办结、已撤销，或编号有误")
    return case.tasks[task]


def _check_actor(case: Case, task: commands.OpenUserTask, by: str, groups: list[str]) -> None:
    if not by:
        raise ActRefused("未说明经办人（by）")
    if holder := case.claims.get(str(task.key)) or task.assignee:
        if by != holder:
            raise ActRefused(f"任务「{task.name}」已由 {holder} 领办，{by} 不能办理")
        return
    candidates = task.candidate_groups or task.candidate_users
    if candidates and by not in task.candidate_users and not set(groups) & set(task.candidate_groups):
        who = "、".join([*map(department_name, task.candidate_groups), *task.candidate_users])
        raise ActRefused(f"任务「{task.name}」由 {who} 办理，{by} 不在其中")


def _check_complete(case: Case, act: CompleteTask, now: datetime) -> None:
    task = _open_task(case, act.task)
    _check_actor(case, task, act.by, act.groups)
    _check_sizes(case, act.data)
    _check_happened(case, task, act, now)
    if not task.form:
        return
    form = case.definition.forms.get(task.form)
    if form is None:
        raise ActRefused(f"找不到表单 {task.form}，请重新部署流程")
    environment = Environment(now, case.options.zone, case.functions, case.options.budget)
    if faults := form.validate(act.data, case.instance.variables(task.key), environment):
        raise ActRefused("；".join(f"{one.label or one.key}（{one.key}）：{one.problem}" for one in faults))


def _check_happened(case: Case, task: commands.OpenUserTask, act: CompleteTask, now: datetime) -> None:
    settings = case.start.settings
    rule = EntryRule(settings.happened_ahead, settings.happened_late)
    if act.happened_at and (fault := rule.fault(act.happened_at, now, act.late_reason, case.calendar)):
        raise ActRefused(fault)
    clocks = case.watch.clocks if case.watch and act.happened_at else None
    if clocks and (fault := clocks.too_early(task.element, act.task, instant(act.happened_at))):
        raise ActRefused(fault)


def _check_sizes(case: Case, variables: dict[str, Any]) -> None:
    limit = case.options.variable_bytes
    for name, value in variables.items():
        if isinstance(value, str | list | dict) and (size := json_size(value)) > limit:
            raise ActRefused(f"{name} 有 {size} 字节，超过上限 {limit} 字节；大的内容请作为文件上传")
    whole = case.start.settings.payload_bytes
    if (size := json_size(variables)) > whole:
        raise ActRefused(f"内容合计 {size} 字节，超过上限 {whole} 字节；大的内容请作为文件上传")


def _complete(case: Case, act: CompleteTask, channel: str, now: datetime) -> list[Command]:
    key = case.tasks[act.task].key
    case.forget_task(act.task)
    dated = {HAPPENED_AT: act.happened_at, "lateReason": act.late_reason}
    given = {name: value for name, value in dated.items() if value}
    case.note("act", now, key, act="complete", by=act.by, channel=channel, **given)
    if act.happened_at:
        case.happened[act.task] = act.happened_at
    return case.handle(events.TaskCompleted(key, act.data, act.by), now)


def _check_claim(case: Case, act: ClaimTask, _now: datetime) -> None:
    _check_actor(case, _open_task(case, act.task), act.by, act.groups)


def _claim(case: Case, act: ClaimTask, channel: str, now: datetime) -> list[Command]:
    case.claims[act.task] = act.by
    case.note("claimed", now, case.tasks[act.task].key, by=act.by, channel=channel)
    return []


def _check_release(case: Case, act: ReleaseTask, _now: datetime) -> None:
    task = _open_task(case, act.task)
    if not act.by or case.claims.get(act.task) != act.by:
        raise ActRefused(f"任务「{task.name}」并非由 {act.by or '未具名者'} 领办，不能退还")


def _release(case: Case, act: ReleaseTask, channel: str, now: datetime) -> list[Command]:
    del case.claims[act.task]
    case.note("released", now, case.tasks[act.task].key, by=act.by, channel=channel)
    return []


# -- incidents and messages ----------------------------------------------------------------------------------------


def _check_incident(case: Case, act: ResolveIncident, _now: datetime) -> None:
    if not act.by:
        raise ActRefused("未说明经办人（by）")
    known = [str(key) for key in case.instance.incidents]
    known += [JOURNAL_INCIDENT] * bool(case.journal_problem) + [ORDERS] * bool(case.orders.unnumbered)
    if act.incident not in known:
        raise ActRefused(f"没有编号为 {act.incident} 的异常；现有：{'、'.join(known) or '无'}")
    _check_sizes(case, act.variables)


def _resolve(case: Case, act: ResolveIncident, channel: str, now: datetime) -> list[Command]:
    names = sorted(act.variables)
    if act.incident == JOURNAL_INCIDENT:
        case.journal_problem = ""
        case.note("act", now, act="resolve_incident", by=act.by, channel=channel, incident=JOURNAL_INCIDENT)
        return []
    if act.incident == ORDERS:
        case.note("act", now, act="resolve_incident", by=act.by, channel=channel, incident=ORDERS, variables=names)
        case.orders.supply(act.variables, act.by, now)
        return []
    key = int(act.incident)
    case.note("act", now, key, act="resolve_incident", by=act.by, channel=channel, variables=names)
    return case.handle(events.RetryIncident(key, act.variables), now)


def _check_message(case: Case, act: SendMessage, _now: datetime) -> None:
    if not act.name:
        raise ActRefused("未说明消息名称（name）")
    _check_sizes(case, act.variables)
    known = case.definition.messages()[case.start.case.process]
    if act.name not in known and not case.instance.waits_for(act.name, act.correlation_key):
        raise ActRefused(f"本流程不认识消息 {act.name}；认识的有：{'、'.join(known) or '无'}")


def _message(case: Case, act: SendMessage, channel: str, now: datetime) -> list[Command]:
    case.note("act", now, act="message", by=act.by, channel=channel, message=act.name)
    live = case.start.settings.message_time_to_live
    return case.handle(events.MessageArrived(act.name, act.correlation_key, act.variables, act.key, live), now)


_CHECKS: dict[type[Any], Callable[[Case, Any, datetime], None]] = {
    CompleteTask: _check_complete,
    ClaimTask: _check_claim,
    ReleaseTask: _check_release,
    ResolveIncident: _check_incident,
    SendMessage: _check_message,
    **limit_acts.CHECKS,
}
_ACTS: dict[type[Any], Callable[[Case, Any, str, datetime], list[Command]]] = {
    CompleteTask: _complete,
    ClaimTask: _claim,
    ReleaseTask: _release,
    ResolveIncident: _resolve,
    SendMessage: _message,
    **limit_acts.ACTS,
}
