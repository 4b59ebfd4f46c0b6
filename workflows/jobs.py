"""Service tasks, messages to others, data stores: the activities of a case."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.workflow import ActivityCancellationType

from bpmn import answers, commands, events
from bpmn.timing import following
from bpmn.variables import json_size
from domain.jobs import Job
from domain.start import Publication
from domain.values import fault_of
from workflows import stores
from workflows.lanes import Lane

if TYPE_CHECKING:
    from workflows.world import World

_Work = commands.RunJob | commands.PublishMessage | stores.Access

_INFRASTRUCTURE = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1), maximum_attempts=10
)


class Jobs:
    """The work of one case, so much at once.

    Work that has begun may have had its effect when it is not wanted any more. So nothing new begins before its end
    is known: what undoes must not come before what it undoes.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._running: dict[int, workflow.ActivityHandle[Any]] = {}
        self._unwanted: dict[int, None] = {}
        self.lane: Lane[_Work] = Lane(self._start)

    @property
    def running(self) -> bool:
        """Whether any work has begun and not ended."""
        return bool(self._running)

    def cancel(self, command: commands.CancelJob | commands.CancelStore) -> None:
        """Its element has ended: work that has not begun is left undone, other work is not tried again."""
        key = command.key
        if not self.lane.drop(key) and not self._world.drop_held(key) and key in self._running:
            self._unwanted[key] = None
            self._running[key].cancel()

    def _start(self, command: _Work) -> bool:
        world, settings = self._world, self._world.case.start.settings
        if world.draining or self._unwanted or len(self._running) >= settings.jobs_in_flight:
            return False
        size, limit = json_size(content(command)), settings.payload_bytes
        if size > limit:
            problem = f"传入的变量合计 {size} 字节，超过上限 {limit} 字节；请用输入映射只传所需的变量"
            world.apply(_failed(command, problem))
            return True
        if not world.room_for(size):
            return False
        handle = self._begin(command)
        self._running[command.key] = handle
        world.background(self._follow, command, handle)
        return True

    def _begin(self, command: _Work) -> workflow.ActivityHandle[Any]:
        if isinstance(command, commands.RunJob):
            return self._run_job(command)
        if isinstance(command, commands.PublishMessage):
            return self._publish(command)
        return stores.begin(self._world, command)

    async def _follow(self, command: _Work, handle: workflow.ActivityHandle[Any]) -> None:
        """Tell the engine how the work ended."""
        event = await self._end(command, handle)
        del self._running[command.key]
        if command.key in self._unwanted:
            del self._unwanted[command.key]
            how = type(event).__name__ if event else "Cancelled"
            kind = _kind(command)
            self._world.case.note("too late", self._world.now(), element=command.element, job=kind, outcome=how)
        elif event:
            self._world.apply(event)
        self._world.advance()

    async def _end(self, command: _Work, handle: workflow.ActivityHandle[Any]) -> events.Event | None:
        try:
            result = await handle
        except ActivityError as error:
            return _failure(command, error)
        except asyncio.CancelledError:
            if command.key not in self._unwanted:
                raise
            return None
        if isinstance(command, stores.Access):
            return stores.answered(command, result)
        if isinstance(command, commands.PublishMessage):
            return events.JobCompleted(command.key)
        return _success(command, result, self._world.case.start.settings.payload_bytes)

    def _run_job(self, command: commands.RunJob) -> workflow.ActivityHandle[Any]:
        start = self._world.case.start
        job = Job(
            type=command.type,
            case_no=start.case.case_no,
            workflow_id=workflow.info().workflow_id,
            key=str(command.key),
            element=command.element,
            name=command.name,
            now=self._world.now().isoformat(),
            headers=command.headers,
            variables=command.variables,
            listens=command.listens,
            activatable=list(command.activatable),
        )
        retry = RetryPolicy(
            initial_interval=timedelta(seconds=1),
            backoff_coefficient=4,
            maximum_interval=timedelta(minutes=5),
            maximum_attempts=max(command.retries, 1),
        )
        self._world.voice.spoke()
        return workflow.start_activity(
            command.type,
            job,
            start_to_close_timeout=timedelta(seconds=start.settings.job_timeout),
            retry_policy=retry,
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=command.name or command.element,
        )

    def _publish(self, command: commands.PublishMessage) -> workflow.ActivityHandle[Any]:
        start, own = self._world.case.start, workflow.info().workflow_id
        now = self._world.now()
        lasts = start.settings.message_time_to_live
        if command.time_to_live:
            lasts = (following(now, command.time_to_live, self._world.case.options.zone) - now).total_seconds()
        publication = Publication(
            message_id=_message_id(own, command),
            name=command.message,
            correlation_key=command.correlation_key,
            variables=command.variables,
            time_to_live=lasts,
            now=now.isoformat(),
            source=own,
            start=start.context,
        )
        self._world.voice.spoke()
        return workflow.start_activity(
            "publish-message",
            publication,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=_INFRASTRUCTURE,
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=f"{command.name or command.element}：{command.message}",
        )


