"""One case: where it stands, who has it, what is due and why, and what happened."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError

from api.case_views import ClockView, StageView, customer_stages_of, recorded_clock, stages_of, told_clock
from api.context import Context, InContext
from api.diagrams import outline, pinned
from api.identity import Caller, Having
from api.models import Answer
from api.rights import Right
from api.routes.cases import CaseLine, line_of
from api.sight import CaseNo, family_of, task_id
from storage.case_list import CaseQuery, search_cases
from storage.clocks import CaseClock, case_clocks
from storage.incidents import case_incidents
from storage.journal_rows import stages_reached
from storage.tasks import Task, TaskState, case_tasks

router = APIRouter(tags=["cases"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
_PATIENCE = timedelta(seconds=5)
"""How long a case is given to say where it stands, before what was recorded last is told instead."""
_log = logging.getLogger(__name__)


class Holder(Answer):
    """An open task, and who has it or whose department may take it."""

    id: str = Field(description="How /tasks names it")
    workflow_id: str
    element: str
    name: str
    departments: list[str]
    assignee: str
    opened_at: datetime
    due_at: datetime | None


class IncidentView(Answer):
    """Something that needs help to go on."""

    workflow_id: str
    key: str
    kind: str
    element: str
    name: str
    message: str
    opened_at: datetime
    closed_at: datetime | None


class ProcessView(Answer):
    """One process of a case: the main one and those that it called."""

    workflow_id: str
    process: str
    version: int
    title: str
    stage: str
    state: str


class CaseView(Answer):
    """All of one case: where it stands for the customer and for us, who has it, what is due and why, what is wrong."""

    line: CaseLine
    live: bool = Field(description="Whether the case itself answered; else its clocks are as they were recorded last")
    customer_stages: list[StageView]
    stages: list[StageView] = Field(description="All stages of our diagrams in their order")
    processes: list[ProcessView]
    holders: list[Holder]
    clocks: list[ClockView] = Field(description="Every clock with its dates and their explanation, as they stand")
    missing_papers: list[str] | None = Field(description="Null where the case did not answer")
    incidents: list[IncidentView]


@router.get("/cases/{case_no}")
async def one_case(context: InContext, caller: Reader, case_no: CaseNo) -> CaseView:
    """All of one case."""
    read = await run_in_threadpool(_read, context, caller, case_no)
    asked = await _asked(context, read.main)
    clocks = [recorded_clock(one, read.main, context.clock()) for one in read.clocks if not one.handed_on]
    return CaseView(
        **read.shown,
        live=asked is not None,
        clocks=clocks if asked is None else asked.clocks,
        missing_papers=None if asked is None else asked.missing_papers,
    )


@dataclass(frozen=True)
class _Read:
    """What the read model knows of a case: what is shown of it as it is, and its clocks."""

    main: str
    shown: dict[str, Any]
    clocks: Sequence[CaseClock]


def _read(context: Context, caller: Caller, case_no: str) -> _Read:
    family = family_of(context, caller, case_no)
    main = family[0]
    with context.database.session() as session:
        ((listed),), _ = search_cases(session, CaseQuery(case_no=case_no))
        tasks = [task for task in case_tasks(session, case_no) if task.state == TaskState.OPEN]
        incidents = case_incidents(session, case_no)
        clocks = case_clocks(session, case_no)
        reached = stages_reached(session, case_no)
        known = pinned(session, family, main)
    stages = outline(known.payload, main.voltage_kv).stages[main.process] if known else ()
    ours = stages_of(stages, family, reached)
    aside = frozenset(stage.name for stage in stages if stage.aside)
    shown = {
        "line": line_of(listed),
        "customer_stages": customer_stages_of(main, ours, aside),
        "stages": ours,
        "processes": [ProcessView.model_validate(one) for one in family],
        "holders": [_holder(task) for task in tasks],
        "incidents": [IncidentView.model_validate(one) for one in incidents],
    }
    return _Read(main.workflow_id, shown, clocks)


def _holder(task: Task) -> Holder:
    names = {name: getattr(task, name) for name in Holder.model_fields if name not in ("id", "departments")}
    return Holder(**names, id=task_id(task.workflow_id, task.task), departments=list(task.candidate_groups))


@dataclass(frozen=True)
class _Asked:
    """What the case itself says."""

    clocks: list[ClockView]
    missing_papers: list[str]


async def _asked(context: Context, workflow_id: str) -> _Asked | None:
    """What the case says, also a closed one that Temporal still has; None where it does not answer now."""
    handle = context.client.get_workflow_handle(workflow_id)
    try:
        # One after the other: of two queries at once Temporal often keeps the second waiting for a whole second.
        view = await handle.query("view", rpc_timeout=_PATIENCE)
        rows = await handle.query("limits", rpc_timeout=_PATIENCE)
    except (RPCError, WorkflowQueryFailedError) as error:
        _log.warning("case %s did not say where it stands: %s", workflow_id, error)
        return None
    missing = view["variables"].get("missingPapers", [])
    return _Asked([told_clock(row) for row in rows], [str(one) for one in missing] if isinstance(missing, list) else [])
