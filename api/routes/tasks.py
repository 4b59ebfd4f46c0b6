"""One task: its form with what the case knows already, taking it on, giving it back, and completing it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, status
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from sqlalchemy.orm import Session

from api.context import Context, InContext
from api.forms import form_of, shown_variables
from api.identity import Caller
from api.models import ActDone, Answer, Data, IdempotencyKey, Instant, Sent, isoformat
from api.problems import Problem, Said
from api.routes.inbox import TaskLine, Worker, line_fields
from api.sight import Place, TaskId, place_of, seen, task_id
from api.work import act_on
from domain.acts import ClaimTask, CompleteTask, ReleaseTask
from storage.drafts import TaskDraft, draft, drop_draft, drop_drafts, save_draft
from storage.inbox import InboxTask, task_line
from storage.tasks import TaskState

router = APIRouter(tags=["tasks"])
CLOSED = "closed"
"""The state of a task that its case has no more, while the journal has yet to say how it ended."""


class Draft(Answer):
    """What I have entered and not handed in yet."""

    data: dict[str, Any]
    saved_at: datetime


class TaskView(TaskLine):
    """A task with all that is needed to do it. `form` is a form-js schema, null for a task without one; `variables` are
    those that the form shows, as the case has them now."""

    state: str = Field(description="open, completed, cancelled, or closed: one of the two, a moment ago")
    form: dict[str, Any] | None
    variables: dict[str, Any]
    draft: Draft | None


class Nothing(Sent):
    """An act that says all by its address."""


class Completion(Sent):
    """What was entered into the form. `happened_at` is when the step was really done, now where it is left out; a step
    that is entered long after needs a `late_reason`."""

    data: Data = Field(default_factory=dict, examples=[{"planDecision": "approved"}])
    happened_at: Instant | None = None
    late_reason: str = Field("", max_length=2000)


class DraftData(Sent):
    """What has been entered so far; nothing is checked but that it can be kept."""

    data: Data


@router.get("/tasks/{task}")
async def one_task(context: InContext, caller: Worker, task: TaskId) -> TaskView:
    """A task, with its form and what the form shows."""
    place = place_of(task)
    read = await run_in_threadpool(_read, context, caller, place)
    if read["form"] is None or read["state"] != TaskState.OPEN:
        return TaskView(**read, variables={})
    shown = await shown_variables(context.client, place)
    return TaskView(**{**read, "state": read["state"] if shown is not None else CLOSED}, variables=shown or {})


@router.post("/tasks/{task}/claim")
async def claim(context: InContext, caller: Worker, key: IdempotencyKey, task: TaskId, sent: Nothing) -> ActDone:
    """Takes a task on: from then on only I complete it."""
    del sent
    place = place_of(task)
    act = ClaimTask(place.task, caller.account, list(caller.departments))
    return await act_on(context, caller, key, place.workflow_id, act)


@router.post("/tasks/{task}/release")
async def release(context: InContext, caller: Worker, key: IdempotencyKey, task: TaskId, sent: Nothing) -> ActDone:
    """Gives a task that I have taken on back to the department."""
    del sent
    place = place_of(task)
    return await act_on(context, caller, key, place.workflow_id, ReleaseTask(place.task, caller.account))


@router.post("/tasks/{task}/complete")
async def complete(context: InContext, caller: Worker, key: IdempotencyKey, task: TaskId, sent: Completion) -> ActDone:
    """Completes a task with what was entered into its form; its drafts go, and stay where it is refused."""
    place = place_of(task)
    act = CompleteTask(
        place.task,
        caller.account,
        list(caller.departments),
        dict(sent.data),
        happened_at=isoformat(sent.happened_at),
        late_reason=sent.late_reason,
    )
    done = await act_on(context, caller, key, place.workflow_id, act)
    await run_in_threadpool(_forget_drafts, context, place)
    return done


@router.put("/tasks/{task}/draft")
def keep_draft(context: InContext, caller: Worker, task: TaskId, sent: DraftData) -> Draft:
    """Keeps what I have entered so far, in the place of what I kept before."""
    place, now = place_of(task), context.clock()
    with context.database.transaction() as session:
        line = _line(session, caller, place)
        if line.task.state != TaskState.OPEN:
            raise Problem("conflict", Said(f"任务 {task} 已不在待办中", f"The task {task} is not open any more"))
        save_draft(
            session,
            TaskDraft(
                workflow_id=place.workflow_id,
                task=place.task,
                account=caller.account,
                data=dict(sent.data),
                saved_at=now,
            ),
        )
    return Draft(data=dict(sent.data), saved_at=now)


@router.delete("/tasks/{task}/draft", status_code=status.HTTP_204_NO_CONTENT)
def forget_draft(context: InContext, caller: Worker, task: TaskId) -> None:
    """Forgets my draft, if there is one."""
    place = place_of(task)
    with context.database.transaction() as session:
        _line(session, caller, place)
        drop_draft(session, place.workflow_id, place.task, caller.account)


def _read(context: Context, caller: Caller, place: Place) -> dict[str, Any]:
    """What the database knows of a task."""
    with context.database.session() as session:
        line = _line(session, caller, place)
        kept = draft(session, place.workflow_id, place.task, caller.account) if line.has_draft else None
        return {
            **line_fields(line),
            "state": line.task.state,
            "form": form_of(session, line.task),
            "draft": Draft.model_validate(kept) if kept else None,
        }


def _line(session: Session, caller: Caller, place: Place) -> InboxTask:
    """A task of a process that the caller may see. Raises `Problem` (not found)."""
    seen(session, caller, place.workflow_id)
    line = task_line(session, place.workflow_id, place.task, caller.account)
    if line is None:
        known = task_id(place.workflow_id, place.task)
        raise Problem("not-found", Said(f"没有任务 {known}", f"There is no task {known}"))
    return line


def _forget_drafts(context: Context, place: Place) -> None:
    with context.database.transaction() as session:
        drop_drafts(session, place.workflow_id, place.task)
