"""Carries out what a case's engine asks for, with Temporal's means: activities, timers, child workflows, signals.

What must be known to have happened before the run may end or be continued as new (activities, child starts, signals
to others) is *confirmed* work; timers are not, the next run sets them again from the instance's state. Once
continue-as-new is due, new confirmed work is not begun any more but held for the next run, else a busy case would
never come to it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from bpmn import codec, commands, events
from bpmn.commands import Command
from domain.jobs import Job
from domain.records import CaseFields
from domain.start import Caller, CallReport, CaseStart, ChildState, Publication, StartContext
from workflows import showing
from workflows.case import Case
from workflows.recording import Recorder

_INFRASTRUCTURE = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1), maximum_attempts=10
)
_HELD = (
    commands.RunJob,
    commands.PublishMessage,
    commands.BroadcastSignal,
    commands.StartCall,
    commands.CancelCall,
    commands.AnswerCall,
    commands.RaiseEscalation,
)


class World:
    """What surrounds one case in one run of its workflow."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.recorder = Recorder(case, self.now, self.apply, lambda: self.draining, self._is_working)
        self.ended = False
        self.failure: BaseException | None = None
        self._begun = False
        self._backlog: list[Command] = []
        self._held: list[Command] = []
        self._jobs: deque[commands.RunJob] = deque()
        self._running: dict[int, asyncio.Task[None]] = {}
        self._unwanted: dict[int, None] = {}
        self._timers: dict[int, asyncio.Task[None]] = {}
        self._confirming: dict[int, asyncio.Task[None]] = {}
        self._watched: dict[str, None] = {}
        self._starting: dict[str, None] = {}
        self._counter = 0
        self._slicing = False
        # Already here, so that an act that comes with a run's first task finds the case as it stands.
        self._backlog = case.begin(self.now())

    # -- the run ---------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The case's instant: Temporal's time, moved by the offset of a simulation."""
        return workflow.now().astimezone(self.case.options.zone) + timedelta(seconds=self.case.start.clock_offset)

    def begin(self) -> None:
        """Take the case up: set its timers again, issue what the last run held and what has come since."""
        self._begun = True
        carried = self.case.start.carried
        backlog, self._backlog = self._backlog, []
        if carried:
            for wait in self.case.instance.waits:
                if wait.kind == "timer":
                    node = self.case.instance.graph.nodes[wait.element]
                    due = datetime.fromisoformat(wait.due)
                    self._set_timer(commands.SetTimer(wait.key, node.id, node.name, due))
            if self.case.children:
                self._spawn(self._check_children())
        self._background(self.recorder.run())
        self._background(self._show())
        self._issue_held_over()
        self.issue(backlog)
        if self.case.instance.pending:
            self._slice()
        if carried and self.case.finished:
            self._background(self._end(self.case.finished))

    def _issue_held_over(self) -> None:
        """Carry out what the last run left to this one, whatever has come meanwhile: it must not be held for ever."""
        carried = self.case.start.carried
        applied, self.case.applied = self.case.applied, 0
        self.issue([_decoded(held) for held in carried.held] if carried else [])
        self.case.applied = applied

    def apply(self, event: events.Event) -> None:
        """Tell the engine of an event and carry out what follows."""
        self.issue(self.case.handle(event, self.now()))

    def issue(self, todo: list[Command]) -> None:
        """Carry out commands, or keep them for when the run has begun, or for the next run."""
        if not self._begun:
            self._backlog += todo
            return
        for command in todo:
            if isinstance(command, _HELD) and self.draining:
                self._held.append(command)
            elif handler := _HANDLERS.get(type(command)):
                handler(self, command)
        if self.case.instance.pending:
            self._slice()

    @property
    def draining(self) -> bool:
        """Whether the run is to be continued as new. A run that has done nothing yet is not: it would never begin."""
        return workflow.info().is_continue_as_new_suggested() and self.case.applied > 0

    def _is_working(self) -> bool:
        """Whether jobs are at work, whose ends will bring more to record."""
        return bool(self._running or self._slicing)

    @property
    def may_continue(self) -> bool:
        """Whether the run can be continued as new now, with nothing unconfirmed."""
        busy = self._confirming or self._running or self.recorder.recording or self._slicing
        return self.draining and not busy and not self.ended and workflow.all_handlers_finished()

    def next_start(self) -> CaseStart:
        """The input of the next run."""
        held = [{"command": type(command).__name__, **codec.encode(command)} for command in self._all_held()]
        return replace(self.case.start, carried=self.case.carry(held))

    def _all_held(self) -> list[Command]:
        return [*self._jobs, *self._held]

    def _background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside the case; what it raises fails the workflow task, never in silence."""

        async def guarded() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except BaseException as error:
                self.failure = error

        return asyncio.create_task(guarded())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run confirmed work."""
        self._counter += 1
        number = self._counter

        async def confirmed() -> None:
            try:
                await work
            finally:
                del self._confirming[number]

        self._confirming[number] = self._background(confirmed())

    def _slice(self) -> None:
        """Go on in the next workflow task: one that computes for two seconds counts as a deadlock."""
        if self._slicing:
            return
        self._slicing = True

        async def later() -> None:
            await workflow.sleep(0.001, summary="分段处理")
            self._slicing = False
            self.issue(self.case.proceed(self.now()))

        self._background(later())

    # -- jobs ------------------------------------------------------------------------------------------------------

    def _run_job(self, command: commands.RunJob) -> None:
        self._jobs.append(command)
        self._start_jobs()

    def _start_jobs(self) -> None:
        limit = self.case.start.settings.jobs_in_flight
        while self._jobs and len(self._running) < limit and not self._unwanted and not self.draining:
            job = self._jobs.popleft()
            self._running[job.key] = self._background(self._job(job))

    async def _job(self, command: commands.RunJob) -> None:
        try:
            event = await self._work(command)
        finally:
            del self._running[command.key]
        if command.key in self._unwanted:
            del self._unwanted[command.key]
            outcome = type(event).__name__
            self.case.note("too late", self.now(), element=command.element, job=command.type, outcome=outcome)
        else:
            self.apply(event)
        self._start_jobs()

    async def _work(self, command: commands.RunJob) -> events.Event:
        retry = RetryPolicy(
            initial_interval=timedelta(seconds=1),
            backoff_coefficient=4,
            maximum_interval=timedelta(minutes=5),
            maximum_attempts=max(command.retries, 1),
        )
        try:
            result = await workflow.execute_activity(
                command.type,
                self._job_of(command),
                result_type=dict[str, Any],
                start_to_close_timeout=timedelta(seconds=self.case.start.settings.job_timeout),
                retry_policy=retry,
                summary=command.name or command.element,
            )
        except ActivityError as error:
            return _job_event(command.key, error)
        return events.JobCompleted(command.key, result)

    def _job_of(self, command: commands.RunJob) -> Job:
        return Job(
            type=command.type,
            case_no=self.case.start.case.case_no,
            workflow_id=workflow.info().workflow_id,
            key=str(command.key),
            element=command.element,
            name=command.name,
            now=self.now().isoformat(),
            headers=command.headers,
            variables=command.variables,
        )

    def _cancel_job(self, command: commands.CancelJob) -> None:
        """Work that has begun may have its effect already, so what follows waits for its end: an undoing must not
        come before what it undoes."""
        self._jobs = deque(job for job in self._jobs if job.key != command.key)
        self._held = [c for c in self._held if not (isinstance(c, commands.RunJob) and c.key == command.key)]
        if command.key in self._running:
            self._unwanted[command.key] = None

    # -- timers ----------------------------------------------------------------------------------------------------

    def _set_timer(self, command: commands.SetTimer) -> None:
        if running := self._timers.pop(command.key, None):
            running.cancel()
        self._timers[command.key] = self._background(self._timer(command))

    async def _timer(self, command: commands.SetTimer) -> None:
        seconds = max((command.due - self.now()).total_seconds(), 0.0)
        summary = f"{command.name or command.element} {command.due:%Y-%m-%d %H:%M}"
        await workflow.sleep(seconds, summary=summary)
        del self._timers[command.key]
        self.apply(events.TimerFired(command.key))

    def _cancel_timer(self, command: commands.CancelTimer) -> None:
        if task := self._timers.pop(command.key, None):
            task.cancel()

    # -- messages and signals --------------------------------------------------------------------------------------

    def _publish(self, command: commands.PublishMessage) -> None:
        if self.case.instance.waits_for(command.message, command.correlation_key):
            self.apply(events.MessageArrived(command.message, command.correlation_key, command.variables))
            self.apply(events.JobCompleted(command.key))
        else:
            self._spawn(self._deliver(command))

    async def _deliver(self, command: commands.PublishMessage) -> None:
        start = self.case.start
        publication = Publication(
            message_id=f"{workflow.info().workflow_id}:{command.key}",
            name=command.message,
            correlation_key=command.correlation_key,
            variables=command.variables,
            time_to_live=start.settings.message_time_to_live,
            now=self.now().isoformat(),
            source=workflow.info().workflow_id,
            start=StartContext(start.calendar, start.simulation, start.clock_offset),
        )
        try:
            await workflow.execute_activity(
                "publish-message",
                publication,
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=_INFRASTRUCTURE,
                summary=f"{command.name or command.element}：{command.message}",
            )
        except ActivityError as error:
            self.apply(events.JobFailed(command.key, _reason(error)))
        else:
            self.apply(events.JobCompleted(command.key))

    def _broadcast(self, command: commands.BroadcastSignal, source: str = "") -> None:
        caller = self.case.start.caller
        others = [*([caller.workflow_id] if caller else []), *self.case.children.values()]
        for other in others:
            if other != source:
                own = workflow.info().workflow_id
                self._spawn(self._tell_quietly(other, "bpmn_signal", command.signal, command.variables, own))

    def pass_signal_on(self, name: str, variables: dict[str, Any], source: str) -> None:
        """Hand a signal to the rest of the case's tree."""
        self._broadcast(commands.BroadcastSignal(name, variables), source)

    async def _tell(self, workflow_id: str, signal: str, *arguments: Any) -> bool:
        """Signal another workflow; one that is gone is a line in the journal."""
        try:
            await workflow.get_external_workflow_handle(workflow_id).signal(signal, args=arguments)
        except ApplicationError as error:
            self.case.note("undelivered", self.now(), to=workflow_id, signal=signal, reason=error.message)
            return False
        return True

    # -- called processes ------------------------------------------------------------------------------------------

    def _start_call(self, command: commands.StartCall) -> None:
        if command.process not in self.case.definition.processes:
            self.apply(events.CallLost(command.key, f"流程 {command.process} 不在本案所用的版本中"))
            return
        child = f"{workflow.info().workflow_id}/{command.process}-{command.key}"
        self.case.children[str(command.key)] = child
        self._starting[child] = None
        self._spawn(self._call(command, child))

    async def _call(self, command: commands.StartCall, child: str) -> None:
        try:
            handle = await workflow.start_child_workflow(
                command.process,
                self._child_start(command),
                id=child,
                parent_close_policy=ParentClosePolicy.ABANDON,
                static_summary=showing.summary(self._child_fields(command.process)),
                search_attributes=showing.first_attributes(self._child_fields(command.process)),
            )
        except WorkflowAlreadyStartedError:
            self.case.note("adopted", self.now(), command.key, child=child)
        else:
            self._watched[child] = None
            self._background(self._watch(command.key, child, handle))
        finally:
            del self._starting[child]

    def _child_fields(self, process: str) -> CaseFields:
        own = self.case.start.case
        name = self.case.definition.processes[process].name
        return replace(own, process=process, title=name, parent_workflow_id=workflow.info().workflow_id)

    def _child_start(self, command: commands.StartCall) -> CaseStart:
        caller = Caller(
            workflow.info().workflow_id,
            command.key,
            list(command.caught_errors),
            list(command.interrupting_escalations),
        )
        return replace(
            self.case.start,
            case=self._child_fields(command.process),
            variables=command.variables,
            start_message="",
            caller=caller,
            carried=None,
        )

    async def _watch(self, key: int, child: str, handle: workflow.ChildWorkflowHandle[Any, Any]) -> None:
        """A child that closed without a report would be waited for for ever."""
        status = "Completed"
        try:
            await handle
        except ChildWorkflowError as error:
            status = type(error.cause or error).__name__
        self._closed_unreported(key, child, status)

    def _closed_unreported(self, key: int, child: str, status: str) -> None:
        if self.case.children.get(str(key)) == child:
            del self.case.children[str(key)]
            self.apply(events.CallLost(key, f"子流程 {child} 未报告结果即已关闭（{status}）"))

    async def _check_children(self) -> None:
        """Ask Temporal after the children whose handles an earlier run held."""
        for key, child in list(self.case.children.items()):
            if child not in self._watched:
                state = await workflow.execute_activity(
                    "describe-case",
                    child,
                    result_type=ChildState,
                    start_to_close_timeout=timedelta(seconds=30),
                    retry_policy=_INFRASTRUCTURE,
                    summary=f"核对子流程 {child}",
                )
                if state.closed:
                    self._closed_unreported(int(key), child, state.status)
        if any(child not in self._watched for child in self.case.children.values()):
            self._background(self._check_later())

    async def _check_later(self) -> None:
        await workflow.sleep(self.case.start.settings.child_check_interval, summary="核对子流程")
        if not self.draining and self.case.children:
            self._spawn(self._check_children())

    def reported(self, report: CallReport) -> None:
        """What a called case tells: it is told to the engine once, and only by the child that is waited for."""
        key = str(report.call_key)
        if self.case.children.get(key) != report.workflow_id:
            self.case.note("unexpected report", self.now(), report.call_key, child=report.workflow_id)
            return
        if report.outcome == "escalated":
            if report.waits:
                self.case.asked.setdefault(key, []).append(report.throw_key)
            self.apply(events.CallEscalated(report.call_key, report.code, report.variables, report.waits))
            return
        del self.case.children[key]
        self.case.asked.pop(key, None)
        self.apply(_call_event(report))

    def _cancel_call(self, command: commands.CancelCall) -> None:
        child = self.case.children.pop(str(command.key), None)
        if child:
            self._spawn(self._cancel_child(child, command.message))

    async def _cancel_child(self, child: str, message: str) -> None:
        await workflow.wait_condition(lambda: child not in self._starting)
        await self._tell(child, "cancel_call", message)

    def _answer_call(self, command: commands.AnswerCall) -> None:
        asked = self.case.asked.get(str(command.key), [])
        child = self.case.children.get(str(command.key))
        if child and asked:
            self._spawn(self._tell_quietly(child, "answer_escalation", asked.pop(0)))

    def _escalate(self, command: commands.RaiseEscalation) -> None:
        self._spawn(self._report("escalated", command.variables, command.code, "", command.key, command.waits))

    async def _tell_quietly(self, workflow_id: str, signal: str, *arguments: Any) -> None:
        await self._tell(workflow_id, signal, *arguments)

    async def _report(
        self, outcome: str, variables: dict[str, Any], code: str, message: str, throw_key: int = 0, waits: bool = False
    ) -> None:
        caller = self.case.start.caller
        if caller:
            own = workflow.info().workflow_id
            report = CallReport(caller.call_key, own, outcome, variables, code, message, throw_key, waits)
            await self._tell(caller.workflow_id, "child_report", report)

    # -- the end ---------------------------------------------------------------------------------------------------

    def _finish(self, command: commands.Finished) -> None:
        self._background(self._end(command))

    async def _end(self, command: commands.Finished) -> None:
        """Report to the caller, record the journal to its end, and only then close."""
        await workflow.wait_condition(lambda: not self._confirming and not self._running)
        if not self.case.reported:
            self._spawn(self._report(command.outcome, command.variables, command.code, command.message))
            self.case.reported = True
        await workflow.wait_condition(lambda: not self._confirming and not self.case.outbox)
        self.ended = True

    # -- what is seen ----------------------------------------------------------------------------------------------

    async def _show(self) -> None:
        while True:
            await workflow.wait_condition(lambda: self.case.changed)
            self.case.changed = False
            workflow.set_current_details(showing.details(self.case))
            wanted = showing.attributes(self.case)
            if wanted != self.case.shown:
                updates = showing.updates(wanted, self.case.shown)
                self.case.shown = wanted
                workflow.upsert_search_attributes(updates)


