"""The picture of a case: the diagram that it is pinned to, and how it stands, now or at any moment before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.orm import Session

from api.context import InContext
from api.diagrams import outline, pinned
from api.identity import Caller, Having
from api.models import Answer, Moment
from api.problems import Problem, Said
from api.rights import Right
from api.sight import CaseNo, family_of, process_id, workflow_of
from domain.diagram_state import diagram_state
from storage.cases import Case
from storage.definitions import DefinitionKind, definition_at
from storage.journal_rows import case_records

router = APIRouter(tags=["cases"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
_XML = "application/xml"


class IncidentAt(Answer):
    """Why an element instance cannot go on."""

    key: str
    kind: str
    message: str


class ElementView(Answer):
    """How an element stands: how many of its instances are active, completed, terminated; when its timers are due."""

    active: int
    completed: int
    terminated: int
    incidents: list[IncidentAt]
    timers: list[datetime]


class DiagramView(Answer):
    """A process of a case as its diagram shows it."""

    process: str = Field(description="The process in the diagram")
    title: str
    version: int
    xml: str = Field(description="The BPMN diagram that the case is pinned to, word for word")
    at: datetime = Field(description="The moment that is shown")
    elements: dict[str, ElementView] = Field(description="By id; only those that had been reached")
    flows: dict[str, int] = Field(description="How often each sequence flow had been taken")


@router.get(
    "/cases/{case_no}/diagram",
    response_model=DiagramView,
    responses={200: {"content": {_XML: {"schema": {"type": "string"}}}}},
)
def diagram(
    request: Request,
    context: InContext,
    caller: Reader,
    case_no: CaseNo,
    process: Annotated[str, Query(max_length=300, description="A process that the case called; empty: its own")] = "",
    at: Annotated[Moment | None, Query(description="Any moment before")] = None,
) -> Response:
    """The diagram of a case with its state; with `Accept: application/xml` the diagram alone."""
    family = family_of(context, caller, case_no)
    shown = _chosen(family, process)
    with context.database.session() as session:
        xml = _source(session, family, shown)
        if request.headers.get("accept", "").partition(",")[0].strip() == _XML:
            return Response(xml, media_type=_XML)
        state = diagram_state(case_records(session, shown.workflow_id, at))
    view = DiagramView(
        process=shown.process,
        title=shown.title,
        version=shown.version,
        xml=xml,
        at=at or context.clock(),
        elements={element: ElementView.model_validate(one) for element, one in state.elements.items()},
        flows=state.flows,
    )
    return JSONResponse(view.model_dump(mode="json"))


def _chosen(family: Sequence[Case], process: str) -> Case:
    """The process asked for, the case's own for none. Raises `Problem` (not found)."""
    wanted = workflow_of(process) if process else family[0].workflow_id
    found = next((one for one in family if one.workflow_id == wanted), None)
    if found is None:
        known = "、".join(process_id(one.workflow_id) for one in family)
        raise Problem(
            "not-found", Said(f"本工单没有流程 {process}；有 {known}", f"The case has {known}, not {process}")
        )
    return found


def _source(session: Session, family: Sequence[Case], shown: Case) -> str:
    """The diagram that a process runs by.

    Raises `Problem` (not found) where the diagram was not deployed here.
    """
    known = pinned(session, family, shown)
    file = outline(known.payload).files.get(shown.process, "") if known else ""
    found = definition_at(session, DefinitionKind.BPMN, Path(file).stem, known.deployed_at) if known else None
    if found is None:
        told = Said(f"没有存下流程 {shown.process} 的图", f"The diagram of {shown.process} was not kept")
        raise Problem("not-found", told)
    return found.source
