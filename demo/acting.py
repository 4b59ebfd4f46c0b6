"""Acting on a case wherever in its tree of processes the task or the waiting event stands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from api.acts import send
from domain.acts import AcknowledgeLevel, AnswerOrder, CompleteTask, SendMessage

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds of real time within which a case must have come to where the next act is possible."""
ANSWER = timedelta(seconds=5)
"""How long a process is given to say where it stands; a worker that was killed may have taken the question with it."""

_NOT_YET = (
    RPCStatusCode.NOT_FOUND,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.INVALID_ARGUMENT,  # how the server passes on that a worker gave no answer to a query
)


class NotThere(Exception):
    """What was to be acted on did not appear in time."""


class CaseTree:
    """A case: its main workflow `root` and all that it has called, those too that go on after it let them go."""

    def __init__(self, client: Client, root: str, patience: float = PATIENCE) -> None:
        self.client = client
        self._patience = patience
        self._known = {root: None}

    async def views(self) -> AsyncIterator[dict[str, Any]]:
        """Where each process of the case stands, the main one first."""
        asked: dict[str, None] = {}
        while names := [name for name in self._known if name not in asked]:
            asked[names[0]] = None
            view = await self.client.get_workflow_handle(names[0]).query("view", rpc_timeout=ANSWER)
            yield {**view, "workflowId": names[0]}
            self._known.update(dict.fromkeys(view["children"].values()))

    async def complete(
        self,
        element: str,
        by: str,
        data: Mapping[str, Any],
        *,
        shown: Iterable[str] = (),
        where: Mapping[str, Any] | None = None,
    ) -> None:
        """Complete the task of an element that has been open longest, or the one `where` the form shows just that.

        The fields `shown` are handed in as the form shows them. Raises `NotThere` where no such task comes up.
        """
        asked = bool(shown or where)
        workflow_id, task, form = await self._task(element, where or {}, asked)
        taken = {name: form[name] for name in shown}
        act = CompleteTask(str(task["key"]), by, list(task["candidate_groups"]), {**taken, **data})
        await send(self.client, workflow_id, act)

    async def form(self, element: str) -> dict[str, Any]:
        """What the form of an element's open task shows. Raises `NotThere` where none comes up."""
        _, _, form = await self._task(element, {}, True)
        return form

    async def _task(
        self, element: str, where: Mapping[str, Any], with_form: bool
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """An open task of an element: its process, itself, and what its form shows if that is asked for."""

        async def find() -> tuple[str, dict[str, Any], dict[str, Any]] | None:
            async for view in self.views():
                for task in view["tasks"]:
                    if task["element"] != element:
                        continue
                    form = await self._shown(view["workflowId"], str(task["key"])) if with_form else {}
                    if form is not None and _holds(where, form):
                        return view["workflowId"], task, form
            return None

        return await eventually(find, f"任务 {element} 没有出现在待办中", self._patience)

    async def _shown(self, workflow_id: str, task: str) -> dict[str, Any] | None:
        """What a task's form shows; None where the task is not open any more."""
        handle = self.client.get_workflow_handle(workflow_id)
        form: dict[str, Any] | None = await handle.query("form", task, rpc_timeout=ANSWER)
        return form

    async def send(self, message: str, correlation_key: str, variables: dict[str, Any]) -> None:
        """Send a message to the process that waits for it. Raises `NotThere` where none does."""

        async def find() -> str | None:
            async for view in self.views():
                for wait in view["waits"]:
                    if (wait.get("name"), wait.get("correlation_key")) == (message, correlation_key):
                        return str(view["workflowId"])
            return None

        workflow_id = await eventually(find, f"没有流程等待消息 {message}", self._patience)
        await send(self.client, workflow_id, SendMessage(message, correlation_key, variables))

    async def react(self, act: AcknowledgeLevel | AnswerOrder) -> None:
        """React to what a clock has raised, in the process that has it. Raises `NotThere` where no level was raised."""

        async def find() -> str | None:
            async for view in self.views():
                limits = await self.client.get_workflow_handle(view["workflowId"]).query("limits", rpc_timeout=ANSWER)
                for row in limits:
                    if row["clock"] == act.clock and row["level"]:
                        return str(row["called"] or view["workflowId"])
            return None

        workflow_id = await eventually(find, f"期限 {act.clock} 没有发出提醒", self._patience)
        await send(self.client, workflow_id, act)

    async def rest(self) -> None:
        """Wait until all that the case has told is recorded."""

        async def all_recorded() -> bool:
            return all([not view["unrecorded"] async for view in self.views()])

        await eventually(all_recorded, "案件没有停下来", self._patience)

    async def end(self) -> str:
        """Wait until every process of the case has closed; answers the outcome of the main one."""

        # Neither by awaiting the result, which lets the test server's time run, nor by queries: one that comes while a
        # process closes keeps that server's time from ever skipping again.
        async def closed() -> bool:
            states = [await self.client.get_workflow_handle(name).describe() for name in self._known]
            return all(state.status is not WorkflowExecutionStatus.RUNNING for state in states)

        await eventually(closed, f"流程没有全部结束：{'、'.join(self._known)}", self._patience)

        async def outcome() -> str:
            views = [view async for view in self.views()]
            return str(views[0]["outcome"])

        return await eventually(outcome, "流程结束后没有回答", self._patience)


def _holds(where: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Whether everything in `where` is in what is shown, however deep."""
    return all(
        _holds(wanted, shown.get(name) or {}) if isinstance(wanted, Mapping) else shown.get(name) == wanted
        for name, wanted in where.items()
    )


async def eventually(find: Callable[[], Awaitable[T | None]], problem: str, patience: float) -> T:
    """What `find` gives as soon as it gives anything. Raises `NotThere` with the problem after `patience` seconds.

    A process that has not started yet and a query that no worker answered count as nothing found.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while loop.time() < end:
        try:
            if found := await find():
                return found
        except RPCError as error:
            if error.status not in _NOT_YET:
                raise
        await asyncio.sleep(0.02)
    raise NotThere(problem)
