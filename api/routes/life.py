"""Changing running cases over HTTP: their tokens, with a look at what would follow, and standing still for a while."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool
from pydantic import Field, JsonValue, StringConstraints

from api.context import Context, InContext
from api.identity import Caller, Having
from api.life import ProcessName, process_in
from api.models import ActDone, Answer, Data, IdempotencyKey, Name, Sent, Text
from api.rights import Right
from api.routes.migrations import Fault
from api.sight import CaseNo, family_of, process_id
from api.work import act_on
from bpmn import codec
from domain.acts import ActRefused, ModifyCase, ResumeCase, SuspendCase
from domain.life import ModificationPreview
from storage.cases import CaseState

router = APIRouter(tags=["life"])
Keeper = Annotated[Caller, Depends(Having(Right.CHANGE_CASES))]
Key = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,17}$"), Field(examples=["6"])]


class ActivateElement(Sent):
    """A token to be added."""

    element: Name = Field(examples=["Activity_review"])
    scope: Key | None = Field(None, description="The instance of the scope; the only one there is where left out")
    variables: Data = Field(default_factory=dict, description="Its own")
    item: JsonValue = Field(None, description="Where the scope is the body of this multi-instance activity")


class MoveToken(Sent):
    """A token that goes on elsewhere."""

    key: Key
    element: Name = Field(examples=["Activity_review"])


class WithdrawToken(Sent):
    """The tokens that wait at a join, having come by a flow."""

    scope: Key
    gateway: Name
    flow: Name


class Modify(Sent):
    """What is to become of the tokens of a process, and why; with `preview` only what would follow is answered."""

    reason: Text = Field(examples=["资料退回，重新会商"])
    process: ProcessName = Field("", description="A process of the case; the main one where left out")
    cancel: list[Key] = Field(default_factory=list, max_length=100)
    activate: list[ActivateElement] = Field(default_factory=list, max_length=100)
    move: list[MoveToken] = Field(default_factory=list, max_length=100)
    withdraw: list[WithdrawToken] = Field(default_factory=list, max_length=100)
    ends: bool = Field(False, description="Nothing may be left: then the process is over")
    preview: bool = Field(False, description="Only say what would follow")


class Touched(Answer):
    """An element instance that would end or begin."""

    key: str
    element: str
    name: str


class Modification(Answer):
    """What would follow from a modification, or that it has been made."""

    process: str
    possible: bool
    faults: list[Fault]
    ended: list[Touched]
    begun: list[Touched]
    asked: list[str] = Field(description="The engine's commands that would follow, with their elements")
    outcome: str = Field(description="Of the process, where it would be over")
    done: ActDone | None = Field(description="Null where it was only looked at")


class StandStill(Sent):
    """What is to stand still, or go on: the whole case with all that it called, one process, or one sub-process."""

    reason: Text = Field(examples=["客户要求暂缓"])
    process: ProcessName = Field("", description="A process of the case; all of them where left out")
    scope: Key | None = Field(None, description="A sub-process instance of that process")


class StoodStill(Answer):
    """What became of one process."""

    process: str
    state: Literal["done", "refused"]
    text: str = Field(description="Why not, in Chinese")


@router.post("/cases/{case_no}/modify")
async def modify(
    context: InContext, caller: Keeper, key: IdempotencyKey, case_no: CaseNo, sent: Modify
) -> Modification:
    """Cancels, adds and moves tokens of a process, or says what would follow."""
    row = await run_in_threadpool(process_in, context, caller, case_no, sent.process)
    act = ModifyCase(_changes(sent), caller.account, sent.reason)
    if not sent.preview:
        done = await act_on(context, caller, key, row.workflow_id, act)
        return _modification(process_id(row.workflow_id), ModificationPreview(), done)
    found: Any = await context.client.get_workflow_handle(row.workflow_id).query("preview_modify", act)
    return _modification(process_id(row.workflow_id), codec.decode(ModificationPreview, found), None)


def _changes(sent: Modify) -> dict[str, Any]:
    parts = {"cancel", "activate", "move", "withdraw", "ends"}
    return sent.model_dump(include=parts, exclude_defaults=True)


def _modification(process: str, seen: ModificationPreview, done: ActDone | None) -> Modification:
    return Modification(
        process=process,
        possible=not seen.faults,
        faults=[Fault.model_validate(one) for one in seen.faults],
        ended=[Touched.model_validate(one) for one in seen.ended],
        begun=[Touched.model_validate(one) for one in seen.begun],
        asked=seen.asked,
        outcome=seen.outcome,
        done=done,
    )


@router.post("/cases/{case_no}/suspend")
async def suspend(
    context: InContext, caller: Keeper, key: IdempotencyKey, case_no: CaseNo, sent: StandStill
) -> list[StoodStill]:
    """Has a case stand still: results that come are kept, nobody completes a task, timers keep what is left of them."""
    return await _each(context, caller, key, case_no, sent, SuspendCase(caller.account, sent.reason, sent.scope or ""))


@router.post("/cases/{case_no}/resume")
async def resume(
    context: InContext, caller: Keeper, key: IdempotencyKey, case_no: CaseNo, sent: StandStill
) -> list[StoodStill]:
    """Has a suspended case go on."""
    return await _each(context, caller, key, case_no, sent, ResumeCase(caller.account, sent.reason, sent.scope or ""))


async def _each(
    context: Context, caller: Caller, key: str, case_no: str, sent: StandStill, act: SuspendCase | ResumeCase
) -> list[StoodStill]:
    """The act in the one process that is named, or in each that runs, the calling ones first.

    Raises `ActRefused` where it is one, and that refuses.
    """
    if sent.process or sent.scope:
        rows = [await run_in_threadpool(process_in, context, caller, case_no, sent.process)]
    else:
        family = await run_in_threadpool(family_of, context, caller, case_no)
        rows = [one for one in family if one.state == CaseState.RUNNING] or family[:1]
    told = []
    for row in rows:
        try:
            await act_on(context, caller, key, row.workflow_id, act)
            told.append(StoodStill(process=process_id(row.workflow_id), state="done", text=""))
        except ActRefused as refused:
            if len(rows) == 1:
                raise
            told.append(StoodStill(process=process_id(row.workflow_id), state="refused", text=str(refused)))
    return told
