"""Acts that a case answers for: whether its process may be seen, the act once for its key, and what became of it."""

from __future__ import annotations

from dataclasses import replace

from fastapi.concurrency import run_in_threadpool

from api.acts import send
from api.context import Context
from api.identity import Caller
from api.models import ActDone
from api.sight import process_of
from domain.acts import Act


async def act_on(context: Context, caller: Caller, key: str, workflow: str, act: Act) -> ActDone:
    """Have a process that the caller may see do an act, under the caller's own key.

    Raises `Problem` (not found), and what `api.acts.send` raises.
    """
    await run_in_threadpool(process_of, context, caller, workflow)
    result = await send(context.client, workflow, replace(act, key=f"{caller.account} {key}"))
    return ActDone(act=result.act, at=result.at, by=result.by, remark=result.remark)
