"""Requests for outages: filing one for other works, where it stands, and what it would face before it is filed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, status
from fastapi.concurrency import run_in_threadpool

from api.bay_authority import check_department
from api.context import InContext
from api.identity import Caller, Having
from api.models import IdempotencyKey
from api.once import once
from api.outage_plans import shown_request
from api.outage_requests import Filed, file, pass_on, prospects
from api.outage_views import AskedData, Prospects, RequestFiled, RequestView, WorksData
from api.problems import Said
from api.rights import Right
from api.routes.outage_plans import ASKING, Reader
from api.sight import process_id

router = APIRouter(tags=["outages"])
Filer = Annotated[Caller, Depends(Having(Right.FILE_OUTAGES))]
RequestNo = Annotated[str, Path(min_length=1, max_length=100, examples=["TSD-2026-0001"])]
FILING = ("dispatch", "operations", "construction")
"""Whose officers file requests for other works; those of energizations come from their cases."""


@router.post("/outage-requests", status_code=status.HTTP_202_ACCEPTED)
async def file_request(context: InContext, caller: Filer, key: IdempotencyKey, sent: WorksData) -> RequestFiled:
    """Files a request for other works. The plan of its week enters it, and is begun where it is the first; what is late
    goes to a named approver or to the next week, as the plan's process decides. The same key again files nothing new,
    and tells the plan where it has not been told."""
    check_department(caller, FILING, Said("停送电申请", "Filing requests for outages"))

    def filed() -> Filed:
        asked = ["outage-request", sent.model_dump(mode="json")]
        return once(context, caller, key, asked, Filed, lambda session: file(session, caller, sent, context.clock()))

    done = await run_in_threadpool(filed)
    await pass_on(context, caller, done)
    return RequestFiled(
        request_no=done.number,
        unit=done.unit,
        week=done.week,
        process=process_id(done.workflow_id),
        in_time=done.in_time,
        findings=done.findings,
    )


@router.get("/outage-requests/{number}")
def one_request(context: InContext, caller: Reader, number: RequestNo) -> RequestView:
    """A request, as soon as a plan has it: what its checks said, and what became of it."""
    with context.database.session() as session:
        return shown_request(session, caller, number)


@router.post("/outage-feasibility")
def ask_feasibility(context: InContext, caller: Reader, sent: AskedData) -> Prospects:
    """What a request would face if it were filed now: its plan, what the checks say, and whether the promise can be
    kept, with the four ways out where it cannot. Nothing is changed."""
    check_department(caller, ASKING, Said("停送电可行性测算", "Asking what a request would face"))
    with context.database.session() as session:
        return prospects(session, caller, sent, context.clock())
