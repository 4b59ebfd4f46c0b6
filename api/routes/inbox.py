"""What I have to do, and what my departments could take."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from api.context import InContext
from api.identity import Caller, Having
from api.models import Answer, Page
from api.pages import After, Limit
from api.rights import Right
from api.sight import task_id
from storage.inbox import InboxOrder, InboxQuery, InboxTask, InboxView, inbox

router = APIRouter(tags=["tasks"])
Worker = Annotated[Caller, Depends(Having(Right.DO_TASKS))]


class TaskLine(Answer):
    """One task as an inbox shows it."""

    id: str = Field(description="How /tasks names it", examples=["YK-2026-0001~6"])
    case_no: str
    workflow_id: str
    element: str
    name: str
    customer: str
    county: str
    departments: list[str] = Field(description="Whose officers may take it")
    assignee: str = Field(description="Who holds it; empty for nobody")
    opened_at: datetime
    due_at: datetime | None = Field(description="The earliest that it or a running clock of its process is due by")
    colour: str = Field(description="蓝, 黄 or 红: the worst of the clocks that run for it")
    has_draft: bool


@router.get("/inbox")
def list_inbox(
    context: InContext,
    caller: Worker,
    view: InboxView = InboxView.MINE,
    order: InboxOrder = InboxOrder.URGENT,
    after: After = "",
    limit: Limit = 50,
) -> Page[TaskLine]:
    """The open tasks that I hold (`mine`), or that nobody holds and I may take (`department`), a page at a time."""
    county = "" if caller.system else caller.county
    wanted = InboxQuery(caller.account, caller.departments, county, view, order)
    with context.database.session() as session:
        page, following = inbox(session, wanted, limit=limit, after=after)
    return Page(items=[TaskLine(**line_fields(one)) for one in page], next=following or None)


def line_fields(one: InboxTask) -> dict[str, Any]:
    """What a line says of a task."""
    task = one.task
    return {
        "id": task_id(task.workflow_id, task.task),
        "case_no": task.case_no,
        "workflow_id": task.workflow_id,
        "element": task.element,
        "name": task.name,
        "customer": one.customer,
        "county": one.county,
        "departments": list(task.candidate_groups),
        "assignee": task.assignee,
        "opened_at": task.opened_at,
        "due_at": one.due_at,
        "colour": one.colour.value,
        "has_draft": one.has_draft,
    }