def content(command: Any) -> Any:
    """What a command carries out into the world."""
    return command.value if isinstance(command, commands.WriteStore) else getattr(command, "variables", {})


def _kind(command: _Work) -> str:
    """The type of its activity."""
    if isinstance(command, commands.RunJob):
        return command.type
    return "publish-message" if isinstance(command, commands.PublishMessage) else stores.kind(command)


def _message_id(workflow_id: str, command: commands.PublishMessage) -> str:
    """The id of a message: the one that the diagram gives it, which tells it from others of its name and key, or one
    for this throw."""
    if command.message_id:
        return f"{command.message}/{command.correlation_key}/{command.message_id}"
    return f"{workflow_id}:{command.key}" + (f":{command.part}" if command.part else "")


def _success(job: commands.RunJob, result: Any, limit: int) -> events.Event:
    given = {} if result is None else result
    if not isinstance(given, dict):
        return events.JobFailed(job.key, f"作业的结果应为 JSON 对象，而不是 {type(given).__name__}")
    if fault := fault_of(given):
        return events.JobFailed(job.key, f"作业的结果{fault}")
    if (size := json_size(given)) > limit:
        return events.JobFailed(job.key, f"作业的结果合计 {size} 字节，超过上限 {limit} 字节")
    return _with_result(job, given) if answers.takes_result(job) else events.JobCompleted(job.key, given)


def _with_result(job: commands.RunJob, given: dict[str, Any]) -> events.Event:
    """What a job is answered with that may say more than variables; see `domain.jobs`."""
    parts = [given.get(name) or {} for name in ("variables", "result")]
    if given.keys() - {"variables", "result"} or not all(isinstance(part, dict) for part in parts):
        return events.JobFailed(job.key, '任务监听和自选子流程的作业，结果应为 {"variables": {…}, "result": {…}}')
    try:
        return answers.answer(job, *parts)
    except ValueError as error:
        return events.JobFailed(job.key, f"作业的结果不符：{error}")


def _failed(command: _Work, problem: str) -> events.Event:
    failed = events.StoreFailed if isinstance(command, stores.Access) else events.JobFailed
    return failed(command.key, problem)


def _failure(command: _Work, error: ActivityError) -> events.Event:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == "BpmnError":
        code, variables, *_ = [*cause.details, None, None]
        fault = fault_of(variables)
        if code is not None and isinstance(variables, dict | None) and not fault:
            return events.JobThrewError(command.key, str(code), cause.message, variables or {})
        problem = fault or "应为 [代码, 变量]"
        return events.JobFailed(command.key, f"BpmnError 的内容{problem}：{cause.message}")
    return _failed(command, reason(error))


def reason(error: ActivityError) -> str:
    """What went wrong, as the innermost cause says it; a refusal is worded for people itself."""
    cause: BaseException = error
    while cause.__cause__ is not None and not (isinstance(cause, ApplicationError) and cause.non_retryable):
        cause = cause.__cause__
    return (cause.message if isinstance(cause, ApplicationError) else str(cause)) or type(cause).__name__
