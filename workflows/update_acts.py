"""An open task is changed by the head of its department: when it is due, when it is looked at again, how urgent it is.

Whose it is changes otherwise: it is claimed, handed over, or moved to another department by modification. Limits are
counted by the clocks of the diagram and not by the due date of a task.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bpmn import events
from bpmn.commands import Command
from domain.acts import ActRefused, Refusal, UpdateTask, check_named, wrong_field
from workflows import listened
from workflows.case import Case
from workflows.checks import check_actor, check_awake, open_task
from workflows.handing_acts import heads_of

_MOST_URGENT = 100


def _check(case: Case, act: UpdateTask, _now: datetime) -> None:
    task = open_task(case, act.task)
    check_awake(case, task.key)
    listened.check(case, task)
    check_named(act.by)
    if not act.reason.strip():
        raise wrong_field("reason", "变更任务须写明原因（reason）")
    if case.posts is None:
        check_actor(case, task, act.by, act.groups)
    elif act.by not in (heads := heads_of(case, task)):
        who = "、".join(heads) or "无"
        raise ActRefused(f"任务「{task.name}」由部门负责人变更；可以变更的：{who}", Refusal.FORBIDDEN)
    if not act.changes:
        raise wrong_field("changes", f"未说明变更的内容（changes）；可以变更的：{'、'.join(_FITS)}")
    for name, value in act.changes.items():
        if name not in _FITS:
            raise wrong_field(f"changes.{name}", f"不能变更 {name}；可以变更的：{'、'.join(_FITS)}")
        if problem := _FITS[name](value):
            raise wrong_field(f"changes.{name}", f"{name} {problem}")


def _instant(value: Any) -> str:
    try:
        fits = value == "" or datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        fits = False
    return "" if fits else "应为带时区的时刻，如 2026-03-09T17:00:00+08:00，或为空"


def _priority(value: Any) -> str:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_URGENT
    return "" if fits else f"应为 0 到 {_MOST_URGENT} 的整数"


_FITS: dict[str, Callable[[Any], str]] = {"dueDate": _instant, "followUpDate": _instant, "priority": _priority}


def _update(case: Case, act: UpdateTask, channel: str, now: datetime) -> list[Command]:
    task = case.tasks[act.task]
    said = {"changes": act.changes, "reason": act.reason.strip()}
    case.note("act", now, task.key, act="update_task", by=act.by, channel=channel, **said)
    if "updating" in case.instance.graph.nodes[task.element].listeners:
        case.remark = listened.SUBMITTED
    return case.handle(events.TaskUpdated(task.key, act.changes, act.by), now)


CHECKS: dict[type[Any], Callable[[Case, Any, datetime], None]] = {UpdateTask: _check}
ACTS: dict[type[Any], Callable[[Case, Any, str, datetime], list[Command]]] = {UpdateTask: _update}
