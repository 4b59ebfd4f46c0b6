"""Task listeners and what people do to tasks: whoever takes a task on, gives it back or hands it over asks first.

Where the diagram has listeners of `assigning`, such an act is answered at once and counts when they have been heard.
What they deny is told to whoever wanted it, as is a completion that they deny: the task is open again then, and with
whom it was.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from bpmn import commands, events
from bpmn.commands import Command
from domain.acts import ActRefused
from domain.handing import Handed, Handing

if TYPE_CHECKING:
    from domain.records import Record
    from workflows.case import Case

LISTENED_SINCE = 6
"""In cases of an earlier semantics number listeners hear of no act, and nobody is told of what they deny."""


SUBMITTED = "已提交，核对通过后生效"
"""What is remarked of an act that counts only once listeners have been heard."""


def hears(case: Case, task: commands.OpenUserTask) -> bool:
    """Whether listeners hear of who is to have the task."""
    listeners = case.instance.graph.nodes[task.element].listeners
    return case.start.semantics >= LISTENED_SINCE and "assigning" in listeners


def check(case: Case, task: commands.OpenUserTask) -> None:
    """Raises `ActRefused` where the task cannot change now: listeners look at a change of it, or could not hear."""
    instance = case.instance.instances.get(task.key)
    if instance and instance.stage in ("assigning", "updating"):
        raise ActRefused(f"任务「{task.name}」的变更正在核对，核对完成后才能操作")
    if hears(case, task) and case.instance.is_suspended(task.key):
        raise ActRefused("流程已挂起，恢复后才能办理")


def give(
    case: Case, task: commands.OpenUserTask, to: str, by: str, act: str, channel: str, now: datetime, **said: Any
) -> list[Command]:
    """Have the listeners say whether the task is this one's from now on, or (empty) nobody's."""
    case.note("act", now, task.key, act=act, by=by, channel=channel, **({"to": to} if to != by else {}), **said)
    case.remark = SUBMITTED
    return case.handle(events.TaskAssigned(task.key, to, by, act), now)


def await_word(case: Case, key: int, holder: str) -> None:
    """A completed task stays with who has taken it on until its listeners have said that it is done."""
    instance = case.instance.instances.get(key)
    if holder and instance and instance.stage == "completing" and case.start.semantics >= LISTENED_SINCE:
        case.claims[str(key)] = holder


def follow(case: Case, record: Record, now: datetime) -> None:
    """Do what is to be done when the engine has written this: see to whose the task is, and tell whom it concerns."""
    if case.start.semantics >= LISTENED_SINCE and (seen := _SEEN.get(record.event)):
        seen(case, record, now)


def _ended(case: Case, record: Record, _now: datetime) -> None:
    case.claims.pop(record.key, None)


def _assigned(case: Case, record: Record, now: datetime) -> None:
    changes, by = record.data.get("changes", {}), str(record.data.get("by", ""))
    if "assignee" not in changes:
        return
    to = str(changes["assignee"])
    if to:
        case.note("claimed", now, int(record.key), by=to)
    else:
        case.note("released", now, int(record.key), by=by)
    if to and to != by:
        _tell(case, Handing.TRANSFERRED, record, by, "", to, now)


def _denied(case: Case, record: Record, now: datetime) -> None:
    case.happened.pop(record.key, None)
    if holder := case.claims.get(record.key):  # what is opened anew stays with who has taken it on
        case.note("claimed", now, int(record.key), by=holder)
    if by := str(record.data.get("by", "")):
        _tell(case, Handing.DENIED, record, str(record.data["job"]), str(record.data["reason"]), by, now)


_SEEN = {"assigned": _assigned, "denied": _denied, "completed": _ended, "terminated": _ended}


def _tell(case: Case, kind: Handing, record: Record, by: str, text: str, to: str, now: datetime) -> None:
    number = case.outbox[-1].seq
    case.raised.append(Handed(kind, record.key, record.name, by, text, now, number, (to,)).to_json())
