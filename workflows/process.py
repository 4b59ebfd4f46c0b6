"""The workflow of every BPMN process: its type is the process id, so Temporal lists cases by process.

All state is rebuilt in `__init__`: updates and signals of a run's first task are handled before `run` begins. The acts
are handled in `workflows.act_handlers`; here is what the workflows of one case tell each other, and what can be asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar, get_origin, get_type_hints

from temporalio import workflow
from temporalio.common import RawValue

from bpmn import codec, events
from domain.act_json import act_from_json
from domain.acts import Handled, MigrateCase, ModifyCase
from domain.ad_hoc import OpenAdHoc
from domain.incidents import IncidentNow
from domain.life import MigrationPreview, ModificationPreview
from domain.start import CallCancel, CallReport, ClockReport, EscalationAnswer, SignalPassed
from workflows import acts, ad_hoc_acts, forms, incident_acts, life_acts, limits
from workflows.act_handlers import ActHandlers
from workflows.case import Case
from workflows.starting import start_of
from workflows.world import World

T = TypeVar("T")


@workflow.defn(dynamic=True)
class BpmnProcess(ActHandlers):
    """One instance of one process."""

    @workflow.init
    def __init__(self, args: Sequence[RawValue]) -> None:
        info = workflow.info()
        start = start_of(args)
        again = start.caller is not None and start.caller.again and start.carried is None
        epoch = info.run_id if again or info.run_id != info.original_execution_run_id else ""
        self.case = Case(start, epoch)
        self.world = World(self.case)

    @workflow.run
    async def run(self, args: Sequence[RawValue]) -> dict[str, Any]:
        world, cancelled = self.world, None
        world.begin()
        while not world.ended:
            try:
                await workflow.wait_condition(lambda: world.at_end)
            except asyncio.CancelledError as error:
                cancelled = error
                world.cancel()
            if world.failure:
                raise world.failure
            if not world.ended and world.at_end and (following := world.next_start()):
                world.continued = True
                workflow.continue_as_new(args=[following])
        await workflow.wait_condition(workflow.all_handlers_finished)
        if cancelled:
            raise cancelled
        return {"outcome": self.case.instance.outcome}

    # -- between the workflows of one case -------------------------------------------------------------------------

    @workflow.signal
    def child_report(self, *sent: Any) -> None:
        if report := self._taken(CallReport, "child_report", sent):
            self.world.calls.take(report)

    @workflow.signal
    def child_clocks(self, *sent: Any) -> None:
        if report := self._taken(ClockReport, "child_clocks", sent):
            try:
                limits.take(self.case, report, self.world.now())
            except ValueError:
                acts.refuse(self.case, "child_clocks", None, "内容不符", self.world.now())

    @workflow.signal
    def cancel_call(self, *sent: Any) -> None:
        if cancel := self._taken(CallCancel, "cancel_call", sent):
            self.world.apply(self._ending(cancel.message))

    @workflow.signal
    def answer_escalation(self, *sent: Any) -> None:
        if answer := self._taken(EscalationAnswer, "answer_escalation", sent):
            self.world.apply(events.EscalationAnswered(answer.throw_key))

    @workflow.signal
    def bpmn_signal(self, *sent: Any) -> None:
        if passed := self._taken(SignalPassed, "bpmn_signal", sent):
            self.world.signals.take(passed)

    def _ending(self, message: str) -> events.Event:
        """How the case ends with its call activity: by the message that withdraws, where it waits for it."""
        for wait in self.case.instance.waits:
            if message and wait.kind == "message" and wait.name == message:
                return events.MessageArrived(message, wait.correlation_key)
        return events.Cancelled("上级流程已结束本环节")

    def _taken(self, cls: type[T], name: str, sent: Sequence[Any]) -> T | None:
        """What a signal of ours holds; None where somebody else sent something else, which is journalled."""
        try:
            (content,) = sent
            taken = codec.decode(cls, content)
            for field, hint in get_type_hints(cls).items():
                if not isinstance(getattr(taken, field), get_origin(hint) or hint):
                    raise TypeError(field)
        except (AttributeError, TypeError, ValueError):
            acts.refuse(self.case, name, None, "内容不符", self.world.now())
            return None
        return taken

    # -- looking ---------------------------------------------------------------------------------------------------

    @workflow.query(description="案件所处的状态")
    def view(self) -> dict[str, Any]:
        """Where the case stands."""
        return self.case.view()

    @workflow.query(description="任务的表单所显示的变量")
    def form(self, task: str = "") -> dict[str, Any] | None:
        """The variables that the form of an open task shows; null for a task that is not open."""
        return forms.shown(self.case, task)

    @workflow.query(description="自选子流程中可以启动的环节")
    def activatable(self) -> list[OpenAdHoc]:
        """The open ad-hoc sub-processes, with what may be activated in each."""
        return ad_hoc_acts.opened(self.case)

    @workflow.query(description="案件的各项期限及其说明")
    def limits(self) -> list[dict[str, Any]]:
        """Every clock of the case, when it is due and why."""
        return limits.table(self.case, self.world.now())

    @workflow.query(description="异常处理的结果")
    def incident(self, incident: str) -> IncidentNow:
        """How things stand with an incident, that was there or is."""
        return incident_acts.state(self.case, incident)

    @workflow.query(description="换用另一版本的可行性 {definition, version, by, reason, elements, variables}")
    def preview_migrate(self, act: Any = None) -> MigrationPreview:
        """Whether the process could move to another version, and what keeps it from that; nothing is done."""
        return life_acts.preview_migration(self.case, act_from_json(MigrateCase, act), self.world.now())

    @workflow.query(description="调整环节的后果 {changes, by, reason}")
    def preview_modify(self, act: Any = None) -> ModificationPreview:
        """What would follow from a modification; nothing is done."""
        return life_acts.preview_modification(self.case, act_from_json(ModifyCase, act), self.world.now())

    @workflow.query(description="已办操作的首次结果")
    def handled(self, kind: str, key: str) -> Handled | None:
        """The act of that kind that was done under its sender's key: what answers a repeated one after the end."""
        return self.case.handled.done(kind, key)
