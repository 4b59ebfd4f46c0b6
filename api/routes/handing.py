"""A task goes from hand to hand over HTTP: handed over 转办, its holder reminded 催办, others told of it 抄送; and the
head of its department changes when it is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from api.context import Context, InContext
from api.identity import Caller
from api.models import ActDone, Answer, IdempotencyKey, Instant, Name, Page, Sent, Text, Whole
from api.pages import After, Limit
from api.problems import FieldFault, Problem, Said
from api.rights import RIGHTS, Right, Role
from api.routes.inbox import Worker
from api.sight import Place, TaskId, place_of, seen, task_id
from api.work import act_on
from domain.acts import CopyTask, RemindTask, TransferTask, UpdateTask
from domain.departments import department_name
from storage.accounts import Account, accounts_named
from storage.cases import Case
from storage.copies import TaskCopy, copies_for
from storage.inbox import task_line
from storage.projection import DEFAULT_PRIORITY
from storage.tasks import Task

router = APIRouter(tags=["tasks"])
Note = Annotated[str, Field(max_length=2000)]
_MOST = 50
"""Accounts in one request; how many get one copy is a setting of the case."""


class Transfer(Sent):
    """To whom a task goes, and why."""

    to: Name = Field(description="An account of one of the task's departments", examples=["li"])
    reason: Text = Field(examples=["出差，由李明接办"])


class Update(Sent):
    """What is to be another for a task, and why; what is left out stays as it is."""

    due_date: Instant | None = Field(None, description="When it is due; null for no time of its own")
    follow_up_date: Instant | None = Field(None, description="When it is looked at again; null for never")
    priority: Whole = Field(DEFAULT_PRIORITY, ge=0, le=100, description="The higher, the more urgent")
    reason: Text = Field(examples=["客户在等"])

    def changes(self) -> dict[str, Any]:
        """What was sent, by Camunda's names."""
        due, follow_up = (one.isoformat() if one else "" for one in (self.due_date, self.follow_up_date))
        all_of_it = {"due_date": due, "follow_up_date": follow_up, "priority": self.priority}
        return {_NAMES[name]: value for name, value in all_of_it.items() if name in self.model_fields_set}


_NAMES = {"due_date": "dueDate", "follow_up_date": "followUpDate", "priority": "priority"}


class Reminder(Sent):
    """What whoever has the task is told besides."""

    text: Note = Field("", examples=["客户来电催问"])


class Copy(Sent):
    """Who is to know of a task, and what they are told besides."""

    to: list[Name] = Field(min_length=1, max_length=_MOST, examples=[["li", "zhao"]])
    text: Note = ""


class CopyLine(Answer):
    """One task that was copied to me."""

    id: str = Field(description="How /tasks names it", examples=["YK-2026-0001~6"])
    case_no: str
    workflow_id: str
    element: str
    name: str
    sent_by: str
    text: str
    at: datetime


@router.post("/tasks/{task}/transfer")
async def transfer(context: InContext, caller: Worker, key: IdempotencyKey, task: TaskId, sent: Transfer) -> ActDone:
    """Hands a task over: from then on only the other account completes it. Its holder may, or the head of its
    department; while nobody holds it, whoever could take it on."""
    place = place_of(task)
    await run_in_threadpool(_check_accounts, context, caller, place, {"to": sent.to}, takes_on=True)
    act = TransferTask(place.task, caller.account, sent.to, sent.reason, list(caller.departments))
    return await act_on(context, caller, key, place.workflow_id, act)


@router.post("/tasks/{task}/update")
async def update(context: InContext, caller: Worker, key: IdempotencyKey, task: TaskId, sent: Update) -> ActDone:
    """Changes when a task is due, when it is looked at again, or how urgent it is; the head of its department may, or
    those above. Limits are counted by the clocks of the case and not by these."""
    place = place_of(task)
    act = UpdateTask(place.task, caller.account, sent.changes(), sent.reason, list(caller.departments))
    return await act_on(context, caller, key, place.workflow_id, act)


@router.post("/tasks/{task}/remind")
async def remind(context: InContext, caller: Worker, key: IdempotencyKey, task: TaskId, sent: Reminder) -> ActDone:
    """Reminds whoever holds a task, or its department while nobody does; within an hour once."""
    place = place_of(task)
    act = RemindTask(place.task, caller.account, sent.text.strip())
    return await act_on(context, caller, key, place.workflow_id, act)


@router.post("/tasks/{task}/copy")
async def copy(context: InContext, caller: Worker, key: IdempotencyKey, task: TaskId, sent: Copy) -> ActDone:
    """Lets others know of a task; they need not do anything."""
    place = place_of(task)
    wanted = {f"to.{number}": account for number, account in enumerate(sent.to)}
    await run_in_threadpool(_check_accounts, context, caller, place, wanted, takes_on=False)
    act = CopyTask(place.task, caller.account, list(sent.to), sent.text.strip())
    return await act_on(context, caller, key, place.workflow_id, act)


@router.get("/copies")
def list_copies(context: InContext, caller: Worker, after: After = "", limit: Limit = 50) -> Page[CopyLine]:
    """What was copied to me, the latest first, a page at a time."""
    with context.database.session() as session:
        page, following = copies_for(session, caller.account, limit=limit, after=after)
    return Page(items=[_line(one) for one in page], next=following or None)


def _line(one: TaskCopy) -> CopyLine:
    fields = {name: getattr(one, name) for name in CopyLine.model_fields if name != "id"}
    return CopyLine(id=task_id(one.workflow_id, one.key), **fields)


def _check_accounts(
    context: Context, caller: Caller, place: Place, wanted: Mapping[str, str], *, takes_on: bool
) -> None:
    """Whether each account, by the field that names it, may see the case; and do the task, where it `takes_on` that.

    Raises `Problem`: not found for the case, invalid naming each field.
    """
    with context.database.session() as session:
        case = seen(session, caller, place.workflow_id)
        known = accounts_named(session, wanted.values())
        line = task_line(session, place.workflow_id, place.task, caller.account) if takes_on else None
    faults = [
        FieldFault(field=field, message=message)
        for field, account in wanted.items()
        for message in _faults(account, known.get(account), case, line.task if line else None)
    ]
    if faults:
        raise Problem("invalid", Said(faults[0].message, "An account cannot be told of this task"), faults)


def _faults(name: str, account: Account | None, case: Case, task: Task | None) -> Iterator[str]:
    """What stands against telling an account of a task, or against giving it to them."""
    if account is None or account.disabled:
        yield f"没有可用的账号 {name}"
    elif account.county and account.county != case.county:
        yield f"{name} 不能查看{case.county}的工单"
    elif task and not any(Right.DO_TASKS in RIGHTS[Role(role)] for role in account.roles):
        yield f"{name} 没有办理任务的权限"
    elif task and not _is_candidate(account, task):
        whose = "、".join([*map(department_name, task.candidate_groups), *task.candidate_users])
        yield f"该任务由 {whose} 办理，{name} 不在其中"


def _is_candidate(account: Account, task: Task) -> bool:
    if not (task.candidate_groups or task.candidate_users):
        return True
    return account.account in task.candidate_users or bool(set(account.departments) & set(task.candidate_groups))
