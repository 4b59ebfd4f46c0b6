"""Called processes: child workflows that outlive each run of their parent and report to it by signal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ChildWorkflowError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from bpmn import commands, events
from bpmn.variables import json_size
from domain.acts import NewAuthority, NewCalendar
from domain.records import CaseFields
from domain.start import CallCancel, Caller, CallReport, CaseStart, ChildState, EscalationAnswer
from workflows import limits, showing
from workflows.lanes import Lane

if TYPE_CHECKING:
    from workflows.world import World

_PACKED = 4
"""A compiled definition, which every child carries, is compressed to less than this part of its text."""


class Calls:
    """The children of one case. A child that closed without a report would be waited for for ever: where this run
    started it, its handle tells; others are asked after when the run begins, and at a slow interval.

    `_starting` are those that are about to begin, and whether Temporal has been asked for them yet."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._starting: dict[str, bool] = {}
        self._watched: dict[str, None] = {}
        self.lane: Lane[commands.StartCall] = Lane(self._start)

    # -- starting --------------------------------------------------------------------------------------------------

    def _start(self, command: commands.StartCall) -> bool:
        world, start = self._world, self._world.case.start
        if world.draining or len(world.case.children) >= start.settings.calls_open:
            return False
        size = json_size(command.variables)
        if problem := self._problem(command, size):
            world.apply(events.CallLost(command.key, problem))
            return True
        if not world.room_for(size + len(start.definition) // _PACKED):
            return False
        child = f"{workflow.info().workflow_id}/{command.process}-{command.key}"
        world.case.children[str(command.key)] = child
        self._starting[child] = False
        world.confirm(self._call(command, child))
        return True

    def _problem(self, command: commands.StartCall, size: int) -> str:
        """Why the called process cannot be started; empty where it can."""
        if command.process not in self._world.case.definition.processes:
            return f"流程 {command.process} 不在本案所用的版本中"
        limit = self._world.case.start.settings.payload_bytes
        if size > limit:
            return f"传给子流程的变量合计 {size} 字节，超过上限 {limit} 字节；请用输入映射只传所需的变量"
        return ""

    async def _call(self, command: commands.StartCall, child: str) -> None:
        if str(command.key) not in self._world.case.children:  # taken back in the workflow task that asked for it
            del self._starting[child]
            return
        case = self._fields(command.process)
        self._starting[child] = True
        self._world.voice.spoke()
        try:
            handle = await workflow.start_child_workflow(
                command.process,
                self._child_start(command, case),
                id=child,
                parent_close_policy=ParentClosePolicy.ABANDON,
                static_summary=showing.summary(case),
                search_attributes=showing.first_attributes(case),
            )
        except WorkflowAlreadyStartedError:
            self._world.case.note("adopted", self._world.now(), command.key, child=child)
        else:
            self._watched[child] = None
            self._world.background(self._watch, command.key, child, handle)
        finally:
            del self._starting[child]
            self._world.advance()

    def _fields(self, process: str) -> CaseFields:
        case = self._world.case
        name = case.definition.processes[process].name
        return replace(case.start.case, process=process, title=name, parent_workflow_id=workflow.info().workflow_id)

    def _child_start(self, command: commands.StartCall, case: CaseFields) -> CaseStart:
        again = str(command.key) in self._world.case.lost
        caller = Caller(
            workflow.info().workflow_id,
            command.key,
            list(command.caught_errors),
            list(command.interrupting_escalations),
            again,
        )
        own = workflow.info().workflow_id
        child = self._world.case.children[str(command.key)]
        passed = self._world.case.pass_on(command.element, self._world.now(), own, child)
        start = replace(self._world.case.start, start_message="", caller=caller, passed=passed, carried=None)
        start = replace(start, received_at="", late_reason="")  # the application was received, not what it leads to
        return replace(start, case=case, variables=command.variables, manager=self._world.case.manager)

    # -- closing without a report ----------------------------------------------------------------------------------

    async def _watch(self, key: int, child: str, handle: workflow.ChildWorkflowHandle[Any, Any]) -> None:
        status = "COMPLETED"
        try:
            await handle
        except ChildWorkflowError as error:
            status = type(error.cause or error).__name__
        self._watched.pop(child, None)
        self._closed(key, child, status)

    async def look_after(self) -> None:
        """Ask Temporal, as long as the run lasts, after the children whose handles an earlier run held."""
        while True:
            await workflow.wait_condition(lambda: bool(self._unwatched()))
            await self._ask()
            self._world.voice.spoke()
            await workflow.sleep(self._world.case.start.settings.child_check_interval, summary="核对子流程")

    def _unwatched(self) -> dict[str, str]:
        known = {**self._watched, **self._starting}
        return {key: child for key, child in self._world.case.children.items() if child not in known}

    async def _ask(self) -> None:
        asked = self._unwatched()
        if not asked or self._world.draining:
            return
        try:
            states = await self._world.confirmed(
                workflow.execute_activity(
                    "describe-cases",
                    list(asked.values()),
                    result_type=list[ChildState],
                    start_to_close_timeout=timedelta(seconds=30),
                    retry_policy=RetryPolicy(maximum_attempts=5),
                    summary=f"核对 {len(asked)} 个子流程",
                )
            )
        except ActivityError:
            return  # Temporal itself did not answer: asked again at the next interval
        for (key, child), state in zip(asked.items(), states, strict=True):
            if state.closed and self._unwatched().get(key) == child:
                self._closed(int(key), child, state.status)

    def _closed(self, key: int, child: str, status: str) -> None:
        if self._world.case.children.get(str(key)) == child:
            self._forget(str(key))
            self._lose(key, child, f"子流程 {child} 未报告结果即已关闭（{status}）")

    def _lose(self, key: int, child: str, problem: str) -> None:
        """The call has no result. Started again, its child has the workflow id of the one before, but not its past."""
        self._world.case.lost[str(key)] = None
        self._world.case.take_back(child, self._world.now())
        self._world.apply(events.CallLost(key, problem))

    def _forget(self, key: str, *, taken_back: bool = False) -> str | None:
        """The child of a call is not waited for any more, `taken_back` where the call is; answers its workflow id."""
        self._world.case.asked.pop(key, None)
        child = self._world.case.children.pop(key, None)
        if child:
            limits.forget(self._world.case, key, child, self._world.now(), taken_back=taken_back)
        self._world.advance()
        return child

    # -- reports from below ----------------------------------------------------------------------------------------

    def take(self, report: CallReport) -> None:
        """What a called case tells: it is told to the engine once, and only by the child that is waited for."""
        case, key = self._world.case, str(report.call_key)
        if case.children.get(key) != report.workflow_id:
            case.note("unexpected report", self._world.now(), report.call_key, child=report.workflow_id)
        elif report.outcome == "escalated":
            if report.waits:
                case.asked.setdefault(key, []).append(report.throw_key)
            escalated = events.CallEscalated(report.call_key, report.code, report.variables, report.waits)
            self._world.apply(escalated)
        else:
            self._forget(key)
            if end := _end(report):
                self._world.apply(end)
            else:
                self._lose(
                    report.call_key, report.workflow_id, report.message or f"子流程 {report.workflow_id} 已被取消"
                )

    def answer(self, command: commands.AnswerCall) -> None:
        """The oldest escalation that the child waits with did not interrupt it."""
        case, key = self._world.case, str(command.key)
        child, asked = case.children.get(key), case.asked.get(key)
        if child and asked:
            answer = EscalationAnswer(asked.pop(0))
            self._world.confirm(self._world.tell(child, "answer_escalation", answer))

    def cancel(self, command: commands.CancelCall) -> None:
        """The call activity has ended: the child ends too, by the message `message` where it waits for it."""
        key = command.key
        if self.lane.drop(key) or self._world.drop_held(key):
            return
        child = self._forget(str(key), taken_back=True)
        if child and self._starting.get(child, True):
            self._world.confirm(self.tell(child, "cancel_call", CallCancel(command.message)))

    async def tell(self, child: str, signal: str, content: Any) -> None:
        """Signal a child, as soon as it has been started."""
        await workflow.wait_condition(lambda: child not in self._starting)
        await self._world.tell(child, signal, content)

    async def hand_tables_on(self) -> None:
        """Send new tables to each called case, for the whole run; one that has them already changes nothing."""
        world, case = self._world, self._world.case
        while True:
            await workflow.wait_condition(lambda: bool(case.uncalendared or case.unempowered) and not world.draining)
            child = next(iter(case.uncalendared or case.unempowered))
            name, act = self._next_table(child)
            if child in case.children.values():
                await world.confirmed(self.tell(child, name, act))

    def _next_table(self, child: str) -> tuple[str, NewCalendar | NewAuthority]:
        case = self._world.case
        if child in case.uncalendared:
            return "new_calendar", NewCalendar(case.start.calendar, case.uncalendared.pop(child))
        table, by = json.loads(case.start.authority), case.unempowered.pop(child)
        return "new_authority", NewAuthority(table, by, case.start.authority_version)

    # -- reports to above ------------------------------------------------------------------------------------------

    def escalate(self, command: commands.RaiseEscalation) -> None:
        """Tell the caller of an escalation that nobody here catches."""
        self._world.confirm(self._escalate(command))

    async def _escalate(self, command: commands.RaiseEscalation) -> None:
        delivered = await self._report("escalated", command.variables, command.code, throw=command)
        if command.waits and not delivered:
            self._world.apply(events.EscalationAnswered(command.key))

    async def report_end(self, finished: commands.Finished) -> None:
        """Tell the caller how the case ended."""
        size, limit = json_size(finished.variables), self._world.case.start.settings.payload_bytes
        if size > limit:
            problem = f"子流程的结果合计 {size} 字节，超过上限 {limit} 字节；请用输出映射只传所需的变量"
            await self._report("oversized", {}, message=problem)
        else:
            await self._report(finished.outcome, finished.variables, finished.code, finished.message)

    async def _report(
        self,
        outcome: str,
        variables: dict[str, Any],
        code: str = "",
        message: str = "",
        throw: commands.RaiseEscalation | None = None,
    ) -> bool:
        caller = self._world.case.start.caller
        if caller is None:
            return False
        throw_key, waits = (throw.key, throw.waits) if throw else (0, False)
        own = workflow.info().workflow_id
        report = CallReport(caller.call_key, own, outcome, variables, code, message, throw_key, waits)
        return await self._world.tell(caller.workflow_id, "child_report", report)


def _end(report: CallReport) -> events.Event | None:
    """How the called case ended; None where it has no result."""
    if report.outcome == "completed":
        return events.CallCompleted(report.call_key, report.variables)
    if report.outcome == "failed":
        return events.CallThrewError(report.call_key, report.code, report.message, report.variables)
    return None