def _decoded(held: Mapping[str, Any]) -> Command:
    data = dict(held)
    kind = _BY_NAME[data.pop("command")]
    command: Command = codec.decode(kind, data)
    return command


def _job_event(key: int, error: ActivityError) -> events.Event:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == "BpmnError":
        code, *rest = cause.details
        variables = rest[0] if rest else {}
        return events.JobThrewError(key, str(code), cause.message, dict(variables))
    return events.JobFailed(key, _reason(error))


def _reason(error: ActivityError) -> str:
    """What went wrong, as the innermost cause says it."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    return cause.message if isinstance(cause, ApplicationError) else str(cause)


def _call_event(report: CallReport) -> events.Event:
    if report.outcome == "completed":
        return events.CallCompleted(report.call_key, report.variables)
    if report.outcome == "failed":
        return events.CallThrewError(report.call_key, report.code, report.message, report.variables)
    return events.CallLost(report.call_key, f"子流程 {report.workflow_id} 已被取消")


_BY_NAME: dict[str, type[Any]] = {kind.__name__: kind for kind in _HELD}
_HANDLERS: dict[type[Any], Callable[[World, Any], None]] = {
    commands.RunJob: World._run_job,
    commands.CancelJob: World._cancel_job,
    commands.SetTimer: World._set_timer,
    commands.CancelTimer: World._cancel_timer,
    commands.PublishMessage: World._publish,
    commands.BroadcastSignal: World._broadcast,
    commands.StartCall: World._start_call,
    commands.CancelCall: World._cancel_call,
    commands.AnswerCall: World._answer_call,
    commands.RaiseEscalation: World._escalate,
    commands.Finished: World._finish,
}
