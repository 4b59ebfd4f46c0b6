"""Ad-hoc sub-processes over HTTP: what can be chosen in those that are open, and having it begin."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from api.context import Context, InContext
from api.identity import Caller, Having
from api.life import ProcessName, process_in
from api.models import ActDone, Answer, Data, IdempotencyKey, Name, Sent
from api.rights import Right
from api.routes.inbox import Worker
from api.sight import CaseNo, family_of, process_id
from api.work import act_on
from domain.acts import ActivateAdHoc
from domain.ad_hoc import OpenAdHoc
from storage.cases import CaseState

router = APIRouter(tags=["cases"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
ScopeKey = Annotated[
    str,
    Path(pattern=r"^[1-9][0-9]{0,17}$", description="The key of the sub-process instance", examples=["6"]),
]
_PATIENCE = timedelta(seconds=5)
"""How long a process is given to say what can be chosen in it."""


class Element(Answer):
    """An element of the diagram."""

    element: str
    name: str


class Running(Element):
    """An element instance that is under way."""

    key: str


class AdHoc(Answer):
    """An ad-hoc sub-process that is open: `process` and `key` name it."""

    process: str = Field(examples=["YK-2026-0001"])
    key: str = Field(examples=["6"])
    element: str
    name: str
    sequential: bool = Field(description="Whether what is activated waits for its turn")
    suspended: bool
    departments: list[str] = Field(description="Whose officers choose; where empty, whoever works on the case")
    activatable: list[Element] = Field(description="What can be activated now, also again; empty where nothing can")
    running: list[Running]
    waiting: list[Element] = Field(description="What was activated and waits for its turn, in this order")


class Activation(Sent):
    """What is to begin. The same element may stand there more than once."""

    process: ProcessName = Field("", description="A process of the case; the main one where left out")
    elements: list[Name] = Field(min_length=1, max_length=100, examples=[["Activity_survey"]])
    variables: Data = Field(default_factory=dict, description="Each element's own")


@router.get("/cases/{case_no}/ad-hoc")
async def list_ad_hoc(context: InContext, caller: Reader, case_no: CaseNo) -> list[AdHoc]:
    """The open ad-hoc sub-processes of a case, also in the processes that it called, with what can be chosen there."""
    family = await run_in_threadpool(family_of, context, caller, case_no)
    running = [one.workflow_id for one in family if one.state == CaseState.RUNNING]
    return [one for workflow in running for one in await _opened(context, workflow)]


async def _opened(context: Context, workflow: str) -> list[AdHoc]:
    handle = context.client.get_workflow_handle(workflow)
    found: list[OpenAdHoc] = await handle.query("activatable", result_type=list[OpenAdHoc], rpc_timeout=_PATIENCE)
    return [AdHoc(process=process_id(workflow), **asdict(one)) for one in found]


@router.post("/cases/{case_no}/ad-hoc/{scope}/activate")
async def activate(
    context: InContext, caller: Worker, key: IdempotencyKey, case_no: CaseNo, scope: ScopeKey, sent: Activation
) -> ActDone:
    """Has elements of an ad-hoc sub-process begin: where its lane names departments, their officers may, elsewhere
    whoever works on the case."""
    row = await run_in_threadpool(process_in, context, caller, case_no, sent.process)
    act = ActivateAdHoc(scope, list(sent.elements), caller.account, list(caller.departments), dict(sent.variables))
    return await act_on(context, caller, key, row.workflow_id, act)
