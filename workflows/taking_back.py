"""撤回: whoever sent a step on takes it back before the next one is done, where the diagram draws that.

A diagram draws it as a wait for the message `take_back`. What that leads back to are the steps that were sent on: who
completed them last, and the departments whose steps they are, may take them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from bpmn import events
from bpmn.commands import Command
from bpmn.graph import Node
from bpmn.state import Wait
from domain.acts import ActRefused, Refusal, TakeBack, check_named
from domain.departments import department_name
from workflows.case import Case
from workflows.checks import check_awake

MESSAGE = "take_back"


def _check(case: Case, act: TakeBack, _now: datetime) -> None:
    check_named(act.by)
    check_awake(case, _wait(case, act).owner)


def _take_back(case: Case, act: TakeBack, channel: str, now: datetime) -> list[Command]:
    wait = _wait(case, act)
    case.note("act", now, wait.key, act="take_back", by=act.by, channel=channel, reason=act.reason)
    return case.handle(events.MessageArrived(MESSAGE, wait.correlation_key, {}, act.key), now)


def _wait(case: Case, act: TakeBack) -> Wait:
    """The wait that the act ends: the newest of those that whoever acts may end. Raises `ActRefused` for none."""
    waits = [wait for wait in case.instance.waits if wait.kind == "message" and wait.name == MESSAGE]
    if not waits:
        raise ActRefused("本流程现在没有可以撤回的环节：下一步已经办理，或尚未发出")
    steps = [(wait, step) for wait in reversed(waits) for step in _sent_on(case, wait)]
    for wait, step in steps:
        if _may(case, step, act):
            return wait
    who = "；".join(f"「{step.name or step.id}」：{_senders(case, step)}" for _, step in steps)
    raise ActRefused(f"{act.by} 不能撤回，只有发出的人或其部门可以撤回（{who}）", Refusal.FORBIDDEN)


def _may(case: Case, step: Node, act: TakeBack) -> bool:
    by, *groups = case.completers.get(step.id, [""])
    return act.by == by or bool(set(act.groups) & set(groups))


def _senders(case: Case, step: Node) -> str:
    by, *groups = case.completers.get(step.id, [""])
    return "、".join([*filter(None, [by]), *map(department_name, groups)]) or "无记录"


def _sent_on(case: Case, wait: Wait) -> Iterator[Node]:
    """The user tasks that a wait leads back to, without any other in between."""
    todo, seen = [case.instance.graph.nodes[wait.element]], {wait.element}
    while todo:
        for flow in todo.pop(0).outgoing:
            if flow.target.id in seen:
                continue
            seen.add(flow.target.id)
            if flow.target.kind == "userTask":
                yield flow.target
            else:
                todo.append(flow.target)


CHECKS: dict[type[Any], Callable[[Case, Any, datetime], None]] = {TakeBack: _check}
ACTS: dict[type[Any], Callable[[Case, Any, str, datetime], list[Command]]] = {TakeBack: _take_back}
