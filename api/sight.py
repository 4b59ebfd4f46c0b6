"""Which cases somebody sees: those of their county, or all for the city's company; what is not to be seen is not there.

Addresses name a process of a case by its workflow id without the prefix, `~` for `/`; a task by that and its key:
`YK-2026-0001~6`, in a called process `YK-2026-0001~grid_project_10kv-31~4`. A process that a message has started is
`message~NAME~KEY`, one that a signal, a condition or a timer has started is named likewise, one that is begun on demand
(a weekly outage plan) is its prefix and key: `outage-plan~UNIT~WEEK`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path
from sqlalchemy.orm import Session

from api.cases import workflow_id
from api.context import Context
from api.identity import Caller
from api.problems import Problem, Said
from domain.on_demand import ON_DEMAND
from storage.cases import Case, case_family

CaseNo = Annotated[str, Path(min_length=1, max_length=100, examples=["YK-2026-0001"])]
ProcessId = Annotated[str, Path(min_length=1, max_length=300, examples=["YK-2026-0001"])]
TaskId = Annotated[str, Path(min_length=3, max_length=300, examples=["YK-2026-0001~6"])]
_MARK = "~"
_PREFIX = workflow_id("")
_BY_EVENTS = ("message/", "signal/", "condition/", "timer/")
_WITHOUT_CASE = (*_BY_EVENTS, *(one.workflow_id("") for one in ON_DEMAND.values()))
"""How the ids of workflows begin that no case has opened."""


@dataclass(frozen=True)
class Place:
    """A task in its workflow."""

    workflow_id: str
    task: str


def process_id(workflow: str) -> str:
    """How addresses name a workflow."""
    return workflow.removeprefix(_PREFIX).replace("/", _MARK)


def workflow_of(process: str) -> str:
    """The workflow that `process_id` named so."""
    path = process.replace(_MARK, "/")
    return path if path.startswith(_WITHOUT_CASE) else workflow_id(path)


def task_id(workflow: str, task: str) -> str:
    """How addresses name a task."""
    return f"{process_id(workflow)}{_MARK}{task}"


def place_of(task: str) -> Place:
    """The task that `task_id` named so. Raises `Problem` (not found) for what names none."""
    process, mark, key = task.rpartition(_MARK)
    if not (mark and process and key):
        raise Problem("not-found", Said(f"没有任务 {task}", f"There is no task {task}"))
    return Place(workflow_of(process), key)


def family_of(context: Context, caller: Caller, case_no: str) -> list[Case]:
    """The processes of a case, the main one first. Raises `Problem` (not found)."""
    with context.database.session() as session:
        family = list(case_family(session, case_no))
    if not family or not caller.sees(family[0].county):
        raise Problem("not-found", Said(f"没有工单 {case_no}", f"There is no case {case_no}"))
    return sorted(family, key=lambda one: bool(one.parent_workflow_id))


def process_of(context: Context, caller: Caller, workflow: str) -> Case:
    """One process of a case. Raises `Problem` (not found)."""
    with context.database.session() as session:
        return seen(session, caller, workflow)


def seen(session: Session, caller: Caller, workflow: str) -> Case:
    """`process_of` in a session of the caller's."""
    found = session.get(Case, workflow)
    if found is None or not caller.sees(found.county):
        known = process_id(workflow)
        raise Problem("not-found", Said(f"没有流程 {known}", f"There is no process {known}"))
    return found
