"""The workflow of every BPMN process: its type is the process id, so Temporal lists cases by process.

People act by updates, systems by signals; each act exists as both. All state is rebuilt in `__init__`: updates and
signals of a run's first task are handled before `run` begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from bpmn import events
from domain.acts import (
    ActRefused,
    ActResult,
    ClaimTask,
    CompleteTask,
    ReleaseTask,
    ResolveIncident,
    SendMessage,
    act_from_json,
)
from domain.start import SEMANTICS, CallReport, CaseStart
from workflows.case import Act, Case
from workflows.world import World


@workflow.defn(dynamic=True)
class BpmnProcess:
    """One instance of one process."""

    @workflow.init
    def __init__(self, args: Sequence[RawValue]) -> None:
        start = workflow.payload_converter().from_payload(args[0].payload, CaseStart)
        info = workflow.info()
        epoch = info.run_id if info.run_id != info.original_execution_run_id else ""
        self.case = Case(start, epoch)
        self.world = World(self.case)

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> dict[str, Any]:
        self._check_start()
        world = self.world
        world.begin()
        await workflow.wait_condition(lambda: world.failure is not None or world.ended or world.may_continue)
        if world.failure:
            raise world.failure
        if not world.ended:
            workflow.continue_as_new(args=[world.next_start()])
        await workflow.wait_condition(workflow.all_handlers_finished)
        return {"outcome": self.case.instance.outcome}

    def _check_start(self) -> None:
        start = self.case.start
        if start.semantics > SEMANTICS:
            text = f"本案要求引擎语义 {start.semantics}，工作进程只到 {SEMANTICS}；请升级工作进程"
            raise RuntimeError(text)
        if start.clock_offset and not start.simulation:
            raise ApplicationError("仿真之外不得偏移时钟", type="ClockOffset", non_retryable=True)

    # -- acts: an update with a validator, and a signal of the same name -------------------------------------------

    def _act(self, cls: type[Any], data: Any) -> ActResult:
        result, todo = self.case.do(act_from_json(cls, data), "update", self.world.now())
        self.world.issue(todo)
        return result

    def _check(self, cls: type[Any], data: Any) -> None:
        try:
            self.case.check(act_from_json(cls, data), self.world.now())
        except ActRefused as refused:
            raise ApplicationError(str(refused), type="ActRefused", non_retryable=True) from None

    def _signal(self, cls: type[Any], name: str, data: Any) -> None:
        now = self.world.now()
        try:
            act: Act = act_from_json(cls, data)
            self.case.check(act, now)
        except ActRefused as refused:
            self.case.refuse(name, data, str(refused), now)
            return
        _, todo = self.case.do(act, "signal", now)
        self.world.issue(todo)

    @workflow.update(name="complete")
    def complete(self, act: Any) -> ActResult:
        return self._act(CompleteTask, act)

    @complete.validator
    def check_complete(self, act: Any) -> None:
        self._check(CompleteTask, act)

    @workflow.signal(name="complete")
    def complete_by_signal(self, act: Any = None) -> None:
        self._signal(CompleteTask, "complete", act)

    @workflow.update(name="claim")
    def claim(self, act: Any) -> ActResult:
        return self._act(ClaimTask, act)

    @claim.validator
    def check_claim(self, act: Any) -> None:
        self._check(ClaimTask, act)

    @workflow.signal(name="claim")
    def claim_by_signal(self, act: Any = None) -> None:
        self._signal(ClaimTask, "claim", act)

    @workflow.update(name="release")
    def release(self, act: Any) -> ActResult:
        return self._act(ReleaseTask, act)

    @release.validator
    def check_release(self, act: Any) -> None:
        self._check(ReleaseTask, act)

    @workflow.signal(name="release")
    def release_by_signal(self, act: Any = None) -> None:
        self._signal(ReleaseTask, "release", act)

    @workflow.update(name="resolve_incident")
    def resolve_incident(self, act: Any) -> ActResult:
        return self._act(ResolveIncident, act)

    @resolve_incident.validator
    def check_resolve_incident(self, act: Any) -> None:
        self._check(ResolveIncident, act)

    @workflow.signal(name="resolve_incident")
    def resolve_incident_by_signal(self, act: Any = None) -> None:
        self._signal(ResolveIncident, "resolve_incident", act)

    @workflow.update(name="message")
    def message(self, act: Any) -> ActResult:
        return self._act(SendMessage, act)

    @message.validator
    def check_message(self, act: Any) -> None:
        self._check(SendMessage, act)

    @workflow.signal(name="message")
    def message_by_signal(self, act: Any = None) -> None:
        self._signal(SendMessage, "message", act)

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self.case.refuse(name, None, f"没有名为 {name} 的操作", self.world.now())

    # -- between the workflows of one case -------------------------------------------------------------------------

    @workflow.signal
    def child_report(self, report: CallReport) -> None:
        self.world.reported(report)

    @workflow.signal
    def cancel_call(self, message: str = "") -> None:
        """The call activity has ended: by the message that withdraws, where it is waited for, else at once."""
        for wait in self.case.instance.waits:
            if message and wait.kind == "message" and wait.name == message:
                self.world.apply(events.MessageArrived(message, wait.correlation_key))
                return
        self.world.apply(events.Cancelled("上级流程已结束本环节"))

    @workflow.signal
    def answer_escalation(self, throw_key: int) -> None:
        self.world.apply(events.EscalationAnswered(throw_key))

    @workflow.signal
    def bpmn_signal(self, name: str, variables: dict[str, Any], source: str) -> None:
        self.world.apply(events.SignalArrived(name, variables))
        self.world.pass_signal_on(name, variables, source)

    # -- looking ---------------------------------------------------------------------------------------------------

    @workflow.query
    def view(self) -> dict[str, Any]:
        """Where the case stands."""
        return self.case.view()
