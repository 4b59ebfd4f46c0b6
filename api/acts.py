"""Sending acts to running cases: what a person does is done once, and known to be done or not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.acts import (
    AcknowledgeLevel,
    Act,
    ActivateAdHoc,
    ActRefused,
    ActResult,
    AnswerOrder,
    ClaimTask,
    CompleteTask,
    CopyTask,
    MigrateCase,
    ModifyCase,
    MoveDeadline,
    NewAuthority,
    NewCalendar,
    ReleaseTask,
    RemindTask,
    ResolveIncident,
    ResumeCase,
    SendMessage,
    SkipIncident,
    SuspendCase,
    TakeBack,
    TransferTask,
    UpdateTask,
    content_of,
    key_taken,
)

NAMES: Mapping[type[Act], str] = {
    CompleteTask: "complete",
    ClaimTask: "claim",
    ReleaseTask: "release",
    TransferTask: "transfer",
    UpdateTask: "update_task",
    RemindTask: "remind",
    CopyTask: "copy",
    ResolveIncident: "resolve_incident",
    SkipIncident: "skip_incident",
    SendMessage: "message",
    TakeBack: "take_back",
    AcknowledgeLevel: "acknowledge",
    AnswerOrder: "answer_order",
    MoveDeadline: "move_deadline",
    NewCalendar: "new_calendar",
    NewAuthority: "new_authority",
    MigrateCase: "migrate",
    ModifyCase: "modify",
    SuspendCase: "suspend",
    ResumeCase: "resume",
    ActivateAdHoc: "activate",
}
"""The update of each act."""

PATIENCE = 20.0
"""Seconds until an act without an answer is given up."""

_PAUSE = 0.05
_NOT_JUST_NOW = (RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.RESOURCE_EXHAUSTED)
"""How the server says that the case is just being continued as new, or has more in hand than it takes."""


async def send(client: Client, workflow_id: str, act: Act, patience: float = PATIENCE) -> ActResult:
    """Have a case do an act; answers what became of it.

    Temporal fails the workflow task that an act came with where an event meets it just as it continues the case as new,
    and answers that the workflow was not ready; it also answers that a workflow is closing, or busy. The act was not
    done, and is sent again under its key.

    A case that has closed meanwhile still knows the acts that it did: one that is repeated, even the one that closed
    it, is answered its first result.

    Raises `ActRefused` where the case refuses it, `RPCError` where there is no such case or it has closed without the
    act, and `TimeoutError` after `patience` seconds: then the same act may be sent again, with the same key.
    """
    keyed = act if act.key else replace(act, key=str(uuid4()))
    handle = client.get_workflow_handle(workflow_id)
    async with asyncio.timeout(patience):
        while True:
            try:
                answer: Any = await handle.execute_update(NAMES[type(act)], keyed)
                return ActResult(**answer)
            except WorkflowUpdateFailedError as error:
                if isinstance(error.cause, ApplicationError) and error.cause.type == ActRefused.__name__:
                    details = error.cause.details
                    raise ActRefused.of(error.cause.message, details[0] if details else {}) from None
                raise
            except WorkflowUpdateRPCTimeoutOrCancelledError as error:
                raise asyncio.CancelledError from error  # what `timeout` waits for; the client put its own in place
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND and act.key and (first := await _first_result(handle, act)):
                    return first
                if error.status not in _NOT_JUST_NOW:
                    raise
            await asyncio.sleep(_PAUSE)


async def _first_result(handle: WorkflowHandle[Any, Any], act: Act) -> ActResult | None:
    """What a case that has closed answered to the act; None where it did not do it, or is not there.

    Raises `ActRefused` where its key was another act's.
    """
    try:
        found: Any = await handle.query("handled", args=[type(act).__name__, act.key])
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None
    if found is None:
        return None
    if found["content"] and found["content"] != content_of(act):
        raise ActRefused(key_taken(act.key))
    return ActResult(**found["result"])
