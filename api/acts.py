"""Sending acts to running cases: what a person does is done once, and known to be done or not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.acts import (
    AcknowledgeLevel,
    Act,
    ActRefused,
    ActResult,
    AnswerOrder,
    ClaimTask,
    CompleteTask,
    MoveDeadline,
    NewCalendar,
    ReleaseTask,
    ResolveIncident,
    SendMessage,
)

NAMES: Mapping[type[Act], str] = {
    CompleteTask: "complete",
    ClaimTask: "claim",
    ReleaseTask: "release",
    ResolveIncident: "resolve_incident",
    SendMessage: "message",
    AcknowledgeLevel: "acknowledge",
    AnswerOrder: "answer_order",
    MoveDeadline: "move_deadline",
    NewCalendar: "new_calendar",
}
"""The update of each act."""

PATIENCE = 20.0
"""Seconds until an act without an answer is given up."""

_PAUSE = 0.05


async def send(client: Client, workflow_id: str, act: Act, patience: float = PATIENCE) -> ActResult:
    """Have a case do an act; answers what became of it.

    Temporal fails the workflow task that an act came with where an event meets it just as it continues the case as new,
    and answers that the workflow was not ready: the act was not done, and is sent again under its key.

    Raises `ActRefused` where the case refuses it, `RPCError` where there is no such case or it has closed, and
    `TimeoutError` after `patience` seconds: then the same act may be sent again, with the same key.
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
                    raise ActRefused(error.cause.message) from None
                raise
            except WorkflowUpdateRPCTimeoutOrCancelledError as error:
                raise asyncio.CancelledError from error  # what `timeout` waits for; the client put its own in place
            except RPCError as error:
                if error.status is not RPCStatusCode.FAILED_PRECONDITION:
                    raise
            await asyncio.sleep(_PAUSE)
