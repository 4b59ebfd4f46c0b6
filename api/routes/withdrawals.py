"""Taking back: a step that was sent on (撤回), and a whole application that the customer withdraws."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from api.cases import workflow_id
from api.context import InContext
from api.identity import Caller
from api.models import ActDone, IdempotencyKey, Name, Sent, Text
from api.problems import Problem, Said
from api.routes.inbox import Worker
from api.sight import CaseNo, ProcessId, family_of, workflow_of
from api.work import act_on
from domain.acts import SendMessage, TakeBack
from domain.departments import DEPARTMENTS

router = APIRouter(tags=["cases"])
WITHDRAWAL = "customer_withdraws"
"""The BPMN message by which a case is withdrawn."""
_RECEIVING = ("marketing", "customer")
"""Whose officers take in what a customer says."""


class Reason(Sent):
    """Why a step is taken back."""

    reason: Text


class Withdrawal(Sent):
    """Why the customer withdraws, and who says so; the account that sends it where that is left out."""

    reason: Text
    withdrawn_by: Name | None = None


@router.post("/processes/{process}/take-back")
async def take_back(
    context: InContext, caller: Worker, key: IdempotencyKey, process: ProcessId, sent: Reason
) -> ActDone:
    """Takes back the step that was sent on last, before the next one is done, where the diagram draws that: whoever
    sent it on may, and their department."""
    act = TakeBack(caller.account, sent.reason, list(caller.departments))
    return await act_on(context, caller, key, workflow_of(process), act)


@router.post("/cases/{case_no}/withdraw")
async def withdraw(
    context: InContext, caller: Worker, key: IdempotencyKey, case_no: CaseNo, sent: Withdrawal
) -> ActDone:
    """Ends a case that its customer withdraws: what was issued is void, what was taken goes back."""
    await run_in_threadpool(family_of, context, caller, case_no)
    _check_receives(caller)
    said = {"withdrawReason": sent.reason, "withdrawnBy": sent.withdrawn_by or caller.name}
    act = SendMessage(WITHDRAWAL, case_no, said, by=caller.account, awaited=True)
    return await act_on(context, caller, key, workflow_id(case_no), act)


def _check_receives(caller: Caller) -> None:
    """Customers withdraw with those whom they deal with. Raises `Problem` (forbidden)."""
    if not caller.system and not set(caller.departments) & set(_RECEIVING):
        who = "、".join(DEPARTMENTS[name] for name in _RECEIVING)
        said = Said(
            f"客户撤回由{who}受理，{caller.name} 不在其中",
            f"Withdrawals are taken in by {' and '.join(_RECEIVING)}; {caller.account} is of neither",
        )
        raise Problem("forbidden", said)
