"""What several acts are checked for alike: that the task is there, whose it is, and that nothing is too large."""

from __future__ import annotations

from typing import Any

from bpmn import commands
from bpmn.variables import json_size
from domain.acts import ActRefused, Refusal, check_named, wrong_field
from domain.departments import department_name
from workflows.case import Case


def open_task(case: Case, task: str) -> commands.OpenUserTask:
    """The task of that key. Raises `ActRefused` where it is not open."""
    if task not in case.tasks:
        raise ActRefused(f"任务 {task} 不在待办中：可能已办结、已撤销，或编号有误", Refusal.GONE)
    return case.tasks[task]


def check_awake(case: Case, key: int) -> None:
    """Raises `ActRefused` where the element instance of that key is suspended."""
    if case.instance.is_suspended(key):
        raise ActRefused("流程已挂起，恢复后才能办理")


def holder_of(case: Case, task: commands.OpenUserTask) -> str:
    """Who has taken the task on, or was given it; empty for nobody."""
    return case.claims.get(str(task.key)) or task.assignee


def check_actor(case: Case, task: commands.OpenUserTask, by: str, groups: list[str]) -> None:
    """Raises `ActRefused` where the task is not for `by` with these departments to do."""
    check_named(by)
    if holder := holder_of(case, task):
        if by != holder:
            raise ActRefused(f"任务「{task.name}」已由 {holder} 领办，{by} 不能办理")
        return
    candidates = task.candidate_groups or task.candidate_users
    if candidates and by not in task.candidate_users and not set(groups) & set(task.candidate_groups):
        who = "、".join([*map(department_name, task.candidate_groups), *task.candidate_users])
        raise ActRefused(f"任务「{task.name}」由 {who} 办理，{by} 不在其中", Refusal.FORBIDDEN)


def check_sizes(case: Case, field: str, variables: dict[str, Any]) -> None:
    """Raises `ActRefused` where one of the variables in this field of an act, or all of them, are too large."""
    limit = case.options.variable_bytes
    for name, value in variables.items():
        if isinstance(value, str | list | dict) and (size := json_size(value)) > limit:
            text = f"{name} 有 {size} 字节，超过上限 {limit} 字节；大的内容请作为文件上传"
            raise wrong_field(f"{field}.{name}", text)
    whole = case.start.settings.payload_bytes
    if (size := json_size(variables)) > whole:
        raise wrong_field(field, f"内容合计 {size} 字节，超过上限 {whole} 字节；大的内容请作为文件上传")
