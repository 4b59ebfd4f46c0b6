"""A task that goes from hand to hand: handed over to somebody else 转办, its holder reminded 催办, others told 抄送.

Each is a line in the journal, and whom it concerns gets a notice. Who may see the case is for the sender to know: a
case knows no accounts but those of its posts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bpmn import commands
from bpmn.commands import Command
from domain.acts import ActRefused, CopyTask, Refusal, RemindTask, TransferTask, check_named, wrong_field
from domain.business_time import spoken
from domain.handing import Handed, Handing
from domain.posts import Post
from workflows import listened
from workflows.case import Case
from workflows.checks import check_actor, holder_of, open_task

HANDING_OVER = (Post.DEPARTMENT_HEAD,)
"""Whose it is, beside the holder, to hand a task of their department over; those above them may."""
REMINDED = (Post.TEAM_LEADER,)
"""Who is reminded of a task of their department that nobody holds."""


# -- handing over --------------------------------------------------------------------------------------------------


def _check_transfer(case: Case, act: TransferTask, _now: datetime) -> None:
    task = open_task(case, act.task)
    listened.check(case, task)
    check_named(act.by)
    if not act.to:
        raise wrong_field("to", "未说明转给谁（to）")
    if not act.reason.strip():
        raise wrong_field("reason", "转办须写明原因（reason）")
    holder = holder_of(case, task)
    if act.to == holder:
        raise wrong_field("to", f"任务「{task.name}」已由 {holder} 领办，不必转办")
    heads = heads_of(case, task)
    if act.by == holder or act.by in heads:
        return
    if holder:
        who = "、".join([f"{holder}（当前处理人）", *heads])
        raise ActRefused(
            f"任务「{task.name}」由 {holder} 领办，{act.by} 不能转办；可以转办的：{who}", Refusal.FORBIDDEN
        )
    check_actor(case, task, act.by, act.groups)


def heads_of(case: Case, task: commands.OpenUserTask) -> list[str]:
    """The accounts that may hand over what is not theirs."""
    if case.posts is None:
        return []
    county = case.start.case.county
    found = (case.posts.from_up(HANDING_OVER, group, county) for group in task.candidate_groups)
    return list(dict.fromkeys(account for accounts in found for account in accounts))


def _transfer(case: Case, act: TransferTask, channel: str, now: datetime) -> list[Command]:
    task = case.tasks[act.task]
    previous = holder_of(case, task)
    if listened.hears(case, task):
        return listened.give(case, task, act.to, act.by, "transfer", channel, now, reason=act.reason.strip())
    case.claims[act.task] = act.to
    said = {"by": act.by, "channel": channel, "to": act.to, "reason": act.reason.strip()}
    case.note("transferred", now, task.key, **said, **({"previous": previous} if previous else {}))
    _tell(case, Handing.TRANSFERRED, task, act.by, act.reason, now, (act.to,))
    return []


# -- reminding -----------------------------------------------------------------------------------------------------


def _check_remind(case: Case, act: RemindTask, now: datetime) -> None:
    task = open_task(case, act.task)
    check_named(act.by)
    if act.by == holder_of(case, task):
        raise ActRefused(f"任务「{task.name}」由 {act.by} 本人领办，无须催办")
    if last := case.reminded.get(act.task, {}).get(act.by):
        again = datetime.fromisoformat(last) + timedelta(seconds=case.start.settings.remind_pause)
        if now < again:
            raise ActRefused(f"{act.by} 已催办过任务「{task.name}」，{spoken(again)}后可再次催办")
    if not any(_reminded(case, task)):
        raise ActRefused(f"任务「{task.name}」无人领办，也没有可以通知的岗位")


def _reminded(case: Case, task: commands.OpenUserTask) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The accounts that are reminded, or else the departments."""
    if holder := holder_of(case, task):
        return (holder,), ()
    return task.candidate_users, task.candidate_groups if case.posts else ()


def _remind(case: Case, act: RemindTask, channel: str, now: datetime) -> list[Command]:
    task = case.tasks[act.task]
    accounts, departments = _reminded(case, task)
    case.reminded.setdefault(act.task, {})[act.by] = now.isoformat()
    said = {"to": list(accounts), "departments": list(departments), "text": act.text.strip()}
    told = {name: value for name, value in said.items() if value}
    case.note("reminded", now, task.key, by=act.by, channel=channel, **told)
    if accounts:
        _tell(case, Handing.REMINDED, task, act.by, act.text, now, accounts)
    for department in departments:
        _tell(case, Handing.REMINDED, task, act.by, act.text, now, department=department)
    return []


# -- copies --------------------------------------------------------------------------------------------------------


def _check_copy(case: Case, act: CopyTask, _now: datetime) -> None:
    open_task(case, act.task)
    check_named(act.by)
    if not act.to or not all(act.to):
        raise wrong_field("to", "未说明抄送给谁（to）")
    if len(act.to) > (most := case.start.settings.copies_at_once):
        raise wrong_field("to", f"一次最多抄送 {most} 人")


def _copy(case: Case, act: CopyTask, channel: str, now: datetime) -> list[Command]:
    task, to = case.tasks[act.task], tuple(dict.fromkeys(act.to))
    words = {"text": act.text.strip()} if act.text.strip() else {}
    case.note("copied", now, task.key, by=act.by, channel=channel, to=list(to), **words)
    _tell(case, Handing.COPIED, task, act.by, act.text, now, to)
    return []


# -- telling -------------------------------------------------------------------------------------------------------


def _tell(
    case: Case,
    kind: Handing,
    task: commands.OpenUserTask,
    by: str,
    text: str,
    now: datetime,
    accounts: tuple[str, ...] = (),
    department: str = "",
) -> None:
    """Have a notice written of what the journal has just been told: to accounts, or to the posts of a department."""
    number, to = case.outbox[-1].seq, REMINDED if department else ()
    handed = Handed(kind, str(task.key), task.name, by, text, now, number, accounts, department, to)
    case.raised.append(handed.to_json())


CHECKS: dict[type[Any], Callable[[Case, Any, datetime], None]] = {
    TransferTask: _check_transfer,
    RemindTask: _check_remind,
    CopyTask: _check_copy,
}
ACTS: dict[type[Any], Callable[[Case, Any, str, datetime], list[Command]]] = {
    TransferTask: _transfer,
    RemindTask: _remind,
    CopyTask: _copy,
}
