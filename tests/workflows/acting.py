"""Acts on cases whose runs end at any moment."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode


async def acted(handle: WorkflowHandle[Any, Any], name: str, act: Any, patience: float) -> dict[str, Any]:
    """The answer to an update. Where it met the moment at which the case was continued as new, the server fails the
    task that it came with and says that the workflow was not ready; then it is sent again, as `api.acts` does."""
    async with asyncio.timeout(patience):
        while True:
            try:
                result: dict[str, Any] = await handle.execute_update(name, act)
                return result
            except RPCError as error:
                if error.status is not RPCStatusCode.FAILED_PRECONDITION:
                    raise
            await asyncio.sleep(0.05)
